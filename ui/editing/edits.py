"""Changes to a draft, as pure functions: cells typed, lines added and taken away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from solver.io.tables.cells import is_blank
from solver.io.tables.kinds import IdKind
from solver.io.tables.layout import PARENT, Column, Path, by_path, tables
from solver.io.tables.lists import ListKind
from solver.io.tables.words import LIST, entry_to_cell, split, text_from_cell

from .draft import Cell, Draft, Row, Rows, canonical, shown


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to the lines of a table since it was put on the page.

    Attributes:
        edited: number of a line -> heading -> what is typed there now.
        added: new lines by heading, below the others.
        deleted: numbers of lines that are gone.
    """

    edited: Mapping[int, Mapping[str, object]]
    added: Sequence[Mapping[str, object]] = ()
    deleted: Iterable[int] = ()

    @classmethod
    def of(cls, state: Mapping[str, Any] | None) -> Change:
        """From what Streamlit's editor says of itself."""
        if not state:
            return cls({})
        edited = {int(row): cells for row, cells in state.get("edited_rows", {}).items()}
        return cls(edited, state.get("added_rows", []), state.get("deleted_rows", []))


def changed(path: Path, rows: Rows, change: Change) -> Rows:
    """The lines of a list after a change; of cells that nobody touched nothing is altered."""
    columns = {column.heading: n for n, column in enumerate(by_path()[path].columns)}
    lines = [list(row) for row in rows]
    for number, cells in change.edited.items():
        if 0 <= number < len(lines):
            _type(lines[number], columns, cells)
    gone = set(change.deleted)
    kept = [line for number, line in enumerate(lines) if number not in gone]
    for cells in change.added:
        line: list[Cell] = [None] * len(columns)
        _type(line, columns, cells)
        kept.append(line)
    return tuple(map(tuple, kept))


def _type(line: list[Cell], columns: Mapping[str, int], cells: Mapping[str, object]) -> None:
    for heading, value in cells.items():
        if heading in columns:
            line[columns[heading]] = typed(value)


def typed(value: object) -> Cell:
    """What somebody typed, as a cell; nothing but blanks is a blank one."""
    if value is None:
        return None
    text = str(value)
    return None if is_blank(text) else text


def with_cell(draft: Draft, path: Path, row: int, column: int, value: object) -> Draft:
    """The draft with one cell typed anew."""
    lines = [list(line) for line in draft.rows[path]]
    lines[row][column] = typed(value)
    return draft.with_rows(path, lines)


def column_at(path: Path, *steps: str) -> int:
    """The number of the column of a field; KeyError where there is none."""
    for number, column in enumerate(by_path()[path].columns):
        if column.path == steps:
            return number
    raise KeyError(steps)


def with_line(draft: Draft, path: Path, cells: Mapping[str, str] | None = None) -> Draft:
    """The draft with one more line, its cells by field (``size.max``)."""
    columns = by_path()[path].columns
    given = cells or {}
    line: Row = tuple(typed(given.get(".".join(column.path))) for column in columns)
    return draft.with_rows(path, [*draft.rows[path], line])


def new_id(draft: Draft, path: Path) -> str:
    """An id that no entry of the list has, like those it has: ``p25`` after ``p24``."""
    there = set(draft.ids(path))
    letter = path[-1][0]
    numbered = [key for key in draft.ids(path) if key.rstrip("0123456789") != key]
    stem = numbered[-1].rstrip("0123456789") if numbered else letter
    digits = len(numbered[-1]) - len(stem) if numbered else 2
    number = len(there) + 1
    while (key := f"{stem}{number:0{digits}d}") in there:
        number += 1
    return key


def after(draft: Draft, path: Path, base: Rows, change: Change) -> Draft:
    """The draft once a change was made to a list whose lines were ``base``.

    With an entry go its own lines on other sheets, and mentions of it in lists. What names it alone
    (a patient's primary therapist, a group's service) stays and is a fault: somebody has to say
    what takes its place.
    """
    draft = draft.with_rows(path, changed(path, base, change))
    for number in change.deleted:
        if 0 <= number < len(base):
            draft = _without_traces(draft, path, shown(base[number][0]).strip())
    return draft


