"""The week painter: days beside each other, half-hours below, a brush for each kind of hours.

Dragging with a mouse, a pen or a finger paints a rectangle; with the keyboard arrows move, Shift with
arrows stretches, Space or Enter paints, a digit takes another brush. It sends one stroke at a time;
what a stroke does to the hours is decided in Python (``ui/editing/painting.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from solver.timegrid import DAY_NAMES, MINUTES_A_DAY, clock

_HERE = Path(__file__).parent
_PAINTER = st.components.v2.component(
    "week_painter",
    css=(_HERE / "painter.css").read_text("utf-8"),
    js=(_HERE / "painter.js").read_text("utf-8"),
)


@dataclass(frozen=True, slots=True)
class Brush:
    """What can be painted.

    Attributes:
        name: key of the hours; empty for the one that wipes.
        label: what hours of it are called.
        colour: of the theme, as CSS.
        mark: a letter in the cell, so that colour is not all that tells.
    """

    name: str
    label: str
    colour: str
    mark: str


class Stroke(NamedTuple):
    """A rectangle that was painted: first and last day, minutes of the day, with which brush."""

    brush: str
    first_day: int
    last_day: int
    start: int
    end: int


def stroke_of(sent: object, brushes: Sequence[Brush]) -> Stroke | None:
    """What the painter sent, if it is a stroke that can be; nothing of the browser's is trusted."""
    match sent:
        case {
            "brush": str(brush),
            "days": [int(first), int(last)],
            "start": int(start),
            "end": int(end),
        }:
            stroke = Stroke(brush, min(first, last), max(first, last), start, end)
            known = brush in {b.name for b in brushes}
            days = stroke.first_day >= 0 and stroke.last_day < len(DAY_NAMES)
            if known and days and 0 <= start < end <= MINUTES_A_DAY:
                return stroke
    return None


def painter(
    key: str,
    label: str,
    brushes: Sequence[Brush],
    cells: Mapping[int, Sequence[Sequence[int]]],
    step: int,
    on_paint: Callable[[Stroke], None],
    outside: Mapping[int, Sequence[bool]] | None = None,
) -> None:
    """Draw it.

    Args:
        cells: for each start of a row in minutes, for each day, how much each brush but the wiping
            one covers: 0 nothing, 1 a part, 2 all.
        outside: for each start, for each day, whether the clinic is shut.
    """

    def take() -> None:
        sent = getattr(st.session_state.get(key), "stroke", None)
        stroke = stroke_of(sent, brushes)
        if stroke is not None:
            on_paint(stroke)

    rows: list[dict[str, Any]] = [
        {
            "start": start,
            "label": clock(start),
            "covered": [list(day) for day in days],
            "shut": list(outside[start]) if outside else [False] * len(days),
        }
        for start, days in cells.items()
    ]
    _PAINTER(
        key=key,
        data={
            "label": label,
            "days": [name[:3] for name in DAY_NAMES],
            "dayNames": list(DAY_NAMES),
            "brushes": [asdict(brush) for brush in brushes],
            "rows": rows,
            "step": step,
        },
        on_stroke_change=take,
    )
