"""Many solves side by side: order, what is known already, stopping, and solves that die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from solver import jobfolder
from solver.io.files import load_scenario
from solver.pool import (
    Failed,
    LocalPool,
    Outcome,
    Planned,
    State,
    Task,
    cores,
    solve_all,
    threads_each,
)
from solver.result import Result, Settings
from solver.runner import DIED
from solver.scenario import Scenario
from tests.builders import clinic, read
from tests.pools import HerePool

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 120.0


@pytest.fixture(scope="module")
def tiny() -> Scenario:
    return read(clinic()).scenario


@pytest.fixture(scope="module")
def large() -> Scenario:
    """A week that no time limit of these tests is enough for."""
    return load_scenario(ROOT / "scenarios" / "community-60.json")[0]


def found(scenario: Scenario) -> Result:
    return Result(scenario.name, "unknown", None, (), {}, 0.0, 0, {}, Settings())


def wait_for(what: Callable[[], bool]) -> None:
    latest = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < latest, "it did not happen in time"
        time.sleep(0.02)


# -- plans ----------------------------------------------------------------------------------------


def test_what_comes_after_others_is_made_with_their_outcomes(tiny: Scenario) -> None:
    seen: dict[str, list[str]] = {}

    def plan(key: str, *after: str) -> Planned:
        def make(earlier: Mapping[str, Outcome]) -> Task:
            seen[key] = sorted(earlier)
            return Task(tiny)

        return Planned(key, make, after)

    pool = HerePool(lambda key, task: found(task.scenario))
    plans = [plan("d", "b", "c"), plan("b", "a"), plan("c", "a"), plan("a")]
    told: list[str] = []
    states: list[State] = []
    outcomes = solve_all(pool, plans, lambda key, _: told.append(key), states.append)
    assert seen == {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}
    assert told == ["a", "b", "c", "d"]
    assert set(outcomes) == {"a", "b", "c", "d"}
    assert (states[-1].done, states[-1].all, states[-1].failed) == (4, 4, 0)


def test_what_is_known_is_not_solved_again_and_serves_those_after_it(tiny: Scenario) -> None:
    pool = HerePool(lambda key, task: found(task.scenario))
    plans = [Planned("a", lambda _: Task(tiny)), Planned("b", lambda _: Task(tiny), ("a",))]
    outcomes = solve_all(pool, plans, known={"a": Failed("earlier")})
    assert list(pool.tasks) == ["b"]
    assert outcomes["a"] == Failed("earlier")


def test_what_comes_after_a_failed_one_is_solved_all_the_same(tiny: Scenario) -> None:
    pool = HerePool(lambda key, task: found(task.scenario))
    pool.fails = {"a"}
    plans = [Planned("a", lambda _: Task(tiny)), Planned("b", lambda _: Task(tiny), ("a",))]
    outcomes = solve_all(pool, plans)
    assert isinstance(outcomes["a"], Failed)
    assert isinstance(outcomes["b"], Result)


def test_when_stopped_nothing_more_begins(tiny: Scenario) -> None:
    stop = threading.Event()
    pool = HerePool(lambda key, task: found(task.scenario))
    plans = [Planned(k, lambda _: Task(tiny), a) for k, a in (("a", ()), ("b", ("a",)))]
    outcomes = solve_all(pool, plans, lambda *_: stop.set(), stop=stop)
    assert set(outcomes) == {"a"}
    assert pool.stopped


# -- here -----------------------------------------------------------------------------------------


def test_children_share_the_cores() -> None:
    assert threads_each(1) == cores()
    assert threads_each(10 * cores()) == 1


def test_a_solve_here_comes_back_and_leaves_nothing_behind(tiny: Scenario) -> None:
    with LocalPool(1) as pool:
        folder = pool.folder
        pool.start("k", Task(tiny, Settings(time_limit=20, workers=1)))
        outcomes = solve_all(pool, [])
        while not outcomes:
            outcomes = dict(pool.finished(5.0))
        answer = outcomes["k"]
        assert isinstance(answer, Result)
        assert answer.schedule is not None
        assert list(folder.iterdir()) == []
    assert not folder.exists()


def killed(pool: LocalPool, large: Scenario, times: int) -> Outcome | None:
    """What comes of a solve whose child is killed so many times."""
    pool.start("k", Task(large, Settings(time_limit=600)))
    (job,) = pool.folder.iterdir()
    seen: set[int] = set()

    def another() -> bool:
        try:
            return jobfolder.process_id(job) not in seen
        except (OSError, ValueError):
            return False

    for _ in range(times):
        while not another():
            if ended := pool.finished(0.0):
                return ended[0][1]
            time.sleep(0.02)
        seen.add(jobfolder.process_id(job))
        os.kill(jobfolder.process_id(job), signal.SIGKILL)
        wait_for(lambda: not jobfolder.is_locked(job) or another())
    latest = time.monotonic() + PATIENCE
    while time.monotonic() < latest:
        ended = pool.finished(0.1)
        if ended:
            return ended[0][1]
        if another():
            return None
    raise AssertionError("neither ended nor begun again")


def test_a_solve_whose_child_died_is_begun_again(large: Scenario) -> None:
    with LocalPool(1) as pool:
        assert killed(pool, large, 1) is None


@pytest.mark.slow
def test_a_solve_that_dies_every_time_is_given_up(large: Scenario) -> None:
    with LocalPool(1) as pool:
        assert killed(pool, large, 3) == Failed(DIED)


def test_what_waits_when_stopped_fails_and_what_runs_gives_its_best(
    large: Scenario, tiny: Scenario
) -> None:
    with LocalPool(1) as pool:
        for key in ("runs", "waits"):
            pool.start(key, Task(large, Settings(time_limit=600)))

        def has_a_week() -> bool:
            told = pool.progress().get("runs")
            return told is not None and told.value is not None

        wait_for(has_a_week)
        pool.stop()
        outcomes: dict[str, Outcome] = {}
        while len(outcomes) < 2:
            outcomes |= dict(pool.finished(1.0))
        assert outcomes["waits"] == Failed("it was stopped before it began")
        runs = outcomes["runs"]
        assert isinstance(runs, Result)
        assert runs.schedule is not None


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time, pathlib; from solver.io.files import load_scenario; "
        "from solver.pool import LocalPool, Task; from solver.result import Settings; "
        "pool = LocalPool(1, pathlib.Path(sys.argv[1])); "
        "week = load_scenario('scenarios/community-60.json')[0]; "
        "pool.start('k', Task(week, Settings(time_limit=600))); time.sleep(600)"
    )
    folder = tmp_path / "jobs"
    with subprocess.Popen([sys.executable, "-c", script, str(folder)], cwd=ROOT) as parent:
        wait_for(lambda: folder.exists() and any(map(jobfolder.is_locked, folder.iterdir())))
        parent.kill()
    wait_for(lambda: not folder.exists())
