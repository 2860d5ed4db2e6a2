"""Calendars (iCalendar, RFC 5545): one a person, room or group.

An event's UID stays its own when the session moves, and its SEQUENCE rises with each revision, so
that a calendar that has the event moves it. A session that is cancelled, of which the person is
excused, in which somebody stands in for them, or that stood in the previous schedule and stands no
longer, is an event with the status CANCELLED.

UIDs are made from the clinic's name, the week, the session's id, which of the section's meetings of
the week it is, and whose calendar it stands in. They are digests, so that they tell nothing, not
even that two patients share a group.

SEQUENCE is a revision number that the caller gives: the number of the published week where there is
a store. Without one it comes from the clock (``revision_by_clock``), because a file remembers
nothing: whatever was exported later has the higher number.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo

import icalendar

from ...clinic import Clinic
from ...report import Named
from .clocks import changes, is_shown_twice, span, zone_of
from .readers import Entry, Readers, Subject, name_of
from .text import one_line

PRODUCT = "-//week schedules//EN"
"""It says nothing of what kind of clinic it is."""
LARGEST_REVISION = 2**31 - 1
_OUR_NAMESPACE = uuid.UUID("4f6c1b0e-5d0c-4d0a-9a37-0d5b8f1e7c21")
_CLOCK_STARTS = datetime(2020, 1, 1, tzinfo=UTC)


def revision_by_clock(now: datetime) -> int:
    """A revision number of whoever keeps none: seconds since 2020, good until 2088."""
    return min(max(0, int((now - _CLOCK_STARTS).total_seconds())), LARGEST_REVISION)


def calendar(
    readers: Readers,
    subject: Subject,
    *,
    revision: int,
    now: datetime,
    clinic_id: str | None = None,
) -> bytes:
    """The calendar of one patient, therapist, room or group for the week.

    Args:
        revision: SEQUENCE of every event; higher than in any calendar given out before for this
            week, 0 to LARGEST_REVISION.
        now: with a time zone.
        clinic_id: what tells the clinic from others; by default the scenario's name.

    Raises:
        FileFaults: the scenario names a time zone that does not exist.
    """
    clinic = readers.clinic
    zone = zone_of(clinic.scenario)
    out = icalendar.Calendar()
    out.add("prodid", PRODUCT)
    out.add("version", "2.0")
    out.add("calscale", "GREGORIAN")
    title = _title(readers, subject)
    out.add("name", title)
    out.add("x-wr-calname", title)
    if zone:
        out.add("x-wr-timezone", zone.key)
        out.add_component(_timezone(clinic, zone, zone.key))
    for entry in readers.week(subject):
        event = _event(clinic, entry, subject, zone)
        event.add("uid", uid(clinic, entry, subject, clinic_id))
        event.add("sequence", revision)
        event.add("dtstamp", now.astimezone(UTC))
        out.add_component(event)
    content: bytes = out.to_ical()
    return content


def uid(clinic: Clinic, entry: Entry, subject: Subject | None, clinic_id: str | None = None) -> str:
    """What a session is known by in one reader's week, whenever and however often it is told.

    Args:
        subject: the reader; None for the clinic's own record.
    """
    scenario = clinic.scenario
    reader = subject or ("clinic", "")
    facts = [clinic_id or scenario.name, scenario.week_start.isoformat(), *reader, entry.key]
    return str(uuid.uuid5(_OUR_NAMESPACE, "\n".join(f"{len(f)} {f}" for f in facts)))


def _title(readers: Readers, subject: Subject) -> str:
    clinic = readers.clinic
    if subject.kind == "patient":
        return "Appointments"
    return name_of(clinic, subject)


def _event(clinic: Clinic, entry: Entry, subject: Subject, zone: tzinfo | None) -> icalendar.Event:
    session, event = entry.session, icalendar.Event()
    when = span(clinic, session, zone)
    if zone and any(map(is_shown_twice, when)):
        # No local time says which of the two it is; UTC does.
        when = type(when)(*(moment.astimezone(UTC) for moment in when))
    event.add("dtstart", when.start)
    event.add("dtend", when.end)
    event.add("summary", f"{entry.off}: {session.title}" if entry.off else session.title)
    event.add("location", session.place)
    if description := "\n".join(_description(entry, subject)):
        event.add("description", description)
    event.add("class", "PRIVATE")
    event.add("status", "CANCELLED" if entry.off else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.off else "OPAQUE")
    return event


def _description(entry: Entry, subject: Subject) -> Iterator[str]:
    session = entry.session
    if entry.substitutes:
        yield entry.substitutes
    leaders = [t.name for t in session.leaders if (subject.kind, subject.id) != ("therapist", t.id)]
    if leaders:
        yield f"With {', '.join(leaders)}"
    if subject.kind in ("therapist", "group"):
        remote = set(session.remote)
        people = [_labelled(p, p in remote and session.room is not None) for p in session.members]
        if people:
            yield f"Patients: {', '.join(people)}"
        if session.absent:
            yield f"Excused: {', '.join(p.name for p in session.absent)}"


def _labelled(patient: Named, by_video: bool) -> str:
    return f"{patient.name} (by video)" if by_video else patient.name


def _timezone(clinic: Clinic, zone: tzinfo, name: str) -> icalendar.Timezone:
    """The zone's clock from the year before the week to the year after it.

    Written out here because icalendar 7 puts the onset of summer time an hour late: an onset is the
    local time before the change (RFC 5545, 3.6.5).
    """
    year = clinic.scenario.week_start.year
    first = datetime(max(1, year - 1), 1, 2, tzinfo=UTC)
    last = datetime(min(9998, year + 1), 12, 31, tzinfo=UTC)
    out = icalendar.Timezone()
    out.add("tzid", name)
    for change in changes(zone, first, last):
        part = icalendar.TimezoneDaylight() if change.summer else icalendar.TimezoneStandard()
        part.add("dtstart", change.onset)
        part.add("tzoffsetfrom", change.before)
        part.add("tzoffsetto", change.after)
        part.add("tzname", one_line(change.name))
        out.add_component(part)
    return out


__all__ = ["LARGEST_REVISION", "calendar", "revision_by_clock", "uid"]
