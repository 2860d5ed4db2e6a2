"""Locks and changes: what a change removed, or left no hours for, can no longer be kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..clinic import Clinic
from ..rules.locks import frozen_entries
from ..scenario import Lock, Scenario
from ..schedule import Appointment, Section
from ..timegrid import DAY_NUMBER
from .draft import LISTS, Json


def drop_gone(tree: Json) -> list[str]:
    """Take locks out of a scenario's JSON form that name what is gone, and say which."""
    locks = tree.get("locks")
    if not locks:
        return []
    there = {what: {e.get("id") for e in tree.get(name, ())} for what, name in LISTS.items()}
    base = tree.get("baseline") or {}
    sections = {s["id"]: s for s in base.get("sections", ())}
    appointments = {a["id"]: a for a in base.get("appointments", ())}
    kept, notices = [], []
    for lock in locks:
        gone = next(_gone(lock, there, sections, appointments), None)
        if gone is None:
            kept.append(lock)
        else:
            notices.append(f"the lock on {_said(lock)} is let go: {gone} is gone")
    tree["locks"] = kept
    return notices


def _gone(
    lock: Json,
    there: Mapping[str, set[str]],
    sections: Mapping[str, Json],
    appointments: Mapping[str, Json],
) -> Iterator[str]:
    for what in ("patient", "group", "therapist"):
        if lock.get(what) is not None and lock[what] not in there[what]:
            yield f"{what} {lock[what]}"
    names: list[tuple[str, str | None]] = []
    if (section := sections.get(lock.get("section", ""))) is not None:
        names.append(("group", section["group"]))
        names += [("therapist", t) for t in section.get("leaders", ())]
        for m in section["meetings"]:
            names.append(("room", m.get("room")))
            names += [("therapist", t) for t in m.get("leaders") or ()]
    elif lock.get("section"):
        yield f"section {lock['section']}"
    if (a := appointments.get(lock.get("appointment", ""))) is not None:
        names += [("patient", a["patient"]), ("therapist", a["therapist"]), ("room", a.get("room"))]
        names.append(("service", a["service"]))
    elif lock.get("appointment"):
        yield f"appointment {lock['appointment']}"
    for what, name in names:
        if name is not None and name not in there[what]:
            yield f"{what} {name}"


def _said(lock: Json) -> str:
    return " and ".join(f"{key} {value}" for key, value in lock.items() if value is not None)


def drop_impossible(before: Scenario, after: Scenario) -> tuple[Scenario, list[str]]:
    """Without the locks whose sessions had their hours before the changes and have none after.

    A therapist on leave, a room closed, a day shut: whoever makes the change means it, and a lock on
    what falls into it would only say that no week exists.
    """
    if not after.locks:
        return after, []
    was, now = Clinic(before), Clinic(after)
    kept, notices = [], []
    for lock in after.locks:
        reason = next(
            (
                why
                for entry in _locked(lock, now)
                for why in _without_hours(entry, lock, now)
                if why not in set(_without_hours(entry, lock, was))
            ),
            None,
        )
        if reason is None:
            kept.append(lock)
        else:
            said = _said(lock.model_dump(exclude_none=True))
            notices.append(f"the lock on {said} is let go: {reason}")
    return (after if not notices else after.model_copy(update={"locks": tuple(kept)})), notices


def _locked(lock: Lock, clinic: Clinic) -> list[Section | Appointment]:
    if lock.section:
        return [clinic.baseline_sections[lock.section]]
    if lock.appointment:
        return [clinic.baseline_appointments[lock.appointment]]
    if lock.therapist and lock.day:
        return frozen_entries(clinic, lock.therapist, DAY_NUMBER[lock.day])
    return []


def _without_hours(entry: Section | Appointment, lock: Lock, clinic: Clinic) -> Iterator[str]:
    """Who or what of a locked entry is not available at a time it is locked to."""
    meetings: list[tuple[int, int, str | None, tuple[str, ...], tuple[str, ...]]]
    if isinstance(entry, Appointment):
        day, minutes = DAY_NUMBER[entry.day], clinic.services[entry.service].minutes
        meetings = [(day, entry.start, entry.room, (entry.therapist,), (entry.patient,))]
        by_video = entry.remote
    else:
        group = clinic.groups[entry.group]
        minutes, by_video = group.minutes, group.modality == "telehealth"
        meetings = [
            (DAY_NUMBER[m.day], m.start, m.room, entry.leaders_at(m), ())
            for m in clinic.open_meetings(entry)
            if not m.cancelled and lock.day in (None, m.day)
        ]
    for day, start, room, therapists, patients in meetings:
        cells = clinic.occupied(day, start, minutes)
        if day in clinic.closed_days:
            continue
        if cells & ~clinic.open_cells:
            yield "the clinic is not open then"
        for t in therapists:
            hours = clinic.reachable if by_video else clinic.on_site
            if t in hours and cells & ~hours[t]:
                yield f"therapist {t} is not there then"
        if room in clinic.room_hours and cells & ~clinic.room_hours[room]:
            yield f"room {room} is not free then"
        for p in patients:
            if p in clinic.patients and cells & ~clinic.free_hours[p, by_video]:
                yield f"patient {p} is not free then"


__all__ = ["drop_gone", "drop_impossible"]
