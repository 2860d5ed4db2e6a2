"""Sessions lie inside opening hours."""

from __future__ import annotations

import pytest

from tests.builders import (
    ALWAYS,
    DAYS,
    Json,
    before,
    broken,
    clinic,
    date,
    group,
    meeting,
    only_fault,
    patient,
    room,
    section,
    solo,
    therapist,
    visit,
    week,
    window,
)


def always_there(**facts: object) -> Json:
    """The clinic with people and rooms that are there at any hour."""
    plain = {
        "patients": [patient("pat", availability=ALWAYS), patient("sam", availability=ALWAYS)],
        "therapists": [therapist("ann", availability=ALWAYS)],
        "rooms": [room("big", 4, availability=ALWAYS), room("small", 1, availability=ALWAYS)],
    }
    return clinic(**(plain | facts))


WITNESS = (always_there(), week(visit(start="12:00")))


def test_a_session_after_closing_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject, fault.amount) == ("opening_hours", "a", 1)
    assert "mon 12:00 is not inside opening hours" in fault.message


@pytest.mark.parametrize(
    ("start", "lawful"), [("08:30", False), ("09:00", True), ("11:30", True), ("11:00", True)]
)
def test_a_session_may_begin_at_opening_and_end_at_closing(start: str, lawful: bool) -> None:
    assert broken(always_there(), week(visit(start=start))) == (
        set() if lawful else {"opening_hours"}
    )


def test_windows_that_touch_are_one() -> None:
    hours = window("09:00", "10:00") + window("10:00", "11:00")
    scenario = always_there(opening_hours=hours, services=[solo(minutes=60)], groups=[])
    scenario["programs"][0]["quotas"] = [{"service": "solo"}]
    assert broken(scenario, week(visit(start="09:30"))) == set()
    scenario["opening_hours"][1]["start"] = "10:30"
    assert broken(scenario, week(visit(start="09:30"))) == {"opening_hours"}


def test_a_session_needs_its_whole_cells() -> None:
    # 20 minutes hold a cell of 30; closing at 11:50 leaves the cell from 11:30 outside.
    scenario = always_there(
        opening_hours=window("09:00", "11:50"),
        services=[solo(minutes=20)],
        groups=[],
    )
    scenario["programs"][0]["quotas"] = [{"service": "solo"}]
    assert broken(scenario, week(visit(start="11:30"))) == {"opening_hours"}


def test_nothing_is_on_a_closed_date() -> None:
    scenario = clinic(closed_dates=[date("mon")])
    fault = only_fault(scenario, week(visit()))
    assert (fault.rule, fault.message) == ("opening_hours", "a: the clinic is shut on mon")
    assert broken(scenario, week(visit(day="tue"))) == set()
    scenario["groups"] = [group(meetings_per_week=2, day_patterns=[["mon", "tue"]])]
    there = section(["pat"], meeting("mon", "09:00"), meeting("tue", "09:00"))
    assert broken(scenario, week(there)) == {"opening_hours"}


def test_a_closed_date_of_another_week_closes_nothing() -> None:
    assert broken(clinic(closed_dates=["2026-01-12"]), week(visit())) == set()


def test_a_session_does_not_run_past_midnight() -> None:
    # The next day opens at 00:00, and still the hour from 23:30 does not end on its own day.
    scenario = always_there(opening_hours=ALWAYS)
    late = visit(start="23:30", of="kin", place="big")
    assert "opening_hours" in broken(scenario, week(late))
    assert broken(scenario, week(late | {"start": "23:00"})) == set()


def test_the_last_session_of_the_week_ends_on_sunday() -> None:
    scenario = always_there(opening_hours=ALWAYS)
    assert DAYS[6] == "sun"
    late = visit(day="sun", start="23:30", of="kin", place="big")
    assert "opening_hours" in broken(scenario, week(late))


def test_a_cancelled_meeting_is_a_meeting_still() -> None:
    # It holds nobody and nothing, but it is listed on a date on which the clinic is shut.
    both = [meeting("mon", "09:00"), meeting("wed", "09:00")]
    scenario = clinic(baseline=before(section(["pat"], *both)), closed_dates=[date("wed")])
    scenario["groups"][0] |= {"meetings_per_week": 2, "day_patterns": [["mon", "wed"]]}
    cancelled = [both[0], both[1] | {"cancelled": True}]
    assert broken(scenario, week(section(["pat"], *cancelled))) == {"opening_hours"}
