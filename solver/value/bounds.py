"""What an addition could give at most, proved; and how much care it can hold by itself.

Nothing that a clinic adds gives a patient more than their own hours and limits allow. What those
leave missing at least is found patient by patient, with every therapist, room and seat there could be
and with all hours that are to be tried, and counts as found only when a second solve agrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic

from ..changes import ChangeFaults, apply
from ..clinic import Clinic
from ..explain.needs import OwnHours
from ..explain.wording.names import Names
from ..ledger import Ledger
from ..report import Care
from ..scenario import Group, Scenario
from ..search.cpsat import Signal
from .additions import Addition
from .short import Short


@dataclass(frozen=True, slots=True)
class Possible:
    """How much a week could gain at most whatever is added to the clinic.

    Attributes:
        served: patients in treatment who are short, and whom their own hours would let be served.
        minutes: care that is missing, and that their own hours would let them have.
        admitted: people who wait without a place.
        complete: whether everybody was looked at; who was not counts as if all were possible.
    """

    served: int
    minutes: int
    admitted: int
    complete: bool


def possible(
    scenario: Scenario,
    short: Short,
    tried: Iterable[Addition],
    deadline: float,
    stop: Signal | None = None,
) -> Possible:
    """What patients' own hours and limits leave possible, with every opening hour that is tried."""
    own = OwnHours(_open_longest(scenario, tried), stop)
    names = Names(short.clinic, Ledger(short.clinic, short.schedule))
    served = minutes = admitted = 0
    complete = True
    for c in short.care:
        if c.waiting:
            admitted += not c.admitted
            continue
        missing = c.minutes.missing
        if monotonic() > deadline or (stop is not None and stop.is_set()):
            complete = False
            served, minutes = served + 1, minutes + missing
            continue
        least = _least(own, names, c, deadline)
        served += not any(least.values())
        minutes += missing - least.get("minutes", 0)
    return Possible(served, minutes, admitted, complete)


def _least(own: OwnHours, names: Names, care: Care, deadline: float) -> dict[str, int]:
    """What own hours leave missing at least, by kind of need and service."""
    needs = own.needs(names, care, deadline)
    return {need.kind if need.service is None else need.service: need.least or 0 for need in needs}


def _open_longest(scenario: Scenario, tried: Iterable[Addition]) -> Scenario:
    """The scenario with all hours more in which the clinic is to be open."""
    for addition in tried:
        if addition.kind == "opening":
            try:
                scenario = apply(scenario, [addition.change])
            except ChangeFaults:
                continue
    return scenario


# -- what it holds --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    """The most care that sessions in or with an addition can be: patients, and minutes of theirs."""

    patients: int
    minutes: int


def held(clinic: Clinic, addition: Addition) -> Held:
    """How much care an addition can hold by itself, however the week is arranged.

    A therapist leads all meetings of a section or none, so one who is there on one day leads only
    groups that meet on that day alone. A room may hold one meeting of a section that meets on other
    days elsewhere: the section counts with all its meetings.
    """
    groups = clinic.scenario.groups
    match addition.kind:
        case "seat" | "section":
            group = clinic.groups[addition.group or ""]
            patients = group.max_sections if addition.kind == "seat" else group.size.max
            return Held(patients, patients * _most_meetings(clinic, group) * group.clinical)
        case "therapist":
            day = addition.span.day if addition.span else 0
            led = [g for g in groups if (day,) in clinic.day_sets[g.id]]
            credential = addition.credential
            led = [g for g in led if any(_fits(x.credentials, credential) for x in g.leaders)]
            seen = [
                s
                for s in clinic.scenario.services
                if s.format != "group" and _fits(s.credentials, credential)
            ]
            kinds = [_Session(g.minutes, g.clinical, g.size.max) for g in led]
            kinds += [_Session(s.minutes, s.clinical, 1) for s in seen]
            return _packed(clinic, kinds, addition.paid_minutes)
    span = addition.span
    minutes = span.minutes if span else 0
    roomed = [g for g in groups if g.needs_room or addition.kind == "opening"]
    kinds = [
        _Session(g.minutes, g.clinical * _most_meetings(clinic, g), g.size.max) for g in roomed
    ]
    kinds += [
        _Session(s.minutes, s.clinical, 1) for s in clinic.scenario.services if s.format != "group"
    ]
    if addition.kind == "room":
        return _packed(clinic, kinds, minutes)
    # A session may begin before the hour or end after it, and one is held beside the other.
    beside = len(clinic.therapists) + sum(g.max_sections for g in groups if not g.leaders)
    longest = max((k.minutes for k in kinds), default=0)
    one = _packed(clinic, kinds, minutes + 2 * clinic.grid.held(longest))
    return Held(one.patients * beside, one.minutes * beside)


@dataclass(frozen=True, slots=True)
class _Session:
    """A kind of session: how long it is, what it gives each patient, how many may come."""

    minutes: int
    clinical: int
    patients: int


def _packed(clinic: Clinic, kinds: Sequence[_Session], minutes: int) -> Held:
    """The most that sessions one after the other can hold in so many minutes."""
    cells = minutes // clinic.grid.minutes
    patients, care = [0] * (cells + 1), [0] * (cells + 1)
    for at in range(1, cells + 1):
        patients[at], care[at] = patients[at - 1], care[at - 1]
        for kind in kinds:
            length = max(1, clinic.grid.length(kind.minutes))
            if length <= at:
                patients[at] = max(patients[at], patients[at - length] + kind.patients)
                more = kind.patients * kind.clinical
                care[at] = max(care[at], care[at - length] + more)
    return Held(patients[cells], care[cells])


def _fits(asked: Sequence[str], credential: str | None) -> bool:
    return not asked or credential in asked


def _most_meetings(clinic: Clinic, group: Group) -> int:
    return max((len(days) for days in clinic.day_sets[group.id]), default=0)
