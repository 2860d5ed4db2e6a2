"""What has changed between two documents: list by list, entry by entry.

Lists whose entries have ids are compared by id, whatever their order. Other lists of objects
(windows, locks) are compared entry by entry, everything else as a value.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["added", "removed", "changed"]
Json = Mapping[str, object]
NESTED = ("baseline", "policy")
"""Objects inside a scenario that are compared in depth."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field: its value before and after; None where it was, or is, left out."""

    field: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that was added, removed or changed.

    Attributes:
        part: the list, e.g. ``patients`` or ``baseline.sections``; for a field of the document
            itself the field's name.
        id: of the entry; None where entries have none.
        kind: what happened to it.
        changes: field by field for an entry that changed; for one added or removed, all of it.
    """

    part: str
    id: str | None
    kind: Kind
    changes: tuple[Change, ...]

    def __str__(self) -> str:
        """Which entry, and which of its fields; no value, because values hold names."""
        what = f"{self.part} {self.id}" if self.id is not None else self.part
        if self.kind != "changed":
            return f"{what}: {self.kind}"
        fields = ", ".join(c.field for c in self.changes if c.field)
        return f"{what}: {fields} changed" if fields else f"{what}: changed"


def differences(before: Json, after: Json, within: str = "") -> tuple[Difference, ...]:
    """What is different in ``after``, in the order of its fields.

    Args:
        within: put before each part's name, e.g. ``scenario.``.
    """
    return tuple(_of_objects(before, after, within))


def counted(found: Sequence[Difference]) -> str:
    """How many of what: ``patients: 2 changed, 1 added; rooms: 1 removed``."""
    parts: dict[str, Counter[Kind]] = {}
    for difference in found:
        parts.setdefault(difference.part, Counter())[difference.kind] += 1
    lines = (
        f"{part}: {', '.join(f'{number} {kind}' for kind, number in kinds.items())}"
        for part, kinds in parts.items()
    )
    return "; ".join(lines) or "nothing in it is different"


def _of_objects(before: Json, after: Json, within: str) -> Iterator[Difference]:
    for field in [*after, *(key for key in before if key not in after)]:
        old, new = before.get(field), after.get(field)
        if old == new:
            continue
        part = f"{within}{field}"
        if field in NESTED and isinstance(old, dict) and isinstance(new, dict):
            yield from _of_objects(old, new, f"{part}.")
        elif _have_ids(old, new):
            yield from _by_id(_entries(old), _entries(new), part)
        elif _are_objects(old, new):
            yield from _as_a_bag(_entries(old), _entries(new), part)
        else:
            yield Difference(part, None, "changed", (Change("", old, new),))


def _entries(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []


def _are_objects(old: object, new: object) -> bool:
    """Whether both are lists of objects; one that is left out is an empty list."""
    sides = [side for side in (old, new) if side is not None]
    return all(isinstance(s, list) and all(isinstance(e, dict) for e in s) for s in sides)


def _have_ids(old: object, new: object) -> bool:
    if not _are_objects(old, new):
        return False
    for side in (_entries(old), _entries(new)):
        ids = [e.get("id") for e in side]
        if not all(isinstance(id, str) for id in ids) or len(set(ids)) < len(ids):
            return False
    return True


def _by_id(
    old: Iterable[dict[str, object]], new: Iterable[dict[str, object]], part: str
) -> Iterator[Difference]:
    was = {str(e["id"]): e for e in old}
    now = {str(e["id"]): e for e in new}
    for id, entry in now.items():
        if id not in was:
            yield Difference(part, id, "added", _whole(entry, added=True))
        elif was[id] != entry:
            yield Difference(part, id, "changed", tuple(_fields(was[id], entry)))
    for id, entry in was.items():
        if id not in now:
            yield Difference(part, id, "removed", _whole(entry, added=False))


def _as_a_bag(
    old: list[dict[str, object]], new: list[dict[str, object]], part: str
) -> Iterator[Difference]:
    gone, come = _without(old, new), _without(new, old)
    if not gone and not come:
        yield Difference(part, None, "changed", (Change("order", old, new),))
    for entry in come:
        yield Difference(part, None, "added", _whole(entry, added=True))
    for entry in gone:
        yield Difference(part, None, "removed", _whole(entry, added=False))


def _without(
    these: list[dict[str, object]], others: list[dict[str, object]]
) -> list[dict[str, object]]:
    left = Counter(map(_key, others))
    out = []
    for entry in these:
        if left[_key(entry)] > 0:
            left[_key(entry)] -= 1
        else:
            out.append(entry)
    return out


def _key(entry: dict[str, object]) -> str:
    return json.dumps(entry, sort_keys=True)


def _whole(entry: Json, *, added: bool) -> tuple[Change, ...]:
    return tuple(Change(f, None, v) if added else Change(f, v, None) for f, v in entry.items())


def _fields(old: Json, new: Json) -> Iterator[Change]:
    for field in [*new, *(key for key in old if key not in new)]:
        if old.get(field) != new.get(field):
            yield Change(field, old.get(field), new.get(field))
