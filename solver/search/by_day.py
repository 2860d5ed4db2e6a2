"""Weeks planned in two steps: groups first, with appointments counted by the day, then their times.

Most decisions of a week are about the times of appointments, and few of them matter to who can sit in
which group. With appointments counted by the day (``daily.py``) the groups of many patients can be
decided at once; the appointments are then placed around them, patients in batches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from time import monotonic

from ..clinic import Clinic
from ..errors import OutOfTime
from ..extraction import extract
from ..goals import GOAL
from ..ledger import Ledger
from ..linear import Linear
from ..model import build
from ..options import Free
from ..pins import ids_kept
from ..rooming import name_rooms
from ..rules import Rule
from ..screening import screening_of
from ..tiers import Tier
from ..variables import Variables
from .cpsat import Limits, Meter, Signal, solve
from .objective import shares, tier_expression
from .placing import Placing

BATCH = 15
"""Patients whose appointments are placed at once."""
OTHERS = 6
"""How many of them had found a place by first fit, and may have to give way."""
BATCH_SECONDS = 1.0
BATCH_WORK = 0.5
EARLIER = 1_000
"""How much a unit of a tier weighs against one of the next while appointments are placed."""

Days = Mapping[tuple[str, str], Sequence[int]]


def counts_by_day(tiers: Sequence[Tier]) -> bool:
    """Whether these tiers can be planned, and bounded, with appointments counted by the day."""
    return all(GOAL[g].by_day for tier in tiers for g in tier.goals)


@dataclass(frozen=True, slots=True)
class Placer:
    """Places appointments in a week whose sections are settled.

    Attributes:
        tiers: those that matter, in order; the last is the one at hand.
        repeatable: work is limited in deterministic time instead of by the clock.
        meter: what placing costs is added to it.
    """

    clinic: Clinic
    rules: Sequence[Rule]
    tiers: Sequence[Tier]
    repeatable: bool = False
    meter: Meter = field(default_factory=Meter)

    @property
    def kept(self) -> frozenset[str]:
        return ids_kept(self.clinic)

    def place(
        self,
        week: Ledger,
        wanted: Days,
        random: Random,
        deadline: float,
        stop: Signal | None = None,
    ) -> Ledger | None:
        """The week with appointments on the days that are wanted, as far as they find a place.

        None when the time ran out first.
        """
        placing = Placing(Ledger(self.clinic, name_rooms(self.clinic, week.schedule())))
        before = frozenset(week.appointments)
        left = self._first_fit(placing, wanted)
        week = placing.ledger
        everyone = list(dict.fromkeys(p for p, _ in wanted))
        order = [p for p in everyone if p in left]
        random.shuffle(order)
        for first in range(0, len(order), BATCH - OTHERS):
            batch = set(order[first : first + BATCH - OTHERS])
            # Some who found a place give way to those who did not.
            others = [p for p in everyone if p not in left]
            batch |= set(random.sample(others, min(BATCH - len(batch), len(others))))
            pairs = {pair: days for pair, days in wanted.items() if pair[0] in batch}
            week = _without(week, pairs, before)
            placed = self._batch(week, pairs, self._missing, random, deadline, stop)
            # What found no place on its day may find one on another, if the others give way too.
            if placed is None or _missing(placed, week, pairs):
                week = week if placed else self._without_waiting(week, batch)
                any_day = dict.fromkeys(
                    (pair for pair in pairs if not self._is_out(week, pair[0])), range(7)
                )
                placed = self._batch(week, any_day, self._care, random, deadline, stop)
            if placed is None:
                return None
            week = placed
        return Ledger(self.clinic, name_rooms(self.clinic, week.schedule()))

    def _first_fit(self, placing: Placing, wanted: Days) -> set[str]:
        """Book what fits at once; patients whose appointments do not all fit are left without any."""
        grid, screen = self.clinic.grid, screening_of(self.clinic)
        left: set[str] = set()
        by_patient: dict[str, list[tuple[int, str, int]]] = defaultdict(list)
        for (p, s), days in wanted.items():
            for day in days:
                could = screen.visit_starts(p, s, False) | screen.visit_starts(p, s, True)
                by_patient[p].append(((could & grid.day_mask(day)).bit_count(), s, day))
        # Whose hours leave least choice come first.
        for p in sorted(by_patient, key=lambda p: min(by_patient[p])):
            booked: list[str] = []
            for _, s, day in sorted(by_patient[p]):
                found = placing.book(p, s, grid.day_mask(day))
                if found is None:
                    for name in booked:
                        placing.ledger.cancel(name)
                    left.add(p)
                    break
                booked.append(found)
        return left

    def _without_waiting(self, week: Ledger, patients: set[str]) -> Ledger:
        """The week with these waiting patients turned away: some cannot have all that is due to them."""
        placing = Placing(week.copy())
        for p in self.clinic.patients:
            if p in patients and self.clinic.is_waiting(p):
                placing.clear(p, self.kept)
        placing.close_small(self.kept)
        return placing.ledger

    def _is_out(self, week: Ledger, patient: str) -> bool:
        return self.clinic.is_waiting(patient) and not week.sittings[patient]

    def _batch(
        self,
        week: Ledger,
        wanted: Days,
        objective: Callable[[Variables, Days], Linear],
        random: Random,
        deadline: float,
        stop: Signal | None,
    ) -> Ledger | None:
        """The week with the best appointments of a few patients; None if there are none in time."""
        if monotonic() > deadline or (stop is not None and stop.is_set()):
            return None
        try:
            v = self._model(week, wanted, deadline)
        except OutOfTime:
            return None
        left = max(0.05, deadline - monotonic())
        limits = Limits(
            left if self.repeatable else min(BATCH_SECONDS, left),
            work=BATCH_WORK if self.repeatable else None,
            seed=random.randrange(1 << 30),
        )
        outcome = solve(v, objective(v, wanted), limits, stop=stop)
        self.meter.pay(v, outcome)
        return None if outcome.values is None else extract(v, outcome.values)

    def _missing(self, v: Variables, wanted: Days) -> Linear:
        """Appointments without a place on their days, by priority: 0 where all have one."""
        total = Linear()
        for (p, s), days in wanted.items():
            visits = [t for t in v.terms(p) if t.option is None and t.service == s]
            for day in set(days):
                v.at_most([t.var for t in visits if t.meets[0].day == day], days.count(day))
            missing = v.shortfall([(t.var, 1) for t in visits], len(days))
            total.add(missing, self.clinic.patients[p].priority)
        return total

    def _care(self, v: Variables, _: Days) -> Linear:
        """The tiers themselves, the earlier ones first."""
        total = Linear()
        for tier in self.tiers:
            total = total.scaled(EARLIER)
            total += tier_expression(tier, v)
        return total

    def _model(self, week: Ledger, wanted: Days, deadline: float) -> Variables:
        grid = self.clinic.grid
        starts = dict.fromkeys(wanted, 0)
        for pair, days in wanted.items():
            for day in days:
                starts[pair] |= grid.day_mask(day)
        free = Free(
            frozenset(),
            frozenset(wanted),
            frozenset(),
            visit_starts=starts,
            goals=frozenset(g for tier in self.tiers for g in tier.goals),
        )
        return build(
            self.clinic,
            week,
            free,
            rules=self.rules,
            late=lambda _: monotonic() > deadline,
            known_shares=shares(self.clinic, week),
        )


def _without(week: Ledger, pairs: Days, kept: frozenset[str]) -> Ledger:
    """The week without the appointments of these pairs, but for those it had before."""
    out = week.copy()
    for p, s in pairs:
        for visit in out.visits(p, s):
            if visit.ref not in kept:
                out.cancel(visit.ref)
    return out


def _missing(placed: Ledger, before: Ledger, wanted: Days) -> bool:
    """Whether some patient gained fewer appointments of a service than wanted."""
    return any(
        len(placed.visits(p, s)) - len(before.visits(p, s)) < len(days)
        for (p, s), days in wanted.items()
    )
