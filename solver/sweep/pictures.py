"""Pictures of a sweep as SVG that needs nothing else: the frontier, and the grid.

Drawn by hand: the bytes depend on the findings alone, and nothing is fetched to look at them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

from .findings import CellFindings, Findings, scarce_text

WIDTH, HEIGHT = 760, 480
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 56, 64
COLOURS = ("#1b6ca8", "#d1495b", "#2e8b57", "#8e5ea2", "#c58b00", "#4a6670", "#b04a8b", "#5a8f29")
INK, PALE = "#222", "#ccc"
CELL_WIDTH, CELL_HEIGHT = 128, 58
FONT = "font-family='Helvetica, Arial, sans-serif'"


def frontier(found: Findings) -> str:
    """Patients served against cost, a mark for each cell, a line through the best of them."""
    points = [c for c in found.cells if c.served is not None and c.cost is not None]
    unit = "staff cost a week" if found.in_money else "staff hours on duty a week"
    parts = [_text(LEFT, 26, "Patients fully served against " + unit, 17, weight="bold")]
    if not points:
        parts.append(_text(LEFT, 70, "No cell of the grid has a schedule.", 14))
        return _svg(WIDTH, 110, parts)
    xs, ys = [c.cost or 0.0 for c in points], [float(c.served or 0) for c in points]
    across = _Scale(min(xs), max(xs), LEFT, WIDTH - RIGHT)
    up = _Scale(min(0.0, *ys), max(ys), HEIGHT - BOTTOM, TOP)
    parts += _axes(across, up, unit)
    line = [f"{across(c.cost or 0):.1f},{up(float(c.served or 0)):.1f}" for c in found.frontier]
    path = f"<polyline points='{' '.join(line)}' fill='none' stroke='{INK}' stroke-width='1.5'/>"
    parts.append(path)
    first = found.sweep.axes[0]
    for c in points:
        colour = COLOURS[c.cell.index[0] % len(COLOURS)]
        parts.append(_mark(c, across(c.cost or 0), up(float(c.served or 0)), colour, found))
    for number, step in enumerate(first.steps):
        y = TOP + 24 + 20 * number
        colour = COLOURS[number % len(COLOURS)]
        parts.append(f"<circle cx='{WIDTH - RIGHT + 24}' cy='{y - 4}' r='5' fill='{colour}'/>")
        parts.append(_text(WIDTH - RIGHT + 36, y, f"{first.name} {step.label}", 12))
    y = TOP + 24 + 20 * len(first.steps) + 10
    parts.append(_text(WIDTH - RIGHT + 18, y, "filled: no week leaves", 11))
    parts.append(_text(WIDTH - RIGHT + 18, y + 14, "less care unmet; hollow: open", 11))
    return _svg(WIDTH, max(HEIGHT, y + 30), parts)


def _mark(c: CellFindings, x: float, y: float, colour: str, found: Findings) -> str:
    fill = colour if c.settled else "white"
    title = escape(f"{c.cell.made.name}: {c.served} served; {scarce_text(c)}", quote=True)
    return (
        f"<circle cx='{x:.1f}' cy='{y:.1f}' r='6' fill='{fill}' stroke='{colour}' stroke-width='2.5'>"
        f"<title>{title}</title></circle>"
    )


def grid(found: Findings) -> str | None:
    """How many are served in each cell of a grid of one or two axes, and what is scarce there."""
    axes = found.sweep.axes
    if len(axes) > 2:
        return None
    columns = axes[-1]
    rows = [step.label for step in axes[0].steps] if len(axes) == 2 else [""]
    parts = [_text(LEFT, 24, "Patients fully served, and what is scarce", 17, weight="bold")]
    parts.append(_text(LEFT + 60, 48, columns.name, 13))
    if len(axes) == 2:
        parts.append(_text(8, 70, axes[0].name, 13))
    for number, step in enumerate(columns.steps):
        x = LEFT + 60 + CELL_WIDTH * number
        parts.append(_text(x + CELL_WIDTH / 2, 70, step.label, 13, anchor="middle"))
    for number, label in enumerate(rows):
        y = 80 + CELL_HEIGHT * number
        parts.append(_text(LEFT + 50, y + CELL_HEIGHT / 2 + 4, label, 13, anchor="end"))
    for c in found.cells:
        row, column = c.cell.index if len(axes) == 2 else (0, c.cell.index[0])
        parts += _box(c, LEFT + 60 + CELL_WIDTH * column, 80 + CELL_HEIGHT * row)
    width = LEFT + 80 + CELL_WIDTH * len(columns.steps)
    return _svg(max(width, 420), 100 + CELL_HEIGHT * len(rows), parts)


def _box(c: CellFindings, x: float, y: float) -> Iterator[str]:
    f = c.figures
    everyone = 0 if f is None else f.active + f.waiting
    share = (c.served or 0) / everyone if everyone else 0.0
    shade = f"hsl(205, 55%, {96 - 46 * share:.0f}%)" if f is not None else "#f2f2f2"
    title = escape(f"{c.cell.made.name}: {scarce_text(c)}", quote=True)
    yield (
        f"<rect x='{x}' y='{y}' width='{CELL_WIDTH - 4}' height='{CELL_HEIGHT - 4}' fill='{shade}' "
        f"stroke='{INK if c.on_frontier else PALE}'><title>{title}</title></rect>"
    )
    text = "no schedule" if f is None else f"{c.served} of {everyone}"
    open_ = "" if c.settled or f is None else ", open"
    middle = x + CELL_WIDTH / 2 - 2
    yield _text(middle, y + 22, text + open_, 14, anchor="middle", weight="bold")
    scarce = c.scarce[0][0] if c.scarce else ""
    yield _text(middle, y + 42, scarce, 10.5, anchor="middle")


# -- drawing --------------------------------------------------------------------------------------


class _Scale:
    """From values to places on the picture, with room at both ends."""

    def __init__(self, low: float, high: float, first: float, last: float) -> None:
        self.step = _round_step(max(high - low, 1.0) / 5)
        self.low = math.floor(low / self.step) * self.step
        self.high = max(math.ceil(high / self.step) * self.step, self.low + self.step)
        self.first, self.last = first, last

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.first + share * (self.last - self.first)

    def ticks(self) -> list[float]:
        count = round((self.high - self.low) / self.step)
        return [self.low + self.step * number for number in range(count + 1)]


def _round_step(least: float) -> float:
    """1, 2 or 5 times a power of ten, at least so much."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= least * 0.999)


