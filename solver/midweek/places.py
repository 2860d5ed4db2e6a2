"""Where one patient can make up for what was missed, without anybody else's week changing.

Appointments with whoever has time, seats in sections that have not met yet, and *guest seats*: one
meeting of a section that has met already. The format cannot write a guest down, because a member is
counted at every meeting of the week, so guests are advice and stand in no schedule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..fields import day_name
from ..goals import GOALS, PatientGoal
from ..ledger import Ledger, Running
from ..rules import RULES, Scope
from ..schedule import Appointment, Meeting
from ..screening import screening_of
from ..search.placing import Placing
from ..tiers import tiers_of
from ..timegrid import DAY_NUMBER, bits
from .standing import NotBegun, Standing

Kind = Literal["appointment", "seat", "guest"]
STARTS_EACH = 6
"""Starts looked at with one therapist, those next to the patient's other sessions first."""


@dataclass(frozen=True, slots=True)
class Place:
    """One way for one patient to make up.

    Attributes:
        ref: section that is joined or visited; of an appointment the id it would get.
        meetings: (day number, start) of what is gained.
        minutes: clinical minutes gained.
        cost: the patient's share of each tier with it, by which places are ranked.
        appointment: what would be booked.
    """

    kind: Kind
    patient: str
    service: str
    ref: str
    meetings: tuple[tuple[int, int], ...]
    minutes: int
    cost: tuple[int, ...]
    remote: bool = False
    appointment: Appointment | None = None


