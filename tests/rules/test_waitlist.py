"""Waiting patients are admitted whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from solver.checker import check
from tests.builders import (
    Json,
    broken,
    clinic,
    date,
    only_fault,
    patient,
    plan,
    program,
    quota,
    read,
    visit,
    week,
)


def waiting(own: Json | None = None, **facts: Any) -> Json:
    """pat waits for a place in a program that asks for this."""
    return clinic(
        programs=[program(**facts)],
        patients=[patient("pat", status="waitlist", **(own or {}))],
    )


WITNESS = (waiting(minutes_per_week={"min": 60}), week(visit()))
TWO_DAYS = week(visit(name="a"), visit(day="tue", name="b"))


def test_who_is_admitted_by_halves_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject, fault.amount) == ("waitlist", "pat", 30)
    assert fault.message == "pat is admitted with 30 minutes, 60 at least are due"


def test_not_at_all_is_fine() -> None:
    assert broken(WITNESS[0], week(not_admitted=["pat"])) == set()


@pytest.mark.parametrize(
    ("asked", "lawful"),
    [
        ({"minutes_per_week": {"min": 60}}, True),
        ({"minutes_per_week": {"min": 61}}, False),
        ({"days_per_week": {"min": 2}}, True),
        ({"days_per_week": {"min": 3}}, False),
        ({"quotas": [quota("solo", 2)]}, True),
        ({"quotas": [quota("solo", 3)]}, False),
        ({"quotas": [quota("solo", 1), quota("kin", 1)]}, False),
        # Days too short are the payer's business, not a reason to turn somebody away.
        ({"attended_day_minutes": {"min": 240}, "sessions_per_day": {"min": 4}}, True),
    ],
)
def test_minutes_quotas_and_days_are_met(asked: Json, lawful: bool) -> None:
    assert broken(waiting(**asked), TWO_DAYS) == (set() if lawful else {"waitlist"})


def test_an_active_patient_may_be_served_in_part() -> None:
    scenario = waiting(minutes_per_week={"min": 300})
    del scenario["patients"][0]["status"]
    assert broken(scenario, week(visit())) == set()


def test_a_part_of_the_week_asks_for_its_part() -> None:
    # Two of five days: 150 x 2/5 = 60 minutes; pat's own minimum would stand.
    scenario = waiting({"first_date": date("thu")}, minutes_per_week={"min": 150})
    there = week(visit(day="thu", name="a"), visit(day="fri", name="b"))
    assert broken(scenario, there) == set()
    scenario["patients"][0]["minutes_per_week"] = {"min": 150}
    assert broken(scenario, there) == {"waitlist"}


def test_a_session_of_no_clinical_minutes_is_a_session() -> None:
    scenario = waiting(minutes_per_week={"min": 30})
    scenario["services"][1]["clinical_minutes"] = 0
    assert broken(scenario, week(visit())) == {"waitlist"}


@pytest.mark.parametrize(
    ("named", "served", "lawful"),
    [([], False, False), (["pat"], False, True), ([], True, True), (["pat"], True, False)],
)
def test_not_admitted_names_exactly_those_without_a_session(
    named: list[str], served: bool, lawful: bool
) -> None:
    # A matter of the schedule's form to the reference checker, so it is not asked here.
    here = read(waiting())
    entries = [visit()] if served else []
    found = check(here, plan(week(*entries, not_admitted=named), here))
    assert [v.rule for v in found] == ([] if lawful else ["waitlist"])
