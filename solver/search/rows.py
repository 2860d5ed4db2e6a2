"""A CP-SAT model as linear rows, for solvers of linear and mixed-integer programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

UNLIMITED = 10**15
"""Limits beyond this are none: CP-SAT writes a missing one as the largest 64-bit number."""
LITERALS = ("at_most_one", "exactly_one", "bool_or", "bool_and")

Terms = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of a program as triples of row, column and value, and what each row's sum may be."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    values: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


class NotLinear(ValueError):
    """A constraint that has no form as linear rows."""


class Rows:
    """A CP-SAT model as linear rows; ``take`` adds what the model has gained since the last time.

    Attributes:
        relaxed: constraints that hold only under literals, and needed a big-M.
    """

    def __init__(self, model: cp_model.CpModel) -> None:
        self.model = model
        self.lower: list[int] = []
        self.upper: list[int] = []
        self.relaxed = 0
        self._rows: list[int] = []
        self._columns: list[int] = []
        self._values: list[int] = []
        self._low: list[float] = []
        self._high: list[float] = []
        self._taken = 0

    def __len__(self) -> int:
        return len(self._low)

    def take(self) -> None:
        """Convert variables and constraints that are new.

        Raises:
            NotLinear: one of them has no linear form.
        """
        proto = self.model.proto
        for number in range(len(self.lower), len(proto.variables)):
            domain = list(proto.variables[number].domain)
            if len(domain) != 2:
                raise NotLinear(f"a variable's domain has holes: {domain}")
            self.lower.append(domain[0])
            self.upper.append(domain[1])
        for number in range(self._taken, len(proto.constraints)):
            self._constraint(proto.constraints[number])
        self._taken = len(proto.constraints)

    def _constraint(self, constraint: Any) -> None:
        given = list(constraint.enforcement_literal)
        if constraint.has_linear():
            self._linear(constraint.linear, given)
            return
        kind = next((k for k in LITERALS if getattr(constraint, f"has_{k}")()), None)
        if kind is None:
            raise NotLinear("a constraint that is neither linear nor of literals")
        literals = list(getattr(constraint, kind).literals)
        if kind == "bool_or":
            self._at_least_one([*literals, *(-g - 1 for g in given)])
        elif kind == "bool_and":
            for literal in literals:
                self._at_least_one([literal, *(-g - 1 for g in given)])
        elif given:
            raise NotLinear(f"{kind} that holds only under literals")
        else:
            self._row([(x, 1) for x in literals], 1 if kind == "exactly_one" else -inf, 1)

    def _at_least_one(self, literals: Iterable[int]) -> None:
        self._row([(x, 1) for x in literals], 1, inf)

    def _linear(self, linear: Any, given: list[int]) -> None:
        domain = list(linear.domain)
        if len(domain) != 2:
            raise NotLinear(f"a sum may lie in parts only: {domain}")
        terms: Terms = list(zip(linear.vars, linear.coeffs, strict=True))
        low = -inf if domain[0] < -UNLIMITED else domain[0]
        high = inf if domain[1] > UNLIMITED else domain[1]
        if not given:
            self._row(terms, low, high)
            return
        self.relaxed += 1
        least = sum(k * (self.lower if k > 0 else self.upper)[x] for x, k in terms)
        most = sum(k * (self.upper if k > 0 else self.lower)[x] for x, k in terms)
        if low > least:  # terms ≥ low − (low − least) × literals that do not hold
            much = int(low - least)
            self._row([*terms, *((-g - 1, much) for g in given)], low, inf)
        if high < most:
            much = int(most - high)
            self._row([*terms, *((-g - 1, -much) for g in given)], -inf, high)

    def _row(self, terms: Terms, low: float, high: float) -> None:
        """low ≤ Σ coefficient × variable ≤ high; a negative index is 1 − the variable it negates."""
        row = len(self._low)
        for x, k in terms:
            if x < 0:
                low, high = low - k, high - k
            self._rows.append(row)
            self._columns.append(x if x >= 0 else -x - 1)
            self._values.append(k if x >= 0 else -k)
        self._low.append(low)
        self._high.append(high)

    def matrix(self) -> Matrix:
        """The rows by their columns, in order, each pair once."""
        count = len(self.lower)
        # A solver wants each (row, column) once.
        keys = np.array(self._rows, dtype=np.int64) * count + np.array(self._columns, np.int64)
        unique, places = np.unique(keys, return_inverse=True)
        values = np.bincount(places, np.array(self._values, float), len(unique)).astype(np.float64)
        return Matrix(
            unique // count, unique % count, values, np.array(self._low), np.array(self._high)
        )

    def objective(self) -> tuple[NDArray[np.float64], float]:
        """What each column costs in the objective that the model has now, and its constant."""
        objective = self.model.proto.objective
        costs, constant = np.zeros(len(self.lower)), float(objective.offset)
        for x, k in zip(objective.vars, objective.coeffs, strict=True):
            costs[x if x >= 0 else -x - 1] += k if x >= 0 else -k
            constant += 0 if x >= 0 else k
        return costs, constant
