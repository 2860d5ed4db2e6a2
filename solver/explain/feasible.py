"""Whether a scenario has any schedule: contradictions in the data first, then by hand, then by solving."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Literal

from ..checker import check
from ..clinic import Clinic
from ..engine import solve as best_week
from ..errors import OutOfTime
from ..extraction import extract
from ..ledger import Ledger
from ..model import build
from ..result import Progress, Settings
from ..rooming import name_rooms
from ..schedule import Schedule
from ..search.alone import Alone
from ..search.cpsat import AnyOf, Limits, Signal, solve
from ..search.starts import first_schedules
from ..tiers import Tier
from ..variables import Variables
from .contradictions import contradictions

SMALL = 30_000
"""Variables up to which the whole week is asked at once; larger ones go through the engine."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether there is a schedule.

    Attributes:
        schedule: one, where there is.
        because: what contradicts what, in words, where the data alone shows it.
        solved: whether it took a solve to say so.
    """

    status: Literal["possible", "impossible", "unknown"]
    schedule: Schedule | None = None
    because: tuple[str, ...] = ()
    solved: bool = False


def possible(
    clinic: Clinic,
    deadline: float,
    stop: Signal | None = None,
    near: Sequence[Schedule] = (),
) -> Answer:
    """Whether any schedule exists, as far as that can be told in time.

    ``near``: schedules of much the same scenario; one of them may do, the last is begun with.
    """
    because = contradictions(clinic)
    if because:
        return Answer("impossible", because=tuple(because))
    weeks = [week for schedule in near if (week := _as_ledger(clinic, schedule)) is not None]
    for week in reversed(weeks):
        if not check(clinic, week):
            return Answer("possible", week.schedule())
    for week in first_schedules(clinic, min(deadline, monotonic() + 5.0)):
        if not check(clinic, week):
            return Answer("possible", week.schedule())
    if monotonic() > deadline or (stop is not None and stop.is_set()):
        return Answer("unknown")
    short = _alone(clinic, deadline, stop)
    if short:
        return Answer("impossible", because=tuple(short), solved=True)
    try:
        v = _model(clinic, deadline)
    except _TooLarge:
        return _by_engine(clinic, deadline, stop)
    except OutOfTime:
        return Answer("unknown")
    limits = Limits(max(0.1, deadline - monotonic()), workers=2, lp=True)
    outcome = solve(v, None, limits, start=weeks[-1] if weeks else None, stop=stop)
    if outcome.status == "INFEASIBLE":
        return Answer("impossible", solved=True)
    if outcome.values is None:
        return Answer("unknown", solved=True)
    found = extract(v, outcome.values).schedule()
    return _checked(clinic, Ledger(clinic, name_rooms(clinic, found)))


def _as_ledger(clinic: Clinic, schedule: Schedule) -> Ledger | None:
    """A schedule of another scenario as far as this one knows everybody in it."""
    try:
        week = Ledger(clinic, schedule)
    except KeyError:
        return None
    week.not_admitted = None
    return week


class _TooLarge(Exception):
    """The whole week is too large to be asked at once."""


def _model(clinic: Clinic, deadline: float) -> Variables:
    """The whole week.

    Raises:
        _TooLarge: it has too many variables.
        OutOfTime: it was not built in time.
    """
    size = 0

    def late(variables: int) -> bool:
        nonlocal size
        size = variables
        return variables > SMALL or monotonic() > deadline

    try:
        return build(clinic, late=late)
    except OutOfTime:
        if size > SMALL:
            raise _TooLarge from None
        raise


def _checked(clinic: Clinic, ledger: Ledger) -> Answer:
    if check(clinic, ledger):
        return Answer("unknown", solved=True)
    return Answer("possible", ledger.schedule(), solved=True)


def _alone(clinic: Clinic, deadline: float, stop: Signal | None) -> list[str]:
    """Patients whose own hours and limits make a strict goal impossible, whatever the clinic does."""
    strict = tuple(dict.fromkeys(clinic.scenario.policy.strict))
    if not strict:
        return []
    alone = Alone(clinic, (Tier(strict, (1,) * len(strict), 0.0),))
    alone.bound(0, (), deadline, stop)
    return [p for p, least in alone.least(0).items() if least > 0]


def _by_engine(clinic: Clinic, deadline: float, stop: Signal | None) -> Answer:
    """The engine's answer; it may end as soon as it knows whether strict goals can be met."""
    known = threading.Event()

    def listen(progress: Progress) -> None:
        settled = progress.tier is not None and (progress.tier > 0 or bool(progress.bound))
        if settled:
            known.set()

    settings = Settings(time_limit=max(0.5, deadline - monotonic()))
    result = best_week(clinic.scenario, settings, on_progress=listen, stop=AnyOf(known, stop))
    if result.schedule is not None:
        return Answer("possible", result.schedule, solved=True)
    status: Literal["impossible", "unknown"] = (
        "impossible" if result.status == "infeasible" else "unknown"
    )
    return Answer(status, solved=True)


def confirmed(clinic: Clinic, deadline: float, stop: Signal | None = None) -> bool:
    """Whether a second look finds no schedule either: contradictory data, or a solve without presolve."""
    if contradictions(clinic):
        return True
    strict = tuple(dict.fromkeys(clinic.scenario.policy.strict))
    if strict:
        alone = Alone(clinic, (Tier(strict, (1,) * len(strict), 0.0),))
        alone.bound(0, (), deadline, stop)
        if alone.confirmed_short(deadline):
            return True
    try:
        v = _model(clinic, deadline)
    except _TooLarge:
        return _by_engine(clinic, deadline, stop).status == "impossible"
    except OutOfTime:
        return False
    limits = Limits(max(0.1, deadline - monotonic()), workers=2, seed=1, lp=True, presolve=False)
    return solve(v, None, limits, stop=stop).status == "INFEASIBLE"
