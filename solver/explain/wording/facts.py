"""Facts that may be in each other's way, in words and ids."""

from __future__ import annotations

from collections.abc import Sequence

from ...goals import GOAL
from ...report.words import count, duration, label, listing, named
from ...scenario import Commitment, Lock, Windows
from ...timegrid import DAY_NAMES, DAY_NUMBER, clock
from .names import Names


def windows_text(windows: Windows | None) -> str:
    """``Mon and Tue 09:00–12:00; Thu 17:00–20:00``."""
    if not windows:
        return "never"
    return "; ".join(
        f"{listing(DAY_NAMES[DAY_NUMBER[d]][:3] for d in w.days)} {clock(w.start)}–{clock(w.end)}"
        for w in windows
    )


def fact(
    names: Names,
    kind: str,
    about: Sequence[str],
    lock: Lock | None = None,
    commitment: Commitment | None = None,
) -> str:
    """One fact, without a full stop."""
    clinic = names.clinic
    if lock is not None:
        return _lock(names, lock)
    if kind == "strict":
        goal = GOAL[about[0]]
        return f"{goal.title} ({goal.key}) must come out 0"
    if kind.startswith("group_") or kind == "closed":
        return _group(names, kind, about[0])
    if kind.startswith("therapist_"):
        return _therapist(names, kind, about[0])
    if kind == "room_hours":
        room = clinic.rooms[about[0]]
        name = label(named(clinic.rooms, room.id))
        return f"{name} is available {windows_text(room.availability)}"
    patient = clinic.patients[about[0]]
    who = names.full(patient.id)
    if commitment is not None:
        travel = (
            f", and {duration(commitment.travel_minutes)} away" if commitment.travel_minutes else ""
        )
        return f"{who} has {commitment.label} {windows_text(commitment.windows)}{travel}"
    match kind:
        case "due":
            return f"{who} is due {_due(names, patient.id)}"
        case "waiting":
            return f"{who} waits to be admitted, with {_due(names, patient.id)}"
        case "patient_hours":
            return f"{who} can come {windows_text(patient.availability)}"
        case "family_hours":
            return f"the family of {who} can come {windows_text(patient.family_availability)}"
    apart = listing(names.full(q) for q in patient.keep_apart)
    return f"{who} is to be kept apart from {apart}"


def _lock(names: Names, lock: Lock) -> str:
    clinic = names.clinic
    if lock.section is not None:
        section = clinic.baseline_sections.get(lock.section)
        of = f" of {names.group(section.group)}" if section else ""
        return f"section {lock.section}{of} is locked as it was"
    if lock.appointment is not None:
        a = clinic.baseline_appointments.get(lock.appointment)
        of = f", {names.service(a.service)} of {names.person(a.patient)}" if a else ""
        return f"appointment {lock.appointment}{of}, is locked as it was"
    if lock.patient is not None:
        who = names.full(lock.patient)
        group = label(named(clinic.groups, lock.group or ""))
        return f"{who} is locked as a member of {group}"
    day = DAY_NAMES[DAY_NUMBER[lock.day or "mon"]]
    who = label(named(clinic.therapists, lock.therapist or ""))
    return f"{who}'s {day} is locked as it was"


def _due(names: Names, patient: str) -> str:
    needs = names.clinic.needs[patient]
    parts = [duration(needs.minutes_min)] if needs.minutes_min else []
    parts += [
        f"{count(least, 'session')} of {names.service(s)}"
        for s, (least, _) in needs.quotas.items()
        if least
    ]
    parts += [count(needs.days_min, "day")] if needs.days_min else []
    return listing(parts) if parts else "nothing"


def _group(names: Names, kind: str, id: str) -> str:
    group = names.clinic.groups[id]
    name = label(named(names.clinic.groups, id))
    if kind == "closed":
        return f"{name} is a closed group that runs already: no new member, no other time"
    if kind == "group_least":
        return f"{name} needs {count(group.size.min, 'member')} at least"
    if kind == "group_most":
        return f"{name} takes {count(group.size.max, 'member')} at most"
    if kind == "group_sections":
        return f"{name} runs in {count(group.max_sections, 'section')} at most"
    parts = []
    if group.day_patterns:
        days = (
            listing(DAY_NAMES[DAY_NUMBER[d]][:3] for d in pattern) for pattern in group.day_patterns
        )
        parts.append(f"on {' or on '.join(days)}")
    if group.start_times:
        parts.append(f"at {' or '.join(map(clock, group.start_times))}")
    if group.windows:
        parts.append(f"within {windows_text(group.windows)}")
    return f"{name} meets {', '.join(parts)}"


def _therapist(names: Names, kind: str, id: str) -> str:
    entry = names.clinic.therapists[id]
    who = label(named(names.clinic.therapists, id))
    if kind == "therapist_hours":
        return f"{who} is there {windows_text(entry.availability)}"
    parts = []
    for limit, what in (
        (entry.max_minutes_per_day, "a day"),
        (entry.max_minutes_per_week, "a week"),
        (entry.max_consecutive_minutes, "in a row"),
    ):
        if limit is not None:
            parts.append(f"{duration(limit)} {what}")
    if entry.max_caseload is not None:
        parts.append(f"{count(entry.max_caseload, 'patient')} one to one")
    said = [f"has sessions for {listing(parts)} at most"] if parts else []
    if entry.meal is not None:
        start, end = (clock(t) for t in entry.meal.between)
        said.append(f"has a meal break of {entry.meal.minutes} min between {start} and {end}")
    return f"{who} {listing(said)}"
