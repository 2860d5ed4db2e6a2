// The week's board in the browser: EventCalendar and dragging.js, which are put before this text, draw
// and drag; what a drag means was judged on the server. Names reach the page as text nodes only.

class Board {
  constructor(parent) {
    this.root = element("div", "board");
    this.live = element("div", "hidden");
    this.live.setAttribute("aria-live", "polite");
    this.tip = element("div", "tip");
    this.tip.hidden = true;
    this.tip.setAttribute("aria-hidden", "true");
    this.calendarBox = element("div", "calendar");
    this.pager = element("div", "pager");
    this.page = 0;
    this.root.append(this.pager, this.calendarBox, this.live, this.tip);
    parent.append(this.root);
    this.drag = null;
    this.tokens = 0;
    this.onPlaces = (event) => this.judged(event.detail);
    this.onMove = (event) => this.follow(event);
    window.addEventListener(PLACES, this.onPlaces);
    this.sizes = new ResizeObserver(() => this.fit());
    this.sizes.observe(this.root);
  }

  destroy() {
    window.removeEventListener(PLACES, this.onPlaces);
    document.removeEventListener("pointermove", this.onMove);
    this.sizes.disconnect();
    if (this.calendar) EventCalendar.destroy(this.calendar);
    this.calendar = null;
    this.root.remove();
  }

  // -- drawing ------------------------------------------------------------------------------------

  show(data, send) {
    this.send = send;
    const text = JSON.stringify(data);
    if (text === this.text) return;
    this.text = text;
    this.data = data;
    if (!this.drag) this.forget();
    this.days = new Map(data.days.map((day) => [day.number, day]));
    this.numbers = new Map(data.days.map((day) => [day.date, day.number]));
    this.sessions = new Map(data.sessions.map((session) => [String(session.key), session]));
    this.root.classList.toggle("ec-dark", data.dark);
    for (const [kind, colour] of Object.entries(data.colours)) {
      this.root.style.setProperty(`--kind-${kind}`, colour);
    }
    const pages = this.pages();
    this.page = Math.min(this.page, pages.length - 1);
    this.offer(pages);
    const shape = JSON.stringify([
      data.layout, data.days, data.from, data.to, data.grid, data.editable, data.columns,
    ]);
    if (this.calendar && shape === this.shape) {
      this.calendar.setOption("events", this.events());
    } else {
      this.shape = shape;
      this.draw();
    }
  }

  // Rows are drawn a page at a time: a calendar of a hundred rows takes seconds, one of thirty does not.
  pages() {
    const { columns, layout } = this.data;
    if (layout !== "rows") return [columns];
    const out = [];
    for (let at = 0; at < columns.length; at += MOST_ROWS) out.push(columns.slice(at, at + MOST_ROWS));
    return out.length ? out : [columns];
  }

  shownColumns() {
    return this.pages()[this.page];
  }

  offer(pages) {
    this.pager.replaceChildren();
    if (pages.length < 2) return;
    pages.forEach((columns, number) => {
      const first = number * MOST_ROWS + 1;
      const button = element("button", "", `${first}–${first + columns.length - 1}`);
      button.type = "button";
      button.title = `${columns[0].name} to ${columns[columns.length - 1].name}`;
      button.setAttribute("aria-label", `Rows ${button.textContent}: ${button.title}`);
      button.setAttribute("aria-pressed", String(number === this.page));
      button.addEventListener("click", () => {
        this.page = number;
        this.offer(pages);
        this.draw();
      });
      this.pager.append(button);
    });
  }

  draw() {
    const scroll = this.scroller();
    const at = scroll ? [scroll.scrollLeft, scroll.scrollTop] : null;
    if (this.calendar) EventCalendar.destroy(this.calendar);
    this.calendar = EventCalendar.create(this.calendarBox, this.options());
    this.fit();
    const again = this.scroller();
    if (at && again) [again.scrollLeft, again.scrollTop] = at;
  }

  scroller() {
    return this.calendarBox.querySelector(".ec-main");
  }

