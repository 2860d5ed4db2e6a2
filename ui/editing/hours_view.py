"""Hours of one entry on the week painter, and the same by a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from solver.io.tables.layout import Path, by_path
from solver.timegrid import DAY_NAMES, DAYS, clock

from ..widgets.painter import Brush, Stroke, painter
from ..widgets.text import cell
from . import edits, painting
from .bench import Bench
from .draft import Draft, shown

# None of the colours of sessions, which mean something else.
ON, SECOND, TAKEN = "var(--st-violet-color)", "var(--st-yellow-color)", "var(--st-gray-color)"
WIPE = Brush("", "Away", "var(--st-background-color)", "")


@dataclass(frozen=True, slots=True)
class Layer:
    """Hours that are painted together.

    Attributes:
        label: as the person chooses it.
        cells: brush -> (list, line, column).
        brushes: in the order of the digits; the last one wipes.
        blank_is_open: brushes whose blank cell stands for all opening hours.
    """

    label: str
    cells: Mapping[str, tuple[Path, int, int]]
    brushes: tuple[Brush, ...]
    blank_is_open: frozenset[str]


def layers(draft: Draft, path: Path, row: int) -> list[Layer]:
    """What hours an entry has."""
    match path:
        case ("therapists",):
            return [_therapist(row)]
        case ("patients",):
            return [
                _single("Can come", path, row, "availability", open_by_default=True),
                _single("Likes best", path, row, "preferred"),
                _single("Family can come", path, row, "family_availability", open_by_default=True),
                *_commitments(draft, row),
            ]
        case ("rooms",) | ("equipment",):
            return [_single("Available", path, row, "availability", open_by_default=True)]
        case ("groups",):
            return [_single("May meet", path, row, "windows", open_by_default=True)]
        case ("tracks",):
            return [_single("Hours of the track", path, row, "windows")]
    return []


def _therapist(row: int) -> Layer:
    path = ("therapists",)
    return Layer(
        "Works",
        {
            "site": (path, row, edits.column_at(path, "availability")),
            "video": (path, row, edits.column_at(path, "remote_availability")),
        },
        (Brush("site", "On site", ON, ""), Brush("video", "By video", SECOND, "v"), WIPE),
        frozenset({"site"}),
    )


def _single(
    label: str, path: Path, row: int, field: str, *, open_by_default: bool = False
) -> Layer:
    none = Brush("", "Not then", WIPE.colour, "")
    return Layer(
        label,
        {"on": (path, row, edits.column_at(path, field))},
        (Brush("on", label, ON, ""), none),
        frozenset({"on"}) if open_by_default else frozenset(),
    )


def _commitments(draft: Draft, row: int) -> list[Layer]:
    """Work, school: each line of the patient's commitments is hours of its own."""
    path = ("patients", "commitments")
    key = shown(draft.rows[("patients",)][row][0]).strip()
    label_at, hours_at = edits.column_at(path, "label"), edits.column_at(path, "windows")
    out = []
    for number, line in enumerate(draft.rows[path]):
        if shown(line[0]).strip() == key and key:
            label = f"Busy: {shown(line[label_at]) or f'line {number + 1}'}"
            busy = Brush("on", "Busy", TAKEN, "")
            free = Brush("", "Free", WIPE.colour, "")
            cells = {"on": (path, number, hours_at)}
            out.append(Layer(cell(label), cells, (busy, free), frozenset()))
    return out


def hours(bench: Bench, path: Path, row: int) -> None:
    """The painter for one of the entry's hours, and the form that does the same."""
    every = layers(bench.draft, path, row)
    if not every:
        return
    name = f"layer {'.'.join(path)}"
    number = 0
    if len(every) > 1:
        if st.session_state.get(name) not in range(len(every)):
            st.session_state[name] = 0
        number = st.segmented_control(
            "Hours",
            list(range(len(every))),
            format_func=lambda n: every[n].label,
            key=name,
            required=True,
        )
    layer = every[number or 0]
    _legend(bench, layer)
    if not bench.may_edit:
        return
    who = bench.draft.name_of(path, row)
    _painter(bench, layer, f"{layer.label}: {cell(who)}", f"paint {'.'.join(path)}")
    with st.expander("The same by a form", icon=":material/edit_calendar:"):
        _form(bench, layer, f"{'.'.join(path)}")


