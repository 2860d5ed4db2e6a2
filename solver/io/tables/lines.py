"""The lines of one sheet with their cells read, each fault at its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from ...validation import Notice
from ...validation.wording import quoted
from . import words
from .cells import Raw, Refused, Sheet
from .layout import SAID_WITH_NOTHING, Column, Path, Table, by_path
from .lists import plain_text
from .matching import Found, data_lines, match_columns
from .writing import template

MAX_ROWS = 4_000
"""Lines of one sheet; a week of 240 patients has some 1,000 in the longest."""


@dataclass(slots=True)
class Line:
    """One line of a sheet.

    Attributes:
        table: which sheet it is of.
        places: where the cell of each column is; columns that the file has not are left out.
        values: what the cells say, in the form of a scenario's file; blank ones are left out.
        broken: columns whose cells say nothing that can be used.
        opened: optional objects that are there with nothing in them.
    """

    table: Table
    places: Mapping[Column, str]
    values: dict[Column, object] = field(default_factory=dict)
    broken: set[Column] = field(default_factory=set)
    opened: list[Path] = field(default_factory=list)

    @property
    def place(self) -> str:
        """The first of its cells."""
        return next(iter(self.places.values()))

    def by_field(self) -> dict[str, object]:
        """What its cells say, by the name of the field."""
        return {".".join(column.path): value for column, value in self.values.items()}


def read_lines(table: Table, sheet: Sheet, found: Found) -> list[Line] | None:
    """Every line of a sheet; None where the sheet cannot be read as the table."""
    matched = match_columns(table, sheet, found)
    if matched is None:
        return [] if not sheet.rows and not table.is_form else None
    headings, columns = matched
    lines: list[Line] = []
    for number, cells in data_lines(table, sheet, headings, columns, found):
        if len(lines) == MAX_ROWS:
            message = f"found more than {MAX_ROWS:,} lines; no list of a week is that long"
            found.fault(sheet.title, message, "too many lines")
            return None
        if table.is_form:
            places = {column: sheet.place(row, number) for column, row in columns.items()}
        else:
            places = {column: sheet.place(number, at) for column, at in columns.items()}
        if not _is_example(table, cells, places, found):
            lines.append(_read(Line(table, places), cells, found))
    return lines


def _read(line: Line, cells: Mapping[Column, Raw], found: Found) -> Line:
    for column, raw in cells.items():
        if column.opens and isinstance(raw, str) and words.key(raw) == SAID_WITH_NOTHING:
            line.opened.append(column.opens)
            continue
        try:
            line.values[column] = column.kind.read(raw)
        except Refused as refused:
            line.broken.add(column)
            found.fault(line.places[column], refused.message, refused.logged)
    return line


def _is_example(
    table: Table, cells: Mapping[Column, Raw], places: Mapping[Column, str], found: Found
) -> bool:
    """Whether a line is the template's example; one that was changed is mentioned."""
    first = cells.get(table.columns[0])
    if table.is_form or not isinstance(first, str) or not words.is_example(first):
        return False
    if dict(_comparable(cells)) != _examples()[table.path]:
        message = (
            f"begins with {quoted(first.strip()[:4])}, so it is taken for the example and not "
            "read; take that away if the line is meant"
        )
        found.notices.append(Notice(places[table.columns[0]], message))
    return True


def _comparable(cells: Mapping[Column, Raw]) -> Iterator[tuple[str, object]]:
    for column, raw in cells.items():
        if isinstance(raw, str) and words.is_example(raw):
            yield column.heading, raw.strip()
            continue
        try:
            yield column.heading, column.kind.read(raw)
        except Refused as refused:
            yield column.heading, refused.message


@cache
def _examples() -> dict[Path, dict[str, object]]:
    """What each example says."""
    return {
        path: dict(
            _comparable(
                {
                    column: plain_text(cell)
                    for column, cell in zip(by_path()[path].columns, rows[0], strict=True)
                    if cell is not None
                }
            )
        )
        for path, rows in template().items()
    }
