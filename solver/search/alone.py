"""Bounds from each patient alone: what their own hours and limits allow, whatever the clinic offers.

For every tier that is a sum over patients, the sum of what each would get alone is a bound on the
whole: cheap, often exact, and it explains itself ("her own hours allow no more"). Later tiers are
bounded among weeks whose earlier tiers are no worse than given: if the others get at least their own
best, a patient's share of an earlier tier exceeds their best by no more than the tier's slack.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from ..clinic import Clinic
from ..model import build
from ..options import Free
from ..pins import settled_ledger
from ..rules import RULE
from ..tiers import Tier
from ..variables import Variables
from .cpsat import Limits, Meter, Signal, solve
from .objective import patient_expression

OWN_RULES = tuple(
    RULE[key]
    for key in (
        "no_double_booking",
        "sections_per_patient",
        "weekly_maximum",
        "day_gap",
        "single_track",
        "waitlist",
    )
)
"""Rules that bind a patient whoever else is there. Leaving rules out only lowers a bound."""


class Alone:
    """Each patient's best, tier by tier; asked for one tier at a time, in their order.

    Attributes:
        meter: deterministic time spent so far.
    """

    def __init__(self, clinic: Clinic, tiers: Sequence[Tier], seed: int = 0) -> None:
        self.clinic = clinic
        self.tiers = tiers
        self.seed = seed
        self.best: list[dict[str, int]] = []
        self.meter = Meter()
        self._limited: set[tuple[int, str]] = set()
        self._models: dict[str, Variables] = {}
        self._ledger = settled_ledger(clinic)

    def least(self, tier: int) -> dict[str, int]:
        """Each patient's least share of a tier, as far as it is known."""
        return self.best[tier] if tier < len(self.best) else {}

    def _model(self, patient: str) -> Variables:
        if patient not in self._models:
            self._models[patient] = self._anew(patient)
        return self._models[patient]

    def bound(
        self,
        number: int,
        caps: Sequence[int],
        deadline: float,
        stop: Signal | None = None,
        work: float | None = None,
    ) -> int | None:
        """A bound on tier ``number`` over weeks whose earlier tiers are no worse than ``caps``.

        None when the time ran out first. ``work`` limits each patient's solve in deterministic time.
        """
        while len(self.best) <= number:
            found = self._tier(len(self.best), caps, deadline, stop, work)
            if found is None:
                return None
            self.best.append(found)
        return sum(self.best[number].values())

    def _tier(
        self,
        number: int,
        caps: Sequence[int],
        deadline: float,
        stop: Signal | None,
        work: float | None,
    ) -> dict[str, int] | None:
        """Each patient's least share of a tier; None when the time ran out first."""
        slack = caps[number - 1] - sum(self.best[number - 1].values()) if number else 0
        found: dict[str, int] = {}
        for p in self.clinic.patients:
            if monotonic() > deadline or (stop is not None and stop.is_set()):
                return None
            v = self._model(p)
            if number and (number, p) not in self._limited:
                earlier = patient_expression(self.tiers[number - 1], v, p)
                v.limit(earlier, self.best[number - 1][p] + slack)
                self._limited.add((number, p))
            expression = patient_expression(self.tiers[number], v, p)
            seconds = max(0.05, min(5.0, deadline - monotonic()))
            limits = Limits(seconds, work=work, seed=self.seed)
            outcome = solve(v, expression, limits, stop=stop)
            self.meter.spent += outcome.work
            # Where it was not decided in time, 0 holds.
            found[p] = max(0, outcome.bound or 0)
        return found

    def confirmed_short(self, deadline: float) -> list[str]:
        """The first patient whose share of the first tier cannot be 0, found so a second time."""
        for p, least in self.least(0).items():
            if least > 0:
                v = self._anew(p)
                v.limit(patient_expression(self.tiers[0], v, p), 0)
                if self._surely_none(v, deadline):
                    return [p]
        return []

    def confirmed_stuck(self, deadline: float) -> list[str]:
        """The first waiting patient whom a lock admits and whom no week could serve whole, if any."""
        for p in self.clinic.patients:
            if not self.clinic.is_waiting(p) or not self._ledger.sittings[p]:
                continue
            limits = Limits(max(0.1, deadline - monotonic()), seed=self.seed)
            stuck = solve(self._anew(p), None, limits).status == "INFEASIBLE"
            if stuck and self._surely_none(self._anew(p), deadline):
                return [p]
        return []

    def _anew(self, patient: str) -> Variables:
        free = Free.of(self.clinic, [patient], self.clinic.groups, alone=True)
        return build(self.clinic, self._ledger, free, rules=OWN_RULES, stronger=False)

    def _surely_none(self, v: Variables, deadline: float) -> bool:
        """Whether the model holds nothing, without presolve and with another seed."""
        limits = Limits(max(0.1, deadline - monotonic()), seed=self.seed + 1, presolve=False)
        return solve(v, None, limits).status == "INFEASIBLE"
