"""What stands in the way, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...report.words import listing
from ...timegrid import DAY_NAMES
from .names import Names

if TYPE_CHECKING:
    from ..board import Reason

_DAYS = "|".join(name[:3] for name in DAY_NAMES)
_ORDER = {name[:3]: number for number, name in enumerate(DAY_NAMES)}
_TIME = re.compile(rf"\b({_DAYS}) (\d\d:\d\d(?:–\d\d:\d\d)?)")


def busy_text(names: Names, who: str, ref: str, day: int) -> str:
    """``Ben Torres is in Process Group Mon 17:00–18:30``; a room is taken by it."""
    session = names.session(ref, day)
    if who in names.clinic.rooms:
        return f"{names.room(who)} is taken by {session}"
    a = names.ledger.appointments.get(ref)
    if who in names.clinic.therapists and a is not None:
        return f"{names.person(who)} has {session} with {names.person(a.patient)}"
    verb = "leads" if who in names.clinic.therapists else "is in" if a is None else "has"
    return f"{names.person(who)} {verb} {session}"


def gathered(found: Iterable[Reason]) -> list[str]:
    """The reasons' texts; what holds on several days at one time of day is told once."""
    return together(r.text for r in found)


def together(texts: Iterable[str]) -> list[str]:
    """Texts that differ in the day alone become one: ``Ann Lee is not there Mon and Wed 17:00``."""
    days: dict[str, dict[str, None]] = {}
    for text in texts:
        match = _TIME.search(text)
        if match is None or len(_TIME.findall(text)) > 1:
            days.setdefault(text, {})
            continue
        key = f"{text[: match.start()]}\0 {match[2]}{text[match.end() :]}"
        days.setdefault(key, {})[match[1]] = None
    return [
        key.replace("\0", listing(sorted(on, key=_ORDER.__getitem__))) if on else key
        for key, on in days.items()
    ]


def then(text: str) -> str:
    """What would be the case with the session that is looked at."""
    return f"then {text.replace(' lie in no ', ' would lie in no ')}"
