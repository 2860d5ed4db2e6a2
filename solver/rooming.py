"""Interchangeable rooms are counted while a week is decided, and named afterwards.

Rooms of the same capacity, features and availability are one *kind*. Sessions are intervals on a
line, and intervals can be coloured with as many colours as overlap at most, so counting is exact.
Rooms that a baseline names are each a kind of their own: there it matters which one it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from .clinic import Clinic
from .ledger import Ledger
from .schedule import Schedule
from .timegrid import DAY_NUMBER


@dataclass(frozen=True, slots=True)
class RoomKind:
    """Rooms that can stand in for each other; ``rooms`` in the scenario's order."""

    index: int
    rooms: tuple[str, ...]
    capacity: int
    features: frozenset[str]
    hours: int

    @property
    def name(self) -> str:
        """One of the rooms, to name the kind by."""
        return self.rooms[0]


def room_kinds(clinic: Clinic) -> tuple[RoomKind, ...]:
    """The kinds of rooms of a clinic."""
    return clinic.remember("room_kinds", lambda: _kinds(clinic))


def kind_of(clinic: Clinic) -> dict[str, RoomKind]:
    """The kind of each room."""
    return clinic.remember(
        "kind_of", lambda: {room: kind for kind in room_kinds(clinic) for room in kind.rooms}
    )


def _kinds(clinic: Clinic) -> tuple[RoomKind, ...]:
    base = clinic.baseline
    named = set()
    if base is not None:
        named |= {m.room for s in base.sections for m in s.meetings}
        named |= {a.room for a in base.appointments}
    alike: dict[object, list[str]] = {}
    for room in clinic.scenario.rooms:
        key = (room.capacity, frozenset(room.features), clinic.room_hours[room.id])
        own = room.id if room.id in named else None
        alike.setdefault((*key, own), []).append(room.id)
    return tuple(
        RoomKind(
            index,
            tuple(rooms),
            clinic.rooms[rooms[0]].capacity,
            frozenset(clinic.rooms[rooms[0]].features),
            clinic.room_hours[rooms[0]],
        )
        for index, rooms in enumerate(alike.values())
    )


def name_rooms(clinic: Clinic, schedule: Schedule) -> Schedule:
    """Give each session a room of the kind it has, so that no two share one."""
    many = [kind for kind in room_kinds(clinic) if len(kind.rooms) > 1]
    if not many:
        return schedule
    ledger = Ledger(clinic, schedule)
    named: dict[tuple[str, int, int], str] = {}
    for kind in many:
        uses = [use for room in kind.rooms for use in ledger.room_uses[room]]
        taken = dict.fromkeys(kind.rooms, 0)
        for use in sorted(uses, key=lambda u: (u.day, u.start, u.ref)):
            room = next((r for r in kind.rooms if not taken[r] & use.cells), kind.rooms[0])
            taken[room] |= use.cells
            named[use.ref, use.day, use.start] = room

    sections = []
    for s in schedule.sections:
        meetings = tuple(
            m.model_copy(update={"room": named.get((s.id, DAY_NUMBER[m.day], m.start), m.room)})
            for m in s.meetings
        )
        sections.append(s.model_copy(update={"meetings": meetings}))
    appointments = tuple(
        a.model_copy(update={"room": named.get((a.id, DAY_NUMBER[a.day], a.start), a.room)})
        for a in schedule.appointments
    )
    return schedule.model_copy(update={"sections": tuple(sections), "appointments": appointments})
