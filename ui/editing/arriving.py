"""Files that somebody brings: a scenario, a filled-in workbook, CSV files, FHIR; or what is wrong.

What has faults but can be shown as tables becomes a draft too, so that it can be mended here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError

from solver.errors import Fault, FileFaults
from solver.io.files import MAX_BYTES, parse_json
from solver.io.tables import import_csv_files, import_workbook
from solver.io.tables import words as table_words
from solver.io.tables.arriving import arrival_of
from solver.io.tables.cells import Sheet, number_text
from solver.io.tables.csv_folder import read_named_csv
from solver.io.tables.layout import PARENT, POLICY, SETTINGS, Column, Path, Table, _bare, tables
from solver.io.tables.lists import plain_text
from solver.io.tables.matching import README_TITLE, Found, data_lines, match_columns, match_sheets
from solver.io.tables.policy import goal_rows
from solver.io.tables.writing import value_at
from solver.io.tables.xlsx_in import read_xlsx
from solver.scenario import Policy, Scenario
from solver.validation import read_scenario
from solver.validation.wording import nearest

from .draft import Cell, Draft, Row, canonical, empty
from .edits import tidied, typed

Files = Mapping[str, bytes]
Kind = Literal["scenario", "workbook", "csv", "fhir"]


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came of the files.

    Attributes:
        scenario: the week, where nothing is wrong; of FHIR there is none yet (``iop import`` makes
            a beginning of it, in a child).
        faults: everything that is wrong, each at its place in the file.
        draft: what there is, to be mended as tables; None where nothing of it can be used.
        notes: what the draft could not take over, or took for something else.
    """

    kind: Kind
    scenario: Scenario | None = None
    faults: tuple[Fault, ...] = ()
    draft: Draft | None = None
    notes: tuple[str, ...] = ()


def arrived(files: Files) -> Arrived:
    """What somebody brought.

    Raises:
        FileFaults: it is nothing that can be used.
    """
    if len(files) == 1:
        ((name, content),) = files.items()
        begins = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        if name.lower().endswith(".json") or begins in (b"{", b"["):
            return _json(content)
        come = None if _all_csv(files) else arrival_of(content)
        if come is not None and isinstance(come.content, bytes):
            return _workbook(come.content)
        if come is not None and isinstance(come.content, dict):
            return _csv(come.content)
    if _all_csv(files):
        return _csv(files)
    if files and all(_is_fhir(content) for content in files.values()):
        return Arrived("fhir")
    message = "several files at once are for CSV files or for FHIR; bring any other alone"
    raise FileFaults([Fault("", message)])


def _all_csv(files: Files) -> bool:
    return bool(files) and all(name.lower().endswith(".csv") for name in files)


def _is_fhir(content: bytes) -> bool:
    return isinstance(data := _parsed(content), dict) and "resourceType" in data


def _parsed(content: bytes) -> object:
    if len(content) > MAX_BYTES:
        message = f"found more than {MAX_BYTES // 2**20} MB; no week is that large"
        raise FileFaults([Fault("", message)])
    return parse_json(content)


def _json(content: bytes) -> Arrived:
    data = _parsed(content)
    if isinstance(data, dict) and "resourceType" in data:
        return Arrived("fhir")
    try:
        return Arrived("scenario", read_scenario(data)[0])
    except FileFaults as error:
        if not isinstance(data, dict) or not data.keys() & Scenario.model_fields.keys():
            raise
        draft, notes = draft_of_tree(data)
        strange = [f.place for f in error.faults if f.message.startswith("unknown field")]
        notes = (*notes, *(f"{place} is not known and left out." for place in strange))
        return Arrived("scenario", None, error.faults, draft, notes)


def _workbook(content: bytes) -> Arrived:
    try:
        return Arrived("workbook", import_workbook(content)[0])
    except FileFaults as error:
        draft, notes = _drafted(lambda: read_xlsx(content), by_file=False)
        return Arrived("workbook", None, error.faults, draft, notes)


def _csv(files: Files) -> Arrived:
    try:
        return Arrived("csv", import_csv_files(files)[0])
    except FileFaults as error:
        draft, notes = _drafted(lambda: read_named_csv(files), by_file=True)
        return Arrived("csv", None, error.faults, draft, notes)


def _drafted(
    read: Callable[[], list[Sheet]], *, by_file: bool
) -> tuple[Draft | None, tuple[str, ...]]:
    try:
        return draft_of_sheets(read(), by_file=by_file)
    except FileFaults:
        return None, ()


# -- sheets ---------------------------------------------------------------------------------------


def draft_of_sheets(
    sheets: Sequence[Sheet], *, by_file: bool
) -> tuple[Draft | None, tuple[str, ...]]:
    """Filled-in sheets as a draft; None where none of them is one of ours.

    Unlike an import, a sheet or heading whose name is nearly one of ours is taken for it; the notes
    say so.
    """
    notes: list[str] = []
    matched = match_sheets(sheets, Found(), by_file)
    if not by_file:
        matched |= _nearly(sheets, matched, notes)
    if not matched:
        return None, ()
    draft = empty()
    for table, sheet in matched.items():
        _rename_headings(table, sheet, notes)
        lines = _lines(table, sheet)
        if lines is None:
            notes.append(f"The sheet {sheet.title} could not be read and is left empty.")
        elif lines or not table.is_form:
            draft = draft.with_rows(table.path, lines)
    return tidied(draft), tuple(notes)


