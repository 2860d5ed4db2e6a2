"""Improving a week piece by piece: free a neighbourhood, decide it anew, keep what is no worse."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from time import monotonic

from ..clinic import Clinic
from ..errors import OutOfTime
from ..extraction import extract
from ..ledger import Ledger
from ..model import build
from ..pins import ids_kept
from ..rooming import name_rooms
from ..rules import RULES, Rule
from ..tiers import Tier
from .cpsat import Limits, Signal, solve
from .neighbourhoods import CHOOSERS, Chooser, View, loosen
from .objective import patient_share, shares, tier_expression, tier_value
from .whole import coarse_starts

COARSE = 30
"""Minutes between the starts that coarse neighbourhoods consider."""
FIRST = 10_000
"""How much one unit of the tier at hand weighs against one of the tier that follows it."""
ALONE = "unmet_care"
"""The goal that takes all the search can give: looking ahead from it left it far worse (measured)."""
COSTLY = {"burden", "staffing"}
"""Goals whose idle hours take many variables; nobody looks ahead to them."""
STEP_SECONDS = 3.0
STEP_WORK = 1.5


class Improver:
    """A schedule in hand and the means to make it better, tier by tier.

    Attributes:
        least: tier -> what each patient contributes at least; who is above that can be helped.
        ledger: the best schedule so far; always legal.
        value: its value in the tier at hand.
        work: deterministic time spent so far.
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
        self.work = 0.0
        self.steps = 0
        self.size = 1.0
        self._lock = threading.Lock()
        self._shares = shares(clinic, ledger)
        self._credit = dict.fromkeys(CHOOSERS, 1.0)
        self.tier = 0
        self.caps: list[int] = []
        self.value = tier_value(tiers[0], clinic, ledger)

    def turn_to(self, tier: int, caps: Sequence[int]) -> None:
        """Go on with another tier; earlier ones are no worse than their caps from now on."""
        self.tier, self.caps = tier, list(caps)
        self.value = tier_value(self.tiers[tier], self.clinic, self.ledger)
        self._credit = dict.fromkeys(CHOOSERS, 1.0)

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
        idle, spent = 0, self.work
        if not self.clinic.patients:
            return
        while self.value > target() and idle < patience:
            late = monotonic() >= deadline or (work is not None and self.work - spent >= work)
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
        chooser = self._choose()
        ledger, tier = self.ledger, self.tiers[self.tier]
        least = self.least(self.tier)
        excess = {
            p: max(0, patient_share(tier, self.clinic, ledger, p) - least.get(p, 0))
            for p in self.clinic.patients
        }
        view = View(ledger, excess)
        # Every other neighbourhood is wider and starts new sessions on the half hour only.
        coarse = self.clinic.grid.minutes < COARSE and self.random.random() < 0.5
        size = self.size * (1.6 if coarse else 1.0)
        around, free = loosen(ledger, chooser(view, self.random, size), self.kept)
        if coarse:
            free = replace(free, starts=coarse_starts(COARSE, ledger))
        self.steps += 1
        try:
            v = build(
                self.clinic,
                around,
                free,
                rules=self.rules,
                late=lambda _: monotonic() > deadline,
                known_shares=self._shares,
            )
        except OutOfTime:
            return
        for earlier, cap in zip(self.tiers[: self.tier], self.caps, strict=True):
            v.limit(tier_expression(earlier, v), cap)
        expression = tier_expression(tier, v)
        v.limit(expression, self.value)
        following = self._following()
        if following is not None:
            expression = expression.scaled(FIRST)
            expression += tier_expression(following, v)
        limits = Limits(
            seconds=min(60.0 if repeatable else STEP_SECONDS, max(0.05, deadline - monotonic())),
            work=STEP_WORK if repeatable else None,
            seed=self.random.randrange(1 << 30),
        )
        outcome = solve(v, expression, limits, start=ledger, stop=stop)
        self.work += outcome.work
        found = None
        if outcome.values is not None:
            named = name_rooms(self.clinic, extract(v, outcome.values).schedule())
            found = Ledger(self.clinic, named)
        value = None if found is None else tier_value(tier, self.clinic, found)
        self._learn(chooser, outcome.status, value, outcome.work)
        if found is None or value is None or value > self.value:
            return
        if value == self.value and following is not None:
            after, before = (tier_value(following, self.clinic, w) for w in (found, ledger))
            if after > before:
                return
        with self._lock:
            if ledger is self.ledger and value <= self.value:
                self._take(found, value)

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

    def _choose(self) -> Chooser:
        choosers = list(self._credit)
        return self.random.choices(choosers, [self._credit[c] for c in choosers])[0]

    def _learn(self, chooser: Chooser, status: str, value: int | None, work: float) -> None:
        """Neighbourhoods that helped are chosen more often; their size follows what is decided."""
        helped = value is not None and value < self.value
        self._credit[chooser] = max(0.2, 0.9 * self._credit[chooser] + (1.0 if helped else 0.0))
        if status == "OPTIMAL" and work < 0.3 * STEP_WORK:
            self.size = min(4.0, self.size * 1.05)
        elif status != "OPTIMAL":
            self.size = max(0.5, self.size * 0.85)
