"""Linear expressions over the model's variables, plain enough for any solver to be given them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Literal = Any
"""A CP-SAT variable, or the integer 0 or 1 where the ledger has settled it."""


@dataclass(slots=True)
class Linear:
    """``constant`` plus the sum of coefficient times variable."""

    terms: list[tuple[Literal, int]] = field(default_factory=list)
    constant: int = 0

    def __iadd__(self, other: Linear) -> Linear:
        self.terms.extend(other.terms)
        self.constant += other.constant
        return self

    def add(self, literal: Literal, coefficient: int = 1) -> Linear:
        """Add a multiple of a variable or of a settled 0 or 1; returns itself."""
        if isinstance(literal, int):
            self.constant += literal * coefficient
        elif coefficient:
            self.terms.append((literal, coefficient))
        return self

    def scaled(self, factor: int) -> Linear:
        return Linear([(x, c * factor) for x, c in self.terms], self.constant * factor)

    @classmethod
    def total(cls, literals: Iterable[Literal], coefficient: int = 1) -> Linear:
        out = cls()
        for literal in literals:
            out.add(literal, coefficient)
        return out
