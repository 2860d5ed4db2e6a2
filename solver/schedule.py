"""What comes out: sections and appointments, by id.

Only form is judged here. An illegal schedule can be represented, or nobody could say why it is
illegal; whether it is legal is the checker's business.
"""

from __future__ import annotations

from typing import Literal

from .fields import Date, Day, Entry, Flag, Id, StartClock, Text


class Meeting(Entry):
    """One weekly meeting of a section; own ``leaders`` are substitutes for this day only."""

    day: Day
    start: StartClock
    room: Id | None = None
    leaders: tuple[Id, ...] | None = None
    cancelled: Flag = False


class Absence(Entry):
    """A member who misses the section's meeting on a day, by request."""

    patient: Id
    day: Day


class Section(Entry):
    """One running instance of a group: the same leaders and members at each weekly meeting."""

    id: Id
    group: Id
    leaders: tuple[Id, ...] = ()
    meetings: tuple[Meeting, ...]
    members: tuple[Id, ...] = ()
    remote_members: tuple[Id, ...] = ()
    absences: tuple[Absence, ...] = ()

    def leaders_at(self, meeting: Meeting) -> tuple[Id, ...]:
        """Who leads a meeting: its own leaders where it names some, else the section's."""
        return meeting.leaders or self.leaders


class Appointment(Entry):
    """An individual or family session of one patient with one therapist."""

    id: Id
    service: Id
    patient: Id
    therapist: Id
    day: Day
    start: StartClock
    room: Id | None = None
    remote: Flag = False


class Schedule(Entry):
    """A week: who meets whom, when and where. What is not served is not an entry."""

    schema_version: Literal[1] = 1
    scenario: Text
    week_start: Date
    sections: tuple[Section, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    not_admitted: tuple[Id, ...] = ()
