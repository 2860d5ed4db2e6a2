"""What changes for people who have a week already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger
from ..linear import Linear
from ..schedule import Appointment
from ..timegrid import DAY_NUMBER
from .base import PatientGoal

if TYPE_CHECKING:
    from ..variables import Variables

GROUP_LEFT_OR_JOINED = 4
TIME_DIFFERS = 3
LEADERS_DIFFER = 1
ROOMS_DIFFER = 1
MEETING_CANCELLED = 4
APPOINTMENT_THERAPIST = 2
APPOINTMENT_TIME = 2
APPOINTMENT_ROOM = 1
APPOINTMENT_ALONE = 4


@dataclass(slots=True)
class Seat:
    """What a patient's sections of one group are like together."""

    days: set[int] = field(default_factory=set)
    starts: set[int] = field(default_factory=set)
    leaders: set[str] = field(default_factory=set)
    rooms: set[str] = field(default_factory=set)
    cancelled: int = 0


@dataclass(slots=True)
class Habit:
    """A patient's week as it was: seats by group, appointments by service in time order."""

    seats: dict[str, Seat] = field(default_factory=dict)
    appointments: dict[str, list[Appointment]] = field(default_factory=dict)


def habits(clinic: Clinic) -> dict[str, Habit]:
    """Each patient's baseline week, closed dates left out; only patients with a session in it."""
    return clinic.remember("habits", lambda: _habits(clinic))


def _habits(clinic: Clinic) -> dict[str, Habit]:
    out: dict[str, Habit] = {}
    base = clinic.baseline
    if base is None:
        return out
    for section in base.sections:
        meetings = clinic.open_meetings(section)
        for p in section.members if meetings else ():
            seat = out.setdefault(p, Habit()).seats.setdefault(section.group, Seat())
            for m in meetings:
                seat.days.add(DAY_NUMBER[m.day])
                seat.starts.add(m.start)
                if not m.cancelled:
                    seat.leaders.update(section.leaders_at(m))
                    if m.room is not None:
                        seat.rooms.add(m.room)
    for a in sorted(base.appointments, key=lambda a: (DAY_NUMBER[a.day], a.start, a.id)):
        if DAY_NUMBER[a.day] not in clinic.closed_days:
            out.setdefault(a.patient, Habit()).appointments.setdefault(a.service, []).append(a)
    return out


