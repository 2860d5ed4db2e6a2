"""What cannot stand: the sessions that a rule forbids alone once somebody is out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..candidates import Attending, Candidate, Housing, Working
from ..clinic import Clinic
from ..ledger import Ledger, Running
from ..schedule import Appointment, Meeting
from ..screening import reasons
from ..timegrid import DAY_NUMBER
from .ops import Cancel, Excuse, Meet, Op
from .out import Out


@dataclass(frozen=True, slots=True)
class Unit:
    """One session that needs a repair.

    Attributes:
        ref: section or appointment.
        day: of the meeting or appointment.
        patient: the one member who cannot come, where the meeting itself can stand; else None.
        why: what is wrong, in the rules' words.
        roomless: only the room is wrong.
    """

    ref: str
    day: int
    patient: str | None
    why: tuple[str, ...]
    roomless: bool = False

    def dropped(self, ledger: Ledger) -> tuple[Op, ...]:
        """Steps after which nothing of it is left: cancelled, or the member excused."""
        if self.ref in ledger.appointments:
            return (Cancel(self.ref),)
        if self.patient is not None:
            return (Excuse(self.ref, self.patient, self.day),)
        meeting = meeting_of(ledger.sections[self.ref], self.day)
        off = meeting.model_copy(update={"cancelled": True, "leaders": None})
        return (Meet(self.ref, off),)


def meeting_of(running: Running, day: int) -> Meeting:
    """A section's meeting of a day."""
    return next(m for m in running.meetings if DAY_NUMBER[m.day] == day)


def units(clinic: Clinic, ledger: Ledger, outs: Sequence[Out]) -> list[Unit]:
    """Every session that cannot stand, group meetings first, in time order.

    Judged by the rules' own ``forbids``: the one who is out, interns whose supervisor is, rooms.
    """
    found: list[tuple[tuple[object, ...], Unit]] = []
    for running in ledger.sections.values():
        for m in running.held():
            day = DAY_NUMBER[m.day]
            order = (0, day, m.start, running.id)
            people, room = _of_meeting(clinic, running, m)
            if people or room:
                unit = Unit(running.id, day, None, tuple(people + room), not people)
                found.append((order, unit))
            found += [
                ((1, day, m.start, running.id, p), Unit(running.id, day, p, tuple(why)))
                for p, why in _members(clinic, ledger, running, m, outs)
            ]
    for a in ledger.appointments.values():
        people, room = _of_appointment(clinic, a, outs)
        if people or room:
            day = DAY_NUMBER[a.day]
            order = (2, day, a.start, a.id)
            found.append((order, Unit(a.id, day, None, tuple(people + room), not people)))
    return [unit for _, unit in sorted(found, key=lambda pair: pair[0])]


def _said(candidate: Candidate, clinic: Clinic) -> list[str]:
    return [why for rule, why in reasons(candidate, clinic) if rule != "locks"]


def _of_meeting(clinic: Clinic, running: Running, m: Meeting) -> tuple[list[str], list[str]]:
    group, day = clinic.groups[running.group], DAY_NUMBER[m.day]
    roomless = group.modality == "telehealth"
    people = [
        why
        for t in running.leaders_at(m)
        for why in _said(Working(t, roomless, day, m.start, group.minutes), clinic)
    ]
    room = [] if m.room is None else _said(Housing(m.room, group.id, None, day, m.start), clinic)
    return people, room


def _members(
    clinic: Clinic, ledger: Ledger, running: Running, m: Meeting, outs: Sequence[Out]
) -> list[tuple[str, list[str]]]:
    """Members who cannot come to a meeting, with the reason."""
    group, day = clinic.groups[running.group], DAY_NUMBER[m.day]
    out = []
    for p, remote in running.members.items():
        if day not in clinic.stay[p] or (p, day) in running.absences:
            continue
        by_video = clinic.member_remote(group, remote)
        why = _said(Attending(p, False, by_video, day, m.start, group.minutes), clinic)
        if not by_video and at_home(p, day, outs):
            why.append(f"{p} can attend by video only")
        if why:
            out.append((p, why))
    return out


def at_home(patient: str, day: int, outs: Sequence[Out]) -> bool:
    """Whether a patient can attend by video only on a day."""
    return any(
        o.by_video and (o.kind, o.id) == ("patient", patient) and day in o.days for o in outs
    )


def _of_appointment(
    clinic: Clinic, a: Appointment, outs: Sequence[Out]
) -> tuple[list[str], list[str]]:
    service, day = clinic.services[a.service], DAY_NUMBER[a.day]
    family = service.format == "family"
    people = [
        *_said(Working(a.therapist, a.remote, day, a.start, service.minutes), clinic),
        *_said(Attending(a.patient, family, a.remote, day, a.start, service.minutes), clinic),
    ]
    if not a.remote and at_home(a.patient, day, outs):
        people.append(f"{a.patient} can attend by video only")
    room = [] if a.room is None else _said(Housing(a.room, None, a.service, day, a.start), clinic)
    return people, room
