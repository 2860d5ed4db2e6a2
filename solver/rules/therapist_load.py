"""How much a therapist works."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Duty, Ledger
from ..timegrid import DAYS
from ..violations import Violation
from .base import Rule, Scope, at

if TYPE_CHECKING:
    from ..variables import Variables


class TherapistLoad(Rule):
    """A therapist's minutes a day, a week and in a row, and their caseload, are within their limits.

    Sessions count as the whole cells they occupy. In a row means back to back, with no free grid cell
    between. The caseload is the number of different patients in individual sessions.
    """

    key = "therapist_load"
    title = "Therapists are not overloaded"

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for t in scope.therapists:
            duties = ledger.duties[t]
            if duties:
                yield from self._hours(t, clinic, ledger, duties)
                yield from self._caseload(t, clinic, ledger)

    def _hours(
        self, t: str, clinic: Clinic, ledger: Ledger, duties: list[Duty]
    ) -> Iterator[Violation]:
        therapist, step = clinic.therapists[t], clinic.grid.minutes
        worked = [0] * 7
        for duty in duties:
            worked[duty.day] += duty.cells.bit_count() * step
        limit = therapist.max_minutes_per_day
        for day, minutes in enumerate(worked):
            if limit is not None and minutes > limit:
                text = f"{t} works {minutes} minutes on {DAYS[day]}, {limit} at most"
                yield Violation(self.key, t, text, minutes - limit)
        limit, total = therapist.max_minutes_per_week, sum(worked)
        if limit is not None and total > limit:
            text = f"{t} works {total} minutes this week, {limit} at most"
            yield Violation(self.key, t, text, total - limit)
        limit = therapist.max_consecutive_minutes
        if limit is not None:
            for first, length in clinic.grid.runs(ledger.therapist_busy(t), over_midnight=True):
                if length * step > limit:
                    when = at(*clinic.grid.clock_of(first))
                    text = (
                        f"{t} works {length * step} minutes in a row from {when}, {limit} at most"
                    )
                    yield Violation(self.key, t, text, length * step - limit)

    def _caseload(self, t: str, clinic: Clinic, ledger: Ledger) -> Iterator[Violation]:
        limit, seen = clinic.therapists[t].max_caseload, ledger.caseload(t)
        if limit is not None and len(seen) > limit:
            text = f"{t} sees {len(seen)} patients one to one, {limit} at most"
            yield Violation(self.key, t, text, len(seen) - limit)

    def post(self, v: Variables) -> None:
        step = v.clinic.grid.minutes
        for t in v.therapists:
            therapist = v.clinic.therapists[t]
            work = v.work_of(t)
            worked = [0] * 7
            for duty in v.ledger.duties[t]:
                worked[duty.day] += duty.cells.bit_count() * step
            if therapist.max_minutes_per_day is not None:
                for day in range(7):
                    terms = [(w.var, w.minutes) for w in work if w.day == day]
                    v.weighted_at_most(terms, therapist.max_minutes_per_day - worked[day])
            if therapist.max_minutes_per_week is not None:
                terms = [(w.var, w.minutes) for w in work]
                v.weighted_at_most(terms, therapist.max_minutes_per_week - sum(worked))
            if therapist.max_consecutive_minutes is not None:
                self._in_a_row(v, t, therapist.max_consecutive_minutes // step)
            if therapist.max_caseload is not None:
                self._sees(v, t, therapist.max_caseload)

    def _in_a_row(self, v: Variables, t: str, most: int) -> None:
        """Of any ``most`` + 1 cells in a row, one is free."""
        cells, busy = v.therapist_cells(t), v.ledger.therapist_busy(t)
        a_day = v.clinic.grid.cells_a_day
        free, window = sum(1 << cell for cell in cells), (1 << most + 1) - 1
        for first in range(7 * a_day - most):
            # Cells that can never be busy cut a row short, however it is filled.
            if (free | busy) >> first & window == window and free >> first & window:
                literals = [
                    x for cell in range(first, first + most + 1) for x in cells.get(cell, ())
                ]
                v.at_most(literals, most - (busy >> first & window).bit_count())

    def _sees(self, v: Variables, t: str, most: int) -> None:
        seen = v.ledger.caseload(t)
        v.at_most([x for p, x in v.sees(t).items() if p not in seen], most - len(seen))
