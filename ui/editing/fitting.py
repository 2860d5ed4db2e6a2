"""A schedule after its scenario was edited: what names somebody who is gone cannot stay in it."""

from __future__ import annotations

from dataclasses import dataclass

from solver import report
from solver.clinic import Clinic
from solver.errors import FileFaults
from solver.io.files import dump
from solver.scenario import Scenario
from solver.schedule import Appointment, Meeting, Schedule, Section
from solver.validation import read_schedule


@dataclass(frozen=True, slots=True)
class Fitted:
    """The schedule that goes with the edited scenario, and what was taken out of it, in words."""

    schedule: Schedule | None
    lost: tuple[str, ...] = ()


def fitted(schedule: Schedule, scenario: Scenario) -> Fitted:
    """The schedule without what the scenario no longer has, in the scenario's week.

    Seats and appointments of who is gone go; leaders and rooms that are gone leave their place
    empty, which the check then names. None where nothing of it can be used.
    """
    clinic = Clinic(scenario)
    sections = tuple(
        _section(s, clinic) for s in schedule.sections if s.group in clinic.groups and s.meetings
    )
    appointments = tuple(_visit(a, clinic) for a in schedule.appointments if _stays(a, clinic))
    waiting = {p.id for p in scenario.patients if p.status == "waitlist"}
    with_session = {p for s in sections for p in s.members} | {a.patient for a in appointments}
    now = schedule.model_copy(
        update={
            "scenario": scenario.name,
            "week_start": scenario.week_start,
            "sections": sections,
            "appointments": appointments,
            "not_admitted": tuple(
                p.id for p in scenario.patients if p.id in waiting - with_session
            ),
        }
    )
    try:
        now = read_schedule(dump(now), scenario)
    except FileFaults:
        return Fitted(None, ("the schedule, which does not fit any more",))
    return Fitted(now, tuple(_lost(schedule, now)))


def _section(section: Section, clinic: Clinic) -> Section:
    here = clinic.patients
    return section.model_copy(
        update={
            "leaders": tuple(t for t in section.leaders if t in clinic.therapists),
            "members": tuple(p for p in section.members if p in here),
            "remote_members": tuple(p for p in section.remote_members if p in here),
            "absences": tuple(a for a in section.absences if a.patient in here),
            "meetings": tuple(_meeting(m, clinic) for m in section.meetings),
        }
    )


def _meeting(meeting: Meeting, clinic: Clinic) -> Meeting:
    known = tuple(t for t in meeting.leaders or () if t in clinic.therapists)
    update: dict[str, object] = {}
    if meeting.leaders and known != meeting.leaders:
        update["leaders"] = known
    if meeting.room is not None and meeting.room not in clinic.rooms:
        update["room"] = None
    return meeting.model_copy(update=update) if update else meeting


def _stays(visit: Appointment, clinic: Clinic) -> bool:
    service = clinic.services.get(visit.service)
    return (
        visit.patient in clinic.patients
        and visit.therapist in clinic.therapists
        and service is not None
        and service.format != "group"
    )


def _visit(visit: Appointment, clinic: Clinic) -> Appointment:
    gone = visit.room is not None and visit.room not in clinic.rooms
    return visit.model_copy(update={"room": None}) if gone else visit


def _lost(before: Schedule, now: Schedule) -> list[str]:
    seats = sum(len(s.members) for s in before.sections) - sum(len(s.members) for s in now.sections)
    parts = [
        (len(before.sections) - len(now.sections), "group section"),
        (seats, "seat"),
        (len(before.appointments) - len(now.appointments), "appointment"),
    ]
    return [report.count(number, what) for number, what in parts if number > 0]
