"""Solving a base and its variants side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..pool import Outcome, Planned, Pool, State, Task, solve_all
from ..result import Result, Settings
from ..scenario import Scenario
from ..schedule import Schedule
from .answers import answer_of, exchanged
from .asking import BASE, Asked, Made, everything
from .carrying import best_of
from .comparing import Comparison, compare

if TYPE_CHECKING:
    from ..search.cpsat import Signal


def what_if(
    scenario: Scenario,
    asked: Asked,
    settings: Settings,
    pool: Pool,
    base: Schedule | None = None,
    on_state: Callable[[State], None] | None = None,
    stop: Signal | None = None,
    keep: bool = False,
) -> Comparison:
    """Solve base and variants, each within the settings' time, and compare them.

    The base is solved first, from ``base`` where it is given; the variants begin with what came of
    it. With ``keep`` the base's schedule is the week that patients live by in every variant, so that
    the fewest changes of it are looked for.

    Raises:
        WhatIfFaults: a change makes no sense for the scenario.
    """
    return compared(everything(scenario, asked), settings, pool, base, on_state, stop, keep)


def compared(
    made: Sequence[Made],
    settings: Settings,
    pool: Pool,
    base: Schedule | None = None,
    on_state: Callable[[State], None] | None = None,
    stop: Signal | None = None,
    keep: bool = False,
    alone: Settings | None = None,
) -> Comparison:
    """The same, of scenarios that are made already; the first is the base.

    ``alone`` are settings for the base, beside which nothing else runs.
    """
    clinics = {one.name: Clinic(one.scenario) for one in made}

    def task(name: str, earlier: Mapping[str, Outcome]) -> Task:
        weeks = [o.schedule for o in earlier.values() if isinstance(o, Result) and o.schedule]
        if name == BASE and base is not None:
            weeks = [base]
        if keep and name != BASE and weeks:
            scenario = _living_by(clinics[name].scenario, weeks[0])
            clinics[name] = Clinic(scenario)
        how = alone if name == BASE and alone is not None else settings
        return Task(clinics[name].scenario, how, best_of(clinics[name], weeks))

    def planned(name: str) -> Planned:
        after = () if name == BASE else (BASE,)
        return Planned(name, lambda earlier: task(name, earlier), after)

    outcomes = solve_all(pool, [planned(one.name) for one in made], on_state=on_state, stop=stop)
    answers = exchanged([answer_of(n, clinics[n], outcomes.get(n)) for n in clinics])
    return compare(made, answers)


def _living_by(scenario: Scenario, week: Schedule) -> Scenario:
    """The scenario with a week as its baseline; locks on another baseline are let go."""
    return scenario.model_copy(update={"baseline": week, "locks": ()})
