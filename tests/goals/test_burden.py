"""Extra days and waiting between sessions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    Json,
    clinic,
    date,
    kin,
    patient,
    program,
    section,
    solo,
    talk,
    values,
    visit,
    week,
)


def asking(days: int = 0, **pat: Any) -> Json:
    return clinic(programs=[program(days_per_week={"min": days})], patients=[patient("pat", **pat)])


def visits(**times: str) -> Json:
    """Half an hour at each time of each day."""
    return week(
        *(
            visit(day=day, start=start, name=f"{day}-{start}")
            for day, starts in times.items()
            for start in starts.split()
        )
    )


@pytest.mark.parametrize(("least", "value"), [(0, 180), (1, 120), (3, 0), (5, 0)])
def test_days_beyond_the_minimum_cost_an_hour_each(least: int, value: int) -> None:
    assert values(asking(least), visits(mon="09:00", wed="09:00", fri="09:00"))["burden"] == value


@pytest.mark.parametrize(
    ("times", "value"),
    [
        ("09:00", 0),
        ("09:00 09:30", 0),
        ("09:00 10:00", 30),
        ("09:00 10:00 11:30", 30 + 60),
    ],
)
def test_idle_minutes_of_a_day(times: str, value: int) -> None:
    assert values(asking(1), visits(mon=times))["burden"] == value


def test_nobody_waits_overnight() -> None:
    assert values(asking(2), visits(mon="09:00", tue="11:00"))["burden"] == 0


def test_waiting_is_counted_in_whole_cells() -> None:
    # 40 minutes hold the cells to ten; the next is at half past: one cell of 30 is free, not 50.
    scenario = asking(1)
    scenario["services"] = [talk(), solo(minutes=40), kin()]
    assert values(scenario, visits(mon="09:00 10:30"))["burden"] == 30


def test_one_s_own_minimum_and_a_part_of_the_week() -> None:
    three = visits(mon="09:00", tue="09:00", wed="09:00")
    assert values(asking(3, days_per_week={"min": 1}), three)["burden"] == 120
    # 5 x 3/5 = 3 days.
    assert values(asking(5, last_date=date("wed")), three)["burden"] == 0


def test_a_session_of_no_clinical_minutes_makes_no_day_but_is_waited_for() -> None:
    # Mutual help at nine, nothing until ten, then half an hour of solo: 30 idle; Tuesday's help
    # alone makes no day.
    scenario = asking(1)
    scenario["services"] = [talk(), solo(), kin(minutes=30, clinical_minutes=0)]
    there = visits(mon="10:00")
    for day in ("mon", "tue"):
        there["appointments"].append(visit(day=day, of="kin", place="big", name=f"help-{day}"))
    assert values(scenario, there)["burden"] == 30


def test_each_patient_is_counted() -> None:
    scenario = asking(0) | {"patients": [patient("pat"), patient("sam", status="waitlist")]}
    assert values(scenario, week(section(["pat", "sam"])))["burden"] == 120
