"""What one patient could have in a week that stays as it is: seats in sections, appointments.

Each choice is judged alone here, by the rules' own checks on the ledger; which of them go together
is the search's business. With a ``Yielding`` there are also choices for which another patient would
have to make room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from ..clinic import Clinic
from ..fields import day_name
from ..goals.disruption import Habit, habits, pair_cost
from ..goals.staffing import SPREAD
from ..ledger import Ledger, Running
from ..pins import ids_kept
from ..rules import Scope
from ..schedule import Appointment, Section
from ..search.placing import Placing, obeys, scope_of
from ..timegrid import DAYS, bits
from .costs import CONTINUITY, NOT_PRIMARY, Costs, Ranking, costs, plus
from .yielding import Move, Yield, Yielding, run_into

TRIED = "\N{BULLET}tried"
"""Id of an appointment that is booked only to be judged; no file has it."""


MOST_AT_ONCE = 2
"""Therapists kept for one start: who suits best may have too much when there is more than one."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Membership of a section; ``opens`` is the section where it opens for this patient alone.

    ``days`` are those on which the patient attends it, ``cells`` all that it occupies of theirs.
    """

    section: str
    group: str
    service: str
    remote: bool
    days: tuple[int, ...]
    cells: int
    clinical: int
    costs: Costs
    opens: Section | None = None
    given_up_by: Yield | None = None

    @property
    def is_free(self) -> bool:
        """Whether nobody has to make room for it."""
        return self.given_up_by is None


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment of a service at a time; ``costs`` are its own, whatever else the day holds."""

    service: str
    day: int
    start: int
    cells: int
    clinical: int
    therapist: str
    room: str | None
    remote: bool
    costs: Costs
    given_up_by: Yield | None = None

    @property
    def is_free(self) -> bool:
        """Whether nobody has to make room for it."""
        return self.given_up_by is None

    def entry(self, patient: str, name: str) -> Appointment:
        """The appointment as a schedule has it."""
        return Appointment.model_construct(
            id=name,
            service=self.service,
            patient=patient,
            therapist=self.therapist,
            day=day_name(self.day),
            start=self.start,
            room=self.room,
            remote=self.remote,
        )


