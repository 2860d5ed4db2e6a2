"""What if: a base and variants of it, solved side by side and compared.

``asking`` reads what is asked, ``running`` solves it, ``answers`` lets the answers learn from each
other, ``comparing`` says what differs and what of that is certain.
"""

from __future__ import annotations

from .answers import Answer, answer_of, exchanged
from .asking import BASE, Asked, Made, Variant, WhatIfFaults, everything, read_what_if, spoken
from .carrying import as_it_is, best_of, carried
from .comparing import Column, Comparison, Difference, OtherWeek, compare
from .running import compared, what_if

__all__ = [
    "BASE",
    "Answer",
    "Asked",
    "Column",
    "Comparison",
    "Difference",
    "Made",
    "OtherWeek",
    "Variant",
    "WhatIfFaults",
    "answer_of",
    "as_it_is",
    "best_of",
    "carried",
    "compare",
    "compared",
    "everything",
    "exchanged",
    "read_what_if",
    "spoken",
    "what_if",
]
