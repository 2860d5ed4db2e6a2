"""Nobody gets more than their plan allows."""

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
    kin,
    only_fault,
    patient,
    program,
    quota,
    section,
    solo,
    talk,
    visit,
    week,
)


def asking(pat: Json | None = None, **facts: Any) -> Json:
    """The clinic whose program states these limits, and pat these."""
    return clinic(
        programs=[program(**facts)], patients=[patient("pat", **(pat or {})), patient("sam")]
    )


def visits(**times: str) -> Json:
    """Half an hour of pat's at each time of each day: ``visits(mon="09:00 10:00")``."""
    return week(
        *(
            visit(day=day, start=start, name=f"{day}-{start}")
            for day, starts in times.items()
            for start in starts.split()
        )
    )


WITNESS = (asking(minutes_per_week={"max": 30}), visits(mon="09:00", tue="09:00"))


def test_minutes_too_many_are_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject, fault.amount) == ("weekly_maximum", "pat", 30)
    assert fault.message == "pat has 60 minutes a week, 30 at most"


TWO_A_DAY = visits(mon="09:00 10:00", wed="09:00 10:00")


@pytest.mark.parametrize(
    ("limit", "lawful"),
    [
        ({"minutes_per_week": {"max": 120}}, True),
        ({"minutes_per_week": {"max": 119}}, False),
        ({"days_per_week": {"max": 2}}, True),
        ({"days_per_week": {"max": 1}}, False),
        ({"attended_day_minutes": {"max": 60}}, True),
        ({"attended_day_minutes": {"max": 59}}, False),
        ({"sessions_per_day": {"max": 2}}, True),
        ({"sessions_per_day": {"max": 1}}, False),
        ({"quotas": [quota("solo", 0, 4)]}, True),
        ({"quotas": [quota("solo", 0, 3)]}, False),
        ({"quotas": [quota("solo")]}, True),
        ({"quotas": [quota("talk")]}, False),  # no quota names solo
        ({"quotas": []}, False),
    ],
)
def test_each_limit_of_the_program_holds(limit: Json, lawful: bool) -> None:
    assert broken(asking(**limit), TWO_A_DAY) == (set() if lawful else {"weekly_maximum"})


@pytest.mark.parametrize(
    ("days", "most", "lawful"),
    [(1, 2, True), (1, 1, False), (2, 2, True), (3, 3, False), (3, 4, True), (7, 3, False)],
)
def test_sessions_of_days_in_a_row(days: int, most: int, lawful: bool) -> None:
    # Two on Monday and two on Wednesday: any two days in a row hold two, three hold four.
    found = broken(asking(rolling_sessions={"days": days, "max": most}), TWO_A_DAY)
    assert found == (set() if lawful else {"weekly_maximum"})


@pytest.mark.parametrize(
    ("theirs", "own", "lawful"),
    [
        ({"minutes_per_week": {"max": 60}}, {"minutes_per_week": {"max": 120}}, True),
        ({"minutes_per_week": {"max": 120}}, {"minutes_per_week": {"max": 60}}, False),
        ({"minutes_per_week": {"max": 60}}, {"minutes_per_week": {"min": 0}}, False),  # key by key
        ({"days_per_week": {"max": 1}}, {"days_per_week": {"max": 2}}, True),
        ({"sessions_per_day": {"max": 1}}, {"sessions_per_day": {"max": 2}}, True),
        ({"attended_day_minutes": {"max": 30}}, {"attended_day_minutes": {"max": 60}}, True),
        ({"quotas": [quota("solo", 0, 1)]}, {"quotas": [quota("solo", 0, 4)]}, True),
        ({"quotas": [quota("solo", 0, 1)]}, {"quotas": [quota("solo", 0)]}, False),
        ({"quotas": [quota("solo", 0, 1)]}, {"quotas": [quota("talk", 0)]}, False),
        ({"quotas": []}, {"quotas": [quota("solo", 0)]}, True),
        (
            {"rolling_sessions": {"days": 3, "max": 3}},
            {"rolling_sessions": {"days": 2}},
            True,
        ),
        (
            {"rolling_sessions": {"days": 2, "max": 3}},
            {"rolling_sessions": {"max": 1}},
            False,
        ),
    ],
)
def test_the_patient_s_own_plan_overrides_key_by_key(theirs: Json, own: Json, lawful: bool) -> None:
    found = broken(asking(own, **theirs), TWO_A_DAY)
    assert found == (set() if lawful else {"weekly_maximum"})


def with_mutual_help(**facts: Any) -> Json:
    """solo is of 0 clinical minutes."""
    return asking(**facts) | {"services": [talk(), solo(clinical_minutes=0), kin()]}


@pytest.mark.parametrize(
    ("limit", "lawful"),
    [
        ({"minutes_per_week": {"max": 0}}, True),
        ({"days_per_week": {"max": 0}}, True),
        ({"sessions_per_day": {"max": 0}}, True),
        ({"attended_day_minutes": {"max": 0}}, True),
        ({"rolling_sessions": {"days": 1, "max": 1}}, False),
        ({"quotas": [quota("solo", 0, 3)]}, False),
    ],
)
def test_sessions_of_no_clinical_minutes_count_in_quotas_and_rolling_sessions_alone(
    limit: Json, lawful: bool
) -> None:
    found = broken(with_mutual_help(**limit), TWO_A_DAY)
    assert found == (set() if lawful else {"weekly_maximum"})


def test_hours_count_clinical_minutes_and_not_cells() -> None:
    scenario = asking(minutes_per_week={"max": 100})
    scenario["services"] = [talk(), solo(minutes=30, clinical_minutes=25), kin()]
    assert broken(scenario, TWO_A_DAY) == set()
    scenario["services"][1]["minutes"] = 20
    del scenario["services"][1]["clinical_minutes"]
    scenario["programs"][0]["minutes_per_week"]["max"] = 80
    assert broken(scenario, TWO_A_DAY) == set()


def test_a_group_s_own_minutes_count() -> None:
    scenario = asking(minutes_per_week={"max": 50})
    scenario["groups"] = [group(clinical_minutes=50)]
    assert broken(scenario, week(section(["pat"]))) == set()
    scenario["groups"] = [group()]
    scenario["services"] = [talk(clinical_minutes=50), solo(), kin()]
    assert broken(scenario, week(section(["pat"]))) == {"weekly_maximum"}


def test_a_maximum_is_not_scaled_to_a_part_of_the_week() -> None:
    scenario = asking({"last_date": date("mon")}, minutes_per_week={"max": 60})
    assert broken(scenario, visits(mon="09:00 10:00")) == set()


def test_a_maximum_of_nothing_allows_nothing() -> None:
    scenario = asking(quotas=[quota("solo", 0, 0), quota("talk"), quota("kin")])
    assert [v.message for v in faults(scenario, visits(mon="09:00"))] == [
        "pat has 1 sessions of solo, 0 at most"
    ]
    assert broken(scenario, week(section(["pat"]))) == set()
