"""Where what is in hand can go, as the browser is told: short, each text once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from solver import report
from solver.explain.board import TierCost
from solver.explain.wording.names import Names
from solver.goals import GOAL
from solver.judging import Place
from solver.report.words import listing, singular

from .text import capital, cell

FORBIDDEN, FREE, COSTS, WITHOUT = range(4)
"""What a place is: not allowed; costs nothing or is better; costs something; some cannot follow."""


def verdict(tiers: Iterable[TierCost] | None) -> int:
    """FREE or COSTS: the first goal that changes decides, as it does in a solve."""
    for tier in tiers or ():
        if tier.added:
            return COSTS if tier.added > 0 else FREE
    return FREE


def cost_words(names: Names, tiers: Iterable[TierCost] | None) -> list[str]:
    """What changes in each goal, the goals that count most first."""
    out = []
    for tier in tiers or ():
        for goal, added in tier.by_goal.items():
            entry = GOAL[goal]
            amount = f"{abs(added):,} {singular(entry.unit) if abs(added) == 1 else entry.unit}"
            people = sorted(tier.by_patient.get(goal, {}).items(), key=lambda e: -abs(e[1]))
            who = f" ({listing(names.person(p) for p, _ in people)})" if people else ""
            if len(people) > 2:
                who = f" ({report.count(len(people), 'patient')})"
            better = "more" if added > 0 else "less"
            out.append(f"{capital(entry.title)}: {amount} {better}{who}")
    return out


def told(
    names: Names, found: Sequence[Place], columns: Sequence[str], columns_matter: bool
) -> dict[str, Any]:
    """The places: ``[day, start, column or None, verdict, text]`` each, and the texts they name."""
    keys = {column: number for number, column in enumerate(columns)}
    texts: dict[tuple[str, tuple[str, ...]], int] = {}
    rows = []
    for place in found:
        column = keys.get(place.column or "") if columns_matter else None
        if columns_matter and place.column is not None and column is None:
            continue
        kind, said = _said(names, place)
        number = texts.setdefault(said, len(texts))
        rows.append([place.day, place.start, column, kind, number])
    return {
        "places": rows,
        "texts": [{"head": cell(head), "lines": list(map(cell, lines))} for head, lines in texts],
    }


def _said(names: Names, place: Place) -> tuple[int, tuple[str, tuple[str, ...]]]:
    if place.is_legal:
        lines = cost_words(names, place.tiers) or ["No goal changes."]
        return verdict(place.tiers), (capital(place.text), tuple(lines))
    why = tuple(f"{capital(text)}." for text in place.reasons)
    if place.without:
        head = f"{capital(place.text)}, without {names.people(place.without)}"
        return WITHOUT, (head, why)
    return FORBIDDEN, ("Not here", why)
