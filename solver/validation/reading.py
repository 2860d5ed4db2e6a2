"""Reading: parsed JSON becomes a Scenario or a Schedule, or one error that lists every fault.

Two looks at the same data. The models judge form: types, ranges, unknown fields. ``references.py``
and ``limits.py`` judge what one entry says about another, and they look at the data, not at the
models: an entry with a misspelt field still has its references checked, still lends its id to those
who refer to it, and all faults come out together. Nothing is guessed and nothing is half-loaded.

``schema_version`` is settled first. A file of an older form is brought up to date step by step by
``MIGRATIONS`` (or ``SCHEDULE_MIGRATIONS``); one of a newer form is refused with that as its only
fault, because nothing else that could be said about it would be true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import ValidationError

from ..errors import Fault, FileFaults, ScenarioError, ScheduleError
from ..fields import Entry
from ..scenario import SCHEMA_VERSION, Scenario
from ..schedule import Schedule
from .limits import limit_findings
from .references import gone_findings, missing_findings, scenario_findings, schedule_findings
from .wording import Finding, Loc, form_findings, found, place

Tree = dict[str, object]
Migration = Callable[[Tree], Tree]
M = TypeVar("M", bound=Entry)

MIGRATIONS: dict[int, Migration] = {}
"""For each older scenario form, what turns it into the next one; the version is counted up here."""
SCHEDULE_MIGRATIONS: dict[int, Migration] = {}
"""The same for schedules, a scenario's baseline among them."""

MAX_DEPTH = 50
"""Objects and lists inside each other; the form itself needs fewer than ten."""
MAX_VALUES = 500_000
"""Values in one file; a week of 240 patients has some 50,000."""
_LARGEST_NUMBER = 10**100


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth knowing about a scenario that is no fault.

    Attributes:
        place: where it stands, e.g. ``groups[2]``; empty for the scenario as a whole.
        message: what was noticed and what it means for the week.
    """

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def read_scenario(data: object) -> tuple[Scenario, list[Notice]]:
    """The scenario in parsed JSON, and what its baseline names that is gone.

    Raises:
        ScenarioError: with every fault, in the order of the form's lists.
    """
    tree, findings = _current_form(data, "scenario", MIGRATIONS, ScenarioError)
    base = tree.get("baseline")
    if isinstance(base, dict):
        at: Loc = ("baseline",)
        tree["baseline"], more = _current_form(
            base, "schedule", SCHEDULE_MIGRATIONS, ScenarioError, at
        )
        findings += more
    findings += missing_findings(tree)
    tree = _object_without_nulls(tree)
    scenario, form = _form(tree, Scenario)
    findings += [*scenario_findings(tree), *limit_findings(tree)]
    if scenario is None or findings:
        raise ScenarioError(_faults(form, findings, Scenario))
    return scenario, [Notice(place(loc), message) for loc, message in gone_findings(tree)]


def read_schedule(data: object, scenario: Scenario) -> Schedule:
    """The schedule in parsed JSON, every id of it found in ``scenario``.

    Only form and references are judged. Whether the schedule is legal is the checker's business.

    Raises:
        ScheduleError: with every fault, in the order of the form's lists.
    """
    tree, findings = _current_form(data, "schedule", SCHEDULE_MIGRATIONS, ScheduleError)
    tree = _object_without_nulls(tree)
    schedule, form = _form(tree, Schedule)
    findings += schedule_findings(tree, scenario)
    if schedule is None or findings:
        raise ScheduleError(_faults(form, findings, Schedule))
    return schedule


def _form(tree: Tree, model: type[M]) -> tuple[M | None, list[Finding]]:
    try:
        return model.model_validate(tree), []
    except ValidationError as error:
        return None, form_findings(error, model)


def _faults(form: list[Finding], findings: list[Finding], model: type[Entry]) -> list[Fault]:
    """All of them, list after list in the order of the file's form.

    Where a value has the wrong form, what else could be said about it is left out.
    """
    fields = {name: number for number, name in enumerate(model.model_fields)}

    def order(finding: Finding) -> list[tuple[int, int, str]]:
        top = [(0, fields.get(str(step), len(fields)), "") for step in finding[0][:1]]
        rest = finding[0][1:]
        return top + [(0, step, "") if isinstance(step, int) else (1, 0, step) for step in rest]

    malformed = {loc for loc, _ in form}
    everything = form + [finding for finding in findings if finding[0] not in malformed]
    return [Fault(place(loc), text) for loc, text in sorted(dict.fromkeys(everything), key=order)]


def _current_form(
    data: object,
    what: str,
    migrations: Mapping[int, Migration],
    error: type[FileFaults],
    at: Loc = (),
) -> tuple[Tree, list[Finding]]:
    """A copy of ``data`` in the form of today, and what is wrong with its version.

    Raises:
        FileFaults: (as ``error``) data of which nothing more can be said: no object, of a newer or
            an unknown form, nested too deep, or too much of it.
    """
    if not isinstance(data, dict):
        raise error([Fault(place(at), f"found {found(data)}; a {what} is an object {{ … }}")])
    if fault := _beyond_measure(data):
        raise error([fault])
    tree: Tree = dict(data)
    version = tree.get("schema_version")
    here: Loc = (*at, "schema_version")
    findings: list[Finding] = []
    if version is None:
        # A schedule may leave it out, a baseline most of all; a scenario says which form it is in.
        if what == "scenario":
            findings.append((here, f"missing; it must be given, today's is {SCHEMA_VERSION}"))
        version = SCHEMA_VERSION
    elif type(version) is not int:
        findings.append((here, f"found {found(version)}; a whole number is expected"))
        version = SCHEMA_VERSION
    if version > SCHEMA_VERSION:
        raise error(
            [
                Fault(
                    place(here),
                    f"found {found(version)}; this program reads versions up to {SCHEMA_VERSION}: "
                    f"use a newer program, or save the {what} in version {SCHEMA_VERSION}",
                )
            ]
        )
    while version < SCHEMA_VERSION:
        if version not in migrations:
            known = sorted({*migrations, SCHEMA_VERSION})
            allowed = f"allowed: {', '.join(map(str, known))}"
            raise error([Fault(place(here), f"found {found(version)}; {allowed}")])
        tree = migrations[version](tree)
        version += 1
    tree["schema_version"] = SCHEMA_VERSION
    return tree, findings


def _beyond_measure(data: object) -> Fault | None:
    """What makes data unfit to be looked at in detail, if anything does."""
    seen = 0
    level = [data]
    for _ in range(MAX_DEPTH):
        below: list[object] = []
        for node in level:
            if isinstance(node, dict):
                below.extend(node.values())
            elif isinstance(node, (list, tuple)):
                below.extend(node)
            elif isinstance(node, int) and abs(node) > _LARGEST_NUMBER:
                return Fault("", "found a number of more than 100 digits; at most 20 are of use")
        seen += len(below)
        if seen > MAX_VALUES:
            return Fault("", f"found over {MAX_VALUES} values; a week needs far fewer")
        if not below:
            return None
        level = below
    return Fault("", f"found lists and objects nested deeper than {MAX_DEPTH}; the form needs ten")


def _object_without_nulls(tree: Tree) -> Tree:
    """The same object with every key left out, at any depth, whose value is null."""
    return {key: _without_nulls(value) for key, value in tree.items() if value is not None}


def _without_nulls(value: object) -> object:
    if isinstance(value, dict):
        return _object_without_nulls(value)
    if isinstance(value, (list, tuple)):
        return [_without_nulls(entry) for entry in value]
    return value
