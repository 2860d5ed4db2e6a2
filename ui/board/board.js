// The week's board in the browser: EventCalendar (put before this text) draws and drags; what a drag
// means was judged on the server. Names reach the page as text nodes only.

const GRAB = "iop-board-grab";
const PLACES = "iop-board-places";
const FORBIDDEN = 0, FREE = 1, COSTS = 2, WITHOUT = 3;
const SIGNS = { [FREE]: "✓", [COSTS]: "+", [WITHOUT]: "!" };
const NEAR = 30; // minutes; a drop beside a place that is allowed means that place
const MOST_ROWS = 30;
const FEW_ROWS = 9; // more scroll within the board
const NARROW = 46; // pixels of a box within which only first letters stand
const STAYS = 9000; // milliseconds that a refusal can be read

const LOCKED = "lock", KEPT = "key", ENDS = "hourglass_bottom"; // of the app's icon font

const two = (n) => String(n).padStart(2, "0");
const clock = (minutes) => `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
const minutesOf = (date) => date.getHours() * 60 + date.getMinutes();
const dateOf = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;

// `RP` of `Relapse Prevention`: what a narrow box has room for.
const letters = (text) => (text.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word[0].toUpperCase()).slice(0, 2).join("");

function element(tag, className, text) {
  const out = document.createElement(tag);
  if (className) out.className = className;
  if (text !== undefined) out.textContent = text;
  return out;
}

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
      eventMouseLeave: () => this.drag || this.hideTip(),
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
    info.el.addEventListener("blur", () => this.drag || this.hideTip());
  }

  open(event) {
    if (event.display === "background" || this.drag) return;
    this.hideTip();
    this.send("opened", { stamp: this.data.stamp, key: Number(event.id) });
  }

  // -- words beside the pointer ---------------------------------------------------------------------

  hover(info) {
    if (!this.drag && info.event.display !== "background") this.tell(info.el);
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

  hideTip() {
    clearTimeout(this.timer);
    this.tip.hidden = true;
  }

  // -- dragging ---------------------------------------------------------------------------------------

  grab(info) {
    clearTimeout(this.timer);
    const session = this.sessions.get(info.event.id);
    const here = this.calendar.dateFromPoint(info.jsEvent.clientX, info.jsEvent.clientY);
    const column = here?.resource ? Number(here.resource.id) : session.columns[0];
    this.drag = { session, column, token: ++this.tokens, places: null };
    [this.drag.x, this.drag.y] = [info.jsEvent.clientX, info.jsEvent.clientY];
    this.drag.target = { day: session.day, start: session.start, column };
    document.addEventListener("pointermove", this.onMove);
    this.root.classList.add("dragging");
    this.say(session.title, ["Looking where it can go …"], "", this.drag.x, this.drag.y);
    window.dispatchEvent(new CustomEvent(GRAB, {
      detail: { stamp: this.data.stamp, key: session.key, column, token: this.drag.token },
    }));
  }

  judged(detail) {
    const drag = this.drag;
    if (!drag || detail.stamp !== this.data.stamp || detail.token !== drag.token) return;
    drag.texts = detail.texts;
    drag.places = new Map(detail.places.map((p) => [this.placeKey(p[0], p[1], p[2]), p]));
    [drag.rest, drag.elsewhere, drag.never] = [detail.rest, detail.elsewhere, detail.never];
    this.paint(detail.places);
    this.tellPlace();
  }

  placeKey(day, start, column) {
    return `${day} ${start} ${column ?? "any"}`;
  }

  place(day, start, column) {
    const { places } = this.drag;
    return places.get(this.placeKey(day, start, column)) ?? places.get(this.placeKey(day, start, null));
  }

  near(day, start, column) {
    // The place itself if it is allowed, else the nearest one that is, else the place itself.
    const exact = this.place(day, start, column);
    if (exact && exact[3] !== FORBIDDEN) return exact;
    for (let apart = this.data.grid; apart <= NEAR; apart += this.data.grid) {
      for (const other of [start - apart, start + apart]) {
        const found = this.place(day, other, column);
        if (found && (found[3] === FREE || found[3] === COSTS)) return found;
      }
    }
    return exact;
  }

  paint(places) {
    const { session } = this.drag;
    const length = session.end - session.start;
    const days = this.data.layout === "days";
    const shown = new Set(this.shownColumns().map((c) => c.key));
    const runs = new Map();
    for (const [day, start, column, kind] of places) {
      if (kind === FORBIDDEN || !this.days.has(day)) continue;
      if (column !== null && !shown.has(column)) continue;
      const key = `${day} ${column} ${kind}`;
      const list = runs.get(key) ?? [];
      runs.set(key, list);
      const last = list[list.length - 1];
      if (last && start <= last.end) last.end = Math.max(last.end, start + length);
      else list.push({ day, column, kind, start, end: start + length });
    }
    const painted = [...runs.values()].flat().map((run, n) => ({
      id: `place-${n}`,
      display: "background",
      start: this.at(run.day, run.start),
      end: this.at(run.day, Math.min(run.end, 1440)),
      resourceIds: days || run.column === null ? this.shownColumns().map((c) => String(c.key)) : [String(run.column)],
      extendedProps: { kind: run.kind },
    }));
    this.calendar.setOption("events", [...this.events(), ...painted]);
  }

  // Where it would come to lie if it were let go now, as the calendar draws it.
  over(event) {
    const { drag } = this;
    if (!drag) return;
    drag.target = this.target(event);
    queueMicrotask(() => this.drag === drag && drag.places && this.tellPlace());
  }

  target(event) {
    const { session, column } = this.drag;
    const others = session.columns.map(String);
    const moved = event.resourceIds.find((id) => !others.includes(id));
    return {
      day: this.numbers.get(dateOf(event.start)),
      start: minutesOf(event.start),
      column: moved === undefined ? column : Number(moved),
    };
  }

  follow(event) {
    const drag = this.drag;
    if (!drag) return;
    [drag.x, drag.y] = [event.clientX, event.clientY];
    if (drag.places) this.tellPlace();
    else this.say(drag.session.title, ["Looking where it can go …"], "", drag.x, drag.y);
  }

  tellPlace() {
    const { drag } = this;
    const { target } = drag;
    const found = this.near(target.day, target.start, target.column);
    const [head, lines, kind] = this.words(found, target);
    this.say(head, lines, `tip-${kind}`, drag.x, drag.y);
  }

  words(found, target) {
    const day = this.days.get(target.day).name;
    if (found) {
      const text = this.drag.texts[found[4]];
      const head = found[3] === FORBIDDEN ? `${text.head}: ${day} ${clock(target.start)}` : text.head;
      return [head, text.lines, found[3]];
    }
    const { drag } = this;
    const other = target.column !== drag.column && drag.elsewhere;
    const wait = drag.rest && target.day !== drag.session.day;
    return [`${day} ${clock(target.start)}`, [wait ? "Looking …" : other || drag.never], FORBIDDEN];
  }

  letGo() {
    document.removeEventListener("pointermove", this.onMove);
    this.root.classList.remove("dragging");
    const drag = this.drag;
    // eventDrop, if there is one, comes right after this.
    setTimeout(() => {
      if (this.drag !== drag) return;
      this.drag = null;
      if (!drag.kept) this.calendar.setOption("events", this.events());
      if (!drag.said) this.hideTip();
    });
  }

  drop(info) {
    const { drag } = this;
    const target = this.target(info.event);
    const found = drag.places ? this.near(target.day, target.start, target.column) : undefined;
    const kind = found ? found[3] : FORBIDDEN;
    const unknown = !drag.places || (drag.rest && !found);
    if (!unknown && kind === FORBIDDEN) {
      const [head, lines] = this.words(found, target);
      this.refuse(head, lines);
      info.revert();
      return;
    }
    drag.kept = kind !== WITHOUT && !unknown;
    if (!drag.kept) info.revert();
    this.send("dropped", {
      stamp: this.data.stamp,
      key: drag.session.key,
      from: drag.column,
      day: target.day,
      start: found ? found[1] : target.start,
      column: target.column,
    });
  }

  refuse(head, lines) {
    this.drag.said = true;
    this.say(head, lines, "tip-0", this.drag.x, this.drag.y);
    this.live.textContent = [head, ...lines].join(" ");
    this.timer = setTimeout(() => this.hideTip(), STAYS);
  }
}

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
