"""What a part of a day can hold, for models whose appointments have a day and no time.

Whoever works until five can be seen in the evening only. So all appointments that can lie nowhere but
in one part of a day, and the meetings led in it, take no more time than their therapists have then.
True of every week, so it may be added to a bound.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from ..linear import Linear, Literal
from ..timegrid import bits
from ..variables import Variables

MOST_PARTS = 12
"""Parts of one day that are looked at, those that most appointments need first."""

Span = tuple[int, int]
"""First cell, and the one after the last."""
Supply = Callable[[str, int], Linear]
"""Cells that a therapist has in a mask, as an expression."""


def hold_parts(v: Variables, supply: Supply) -> None:
    """Post it for every pool of therapists, and for all of them together."""
    asked = list(_asked(v))
    pools = {frozenset(pool) for *_, pool in asked}
    pools.add(frozenset().union(*pools))
    for day in range(7):
        of_day = [(var, span, length, pool) for var, d, span, length, pool in asked if d == day]
        for span in _parts([span for _, span, _, _ in of_day]):
            inside = [e for e in of_day if span[0] <= e[1][0] and e[1][1] <= span[1]]
            for pool in pools:
                used = [(var, length) for var, _, length, own in inside if pool.issuperset(own)]
                if used:
                    _hold(v, pool, span, used, supply)


def _asked(v: Variables) -> Iterator[tuple[Literal, int, Span, int, tuple[str, ...]]]:
    """(whether it is held, day, cells it must lie in, how many it takes, who may give it)."""
    grid, screen = v.clinic.grid, v.screen
    for p in v.patients:
        could: dict[tuple[str, bool, tuple[str, ...]], int] = {}
        for t in v.terms(p):
            if t.option is not None:
                continue
            key = (t.service, t.remote, t.pool)
            length = grid.length(v.clinic.services[t.service].minutes)
            if key not in could:
                given = 0
                for who in t.pool:
                    given |= screen.care_starts(who, t.service, t.remote)
                could[key] = given & screen.visit_starts(p, t.service, t.remote)
            day = t.meets[0].day
            starts = could[key] & grid.day_mask(day)
            if starts:
                first, last = (starts & -starts).bit_length() - 1, starts.bit_length() - 1
                yield t.var, day, (first, last + length), length, t.pool


def _parts(spans: list[Span]) -> list[Span]:
    """Parts of a day that hold all of some appointments."""
    inside: dict[Span, int] = defaultdict(int)
    ends = {(a, b) for a, _ in spans for _, b in spans if a < b}
    for a, b in ends:
        inside[a, b] = sum(a <= first and last <= b for first, last in spans)
    wanted = sorted(inside, key=lambda s: (-inside[s] / (s[1] - s[0]), s))
    return wanted[:MOST_PARTS]


def _hold(
    v: Variables,
    pool: frozenset[str],
    span: Span,
    used: list[tuple[Literal, int]],
    supply: Supply,
) -> None:
    mask = ((1 << (span[1] - span[0])) - 1) << span[0]
    terms = list(used)
    for lead in v.leads:
        if lead.therapist in pool:
            cells = sum((m.cells & mask).bit_count() for m in v.options[lead.option].meets)
            if cells:
                terms.append((lead.var, cells))
    there = Linear()
    for t in sorted(pool):
        there += supply(t, mask)
        there.constant -= sum(1 for _ in bits(v.ledger.therapist_busy(t) & mask))
    v.weighted_at_most([*terms, *((x, -c) for x, c in there.terms)], there.constant)
