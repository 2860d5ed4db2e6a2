"""Days too short to count, and days missing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    Json,
    clinic,
    date,
    patient,
    program,
    values,
    visit,
    week,
)


def asking(pat: Json | None = None, **facts: Any) -> Json:
    return clinic(programs=[program(**facts)], patients=[patient("pat", **(pat or {}))])


def visits(**times: str) -> Json:
    """Half an hour at each time of each day."""
    return week(
        *(
            visit(day=day, start=start, name=f"{day}-{start}")
            for day, starts in times.items()
            for start in starts.split()
        )
    )


# Monday 2 sessions and 60 minutes, Tuesday 1 and 30, Wednesday 3 and 90.
THREE_DAYS = visits(mon="09:00 10:00", tue="09:00", wed="09:00 10:00 11:00")


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ({}, 0),
        ({"attended_day_minutes": {"min": 60}}, 1),  # Tuesday
        ({"attended_day_minutes": {"min": 61}}, 2),  # Monday too
        ({"sessions_per_day": {"min": 2}}, 1),  # Tuesday
        ({"sessions_per_day": {"min": 3}}, 2),
        # Monday has too few minutes, Tuesday too few of both: once a day, so 2.
        ({"attended_day_minutes": {"min": 90}, "sessions_per_day": {"min": 2}}, 2),
        ({"days_per_week": {"min": 3}}, 0),
        ({"days_per_week": {"min": 5}}, 2),
        # Tuesday is short and two days are missing.
        ({"attended_day_minutes": {"min": 60}, "days_per_week": {"min": 5}}, 3),
    ],
)
def test_days_short_and_days_missing_are_added_up(asked: Json, value: int) -> None:
    assert values(asking(**asked), THREE_DAYS)["short_days"] == value


def test_waiting_patients_miss_no_days_and_are_short_on_theirs() -> None:
    # Tuesday is short of an hour; the two days missing to five are not counted.
    scenario = asking(
        {"status": "waitlist"}, attended_day_minutes={"min": 60}, days_per_week={"min": 5}
    )
    assert values(scenario, THREE_DAYS)["short_days"] == 1
    assert values(scenario, week(not_admitted=["pat"]))["short_days"] == 0


def test_a_session_of_no_clinical_minutes_makes_no_day_and_no_session() -> None:
    # Nothing but mutual help: no day is attended, two are missing.
    scenario = asking(sessions_per_day={"min": 1}, days_per_week={"min": 2})
    scenario["services"][1]["clinical_minutes"] = 0
    assert values(scenario, THREE_DAYS)["short_days"] == 2
    # With an hour of kin on Monday that day has one session, where two are asked for: 1 + 1.
    scenario["programs"][0]["sessions_per_day"] = {"min": 2}
    there = THREE_DAYS | {
        "appointments": [
            *THREE_DAYS["appointments"],
            visit(start="11:00", of="kin", place="big", name="k"),
        ]
    }
    assert values(scenario, there)["short_days"] == 2


def test_remote_sessions_make_a_day() -> None:
    scenario = asking(days_per_week={"min": 1})
    scenario["services"][1]["remote"] = True
    assert values(scenario, week(visit(place=None, remote=True)))["short_days"] == 0


def test_a_part_of_the_week_owes_a_part_of_the_days() -> None:
    # 4 x 3/5 = 2.4, so 2 days; a day's own minimum is not scaled.
    scenario = asking(
        {"last_date": date("wed")}, days_per_week={"min": 4}, attended_day_minutes={"min": 60}
    )
    assert values(scenario, week())["short_days"] == 2
    assert values(scenario, visits(mon="09:00"))["short_days"] == 1 + 1


def test_the_patient_s_own_plan_overrides() -> None:
    scenario = asking({"days_per_week": {"min": 1}}, days_per_week={"min": 5})
    assert values(scenario, week())["short_days"] == 1
    scenario["patients"][0]["attended_day_minutes"] = {"min": 90}  # Monday and Tuesday are short
    assert values(scenario, THREE_DAYS)["short_days"] == 2