def _axes(across: _Scale, up: _Scale, unit: str) -> Iterator[str]:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for value in up.ticks():
        y = up(value)
        yield _line(LEFT, y, right, y, PALE)
        yield _text(LEFT - 8, y + 4, f"{value:,.0f}", 12, anchor="end")
    for value in across.ticks():
        x = across(value)
        yield _line(x, bottom, x, bottom + 5, INK)
        yield _text(x, bottom + 20, f"{value:,.0f}", 12, anchor="middle")
    yield _line(LEFT, bottom, right, bottom, INK)
    yield _text((LEFT + right) / 2, bottom + 44, unit, 13, anchor="middle")
    yield _text(LEFT - 50, TOP - 12, "patients fully served", 13)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f"<line x1='{x1:.1f}' y1='{y1:.1f}' x2='{x2:.1f}' y2='{y2:.1f}' stroke='{colour}'/>"


def _text(
    x: float, y: float, text: str, size: float, anchor: str = "start", weight: str = "normal"
) -> str:
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size:g}' text-anchor='{anchor}' "
        f"font-weight='{weight}' fill='{INK}'>{escape(text)}</text>"
    )


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    body = "\n".join(parts)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{width:g}' height='{height:g}' "
        f"viewBox='0 0 {width:g} {height:g}' {FONT}>\n"
        f"<rect width='100%' height='100%' fill='white'/>\n{body}\n</svg>\n"
    )
