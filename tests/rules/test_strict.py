"""Strict goals are met in full."""

from __future__ import annotations

import pytest

from solver.goals import GOALS
from tests.builders import (
    Json,
    broken,
    clinic,
    only_fault,
    patient,
    program,
    section,
    values,
    visit,
    week,
)


def strict(*goals: str) -> Json:
    """Half an hour a week is due to pat and sam."""
    return clinic(programs=[program(minutes_per_week={"min": 30})], policy={"strict": list(goals)})


WITNESS = (strict("unmet_care"), week(visit("pat")))


def test_a_strict_goal_that_does_not_come_out_0_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject, fault.amount) == ("strict", "unmet_care", 30)
    assert fault.message == "unmet_care is strict and comes out 30"


def test_one_that_does_is_fine() -> None:
    both = week(visit("pat"), visit("sam", "bob", place="big", name="b"))
    assert broken(strict("unmet_care"), both) == set()


def test_goals_that_are_not_strict_may_come_out_as_they_may() -> None:
    assert broken(strict("turned_away", "short_days"), week(visit("pat"))) == set()


@pytest.mark.parametrize("goal", [goal.key for goal in GOALS])
def test_any_goal_may_be_strict(goal: str) -> None:
    scenario = strict(goal) | {
        "patients": [
            patient("pat", primary_therapist="bob", days_per_week={"min": 2}),
            patient("sam", status="waitlist"),
        ],
        "baseline": week(visit("pat", "bob", day="tue")),
    }
    # pat waits between two sessions, beside a therapist with another one; nothing is as it should.
    there = week(
        section(["pat"], {"day": "mon", "start": "11:00", "room": "big"}),
        not_admitted=["sam"],
    )
    there["sections"][0]["leaders"] = ["ann"]
    scenario["patients"][0]["minutes_per_week"] = {"min": 300}
    there["appointments"] = [visit(start="09:00")]
    assert all(values(scenario, there).values())
    assert broken(scenario, there) == {"strict"}
