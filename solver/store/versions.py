"""Optimistic versions: who saves says what they worked from, and is told if it has moved on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from .differences import Difference
from .errors import Conflict, NotFound


class Version(Protocol):
    """What has a number, and who made it when."""

    @property
    def number(self) -> int: ...
    @property
    def author(self) -> str: ...
    @property
    def made_at(self) -> datetime: ...


V = TypeVar("V", bound=Version)


def already_saved(
    subject: str,
    latest: V | None,
    based_on: int,
    author: str,
    is_same: Callable[[V], bool],
    changed: Callable[[V], tuple[Difference, ...]],
) -> V | None:
    """The version that needs no saving because it is there; None where a new one is to be made.

    It is there when nothing was changed, or when this same save came through before and its
    author was never told, because the connection broke.

    Args:
        latest: the last version; None where there is none yet (number 0).
        based_on: the number of the version that was worked from.
        is_same: whether a version says what is to be saved.
        changed: what a version says that is not in the one worked from.

    Raises:
        Conflict: there is a later one than was worked from.
        NotFound: there was no such number yet.
    """
    number = latest.number if latest is not None else 0
    if based_on < 0 or based_on > number:
        raise NotFound(f"there is no {subject} with number {based_on}; the last one is {number}")
    if latest is None:
        return None
    if is_same(latest) and (
        based_on == number or (based_on == number - 1 and latest.author == author)
    ):
        return latest
    if based_on < number:
        what = changed(latest)
        raise Conflict(subject, based_on, number, latest.author, latest.made_at, what)
    return None
