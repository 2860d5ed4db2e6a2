"""What a fault is, and what is counted when it is caused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random


@dataclass
class Figures:
    """What was seen each time a fault was caused; anything that must not be seen raises instead."""

    seen: Counter[str] = field(default_factory=Counter)
    within: str = ""
    """What it took, where that has a limit."""

    def __str__(self) -> str:
        seen = (f"{number:,} × {what}" for what, number in sorted(self.seen.items()))
        return "; ".join(seen) + self.within


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong.

    Attributes:
        title: what is caused.
        sample, full: how often it is caused by default, and for the table of figures.
        cause: causes it so many times.
    """

    title: str
    sample: int
    full: int
    cause: Callable[[int, Random], Figures]
