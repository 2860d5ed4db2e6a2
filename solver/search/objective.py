"""Tiers as the search sees them: a value on a ledger, an expression on a model, shares by patient."""

from __future__ import annotations

from ..clinic import Clinic
from ..errors import ModelError
from ..goals import GOAL, PatientGoal
from ..ledger import Ledger
from ..linear import Linear
from ..tiers import Tier
from ..variables import Variables


def tier_expression(tier: Tier, v: Variables) -> Linear:
    """The tier's weighted sum on a model."""
    total = Linear()
    for key, weight in zip(tier.goals, tier.weights, strict=True):
        if weight:
            if not v.free.weighs(key) or (v.free.daily and not GOAL[key].by_day):
                raise ModelError(f"the model was not built to be asked for {key}")
            total += GOAL[key].expression(v).scaled(weight)
    return total


def tier_value(tier: Tier, clinic: Clinic, ledger: Ledger) -> int:
    """The tier's weighted sum of a schedule."""
    return tier.value({key: GOAL[key].measure(clinic, ledger) for key in tier.goals})


def patient_share(tier: Tier, clinic: Clinic, ledger: Ledger, patient: str) -> int:
    """What one patient contributes to a tier."""
    return sum(
        weight * goal.of(clinic, ledger, patient)
        for key, weight in zip(tier.goals, tier.weights, strict=True)
        if isinstance(goal := GOAL[key], PatientGoal)
    )


def patient_expression(tier: Tier, v: Variables, patient: str) -> Linear:
    """One patient's share of a tier on a model; goals that are no sum over patients are left out."""
    total = Linear()
    for key, weight in zip(tier.goals, tier.weights, strict=True):
        goal = GOAL[key]
        if isinstance(goal, PatientGoal) and weight:
            total += goal.share(v, patient).scaled(weight)
    return total


def shares(clinic: Clinic, ledger: Ledger) -> dict[tuple[str, str], int]:
    """(goal, patient) -> share of every goal that is a sum over patients."""
    return {
        (key, p): goal.of(clinic, ledger, p)
        for key, goal in GOAL.items()
        if isinstance(goal, PatientGoal)
        for p in clinic.patients
    }
