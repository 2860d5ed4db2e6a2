"""FHIR R4 in: which week it is, what the clinic's clock shows, and who is there when."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from solver.io.fhir_in.hours import latest, windows_of
from tests.io.fhir_bundles import (
    MONDAY,
    ZONE,
    available,
    clinic,
    draft,
    faults,
    listed,
    location,
    patient,
    practitioner,
    qualified,
    role,
    schedule,
    sessions,
    slot,
)


def test_the_planned_week_takes_the_week_before_as_its_baseline() -> None:
    found = draft(*clinic(), week=date(2026, 1, 12))
    assert found.tree["week_start"] == "2026-01-12"
    assert found.tree["baseline"]["week_start"] == "2026-01-05"  # type: ignore[index]
    assert listed(found, "therapists", "max")["availability"] == [
        {"days": ["wed"], "start": "10:00", "end": "11:00"}
    ]
    assert listed(found, "therapists", "eve")["availability"] == [
        {"days": ["mon", "tue", "wed"], "start": "09:00", "end": "17:00"}
    ]
    assert "baseline" not in draft(*clinic(), week=date(2026, 2, 2)).tree


def test_a_time_zone_turns_moments_into_the_clinics_clock() -> None:
    found = draft(*clinic(), timezone="America/New_York")
    assert found.tree["timezone"] == "America/New_York"
    assert found.tree["baseline"]["sections"][0]["meetings"][0]["start"] == "10:00"  # type: ignore[index]


def test_times_in_utc_alone_need_the_clinics_time_zone() -> None:
    utc = [
        {**r, "start": r["start"].replace(ZONE, "Z"), "end": r["end"].replace(ZONE, "Z")}
        for r in sessions()
    ]
    people = [r for r in clinic() if r["resourceType"] in ("Patient", "Practitioner", "Location")]
    (said,) = faults(*people, *utc)
    assert said.startswith("the files give times in UTC only")
    found = draft(*people, *utc, timezone="America/Chicago")
    assert found.tree["baseline"]["sections"][0]["meetings"][0]["start"] == "03:00"  # type: ignore[index]


def test_a_time_zone_that_does_not_exist() -> None:
    assert faults(timezone="America/Chigago") == [
        "timezone: no time zone 'America/Chigago'; did you mean 'America/Chicago'?"
    ]


def test_hours_all_day_to_midnight_and_of_a_role_that_is_over() -> None:
    found = draft(
        practitioner("a"), role("a", {"daysOfWeek": ["sat"], "allDay": True}),
        practitioner("b"), role("b", available("20:00:00", "23:59:00", "sun")),
        practitioner("c"), role("c", available("09:00:00", "12:00:00", "mon"), period={"end": "2025"}),
        practitioner("d"), role("d", {"daysOfWeek": ["mon"]}),
        week=MONDAY,
    )  # fmt: skip
    assert listed(found, "therapists", "a")["availability"] == [
        {"days": ["sat"], "start": "00:00", "end": "24:00"}
    ]
    assert listed(found, "therapists", "b")["availability"] == [
        {"days": ["sun"], "start": "20:00", "end": "24:00"}
    ]
    assert "availability" not in listed(found, "therapists", "c")
    assert listed(found, "therapists", "d")["availability"] == []


def test_slots_of_rooms_and_patients_over_midnight() -> None:
    found = draft(
        location("oak"), patient("ana"), schedule("s", "Location/oak", "Patient/ana"),
        slot("1", "s", "2026-01-05", "22:00", "23:00"),
        slot("2", "s", "2026-01-05", "23:00", "24:00") | {"end": f"2026-01-06T01:00:00{ZONE}"},
        slot("3", "s", "2026-01-07", "09:00", "10:00", "entered-in-error"),
    )  # fmt: skip
    hours = [
        {"days": ["mon"], "start": "22:00", "end": "24:00"},
        {"days": ["tue"], "start": "00:00", "end": "01:00"},
    ]
    assert listed(found, "rooms", "oak")["availability"] == hours
    assert listed(found, "patients", "ana")["availability"] == hours


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026", "2026-12-31"),
        ("2024-02", "2024-02-29"),
        (MONDAY, "2026-01-05"),
        ("9999", "9999-12-31"),
    ],
)
def test_the_last_day_that_a_date_may_mean(value: Any, day: str) -> None:
    assert str(latest(value)) == day


def test_for_ever_is_a_date_too() -> None:
    away = [{"description": "never back", "during": {"start": "2026-01-07", "end": "9999-12-31"}}]
    found = draft(
        practitioner("a", qualified("MD", "9999-12-31")),
        role(
            "a",
            available("09:00:00", "12:00:00", "mon", "fri"),
            notAvailable=away,
            period={"end": "9999"},
        ),
        week=MONDAY,
        timezone="Asia/Tokyo",
    )
    assert listed(found, "therapists", "a")["availability"] == [
        {"days": ["mon"], "start": "09:00", "end": "12:00"}
    ]


def test_windows_of_spans_that_touch_and_overlap() -> None:
    day = 24 * 60
    assert windows_of([(540, 600), (600, 660), (630, 700), (day + 540, day + 700)]) == [
        {"days": ["mon", "tue"], "start": "09:00", "end": "11:40"}
    ]
    assert windows_of([]) == []
