"""Which sheets there are and what each column holds, worked out from the models of a scenario.

Every list of a scenario is a sheet, every entry a row, every plain field a column; an object inside
an entry (a minimum and a maximum) is spread over columns, a list of entries inside an entry (the
quotas of a program) is a sheet of its own that names the entry in its first column. A field added
to a model is a column the next time, without a word here; one of a new type stops the program with
a TypeError until it has a kind. Workbooks and CSV folders have the same sheets.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from ...fields import Clock, Date, Day, Id, Money, StartClock
from ...scenario import Credential, Leader, Policy, Scenario, Window
from ...timegrid import DAYS
from ...validation.references import _REFERENCES, _SCHEDULE_REFERENCES
from . import words
from .kinds import (
    ChoiceKind,
    ClockKind,
    DateKind,
    DecimalKind,
    FlagKind,
    IdKind,
    Kind,
    NumberChoiceKind,
    TextKind,
    WholeKind,
)
from .lists import (
    CountsKind,
    CredentialsKind,
    DayPatternsKind,
    DaysKind,
    HoursKind,
    LeadersKind,
    ListKind,
    SpanKind,
    plain_text,
)
from .notes import NOTES, SHEET_NOTES
from .policy import GoalRow
from .times import DAY_WORDS

Path = tuple[str, ...]
"""Field names from the top: of a list in the scenario, or of a field in an entry."""

PARENT: Path = ("^",)
"""The path of the column in which a row of an inner list names the entry it belongs to."""
POLICY: Path = ("policy",)
BASELINE: Path = ("baseline",)
SETTINGS: Path = ()
_BLANK = "Left blank:"
SAID_WITH_NOTHING = "any"
"""In the first column of an optional object: it is there, and none of its fields is."""

_TITLES: Mapping[Path, str] = {
    SETTINGS: "Settings",
    ("programs", "quotas"): "Program quotas",
    ("patients", "quotas"): "Patient quotas",
    ("patients", "commitments"): "Commitments",
    BASELINE: "Last week",
    ("baseline", "sections"): "Last week sections",
    ("baseline", "sections", "meetings"): "Last week meetings",
    ("baseline", "sections", "absences"): "Last week absences",
    ("baseline", "appointments"): "Last week appointments",
}
_HEADINGS: Mapping[Path, str] = {("closed_dates",): "Date"}
_LOCKED: Mapping[Path, Path] = {
    ("locks", "section"): ("baseline", "sections"),
    ("locks", "appointment"): ("baseline", "appointments"),
}
"""References that are judged with the locks, not with the other references."""
_IMPLIED = frozenset({("baseline", "schema_version")})
"""Fields without a column: the workbook has one form, named in the settings."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One field of the entries of a sheet.

    Attributes:
        path: field names inside an entry; empty where the entry is the value itself.
        heading: what the column is called.
        kind: how its cells are written and read.
        required: whether a row without it is a fault.
        default: what a blank cell stands for, where the column is not required.
        note: what the column is about, for whoever fills it in.
        refers: the list whose ids its cells name; a drop-down offers them.
        opens: the optional object of which this is the first column.
    """

    path: Path
    heading: str
    kind: Kind
    required: bool
    default: object
    note: str
    refers: Path | None = None
    opens: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """One sheet.

    Attributes:
        path: the list in the scenario; of an inner list the outer one's path comes first.
        title: of the sheet.
        columns: in order; of a form they are its rows.
        is_form: one entry with a line a field, not a list.
        note: what the sheet is for.
    """

    path: Path
    title: str
    columns: tuple[Column, ...]
    is_form: bool
    note: str

    @property
    def is_inner(self) -> bool:
        """Whether its rows belong to entries of another sheet."""
        return bool(self.columns) and self.columns[0].path == PARENT

    @property
    def file_name(self) -> str:
        """Of the CSV file."""
        return self.title.lower().replace(" ", "-") + ".csv"


@cache
def tables() -> tuple[Table, ...]:
    """All sheets, in the order of the scenario's fields."""
    rest = [table for name in Scenario.model_fields for table in _tables_of(name)]
    return (_table(SETTINGS, Scenario, is_form=True), *rest)


