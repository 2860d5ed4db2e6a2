"""Therapists, patients and rooms out of FHIR: Practitioner, PractitionerRole, Patient, Location."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from ...validation import Notice
from .hours import (
    Clock,
    Span,
    covers,
    earliest,
    inside,
    latest,
    moment_span,
    monday_of,
    weekly,
    windows_of,
    without,
)
from .resources import Resource, Resources, coded, text_of

Entry = dict[str, object]
Hours = dict[str, list[Span]]
"""Spans of the week by resource name; who is not in it has no stated hours."""

_ROOM = "ro"
_NAME_USES = ("official", "usual", None, "temp", "nickname", "anonymous", "old", "maiden")
"""Which of several names is taken, the best first."""


def therapists(resources: Resources, week: date | None, hours: Hours) -> Iterator[Entry]:
    """Active Practitioners with their qualifications, languages and hours."""
    for resource in active(resources, "Practitioner"):
        practitioner = resource.content
        entry: Entry = {"id": resource.key, **_named(practitioner)}
        entry["credentials"] = list(_credentials(practitioner.qualification, week))
        if languages := _languages(practitioner.communication):
            entry["languages"] = languages
        if resource.name in hours:
            entry["availability"] = windows_of(hours[resource.name])
        yield entry


def patients(resources: Resources, hours: Hours) -> Iterator[Entry]:
    """Active Patients; the program of each is nowhere in FHIR."""
    for resource in active(resources, "Patient"):
        patient = resource.content
        entry: Entry = {"id": resource.key, **_named(patient)}
        if patient.gender and patient.gender != "unknown":
            entry["gender"] = patient.gender
        if languages := _languages(c.language for c in patient.communication or ()):
            entry["languages"] = languages
        if resource.name in hours:
            entry["availability"] = windows_of(hours[resource.name])
        yield entry


def rooms(resources: Resources, hours: Hours) -> Iterator[Entry]:
    """Locations that are rooms; how many people they hold is nowhere in FHIR."""
    for resource in room_resources(resources):
        entry: Entry = {"id": resource.key}
        if name := " ".join((resource.content.name or "").split()):
            entry["name"] = name
        if resource.name in hours:
            entry["availability"] = windows_of(hours[resource.name])
        yield entry


def active(resources: Resources, kind: str) -> Iterator[Resource]:
    """Those that are not said to be inactive, or, of people, dead."""
    for resource in resources.of[kind]:
        content = resource.content
        dead = getattr(content, "deceasedBoolean", None) or getattr(
            content, "deceasedDateTime", None
        )
        if getattr(content, "active", None) is not False and not dead:
            yield resource


def passive(resources: Resources) -> Iterator[Notice]:
    """How many people and places were left out because they are said to be inactive."""
    for kind, what in (("Practitioner", "practitioner"), ("Patient", "patient")):
        number = len(resources.of[kind]) - sum(1 for _ in active(resources, kind))
        if number:
            yield Notice(kind, f"{number} left out: each an inactive {what}")
    number = sum(not _is_open(resource.content) for resource in resources.of["Location"])
    if number:
        yield Notice("Location", f"{number} left out: each inactive, or a kind of place")


def _is_open(location: Any) -> bool:
    return location.status in (None, "active") and location.mode != "kind"


def room_resources(resources: Resources) -> list[Resource]:
    """Locations that are rooms: said to be, or of no said kind and with no place inside them."""
    parents = {
        id(parent)
        for resource in resources.of["Location"]
        if (parent := resources.find(resource.content.partOf, "Location"))
    }
    return [
        resource
        for resource in resources.of["Location"]
        if _is_open(resource.content)
        and (_kinds_of(resource.content) or ({_ROOM} if id(resource) not in parents else set()))
        & {_ROOM}
    ]


def sites(resources: Resources) -> list[Resource]:
    """Locations that are whole clinics: a site, a building, or whatever has rooms inside it."""
    those = room_resources(resources)
    return [
        resource
        for resource in resources.of["Location"]
        if _is_open(resource.content) and not any(resource is room for room in those)
    ]


def _kinds_of(location: Any) -> set[str]:
    concept = location.physicalType
    return {str(c.code) for c in (concept.coding or () if concept else ()) if c.code}


def taking_part(actor: Any, resources: Resources) -> Resource | None:
    """The person or room that takes part; of a role the practitioner."""
    who = resources.find(actor, "Patient", "Practitioner", "PractitionerRole", "Location")
    if who is not None and who.kind == "PractitionerRole":
        return resources.find(who.content.practitioner, "Practitioner")
    return who


# -- hours ----------------------------------------------------------------------------------------


def stated_hours(resources: Resources, week: date | None, here: Clock, slots: Hours) -> Hours:
    """The hours of everybody and every room that states any; slots of the week go before weekly hours."""
    hours: Hours = {}
    for resource in room_resources(resources):
        opening = resource.content.hoursOfOperation
        if opening:
            hours[resource.name] = weekly(opening, "openingTime", "closingTime")
    for role in active(resources, "PractitionerRole"):
        who = resources.find(role.content.practitioner, "Practitioner")
        if who is None or not role.content.availableTime:
            continue
        if week is not None and not covers(role.content.period, week):
            continue
        spans = weekly(role.content.availableTime, "availableStartTime", "availableEndTime")
        away = (_away(entry, week, here) for entry in role.content.notAvailable or ())
        spans = without(spans, (span for span in away if span))
        hours.setdefault(who.name, []).extend(spans)
    return hours | slots


def slot_hours(resources: Resources, week: date | None, here: Clock) -> Hours:
    """Hours of a week by the slots of people's and rooms' Schedules: free, or busy with sessions.

    Busy slots are hours only where an Appointment of the files names them: it is such sessions
    that are to be planned anew. Whoever has slots in the week has no other hours in it.
    """
    hours: Hours = {}
    taken = {
        id(slot)
        for appointment in resources.of["Appointment"]
        for reference in appointment.content.slot or ()
        if (slot := resources.find(reference, "Slot"))
    }
    for resource in resources.of["Slot"] if week else ():
        slot = resource.content
        schedule = resources.find(slot.schedule, "Schedule")
        if schedule is None or schedule.content.active is False or week is None:
            continue
        span = inside(here.local(slot.start), here.local(slot.end), week)
        if span is None or slot.status == "entered-in-error":
            continue
        usable = slot.status == "free" or (
            slot.status in ("busy", "busy-tentative") and id(resource) in taken
        )
        for actor in schedule.content.actor or ():
            who = taking_part(actor, resources)
            if who is not None:
                spans: list[Span] = hours.setdefault(who.name, [])
                if usable:
                    spans.append(span)
    return hours


def slot_weeks(resources: Resources, here: Clock) -> Iterator[date]:
    """The week of each slot."""
    for resource in resources.of["Slot"]:
        yield monday_of(here.local(resource.content.start).date())


def _away(entry: Any, week: date | None, here: Clock) -> Span | None:
    moments = moment_span(entry.during, here) if entry.during else None
    return inside(*moments, week) if moments and week else None


def opening_hours(resources: Resources) -> list[Span]:
    """When the clinic is open, of all its places that say so."""
    return [
        span
        for site in sites(resources)
        for span in weekly(site.content.hoursOfOperation, "openingTime", "closingTime")
    ]


# -- names and words ------------------------------------------------------------------------------


def _named(person: Any) -> Entry:
    """The name as it is said; nothing for somebody without one."""
    names = sorted(
        person.name or (),
        key=lambda n: _NAME_USES.index(n.use) if n.use in _NAME_USES else len(_NAME_USES),
    )
    for name in names:
        parts = [*(name.given or ()), name.family]
        text = name.text or " ".join(part for part in parts if part)
        if text.strip():
            return {"name": " ".join(text.split())}
    return {}


def _languages(concepts: Iterable[Any] | None) -> list[str]:
    """Languages by their main code: "en" for en-US."""
    words = (coded(concept).partition("-")[0].lower() for concept in concepts or ())
    return list(dict.fromkeys(word for word in words if word))


def _credentials(qualifications: Sequence[Any] | None, week: date | None) -> Iterator[object]:
    """Qualifications with their last day; one that begins after the week is none yet."""
    held: dict[str, date | None] = {}
    for qualification in qualifications or ():
        name = coded(qualification.code) or text_of(qualification.code)
        begins = earliest(qualification.period.start) if qualification.period else None
        ends = latest(qualification.period.end) if qualification.period else None
        if not name or (week and begins and begins > week + timedelta(days=6)):
            continue
        before = held.get(name, ends)
        held[name] = max(before, ends) if before and ends else None
    for name, last in held.items():
        yield {"id": name, "expires": last.isoformat()} if last else name
