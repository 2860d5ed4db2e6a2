"""Numbers, lengths, dates and names as people write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple, Protocol


class Named(NamedTuple):
    """Somebody or something: its id and its name."""

    id: str
    name: str


class HasName(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str: ...


def count(number: int, what: str) -> str:
    """``1 day``, ``3 days``."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def singular(unit: str) -> str:
    """A unit for the number 1."""
    return unit.removesuffix("s")


def duration(minutes: int) -> str:
    """``45 min``, ``2 h``, ``1 h 30 min``."""
    whole, rest = divmod(minutes, 60)
    return " ".join(
        [*([f"{whole:,} h"] if whole else []), *([f"{rest} min"] if rest or not whole else [])]
    )


def hours(minutes: int) -> str:
    """Hours with one decimal where they are not whole, rounded down: ``9``, ``7.5``."""
    return f"{minutes * 10 // 60 / 10:,.1f}".removesuffix(".0")


def long_date(when: date) -> str:
    """``30 November 2026``."""
    return f"{when.day} {when:%B %Y}"


def listing(items: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *rest, last = items
    return f"{', '.join(rest)} and {last}" if rest else last


def label(entry: Named) -> str:
    """``Ben Torres (p2)``."""
    return entry.id if entry.name in ("", entry.id) else f"{entry.name} ({entry.id})"


def names(people: Iterable[Named]) -> str:
    """Names in a row."""
    return ", ".join(p.name for p in people)


def named(entries: Mapping[str, HasName], key: str) -> Named:
    """Whoever has the id; an id that is gone stands for itself."""
    entry = entries.get(key)
    return Named(key, (entry.name if entry else "") or key)
