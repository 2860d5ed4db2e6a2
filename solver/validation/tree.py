"""Finding one's way in parsed JSON, whatever its form.

A path such as ``patients[].quotas[].service`` names every value that stands there; ``equipment{}``
names the keys of an object. What has another form than the path expects is passed over: the models
report it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from ..timegrid import parse_date
from .wording import Loc

Tree = Mapping[str, object]


def at(tree: object, path: str) -> Iterator[tuple[Loc, object]]:
    """Every value that stands at ``path``, with its place."""
    return _walk(tree, re.findall(r"\w+|\[\]|\{\}", path), ())


def _walk(node: object, steps: list[str], loc: Loc) -> Iterator[tuple[Loc, object]]:
    if not steps:
        yield loc, node
    elif steps[0] == "[]":
        for number, entry in enumerate(as_list(node)):
            yield from _walk(entry, steps[1:], (*loc, number))
    elif steps[0] == "{}":
        yield from (((*loc, key), key) for key in as_object(node))
    elif steps[0] in as_object(node):
        yield from _walk(as_object(node)[steps[0]], steps[1:], (*loc, steps[0]))


def words(tree: object, path: str) -> Iterator[tuple[Loc, str]]:
    """Every text that stands at ``path``; what is no text is no reference."""
    return ((loc, value) for loc, value in at(tree, path) if isinstance(value, str))


def objects(tree: object, path: str) -> Iterator[tuple[Loc, Tree]]:
    """Every object in the lists that stand at ``path``."""
    return ((loc, value) for loc, value in at(tree, f"{path}[]") if isinstance(value, dict))


def by_id(tree: object, path: str, key: str = "id") -> dict[str, Tree]:
    """Objects of a list by id (or another key of theirs); of several with one id the first."""
    out: dict[str, Tree] = {}
    for _, entry in objects(tree, path):
        if isinstance(name := entry.get(key), str):
            out.setdefault(name, entry)
    return out


def as_object(value: object) -> Tree:
    """An object as it is; anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """A list as it is; anything else as an empty one."""
    return value if isinstance(value, list) else []


def as_whole(value: object) -> int | None:
    """A whole number as it is; anything else as None."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_date(value: object) -> date | None:
    """A well-formed date; anything else as None."""
    try:
        return parse_date(value)
    except ValueError:
        return None
