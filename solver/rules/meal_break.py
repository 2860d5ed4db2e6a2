"""A meal in a long day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger
from ..scenario import Meal
from ..timegrid import DAYS, MINUTES_A_DAY, bits
from ..violations import Violation
from .base import Rule, Scope

if TYPE_CHECKING:
    from ..variables import Variables


class MealBreak(Rule):
    """A therapist whose day spans the meal span has ``meal.minutes`` free in a row inside it.

    The day spans it when its first session begins at or before the span's start and its last one ends
    at or after its end. Free means whole grid cells.
    """

    key = "meal_break"
    title = "Long days have a meal break"

    def _span(self, meal: Meal, day: int, clinic: Clinic) -> list[int]:
        start, end = (day * MINUTES_A_DAY + minute for minute in meal.between)
        return list(bits(clinic.grid.inside([(start, end)])))

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for t in scope.therapists:
            meal = clinic.therapists[t].meal
            if meal is None or not ledger.duties[t]:
                continue
            busy, need = ledger.therapist_busy(t), clinic.grid.length(meal.minutes)
            for day in range(7):
                before, after = self._around(meal, day, clinic)
                if not (busy & before and busy & after):
                    continue
                free = sum(1 << c for c in self._span(meal, day, clinic)) & ~busy
                longest = max((length for _, length in clinic.grid.runs(free)), default=0)
                if longest < need:
                    step = clinic.grid.minutes
                    text = f"{t} has {longest * step} of {meal.minutes} minutes for a meal on {DAYS[day]}"
                    yield Violation(self.key, t, text, (need - longest) * step)

    def _around(self, meal: Meal, day: int, clinic: Clinic) -> tuple[int, int]:
        """Cells that are busy only if a session begins by the span's start, ends at its end or later.

        A session begins at or before the span's start exactly when it is busy in a cell that begins
        no later; it ends at or after the end exactly when it is busy in a cell that ends no sooner.
        """
        grid, (start, end) = clinic.grid, meal.between
        first, whole = day * grid.cells_a_day, grid.day_mask(day)
        head = start // grid.minutes + 1
        tail = -(-end // grid.minutes) - 1
        before = ((1 << head) - 1) << first
        after = (whole >> (first + tail)) << (first + tail)
        return before & whole, after & whole

    def post(self, v: Variables) -> None:
        for t in v.therapists:
            meal = v.clinic.therapists[t].meal
            if meal is None:
                continue
            cells, busy = v.therapist_cells(t), v.ledger.therapist_busy(t)
            need = v.clinic.grid.length(meal.minutes)
            for day in range(7):
                if v.works_on(t, day):
                    self._one_day(v, meal, day, cells, busy, need)

    def _one_day(
        self,
        v: Variables,
        meal: Meal,
        day: int,
        cells: dict[int, list[object]],
        busy: int,
        need: int,
    ) -> None:
        before, after = self._around(meal, day, v.clinic)
        begins = v.any_of([x for c in bits(before) for x in cells.get(c, ())], bool(busy & before))
        ends = v.any_of([x for c in bits(after) for x in cells.get(c, ())], bool(busy & after))
        span = self._span(meal, day, v.clinic)
        breaks = []
        for i in range(len(span) - need + 1):
            window = span[i : i + need]
            if any(busy >> c & 1 for c in window):
                continue
            chosen = v.flag()
            breaks.append(chosen)
            for cell in window:
                if literals := cells.get(cell):
                    v.at_most([*literals, chosen], 1)
        # begins and ends together ask for one of the breaks.
        v.weighted_at_most([(begins, 1), (ends, 1), *((b, -1) for b in breaks)], 1)