@cache
def by_path() -> dict[Path, Table]:
    """Every sheet by its list."""
    return {table.path: table for table in tables()}


def _tables_of(field: str) -> Iterator[Table]:
    hint, _ = _bare(get_type_hints(Scenario, include_extras=True)[field])
    if hint is Policy:
        yield _table(POLICY, GoalRow)
    elif isinstance(hint, type) and issubclass(hint, BaseModel):
        yield _table((field,), hint, is_form=True)
        for path, inner in _lists(hint, (field,)):
            yield from _with_inner(path, inner)
    elif get_origin(hint) is tuple:
        entry = get_args(hint)[0]
        if isinstance(entry, type) and issubclass(entry, BaseModel):
            yield from _with_inner((field,), entry)
        else:
            yield _plain_list((field,), entry)


def _with_inner(path: Path, model: type[BaseModel]) -> Iterator[Table]:
    yield _table(path, model)
    for inner_path, inner in _lists(model, path):
        yield _table(inner_path, inner, is_inner=True)


def _table(
    path: Path, model: type[BaseModel], *, is_form: bool = False, is_inner: bool = False
) -> Table:
    columns = list(_columns(model, path))
    if is_inner:
        parent = path[-2].removesuffix("s")
        note = f"The {parent} that this line is about."
        key = Column(PARENT, words.heading(parent), IdKind(), True, None, note, path[:-1])
        columns.insert(0, key)
    return Table(path, _title(path), tuple(columns), is_form, SHEET_NOTES[_title(path)])


def _plain_list(path: Path, entry: Any) -> Table:
    kind = kind_of(entry)
    if kind is None:
        raise TypeError(f"a list of {entry} has no kind of cell")
    note = _note(NOTES[".".join(path)], kind, True, None)
    heading = _HEADINGS.get(path, words.heading(*path))
    column = Column((), heading, kind, True, None, note)
    return Table(path, _title(path), (column,), False, SHEET_NOTES[_title(path)])


def _title(path: Path) -> str:
    return _TITLES.get(path) or words.heading(*path)


# -- columns --------------------------------------------------------------------------------------


def _columns(
    model: type[BaseModel],
    table: Path,
    prefix: Path = (),
    note: str = "",
    required: bool = True,
    opens: Path | None = None,
) -> Iterator[Column]:
    for name, hint, field in _fields(model):
        path = (*prefix, name)
        bare, _ = _bare(hint)
        said = f"{note} {NOTES.get(note_key(model, name), '')}".strip()
        needed = required and field.is_required()
        if isinstance(bare, type) and issubclass(bare, BaseModel):
            if table == SETTINGS:
                continue  # policy and baseline are sheets of their own
            begins = path if field.default is None else None
            yield from _columns(bare, table, path, said, needed, begins)
            continue
        if table == SETTINGS and get_origin(bare) is tuple:
            continue  # the scenario's lists are sheets of their own
        if (*table, *path) in _IMPLIED:
            continue
        kind = WholeKind() if name == "schema_version" else kind_of(bare)
        if kind is None:
            continue  # an inner list is a sheet of its own
        default = field.default if not field.is_required() else None
        yield Column(
            path,
            words.heading(*path),
            kind,
            needed,
            default,
            _note(said, kind, needed, default),
            _references().get((*table, *path)),
            opens,
        )
        opens = None


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, Any, Any]]:
    """Name, type and field, those of the model itself before those it shares with others."""
    hints = get_type_hints(model, include_extras=True)
    own = [name for name in inspect.get_annotations(model) if name in model.model_fields]
    for name in dict.fromkeys([*own, *model.model_fields]):
        yield name, hints[name], model.model_fields[name]


