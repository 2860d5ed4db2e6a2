"""The goals of section 5, twice: measured in a schedule, and as expressions of the plain model.

Further variables of an expression are bounded from one side only: the expression is never below
what `measure` finds in the schedule, and equal to it where it was minimised.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.plain_input import DAYS, Clinic, Entry, clinical_of

if TYPE_CHECKING:
    from bench.plain_rules import PlainModel, Section, Session

GOALS = (
    "unmet_care",
    "short_days",
    "turned_away",
    "disruption",
    "continuity",
    "burden",
    "staffing",
)


@dataclass
class Attended:
    """A patient's experience of one group in a week: sets over all their sections of it."""

    days: set[int] = field(default_factory=set)
    starts: set[str] = field(default_factory=set)
    leaders: set[str] = field(default_factory=set)
    rooms: set[str] = field(default_factory=set)
    cancelled: int = 0


def groups_of(clinic: Clinic, sections: Iterable[Entry], patient: str) -> dict[str, Attended]:
    """The patient's groups that meet on an open date, by group."""
    found: dict[str, Attended] = {}
    for section in sections:
        open_meetings = [
            m for m in section["meetings"] if DAYS.index(m["day"]) not in clinic.closed
        ]
        if patient not in section.get("members", []) or not open_meetings:
            continue
        mine = found.setdefault(section["group"], Attended())
        for meeting in open_meetings:
            mine.days.add(DAYS.index(meeting["day"]))
            mine.starts.add(meeting["start"])
            if meeting.get("cancelled"):
                mine.cancelled += 1
            else:
                mine.leaders.update(meeting.get("leaders", section.get("leaders", [])))
                mine.rooms |= {meeting["room"]} if meeting.get("room") else set()
    return found


def appointments_of(
    clinic: Clinic, appointments: Iterable[Entry], patient: str
) -> dict[str, list[Entry]]:
    """The patient's appointments on open dates, by service, in time order."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in appointments:
        if entry["patient"] == patient and DAYS.index(entry["day"]) not in clinic.closed:
            found[entry["service"]].append(entry)
    for entries in found.values():
        entries.sort(key=lambda entry: (DAYS.index(entry["day"]), entry["start"], entry["id"]))
    return found


def settled_patients(clinic: Clinic) -> list[str]:
    """Patients still here who have sessions in the baseline, closed dates left out."""
    return [
        patient
        for patient in clinic.patients
        if groups_of(clinic, clinic.base_sections, patient)
        or appointments_of(clinic, clinic.base_appointments, patient)
    ]


# Measured in a schedule


@dataclass(frozen=True)
class Held:
    """One session somebody has: absolute cells, and what it counts for."""

    day: int
    cells: range
    service: str = ""
    clinical: int = 0
    remote: bool = False


def measure(clinic: Clinic, schedule: Entry) -> dict[str, int]:
    """Every goal's value in a schedule that obeys the rules."""
    sessions, duties, leading = _held(clinic, schedule)
    out = dict.fromkeys(GOALS, 0)
    for patient, entry in clinic.patients.items():
        demand, mine = clinic.demand[patient], sessions[patient]
        active = entry.get("status", "active") == "active"
        minutes = sum(s.clinical for s in mine)
        by_day = [[s for s in mine if s.day == day and s.clinical > 0] for day in range(7)]
        attended = [day for day in by_day if day]
        if active:
            missing = sum(
                max(0, least - sum(s.service == service for s in mine))
                for service, (least, _) in demand.quotas.items()
            )
            short = max(0, demand.minutes_min - minutes) + 60 * missing
            out["unmet_care"] += entry.get("priority", 1) * short
            out["short_days"] += max(0, demand.days_min - len(attended))
        elif not mine:
            out["turned_away"] += entry.get("priority", 1)
        out["short_days"] += sum(
            sum(s.clinical for s in day) < demand.day_minutes_min
            or len(day) < demand.day_sessions_min
            for day in attended
        )
        preferred = clinic.preferred[patient]
        if preferred is not None:
            out["continuity"] += sum(not preferred.issuperset(s.cells) for s in mine)
        if entry.get("attends", "either") == "either":
            out["continuity"] += sum(s.remote for s in mine)
        out["burden"] += 60 * max(0, len(attended) - demand.days_min) + _idle(clinic, mine)
    for visit in schedule["appointments"]:
        primary = clinic.patients[visit["patient"]].get("primary_therapist")
        if clinic.services[visit["service"]]["format"] == "individual" and primary:
            out["continuity"] += 2 * (visit["therapist"] != primary)
    out["disruption"] = _disruption(clinic, schedule)
    percents = [
        100 * clinic.grid * sum(len(d.cells) for d in duties[t]) // available
        for t, available in clinic.available_minutes.items()
        if available
    ]
    spread = max(percents) - min(percents) if percents else 0
    out["staffing"] = leading + sum(_idle(clinic, duties[t]) for t in duties) + 10 * spread
    return out


