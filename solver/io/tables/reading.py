"""Filled sheets become a scenario, or one error with every fault at its cell.

Each cell is read by the kind of its column; what cannot be read is a fault there. The rest is put
together as a scenario's file would have it and judged by ``read_scenario`` like any file; what that
finds (ids, references, minima over maxima) is put back to the cell it came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from openpyxl.utils.cell import column_index_from_string

from ...clinic import Clinic
from ...errors import Fault, ScenarioError
from ...notices import notices
from ...scenario import SCHEMA_VERSION, Scenario
from ...validation import Notice, read_scenario
from ...validation.references import _LISTS_TO_GIVE, _OBJECTS_TO_GIVE
from ...validation.wording import Loc, listed, nearest, place, quoted
from .cells import MAX_LETTERS, Sheet, TableFault
from .layout import BASELINE, PARENT, POLICY, SETTINGS, Path, Table, tables
from .lines import Line, read_lines
from .matching import MUST_BE_THERE, Found, match_sheets, place_for_log
from .policy import policy_tree

Tree = dict[str, object]

_MOST_GUESSES = 100
"""Guesses at what a wrong id means are made for so many; guessing takes time."""
_MENTION = re.compile(r"\bas in ([\w.\[\]]+)(?=;)")
_CELL = re.compile(r"(?P<sheet>.*?)(?:!(?P<column>[A-Z]+)(?P<row>\d+))?", re.DOTALL)
_KINDS = {
    "missing": "a missing value",
    "no ": "a reference to something that is not there",
    "found": "a value that is not allowed here",
}
"""What a message of the scenario's own checks is about, by how it begins; for logs."""


def read_sheets(
    sheets: Sequence[Sheet], by_file: bool, *, with_notices: bool = True
) -> tuple[Scenario, list[Notice]]:
    """The scenario in the sheets of a workbook or (``by_file``) of a folder, and what is worth knowing.

    Without notices about what cannot be scheduled (``with_notices``) it takes half the time.

    Raises:
        ScenarioError: with every fault, in the order of the sheets.
    """
    letters = sum(
        len(r) for s in sheets for c in s.rows.values() for r in c.values() if isinstance(r, str)
    )
    if letters > MAX_LETTERS:
        message = f"found more than {MAX_LETTERS:,} letters in all cells; a week has far fewer"
        raise ScenarioError([Fault("", message)])
    work = _Assembly()
    matched = match_sheets(sheets, work.found, by_file)
    for table in tables():
        sheet = matched.get(table)
        lines = read_lines(table, sheet, work.found) if sheet else None
        work.cells[table.path] = sheet.title if sheet else table.title
        work.add(table, lines, is_there=sheet is not None)
    return work.finish([sheet.title for sheet in sheets], with_notices)


