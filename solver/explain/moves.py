"""Moves of one session or one member, and the week they make. Nothing here judges them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..clinic import Clinic
from ..fields import day_name
from ..ledger import Ledger
from ..rules import Scope
from ..schedule import Appointment, Meeting, Section
from ..search.placing import scope_of
from ..timegrid import DAY_NUMBER, DAYS, clock


@dataclass(frozen=True, slots=True)
class MoveSection:
    """A section meets on other days, at another time, with other leaders or in other rooms.

    What is None stays as it is. ``rooms`` are by meeting, in the order of the days.
    """

    section: str
    days: tuple[int, ...] | None = None
    start: int | None = None
    leaders: tuple[str, ...] | None = None
    rooms: tuple[str | None, ...] | None = None

    def document(self) -> dict[str, object]:
        """The move for machines."""
        return {
            "move": "section",
            "section": self.section,
            "days": None if self.days is None else [DAYS[d] for d in self.days],
            "start": None if self.start is None else clock(self.start),
            "leaders": None if self.leaders is None else list(self.leaders),
            "rooms": None if self.rooms is None else list(self.rooms),
        }


@dataclass(frozen=True, slots=True)
class MoveAppointment:
    """An appointment is at another time, with another therapist, in another room or by video.

    What is None stays as it is; a remote one has no room.
    """

    appointment: str
    day: int | None = None
    start: int | None = None
    therapist: str | None = None
    room: str | None = None
    remote: bool | None = None

    def document(self) -> dict[str, object]:
        """The move for machines."""
        return {
            "move": "appointment",
            "appointment": self.appointment,
            "day": None if self.day is None else DAYS[self.day],
            "start": None if self.start is None else clock(self.start),
            "therapist": self.therapist,
            "room": self.room,
            "remote": self.remote,
        }


@dataclass(frozen=True, slots=True)
class MoveMember:
    """A patient leaves one section, joins another, or both."""

    patient: str
    leaves: str | None = None
    joins: str | None = None
    remote: bool = False

    def document(self) -> dict[str, object]:
        """The move for machines."""
        return {
            "move": "member",
            "patient": self.patient,
            "leaves": self.leaves,
            "joins": self.joins,
            "remote": self.remote,
        }


Move = MoveSection | MoveAppointment | MoveMember


def section_after(clinic: Clinic, section: Section, move: MoveSection) -> Section:
    """The section as the move makes it; substitutes and cancelled meetings stay with their days."""
    meetings = sorted(section.meetings, key=lambda m: DAY_NUMBER[m.day])
    if move.days is None and move.rooms is None and move.leaders is None and move.start is None:
        return section
    by_day = {DAY_NUMBER[m.day]: m for m in meetings}
    days = tuple(sorted(by_day)) if move.days is None else move.days
    usual = [m.room for m in meetings]
    made = []
    for number, day in enumerate(days):
        held = by_day.get(day)
        room = held.room if held else usual[min(number, len(usual) - 1)] if usual else None
        made.append(
            Meeting.model_construct(
                day=day_name(day),
                start=move.start if move.start is not None else _start(meetings),
                room=room if move.rooms is None else move.rooms[number],
                leaders=held.leaders if held and move.leaders is None else None,
                cancelled=bool(held and held.cancelled),
            )
        )
    leaders = section.leaders if move.leaders is None else move.leaders
    return section.model_copy(update={"meetings": tuple(made), "leaders": leaders})


def _start(meetings: list[Meeting]) -> int:
    return meetings[0].start if meetings else 0


def appointment_after(appointment: Appointment, move: MoveAppointment) -> Appointment:
    """The appointment as the move makes it."""
    remote = appointment.remote if move.remote is None else move.remote
    return appointment.model_copy(
        update={
            "day": appointment.day if move.day is None else day_name(move.day),
            "start": appointment.start if move.start is None else move.start,
            "therapist": move.therapist or appointment.therapist,
            "room": None if remote else move.room or appointment.room,
            "remote": remote,
        }
    )


def made(ledger: Ledger, move: Move) -> tuple[Ledger, list[str], Scope]:
    """The week after a move, the patients it touches, and whom to look at."""
    after = ledger.copy()
    after.not_admitted = None
    match move:
        case MoveSection(section=ref):
            before = after.close(ref)
            after.open(section_after(ledger.clinic, before, move))
            touched = list(before.members)
            scope = _both(scope_of(after, patients=touched, section=ref), before.leaders)
        case MoveAppointment(appointment=ref):
            was = after.cancel(ref)
            after.book(appointment_after(was, move))
            touched = [was.patient]
            scope = _both(scope_of(after, patients=touched, appointment=ref), [was.therapist])
        case MoveMember(patient=patient):
            sections = [s for s in (move.leaves, move.joins) if s is not None]
            if move.leaves is not None:
                after.leave(move.leaves, patient)
            if move.joins is not None:
                after.join(move.joins, patient, move.remote)
            touched = [patient]
            groups = {after.sections[s].group for s in sections}
            scope = Scope(touched, [], [], [], groups, sections, [])
    return after, touched, scope


def _both(scope: Scope, before: Iterable[str]) -> Scope:
    """The scope, and therapists who no longer have the session."""
    therapists = {*scope.therapists, *before}
    return Scope(
        scope.patients,
        therapists,
        scope.rooms,
        scope.items,
        scope.groups,
        scope.sections,
        scope.appointments,
    )
