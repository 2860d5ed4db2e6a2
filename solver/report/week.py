"""The week by room, therapist, patient or group: sessions in time order, with names and times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..clinic import Clinic
from ..scenario import Format
from ..schedule import Appointment, Meeting, Schedule, Section
from ..timegrid import DAY_NAMES, DAY_NUMBER, DAYS, clock, day_of
from ..validation.wording import nearest
from .served import care
from .words import Named, count, hours, label, named, names

View = Literal["room", "therapist", "patient", "group"]
VIEWS: tuple[View, ...] = ("room", "therapist", "patient", "group")

BY_VIDEO = "by video"
OFF_SITE = "off site"
NO_ROOM = "no room"
ELSEWHERE = (BY_VIDEO, OFF_SITE, NO_ROOM)
"""Where a session without a room is; in the week by room these follow the rooms."""


@dataclass(frozen=True, slots=True)
class Session:
    """One meeting or appointment as a person reads it.

    Attributes:
        ref: id of the section or appointment.
        day, start, end: day number and minutes of the day; the end is that of the session itself,
            not of the last grid cell it holds.
        group: the group, or None for an appointment.
        place: the room's name, or one of ELSEWHERE.
        leaders: who leads this meeting (substitutes where there are any), or the therapist.
        members: patients due at it; absent ones are left out and stand in ``absent``.
        remote: those of the members who join by video.
        cancelled: it was to take place, and does not.
        substituted: the meeting has leaders of its own.
    """

    ref: str
    kind: Format
    title: str
    service: str
    group: str | None
    day: int
    start: int
    end: int
    room: str | None
    place: str
    leaders: tuple[Named, ...]
    members: tuple[Named, ...]
    remote: tuple[Named, ...] = ()
    absent: tuple[Named, ...] = ()
    cancelled: bool = False
    substituted: bool = False

    @property
    def time(self) -> str:
        """``17:00–18:30``."""
        return f"{clock(self.start)}–{clock(self.end)}"

    def subjects(self, by: View) -> tuple[str, ...]:
        """Ids of whose week it stands in."""
        match by:
            case "room":
                return (self.place,) if self.room is None else (self.room,)
            case "therapist":
                return tuple(t.id for t in self.leaders)
            case "patient":
                return tuple(p.id for p in self.members)
            case "group":
                return () if self.group is None else (self.group,)

    def details(self, by: View, subject: str) -> tuple[str, ...]:
        """What a reader of one subject's week wants to know beyond time and title."""
        leaders = names(self.leaders) or "no leader"
        if self.substituted:
            leaders += " (substitute)" if len(self.leaders) == 1 else " (substitutes)"
        place = BY_VIDEO if subject in {p.id for p in self.remote} else self.place
        people = self._heads() if self.group else names(self.members)
        match by:
            case "room":
                out = [leaders, people]
            case "therapist":
                others = names(t for t in self.leaders if t.id != subject)
                out = [place, people, f"with {others}"] if others else [place, people]
            case "patient":
                out = [leaders, place]
            case "group":
                out = [leaders, place, people]
        return ("cancelled", *out) if self.cancelled else tuple(out)

    def _heads(self) -> str:
        text = count(len(self.members), "patient")
        if self.remote and self.place != BY_VIDEO:
            text += f", {len(self.remote)} by video"
        return f"{text}, {len(self.absent)} absent" if self.absent else text

    def document(self) -> dict[str, object]:
        """The session for machines: ids, ``"HH:MM"`` and names."""
        return {
            "ref": self.ref,
            "title": self.title,
            "service": self.service,
            "group": self.group,
            "day": DAYS[self.day],
            "start": clock(self.start),
            "end": clock(self.end),
            "room": self.room,
            "place": self.place,
            "leaders": [t._asdict() for t in self.leaders],
            "members": [p._asdict() for p in self.members],
            "remote": [p.id for p in self.remote],
            "absent": [p.id for p in self.absent],
            "cancelled": self.cancelled,
        }


@dataclass(frozen=True, slots=True)
class Week:
    """All sessions of one room, therapist, patient or group, in time order."""

    id: str
    name: str
    note: str
    sessions: tuple[Session, ...]


def sessions(clinic: Clinic, schedule: Schedule) -> tuple[Session, ...]:
    """Every session of the week in time order, legal or not."""
    out = [_meeting(clinic, s, m) for s in schedule.sections for m in s.meetings]
    out += [_appointment(clinic, a) for a in schedule.appointments]
    return tuple(sorted(out, key=lambda s: (s.day, s.start, s.title, s.ref)))


def _meeting(clinic: Clinic, section: Section, meeting: Meeting) -> Session:
    group, day = clinic.groups[section.group], DAY_NUMBER[meeting.day]
    away = {a.patient for a in section.absences if a.day == meeting.day}
    due = [p for p in section.members if day in clinic.stay.get(p, range(7))]
    there = [p for p in due if p not in away]
    by_video = {p for p in there if clinic.member_remote(group, p in section.remote_members)}
    elsewhere = {"telehealth": BY_VIDEO, "offsite": OFF_SITE}.get(group.modality, NO_ROOM)
    return Session(
        ref=section.id,
        kind="group",
        title=group.name or group.id,
        service=group.service,
        group=group.id,
        day=day,
        start=meeting.start,
        end=meeting.start + group.minutes,
        room=meeting.room,
        place=elsewhere if meeting.room is None else named(clinic.rooms, meeting.room).name,
        leaders=tuple(named(clinic.therapists, t) for t in section.leaders_at(meeting)),
        members=tuple(named(clinic.patients, p) for p in there),
        remote=tuple(named(clinic.patients, p) for p in there if p in by_video),
        absent=tuple(named(clinic.patients, p) for p in due if p in away),
        cancelled=meeting.cancelled,
        substituted=meeting.leaders is not None and meeting.leaders != section.leaders,
    )


