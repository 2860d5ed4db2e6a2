"""Making changes to a scenario: all of them or none, through the same validation as a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from ..errors import Fault, ScenarioError
from ..scenario import Scenario
from ..validation import Notice, read_scenario
from ..validation.wording import form_findings, found, nearest, place, quoted
from .base import Step
from .draft import CannotChange, ChangeFaults, Draft
from .kinds import KINDS, Change
from .locks import drop_gone, drop_impossible
from .sentences import parse_change


@dataclass(frozen=True, slots=True)
class Applied:
    """A changed scenario, and what the changes brought with them."""

    scenario: Scenario
    notices: tuple[Notice, ...]


def apply(scenario: Scenario, changes: Sequence[Step]) -> Scenario:
    """The scenario with the changes made, one after the other; see ``applied``."""
    return applied(scenario, changes).scenario


def applied(scenario: Scenario, changes: Sequence[Step]) -> Applied:
    """The scenario with the changes made one after the other, and notices of side effects.

    What the baseline names and a change removed counts as gone, as in a file. A lock on something
    that a change removed, or made impossible, is let go with a notice.

    Raises:
        ChangeFaults: a change makes no sense for this scenario, or what it makes is no scenario.
            All faults of the first change that fails; nothing is half-made.
    """
    draft = Draft(scenario)
    notices: list[Notice] = []
    for number, change in enumerate(changes, 1):
        try:
            change.edit(draft)
        except CannotChange as error:
            raise ChangeFaults([_fault(scenario, number, change, str(error))]) from None
        notices += [Notice(f"change {number}", text) for text in draft.notices]
        draft.notices = []
    if not changes:
        return Applied(scenario, ())
    lost = drop_gone(draft.tree)
    try:
        made, _ = read_scenario(draft.tree)
    except ScenarioError as error:
        raise _first_to_fail(scenario, changes, error) from None
    made, more = drop_impossible(scenario, made)
    notices += [Notice("locks", text) for text in [*lost, *more]]
    return Applied(made, tuple(notices))


def _fault(scenario: Scenario, number: int, change: Step, finding: str) -> Fault:
    said = change.sentence(scenario).removesuffix(".")
    return Fault(f"change {number} ({said})", finding)


def _first_to_fail(
    scenario: Scenario, changes: Sequence[Step], error: ScenarioError
) -> ChangeFaults:
    """The faults of the shortest beginning of the changes that makes no scenario."""
    for number in range(1, len(changes) + 1):
        draft = Draft(scenario)
        for change in changes[:number]:
            change.edit(draft)
        drop_gone(draft.tree)
        try:
            read_scenario(draft.tree)
        except ScenarioError as found_here:
            last = changes[number - 1]
            return ChangeFaults(
                [_fault(scenario, number, last, str(fault)) for fault in found_here.faults]
            )
    return ChangeFaults(error.faults)


# -- reading --------------------------------------------------------------------------------------


def read_change(data: object, at: str = "") -> Change:
    """A change in a file: a sentence, or an object with its ``kind``.

    Args:
        at: where it stands, for messages.

    Raises:
        ChangeFaults: with every fault.
    """
    if isinstance(data, str):
        return parse_change(data, at)
    kind = data.get("kind") if isinstance(data, dict) else None
    if not isinstance(data, dict) or kind not in KINDS:
        raise ChangeFaults([Fault(at, _no_kind(data, kind))])
    try:
        return KINDS[kind].model_validate(data)
    except ValidationError as error:
        faults = []
        for loc, text in form_findings(error, KINDS[kind]):
            faults.append(Fault(f"{at}{'.' if at and loc else ''}{place(loc)}", text))
        raise ChangeFaults(faults) from None


def _no_kind(data: object, kind: object) -> str:
    if not isinstance(data, dict):
        return f"found {found(data)}; a sentence or an object with its kind is expected"
    guess = nearest(kind, KINDS) if isinstance(kind, str) else None
    hint = f"did you mean {quoted(guess)}? " if guess else ""
    return f"kind: found {found(kind)}; {hint}allowed: {', '.join(map(quoted, KINDS))}"


def read_changes(data: object, at: str = "changes") -> tuple[Change, ...]:
    """A list of changes in a file; one alone may stand without the list.

    Raises:
        ChangeFaults: with every fault of every change.
    """
    entries = data if isinstance(data, list) else [data]
    out: list[Change] = []
    faults: list[Fault] = []
    for number, entry in enumerate(entries):
        try:
            out.append(read_change(entry, f"{at}[{number}]"))
        except ChangeFaults as error:
            faults += error.faults
    if faults:
        raise ChangeFaults(faults)
    return tuple(out)
