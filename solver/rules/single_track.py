"""One part of the day for one patient's groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger
from ..violations import Violation
from .base import Rule, Scope

if TYPE_CHECKING:
    from ..variables import Variables


class SingleTrack(Rule):
    """Where the program says so, all group meetings of a patient lie in one track."""

    key = "single_track"
    title = "A patient stays in one track"

    def _tracks(self, clinic: Clinic, cells: int) -> set[str]:
        return {t for t, hours in clinic.track_hours.items() if not cells & ~hours}

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for p in scope.patients:
            if not clinic.needs[p].single_track:
                continue
            cells = 0
            for s in ledger.sittings[p]:
                if s.group is not None:
                    cells |= s.cells
            if cells and not self._tracks(clinic, cells):
                yield Violation(self.key, p, f"{p}'s groups lie in no single track")

    def post(self, v: Variables) -> None:
        for p in v.patients:
            seats = v.seats_of(p)
            if not v.clinic.needs[p].single_track or not seats:
                continue
            held = 0
            for s in v.ledger.sittings[p]:
                if s.group is not None:
                    held |= s.cells
            chosen = {t: v.flag() for t in sorted(self._tracks(v.clinic, held))}
            v.at_most(list(chosen.values()), 1)
            for seat in seats:
                fits = self._tracks(v.clinic, seat.cells)
                v.weighted_at_most(
                    [(seat.var, 1), *((chosen[t], -1) for t in sorted(fits) if t in chosen)], 0
                )
