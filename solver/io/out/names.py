"""Patients' names shortened for readers who need not know them in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from ...report import Named
from .text import one_line


def initials(name: str) -> str:
    """``B. T.`` of ``Ben Torres``; a dash where a name has no letter."""
    words = "".join(c if c.isalnum() else " " for c in name).split()
    return " ".join(f"{word[0].upper()}." for word in words[:3]) or "–"


def familiar(name: str) -> str:
    """``Ben T.`` of ``Ben Torres`` and of ``Torres, Ben``; a single word stays as it is."""
    last, comma, first = name.partition(",")
    words = [w for w in (f"{first} {last}" if comma else name).split() if any(map(str.isalnum, w))]
    if len(words) < 2:
        return words[0] if words else "–"
    return f"{words[0]} {next(filter(str.isalnum, words[-1])).upper()}."


def full(person: Named) -> Named:
    """Somebody by their name on one line; by their id where the name says nothing."""
    return Named(person.id, one_line(person.name) or one_line(person.id) or "–")


def shortened(people: Iterable[Named], how: Callable[[str], str]) -> dict[str, Named]:
    """Everybody's short name by id, told apart by a number where several have the same.

    The short name is the new id as well, because ids are often made from names.
    """
    short = {p.id: how(full(p).name) for p in people}
    often, seen = Counter(short.values()), Counter[str]()
    out = {}
    for person, name in short.items():
        seen[name] += 1
        said = f"{name} {seen[name]}" if often[name] > 1 else name
        out[person] = Named(said, said)
    return out
