"""The grid."""

from __future__ import annotations

from collections.abc import Iterator

from ..candidates import Appointing, Candidate, Gathering
from ..clinic import Clinic
from ..ledger import Ledger
from ..timegrid import DAY_NUMBER, clock
from ..violations import Violation
from .base import Rule, Scope


class OnGrid(Rule):
    """Every start is on the grid: a multiple of ``grid_minutes`` after midnight."""

    key = "on_grid"
    title = "Sessions start on the grid"
    judges = (Gathering, Appointing)

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        if isinstance(candidate, Gathering | Appointing):
            return self._why(candidate.start, clinic)
        return None

    def _why(self, start: int, clinic: Clinic) -> str | None:
        step = clinic.grid.minutes
        if start % step:
            return f"starts at {clock(start)}, off the {step}-minute grid"
        return None

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for s in scope.sections:
            for m in ledger.sections[s].meetings:
                if why := self._why(m.start, clinic):
                    yield Violation(self.key, s, f"{s} on {m.day} {why}")
        for a in scope.appointments:
            entry = ledger.appointments[a]
            candidate = Appointing(entry.service, DAY_NUMBER[entry.day], entry.start)
            if why := self.forbids(candidate, clinic):
                yield Violation(self.key, a, f"{a} {why}")
