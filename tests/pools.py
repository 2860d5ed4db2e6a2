"""A pool that solves in this process, for tests of whatever hands tasks to one."""

from __future__ import annotations

import math
from collections.abc import Callable

from solver.checker import measure, tier_values
from solver.clinic import Clinic
from solver.engine import solve
from solver.pool import Failed, Outcome, Task
from solver.result import Progress, Result, TierResult
from solver.search.starts import Start
from solver.tiers import tiers_of


class HerePool:
    """Solves each task when it is asked what has finished; keeps what it was given.

    Attributes:
        tasks: every task by key, in the order they came.
        fails: keys of tasks that come to nothing.
        answer: solves one, if not the engine.
    """

    def __init__(self, answer: Callable[[str, Task], Outcome] | None = None) -> None:
        self.at_once = 2
        self.tasks: dict[str, Task] = {}
        self.fails: set[str] = set()
        self.stopped = self.closed = False
        self._waiting: list[str] = []
        self._answer = answer

    def start(self, key: str, task: Task) -> None:
        assert key not in self.tasks
        self.tasks[key] = task
        self._waiting.append(key)

    def finished(self, patience: float) -> list[tuple[str, Outcome]]:
        if not self._waiting:
            return []
        key = self._waiting.pop(0)
        if key in self.fails or self.stopped:
            return [(key, Failed("it was stopped before it began"))]
        task = self.tasks[key]
        if self._answer is not None:
            return [(key, self._answer(key, task))]
        return [(key, solve(task.scenario, task.settings, task.start))]

    def progress(self) -> dict[str, Progress | None]:
        return dict.fromkeys(self._waiting[:1])

    def stop(self) -> None:
        self.stopped = True

    def close(self) -> None:
        self.closed = True


def by_hand(key: str, task: Task) -> Outcome:
    """Answers at once and always the same: the better of the week it begins with and one by hand."""
    clinic = Clinic(task.scenario)
    weeks = [Start(clinic, math.inf).by_hand().schedule(), *([task.start] if task.start else [])]
    week = min(weeks, key=lambda w: tier_values(clinic, measure(clinic, w)))
    goals = measure(clinic, week)
    tiers = tuple(
        TierResult(t.goals, t.value(goals), 0, False) for t in tiers_of(clinic.scenario.policy)
    )
    name = clinic.scenario.name
    return Result(name, "feasible", week, tiers, goals, 0.0, 0, {}, task.settings)
