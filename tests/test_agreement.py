"""The checker and the reference checker, written apart from the same text, say the same.

On every bundled scenario and on random tiny ones, on lawful schedules and on broken ones: the same
rules are named, and every goal comes to the same value.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from time import monotonic

import pytest

from solver.search.starts import first_schedules
from tests import moves, randomness
from tests.builders import Json, broken, read, values

SCENARIOS = sorted((Path(__file__).parent.parent / "scenarios").glob("*.json"))


def agree(scenario: Json, schedule: Json) -> set[str]:
    """Both checkers agree on rules and goals; returns the rules broken."""
    values(scenario, schedule)
    return broken(scenario, schedule)


def test_there_are_scenarios() -> None:
    assert SCENARIOS


@pytest.mark.slow
@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_on_weeks_of_the_bundled_scenarios(path: Path) -> None:
    scenario: Json = json.loads(path.read_text("utf-8"))
    agree(scenario, moves.empty(scenario))
    steps = moves.Moves(random.Random(path.stem), scenario)
    for ledger in first_schedules(read(scenario), monotonic() + 5)[:2]:
        by_hand = moves.with_waiting(scenario, ledger.schedule().model_dump(mode="json"))
        assert agree(scenario, by_hand) <= {"strict"}
        for number in (1, 3, 10):
            agree(scenario, steps.walk(by_hand, number))


@pytest.mark.parametrize("seed", range(40))
def test_on_random_weeks(seed: int) -> None:
    r = random.Random(seed)
    scenario = randomness.scenario(r)
    if seed % 2:
        scenario = moves.with_baseline(r, scenario, exceptions=True)
    steps = moves.Moves(r, scenario)
    starts = [moves.empty(scenario)]
    if "baseline" in scenario:
        starts.append(moves.with_waiting(scenario, dict(scenario["baseline"])))
    for number in range(12):
        agree(scenario, steps.walk(r.choice(starts), number))
    lawful = moves.lawful_walk(steps, starts[-1], 40)
    agree(scenario, lawful)
    agree(scenario, steps.move(lawful))
