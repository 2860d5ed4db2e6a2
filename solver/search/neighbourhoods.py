"""What to free next: parts of a week that belong together in a clinic.

A neighbourhood names patients whose week is free, sections to decide anew, appointments to move and
groups that may open sections; ``loosen`` takes them out of a schedule and says what may come back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from ..clinic import Clinic
from ..ledger import Ledger
from ..options import Free
from ..pins import stays
from ..timegrid import DAY_NUMBER


@dataclass(slots=True)
class Neighbourhood:
    """What is freed of a schedule."""

    patients: set[str] = field(default_factory=set)
    sections: set[str] = field(default_factory=set)
    appointments: set[str] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)


def loosen(ledger: Ledger, what: Neighbourhood, kept: frozenset[str]) -> tuple[Ledger, Free]:
    """The ledger without what is freed, and what may be added to it."""
    clinic = ledger.clinic
    around = ledger.copy()
    seats: set[tuple[str, str]] = set()
    visits: set[tuple[str, str]] = set()
    groups = set(what.groups)
    for s in sorted(what.sections - kept):
        running = around.sections[s]
        seats |= {(p, running.group) for p in running.members}
        groups.add(running.group)
        around.close(s)
    for p in what.patients:
        for running in around.sections_of(p):
            if not stays(clinic, p, running.id):
                around.leave(running.id, p)
        for sitting in list(around.sittings[p]):
            if sitting.group is None and sitting.ref not in kept:
                around.cancel(sitting.ref)
    for a in what.appointments - kept:
        if a in around.appointments:
            entry = around.cancel(a)
            visits.add((entry.patient, entry.service))
    for running in list(around.sections.values()):
        if not running.members and running.id not in kept:
            groups.add(running.group)
            around.close(running.id)
    return around, Free.of(clinic, what.patients, groups, seats, visits)


Chooser = Callable[["View", Random, float], Neighbourhood]


class View:
    """A schedule as the choosers see it: who contributes to the tier at hand, and how much."""

    def __init__(self, ledger: Ledger, shares: dict[str, int]) -> None:
        self.ledger = ledger
        self.clinic: Clinic = ledger.clinic
        self.shares = shares

    def weighted(self, random: Random, count: int) -> list[str]:
        """Patients drawn by their share, each at most once; everybody has some chance."""
        keyed = [
            (random.random() ** (1.0 / (self.shares.get(p, 0) + 0.1 + self._mean())), p)
            for p in self.clinic.patients
        ]
        return [p for _, p in sorted(keyed, reverse=True)[:count]]

    def _mean(self) -> float:
        return 0.3 * sum(self.shares.values()) / max(1, len(self.clinic.patients))

    def wanted_groups(self, patient: str) -> list[str]:
        """Groups that a patient's quotas name."""
        quotas = self.clinic.needs[patient].quotas
        return [g for g, entry in self.clinic.groups.items() if entry.service in quotas]

    def members(self, group: str) -> list[str]:
        return [p for s in self.ledger.by_group[group] for p in self.ledger.sections[s].members]


def some_patients(view: View, random: Random, size: float) -> Neighbourhood:
    """A few patients, those who lack most first, and the groups one of them could use."""
    patients = view.weighted(random, max(2, round(5 * size)))
    wanted = view.wanted_groups(patients[0])
    random.shuffle(wanted)
    return Neighbourhood(patients=set(patients), groups=set(wanted[: max(1, round(size))]))


def companions(view: View, random: Random, size: float) -> Neighbourhood:
    """A patient and those who sit in the same sections."""
    first = view.weighted(random, 1)[0]
    patients = {first}
    sections = view.ledger.sections_of(first)
    random.shuffle(sections)
    for section in sections:
        others = list(section.members)
        random.shuffle(others)
        patients |= set(others[: max(1, round(2 * size))])
    return Neighbourhood(patients=set(sorted(patients)[: max(3, round(6 * size))]) | {first})


def a_group(view: View, random: Random, size: float) -> Neighbourhood:
    """All sections of one group, and a few patients who might come in."""
    first = view.weighted(random, 1)[0]
    wanted = view.wanted_groups(first) or list(view.clinic.groups)
    if not wanted:
        return some_patients(view, random, size)
    group = random.choice(wanted)
    sections = list(view.ledger.by_group[group])
    random.shuffle(sections)
    extra = view.weighted(random, max(1, round(2 * size)))
    chosen = set(sections[: max(1, round(2 * size))])
    return Neighbourhood(patients={first, *extra}, sections=chosen, groups={group})


def two_sections(view: View, random: Random, size: float) -> Neighbourhood:
    """Sections that share members or leaders, decided anew."""
    if not view.ledger.sections:
        return some_patients(view, random, size)
    first = random.choice(list(view.ledger.sections.values()))
    near = [
        s.id
        for s in view.ledger.sections.values()
        if s.id != first.id
        and (set(s.members) & set(first.members) or set(s.leaders) & set(first.leaders))
    ]
    random.shuffle(near)
    chosen = {first.id, *near[: max(1, round(size))]}
    extra = view.weighted(random, max(1, round(size)))
    return Neighbourhood(patients=set(extra), sections=chosen)


def a_therapist(view: View, random: Random, size: float) -> Neighbourhood:
    """A therapist's appointments, and some of another's to trade with."""
    therapists = list(view.clinic.therapists)
    if not therapists:
        return some_patients(view, random, size)
    chosen = random.sample(therapists, min(2, len(therapists)))
    refs = [d.ref for t in chosen for d in view.ledger.duties[t] if d.group is None]
    random.shuffle(refs)
    led = [d.ref for d in view.ledger.duties[chosen[0]] if d.group is not None]
    sections = {random.choice(led)} if led and random.random() < 0.5 else set()
    return Neighbourhood(appointments=set(refs[: max(4, round(10 * size))]), sections=sections)


def a_day(view: View, random: Random, size: float) -> Neighbourhood:
    """Appointments of one day, and a few patients."""
    day = random.choice(view.clinic.open_days or (0,))
    refs = [a.id for a in view.ledger.appointments.values() if DAY_NUMBER[a.day] == day]
    random.shuffle(refs)
    return Neighbourhood(
        patients=set(view.weighted(random, 2)), appointments=set(refs[: max(4, round(10 * size))])
    )


def a_program(view: View, random: Random, size: float) -> Neighbourhood:
    """Patients of one program, the sections they fill, and the groups they could use."""
    first = view.weighted(random, 1)[0]
    program = view.clinic.patients[first].program
    alike = [
        p
        for p in view.weighted(random, len(view.clinic.patients))
        if view.clinic.patients[p].program == program
    ]
    patients = {first, *alike[: max(3, round(5 * size))]}
    filled = [
        s.id
        for s in view.ledger.sections.values()
        if s.members and 2 * len(patients & set(s.members)) >= len(s.members)
    ]
    wanted = sorted({g for p in patients for g in view.wanted_groups(p)})
    random.shuffle(wanted)
    return Neighbourhood(
        patients=patients, sections=set(filled), groups=set(wanted[: max(3, round(3 * size))])
    )


CHOOSERS: tuple[Chooser, ...] = (
    a_program,
    some_patients,
    companions,
    a_group,
    two_sections,
    a_therapist,
    a_day,
)
