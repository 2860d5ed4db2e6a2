"""Ways in which a patient could get a session of a service, and the changes each way would need.

A way is a seat in a section that runs, a new section, or an appointment. Hours, bookings, licences,
rooms and sizes are looked at with masks and the ledger; whether a way really works is proved
afterwards (``proof.py``). Of ways that need the same changes only the smallest are kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..ledger import Ledger
from ..rules import RULE, Scope
from ..scenario import Group, Service
from ..timegrid import DAY_NUMBER
from . import remedies
from .board import Board
from .helpers import Helper, Helpers
from .remedies import Step, once
from .trying import booked, opened, seated

EXTENSION = 120
"""Minutes by which suggestions open the clinic earlier or later at most."""
COARSE = 30
"""Minutes between new start times that suggestions consider."""
FEWEST = 2
"""Members with whom a group is still one, unless it may run with one as it is."""
MOST_STEPS = 4
ALIKE = 2
"""Ways kept of those that need the same changes."""


_PLAN = (RULE["weekly_maximum"], RULE["single_track"])
"""Rules on a patient's own week that more sessions cannot mend."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a session.

    Attributes:
        section: the running section to join; None for a new section or an appointment.
        start: minutes of the day; with ``days`` when it would be.
        steps: changes it needs, none where the week only has to be rearranged.
        aside: ids of sessions that have to move for it.
        fillers: others who would join without lacking it.
        clashes: what of the patient's other sessions would have to change for it, in words.
    """

    service: str
    group: str | None
    section: str | None
    days: tuple[int, ...]
    start: int
    steps: tuple[Step, ...]
    aside: frozenset[str] = frozenset()
    fillers: int = 0
    clashes: tuple[str, ...] = ()

    @property
    def cost(self) -> int:
        return sum(step.cost for step in self.steps)

    @property
    def signature(self) -> frozenset[tuple[str, str]]:
        return frozenset((s.kind, s.target) for s in self.steps)

    def order(self) -> tuple[int, int, int]:
        """The least change first; each session that has to move counts as one."""
        moves = len(self.aside) + self.fillers + 3 * bool(self.clashes)
        return self.cost + moves, moves, len(self.steps)


def sorted_ways(ways: Iterable[Way]) -> list[Way]:
    """The cheapest ways first, a few of those that need the same changes."""
    kept: dict[object, list[Way]] = defaultdict(list)
    for way in sorted(ways, key=Way.order):
        alike = kept[way.signature, way.group, way.section]
        if len(alike) < (1 if way.section else ALIKE) and len(way.steps) <= MOST_STEPS:
            alike.append(way)
    return sorted((w for alike in kept.values() for w in alike), key=Way.order)


class Ways:
    """The ways of one patient in one week."""

    def __init__(self, board: Board, patient: str) -> None:
        self.board, self.clinic, self.ledger = board, board.clinic, board.ledger
        self.patient = patient
        self.screen = board.screen
        self.helpers = Helpers(board)
        self._plans: dict[tuple[str, int], tuple[str, ...]] = {}
        self._broken = set(board.broken)

    def to(self, service: str) -> list[Way]:
        """Ways to a session of a service, the smallest changes first."""
        entry = self.clinic.services[service]
        if service not in self.clinic.needs[self.patient].quotas:
            return []
        if entry.format != "group":
            return sorted_ways(self._appointments(entry))
        found: list[Way] = []
        for group in self.clinic.scenario.groups:
            if group.service == service:
                found += self._seats(group)
                found += self._sections(group)
        return sorted_ways(found)

    # -- the patient's own hours -----------------------------------------------------------------

    def _own(
        self, cells: int, remote: bool, family: bool
    ) -> tuple[Step | None, frozenset[str]] | None:
        """What the patient's hours need, and their own sessions then; None where they are not there."""
        clinic, p = self.clinic, self.patient
        here = 0
        for day in clinic.stay[p]:
            here |= clinic.grid.day_mask(day)
        if cells & ~here:
            return None
        missing = cells & (~clinic.patient_hours[p] | clinic.committed[p, remote])
        relatives = cells & ~clinic.family_hours[p] if family else 0
        if clinic.patients[p].availability is None:
            missing &= clinic.committed[p, remote] | clinic.opening
        if clinic.patients[p].family_availability is None:
            relatives &= clinic.opening
        step = None
        if missing or relatives:
            step = remedies.own_hours(clinic, p, missing, relatives, remote)
        aside = frozenset(s.ref for s in self.ledger.sittings[p] if s.cells & cells)
        return step, aside

    def _opening(self, cells: int) -> Step | None:
        missing = cells & ~self.clinic.opening
        return remedies.opening(self.clinic, missing) if missing else None

    # -- seats in sections that run --------------------------------------------------------------

    def _seats(self, group: Group) -> Iterator[Way]:
        clinic, ledger, p = self.clinic, self.ledger, self.patient
        mine = [s for s in ledger.by_group[group.id] if p in ledger.sections[s].members]
        if len(mine) >= group.per_patient or group.id in clinic.continuing:
            return
        for ref in ledger.by_group[group.id]:
            running = ledger.sections[ref]
            leaders = {t for m in running.held() for t in running.leaders_at(m)}
            open_to = all(self.screen.pairing(p, t, True) for t in leaders)
            if p in running.members or not open_to or clinic.apart[p] & set(running.members):
                continue
            held = [m for m in running.held() if DAY_NUMBER[m.day] in clinic.stay[p]]
            days = tuple(DAY_NUMBER[m.day] for m in held)
            if not days:
                continue
            start, cells = running.meetings[0].start, 0
            for day in days:
                cells |= clinic.meeting_cells(group, day, start)
            for remote in self.screen.seat_modes(p, group.id):
                by_video = clinic.member_remote(group, remote)
                own = self._own(cells, by_video, False)
                if own is None:
                    continue
                steps = [own[0]] if own[0] else []
                aside = set(own[1])
                if len(running.members) >= group.size.max:
                    steps.append(remedies.seats(clinic, group.id, len(running.members) + 1))
                room = self._larger_room(ref, by_video, days)
                if room is None:
                    continue
                steps += room
                if self._is_crowded(ref, by_video, days):
                    aside.add(ref)
                clashes = self.plan_of_group(group, ref, days, start)
                yield Way(
                    group.service,
                    group.id,
                    ref,
                    days,
                    start,
                    once(steps),
                    frozenset(aside),
                    clashes=clashes,
                )

    def _is_crowded(self, ref: str, by_video: bool, days: Iterable[int]) -> bool:
        """Whether one more in the room is more than it seats on one of the days."""
        running = self.ledger.sections[ref]
        return not by_video and any(
            len(self.ledger.present(running, DAY_NUMBER[m.day])) + 1
            > self.clinic.rooms[m.room].capacity
            for m in running.held()
            if m.room is not None and DAY_NUMBER[m.day] in days
        )

    def _larger_room(self, ref: str, by_video: bool, days: tuple[int, ...]) -> list[Step] | None:
        """A room more for a section that its own room cannot hold; [] where it needs none."""
        if not self._is_crowded(ref, by_video, days):
            return []
        running = self.ledger.sections[ref]
        group, start = self.clinic.groups[running.group], running.meetings[0].start
        heads = 1 + max(len(self.ledger.present(running, d)) for d in days)
        large = self.helpers.rooms_for(group, heads)
        if not large:
            return None
        meets = [(d, start) for d in running.days]
        if self.helpers.free_room(large, meets, group=group.id, beside=(ref,)):
            return []
        return [remedies.another_room(self.clinic, large[0])]

    # -- new sections ----------------------------------------------------------------------------

    def _sections(self, group: Group) -> Iterator[Way]:
        clinic, ledger = self.clinic, self.ledger
        modes = self.screen.seat_modes(self.patient, group.id)
        mine = sum(self.patient in ledger.sections[s].members for s in ledger.by_group[group.id])
        if not modes or group.id in clinic.continuing or mine >= group.per_patient:
            return
        more: list[Step] = []
        if len(ledger.by_group[group.id]) >= group.max_sections:
            more.append(remedies.section(clinic, group.id))
        company = self.helpers.company(group, self.patient)
        by_video = all(clinic.member_remote(group, mode) for mode in modes)
        for days, start, needed in self._times(group):
            cells, own_cells = 0, 0
            for day in days:
                cells |= clinic.meeting_cells(group, day, start)
                if day in clinic.stay[self.patient]:
                    own_cells |= clinic.meeting_cells(group, day, start)
            own = self._own(own_cells, by_video, False) if own_cells else None
            if own is None:
                continue
            lead = self.helpers.leaders(group, days, start)
            housed = self.helpers.rooms(group, days, start)
            if lead is None or housed is None:
                continue
            steps = [*more, *needed, *([own[0]] if own[0] else []), *lead.steps, *housed.steps]
            needy, others = company.at(days, start)
            members = 1 + needy + others
            if members < min(FEWEST, group.size.min):
                continue
            if members < group.size.min:
                steps.append(remedies.fewer(clinic, group.id, members))
            yield Way(
                group.service,
                group.id,
                None,
                days,
                start,
                once(steps),
                own[1] | lead.aside | housed.aside,
                max(0, min(group.size.min, members) - 1 - needy),
                self.plan_of_group(group, None, days, start),
            )

    def _times(self, group: Group) -> Iterator[tuple[tuple[int, ...], int, list[Step]]]:
        """Days and starts of a new section, and what a time needs: another start, longer opening."""
        clinic, grid = self.clinic, self.clinic.grid
        regular = self.screen.gathering(group.id)
        for days in clinic.day_sets[group.id]:
            for start in range(0, 24 * 60 - group.minutes + 1, grid.minutes):
                cells = [grid.cell(d, start) for d in days]
                if all(regular >> c & 1 for c in cells):
                    yield days, start, []
                    continue
                if start % max(COARSE, grid.minutes):
                    continue
                steps = self._irregular(group, days, start)
                if steps is not None:
                    yield days, start, steps

    def _irregular(self, group: Group, days: tuple[int, ...], start: int) -> list[Step] | None:
        """What a time outside the group's starts or opening hours needs; None where it is too far."""
        clinic = self.clinic
        cells = 0
        for day in days:
            cells |= clinic.meeting_cells(group, day, start)
        # Opening hours grow by a little and on days that have some; equipment and windows do not.
        if cells & ~clinic.group_hours[group.id] or not self._near_opening(cells):
            return None
        if any(cells & ~clinic.equipment_hours[item] for item, n in group.equipment.items() if n):
            return None
        steps = []
        if group.start_times and start not in group.start_times:
            steps.append(remedies.start_time(clinic, group.id, start))
        opened = self._opening(cells)
        return [*steps, opened] if opened else steps

    def _near_opening(self, cells: int) -> bool:
        clinic = self.clinic
        reach = clinic.opening
        for _ in range(EXTENSION // clinic.grid.minutes):
            reach |= reach << 1 | reach >> 1
        for day in range(7):
            whole = clinic.grid.day_mask(day)
            if cells & whole and (day in clinic.closed_days or not clinic.opening & whole):
                return False
        return not cells & ~reach

    # -- appointments ----------------------------------------------------------------------------

    def _appointments(self, service: Service) -> Iterator[Way]:
        clinic, grid = self.clinic, self.clinic.grid
        family = service.format == "family"
        regular = self.screen.appointing(service.id)
        for remote in (False, True):
            if not self.screen.receiving(self.patient, service.id, remote):
                continue
            for first in range(7 * grid.cells_a_day):
                day, start = grid.clock_of(first)
                if start + service.minutes > 24 * 60:
                    continue
                cells = clinic.occupied(day, start, service.minutes)
                opened: list[Step] = []
                if not regular >> first & 1:
                    extra = self._opening(cells)
                    if start % COARSE or extra is None or not self._near_opening(cells):
                        continue
                    opened = [extra]
                own = self._own(cells, remote, family)
                if own is None:
                    continue
                room = Helper() if remote else self.helpers.office(service, day, start)
                if room is None:
                    continue
                steps = [*opened, *([own[0]] if own[0] else []), *room.steps]
                if len(steps) > MOST_STEPS:
                    continue
                for t in clinic.therapists:
                    carer = self.helpers.carer(t, self.patient, service, day, start, remote)
                    if carer is None:
                        continue
                    yield Way(
                        service.id,
                        None,
                        None,
                        (day,),
                        start,
                        (*steps, *carer.steps),
                        own[1] | room.aside | carer.aside,
                        clashes=self.plan_of_visit(service, day, start),
                    )

    # -- the patient's own plan ------------------------------------------------------------------

    def plan_of_group(
        self, group: Group, ref: str | None, days: tuple[int, ...], start: int
    ) -> tuple[str, ...]:
        """What the patient's plan says against a seat beside everything they have."""
        if ref is None:
            week, _ = opened(self.ledger, group, days, start, (), (), [self.patient])
        else:
            week, _ = seated(self.ledger, ref, self.patient, False)
        return self._plan_says(week, group.id)

    def plan_of_visit(self, service: Service, day: int, start: int) -> tuple[str, ...]:
        """The same of an appointment; its hour does not matter."""
        key = service.id, day
        if key not in self._plans:
            anybody = next(iter(self.clinic.therapists))
            week = booked(self.ledger, self.patient, service, anybody, day, start, None, False)
            self._plans[key] = self._plan_says(week)
        return self._plans[key]

    def _plan_says(self, week: Ledger, *groups: str) -> tuple[str, ...]:
        scope = Scope([self.patient], [], [], [], groups, [], [])
        found = [v for rule in _PLAN for v in rule.check(self.clinic, week, scope)]
        return tuple(r.text for r in self.board.worded(v for v in found if v not in self._broken))
