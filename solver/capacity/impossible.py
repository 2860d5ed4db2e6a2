"""Proofs that a census is too large.

A proof for one census has to hold for every larger one. Serving more patients can be easier: a group
that needs four members runs with the fourth. So groups have no least size in a proof; then whoever can
serve more can serve fewer, and what is impossible stays so.
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

from ..clinic import Clinic
from ..errors import OutOfTime
from ..goals import GOAL
from ..linear import Linear
from ..model import build
from ..options import Free
from ..rules import RULES
from ..scenario import Scenario, Size
from ..search.cpsat import Limits, Signal, solve
from ..search.whole import MOST_VARIABLES
from ..staffing.parts import hold_parts
from ..variables import Variables

CARE = frozenset({"unmet_care"})
_RULES = tuple(r for r in RULES if r.key != "strict")


def without_least_sizes(scenario: Scenario) -> Scenario:
    """The scenario with groups that may run with any number of members."""
    groups = tuple(
        g.model_copy(update={"size": Size(min=0, max=g.size.max)}) for g in scenario.groups
    )
    return scenario.model_copy(update={"groups": groups})


def is_impossible(
    scenario: Scenario,
    wanted: int,
    deadline: float,
    *,
    daily: bool,
    seed: int = 0,
    stop: Signal | None = None,
) -> bool:
    """Whether no week of this or a larger census leaves so little care unmet; found twice.

    Args:
        daily: with appointments counted by the day: sooner, but it sees less.
    """
    clinic = Clinic(without_least_sizes(scenario))
    free = replace(Free.everything(clinic), goals=CARE, daily=daily)

    def late(variables: int) -> bool:
        stopped = stop is not None and stop.is_set()
        return stopped or variables > MOST_VARIABLES or monotonic() > deadline

    try:
        v = build(clinic, free=free, rules=_RULES, late=late)
    except OutOfTime:
        return False
    if daily:
        hold_parts(v, lambda t, mask: _hours(v, t, mask))
    v.limit(GOAL["unmet_care"].expression(v), wanted)
    for presolve in (True, False):
        seconds = max(0.1, deadline - monotonic())
        limits = Limits(seconds, seed=seed + (not presolve), presolve=presolve)
        if solve(v, None, limits, stop=stop).status != "INFEASIBLE":
            return False
    return True


def _hours(v: Variables, therapist: str, mask: int) -> Linear:
    there = v.clinic.reachable[therapist] & v.clinic.open_cells & mask
    return Linear(constant=there.bit_count())
