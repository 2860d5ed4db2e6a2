"""The whole week as one model: proof, and the best schedule where it is small enough to be searched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from ..clinic import Clinic
from ..errors import OutOfTime
from ..extraction import extract
from ..ledger import Ledger
from ..model import build
from ..options import Free
from ..rooming import name_rooms
from ..rules import RULES, Rule
from ..tiers import Tier
from ..timegrid import bits
from ..variables import Variables
from .cpsat import Limits, Outcome, Signal, solve
from .objective import tier_expression

MOST_VARIABLES = 80_000
"""Beyond this the whole week is not built: CP-SAT found neither bound nor schedule there, and took
1.9 GB at 118,000 variables (measured on the community clinic of 60)."""
MOST_REPEATABLE = 10_000
"""The same where work is limited instead of time: presolve costs time that work does not count."""
MOST_COARSE = 45_000
"""The same for a coarse week, whose purpose is a good schedule soon."""


class Whole:
    """The model of the whole week, built once and asked tier by tier.

    A *coarse* one starts new sessions only every so many minutes, or where a schedule in hand starts
    some: it bounds nothing, but finds good weeks where the full model finds none.

    Attributes:
        infeasible: CP-SAT said that no legal week exists (still to be confirmed).
    """

    def __init__(
        self,
        clinic: Clinic,
        tiers: Sequence[Tier],
        rules: Sequence[Rule] = RULES,
        coarse: tuple[int, Ledger] | None = None,
        most: int = MOST_VARIABLES,
    ) -> None:
        self.clinic, self.tiers, self.rules = clinic, tiers, rules
        self._free = Free.everything(clinic, None if coarse is None else coarse_starts(*coarse))
        self._most = most if coarse is None else MOST_COARSE
        self.infeasible = False
        self.given_up = False
        self._v: Variables | None = None
        self._capped = 0

    def build(self, late: Callable[[], bool]) -> bool:
        """Build the model if that is possible in time; whether there is one now."""
        if self._v is None and not self.given_up:
            try:
                self._v = build(
                    self.clinic,
                    free=self._free,
                    rules=self.rules,
                    late=lambda variables: late() or self._too_large(variables),
                )
            except OutOfTime:
                return False
        return self._v is not None

    def _too_large(self, variables: int) -> bool:
        self.given_up = variables > self._most
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
