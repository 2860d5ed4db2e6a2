"""A plain CP-SAT model of the whole specification: the opponent of the benchmark.

Written from the specification alone, without any part of `solver`, so that it also serves as an independent
source of optimal values on small weeks. One boolean a (group, days, start) and a (patient, such a section),
one a (patient, service, therapist, start) for appointments, rooms named, at most one session a cell for everybody.
No heuristics, no cuts, no decomposition: this is what a good engineer has after a day.

Decisions where the specification leaves room: no session runs over midnight; a plain solve continues sections of
the baseline by id only where a lock or a closed group asks for it; own leaders of a meeting, cancelled
meetings and absences are copied for locked sections and never invented.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import ceil, floor, lcm
from typing import Any

from ortools.sat.python import cp_model

from bench.plain_goals import GOALS, Goals, measure
from bench.plain_input import DAYS, Clinic, Entry, clinical_of, minute_of

Literal = cp_model.IntVar


@dataclass(frozen=True)
class Session:
    """What `literal` puts somebody into: `length` cells from cell `start` of `day`."""

    day: int
    start: int
    length: int
    literal: Literal
    service: str = ""
    clinical: int = 0
    remote: bool = False


@dataclass(frozen=True)
class Slot:
    """A section that continues one of the baseline, by its id."""

    id: str
    options: list[tuple[tuple[int, ...], int]]
    required: bool = False
    must: frozenset[str] = frozenset()  # members who may not leave
    only: frozenset[str] | None = None  # nobody else may be a member
    leaders: list[str] | None = None
    rooms: Mapping[int, str | None] = field(default_factory=dict)
    own: Mapping[int, list[str]] = field(default_factory=dict)  # own leaders of a meeting
    cancelled: frozenset[int] = frozenset()
    absent: frozenset[tuple[str, int]] = frozenset()
    base: Entry = field(default_factory=dict)


@dataclass
class Section:
    """A section that may run: a group, its open days, its start."""

    group: Entry
    days: tuple[int, ...]
    start: int
    slot: Slot | None
    open: Literal
    seats: dict[tuple[str, bool], Literal] = field(default_factory=dict)  # (patient, by video)
    leads: dict[tuple[int, str], Literal] = field(default_factory=dict)  # (place, therapist)
    rooms: dict[tuple[int, str], Literal] = field(default_factory=dict)  # (day, room)

    @property
    def cancelled(self) -> frozenset[int]:
        return self.slot.cancelled if self.slot else frozenset()

    @property
    def own(self) -> Mapping[int, list[str]]:
        return self.slot.own if self.slot else {}

    @property
    def live(self) -> list[int]:
        """Days on which the section does meet."""
        return [day for day in self.days if day not in self.cancelled]

    def misses(self, patient: str, day: int) -> bool:
        return self.slot is not None and (patient, day) in self.slot.absent

    def member(self, patient: str) -> Any:
        return sum(
            self.seats[key] for key in ((patient, False), (patient, True)) if key in self.seats
        )


@dataclass(frozen=True)
class Visit:
    """An appointment that may take place; `rank` is its place in the patient's week where that matters."""

    patient: str
    service: str
    rank: int
    therapist: str
    day: int
    start: int
    remote: bool
    literal: Literal

    @property
    def slot(self) -> tuple[str, str, int, int, int]:
        return self.patient, self.service, self.rank, self.day, self.start


