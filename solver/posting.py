"""How rules and goals put constraints on the model: linear ones, at-most-ones and implications only.

Every helper takes variables and settled 0s and 1s alike, subtracts what is settled, and posts nothing
where nothing can be broken. So one converter can turn the model into an LP or a MIP.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ortools.sat.python import cp_model

from .linear import Linear, Literal
from .timegrid import Grid

Terms = Iterable[tuple[Literal, int]]


class Posting:
    """A CP-SAT model with the few kinds of constraint that are used."""

    def __init__(self) -> None:
        self.model: Any = cp_model.CpModel()
        self.auxiliary = 0

    # -- variables that only stand for something ----------------------------------------------

    def flag(self) -> Literal:
        """A new boolean."""
        self.auxiliary += 1
        return self.model.new_bool_var("")

    def number(self, most: int) -> Literal:
        """A new integer from 0 to ``most``."""
        self.auxiliary += 1
        return self.model.new_int_var(0, most, "")

    def impossible(self) -> None:
        """There is no solution."""
        self.model.add_bool_or([])

    # -- constraints --------------------------------------------------------------------------

    def at_most(self, literals: Iterable[Literal], most: int | None) -> None:
        """No more than ``most`` of the booleans hold; None is no limit."""
        if most is None:
            return
        free = []
        for x in literals:
            if isinstance(x, int):
                most -= x
            else:
                free.append(x)
        if most < 0:
            self.impossible()
        elif most >= len(free):
            return
        elif most == 0:
            for x in free:
                self.model.add_bool_or([~x])
        elif most == 1:
            self.model.add_at_most_one(free)
        else:
            self.model.add(cp_model.LinearExpr.sum(free) <= most)

    def at_least(self, literals: Iterable[Literal], least: int) -> None:
        """At least ``least`` of the booleans hold."""
        free = []
        for x in literals:
            if isinstance(x, int):
                least -= x
            else:
                free.append(x)
        if least <= 0:
            return
        if least > len(free):
            self.impossible()
        elif least == 1:
            self.model.add_bool_or(free)
        else:
            self.model.add(cp_model.LinearExpr.sum(free) >= least)

    def weighted_at_most(self, terms: Terms, most: int | None) -> None:
        """The weighted sum of the variables is at most ``most``; None is no limit."""
        if most is None:
            return
        xs, cs, most = _split(terms, most)
        if not xs:
            if most < 0:
                self.impossible()
        elif not (min(cs) >= 0 and all(_is_bool(x) for x in xs) and sum(cs) <= most):
            self.model.add(cp_model.LinearExpr.weighted_sum(xs, cs) <= most)

    def weighted_at_least(self, terms: Terms, when: Literal, least: int, held: int = 0) -> None:
        """Where ``when`` holds, the weighted sum plus ``held`` is at least ``least``."""
        if isinstance(when, int):
            if when:
                self.weighted_at_most([(x, -c) for x, c in terms], held - least)
            return
        if held < least:
            negated = [(x, -c) for x, c in terms]
            self.weighted_at_most([*negated, (when, least - held)], 0)

    def equal(self, terms: Terms, value: int) -> None:
        """The weighted sum of the variables is ``value``."""
        xs, cs, value = _split(terms, value)
        if xs:
            self.model.add(cp_model.LinearExpr.weighted_sum(xs, cs) == value)
        elif value:
            self.impossible()

    def span(self, literals: Sequence[Literal], opened: Literal, least: int, most: int) -> None:
        """Where ``opened``, between ``least`` and ``most`` of the booleans hold; else none."""
        if isinstance(opened, int):
            self.at_least(literals, least)
            self.at_most(literals, most)
            return
        for x in literals:
            self.model.add_implication(x, opened)
        if least > 0:
            self.weighted_at_least([(x, 1) for x in literals], opened, least)
        if most < len(literals):
            self.weighted_at_most([*((x, 1) for x in literals), (opened, -most)], 0)

    def limit(self, expression: Linear, most: int) -> None:
        """The expression is at most ``most``."""
        self.weighted_at_most(expression.terms, most - expression.constant)

    def implied(self, literal: Literal, holds: bool) -> None:
        """The literal holds where the fact does."""
        if holds:
            self.at_least([literal], 1)

    # -- derived variables --------------------------------------------------------------------

    def any_of(self, literals: Sequence[Literal], settled: bool | int = False) -> Literal:
        """1 exactly where one of the booleans holds."""
        if settled or any(isinstance(x, int) and x for x in literals):
            return 1
        free = [x for x in literals if not isinstance(x, int)]
        if len(free) <= 1:
            return free[0] if free else 0
        found = self.flag()
        for x in free:
            self.model.add_implication(x, found)
        self.model.add_bool_or([*free, ~found])
        return found

    def any_of_intervals(
        self, entries: Sequence[tuple[Literal, int]], settled: bool | int = False
    ) -> Literal:
        """1 exactly where one of the booleans holds; each has a mask of cells that it occupies alone.

        Booleans that share a cell exclude each other, so they are linked a cell at a time: fewer
        constraints than one a boolean, and a stronger relaxation.
        """
        if settled or any(isinstance(x, int) and x for x, _ in entries):
            return 1
        free = [(x, mask) for x, mask in entries if not isinstance(x, int)]
        if len(free) <= 1:
            return free[0][0] if free else 0
        found = self.flag()
        for x, mask in free:
            if not mask:
                self.model.add_implication(x, found)
        left = sorted((e for e in free if e[1]), key=lambda e: e[1].bit_length())
        while left:
            last = 1 << (left[0][1].bit_length() - 1)
            self.model.add_at_most_one([*(x for x, mask in left if mask & last), ~found])
            left = [e for e in left if not e[1] & last]
        self.model.add_bool_or([*(x for x, _ in free), ~found])
        return found

    def shortfall(self, terms: Terms, least: int) -> Literal:
        """A number that is at least what the weighted sum lacks to ``least``, and at least 0."""
        xs, cs, least = _split(terms, least)
        most = least - sum(c for c in cs if c < 0)
        if most <= 0:
            return 0
        if not xs:
            return most
        short = self.number(most)
        self.weighted_at_most(
            [*((x, -c) for x, c in zip(xs, cs, strict=True)), (short, -1)], -least
        )
        return short

    def covered(self, member: Literal, literals: Iterable[Literal], flag: Literal) -> None:
        """Where ``member`` holds and none of the others does, the flag is up."""
        self.weighted_at_most([(member, 1), (flag, -1), *((x, -1) for x in literals)], 0)

    def idle(self, grid: Grid, cells: dict[int, list[Literal]], busy: int) -> Linear:
        """Free cells between the first and last busy one, day by day.

        For each cell, "something was before or here" and "something is here or later" only grow in
        their direction; where both hold, the cell is inside the day, and idle unless it is busy.
        """
        out = Linear()
        for day in range(7):
            whole = grid.day_mask(day)
            fixed = busy & whole
            used = [c for c in cells if whole >> c & 1 and cells[c]]
            if not used:
                if fixed:
                    low = (fixed & -fixed).bit_length() - 1
                    out.constant += fixed.bit_length() - low - fixed.bit_count()
                continue
            if fixed:
                used += [(fixed & -fixed).bit_length() - 1, fixed.bit_length() - 1]
            low, high = min(used), max(used)
            out += self._idle_day(list(range(low, high + 1)), cells, fixed)
        return out

    def _idle_day(self, day: list[int], cells: dict[int, list[Literal]], fixed: int) -> Linear:
        out = Linear()
        here = [[1] if fixed >> c & 1 else cells.get(c, []) for c in day]
        before, after = self._reached(here), self._reached(here[::-1])[::-1]
        for here_c, b, a in zip(here, before, after, strict=True):
            out.add(self._both(b, a))
            for x in here_c:
                out.add(x, -1)
        return out

    def _both(self, a: Literal, b: Literal) -> Literal:
        """Pushed up where both hold."""
        if isinstance(a, int):
            return b if a else 0
        if isinstance(b, int):
            return a if b else 0
        both = self.flag()
        self.weighted_at_most([(a, 1), (b, 1), (both, -1)], 1)
        return both

    def _reached(self, here: list[list[Literal]]) -> list[Literal]:
        """For each position, a boolean pushed up once anything up to it is busy."""
        out: list[Literal] = []
        last: Literal = 0
        for literals in here:
            if isinstance(last, int) and last:
                out.append(1)
                continue
            if any(isinstance(x, int) and x for x in literals):
                last = 1
            elif literals:
                now = self.flag()
                self.weighted_at_most([*((x, 1) for x in literals), (now, -1)], 0)
                if not isinstance(last, int):
                    self.model.add_implication(last, now)
                last = now
            out.append(last)
        return out

    def spread_of(self, loads: dict[str, tuple[list[tuple[Literal, int]], int, int]]) -> Literal:
        """Highest minus lowest whole percent of (terms, fixed minutes, available minutes)."""
        if len(loads) < 2:
            return 0
        high, low = self.number(100), self.number(100)
        for terms, fixed, available in loads.values():
            percent = self.number(100)
            # available × percent ≤ 100 × direct < available × (percent + 1): rounded down.
            work = [(x, 100 * c) for x, c in terms]
            self.weighted_at_most([*((x, -c) for x, c in work), (percent, available)], 100 * fixed)
            self.weighted_at_most([*work, (percent, -available)], available - 1 - 100 * fixed)
            self.weighted_at_most([(percent, 1), (high, -1)], 0)
            self.weighted_at_most([(low, 1), (percent, -1)], 0)
        apart = self.number(100)
        self.weighted_at_most([(high, 1), (low, -1), (apart, -1)], 0)
        return apart


def _split(terms: Terms, value: int) -> tuple[list[Literal], list[int], int]:
    """Variables, coefficients, and the value less what is settled."""
    xs: list[Literal] = []
    cs: list[int] = []
    for x, c in terms:
        if isinstance(x, int):
            value -= x * c
        elif c:
            xs.append(x)
            cs.append(c)
    return xs, cs, value


def _is_bool(x: Literal) -> bool:
    return bool(x.is_boolean)
