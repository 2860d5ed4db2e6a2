"""The order in which goals are settled, read from the policy."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

from .goals import GOALS
from .scenario import Policy


@dataclass(frozen=True, slots=True)
class Tier:
    """Goals that are added up with their weights and settled together.

    ``tolerance`` is the largest fraction named for its goals: how much of the tier's best sum later
    tiers may give back.
    """

    goals: tuple[str, ...]
    weights: tuple[int, ...]
    tolerance: float

    def value(self, goals: dict[str, int]) -> int:
        """The weighted sum of the tier's goals."""
        return sum(w * goals[g] for g, w in zip(self.goals, self.weights, strict=True))

    def slack(self, best: int) -> int:
        """How much of a best sum may be given back."""
        return floor(best * self.tolerance)


def tiers_of(policy: Policy) -> tuple[Tier, ...]:
    """The tiers of a policy: those it names, then each goal it leaves out in the default order."""
    named = [tuple(dict.fromkeys(tier)) for tier in policy.tiers if tier]
    seen: set[str] = set()
    order: list[tuple[str, ...]] = []
    for tier in named:
        fresh = tuple(g for g in tier if g not in seen)
        seen.update(fresh)
        if fresh:
            order.append(fresh)
    order += [(goal.key,) for goal in GOALS if goal.key not in seen]
    weights: dict[str, int] = {str(g): w for g, w in policy.weights.items()}
    tolerances: dict[str, float] = {str(g): t for g, t in policy.tolerances.items()}
    return tuple(
        Tier(
            goals,
            tuple(weights.get(g, 1) for g in goals),
            max(tolerances.get(g, 0.0) for g in goals),
        )
        for goals in order
    )