def _held(
    clinic: Clinic, schedule: Entry
) -> tuple[dict[str, list[Held]], dict[str, list[Held]], int]:
    """Sessions by patient, sessions by therapist, and minutes × leaders of all group meetings."""
    sessions: dict[str, list[Held]] = {patient: [] for patient in clinic.patients}
    duties: dict[str, list[Held]] = {therapist: [] for therapist in clinic.therapists}
    leading = 0
    for section in schedule["sections"]:
        group = clinic.groups[section["group"]]
        length, telehealth = clinic.group_cells(group), group.get("modality") == "telehealth"
        absent = {(a["patient"], a["day"]) for a in section.get("absences", [])}
        for meeting in section["meetings"]:
            if meeting.get("cancelled"):
                continue
            day = DAYS.index(meeting["day"])
            cells = clinic.span(day, clinic.start_of(meeting["start"]) or 0, length)
            leaders = meeting.get("leaders", section["leaders"])
            leading += len(leaders) * length * clinic.grid
            for therapist in leaders:
                duties[therapist].append(Held(day, cells))
            for patient in section["members"]:
                if clinic.present(patient, day) and (patient, meeting["day"]) not in absent:
                    remote = telehealth or patient in section.get("remote_members", [])
                    held = Held(day, cells, group["service"], clinical_of(group), remote)
                    sessions[patient].append(held)
    for visit in schedule["appointments"]:
        service, day = clinic.services[visit["service"]], DAYS.index(visit["day"])
        start, length = clinic.start_of(visit["start"]) or 0, clinic.cells_of(service["minutes"])
        cells = clinic.span(day, start, length)
        held = Held(day, cells, service["id"], clinical_of(service), bool(visit.get("remote")))
        sessions[visit["patient"]].append(held)
        duties[visit["therapist"]].append(held)
    return sessions, duties, leading


def _idle(clinic: Clinic, held: list[Held]) -> int:
    """Idle minutes between somebody's sessions, day by day."""
    idle = 0
    for day in range(7):
        spans = [s.cells for s in held if s.day == day]
        if spans:
            idle += max(s.stop for s in spans) - min(s.start for s in spans) - sum(map(len, spans))
    return idle * clinic.grid


def _disruption(clinic: Clinic, schedule: Entry) -> int:
    cost = 0
    for patient in settled_patients(clinic):
        before = groups_of(clinic, clinic.base_sections, patient)
        after = groups_of(clinic, schedule["sections"], patient)
        cost += 4 * len(before.keys() ^ after.keys())
        for group in before.keys() & after.keys():
            old, new = before[group], after[group]
            cost += 3 * ((old.days, old.starts) != (new.days, new.starts))
            cost += (old.leaders != new.leaders) + (old.rooms != new.rooms) + 4 * new.cancelled
        was = appointments_of(clinic, clinic.base_appointments, patient)
        now = appointments_of(clinic, schedule["appointments"], patient)
        for service in was.keys() | now.keys():
            pairs = list(zip(was[service], now[service], strict=False))
            cost += 4 * (len(was[service]) + len(now[service]) - 2 * len(pairs))
            for one, other in pairs:
                cost += 2 * (one["therapist"] != other["therapist"])
                cost += 2 * ((one["day"], one["start"]) != (other["day"], other["start"]))
                cost += one.get("room") != other.get("room")
    return cost


# As expressions of the model


