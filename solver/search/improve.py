"""Improving a week piece by piece: free a neighbourhood, decide it anew, keep what is no worse."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from time import monotonic

from ..clinic import Clinic
from ..errors import OutOfTime
from ..extraction import chosen_days, extract, extract_sections
from ..ledger import Ledger
from ..model import build
from ..options import Free
from ..pins import ids_kept
from ..rooming import name_rooms
from ..rules import RULES, Rule
from ..screening import screening_of
from ..tiers import Tier
from ..timegrid import bits
from ..variables import Variables
from .by_day import Placer, counts_by_day
from .cpsat import Limits, Meter, Outcome, Signal, solve
from .neighbourhoods import CHOOSERS, Chooser, View, loosen
from .objective import patient_share, shares, tier_expression, tier_value

COARSE = 30
"""Minutes between the starts that coarse neighbourhoods consider."""
FIRST = 10_000
"""How much one unit of the tier at hand weighs against one of the tier that follows it."""
ALONE = "unmet_care"
"""The goal that takes all the search can give: looking ahead from it left it far worse (measured)."""
COSTLY = {"burden", "staffing"}
"""Goals whose idle hours take many variables; nobody looks ahead to them."""
SOME_STARTS = 24
"""Starts drawn for the appointments of a service of a patient, in a neighbourhood."""
WIDE = 8.0
"""How much wider neighbourhoods begin whose appointments are counted by the day."""
MOST = 40.0
LEARNING = 0.3
SELDOM = 0.05
"""How often, beside the best, even the least useful kind of neighbourhood is tried."""
STEP_SECONDS = 2.0
STEP_WORK = 1.5


@dataclass(slots=True)
class Arm:
    """A kind of neighbourhood, how large it may be, and how much it gives for its time."""

    chooser: Chooser
    by_day: bool = False
    size: float = 1.0
    credit: float = 0.1


class Improver:
    """A schedule in hand and the means to make it better, tier by tier.

    Attributes:
        least: tier -> what each patient contributes at least; who is above that can be helped.
        ledger: the best schedule so far; always legal.
        value: its value in the tier at hand.
        meter: deterministic time spent so far.
    """

    def __init__(
        self,
        clinic: Clinic,
        tiers: Sequence[Tier],
        ledger: Ledger,
        seed: int,
        rules: Sequence[Rule] = RULES,
        least: Callable[[int], Mapping[str, int]] = lambda _: {},
    ) -> None:
        self.rules = rules
        self.least = least
        self.clinic, self.tiers, self.ledger = clinic, tiers, ledger
        self.random = Random(seed)
        self.kept = ids_kept(clinic)
        self.meter = Meter()
        self.steps = 0
        self._lock = threading.Lock()
        self._shares = shares(clinic, ledger)
        self.arms: list[Arm] = []
        self.turn_to(0, ())

    def turn_to(self, tier: int, caps: Sequence[int]) -> None:
        """Go on with another tier; earlier ones are no worse than their caps from now on."""
        self.tier, self.caps = tier, list(caps)
        self.value = tier_value(self.tiers[tier], self.clinic, self.ledger)
        self.arms = [Arm(chooser) for chooser in CHOOSERS]
        if counts_by_day(self.tiers[: tier + 1]):
            # Placing what was planned by the day takes most of a step: it pays where much is missing.
            hope = 1.0 if ALONE in self.tiers[tier].goals else 0.05
            self.arms += [Arm(chooser, by_day=True, size=WIDE, credit=hope) for chooser in CHOOSERS]

    def offer(self, ledger: Ledger) -> bool:
        """Take over a legal schedule if it is better and costs earlier tiers nothing."""
        value = tier_value(self.tiers[self.tier], self.clinic, ledger)
        with self._lock:
            if value >= self.value:
                return False
            for tier, cap in zip(self.tiers, self.caps, strict=False):
                if tier_value(tier, self.clinic, ledger) > cap:
                    return False
            self._take(ledger, value)
        return True

    def _take(self, ledger: Ledger, value: int) -> None:
        self.ledger, self.value = ledger, value
        self._shares = shares(self.clinic, ledger)

    def run(
        self,
        target: Callable[[], int],
        deadline: float,
        *,
        patience: int,
        work: float | None = None,
        stop: Signal | None = None,
        on_value: Callable[[int], None] | None = None,
    ) -> None:
        """Improve the tier at hand until its target, the deadline, or nothing has helped for long.

        Args:
            target: a bound on the tier, asked again and again; reaching it ends the run.
            patience: steps without improvement after which to give up.
            work: limit in deterministic time for the run; the clock then only guards.
        """
        idle, spent = 0, self.meter.spent
        if not self.clinic.patients:
            return
        while self.value > target() and idle < patience:
            late = monotonic() >= deadline or (
                work is not None and self.meter.spent - spent >= work
            )
            if late or (stop is not None and stop.is_set()):
                return
            before = self.value
            self._step(deadline, work is not None, stop)
            if self.value < before:
                idle = 0
                if on_value is not None:
                    on_value(self.value)
            else:
                idle += 1

    def _step(self, deadline: float, repeatable: bool, stop: Signal | None) -> None:
        arm = self._choose()
        began, spent, before = monotonic(), self.meter.spent, self.value
        with suppress(OutOfTime):
            (self._plan if arm.by_day else self._redecide)(arm, deadline, repeatable, stop)
        self.steps += 1
        cost = self.meter.spent - spent if repeatable else monotonic() - began
        gain = (before - self.value) / max(1, before) / max(1e-3, cost)
        arm.credit = (1 - LEARNING) * arm.credit + LEARNING * gain

    def _freed(self, arm: Arm, ledger: Ledger) -> tuple[Ledger, Free]:
        """What stays of a schedule, and what may be decided anew."""
        tier = self.tiers[self.tier]
        least = self.least(self.tier)
        excess = {
            p: max(0, patient_share(tier, self.clinic, ledger, p) - least.get(p, 0))
            for p in self.clinic.patients
        }
        return loosen(ledger, arm.chooser(View(ledger, excess), self.random, arm.size), self.kept)

    def _model(
        self, around: Ledger, free: Free, asked: Iterable[Tier], deadline: float
    ) -> Variables:
        """The model of a neighbourhood in which no settled tier, nor the one at hand, gets worse."""
        free = replace(free, goals=frozenset(g for t in asked for g in t.goals))
        v = build(
            self.clinic,
            around,
            free,
            rules=self.rules,
            late=lambda _: monotonic() > deadline,
            known_shares=self._shares,
        )
        for earlier, cap in zip(self.tiers[: self.tier], self.caps, strict=True):
            v.limit(tier_expression(earlier, v), cap)
        return v

    def _limits(self, deadline: float, repeatable: bool) -> Limits:
        return Limits(
            seconds=min(60.0 if repeatable else STEP_SECONDS, max(0.05, deadline - monotonic())),
            work=STEP_WORK if repeatable else None,
            seed=self.random.randrange(1 << 30),
        )

    def _redecide(self, arm: Arm, deadline: float, repeatable: bool, stop: Signal | None) -> None:
        """Decide a neighbourhood anew, sections and appointments at once."""
        ledger, tier, value = self.ledger, self.tiers[self.tier], self.value
        around, free = self._freed(arm, ledger)
        # Every other neighbourhood is wider and starts new sessions on the half hour only.
        if self.clinic.grid.minutes < COARSE and self.random.random() < 0.5:
            free = replace(free, starts=coarse_starts(COARSE, ledger))
        free = replace(free, visit_starts=self._some_starts(free.visits))
        following = self._following()
        asked = [*self.tiers[: self.tier + 1], *([following] if following else [])]
        v = self._model(around, free, asked, deadline)
        expression = tier_expression(tier, v)
        v.limit(expression, value)
        if following is not None:
            expression = expression.scaled(FIRST)
            expression += tier_expression(following, v)
        limits = self._limits(deadline, repeatable)
        outcome = solve(v, expression, limits, start=ledger, stop=stop)
        self._adapt(arm, v, outcome)
        if outcome.values is None:
            return
        found = Ledger(self.clinic, name_rooms(self.clinic, extract(v, outcome.values).schedule()))
        new = tier_value(tier, self.clinic, found)
        if new > value:
            return
        if new == value and following is not None:
            after, before = (tier_value(following, self.clinic, w) for w in (found, ledger))
            if after > before:
                return
        with self._lock:
            if ledger is self.ledger:
                self._take(found, new)

    def _plan(self, arm: Arm, deadline: float, repeatable: bool, stop: Signal | None) -> None:
        """Decide the sections of a wide neighbourhood, then the times of its appointments."""
        ledger, tier, value = self.ledger, self.tiers[self.tier], self.value
        around, free = self._freed(arm, ledger)
        tiers = self.tiers[: self.tier + 1]
        v = self._model(around, replace(free, daily=True), tiers, deadline)
        expression = tier_expression(tier, v)
        v.limit(expression, value)
        limits = replace(self._limits(deadline, repeatable), lp=True)
        outcome = solve(v, expression, limits, start=ledger, stop=stop)
        self._adapt(arm, v, outcome)
        if outcome.values is None or outcome.value is None or outcome.value >= value:
            return
        found = self.placer(self.tier, repeatable).place(
            extract_sections(v, outcome.values),
            chosen_days(v, outcome.values),
            self.random,
            deadline,
            stop,
        )
        if found is not None:
            self.offer(found)

    def placer(self, tier: int, repeatable: bool) -> Placer:
        return Placer(self.clinic, self.rules, self.tiers[: tier + 1], repeatable, self.meter)

    def _some_starts(self, visits: frozenset[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """A few starts for each patient's appointments: those in hand, and some drawn anew each time.

        A patient's appointments could start at a hundred times; all of them at once are most of a
        model, and few of them make a difference.
        """
        screen, grid, out = screening_of(self.clinic), self.clinic.grid, {}
        for patient, service in sorted(visits):
            could = screen.visit_starts(patient, service, False)
            could |= screen.visit_starts(patient, service, True)
            cells = list(bits(could))
            mask = 0
            for cell in self.random.sample(cells, min(SOME_STARTS, len(cells))):
                mask |= 1 << cell
            for s in self.ledger.sittings[patient]:
                if s.group is None and s.service == service:
                    mask |= 1 << grid.cell(s.day, s.start)
            out[patient, service] = mask
        return out

    def _following(self) -> Tier | None:
        """The next tier that is not met yet, if it is cheap to look at beside the one at hand.

        Among weeks that are alike in this tier the search then drifts to those better in the next.
        """
        if ALONE in self.tiers[self.tier].goals:
            return None
        for tier in self.tiers[self.tier + 1 :]:
            if set(tier.goals) & COSTLY:
                return None
            if tier_value(tier, self.clinic, self.ledger) > 0:
                return tier
        return None

    def _choose(self) -> Arm:
        best = max(arm.credit for arm in self.arms)
        floor = max(best * SELDOM, 1e-9)
        return self.random.choices(self.arms, [max(floor, a.credit) for a in self.arms])[0]

    def _adapt(self, arm: Arm, v: Variables, outcome: Outcome) -> None:
        """A neighbourhood's size follows what is decided in time."""
        self.meter.pay(v, outcome)
        if outcome.status == "OPTIMAL" and outcome.work < 0.3 * STEP_WORK:
            arm.size = min(MOST, arm.size * 1.2)
        elif outcome.status != "OPTIMAL":
            arm.size = max(0.5, arm.size * 0.85)


def coarse_starts(minutes: int, ledger: Ledger) -> int:
    """Cells on a grid of so many minutes, and those in which the schedule starts something."""
    clinic = ledger.clinic
    mask = 0
    for cell in bits(clinic.open_cells):
        if clinic.grid.clock_of(cell)[1] % minutes == 0:
            mask |= 1 << cell
    for sittings in ledger.sittings.values():
        for s in sittings:
            mask |= 1 << clinic.grid.cell(s.day, s.start)
    return mask
