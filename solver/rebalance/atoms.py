"""A rebalanced week taken apart into single moves that can be taken back one by one.

A move is the smallest thing a scheduler would undo alone: a section's new time, room or leaders; a
section opened or closed; one member joining, leaving or changing to video; one appointment.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from ..clinic import Clinic
from ..diff import Change, difference, plain
from ..schedule import Appointment, Schedule, Section
from ..timegrid import DAY_NUMBER

Kind = Literal["arranged", "opened", "closed", "joined", "left", "way", "appointment"]


@dataclass(frozen=True, slots=True)
class Move:
    """One move. ``pair`` numbers the changed entry it belongs to.

    Attributes:
        patients: whose week it touches.
        cells: the cells in which it moves anything.
        entries: ids of the section or appointment before and after, and of its group.
    """

    number: int
    kind: Kind
    pair: int
    patients: frozenset[str]
    therapists: frozenset[str]
    rooms: frozenset[str]
    cells: int
    entries: frozenset[str]

    def touches(self, subject: str) -> bool:
        """Whether it moves what a rule's violation is about: a person, a room, an entry, a group."""
        return (
            subject in self.patients
            or subject in self.therapists
            or subject in self.rooms
            or subject in self.entries
        )

    def concerns(self, other: Move) -> bool:
        """Whether taking one back may need the other to be taken back."""
        if self.pair == other.pair or self.patients & other.patients:
            return True
        # A therapist's day and week have limits, so their sessions compete at whatever hour.
        return bool(
            self.therapists & other.therapists
            or (self.rooms & other.rooms and self.cells & other.cells)
        )


class Apart:
    """The moves that lead from an old week to a new one, and the weeks between them."""

    def __init__(self, clinic: Clinic, old: Schedule, new: Schedule) -> None:
        self.clinic, self.new = clinic, new
        self.pairs: tuple[Change, ...] = difference(clinic, old, new).changes
        self.moves: list[Move] = []
        self._who: list[str] = []
        for number, pair in enumerate(self.pairs):
            for kind, who in self._of(pair):
                self.moves.append(self._move(len(self.moves), kind, number, who))
                self._who.append(who)

    def _of(self, pair: Change) -> Iterator[tuple[Kind, str]]:
        old, new = pair.old, pair.new
        if isinstance(old, Appointment) or isinstance(new, Appointment):
            yield "appointment", ""
        elif old is None:
            yield "opened", ""
        elif new is None:
            yield "closed", ""
        else:
            if _arrangement(old) != _arrangement(new):
                yield "arranged", ""
            yield from (("joined", p) for p in new.members if p not in old.members)
            yield from (("left", p) for p in old.members if p not in new.members)
            for p in new.members:
                if p in old.members and (p in old.remote_members) != (p in new.remote_members):
                    yield "way", p

    def _move(self, number: int, kind: Kind, pair: int, who: str) -> Move:
        sides = [e for e in (self.pairs[pair].old, self.pairs[pair].new) if e is not None]
        single = kind in ("joined", "left", "way")
        patients = {who} if single else {p for e in sides for p in _patients(e)}
        cells = 0
        therapists: set[str] = set()
        rooms: set[str] = set()
        for entry in sides:
            cells |= self._cells(entry)
            if not single:
                therapists |= _therapists(entry)
                rooms |= _rooms(entry)
        entries = {e.id for e in sides} | {self.subject(pair)}
        return Move(
            number,
            kind,
            pair,
            frozenset(patients),
            frozenset(therapists),
            frozenset(rooms),
            cells,
            frozenset(entries),
        )

    def subject(self, pair: int) -> str:
        """The group or service of a changed entry."""
        entry = self.pairs[pair].new or self.pairs[pair].old
        return entry.group if isinstance(entry, Section) else entry.service if entry else ""

    def _cells(self, entry: Section | Appointment) -> int:
        clinic = self.clinic
        if isinstance(entry, Appointment):
            minutes = clinic.services[entry.service].minutes
            return clinic.occupied(DAY_NUMBER[entry.day], entry.start, minutes)
        cells = 0
        for m in entry.meetings:
            minutes = clinic.groups[entry.group].minutes
            cells |= clinic.occupied(DAY_NUMBER[m.day], m.start, minutes)
        return cells

    def without(self, taken_back: Collection[int]) -> Schedule:
        """The new week with some moves taken back."""
        by_pair: dict[int, list[int]] = {}
        for number in taken_back:
            by_pair.setdefault(self.moves[number].pair, []).append(number)
        sections = {s.id: s for s in self.new.sections}
        appointments = {a.id: a for a in self.new.appointments}
        back: list[Section] = []
        for pair, numbers in by_pair.items():
            old, new = self.pairs[pair].old, self.pairs[pair].new
            if isinstance(old, Appointment) or isinstance(new, Appointment):
                if new is not None:
                    del appointments[new.id]
                if isinstance(old, Appointment):
                    name = old.id if old.id not in appointments else f"{old.id}~{pair}"
                    appointments[name] = old.model_copy(update={"id": name})
                continue
            if new is not None:
                del sections[new.id]
            found = self._section(old, new, numbers)
            if found is not None:
                back.append(found)
        for section in back:
            name = section.id if section.id not in sections else f"{section.id}~"
            sections[name] = section.model_copy(update={"id": name})
        return self.new.model_copy(
            update={
                "sections": tuple(sections.values()),
                "appointments": tuple(appointments.values()),
            }
        )

    def _section(
        self, old: Section | None, new: Section | None, numbers: Collection[int]
    ) -> Section | None:
        """A section with some of its moves taken back."""
        if old is None or new is None:
            return old
        members = {p: p in new.remote_members for p in new.members}
        out = new
        for number in numbers:
            who = self._who[number]
            match self.moves[number].kind:
                case "arranged":
                    out = out.model_copy(
                        update={
                            "id": old.id,
                            "leaders": old.leaders,
                            "meetings": old.meetings,
                            "absences": old.absences,
                        }
                    )
                case "joined":
                    members.pop(who)
                case "left" | "way":
                    members[who] = who in old.remote_members
        return out.model_copy(
            update={
                "members": tuple(members),
                "remote_members": tuple(p for p, remote in members.items() if remote),
                "absences": tuple(a for a in out.absences if a.patient in members),
            }
        )


def _arrangement(s: Section) -> Section | Appointment:
    """What a section says apart from its members."""
    return plain(s.model_copy(update={"members": (), "remote_members": ()}))


def _patients(entry: Section | Appointment) -> set[str]:
    return {entry.patient} if isinstance(entry, Appointment) else set(entry.members)


def _therapists(entry: Section | Appointment) -> set[str]:
    if isinstance(entry, Appointment):
        return {entry.therapist}
    return {*entry.leaders, *(t for m in entry.meetings for t in entry.leaders_at(m))}


def _rooms(entry: Section | Appointment) -> set[str]:
    if isinstance(entry, Appointment):
        return {entry.room} if entry.room else set()
    return {m.room for m in entry.meetings if m.room}