class Goals:
    """The goals' expressions over a plain model, each built when it is first asked for."""

    def __init__(self, plain: PlainModel) -> None:
        self.plain = plain
        self.clinic = plain.clinic
        self.model = plain.model
        self.built: dict[str, Any] = {}

    def expression(self, goal: str) -> Any:
        if goal not in self.built:
            self.built[goal] = getattr(self, "_" + goal)()
        return self.built[goal]

    def _at_least_zero(self, shortfall: Any, most: int) -> Any:
        """A variable that is no less than `shortfall` and than 0."""
        if most <= 0:
            return 0
        variable = self.model.new_int_var(0, most, "")
        self.model.add(variable >= shortfall)
        return variable

    def _active(self, patient: str) -> bool:
        return bool(self.clinic.patients[patient].get("status", "active") == "active")

    def _unmet_care(self) -> Any:
        total: Any = 0
        for patient, entry in self.clinic.patients.items():
            if self._active(patient):
                demand = self.clinic.demand[patient]
                least = demand.minutes_min
                short = self._at_least_zero(least - self.plain.minutes(patient), least)
                for service, (least, _) in demand.quotas.items():
                    short += 60 * self._at_least_zero(
                        least - self.plain.count(patient, service), least
                    )
                total += entry.get("priority", 1) * short
        return total

    def _short_days(self) -> Any:
        plain = self.plain
        total: Any = 0
        for patient, demand in self.clinic.demand.items():
            if self._active(patient):
                total += self._at_least_zero(demand.days_min - plain.days(patient), demand.days_min)
            if demand.day_minutes_min <= 0 and demand.day_sessions_min <= 0:
                continue
            for day in range(7):
                short, attended = plain.switch(), plain.attended[patient, day]
                minutes, number = plain.minutes_on[patient, day], plain.counted_on[patient, day]
                self.model.add(minutes >= demand.day_minutes_min * (attended - short))
                self.model.add(number >= demand.day_sessions_min * (attended - short))
                total += short
        return total

    def _turned_away(self) -> Any:
        patients = self.clinic.patients
        return sum(patients[p].get("priority", 1) * (1 - a) for p, a in self.plain.admitted.items())

    def _continuity(self) -> Any:
        total: Any = 0
        for patient, entry in self.clinic.patients.items():
            preferred = self.clinic.preferred[patient]
            either = entry.get("attends", "either") == "either"
            for s in self.plain.sessions[patient]:
                outside = preferred is not None and not preferred.issuperset(
                    self.clinic.span(s.day, s.start, s.length)
                )
                total += (int(outside) + int(either and s.remote)) * s.literal
        for visit in self.plain.visits:
            primary = self.clinic.patients[visit.patient].get("primary_therapist")
            individual = self.clinic.services[visit.service]["format"] == "individual"
            if individual and primary and visit.therapist != primary:
                total += 2 * visit.literal
        return total

    def _burden(self) -> Any:
        total: Any = 0
        for patient, demand in self.clinic.demand.items():
            more = self._at_least_zero(self.plain.days(patient) - demand.days_min, 7)
            total += 60 * more + self._idle_of(self.plain.sessions[patient])
        return total

    def _idle_of(self, sessions: list[Session]) -> Any:
        """Minutes between sessions: free cells with sessions before and after them that day."""
        plain, model = self.plain, self.model
        total: Any = 0
        for day in range(7):
            busy = plain.by_cell(s for s in sessions if s.day == day)
            if not busy:
                continue
            cells = range(min(busy), max(busy) + 1)
            before = {cell: plain.switch() for cell in cells}
            after = {cell: plain.switch() for cell in cells}
            for cell in cells:
                model.add(before[cell] >= sum(busy.get(cell, [])))
                model.add(after[cell] >= sum(busy.get(cell, [])))
                if cell > cells.start:
                    model.add_implication(before[cell - 1], before[cell])
                    model.add_implication(after[cell], after[cell - 1])
            for cell in cells:
                idle = plain.switch()
                model.add(idle >= before[cell] + after[cell] - 1 - sum(busy.get(cell, [])))
                total += self.clinic.grid * idle
        return total

    def _staffing(self) -> Any:
        c, plain = self.clinic, self.plain
        total: Any = 0
        for section in plain.sections:
            minutes = c.group_cells(section.group) * c.grid * len(section.group.get("leaders", []))
            total += minutes * len(section.live) * section.open
        percents = []
        for therapist, duties in plain.duties.items():
            total += self._idle_of(duties)
            available = c.available_minutes[therapist]
            if available:
                percent = self.model.new_int_var(0, 100, "")
                held = sum(100 * c.grid * d.length * d.literal for d in duties)
                self.model.add(available * percent <= held)
                self.model.add(available * percent >= held - available + 1)
                percents.append(percent)
        if percents:
            highest = self.model.new_int_var(0, 100, "")
            lowest = self.model.new_int_var(0, 100, "")
            for percent in percents:
                self.model.add(lowest <= percent)
                self.model.add(highest >= percent)
            total += 10 * (highest - lowest)
        return total

    # Disruption

    def _disruption(self) -> Any:
        total: Any = 0
        for patient in settled_patients(self.clinic):
            before = groups_of(self.clinic, self.clinic.base_sections, patient)
            for group in self.clinic.groups:
                total += self._group_change(patient, group, before.get(group))
            was = appointments_of(self.clinic, self.clinic.base_appointments, patient)
            services = {v.service for v in self.plain.visits if v.patient == patient}
            for service in sorted(services | was.keys()):
                total += self._appointment_change(patient, service, was.get(service, []))
        return total

    def _group_change(self, patient: str, group: str, old: Attended | None) -> Any:
        """What joining, leaving or keeping the group costs this patient."""
        model, plain = self.model, self.plain
        mine = [
            section
            for section in plain.sections
            if section.group["id"] == group and not isinstance(section.member(patient), int)
        ]
        kept = plain.switch()
        for section in mine:
            model.add(kept >= section.member(patient))
        model.add(sum(section.member(patient) for section in mine) >= kept)
        if old is None:
            return 4 * kept
        moved, led, housed = plain.switch(), plain.switch(), plain.switch()
        old_starts = {self.clinic.start_of(start) for start in old.starts}
        for section in mine:
            if section.start not in old_starts or not set(section.days) <= old.days:
                model.add(moved >= section.member(patient))
        for day in old.days:
            model.add(sum(s.member(patient) for s in mine if day in s.days) + moved >= kept)
        for start in old_starts:
            model.add(sum(s.member(patient) for s in mine if s.start == start) + moved >= kept)
        self._same_set(patient, mine, kept, led, old.leaders, self._leaders_of)
        self._same_set(patient, mine, kept, housed, old.rooms, self._rooms_of)
        cancelled = sum(
            len(s.cancelled & set(s.days)) * s.member(patient) for s in mine if s.cancelled
        )
        return 4 * (1 - kept) + 3 * moved + led + housed + 4 * cancelled

    def _leaders_of(self, section: Section) -> Mapping[Any, list[Any]]:
        found: dict[Any, list[Any]] = {}
        for therapist in self.clinic.therapists:
            terms = list(self.plain.leading(section, therapist).values())
            if terms:
                found[therapist] = terms
        return found

    def _rooms_of(self, section: Section) -> Mapping[Any, list[Any]]:
        found: dict[Any, list[Any]] = defaultdict(list)
        for (_, room), used in section.rooms.items():
            found[room].append(used)
        return found

    def _same_set(
        self, patient: str, mine: list[Section], kept: Any, differs: Any, old: set[Any], of: Any
    ) -> None:
        """`differs` is 1 unless the union over the patient's sections is the old set."""
        model = self.model
        having: dict[Any, list[Any]] = {name: [] for name in old}
        for section in mine:
            member = section.member(patient)
            for name, terms in of(section).items():
                if name not in old:
                    for term in terms:
                        model.add(differs >= member + term - 1)
                else:
                    both = self.plain.switch()
                    model.add(both <= member)
                    model.add(both <= sum(terms))
                    having[name].append(both)
        for both_there in having.values():
            model.add(sum(both_there) + differs >= kept)

    def _appointment_change(self, patient: str, service: str, old: list[Entry]) -> Any:
        """The k-th appointment against the k-th of the baseline; 4 for one without a pair."""
        mine = [v for v in self.plain.visits if (v.patient, v.service) == (patient, service)]
        total: Any = 0
        for rank, was in enumerate(old):
            ranked = [v for v in mine if v.rank == rank]
            total += 4 - 4 * sum(v.literal for v in ranked)
            when = DAYS.index(was["day"]), self.clinic.start_of(was["start"])
            for visit in ranked:
                other_time = (visit.day, visit.start) != when
                change = 2 * (visit.therapist != was["therapist"]) + 2 * other_time
                total += (change + (visit.remote and was.get("room") is not None)) * visit.literal
            for place in sorted({v.slot for v in ranked if not v.remote}):
                for room, used in self.plain.visit_rooms[place].items():
                    total += (room != was.get("room")) * used
        return total + 4 * sum(v.literal for v in mine if v.rank >= len(old))
