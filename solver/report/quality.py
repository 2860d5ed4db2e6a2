"""How good a schedule is, tier by tier, and which rules it breaks, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ..clinic import Clinic
from ..goals import GOAL
from ..rules import RULE
from ..tiers import tiers_of
from ..violations import Violation
from .words import singular


class Settled(Protocol):
    """A tier's outcome; ``engine.TierResult`` is one."""

    @property
    def goals(self) -> tuple[str, ...]: ...
    @property
    def value(self) -> int | None: ...
    @property
    def bound(self) -> int | None: ...
    @property
    def proved(self) -> bool: ...


def tier_title(goals: Iterable[str]) -> str:
    """The titles of a tier's goals, joined."""
    return " + ".join(GOAL[g].title for g in goals)


def tier_sentence(clinic: Clinic, tier: Settled, goals: Mapping[str, int]) -> str:
    """What came of a tier, in one sentence: its value, and how much better it could be.

    ``goals`` are the values of all goals, for a tier of several goals or weights.
    """
    title = tier_title(tier.goals)
    if tier.value is None:
        return f"{title}: not decided."
    said = f"{title}: {_value_in_words(clinic, tier.goals, tier.value, goals)}"
    if not tier.value:
        return f"{said}."
    if tier.proved:
        return f"{said}, proved best."
    if tier.bound == 0:
        return f"{said}, not proved best."
    if tier.bound is None:
        return f"{said}; how much better is possible is not known."
    return f"{said}, not proved best; nothing below {tier.bound:,} is possible."


def _value_in_words(
    clinic: Clinic, keys: tuple[str, ...], value: int, goals: Mapping[str, int]
) -> str:
    if not value:
        return "none"
    weights = next((t.weights for t in tiers_of(clinic.scenario.policy) if t.goals == keys), ())
    if len(keys) == 1 and weights in ((), (1,)):
        return f"{value:,} {singular(GOAL[keys[0]].unit) if value == 1 else GOAL[keys[0]].unit}"
    shares = [
        f"{key} {goals[key]:,}" + (f" × {weight}" if weight != 1 else "")
        for key, weight in zip(keys, weights or (1,) * len(keys), strict=True)
        if key in goals
    ]
    return f"{value:,} ({' + '.join(shares)})" if shares else f"{value:,}"


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that is broken, and every place where it is."""

    key: str
    title: str
    violations: tuple[Violation, ...]


def broken_rules(violations: Iterable[Violation]) -> tuple[Broken, ...]:
    """Violations by rule, in the order of the rules."""
    by_key: dict[str, list[Violation]] = {}
    for violation in violations:
        by_key.setdefault(violation.rule, []).append(violation)
    order = [*(k for k in RULE if k in by_key), *(k for k in by_key if k not in RULE)]
    return tuple(
        Broken(key, RULE[key].title if key in RULE else key, tuple(by_key[key])) for key in order
    )
