"""Bounds for tier after tier, and the better weeks that are found on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from random import Random
from time import monotonic

from ..clinic import Clinic
from ..errors import ModelError
from ..ledger import Ledger
from ..result import Settings
from ..rules import Rule
from ..tiers import Tier
from .alone import Alone
from .by_day import Days, counts_by_day
from .cpsat import AnyOf, Limits, Outcome, Signal
from .improve import Improver
from .mixed import Mixed
from .whole import MOST_REPEATABLE, MOST_VARIABLES, Whole

PLANNED_FIRST = 8_000
"""Variables up to which a week is planned by the day as a whole first. CP-SAT, with a linear relaxation
beside its own neighbourhoods, there beats improving a week made by hand (measured at 60 patients)."""
FIRST_SLICE = 0.4
"""Share of the time that the first solve of a large model may take; each further one begins from the
best week so far."""
SLICE_SECONDS = 8.0
PLANS = 6
"""How many more of the best plans by the day are tried while none is met by a real week."""
PLANS_REPEATABLE = 1
PLANNING = 2
"""How much more work than other steps planning by the day may take in a repeatable solve."""

Told = Callable[[], None]


class Prover:
    """What is known of the best that a tier could be.

    The whole week with appointments counted by the day, each patient alone, and the whole week. Every
    bound is told as soon as it is known.

    Attributes:
        planned: set once the first plan of the tier at hand is there, or is known not to come.
    """

    def __init__(
        self, clinic: Clinic, tiers: Sequence[Tier], rules: Sequence[Rule], settings: Settings
    ) -> None:
        self.clinic, self.tiers, self.settings = clinic, tiers, settings
        self._exact = [0] * len(tiers)
        self._supposed = [0] * len(tiers)
        self._scarce = threading.Event()
        self.alone = Alone(clinic, tiers, settings.seed)
        self.daily = Whole(clinic, tiers, rules, daily=True)
        most = MOST_REPEATABLE if settings.reproducible else MOST_VARIABLES
        self.whole = Whole(clinic, tiers, rules, most=most)
        self.planned = threading.Event()
        self.began = monotonic()
        self._random = Random(settings.seed)

    def prove(
        self,
        number: int,
        improver: Improver,
        caps: Sequence[int],
        deadline: float,
        told: Told,
        stop: Signal | None = None,
        work: float | None = None,
    ) -> None:
        """Bound a tier whose earlier ones are no worse than their caps, until it is met or time is up.

        Args:
            told: called when there is a better bound or week.
            work: limit in deterministic time for each of the steps; the clock then only guards.
        """
        self.planned.clear()
        self._number, self._improver, self._caps = number, improver, caps
        self._deadline, self._told, self._stop, self._work = deadline, told, stop, work
        daily = counts_by_day(self.tiers[: number + 1])
        if work is None:
            self._by_the_clock(daily)
        else:
            self._repeatably(daily, work)
        self._slices(self.whole)

    def _by_the_clock(self, daily: bool) -> None:
        """Plan the week by the day with HiGHS where it is capacity that binds, else with CP-SAT.

        HiGHS says which: its relaxation bounds the tier better than each patient alone, or no better.
        """
        mixed = self._mixed() if daily and not self._over() else None
        try:
            self._alone()
            floor = self._exact[self._number]
            self._scarce.clear()
            if self._supposed[self._number] > floor:
                self._scarce.set()
            if daily and self.plans_first(self._number):
                self._slices(self.daily, 1, self._scarce)
            self.planned.set()
            if mixed is not None:
                self._take_plans(mixed, floor)
        finally:
            self.planned.set()
            if mixed is not None:
                mixed.end()
        if daily:
            self._slices(self.daily)

    def _repeatably(self, daily: bool, work: float) -> None:
        try:
            # Its first slice finds the groups of a good week, which everything else builds on.
            first = daily and self.plans_first(self._number)
            decided = first and self._slices(self.daily, 1)
        finally:
            self.planned.set()
        self._alone(work / max(1, len(self.clinic.patients)))
        if daily and not decided and not first:
            self._slices(self.daily, 1)

    def _alone(self, each: float | None = None) -> None:
        """Bound the tier by what each patient would get alone."""
        if self._over():
            return
        meter = self.alone.meter
        before = meter.spent
        self._raise(self.alone.bound(self._number, self._caps, self._deadline, self._stop, each))
        self._improver.meter.spent += meter.spent - before

    def _mixed(self) -> Mixed | None:
        """Begin to plan the week by the day with HiGHS, on a core of its own."""
        if not self.daily.build(self._over):
            return None
        self.daily.settle(self._caps)
        return self.daily.mixed(
            self._number,
            self._improver.ledger,
            self._deadline,
            self._random.randrange(1 << 30),
            stop=self._stop,
            on_bound=self._suppose,
        )

    def _take_plans(self, mixed: Mixed, floor: int) -> None:
        """Make real weeks of the plans that HiGHS finds, the best there is each time."""
        while not self._over() and mixed.found.may_exceed(floor):
            ended = mixed.found.ended.is_set()
            values = mixed.found.take()
            if values is not None:
                self._place(self.daily.plan(values))
            elif ended:
                return
            mixed.found.fresh.wait(0.05)

    def plans_first(self, number: int) -> bool:
        """Whether the week of a tier is planned by the day as a whole before any part is improved.

        Where it is small enough for that, nothing finds better groups so soon; where it is not,
        neighbourhoods do.
        """
        if not counts_by_day(self.tiers[: number + 1]):
            return False
        late = self.settings.time_limit
        size = self.daily.size(lambda: monotonic() - self.began > late)
        return size is not None and size <= PLANNED_FIRST

    @property
    def bounds(self) -> list[int]:
        """The best bound of each tier so far."""
        return [max(pair) for pair in zip(self._exact, self._supposed, strict=True)]

    def bound(self, number: int, value: int) -> int:
        """The best bound of a tier, given that there is a week of this value.

        What HiGHS said is withdrawn should that week be below it.
        """
        if self._supposed[number] > value:
            self._supposed[number] = 0
        return self.bounds[number]

    def reached(self, number: int, value: int) -> bool:
        return value <= self.bounds[number]

    def limits(self, seconds: float, *, lp: bool, work: float | None = None) -> Limits:
        """Limits for a solve of the whole week."""
        return Limits(
            seconds=max(0.05, seconds),
            work=work,
            workers=1 if self.settings.reproducible else self.settings.workers or 2,
            seed=self._random.randrange(1 << 30),
            repeatable=self.settings.reproducible,
            lp=lp,
        )

    def _over(self) -> bool:
        ended = self._stop is not None and self._stop.is_set()
        met = self.reached(self._number, self._improver.value)
        return ended or met or monotonic() > self._deadline

    def _raise(self, bound: int | None) -> None:
        if bound is not None and bound > self._exact[self._number]:
            self._exact[self._number] = bound
            self._told()

    def _suppose(self, bound: int) -> None:
        """The same, calculated in floating point."""
        if bound > self._exact[self._number]:
            self._scarce.set()
        if bound > self._supposed[self._number]:
            self._supposed[self._number] = bound
            self._told()

    def _slices(self, whole: Whole, most: int | None = None, until: Signal | None = None) -> bool:
        """Solve the week again and again, each time from the best one and for longer.

        Whether it was decided: the model's best is known.
        """
        if (until is not None and until.is_set()) or self._over() or not whole.build(self._over):
            return False
        whole.settle(self._caps)
        count = again = 0
        work = self._work
        if work is not None and whole is self.daily:
            work *= PLANNING
        seconds = max(SLICE_SECONDS, FIRST_SLICE * (self._deadline - monotonic()))
        while not self._over() and count != most:
            left = self._deadline - monotonic()
            limits = self.limits(
                min(seconds, left) if self._work is None else left, lp=True, work=work
            )
            outcome = whole.search(
                self._number,
                self._improver.ledger,
                limits,
                stop=self._stop if until is None else AnyOf(self._stop, until),
                on_bound=self._raise,
            )
            self._improver.meter.spent += outcome.work
            if outcome.status == "INFEASIBLE":
                raise ModelError("the whole model holds no schedule although one is in hand")
            self._raise(outcome.bound)
            self._offer(whole, outcome)
            self.planned.set()
            if outcome.status == "OPTIMAL":
                # Another of the best plans may find places for all its appointments.
                again += 1
                if whole is not self.daily or again > (
                    PLANS if self._work is None else PLANS_REPEATABLE
                ):
                    return True
                continue
            if self._work is not None:
                break
            count += 1
        return False

    def _offer(self, whole: Whole, outcome: Outcome) -> None:
        """Hand over what a solve found, if it may be better than the week in hand."""
        improver = self._improver
        if outcome.values is None or outcome.value is None or outcome.value >= improver.value:
            return
        if whole is self.daily:
            self._place(whole.plan(outcome.values))
        elif (week := whole.week(outcome)) is not None and improver.offer(week):
            self._told()

    def _place(self, plan: tuple[Ledger, Days]) -> None:
        """Find times for the appointments of a plan by the day, and hand the week over if it is better."""
        sections, days = plan
        placer = self._improver.placer(self._number, self._work is not None)
        week = placer.place(sections, days, self._random, self._deadline, self._stop)
        if week is not None and self._improver.offer(week):
            self._told()