class Choices:
    """All that a patient could have beside what is locked.

    Attributes:
        around: the week without what is theirs and not locked; never changed for long.
        needed: sections that would fall below their least size without the patient.
        emptied: sections in which nobody else sits, which close if the patient does not come back.
    """

    def __init__(self, week: Ledger, patient: str) -> None:
        self.clinic: Clinic = week.clinic
        self.patient = patient
        self.around = week.copy()
        self.around.not_admitted = None
        self.placing = Placing(self.around)
        self.screen = self.placing.screen
        self.ranking = Ranking(self.clinic)
        self.kept = ids_kept(self.clinic)
        mine = [s.id for s in week.sections_of(patient)]
        self.placing.clear(patient, self.kept)
        left = [s for s in mine if patient not in self.around.sections[s].members]
        self.emptied = frozenset(s for s in left if not self.around.sections[s].members)
        self.needed = frozenset(
            s
            for s in left
            if s not in self.emptied and len(self.around.sections[s].members) < self._least(s)
        )
        self._rooms: dict[str, list[tuple[str, int, int]]] = {}
        self._visits: dict[tuple[str, bool], tuple[Visit, ...]] = {}

    def _least(self, section: str) -> int:
        return self.clinic.groups[self.around.sections[section].group].size.min

    @cached_property
    def habit(self) -> Habit | None:
        """The patient's week as it was, if there was one."""
        return habits(self.clinic).get(self.patient)

    # -- groups -------------------------------------------------------------------------------

    def seats(self, yielding: Yielding | None = None) -> list[Seat]:
        """Every section the patient could join, and those that could open for them alone.

        With ``yielding`` also sections in which a member could make room.
        """
        found = []
        for running in list(self.around.sections.values()):
            if self.patient in running.members:
                continue
            if self.placing.join(running.id, self.patient):
                remote = running.members[self.patient]
                self.around.leave(running.id, self.patient)
                found.append(self._seat(running, remote))
            elif yielding is not None and (given := yielding.of_section(running.id)) is not None:
                found.append(self._seat(running, given[1], given=given[0]))
        return [*found, *self._openings()]

    def _seat(
        self,
        running: Running,
        remote: bool,
        opens: Section | None = None,
        given: Yield | None = None,
    ) -> Seat:
        group = self.clinic.groups[running.group]
        sittings = self.around.seats(running, self.patient, remote)
        cells, away = 0, 0
        for s in sittings:
            cells |= s.cells
            away += CONTINUITY.away(self.clinic, self.patient, s.cells, s.remote)
        led = 0
        if opens is not None:
            led = self.clinic.grid.held(group.minutes) * len(opens.meetings) * len(opens.leaders)
        paid = costs(continuity=away, staffing=led)
        return Seat(
            section=running.id,
            group=group.id,
            service=group.service,
            remote=remote,
            days=tuple(sorted(s.day for s in sittings)),
            cells=cells,
            clinical=group.clinical,
            costs=paid if given is None else plus(paid, given.moves[0].costs),
            opens=opens,
            given_up_by=given,
        )

    def _openings(self) -> Iterator[Seat]:
        """Seats in sections that open for the patient alone, where a group needs no more members."""
        for group in self.clinic.scenario.groups:
            running = len(self.around.by_group[group.id])
            if group.size.min > 1 or group.id in self.clinic.continuing:
                continue
            if running >= group.max_sections or not self.screen.seat_modes(self.patient, group.id):
                continue
            for days in self.clinic.day_sets[group.id]:
                for start in self._common_starts(group.id, days):
                    name = self.placing.open(group.id, days, start, [self.patient])
                    if name is not None:
                        opened = self.around.sections[name]
                        remote = opened.members[self.patient]
                        seat = self._seat(opened, remote, opens=opened.entry())
                        self.around.close(name)
                        yield seat

    def _common_starts(self, group: str, days: tuple[int, ...]) -> list[int]:
        """Times of day at which a group could start on all days that the patient could come."""
        clinic, stay = self.clinic, self.clinic.stay[self.patient]
        mine = 0
        for remote in self.screen.seat_modes(self.patient, group):
            mine |= self.screen.seat_starts(self.patient, group, remote)
        length = clinic.grid.length(clinic.groups[group].minutes)
        mine &= ~run_into(self.around.patient_busy(self.patient), length)
        starts = self.screen.gathering(group)
        if not stay.intersection(days):
            return []
        common: set[int] | None = None
        for day in days:
            there = starts & clinic.grid.day_mask(day) & (mine if day in stay else starts)
            times = {clinic.grid.clock_of(c)[1] for c in bits(there)}
            common = times if common is None else common & times
        return sorted(common or ())

    # -- appointments -------------------------------------------------------------------------

    def visits(self, service: str, yielding: Yielding | None = None) -> tuple[Visit, ...]:
        """For each start the best appointments of a service, each with another therapist.

        With ``yielding`` also, for each start, the best one for which somebody would make room.
        """
        key = service, yielding is not None
        if key not in self._visits:
            found = list(self._free_visits(service))
            if yielding is not None:
                known = {v.cells: v for v in reversed(found)}
                found += yielding.visits(self, service, known)
            self._visits[key] = tuple(found)
        return self._visits[key]

    def _free_visits(self, service: str) -> Iterator[Visit]:
        entry = self.clinic.services[service]
        if entry.format == "group":
            return
        length = self.clinic.grid.length(entry.minutes)
        busy = run_into(self.around.patient_busy(self.patient), length)
        offers: dict[int, list[tuple[str, bool]]] = {}
        for remote in (False, True):
            mine = self.screen.visit_starts(self.patient, service, remote) & ~busy
            for t in self.screen.carers(self.patient, service) if mine else ():
                taken = run_into(self.around.therapist_busy(t), length)
                for cell in bits(mine & self.screen.care_starts(t, service, remote) & ~taken):
                    offers.setdefault(cell, []).append((t, remote))
        for cell in sorted(offers):
            there = [self.at(service, cell, t, r) for t, r in offers[cell]]
            yield from islice(self._legal(v for v in there if v is not None), MOST_AT_ONCE)

    def at(self, service: str, cell: int, therapist: str, remote: bool) -> Visit | None:
        """The appointment at a start with a therapist, in the best room; None without a room."""
        if remote:
            return self.priced(service, cell, therapist, None, remote)
        room = self.room_for(service, cell)
        return None if room is None else self.priced(service, cell, therapist, room, remote)

    def priced(
        self, service: str, cell: int, therapist: str, room: str | None, remote: bool
    ) -> Visit:
        """An appointment with what it costs by itself, legal or not."""
        clinic, entry = self.clinic, self.clinic.services[service]
        day, start = clinic.grid.clock_of(cell)
        cells = clinic.occupied(day, start, entry.minutes)
        stranger = CONTINUITY.stranger(clinic, self.patient, service, therapist)
        away = CONTINUITY.away(clinic, self.patient, cells, remote)
        paid = costs(
            continuity=away + NOT_PRIMARY * stranger,
            disruption=self._change(service, therapist, day, start, room),
            staffing=self._staffing(therapist, day, cells),
        )
        return Visit(service, day, start, cells, entry.clinical, therapist, room, remote, paid)

    def _change(self, service: str, therapist: str, day: int, start: int, room: str | None) -> int:
        """The least that an appointment costs as one of those of last week, gone on with."""
        before = self.habit.appointments.get(service, ()) if self.habit else ()
        return min((pair_cost(was, therapist, DAYS[day], start, room) for was in before), default=0)

    def _legal(self, offers: Iterable[Visit]) -> Iterator[Visit]:
        """Appointments at one start that break no rule of therapists, rooms and items, best first."""
        seen: set[str] = set()
        for offer in sorted(offers, key=lambda o: self.ranking(o.costs)):
            if offer.therapist not in seen and self.is_legal(offer):
                seen.add(offer.therapist)
                yield offer

    def is_legal(self, visit: Visit, ledger: Ledger | None = None) -> bool:
        """Whether the appointment alone could be added to the week, the patient's own limits aside."""
        ledger = self.around if ledger is None else ledger
        ledger.book(visit.entry(self.patient, TRIED))
        scope = scope_of(ledger, appointment=TRIED)
        fine = obeys(self.clinic, ledger, scope, screened=True)
        ledger.cancel(TRIED)
        return fine

    def are_legal_together(self, visits: tuple[Visit, ...]) -> bool:
        """Whether appointments, each of them legal, leave the therapists within their limits.

        What has to make room is taken to be gone.
        """
        therapists = {v.therapist for v in visits}
        if len(therapists) == len(visits):
            return True
        names = [f"{TRIED}{number}" for number, _ in enumerate(visits)]
        gone = {m.before.id: m.before for v in visits for m in _moves(v) if m.before}
        for ref in gone:
            self.around.cancel(ref)
        for name, visit in zip(names, visits, strict=True):
            self.around.book(visit.entry(self.patient, name))
        scope = Scope([], therapists, [], [], [], [], [])
        fine = obeys(self.clinic, self.around, scope, screened=True)
        for name in names:
            self.around.cancel(name)
        for appointment in gone.values():
            self.around.book(appointment)
        return fine

    def room_for(self, service: str, cell: int) -> str | None:
        """The room the patient had before if it is free, else the smallest free one that fits."""
        if service not in self._rooms:
            before = self.habit.appointments.get(service, []) if self.habit else []
            known = {a.room for a in before}
            fitting = [
                (r, self.screen.housing(r, None, service), self.around.room_busy(r))
                for r in self.clinic.rooms
            ]
            self._rooms[service] = sorted(
                fitting, key=lambda f: (f[0] not in known, self.clinic.rooms[f[0]].capacity)
            )
        day, start = self.clinic.grid.clock_of(cell)
        cells = self.clinic.occupied(day, start, self.clinic.services[service].minutes)
        for room, starts, busy in self._rooms[service]:
            if starts >> cell & 1 and not busy & cells:
                return room
        return None

    # -- staff --------------------------------------------------------------------------------

    def _staffing(self, therapist: str, day: int, cells: int) -> int:
        """What one session more changes in the goal of staffing, other new sessions aside."""
        busy = self.around.therapist_busy(therapist)
        idle = self.around.idle_cells(busy | cells, day) - self.around.idle_cells(busy, day)
        step = self.clinic.grid.minutes
        load = dict(self._loads)
        before = max(load.values()) - min(load.values()) if load else 0
        if available := self.clinic.available_minutes[therapist]:
            worked = self.worked[therapist] + cells.bit_count() * step
            load[therapist] = 100 * worked // available
        after = max(load.values()) - min(load.values()) if load else 0
        return step * idle + SPREAD * (after - before)

    @cached_property
    def worked(self) -> dict[str, int]:
        """Minutes that each therapist works in the week around."""
        step = self.clinic.grid.minutes
        return {
            t: step * sum(d.cells.bit_count() for d in duties)
            for t, duties in self.around.duties.items()
        }

    @cached_property
    def _loads(self) -> dict[str, int]:
        """Direct minutes in percent of available ones, of therapists who have any available."""
        return {
            t: 100 * self.worked[t] // available
            for t, available in self.clinic.available_minutes.items()
            if available
        }


def _moves(visit: Visit) -> tuple[Move, ...]:
    return () if visit.given_up_by is None else visit.given_up_by.moves