class _Assembly:
    """A scenario's file in the making, with the cell of each of its parts.

    Attributes:
        cells: where each part of the tree stands in the sheets.
        headings: of the column that each field comes from.
        broken: parts whose cells cannot be read; what the tree lacks there is no fault again.
        entries: of each list with ids, the entries with their places by id.
        unsure: lists some of whose ids are not known.
    """

    def __init__(self) -> None:
        self.found = Found()
        self.tree: Tree = {"schema_version": SCHEMA_VERSION}
        self.baseline: Tree = {}
        self.cells: dict[Loc, str] = {}
        self.headings: dict[Loc, str] = {}
        self.broken: set[Loc] = set()
        self.entries: dict[Path, dict[str, tuple[Loc, Tree]]] = {}
        self.unsure: set[Path] = set()
        self.guesses = 0

    def add(self, table: Table, lines: Sequence[Line] | None, is_there: bool) -> None:
        """Put the lines of a sheet where they belong; None for one that cannot be read."""
        self.entries[table.path] = {}
        if lines is None:
            if is_there or table.path in MUST_BE_THERE:
                self._unreadable(table)
        elif table.path == POLICY:
            self._add_policy(lines)
        elif table.path == SETTINGS:
            self.tree |= self._entry(lines[0], ())
        elif table.path == BASELINE:
            self.baseline |= self._entry(lines[0], BASELINE)
        elif table.is_inner:
            for line in lines:
                self._add_inner(table, line)
        else:
            self._add_list(table, lines)

    def _unreadable(self, table: Table) -> None:
        """A sheet of which nothing is known: what it lacks, and references into it, are not judged."""
        self.unsure.add(table.path)
        if table.is_form:
            self.broken |= {(*table.path, *column.path) for column in table.columns}
        elif not table.is_inner and table.path != POLICY:
            *outer, name = table.path
            (self.baseline if outer else self.tree)[name] = [{}]
            self.broken.add(table.path)

    def _add_list(self, table: Table, lines: Sequence[Line]) -> None:
        *outer, name = table.path
        holder = self.baseline if outer else self.tree
        entries: list[object] = []
        for number, line in enumerate(lines):
            loc: Loc = (*table.path, number)
            if not table.columns[0].path:
                column = table.columns[0]
                self._note(loc, line.place, column in line.broken)
                entries.append(line.values.get(column))
                continue
            entry = self._entry(line, loc)
            entries.append(entry)
            key = entry.get("id")
            if isinstance(key, str):
                self.entries[table.path].setdefault(key, (loc, entry))
            else:
                self.unsure.add(table.path)
        if entries or not outer:
            holder[name] = entries

    def _add_inner(self, table: Table, line: Line) -> None:
        """A line that belongs to an entry of another sheet, which its first cell names."""
        key, outer = table.columns[0], table.path[:-1]
        name = line.values.get(key)
        if key in line.broken:
            return
        if not isinstance(name, str):
            where = line.places.get(key, line.place)
            self.found.fault(where, f"missing; {key.heading} must be given", "a missing value")
        elif name in self.entries[outer]:
            loc, entry = self.entries[outer][name]
            inner = entry.setdefault(table.path[-1], [])
            if isinstance(inner, list):
                inner.append(self._entry(line, (*loc, table.path[-1], len(inner))))
        elif outer not in self.unsure:
            self._unknown(key.heading.lower(), name, line.places[key], list(self.entries[outer]))

    def _unknown(self, what: str, name: str, where: str, known: list[str]) -> None:
        self.guesses += 1
        guess = nearest(name, known) if self.guesses <= _MOST_GUESSES else None
        if guess:
            hint = f"did you mean {quoted(guess)}?"
        else:
            hint = f"allowed: {listed(known)}" if known else "there is none at all"
        self.found.fault(where, f"no {what} {quoted(name)}; {hint}", _KINDS["no "])

    def _add_policy(self, lines: Sequence[Line]) -> None:
        read = policy_tree([line.by_field() for line in lines])
        if read.tree:
            self.tree["policy"] = read.tree
        columns = [{column.path[0]: column for column in line.table.columns} for line in lines]

        def cell(number: int, field: str) -> str:
            line = lines[number]
            return line.places.get(columns[number][field], line.place)

        for loc, number, field in read.places:
            self.cells[("policy", *loc)] = cell(number, field)
        for number, field, message in read.faults:
            self.found.fault(cell(number, field), message, "a value that does not fit")

    def _entry(self, line: Line, loc: Loc) -> Tree:
        """What a line says as an entry of the scenario's file, each part's cell noted."""
        entry: Tree = {}
        self.cells.setdefault(loc, line.place)
        for column in line.table.columns:
            if column.path == PARENT:
                continue
            inner = loc
            for step in column.path:
                inner = (*inner, step)
                if column in line.places:
                    self._note(inner, line.places[column], False)
            self.headings[inner] = column.heading
            if column in line.broken or (column.required and column not in line.places):
                self.broken.add(inner)
            if column in line.values:
                _put(entry, column.path, line.values[column])
        for path in line.opened:
            _put(entry, path, {})
        for given, empty in ((_LISTS_TO_GIVE, list), (_OBJECTS_TO_GIVE, dict)):
            for name in given:
                at, _, field = name.partition("[].")
                if field and line.table.path == (at,):
                    entry.setdefault(field, empty())
        return entry

    def _note(self, loc: Loc, where: str, is_broken: bool) -> None:
        self.cells.setdefault(loc, where)
        if is_broken:
            self.broken.add(loc)

    # -- judging ----------------------------------------------------------------------------------

    def finish(self, order: Sequence[str], with_notices: bool) -> tuple[Scenario, list[Notice]]:
        """The scenario and its notices, each at its cell; ScenarioError with every fault."""
        if self.baseline:
            self.tree["baseline"] = self.baseline
        where = _Places(self.cells, self.headings, self.broken)
        faults: list[Fault] = list(self.found.faults)
        try:
            scenario, gone = read_scenario(self.tree)
        except ScenarioError as error:
            faults += [where.at_cell(fault) for fault in error.faults if where.is_new(fault)]
            if not faults:
                raise
            raise ScenarioError(_in_order(faults, order)) from None
        if faults:
            raise ScenarioError(_in_order(faults, order))
        said = [*gone, *(notices(Clinic(scenario)) if with_notices else ())]
        at_cells = [replace(notice, place=where.cell(notice.place)[0]) for notice in said]
        return scenario, [*self.found.notices, *at_cells]