def after_of(draft: Draft, path: Path, key: str, base: Rows, change: Change) -> Draft:
    """The draft once a change was made to the lines ``base`` that one entry has on a sheet."""
    lines = [(key, *line[1:]) for line in changed(path, base, change)]
    others = list(draft.rows[path])
    own = [number for number, line in enumerate(others) if shown(line[0]).strip() == key]
    at = own[0] if own else len(others)
    kept = [line for number, line in enumerate(others) if number not in set(own)]
    return draft.with_rows(path, [*kept[:at], *lines, *kept[at:]])


def without_line(draft: Draft, path: Path, row: int) -> Draft:
    """The draft without an entry and what belongs to it, as ``after`` has it."""
    return after(draft, path, draft.rows[path], Change({}, (), (row,)))


def _without_traces(draft: Draft, path: Path, key: str) -> Draft:
    if not key or key in draft.ids(path) or by_path()[path].columns[0].path != ("id",):
        return draft
    for table in tables():
        for number, column in enumerate(table.columns):
            if table.is_inner and column.path == PARENT and column.refers == path:
                kept = [r for r in draft.rows[table.path] if shown(r[number]).strip() != key]
                draft = draft.with_rows(table.path, kept)
            elif mentions(table.path, column) == path:
                draft = draft.with_rows(
                    table.path, [_without(r, number, key) for r in draft.rows[table.path]]
                )
    return draft


def _without(row: Row, column: int, key: str) -> Row:
    text = shown(row[column])
    pieces = split(text, LIST)
    kept = [piece for piece in pieces if text_from_cell(piece) != key]
    if len(kept) == len(pieces):
        return row
    return (*row[:column], typed(", ".join(kept)), *row[column + 1 :])


_MENTIONS: Mapping[tuple[Path, str], Path] = {
    (("patients",), "keep_apart"): ("patients",),
    (("groups",), "eligible.programs"): ("programs",),
    (("baseline",), "not_admitted"): ("patients",),
}
"""Lists of ids in a cell, and the list whose entries they name."""


def mentions(path: Path, column: Column) -> Path | None:
    """The list whose entries a cell with several ids names."""
    if not isinstance(column.kind, ListKind) or not isinstance(column.kind.entry, IdKind):
        return None
    return _MENTIONS.get((path, ".".join(column.path)))


def said_before(draft: Draft, path: Path, column: Column) -> list[str]:
    """Words that the cells of such columns have already: tags, credentials, languages, features.

    What a group asks for and what a patient has are the same words, so they are offered to both.
    """
    last = column.path[-1] if column.path else ""
    alike = _ALIKE.get(last, {last})
    words: dict[str, None] = {}
    for table in tables():
        for number, other in enumerate(table.columns):
            if other.path and other.path[-1] in alike:
                for row in draft.rows[table.path]:
                    words.update(dict.fromkeys(_pieces(shown(row[number]), other)))
    return list(words)


_TAGS = {"tags", "tags_any", "tags_none"}
_LANGUAGES = {"languages", "language"}
_GENDERS = {"gender", "genders", "genders_served"}
_FEATURES = {"features", "room_features"}
_ALIKE: Mapping[str, set[str]] = {
    word: words for words in (_TAGS, _LANGUAGES, _GENDERS, _FEATURES) for word in words
}


def _pieces(text: str, column: Column) -> list[str]:
    if not text.strip():
        return []
    if isinstance(column.kind, ListKind):
        return [text_from_cell(piece) for piece in split(text, LIST) if piece.casefold() != "none"]
    return [text_from_cell(text)]


def listed_cell(values: Iterable[str]) -> str:
    """Several words in one cell."""
    return ", ".join(entry_to_cell(value) for value in values)


def tidied(draft: Draft) -> Draft:
    """Cells as drop-downs spell them, lines without anything left out."""
    for table in tables():
        rows = []
        for row in draft.rows[table.path]:
            cells = [canonical(column, raw) for column, raw in zip(table.columns, row, strict=True)]
            if table.is_form or any(cell is not None for cell in cells):
                rows.append(cells)
        draft = draft.with_rows(table.path, rows)
    return draft
