"""Which sheet of a file is which of ours, where its headings stand, and which column is which.

Case, blanks and marks do not matter, nor does the order. What is not found is never guessed: a
name that is nearly one of ours is a fault with the right name in it, any other sheet or column is
left alone and mentioned in a notice.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ...scenario import Scenario
from ...validation import Notice
from ...validation.references import _LISTS_TO_GIVE
from ...validation.wording import listed, nearest, quoted
from . import words
from .cells import Raw, Sheet, TableFault, is_blank
from .layout import SETTINGS, Column, Path, Table, tables

README_TITLE = "How to fill in"
_HEADING_ROWS = 20
"""How far down the row of headings is looked for: some people put a title on top."""
MUST_BE_THERE: frozenset[Path] = frozenset(
    {
        SETTINGS,
        *((path,) for path in _LISTS_TO_GIVE if "." not in path),
        *((name,) for name, of in Scenario.model_fields.items() if of.is_required()),
    }
)
"""Sheets that may be empty but not missing; one that is gone is more likely renamed."""


@dataclass(slots=True)
class Found:
    """What could be told apart, and everything that was wrong on the way."""

    faults: list[TableFault] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def fault(self, place: str, message: str, logged: str) -> None:
        self.faults.append(TableFault(place, message, logged, place_for_log(place)))


def place_for_log(place: str) -> str:
    """A place with our own name of the sheet: a file or a sheet may be called after a patient."""
    title, mark, cell = place.rpartition("!")
    name = words.key((title or cell).strip("'").removesuffix(".csv"))
    ours = [table.title for table in tables() if name.endswith(words.key(table.title))]
    return f"{max(ours, key=len, default='a sheet')}{mark}{cell if mark else ''}"


def match_sheets(sheets: Sequence[Sheet], found: Found, by_file: bool) -> dict[Table, Sheet]:
    """The sheet of each table that is there; ``by_file`` where sheets are files of a folder."""
    names = {table.file_name if by_file else table.title: table for table in tables()}
    known = {words.key(table.title): table for table in tables()}
    matched: dict[Table, Sheet] = {}
    strangers: list[str] = []
    for sheet in sheets:
        table = known.get(words.key(_title(sheet, known) if by_file else sheet.title))
        if table is None:
            strangers.append(sheet.title)
        elif table in matched:
            message = f"the same sheet as {quoted(matched[table].title)}; keep one of the two"
            found.fault(sheet.title, message, "two sheets of one name")
        else:
            matched[table] = sheet
    missing = [name for name, table in names.items() if table not in matched]
    for title in strangers:
        guess = nearest(title, missing)
        if words.key(README_TITLE) in words.key(title):
            continue
        if guess:
            message = f"no sheet of this name is read; did you mean {quoted(guess)}? rename it"
            found.fault(title, message, "a sheet whose name is not one of ours")
            missing.remove(guess)
        else:
            found.notices.append(Notice(title, "not one of our sheets; it is not read"))
    for name in missing:
        if names[name].path in MUST_BE_THERE:
            message = "missing; the sheet must be there, and may have no lines"
            found.fault(name, message, "a missing sheet")
    return matched


def _title(sheet: Sheet, known: Mapping[str, Table]) -> str:
    """The sheet's name in a file's name; LibreOffice puts the workbook's before it: week-Rooms.csv."""
    stem = sheet.title.rpartition(".")[0]
    parts = stem.split("-")
    ends = ("-".join(parts[at:]) for at in range(len(parts)))
    return next((end for end in ends if words.key(end) in known), stem)


def match_columns(
    table: Table, sheet: Sheet, found: Found
) -> tuple[int, Mapping[Column, int]] | None:
    """The row of headings and the number of each column; None where nothing can be read.

    A form has its headings below each other: there, the column of headings and the rows.
    """
    lines = _turned(sheet.rows) if table.is_form else sheet.rows
    known = {words.key(column.heading): column for column in table.columns}
    best, headings = 0, 0
    for number in sorted(lines)[:_HEADING_ROWS]:
        hits = sum(_heading(raw) in known for raw in lines[number].values())
        if hits > headings:
            best, headings = number, hits
    if not best:
        if lines:
            names = listed(column.heading for column in table.columns)
            message = f"no line with the headings is there; expected are {names}"
            found.fault(sheet.title, message, "no headings")
        elif table.path in MUST_BE_THERE and table.is_form:
            message = f"the sheet is empty; expected are {listed(c.heading for c in table.columns)}"
            found.fault(sheet.title, message, "an empty sheet")
        return None
    columns: dict[Column, int] = {}
    strangers: list[tuple[int, str]] = []
    for number, raw in sorted(lines[best].items()):
        column = known.get(_heading(raw))
        if column is None:
            strangers.append((number, str(raw).strip()))
        elif column in columns:
            other = _place(table, sheet, best, columns[column])
            message = (
                f"{quoted(column.heading)} is a heading again, as in {other}; keep one of them"
            )
            found.fault(_place(table, sheet, best, number), message, "a heading twice")
        else:
            columns[column] = number
    _strangers(table, sheet, best, strangers, columns, found)
    _headless(table, sheet, best, lines, found)
    return best, columns


