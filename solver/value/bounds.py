"""What an addition could give at most, proved.

Three limits. Nothing that a clinic adds gives a patient more than their own hours and limits allow:
found patient by patient, with every therapist, room and seat there could be and with all hours that
are to be tried, and counted only when a second solve agrees. The solve of the week with the addition
has a bound. And whoever takes a week with the addition and strikes out every session in or with it
has a week without, so that the best week without has at most the care more missing that those sessions
can hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from ..changes import ChangeFaults, apply
from ..clinic import Clinic
from ..explain.needs import OwnHours
from ..explain.wording.names import Names
from ..goals.unmet_care import MINUTES_A_SESSION
from ..report import Care
from ..scenario import Group, Patient, Quota, Range, Scenario, Service
from ..search.cpsat import Signal
from .additions import Addition
from .short import Short

Limits = dict[str, dict[str, int]]
"""Patient -> kind of need, or service -> how much of it their own hours leave missing at least."""


@dataclass(frozen=True, slots=True)
class Possible:
    """How much a week could gain at most whatever is added to the clinic.

    Attributes:
        served: patients in treatment who are short, and whom their own hours would let be served.
        minutes: care that is missing, and that their own hours would let them have.
        admitted: people who wait without a place, and whom their own hours would let have one.
        complete: whether everybody was looked at; who was not counts as if all were possible.
        beyond_help: patients to whom their own hours allow no more care than they have.
    """

    served: int
    minutes: int
    admitted: int
    complete: bool
    beyond_help: frozenset[str] = frozenset()


def own_limits(
    scenario: Scenario,
    short: Short,
    tried: Iterable[Addition],
    deadline: float,
    stop: Signal | None = None,
) -> Limits:
    """What patients' own hours and limits leave missing, with every opening hour that is tried.

    Only of those who are short in a week, and of them those for whom there was time.
    """
    own = OwnHours(_open_longest(scenario, tried), stop)
    names = Names(short.clinic, short.ledger)
    out: Limits = {}
    for c in short.care:
        if monotonic() > deadline or (stop is not None and stop.is_set()):
            break
        out[c.patient.id] = _least(own, names, replace(c, waiting=False), deadline)
    return out


def possible(short: Iterable[Care], limits: Limits) -> Possible:
    """What those who are short, or wait without a place, could gain at most."""
    served = minutes = admitted = 0
    beyond_help, complete = set(), True
    for c in short:
        least = limits.get(c.patient.id, {})
        complete &= c.patient.id in limits
        all_that_is_due = not any(least.values())
        if c.waiting and not c.admitted:
            admitted += all_that_is_due
            helped = all_that_is_due
        else:
            gained = max(0, c.minutes.missing - least.get("minutes", 0))
            sessions = any(part.missing > least.get(s, 0) for s, part in c.sessions.items())
            helped = all_that_is_due or gained > 0 or sessions
            if not c.waiting:
                served, minutes = served + all_that_is_due, minutes + gained
        if not helped:
            beyond_help.add(c.patient.id)
    return Possible(served, minutes, admitted, complete, frozenset(beyond_help))


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


def without_duties(clinic: Clinic) -> Scenario:
    """The week with nothing that forbids to strike out sessions: its bound serves ``holds``.

    Who waits for a place is there and owed nothing; days in between, strict goals and seats that are
    kept bind nobody. Every legal week of the scenario, less any sessions, is a legal week of this one
    with as much care missing for those in treatment.
    """
    scenario = clinic.scenario
    patients = tuple(_owed_nothing(clinic, p) for p in scenario.patients)
    programs = tuple(p.model_copy(update={"max_gap_days": None}) for p in scenario.programs)
    return scenario.model_copy(
        update={
            "patients": patients,
            "programs": programs,
            "policy": scenario.policy.model_copy(update={"strict": ()}),
            "locks": tuple(lock for lock in scenario.locks if lock.patient is None),
        }
    )


def _owed_nothing(clinic: Clinic, patient: Patient) -> Patient:
    if patient.status == "active":
        return patient
    needs = clinic.needs[patient.id]
    return patient.model_copy(
        update={
            "status": "active",
            "minutes_per_week": Range(min=0, max=needs.minutes_max),
            "days_per_week": Range(min=0, max=needs.days_max),
            "quotas": tuple(
                Quota(service=s, min=0, max=most) for s, (_, most) in needs.quotas.items()
            ),
        }
    )


def holds(clinic: Clinic, addition: Addition) -> int:
    """The most unmet care that sessions in or with an addition can make up, however the week is arranged.

    A therapist leads all meetings of a section or none, so one who is there on one day leads only
    groups that meet on that day alone. A room may hold one meeting of a section that meets on other
    days elsewhere: the section counts with all its meetings.
    """
    worth, span = Worth(clinic), addition.span
    if span is None:
        group = clinic.groups[addition.group or ""]
        more = group.max_sections if addition.kind == "seat" else group.size.max
        return worth.section(group, more)
    groups = clinic.scenario.groups
    visits = [s for s in clinic.scenario.services if s.format != "group"]
    if addition.kind == "therapist":
        led = [g for g in groups if (span.day,) in clinic.day_sets[g.id]]
        led = [g for g in led if any(_fits(x.credentials, addition.credential) for x in g.leaders)]
        seen = [s for s in visits if _fits(s.credentials, addition.credential)]
        kinds = [(g.minutes, worth.section(g, g.size.max)) for g in led]
        kinds += [(s.minutes, worth.visit(s)) for s in seen]
        return _packed(clinic, kinds, span.minutes)
    held = [g for g in groups if g.needs_room or addition.kind == "opening"]
    kinds = [(g.minutes, worth.section(g, g.size.max)) for g in held]
    kinds += [(s.minutes, worth.visit(s)) for s in visits]
    if addition.kind == "room":
        return _packed(clinic, kinds, span.minutes)
    # A session may begin before the hour or end after it, and one is held beside the other.
    beside = len(clinic.therapists) + sum(g.max_sections for g in groups if not g.leaders)
    longest = max((minutes for minutes, _ in kinds), default=0)
    return beside * _packed(clinic, kinds, span.minutes + 2 * clinic.grid.held(longest))


class Worth:
    """What sessions can make up of unmet care at most: the patients of the highest priority come first."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic

    def section(self, group: Group, members: int) -> int:
        """With so many members at every meeting."""
        meetings = max((len(days) for days in self.clinic.day_sets[group.id]), default=0)
        each = self._each(group.service, group.clinical)
        return meetings * sum(sorted(each, reverse=True)[:members])

    def visit(self, service: Service) -> int:
        """An individual or family session."""
        return max(self._each(service.id, service.clinical), default=0)

    def _each(self, service: str, clinical: int) -> list[int]:
        """What one session is worth to each patient in treatment whose plan has the service."""
        out = []
        for p, patient in self.clinic.patients.items():
            least, most = self.clinic.needs[p].quotas.get(service, (0, 0))
            if patient.status == "active" and most != 0:
                out.append(patient.priority * (clinical + (MINUTES_A_SESSION if least else 0)))
        return out


def _packed(clinic: Clinic, kinds: Sequence[tuple[int, int]], minutes: int) -> int:
    """The most that sessions (minutes, worth), one after the other, come to in so many minutes."""
    cells = minutes // clinic.grid.minutes
    worth = [0] * (cells + 1)
    for at in range(1, cells + 1):
        worth[at] = worth[at - 1]
        for length, more in ((max(1, clinic.grid.length(long)), more) for long, more in kinds):
            if length <= at:
                worth[at] = max(worth[at], worth[at - length] + more)
    return worth[cells]


def _fits(asked: Sequence[str], credential: str | None) -> bool:
    return not asked or credential in asked
