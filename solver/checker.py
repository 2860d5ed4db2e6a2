"""The checker: every violation of a schedule, and every goal's value. Knows no solver."""

from __future__ import annotations

from .clinic import Clinic
from .goals import GOALS
from .ledger import Ledger
from .rules import RULES, Scope
from .schedule import Schedule
from .tiers import tiers_of
from .violations import Violation


def check(
    clinic: Clinic, schedule: Schedule | Ledger, scope: Scope | None = None
) -> list[Violation]:
    """Every violation of every rule; an empty list means that the schedule is legal."""
    ledger = schedule if isinstance(schedule, Ledger) else Ledger(clinic, schedule)
    scope = scope or Scope.whole(ledger)
    return [v for rule in RULES for v in rule.check(clinic, ledger, scope)]


def measure(clinic: Clinic, schedule: Schedule | Ledger) -> dict[str, int]:
    """Each goal's value, in the order of GOALS."""
    ledger = schedule if isinstance(schedule, Ledger) else Ledger(clinic, schedule)
    return {goal.key: goal.measure(clinic, ledger) for goal in GOALS}


def tier_values(clinic: Clinic, goals: dict[str, int]) -> tuple[int, ...]:
    """The weighted sum of each tier's goals, in the policy's order; compare with ``<`` as a tuple."""
    return tuple(tier.value(goals) for tier in tiers_of(clinic.scenario.policy))
