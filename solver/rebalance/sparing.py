"""A week without the changes that buy nothing: those go back to what people had."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..checker import measure
from ..clinic import Clinic
from ..ledger import Ledger
from ..rules import Rule
from ..schedule import Schedule
from ..tiers import Tier
from .atoms import Apart
from .before import broken
from .bought import Unpicking
from .keeping import changes


def spared(
    clinic: Clinic,
    week: Ledger,
    rules: Sequence[Rule],
    tiers: Sequence[Tier],
    old: Schedule,
    late: Callable[[], bool] = lambda: False,
) -> Ledger:
    """The week with everything taken back that buys nothing, alone or with what must come with it.

    Args:
        tiers: all of them; those up to disruption decide, and where neither they nor the number of changes
            differ, what no later tier wants is taken back too.
        old: the baseline as it would fall out this week.
    """
    return _Sparing(clinic, rules, tiers, old, late).spared(week)


class _Sparing:
    def __init__(
        self,
        clinic: Clinic,
        rules: Sequence[Rule],
        tiers: Sequence[Tier],
        old: Schedule,
        late: Callable[[], bool],
    ) -> None:
        self.clinic, self.rules, self.tiers = clinic, rules, tiers
        self.old, self.late = old, late
        self.last = next(n for n, t in enumerate(tiers) if "disruption" in t.goals)

    def spared(self, week: Ledger) -> Ledger:
        while not self.late():
            week = self._one_by_one(week)
            less = self._without_a_bundle(week)
            if less is None:
                break
            week = less
        return week

    def _one_by_one(self, week: Ledger) -> Ledger:
        """The week with every single move taken back that bought nothing."""
        again = True
        while again:
            again = False
            apart = Apart(self.clinic, self.old, week.schedule())
            back: set[int] = set()
            for move in apart.moves:
                if self.late():
                    return week
                less = self._if_no_worse(week, apart.without(back | {move.number}))
                if less is not None:
                    week, again = less, True
                    back.add(move.number)
        return week

    def _without_a_bundle(self, week: Ledger) -> Ledger | None:
        """The week without moves that can only be taken back together, if those bought nothing."""
        picking = Unpicking(self.clinic, week, self.rules, self.tiers, self.old, self.late)
        for chosen, _ in reversed(picking.parted()):
            if len(chosen) > 1 and not self.late():
                less = self._if_no_worse(week, picking.apart.without(chosen))
                if less is not None:
                    return less
        return None

    def _if_no_worse(self, week: Ledger, without: Schedule) -> Ledger | None:
        """The week without some moves, if it is legal and nothing is lost."""
        try:
            less = Ledger(self.clinic, without)
        except KeyError:
            return None  # it names a therapist or a room that is gone
        less.not_admitted = None
        fine = self._no_worse(less, week) and not broken(self.clinic, less, self.rules)
        return less if fine else None

    def _no_worse(self, less: Ledger, week: Ledger) -> bool:
        (first, later), (was, was_later) = self._values(less), self._values(week)
        if first == was:
            return all(a <= b for a, b in zip(later, was_later, strict=True))
        if any(tier.tolerance for tier in self.tiers):
            return all(a <= b for a, b in zip(first, was, strict=True))
        return first < was

    def _values(self, week: Ledger) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Of the tiers up to disruption with the number of changes, and of those after it."""
        goals = measure(self.clinic, week)
        values = tuple(tier.value(goals) for tier in self.tiers)
        first, later = values[: self.last + 1], values[self.last + 1 :]
        return (*first, changes(self.clinic, week)), later
