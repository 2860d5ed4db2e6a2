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
from typing import get_args

from ..changes import ChangeFaults
from ..checker import check, measure, tier_values
from ..clinic import Clinic
from ..pool import Outcome, Planned, Pool, State, Task, solve_all, threads_each
from ..result import Result, Settings
from ..scenario import GoalKey, Policy, Scenario
from ..schedule import Schedule
from ..search.cpsat import AnyOf, Signal
from ..whatif.answers import Answer, answer_of, exchanged
from ..whatif.asking import BASE, Made, made
from ..whatif.carrying import best_of, carried
from .additions import Addition, additions
from .bounds import Possible, own_limits, possible, without_duties
from .short import Short

CARE: tuple[GoalKey, ...] = ("unmet_care", "turned_away", "short_days")
"""Goals that are solved for, in this order; the others have no weight."""
FREE = "the week without duties"
"""Its bound says how much care is missing at least without what additions hold."""
STARTING = 2.5
"""Seconds that a child needs beside its solve."""
BASE_SHARE = {True: 0.15, False: 0.35}
"""Share of the time that the week as it is gets: where there is a schedule of it, where there is none."""
MOST_BASE_SECONDS = 120.0
BOUNDING_SHARE = 0.2
"""Share of what is then left that goes, at most, into what patients' own hours allow."""
BY_HAND_SHARE = 0.25
"""Share of what is then left in which weeks are filled by hand, to see which additions come first."""
FIRST_SHARE = 0.65
"""Share of what is then left that all additions get; the rest goes to the best of them."""
LEAST_SECONDS, MOST_SECONDS = 4.0, 30.0
AGAIN = 4
"""Additions that are solved a second time."""
LAST = 0.06
"""Share of the time kept for the end: solves that are stopped need a moment, and so does the telling."""

