"""Schedules as values of Timefold's variables, and its answers as schedules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from bench.timefold_problem import Json, Problem
from solver.schedule import Appointment, Schedule, Section
from solver.timegrid import DAY_NUMBER, DAYS

Place = tuple[int, bool, tuple[int, ...], int]
"""Service, whether by video, days and minute: what tells blocks apart."""


def start(made: Problem, schedule: Schedule) -> Json:
    """A schedule as values of the model's variables, as far as the model can say it."""
    return _Beginning(made, schedule).values


class _Beginning:
    def __init__(self, made: Problem, schedule: Schedule) -> None:
        self.made = made
        self.places: dict[Place, int] = {
            (made.blocks[b]["service"], made.blocks[b]["remote"], days, minute): b
            for b, (days, minute) in enumerate(made.starts)
        }
        self.taken: dict[int, set[int]] = defaultdict(set)  # room -> cells
        self.sections: dict[int, Json] = {}
        self.seats: dict[int, int] = {}
        self.visits: dict[int, list[int]] = {}
        for appointment in schedule.appointments:
            self._appointment(appointment)
        # Those with one room all week keep it; the others are given one that is free then.
        for section in sorted(schedule.sections, key=lambda s: len({m.room for m in s.meetings})):
            self._section(section)
        self.values = {
            "sections": {str(n): values for n, values in self.sections.items()},
            "seats": {str(n): slot for n, slot in self.seats.items()},
            "visits": {str(n): values for n, values in self.visits.items()},
        }

    def _cells(self, block: int) -> set[int]:
        grid, minutes = self.made.clinic.grid, self.made.blocks[block]["minutes"]
        days, minute = self.made.starts[block]
        length = minutes // grid.minutes // len(days)
        return {grid.cell(day, minute) + n for day in days for n in range(length)}

    def _appointment(self, a: Appointment) -> None:
        made = self.made
        service = made.services.index(a.service)
        block = self.places.get((service, a.remote, (DAY_NUMBER[a.day],), a.start))
        therapist = made.therapists.index(a.therapist)
        room = len(made.rooms) if a.room is None else made.rooms.index(a.room)
        for n, visit in enumerate(made.visits):
            named = made.kinds[n], made.patients[visit["patient"]]
            fits = block in visit["blocks"] and therapist in visit["able"]
            if (
                block is not None
                and n not in self.visits
                and named == (a.service, a.patient)
                and fits
            ):
                self.visits[n] = [block, therapist, room]
                self.taken[room] |= self._cells(block)
                return

    def _section(self, section: Section) -> None:
        made, group = self.made, self.made.clinic.groups[section.group]
        days = tuple(sorted(DAY_NUMBER[m.day] for m in section.meetings))
        by_video = group.modality == "telehealth"
        service = made.services.index(group.service)
        block = self.places.get((service, by_video, days, section.meetings[0].start))
        free = [n for n, g in enumerate(made.groups) if g == group.id and n not in self.sections]
        if block is None or not free or block not in made.sections[free[0]]["blocks"]:
            return
        slot = free[0]
        leads = [made.therapists.index(t) for t in section.leaders]
        able = made.sections[slot]["leads"]
        room = self._room(section, block, made.sections[slot]["rooms"])
        if room is None or not all(t in those for t, those in zip(leads, able, strict=True)):
            return
        self.sections[slot] = {"block": block, "room": room, "leads": leads}
        if room < len(made.rooms):
            self.taken[room] |= self._cells(block)
        for patient in map(made.patients.index, section.members):
            mine = (
                n
                for n, seat in enumerate(made.seats)
                if seat["patient"] == patient and slot in seat["sections"] and n not in self.seats
            )
            if (seat := next(mine, None)) is not None:
                self.seats[seat] = slot

    def _room(self, section: Section, block: int, rooms: Sequence[int]) -> int | None:
        """The section's own room if it may be, else another that is free and holds them all."""
        made = self.made
        if rooms == [len(made.rooms)]:
            return rooms[0]
        own = [made.rooms.index(m.room) for m in section.meetings if m.room is not None]
        for room in [*own, *rooms]:
            large = made.clinic.rooms[made.rooms[room]].capacity >= len(section.members)
            there = room in rooms and block in made.room_free[room]
            if there and large and not self.taken[room] & self._cells(block):
                return room
        return None


def schedule(made: Problem, found: Json) -> Json:
    """An answer as a schedule: sections with fewer members than they need are not in it."""
    members: dict[int, list[int]] = defaultdict(list)
    for seat, slot in enumerate(found["seats"]):
        if slot is not None:
            members[slot].append(seat)
    leads = iter(found["leads"])
    sections = []
    for slot, (block, room) in enumerate(found["sections"]):
        leaders = [made.therapists[next(leads)] for _ in made.sections[slot]["leads"]]
        if len(members[slot]) >= made.sections[slot]["least"]:
            sections.append(_section(made, slot, members[slot], leaders, block, room))
    appointments = [
        _appointment(made, number, *visit)
        for number, visit in enumerate(found["visits"])
        if visit is not None
    ]
    there = {p for s in sections for p in s["members"]} | {a["patient"] for a in appointments}
    out = [p for p in made.patients if made.clinic.is_waiting(p) and p not in there]
    return {
        "schema_version": 1,
        "scenario": made.clinic.scenario.name,
        "week_start": made.clinic.scenario.week_start.isoformat(),
        "sections": sections,
        "appointments": appointments,
    } | ({"not_admitted": out} if out else {})


def _section(
    made: Problem, slot: int, seats: Sequence[int], leaders: list[str], block: int, room: int
) -> Json:
    group = made.clinic.groups[made.groups[slot]]
    people = [made.patients[made.seats[seat]["patient"]] for seat in seats]
    by_video = [
        patient
        for patient, seat in zip(people, seats, strict=True)
        if group.modality == "hybrid" and not made.seats[seat]["in_person"]
    ]
    return {
        "id": f"s{slot}",
        "group": group.id,
        "leaders": leaders,
        "meetings": [_at(made, block, day, room) for day in made.starts[block][0]],
        "members": people,
    } | ({"remote_members": by_video} if by_video else {})


def _appointment(made: Problem, number: int, block: int, therapist: int, room: int) -> Json:
    return {
        "id": f"a{number}",
        "service": made.kinds[number],
        "patient": made.patients[made.visits[number]["patient"]],
        "therapist": made.therapists[therapist],
        **_at(made, block, made.starts[block][0][0], room),
    } | ({"remote": True} if made.blocks[block]["remote"] else {})


def _at(made: Problem, block: int, day: int, room: int) -> Json:
    start = made.starts[block][1]
    clock = f"{start // 60:02d}:{start % 60:02d}"
    return {"day": DAYS[day], "start": clock, "room": None if room < 0 else made.rooms[room]}
