"""Base and variants side by side: what differs, and what of that is certain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..report import Named, sessions
from ..report.figures import Figures, figures
from ..report.words import named
from ..result import TierResult
from ..schedule import Schedule
from .answers import Answer
from .asking import Made
from .freedom import is_freer

Verdict = Literal["less", "more", "same", "at most", "at least", "open"]
"""``at most``: as much or less; ``open``: what is known allows for less as well as for more."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How a variant's tier differs from the base's: the best of the one less the best of the other.

    Attributes:
        found: between the two schedules given out; None where one is missing.
        low, high: between which the difference of what is possible lies; None where nothing is
            known, because an earlier goal is still open in one of them.
    """

    goals: tuple[str, ...]
    found: int | None
    low: int | None
    high: int | None

    @property
    def verdict(self) -> Verdict:
        low, high = self.low, self.high
        if low is None or high is None:
            return "open"
        if low == high == 0:
            return "same"
        if high < 0:
            return "less"
        if low > 0:
            return "more"
        return "at most" if high == 0 else "at least" if low == 0 else "open"


@dataclass(frozen=True, slots=True)
class OtherWeek:
    """A patient whose week is not the base's; ``what`` says how far."""

    patient: Named
    what: Literal["new", "gone", "other times", "other people or rooms"]


@dataclass(frozen=True, slots=True)
class Column:
    """One scenario of a comparison.

    Attributes:
        figures: of its schedule; None where there is none.
        differences: from the base, tier by tier, as far as both settle the same goals in the same
            order; none for the base itself.
        people: whose week differs from the base's.
    """

    made: Made
    answer: Answer
    figures: Figures | None
    differences: tuple[Difference, ...]
    people: tuple[OtherWeek, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Base and variants side by side; the base comes first."""

    columns: tuple[Column, ...]

    @property
    def base(self) -> Column:
        return self.columns[0]


def compare(made: Sequence[Made], answers: Sequence[Answer]) -> Comparison:
    """The comparison of answers that are known; the first is the base."""
    base = answers[0]
    columns = []
    for one, answer in zip(made, answers, strict=True):
        is_base = answer is base
        week = answer.schedule
        columns.append(
            Column(
                one,
                answer,
                None if week is None else figures(answer.clinic, week),
                () if is_base else differences(base, answer),
                () if is_base else people(base, answer),
            )
        )
    return Comparison(tuple(columns))


# -- goals ----------------------------------------------------------------------------------------


def differences(base: Answer, variant: Answer) -> tuple[Difference, ...]:
    """Tier by tier, as long as both settle the same goals.

    A tier's bound holds given the earlier tiers as reported. So what is possible in a later tier can
    be compared only while everything before it is proved best in both.
    """
    out: list[Difference] = []
    settled = True
    for ours, theirs in zip(base.tiers, variant.tiers, strict=False):
        if ours.goals != theirs.goals:
            break
        found = None
        if ours.value is not None and theirs.value is not None:
            found = theirs.value - ours.value
        low = high = None
        if settled:
            low, high = _between(ours, theirs)
            if not out:
                low, high = _as_proved(base, variant, low, high)
        out.append(Difference(ours.goals, found, low, high))
        settled = settled and ours.proved and theirs.proved
    return tuple(out)


def _between(ours: TierResult, theirs: TierResult) -> tuple[int | None, int | None]:
    """The least and the greatest that the variant's best less the base's best can be."""
    if None in (ours.value, ours.bound, theirs.value, theirs.bound):
        return None, None
    a, b = _range(ours), _range(theirs)
    return b[0] - a[1], b[1] - a[0]


def _range(tier: TierResult) -> tuple[int, int]:
    """Between what the best value of a tier lies; one that is proved is what is given out."""
    value, bound = tier.value or 0, tier.bound or 0
    return (value, value) if tier.proved else (bound, value)


def _as_proved(
    base: Answer, variant: Answer, low: int | None, high: int | None
) -> tuple[int | None, int | None]:
    """The range narrowed by what comparing the scenarios themselves proves."""
    if low is None or high is None:
        return low, high
    if is_freer(variant.clinic, base.clinic):
        low, high = min(low, 0), min(high, 0)
    if is_freer(base.clinic, variant.clinic):
        low, high = max(low, 0), max(high, 0)
    return low, high


# -- people ---------------------------------------------------------------------------------------


def people(base: Answer, variant: Answer) -> tuple[OtherWeek, ...]:
    """Everybody whose week differs, in the order of the scenarios."""
    if base.schedule is None or variant.schedule is None:
        return ()
    before, after = _weeks(base, base.schedule), _weeks(variant, variant.schedule)
    out = []
    for p in base.clinic.patients:
        who = named(base.clinic.patients, p)
        if p not in variant.clinic.patients:
            out.append(OtherWeek(who, "gone"))
        elif {s[:3] for s in before[p]} != {s[:3] for s in after[p]}:
            out.append(OtherWeek(who, "other times"))
        elif before[p] != after[p]:
            out.append(OtherWeek(who, "other people or rooms"))
    newcomers = [p for p in variant.clinic.patients if p not in base.clinic.patients]
    out += [OtherWeek(named(variant.clinic.patients, p), "new") for p in newcomers]
    return tuple(out)


def _weeks(answer: Answer, schedule: Schedule) -> dict[str, set[tuple[object, ...]]]:
    """Of each patient: what, day, start, with whom, where and how, for each session."""
    out: dict[str, set[tuple[object, ...]]] = {p: set() for p in answer.clinic.patients}
    for s in sessions(answer.clinic, schedule):
        if s.cancelled:
            continue
        remote = {p.id for p in s.remote}
        for p in s.members:
            what = s.group or s.service
            leaders = tuple(sorted(t.id for t in s.leaders))
            out[p.id].add((what, s.day, s.start, leaders, s.room, p.id in remote))
    return out