  options() {
    const { data } = this;
    const shown = new Set(data.days.map((day) => day.number));
    const views = {
      days: data.days.length > 1 ? "timeGridWeek" : "timeGridDay",
      columns: "resourceTimeGridDay",
      rows: data.days.length > 1 ? "resourceTimelineWeek" : "resourceTimelineDay",
    };
    const label = (date) => this.days.get(this.numbers.get(dateOf(date)))?.label ?? "";
    const rows = data.layout === "rows";
    return {
      view: views[data.layout],
      date: data.days[0].date,
      firstDay: 1,
      hiddenDays: [0, 1, 2, 3, 4, 5, 6].filter((day) => data.days.length > 1 && !shown.has((day + 6) % 7)),
      headerToolbar: { start: "", center: "", end: "" },
      height: rows && data.columns.length > FEW_ROWS ? "min(72vh, 760px)" : undefined,
      allDaySlot: false,
      nowIndicator: false,
      slotEventOverlap: false,
      slotMinTime: clock(data.from),
      slotMaxTime: clock(data.to),
      slotDuration: "00:30",
      slotWidth: (this.width = this.slotWidth()),
      slotLabelInterval: this.labelEvery(rows),
      slotHeight: 30,
      columnWidth: data.layout === "columns" && data.columns.length > 6 ? "150px" : undefined,
      snapDuration: clock(data.grid),
      eventDragMinDistance: 6,
      eventDurationEditable: false,
      eventStartEditable: data.editable,
      editable: data.editable,
      slotLabelFormat: (time) => clock(minutesOf(time)),
      dayHeaderFormat: label,
      dayHeaderAriaLabelFormat: label,
      resources: data.layout === "days" ? [] : this.shownColumns().map((c) => ({ id: String(c.key), title: c.name })),
      resourceLabelContent: (info) => this.heading(data.columns[Number(info.resource.id)]),
      events: this.events(),
      eventContent: (info) => this.content(info.event),
      eventClassNames: (info) => this.classes(info.event),
      eventDidMount: (info) => this.mounted(info),
      eventClick: (info) => this.open(info.event),
      eventMouseEnter: (info) => this.hover(info),
      eventMouseLeave: () => this.drag || this.refused || this.hideTip(),
      eventDragStart: (info) => this.grab(info),
      eventDragStop: () => this.letGo(),
      eventDrop: (info) => this.drop(info),
    };
  }

  slotWidth() {
    const { data } = this;
    const slots = ((data.to - data.from) / 30) * data.days.length;
    const room = (this.root.clientWidth || 1200) - (this.side ?? 170) - 4;
    return Math.max(22, Math.min(90, Math.floor((10 * room) / slots) / 10));
  }

  labelEvery(rows) {
    if (!rows) return "01:00";
    return this.width >= 30 ? "01:00" : "02:00";
  }

  // The names take what room they need; the hours have the rest.
  fit() {
    if (!this.calendar || this.drag || this.data.layout !== "rows") return;
    const day = this.calendarBox.querySelector(".ec-body .ec-day");
    const main = this.scroller();
    if (day && main) {
      this.side = day.getBoundingClientRect().left - main.getBoundingClientRect().left + main.scrollLeft;
    }
    if (this.slotWidth() === this.width) return;
    const every = this.labelEvery(true);
    this.width = this.slotWidth();
    this.calendar.setOption("slotWidth", this.width);
    if (this.labelEvery(true) !== every) this.calendar.setOption("slotLabelInterval", this.labelEvery(true));
    this.calendar.setOption("events", this.events());
  }

  at(day, minutes) {
    return `${this.days.get(day).date} ${clock(minutes)}:00`;
  }

  events() {
    const shown = new Set(this.shownColumns().map((column) => column.key));
    const there = this.data.sessions.filter((session) => session.columns.some((key) => shown.has(key)));
    return there.map((session) => ({
      id: String(session.key),
      resourceIds: session.columns.filter((key) => shown.has(key)).map(String),
      start: this.at(session.day, session.start),
      end: this.at(session.day, session.end),
      title: session.title,
      editable: this.data.editable && session.kind !== "cancelled" && !session.locked,
    }));
  }

  heading(column) {
    if (!column) return "";
    const out = element("div", "heading");
    out.append(element("span", "name", column.name));
    const under = element("span", "under");
    if (column.marks.length) {
      under.append(element("span", "icon", ENDS), element("span", "mark", column.marks.join(", ")));
    }
    if (column.note) under.prepend(element("span", "note", column.note));
    if (under.childNodes.length) out.append(under);
    out.title = [column.name, column.note, ...column.marks].filter(Boolean).join("\n");
    return { domNodes: [out] };
  }

