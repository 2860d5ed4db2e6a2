"""What a sweep tells: who is served at what cost, what one more step would do, and what is scarce."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..demand import demand_over_supply
from ..report.figures import Figures, figures
from ..whatif.answers import Answer
from ..whatif.comparing import Difference, differences
from ..whatif.words import difference_text, figures_document, tier_cell
from .asking import Cell, Sweep, key_of
from .scarcity import scarcity

NAMED = 0.1
"""From this share of the unmet care on, a resource is named."""


@dataclass(frozen=True, slots=True)
class CellFindings:
    """What is known of one cell.

    Attributes:
        figures: of the best week known; None where there is none.
        served: patients with all that is due, those admitted from the waiting list among them.
        cost: of the staff on duty; in hours where the scenario states no cost for somebody.
        scarce: what keeps missing sessions from being added, each with its share of the unmet care.
        asked: care asked for over what there could be at most, for the scarcest of what ``demand``
            compares; above 1 somebody goes short in every week. None where there is none of it.
        next: for each axis, how unmet care changes with its next step; None at the end of the axis.
    """

    cell: Cell
    answer: Answer
    figures: Figures | None
    served: int | None
    cost: float | None
    scarce: tuple[tuple[str, float], ...]
    asked: float | None
    next: tuple[Difference | None, ...]
    on_frontier: bool = False

    @property
    def settled(self) -> bool:
        """Whether the first goal is proved best."""
        return bool(self.answer.tiers) and self.answer.tiers[0].proved


@dataclass(frozen=True, slots=True)
class Findings:
    """The whole grid; ``in_money`` says whether costs are money or hours."""

    sweep: Sweep
    cells: tuple[CellFindings, ...]
    in_money: bool

    @property
    def frontier(self) -> tuple[CellFindings, ...]:
        """Cells than which none serves as many for less, or more for as little; cheapest first."""
        return tuple(
            sorted((c for c in self.cells if c.on_frontier), key=lambda c: (c.cost, c.served))
        )


def findings(sweep: Sweep, cells: Sequence[Cell], answers: Sequence[Answer]) -> Findings:
    """What the answers of all cells tell together."""
    by_key = {answer.name: answer for answer in answers}
    told = {a.name: figures(a.clinic, a.schedule) for a in answers if a.schedule is not None}
    in_money = bool(told) and all(
        f.money.staff_cost is not None and not f.money.without_cost for f in told.values()
    )
    raw = []
    for cell in cells:
        answer, f = by_key[cell.key], told.get(cell.key)
        raw.append(
            CellFindings(
                cell,
                answer,
                f,
                None if f is None else f.served + f.admitted,
                None if f is None else _cost(f, in_money),
                () if answer.schedule is None else scarcity(answer.clinic, answer.schedule),
                demand_over_supply(answer.clinic)["ratio"],
                tuple(_next(sweep, cell, axis, by_key) for axis in range(len(sweep.axes))),
            )
        )
    best = _undominated(raw)
    return Findings(sweep, tuple(_marked(c, c.cell.key in best) for c in raw), in_money)


def _cost(f: Figures, in_money: bool) -> float | None:
    return f.money.staff_cost if in_money else sum(u.there for u in f.staff) / 60


def _marked(c: CellFindings, on_frontier: bool) -> CellFindings:
    return replace(c, on_frontier=on_frontier)


def _undominated(cells: Sequence[CellFindings]) -> set[str]:
    points = [(c.cell.key, c.cost, c.served) for c in cells]
    known = [(k, x, y) for k, x, y in points if x is not None and y is not None]
    return {
        key
        for key, x, y in known
        if not any(a <= x and b >= y and (a, b) != (x, y) for _, a, b in known)
    }


def _next(sweep: Sweep, cell: Cell, axis: int, answers: dict[str, Answer]) -> Difference | None:
    """What the next step of an axis does to the first goal."""
    index = list(cell.index)
    index[axis] += 1
    if index[axis] >= sweep.shape[axis]:
        return None
    both = differences(answers[cell.key], answers[key_of(index)])
    return both[0] if both else None


def scarce_text(c: CellFindings) -> str:
    """``therapist hours 60%, group seats 40%``."""
    if c.answer.schedule is None:
        return "no schedule"
    named = [f"{name} {share:.0%}" for name, share in c.scarce if share >= NAMED]
    return ", ".join(named) or "nothing"


# -- for machines ---------------------------------------------------------------------------------


def document(found: Findings) -> dict[str, Any]:
    """The findings as JSON has them; without seconds, so that equal sweeps give equal bytes."""
    return {
        "schema_version": 1,
        "axes": [
            {"name": axis.name, "steps": [step.label for step in axis.steps]}
            for axis in found.sweep.axes
        ],
        "cost_in": "money" if found.in_money else "hours",
        "cells": [_cell(found, c) for c in found.cells],
        "frontier": [c.cell.key for c in found.frontier],
    }


def _cell(found: Findings, c: CellFindings) -> dict[str, Any]:
    return {
        "key": c.cell.key,
        "steps": list(c.cell.labels),
        "sentences": list(c.cell.made.sentences),
        "status": c.answer.status,
        "found_in": c.answer.found_in,
        "tiers": [
            {"goals": list(t.goals), "value": t.value, "bound": t.bound, "proved": t.proved}
            for t in c.answer.tiers
        ],
        "served": c.served,
        "cost": None if c.cost is None else round(c.cost, 2),
        "on_frontier": c.on_frontier,
        "figures": None if c.figures is None else figures_document(c.figures),
        "scarce": {name: round(share, 4) for name, share in c.scarce},
        "asked_of_available": c.asked,
        "next": [
            None
            if d is None
            else {"axis": axis.name, "low": d.low, "high": d.high, "said": difference_text(d)}
            for axis, d in zip(found.sweep.axes, c.next, strict=True)
        ],
        "reasons": list(c.answer.reasons),
    }


HEADINGS = (
    "unmet care", "at least", "served", "of", "cost", "revenue", "paid days", "admitted", "scarce",
)  # fmt: skip


def table(found: Findings) -> list[list[str]]:
    """A row for each cell: its steps, then ``HEADINGS``, then what the next step of each axis does."""
    return [_row(c) for c in found.cells]


def short_table(found: Findings) -> tuple[list[str], list[list[str]]]:
    """The same in fewer columns, for a person: headings and rows."""
    names = [axis.name for axis in found.sweep.axes]
    cost = "cost" if found.in_money else "hours on duty"
    heads = [*names, "unmet care", "fully served", cost, "paid days", "scarce"]
    return heads, [_short_row(c) for c in found.cells]


def _short_row(c: CellFindings) -> list[str]:
    f = c.figures
    row = list(c.cell.labels)
    if f is None:
        return [*row, c.answer.status, "", "", "", ""]
    first = next((t for t in c.answer.tiers if t.goals == ("unmet_care",)), None)
    unmet = f"{c.answer.goals['unmet_care']:,}" if first is None else tier_cell(first)
    cost = "" if c.cost is None else f"{c.cost:,.0f}"
    row += [unmet, f"{c.served} of {f.active + f.waiting}", cost, f"{f.paid}"]
    return [*row, scarce_text(c)]


def headings(found: Findings) -> list[str]:
    """Of the columns of ``table``."""
    names = [axis.name for axis in found.sweep.axes]
    return [*names, *HEADINGS, *(f"next {name}" for name in names)]


def _row(c: CellFindings) -> list[str]:
    f = c.figures
    row = list(c.cell.labels)
    if f is None or not c.answer.tiers:
        return [*row, *[""] * (len(HEADINGS) - 1), c.answer.status, *[""] * len(c.next)]
    alone = next((t for t in c.answer.tiers if t.goals == ("unmet_care",)), None)
    revenue = "" if f.money.revenue is None else f"{f.money.revenue:.0f}"
    row += [str(c.answer.goals["unmet_care"]), "" if alone is None else str(alone.bound)]
    row += [str(c.served), str(f.active + f.waiting)]
    row += ["" if c.cost is None else f"{c.cost:.0f}", revenue, str(f.paid), str(f.admitted)]
    return [*row, scarce_text(c), *("" if d is None else difference_text(d) for d in c.next)]


__all__ = [
    "CellFindings",
    "Findings",
    "document",
    "findings",
    "headings",
    "scarce_text",
    "table",
]  # fmt: skip