def _appointment(clinic: Clinic, a: Appointment) -> Session:
    service = clinic.services[a.service]
    patient = named(clinic.patients, a.patient)
    elsewhere = BY_VIDEO if a.remote else NO_ROOM
    return Session(
        ref=a.id,
        kind=service.format,
        title=service.name or service.id,
        service=service.id,
        group=None,
        day=DAY_NUMBER[a.day],
        start=a.start,
        end=a.start + service.minutes,
        room=a.room,
        place=elsewhere if a.room is None else named(clinic.rooms, a.room).name,
        leaders=(named(clinic.therapists, a.therapist),),
        members=(patient,),
        remote=(patient,) if a.remote else (),
    )


def weeks(clinic: Clinic, schedule: Schedule, by: View) -> tuple[Week, ...]:
    """The week of every room, therapist, patient or group, in the order of the scenario.

    Rooms are followed by what takes place by video, off site or (in an illegal schedule) without
    the room it needs.
    """
    held: dict[str, list[Session]] = {}
    for session in sessions(clinic, schedule):
        for subject in session.subjects(by):
            held.setdefault(subject, []).append(session)
    notes = _notes(clinic, schedule, by, held)
    return tuple(
        Week(subject.id, subject.name, notes.get(subject.id, ""), tuple(held.get(subject.id, ())))
        for subject in _subjects(clinic, by)
        if subject.id in held or subject.id not in ELSEWHERE
    )


def _subjects(clinic: Clinic, by: View) -> list[Named]:
    match by:
        case "room":
            rooms = [named(clinic.rooms, r) for r in clinic.rooms]
            return [*rooms, *(Named(place, place) for place in ELSEWHERE)]
        case "therapist":
            return [named(clinic.therapists, t) for t in clinic.therapists]
        case "patient":
            return [named(clinic.patients, p) for p in clinic.patients]
        case "group":
            return [named(clinic.groups, g) for g in clinic.groups]


def _notes(
    clinic: Clinic, schedule: Schedule, by: View, held: Mapping[str, Sequence[Session]]
) -> dict[str, str]:
    if by == "patient":
        return {c.patient.id: c.note() for c in care(clinic, schedule)}
    if by == "therapist":
        return {t: _load(clinic, t, held.get(t, ())) for t in clinic.therapists}
    if by == "group":
        return {g: _running(schedule, g) for g in clinic.groups}
    return {}


def _load(clinic: Clinic, therapist: str, work: Sequence[Session]) -> str:
    minutes = sum(clinic.grid.held(s.end - s.start) for s in work if not s.cancelled)
    available = clinic.available_minutes[therapist]
    return f"{hours(minutes)} of {hours(available)} h" if available else f"{hours(minutes)} h"


def _running(schedule: Schedule, group: str) -> str:
    running = [s.id for s in schedule.sections if s.group == group]
    return (
        "does not run"
        if not running
        else ""
        if len(running) == 1
        else count(len(running), "section")
    )


def find_subject(clinic: Clinic, who: str, by: View | None) -> tuple[View, str]:
    """The view and id that ``who`` names, in one view or in whichever knows the id.

    Raises:
        LookupError: nobody has that id (the nearest match is named), or several have it.
    """
    known = {view: _subjects(clinic, view) for view in ([by] if by else VIEWS)}
    found = [view for view, subjects in known.items() if who in {s.id for s in subjects}]
    if len(found) == 1:
        return found[0], who
    if found:
        raise LookupError(f"there is a {' and a '.join(found)} {who!r}; say which with --by")
    kind = by or "room, therapist, patient or group"
    everyone = {s.id: s for subjects in known.values() for s in subjects if s.id not in ELSEWHERE}
    names = {s.name: s for s in everyone.values()}
    guess = everyone.get(nearest(who, everyone) or "") or names.get(nearest(who, names) or "")
    hint = f"; did you mean {label(guess)}?" if guess else ""
    raise LookupError(f"no {kind} {who!r}{hint}")


def day_heading(clinic: Clinic, day: int) -> str:
    """``Mon 30 Nov``, with a word where the clinic is shut on that date."""
    when = day_of(clinic.scenario.week_start, day)
    shut = " (closed)" if day in clinic.closed_days else ""
    return f"{DAY_NAMES[day][:3]} {when.day} {when:%b}{shut}"


def shown_days(clinic: Clinic, shown: Iterable[Session]) -> tuple[int, ...]:
    """Days with opening hours, closed dates among them, or with a session."""
    usual = {DAY_NUMBER[d] for w in clinic.scenario.opening_hours for d in w.days}
    return tuple(sorted(usual | {s.day for s in shown}))
