"""Capacity: the most patients of a mix whom a clinic can take, and what stops the next one."""

from __future__ import annotations

from .answer import Capacity, Relieved
from .impossible import is_impossible, without_least_sizes
from .reliefs import Relief, reliefs
from .search import capacity

__all__ = [
    "Capacity",
    "Relief",
    "Relieved",
    "capacity",
    "is_impossible",
    "reliefs",
    "without_least_sizes",
]
