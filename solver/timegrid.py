"""Days, clock times and grid cells: the one place that knows how they turn into each other.

A time of the week is either *minutes of the day* with a day number (0 is Monday) or a *cell*, the
index of a grid interval counted from Monday 00:00. A set of cells is a Python ``int`` used as a bit
mask: bit ``i`` stands for cell ``i``. Masks make "is she free then" one ``&`` of two integers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NUMBER = {day: number for number, day in enumerate(DAYS)}
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
GRIDS = (5, 10, 15, 20, 30, 60)
MINUTES_A_DAY = 24 * 60
_CLOCK = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")


def parse_clock(text: object) -> int:
    """Minutes since midnight of ``"HH:MM"``, ``"24:00"`` at the latest; ValueError otherwise."""
    match = _CLOCK.fullmatch(text) if isinstance(text, str) else None
    if match is None or (minutes := int(match[1]) * 60 + int(match[2])) > MINUTES_A_DAY:
        raise ValueError(f'found {text!r}; a time is "HH:MM" from "00:00" to "24:00"')
    return minutes


def clock(minutes: int) -> str:
    """``"HH:MM"`` of minutes since midnight."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def parse_date(text: object) -> date:
    """The date of ``"YYYY-MM-DD"``; ValueError otherwise."""
    if isinstance(text, date):
        return text
    if isinstance(text, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(f'found {text!r}; a date is "YYYY-MM-DD" and must exist in the calendar')


def day_of(week_start: date, day: int) -> date:
    """The date of day number ``day`` (0..6) of the week that starts on ``week_start``."""
    return week_start + timedelta(days=day)


def bits(mask: int) -> Iterator[int]:
    """The cells of a mask, in order."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@dataclass(frozen=True, slots=True)
class Grid:
    """The week cut into cells of ``minutes`` each (a divisor of an hour)."""

    minutes: int

    @property
    def cells_a_day(self) -> int:
        return MINUTES_A_DAY // self.minutes

    def length(self, minutes: int) -> int:
        """How many whole cells a session of ``minutes`` occupies."""
        return -(-minutes // self.minutes)

    def held(self, minutes: int) -> int:
        """Minutes of the whole cells that a session of ``minutes`` occupies."""
        return self.length(minutes) * self.minutes

    def day_mask(self, day: int) -> int:
        """All cells of one day."""
        return ((1 << self.cells_a_day) - 1) << (day * self.cells_a_day)

    def cell(self, day: int, minute: int) -> int:
        """The cell in which ``minute`` of ``day`` lies."""
        return day * self.cells_a_day + minute // self.minutes

    def occupied(self, day: int, start: int, minutes: int) -> int:
        """The cells that a session touches (whole cells, also when its start is off the grid)."""
        return _occupied(self.minutes, day, start, minutes)

    def clock_of(self, cell: int) -> tuple[int, int]:
        """(day, minute of the day) at which a cell begins."""
        day, rest = divmod(cell, self.cells_a_day)
        return day, rest * self.minutes

    def inside(self, spans: Iterable[tuple[int, int]]) -> int:
        """Cells that lie wholly inside the union of half-open spans of week minutes."""
        mask = 0
        for start, end in merged(spans):
            first, last = -(-start // self.minutes), end // self.minutes
            if last > first:
                mask |= ((1 << (last - first)) - 1) << first
        return mask

    def touching(self, spans: Iterable[tuple[int, int]]) -> int:
        """Cells that overlap any of the half-open spans of week minutes."""
        mask = 0
        for start, end in spans:
            first, last = max(0, start) // self.minutes, -(-end // self.minutes)
            if last > first:
                mask |= ((1 << (last - first)) - 1) << first
        return mask & ((1 << (7 * self.cells_a_day)) - 1)

    def runs(self, mask: int, over_midnight: bool = False) -> Iterator[tuple[int, int]]:
        """Maximal runs of neighbouring cells of a mask as (first cell, number of cells).

        A run ends at midnight unless it is to go on ``over_midnight``.
        """
        for day in range(1 if over_midnight else 7):
            first = day * self.cells_a_day
            left = (mask if over_midnight else mask & self.day_mask(day)) >> first
            while left:
                skip = (left & -left).bit_length() - 1
                left >>= skip
                first += skip
                length = (~left & (left + 1)).bit_length() - 1
                yield first, length
                left >>= length
                first += length


@lru_cache(maxsize=1 << 16)
def _occupied(grid: int, day: int, start: int, minutes: int) -> int:
    base = day * (MINUTES_A_DAY // grid)
    first, last = start // grid, -(-(start + minutes) // grid)
    return ((1 << (last - first)) - 1) << (base + first)


def merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The union of half-open spans as sorted spans that neither overlap nor touch."""
    out: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
