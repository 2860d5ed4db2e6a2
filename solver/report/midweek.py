"""A week of which a part is over, in words: who is on course, who can make up, who no longer can."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from ..clinic import Clinic
from ..schedule import Appointment
from ..timegrid import DAY_NAMES, DAYS, clock
from .words import count, duration, label, listing, named

TITLES = {
    "out_of_reach": "Can no longer reach the weekly minimum",
    "open": "Short, and no place found that leaves everybody else's week alone",
    "made_up": "Short, and can make up",
    "on_course": "On course",
}
"""How a week may look, the most urgent first."""


class Lacking(Protocol):
    """What is missing of a week's minimums; ``midweek.reach.Lack`` is one."""

    @property
    def minutes(self) -> int: ...
    @property
    def sessions(self) -> Mapping[str, int]: ...
    @property
    def days(self) -> int: ...


class Reached(Protocol):
    """What stays missing whatever is done."""

    @property
    def least(self) -> Lacking: ...
    @property
    def together(self) -> bool: ...


class Offered(Protocol):
    """One way to make up; ``midweek.places.Place`` is one."""

    @property
    def kind(self) -> str: ...
    @property
    def service(self) -> str: ...
    @property
    def ref(self) -> str: ...
    @property
    def meetings(self) -> Sequence[tuple[int, int]]: ...
    @property
    def minutes(self) -> int: ...
    @property
    def remote(self) -> bool: ...
    @property
    def appointment(self) -> Appointment | None: ...


class Seen(Protocol):
    """One patient's week; ``midweek.outlook.Outlook`` is one."""

    @property
    def patient(self) -> str: ...
    @property
    def course(self) -> str: ...
    @property
    def missed(self) -> Sequence[tuple[str, int]]: ...
    @property
    def lacking(self) -> Lacking: ...
    @property
    def left(self) -> Lacking: ...
    @property
    def reach(self) -> Reached: ...
    @property
    def places(self) -> Sequence[Offered]: ...


def lacking_words(clinic: Clinic, lacking: Lacking) -> str:
    """``1 h 30 min, 1 session of CBT Skills and 1 day``; empty where nothing is missing."""
    parts = [duration(lacking.minutes)] if lacking.minutes else []
    parts += [
        f"{count(number, 'session')} of {named(clinic.services, service).name}"
        for service, number in lacking.sessions.items()
    ]
    if lacking.days:
        parts.append(count(lacking.days, "day"))
    return listing(parts) if parts else ""


def outlook_sentences(clinic: Clinic, seen: Seen) -> Iterator[str]:
    """What there is to say about one patient, a sentence at a time."""
    who = label(named(clinic.patients, seen.patient))
    missed = f" missed {count(len(seen.missed), 'session')}" if seen.missed else ""
    short = lacking_words(clinic, seen.lacking)
    if not short:
        yield f"{who}{missed} and is on course." if missed else f"{who} is on course."
        return
    yield f"{who}{f'{missed} and' if missed else ''} is short of {short}."
    never = lacking_words(clinic, seen.reach.least)
    if never:
        yield f"Out of reach in any schedule: {never}."
    elif seen.reach.together:
        yield "Each part could still be had, but not all of it together."
    left = lacking_words(clinic, seen.left)
    if left != short:
        yield f"With the plan, {f'still short of {left}' if left else 'nothing is missing'}."


def place_words(clinic: Clinic, place: Offered) -> str:
    """``Individual Session, Fri 09:00–10:00 with Ann Bell in Office 1``."""
    times = " and ".join(
        f"{DAY_NAMES[day][:3]} {clock(start)}–{clock(start + _minutes(clinic, place))}"
        for day, start in place.meetings
    )
    if place.appointment is not None:
        a = place.appointment
        where = "by video" if a.remote else f"in {named(clinic.rooms, a.room or '').name}"
        with_whom = named(clinic.therapists, a.therapist).name
        return f"{named(clinic.services, place.service).name}, {times} with {with_whom}, {where}"
    section = clinic.baseline_sections.get(place.ref)
    title = named(clinic.groups, section.group).name if section else place.ref
    way = ", by video" if place.remote else ""
    if place.kind == "guest":
        return f"{title}, {times}{way}, as a guest (a make-up that the schedule cannot record)"
    return f"{title}, {times}{way}, as a member"


def _minutes(clinic: Clinic, place: Offered) -> int:
    section = clinic.baseline_sections.get(place.ref)
    if place.appointment is None and section is not None:
        return clinic.groups[section.group].minutes
    return clinic.services[place.service].minutes


def ordered(outlooks: Iterable[Seen]) -> list[tuple[str, list[Seen]]]:
    """Patients by how their week looks, the most urgent first."""
    by_course: dict[str, list[Seen]] = {course: [] for course in TITLES}
    for seen in outlooks:
        by_course[seen.course].append(seen)
    return [(course, people) for course, people in by_course.items() if people]


def outlook_document(clinic: Clinic, seen: Seen) -> dict[str, object]:
    """One patient's week for machines; minutes are clinical."""
    return {
        "patient": seen.patient,
        "name": named(clinic.patients, seen.patient).name,
        "course": seen.course,
        "missed": [{"session": ref, "day": DAYS[day]} for ref, day in seen.missed],
        "lacking": _document(seen.lacking),
        "with_plan": _document(seen.left),
        "out_of_reach": _document(seen.reach.least),
        "not_together": seen.reach.together,
        "places": [
            {
                "kind": p.kind,
                "service": p.service,
                "ref": p.ref,
                "meetings": [{"day": DAYS[d], "start": clock(s)} for d, s in p.meetings],
                "minutes": p.minutes,
                "remote": p.remote,
                "therapist": p.appointment.therapist if p.appointment else None,
                "room": p.appointment.room if p.appointment else None,
                "sentence": place_words(clinic, p),
            }
            for p in seen.places
        ],
        "sentences": list(outlook_sentences(clinic, seen)),
    }


def _document(lacking: Lacking) -> dict[str, object]:
    return {
        "minutes": lacking.minutes,
        "sessions": dict(lacking.sessions),
        "days": lacking.days,
    }
