"""Asking for weeks: by a call here, or by a child process that is watched and can be stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..engine import OnProgress, solve
from ..errors import SchedulerError
from ..pool import Failed, LocalPool
from ..result import Progress, Result, Settings
from ..runner import Task
from ..scenario import Policy, Scenario
from ..schedule import Schedule
from ..search.cpsat import AnyOf, Signal

SECONDS_BETWEEN_LOOKS = 0.1


class Solve(Protocol):
    """``engine.solve``, or something that answers like it."""

    def __call__(
        self,
        scenario: Scenario,
        settings: Settings,
        start: Schedule | None = None,
        on_progress: OnProgress | None = None,
        stop: Signal | None = None,
    ) -> Result: ...


class NoAnswer(SchedulerError):
    """A child that was to solve a week came to no result; the message says why."""


def in_children(pool: LocalPool) -> Solve:
    """Solves in child processes of a pool, one at a time."""

    def ask(
        scenario: Scenario,
        settings: Settings,
        start: Schedule | None = None,
        on_progress: OnProgress | None = None,
        stop: Signal | None = None,
    ) -> Result:
        pool.start("week", Task(scenario, settings, start))
        told: Progress | None = None
        asked = False
        while not (ended := pool.finished(SECONDS_BETWEEN_LOOKS)):
            now = pool.progress().get("week")
            if now is not None and now != told and on_progress is not None:
                on_progress(now)
                told = now
            if not asked and stop is not None and stop.is_set():
                asked = True
                pool.stop()
        answer = ended[0][1]
        if isinstance(answer, Failed):
            raise NoAnswer(answer.reason)
        return answer

    return ask


class _Enough(threading.Event):
    """Set as soon as the first tier has come down to what is wanted, or is settled.

    With ``give_up`` also as soon as it cannot come down so far.
    """

    def __init__(self, wanted: int, give_up: bool) -> None:
        super().__init__()
        self.wanted, self.give_up = wanted, give_up

    def hear(self, progress: Progress) -> None:
        if progress.tier is None:
            return
        reached = progress.value is not None and progress.value <= self.wanted
        hopeless = progress.bound is not None and progress.bound > self.wanted
        if progress.tier > 0 or reached or (hopeless and self.give_up):
            self.set()


@dataclass(frozen=True, slots=True)
class Care:
    """How much care a week leaves unmet.

    Attributes:
        schedule: the best week found; None where none was found in time, or there is none.
        unmet: what it leaves; least: no week of the scenario leaves less.
    """

    schedule: Schedule | None
    unmet: int | None
    least: int


@dataclass(slots=True)
class CareDesk:
    """Asks for weeks with little unmet care, and for nothing else; remembers nothing.

    ``tell`` hears of solves that came to no answer, because their process died.
    """

    solve: Solve = solve
    seed: int = 0
    workers: int | None = None
    stop: Signal | None = None
    tell: Callable[[str], None] = lambda _: None

    def ask(
        self,
        scenario: Scenario,
        seconds: float,
        wanted: int = 0,
        start: Schedule | None = None,
        give_up: bool = False,
    ) -> Care:
        """The best week for ``unmet_care``; ends as soon as no more than ``wanted`` is left unmet.

        Args:
            give_up: end as well as soon as that is proved to be out of reach.
        """
        enough = _Enough(wanted, give_up)
        settings = Settings(time_limit=max(1.0, seconds), seed=self.seed, workers=self.workers)
        both = AnyOf(self.stop, enough)
        try:
            answer = self.solve(care_alone(scenario), settings, start, enough.hear, both)
        except NoAnswer as error:
            if not both.is_set():
                self.tell(f"a week could not be solved: {error}")
            return Care(None, None, 0)
        tier = answer.tiers[0] if answer.tiers else None
        least = tier.bound if tier is not None and tier.bound is not None else 0
        return Care(answer.schedule, answer.goals.get("unmet_care"), least)


def care_alone(scenario: Scenario) -> Scenario:
    """The scenario with unmet care as the first goal, and nothing that must come out 0."""
    return scenario.model_copy(update={"policy": Policy(tiers=(("unmet_care",),))})
