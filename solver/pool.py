"""Many solves side by side: in child processes here, or on the workers of a Dask cluster.

A pool takes tasks by key and gives back outcomes as they come; ``solve_all`` runs tasks of which some
begin with the answers of others. A solve whose child or worker died is begun again. Whoever hands
tasks in need not know where they run. Patients' names travel to the workers of a cluster, as part of
the scenario, and nowhere else.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

from .errors import SchedulerError
from .result import Progress, Result, Settings
from .runner import DIED, Job, Runner, Task
from .scenario import Scenario
from .schedule import Schedule

if TYPE_CHECKING:
    from typing import Self

    from .search.cpsat import Signal

ATTEMPTS = 3
"""How often a solve is begun whose process died on the way."""
SECONDS_BETWEEN_LOOKS = 0.1


@dataclass(frozen=True, slots=True)
class Failed:
    """A task that came to no result; ``reason`` in words, without names from the scenario."""

    reason: str


Outcome = Result | Failed


class NoCluster(SchedulerError):
    """The cluster cannot be used; the message says why and what to do."""


class Pool(Protocol):
    """Runs tasks; what it started and nobody finished ends with it.

    Attributes:
        at_once: how many solves run side by side.
    """

    at_once: int

    def start(self, key: str, task: Task) -> None:
        """Run a task as soon as there is a place."""

    def finished(self, patience: float) -> list[tuple[str, Outcome]]:
        """Outcomes that are new; waits up to so many seconds for the first."""

    def progress(self) -> dict[str, Progress | None]:
        """The solves that run now, each with what it told last."""

    def stop(self) -> None:
        """Ask all that run to end with the best so far; what waits fails."""

    def close(self) -> None:
        """End everything at once."""


# -- here -----------------------------------------------------------------------------------------


class LocalPool(AbstractContextManager["LocalPool"]):
    """Child processes on this machine.

    Args:
        at_once: solves side by side; as many as there are cores by default.
        folder: where their files are kept while they run, readable by their owner alone; a temporary
            one by default. What an earlier pool left there is ended and removed.
    """

    def __init__(self, at_once: int | None = None, folder: Path | None = None) -> None:
        self.at_once = at_once or cores()
        self._own = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="iop-"))
        self._runner = Runner(self.folder, self.at_once, lasting=False)
        for job in self._runner.jobs():
            job.forget()
        for unfinished in self.folder.iterdir():  # of a pool that was killed while it wrote a task
            shutil.rmtree(unfinished, ignore_errors=True)
        self._jobs: dict[str, Job] = {}
        self._attempts: dict[str, int] = {}

    def start(self, key: str, task: Task) -> None:
        self._jobs[key] = self._runner.start(task)
        self._attempts[key] = 1

    def finished(self, patience: float) -> list[tuple[str, Outcome]]:
        latest = time.monotonic() + patience
        while True:
            out = [(key, found) for key in list(self._jobs) if (found := self._outcome(key))]
            for key, _ in out:
                self._jobs.pop(key).forget()
            if out or time.monotonic() >= latest:
                return out
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def _outcome(self, key: str) -> Outcome | None:
        """What came of a job; None while it runs, or runs once more because its child died."""
        job = self._jobs[key]
        standing = job.poll()
        if standing.state == "done":
            try:
                return job.result()
            except Exception as error:
                return Failed(f"its answer could not be read ({type(error).__name__})")
        if standing.state == "failed":
            if standing.error == DIED and self._attempts[key] < ATTEMPTS:
                self._attempts[key] += 1
                job.again()
                return None
            return Failed(standing.error or DIED)
        if standing.state == "cancelled":
            return Failed("it was stopped before it began")
        return None

    def progress(self) -> dict[str, Progress | None]:
        out: dict[str, Progress | None] = {}
        for key, job in self._jobs.items():
            standing = job.poll()
            if standing.state == "running":
                out[key] = standing.progress[-1] if standing.progress else None
        return out

    def stop(self) -> None:
        for job in reversed(self._jobs.values()):  # what waits goes first, so that none moves up
            job.cancel()

    def close(self) -> None:
        for job in reversed(self._jobs.values()):
            job.forget()
        self._jobs.clear()
        if self._own:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def threads_each(at_once: int) -> int:
    """Threads of each solve where so many share this machine's cores."""
    return max(1, cores() // at_once)


# -- tasks that follow from each other ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Planned:
    """A task to be made when those it comes after have ended.

    Attributes:
        after: keys of others; ``make`` is given their outcomes.
    """

    key: str
    make: Callable[[Mapping[str, Outcome]], Task]
    after: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class State:
    """Where a number of solves stands; ``running`` has what each told last."""

    done: int
    failed: int
    all: int
    running: Mapping[str, Progress | None]


def solve_all(
    pool: Pool,
    plans: Iterable[Planned],
    on_outcome: Callable[[str, Outcome], None] | None = None,
    on_state: Callable[[State], None] | None = None,
    stop: Signal | None = None,
    known: Mapping[str, Outcome] | None = None,
) -> dict[str, Outcome]:
    """Run everything that is planned, as far as possible side by side.

    Args:
        on_outcome: told of each outcome as it comes; in this thread.
        on_state: told now and then where everything stands.
        stop: when set, what runs ends with the best so far, and nothing more begins.
        known: outcomes that are there already; their plans are not run.

    Returns:
        Outcomes by key; what never began because of ``stop`` is not among them.
    """
    outcomes: dict[str, Outcome] = dict(known or {})
    everything = list(plans)
    waiting = [plan for plan in everything if plan.key not in outcomes]
    started: set[str] = set()
    stopping = False
    while waiting or len(started - set(outcomes)):
        if stop is not None and stop.is_set() and not stopping:
            stopping = True
            waiting = []
            pool.stop()
        for plan in [p for p in waiting if all(key in outcomes for key in p.after)]:
            waiting.remove(plan)
            started.add(plan.key)
            pool.start(plan.key, plan.make({key: outcomes[key] for key in plan.after}))
        for key, outcome in pool.finished(0.5):
            outcomes[key] = outcome
            if on_outcome is not None:
                on_outcome(key, outcome)
        if on_state is not None:
            failed = sum(isinstance(o, Failed) for o in outcomes.values())
            on_state(State(len(outcomes), failed, len(everything), pool.progress()))
    return outcomes


__all__ = [
    "Failed", "LocalPool", "NoCluster", "Outcome", "Planned", "Pool", "Scenario", "Schedule",
    "Settings", "State", "Task", "cores", "solve_all", "threads_each",
]  # fmt: skip
