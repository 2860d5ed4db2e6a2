// One stroke at a time goes to Python as {brush, days: [first, last], start, end}; it answers with the
// hours as they are then. Until it does, the cells show what was painted.
const memory = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  const kept = memory.get(parentElement) ?? { brush: 0, row: 0, day: 0, focus: false };
  memory.set(parentElement, kept);
  kept.row = Math.min(kept.row, data.rows.length - 1);
  kept.brush = Math.min(kept.brush, data.brushes.length - 1);
  const focused = kept.focus; // taking the old grid away takes the focus off it
  parentElement.querySelector(".painter")?.remove();

  const root = make("div", "painter");
  const said = make("p", "said");
  said.setAttribute("role", "status");
  const { table, cells } = grid();
  root.append(brushes(), table, said, hint());
  parentElement.append(root);
  let anchor = null;
  let end = null;
  if (focused) cells[kept.row][kept.day].focus({ preventScroll: true });

  function make(tag, name, text) {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  }

  function brushes() {
    const box = make("fieldset", "brushes");
    box.append(make("legend", "", "Paint with"));
    data.brushes.forEach((brush, number) => {
      const button = make("button");
      button.type = "button";
      const swatch = make("span", "swatch");
      swatch.style.background = brush.colour;
      button.append(swatch, make("span", "", `${number + 1} ${brush.label}`));
      button.addEventListener("click", () => take(number));
      box.append(button);
    });
    press(box);
    return box;
  }

  function press(box) {
    box.querySelectorAll("button").forEach((button, number) => {
      button.setAttribute("aria-pressed", String(number === kept.brush));
    });
  }

  function take(number) {
    kept.brush = number;
    press(root.querySelector(".brushes"));
    said.textContent = `Painting: ${data.brushes[number].label}`;
  }

  function grid() {
    const table = make("table");
    table.setAttribute("role", "grid");
    table.setAttribute("aria-label", data.label);
    table.setAttribute("aria-multiselectable", "true");
    const head = table.createTHead().insertRow();
    const corner = make("th", "time");
    corner.append(make("span", "", ""));
    corner.setAttribute("aria-label", "Time");
    head.append(corner);
    data.days.forEach((day, number) => {
      const cell = make("th", "", day);
      cell.scope = "col";
      cell.setAttribute("aria-label", data.dayNames[number]);
      head.append(cell);
    });
    const body = table.createTBody();
    const cells = data.rows.map((row, at) => {
      const line = body.insertRow();
      if (row.start % 60 === 0) line.className = "hour";
      const time = make("th", "time", row.start % 60 === 0 ? row.label : "");
      time.scope = "row";
      time.setAttribute("aria-label", row.label);
      line.append(time);
      return data.days.map((_, day) => {
        const cell = line.insertCell();
        cell.setAttribute("role", "gridcell");
        cell.tabIndex = at === kept.row && day === kept.day ? 0 : -1;
        dress(cell, at, day);
        cell.addEventListener("focus", () => {
          cells[kept.row][kept.day].tabIndex = -1;
          cell.tabIndex = 0;
          Object.assign(kept, { focus: true, row: at, day });
        });
        cell.addEventListener("blur", () => {
          kept.focus = false;
        });
        cell.addEventListener("keydown", (event) => press_key(event, at, day));
        cell.addEventListener("pointerdown", (event) => {
          if (event.button !== 0) return;
          event.preventDefault();
          cell.releasePointerCapture?.(event.pointerId);
          go(at, day, false);
          anchor = [at, day];
          mark();
        });
        return cell;
      });
    });
    table.addEventListener("pointermove", (event) => {
      if (!anchor) return;
      const over = (parentElement.elementFromPoint ? parentElement : document).elementFromPoint(
        event.clientX,
        event.clientY,
      );
      const found = place(over);
      if (found) {
        end = found;
        mark();
      }
    });
    table.addEventListener("pointerup", () => {
      if (anchor) paint();
    });
    table.addEventListener("pointercancel", clear);
    table.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse" && event.buttons === 0) clear();
    });
    return { table, cells };
  }

  function place(element) {
    for (let at = 0; at < cells.length; at += 1) {
      const day = cells[at].indexOf(element);
      if (day >= 0) return [at, day];
    }
    return null;
  }

  function dress(cell, at, day) {
    const row = data.rows[at];
    const which = row.covered[day].findIndex((share) => share > 0);
    const brush = which >= 0 ? data.brushes[which] : null;
    cell.style.backgroundColor = brush ? brush.colour : "";
    cell.textContent = brush ? brush.mark : "";
    cell.style.color = brush?.mark ? "#000" : "";
    cell.classList.toggle("part", brush !== null && row.covered[day][which] === 1);
    cell.classList.toggle("shut", brush === null && row.shut[day]);
    const none = data.brushes.find((b) => b.name === "");
    const what = brush ? brush.label : (none?.label ?? "nothing");
    const part = brush && row.covered[day][which] === 1 ? ", in part" : "";
    cell.setAttribute("aria-label", `${data.dayNames[day]} ${row.label}, ${what}${part}`);
  }

  function go(at, day, stretch) {
    if (at < 0 || at >= cells.length || day < 0 || day >= data.days.length) return;
    if (stretch) {
      anchor = anchor ?? [kept.row, kept.day];
    } else {
      clear();
    }
    end = [at, day];
    cells[at][day].focus();
    if (stretch) mark();
  }

  function press_key(event, at, day) {
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const number = Number(event.key) - 1;
    if (steps[event.key]) {
      go(at + steps[event.key][0], day + steps[event.key][1], event.shiftKey);
    } else if (event.key === "Home" || event.key === "End") {
      go(event.key === "Home" ? 0 : cells.length - 1, day, event.shiftKey);
    } else if (event.key === " " || event.key === "Enter") {
      anchor = anchor ?? [at, day];
      end = [at, day];
      paint();
    } else if (event.key === "Escape") {
      clear();
    } else if (number >= 0 && number < data.brushes.length) {
      take(number);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  function box() {
    const last = end ?? anchor;
    return {
      rows: [Math.min(anchor[0], last[0]), Math.max(anchor[0], last[0])],
      days: [Math.min(anchor[1], last[1]), Math.max(anchor[1], last[1])],
    };
  }

  function inside(at, day) {
    if (!anchor) return false;
    const { rows, days } = box();
    return at >= rows[0] && at <= rows[1] && day >= days[0] && day <= days[1];
  }

  function mark() {
    cells.forEach((line, at) =>
      line.forEach((cell, day) => {
        cell.classList.toggle("picked", inside(at, day));
        cell.setAttribute("aria-selected", String(inside(at, day)));
      }),
    );
    if (anchor) said.textContent = `${words()}: ${data.brushes[kept.brush].label}`;
  }

  function words() {
    const { rows, days } = box();
    const from = data.rows[rows[0]].label;
    const to = data.rows[rows[1]].start + data.step;
    const until = `${String(Math.floor(to / 60)).padStart(2, "0")}:${String(to % 60).padStart(2, "0")}`;
    const first = data.dayNames[days[0]];
    const last = data.dayNames[days[1]];
    return `${first === last ? first : `${first} to ${last}`}, ${from} to ${until}`;
  }

  function clear() {
    anchor = null;
    end = null;
    mark();
  }

  function paint() {
    const { rows, days } = box();
    const brush = data.brushes[kept.brush];
    const spoken = `${words()}: ${brush.label}`;
    for (let at = rows[0]; at <= rows[1]; at += 1) {
      for (let day = days[0]; day <= days[1]; day += 1) {
        data.rows[at].covered[day] = data.brushes
          .filter((b) => b.name !== "")
          .map((b) => (b.name === brush.name ? 2 : 0));
        dress(cells[at][day], at, day);
      }
    }
    const start = data.rows[rows[0]].start;
    const until = data.rows[rows[1]].start + data.step;
    clear();
    said.textContent = spoken;
    setTriggerValue("stroke", { brush: brush.name, days, start, end: until });
  }

  function hint() {
    const text =
      "Drag over days and hours to paint. With the keyboard: arrows move, Shift with arrows stretches, " +
      "Space paints, a digit takes another brush.";
    return make("p", "hint", text);
  }
}
