"""What stops the next patient: more of one thing at a time, tried out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..report.words import listing
from ..scenario import Credential, Group, Room, Scenario, Size, Therapist

MOST_KINDS = 4
"""Kinds of therapist that are tried, those of whom there are most first."""


@dataclass(frozen=True, slots=True)
class Relief:
    """More of one thing: in words (``one more room``), and as it is made to a scenario."""

    what: str
    make: Callable[[Scenario], Scenario]

    def and_also(self, other: Relief) -> Relief:
        """Both of them."""
        return Relief(f"{self.what} and {other.what}", lambda s: other.make(self.make(s)))


def reliefs(scenario: Scenario) -> list[Relief]:
    """More of everything that could run out, one thing at a time."""
    out = [_therapist(scenario, kind) for kind in _kinds(scenario)]
    if scenario.groups:
        out.append(Relief("one seat more in every group", lambda s: _groups(s, _with_seat)))
        out.append(Relief("one section more of every group", lambda s: _groups(s, _with_section)))
        out.append(Relief("groups at any time", lambda s: _groups(s, _at_any_time)))
    if any(g.needs_room for g in scenario.groups) or scenario.rooms:
        out.append(Relief("one more room", _with_room))
    if scenario.equipment:
        out.append(Relief("one more of every item of equipment", _with_items))
    return out


def _groups(scenario: Scenario, change: Callable[[Group], Group]) -> Scenario:
    return scenario.model_copy(update={"groups": tuple(map(change, scenario.groups))})


def _with_seat(group: Group) -> Group:
    size = Size(min=group.size.min, max=group.size.max + 1)
    return group.model_copy(update={"size": size})


def _with_section(group: Group) -> Group:
    return group.model_copy(update={"max_sections": group.max_sections + 1})


def _at_any_time(group: Group) -> Group:
    return group.model_copy(update={"start_times": (), "day_patterns": (), "windows": ()})


def _with_room(scenario: Scenario) -> Scenario:
    """One more room, as large as the largest, with every feature there is."""
    room = Room(
        id=_fresh("one-more-room", (r.id for r in scenario.rooms)),
        name="One more room",
        capacity=max((r.capacity for r in scenario.rooms), default=20),
        features=tuple(sorted({f for r in scenario.rooms for f in r.features})),
    )
    return scenario.model_copy(update={"rooms": (*scenario.rooms, room)})


def _with_items(scenario: Scenario) -> Scenario:
    items = tuple(e.model_copy(update={"quantity": e.quantity + 1}) for e in scenario.equipment)
    return scenario.model_copy(update={"equipment": items})


def _kinds(scenario: Scenario) -> list[frozenset[str]]:
    """Sets of credentials that therapists hold, those most of them hold first."""
    held = Counter(frozenset(c.id for c in t.credentials) for t in scenario.therapists)
    return [kind for kind, _ in held.most_common(MOST_KINDS)]


def _therapist(scenario: Scenario, kind: frozenset[str]) -> Relief:
    """One more therapist with some credentials, there in all opening hours, for everybody."""
    like = [t for t in scenario.therapists if frozenset(c.id for c in t.credentials) == kind]
    new = Therapist(
        id="one-more-therapist",
        name="One more therapist",
        credentials=tuple(Credential(id=c) for c in sorted(kind)),
        languages=tuple(sorted({x for t in like for x in t.languages})),
    )

    def make(to: Scenario) -> Scenario:
        own = new.model_copy(update={"id": _fresh(new.id, (t.id for t in to.therapists))})
        return to.model_copy(update={"therapists": (*to.therapists, own)})

    return Relief(
        f"one more therapist ({listing(sorted(kind))})" if kind else "one more therapist", make
    )


def _fresh(stem: str, taken: Iterable[str]) -> str:
    ids, name = set(taken), stem
    while name in ids:
        name += "-2"
    return name