def _nearly(
    sheets: Sequence[Sheet], matched: Mapping[Table, Sheet], notes: list[str]
) -> dict[Table, Sheet]:
    """Sheets whose names are nearly those of tables that are missing."""
    missing = {table.title: table for table in tables() if table not in matched}
    taken: dict[Table, Sheet] = {}
    for sheet in sheets:
        is_ours = any(sheet is other for other in matched.values())
        if is_ours or table_words.key(README_TITLE) in table_words.key(sheet.title):
            continue
        guess = nearest(sheet.title, list(missing))
        if guess:
            notes.append(f"The sheet {sheet.title} was taken for {guess}.")
            taken[missing.pop(guess)] = sheet
    return taken


def _rename_headings(table: Table, sheet: Sheet, notes: list[str]) -> None:
    """Headings that are nearly ours become ours, where one of ours is missing."""
    found = match_columns(table, sheet, Found())
    if found is None:
        return
    line, columns = found
    missing = [column.heading for column in table.columns if column not in columns]
    known = {table_words.key(column.heading) for column in table.columns}
    for row, cells in sheet.rows.items():
        for at, raw in cells.items():
            here = at if table.is_form else row
            if here != line or not isinstance(raw, str) or table_words.key(raw) in known:
                continue
            guess = nearest(raw.strip(), missing)
            if guess:
                notes.append(f"In {table.title} the heading {raw.strip()} was taken for {guess}.")
                missing.remove(guess)
                cells[at] = guess


def _lines(table: Table, sheet: Sheet) -> list[Row] | None:
    matched = match_columns(table, sheet, Found())
    if matched is None:
        return None if sheet.rows else []
    line, columns = matched
    rows: list[Row] = []
    for _, cells in data_lines(table, sheet, line, columns, Found()):
        row = tuple(cells.get(column) for column in table.columns)
        first = row[0]
        if not table.is_form and isinstance(first, str) and table_words.is_example(first):
            continue
        rows.append(row)
    return rows


# -- the tree of a scenario's file ----------------------------------------------------------------


def draft_of_tree(tree: Mapping[str, Any]) -> tuple[Draft, tuple[str, ...]]:
    """A scenario's file as a draft, whatever is wrong with it or missing."""
    draft, notes = empty(), list[str]()
    for table in tables():
        if table.path == POLICY:
            draft = draft.with_rows(POLICY, _policy_rows(tree.get("policy"), notes, draft))
            continue
        rows = [
            tuple(
                parent if column.path == PARENT else _cell(table, column, entry)
                for column in table.columns
            )
            for parent, entry in _entries(table, tree)
        ]
        if rows or not table.is_form:
            draft = draft.with_rows(table.path, rows)
    return tidied(draft), tuple(notes)


def _entries(table: Table, tree: Mapping[str, Any]) -> list[tuple[Cell, Any]]:
    if table.path == SETTINGS:
        return [(None, tree)]
    if table.is_form:
        return [(None, tree.get(table.path[0]))]
    if not table.is_inner:
        return [(None, entry) for entry in _list(_down(tree, table.path))]
    outer = [entry for entry in _list(_down(tree, table.path[:-1])) if isinstance(entry, Mapping)]
    return [
        (_text(entry.get("id")), inner)
        for entry in outer
        for inner in _list(entry.get(table.path[-1]))
    ]


def _down(tree: object, path: Path) -> object:
    for step in path:
        tree = tree.get(step) if isinstance(tree, Mapping) else None
    return tree


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _cell(table: Table, column: Column, entry: object) -> Cell:
    value = _down(entry, column.path) if column.path else entry
    if value is None:
        return None
    try:
        model_value = _adapter(table.path, column.path).validate_python(value)
        if model_value in ((), {}) and model_value == column.default:
            return None
        return plain_text(column.kind.write(model_value))
    except (ValidationError, KeyError, AttributeError, TypeError, ValueError):
        return canonical(column, _text(value))


@cache
def _adapter(path: Path, field: Path) -> TypeAdapter[Any]:
    """What reads the field of a table's entries in a scenario's file."""
    hint: Any = Scenario
    for step in (*path, *field):
        hint, _ = _bare(get_type_hints(hint, include_extras=True)[step])
        is_list = not (isinstance(hint, type) and issubclass(hint, BaseModel))
        if is_list and step in path:
            hint = get_args(hint)[0]
    return TypeAdapter(hint)


def _text(value: object) -> Cell:
    """A value that is not what belongs there, as somebody would type it."""
    match value:
        case None:
            return None
        case str():
            return typed(value)
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return number_text(value)
        case {"days": list(days), "start": str(start), "end": str(end)}:
            return f"{', '.join(map(str, days))} {start}-{end}"
        case list():
            texts = [str(_text(entry)) for entry in value]
            mark = "; " if any(isinstance(entry, dict | list) for entry in value) else ", "
            return typed(mark.join(texts))
        case dict():
            return typed(", ".join(f"{key}: {_text(inner)}" for key, inner in value.items()))
    return typed(value)


def _policy_rows(policy: object, notes: list[str], draft: Draft) -> Sequence[Sequence[Cell]]:
    table = next(table for table in tables() if table.path == POLICY)
    try:
        rows = goal_rows(Policy.model_validate(policy if policy is not None else {}))
    except ValidationError:
        notes.append("The order of the goals could not be read; the usual one stands in its place.")
        return draft.rows[POLICY]
    cells: list[list[Cell]] = []
    for row in rows:
        values = [(column, value_at(row, column.path)) for column in table.columns]
        cells.append(
            [
                None if value is None or value is False else plain_text(column.kind.write(value))
                for column, value in values
            ]
        )
    return cells
