"""The whole week as one model: proof, and the best schedule where it is small enough to be searched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import takewhile
from time import monotonic

from ..clinic import Clinic
from ..errors import OutOfTime
from ..extraction import Value, chosen_days, extract, extract_sections, hint
from ..ledger import Ledger
from ..model import build
from ..options import Free
from ..rooming import name_rooms
from ..rules import RULES, Rule
from ..tiers import Tier
from ..variables import Variables
from .by_day import Days, counts_by_day
from .cpsat import Limits, Outcome, Signal, aim, complete_hint, solve
from .mixed import Mixed
from .objective import tier_expression
from .rows import Rows

MOST_VARIABLES = 80_000
"""Beyond this the whole week is not built: CP-SAT found neither bound nor schedule there, and took
1.9 GB at 118,000 variables (measured on the community clinic of 60)."""
MOST_REPEATABLE = 10_000
"""The same where work is limited instead of time: presolve costs time that work does not count."""

START_SECONDS = 3.0
"""For how long HiGHS waits for a solution to start from; without one it begins all the same."""


class Whole:
    """The model of the whole week, built once and asked tier by tier.

    With appointments counted by the day (``daily``) it is a fraction of the size, bounds the tiers that
    are counted so, and finds the groups of good weeks; their appointments are still to be placed.

    Attributes:
        infeasible: CP-SAT said that no legal week exists (still to be confirmed).
    """

    def __init__(
        self,
        clinic: Clinic,
        tiers: Sequence[Tier],
        rules: Sequence[Rule] = RULES,
        *,
        daily: bool = False,
        most: int = MOST_VARIABLES,
    ) -> None:
        self.clinic, self.tiers, self.rules = clinic, tiers, rules
        self._free = Free.everything(clinic)
        if daily:
            counted = takewhile(lambda tier: counts_by_day([tier]), tiers)
            goals = frozenset(g for tier in counted for g in tier.goals)
            self._free = replace(self._free, daily=True, goals=goals)
        self._most = most
        self.infeasible = False
        self.given_up = False
        self._v: Variables | None = None
        self._capped = 0
        self._rows: Rows | None = None

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

    def size(self, late: Callable[[], bool]) -> int | None:
        """How many variables it has; None if it could not be built."""
        return len(self._v.model.proto.variables) if self.build(late) and self._v else None

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
    ) -> Outcome:
        """One solve of a tier (None: any legal week) from a schedule to start from."""
        v = self._v
        assert v is not None
        objective = None if tier is None else tier_expression(self.tiers[tier], v)
        outcome = solve(
            v, objective, limits, start=start, complete=True, stop=stop, on_bound=on_bound
        )
        self.infeasible = self.infeasible or outcome.status == "INFEASIBLE"
        return outcome

    def mixed(
        self,
        tier: int,
        start: Ledger,
        deadline: float,
        seed: int,
        *,
        stop: Signal | None = None,
        on_bound: Callable[[int], None] | None = None,
    ) -> Mixed:
        """Begin to solve a tier as a mixed-integer program, from a schedule."""
        v = self._v
        assert v is not None
        aim(v, tier_expression(self.tiers[tier], v))
        hint(v, start)
        known = v.model.proto.solution_hint if complete_hint(v, START_SECONDS) else None
        if self._rows is None:
            self._rows = Rows(v.model)
        self._rows.take()
        return Mixed(
            self._rows,
            deadline,
            seed,
            start=None if known is None else list(known.values),
            stop=stop,
            on_bound=on_bound,
        )

    def week(self, outcome: Outcome) -> Ledger | None:
        """The week that was found, unless appointments are counted by the day."""
        if outcome.values is None or self._v is None:
            return None
        found = extract(self._v, outcome.values)
        return Ledger(self.clinic, name_rooms(self.clinic, found.schedule()))

    def plan(self, values: Value) -> tuple[Ledger, Days]:
        """The sections that were found, and the days on which appointments are wanted."""
        assert self._v is not None
        return extract_sections(self._v, values), chosen_days(self._v, values)

    def confirm_infeasible(self, deadline: float, seed: int, stop: Signal | None = None) -> bool:
        """Solve once more without presolve and with another seed; whether it is infeasible again."""
        limits = Limits(
            seconds=max(0.1, deadline - monotonic()), seed=seed + 1, presolve=False, workers=1
        )
        return self.search(None, None, limits, stop=stop).status == "INFEASIBLE"
