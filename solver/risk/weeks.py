"""Simulated weeks: who comes, who is away, what is held, and what each patient gets of it.

Each number is an array with one entry a week, so a thousand weeks are decided at once. Luck is drawn
person by person, from the seed and the person's id alone: the same person has the same luck in every
schedule and every variant (common random numbers), so that small differences show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from ..clinic import Clinic
from ..ledger import Ledger, Sitting
from ..timegrid import DAY_NUMBER
from .rates import Rates
from .substitutes import stand_ins

Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int32]
MOST_WEEKS = 20_000
"""Weeks at most: half a percentage point of doubt is left after 10,000."""


class Luck:
    """Who comes and who is there, day by day: arrays of 7 × weeks."""

    def __init__(self, clinic: Clinic, weeks: int, seed: int, rates: Rates) -> None:
        self.weeks = weeks
        self.comes: dict[str, Flags] = {
            p: _draw("patient", p, seed, weeks) < rates.shows(clinic, p) for p in clinic.patients
        }
        self.there: dict[str, Flags] = {
            t: _draw("therapist", t, seed, weeks) >= rates.away(clinic, t)
            for t in clinic.therapists
        }


def _draw(kind: str, who: str, seed: int, weeks: int) -> npt.NDArray[np.float64]:
    """Numbers from 0 to 1 for each day of each week of one person."""
    own = int.from_bytes(sha256(f"{kind} {who}".encode()).digest()[:8], "big")
    return np.random.default_rng([seed, own]).random((weeks, 7)).T.copy()


@dataclass(frozen=True, slots=True)
class Event:
    """A meeting of a section or an appointment.

    Attributes:
        ref: the section's or the appointment's id; group is None for an appointment.
        due: members expected that day (in their stay, not excused), or the one patient.
    """

    ref: str
    group: str | None
    service: str
    day: int
    start: int
    cells: int
    clinical: int
    leaders: tuple[str, ...]
    due: tuple[str, ...]


def events_of(ledger: Ledger) -> list[Event]:
    """Everything that is to be held, by day and start."""
    clinic = ledger.clinic
    due: dict[tuple[str, int], list[str]] = defaultdict(list)
    for p, sittings in ledger.sittings.items():
        for s in sittings:
            due[s.ref, s.day].append(p)
    out = []
    for section in ledger.sections.values():
        group = clinic.groups[section.group]
        for m in section.held():
            day = DAY_NUMBER[m.day]
            cells = clinic.meeting_cells(group, day, m.start)
            out.append(
                Event(
                    section.id, group.id, group.service, day, m.start, cells, group.clinical,
                    section.leaders_at(m), tuple(due[section.id, day]),
                )
            )  # fmt: skip
    for a in ledger.appointments.values():
        service, day = clinic.services[a.service], DAY_NUMBER[a.day]
        cells = clinic.occupied(day, a.start, service.minutes)
        out.append(
            Event(
                a.id, None, service.id, day, a.start, cells, service.clinical,
                (a.therapist,), (a.patient,),
            )
        )  # fmt: skip
    return sorted(out, key=lambda e: (e.day, e.start, e.ref))


class Course:
    """One patient's simulated weeks: for each day an array with one entry a week.

    Arrays are never changed but replaced, so copies share what is the same.

    Attributes:
        minutes: clinical minutes had; total: their sum over the days.
        sessions: sessions of more than 0 clinical minutes; by_service: all sessions of a service.
        planned_minutes, planned_sessions, planned_by_service: one number a day, if all goes well.
    """

    __slots__ = (
        "_before",
        "by_service",
        "comes",
        "minutes",
        "planned_by_service",
        "planned_minutes",
        "planned_sessions",
        "sessions",
        "total",
    )

    def __init__(self, comes: Flags, sittings: Iterable[Sitting]) -> None:
        self.comes = comes
        self.total = np.zeros(comes.shape[1], np.int32)
        self.minutes = [self.total] * 7
        self.sessions = [self.total] * 7
        self.by_service: dict[str, list[Counts]] = {}
        self.planned_minutes = [0] * 7
        self.planned_sessions = [0] * 7
        self.planned_by_service: dict[str, list[int]] = {}
        self._before: dict[int, Counts] = {}
        for s in sittings:
            self.planned_minutes[s.day] += s.clinical
            self.planned_sessions[s.day] += s.clinical > 0
            self.planned_by_service.setdefault(s.service, [0] * 7)[s.day] += 1

    def copy(self) -> Course:
        """An independent course of the same weeks."""
        twin: Course = object.__new__(Course)
        for name in Course.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.minutes, twin.sessions = list(self.minutes), list(self.sessions)
        twin.by_service = {service: list(rows) for service, rows in self.by_service.items()}
        twin._before = dict(self._before)
        return twin

    def take(self, day: int, service: str, clinical: int, had: Flags) -> None:
        """Add a session to the weeks in which it was had."""
        if clinical:
            gained = clinical * had
            self.minutes[day] = self.minutes[day] + gained
            self.total = self.total + gained
            self.sessions[day] = self.sessions[day] + had
            self._before.clear()
        rows = self.by_service.setdefault(service, [np.zeros(had.shape, np.int32)] * 7)
        rows[day] = rows[day] + had

    def before(self, day: int) -> Counts:
        """Minutes had on the days before a day."""
        if day not in self._before:
            self._before[day] = sum(self.minutes[:day], np.zeros_like(self.total))
        return self._before[day]


class Weeks:
    """What came of a schedule in every simulated week.

    Attributes:
        events: what was to be held; ``held`` says, for each, in which weeks it was.
        courses: patients who have a session or are due some care.
    """

    def __init__(self, ledger: Ledger, luck: Luck, substitutes: bool = False) -> None:
        self.ledger, self.clinic, self.luck = ledger, ledger.clinic, luck
        self.events = events_of(ledger)
        self.held: list[Flags] = [self._led(event) for event in self.events]
        if substitutes:
            self._substitute()
        self.courses: dict[str, Course] = {}
        for p in self.clinic.patients:
            if ledger.sittings[p] or not self.clinic.is_waiting(p):
                self.courses[p] = Course(luck.comes[p], ledger.sittings[p])
        for event, held in zip(self.events, self.held, strict=True):
            for p in event.due:
                course = self.courses[p]
                course.take(
                    event.day, event.service, event.clinical, held & course.comes[event.day]
                )

    def leaders_there(self, leaders: tuple[str, ...], day: int) -> Flags:
        """Weeks in which a session of a day is held: one of its leaders is there, or it needs none."""
        if not leaders:
            return np.ones(self.luck.weeks, dtype=np.bool_)
        found: Flags = np.logical_or.reduce([self.luck.there[t][day] for t in leaders])
        return found

    def _led(self, event: Event) -> Flags:
        return self.leaders_there(event.leaders, event.day)

    def _substitute(self) -> None:
        """Whoever is free takes a meeting whose leaders are all away, one at a time."""
        used: dict[str, list[tuple[int, Flags]]] = defaultdict(list)
        for number, event in enumerate(self.events):
            if event.group is None or self.held[number].all():
                continue
            for t in stand_ins(self.ledger, event.ref, event.day, event.due):
                takes = ~self.held[number] & self.luck.there[t][event.day]
                for cells, weeks in used[t]:
                    if cells & event.cells:
                        takes &= ~weeks
                used[t].append((event.cells, takes))
                self.held[number] = self.held[number] | takes

    # -- questions about one patient, one entry a week -------------------------------------------

    def reaches(self, patient: str, course: Course) -> Flags:
        """Weeks in which the least clinical minutes of the week are reached."""
        reached: Flags = course.total >= self.clinic.needs[patient].minutes_min
        return reached

    def has_all(self, patient: str, course: Course) -> Flags:
        """Weeks with everything that is due: minutes, sessions of each service, days."""
        needs = self.clinic.needs[patient]
        whole = self.reaches(patient, course)
        days = np.zeros_like(course.total)
        for row in course.sessions:
            days += row > 0
        whole &= days >= needs.days_min
        for service, (least, _) in needs.quotas.items():
            if least:
                rows = course.by_service.get(service, [])
                whole &= sum(rows, np.zeros_like(course.total)) >= least
        return whole

    def paid(self, patient: str, course: Course, day: int) -> Flags:
        """Weeks in which a day has the minutes and sessions that a payer asks of an attended day."""
        needs = self.clinic.needs[patient]
        sessions: Flags = course.sessions[day] >= max(1, needs.day_sessions_min)
        if needs.day_minutes_min:
            sessions &= course.minutes[day] >= needs.day_minutes_min
        return sessions

    def paid_days(self, patient: str, course: Course) -> Counts:
        """Paid days of each week."""
        days = np.zeros_like(course.total)
        for day in range(7):
            if course.planned_sessions[day]:
                days += self.paid(patient, course, day)
        return days