class Places:
    """Places beside one week; each by itself, not all together."""

    def __init__(self, standing: Standing, week: Ledger) -> None:
        self.standing, self.week = standing, week
        self.clinic = standing.working
        self.screen = screening_of(self.clinic)
        self.rules = (*(r for r in RULES if r.key != "strict"), NotBegun(standing))

    def of(self, patient: str, most: int) -> list[Place]:
        """The best places of a patient: what mends most of the first tiers comes first."""
        needs = self.clinic.needs[patient]
        found = [p for s in needs.quotas for p in self._appointments(patient, s)]
        found += [*self._seats(patient), *self._guests(patient)]
        base = self._cost(self.week, patient)
        better = [p for p in found if p.cost < base]
        better.sort(key=lambda p: (p.cost, p.kind == "guest", p.meetings, p.ref))
        # A quarter of an hour later with the same therapist is hardly another place.
        apart: dict[object, Place] = {}
        for place in better:
            therapist = place.appointment.therapist if place.appointment else place.ref
            apart.setdefault((place.service, therapist, place.meetings[0][0]), place)
        return list(apart.values())[:most]

    def _cost(self, week: Ledger, patient: str) -> tuple[int, ...]:
        share = {
            goal.key: goal.of(self.clinic, week, patient)
            for goal in GOALS
            if isinstance(goal, PatientGoal)
        }
        return tuple(
            sum(w * share.get(g, 0) for g, w in zip(tier.goals, tier.weights, strict=True))
            for tier in tiers_of(self.clinic.scenario.policy)
        )

    def _legal(self, week: Ledger, patient: str, therapist: str = "", room: str = "") -> bool:
        sections = [s.id for s in week.sections_of(patient)]
        scope = Scope(
            [patient],
            [therapist] if therapist else [],
            [room] if room else [],
            list(self.clinic.equipment),
            sorted({week.sections[s].group for s in sections}),
            sections,
            [s.ref for s in week.sittings[patient] if s.group is None],
        )
        return not any(True for rule in self.rules for _ in rule.check(self.clinic, week, scope))

    # -- appointments -----------------------------------------------------------------------------

    def _appointments(self, patient: str, service: str) -> Iterator[Place]:
        entry = self.clinic.services[service]
        if entry.format == "group":
            return
        week = self.week.copy()
        week.not_admitted = None
        length = self.clinic.grid.length(entry.minutes)
        busy = _running_into(week.patient_busy(patient), length)
        for remote in (False, True):
            starts = self.screen.visit_starts(patient, service, remote)
            starts &= self.standing.ahead & ~busy
            for t in self.screen.carers(patient, service) if starts else ():
                free = starts & self.screen.care_starts(t, service, remote)
                free &= ~_running_into(week.therapist_busy(t), length)
                for cell in self._near(patient, free)[:STARTS_EACH]:
                    a = self._appointment(patient, service, t, cell, remote)
                    if a is None:
                        continue
                    week.book(a)
                    if self._legal(week, patient, t, a.room or ""):
                        yield Place(
                            "appointment", patient, service, a.id,
                            ((DAY_NUMBER[a.day], a.start),), entry.clinical,
                            self._cost(week, patient), remote, a,
                        )  # fmt: skip
                    week.cancel(a.id)

    def _appointment(
        self, patient: str, service: str, therapist: str, cell: int, remote: bool
    ) -> Appointment | None:
        day, start = self.clinic.grid.clock_of(cell)
        room = None
        if not remote:
            cells = self.clinic.occupied(day, start, self.clinic.services[service].minutes)
            fit = [
                r
                for r in self.clinic.rooms
                if self.screen.housing(r, None, service) >> cell & 1
                and not self.week.room_busy(r) & cells
            ]
            if not fit:
                return None
            room = min(fit, key=lambda r: self.clinic.rooms[r].capacity)
        number = 1
        while (name := f"{patient}-{service}-{number}") in self._taken():
            number += 1
        return Appointment.model_construct(
            id=name, service=service, patient=patient, therapist=therapist, day=day_name(day),
            start=start, room=room, remote=remote,
        )  # fmt: skip

    def _taken(self) -> set[str]:
        return {*self.week.appointments, *self.clinic.baseline_appointments}

    def _near(self, patient: str, mask: int) -> list[int]:
        """Start cells, those next to the patient's other sessions of the day first."""
        busy, grid = self.week.patient_busy(patient), self.clinic.grid

        def distance(cell: int) -> tuple[int, int]:
            there = busy & grid.day_mask(cell // grid.cells_a_day)
            return (0, min(abs(cell - c) for c in bits(there))) if there else (1, cell)

        return sorted(bits(mask), key=distance)

    # -- groups -----------------------------------------------------------------------------------

    def _seats(self, patient: str) -> Iterator[Place]:
        for running in list(self.week.sections.values()):
            if patient in running.members or self.standing.begun(running):
                continue
            week = self.week.copy()
            week.not_admitted = None
            if Placing(week).join(running.id, patient) and self._legal(week, patient):
                gained = [s for s in week.sittings[patient] if s.ref == running.id]
                yield Place(
                    "seat",
                    patient,
                    self.clinic.groups[running.group].service,
                    running.id,
                    tuple((s.day, s.start) for s in gained),
                    sum(s.clinical for s in gained),
                    self._cost(week, patient),
                    any(s.remote for s in gained),
                )

    def _guests(self, patient: str) -> Iterator[Place]:
        """One meeting still to come of a section that has met already."""
        for running in self.week.sections.values():
            if patient in running.members or not self.standing.begun(running):
                continue
            for m in running.held():
                for remote in self.screen.seat_modes(patient, running.group):
                    place = self._guest(patient, running, m, remote)
                    if place is not None:
                        yield place
                        break

    def _guest(self, patient: str, running: Running, m: Meeting, remote: bool) -> Place | None:
        """A guest is counted as if the section had this one meeting, and the patient were in it."""
        group, day = self.clinic.groups[running.group], DAY_NUMBER[m.day]
        cell = self.clinic.grid.cell(day, m.start)
        cells = self.clinic.meeting_cells(group, day, m.start)
        starts = self.screen.seat_starts(patient, group.id, remote)
        by_video = self.clinic.member_remote(group, remote)
        full = len(running.members) >= group.size.max
        crowded = (
            not by_video
            and m.room is not None
            and len(self.week.present(running, day)) >= self.clinic.rooms[m.room].capacity
        )
        unwelcome = self.clinic.apart[patient] & set(running.members) or not all(
            self.screen.pairing(patient, t, True) for t in running.leaders_at(m)
        )
        if (
            full
            or crowded
            or unwelcome
            or not self.standing.ahead >> cell & 1
            or not starts >> cell & 1
            or self.week.patient_busy(patient) & cells
        ):
            return None
        week = self.week.copy()
        week.not_admitted = None
        alone = running.entry().model_copy(
            update={
                "id": f"{running.id}+guest",
                "meetings": (m.model_copy(update={"room": None}),),
                "leaders": (),
                "members": (patient,),
                "remote_members": (patient,) if remote else (),
                "absences": (),
            }
        )
        week.open(alone)
        own = Scope([patient], [], [], [], [], [], [])
        limits = ("weekly_maximum", "day_gap", "single_track")
        broken = any(
            True
            for rule in self.rules
            if rule.key in limits
            for _ in rule.check(self.clinic, week, own)
        )
        if broken:
            return None
        return Place(
            "guest", patient, group.service, running.id, ((day, m.start),), group.clinical,
            self._cost(week, patient), by_video,
        )  # fmt: skip


def _running_into(busy: int, length: int) -> int:
    """Start cells from which a session of so many cells would run into a busy one."""
    mask = 0
    for back in range(length):
        mask |= busy >> back
    return mask