def _lists(model: type[BaseModel], path: Path) -> Iterator[tuple[Path, type[BaseModel]]]:
    """Lists of entries inside an entry that need a sheet."""
    for name, hint, _ in _fields(model):
        bare, _ = _bare(hint)
        if get_origin(bare) is tuple and kind_of(bare) is None:
            yield (*path, name), get_args(bare)[0]


def _bare(hint: Any) -> tuple[Any, bool]:
    """A type without ``… | None``, and whether it had that."""
    if get_origin(hint) in (Union, UnionType):
        inner = [arg for arg in get_args(hint) if arg is not type(None)]
        return inner[0], True
    return hint, False


def note_key(model: type[BaseModel], name: str) -> str:
    """The key of a field's note: the model that states the field, and its name."""
    owner = next(cls for cls in model.__mro__ if name in inspect.get_annotations(cls))
    return f"{owner.__name__}.{name}"


def _note(said: str, kind: Kind, required: bool, default: object) -> str:
    """What a column is about, how a cell is filled in, and what a blank one means."""
    said, _, blank = said.partition(_BLANK)
    parts = [said.strip()]
    if not kind.is_text:
        how = re.sub(r" (is|are) expected", "", kind.expected)
        parts.append(f"{how[:1].upper()}{how[1:]}.")
    if required:
        parts.append("Must be filled in.")
    elif blank:
        parts.append(f"{_BLANK}{blank}")
    elif default not in (None, (), {}) and default is not False:
        parts.append(f"{_BLANK} {plain_text(kind.write(default))}.")
    return " ".join(parts)


@cache
def _references() -> dict[Path, Path]:
    """For each field that names one entry of a list: which list."""
    every = [*_REFERENCES, *((f"baseline.{path}", to) for path, to in _SCHEDULE_REFERENCES)]
    single = {
        tuple(path.replace("[]", "").split(".")): (target,)
        for path, target in every
        if not path.endswith(("[]", "{}"))
    }
    return single | dict(_LOCKED)


def kind_of(hint: Any) -> Kind | None:
    """How a field of this type stands in a cell; None for a list of entries.

    Raises:
        TypeError: no kind of cell is known for the type.
    """
    plain, _ = _bare(hint)
    if plain in (Clock, StartClock):
        return ClockKind()
    if plain == Date:
        return DateKind()
    if plain == Day:
        return ChoiceKind(DAYS, DAY_WORDS)
    bare = get_args(plain)[0] if get_origin(plain) is Annotated else plain
    if get_origin(bare) is Literal:
        values = get_args(bare)
        whole = all(isinstance(value, int) for value in values)
        return NumberChoiceKind(values) if whole else ChoiceKind(values)
    if get_origin(bare) is tuple:
        return _list_kind(get_args(bare))
    if get_origin(bare) is dict:
        number = kind_of(get_args(bare)[1])
        if isinstance(number, WholeKind | DecimalKind):
            return CountsKind(number)
    plain_kinds: dict[Any, Kind] = {
        bool: FlagKind(),
        int: WholeKind(),
        float: DecimalKind(percent=plain != Money),
        str: IdKind() if plain == Id else TextKind(),
        date: DateKind(),
    }
    if bare in plain_kinds:
        return plain_kinds[bare]
    raise TypeError(f"{hint} has no kind of cell; give it one in solver/io/tables")


def _list_kind(entries: tuple[Any, ...]) -> Kind | None:
    special: dict[Any, Kind] = {
        Window: HoursKind(),
        Credential: CredentialsKind(),
        Leader: LeadersKind(),
        Day: DaysKind(),
        tuple[Day, ...]: DayPatternsKind(),
    }
    if entries == (Clock, Clock):
        return SpanKind()
    if entries[0] in special:
        return special[entries[0]]
    if isinstance(entries[0], type) and issubclass(entries[0], BaseModel):
        return None
    kind = kind_of(entries[0])
    return ListKind(kind) if kind is not None else None