def _legend(bench: Bench, layer: Layer) -> None:
    texts = []
    for brush, (path, row, column) in layer.cells.items():
        label = next(b.label for b in layer.brushes if b.name == brush)
        raw = bench.draft.rows[path][row][column]
        said = shown(raw)
        if not said:
            said = "all opening hours" if brush in layer.blank_is_open else "none stated"
        elif painting.spans_of(raw) is None:
            said = f"{said} (cannot be read; painting starts anew)"
        texts.append(f"{label}: {cell(said)}")
    st.text("\n".join(texts))


def _blank(draft: Draft, layer: Layer) -> dict[str, painting.Spans]:
    opening = painting.opening_of(draft)
    return {
        brush: opening if brush in layer.blank_is_open else painting.EMPTY for brush in layer.cells
    }


def stroked(layer: Layer, stroke: Stroke) -> Callable[[Draft], Draft]:
    """What a stroke does to a draft."""

    def change(draft: Draft) -> Draft:
        cells = {b: draft.rows[p][r][c] for b, (p, r, c) in layer.cells.items()}
        days = range(stroke.first_day, stroke.last_day + 1)
        brush = stroke.brush or None
        new = painting.strokes(cells, _blank(draft, layer), brush, days, stroke.start, stroke.end)
        for name, (path, row, column) in layer.cells.items():
            draft = edits.with_cell(draft, path, row, column, new[name])
        return draft

    return change


def _painter(bench: Bench, layer: Layer, label: str, key: str) -> None:
    draft = bench.draft
    blank = _blank(draft, layer)
    spans: list[painting.Spans] = []
    for brush, (path, row, column) in layer.cells.items():
        found = painting.spans_of(draft.rows[path][row][column])
        spans.append(blank[brush] if found is None else found)
    opening = painting.opening_of(draft)
    first, last = painting.shown_hours([opening, *spans])
    starts = range(first, last, painting.STEP)
    days = range(len(DAYS))
    painter(
        key,
        label,
        layer.brushes,
        {s: [[painting.share(w, d, s) for w in spans] for d in days] for s in starts},
        painting.STEP,
        lambda stroke: bench.change(stroked(layer, stroke)),
        {s: [not painting.share(opening, d, s) for d in days] for s in starts},
    )


def _form(bench: Bench, layer: Layer, key: str) -> None:
    times = [n * painting.STEP for n in range(24 * 60 // painting.STEP + 1)]
    with st.form(f"hours {key}", border=False):
        days = st.pills(
            "Days",
            list(range(len(DAYS))),
            selection_mode="multi",
            default=list(range(5)),
            format_func=lambda n: DAY_NAMES[n][:3],
        )
        row = st.container(horizontal=True, vertical_alignment="bottom")
        start = row.selectbox("From", times[:-1], 18, format_func=clock, width=120)
        end = row.selectbox("To", times[1:], 33, format_func=clock, width=120)
        brush = row.selectbox(
            "Paint", list(layer.brushes), format_func=lambda b: b.label, width=180
        )
        done = row.form_submit_button("Set these hours", icon=":material/brush:")
    if done:
        fault = _form_fault(days, start, end)
        if fault:
            st.error(fault, icon=":material/error:")
            return
        for day in days:
            bench.change(stroked(layer, Stroke(brush.name, day, day, start, end)))
        st.rerun()


def _form_fault(days: Sequence[int], start: int, end: int) -> str:
    if not days:
        return "Choose a day."
    return "" if start < end else "The end is after the start."


def is_painted(path: Path, field: Path) -> bool:
    """Whether a field's hours stand on the painter."""
    return by_path()[path].columns[0].path == ("id",) and field in (
        ("availability",), ("remote_availability",), ("preferred",), ("family_availability",),
        ("windows",),
    )  # fmt: skip
