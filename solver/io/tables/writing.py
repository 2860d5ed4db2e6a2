"""A scenario as filled sheets: the one place where entries become rows, for workbooks and CSV alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel, TypeAdapter, ValidationError

from ...scenario import SCHEMA_VERSION, Policy, Scenario
from .cells import Written
from .example import EXAMPLE
from .layout import (
    BASELINE,
    PARENT,
    POLICY,
    SAID_WITH_NOTHING,
    SETTINGS,
    Column,
    Path,
    Table,
    by_path,
    tables,
)
from .lists import plain_text
from .policy import goal_rows

Row = list[Written | None]
Filled = Mapping[Path, Sequence[Row]]
"""The rows of each sheet, by its list; a form has one, whose cells stand below each other."""


def filled(scenario: Scenario) -> Filled:
    """Every sheet's rows. Reading them gives an equal scenario."""
    return {
        table.path: [_row(table, entry) for entry in _entries(table, scenario)]
        for table in tables()
    }


def template() -> Filled:
    """The sheets of an empty workbook: an example a list, and what is the same for everybody.

    The first cell of an example begins with "e.g."; such rows are never read.
    """
    example = filled(EXAMPLE)
    rows: dict[Path, Sequence[Row]] = {}
    for table in tables():
        if table.path == POLICY:
            rows[table.path] = [_row(table, line) for line in goal_rows(Policy())]
        elif table.is_form:
            version = SCHEMA_VERSION if table.path == SETTINGS else None
            rows[table.path] = [[version, *[None] * (len(table.columns) - 1)]]
        else:
            first, *rest = example[table.path][0]
            rows[table.path] = [[f"e.g. {plain_text(first or '')}", *rest]]
    return rows


def _row(table: Table, entry: Any) -> Row:
    """The cells of one entry."""
    if table.is_inner:
        parent, entry = entry
    elif not table.columns[0].path:
        return [table.columns[0].kind.write(entry)]
    row = [
        table.columns[0].kind.write(parent) if column.path == PARENT else _cell(column, entry)
        for column in table.columns
    ]
    for number, column in enumerate(table.columns):
        if column.opens and value_at(entry, column.opens) is not None:
            inside = [
                cell
                for other, cell in zip(table.columns, row, strict=True)
                if other.path[: len(column.opens)] == column.opens
            ]
            if all(cell is None for cell in inside):
                row[number] = SAID_WITH_NOTHING
    return row


def _cell(column: Column, entry: Any) -> Written | None:
    value = value_at(entry, column.path)
    if value is None:
        return None
    if value is False or (isinstance(value, tuple | dict) and not value):
        return None if value == column.default else column.kind.write(value)
    return column.kind.write(value)


def value_at(entry: Any, path: Path) -> Any:
    """The value of a field inside an entry; None where an object on the way there is none."""
    for step in path:
        if entry is None:
            return None
        entry = getattr(entry, step)
    return entry


def _entries(table: Table, scenario: Scenario) -> Iterator[Any]:
    """What the rows of a sheet are made of; for inner lists (id of the outer entry, entry)."""
    if table.path == SETTINGS:
        yield scenario
    elif table.path == POLICY:
        yield from goal_rows(scenario.policy)
    elif table.path == BASELINE:
        yield scenario.baseline
    elif table.is_inner:
        for outer in _entries(by_path()[table.path[:-1]], scenario):
            for entry in getattr(outer, table.path[-1]):
                yield outer.id, entry
    else:
        yield from value_at(scenario, table.path) or ()


def partly_filled(tree: Mapping[str, object]) -> Filled:
    """The sheets of a scenario's file that is not whole yet; what it lacks is blank."""
    scenario = _part(Scenario, tree)
    return filled(scenario)


def _part(model: type[BaseModel], tree: Mapping[str, object]) -> Any:
    """A model of what there is; required fields that are missing are None, lists empty."""
    hints = get_type_hints(model, include_extras=True)
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if name in tree:
            values[name] = _value(hints[name], tree[name])
        elif field.is_required():
            values[name] = () if get_origin(hints[name]) is tuple else None
    return model.model_construct(**values)


def _value(hint: Any, value: object) -> Any:
    try:
        return TypeAdapter(hint).validate_python(value)
    except ValidationError:
        bare = next((a for a in get_args(hint) if a is not type(None)), hint)
        if get_origin(hint) is tuple and isinstance(value, list):
            return tuple(_value(bare, entry) for entry in value)
        inner = hint if isinstance(hint, type) else bare
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            raise
        return _part(inner, value if isinstance(value, Mapping) else {})
