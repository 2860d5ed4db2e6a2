"""Small steps on a ledger that a repair is made of; the same steps fit weeks that differ elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..fields import day_name
from ..ledger import Ledger
from ..schedule import Absence, Appointment, Meeting, Section


@dataclass(frozen=True, slots=True)
class Meet:
    """A section's meeting of a day takes place like this (or, cancelled, not at all)."""

    section: str
    meeting: Meeting

    def perform(self, ledger: Ledger) -> None:
        entry = ledger.close(self.section)
        meetings = tuple(self.meeting if m.day == self.meeting.day else m for m in entry.meetings)
        ledger.open(entry.model_copy(update={"meetings": meetings}))


@dataclass(frozen=True, slots=True)
class Excuse:
    """A member misses a section's meeting of a day."""

    section: str
    patient: str
    day: int

    def perform(self, ledger: Ledger) -> None:
        entry = ledger.close(self.section)
        absence = Absence(patient=self.patient, day=day_name(self.day))
        absences = tuple(dict.fromkeys([*entry.absences, absence]))
        ledger.open(entry.model_copy(update={"absences": absences}))


@dataclass(frozen=True, slots=True)
class Attend:
    """A member who was excused comes after all, in the room or by video."""

    section: str
    patient: str
    day: int
    remote: bool

    def perform(self, ledger: Ledger) -> None:
        entry = ledger.close(self.section)
        absences = tuple(
            a for a in entry.absences if (a.patient, a.day) != (self.patient, day_name(self.day))
        )
        remote = [p for p in entry.remote_members if p != self.patient]
        ledger.open(
            entry.model_copy(
                update={
                    "absences": absences,
                    "remote_members": (*remote, *([self.patient] if self.remote else [])),
                }
            )
        )


@dataclass(frozen=True, slots=True)
class Leave:
    """A member leaves a section."""

    section: str
    patient: str

    def perform(self, ledger: Ledger) -> None:
        entry = ledger.close(self.section)
        ledger.open(
            entry.model_copy(
                update={
                    "members": tuple(p for p in entry.members if p != self.patient),
                    "remote_members": tuple(p for p in entry.remote_members if p != self.patient),
                    "absences": tuple(a for a in entry.absences if a.patient != self.patient),
                }
            )
        )


@dataclass(frozen=True, slots=True)
class Join:
    """A patient becomes a member of a section."""

    section: str
    patient: str
    remote: bool

    def perform(self, ledger: Ledger) -> None:
        if self.patient in ledger.sections[self.section].members:
            raise KeyError(self.patient)
        ledger.join(self.section, self.patient, self.remote)


@dataclass(frozen=True, slots=True)
class Close:
    """A section does not run."""

    section: str

    def perform(self, ledger: Ledger) -> None:
        ledger.close(self.section)


@dataclass(frozen=True, slots=True)
class Open:
    """A section runs."""

    section: Section

    def perform(self, ledger: Ledger) -> None:
        if self.section.id in ledger.sections:
            raise KeyError(self.section.id)
        ledger.open(self.section)


@dataclass(frozen=True, slots=True)
class Cancel:
    """An appointment is taken back."""

    appointment: str

    def perform(self, ledger: Ledger) -> None:
        ledger.cancel(self.appointment)


@dataclass(frozen=True, slots=True)
class Book:
    """An appointment is made."""

    appointment: Appointment

    def perform(self, ledger: Ledger) -> None:
        if self.appointment.id in ledger.appointments:
            raise KeyError(self.appointment.id)
        ledger.book(self.appointment)


Op = Meet | Excuse | Attend | Leave | Join | Close | Open | Cancel | Book


def performed(ledger: Ledger, ops: Iterable[Op]) -> Ledger | None:
    """A copy of the ledger with the steps taken; None if one of them no longer fits."""
    out = ledger.copy()
    out.not_admitted = None
    try:
        for op in ops:
            op.perform(out)
    except KeyError:
        return None
    return out


def touched(ops: Iterable[Op]) -> tuple[set[str], set[str]]:
    """Therapists and rooms that get something to do by some steps."""
    therapists: set[str] = set()
    rooms: set[str | None] = set()
    for op in ops:
        match op:
            case Meet(_, meeting):
                therapists |= set(meeting.leaders or ())
                rooms.add(meeting.room)
            case Open(section):
                therapists |= set(section.leaders)
                rooms |= {m.room for m in section.meetings}
            case Book(appointment):
                therapists.add(appointment.therapist)
                rooms.add(appointment.room)
    return therapists, {r for r in rooms if r is not None}


__all__ = [
    "Attend",
    "Book",
    "Cancel",
    "Close",
    "Excuse",
    "Join",
    "Leave",
    "Meet",
    "Op",
    "Open",
    "performed",
    "touched",
]