  content(event) {
    if (event.display === "background") {
      const kind = event.extendedProps.kind;
      return { domNodes: [element("span", "sign", SIGNS[kind] ?? "")] };
    }
    const session = this.sessions.get(event.id);
    if (!session) return "";
    if (event.display === "preview") this.over(event);
    const rows = this.data.layout === "rows";
    const narrow = rows && ((session.end - session.start) / 30) * this.width < NARROW;
    const title = element("span", "title", narrow ? letters(session.title) : session.title);
    const top = element("span", "top");
    if (session.locks.length) top.append(element("span", "icon", session.locked ? LOCKED : KEPT));
    if (session.marks.length) top.append(element("span", "icon", ENDS));
    top.append(title);
    const nodes = [top];
    if (!rows) {
      const moved = event.display === "preview" || event.display === "ghost";
      const start = moved ? minutesOf(event.start) : session.start;
      nodes.push(element("span", "line", `${clock(start)}–${clock(start + session.end - session.start)}`));
    }
    const most = !rows ? session.lines.length : this.data.columns.length > FEW_ROWS ? 1 : 2;
    for (const line of session.lines.slice(0, most)) {
      nodes.push(element("span", "line", narrow ? letters(line) : line));
    }
    return { domNodes: nodes };
  }

  classes(event) {
    if (event.display === "background") return [`place place-${event.extendedProps.kind}`];
    const session = this.sessions.get(event.id);
    if (!session) return [];
    const out = ["session", `kind-${session.kind}`];
    if (session.locked) out.push("locked");
    if (session.key === this.data.opened) out.push("opened");
    return out;
  }

  mounted(info) {
    const session = this.sessions.get(info.event.id);
    if (!session || info.event.display === "background") return;
    const notes = [...session.locks, ...session.marks];
    info.el.setAttribute("aria-label", [session.words, ...notes].join(". "));
    info.el.dataset.session = String(session.key);
    info.el.addEventListener("focus", () => this.tell(info.el));
    info.el.addEventListener("blur", () => this.drag || this.refused || this.hideTip());
  }

  open(event) {
    const ends = this.letGoAt !== undefined && performance.now() - this.letGoAt < CALM;
    if (event.display === "background" || this.drag || ends) return;
    this.hideTip();
    this.send("opened", { stamp: this.data.stamp, key: Number(event.id) });
  }

  // -- words beside the pointer ---------------------------------------------------------------------

  hover(info) {
    if (!this.drag && !this.refused && info.event.display !== "background") this.tell(info.el);
  }

  tell(el) {
    const session = this.sessions.get(el.dataset.session);
    if (!session) return;
    const lines = [
      `${this.days.get(session.day).name} ${clock(session.start)}`,
      ...session.lines,
      ...session.locks,
      ...session.marks,
    ];
    const box = el.getBoundingClientRect();
    this.say(session.title, lines, "", box.left, box.bottom);
  }

  say(head, lines, kind, x, y) {
    this.tip.replaceChildren(element("strong", "", head), ...lines.map((text) => element("div", "", text)));
    this.tip.className = `tip ${kind}`;
    this.tip.hidden = false;
    const { width, height } = this.tip.getBoundingClientRect();
    const left = Math.max(8, Math.min(x + 14, window.innerWidth - width - 12));
    const below = y + 18 + height < window.innerHeight;
    this.tip.style.left = `${left}px`;
    this.tip.style.top = `${Math.max(8, below ? y + 18 : y - height - 18)}px`;
  }

  // What was said may name people who are now shown by their initials.
  forget() {
    this.hideTip();
    this.tip.replaceChildren();
    this.live.textContent = "";
  }

  hideTip() {
    clearTimeout(this.timer);
    this.refused = false;
    this.tip.hidden = true;
  }
}

Object.assign(Board.prototype, Dragging);

const boards = new WeakMap();

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  let board = boards.get(parentElement);
  if (!board) {
    board = new Board(parentElement);
    boards.set(parentElement, board);
  }
  board.show(data, setTriggerValue);
  return () => {
    board.destroy();
    boards.delete(parentElement);
  };
}
