"""A scenario's lists as rows to read: hours, limits and demands in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from solver import report
from solver.clinic import Clinic, Needs
from solver.scenario import Group, Patient, Program, Service, Therapist, Windows
from solver.timegrid import DAY_NAMES, DAY_NUMBER, clock

from ..widgets.text import cell

Rows = list[dict[str, Any]]
ALWAYS = "opening hours"


def hours_in_words(windows: Windows | None) -> str:
    """``Mon, Wed 17:00–21:00; Sat 09:00–12:00``."""
    if windows is None:
        return ALWAYS
    if not windows:
        return "never"
    return "; ".join(f"{_days(w.days)} {clock(w.start)}–{clock(w.end)}" for w in windows)


def _days(days: Iterable[str]) -> str:
    return ", ".join(DAY_NAMES[DAY_NUMBER[day]][:3] for day in days)


def _range(least: int | None, most: int | None, words: Callable[[int], str] = str) -> str:
    if not least and most is None:
        return ""
    if most is None:
        return f"at least {words(least or 0)}"
    if not least:
        return f"at most {words(most)}"
    return words(least) if least == most else f"{words(least)} to {words(most)}"


def _name(names: Mapping[str, Any], key: str) -> str:
    return (names[key].name if key in names else "") or key


def _several(items: Iterable[str]) -> str:
    return cell(", ".join(items))


def patients(clinic: Clinic) -> Rows:
    """Who is treated or waits, and what each one's week must hold, the program's demands merged."""
    return [_patient(clinic, p, clinic.needs[p.id]) for p in clinic.scenario.patients]


def _patient(clinic: Clinic, patient: Patient, needs: Needs) -> dict[str, Any]:
    committed = [f"{c.label} {hours_in_words(c.windows)}" for c in patient.commitments]
    primary = patient.primary_therapist
    return {
        "Patient": cell(report.label(report.Named(patient.id, patient.name))),
        "Program": cell(_name(clinic.programs, patient.program)),
        "Status": "in treatment" if patient.status == "active" else "waiting",
        "Priority": patient.priority,
        "Hours a week": _range(needs.minutes_min, needs.minutes_max, report.hours),
        "Days a week": _range(needs.days_min, needs.days_max),
        "Available": hours_in_words(patient.availability),
        "Committed": cell("; ".join(committed)),
        "Comes": {"either": "either way", "in_person": "in person", "remote": "by video"}[
            patient.attends
        ],
        "Primary therapist": cell(_name(clinic.therapists, primary)) if primary else "",
        "Languages": _several(patient.languages),
        "Tags": _several(patient.tags),
    }


def therapists(clinic: Clinic) -> Rows:
    """Who works, when, and how much."""
    return [_therapist(t) for t in clinic.scenario.therapists]


def _therapist(therapist: Therapist) -> dict[str, Any]:
    remote = therapist.remote_availability
    return {
        "Therapist": cell(report.label(report.Named(therapist.id, therapist.name))),
        "Credentials": _several(
            f"{c.id} until {c.expires}" if c.expires else c.id for c in therapist.credentials
        ),
        "On site": hours_in_words(therapist.availability),
        "By video": hours_in_words(remote) if remote else "",
        "Most a day": _range(None, therapist.max_minutes_per_day, report.duration),
        "Most a week": _range(None, therapist.max_minutes_per_week, report.duration),
        "Most in a row": _range(None, therapist.max_consecutive_minutes, report.duration),
        "Caseload": _range(None, therapist.max_caseload),
        "Languages": _several(therapist.languages),
    }


def rooms(clinic: Clinic) -> Rows:
    """Where sessions take place."""
    return [
        {
            "Room": cell(report.label(report.Named(room.id, room.name))),
            "Seats": room.capacity,
            "Features": _several(room.features),
            "Available": hours_in_words(room.availability),
        }
        for room in clinic.scenario.rooms
    ]


def groups(clinic: Clinic) -> Rows:
    """What runs in groups."""
    return [_group(clinic, g) for g in clinic.scenario.groups]


def _group(clinic: Clinic, group: Group) -> dict[str, Any]:
    leaders = [" or ".join(place.credentials) or "anyone" for place in group.leaders]
    return {
        "Group": cell(report.label(report.Named(group.id, group.name))),
        "Service": cell(_name(clinic.services, group.service)),
        "Length": report.duration(group.minutes),
        "Meets": f"{group.meetings_per_week} a week",
        "Days": " or ".join(_days(pattern) for pattern in group.day_patterns) or "any",
        "Starts": ", ".join(map(clock, group.start_times)) or "any time",
        "Members": _range(group.size.min, group.size.max),
        "Leaders": _several(leaders),
        "Sections": _range(None, group.max_sections),
        "Takes place": group.modality.replace("_", " "),
        "Closed": "closed" if group.closed else "",
        "Language": cell(group.language or ""),
    }


def programs(clinic: Clinic) -> Rows:
    """Levels of care, and where their demands come from."""
    return [_program(clinic, p) for p in clinic.scenario.programs]


def _program(clinic: Clinic, program: Program) -> dict[str, Any]:
    def bounds(field: str, words: Callable[[int], str] = str) -> str:
        value = getattr(program, field)
        return "" if value is None else _range(value.min, value.max, words)

    quotas = [
        f"{_name(clinic.services, q.service)} {_range(q.min, q.max) or 'any number'}"
        for q in program.quotas
    ]
    return {
        "Program": cell(report.label(report.Named(program.id, program.name))),
        "Level": cell(program.level or ""),
        "Hours a week": bounds("minutes_per_week", report.hours),
        "Days a week": bounds("days_per_week"),
        "Hours of a day": bounds("attended_day_minutes", report.hours),
        "Sessions a day": bounds("sessions_per_day"),
        "Sessions a week": cell("; ".join(quotas)),
        "Source": cell(program.source or ""),
    }


def services(clinic: Clinic) -> Rows:
    """Kinds of care."""
    return [_service(s) for s in clinic.scenario.services]


def _service(service: Service) -> dict[str, Any]:
    return {
        "Service": cell(report.label(report.Named(service.id, service.name))),
        "Format": service.format,
        "Length": report.duration(service.minutes),
        "Clinical": report.duration(service.clinical),
        "Credentials": _several(service.credentials),
        "May be by video": "yes" if service.remote else "",
    }


TABLES: Mapping[str, Callable[[Clinic], Rows]] = {
    "Patients": patients,
    "Therapists": therapists,
    "Rooms": rooms,
    "Groups": groups,
    "Programs": programs,
    "Services": services,
}
