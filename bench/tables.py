"""Numbers and tables as RESULTS.md has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median

Cells = Sequence[str]
NONE = "–"


def number(value: float | None) -> str:
    return NONE if value is None else f"{value:,.0f}"


def percent(value: float | None) -> str:
    return NONE if value is None else f"{100 * value:.1f} %"


def seconds(value: float | None) -> str:
    return NONE if value is None else f"{value:.1f}"


def cell(values: Iterable[float | None]) -> str:
    """The tiers of one run, in their order."""
    return " ".join("–" if v is None else f"{v:g}" for v in values)


def spread(values: Sequence[float | None], shown: Callable[[float | None], str] = number) -> str:
    """The median with the least and the largest; – in front where some came to nothing."""
    known = [value for value in values if value is not None]
    if not known:
        return NONE
    missing = (
        f", {len(values) - len(known)} of {len(values)} never" if len(known) < len(values) else ""
    )
    if len(set(map(shown, known))) == 1:
        return shown(known[0]) + missing
    return f"{shown(median(known))} ({shown(min(known))}–{shown(max(known))}{missing})"


def table(head: Cells, lines: Iterable[Cells]) -> str:
    def line(cells: Cells) -> str:
        return "| " + " | ".join(text.replace("|", "/") for text in cells) + " |"

    return "\n".join([line(head), "|" + "---|" * len(head), *map(line, lines)])
