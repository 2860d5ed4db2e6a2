// What the board does while something is in hand, and the words and numbers both files share.

const GRAB = "iop-board-grab";
const PLACES = "iop-board-places";
const FORBIDDEN = 0, FREE = 1, COSTS = 2, WITHOUT = 3;
const SIGNS = { [FREE]: "✓", [COSTS]: "+", [WITHOUT]: "!" };
const NEAR = 30; // minutes; a drop beside a place that is allowed means that place
const MOST_ROWS = 30;
const FEW_ROWS = 9; // more scroll within the board
const NARROW = 46; // pixels of a box within which only first letters stand
const CALM = 400; // milliseconds after a drag in which a click is its end, not a click
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

// Methods of Board.
const Dragging = {

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
  },

  judged(detail) {
    const drag = this.drag;
    if (!drag || detail.stamp !== this.data.stamp || detail.token !== drag.token) return;
    drag.texts = detail.texts;
    drag.places = new Map(detail.places.map((p) => [this.placeKey(p[0], p[1], p[2]), p]));
    [drag.rest, drag.elsewhere, drag.never] = [detail.rest, detail.elsewhere, detail.never];
    this.paint(detail.places);
    this.tellPlace();
  },

  placeKey(day, start, column) {
    return `${day} ${start} ${column ?? "any"}`;
  },

  place(day, start, column) {
    const { places } = this.drag;
    return places.get(this.placeKey(day, start, column)) ?? places.get(this.placeKey(day, start, null));
  },

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
  },

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
  },

  // Where it would come to lie if it were let go now, as the calendar draws it.
  over(event) {
    const { drag } = this;
    if (!drag) return;
    drag.target = this.target(event);
    queueMicrotask(() => this.drag === drag && drag.places && this.tellPlace());
  },

  target(event) {
    const { session, column } = this.drag;
    const others = session.columns.map(String);
    const moved = event.resourceIds.find((id) => !others.includes(id));
    return {
      day: this.numbers.get(dateOf(event.start)),
      start: minutesOf(event.start),
      column: moved === undefined ? column : Number(moved),
    };
  },

  follow(event) {
    const drag = this.drag;
    if (!drag) return;
    [drag.x, drag.y] = [event.clientX, event.clientY];
    if (drag.places) this.tellPlace();
    else this.say(drag.session.title, ["Looking where it can go …"], "", drag.x, drag.y);
  },

  tellPlace() {
    const { drag } = this;
    const { target } = drag;
    const found = this.near(target.day, target.start, target.column);
    const [head, lines, kind] = this.words(found, target);
    this.say(head, lines, `tip-${kind}`, drag.x, drag.y);
  },

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
  },

  letGo() {
    document.removeEventListener("pointermove", this.onMove);
    this.root.classList.remove("dragging");
    const drag = this.drag;
    this.letGoAt = performance.now();
    // eventDrop, if there is one, comes right after this.
    setTimeout(() => {
      if (this.drag !== drag) return;
      this.drag = null;
      if (!drag.kept) this.calendar.setOption("events", this.events());
      if (!drag.said) this.hideTip();
    });
  },

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
  },

  refuse(head, lines) {
    this.drag.said = this.refused = true;
    this.say(head, lines, "tip-0", this.drag.x, this.drag.y);
    this.live.textContent = [head, ...lines].join(" ");
    this.timer = setTimeout(() => this.hideTip(), STAYS);
  },
};
