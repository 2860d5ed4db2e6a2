"""Lasting ids: what goes on from the baseline keeps its id, what is new gets one of its own."""

from __future__ import annotations

from .clinic import Clinic
from .schedule import Appointment, Schedule, Section
from .timegrid import DAY_NUMBER


def name(clinic: Clinic, schedule: Schedule) -> Schedule:
    """The schedule with lasting ids.

    A section keeps the id of a baseline section of its group that has its start and days, the one
    with most members in common; an appointment that of the baseline's appointment it takes the place
    of, in time order. Sections and appointments that bear a baseline id already are left alone.
    """
    known = set(clinic.baseline_sections) | set(clinic.baseline_appointments)
    taken = {s.id for s in schedule.sections if s.id in clinic.baseline_sections}
    taken |= {a.id for a in schedule.appointments if a.id in clinic.baseline_appointments}
    sections = _sections(clinic, schedule, taken, known)
    appointments = _appointments(clinic, schedule, taken, known)
    return schedule.model_copy(update={"sections": sections, "appointments": appointments})


def _sections(
    clinic: Clinic, schedule: Schedule, taken: set[str], known: set[str]
) -> tuple[Section, ...]:
    out = []
    ordered = sorted(
        schedule.sections,
        key=lambda s: (
            list(clinic.groups).index(s.group),
            min(DAY_NUMBER[m.day] for m in s.meetings),
            s.meetings[0].start,
            s.members,
        ),
    )
    for section in ordered:
        if section.id in clinic.baseline_sections:
            out.append(section)
            continue
        like = _goes_on_from(clinic, section, taken)
        new = like or _fresh(section.group, taken | known)
        taken.add(new)
        out.append(section.model_copy(update={"id": new}))
    return tuple(out)


def _goes_on_from(clinic: Clinic, section: Section, taken: set[str]) -> str | None:
    days = {m.day for m in section.meetings}
    alike = [
        b
        for b in clinic.baseline_sections.values()
        if b.id not in taken
        and b.group == section.group
        and {m.day for m in clinic.open_meetings(b)} == days
        and b.meetings[0].start == section.meetings[0].start
    ]
    best = max(alike, key=lambda b: len(set(b.members) & set(section.members)), default=None)
    return best.id if best else None


def _appointments(
    clinic: Clinic, schedule: Schedule, taken: set[str], known: set[str]
) -> tuple[Appointment, ...]:
    before: dict[tuple[str, str], list[str]] = {}
    for b in sorted(clinic.baseline_appointments.values(), key=_time):
        if b.id not in taken:
            before.setdefault((b.patient, b.service), []).append(b.id)
    out = []
    for a in sorted(schedule.appointments, key=lambda a: (a.patient, a.service, *_time(a))):
        if a.id in clinic.baseline_appointments:
            out.append(a)
            continue
        waiting = before.get((a.patient, a.service), [])
        new = waiting.pop(0) if waiting else _fresh(f"{a.patient}-{a.service}", taken | known)
        taken.add(new)
        out.append(a.model_copy(update={"id": new}))
    return tuple(out)


def _time(a: Appointment) -> tuple[int, int, str]:
    return DAY_NUMBER[a.day], a.start, a.id


def _fresh(stem: str, taken: set[str]) -> str:
    number = 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"
