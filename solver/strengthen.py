"""Constraints that never change the optimum, only the time to find and prove it."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from .options import Option
from .variables import Variables


def strengthen(v: Variables) -> None:
    """Break the symmetry between copies of one option: they open in order."""
    alike: dict[tuple[str, tuple[int, ...], int], list[Option]] = defaultdict(list)
    for option in v.options:
        if option.kept is None and option.continues is None:
            alike[option.group, option.days, option.start].append(option)
    for options in alike.values():
        for first, second in pairwise(options):
            v.model.add_implication(second.open, first.open)
