"""Nobody and no room in two places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Duty, Ledger, Sitting, Use
from ..violations import Violation
from .base import Rule, Scope, at

if TYPE_CHECKING:
    from ..variables import Variables


class NoDoubleBooking(Rule):
    """No patient, therapist or room is in two places in the same grid cell."""

    key = "no_double_booking"
    title = "Nobody is in two places at once"

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for p in scope.patients:
            yield from self._clashes(p, ledger.sittings[p], clinic)
        for t in scope.therapists:
            yield from self._clashes(t, ledger.duties[t], clinic)
        for r in scope.rooms:
            yield from self._clashes(r, ledger.room_uses[r], clinic)

    def _clashes(
        self, who: str, entries: Sequence[Sitting | Duty | Use], clinic: Clinic
    ) -> Iterator[Violation]:
        taken = 0
        clash = False
        for e in entries:
            clash = clash or bool(taken & e.cells)
            taken |= e.cells
        if not clash:
            return
        for a, b in combinations(sorted(entries, key=lambda e: (e.day, e.start, e.ref)), 2):
            if both := (a.cells & b.cells):
                minutes = both.bit_count() * clinic.grid.minutes
                text = f"{who} is in {a.ref} ({at(a.day, a.start)}) and in {b.ref} ({at(b.day, b.start)})"
                yield Violation(self.key, who, text, minutes)

    def post(self, v: Variables) -> None:
        for cells in (v.patient_cells(p) for p in v.patients):
            for literals in cells.values():
                v.at_most(literals, 1)
        for t in v.therapists:
            for literals in v.therapist_cells(t).values():
                v.at_most(literals, 1)
        # Interchangeable rooms are counted: intervals on a line can always be coloured with as many
        # rooms as overlap, so rooms are named afterwards (``rooming.py``).
        for (kind, cell), counts in v.room_cells().items():
            if len(v.kinds[kind].rooms) == 1:
                v.at_most(counts, v.rooms_free(kind, cell))
            else:
                v.weighted_at_most([(x, 1) for x in counts], v.rooms_free(kind, cell))
