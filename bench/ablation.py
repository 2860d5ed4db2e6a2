"""The search without one of its parts: what each part is worth is what is lost without it.

A part is taken out from outside, by replacing what the search calls; `python -m bench` does so in a
process of its own. A part that the search no longer has is an error, not a row that says nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from functools import wraps
from typing import Any
from unittest.mock import patch

from solver import engine
from solver.search import improve, neighbourhoods, proving, whole
from solver.search.alone import Alone
from solver.search.starts import Start

Change = Callable[[], list[AbstractContextManager[Any]]]


def _instead(owner: Any, name: str, replacement: Any) -> AbstractContextManager[Any]:
    """``owner.name`` is something else while this is open; AttributeError if there is no such thing."""
    changed: AbstractContextManager[Any] = patch.object(owner, name, replacement)
    return changed


def _one_start(made: Callable[[Start], Any]) -> list[AbstractContextManager[Any]]:
    def first(clinic: Any, deadline: float) -> list[Any]:
        return [made(Start(clinic, deadline))]

    return [_instead(engine, "first_schedules", first)]


def _never_by_day() -> list[AbstractContextManager[Any]]:
    def never(_: Any) -> bool:
        return False

    return [_instead(module, "counts_by_day", never) for module in (proving, improve)]


def _no_plan_first() -> list[AbstractContextManager[Any]]:
    return [_instead(proving.Prover, "plans_first", lambda *_: False)]


def _nobody_alone() -> list[AbstractContextManager[Any]]:
    return [_instead(Alone, "bound", lambda *_, **__: None)]


def _no_relaxation() -> list[AbstractContextManager[Any]]:
    limits = proving.Prover.limits

    @wraps(limits)
    def plain(self: Any, seconds: float, *, lp: bool, work: float | None = None) -> Any:
        return replace(limits(self, seconds, lp=lp, work=work), lp=False)

    return [_instead(proving.Prover, "limits", plain)]


def _no_whole_week() -> list[AbstractContextManager[Any]]:
    return [_instead(proving, "MOST_VARIABLES", 0)]


def _any_neighbourhood() -> list[AbstractContextManager[Any]]:
    return [_instead(improve.Improver, "_choose", lambda self: self.random.choice(self.arms))]


def _fixed_sizes() -> list[AbstractContextManager[Any]]:
    adapt = improve.Improver._adapt

    def kept(self: Any, arm: Any, v: Any, outcome: Any) -> None:
        size = arm.size
        adapt(self, arm, v, outcome)
        arm.size = size

    return [_instead(improve.Improver, "_adapt", kept)]


def _no_coarse_starts() -> list[AbstractContextManager[Any]]:
    return [_instead(improve, "COARSE", 0)]


def _every_start() -> list[AbstractContextManager[Any]]:
    return [_instead(improve.Improver, "_some_starts", lambda *_: {})]


def _no_look_ahead() -> list[AbstractContextManager[Any]]:
    return [_instead(improve.Improver, "_following", lambda _: None)]


def _weak_models() -> list[AbstractContextManager[Any]]:
    def weakly(build: Any) -> Any:
        return wraps(build)(lambda *given, **more: build(*given, **(more | {"stronger": False})))

    return [_instead(m, "build", weakly(m.build)) for m in (improve, whole)]


def _without(chooser: Any) -> Change:
    left = tuple(c for c in improve.CHOOSERS if c is not chooser)
    return lambda: [_instead(improve, "CHOOSERS", left)]


PARTS: dict[str, Change] = {
    "weeks by the day": _never_by_day,
    "planning by the day first": _no_plan_first,
    "each patient alone": _nobody_alone,
    "relaxation beside CP-SAT": _no_relaxation,
    "the whole week as one model": _no_whole_week,
    "adaptive choice": _any_neighbourhood,
    "adaptive sizes": _fixed_sizes,
    "coarse starts": _no_coarse_starts,
    "a few drawn starts": _every_start,
    "looking ahead to the next tier": _no_look_ahead,
    "cuts and symmetry": _weak_models,
    "greedy first week": lambda: _one_start(Start.by_hand),
    "first week by hand": lambda: _one_start(Start.greedy),
    **{
        f"neighbourhood: {chooser.__name__.replace('_', ' ')}": _without(chooser)
        for chooser in neighbourhoods.CHOOSERS
    },
}
"""Part -> how to search without it."""


def without(parts: list[str]) -> ExitStack:
    """The search without some of its parts, until the stack is closed.

    Raises:
        KeyError: there is no such part.
        AttributeError: the search no longer has what makes the part.
    """
    stack = ExitStack()
    for part in parts:
        for change in PARTS[part]():
            stack.enter_context(change)
    return stack
