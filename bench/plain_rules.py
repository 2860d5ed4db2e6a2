"""Variables and rules of the plain model: section 4 of the specification as CP-SAT constraints.

Candidates that break a rule by themselves (hours, credentials, language, eligibility, rooms) get no
variable; what couples them is a constraint.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from math import ceil
from typing import Any

from ortools.sat.python import cp_model

from bench.plain_input import DAYS, Clinic, Entry, clinical_of, minute_of

Literal = cp_model.IntVar
Option = tuple[tuple[int, ...], int]  # the days of a section, its start


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
    options: list[Option]
    required: bool = False
    must: frozenset[str] = frozenset()  # members who may not leave
    only: frozenset[str] | None = None  # nobody else may be a member
    leaders: list[str] | None = None  # those who are gone leave their place to anyone
    rooms: Mapping[int, str | None] = field(default_factory=dict)
    own: Mapping[int, list[str]] = field(default_factory=dict)  # own leaders of a meeting
    cancelled: frozenset[int] = frozenset()
    absent: frozenset[tuple[str, int]] = frozenset()


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
    """An appointment that may take place.

    `rank` is its place in time among the patient's appointments of the service, where the baseline
    has some to be paired with; elsewhere all have rank 0, and any number of them may take place.
    """

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
        self.held_on: dict[tuple[str, int], Literal] = {}  # by patient and day: all sessions
        self.counted_on: dict[
            tuple[str, int], Literal
        ] = {}  # those of more than 0 clinical minutes
        self.minutes_on: dict[tuple[str, int], Literal] = {}
        self.attended: dict[tuple[str, int], Literal] = {}
        self.admitted: dict[str, Literal] = {}
        self._hours: dict[str, tuple[set[int], set[int]]] = {}
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

    def switch(self) -> Literal:
        return self.model.new_bool_var("")

    # Locks

    def _read_locks(self) -> None:
        """`held[therapist, day]`, for a locked day: the ids of the sections they lead that day."""
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
        for section in c.base_sections:
            for meeting in section["meetings"]:
                for therapist in meeting.get("leaders", section.get("leaders", [])):
                    held = self.held.get((therapist, DAYS.index(meeting["day"])))
                    if held is not None and not meeting.get("cancelled"):
                        held.add(section["id"])
        self.locked_appointments |= {
            entry["id"]
            for entry in c.base_appointments
            if (entry["therapist"], DAYS.index(entry["day"])) in self.held
        }

    def _may_lead_that_day(self, therapist: str, day: int, slot: Slot | None) -> bool:
        """False if the therapist's day is locked and the section was none of it."""
        held = self.held.get((therapist, day))
        return held is None or (slot is not None and slot.id in held)

    # Sections

    def _add_group(self, group: Entry) -> None:
        c = self.clinic
        based = [s for s in c.base_sections if s["group"] == group["id"]]
        mine: list[Section] = []
        for base in based:
            slots = self._slots(group, base)
            found = [
                section
                for slot in slots
                for days, start in slot.options
                for section in self._add_sections(group, days, start, slot)
            ]
            opened = sum(section.open for section in found)
            required = any(slot.required for slot in slots)
            self.model.add(opened == 1 if required else opened <= 1)
            mine += found
        if not (group.get("closed") and based):
            for days, start in self._options(group):
                mine += self._add_sections(group, days, start, None)
        self.model.add(sum(section.open for section in mine) <= group.get("max_sections", 1))
        for patient in c.patients:
            self.model.add(sum(s.member(patient) for s in mine) <= group.get("per_patient", 1))
        self.sections += mine

    def _day_sets(self, group: Entry) -> list[tuple[int, ...]]:
        """Sets of days a section may meet on: the patterns less the closed dates."""
        c = self.clinic
        if "day_patterns" in group:
            patterns = ({DAYS.index(name) for name in pattern} for pattern in group["day_patterns"])
            return sorted({tuple(sorted(p - c.closed)) for p in patterns if p - c.closed})
        open_days = sorted(c.opening_days - c.closed)
        asked = min(group["meetings_per_week"], len(open_days))
        return [days for days in combinations(open_days, asked) if days]

    def _options(self, group: Entry) -> list[Option]:
        starts = range(self.clinic.per_day)
        return [
            (days, start)
            for days in self._day_sets(group)
            for start in starts
            if self._fits(group, days, start)
        ]

    def _fits(
        self, group: Entry, days: Iterable[int], start: int, cancelled: Iterable[int] = ()
    ) -> bool:
        """Start times, windows, opening hours and equipment let the group meet then."""
        c, length = self.clinic, self.clinic.group_cells(group)
        times = {c.start_of(clock) for clock in group.get("start_times", [])}
        if start + length > c.per_day or (times and start not in times):
            return False
        if group["id"] not in self._hours:
            hours = c.hours & c.inside(group["windows"]) if "windows" in group else c.hours
            self._hours[group["id"]] = hours, hours & self._in_stock(group.get("equipment", {}))
        hours, stocked = self._hours[group["id"]]
        return all(
            (hours if day in cancelled else stocked).issuperset(c.span(day, start, length))
            for day in days
        )

    def _in_stock(self, wanted: Mapping[str, int]) -> set[int]:
        """Cells in which there is enough of every item wanted."""
        c, cells = self.clinic, set(self.clinic.hours)
        for item, count in wanted.items():
            if count > 0:
                cells &= c.item_cells[item] if count <= c.equipment[item]["quantity"] else set()
        return cells

    def _slots(self, group: Entry, base: Entry) -> list[Slot]:
        """Ways in which a baseline's section that is locked or of a closed group may continue.

        Empty if it need not. A locked section keeps the days that closed dates leave; if those are
        no longer as many as the group must meet, it may add some. The locked day of a therapist
        binds the meetings of that day, and the section's start.
        """
        c = self.clinic
        met = {DAYS.index(meeting["day"]): meeting for meeting in base["meetings"]}
        days, start = tuple(sorted(set(met) - c.closed)), c.start_of(base["meetings"][0]["start"])
        whole = base["id"] in self.locked_sections
        held = {day for (_, day), ids in self.held.items() if base["id"] in ids} - c.closed
        if not days or not (whole or held or group.get("closed")):
            return []
        copied = set(days) if whole else held
        absences = {(a["patient"], DAYS.index(a["day"])) for a in base.get("absences", [])}
        cancelled = frozenset(day for day in days if whole and met[day].get("cancelled"))
        absent = frozenset((p, d) for p, d in absences if d in copied and p in base["members"])
        options: list[Option] = []
        if start is not None:
            fixed = group.get("closed") or (whole and days in self._day_sets(group))
            options = [
                (d, start)
                for d in self._day_sets(group)
                if (d == days if fixed else copied <= set(d))
                and self._fits(group, d, start, cancelled)
            ]
        plain = Slot(
            id=base["id"],
            options=options,
            required=bool(whole or held),
            must=frozenset(base["members"] if whole or held else []),
            only=frozenset(base["members"]) if group.get("closed") else None,
            leaders=base.get("leaders", []) if whole or held else None,
            rooms={
                day: met[day].get("room")
                for day in copied
                if "room" not in met[day] or met[day]["room"] in c.rooms
            },
            cancelled=cancelled,
            absent=absent,
        )
        own = {day: met[day]["leaders"] for day in copied if "leaders" in met[day]}
        as_before = [(d, s) for d, s in options if set(d) <= set(days)]
        if cancelled or absent:
            plain = replace(plain, options=as_before)
        if not own:
            return [plain]
        free = not whole and own.keys() == held
        copy = replace(plain, options=as_before, own=own, leaders=None if free else plain.leaders)
        alike = free and len({tuple(leaders) for leaders in own.values()}) == 1
        return [copy, replace(plain, leaders=next(iter(own.values())))] if alike else [copy]

    def _add_sections(
        self, group: Entry, days: tuple[int, ...], start: int, slot: Slot | None
    ) -> Iterator[Section]:
        """The section of a slot, or as many alike ones as could run at the same time."""
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
            copy = Section(group, days, start, slot, self.switch())
            copy.seats = {key: self.switch() for key in seats}
            copy.leads = {(k, t): self.switch() for k, place in enumerate(leads) for t in place}
            if with_room:
                copy.rooms = {
                    (day, r): self.switch() for day, found in rooms.items() for r in found
                }
            self._section_rules(copy)
            yield copy

    def _may_lead(self, section: Section, place: int, therapist: str) -> bool:
        """Whether the therapist may lead all the meetings that have no leaders of their own."""
        slot = section.slot
        if slot and slot.leaders is not None:
            named = slot.leaders[place : place + 1]
            if set(named) <= set(self.clinic.therapists) and named != [therapist]:
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
            and self._may_lead_that_day(therapist, day, section.slot)
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
        c, quotas = self.clinic, self.clinic.demand[patient].quotas
        based: dict[str, list[Entry]] = defaultdict(list)
        for entry in c.base_appointments:
            if entry["patient"] == patient:
                based[entry["service"]].append(entry)
        for name in quotas:
            service = c.services[name]
            if service["format"] == "group":
                continue
            length, cells = (
                c.cells_of(service["minutes"]),
                self._in_stock(service.get("equipment", {})),
            )
            if service["format"] == "family":
                cells &= c.family[patient]
            times = [
                (day, start)
                for day in range(7)
                for start in range(c.per_day - length + 1)
                if cells.issuperset(c.span(day, start, length))
            ]
            most = self._most_sessions(patient, service, times)
            ranks = range(most) if name in based else range(min(most, 1))
            for rank in ranks:
                for day, start in times:
                    self._add_visits(patient, service, rank, day, start, length)
            if name in based:
                self._rank_in_time(patient, name, list(ranks))
        for entries in based.values():
            for entry in entries:
                if entry["id"] in self.locked_appointments:
                    self._lock_appointment(entry)

    def _most_sessions(self, patient: str, service: Entry, times: list[tuple[int, int]]) -> int:
        """No more sessions of the service than this fit into the patient's limits and the week."""
        c, demand = self.clinic, self.clinic.demand[patient]
        most, free = 0, 0
        for day, start in times:
            span = c.span(day, start, c.cells_of(service["minutes"]))
            if span.start >= free:
                most, free = most + 1, span.stop
        quota = demand.quotas[service["id"]][1]
        if quota is not None:
            most = min(most, quota)
        if demand.minutes_max is not None and clinical_of(service):
            most = min(most, demand.minutes_max // clinical_of(service))
        return most

    def _add_visits(
        self, patient: str, service: Entry, rank: int, day: int, start: int, length: int
    ) -> None:
        c, cells = self.clinic, set(self.clinic.span(day, start, length))
        attends = c.patients[patient].get("attends", "either")
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
                Visit(patient, service["id"], rank, t, day, start, remote, self.switch())
                for t in able
            ]
            if mine and not remote:
                named = {room: self.switch() for room in rooms}
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
            used.append(self.switch())
            model.add(sum(v.literal for v in mine if v.rank == rank) == used[-1])
        when = [
            sum((v.day * c.per_day + v.start) * v.literal for v in mine if v.rank == rank)
            for rank in ranks
        ]
        for rank in ranks[1:]:
            model.add_implication(used[rank], used[rank - 1])
            model.add(when[rank] >= when[rank - 1] + 1).only_enforce_if(used[rank])

    def _lock_appointment(self, entry: Entry) -> None:
        """As it is; a therapist or a room that is gone leaves the choice open."""
        c, model, day = self.clinic, self.model, DAYS.index(entry["day"])
        if day in c.closed:
            return
        remote, room = bool(entry.get("remote")), entry.get("room")
        gone = entry["therapist"] not in c.therapists
        same = [
            v
            for v in self.visits
            if (v.patient, v.service, v.remote) == (entry["patient"], entry["service"], remote)
            and (v.day, v.start) == (day, c.start_of(entry["start"]))
            and (gone or v.therapist == entry["therapist"])
        ]
        model.add_exactly_one(v.literal for v in same)
        if not remote and (room is None or room in c.rooms):
            named = [self.visit_rooms[slot] for slot in sorted({v.slot for v in same})]
            model.add_exactly_one(rooms[room] for rooms in named if room in rooms)
        elif remote and room is not None:
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
            cases = {patient: self.switch() for patient in seen}
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
            begins, ends = self.switch(), self.switch()
            for literal in before:
                model.add_implication(literal, begins)
            for literal in after:
                model.add_implication(literal, ends)
            cells, runs = self.by_cell(duties), []
            for first in range(inside.start, inside.stop - needed + 1):
                runs.append(self.switch())
                for cell in c.span(day, first, needed):
                    if cell in cells:
                        model.add(sum(cells[cell]) <= 1 - runs[-1])
            model.add_bool_or([*runs, begins.negated(), ends.negated()])

    # A patient's week

    def _total(self, terms: Iterable[tuple[Literal, int]]) -> Literal:
        """A variable for a sum of literals with their weights."""
        found = list(terms)
        total = self.model.new_int_var(0, sum(weight for _, weight in found), "")
        self.model.add(sum(weight * literal for literal, weight in found) == total)
        return total

    def _patient_week(self, patient: str) -> None:
        """Upper limits of the week and of the days, attended days, and gaps between them."""
        model, demand, sessions = self.model, self.clinic.demand[patient], self.sessions[patient]
        for service, (_, most) in demand.quotas.items():
            if most is not None:
                model.add(sum(s.literal for s in sessions if s.service == service) <= most)
        for day in range(7):
            today = [s for s in sessions if s.day == day]
            counted = [s for s in today if s.clinical > 0]
            self.held_on[patient, day] = self._total((s.literal, 1) for s in today)
            self.counted_on[patient, day] = self._total((s.literal, 1) for s in counted)
            self.minutes_on[patient, day] = self._total((s.literal, s.clinical) for s in counted)
            attended = self.attended[patient, day] = self.switch()
            for session in counted:
                model.add_implication(session.literal, attended)
            model.add(self.counted_on[patient, day] >= attended)
            if demand.day_minutes_max is not None:
                model.add(self.minutes_on[patient, day] <= demand.day_minutes_max)
            if demand.day_sessions_max is not None:
                model.add(self.counted_on[patient, day] <= demand.day_sessions_max)
        if demand.minutes_max is not None:
            model.add(self.minutes(patient) <= demand.minutes_max)
        attended_days = [self.attended[patient, day] for day in range(7)]
        if demand.days_max is not None:
            model.add(sum(attended_days) <= demand.days_max)
        if demand.rolling:
            days, most = demand.rolling
            for first in range(max(1, 8 - days)):
                window = range(first, min(7, first + days))
                model.add(sum(self.held_on[patient, day] for day in window) <= most)
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
        chosen = [self.switch() for _ in tracks]
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
        return sum(self.minutes_on[patient, day] for day in range(7))

    def count(self, patient: str, service: str) -> Any:
        return sum(s.literal for s in self.sessions[patient] if s.service == service)

    def days(self, patient: str) -> Any:
        return sum(self.attended[patient, day] for day in range(7))

    def _waitlist(self, patient: str) -> None:
        """Admitted with everything at its minimum, or without a session."""
        model, demand = self.model, self.clinic.demand[patient]
        if self.clinic.patients[patient].get("status", "active") != "waitlist":
            return
        admitted = self.admitted[patient] = self.switch()
        for session in self.sessions[patient]:
            model.add_implication(session.literal, admitted)
        model.add(sum(s.literal for s in self.sessions[patient]) >= admitted)
        model.add(self.minutes(patient) >= demand.minutes_min * admitted)
        model.add(self.days(patient) >= demand.days_min * admitted)
        for service, (least, _) in demand.quotas.items():
            model.add(self.count(patient, service) >= least * admitted)

    def _membership_locks(self) -> None:
        """Locked members stay, unless closed dates leave nothing of what they had."""
        c = self.clinic
        for patient, group in self.kept_memberships:
            met = [
                {DAYS.index(meeting["day"]) for meeting in section["meetings"]}
                for section in c.base_sections
                if section["group"] == group and patient in section["members"]
            ]
            if not met or any(days - c.closed for days in met):
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
