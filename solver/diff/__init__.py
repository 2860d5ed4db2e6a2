"""What differs between two schedules of a clinic, and who must be told what.

Two views of the same difference. ``changes`` pairs the entries of the two files: a section or an
appointment that is gone, new, or no longer as it was; applied to the old schedule they give the new one.
``told`` is the same by person: patients, their families (family sessions) and therapists, each with what
they had and what they have. Ids of sections and appointments are names for a file: renaming one is
no change. Neither is the order in which members or meetings are listed, nor the room of a meeting that
is cancelled. Leaders stand in the order of their places, so who trades places is told.

Patients are told of times, rooms, leaders, the way they attend, cancelled meetings and their own
absences, on the days of their stay; who else sits in a group is told to its leaders alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from ..clinic import Clinic
from ..scenario import Scenario
from ..schedule import Appointment, Schedule, Section
from .entries import AnEntry, Change, paired_entries, plain, same_week
from .parts import ASPECTS, KINDS, Aspect, Item, Kind, Part, Person, Slot, Told, bare, parts

__all__ = [
    "ASPECTS",
    "KINDS",
    "Aspect",
    "Change",
    "Difference",
    "Item",
    "Kind",
    "Part",
    "Slot",
    "Told",
    "difference",
    "parts",
    "plain",
    "same_week",
]


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs between an old and a new schedule, by entry and by person."""

    old: Schedule
    new: Schedule
    changes: tuple[Change, ...]
    told: tuple[Told, ...]

    def __bool__(self) -> bool:
        return bool(self.changes)

    def of(self, kind: Kind) -> tuple[Told, ...]:
        """The people of one kind who must be told something."""
        return tuple(t for t in self.told if t.kind == kind)

    def applied_to(self, schedule: Schedule) -> Schedule:
        """The schedule with the changes made; what is gone is found by content, not by id.

        Raises:
            LookupError: an entry that is to change is not there as it was.
        """
        going = Counter(plain(c.old) for c in self.changes if c.old is not None)

        def stays(entry: AnEntry) -> bool:
            content = plain(entry)
            going[content] -= 1
            return going[content] < 0

        sections = [s for s in schedule.sections if stays(s)]
        appointments = [a for a in schedule.appointments if stays(a)]
        if any(count > 0 for count in going.values()):
            raise LookupError("the difference is one of another schedule")
        coming = [c.new for c in self.changes if c.new is not None]
        return schedule.model_copy(
            update={
                "scenario": self.new.scenario,
                "week_start": self.new.week_start,
                "sections": (*sections, *(e for e in coming if isinstance(e, Section))),
                "appointments": (*appointments, *(e for e in coming if isinstance(e, Appointment))),
                "not_admitted": self.new.not_admitted,
            }
        )


def difference(of: Scenario | Clinic, old: Schedule, new: Schedule) -> Difference:
    """What differs from ``old`` to ``new``, and who must be told what.

    The old schedule may be of another week, and name people, rooms and groups that are gone.
    """
    clinic = of if isinstance(of, Clinic) else Clinic(of)
    changes = tuple(paired_entries(old, new))
    return Difference(old, new, changes, tuple(_told(clinic, changes)))


@dataclass(slots=True)
class _Sides:
    """What a person has of changed entries, each with the entry's id, still to be paired."""

    old: list[tuple[Part, str]]
    new: list[tuple[Part, str]]


def _told(clinic: Clinic, changes: tuple[Change, ...]) -> Iterator[Told]:
    items: dict[Person, list[Item]] = {}
    loose: dict[Person, _Sides] = {}
    for change in changes:
        old = parts(clinic, change.old) if change.old else {}
        new = parts(clinic, change.new) if change.new else {}
        for person in dict.fromkeys([*old, *new]):
            was, now = old.get(person), new.get(person)
            if was and now and was != now:
                items.setdefault(person, []).append(_item(change, was, now))
            elif was != now:
                sides = loose.setdefault(person, _Sides([], []))
                if was and change.old:
                    sides.old.append((was, change.old.id))
                if now and change.new:
                    sides.new.append((now, change.new.id))
    for person, sides in loose.items():
        items.setdefault(person, []).extend(_paired(person, sides))
    yield from _in_order(clinic, items)
    named = {
        (i.part.format == "group", side, name)
        for there in items.values()
        for i in there
        for side, name in (("old", i.old_id), ("new", i.new_id))
    }
    silent = [
        _item(c, bare(c.old), bare(c.new))
        for c in changes
        if not named & {(isinstance(e, Section), s, e.id) for s, e in _sides(c) if e}
    ]
    if silent:
        yield Told("desk", "", True, tuple(sorted(silent, key=_item_time)))


def _sides(change: Change) -> tuple[tuple[str, AnEntry | None], ...]:
    return ("old", change.old), ("new", change.new)


def _item(change: Change, was: Part | None, now: Part | None) -> Item:
    old_id, new_id = (entry.id if entry else None for _, entry in _sides(change))
    return Item(was, now, old_id, new_id)


def _paired(person: Person, sides: _Sides) -> Iterator[Item]:
    """What ends and what begins for a person is one change where it is of the same kind."""

    def key(part: Part) -> Hashable:
        if person[0] != "therapist":
            return part.format, part.subject
        # A therapist who leads another section of a group meets other people: that is no move.
        return part if part.format == "group" else (part.subject, part.people[:1])

    equal = Counter(part for part, _ in sides.old) & Counter(part for part, _ in sides.new)
    olds, news = (_less(entries, equal) for entries in (sides.old, sides.new))
    waiting: dict[Hashable, list[tuple[Part, str]]] = {}
    for part, name in news:
        waiting.setdefault(key(part), []).append((part, name))
    for part, name in olds:
        others = waiting.get(key(part), [])
        now, new_name = others.pop(0) if others else (None, None)
        yield Item(part, now, name, new_name)
    for rest in waiting.values():
        yield from (Item(None, part, None, name) for part, name in rest)


def _less(entries: list[tuple[Part, str]], equal: Counter[Part]) -> list[tuple[Part, str]]:
    """Entries in time order without those that say the same before and after."""
    left = Counter(equal)
    out = []
    for part, name in sorted(entries, key=lambda e: (e[0].time(), e[1])):
        if left[part]:
            left[part] -= 1
        else:
            out.append((part, name))
    return out


def _item_time(item: Item) -> tuple[object, ...]:
    part = item.part
    return (part.time(), part.subject, item.new_id or item.old_id or "")


def _in_order(clinic: Clinic, items: dict[Person, list[Item]]) -> Iterator[Told]:
    """People kind by kind, in the order of the scenario; who is gone comes last."""
    for kind in KINDS:
        there = list(clinic.therapists if kind == "therapist" else clinic.patients)
        order = {name: number for number, name in enumerate(there)}
        names = [name for k, name in items if k == kind and items[k, name]]
        for name in sorted(names, key=lambda n: (order.get(n, len(there)), n)):
            told = tuple(sorted(items[kind, name], key=_item_time))
            yield Told(kind, name, name in order, told)
