"""Appointments counted by the day: never worse than a real week, and never a rule broken when placed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random
from time import monotonic

import pytest

from solver.checker import check, measure
from solver.clinic import Clinic
from solver.errors import ModelError
from solver.extraction import chosen_days, extract_sections, hint
from solver.goals import GOALS
from solver.io.files import load_scenario
from solver.ledger import Ledger
from solver.model import build
from solver.options import Free
from solver.rules import RULES
from solver.search.by_day import Placer, counts_by_day
from solver.search.cpsat import Limits, complete_hint, solve
from solver.search.improve import Improver
from solver.search.objective import tier_expression, tier_value
from solver.search.starts import first_schedules
from solver.tiers import Tier, tiers_of
from tests import moves, randomness
from tests.builders import read
from tests.solving import best, minimise

SCENARIOS = Path(__file__).parents[1] / "scenarios"
BY_DAY = tuple(g.key for g in GOALS if g.by_day)


def weeks(seed: int) -> Clinic:
    r = Random(seed)
    scenario = randomness.scenario(r, tiny=True)
    return read(moves.with_baseline(r, scenario) if seed % 2 else scenario)


def bundled(name: str) -> Clinic:
    return Clinic(load_scenario(SCENARIOS / f"{name}.json")[0])


def only(goal: str) -> Tier:
    return Tier((goal,), (1,), 0.0)


@pytest.mark.parametrize("seed", range(30))
def test_no_week_is_better_than_one_counted_by_the_day(seed: int) -> None:
    """Every real week is among those counted by the day, at no higher value."""
    here = weeks(seed)
    answer = best(here)
    if answer.schedule is None:
        return
    ledger = Ledger(here, answer.schedule)
    values = measure(here, ledger)
    free = replace(Free.everything(here), daily=True, goals=frozenset(BY_DAY))
    v = build(here, free=free)
    hint(v, ledger)
    assert complete_hint(v)
    caps = build(here, free=free)
    for goal in BY_DAY:
        expression = tier_expression(only(goal), caps)
        outcome = solve(caps, expression, Limits(10.0))
        assert outcome.value is not None
        assert outcome.value <= values[goal]
        caps.limit(tier_expression(only(goal), caps), values[goal])


@pytest.mark.parametrize("seed", range(24))
def test_what_is_not_asked_for_changes_no_best_value(seed: int) -> None:
    """Therapists and rooms that only other goals tell apart are pooled: the same weeks."""
    here = weeks(100 + seed)
    for goal in GOALS:
        whole = build(here)
        pooled = build(here, free=replace(Free.everything(here), goals=frozenset({goal.key})))
        found = [minimise(v, goal.expression(v))[:2] for v in (whole, pooled)]
        assert found[0] == found[1], goal.key


def test_a_model_is_asked_only_for_what_it_was_built_for() -> None:
    here = weeks(3)
    pooled = build(here, free=replace(Free.everything(here), goals=frozenset({"unmet_care"})))
    with pytest.raises(ModelError, match="continuity"):
        tier_expression(only("continuity"), pooled)
    daily = build(here, free=replace(Free.everything(here), daily=True))
    with pytest.raises(ModelError, match="burden"):
        tier_expression(only("burden"), daily)


def test_tiers_by_day_end_with_the_first_that_needs_times() -> None:
    assert counts_by_day([only("unmet_care"), only("short_days")])
    assert not counts_by_day([only("unmet_care"), only("burden")])


@pytest.mark.parametrize("name", ["three-patients", "dbt-four-days", "hospital-morning"])
def test_appointments_find_their_times(name: str) -> None:
    """A plan by the day becomes a lawful week that gives the care the plan gives."""
    here = bundled(name)
    tiers = tiers_of(here.scenario.policy)
    goals = frozenset(tiers[0].goals)
    v = build(here, free=replace(Free.everything(here), daily=True, goals=goals))
    outcome = solve(v, tier_expression(tiers[0], v), Limits(20.0, lp=True))
    assert outcome.values is not None
    sections, wanted = extract_sections(v, outcome.values), chosen_days(v, outcome.values)
    placed = Placer(here, RULES, tiers[:1]).place(sections, wanted, Random(1), monotonic() + 60)
    assert placed is not None
    assert not check(here, placed)
    assert wanted
    assert tier_value(tiers[0], here, placed) == outcome.value


def test_wide_neighbourhoods_keep_every_rule() -> None:
    here = bundled("matrix-evening")
    tiers = tiers_of(here.scenario.policy)
    week = first_schedules(here, monotonic() + 60)[0]
    improver = Improver(here, tiers, week, seed=4)
    before = improver.value
    wide = [arm for arm in improver.arms if arm.by_day]
    assert wide
    improver.arms = wide
    improver.run(lambda: 0, monotonic() + 60, patience=30, work=3.0)
    assert improver.value < before
    assert not check(here, improver.ledger)
