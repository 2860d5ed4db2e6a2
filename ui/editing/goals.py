"""The order of the goals as people set it: which comes first, what each counts, what may be given back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

from solver.io.tables.cells import Refused
from solver.io.tables.layout import POLICY, by_path
from solver.io.tables.policy import GoalRow
from solver.scenario import GoalKey

from .draft import Cell, Draft, Row, shown

KEYS: tuple[str, ...] = get_args(GoalKey)
MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Wish:
    """One goal's line.

    Attributes:
        tier: 1 is settled before 2; goals with one number are added up.
        weight: what one unit counts inside its tier.
        tolerance: share of its best value that later tiers may give back.
        strict: it must come out at nothing.
    """

    goal: str
    tier: int
    weight: int = 1
    tolerance: float = 0.0
    strict: bool = False


def wishes(draft: Draft) -> tuple[Wish, ...] | None:
    """The goals in their order; None where the lines say anything that is no plain order."""
    rows = [dict(zip(_fields(), row, strict=True)) for row in draft.rows[POLICY]]
    try:
        read = [_read(row) for row in rows]
    except (ValueError, KeyError, Refused):
        return None
    if sorted(goal for goal, *_ in read) != sorted(KEYS):
        return None
    last = max([tier for _, tier, *_ in read if tier], default=0)
    out = []
    for goal, tier, weight, tolerance, strict in sorted(read, key=lambda r: KEYS.index(r[0])):
        if tier is None:
            last += 1
        out.append(Wish(goal, tier or last, weight, tolerance, strict))
    return _numbered(sorted(out, key=lambda wish: wish.tier))


def _read(row: dict[str, Cell]) -> tuple[str, int | None, int, float, bool]:
    columns = {column.path[0]: column for column in by_path()[POLICY].columns}
    said = {
        name: columns[name].kind.read(raw) for name, raw in row.items() if raw not in (None, "")
    }
    line = GoalRow.model_validate(said)
    if line.goal is None:
        raise ValueError("a line without a goal")
    weight = 1 if line.weight is None else line.weight
    return line.goal, line.tier, weight, line.tolerance or 0.0, line.strict


def _fields() -> list[str]:
    return [column.path[0] for column in by_path()[POLICY].columns]


def moved(order: Sequence[Wish], goal: str, *, later: bool) -> tuple[Wish, ...]:
    """The goals with one of them a tier later or earlier.

    One that shares its tier gets a tier of its own beside it; one that has its own changes places.
    """
    at = next(wish.tier for wish in order if wish.goal == goal)
    step = 1 if later else -1
    shares = sum(wish.tier == at for wish in order) > 1
    tiers: dict[str, float] = {wish.goal: wish.tier for wish in order}
    if shares:
        tiers[goal] = at + step / 2
    else:
        for wish in order:
            if wish.tier == at + step:
                tiers[wish.goal] = at
        tiers[goal] = at + step
    return _renumbered(order, tiers)


def joined(order: Sequence[Wish], goal: str) -> tuple[Wish, ...]:
    """The goals with one of them added to the tier before its own."""
    at = next(wish.tier for wish in order if wish.goal == goal)
    return _renumbered(order, {w.goal: at - 1 if w.goal == goal else w.tier for w in order})


def _renumbered(order: Sequence[Wish], tiers: dict[str, float]) -> tuple[Wish, ...]:
    ranks = sorted(set(tiers.values()))
    out = [replace(wish, tier=ranks.index(tiers[wish.goal]) + 1) for wish in order]
    return _numbered(sorted(out, key=lambda wish: wish.tier))


def _numbered(order: Sequence[Wish]) -> tuple[Wish, ...]:
    ranks = sorted({wish.tier for wish in order})
    return tuple(replace(wish, tier=ranks.index(wish.tier) + 1) for wish in order)


def rows_of(order: Sequence[Wish]) -> list[Row]:
    """The lines of the table; the usual order is said by saying nothing."""
    is_usual = [w.goal for w in order] == list(KEYS) and len({w.tier for w in order}) == len(KEYS)
    rows = []
    for wish in order:
        values: dict[str, str | None] = {
            "goal": wish.goal.replace("_", " "),
            "tier": None if is_usual else str(wish.tier),
            "weight": None if wish.weight == 1 else str(wish.weight),
            "tolerance": None if not wish.tolerance else f"{wish.tolerance!r}",
            "strict": "yes" if wish.strict else None,
        }
        rows.append(tuple(values[field] for field in _fields()))
    return rows


def with_order(draft: Draft, order: Sequence[Wish]) -> Draft:
    """The draft with the goals so; as it was where that is what it says already."""
    if wishes(draft) == tuple(order):
        return draft
    return draft.with_rows(POLICY, rows_of(order))


def is_blank_policy(draft: Draft) -> bool:
    """Whether the usual order holds, because nothing else is said."""
    return all(not shown(cell) for row in draft.rows[POLICY] for cell in row[1:])