def _strangers(
    table: Table,
    sheet: Sheet,
    line: int,
    strangers: Sequence[tuple[int, str]],
    columns: Mapping[Column, int],
    found: Found,
) -> None:
    """Headings that are none of ours, and ours that are not there."""
    missing = [column.heading for column in table.columns if column not in columns]
    ignored: list[str] = []
    for number, text in strangers:
        if not text:
            continue
        if guess := nearest(text, missing):
            message = f"no heading {quoted(text)}; did you mean {quoted(guess)}? rename it"
            found.fault(_place(table, sheet, line, number), message, "an unknown heading")
            missing.remove(guess)
        else:
            ignored.append(text)
    if ignored and not table.is_form:
        what = "columns that are" if len(ignored) > 1 else "a column that is"
        message = f"{listed(ignored)}: {what} not ours; not read"
        found.notices.append(Notice(sheet.title, message))
    for column in table.columns:
        if column.required and column.heading in missing:
            what = "line" if table.is_form else "column"
            message = f"no {what} {quoted(column.heading)}; it must be there"
            found.fault(sheet.title, message, f"a missing {what}")


def _headless(
    table: Table, sheet: Sheet, line: int, lines: Mapping[int, Mapping[int, Raw]], found: Found
) -> None:
    """Columns with values below a blank heading: maybe one of ours that lost its heading."""
    if table.is_form:
        return
    headed = {number for number, raw in lines[line].items() if not is_blank(raw)}
    seen: set[int] = set()
    for number, cells in lines.items():
        for at, raw in cells.items():
            if number > line and at not in headed and at not in seen and not is_blank(raw):
                seen.add(at)
                message = "the column has no heading; give it one (any of your own is not read)"
                found.fault(sheet.place(number, at), message, "a column without a heading")


def _heading(raw: Raw) -> str:
    return words.key(raw) if isinstance(raw, str) else ""


def _place(table: Table, sheet: Sheet, line: int, number: int) -> str:
    return sheet.place(number, line) if table.is_form else sheet.place(line, number)


def _turned(rows: Mapping[int, Mapping[int, Raw]]) -> dict[int, dict[int, Raw]]:
    """The same cells by column and then by row."""
    turned: dict[int, dict[int, Raw]] = {}
    for row, cells in rows.items():
        for column, raw in cells.items():
            turned.setdefault(column, {})[row] = raw
    return turned


def data_lines(
    table: Table, sheet: Sheet, line: int, columns: Mapping[Column, int], found: Found
) -> Iterator[tuple[int, dict[Column, Raw]]]:
    """Each line below the headings that has anything in our columns, with its number and cells.

    Of cells merged downwards each line has the value. Of a form the one line is the column of
    values, beside the headings.
    """
    if table.is_form:
        beside = {column: sheet.rows.get(row, {}).get(line + 1) for column, row in columns.items()}
        yield (
            line + 1,
            {c: raw for c, raw in beside.items() if raw is not None and not is_blank(raw)},
        )
        return
    _refuse_wide_merges(sheet, line, columns, found)
    merged = _merged_downwards(sheet, line)
    for number in sorted(row for row in sheet.rows if row > line):
        cells = {
            column: raw
            for column, at in columns.items()
            if (raw := sheet.rows[number].get(at)) is not None and not is_blank(raw)
        }
        if cells:
            for column, at in columns.items():
                if column not in cells and (number, at) in merged:
                    cells[column] = merged[number, at]
            yield number, cells


def _refuse_wide_merges(
    sheet: Sheet, line: int, columns: Mapping[Column, int], found: Found
) -> None:
    """Values that lie over several of our columns at once: nobody can tell which one is meant."""
    for merge in sheet.merges:
        covered = range(merge.first_column, merge.last_column + 1)
        if merge.first_row > line and sum(at in covered for at in columns.values()) > 1:
            raw = sheet.rows.get(merge.first_row, {}).get(merge.first_column)
            if raw is not None and not is_blank(raw):
                end = sheet.place(merge.last_row, merge.last_column).rpartition("!")[2]
                place = sheet.place(merge.first_row, merge.first_column)
                message = f"merged with the cells up to {end}; unmerge them, one value a cell"
                found.fault(place, message, "cells merged across columns")


def _merged_downwards(sheet: Sheet, line: int) -> dict[tuple[int, int], Raw]:
    """What lines below the first one of merged cells have, by row and column."""
    values: dict[tuple[int, int], Raw] = {}
    rows = sorted(sheet.rows)
    filled: dict[int, int] = {}
    for merge in sorted(sheet.merges, key=lambda m: m.first_row):
        column = merge.first_column
        raw = sheet.rows.get(merge.first_row, {}).get(column)
        apart = merge.first_row > max(line, filled.get(column, 0))
        if raw is None or not apart or merge.last_column != column:
            continue
        filled[column] = merge.last_row
        within = slice(bisect_right(rows, merge.first_row), bisect_right(rows, merge.last_row))
        values |= {(row, column): raw for row in rows[within]}
    return values
