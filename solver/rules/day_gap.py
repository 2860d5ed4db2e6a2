"""No long gaps between days of treatment."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger
from ..timegrid import DAYS
from ..violations import Violation
from .base import Rule, Scope

if TYPE_CHECKING:
    from ..variables import Variables


class DayGap(Rule):
    """No more than ``max_gap_days`` days without a session lie between two attended days.

    Closed dates and days off count as days. A session of 0 clinical minutes makes no attended day, so
    it does not break a gap. Only days of one week are judged.
    """

    key = "day_gap"
    title = "Attended days are not too far apart"
    mended_by_adding = True

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for p in scope.patients:
            most = clinic.needs[p].max_gap_days
            if most is None:
                continue
            for a, b in pairwise(ledger.attended_days(p)):
                if b - a - 1 > most:
                    text = f"{p} has {b - a - 1} days off between {DAYS[a]} and {DAYS[b]}, {most} at most"
                    yield Violation(self.key, p, text, b - a - 1 - most)

    def post(self, v: Variables) -> None:
        for p in v.patients:
            most = v.clinic.needs[p].max_gap_days
            if most is None:
                continue
            for a, b in combinations(range(7), 2):
                if b - a - 1 > most:
                    ends = [(v.attends(p, a), 1), (v.attends(p, b), 1)]
                    v.weighted_at_most(ends + [(v.attends(p, d), -1) for d in range(a + 1, b)], 1)
