"""Sections keep the group's days and times."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    Json,
    broken,
    clinic,
    date,
    faults,
    group,
    meeting,
    only_fault,
    section,
    week,
    window,
)


def twice_a_week(**facts: Any) -> Json:
    return clinic(groups=[group(meetings_per_week=2, **facts)])


def meets(*days: str, start: str = "09:00", **facts: Any) -> Json:
    return week(section(["pat"], *(meeting(d, start) for d in days), **facts))


WITNESS = (
    clinic(),
    week(
        section(["pat"], name="s"),
        section(["sam"], meeting("mon", "10:00"), name="t"),
    ),
)


def test_a_section_too_many_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject, fault.amount) == ("meeting_pattern", "cbt", 1)
    assert fault.message == "2 sections of cbt, 1 at most"


def test_a_group_may_have_as_many_sections_as_it_says() -> None:
    scenario = clinic(groups=[group(max_sections=2)])
    assert broken(scenario, WITNESS[1]) == set()
    scenario["groups"][0]["max_sections"] = 0
    assert broken(scenario, meets("mon")) == {"meeting_pattern"}


@pytest.mark.parametrize(
    ("days", "lawful"),
    [(["mon"], False), (["mon", "wed"], True), (["mon", "wed", "fri"], False)],
)
def test_a_section_meets_as_often_as_its_group(days: list[str], lawful: bool) -> None:
    found = broken(twice_a_week(), meets(*days))
    assert found == (set() if lawful else {"meeting_pattern"})


def test_a_section_that_meets_on_no_day_is_none() -> None:
    empty = week(section(["pat"]) | {"meetings": []})
    assert "meeting_pattern" in broken(clinic(), empty)


@pytest.mark.parametrize(
    ("days", "lawful"),
    [
        (["mon", "wed"], True),
        (["thu", "tue"], True),  # in any order
        (["mon", "tue"], False),
        (["wed"], False),
    ],
)
def test_where_patterns_are_named_one_of_them_is_kept(days: list[str], lawful: bool) -> None:
    scenario = twice_a_week(day_patterns=[["mon", "wed"], ["tue", "thu"]])
    assert broken(scenario, meets(*days)) == (set() if lawful else {"meeting_pattern"})


@pytest.mark.parametrize(
    ("days", "lawful"), [(["mon"], True), (["tue", "thu"], True), (["tue"], False), ([], False)]
)
def test_closed_dates_fall_out_of_a_pattern(days: list[str], lawful: bool) -> None:
    scenario = twice_a_week(day_patterns=[["mon", "wed"], ["tue", "thu"]])
    scenario["closed_dates"] = [date("wed")]
    found = broken(
        scenario, week(section(["pat"]) | {"meetings": [meeting(d, "09:00") for d in days]})
    )
    assert ("meeting_pattern" not in found) is lawful


@pytest.mark.parametrize(
    ("closed", "days", "lawful"),
    [
        (["wed"], ["mon"], False),  # four open days are left for two meetings
        (["mon", "tue", "wed", "thu"], ["fri"], True),
        (["mon", "tue", "wed", "thu"], ["fri", "thu"], True),  # opening_hours minds the closed one
    ],
)
def test_without_patterns_at_most_the_open_days_are_asked_for(
    closed: list[str], days: list[str], lawful: bool
) -> None:
    scenario = twice_a_week() | {"closed_dates": [date(d) for d in closed]}
    assert ("meeting_pattern" not in broken(scenario, meets(*days))) is lawful


def test_days_with_no_opening_hours_are_not_open() -> None:
    scenario = clinic(groups=[group(meetings_per_week=5)])
    scenario["opening_hours"] = window("09:00", "12:00", "mon", "tue", "wed")
    assert broken(scenario, meets("mon", "tue", "wed")) == set()
    assert broken(scenario, meets("mon", "tue")) == {"meeting_pattern"}


def test_a_day_without_opening_hours_is_none_of_the_pattern_s_business() -> None:
    # The clinic is shut on Sundays, which is what opening_hours says.
    assert "meeting_pattern" not in broken(clinic(), meets("sun"))


def test_one_start_time_on_every_day() -> None:
    different = week(section(["pat"], meeting("mon", "09:00"), meeting("wed", "10:00")))
    fault = only_fault(twice_a_week(), different)
    assert (fault.rule, fault.subject) == ("meeting_pattern", "s")
    assert "different times" in fault.message


def test_one_of_the_start_times_named() -> None:
    scenario = clinic(groups=[group(start_times=["09:00", "10:30"])])
    assert broken(scenario, meets("mon", start="10:30")) == set()
    fault = only_fault(scenario, meets("mon", start="10:00"))
    assert fault.message == "s on mon: cbt starts at 09:00 or 10:30"


@pytest.mark.parametrize(("start", "lawful"), [("09:30", False), ("10:00", True), ("10:30", False)])
def test_inside_the_group_s_windows(start: str, lawful: bool) -> None:
    scenario = clinic(groups=[group(windows=window("10:00", "11:00"))])
    found = broken(scenario, meets("mon", start=start))
    assert found == (set() if lawful else {"meeting_pattern"})


def test_each_meeting_is_held_against_the_windows() -> None:
    scenario = twice_a_week(windows=window("09:00", "10:00", "mon", "tue"))
    assert [v.message for v in faults(scenario, meets("mon", "wed"))] == [
        "s on wed: wed 09:00 is outside the windows of cbt"
    ]


def test_two_meetings_of_a_day_are_one_too_many() -> None:
    twice = week(section(["pat"], meeting("mon", "09:00"), meeting("mon", "09:00", "small")))
    found = faults(twice_a_week(), twice)
    assert "s meets twice on a day" in [v.message for v in found]
