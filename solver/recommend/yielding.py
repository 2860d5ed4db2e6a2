"""Who could make room for somebody: one other patient moves one session, and goes short of nothing.

A seat in a full section becomes free when a member can go on in another section of the same service;
a therapist's hour when the appointment in it can be held at another time, by another therapist or in
another room. Whoever moves keeps all the care they had: no minute, session or day fewer, no day that
becomes too short. What else it costs them is counted in the goals like everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..fields import day_name
from ..ledger import Duty, Ledger, Use
from ..pins import ids_kept
from ..rules import RULE, Scope
from ..schedule import Appointment
from ..search.placing import Placing, obeys, scope_of
from ..timegrid import DAY_NUMBER, bits
from .costs import KEYS, Costs, Ranking, minus, of_patients, plus, without_staff

if TYPE_CHECKING:
    from .choices import Choices, Visit

CARE = tuple(KEYS.index(key) for key in ("unmet_care", "short_days", "turned_away"))
"""Goals in which nobody who makes room may come off worse."""
LASTING = tuple(RULE[key] for key in ("day_gap", "waitlist"))
"""Rules about a patient's week that ``obeys`` leaves for the end."""
MOST_TRIED = 40
"""Other places tried for one appointment, the most alike first."""
MOST_KEPT = 4


@dataclass(frozen=True, slots=True)
class Move:
    """One session of another patient, before and after.

    Either a seat (``leaves`` one section and ``joins`` another) or an appointment (``before`` and
    ``after``). ``costs`` is what it changes for the patient who moves.
    """

    patient: str
    costs: Costs
    leaves: str = ""
    joins: str = ""
    remote: bool = False
    before: Appointment | None = None
    after: Appointment | None = None

    def make(self, ledger: Ledger) -> None:
        """Move on a ledger."""
        if self.before is not None and self.after is not None:
            ledger.cancel(self.before.id)
            ledger.book(self.after)
        else:
            ledger.leave(self.leaves, self.patient)
            ledger.join(self.joins, self.patient, self.remote)


@dataclass(frozen=True, slots=True)
class Yield:
    """What has to be given up by somebody, and the moves by which it can be, the cheapest first."""

    key: str
    moves: tuple[Move, ...]


