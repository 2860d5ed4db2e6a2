"""Random weeks, solved and checked; and lawful weeks found without the model, held against it.

The weeks are too large to list every schedule of them. Instead a walk that only knows the reference
checker looks for lawful ones: each has to be a solution of the model with the goals it measures, and
none may be better than what the model calls the best.
"""

from __future__ import annotations

import random

import pytest

from solver.checker import check, measure, tier_values
from solver.goals import GOALS
from solver.model import build
from tests import randomness
from tests.builders import Json, broken, plan, read, values
from tests.solving import best, hold, minimise, stands


def drawn(seed: int) -> tuple[Json, random.Random]:
    """Every second one goes on from a baseline."""
    r = random.Random(seed)
    scenario = randomness.scenario(r)
    return randomness.with_baseline(r, scenario) if seed % 2 else scenario, r


def lawful_week(scenario: Json, r: random.Random) -> Json | None:
    """A lawful week found by walking, or None."""
    moves = randomness.Moves(r, scenario, exceptions=False)
    start = randomness.empty(scenario)
    if "baseline" in scenario and r.random() < 0.7:
        start = randomness.with_waiting(scenario, dict(scenario["baseline"]))
    found = randomness.lawful_walk(moves, start, 150)
    return None if broken(scenario, found) else found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(24))
def test_solved_weeks_are_lawful_and_worth_what_the_model_says(seed: int) -> None:
    scenario, r = drawn(seed)
    here = read(scenario)
    if not stands(here):
        assert lawful_week(scenario, r) is None
        return
    answer = best(here)
    found = lawful_week(scenario, r)
    if answer.status == "INFEASIBLE":
        assert found is None
        return
    assert answer.schedule is not None
    schedule = answer.schedule.model_dump(mode="json")
    assert broken(scenario, schedule) == set()
    measured = values(scenario, schedule)
    if answer.status == "OPTIMAL" and not here.scenario.policy.tolerances:
        assert tier_values(here, measured) == answer.values
        if found is not None:
            assert tier_values(here, measure(here, plan(found, here))) >= answer.values


@pytest.mark.parametrize("seed", range(40))
def test_lawful_weeks_are_solutions_worth_what_they_measure(seed: int) -> None:
    scenario, r = drawn(1000 + seed)
    here = read(scenario)
    found = lawful_week(scenario, r)
    if found is None or not stands(here):
        assert not stands(here) or check(here, plan(randomness.empty(scenario), here))
        return
    schedule = plan(found, here)
    measured = measure(here, schedule)
    v = build(here)
    hold(v, schedule)
    for goal in GOALS:
        status, value, _ = minimise(v, goal.expression(v))
        assert (status, value) == ("OPTIMAL", measured[goal.key]), goal.key
