"""What simulated weeks say of each patient, each meeting and the clinic, with standard errors."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from ..clinic import Clinic
from ..timegrid import DAYS, clock
from .weeks import Counts, Course, Event, Flags, Weeks


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number estimated from simulated weeks, and the standard error of the estimate."""

    value: float
    error: float

    def document(self) -> dict[str, float]:
        """For machines."""
        return {"value": round(self.value, 6), "standard_error": round(self.error, 6)}


def chance(weeks: Flags) -> Estimate:
    """The share of weeks in which something holds.

    The standard error is that of Agresti and Coull (two weeks more with, two without): it is not 0
    where a rare thing never happened.
    """
    count, n = int(weeks.sum()), weeks.size
    near = (count + 2) / (n + 4)
    return Estimate(count / n, sqrt(near * (1 - near) / (n + 4)))


def average(numbers: npt.NDArray[Any]) -> Estimate:
    """The mean over weeks."""
    spread = float(numbers.std(ddof=1)) if numbers.size > 1 else 0.0
    return Estimate(float(numbers.mean()), spread / sqrt(numbers.size))


@dataclass(frozen=True, slots=True)
class PatientRisk:
    """One patient; minutes are clinical.

    Attributes:
        reaches: chance of the least minutes of the week; has_all: of the sessions and days due as well.
        paid_days: attended days long enough for the payer; planned_paid_days: if everybody came.
    """

    patient: str
    least_minutes: int
    planned_minutes: int
    minutes: Estimate
    reaches: Estimate
    has_all: Estimate
    planned_paid_days: int
    paid_days: Estimate


@dataclass(frozen=True, slots=True)
class MeetingRisk:
    """One meeting of a section.

    Attributes:
        due: members expected if all come; least: the group's least size.
        too_few: chance that fewer members than the least size come; falls_out: that nobody can lead it.
    """

    section: str
    group: str
    day: int
    start: int
    due: int
    least: int
    come: Estimate
    too_few: Estimate
    falls_out: Estimate


@dataclass(frozen=True, slots=True)
class Totals:
    """The clinic as a whole, in an average week.

    Attributes:
        patients: those with a session or with care due; planned_reaching: who would reach their
            least minutes if everybody came.
        revenue: what paid days within the authorisation bring by ``per_diem``; None where no
            program states one.
    """

    patients: int
    planned_reaching: int
    reaching: Estimate
    having_all: Estimate
    planned_minutes: int
    minutes: Estimate
    planned_paid_days: int
    paid_days: Estimate
    revenue: Estimate | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything estimated from one set of simulated weeks."""

    totals: Totals
    patients: tuple[PatientRisk, ...]
    meetings: tuple[MeetingRisk, ...]

    def document(self) -> dict[str, Any]:
        """For machines; chances from 0 to 1."""
        return {
            "totals": _document(self.totals),
            "patients": [_document(p) for p in self.patients],
            "meetings": [
                {**_document(m), "day": DAYS[m.day], "start": clock(m.start)} for m in self.meetings
            ],
        }


def _document(entry: PatientRisk | MeetingRisk | Totals) -> dict[str, Any]:
    out = asdict(entry)
    for name in out:
        value = getattr(entry, name)
        if isinstance(value, Estimate):
            out[name] = value.document()
    return out


def outcome(weeks: Weeks) -> Outcome:
    """The estimates of a set of simulated weeks."""
    clinic = weeks.clinic
    patients = tuple(_patient(weeks, p, course) for p, course in weeks.courses.items())
    meetings = tuple(
        _meeting(weeks, event, held)
        for event, held in zip(weeks.events, weeks.held, strict=True)
        if event.group is not None
    )
    return Outcome(_totals(weeks, clinic, patients), patients, meetings)


def _patient(weeks: Weeks, patient: str, course: Course) -> PatientRisk:
    return PatientRisk(
        patient=patient,
        least_minutes=weeks.clinic.needs[patient].minutes_min,
        planned_minutes=sum(course.planned_minutes),
        minutes=average(course.total),
        reaches=chance(weeks.reaches(patient, course)),
        has_all=chance(weeks.has_all(patient, course)),
        planned_paid_days=_planned_paid_days(weeks.clinic, patient, course),
        paid_days=average(weeks.paid_days(patient, course)),
    )


def _planned_paid_days(clinic: Clinic, patient: str, course: Course) -> int:
    needs, minutes, sessions = (
        clinic.needs[patient],
        course.planned_minutes,
        course.planned_sessions,
    )
    return sum(
        bool(
            sessions[day] > 0
            and minutes[day] >= needs.day_minutes_min
            and sessions[day] >= needs.day_sessions_min
        )
        for day in range(7)
    )


def _meeting(weeks: Weeks, event: Event, held: Flags) -> MeetingRisk:
    come = np.zeros(weeks.luck.weeks, np.int32)
    for p in event.due:
        come += weeks.luck.comes[p][event.day]
    least = weeks.clinic.groups[event.group or ""].size.min
    return MeetingRisk(
        event.ref, event.group or "", event.day, event.start, len(event.due), least,
        average(come), chance(come < least), chance(~held),
    )  # fmt: skip


def _totals(weeks: Weeks, clinic: Clinic, patients: tuple[PatientRisk, ...]) -> Totals:
    n = weeks.luck.weeks
    reaching, having, minutes, paid = (np.zeros(n, np.int32) for _ in range(4))
    for p, course in weeks.courses.items():
        reaching += weeks.reaches(p, course)
        having += weeks.has_all(p, course)
        minutes += course.total
        paid += weeks.paid_days(p, course)
    return Totals(
        patients=len(patients),
        planned_reaching=sum(p.planned_minutes >= p.least_minutes for p in patients),
        reaching=average(reaching),
        having_all=average(having),
        planned_minutes=sum(p.planned_minutes for p in patients),
        minutes=average(minutes),
        planned_paid_days=sum(p.planned_paid_days for p in patients),
        paid_days=average(paid),
        revenue=_revenue(weeks, clinic),
    )


def _revenue(weeks: Weeks, clinic: Clinic) -> Estimate | None:
    """What paid days bring, within what is authorised: no more days or sessions, none after its end.

    ``authorized`` is taken as what is left at the start of the week; a day counts as long as the
    sessions up to its end are within the authorised ones.
    """
    if all(program.per_diem is None for program in clinic.scenario.programs):
        return None
    total = np.zeros(weeks.luck.weeks)
    for p, course in weeks.courses.items():
        amount = clinic.programs[clinic.patients[p].program].per_diem or 0.0
        total += amount * _authorised(weeks, p, course)
    return average(total)


def _authorised(weeks: Weeks, patient: str, course: Course) -> Counts:
    """Paid days of each week that the payer has authorised."""
    left = weeks.clinic.patients[patient].authorized
    if left is None:
        return weeks.paid_days(patient, course)
    until = 6 if left.until is None else (left.until - weeks.clinic.scenario.week_start).days
    sessions, days = (np.zeros_like(course.total) for _ in range(2))
    for day in range(min(until, 6) + 1):
        sessions = sessions + course.sessions[day]
        paid = weeks.paid(patient, course, day)
        if left.sessions is not None:
            paid &= sessions <= left.sessions
        days = days + paid
    return days if left.days is None else np.minimum(days, left.days)
