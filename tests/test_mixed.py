"""HiGHS beside CP-SAT: the same weeks in rows, no bound above a week, and nothing printed."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from random import Random
from time import monotonic

import pytest
from ortools.sat.python import cp_model

from solver.clinic import Clinic
from solver.result import Settings
from solver.rules import RULES
from solver.search.cpsat import Limits
from solver.search.mixed import Mixed
from solver.search.proving import Prover
from solver.search.rows import NotLinear, Rows
from solver.search.starts import first_schedules
from solver.search.whole import Whole
from solver.tiers import Tier, tiers_of
from tests import moves, randomness
from tests.builders import read


def week(seed: int) -> Clinic:
    r = Random(seed)
    scenario = randomness.scenario(r, tiny=seed % 3 != 0)
    return read(moves.with_baseline(r, scenario) if seed % 2 else scenario)


def knapsack() -> tuple[cp_model.CpModel, list[cp_model.IntVar]]:
    """Ten things of weight 3 to 12 and one limit of 20; what is left out costs its weight squared."""
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in range(10)]
    model.add(sum((n + 3) * x for n, x in enumerate(taken)) <= 20)
    model.add_bool_or([taken[0], ~taken[9]])
    model.add(taken[1] + taken[2] <= 1).only_enforce_if(taken[0])
    model.minimize(sum((n + 3) ** 2 * (1 - x) for n, x in enumerate(taken)))
    return model, taken


def solved(model: cp_model.CpModel) -> int:
    solver = cp_model.CpSolver()
    assert solver.solve(model) == cp_model.OPTIMAL
    return round(solver.objective_value)


def ended(mixed: Mixed) -> Mixed:
    assert mixed.found.ended.wait(60)
    mixed.end()
    return mixed


def rows_of(model: cp_model.CpModel) -> Rows:
    rows = Rows(model)
    rows.take()
    return rows


def test_rows_have_the_same_best() -> None:
    model, taken = knapsack()
    best = solved(model)
    found = ended(Mixed(rows_of(model), monotonic() + 30, 1)).found
    assert found.optimal
    assert found.bound == best
    values = found.take()
    assert values is not None
    assert sum((n + 3) ** 2 * (1 - values(x)) for n, x in enumerate(taken)) == best
    assert values(~taken[0]) == 1 - values(taken[0])
    assert found.take() is None


def test_rows_grow_with_the_model() -> None:
    model, taken = knapsack()
    rows = rows_of(model)
    model.add(taken[0] + taken[9] == 2)
    rows.take()
    assert ended(Mixed(rows, monotonic() + 30, 1)).found.bound == solved(model)


def test_what_no_rows_can_say_is_refused() -> None:
    model = cp_model.CpModel()
    a, b = model.new_int_var(0, 3, "a"), model.new_int_var(0, 3, "b")
    model.add_multiplication_equality(a, [a, b])
    with pytest.raises(NotLinear, match="neither linear nor of literals"):
        rows_of(model)


def test_a_stop_ends_it_and_time_does() -> None:
    model, _ = knapsack()
    stop = threading.Event()
    stop.set()
    ended(Mixed(rows_of(model), monotonic() + 30, 1, stop=stop))
    ended(Mixed(rows_of(model), monotonic() - 1, 1))


def test_what_goes_wrong_on_its_thread_is_told() -> None:
    def breaks(bound: int) -> None:
        raise ZeroDivisionError(str(bound))

    mixed = Mixed(rows_of(knapsack()[0]), monotonic() + 30, 1, on_bound=breaks)
    assert mixed.found.ended.wait(60)
    with pytest.raises(Exception, match=r".+"):
        mixed.end()


def test_it_prints_nothing() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", "from tests.test_mixed import *; test_rows_have_the_same_best()"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ran.stdout, ran.stderr) == ("", "")


@pytest.mark.parametrize("seed", range(40))
def test_no_bound_is_above_the_best_plan_by_the_day(seed: int) -> None:
    here = week(seed)
    tiers = (Tier(("unmet_care",), (1,), 0.0),)
    whole = Whole(here, tiers, RULES, daily=True)
    starts = first_schedules(here, monotonic() + 5)
    if not starts or not whole.build(lambda: False):
        return
    exact = whole.search(0, None, Limits(30.0, workers=1))
    if exact.value is None:
        return
    found = ended(whole.mixed(0, starts[0], monotonic() + 30, seed)).found
    assert found.bound is not None
    assert found.bound <= exact.value
    counted = whole._v is not None and len(whole._v.model.proto.objective.vars) > 0
    if counted and found.optimal and exact.status == "OPTIMAL":
        assert found.bound == exact.value


def test_a_bound_in_floating_point_is_withdrawn_when_a_week_is_below_it() -> None:
    here = week(2)
    tiers = tiers_of(here.scenario.policy)
    prover = Prover(here, tiers, RULES, replace(Settings(), time_limit=5.0))
    prover.bounds[0] = 99  # a copy: nobody sets a bound from outside
    assert prover.bounds[0] == 0
    prover._exact[0], prover._supposed[0] = 3, 10
    assert prover.bound(0, 10) == 10
    assert prover.bound(0, 9) == 3
    assert prover.bound(0, 10) == 3
