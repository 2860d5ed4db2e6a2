"""Care that is due and not scheduled."""

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
    quota,
    section,
    solo,
    talk,
    values,
    visit,
    week,
)


def due(pat: Json | None = None, **facts: Any) -> Json:
    """pat alone, in a program that asks for this."""
    return clinic(programs=[program(**facts)], patients=[patient("pat", **(pat or {}))])


def unmet(scenario: Json, *entries: Json, **facts: Any) -> int:
    return values(scenario, week(*entries, **facts))["unmet_care"]


def test_nothing_asked_is_nothing_short() -> None:
    assert unmet(due()) == 0
    assert unmet(due(), visit()) == 0


def test_minutes_and_sessions_short_are_added_up() -> None:
    # Of 120 minutes 30 are there: 90. Of 2 solo 1: 60. Of 1 kin none: 60. 90 + 60 + 60 = 210.
    scenario = due(
        minutes_per_week={"min": 120}, quotas=[quota("solo", 2), quota("kin", 1), quota("talk")]
    )
    assert unmet(scenario, visit()) == 210


@pytest.mark.parametrize(("priority", "value"), [(None, 30), (1, 30), (3, 90), (5, 150)])
def test_priority_weighs_it(priority: int | None, value: int) -> None:
    # 60 minutes are due, 30 are there: 30 short.
    assert unmet(due({"priority": priority}, minutes_per_week={"min": 60}), visit()) == value


def test_more_than_is_due_makes_up_for_nothing_else() -> None:
    # Two hours of talk fill the week; the one solo is short all the same: 60.
    scenario = due(minutes_per_week={"min": 60}, quotas=[quota("talk", 1), quota("solo", 1)])
    scenario["groups"][0]["meetings_per_week"] = 2
    twice = section(
        ["pat"],
        {"day": "mon", "start": "09:00", "room": "big"},
        {"day": "tue", "start": "09:00", "room": "big"},
    )
    assert unmet(scenario, twice) == 60


def test_clinical_minutes_count() -> None:
    # A solo of 30 minutes counts 20 of the 60: 40 short.
    scenario = due(minutes_per_week={"min": 60})
    scenario["services"] = [talk(), solo(clinical_minutes=20), kin()]
    assert unmet(scenario, visit()) == 40


def test_waiting_patients_are_turned_away_instead() -> None:
    scenario = due({"status": "waitlist"}, minutes_per_week={"min": 60})
    assert unmet(scenario, not_admitted=["pat"]) == 0


@pytest.mark.parametrize(
    ("stay", "value"),
    [
        # 5 of 5 open days: 200 minutes, 3 solo: 200 + 180.
        ({"first_date": date("mon"), "last_date": date("sun")}, 380),
        # 3 of 5: 200 x 3/5 = 120 minutes; 3 x 3/5 = 1.8, so 1 solo: 120 + 60.
        ({"last_date": date("wed")}, 180),
        # 2 of 5: 200 x 2/5 = 80, on the grid 60; 3 x 2/5 = 1.2, so 1: 60 + 60.
        ({"first_date": date("thu")}, 120),
        # The weekend has no opening hours: 0 of 5.
        ({"first_date": date("sat")}, 0),
    ],
)
def test_a_part_of_the_week_is_owed_a_part(stay: Json, value: int) -> None:
    scenario = due(stay, minutes_per_week={"min": 200}, quotas=[quota("solo", 3)])
    assert unmet(scenario) == value


def test_the_patient_s_own_minimum_stands_as_it_is() -> None:
    # There for 3 of 5 days. Own 100 minutes stand; 3 x 3/5 = 1 solo of the program's: 100 + 60.
    scenario = due(
        {"last_date": date("wed"), "minutes_per_week": {"min": 100}},
        minutes_per_week={"min": 200},
        quotas=[quota("solo", 3)],
    )
    assert unmet(scenario) == 160
    scenario["patients"][0]["quotas"] = [quota("solo", 2)]  # 100 + 120
    assert unmet(scenario) == 220
    scenario["patients"][0]["minutes_per_week"] = {"min": 0}  # 0 + 120
    assert unmet(scenario) == 120


def test_a_closed_date_scales_nothing() -> None:
    scenario = due({"last_date": date("wed")}, minutes_per_week={"min": 200})
    assert unmet(scenario) == 120
    scenario["closed_dates"] = [date("mon"), date("fri")]
    assert unmet(scenario) == 120


def test_an_excused_member_is_short_of_what_they_miss() -> None:
    scenario = due(minutes_per_week={"min": 60})
    scenario["baseline"] = week(section(["pat"]))
    excused = section(["pat"], absences=[{"patient": "pat", "day": "mon"}])
    assert unmet(scenario, section(["pat"])) == 0
    assert unmet(scenario, excused) == 60
