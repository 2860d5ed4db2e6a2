"""Who gets what of the care that is due, and who is short of what, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..clinic import Clinic
from ..ledger import Ledger
from ..schedule import Schedule
from ..timegrid import DAY_NAMES, DAYS
from .words import Named, count, duration, hours, label, listing, named


class Part(NamedTuple):
    """How much of something there is, and how much is due."""

    what: str
    given: int
    due: int

    @property
    def missing(self) -> int:
        return max(0, self.due - self.given)


@dataclass(frozen=True, slots=True)
class Care:
    """What a patient's week holds of what it should hold at least.

    Attributes:
        waiting: on the waiting list; ``admitted`` says whether they have any session all the same.
        minutes: clinical minutes of the week; sessions: by service, of those with a minimum.
        short_days: attended days that are too short, each with what is short on it.
    """

    patient: Named
    waiting: bool
    admitted: bool
    minutes: Part
    sessions: dict[str, Part]
    days: Part
    short_days: tuple[tuple[int, tuple[Part, ...]], ...]

    @property
    def is_due(self) -> bool:
        """Whether the minimums bind: for those in treatment and those admitted from the list."""
        return self.admitted or not self.waiting

    @property
    def is_served(self) -> bool:
        """Whether minutes, sessions and days of the week reach all that is due."""
        return self.is_due and not self.shortfalls()

    @property
    def is_short(self) -> bool:
        """Whether something is worth telling: care is missing, or a day is too short to count."""
        return bool(self.shortfalls() or self.short_days)

    def shortfalls(self) -> tuple[str, ...]:
        """What is missing of the week, each in words: ``1 h 30 min of 9 h``."""
        if not self.is_due:
            return ()
        out = []
        if self.minutes.missing:
            out.append(f"{duration(self.minutes.missing)} of {duration(self.minutes.due)}")
        out += [
            f"{part.missing} of {count(part.due, 'session')} of {part.what}"
            for part in self.sessions.values()
            if part.missing
        ]
        if self.days.missing:
            out.append(f"{self.days.missing} of {count(self.days.due, 'day')}")
        return tuple(out)

    def too_short(self) -> tuple[str, ...]:
        """Each attended day that is too short, in words: ``Mon 1.5 of 3 h``."""
        return tuple(
            f"{DAY_NAMES[day][:3]} {' and '.join(map(_given_of_due, parts))}"
            for day, parts in self.short_days
        )

    def note(self) -> str:
        """A few words: hours given of hours due, or that the patient waits."""
        if not self.is_due:
            return "waiting, not admitted"
        given = f"{hours(self.minutes.given)} of {hours(self.minutes.due)} h"
        return f"{given}, admitted" if self.waiting else given

    def sentence(self) -> str:
        """Everything that is short, in one sentence."""
        who = label(self.patient)
        if not self.is_due:
            return f"{who} stays on the waiting list."
        if not self.is_short:
            return f"{who} has everything that is due."
        parts = []
        if self.shortfalls():
            parts.append(f"is short of {listing(self.shortfalls())}")
        if self.short_days:
            parts.append(f"has days too short to count: {', '.join(self.too_short())}")
        return f"{who} {', and '.join(parts)}."

    def document(self) -> dict[str, object]:
        """What is short, for machines; minutes are clinical."""
        return {
            "patient": self.patient.id,
            "name": self.patient.name,
            "minutes_short": self.minutes.missing if self.is_due else 0,
            "sessions_short": {
                service: part.missing
                for service, part in self.sessions.items()
                if part.missing and self.is_due
            },
            "days_short": self.days.missing if self.is_due else 0,
            "short_days": [DAYS[day] for day, _ in self.short_days],
            "sentence": self.sentence(),
        }


def _given_of_due(part: Part) -> str:
    if part.what == "minutes":
        return f"{hours(part.given)} of {hours(part.due)} h"
    return f"{part.given} of {count(part.due, 'session')}"


def care(clinic: Clinic, schedule: Schedule) -> tuple[Care, ...]:
    """What every patient gets of what is due, in the order of the scenario."""
    ledger = Ledger(clinic, schedule)
    return tuple(_care(clinic, ledger, p) for p in clinic.patients)


def _care(clinic: Clinic, ledger: Ledger, patient: str) -> Care:
    needs, sittings = clinic.needs[patient], ledger.sittings[patient]
    days = ledger.attended_days(patient)
    short_days = []
    for day in days:
        on_day = [s for s in sittings if s.day == day]
        parts = (
            Part("minutes", sum(s.clinical for s in on_day), needs.day_minutes_min),
            Part("sessions", sum(1 for s in on_day if s.clinical > 0), needs.day_sessions_min),
        )
        if any(p.missing for p in parts):
            short_days.append((day, tuple(p for p in parts if p.missing)))
    return Care(
        patient=named(clinic.patients, patient),
        waiting=clinic.is_waiting(patient),
        admitted=bool(sittings),
        minutes=Part("minutes", sum(s.clinical for s in sittings), needs.minutes_min),
        sessions={
            service: Part(
                named(clinic.services, service).name,
                sum(1 for s in sittings if s.service == service),
                least,
            )
            for service, (least, _) in needs.quotas.items()
            if least
        },
        days=Part("days", len(days), needs.days_min),
        short_days=tuple(short_days),
    )


def summary(clinic: Clinic, schedule: Schedule) -> tuple[str, ...]:
    """The week in a few sentences: who is served, hours delivered of required, what runs."""
    everyone = care(clinic, schedule)
    active = [c for c in everyone if not c.waiting]
    waiting = [c for c in everyone if c.waiting]
    served = sum(1 for c in active if c.is_served)
    due = sum(c.minutes.due for c in active)
    given = sum(min(c.minutes.given, c.minutes.due) for c in active)
    served_of = f"{served} of {count(len(active), 'patient')} fully served"
    out = [f"{served_of}; {hours(given)} of {hours(due)} required hours delivered."]
    if waiting:
        admitted = sum(1 for c in waiting if c.admitted)
        out.append(f"{admitted} of {count(len(waiting), 'waiting patient')} admitted.")
    meetings = sum(1 for s in schedule.sections for m in s.meetings if not m.cancelled)
    out.append(
        f"{count(len(schedule.sections), 'group section')} with {count(meetings, 'meeting')}, "
        f"{count(len(schedule.appointments), 'appointment')}."
    )
    return tuple(out)