class _Places:
    """Places of a scenario's file as cells of the sheets."""

    def __init__(
        self, cells: Mapping[Loc, str], headings: Mapping[Loc, str], broken: Iterable[Loc]
    ) -> None:
        self.cells = {place(loc): where for loc, where in cells.items() if loc}
        self.headings = {place(loc): heading for loc, heading in headings.items()}
        self.broken = {place(loc) for loc in broken}
        self.above_broken = {above for name in self.broken for above in _above(name)}

    def cell(self, name: str) -> tuple[str, str]:
        """The nearest cell that has the place, and what of the place lies inside it."""
        for above in (name, *_above(name)):
            if above in self.cells:
                return self.cells[above], name[len(above) :].lstrip(".")
        return name, ""

    def is_new(self, fault: Fault) -> bool:
        """Whether a fault is no mere consequence of a cell that could not be read."""
        if fault.place in self.broken:
            return False
        # An entry is judged as a whole (a lock of two kinds) only if all of it could be read.
        if fault.place in self.above_broken and fault.place.endswith("]"):
            return False
        return not any(above in self.broken for above in _above(fault.place))

    def at_cell(self, fault: Fault) -> TableFault:
        """A fault of the scenario's file as one of its cell."""
        limits = f"{fault.place}.min"
        both = fault.message.startswith("found min ") and limits in self.cells
        where, inside = self.cell(limits if both else fault.place)
        message = _MENTION.sub(lambda found: f"as in {self.cell(found[1])[0]}", fault.message)
        if message.startswith("missing"):
            what = self.headings.get(fault.place) or inside.replace("_", " ")
            message = f"{what} is {message}" if what else message
        kinds = (kind for begins, kind in _KINDS.items() if fault.message.startswith(begins))
        logged = next(kinds, "a value that does not fit")
        return TableFault(where, message, logged, place_for_log(where))


def _above(name: str) -> Iterable[str]:
    """Shorter and shorter beginnings of a place: those of the objects and lists around it."""
    while name:
        name = name[: max(name.rfind("."), name.rfind("["), 0)]
        if name:
            yield name


def _in_order(faults: Iterable[Fault], titles: Sequence[str]) -> list[Fault]:
    """Sheet after sheet, from top to bottom; each fault once."""

    def order(fault: Fault) -> tuple[int, int, int]:
        found = _CELL.fullmatch(fault.place)
        sheet = found["sheet"].strip("'") if found else ""
        at = titles.index(sheet) if sheet in titles else len(titles)
        if found is None or not found["row"]:
            return at, 0, 0
        return at, int(found["row"]), column_index_from_string(found["column"])

    return sorted(dict.fromkeys(faults), key=order)


def _put(entry: Tree, path: Path, value: object) -> None:
    for step in path[:-1]:
        inner = entry.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        entry = inner
    if path[-1] in entry and value == {}:
        return
    entry[path[-1]] = value