class Yielding:
    """Moves of other patients that make room for one."""

    def __init__(self, around: Ledger, patient: str) -> None:
        self.ledger = around.copy()
        self.clinic = around.clinic
        self.patient = patient
        self.placing = Placing(self.ledger)
        self.screen = self.placing.screen
        self.ranking = Ranking(self.clinic)
        self.kept = ids_kept(self.clinic)
        locks = self.clinic.scenario.locks
        self.locked = {(lock.patient, lock.group) for lock in locks if lock.group}
        self._elsewhere: dict[str, tuple[Move, ...]] = {}
        self._minutes: dict[str, tuple[int, ...]] = {}

    def _worth(self, move: Move) -> tuple[int, ...]:
        return self.ranking(move.costs)

    # -- seats --------------------------------------------------------------------------------

    def of_section(self, section: str) -> tuple[Yield, bool] | None:
        """How a member could leave a section so that the patient can join; and whether by video."""
        if section in self.kept:
            return None
        moves: list[Move] = []
        remote = False
        for member in list(self.ledger.sections[section].members):
            group = self.ledger.sections[section].group
            if member == self.patient or (member, group) in self.locked:
                continue
            before = of_patients(self.clinic, self.ledger, {member})
            was = self.ledger.sections[section].members[member]
            self.ledger.leave(section, member)
            if self.placing.join(section, self.patient):
                remote = self.ledger.sections[section].members[self.patient]
                moves += self._seats_elsewhere(section, member, before)
                self.ledger.leave(section, self.patient)
            self.ledger.join(section, member, was)
        if not moves:
            return None
        moves.sort(key=self._worth)
        return Yield(f"a seat in {section}", tuple(moves[:MOST_KEPT])), remote

    def _seats_elsewhere(self, section: str, member: str, before: Costs) -> Iterator[Move]:
        """Sections of the same service in which a member could go on instead."""
        service = self.clinic.groups[self.ledger.sections[section].group].service
        for other in list(self.ledger.sections):
            group = self.ledger.sections[other].group
            if other == section or self.clinic.groups[group].service != service:
                continue
            if self.placing.join(other, member):
                remote = self.ledger.sections[other].members[member]
                change = self._change(member, before)
                self.ledger.leave(other, member)
                if change is not None:
                    yield Move(member, change, leaves=section, joins=other, remote=remote)

    def _change(self, patient: str, before: Costs) -> Costs | None:
        """What a move made on the ledger costs the one who moves; None if they lose care by it."""
        change = minus(of_patients(self.clinic, self.ledger, {patient}), before)
        scope = Scope([patient], [], [], [], [], [], [])
        if any(change[goal] > 0 for goal in CARE):
            return None
        if any(True for rule in LASTING for _ in rule.check(self.clinic, self.ledger, scope)):
            return None
        return change

    # -- appointments -------------------------------------------------------------------------

    def visits(self, choices: Choices, service: str, free: dict[int, Visit]) -> Iterator[Visit]:
        """For each start the cheapest appointment that is possible once somebody has made room.

        ``free`` are those for which nobody has to, by their cells: only what is better is given.
        """
        entry = self.clinic.services[service]
        if entry.format == "group":
            return
        length = self.clinic.grid.length(entry.minutes)
        busy = run_into(choices.around.patient_busy(self.patient), length)
        best: dict[int, Visit] = {}
        for remote in (False, True):
            mine = self.screen.visit_starts(self.patient, service, remote) & ~busy
            for t in self.screen.carers(self.patient, service) if mine else ():
                for cell in bits(mine & self.screen.care_starts(t, service, remote)):
                    day, start = self.clinic.grid.clock_of(cell)
                    at = self.clinic.occupied(day, start, entry.minutes)
                    beyond = best.get(cell) or free.get(at)
                    for visit in self._given(choices, service, cell, t, remote, beyond):
                        if beyond is None or self._price(visit) < self._price(beyond):
                            best[cell] = beyond = visit
        yield from (best[cell] for cell in sorted(best))

    def _price(self, visit: Visit) -> tuple[int, ...]:
        # Nobody is asked to move for the sake of the staff's idle time.
        return self.ranking(without_staff(visit.costs))

    def _given(
        self,
        choices: Choices,
        service: str,
        cell: int,
        therapist: str,
        remote: bool,
        beyond: Visit | None,
    ) -> Iterator[Visit]:
        """Appointments at a start with a therapist for which one other is moved.

        Only such as suit the patient better than the one there is (``beyond``).
        """
        clinic = self.clinic
        day, start = clinic.grid.clock_of(cell)
        cells = clinic.occupied(day, start, clinic.services[service].minutes)
        in_the_way = [d for d in self.ledger.duties[therapist] if d.cells & cells]
        rooms: list[str | None] = [None]
        if not remote:
            rooms = [r for r in clinic.rooms if self.screen.housing(r, None, service) >> cell & 1]
        for room in rooms:
            uses = [u for u in self.ledger.room_uses[room] if u.cells & cells] if room else []
            ref = self._only_appointment(in_the_way, uses)
            if ref is None:
                continue
            visit = choices.priced(service, cell, therapist, room, remote)
            if beyond is not None and self._price(visit) >= self._price(beyond):
                continue
            moves = [m for m in self.elsewhere(ref) if self._leaves_room(m, visit)]
            if not moves:
                continue
            appointment = self.ledger.cancel(ref)
            legal = choices.is_legal(visit, self.ledger)
            self.ledger.book(appointment)
            if legal:
                paid = plus(visit.costs, moves[0].costs)
                yield replace(visit, costs=paid, given_up_by=Yield(ref, tuple(moves[:MOST_KEPT])))

    def _only_appointment(self, duties: list[Duty], uses: list[Use]) -> str | None:
        """The one appointment of somebody else that is in the way, if there is just one thing."""
        refs = {d.ref for d in duties} | {u.ref for u in uses}
        if len(refs) != 1:
            return None
        (ref,) = refs
        entry = self.ledger.appointments.get(ref)
        if entry is None or ref in self.kept or entry.patient == self.patient:
            return None
        return ref

    def _leaves_room(self, move: Move, visit: Visit) -> bool:
        """Whether a moved appointment leaves the patient's own its therapist, the room and hours."""
        before, after = move.before, move.after
        if before is None or after is None:
            return False
        day = DAY_NUMBER[after.day]
        cells = self.clinic.occupied(day, after.start, self.clinic.services[after.service].minutes)
        same = after.therapist == visit.therapist
        if cells & visit.cells and (same or (after.room is not None and after.room == visit.room)):
            return False
        return not same or self._has_hours(visit, before, day)

    def _has_hours(self, visit: Visit, before: Appointment, day: int) -> bool:
        """Whether a therapist may work so much more if an appointment of theirs goes on elsewhere.

        Args:
            day: on which it then is.
        """
        entry = self.clinic.therapists[visit.therapist]
        minutes = visit.cells.bit_count() * self.clinic.grid.minutes
        held = self.clinic.grid.held(self.clinic.services[before.service].minutes)
        was_here = before.therapist == visit.therapist
        worked = list(self._worked(visit.therapist))
        worked[DAY_NUMBER[before.day]] -= held if was_here else 0
        worked[day] += held
        worked[visit.day] += minutes
        week, a_day = entry.max_minutes_per_week, entry.max_minutes_per_day
        return (week is None or sum(worked) <= week) and (a_day is None or max(worked) <= a_day)

    def _worked(self, therapist: str) -> tuple[int, ...]:
        """Minutes of each day that a therapist works in the week as it is."""
        if therapist not in self._minutes:
            worked = [0] * 7
            for duty in self.ledger.duties[therapist]:
                worked[duty.day] += duty.cells.bit_count() * self.clinic.grid.minutes
            self._minutes[therapist] = tuple(worked)
        return self._minutes[therapist]

    def elsewhere(self, appointment: str) -> tuple[Move, ...]:
        """Other places for an appointment, the cheapest first."""
        if appointment not in self._elsewhere:
            before = self.ledger.appointments[appointment]
            had = of_patients(self.clinic, self.ledger, {before.patient})
            self.ledger.cancel(appointment)
            moves = [
                Move(before.patient, change, before=before, after=after)
                for after in self._like(before)
                if (change := self._tried(after, had)) is not None
            ]
            self.ledger.book(before)
            self._elsewhere[appointment] = tuple(sorted(moves, key=self._worth))
        return self._elsewhere[appointment]

    def _tried(self, after: Appointment, had: Costs) -> Costs | None:
        """What an appointment instead of the one taken out costs its patient; None if it may not be."""
        self.ledger.book(after)
        scope = scope_of(self.ledger, patients=[after.patient], appointment=after.id)
        change = None
        if obeys(self.clinic, self.ledger, scope, screened=True):
            change = self._change(after.patient, had)
        self.ledger.cancel(after.id)
        return change

    def _like(self, before: Appointment) -> list[Appointment]:
        """Where an appointment could be instead, the most alike first."""
        clinic, p, service = self.clinic, before.patient, before.service
        length = clinic.grid.length(clinic.services[service].minutes)
        busy = run_into(self.ledger.patient_busy(p), length)
        day, found = DAY_NUMBER[before.day], []
        for remote in (False, True):
            theirs = self.screen.visit_starts(p, service, remote) & ~busy
            for t in self.screen.carers(p, service) if theirs else ():
                taken = run_into(self.ledger.therapist_busy(t), length)
                for cell in bits(theirs & self.screen.care_starts(t, service, remote) & ~taken):
                    on, start = clinic.grid.clock_of(cell)
                    unlike = (
                        remote != before.remote,
                        t != before.therapist,
                        on != day,
                        abs(start - before.start),
                    )
                    found.append((unlike, cell, t, remote))
        out: list[Appointment] = []
        for _, cell, t, remote in sorted(found):
            out += self._in_a_room(before, cell, t, remote)
            if len(out) >= MOST_TRIED:
                break
        return out

    def _in_a_room(
        self, before: Appointment, cell: int, therapist: str, remote: bool
    ) -> Iterator[Appointment]:
        """The appointment at a start, in its own room if that is free, else in the smallest."""
        clinic = self.clinic
        day, start = clinic.grid.clock_of(cell)
        cells = clinic.occupied(day, start, clinic.services[before.service].minutes)
        same = (therapist, DAY_NUMBER[before.day], before.start)
        same_time = (therapist, day, start) == same and remote == before.remote
        room = None
        if not remote:
            fitting = [
                r
                for r in clinic.rooms
                if self.screen.housing(r, None, before.service) >> cell & 1
                and not self.ledger.room_busy(r) & cells
                and not (same_time and r == before.room)
            ]
            if not fitting:
                return
            room = min(fitting, key=lambda r: (r != before.room, clinic.rooms[r].capacity))
        elif same_time:
            return
        update = {
            "therapist": therapist,
            "day": day_name(day),
            "start": start,
            "room": room,
            "remote": remote,
        }
        yield before.model_copy(update=update)


def run_into(busy: int, length: int) -> int:
    """Start cells from which a session of so many cells would run into a busy one."""
    mask = 0
    for back in range(length):
        mask |= busy >> back
    return mask
