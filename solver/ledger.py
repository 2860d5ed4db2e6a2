"""What a schedule uses up: who sits, works and meets where and when, kept up move by move.

A ledger is a schedule opened out by person, room and item. Every move (a section opened, a member
joining, an appointment booked) touches only the entries it concerns, so a single change is judged in
plain Python in well under a millisecond: rules check, and goals measure, the people a move touched.
An illegal schedule can be held as well, or the checker could not say what is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from .clinic import Clinic
from .schedule import Absence, Appointment, Meeting, Schedule, Section
from .timegrid import DAY_NUMBER


@dataclass(frozen=True, slots=True)
class Sitting:
    """One session as a patient has it. ``cells`` is the mask of cells; ``ref`` section/appointment."""

    ref: str
    group: str | None
    service: str
    therapist: str | None
    day: int
    start: int
    cells: int
    clinical: int
    remote: bool


@dataclass(frozen=True, slots=True)
class Duty:
    """One session as a therapist has it; ``roomless`` when it needs no room for them."""

    ref: str
    group: str | None
    service: str
    patient: str | None
    day: int
    start: int
    cells: int
    roomless: bool


@dataclass(frozen=True, slots=True)
class Use:
    """One session as a room or an item of equipment has it; ``amount`` of the item in use."""

    ref: str
    group: str | None
    service: str
    day: int
    start: int
    cells: int
    amount: int = 1


@dataclass(slots=True)
class Running:
    """A running section: its entry in the schedule with members that may change."""

    id: str
    group: str
    leaders: tuple[str, ...]
    meetings: tuple[Meeting, ...]
    members: dict[str, bool] = field(default_factory=dict)  # patient -> joins by video
    absences: tuple[tuple[str, int], ...] = ()

    @property
    def days(self) -> tuple[int, ...]:
        return tuple(sorted({DAY_NUMBER[m.day] for m in self.meetings}))

    def leaders_at(self, meeting: Meeting) -> tuple[str, ...]:
        return meeting.leaders or self.leaders

    def held(self) -> list[Meeting]:
        """The meetings that are not cancelled."""
        return [m for m in self.meetings if not m.cancelled]

    def entry(self) -> Section:
        """The section as the schedule file has it."""
        return Section(
            id=self.id,
            group=self.group,
            leaders=self.leaders,
            meetings=self.meetings,
            members=tuple(self.members),
            remote_members=tuple(p for p, remote in self.members.items() if remote),
            absences=tuple(
                Absence.model_validate({"patient": p, "day": _DAY[d]}) for p, d in self.absences
            ),
        )


E = TypeVar("E", Sitting, Duty, Use)
_DAY = {number: day for day, number in DAY_NUMBER.items()}


class Ledger:
    """A schedule by person, room and item.

    Attributes:
        sections: running sections by id, in the order they were opened.
        appointments: appointments by id.
        sittings: patient -> their sessions; duties: therapist -> theirs.
        room_uses, item_uses: room or equipment id -> sessions there.
        by_group: group -> ids of its sections.
    """

    def __init__(self, clinic: Clinic, schedule: Schedule | None = None) -> None:
        self.clinic = clinic
        self.sections: dict[str, Running] = {}
        self.appointments: dict[str, Appointment] = {}
        self.sittings: dict[str, list[Sitting]] = {p: [] for p in clinic.patients}
        self.duties: dict[str, list[Duty]] = {t: [] for t in clinic.therapists}
        self.room_uses: dict[str, list[Use]] = {r: [] for r in clinic.rooms}
        self.item_uses: dict[str, list[Use]] = {e: [] for e in clinic.equipment}
        self.by_group: dict[str, list[str]] = {g: [] for g in clinic.groups}
        self.not_admitted: tuple[str, ...] | None = None
        self._busy: dict[tuple[int, str], int] = {}
        if schedule is not None:
            for section in schedule.sections:
                self.open(section)
            for appointment in schedule.appointments:
                self.book(appointment)
            self.not_admitted = schedule.not_admitted

    # -- moves --------------------------------------------------------------------------------

    def open(self, section: Section) -> None:
        """A section begins to run, with its members."""
        remote = set(section.remote_members)
        running = Running(
            section.id,
            section.group,
            section.leaders,
            section.meetings,
            absences=tuple((a.patient, DAY_NUMBER[a.day]) for a in section.absences),
        )
        self.sections[section.id] = running
        self.by_group[section.group].append(section.id)
        group = self.clinic.groups[section.group]
        for meeting in running.held():
            day = DAY_NUMBER[meeting.day]
            cells = self.clinic.meeting_cells(group, day, meeting.start)
            for t in dict.fromkeys(running.leaders_at(meeting)):
                self._add(
                    self.duties,
                    t,
                    Duty(
                        section.id, group.id, group.service, None, day, meeting.start, cells,
                        group.modality == "telehealth",
                    )
                )  # fmt: skip
            if meeting.room is not None:
                self._add(
                    self.room_uses,
                    meeting.room,
                    Use(section.id, group.id, group.service, day, meeting.start, cells),
                )
            for item, amount in group.equipment.items():
                self.item_uses[item].append(
                    Use(section.id, group.id, group.service, day, meeting.start, cells, amount)
                )
        for patient in section.members:
            self.join(section.id, patient, patient in remote)

    def close(self, section: str) -> Section:
        """A section stops running; returns what it was."""
        running = self.sections.pop(section)
        entry = running.entry()
        self.by_group[running.group].remove(section)
        for patient in running.members:
            self._drop(self.sittings, patient, section)
        for t in {t for m in running.held() for t in running.leaders_at(m)}:
            self._drop(self.duties, t, section)
        for room in {m.room for m in running.meetings if m.room is not None}:
            self._drop(self.room_uses, room, section)
        for item in self.clinic.groups[running.group].equipment:
            self.item_uses[item] = [u for u in self.item_uses[item] if u.ref != section]
        return entry

    def join(self, section: str, patient: str, remote: bool = False) -> None:
        """A patient becomes a member."""
        running = self.sections[section]
        running.members[patient] = remote
        for sitting in self.seats(running, patient, remote):
            self._add(self.sittings, patient, sitting)

    def seats(self, running: Running, patient: str, remote: bool) -> list[Sitting]:
        """The meetings of a section that a member attends: in their stay, held, not excused."""
        group = self.clinic.groups[running.group]
        stay = self.clinic.stay[patient]
        by_video = self.clinic.member_remote(group, remote)
        return [
            Sitting(
                running.id, group.id, group.service, None, day, m.start,
                self.clinic.meeting_cells(group, day, m.start), group.clinical, by_video,
            )
            for m in running.held()
            if (day := DAY_NUMBER[m.day]) in stay and (patient, day) not in running.absences
        ]  # fmt: skip

    def leave(self, section: str, patient: str) -> None:
        """A member leaves."""
        del self.sections[section].members[patient]
        self._drop(self.sittings, patient, section)

    def book(self, appointment: Appointment) -> None:
        """An appointment is made."""
        self.appointments[appointment.id] = appointment
        service = self.clinic.services[appointment.service]
        a, day = appointment, DAY_NUMBER[appointment.day]
        cells = self.clinic.occupied(day, a.start, service.minutes)
        self._add(
            self.sittings,
            a.patient,
            Sitting(
                a.id, None, service.id, a.therapist, day, a.start, cells, service.clinical, a.remote
            ),
        )
        self._add(
            self.duties,
            a.therapist,
            Duty(a.id, None, service.id, a.patient, day, a.start, cells, a.remote),
        )
        if a.room is not None:
            self._add(self.room_uses, a.room, Use(a.id, None, service.id, day, a.start, cells))
        for item, amount in service.equipment.items():
            self.item_uses[item].append(Use(a.id, None, service.id, day, a.start, cells, amount))

    def cancel(self, appointment: str) -> Appointment:
        """An appointment is taken back; returns what it was."""
        a = self.appointments.pop(appointment)
        self._drop(self.sittings, a.patient, appointment)
        self._drop(self.duties, a.therapist, appointment)
        if a.room is not None:
            self._drop(self.room_uses, a.room, appointment)
        for item in self.clinic.services[a.service].equipment:
            self.item_uses[item] = [u for u in self.item_uses[item] if u.ref != appointment]
        return a

    def _add(self, table: dict[str, list[E]], key: str, entry: E) -> None:
        table[key].append(entry)
        self._busy.pop((id(table), key), None)

    def _drop(self, table: dict[str, list[E]], key: str, ref: str) -> None:
        table[key] = [entry for entry in table[key] if entry.ref != ref]
        self._busy.pop((id(table), key), None)

    def _cells(self, table: dict[str, list[E]], key: str) -> int:
        """All cells in which somebody or something is busy; kept until an entry changes."""
        known = self._busy.get((id(table), key))
        if known is None:
            known = 0
            for entry in table[key]:
                known |= entry.cells
            self._busy[id(table), key] = known
        return known

    # -- questions ----------------------------------------------------------------------------

    def patient_busy(self, patient: str) -> int:
        return self._cells(self.sittings, patient)

    def therapist_busy(self, therapist: str) -> int:
        return self._cells(self.duties, therapist)

    def room_busy(self, room: str) -> int:
        return self._cells(self.room_uses, room)

    def visits(self, patient: str, service: str) -> list[Sitting]:
        """A patient's appointments of a service."""
        return [s for s in self.sittings[patient] if s.group is None and s.service == service]

    def caseload(self, therapist: str) -> set[str]:
        """Patients whom a therapist sees one to one."""
        services = self.clinic.services
        duties = self.duties[therapist]
        return {
            d.patient for d in duties if d.patient and services[d.service].format == "individual"
        }

    def attended_days(self, patient: str) -> list[int]:
        """Days with a session of more than 0 clinical minutes, in order."""
        return sorted({s.day for s in self.sittings[patient] if s.clinical > 0})

    def groups_of(self, patient: str) -> set[str]:
        return {s.group for s in self.sittings[patient] if s.group is not None}

    def sections_of(self, patient: str) -> list[Running]:
        return [s for s in self.sections.values() if patient in s.members]

    def present(self, running: Running, day: int) -> list[str]:
        """Members in the room at the section's meeting of a day."""
        return [
            p
            for p, remote in running.members.items()
            if not self.clinic.member_remote(self.clinic.groups[running.group], remote)
            and day in self.clinic.stay[p]
            and (p, day) not in running.absences
        ]

    def idle_cells(self, busy: int, day: int) -> int:
        """Free cells between the first and the last busy cell of a day."""
        mask = busy & self.clinic.grid.day_mask(day)
        if not mask:
            return 0
        low = (mask & -mask).bit_length() - 1
        return mask.bit_length() - low - mask.bit_count()

    def schedule(self) -> Schedule:
        """The schedule this ledger holds, as the file has it."""
        scenario = self.clinic.scenario
        return Schedule(
            scenario=scenario.name,
            week_start=scenario.week_start,
            sections=tuple(s.entry() for s in self.sections.values()),
            appointments=tuple(self.appointments.values()),
            not_admitted=tuple(
                p.id
                for p in scenario.patients
                if p.status == "waitlist" and not self.sittings[p.id]
            ),
        )

    def copy(self) -> Ledger:
        """An independent ledger of the same schedule."""
        twin = Ledger(self.clinic)
        twin.sections = {
            i: Running(s.id, s.group, s.leaders, s.meetings, dict(s.members), s.absences)
            for i, s in self.sections.items()
        }
        twin.appointments = dict(self.appointments)
        twin.sittings = {k: list(v) for k, v in self.sittings.items()}
        twin.duties = {k: list(v) for k, v in self.duties.items()}
        twin.room_uses = {k: list(v) for k, v in self.room_uses.items()}
        twin.item_uses = {k: list(v) for k, v in self.item_uses.items()}
        twin.by_group = {k: list(v) for k, v in self.by_group.items()}
        twin.not_admitted = self.not_admitted
        return twin
