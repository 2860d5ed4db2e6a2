"""How much care a week asks for, over the most that its therapists, seats and rooms could give.

A first look before any solving, in figures that can be followed by hand. Care asked for is what the
weekly minimums of active patients ask, at its cheapest: every group full, no room where video may
do. Supply is what there would be if nothing ever collided. So therapist-hours above a ratio of 1
prove that somebody goes short, and a ratio below 1 promises nothing. Staff hours are counted as in
the staffing check of the domain study (section 3.3): group hours by full groups, a session an hour.
"""

from __future__ import annotations

from collections import defaultdict
from functools import reduce
from operator import or_
from typing import NamedTuple, TypedDict

from .clinic import Clinic
from .rooming import room_kinds
from .scenario import Group, Service
from .screening import screening_of
from .timegrid import bits

LINES = ("therapist_hours", "group_seats", "group_room_hours", "room_hours")
"""The lines of the comparison, of which the highest ratio is the most binding."""


class Line(TypedDict):
    """One resource: asked for and available in its unit; no ratio where there is none of it."""

    asked: float
    available: float
    ratio: float | None


class Care(TypedDict):
    """Care that the weekly minimums ask for: sessions, and clinical hours."""

    sessions: float
    hours: float


class Demand(TypedDict):
    """The comparison.

    ``ratio`` is that of the line named by ``binding``, the highest of the four; it is None if care
    is asked for of which there is nothing. ``group_room_hours`` compares group meetings with rooms
    at hours at which a group could meet there; ``room_hours`` all sessions with all rooms' hours.
    ``care`` is by format: group, individual, family.
    """

    ratio: float | None
    binding: str
    therapist_hours: Line
    group_seats: Line
    group_room_hours: Line
    room_hours: Line
    care: dict[str, Care]


class _Price(NamedTuple):
    """What one session of a patient costs at the least, in minutes, and what it gives at most."""

    staff: float
    room: float
    clinical: int


def demand_over_supply(clinic: Clinic) -> Demand:
    """Care asked for over what the resources could give at most, resource by resource."""
    staff, group_room, other_room = 0.0, 0.0, 0.0
    seats: dict[str, float] = defaultdict(float)
    care: dict[str, Care] = {f: {"sessions": 0.0, "hours": 0.0} for f in _FORMATS}
    for patient, entry in clinic.patients.items():
        if entry.status == "waitlist" or not clinic.stay[patient]:
            continue
        for service, sessions, price in _asked(clinic, patient):
            grouped = clinic.services[service].format == "group"
            staff += sessions * price.staff
            group_room += sessions * price.room if grouped else 0
            other_room += 0 if grouped else sessions * price.room
            seats[service] += sessions if grouped else 0
            of_format = care[clinic.services[service].format]
            of_format["sessions"] += sessions
            of_format["hours"] += sessions * price.clinical / 60
    places = _seats(clinic)
    lines = {
        "therapist_hours": _line(staff / 60, sum(therapist_minutes(clinic).values()) / 60),
        "group_seats": _line(sum(seats.values()), sum(places[s] for s in seats if seats[s])),
        "group_room_hours": _line(group_room / 60, _group_room_minutes(clinic) / 60),
        "room_hours": _line((group_room + other_room) / 60, _room_minutes(clinic) / 60),
    }
    binding = max(LINES, key=lambda key: _size(lines[key]))
    return {
        "ratio": lines[binding]["ratio"],
        "binding": binding,
        "therapist_hours": lines["therapist_hours"],
        "group_seats": lines["group_seats"],
        "group_room_hours": lines["group_room_hours"],
        "room_hours": lines["room_hours"],
        "care": {f: _rounded(c) for f, c in care.items()},
    }


_FORMATS = ("group", "individual", "family")


def _line(asked: float, available: float) -> Line:
    ratio = round(asked / available, 4) if available else (None if asked else 0.0)
    return {"asked": round(asked, 2), "available": round(available, 2), "ratio": ratio}


def _size(line: Line) -> float:
    return float("inf") if line["ratio"] is None else line["ratio"]


def _rounded(care: Care) -> Care:
    return {"sessions": round(care["sessions"], 2), "hours": round(care["hours"], 2)}


# -- care asked for -----------------------------------------------------------------------------


def _asked(clinic: Clinic, patient: str) -> list[tuple[str, float, _Price]]:
    """Sessions a patient's minimums ask for, by service, each with its least cost.

    Minutes beyond what the quotas' minimums give are asked of the service that gives them for the
    least therapist time, in parts of a session if need be.
    """
    needs = clinic.needs[patient]
    prices = {s: _price(clinic, patient, clinic.services[s]) for s in needs.quotas}
    out = [(s, float(least), prices[s]) for s, (least, _) in needs.quotas.items() if least]
    short = needs.minutes_min - sum(n * price.clinical for _, n, price in out)
    spare = {s for s, (least, most) in needs.quotas.items() if most is None or most > least}
    giving = [s for s in needs.quotas if s in spare and prices[s].clinical]
    if short > 0 and giving:
        best = min(giving, key=lambda s: prices[s].staff / prices[s].clinical)
        out.append((best, short / prices[best].clinical, prices[best]))
    return out