class PlainModel:
    """Variables and rules; the goals are added by `Goals` when their tier comes up."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.model = cp_model.CpModel()
        self.sections: list[Section] = []
        self.visits: list[Visit] = []
        self.visit_rooms: dict[tuple[str, str, int, int, int], dict[str, Literal]] = {}
        self.sessions: dict[str, list[Session]] = {name: [] for name in clinic.patients}
        self.duties: dict[str, list[Session]] = {name: [] for name in clinic.therapists}
        self.room_use: dict[str, list[Session]] = {name: [] for name in clinic.rooms}
        self.attended: dict[tuple[str, int], Literal] = {}
        self.admitted: dict[str, Literal] = {}
        self._read_locks()
        for group in clinic.groups.values():
            self._add_group(group)
        for patient in clinic.patients:
            self._add_appointments(patient)
        self._collect_sessions()
        self._people_and_rooms_once()
        self._equipment()
        for therapist in clinic.therapists:
            self._therapist_load(therapist)
            self._meal_break(therapist)
        for patient in clinic.patients:
            self._patient_week(patient)
            self._single_track(patient)
            self._waitlist(patient)
        self._membership_locks()

    def bool(self) -> Literal:
        return self.model.new_bool_var("")

    # Locks

    def _read_locks(self) -> None:
        """`held[therapist, day]`: the ids of the baseline's sessions of a locked day; None of a day not locked."""
        c = self.clinic
        self.locked_sections: set[str] = set()
        self.locked_appointments: set[str] = set()
        self.kept_memberships: set[tuple[str, str]] = set()
        self.held: dict[tuple[str, int], set[str]] = {}
        for lock in c.scenario.get("locks", []):
            if "section" in lock:
                self.locked_sections.add(lock["section"])
            elif "appointment" in lock:
                self.locked_appointments.add(lock["appointment"])
            elif "patient" in lock:
                self.kept_memberships.add((lock["patient"], lock["group"]))
            else:
                self.held[lock["therapist"], DAYS.index(lock["day"])] = set()
        for (therapist, day), ids in self.held.items():
            for section in c.base_sections:
                for meeting in section["meetings"]:
                    if DAYS.index(meeting["day"]) == day and not meeting.get("cancelled"):
                        if therapist in meeting.get("leaders", section.get("leaders", [])):
                            ids.add("s:" + section["id"])
            for entry in c.base_appointments:
                if entry["therapist"] == therapist and DAYS.index(entry["day"]) == day:
                    ids.add("a:" + entry["id"])
                    self.locked_appointments.add(entry["id"])

    def _may_work(self, therapist: str, day: int, identity: str) -> bool:
        """False if the therapist's day is locked and this session is none of it."""
        ids = self.held.get((therapist, day))
        return ids is None or identity in ids

    # Sections

    def _add_group(self, group: Entry) -> None:
        c = self.clinic
        based = [s for s in c.base_sections if s["group"] == group["id"]]
        slots = [slot for slot in (self._slot(group, section) for section in based) if slot]
        mine: list[Section] = []
        for slot in slots:
            found = [
                s
                for days, start in slot.options
                for s in self._add_sections(group, days, start, slot)
            ]
            opened = sum(section.open for section in found)
            self.model.add(opened == 1 if slot.required else opened <= 1)
            mine += found
        if not (group.get("closed") and based):
            for days, start in self._options(group):
                mine += self._add_sections(group, days, start, None)
        self.model.add(sum(section.open for section in mine) <= group.get("max_sections", 1))
        for patient in c.patients:
            self.model.add(sum(s.member(patient) for s in mine) <= group.get("per_patient", 1))
        self.sections += mine

    def _day_sets(self, group: Entry) -> list[tuple[int, ...]]:
        """Sets of days a section may meet on: the patterns less the days on which the clinic is shut."""
        c = self.clinic
        if "day_patterns" in group:
            patterns = ({DAYS.index(name) for name in pattern} for pattern in group["day_patterns"])
            return sorted({tuple(sorted(p - c.closed)) for p in patterns if p - c.closed})
        open_days = sorted(c.opening_days - c.closed)
        asked = min(group["meetings_per_week"], len(open_days))
        return [days for days in combinations(open_days, asked) if days]

    def _options(self, group: Entry) -> list[tuple[tuple[int, ...], int]]:
        starts = range(self.clinic.per_day)
        return [
            (days, start)
            for days in self._day_sets(group)
            for start in starts
            if self._fits(group, days, start)
        ]

    def _fits(self, group: Entry, days: Iterable[int], start: int) -> bool:
        """Start times, windows, opening hours and equipment let the group meet then."""
        c, length = self.clinic, self.clinic.group_cells(group)
        if "start_times" in group and start not in {
            c.start_of(clock) for clock in group["start_times"]
        }:
            return False
        if start + length > c.per_day:
            return False
        allowed = c.hours & c.inside(group["windows"]) if "windows" in group else c.hours
        for item, count in group.get("equipment", {}).items():
            if count > 0:
                allowed = (
                    allowed & c.item_cells[item]
                    if count <= c.equipment[item]["quantity"]
                    else set()
                )
        return all(allowed.issuperset(c.span(day, start, length)) for day in days)

    def _slot(self, group: Entry, base: Entry) -> Slot | None:
        """The slot of a baseline's section that is locked or of a closed group; None if it need not continue."""
        c = self.clinic
        met = {DAYS.index(meeting["day"]): meeting for meeting in base["meetings"]}
        days = tuple(sorted(set(met) - c.closed))
        start = c.start_of(base["meetings"][0]["start"])
        whole = base["id"] in self.locked_sections
        held = {day for (_, day), ids in self.held.items() if "s:" + base["id"] in ids} - c.closed
        if not days or not (whole or held or group.get("closed")):
            return None
        copied = set(days) if whole else held
        own = {day: met[day]["leaders"] for day in copied if "leaders" in met[day]}
        if whole or group.get("closed"):
            shrunk = self._day_sets(group)
            if "day_patterns" not in group and len(met) == group["meetings_per_week"]:
                shrunk = [
                    *shrunk,
                    days,
                ]  # met as often as it should before the closed dates fell away
            options = [(days, start)] if start is not None and days in shrunk else []
        else:
            options = [(d, s) for d, s in self._options(group) if s == start and held <= set(d)]
            options = [(d, s) for d, s in options if not own or set(d) <= set(days)]
        absences = {(a["patient"], DAYS.index(a["day"])) for a in base.get("absences", [])}
        members = frozenset(base["members"])
        return Slot(
            id=base["id"],
            options=[(d, s) for d, s in options if self._fits(group, d, s)],
            required=bool(whole or held),
            must=members if whole or held else frozenset(),
            only=members if group.get("closed") else None,
            leaders=base.get("leaders", []) if whole or held else None,
            rooms={day: met[day].get("room") for day in copied},
            own=own,
            cancelled=frozenset(day for day in days if whole and met[day].get("cancelled")),
            absent=frozenset((p, d) for p, d in absences if d in copied and p in members),
            base=base,
        )

    def _add_sections(
        self, group: Entry, days: tuple[int, ...], start: int, slot: Slot | None
    ) -> Iterator[Section]:
        """The section of a slot, or as many alike ones side by side as could run at the same time."""
        c = self.clinic
        section = Section(group, days, start, slot, None)
        leads = [
            [t for t in c.therapists if self._may_lead(section, place, t)]
            for place in range(len(places(group)))
        ]
        rooms = {
            day: [r for r in c.rooms if self._room_suits(section, day, r)] for day in section.live
        }
        with_room = group.get("modality", "in_person") in ("in_person", "hybrid")
        seats = [
            (p, remote)
            for p in c.patients
            for remote in (False, True)
            if self._seat(section, p, remote)
        ]
        if not all(leads) or (with_room and not all(rooms.values())):
            return
        if slot and not with_room and any(slot.rooms.get(day) for day in section.live):
            return
        if slot and not (slot.must <= {p for p, _ in seats} and self._copied_leaders_fit(section)):
            return
        copies = 1
        if slot is None:
            copies = group.get("max_sections", 1)
            if leads:
                copies = min(copies, len({t for place in leads for t in place}) // len(leads))
            if with_room:
                copies = min(copies, *(len(found) for found in rooms.values()))
            if group["size"].get("min", 0) > 0:
                copies = min(copies, len({p for p, _ in seats}) // group["size"]["min"])
        for _ in range(copies):
            copy = Section(group, days, start, slot, self.bool())
            copy.seats = {key: self.bool() for key in seats}
            copy.leads = {(k, t): self.bool() for k, place in enumerate(leads) for t in place}
            if with_room:
                copy.rooms = {(day, r): self.bool() for day, found in rooms.items() for r in found}
            self._section_rules(copy)
            yield copy

    def _may_lead(self, section: Section, place: int, therapist: str) -> bool:
        """Credentials, hours and language let the therapist lead all meetings that have no own leaders."""
        slot = section.slot
        if slot and slot.leaders is not None and slot.leaders[place : place + 1] != [therapist]:
            return False
        days = [day for day in section.live if day not in section.own]
        return all(self._leads_on(section, place, therapist, day) for day in days)

    def _leads_on(self, section: Section, place: int, therapist: str, day: int) -> bool:
        c, group = self.clinic, section.group
        cells = c.anywhere if group.get("modality") == "telehealth" else c.on_site
        return (
            c.holds_credential(therapist, places(group)[place], day)
            and c.speaks(c.therapists[therapist], group.get("language"))
            and cells[therapist].issuperset(c.span(day, section.start, c.group_cells(group)))
            and self._may_work(therapist, day, "s:" + section.slot.id if section.slot else "")
        )

    def _copied_leaders_fit(self, section: Section) -> bool:
        """Own leaders of a locked section's meetings are one for each place, distinct and legal."""
        wanted = len(places(section.group))
        if (
            section.slot
            and section.slot.leaders is not None
            and len(section.slot.leaders) != wanted
        ):
            return False
        for day, own in section.own.items():
            if day in section.cancelled:
                continue
            if (
                len(own) != wanted
                or len(set(own)) != wanted
                or not set(own) <= set(self.clinic.therapists)
            ):
                return False
            if not all(self._leads_on(section, place, t, day) for place, t in enumerate(own)):
                return False
        return True

    def _room_suits(self, section: Section, day: int, room: str) -> bool:
        c, group = self.clinic, section.group
        if section.slot and day in section.slot.rooms and section.slot.rooms[day] != room:
            return False
        features = set(group.get("room_features", []))
        return features <= set(c.rooms[room].get("features", [])) and c.room_cells[room].issuperset(
            c.span(day, section.start, c.group_cells(group))
        )

    def _seat(self, section: Section, patient: str, remote: bool) -> bool:
        """Whether the patient may be a member, by video or in person."""
        c, group, entry = self.clinic, section.group, self.clinic.patients[patient]
        modality = group.get("modality", "in_person")
        if modality != "hybrid" and remote != (modality == "telehealth"):
            return False
        if entry.get("attends", "either") == ("in_person" if remote else "remote"):
            return False
        if section.slot and section.slot.only is not None and patient not in section.slot.only:
            return False
        if not eligible(entry, group) or group["service"] not in c.demand[patient].quotas:
            return False
        if not c.speaks(entry, group.get("language")):
            return False
        due = [day for day in section.days if c.present(patient, day)]
        length, free = c.group_cells(group), c.free[patient, remote]
        return bool(due) and all(
            free.issuperset(c.span(day, section.start, length))
            for day in due
            if day in section.live and not section.misses(patient, day)
        )

    def _section_rules(self, section: Section) -> None:
        """Size, leaders, rooms with their capacity, and who may not sit together."""
        c, model, group = self.clinic, self.model, section.group
        people = sorted({patient for patient, _ in section.seats})
        for patient in people:
            model.add(section.member(patient) <= section.open)
            if section.slot and patient in section.slot.must:
                model.add(section.member(patient) == section.open)
        seated = sum(section.seats.values())
        model.add(seated >= group["size"].get("min", 0) * section.open)
        model.add(seated <= group["size"]["max"] * section.open)
        for place in range(len(places(group))):
            model.add(sum(v for (k, _), v in section.leads.items() if k == place) == section.open)
        for therapist in c.therapists:
            model.add(
                sum(v for (_, t), v in section.leads.items() if t == therapist) <= section.open
            )
            for patient in people:
                if not c.serves(therapist, patient):
                    for leads in self.leading(section, therapist).values():
                        model.add(section.member(patient) + leads <= 1)
        for day in section.live if section.rooms else []:
            rooms = {room: v for (d, room), v in section.rooms.items() if d == day}
            model.add(sum(rooms.values()) == section.open)
            sitting = [
                v
                for (p, remote), v in section.seats.items()
                if not remote and c.present(p, day) and not section.misses(p, day)
            ]
            model.add(
                sum(sitting) <= sum(c.rooms[room]["capacity"] * v for room, v in rooms.items())
            )
        for one in people:
            for other in c.patients[one].get("keep_apart", []):
                if other in people and other != one:
                    model.add(section.member(one) + section.member(other) <= 1)

    def leading(self, section: Section, therapist: str) -> dict[int, Any]:
        """By day: what is 1 if the therapist leads that meeting of the section."""
        ordinary = sum(v for (_, t), v in section.leads.items() if t == therapist)
        led: dict[int, Any] = {}
        for day in section.live:
            if day in section.own:
                if therapist in section.own[day]:
                    led[day] = section.open
            elif not isinstance(ordinary, int):
                led[day] = ordinary
        return led

    # Appointments

    def _add_appointments(self, patient: str) -> None:
        """Candidates for every individual and family service the patient has a quota of."""
        c, demand = self.clinic, self.clinic.demand[patient]
        for name, (_, most) in demand.quotas.items():
            service = c.services[name]
            if service["format"] == "group":
                continue
            length = c.cells_of(service["minutes"])
            places_in_time = [
                (day, start)
                for day in range(7)
                for start in range(c.per_day - length + 1)
                if c.hours.issuperset(c.span(day, start, length))
            ]
            based = [
                a for a in c.base_appointments if a["patient"] == patient and a["service"] == name
            ]
            most = len(places_in_time) // length + 7 if most is None else most
            if clinical_of(service) and demand.minutes_max is not None:
                most = min(most, demand.minutes_max // clinical_of(service))
            ranks = range(most) if based else range(min(most, 1))
            for rank in ranks:
                for day, start in places_in_time:
                    self._add_visits(patient, service, rank, day, start, length)
            if based:
                self._rank_in_time(patient, name, list(ranks))
            for entry in based:
                if (
                    entry["id"] in self.locked_appointments
                    and DAYS.index(entry["day"]) not in c.closed
                ):
                    self._lock_appointment(entry)
        for entry in c.base_appointments:
            if entry["patient"] == patient and entry["service"] not in demand.quotas:
                if (
                    entry["id"] in self.locked_appointments
                    and DAYS.index(entry["day"]) not in c.closed
                ):
                    self.model.add_bool_or([])

    def _add_visits(
        self, patient: str, service: Entry, rank: int, day: int, start: int, length: int
    ) -> None:
        c, cells = self.clinic, set(self.clinic.span(day, start, length))
        attends = c.patients[patient].get("attends", "either")
        for item, count in service.get("equipment", {}).items():
            if count > c.equipment[item]["quantity"] or (
                count > 0 and not cells <= c.item_cells[item]
            ):
                return
        if service["format"] == "family" and not cells <= c.family[patient]:
            return
        for remote in (False, True):
            if (remote and not service.get("remote")) or attends == (
                "in_person" if remote else "remote"
            ):
                continue
            if not cells <= c.free[patient, remote]:
                continue
            rooms = [] if remote else self._appointment_rooms(service, cells)
            if not remote and not rooms:
                continue
            able = [
                t for t in c.therapists if self._may_see(t, patient, service, day, cells, remote)
            ]
            mine = [
                Visit(patient, service["id"], rank, t, day, start, remote, self.bool())
                for t in able
            ]
            if mine and not remote:
                named = {room: self.bool() for room in rooms}
                self.visit_rooms[mine[0].slot] = named
                self.model.add(sum(named.values()) == sum(visit.literal for visit in mine))
            self.visits += mine

    def _appointment_rooms(self, service: Entry, cells: set[int]) -> list[str]:
        c = self.clinic
        party = service.get("party_size", 3 if service["format"] == "family" else 1)
        features = set(service.get("room_features", []))
        return [
            name
            for name, room in c.rooms.items()
            if room["capacity"] >= party
            and features <= set(room.get("features", []))
            and cells <= c.room_cells[name]
        ]

    def _may_see(
        self, therapist: str, patient: str, service: Entry, day: int, cells: set[int], remote: bool
    ) -> bool:
        c = self.clinic
        if not c.holds_credential(therapist, service.get("credentials", []), day):
            return False
        if not (c.share_language(therapist, patient) and c.serves(therapist, patient)):
            return False
        if not cells <= (c.anywhere if remote else c.on_site)[therapist]:
            return False
        if (therapist, day) not in self.held:
            return True
        return any(  # a locked day: only the appointments it has
            a["therapist"] == therapist
            and (a["patient"], a["service"]) == (patient, service["id"])
            and (DAYS.index(a["day"]), c.start_of(a["start"]))
            == (day, min(cells) - day * c.per_day)
            for a in c.base_appointments
        )

    def _rank_in_time(self, patient: str, service: str, ranks: list[int]) -> None:
        """The k-th appointment is before the next one, and there is no next one without it."""
        model, c = self.model, self.clinic
        mine = [v for v in self.visits if (v.patient, v.service) == (patient, service)]
        used = []
        for rank in ranks:
            used.append(self.bool())
            model.add(sum(v.literal for v in mine if v.rank == rank) == used[-1])
        when = [
            sum((v.day * c.per_day + v.start) * v.literal for v in mine if v.rank == rank)
            for rank in ranks
        ]
        for rank in ranks[1:]:
            model.add_implication(used[rank], used[rank - 1])
            model.add(when[rank] >= when[rank - 1] + 1).only_enforce_if(used[rank])

    def _lock_appointment(self, entry: Entry) -> None:
        c, model = self.clinic, self.model
        wanted = (entry["therapist"], DAYS.index(entry["day"]), c.start_of(entry["start"]))
        remote, room = bool(entry.get("remote")), entry.get("room")
        same = [
            v
            for v in self.visits
            if (v.patient, v.service) == (entry["patient"], entry["service"])
            and (v.therapist, v.day, v.start) == wanted
            and v.remote == remote
        ]
        model.add_exactly_one(v.literal for v in same)
        if not remote:
            named = [
                self.visit_rooms[v.slot][room] for v in same if room in self.visit_rooms[v.slot]
            ]
            model.add_exactly_one(named)
        elif room is not None:
            model.add_bool_or([])

    # People, rooms, things

    def _collect_sessions(self) -> None:
        """Who and what is where, for each literal that puts them there."""
        c = self.clinic
        for section in self.sections:
            group, length = section.group, c.group_cells(section.group)
            for (patient, remote), seat in section.seats.items():
                for day in section.live:
                    if c.present(patient, day) and not section.misses(patient, day):
                        self.sessions[patient].append(
                            Session(
                                day,
                                section.start,
                                length,
                                seat,
                                group["service"],
                                clinical_of(group),
                                remote,
                            )
                        )
            for day in section.live:
                for t in section.own.get(day, []):
                    self.duties[t].append(Session(day, section.start, length, section.open))
                if day not in section.own:
                    for (_, t), leads in section.leads.items():
                        self.duties[t].append(Session(day, section.start, length, leads))
            for (day, room), used in section.rooms.items():
                self.room_use[room].append(Session(day, section.start, length, used))
        for visit in self.visits:
            service = c.services[visit.service]
            length = c.cells_of(service["minutes"])
            self.sessions[visit.patient].append(
                Session(
                    visit.day,
                    visit.start,
                    length,
                    visit.literal,
                    visit.service,
                    clinical_of(service),
                    visit.remote,
                )
            )
            self.duties[visit.therapist].append(
                Session(visit.day, visit.start, length, visit.literal)
            )
        for (_, name, _, day, start), rooms in self.visit_rooms.items():
            for room, used in rooms.items():
                length = c.cells_of(c.services[name]["minutes"])
                self.room_use[room].append(Session(day, start, length, used))

    def by_cell(self, sessions: Iterable[Session]) -> dict[int, list[Literal]]:
        cells: dict[int, list[Literal]] = defaultdict(list)
        for session in sessions:
            for cell in self.clinic.span(session.day, session.start, session.length):
                cells[cell].append(session.literal)
        return cells

    def _people_and_rooms_once(self) -> None:
        for book in (self.sessions, self.duties, self.room_use):
            for sessions in book.values():
                for literals in self.by_cell(sessions).values():
                    self.model.add_at_most_one(literals)

    def _equipment(self) -> None:
        c = self.clinic
        for item, entry in c.equipment.items():
            use: dict[int, list[Any]] = defaultdict(list)
            for section in self.sections:
                count = section.group.get("equipment", {}).get(item, 0)
                for day in section.live if count else []:
                    for cell in c.span(day, section.start, c.group_cells(section.group)):
                        use[cell].append(count * section.open)
            for visit in self.visits:
                service = c.services[visit.service]
                count = service.get("equipment", {}).get(item, 0)
                if count:
                    for cell in c.span(visit.day, visit.start, c.cells_of(service["minutes"])):
                        use[cell].append(count * visit.literal)
            for uses in use.values():
                self.model.add(sum(uses) <= entry["quantity"])

    def _therapist_load(self, therapist: str) -> None:
        c, model, entry = self.clinic, self.model, self.clinic.therapists[therapist]
        duties = self.duties[therapist]
        if "max_minutes_per_week" in entry:
            held = sum(c.grid * d.length * d.literal for d in duties)
            model.add(held <= entry["max_minutes_per_week"])
        if "max_minutes_per_day" in entry:
            for day in range(7):
                held = sum(c.grid * d.length * d.literal for d in duties if d.day == day)
                model.add(held <= entry["max_minutes_per_day"])
        if "max_consecutive_minutes" in entry:
            cells, most = self.by_cell(duties), entry["max_consecutive_minutes"] // c.grid
            for first in cells:
                row = range(first, first + most + 1)
                if all(cell in cells for cell in row):
                    model.add(sum(sum(cells[cell]) for cell in row) <= most)
        if "max_caseload" in entry:
            seen: dict[str, list[Literal]] = defaultdict(list)
            for visit in self.visits:
                if (
                    visit.therapist == therapist
                    and c.services[visit.service]["format"] == "individual"
                ):
                    seen[visit.patient].append(visit.literal)
            cases = {patient: self.bool() for patient in seen}
            for patient, literals in seen.items():
                for literal in literals:
                    model.add_implication(literal, cases[patient])
            model.add(sum(cases.values()) <= entry["max_caseload"])

    def _meal_break(self, therapist: str) -> None:
        """Who works across the whole meal span has a run of free cells inside it."""
        c, model, meal = self.clinic, self.model, self.clinic.therapists[therapist].get("meal")
        if not meal:
            return
        opens, closes = (minute_of(clock) for clock in meal["between"])
        inside = range(ceil(opens / c.grid), closes // c.grid)
        needed = c.cells_of(meal["minutes"])
        for day in range(7):
            duties = [d for d in self.duties[therapist] if d.day == day]
            before = [d.literal for d in duties if d.start * c.grid <= opens]
            after = [d.literal for d in duties if (d.start + d.length) * c.grid >= closes]
            if not before or not after:
                continue
            begins, ends = self.bool(), self.bool()
            for literal in before:
                model.add_implication(literal, begins)
            for literal in after:
                model.add_implication(literal, ends)
            cells, runs = self.by_cell(duties), []
            for first in range(inside.start, inside.stop - needed + 1):
                runs.append(self.bool())
                for cell in c.span(day, first, needed):
                    if cell in cells:
                        model.add(sum(cells[cell]) <= 1 - runs[-1])
            model.add_bool_or([*runs, begins.negated(), ends.negated()])

    # A patient's week

    def _patient_week(self, patient: str) -> None:
        """Upper limits of the week and of the days, attended days, and gaps between them."""
        c, model, demand = self.clinic, self.model, self.clinic.demand[patient]
        sessions = self.sessions[patient]
        for service, (_, most) in demand.quotas.items():
            if most is not None:
                model.add(sum(s.literal for s in sessions if s.service == service) <= most)
        if demand.minutes_max is not None:
            model.add(sum(s.clinical * s.literal for s in sessions) <= demand.minutes_max)
        for day in range(7):
            counted = [s for s in sessions if s.day == day and s.clinical > 0]
            attended = self.attended[patient, day] = self.bool()
            for session in counted:
                model.add_implication(session.literal, attended)
            model.add(sum(s.literal for s in counted) >= attended)
            if demand.day_minutes_max is not None:
                model.add(sum(s.clinical * s.literal for s in counted) <= demand.day_minutes_max)
            if demand.day_sessions_max is not None:
                model.add(sum(s.literal for s in counted) <= demand.day_sessions_max)
        attended_days = [self.attended[patient, day] for day in range(7)]
        if demand.days_max is not None:
            model.add(sum(attended_days) <= demand.days_max)
        if demand.rolling:
            days, most = demand.rolling
            for first in range(max(1, 8 - days)):
                window = range(first, first + days)
                model.add(sum(s.literal for s in sessions if s.day in window) <= most)
        if demand.max_gap is not None:
            for one, other in combinations(range(7), 2):
                if other - one - 1 > demand.max_gap:
                    between = attended_days[one + 1 : other]
                    model.add_bool_or(
                        [attended_days[one].negated(), attended_days[other].negated(), *between]
                    )

    def _single_track(self, patient: str) -> None:
        c, model = self.clinic, self.model
        if not c.demand[patient].single_track:
            return
        tracks = [c.inside(track["windows"]) for track in c.scenario.get("tracks", [])]
        chosen = [self.bool() for _ in tracks]
        model.add_exactly_one(chosen)
        for section in self.sections:
            length = c.group_cells(section.group)
            days = [
                d for d in section.live if c.present(patient, d) and not section.misses(patient, d)
            ]
            cells = {cell for day in days for cell in c.span(day, section.start, length)}
            good = [mark for mark, inside in zip(chosen, tracks, strict=True) if cells <= inside]
            model.add(section.member(patient) <= sum(good))

    def minutes(self, patient: str) -> Any:
        return sum(s.clinical * s.literal for s in self.sessions[patient])

    def count(self, patient: str, service: str) -> Any:
        return sum(s.literal for s in self.sessions[patient] if s.service == service)

    def days(self, patient: str) -> Any:
        return sum(self.attended[patient, day] for day in range(7))

    def _waitlist(self, patient: str) -> None:
        """Admitted with everything at its minimum, or without a session."""
        model, demand = self.model, self.clinic.demand[patient]
        if self.clinic.patients[patient].get("status", "active") != "waitlist":
            return
        admitted = self.admitted[patient] = self.bool()
        for session in self.sessions[patient]:
            model.add_implication(session.literal, admitted)
        model.add(sum(s.literal for s in self.sessions[patient]) >= admitted)
        model.add(self.minutes(patient) >= demand.minutes_min * admitted)
        model.add(self.days(patient) >= demand.days_min * admitted)
        for service, (least, _) in demand.quotas.items():
            model.add(self.count(patient, service) >= least * admitted)

    def _membership_locks(self) -> None:
        for patient, group in self.kept_memberships:
            mine = [s.member(patient) for s in self.sections if s.group["id"] == group]
            self.model.add(sum(mine) >= 1)

    # The schedule

    def schedule(self, value: Mapping[int, int]) -> dict[str, Any]:
        """The schedule in the form of section 3, from a solution by variable index."""
        c = self.clinic
        sections, appointments = [], []
        taken = {entry["id"] for entry in c.base_sections + c.base_appointments}
        fresh = (f"n{number}" for number in range(10**9) if f"n{number}" not in taken)
        for section in self.sections:
            if value[section.open.index]:
                identity = section.slot.id if section.slot else next(fresh)
                sections.append(self._written_section(section, identity, value))
        locked = {
            (a["patient"], a["service"], DAYS.index(a["day"]), c.start_of(a["start"])): a["id"]
            for a in c.base_appointments
            if a["id"] in self.locked_appointments
        }
        for visit in self.visits:
            if value[visit.literal.index]:
                rooms = {} if visit.remote else self.visit_rooms[visit.slot]
                entry = {
                    "id": locked.get((visit.patient, visit.service, visit.day, visit.start))
                    or next(fresh),
                    "service": visit.service,
                    "patient": visit.patient,
                    "therapist": visit.therapist,
                    "day": DAYS[visit.day],
                    "start": c.clock(visit.start),
                    "room": next((name for name, used in rooms.items() if value[used.index]), None),
                }
                appointments.append(entry | ({"remote": True} if visit.remote else {}))
        out = {
            "schema_version": 1,
            "scenario": c.scenario.get("name", ""),
            "week_start": c.scenario["week_start"],
            "sections": sections,
            "appointments": appointments,
        }
        left = [p for p, admitted in self.admitted.items() if not value[admitted.index]]
        return out | ({"not_admitted": left} if left else {})

    def _written_section(
        self, section: Section, identity: str, value: Mapping[int, int]
    ) -> dict[str, Any]:
        c = self.clinic
        meetings = []
        for day in section.days:
            rooms = [
                room for (d, room), used in section.rooms.items() if d == day and value[used.index]
            ]
            if day in section.cancelled and section.slot:
                rooms = [section.slot.rooms.get(day)]
            meeting: dict[str, Any] = {
                "day": DAYS[day],
                "start": c.clock(section.start),
                "room": rooms[0] if rooms else None,
            }
            if day in section.own:
                meeting["leaders"] = section.own[day]
            if day in section.cancelled:
                meeting["cancelled"] = True
            meetings.append(meeting)
        leaders = sorted((k, t) for (k, t), leads in section.leads.items() if value[leads.index])
        members = [key for key, seat in section.seats.items() if value[seat.index]]
        out = {
            "id": identity,
            "group": section.group["id"],
            "leaders": [t for _, t in leaders],
            "meetings": meetings,
            "members": [patient for patient, _ in members],
        }
        if section.group.get("modality") == "hybrid" and any(remote for _, remote in members):
            out["remote_members"] = [patient for patient, remote in members if remote]
        if section.slot and section.slot.absent:
            absences = [(p, d) for p, d in sorted(section.slot.absent) if d in section.days]
            out["absences"] = [{"patient": p, "day": DAYS[d]} for p, d in absences]
        return out


def places(group: Entry) -> list[list[str]]:
    """The leaders' places of a group: for each, the credentials any one of which will do."""
    return [place.get("credentials", []) for place in group.get("leaders", [])]


def eligible(patient: Entry, group: Entry) -> bool:
    rule, tags = group.get("eligible", {}), set(patient.get("tags", []))
    return (
        ("programs" not in rule or patient["program"] in rule["programs"])
        and ("tags_any" not in rule or bool(tags & set(rule["tags_any"])))
        and not tags & set(rule.get("tags_none", []))
        and ("genders" not in rule or patient.get("gender") in rule["genders"])
    )


# Solving, tier by tier


@dataclass(frozen=True)
class Tier:
    """Goals added up with their weights; `scale` times a weight is whole."""

    goals: list[str]
    weights: dict[str, Fraction]
    tolerance: Fraction

    @property
    def scale(self) -> int:
        return lcm(*(weight.denominator for weight in self.weights.values()))

    def value(self, measured: Mapping[str, int]) -> Fraction:
        return sum((self.weights[goal] * measured[goal] for goal in self.goals), Fraction(0))


def tiers_of(scenario: Entry) -> list[Tier]:
    policy = scenario.get("policy", {})
    named: list[list[str]] = policy.get("tiers", [])
    left = [[goal] for goal in GOALS if not any(goal in tier for tier in named)]
    weights, tolerances = policy.get("weights", {}), policy.get("tolerances", {})
    return [
        Tier(
            list(goals),
            {goal: Fraction(str(weights.get(goal, 1))) for goal in goals},
            max(Fraction(str(tolerances.get(goal, 0))) for goal in goals),
        )
        for goals in [*named, *left]
        if goals
    ]


class _StopLate(cp_model.CpSolverSolutionCallback):
    """Ends a search at `until`, but not before there is a first schedule."""

    def __init__(self, until: float) -> None:
        super().__init__()
        self.until, self.found = until, False

    def on_solution_callback(self) -> None:
        self.found = True
        if time.monotonic() > self.until:
            self.stop_search()


class _Run:
    """One call of `solve_plain`: the model, the best schedule so far, the clock."""

    def __init__(self, scenario: Entry, time_limit: float, parameters: dict[str, Any]) -> None:
        self.begun = time.monotonic()
        self.deadline = self.begun + time_limit
        self.parameters = parameters
        self.clinic = Clinic(scenario)
        self.tiers = tiers_of(self.clinic.scenario)
        self.plain = PlainModel(self.clinic)
        self.goals = Goals(self.plain)
        for goal in self.clinic.scenario.get("policy", {}).get("strict", []):
            self.plain.model.add(self.goals.expression(goal) == 0)
        self.best: dict[str, Any] | None = None
        self.measured: dict[str, int] = {}

    def search(self, tier: Tier, until: float) -> tuple[int, float]:
        """Minimise one tier; keeps a schedule found. The solver's status, and its bound on the tier's value."""
        model = self.plain.model
        objective = sum(
            int(tier.weights[goal] * tier.scale) * self.goals.expression(goal)
            for goal in tier.goals
        )
        model.minimize(objective)
        solver, stop = cp_model.CpSolver(), _StopLate(until)
        limit = until if self.best else self.deadline
        solver.parameters.max_time_in_seconds = max(0.01, limit - time.monotonic())
        for name, setting in self.parameters.items():
            getattr(solver.parameters, name).extend(setting) if isinstance(
                setting, tuple
            ) else setattr(solver.parameters, name, setting)
        timer = threading.Timer(
            max(0.0, until - time.monotonic()), lambda: solver.stop_search() if stop.found else None
        )
        timer.daemon = True
        timer.start()
        status = solver.solve(model, stop)
        timer.cancel()
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self._keep(solver, tier)
            return status, solver.best_objective_bound
        return status, 0.0

    def _keep(self, solver: cp_model.CpSolver, tier: Tier) -> None:
        """Take over the solution, as the schedule and as the hint for what follows."""
        model = self.plain.model
        value = list(solver.response_proto.solution)
        schedule = self.plain.schedule(dict(enumerate(value)))
        measured = measure(self.clinic, schedule)
        if tier.value(measured) * tier.scale > round(solver.objective_value):
            raise RuntimeError(
                f"{tier.goals}: measured {measured}, the model says {solver.objective_value}"
            )
        self.best, self.measured = schedule, measured
        model.clear_hints()
        for index, number in enumerate(value):
            model.add_hint(model.get_int_var_from_proto_index(index), number)

    def settle(self, number: int) -> tuple[dict[str, Any], str]:
        """Work on one tier; its line of the result, and `infeasible` or `unknown` if it ended so."""
        tier = self.tiers[number]
        line: dict[str, Any] = {"goals": tier.goals, "value": None, "bound": 0, "proved": False}
        left = self.deadline - time.monotonic()
        state, best = "", tier.value(self.measured) if self.best else None
        if best == 0:
            line["proved"] = True
        elif left > 0.05:
            share = left if number == len(self.tiers) - 1 else left / 2
            status, bound = self.search(tier, time.monotonic() + share)
            if status in (cp_model.INFEASIBLE, cp_model.MODEL_INVALID):
                if self.best or status == cp_model.MODEL_INVALID:
                    raise RuntimeError(
                        f"{tier.goals}: {self.plain.model.validate() or 'no schedule any more'}"
                    )
                state = "infeasible"
            line["proved"] = status == cp_model.OPTIMAL
            line["bound"] = plain_number(Fraction(max(0, ceil(bound - 1e-6)), tier.scale))
        if self.best:
            settled = tier.value(self.measured)
            if line["proved"]:
                line["bound"] = plain_number(settled)
            allowed = settled + floor(settled * tier.tolerance)
            keep = sum(
                int(tier.weights[g] * tier.scale) * self.goals.expression(g) for g in tier.goals
            )
            if number < len(self.tiers) - 1:
                self.plain.model.add(keep <= int(allowed * tier.scale))
        elif not state:
            state = "unknown"
        return line, state


def plain_number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def solve_plain(
    scenario: dict[str, Any],
    time_limit: float,
    *,
    workers: int = 0,
    extra_subsolvers: tuple[str, ...] = (),
    seed: int = 0,
    log: bool = False,
) -> dict[str, Any]:
    """Solve a parsed scenario, tier by tier; the time limit covers building too.

    A tier takes at most half of the time that is left, the last one all of it; the first one goes on until
    there is a schedule. Every tier's value is that of the schedule given out; its bound and `proved` come
    from its own search, in which the tiers before it were held at what they had reached, plus tolerance.
    """
    parameters: dict[str, Any] = {"random_seed": seed, "log_search_progress": log}
    if workers:
        parameters["num_workers"] = workers
    if extra_subsolvers:
        parameters["extra_subsolvers"] = tuple(extra_subsolvers)
    run = _Run(scenario, time_limit, parameters)
    lines: list[dict[str, Any]] = []
    status = "optimal"
    for number in range(len(run.tiers)):
        line, state = run.settle(number)
        lines.append(line)
        if state:
            status = state
            break
    for line, tier in zip(lines, run.tiers, strict=False):
        if run.best:
            line["value"] = plain_number(tier.value(run.measured))
    if status == "optimal" and not all(line["proved"] for line in lines):
        status = "feasible"
    return {
        "status": status,
        "seconds": time.monotonic() - run.begun,
        "schedule": run.best,
        "tiers": lines,
    }
