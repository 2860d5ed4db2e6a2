"""Proofs that a census is too large, and what each patient alone must go without.

A proof for one census has to hold for every larger one. Serving more patients can be easier: a group
that needs four members runs with the fourth. So groups have no least size in a proof; then whoever can
serve more can serve fewer, and what is impossible stays so.
"""

from __future__ import annotations

from collections.abc import Iterable
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
from ..search.alone import Alone
from ..search.cpsat import Limits, Signal, solve
from ..search.whole import MOST_VARIABLES
from ..staffing.parts import hold_parts
from ..tiers import Tier
from ..variables import Variables

CARE = frozenset({"unmet_care"})
_CARE_TIER = Tier(("unmet_care",), (1,), 0.0)
_RULES = tuple(r for r in RULES if r.key != "strict")


class OwnLimits:
    """What patients go without whatever the clinic offers: their own hours and limits allow no more."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._least: dict[str, int] = {}

    def of(self, scenario: Scenario, deadline: float, stop: Signal | None = None) -> int | None:
        """Their sum over a census; None when the time ran out first."""
        active = [p for p in scenario.patients if p.status == "active"]
        new = tuple(p for p in active if p.id not in self._least)
        if new:
            alone = scenario.model_copy(update={"patients": new, "baseline": None, "locks": ()})
            asked = Alone(Clinic(alone), (_CARE_TIER,), self.seed)
            if asked.bound(0, (), deadline, stop) is None:
                return None
            self._least |= asked.least(0)
        return sum(self._least[p.id] for p in active)

    def short(self, patients: Iterable[str]) -> list[str]:
        """Those of the patients who go without something."""
        return [p for p in patients if self._least.get(p, 0)]


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
