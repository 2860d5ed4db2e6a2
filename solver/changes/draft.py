"""A scenario in the making: its JSON form, which changes edit entry by entry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import FileFaults
from ..io.files import dump
from ..report.words import Named, label
from ..scenario import Scenario
from ..timegrid import DAY_NUMBER, DAYS, MINUTES_A_DAY, clock, merged, parse_clock
from ..validation.wording import listed, nearest, quoted

Json = dict[str, Any]
Span = tuple[int, int]
"""Half-open, in minutes since Monday 00:00."""

LISTS = {
    "therapist": "therapists",
    "room": "rooms",
    "equipment": "equipment",
    "group": "groups",
    "service": "services",
    "program": "programs",
    "patient": "patients",
}
"""What can be added, removed and changed, with its list in the scenario."""


class ChangeFaults(FileFaults):
    """Changes that cannot be read or made; each fault names the change and what was found."""


class CannotChange(Exception):
    """A change that makes no sense for this scenario; the message is the finding and the remedy."""


class Draft:
    """The JSON form of a scenario while changes are made to it, and what they bring with them.

    Attributes:
        tree: the scenario file's content; changed in place.
        notices: what the change at hand did beyond its own words.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.tree: Json = dump(scenario)
        self.notices: list[str] = []

    def entries(self, what: str) -> list[Json]:
        """The list of all therapists, rooms, …; what is put into it stays."""
        found: list[Json] = self.tree.setdefault(LISTS[what], [])
        return found

    def ids(self, what: str) -> list[str]:
        return [entry["id"] for entry in self.entries(what)]

    def entry(self, what: str, id: str) -> Json:
        """The entry with an id.

        Raises:
            CannotChange: there is none.
        """
        for entry in self.entries(what):
            if entry["id"] == id:
                return entry
        raise CannotChange(no_such(what, id, self.ids(what)))

    def fresh(self, what: str, stem: str) -> str:
        """An id that no entry of the list and nothing in the baseline has: ``t03-2``, ``t03-3`` …"""
        taken = set(self.ids(what)) | self._named_before()
        number = 2
        while f"{stem}-{number}" in taken:
            number += 1
        return f"{stem}-{number}"

    def _named_before(self) -> set[str]:
        """Ids of people, rooms and groups in the baseline; some may be gone."""
        base = self.tree.get("baseline") or {}
        out: set[str] = set()
        for section in base.get("sections", ()):
            out |= {section["group"], *section.get("leaders", ()), *section.get("members", ())}
            for meeting in section["meetings"]:
                out |= {meeting.get("room") or "", *(meeting.get("leaders") or ())}
        for a in base.get("appointments", ()):
            out |= {a["patient"], a["therapist"], a.get("room") or ""}
        return out

    def note(self, text: str) -> None:
        """Remember a side effect, in words."""
        self.notices.append(text)


def no_such(what: str, id: str, known: list[str]) -> str:
    """``no therapist 't3'; did you mean 't03'?``"""
    guess = nearest(id, known)
    if guess:
        return f"no {what} {quoted(id)}; did you mean {quoted(guess)}?"
    there = f"allowed: {listed(known)}" if known else "there is none at all"
    return f"no {what} {quoted(id)}; {there}"


def title(scenario: Scenario, what: str, id: str) -> str:
    """``Ann Lee (t03)``; the bare id where nobody has it."""
    for entry in getattr(scenario, LISTS[what]):
        if entry.id == id:
            return label(Named(id, entry.name))
    return id


# -- windows as spans ---------------------------------------------------------------------------


def spans_of(windows: Iterable[Json]) -> list[Span]:
    """The union of windows in JSON form as sorted spans."""
    out = []
    for window in windows:
        start, end = parse_clock(window["start"]), parse_clock(window["end"])
        out += [
            (DAY_NUMBER[d] * MINUTES_A_DAY + start, DAY_NUMBER[d] * MINUTES_A_DAY + end)
            for d in window["days"]
        ]
    return merged(out)


def without(spans: Iterable[Span], cut: Iterable[Span]) -> list[Span]:
    """What is left of some spans when others are cut out."""
    left = merged(spans)
    for start, end in cut:
        left = [
            part
            for a, b in left
            for part in ((a, min(b, start)), (max(a, end), b))
            if part[0] < part[1]
        ]
    return sorted(left)


def windows_of(spans: Iterable[Span]) -> list[Json]:
    """Spans as windows in JSON form, days with the same hours together, cut at midnight."""
    by_hours: dict[Span, list[int]] = {}
    for start, end in merged(spans):
        at = start
        while at < end:
            day = at // MINUTES_A_DAY
            until = min(end, (day + 1) * MINUTES_A_DAY)
            by_hours.setdefault((at - day * MINUTES_A_DAY, until - day * MINUTES_A_DAY), []).append(
                day
            )
            at = until
    ordered = sorted(by_hours.items(), key=lambda item: (item[1], item[0]))
    return [
        {"days": [DAYS[d] for d in days], "start": clock(start), "end": clock(end)}
        for (start, end), days in ordered
    ]


def whole_days(days: Iterable[str]) -> list[Span]:
    """All minutes of some days."""
    return [(DAY_NUMBER[d] * MINUTES_A_DAY, (DAY_NUMBER[d] + 1) * MINUTES_A_DAY) for d in set(days)]
