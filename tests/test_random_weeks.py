"""Random weeks, solved and checked; and lawful weeks found without the model, held against it.

The weeks are too large to list every schedule of them. Instead a walk that only knows the
reference checker looks for lawful ones: each has to be a solution of the model with the goals it
measures, and none may be better than what the model calls the best.
"""

from __future__ import annotations

import random

import pytest

from solver.checker import measure, tier_values
from solver.goals import GOALS
from solver.model import build
from tests import moves, randomness
from tests.builders import Json, broken, plan, read, values
from tests.solving import best, hold, minimise, stands


def drawn(r: random.Random, seed: int) -> Json:
    """Every second one goes on from a baseline, every third one is tiny."""
    scenario = randomness.scenario(r, tiny=seed % 3 == 0)
    return moves.with_baseline(r, scenario) if seed % 2 else scenario


def lawful_week(scenario: Json, r: random.Random, number: int = 150) -> Json | None:
    """A lawful week found by walking, or None."""
    steps = moves.Moves(r, scenario, exceptions=False)
    start = moves.empty(scenario)
    if "baseline" in scenario and r.random() < 0.7:
        start = moves.with_waiting(scenario, dict(scenario["baseline"]))
    found = moves.lawful_walk(steps, start, number)
    return None if broken(scenario, found) else found


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(24))
def test_solved_weeks_are_lawful_and_worth_what_the_model_says(seed: int) -> None:
    r = random.Random(seed)
    scenario = drawn(r, seed)
    here, found = read(scenario), lawful_week(scenario, r)
    if not stands(here):
        assert found is None
        return
    answer = best(here, seconds=3)
    if answer.schedule is None:
        assert found is None
        assert answer.status == "INFEASIBLE"
        return
    schedule = answer.schedule.model_dump(mode="json")
    assert broken(scenario, schedule) == set()
    measured = tier_values(here, values(scenario, schedule))
    if here.scenario.policy.tolerances:
        return  # a later tier may have given back what an earlier one had
    assert measured[: len(answer.values)] == answer.values
    if found is not None:
        walked = tier_values(here, measure(here, plan(found, here)))
        assert walked[: len(answer.values)] >= answer.values


@pytest.mark.parametrize("seed", range(30))
def test_lawful_weeks_are_solutions_worth_what_they_measure(seed: int) -> None:
    r, found = random.Random(1000 + seed), None
    while found is None:
        scenario = drawn(r, seed)
        here = read(scenario)
        found = lawful_week(scenario, r, 60)
        if found is not None and not found["sections"] and not found["appointments"]:
            found = None
    assert stands(here)
    schedule = plan(found, here)
    measured = measure(here, schedule)
    v = build(here)
    hold(v, schedule)
    for goal in GOALS:
        status, value, _ = minimise(v, goal.expression(v))
        assert (status, value) == ("OPTIMAL", measured[goal.key]), goal.key
