"""A week that is being written: cells as people type them, and what is wrong with each.

A draft has the sheets of a workbook (``solver.io.tables``), so every field of a scenario has its
cell, anything may stand in one, and reading it finds the same faults with the same words as
``iop import`` and ``iop validate``. It becomes a scenario only as a whole, when it has no fault.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from openpyxl.utils.cell import column_index_from_string

from solver.errors import Fault, ScenarioError
from solver.io.files import dump
from solver.io.tables.cells import Broken, Moment, Raw, Refused, Sheet, is_blank, number_text
from solver.io.tables.layout import POLICY, SETTINGS, Column, Path, Table, by_path, tables
from solver.io.tables.lists import plain_text
from solver.io.tables.reading import read_sheets
from solver.io.tables.writing import Filled, filled, template
from solver.scenario import SCHEMA_VERSION, Scenario

Cell = Raw | None
Row = tuple[Cell, ...]
Rows = tuple[Row, ...]

_PLACE = re.compile(r"'?(?P<sheet>[^!']+)'?(?:!(?P<column>[A-Z]+)(?P<row>\d+))?")
VERSION: Path = ("schema_version",)
"""The one setting that nobody types."""
_FIRST_ROW = 2
"""Of the lines of a sheet; the headings stand above."""


@dataclass(frozen=True, slots=True)
class CellFault:
    """Something wrong with a draft, at the cell it is about.

    Attributes:
        path: of the list.
        row: which line of it, from 0; None for the list as a whole.
        column: which column, from 0; None for the line or list as a whole.
    """

    path: Path
    row: int | None
    column: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a draft says: a scenario, or everything that is wrong with it."""

    scenario: Scenario | None
    faults: tuple[CellFault, ...]

    def of(self, path: Path) -> tuple[CellFault, ...]:
        """The faults of one list."""
        return tuple(fault for fault in self.faults if fault.path == path)


@dataclass(frozen=True, slots=True)
class Draft:
    """The lists of a week as cells.

    Attributes:
        rows: of each list the lines, each with a cell for every column of its table; a form
            (settings, last week) has one line.
        base: digest of the scenario that it was begun from; empty for one from elsewhere.
    """

    rows: Mapping[Path, Rows]
    base: str = ""

    def with_rows(self, path: Path, rows: Iterable[Sequence[Cell]]) -> Draft:
        """The draft with other lines in one list."""
        return replace(self, rows={**self.rows, path: tuple(map(tuple, rows))})

    def ids(self, path: Path) -> list[str]:
        """The ids that a list has, in order, each once; those that are blank are left out."""
        if not _has_ids(path):
            return []
        texts = (shown(row[0]).strip() for row in self.rows[path])
        return list(dict.fromkeys(text for text in texts if text))

    def line_of(self, path: Path, key: str) -> int | None:
        """Where the entry of an id stands."""
        for number, row in enumerate(self.rows[path]):
            if shown(row[0]).strip() == key:
                return number
        return None

    def name_of(self, path: Path, row: int) -> str:
        """How a line is called: its id with its name, or the number of the line."""
        columns, cells = by_path()[path].columns, self.rows[path][row]
        key = shown(cells[0]).strip()
        at = next((n for n, c in enumerate(columns) if c.path == ("name",)), None)
        name = shown(cells[at]).strip() if at is not None and at > 0 else ""
        if key and name and name != key:
            return f"{name} ({key})"
        return name or key or f"line {row + 1}"


