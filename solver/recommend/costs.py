"""What a choice costs, goal by goal, and how costs are compared.

Costs are tuples with one number a goal, in the order of GOALS. They add up, and are compared tier by
tier in the order of the policy.
"""

from __future__ import annotations

from operator import add, sub

from ..clinic import Clinic
from ..goals import GOALS, PatientGoal
from ..goals.continuity import NOT_PRIMARY, Continuity
from ..ledger import Ledger
from ..tiers import tiers_of

Costs = tuple[int, ...]
KEYS = tuple(goal.key for goal in GOALS)
_PLACE = {key: place for place, key in enumerate(KEYS)}
NOTHING: Costs = (0,) * len(KEYS)
CONTINUITY = next(goal for goal in GOALS if isinstance(goal, Continuity))


def costs(**shares: int) -> Costs:
    """Costs by goal key; goals that are left out cost nothing."""
    out = [0] * len(KEYS)
    for key, share in shares.items():
        out[_PLACE[key]] = share
    return tuple(out)


def plus(one: Costs, other: Costs) -> Costs:
    """Both together."""
    return tuple(map(add, one, other))


def minus(one: Costs, other: Costs) -> Costs:
    """How much one is above the other."""
    return tuple(map(sub, one, other))


class Ranking:
    """Compares costs as the policy does: one number a tier."""

    def __init__(self, clinic: Clinic) -> None:
        self._tiers = [
            [(weight, KEYS.index(goal)) for goal, weight in zip(t.goals, t.weights, strict=True)]
            for t in tiers_of(clinic.scenario.policy)
        ]
        self._is_plain = self._tiers == [[(1, goal)] for goal in range(len(KEYS))]

    def __call__(self, sums: Costs) -> tuple[int, ...]:
        """The weighted sum of each tier; less is better, the first tier first."""
        if self._is_plain:
            return sums
        return tuple(sum(w * sums[goal] for w, goal in tier) for tier in self._tiers)


def of_patients(clinic: Clinic, ledger: Ledger, patients: set[str]) -> Costs:
    """What some patients contribute to each goal; staffing belongs to nobody."""
    return tuple(
        sum(goal.of(clinic, ledger, p) for p in patients) if isinstance(goal, PatientGoal) else 0
        for goal in GOALS
    )


def of_staff(clinic: Clinic, ledger: Ledger) -> Costs:
    """What goals that are no sum over patients come to."""
    return tuple(
        0 if isinstance(goal, PatientGoal) else goal.measure(clinic, ledger) for goal in GOALS
    )


def without_staff(paid: Costs) -> Costs:
    """Only what patients contribute."""
    return tuple(
        cost if isinstance(goal, PatientGoal) else 0 for goal, cost in zip(GOALS, paid, strict=True)
    )


__all__ = [
    "CONTINUITY",
    "KEYS",
    "NOTHING",
    "NOT_PRIMARY",
    "Costs",
    "Ranking",
    "costs",
    "minus",
    "of_patients",
    "of_staff",
    "plus",
    "without_staff",
]
