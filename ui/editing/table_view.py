"""A list as a table to type in, and the faults of a draft with a field to mend each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from solver import report
from solver.io.tables.kinds import WholeKind
from solver.io.tables.layout import PARENT, Column, Path, by_path

from ..widgets.text import cell, plain
from . import edits, saying
from .bench import Bench
from .draft import CellFault, Draft, Rows, shown

WRONG = "What is wrong"
FAULTS_SHOWN = 8


# -- faults ---------------------------------------------------------------------------------------


def mend(bench: Bench) -> None:
    """Every fault with its place, its message, and the cell itself to type in."""
    faults = bench.reading.faults
    if not faults:
        return
    found = report.count(len(faults), "fault")
    st.error(f"{found} to mend before this can be saved.", icon=":material/error:")
    for number, fault in enumerate(faults[:FAULTS_SHOWN]):
        _mend_one(bench, fault, number)
    if len(faults) > FAULTS_SHOWN:
        left = report.count(len(faults) - FAULTS_SHOWN, "more fault")
        st.caption(f"{left}, each in its line of the lists below.")


def _mend_one(bench: Bench, fault: CellFault, number: int) -> None:
    where = saying.where(bench.draft, fault)
    said = saying.message(bench.draft, fault)
    line = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    words = line.container(width="stretch", gap=None)
    words.markdown(f"**{plain(where)}**  \n{plain(said)}")
    if fault.row is None or fault.column is None:
        return
    if by_path()[fault.path].is_form or fault.row < len(bench.draft.rows[fault.path]):
        key = f"mend {number} {'.'.join(fault.path)} {fault.row} {fault.column}"
        with line.container(width=320):
            field(bench, fault.path, fault.row, fault.column, key, hide_label=True, label=where)


# -- one cell -------------------------------------------------------------------------------------


def choices_of(draft: Draft, path: Path, column: Column) -> list[str] | None:
    """What a drop-down for a cell offers; None where anything may be typed."""
    if column.kind.choices:
        return list(column.kind.choices)
    if column.refers is not None:
        return draft.ids(column.refers)
    return None


def field(
    bench: Bench,
    path: Path,
    row: int,
    number: int,
    key: str,
    *,
    label: str = "",
    hide_label: bool = False,
    disabled: bool = False,
) -> None:
    """A widget for one cell; what is typed is in the draft at once."""
    draft, column = bench.draft, by_path()[path].columns[number]
    value = shown(draft.rows[path][row][number])
    key = f"cell {key}"

    def take() -> None:
        new = st.session_state[key]
        bench.change(lambda now: edits.with_cell(now, path, row, number, new))

    about: dict[str, Any] = {
        "label": label or column.heading,
        "key": key,
        "on_change": take,
        "help": None if hide_label else saying.help_of(path, column),
        "label_visibility": "collapsed" if hide_label else "visible",
        "disabled": disabled or not bench.may_edit,
    }
    choices = choices_of(draft, path, column)
    if choices is None:
        st.session_state[key] = value
        st.text_input(**about, placeholder=_placeholder(column))
        return
    options = ["", *choices] if value in ("", *choices) else ["", *choices, value]
    names = _names(draft, column)
    st.session_state[key] = value
    st.selectbox(
        options=options, format_func=lambda v: cell(names.get(v, v)) or "not stated", **about
    )


def _placeholder(column: Column) -> str | None:
    default = column.default
    if isinstance(default, int | str) and not isinstance(default, bool):
        return str(column.kind.write(default))
    return None


def _names(draft: Draft, column: Column) -> dict[str, str]:
    """Names beside ids in a drop-down."""
    if column.refers is None:
        return {}
    lines = {key: draft.line_of(column.refers, key) for key in draft.ids(column.refers)}
    return {
        key: draft.name_of(column.refers, line) for key, line in lines.items() if line is not None
    }


# -- a list ---------------------------------------------------------------------------------------


def table(bench: Bench, path: Path, of: str | None = None) -> None:
    """A list as a table; of an inner list only the lines of one entry, where it is named."""
    about = by_path()[path]
    rows = [
        (number, row)
        for number, row in enumerate(bench.draft.rows[path])
        if of is None or shown(row[0]).strip() == of
    ]
    here = tuple(row for _, row in rows)
    place = {number: n for n, (number, _) in enumerate(rows)}
    wrong = _wrong(bench, path, place, len(rows))
    name = f"table {bench.page.files.key} {bool(bench.incoming)} {'.'.join(path)} {of or ''}"
    mounted: tuple[int, Rows, tuple[str, ...]] = st.session_state.get(name, (0, here, wrong))
    version, base, said = mounted
    key = f"{name} {version}"
    change = edits.Change.of(st.session_state.get(key))
    # The editor keeps its own edits; it is put up anew only when the lines changed elsewhere, or
    # what is wrong with them did.
    if _same(edits.changed(path, base, change), here, of) and said == wrong:
        st.session_state[name] = (version, base, said)
    else:
        version, base, said = version + 1, here, wrong
        key = f"{name} {version}"
        st.session_state[name] = (version, base, said)
    hidden = {PARENT} if of is not None else set()

    def take() -> None:
        made = edits.Change.of(st.session_state.get(key))
        if of is None:
            bench.change(lambda now: edits.after(now, path, base, made))
        else:
            bench.change(lambda now: edits.after_of(now, path, of, base, made))

    columns = [c for c in about.columns if c.path not in hidden]
    st.data_editor(
        _frame(about.columns, columns, base, said),
        key=key,
        on_change=take,
        num_rows="dynamic",
        hide_index=True,
        column_config=_config(bench, path, columns, base),
        disabled=[WRONG] if bench.may_edit else True,
        placeholder="",
        alt=f"{about.title}, to type in",
    )


def _same(rows: Rows, here: Rows, of: str | None) -> bool:
    """Whether lines say the same; in those of one entry its own id goes without saying."""
    skip = 0 if of is None else 1
    return [r[skip:] for r in rows] == [r[skip:] for r in here]


def _wrong(bench: Bench, path: Path, place: dict[int, int], count: int) -> tuple[str, ...]:
    """What is wrong with each line, in one text."""
    columns = by_path()[path].columns
    lines: list[list[str]] = [[] for _ in range(count)]
    for fault in bench.reading.of(path):
        if fault.row in place:
            field_name = columns[fault.column].heading if fault.column is not None else ""
            said = saying.message(bench.draft, fault)
            lines[place[fault.row]].append(f"{field_name}: {said}" if field_name else said)
    return tuple(cell("; ".join(line)) for line in lines)


def _frame(
    every: Sequence[Column], columns: Sequence[Column], rows: Rows, wrong: tuple[str, ...]
) -> pd.DataFrame:
    at = {column: number for number, column in enumerate(every)}
    data: dict[str, list[str | None]] = {}
    if any(wrong):
        data[WRONG] = [said or None for said in wrong]
    for column in columns:
        data[column.heading] = [shown(row[at[column]]) or None for row in rows]
    return pd.DataFrame(data, dtype="string")


def _config(bench: Bench, path: Path, columns: Sequence[Column], rows: Rows) -> dict[str, Any]:
    every = by_path()[path].columns
    out: dict[str, Any] = {
        WRONG: st.column_config.TextColumn(
            f"⚠ {WRONG}", width="medium", pinned=True, help="Mend it in the cell that is named."
        )
    }
    for column in columns:
        choices = choices_of(bench.draft, path, column)
        is_key = column.path in (("id",), ("name",), PARENT) or not column.path
        heading = f"{column.heading} *" if column.required else column.heading
        common: dict[str, Any] = {"help": saying.note_of(column), "pinned": is_key or None}
        if choices is None:
            right = isinstance(column.kind, WholeKind)
            out[column.heading] = st.column_config.TextColumn(
                heading, alignment="right" if right else None, **common
            )
            continue
        number = list(every).index(column)
        odd = {shown(row[number]) for row in rows} - {"", *choices}
        out[column.heading] = st.column_config.SelectboxColumn(
            heading, options=[*choices, *sorted(odd)], **common
        )
    return out
