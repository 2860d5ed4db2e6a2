"""The whole week as one model: proof, and the best schedule where it is small enough to be searched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from ..clinic import Clinic
from ..errors import OutOfTime
from ..extraction import extract
from ..ledger import Ledger
from ..model import build
from ..rooming import name_rooms
from ..tiers import Tier
from ..variables import Variables
from .cpsat import Limits, Outcome, Signal, solve
from .objective import tier_expression

MOST_VARIABLES = 150_000
"""Beyond this the whole week is not built: CP-SAT found neither bound nor schedule there (measured)."""


class Whole:
    """The model of the whole week, built once and asked tier by tier.

    Attributes:
        infeasible: CP-SAT said that no legal week exists (still to be confirmed).
    """

    def __init__(self, clinic: Clinic, tiers: Sequence[Tier]) -> None:
        self.clinic, self.tiers = clinic, tiers
        self.infeasible = False
        self.given_up = False
        self._v: Variables | None = None
        self._capped = 0

    def build(self, late: Callable[[], bool]) -> bool:
        """Build the model if that is possible in time; whether there is one now."""
        if self._v is None and not self.given_up:
            try:
                self._v = build(
                    self.clinic, late=lambda variables: late() or self._too_large(variables)
                )
            except OutOfTime:
                return False
        return self._v is not None

    def _too_large(self, variables: int) -> bool:
        self.given_up = variables > MOST_VARIABLES
        return self.given_up

    def settle(self, caps: Sequence[int]) -> None:
        """Earlier tiers are no worse than their caps from now on."""
        assert self._v is not None
        for number in range(self._capped, len(caps)):
            self._v.limit(tier_expression(self.tiers[number], self._v), caps[number])
        self._capped = max(self._capped, len(caps))

    def search(
        self,
        tier: int | None,
        start: Ledger | None,
        limits: Limits,
        *,
        stop: Signal | None = None,
        on_bound: Callable[[int], None] | None = None,
    ) -> tuple[Outcome, Ledger | None]:
        """One solve of a tier (None: any legal week) from a schedule to start from."""
        v = self._v
        assert v is not None
        objective = None if tier is None else tier_expression(self.tiers[tier], v)
        outcome = solve(
            v, objective, limits, start=start, complete=True, stop=stop, on_bound=on_bound
        )
        self.infeasible = self.infeasible or outcome.status == "INFEASIBLE"
        if outcome.values is None:
            return outcome, None
        found = extract(v, outcome.values)
        return outcome, Ledger(self.clinic, name_rooms(self.clinic, found.schedule()))

    def confirm_infeasible(self, deadline: float, seed: int, stop: Signal | None = None) -> bool:
        """Solve once more without presolve and with another seed; whether it is infeasible again."""
        limits = Limits(
            seconds=max(0.1, deadline - monotonic()), seed=seed + 1, presolve=False, workers=1
        )
        outcome, _ = self.search(None, None, limits, stop=stop)
        return outcome.status == "INFEASIBLE"
