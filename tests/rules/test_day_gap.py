"""Attended days are not too far apart."""

from __future__ import annotations

import pytest

from tests.builders import (
    DAYS,
    Json,
    broken,
    clinic,
    date,
    kin,
    only_fault,
    program,
    solo,
    talk,
    visit,
    week,
    window,
)


def gaps_of(most: int) -> Json:
    return clinic(
        programs=[program(max_gap_days=most)], opening_hours=window("09:00", "12:00", *DAYS)
    )


def on(*days: str) -> Json:
    return week(*(visit(day=day, name=day) for day in days))


WITNESS = (gaps_of(1), on("mon", "thu"))


def test_a_gap_too_long_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject, fault.amount) == ("day_gap", "pat", 1)
    assert fault.message == "pat has 2 days off between mon and thu, 1 at most"


@pytest.mark.parametrize(
    ("most", "days", "lawful"),
    [
        (1, "mon wed fri sun", True),
        (1, "mon tue thu", True),
        (0, "mon tue wed", True),
        (0, "mon wed", False),
        (1, "tue", True),  # days before the first and after the last are no gap
        (1, "", True),
        (4, "mon sat", True),
        (4, "mon sun", False),
    ],
)
def test_days_between_attended_days_are_counted(most: int, days: str, lawful: bool) -> None:
    found = broken(gaps_of(most), on(*days.split()))
    assert found == (set() if lawful else {"day_gap"})


def test_no_limit_is_none() -> None:
    assert broken(clinic(), on("mon", "fri")) == set()


def test_closed_dates_are_days_off() -> None:
    scenario = gaps_of(1) | {"closed_dates": [date("tue"), date("wed")]}
    assert broken(scenario, on("mon", "thu")) == {"day_gap"}


def test_a_session_of_no_clinical_minutes_ends_no_gap() -> None:
    scenario = gaps_of(1) | {"services": [talk(), solo(), kin(clinical_minutes=0)]}
    there = on("mon", "thu")
    there["appointments"].append(visit(day="tue", of="kin", place="big", name="help"))
    assert broken(scenario, there) == {"day_gap"}
    there["appointments"].append(visit(day="tue", start="10:00", name="care"))
    assert broken(scenario, there) == set()
