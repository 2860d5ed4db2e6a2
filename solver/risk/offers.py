"""Places that could be kept for patients who fell behind: seats to spare, and hours that are free.

A patient who missed a day can come on another one: as a guest where a section has seats to spare, to
an hour that a therapist has free, or to more meetings of their groups put on for them. Everything
offered could be held in this very week: nobody and no room is in two places, and only patients are
guests who may be there. Closed groups take no guests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from ..fields import day_name
from ..ledger import Ledger
from ..report.words import count
from ..rules import Scope
from ..scenario import Group
from ..schedule import Appointment, Meeting, Section
from ..screening import Screening, screening_of
from ..search.placing import Placing, obeys, scope_of
from ..timegrid import DAY_NAMES, DAY_NUMBER, bits, clock

Kind = Literal["seats", "day", "hour", "meeting", "block"]


@dataclass(frozen=True, slots=True)
class Place:
    """A session that guests may come to.

    Attributes:
        ref: the section that meets anyway; None for a session put on for guests.
        seats: guests at most; guests: patients who may come, those of high priority first.
    """

    ref: str | None
    group: str | None
    service: str
    day: int
    start: int
    cells: int
    clinical: int
    leaders: tuple[str, ...]
    room: str | None
    seats: int
    guests: tuple[str, ...]

    @property
    def effect(self) -> tuple[object, ...]:
        """Two places with the same effect help the same patients as much."""
        held_by = self.leaders if self.ref is None else (self.ref,)
        return (self.day, self.service, self.clinical, self.seats, self.guests, held_by)


@dataclass(frozen=True, slots=True)
class Offer:
    """Places of one day that are kept together."""

    kind: Kind
    places: tuple[Place, ...]

    @property
    def day(self) -> int:
        return self.places[0].day

    def sentence(self, ledger: Ledger) -> str:
        """``Keep the 4 spare seats of Relapse Prevention (rp-1) on Wednesday 17:00 for …``"""
        clinic, first = ledger.clinic, self.places[0]
        when = f"on {DAY_NAMES[first.day]} {clock(first.start)}"
        who = " and ".join(clinic.therapists[t].name for t in first.leaders)
        led = f", with {who}" if who else ""
        match self.kind:
            case "seats":
                name = clinic.groups[first.group or ""].name
                seats = "the spare seat" if first.seats == 1 else f"the {first.seats} spare seats"
                return f"{seats} of {name} ({first.ref}) {when}"
            case "day":
                seats = count(sum(p.seats for p in self.places), "spare seat")
                refs = ", ".join(p.ref or "" for p in self.places)
                return f"all {seats} of {DAY_NAMES[first.day]} ({refs})"
            case "hour":
                name = clinic.services[first.service].name
                return f"a free hour for {name} {when}{led}"
            case "meeting":
                name = clinic.groups[first.group or ""].name
                return f"one more meeting of {name} {when}{led}"
            case "block":
                names = [
                    f"{clinic.groups[p.group or ''].name} at {clock(p.start)}" for p in self.places
                ]
                return f"a make-up block on {DAY_NAMES[first.day]}: {', '.join(names)}"


def offers(ledger: Ledger, wanting: Iterable[str]) -> list[Offer]:
    """What could be offered to patients who may fall behind, those with the same effect only once."""
    return _Finder(ledger, wanting).all()


class _Finder:
    def __init__(self, ledger: Ledger, wanting: Iterable[str]) -> None:
        self.ledger, self.clinic = ledger, ledger.clinic
        self.screen: Screening = screening_of(ledger.clinic)
        self.placing = Placing(ledger.copy())
        self.wanting = sorted(
            wanting,
            key=lambda p: (-self.clinic.patients[p].priority, list(self.clinic.patients).index(p)),
        )
        self.seen: set[tuple[object, ...]] = set()

    def all(self) -> list[Offer]:
        """Every offer, in a fixed order."""
        seats = list(self._spare_seats())
        out = [Offer("seats", (place,)) for place in seats]
        for day in sorted({place.day for place in seats}):
            of_day = tuple(place for place in seats if place.day == day)
            if len(of_day) > 1:
                out.append(Offer("day", of_day))
        out += [Offer("hour", (place,)) for place in self._hours()]
        for places in self._blocks():
            effect = tuple(place.effect for place in places)
            if places and effect not in self.seen:
                self.seen.add(effect)
                out.append(Offer("meeting" if len(places) == 1 else "block", places))
        return out

    # -- guests -----------------------------------------------------------------------------------

    def _guests(
        self, group: Group, day: int, start: int, leaders: tuple[str, ...], members: tuple[str, ...]
    ) -> list[tuple[str, bool]]:
        """(patient, by video) who may come to a meeting beside its members."""
        return [
            (p, remote)
            for p in self.wanting
            if p not in members and (remote := self._way(p, group, day, start)) is not None
            if all(self.screen.pairing(p, t, True) for t in leaders)
            and not self.clinic.apart[p].intersection(members)
        ]

    def _way(self, patient: str, group: Group, day: int, start: int) -> bool | None:
        """How a patient may join a meeting: in the room (False), by video (True), or not at all."""
        cell = self.clinic.grid.cell(day, start)
        cells = self.clinic.meeting_cells(group, day, start)
        if cells & self.ledger.patient_busy(patient) or not self._in_track(patient, cells):
            return None
        for remote in self.screen.seat_modes(patient, group.id):
            if self.screen.seat_starts(patient, group.id, remote) >> cell & 1:
                return remote
        return None

    def _in_track(self, patient: str, cells: int) -> bool:
        """Whether a group meeting lies in one track with the patient's others, where that is asked."""
        if not self.clinic.needs[patient].single_track:
            return True
        for s in self.ledger.sittings[patient]:
            cells |= s.cells if s.group is not None else 0
        return any(not cells & ~hours for hours in self.clinic.track_hours.values())

    # -- what there is ----------------------------------------------------------------------------

    def _spare_seats(self) -> Iterator[Place]:
        """Meetings with seats that no member has."""
        for section in self.ledger.sections.values():
            group = self.clinic.groups[section.group]
            for m in section.held() if not group.closed else ():
                day = DAY_NUMBER[m.day]
                leaders, members = section.leaders_at(m), tuple(section.members)
                seats = group.size.max - len(members)
                guests = self._guests(group, day, m.start, leaders, members)
                if m.room is not None:
                    here = len(self.ledger.present(section, day))
                    chairs = self.clinic.rooms[m.room].capacity - here
                    if chairs <= 0:
                        guests = [(p, remote) for p, remote in guests if remote]
                    else:
                        seats = min(seats, chairs)
                if seats > 0 and guests:
                    yield Place(
                        section.id, group.id, group.service, day, m.start,
                        self.clinic.meeting_cells(group, day, m.start), group.clinical,
                        leaders, m.room, seats, tuple(p for p, _ in guests),
                    )  # fmt: skip

    def _hours(self) -> Iterator[Place]:
        """Individual sessions that a therapist and a room are free for."""
        for service in self.clinic.services.values():
            if service.format != "individual":
                continue
            for t in self.clinic.therapists:
                carers = [p for p in self.wanting if t in self.screen.carers(p, service.id)]
                for remote in (False, True):
                    yield from self._hours_of(t, service.id, remote, carers)

    def _hours_of(self, t: str, service: str, remote: bool, carers: list[str]) -> Iterator[Place]:
        entry, grid = self.clinic.services[service], self.clinic.grid
        wanted = {p: self.screen.visit_starts(p, service, remote) for p in carers}
        for cell in bits(self.screen.care_starts(t, service, remote)):
            day, start = grid.clock_of(cell)
            cells = grid.occupied(day, start, entry.minutes)
            if cells & self.ledger.therapist_busy(t):
                continue
            guests = tuple(
                p
                for p, starts in wanted.items()
                if starts >> cell & 1 and not cells & self.ledger.patient_busy(p)
            )
            place = Place(
                None, None, service, day, start, cells, entry.clinical, (t,), None, 1, guests
            )
            if not guests or place.effect in self.seen:
                continue
            room = None if remote else self._office(service, cell, cells)
            if (room is not None or remote) and self._can_be_booked(place, room, remote):
                self.seen.add(place.effect)
                yield place

    def _office(self, service: str, cell: int, cells: int) -> str | None:
        for room in self.clinic.rooms:
            free = not cells & self.ledger.room_busy(room)
            if free and self.screen.housing(room, None, service) >> cell & 1:
                return room
        return None

    def _can_be_booked(self, place: Place, room: str | None, remote: bool) -> bool:
        """Whether the therapist's day bears it, and the equipment is there."""
        trial = self.placing.ledger
        trial.book(
            Appointment.model_construct(
                id="a make-up hour", service=place.service, patient=place.guests[0],
                therapist=place.leaders[0], day=day_name(place.day), start=place.start,
                room=room, remote=remote,
            )
        )  # fmt: skip
        scope = scope_of(trial, appointment="a make-up hour")
        fits = obeys(self.clinic, trial, scope)
        trial.cancel("a make-up hour")
        return fits

    # -- meetings put on for guests ---------------------------------------------------------------

    def _meetings(self) -> Iterator[Place]:
        """One more meeting of an open group at every time at which it could be held."""
        for group in self.clinic.groups.values():
            for cell in bits(0 if group.closed else self.screen.gathering(group.id)):
                place = self._meeting(group, *self.clinic.grid.clock_of(cell))
                if place is not None:
                    yield place

    def _meeting(self, group: Group, day: int, start: int) -> Place | None:
        """A meeting for guests, led and roomed; None where it cannot be held or too few could come."""
        least = max(1, group.size.min)
        if len(self._guests(group, day, start, (), ())) < least:
            return None
        leaders = self.placing.leaders(group.id, (day,), start)
        rooms = self.placing.rooms(group.id, (day,), start)
        if leaders is None or rooms is None:
            return None
        guests = tuple(p for p, _ in self._guests(group, day, start, leaders, ()))
        seats = group.size.max
        if rooms[0] is not None:
            seats = min(seats, self.clinic.rooms[rooms[0]].capacity)
        if len(guests) < least or not seats:
            return None
        cells = self.clinic.meeting_cells(group, day, start)
        return Place(
            None, group.id, group.service, day, start, cells, group.clinical,
            leaders, rooms[0], seats, guests,
        )  # fmt: skip

    def _put_on(self, place: Place, name: str) -> bool:
        """Put a meeting into the trial week, if those who hold it can bear it beside the rest."""
        trial = self.placing.ledger
        meeting = Meeting.model_construct(
            day=day_name(place.day), start=place.start, room=place.room
        )
        trial.open(
            Section.model_construct(
                id=name, group=place.group or "", leaders=place.leaders, meetings=(meeting,)
            )
        )
        rooms = [place.room] if place.room else []
        items = self.clinic.groups[place.group or ""].equipment
        scope = Scope([], place.leaders, rooms, items, [], [], [])
        if obeys(self.clinic, trial, scope):
            return True
        trial.close(name)
        return False

    def _blocks(self) -> Iterator[tuple[Place, ...]]:
        """More meetings of a program's groups back to back, until they make a day that is paid.

        A block begins with any meeting that could be held. Of the groups that could follow, one that
        has not met yet comes before one that has; otherwise the scenario's order decides.
        """
        meetings = list(self._meetings())
        for program in self.clinic.programs:
            own = {p for p in self.wanting if self.clinic.patients[p].program == program}
            target = max((self.clinic.needs[p].day_minutes_min for p in own), default=0)
            for first in meetings:
                if own.intersection(first.guests):
                    yield tuple(self._chain(first, target, own))

    def _chain(self, first: Place, target: int, program: set[str]) -> list[Place]:
        chain: list[Place] = []
        follower: Place | None = first
        while follower is not None:
            if not self._put_on(follower, f"make-up {len(chain)}"):
                break
            chain.append(follower)
            done = sum(place.clinical for place in chain) >= target
            follower = None if done else self._after(chain, program)
        for number in range(len(chain)):
            self.placing.ledger.close(f"make-up {number}")
        return chain

    def _after(self, chain: list[Place], program: set[str]) -> Place | None:
        """The next meeting of a block, when the last one ends, with guests of the program."""
        day, start = self.clinic.grid.clock_of(chain[-1].cells.bit_length())
        met = [place.group for place in chain]
        groups = [g for g in self.clinic.groups.values() if not g.closed and g.clinical]
        for group in sorted(groups, key=lambda g: met.count(g.id)):
            cell = self.clinic.grid.cell(day, start)
            if day == chain[-1].day and self.screen.gathering(group.id) >> cell & 1:
                place = self._meeting(group, day, start)
                if place is not None and program.intersection(place.guests):
                    return place
        return None
