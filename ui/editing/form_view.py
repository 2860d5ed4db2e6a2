"""One entry of a list as a form: every field with its help, its hours to paint, its own lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from solver.io.tables.layout import Column, Path, by_path

from ..desk import frame
from ..desk.people import require
from ..widgets.text import cell, plain
from . import edits, saying
from .bench import Bench
from .draft import VERSION, CellFault, Draft, Row, shown
from .hours_view import hours, is_painted
from .table_view import field, table

ACROSS = 3
"""Fields beside each other."""
_FIRST: Mapping[Path, frozenset[str]] = {
    ("patients",): frozenset(
        {
            "id", "name", "program", "status", "priority", "attends", "primary_therapist", "tags",
            "languages", "gender", "first_date", "last_date", "availability", "preferred",
            "family_availability",
        }
    ),
    ("groups",): frozenset(
        {
            "id", "name", "service", "minutes", "modality", "size", "leaders", "meetings_per_week",
            "day_patterns", "start_times", "max_sections", "windows",
        }
    ),
    ("programs",): frozenset({"id", "name", "level", "minutes_per_week", "days_per_week", "source"}),
}  # fmt: skip
"""Fields that most entries have; the others are a click away. Of other lists all are shown."""
_ONE = {
    ("patients",): "patient", ("therapists",): "therapist", ("rooms",): "room",
    ("groups",): "group", ("programs",): "program", ("services",): "service",
    ("equipment",): "item", ("tracks",): "track",
}  # fmt: skip


def one(path: Path) -> str:
    """What an entry of a list is called."""
    return _ONE.get(path, "line")


def has_form(path: Path) -> bool:
    """Whether a list is of entries with ids of their own, to be shown one at a time."""
    return path in _ONE


def entry_form(bench: Bench, path: Path) -> None:
    """Choose an entry, see and change all of it."""
    row = _chosen(bench, path)
    if row is None:
        st.caption(f"There is no {one(path)} yet.")
        return
    columns = by_path()[path].columns
    first = _FIRST.get(path)
    main = [c for c in columns if first is None or c.path[0] in first]
    more = [c for c in columns if c not in main]
    _fields(bench, path, row, [c for c in main if not is_painted(path, c.path)])
    painted = [c for c in main if is_painted(path, c.path)]
    if painted:
        st.markdown("**Hours**")
        hours(bench, path, row)
        _fields(bench, path, row, painted)
    if more:
        stated = sum(1 for c in more if shown(bench.draft.rows[path][row][columns.index(c)]))
        wrong = any(columns[number] in more for number in _cell_faults(bench, path, row))
        title = f"More fields ({stated} stated)" if stated else "More fields"
        with st.expander(title, expanded=wrong):
            _fields(bench, path, row, more)
    _own_lines(bench, path, row)


def _cell_faults(bench: Bench, path: Path, row: int) -> dict[int, CellFault]:
    """What is wrong with the cells of a line, by the number of the column."""
    found = bench.reading.of(path)
    return {f.column: f for f in found if f.column is not None and f.row == row}


def _chosen(bench: Bench, path: Path) -> int | None:
    """The entry that is shown, by its place; with buttons to add one and to take it away."""
    draft = bench.draft
    name = f"data.entry.{'.'.join(path)}"
    places = list(range(len(draft.rows[path])))
    line = st.container(horizontal=True, vertical_alignment="bottom")
    row = None
    if places:
        key = frame.keep_ready(bench.page.desk, name, 0, places)
        wrong = {fault.row for fault in bench.reading.of(path)}
        row = line.selectbox(
            f"Which {one(path)}",
            places,
            format_func=lambda n: ("⚠ " if n in wrong else "") + cell(draft.name_of(path, n)),
            key=key,
            on_change=frame.keeper(bench.page.desk, name),
        )
    if bench.may_edit:
        line.button(
            f"Add a {one(path)}",
            key=f"add {name}",
            icon=":material/add:",
            on_click=_add,
            args=(bench, path, name),
        )
        if row is not None:
            line.button(
                f"Remove this {one(path)}",
                key=f"remove {name}",
                icon=":material/delete:",
                on_click=_remove,
                args=(bench, path, draft.rows[path][row], name),
                help="With its own lines on other lists. It can be undone.",
            )
    return row


def _add(bench: Bench, path: Path, name: str) -> None:
    require("scheduler")

    def add(draft: Draft) -> Draft:
        return edits.with_line(draft, path, first_cells(draft, path))

    bench.change(add)
    frame.choose(bench.page.desk, name, len(bench.draft.rows[path]))


def first_cells(draft: Draft, path: Path) -> dict[str, str]:
    """What a new entry begins with: an id, and what there is only one of or most often meant."""
    key = edits.new_id(draft, path)
    cells = {"id": key}
    programs, services = draft.ids(("programs",)), draft.ids(("services",))
    if path == ("patients",) and programs:
        cells["program"] = programs[0]
    if path == ("groups",) and services:
        number = edits.column_at(("services",), "format")
        rows = draft.rows[("services",)]
        groups = [shown(r[0]) for r in rows if shown(r[number]).strip().casefold() == "group"]
        cells["service"] = (groups or services)[0]
    if path == ("equipment",):
        cells["quantity"] = "1"
    return cells


def _remove(bench: Bench, path: Path, line: Row, name: str) -> None:
    require("scheduler")

    def remove(draft: Draft) -> Draft:
        rows = draft.rows[path]
        return edits.without_line(draft, path, rows.index(line)) if line in rows else draft

    bench.change(remove)
    frame.choose(bench.page.desk, name, 0)


def _fields(bench: Bench, path: Path, row: int, columns: Sequence[Column]) -> None:
    every = list(by_path()[path].columns)
    faults = _cell_faults(bench, path, row)
    for start in range(0, len(columns), ACROSS):
        for place, column in zip(st.columns(ACROSS), columns[start : start + ACROSS], strict=False):
            number = every.index(column)
            with place:
                key = f"form {'.'.join(path)} {row} {number}"
                label = f"{column.heading} *" if column.required else column.heading
                field(bench, path, row, number, key, label=label)
                if number in faults:
                    said = saying.message(bench.draft, faults[number])
                    st.markdown(f":red[:material/error: {plain(said)}]")


def _own_lines(bench: Bench, path: Path, row: int) -> None:
    """The lists inside the entry: a patient's commitments, a program's quotas."""
    key = shown(bench.draft.rows[path][row][0]).strip()
    for inner in by_path().values():
        if inner.is_inner and inner.path[:-1] == path and key:
            st.markdown(f"**{inner.title}**", help=inner.note)
            table(bench, inner.path, key)


def form_of(bench: Bench, path: Path) -> None:
    """A form with one entry: the settings, last week's name and date."""
    columns = [c for c in by_path()[path].columns if c.path != VERSION]
    _fields(bench, path, 0, columns)
