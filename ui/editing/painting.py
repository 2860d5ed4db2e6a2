"""Hours painted on a week: a stroke over days and times changes a cell of hours, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from solver.fields import day_name
from solver.io.tables.cells import Refused, is_blank
from solver.io.tables.layout import by_path
from solver.io.tables.lists import HoursKind
from solver.io.tables.times import NEVER, written_hours
from solver.scenario import Window
from solver.timegrid import DAY_NUMBER, DAYS, MINUTES_A_DAY, clock, parse_clock

from .draft import Cell, Draft, shown

Spans = tuple[tuple[tuple[int, int], ...], ...]
"""For each day of the week its half-open spans of minutes, apart and in order."""
STEP = 30
"""Minutes of a cell of the painter."""
EMPTY: Spans = ((),) * len(DAYS)
OPENING = ("opening_hours",)


def spans_of(cell: Cell) -> Spans | None:
    """The hours in a cell; None where it is blank or cannot be read."""
    if cell is None or is_blank(cell):
        return None
    try:
        windows = HoursKind().read(cell)
    except Refused:
        return None
    days: list[list[tuple[int, int]]] = [[] for _ in DAYS]
    for window in windows if isinstance(windows, list) else []:
        start, end = parse_clock(window["start"]), parse_clock(window["end"])
        for day in window["days"]:
            if start < end:
                days[DAY_NUMBER[day]].append((start, end))
    return _merged(days)


def opening_of(draft: Draft) -> Spans:
    """The hours in which the clinic is open, as far as the lines can be read."""
    days: list[list[tuple[int, int]]] = [[] for _ in DAYS]
    columns = by_path()[OPENING].columns
    for row in draft.rows[OPENING]:
        try:
            said = {
                column.path[0]: column.kind.read(raw)
                for column, raw in zip(columns, row, strict=True)
                if raw is not None
            }
            start, end = parse_clock(said["start"]), parse_clock(said["end"])
            named = said["days"]
        except (Refused, KeyError, ValueError):
            continue
        for day in named if isinstance(named, list) else []:
            if start < end:
                days[DAY_NUMBER[day]].append((start, end))
    return _merged(days)


def painted(spans: Spans, days: Iterable[int], start: int, end: int, *, on: bool) -> Spans:
    """The hours after a stroke over some days from one minute to another."""
    struck = set(days)
    out = []
    for number, here in enumerate(spans):
        if number in struck:
            apart = [(a, min(b, start)) for a, b in here if a < start]
            apart += [(max(a, end), b) for a, b in here if b > end]
            out.append([*apart, (start, end)] if on else apart)
        else:
            out.append(list(here))
    return _merged(out)


def written(spans: Spans) -> str:
    """Hours as a cell has them: days with the same span share it."""
    days_of: dict[tuple[int, int], list[int]] = {}
    for number, here in enumerate(spans):
        for span in here:
            days_of.setdefault(span, []).append(number)
    if not days_of:
        return NEVER
    order = sorted(days_of.items(), key=lambda item: (item[1][0], item[0]))
    return written_hours(
        [
            Window.model_validate(
                {"days": [day_name(n) for n in days], "start": clock(a), "end": clock(b)}
            )
            for (a, b), days in order
        ]
    )


def share(spans: Spans, day: int, start: int) -> int:
    """How much of a painter's cell is covered: 0 nothing, 1 a part, 2 all of it."""
    covered = sum(max(0, min(b, start + STEP) - max(a, start)) for a, b in spans[day])
    return 0 if not covered else 2 if covered == STEP else 1


def shown_hours(spans: Sequence[Spans]) -> tuple[int, int]:
    """From when to when the painter goes, in minutes: an hour around all there is, 8 to 18 at least."""
    every = [span for week in spans for day in week for span in day]
    first = min([8 * 60, *(a for a, _ in every)]) - 60
    last = max([18 * 60, *(b for _, b in every)]) + 60
    return max(0, first // 60 * 60), min(MINUTES_A_DAY, -(-last // 60) * 60)


def strokes(
    cells: dict[str, Cell],
    blank: dict[str, Spans],
    brush: str | None,
    days: Iterable[int],
    start: int,
    end: int,
) -> dict[str, str | None]:
    """The cells of several brushes after one stroke; each hour has one of them or none.

    Args:
        cells: the cell of hours that each brush paints.
        blank: what a blank one stands for.
        brush: which one; None wipes.
    """
    days = list(days)
    out: dict[str, str | None] = {}
    for name, cell in cells.items():
        spans = spans_of(cell)
        before = blank[name] if spans is None else spans
        now = painted(before, days, start, end, on=name == brush)
        if now == before:
            out[name] = shown(cell) or None
        else:
            # Nobody works from home unless it is said, so nothing is said with a blank cell.
            out[name] = None if now == EMPTY and blank[name] == EMPTY else written(now)
    return out


def _merged(days: Iterable[Iterable[tuple[int, int]]]) -> Spans:
    out = []
    for spans in days:
        apart: list[tuple[int, int]] = []
        for start, end in sorted(spans):
            if apart and start <= apart[-1][1]:
                apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
            elif start < end:
                apart.append((start, end))
        out.append(tuple(apart))
    return tuple(out)
