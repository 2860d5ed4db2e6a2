"""Weeks with one session more, only to be looked at: a seat taken, a section opened, an appointment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..fields import day_name
from ..ledger import Ledger
from ..rules import Scope
from ..scenario import Group, Service
from ..schedule import Appointment, Meeting, Section
from ..search.placing import scope_of

NEW = "what is asked about"
"""Id of the session that is looked at."""


def seated(week: Ledger, section: str, patient: str, remote: bool) -> tuple[Ledger, Scope]:
    """The week with a patient in a section, and whom it concerns."""
    after = week.copy()
    after.join(section, patient, remote)
    group = after.sections[section].group
    return after, Scope([patient], [], [], [], [group], [section], [])


def opened(
    week: Ledger,
    group: Group,
    days: Sequence[int],
    start: int,
    leaders: Iterable[str],
    rooms: Sequence[str],
    members: Iterable[str],
) -> tuple[Ledger, Scope]:
    """The week with a section more, and whom it concerns; one room serves every day."""
    after = week.copy()
    members = list(members)
    after.open(
        Section.model_construct(
            id=NEW,
            group=group.id,
            leaders=tuple(leaders),
            meetings=tuple(
                Meeting.model_construct(
                    day=day_name(day),
                    start=start,
                    room=rooms[min(number, len(rooms) - 1)] if rooms else None,
                )
                for number, day in enumerate(days)
            ),
            members=tuple(members),
        )
    )
    return after, scope_of(after, patients=members, section=NEW)


def booked(
    week: Ledger,
    patient: str,
    service: Service,
    therapist: str,
    day: int,
    start: int,
    room: str | None,
    remote: bool,
) -> Ledger:
    """The week with an appointment more."""
    after = week.copy()
    after.book(
        Appointment.model_construct(
            id=NEW,
            service=service.id,
            patient=patient,
            therapist=therapist,
            day=day_name(day),
            start=start,
            room=room,
            remote=remote,
        )
    )
    return after