class Disruption(PatientGoal):
    """Against the baseline, over patients with sessions in it who are still here.

    4 for each group left and each group joined. For each group kept: 3 if its days or start differ,
    1 if the set of leaders differs, 1 if the set of rooms differs, 4 for each of its meetings
    cancelled; absences cost nothing, they were asked for. Appointments of one service are paired in
    time order: 2 if the therapist differs, 2 if the day or start differs, 1 if the room differs, 4 for
    each one without a pair. With several sections of one group, the sets over all of them are
    compared. Days on closed dates and groups that are gone are left out on both sides.
    """

    key = "disruption"
    title = "Changes for people who have a week already"
    unit = "change points"

    def of(self, clinic: Clinic, ledger: Ledger, patient: str) -> int:
        habit = habits(clinic).get(patient)
        if habit is None:
            return 0
        now = self._seats(clinic, ledger, patient)
        cost = GROUP_LEFT_OR_JOINED * len(set(habit.seats) ^ set(now))
        for group in set(habit.seats) & set(now):
            was, seat = habit.seats[group], now[group]
            cost += TIME_DIFFERS * ((was.days, was.starts) != (seat.days, seat.starts))
            cost += LEADERS_DIFFER * (was.leaders != seat.leaders)
            cost += ROOMS_DIFFER * (was.rooms != seat.rooms)
            cost += MEETING_CANCELLED * seat.cancelled
        return cost + self._appointments(clinic, ledger, patient, habit)

    def _seats(self, clinic: Clinic, ledger: Ledger, patient: str) -> dict[str, Seat]:
        out: dict[str, Seat] = {}
        for running in ledger.sections_of(patient):
            seat = out.setdefault(running.group, Seat())
            for m in running.meetings:
                if DAY_NUMBER[m.day] in clinic.closed_days:
                    continue
                seat.days.add(DAY_NUMBER[m.day])
                seat.starts.add(m.start)
                seat.cancelled += m.cancelled
                if not m.cancelled:
                    seat.leaders.update(running.leaders_at(m))
                    if m.room is not None:
                        seat.rooms.add(m.room)
        return out

    def _appointments(self, clinic: Clinic, ledger: Ledger, patient: str, habit: Habit) -> int:
        now: dict[str, list[Appointment]] = {}
        for s in sorted(ledger.sittings[patient], key=lambda s: (s.day, s.start, s.ref)):
            if s.group is None and s.day not in clinic.closed_days:
                now.setdefault(s.service, []).append(ledger.appointments[s.ref])
        cost = 0
        for service in set(habit.appointments) | set(now):
            was, have = habit.appointments.get(service, []), now.get(service, [])
            cost += APPOINTMENT_ALONE * abs(len(was) - len(have))
            cost += sum(
                pair_cost(a, b.therapist, b.day, b.start, b.room)
                for a, b in zip(was, have, strict=False)
            )
        return cost

    def share(self, v: Variables, patient: str) -> Linear:
        habit = habits(v.clinic).get(patient)
        out = Linear()
        if habit is None:
            return out
        by_group: dict[str, list[object]] = {}
        for seat in v.seats_of(patient):
            by_group.setdefault(seat.group or "", []).append(seat.var)
        held = self._seats(v.clinic, v.ledger, patient)
        for group in {*habit.seats, *by_group, *held}:
            member = v.any_of(by_group.get(group, []), group in held)
            if group not in habit.seats:
                out.add(member, GROUP_LEFT_OR_JOINED)
                continue
            out.constant += GROUP_LEFT_OR_JOINED
            out.add(member, -GROUP_LEFT_OR_JOINED)
            out += self._kept(v, patient, group, habit.seats[group], member, held.get(group))
        for service in {*habit.appointments, *v.services_of(patient)}:
            out += v.paired(patient, service, habit.appointments.get(service, []))
        return out

    def _kept(
        self, v: Variables, patient: str, group: str, was: Seat, member: object, held: Seat | None
    ) -> Linear:
        """Costs of a group kept: each difference is a flag that every reason for it pushes to 1."""
        held = held or Seat()
        seats = [s for s in v.seats_of(patient) if s.group == group]
        out = Linear(constant=MEETING_CANCELLED * held.cancelled)
        time, leaders, rooms = v.flag(), v.flag(), v.flag()
        out.add(time, TIME_DIFFERS).add(leaders, LEADERS_DIFFER).add(rooms, ROOMS_DIFFER)
        v.implied(time, not held.days <= was.days or not held.starts <= was.starts)
        v.implied(leaders, not held.leaders <= was.leaders)
        v.implied(rooms, not held.rooms <= was.rooms)
        for s in seats:
            option = v.option(s)
            if not set(option.days) <= was.days or option.start not in was.starts:
                v.weighted_at_most([(s.var, 1), (time, -1)], 0)
        for day in was.days - held.days:
            there = [s.var for s in seats if day in v.option(s).days]
            v.covered(member, there, time)
        for start in was.starts - held.starts:
            v.covered(member, [s.var for s in seats if v.option(s).start == start], time)
        if v.free.alone:  # who leads and where is then left open
            return out
        for flags, known, so_far, flag in (
            (v.leader_flags, was.leaders, held.leaders, leaders),
            (v.room_flags, was.rooms, held.rooms, rooms),
        ):
            for s in seats:
                v.foreign(s, flags(s.option), known, flag)
            for name in known - so_far:
                v.lacking(member, seats, flags, name, flag)
        return out


def pair_cost(was: Appointment, therapist: str, day: str, start: int, room: str | None) -> int:
    """What it costs when an appointment takes the place of one of the baseline."""
    return (
        APPOINTMENT_THERAPIST * (was.therapist != therapist)
        + APPOINTMENT_TIME * ((was.day, was.start) != (day, start))
        + APPOINTMENT_ROOM * (was.room != room)
    )
