"""How much better the week gets with every change that is allowed: 0, 1, 2 … changes.

Each point is a week of its own with at most so many changes. It begins from the point before it, and from
the uncapped answer with its least worthwhile bundles taken back, so no point is worse than one before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from ..clinic import Clinic
from ..goals import GOAL
from ..ledger import Ledger
from ..naming import name
from ..result import TierResult
from ..rules import Rule
from ..schedule import Schedule
from ..search.cpsat import Signal
from ..tiers import Tier
from .before import broken
from .bought import Unpicking
from .keeping import MostChanges, changes
from .search import Search

NEAREST = 0.3
"""Share of the time for the week that changes least of all, where none is known."""


@dataclass(frozen=True, slots=True)
class Point:
    """The best week found with at most ``most`` changes.

    Attributes:
        changes: how many it has.
        tiers: tiers up to disruption; their bounds hold for weeks with at most so many changes.
        schedule: the week; None where none with so few changes was found, or there is none.
    """

    most: int
    changes: int
    tiers: tuple[TierResult, ...]
    schedule: Schedule | None


@dataclass(slots=True)
class Tracing:
    """What a curve is traced with; ``rules`` hold no cap."""

    clinic: Clinic
    tiers: Sequence[Tier]
    rules: tuple[Rule, ...]
    old: Schedule
    seed: int
    workers: int
    stop: Signal | None
    tell: Callable[[str], None]

    def curve(
        self, best: Ledger, near: Sequence[Ledger], least: int, most: int, deadline: float
    ) -> tuple[Point, ...]:
        """Points for 0 to ``most`` changes; it ends where more changes gain nothing.

        Args:
            best: the uncapped answer.
            near: further legal weeks, those with few changes among them.
            least: changes that any legal week needs.
        """
        weeks = [*near, best, *self._taken_back(best)]
        last = next(n for n, t in enumerate(self.tiers) if "disruption" in t.goals)
        goal = self._values(best)[:last]
        nearest = min(weeks, key=lambda w: changes(self.clinic, w))
        if changes(self.clinic, nearest) > least:
            self.tell("looking for a week with as few changes as can be")
            search = self._search(nearest, self.rules)
            search.fewest_changes(monotonic() + NEAREST * max(0.0, deadline - monotonic()))
            weeks.append(nearest := search.ledger)
        least = max(least, changes(self.clinic, nearest))
        out = [Point(k, 0, (), None) for k in range(min(least, most + 1))]
        for k in range(least, most + 1):
            left = deadline - monotonic()
            fitting = [w for w in weeks if changes(self.clinic, w) <= k]
            self.tell(f"with at most {k} changes")
            until = monotonic() + max(0.0, left) / (most + 1 - k)
            week = min(fitting, key=self._values)
            search = self._search(week, (*self.rules, MostChanges(k)))
            self._settle(search, until)
            weeks.append(search.ledger)
            out.append(self._point(k, search))
            if self._values(search.ledger)[:last] <= goal:
                break
        return tuple(out)

    def _taken_back(self, best: Ledger) -> list[Ledger]:
        """The uncapped answer with more and more bundles taken back, the least worthwhile first."""
        picking = Unpicking(self.clinic, best, self.rules, self.tiers, self.old, lambda: False)
        back: frozenset[int] = frozenset()
        out = []
        for chosen, _ in reversed(picking.parted()):
            back |= chosen
            week = picking.ledger(picking.apart.without(back))
            if week is not None and not broken(self.clinic, week, self.rules):
                out.append(week)
        return out

    def _search(self, week: Ledger, rules: Sequence[Rule]) -> Search:
        return Search(
            self.clinic,
            self.tiers,
            week,
            rules,
            seed=self.seed,
            workers=self.workers,
            stop=self.stop,
        )

    def _settle(self, search: Search, until: float) -> None:
        caps: list[int] = []
        for number in range(search.last + 1):
            left = until - monotonic()
            if left > 0:
                share = 0.6 if number == 0 else 1 / (search.last + 1 - number)
                search.settle(number, caps, monotonic() + left * share)
            value = search.value(number)
            caps.append(value + self.tiers[number].slack(value))

    def _values(self, week: Ledger) -> tuple[int, ...]:
        goals = {key: goal.measure(self.clinic, week) for key, goal in GOAL.items()}
        return tuple(tier.value(goals) for tier in self.tiers)

    def _point(self, k: int, search: Search) -> Point:
        tiers = []
        for number in range(search.last + 1):
            value, bound = search.value(number), search.bounds[number]
            tiers.append(
                TierResult(self.tiers[number].goals, value, min(bound, value), value <= bound)
            )
        schedule = name(self.clinic, search.ledger.schedule())
        return Point(k, changes(self.clinic, search.ledger), tuple(tiers), schedule)
