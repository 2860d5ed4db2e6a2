"""Calendars: read back with a second library, moved and cancelled, over changes of the clock."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event, EventStatus

from solver.errors import FileFaults
from solver.io.out import Readers, Subject, export
from solver.io.out.calendar import LARGEST_REVISION, revision_by_clock
from solver.io.out.clocks import is_shown_twice
from solver.timegrid import DAYS
from tests.builders import (
    ALWAYS,
    Json,
    clinic,
    group,
    meeting,
    section,
    solo,
    visit,
    week,
)
from tests.io import eventful
from tests.io.told import NOW, OPEN, PRIVATE, patient, readers, text_of, therapist, written


def events(content: bytes) -> dict[str, Event]:
    """The events of a calendar by UID, as a library reads them that did not write them."""
    found = IcsCalendarStream.calendar_from_ics(content.decode()).events
    by_uid = {event.uid or "": event for event in found}
    assert len(by_uid) == len(found)
    return by_uid


def told_events(scenario: Json, schedule: Json, whom: Subject, **how: Any) -> dict[str, Event]:
    previous = how.pop("previous", None)
    told = readers(scenario, schedule, how.pop("wording", OPEN), previous)
    return events(written(told, "ics", whom, **how))


def summaries(found: dict[str, Event]) -> list[tuple[str, str | None, bool]]:
    """Summary, description and whether it is cancelled, in time order."""
    ordered = sorted(found.values(), key=lambda e: str(e.dtstart))
    return [(e.summary or "", e.description, e.status == EventStatus.CANCELLED) for e in ordered]


# -- what stands in them --------------------------------------------------------------------------


def test_names_come_back_as_they_are_on_one_line() -> None:
    there = [eventful.MARKUP, eventful.FORMULA, eventful.LAUGHING]
    kim = "Smith, Jo BEGIN:VEVENT\\n;x"
    found = told_events(eventful.scenario(), eventful.schedule(), therapist("ann"))
    assert summaries(found) == [
        (
            "Coping <Skills> & more",
            f"Катя for -Bob\nWith Катя\nPatients: {', '.join(there)}\nExcused: {kim}",
            False,
        ),
        ("+Mixed", f"Patients: {eventful.ARABIC}, {eventful.CHINESE} (by video)", False),
        (
            "Cancelled: Coping <Skills> & more",
            f"With -Bob\nPatients: {', '.join([*there[:2], kim, there[2]])}",
            True,
        ),
        ("Far, away; group", f"Patients: {eventful.LONG}, Adagnp.exe\ufffd Byron", False),
    ]


def test_lines_are_folded_and_end_as_the_standard_has_it() -> None:
    content = written(readers(wording=OPEN), "ics", therapist("ann"))
    lines = content.split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    assert content.endswith(b"END:VCALENDAR\r\n")


def test_an_excuse_and_a_stand_in_are_told_as_cancelled() -> None:
    scenario, schedule = eventful.scenario(), eventful.schedule()
    kim = told_events(scenario, schedule, patient("kim"), wording=PRIVATE)
    assert summaries(kim) == [
        ("Excused: Appointment", None, True),
        ("Cancelled: Appointment", None, True),
    ]
    bob = told_events(scenario, schedule, therapist("bob"))
    assert summaries(bob)[0][::2] == ("Covered: Coping <Skills> & more", True)


def test_what_a_calendar_says_of_itself_tells_nothing() -> None:
    text = text_of(written(readers(), "ics", patient("ali")), "ics")
    assert "PRODID:-//week schedules//EN" in text
    assert "X-WR-CALNAME:Appointments" in text
    assert "CLASS:PRIVATE" in text
    for word in ("iop", "tiny", "ali", "mix", "s2"):
        assert word not in text.lower().replace("calscale", "")


# -- updates --------------------------------------------------------------------------------------

PAIRS = clinic(groups=[group(meetings_per_week=2, max_sections=2)])


def test_a_session_that_moves_keeps_its_uid_and_its_number_rises() -> None:
    first = week(section(["pat"], meeting("mon", "09:00"), meeting("wed", "09:00")), visit("pat"))
    then = week(
        section(["pat"], meeting("tue", "10:00", "small"), meeting("thu", "10:00")),
        visit("pat", "bob", "fri", "09:30"),
    )
    before = told_events(PAIRS, first, patient("pat"), revision=4)
    after = told_events(PAIRS, then, patient("pat"), revision=5, previous=first)
    assert before.keys() == after.keys()
    assert {e.sequence for e in before.values()} == {4}
    assert {e.sequence for e in after.values()} == {5}
    moved = {
        (before[uid].summary, before[uid].dtstart.strftime("%a")): after[uid].dtstart
        for uid in before
    }
    assert {what: when.strftime("%a %H:%M") for what, when in moved.items()} == {
        ("cbt", "Mon"): "Tue 10:00",
        ("cbt", "Wed"): "Thu 10:00",
        ("solo", "Mon"): "Fri 09:30",
    }
    assert all(e.status == EventStatus.CONFIRMED for e in after.values())


def test_the_order_of_entries_in_the_file_does_not_matter() -> None:
    one = week(section(["pat"], meeting("mon", "09:00"), meeting("wed", "09:00")), visit("pat"))
    other = week(section(["pat"], meeting("wed", "09:00"), meeting("mon", "09:00")), visit("pat"))
    assert told_events(PAIRS, one, patient("pat")) == told_events(PAIRS, other, patient("pat"))


def test_a_session_that_is_dropped_is_cancelled_where_the_previous_schedule_is_known() -> None:
    first, then = week(visit("pat"), visit("pat", day="tue", name="b")), week(visit("pat"))
    before = told_events(clinic(), first, patient("pat"), revision=7)
    after = told_events(clinic(), then, patient("pat"), revision=8, previous=first)
    assert before.keys() == after.keys()
    (gone,) = [e for e in after.values() if e.status == EventStatus.CANCELLED]
    assert (gone.summary, gone.sequence, gone.dtstart.strftime("%a")) == (
        "Cancelled: solo",
        8,
        "Tue",
    )
    assert len(told_events(clinic(), then, patient("pat"))) == 1


def test_uids_differ_from_reader_to_reader_and_from_week_to_week() -> None:
    schedule = week(section(["pat", "sam"]))
    later = {"week_start": "2026-01-12"}
    uids = [
        *told_events(clinic(), schedule, patient("pat")),
        *told_events(clinic(), schedule, patient("sam")),
        *told_events(clinic(), schedule, therapist("ann")),
        *told_events(clinic(), schedule, Subject("room", "big")),
        *told_events(clinic(), schedule, Subject("group", "cbt")),
        *told_events(clinic(**later), schedule | later, patient("pat")),
        *told_events(clinic(name="other"), schedule, patient("pat")),
    ]
    assert len(set(uids)) == 7


def test_a_clinic_that_is_renamed_keeps_its_uids_where_it_has_an_id() -> None:
    schedule = week(visit("pat"))
    names = [
        told_events(clinic(name=name), schedule, patient("pat"), clinic_id="c1").keys()
        for name in ("old", "new")
    ]
    assert names[0] == names[1]


def test_revisions_by_the_clock_rise_and_fit_the_standard() -> None:
    assert revision_by_clock(NOW + timedelta(seconds=1)) == revision_by_clock(NOW) + 1
    assert revision_by_clock(datetime(1999, 1, 1, tzinfo=UTC)) == 0
    assert revision_by_clock(datetime(2200, 1, 1, tzinfo=UTC)) == LARGEST_REVISION


def test_calendars_of_many_are_a_file_each() -> None:
    scenario = clinic(
        patients=[{"id": i, "name": i, "program": "iop"} for i in ("p", "P", "../p", "/")]
    )
    files = export(readers(scenario, week()), "ics", "patients", now=NOW, revision=1)
    assert isinstance(files, dict)
    assert len({name.casefold() for name in files}) == 4
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.") for name in files)
    assert "patient-p.ics" in files
    everyone = export(readers(clinic(), week()), "ics", None, now=NOW, revision=1)
    assert len(everyone) == 2 + 2 + 2 + 1


# -- over changes of the clock --------------------------------------------------------------------


def night(zone: str | None, monday: str, *starts: str, minutes: int = 60) -> Readers:
    """Sessions in the night to Sunday, when clocks are changed."""
    scenario = clinic(
        week_start=monday,
        timezone=zone,
        opening_hours=ALWAYS,
        services=[*clinic()["services"][::2], solo(minutes=minutes)],
    )
    visits = [visit("pat", day="sun", start=s, name=s) for s in starts]
    return readers(scenario, week(*visits, week_start=monday))


def utc(found: dict[str, Event]) -> list[str]:
    """Starts and ends in UTC, in order."""
    spans = sorted((e.dtstart, e.dtend) for e in found.values())
    return [f"{a.astimezone(UTC):%d %H:%M}-{b.astimezone(UTC):%H:%M}" for a, b in spans]


CLOCK_CHANGES = [
    # 02:30 does not exist: it is 03:30 summer time; the session over the change lasts its hour.
    ("Europe/Berlin", "2026-03-23", ("01:30", "02:30", "03:30", "09:00"),
     ["29 00:30-01:30", "29 01:30-02:30", "29 01:30-02:30", "29 07:00-08:00"]),
    ("America/New_York", "2026-03-02", ("01:00", "01:30", "02:00", "03:00"),
     ["08 06:00-07:00", "08 06:30-07:30", "08 07:00-08:00", "08 07:00-08:00"]),
    # 01:30 comes twice: the first is meant, and an hour later the clock shows 01:30 again.
    ("America/New_York", "2026-10-26", ("00:30", "01:30", "02:00", "09:00"),
     ["01 04:30-05:30", "01 05:30-06:30", "01 07:00-08:00", "01 14:00-15:00"]),
    ("Europe/Berlin", "2026-10-19", ("02:30", "03:00"), ["25 00:30-01:30", "25 02:00-03:00"]),
    # By half an hour, on the southern half of the globe.
    ("Australia/Lord_Howe", "2026-09-28", ("01:30", "02:00"), ["03 15:00-16:00", "03 15:30-16:30"]),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "monday", "starts", "spans"), CLOCK_CHANGES)
def test_sessions_in_a_night_in_which_the_clock_is_changed(
    zone: str, monday: str, starts: tuple[str, ...], spans: list[str]
) -> None:
    content = written(night(zone, monday, *starts), "ics", patient("pat"))
    assert utc(events(content)) == spans


def test_the_week_round_a_change_of_the_clock_keeps_its_clock_times() -> None:
    scenario = clinic(week_start="2026-10-26", timezone="America/New_York", opening_hours=ALWAYS)
    visits = [visit("pat", day=d, start="17:00", name=d) for d in DAYS]
    told = readers(scenario, week(*visits, week_start="2026-10-26"))
    content = written(told, "ics", patient("pat"))
    assert content.count(b"DTSTART;TZID=America/New_York:") == 7
    assert {e.dtstart.strftime("%H:%M") for e in events(content).values()} == {"17:00"}
    assert [span[3:5] for span in utc(events(content))] == ["21"] * 6 + ["22"]


@pytest.mark.parametrize(
    "zone",
    [
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "America/Phoenix",
        "Africa/Casablanca",
    ],
)
def test_the_zone_is_written_out_for_readers_that_do_not_know_it(zone: str) -> None:
    text = text_of(written(night(zone, "2026-03-23"), "ics", patient("pat")), "ics")
    told, known = tzical(io.StringIO(text.replace(zone, "Own"))).get("Own"), ZoneInfo(zone)
    first = datetime(2025, 2, 1, tzinfo=UTC)
    hours = [(first + timedelta(hours=h)).astimezone(known) for h in range(2 * 365 * 24)]
    plain = [h for h in hours if not is_shown_twice(h)]
    assert len(plain) >= len(hours) - 8
    assert all(h.replace(tzinfo=told).utcoffset() == h.utcoffset() for h in plain)
    assert all(h.replace(tzinfo=told).tzname() == h.tzname() for h in plain[::24])


def test_a_session_up_to_midnight() -> None:
    told = night("America/Chicago", "2026-03-02", "23:00")
    assert utc(events(written(told, "ics", patient("pat")))) == ["09 04:00-05:00"]


def test_without_a_time_zone_times_are_local_wherever_they_are_read() -> None:
    content = written(night(None, "2026-03-02", "09:00"), "ics", patient("pat"))
    assert b"DTSTART:20260308T090000\r\nDTEND:20260308T100000" in content
    assert b"VTIMEZONE" not in content


@pytest.mark.parametrize(
    ("zone", "message"),
    [
        ("America/Chigago", "did you mean 'America/Chicago'?"),
        ("../../etc/passwd", "'America/Chicago' would be one"),
        ("America", "no time zone 'America'"),
        ("x\0y", "no time zone"),
    ],
)
def test_a_time_zone_that_does_not_exist(zone: str, message: str) -> None:
    with pytest.raises(FileFaults, match=r"^timezone: no time zone") as caught:
        written(night(zone, "2026-03-02"), "ics", patient("pat"))
    assert message in str(caught.value)
