"""The week as it stands after attendance: what was missed is out, what has happened is locked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..checker import check
from ..clinic import Clinic
from ..ledger import Ledger, Running
from ..rebalance.frozen import locks_before
from ..rules import Rule, Scope
from ..scenario import Lock, Scenario
from ..schedule import Absence, Schedule, Section
from ..timegrid import DAY_NUMBER, MINUTES_A_DAY
from ..validation import Notice
from ..violations import Violation
from .attendance import Attendance

if TYPE_CHECKING:
    from ..variables import Variables


@dataclass(frozen=True, slots=True)
class Standing:
    """A week of which a part is over.

    Attributes:
        scenario: the follow-up: its baseline is ``schedule``, its locks hold what has happened.
        clinic: of that scenario.
        working: the same, without asking for what can no longer be had: gaps between days that a
            missed session has opened.
        broken: rules that the week breaks as it stands, by what was missed.
        until: minute of the week.
    """

    scenario: Scenario
    clinic: Clinic
    working: Clinic
    schedule: Schedule
    broken: tuple[Violation, ...]
    until: int
    notices: tuple[Notice, ...]

    @property
    def ahead(self) -> int:
        """Cells that begin at ``until`` or later."""
        grid = self.clinic.grid
        first = -(-self.until // grid.minutes)
        every = (1 << (7 * grid.cells_a_day)) - 1
        return every & ~((1 << first) - 1)

    def begun(self, running: Running | Section) -> bool:
        """Whether a section has met this week, or is meeting now."""
        return any(
            DAY_NUMBER[m.day] * MINUTES_A_DAY + m.start < self.until
            for m in running.meetings
            if not m.cancelled and DAY_NUMBER[m.day] not in self.clinic.closed_days
        )


def stand(scenario: Scenario, schedule: Schedule, attendance: Attendance) -> Standing:
    """What is left of a published week once it is known who came."""
    left = _without_missed(schedule, attendance)
    follow, notices = _follow_up(scenario, left, attendance.until)
    clinic, working = Clinic(follow), Clinic(follow)
    broken = tuple(check(clinic, left.model_copy(update={"not_admitted": ()})))
    for v in broken:
        if v.rule == "day_gap":
            needs = working.needs[v.subject]
            working.needs[v.subject] = replace(needs, max_gap_days=None)
    return Standing(follow, clinic, working, left, broken, attendance.until, tuple(notices))


def _without_missed(schedule: Schedule, attendance: Attendance) -> Schedule:
    """Missed appointments are gone, missed meetings are absences."""
    sections = []
    for s in schedule.sections:
        missed = [
            Absence(patient=p, day=m.day)
            for m in s.meetings
            for p in s.members
            if (p, (s.id, DAY_NUMBER[m.day])) in attendance.missed
        ]
        absences = tuple(dict.fromkeys([*s.absences, *missed]))
        sections.append(s.model_copy(update={"absences": absences}))
    appointments = tuple(
        a
        for a in schedule.appointments
        if (a.patient, (a.id, DAY_NUMBER[a.day])) not in attendance.missed
    )
    return schedule.model_copy(
        update={"sections": tuple(sections), "appointments": appointments, "not_admitted": ()}
    )


def _follow_up(scenario: Scenario, left: Schedule, until: int) -> tuple[Scenario, list[Notice]]:
    """The scenario with the week that stands as its baseline, and what is over locked.

    Whoever was admitted from the waiting list is a patient like any other. Whole days that are over are
    locked therapist by therapist; of the day at hand, the appointments and sections that have begun.
    """
    there = {p for s in left.sections for p in s.members} | {a.patient for a in left.appointments}
    patients = tuple(
        p.model_copy(update={"status": "active"}) if p.id in there else p for p in scenario.patients
    )
    follow = scenario.model_copy(update={"baseline": left, "locks": (), "patients": patients})
    notices = []
    kept: list[Lock] = []
    for number, lock in enumerate(scenario.locks):
        if why := _has_no_target(lock, left):
            notices.append(Notice(f"locks[{number}]", f"{why}; the lock is dropped"))
        else:
            kept.append(lock)
    today, minute = divmod(until, MINUTES_A_DAY)
    over = [*locks_before(follow, min(today, 7)), *_today(left, today, minute)]
    locks = tuple(dict.fromkeys([*kept, *over]))
    return follow.model_copy(update={"locks": locks}), notices


def _has_no_target(lock: Lock, left: Schedule) -> str:
    if lock.section is not None and lock.section not in {s.id for s in left.sections}:
        return f"the schedule has no section {lock.section!r}"
    if lock.appointment is not None and lock.appointment not in {a.id for a in left.appointments}:
        return f"appointment {lock.appointment!r} is not in the schedule, or was missed"
    if lock.patient is not None and not any(
        lock.patient in s.members for s in left.sections if s.group == lock.group
    ):
        return f"{lock.patient} is in no section of {lock.group}"
    return ""


def _today(left: Schedule, today: int, minute: int) -> Iterator[Lock]:
    for s in left.sections:
        if any(
            DAY_NUMBER[m.day] == today and m.start < minute and not m.cancelled for m in s.meetings
        ):
            yield Lock(section=s.id)
    for a in left.appointments:
        if DAY_NUMBER[a.day] == today and a.start < minute:
            yield Lock(appointment=a.id)


class NotBegun(Rule):
    """Nobody joins a section that has met this week: the format would credit them with its meetings."""

    key = "not_begun"
    title = "Nobody joins a section that has begun"

    def __init__(self, standing: Standing) -> None:
        self.standing = standing

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        were = {s.id: set(s.members) for s in self.standing.schedule.sections}
        for ref in scope.sections:
            running = ledger.sections[ref]
            new = set(running.members) - were.get(ref, set())
            if new and self.standing.begun(running):
                names = ", ".join(sorted(new))
                yield Violation(self.key, ref, f"{names} joins {ref}, which has begun", len(new))

    def post(self, v: Variables) -> None:
        for option in v.options:
            if option.kept is not None and self.standing.begun(option.kept):
                for seat in v.seats_in(option):
                    v.at_most([seat.var], 0)