def digest_of(scenario: Scenario) -> str:
    """What tells one state of a scenario from another."""
    text = json.dumps(dump(scenario), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def empty() -> Draft:
    """Every list without a line; what is the same for everybody is filled in."""
    example = template()
    rows: dict[Path, Sequence[Sequence[Any]]] = {}
    for table in tables():
        blank = [[None] * len(table.columns)] if table.is_form else []
        rows[table.path] = example[table.path] if table.path in (POLICY, SETTINGS) else blank
    return _of_filled(rows)


def draft_of(scenario: Scenario) -> Draft:
    """A scenario as it is; reading it gives an equal one."""
    return replace(_of_filled(filled(scenario)), base=digest_of(scenario))


def _of_filled(rows: Filled) -> Draft:
    return Draft(
        {
            path: tuple(
                tuple(None if cell is None else plain_text(cell) for cell in row) for row in lines
            )
            for path, lines in rows.items()
        }
    )


def canonical(column: Column, raw: Cell) -> Cell:
    """A cell as drop-downs spell it where it can be read; as it stands where it cannot."""
    if raw is None or is_blank(raw):
        return None
    if not column.kind.choices and not isinstance(raw, Moment | float):
        return raw
    try:
        value = column.kind.read(raw)
    except Refused:
        return raw
    if column.kind.choices:
        return plain_text(column.kind.write(value))
    if isinstance(raw, float) and isinstance(value, str | int | float):
        return number_text(raw)
    return value if isinstance(value, str) else raw


def shown(raw: Cell) -> str:
    """What a cell shows."""
    match raw:
        case None:
            return ""
        case bool():
            return "yes" if raw else "no"
        case str():
            return raw
        case Moment():
            return str(raw)
        case Broken():
            return raw.shown
        case _:
            return number_text(raw)


# -- reading --------------------------------------------------------------------------------------


def read(draft: Draft) -> Reading:
    """The scenario in a draft, or every fault at its cell."""
    try:
        sheets = [_sheet(table, draft) for table in tables()]
        scenario, _ = read_sheets(sheets, by_file=False, with_notices=False)
    except ScenarioError as error:
        return Reading(None, tuple(map(at_cell, error.faults)))
    return Reading(scenario, ())


def _sheet(table: Table, draft: Draft) -> Sheet:
    sheet = Sheet(table.title)
    if table.is_form:
        (row,) = draft.rows[table.path]
        for number, (column, raw) in enumerate(zip(table.columns, row, strict=True), start=1):
            is_version = table.path == SETTINGS and column.path == VERSION
            cell = str(SCHEMA_VERSION) if is_version else raw
            sheet.rows[number] = {1: column.heading} | ({} if cell is None else {2: cell})
        return sheet
    sheet.rows[1] = {at: column.heading for at, column in enumerate(table.columns, start=1)}
    for number, row in enumerate(draft.rows[table.path], start=_FIRST_ROW):
        cells = {at: raw for at, raw in enumerate(row, start=1) if raw is not None}
        if cells:
            sheet.rows[number] = cells
    return sheet


def at_cell(fault: Fault) -> CellFault:
    """A fault of the sheets that a draft is read as, at its cell."""
    found = _PLACE.fullmatch(fault.place)
    table = _by_title().get(found["sheet"]) if found else None
    if found is None or table is None:
        where = f"{fault.place}: " if fault.place else ""
        return CellFault(SETTINGS, None, None, f"{where}{fault.message}")
    if found["row"] is None:
        return CellFault(table.path, None, None, fault.message)
    row, column = int(found["row"]), column_index_from_string(found["column"]) - 1
    if table.is_form:
        return CellFault(table.path, 0, row - 1, fault.message)
    return CellFault(table.path, row - _FIRST_ROW, column, fault.message)


def _by_title() -> dict[str, Table]:
    return {table.title: table for table in tables()}


def _has_ids(path: Path) -> bool:
    columns = by_path()[path].columns
    return bool(columns) and columns[0].path == ("id",)


# -- kept as JSON ---------------------------------------------------------------------------------


def to_json(draft: Draft) -> dict[str, object]:
    """A draft as a file has it."""
    rows = {
        ".".join(path): [[_plain(raw) for raw in row] for row in lines]
        for path, lines in draft.rows.items()
    }
    return {"base": draft.base, "rows": rows}


def of_json(data: object) -> Draft:
    """The draft in a file of ours; ValueError where it is none, or of another version's columns."""
    if not isinstance(data, dict) or not isinstance(data.get("rows"), dict):
        raise ValueError("this is no draft")
    rows: dict[Path, Rows] = {}
    for table in tables():
        lines = data["rows"].get(".".join(table.path))
        if not isinstance(lines, list) or any(
            not isinstance(line, list) or len(line) != len(table.columns) for line in lines
        ):
            raise ValueError(f"the draft has other columns in {table.title}")
        rows[table.path] = tuple(tuple(_raw(cell) for cell in line) for line in lines)
    return Draft(rows, str(data.get("base", "")))


def _plain(raw: Cell) -> object:
    match raw:
        case Moment():
            return {"serial": raw.serial, "epoch": raw.epoch.isoformat()}
        case Broken():
            return {"shown": raw.shown, "remedy": raw.remedy}
        case _:
            return raw


def _raw(cell: object) -> Cell:
    match cell:
        case None | str() | bool() | float():
            return cell
        case int():
            return float(cell)
        case {"serial": float() | int() as serial, "epoch": str(epoch)}:
            return Moment(float(serial), date.fromisoformat(epoch))
        case {"shown": str(said), "remedy": str(remedy)}:
            return Broken(said, remedy)
    raise ValueError("the draft has a cell of no kind")