Told = Callable[[State], None]
Started = tuple[Addition, Made, Schedule | None]
"""An addition, what it makes, and a week to begin with."""


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
        base: what is known of the week without any addition; least: care that is missing in it at
            least, whatever sessions are struck out (``bounds.without_duties``).
        skipped: additions for which there was no time.
    """

    scenario: Scenario
    given: Schedule | None
    base: Answer
    least: int
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
        self.end = self.began + (1 - LAST) * seconds
        self.scenario = for_care(scenario)
        self.given = schedule
        self.pool, self.seed, self.told = pool, seed, told or (lambda _: None)
        self.stop = Deadline(self.end, stop)

    def left(self) -> float:
        """Seconds until the end."""
        return self.end - monotonic()

    def run(self) -> Trials:
        """Try what there is time for."""
        base, least = self._base()
        if base.schedule is None:
            return Trials(self.scenario, self.given, base, least, (), (), None)
        short = Short(base.clinic, base.schedule)
        until = monotonic() + BOUNDING_SHARE * self.left()
        limits = own_limits(self.scenario, short, additions(short), until, self.stop)
        beyond_help = possible(short.care, limits).beyond_help
        worth = additions(Short(base.clinic, base.schedule, beyond_help))
        starts = self._by_hand(worth, base)
        number, seconds = self._shared_out(len(starts))
        chosen = [(a, m) for a, m, _ in starts[:number]]
        weeks = {a.key: week for a, _, week in starts[:number]}
        answers = self._round("additions", chosen, weeks, {}, seconds)
        base, answers = _together(base, answers)
        again = self._best(chosen, base, answers)
        seconds = min(2 * MOST_SECONDS, self._each(len(again)))
        if again and seconds >= LEAST_SECONDS:
            weeks = {key: a.schedule for key, a in answers.items()}
            answers |= self._round("the best of them once more", again, weeks, answers, seconds)
            base, answers = _together(base, answers)
        tried = tuple(Tried(a, m, answers[a.key]) for a, m in chosen if a.key in answers)
        done = {t.addition.key for t in tried if t.answer.schedule is not None}
        skipped = tuple(a for a in worth if a.key not in done)
        tried = tuple(t for t in tried if t.addition.key in done)
        short = Short(base.clinic, base.schedule or short.schedule)
        bound = possible(short.care, limits)
        return Trials(self.scenario, self.given, base, least, tried, skipped, bound)

    # -- rounds -------------------------------------------------------------------------------

    def _base(self) -> tuple[Answer, int]:
        """The week as it is, and how much care is missing in it at least, whatever is struck out."""
        clinic = Clinic(self.scenario)
        free = Clinic(without_duties(clinic))
        asked = {BASE: self.scenario}
        if free.scenario != self.scenario:
            asked[FREE] = free.scenario
        side_by_side = min(len(asked), self.pool.at_once)
        seconds = min(MOST_BASE_SECONDS, BASE_SHARE[self.given is not None] * self.left())
        seconds = max(0.5, seconds * side_by_side / len(asked))
        settings = Settings(seconds, self.seed, workers=threads_each(side_by_side))

        def planned(key: str) -> Planned:
            given = self.given
            if given is not None and key == FREE:
                given = given.model_copy(update={"not_admitted": ()})
            task = Task(asked[key], settings, given)
            return Planned(key, lambda _: task)

        outcomes = solve_all(
            self.pool,
            [planned(key) for key in asked],
            on_state=self.told("the week as it is"),
            stop=self.stop,
        )
        answer = answer_of(BASE, clinic, outcomes.get(BASE))
        if self.given is not None and not check(clinic, self.given):
            answer = _with(answer, self.given)
        bounded = answer_of(FREE, free, outcomes.get(FREE)) if FREE in asked else answer
        return answer, bounded.tiers[0].bound or 0 if bounded.tiers else 0

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

    def _by_hand(self, worth: Sequence[Addition], base: Answer) -> list[Started]:
        """Additions with the base's week filled by hand as far as each lets it be, the best first.

        Among them the best of each kind, then of each part of the day or group, come before others:
        three credentials for the same hours tell a director less than a room and a seat.
        """
        limit = monotonic() + BY_HAND_SHARE * self.left()
        found: list[tuple[tuple[object, ...], Addition, Made, Schedule | None]] = []
        for number, addition in enumerate(worth):
            if self.stop.is_set() or (monotonic() > limit and number >= AGAIN):
                break
            try:
                one = made(self.scenario, addition.key, [addition.change])
            except ChangeFaults:  # an hour beyond midnight, a name that is taken
                continue
            clinic = Clinic(one.scenario)
            week = best_of(clinic, [base.schedule] if base.schedule else [])
            value = None if week is None else tier_values(clinic, measure(clinic, week))
            better = value is not None and value < base.values
            rank = (not better, value if better else (), number)
            found.append((rank, addition, one, week))
        found.sort(key=lambda entry: entry[0])
        ordered = [(a, m, week) for _, a, m, week in found]
        return _varied(_varied(ordered, lambda a: (a.kind, a.part, a.group)), lambda a: a.kind)

    def _round(
        self,
        title: str,
        chosen: Sequence[tuple[Addition, Made]],
        starts: Mapping[str, Schedule | None],
        known: Mapping[str, Answer],
        seconds: float,
    ) -> dict[str, Answer]:
        """Solve additions, each beginning with a week of its own."""
        clinics = {a.key: Clinic(m.scenario) for a, m in chosen}
        settings = Settings(seconds, self.seed, workers=threads_each(self.pool.at_once))

        def planned(key: str) -> Planned:
            task = Task(clinics[key].scenario, settings, starts.get(key))
            return Planned(f"{title}: {key}", lambda _: task)

        named = {f"{title}: {a.key}": a.key for a, _ in chosen}
        found = solve_all(
            self.pool,
            [planned(a.key) for a, _ in chosen],
            on_state=self.told(title),
            stop=self.stop,
        )
        outcomes = {named[key]: outcome for key, outcome in found.items()}
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


def _varied(found: Sequence[Started], alike: Callable[[Addition], object]) -> list[Started]:
    """The same with the first of those that are alike before all others."""
    firsts = {alike(a): a.key for a, *_ in reversed(found)}
    return sorted(found, key=lambda entry: entry[0].key not in firsts.values())


def for_care(scenario: Scenario) -> Scenario:
    """The scenario with a policy that asks for care alone: who is served, admitted, on days that count."""
    policy = Policy(
        tiers=tuple((key,) for key in CARE),
        weights={key: 0 for key in get_args(GoalKey) if key not in CARE},
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
        if a.schedule is not None
        and a.values < base.values
        and (week := carried(base.clinic, a.schedule)) is not None
    ]
    for week in weeks:
        base = _with(base, week)
    first, *rest = exchanged([base, *answers.values()])
    return first, {a.name: a for a in rest}


def _with(answer: Answer, week: Schedule) -> Answer:
    """The answer with a week of the same scenario, if that is better."""
    other = replace(answer, name="another", schedule=week)
    return exchanged([answer, other])[0]
