"""Trying additions within a time limit: solves in child processes, the most promising first.

Three rounds: the week as it is, improved as far as its time goes; every addition that is worth it,
beginning with that week; then the best of them once more, for longer. Weeks are solved for care alone,
so that no time is spent on what an addition is not asked about.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from ..changes import ChangeFaults
from ..checker import check
from ..clinic import Clinic
from ..goals import GOALS
from ..pool import Outcome, Planned, Pool, State, Task, solve_all, threads_each
from ..result import Result, Settings
from ..scenario import Policy, Scenario
from ..schedule import Schedule
from ..search.cpsat import AnyOf, Signal
from ..whatif.answers import Answer, answer_of, exchanged
from ..whatif.asking import BASE, Made, made
from ..whatif.carrying import best_of, carried
from .additions import Addition, additions
from .bounds import Possible, possible
from .short import Short

CARE = ("unmet_care", "turned_away", "short_days")
"""Goals that are solved for, in this order; the others have no weight."""
STARTING = 2.5
"""Seconds that a child needs beside its solve."""
BASE_SHARE = {True: 0.15, False: 0.35}
"""Share of the time that the week as it is gets: where there is a schedule of it, where there is none."""
FIRST_SHARE = 0.65
"""Share of what is then left that all additions get; the rest goes to the best of them."""
LEAST_SECONDS, MOST_SECONDS = 5.0, 30.0
AGAIN = 4
"""Additions that are solved a second time."""
LAST = 1.5
"""Seconds kept for the end."""

Told = Callable[[State], None]


@dataclass(frozen=True, slots=True)
class Tried:
    """An addition and what came of its solves."""

    addition: Addition
    made: Made
    answer: Answer


@dataclass(frozen=True, slots=True)
class Trials:
    """Everything that was tried.

    Attributes:
        given: the schedule that was handed in, as it is; None where there was none.
        base: what is known of the week without any addition.
        skipped: additions for which there was no time.
    """

    scenario: Scenario
    given: Schedule | None
    base: Answer
    tried: tuple[Tried, ...]
    skipped: tuple[Addition, ...]
    possible: Possible | None


class Deadline:
    """A signal that is set once some time has passed, or another is set."""

    def __init__(self, at: float, stop: Signal | None) -> None:
        self.at, self._stop = at, stop

    def is_set(self) -> bool:
        """Whether the time is over, or somebody asked to stop."""
        return monotonic() >= self.at or (self._stop is not None and self._stop.is_set())

    def wait(self, timeout: float) -> bool:
        """Wait for it, at most so long."""
        return AnyOf(threading.Event(), self).wait(timeout)


class Trying:
    """One search for what single additions give."""

    def __init__(
        self,
        scenario: Scenario,
        schedule: Schedule | None,
        pool: Pool,
        seconds: float,
        seed: int = 0,
        told: Callable[[str], Told | None] | None = None,
        stop: Signal | None = None,
    ) -> None:
        self.began = monotonic()
        self.end = self.began + seconds - LAST
        self.scenario = for_care(scenario)
        self.given = schedule
        self.pool, self.seed, self.told = pool, seed, told or (lambda _: None)
        self.stop = Deadline(self.end, stop)

    def left(self) -> float:
        """Seconds until the end."""
        return self.end - monotonic()

    def run(self) -> Trials:
        """Try what there is time for."""
        base = self._base()
        if base.schedule is None:
            return Trials(self.scenario, self.given, base, (), (), None)
        short = Short(base.clinic, base.schedule)
        worth = additions(short)
        number, seconds = self._shared_out(len(worth))
        chosen = self._made(worth[:number])
        bound: list[Possible] = []
        bounding = threading.Thread(
            target=lambda: bound.append(
                possible(
                    self.scenario, short, [a for a, _ in chosen], monotonic() + self.left() / 2,
                    self.stop,
                )
            ),
            daemon=True,
        )  # fmt: skip
        bounding.start()
        answers = self._round("additions", chosen, {}, base, seconds)
        base, answers = _together(base, answers)
        again = self._best(chosen, base, answers)
        seconds = min(2 * MOST_SECONDS, self._each(len(again)))
        if again and seconds >= LEAST_SECONDS:
            answers |= self._round("the best of them once more", again, answers, base, seconds)
            base, answers = _together(base, answers)
        bounding.join()
        tried = tuple(Tried(a, m, answers[a.key]) for a, m in chosen if a.key in answers)
        done = {t.addition.key for t in tried if t.answer.schedule is not None}
        skipped = tuple(a for a in worth if a.key not in done)
        tried = tuple(t for t in tried if t.addition.key in done)
        return Trials(self.scenario, self.given, base, tried, skipped, bound[0] if bound else None)

    # -- rounds -------------------------------------------------------------------------------

    def _base(self) -> Answer:
        clinic = Clinic(self.scenario)
        seconds = min(120.0, BASE_SHARE[self.given is not None] * self.left())
        settings = Settings(max(0.5, seconds), self.seed, workers=None)
        task = Task(self.scenario, settings, self.given)
        outcomes = solve_all(
            self.pool,
            [Planned(BASE, lambda _: task)],
            on_state=self.told("the week as it is"),
            stop=self.stop,
        )
        answer = answer_of(BASE, clinic, outcomes.get(BASE))
        if self.given is None or check(clinic, self.given):
            return answer
        return _with(answer, self.given)

    def _shared_out(self, worth: int) -> tuple[int, float]:
        """How many additions there is time for in the first round, and seconds for each."""
        room = self.left() * FIRST_SHARE * self.pool.at_once
        number = max(1, min(worth, int(room // (LEAST_SECONDS + STARTING))))
        return number, max(0.5, min(MOST_SECONDS, room / number - STARTING))

    def _each(self, number: int) -> float:
        """Seconds for each of some solves if they get all that is left."""
        if not number:
            return 0.0
        rounds = -(-number // self.pool.at_once)
        return self.left() / rounds - STARTING

    def _made(self, worth: Sequence[Addition]) -> list[tuple[Addition, Made]]:
        out = []
        for addition in worth:
            try:
                out.append((addition, made(self.scenario, addition.key, [addition.change])))
            except ChangeFaults:  # an hour beyond midnight, a name that is taken
                continue
        return out

    def _round(
        self,
        title: str,
        chosen: Sequence[tuple[Addition, Made]],
        known: Mapping[str, Answer],
        base: Answer,
        seconds: float,
    ) -> dict[str, Answer]:
        """Solve additions, each beginning with the best week there is for it."""
        clinics = {a.key: Clinic(m.scenario) for a, m in chosen}
        threads = threads_each(self.pool.at_once)
        settings = Settings(seconds, self.seed, workers=threads)

        def task(key: str) -> Task:
            weeks = [a.schedule for a in (known.get(key), base) if a is not None and a.schedule]
            return Task(clinics[key].scenario, settings, best_of(clinics[key], weeks))

        def planned(key: str) -> Planned:
            return Planned(key, lambda _: task(key))

        outcomes = solve_all(
            self.pool,
            [planned(a.key) for a, _ in chosen],
            on_state=self.told(title),
            stop=self.stop,
        )
        return {key: self._answer(key, clinics[key], outcomes, known) for key in outcomes}

    def _answer(
        self,
        key: str,
        clinic: Clinic,
        outcomes: Mapping[str, Outcome],
        known: Mapping[str, Answer],
    ) -> Answer:
        """What is known of an addition after one more solve."""
        outcome = outcomes.get(key)
        before = known.get(key)
        if before is not None and not (isinstance(outcome, Result) and outcome.schedule):
            return before
        return answer_of(key, clinic, outcome)

    def _best(
        self,
        chosen: Sequence[tuple[Addition, Made]],
        base: Answer,
        answers: Mapping[str, Answer],
    ) -> list[tuple[Addition, Made]]:
        """Additions that gave most so far and may give more."""
        open_ones = [
            (a, m)
            for a, m in chosen
            if a.key in answers
            and answers[a.key].schedule is not None
            and not all(t.proved for t in answers[a.key].tiers[: len(CARE)])
        ]
        open_ones.sort(key=lambda pair: answers[pair[0].key].values)
        return open_ones[:AGAIN]


def for_care(scenario: Scenario) -> Scenario:
    """The scenario with a policy that asks for care alone: who is served, admitted, on days that count."""
    policy = Policy(
        tiers=tuple((key,) for key in CARE),
        weights={goal.key: 0 for goal in GOALS if goal.key not in CARE},
        strict=scenario.policy.strict,
    )
    return scenario.model_copy(update={"policy": policy})


def _together(base: Answer, answers: Mapping[str, Answer]) -> tuple[Answer, dict[str, Answer]]:
    """The answers, each with the best week that any of them has for it.

    What the week without additions could do as well is no merit of an addition.
    """
    weeks = [
        week
        for a in answers.values()
        if a.schedule is not None and (week := carried(base.clinic, a.schedule)) is not None
    ]
    for week in weeks:
        base = _with(base, week)
    first, *rest = exchanged([base, *answers.values()])
    return first, {a.name: a for a in rest}


def _with(answer: Answer, week: Schedule) -> Answer:
    """The answer with a week of the same scenario, if that is better."""
    other = replace(answer, name="another", schedule=week)
    return exchanged([answer, other])[0]