def _price(clinic: Clinic, patient: str, service: Service) -> _Price:
    if service.format != "group":
        held = clinic.grid.held(service.minutes)
        by_video = bool(screening_of(clinic).receiving(patient, service.id, True))
        return _Price(held, 0 if by_video else held, service.clinical)
    joined = [g for g in _groups_of(clinic).get(service.id, []) if _may_join(clinic, patient, g)]
    if not joined:
        # Asked for and in no group: seats are short, but nobody's time is.
        return _Price(0, 0, service.clinical)
    shares = [(clinic.grid.held(g.minutes) / max(1, g.size.max), g) for g in joined]
    return _Price(
        min(share * len(g.leaders) for share, g in shares),
        min(share if g.needs_room else 0 for share, g in shares),
        max(g.clinical for g in joined),
    )


def _may_join(clinic: Clinic, patient: str, group: Group) -> bool:
    return bool(screening_of(clinic).seat_modes(patient, group.id))


def _groups_of(clinic: Clinic) -> dict[str, list[Group]]:
    def make() -> dict[str, list[Group]]:
        out = defaultdict(list)
        for group in clinic.scenario.groups:
            out[group.service].append(group)
        return dict(out)

    return clinic.remember("groups by service", make)


# -- what there is ------------------------------------------------------------------------------


def therapist_minutes(clinic: Clinic) -> dict[str, int]:
    """Direct minutes each therapist could give: open hours, within daily and weekly limits."""
    out = {}
    for t, therapist in clinic.therapists.items():
        hours = clinic.reachable[t] & clinic.open_cells
        days = [
            (hours & clinic.grid.day_mask(d)).bit_count() * clinic.grid.minutes for d in range(7)
        ]
        if therapist.max_minutes_per_day is not None:
            days = [min(day, therapist.max_minutes_per_day) for day in days]
        week = sum(days)
        most = therapist.max_minutes_per_week
        out[t] = week if most is None else min(week, most)
    return out


def _room_minutes(clinic: Clinic) -> int:
    hours = (clinic.room_hours[r] & clinic.open_cells for r in clinic.rooms)
    return sum(mask.bit_count() for mask in hours) * clinic.grid.minutes


def _group_room_minutes(clinic: Clinic) -> int:
    """Room minutes in which some group could meet there."""
    total = 0
    for kind in room_kinds(clinic):
        cells = 0
        for group in clinic.scenario.groups:
            if group.needs_room and kind.capacity >= group.size.min:
                for start in bits(_starts(clinic, group, kind.name)):
                    day, minute = clinic.grid.clock_of(start)
                    cells |= clinic.meeting_cells(group, day, minute)
        total += cells.bit_count() * len(kind.rooms)
    return total * clinic.grid.minutes


def _starts(clinic: Clinic, group: Group, room: str | None) -> int:
    """Start cells of a group's meetings, in a room of a kind if one is named."""
    screen = screening_of(clinic)
    days = {d for pattern in clinic.day_sets[group.id] for d in pattern}
    mask = screen.gathering(group.id) & reduce(or_, map(clinic.grid.day_mask, days), 0)
    return mask & screen.housing(room, group.id, None) if room else mask


def _seats(clinic: Clinic) -> dict[str, int]:
    """Seats a week in each service: sections that could be led and roomed × meetings × seats."""
    out: dict[str, int] = defaultdict(int)
    for group in clinic.scenario.groups:
        heads, fitting = group.size.max, list(room_kinds(clinic))
        if group.modality == "in_person":
            fitting = [k for k in fitting if _starts(clinic, group, k.name)]
            heads = min(heads, max((k.capacity for k in fitting), default=0))
        sections, meetings = 0, 0
        for days in clinic.day_sets[group.id]:
            at_once = [
                _at_once(clinic, group, days, start) for start in _common(clinic, group, days)
            ]
            sections += sum(at_once)
            meetings = max(meetings, len(days) if any(at_once) else 0)
        out[group.service] += min(sections, group.max_sections) * meetings * heads
    return out


def _common(clinic: Clinic, group: Group, days: tuple[int, ...]) -> list[int]:
    """Times of day at which a group may start on every one of some days."""
    starts = _starts(clinic, group, None)
    on = [
        {clinic.grid.clock_of(c)[1] for c in bits(starts & clinic.grid.day_mask(d))} for d in days
    ]
    return sorted(set.intersection(*on)) if on else []


def _at_once(clinic: Clinic, group: Group, days: tuple[int, ...], start: int) -> int:
    """Sections of a group that could meet at the same time: enough leaders and rooms for each."""
    screen = screening_of(clinic)
    mask = sum(1 << clinic.grid.cell(day, start) for day in days)
    able = [
        {t for t in clinic.therapists if not mask & ~screen.lead_starts(t, group.id, place)}
        for place in range(len(group.leaders))
    ]
    most = group.max_sections
    if able:
        most = min(most, *map(len, able), len(set.union(*able)) // len(able))
    if group.needs_room:
        rooms = [
            sum(
                len(k.rooms)
                for k in room_kinds(clinic)
                if screen.housing(k.name, group.id, None) >> clinic.grid.cell(day, start) & 1
            )
            for day in days
        ]
        most = min(most, *rooms)
    return most
