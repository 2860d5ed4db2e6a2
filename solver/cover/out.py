"""Who or what is out on which days, and the scenario of the week with them out.

The follow-up scenario has the published week as its baseline: only against it may a meeting have
substitutes, be cancelled or miss a member.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ..clinic import Clinic
from ..rules.locks import frozen_entries
from ..scenario import Lock, Patient, Room, Scenario, Therapist, Window, Windows
from ..schedule import Schedule, Section
from ..timegrid import DAY_NUMBER, DAYS
from ..validation import Notice

Kind = Literal["therapist", "room", "patient"]


@dataclass(frozen=True, slots=True)
class Out:
    """A therapist, room or patient that is not there on some days.

    Attributes:
        days: day numbers.
        by_video: they can still work, or attend, by video.
    """

    kind: Kind
    id: str
    days: frozenset[int]
    by_video: bool = False


def follow_up(
    scenario: Scenario, schedule: Schedule, outs: Sequence[Out]
) -> tuple[Scenario, list[Notice]]:
    """The scenario with them out and the schedule as its baseline, and what was done to its locks.

    Whoever was admitted from the waiting list by the schedule is a patient like any other now. A lock on
    what has no such entry in the schedule, or on what those who are out take part in, is dropped.
    """
    notices: list[Notice] = []
    admitted = {p.id for p in scenario.patients if p.status == "waitlist"} & _seen(schedule)
    patients = [
        p.model_copy(update={"status": "active"}) if p.id in admitted else p
        for p in scenario.patients
    ]
    out = scenario.model_copy(
        update={
            "baseline": schedule.model_copy(update={"not_admitted": ()}),
            "locks": (),
            "patients": tuple(_patient(p, outs, scenario) for p in patients),
            "therapists": tuple(_therapist(t, outs, scenario) for t in scenario.therapists),
            "rooms": tuple(_room(r, outs, scenario) for r in scenario.rooms),
        }
    )
    before = Clinic(out)
    kept = []
    for number, lock in enumerate(scenario.locks):
        why = _falls(lock, before, outs)
        if why:
            notices.append(Notice(f"locks[{number}]", f"{why}; the lock is dropped"))
        else:
            kept.append(lock)
    return out.model_copy(update={"locks": tuple(kept)}), notices


def _seen(schedule: Schedule) -> set[str]:
    return {p for s in schedule.sections for p in s.members} | {
        a.patient for a in schedule.appointments
    }


# -- hours ------------------------------------------------------------------------------------------


def _days_of(kind: Kind, name: str, outs: Iterable[Out], *, video: bool) -> frozenset[int]:
    """Days on which somebody is out; with ``video``, also for what needs no room of them."""
    days: set[int] = set()
    for out in outs:
        if (out.kind, out.id) == (kind, name) and not (video and out.by_video):
            days |= out.days
    return frozenset(days)


def less(windows: Windows | None, days: frozenset[int], opening: Windows) -> Windows | None:
    """Hours without some days; left out means all opening hours, as in the file."""
    if not days:
        return windows
    return tuple(_kept(opening if windows is None else windows, days, inside=False))


def _kept(windows: Windows, days: frozenset[int], *, inside: bool) -> Iterable[Window]:
    for window in windows:
        left = tuple(d for d in window.days if (DAY_NUMBER[d] in days) == inside)
        if left:
            yield window.model_copy(update={"days": left})


def _therapist(t: Therapist, outs: Sequence[Out], scenario: Scenario) -> Therapist:
    away = _days_of("therapist", t.id, outs, video=False)
    if not away:
        return t
    opening = scenario.opening_hours
    gone = _days_of("therapist", t.id, outs, video=True)
    hours = opening if t.availability is None else t.availability
    at_home = [
        *(t.remote_availability or ()),
        *_kept(hours, away - gone, inside=True),
    ]
    remote = less(tuple(at_home), gone, opening)
    return t.model_copy(
        update={
            "availability": less(t.availability, away, opening),
            "remote_availability": remote or (t.remote_availability and ()),
        }
    )


def _room(r: Room, outs: Sequence[Out], scenario: Scenario) -> Room:
    days = _days_of("room", r.id, outs, video=False)
    hours = less(r.availability, days, scenario.opening_hours)
    return r.model_copy(update={"availability": hours}) if days else r


def _patient(p: Patient, outs: Sequence[Out], scenario: Scenario) -> Patient:
    """A patient who can attend by video keeps their hours; sessions in the room are repaired."""
    days = _days_of("patient", p.id, outs, video=True)
    hours = less(p.availability, days, scenario.opening_hours)
    return p.model_copy(update={"availability": hours}) if days else p


# -- locks ------------------------------------------------------------------------------------------


def _falls(lock: Lock, clinic: Clinic, outs: Sequence[Out]) -> str:
    """Why a lock cannot bind the published week any more; empty if it can."""
    if lock.section is not None:
        section = clinic.baseline_sections.get(lock.section)
        if section is None:
            return f"the schedule has no section {lock.section!r}"
        return _touched(f"section {lock.section}", section, outs)
    if lock.appointment is not None:
        a = clinic.baseline_appointments.get(lock.appointment)
        if a is None:
            return f"the schedule has no appointment {lock.appointment!r}"
        here = {("therapist", a.therapist), ("patient", a.patient), ("room", a.room)}
        out = next(
            (o for o in outs if (o.kind, o.id) in here and DAY_NUMBER[a.day] in o.days), None
        )
        return f"{out.id} is out for appointment {a.id}" if out else ""
    if lock.therapist is not None and lock.day is not None:
        return _of_day(lock.therapist, DAY_NUMBER[lock.day], clinic, outs)
    if lock.patient is not None and lock.group is not None:
        sits = any(
            lock.patient in s.members
            for s in clinic.baseline_sections.values()
            if s.group == lock.group
        )
        return "" if sits else f"{lock.patient} is in no section of {lock.group} in the schedule"
    return ""


def _touched(what: str, s: Section, outs: Sequence[Out]) -> str:
    for m in s.meetings:
        here = {("room", m.room), *(("therapist", t) for t in s.leaders_at(m))}
        for out in outs:
            if (out.kind, out.id) in here and DAY_NUMBER[m.day] in out.days:
                return f"{out.id} is out for {what} on {m.day}"
    return ""


def _of_day(therapist: str, day: int, clinic: Clinic, outs: Sequence[Out]) -> str:
    """Why a therapist's locked day cannot stay: one who is out takes part in it."""
    if any((o.kind, o.id) == ("therapist", therapist) and day in o.days for o in outs):
        return f"{therapist} is out on {DAYS[day]}"
    for entry in frozen_entries(clinic, therapist, day):
        if isinstance(entry, Section):
            meetings = tuple(m for m in entry.meetings if DAY_NUMBER[m.day] == day)
            only = entry.model_copy(update={"meetings": meetings})
            if why := _touched(f"{therapist}'s section {entry.id}", only, outs):
                return why
        elif any(
            (o.kind, o.id) in {("patient", entry.patient), ("room", entry.room)} and day in o.days
            for o in outs
        ):
            return f"{therapist}'s appointment {entry.id} on {DAYS[day]} cannot stand"
    return ""
