"""Who is short of what, and when they could still come: what makes an addition worth trying."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ..clinic import Clinic
from ..ledger import Ledger
from ..report import Care, care
from ..report.figures import PARTS_OF_DAY
from ..scenario import Group
from ..schedule import Schedule
from ..screening import screening_of


@dataclass(frozen=True, slots=True)
class Span:
    """Hours of one day, in minutes of the day; half-open."""

    day: int
    start: int
    end: int

    @property
    def minutes(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Lack:
    """A service of which a patient could use more; ``sessions`` at most."""

    patient: str
    service: str
    sessions: int


class Short:
    """A week, and who is short in it.

    ``beyond_help`` are patients to whom no addition gives more; they lack nothing that could be added.
    """

    def __init__(
        self, clinic: Clinic, schedule: Schedule, beyond_help: frozenset[str] = frozenset()
    ) -> None:
        self.beyond_help = beyond_help
        self.clinic, self.schedule = clinic, schedule
        self.ledger = Ledger(clinic, schedule)
        self.screen = screening_of(clinic)

    @cached_property
    def care(self) -> tuple[Care, ...]:
        """Of everybody who is short, and of those who wait without a place."""
        return tuple(c for c in care(self.clinic, self.schedule) if not c.is_served)

    @cached_property
    def lacks(self) -> tuple[Lack, ...]:
        """What each of them could use more of."""
        helped = [c.patient.id for c in self.care if c.patient.id not in self.beyond_help]
        return tuple(lack for p in helped for lack in self._of(p))

    def _of(self, patient: str) -> Iterator[Lack]:
        needs, sittings = self.clinic.needs[patient], self.ledger.sittings[patient]
        minutes = needs.minutes_min - sum(s.clinical for s in sittings)
        for service, (least, most) in needs.quotas.items():
            had = sum(1 for s in sittings if s.service == service)
            wanted = max(0, least - had)
            clinical = self._clinical(service)
            if minutes > 0 and clinical:
                wanted = max(wanted, -(-minutes // clinical))
            if most is not None:
                wanted = min(wanted, most - had)
            if wanted > 0:
                yield Lack(patient, service, wanted)

    def _clinical(self, service: str) -> int:
        entry = self.clinic.services[service]
        groups = [g.clinical for g in self.clinic.scenario.groups if g.service == service]
        return max(groups, default=0) if entry.format == "group" else entry.clinical

    # -- hours --------------------------------------------------------------------------------

    def starts(self, lack: Lack, group: Group | None = None) -> int:
        """Start cells at which a patient could still have a session, whoever gives it."""
        p, clinic = lack.patient, self.clinic
        if group is None:
            minutes = clinic.services[lack.service].minutes
            found = [self.screen.visit_starts(p, lack.service, way) for way in (False, True)]
        else:
            minutes = group.minutes
            modes = self.screen.seat_modes(p, group.id)
            found = [self.screen.seat_starts(p, group.id, way) for way in modes]
        mask = 0
        for starts in found:
            mask |= starts
        busy = self.ledger.patient_busy(p)
        for back in range(clinic.grid.length(minutes)):
            mask &= ~(busy >> back)
        return mask

    def within(self, span: Span, minutes: int) -> int:
        """Start cells from which a session of so many minutes lies inside some hours."""
        grid, mask = self.clinic.grid, 0
        first = -(-span.start // grid.minutes) * grid.minutes
        for start in range(first, span.end - grid.held(minutes) + 1, grid.minutes):
            mask |= 1 << grid.cell(span.day, start)
        return mask

    def groups_of(self, service: str) -> list[Group]:
        """The groups that give a service."""
        return [g for g in self.clinic.scenario.groups if g.service == service]

    @cached_property
    def parts(self) -> tuple[tuple[str, tuple[Span, ...]], ...]:
        """Parts of the day with the hours of each day in them in which the clinic is open."""
        out = []
        for name, first, last in PARTS_OF_DAY:
            spans = tuple(
                span
                for day in self.clinic.open_days
                if (span := self._open(day, first * 60, last * 60)) is not None
            )
            if spans:
                out.append((name, spans))
        return tuple(out)

    def _open(self, day: int, first: int, last: int) -> Span | None:
        """The longest run of open hours of a day between two times."""
        grid = self.clinic.grid
        cells = self.clinic.open_cells & self.clinic.occupied(day, first, last - first)
        runs = [(length, grid.clock_of(cell)[1]) for cell, length in grid.runs(cells) if length]
        if not runs:
            return None
        length, start = max(runs, key=lambda run: (run[0], -run[1]))
        return Span(day, start, start + length * grid.minutes)

    def could_come(self, cells: int) -> list[str]:
        """Patients short of care who could have some session of what they lack in some cells."""
        out = []
        for lack in self.lacks:
            service = self.clinic.services[lack.service]
            groups: list[Group | None] = [None]
            if service.format == "group":
                groups = [*self.groups_of(lack.service)]
            if lack.patient not in out and any(self.starts(lack, g) & cells for g in groups):
                out.append(lack.patient)
        return out

    # -- staff --------------------------------------------------------------------------------

    def spare(self, therapist: str, cells: int) -> int:
        """Minutes that a therapist could still work in some cells, within their limits."""
        entry, step = self.clinic.therapists[therapist], self.clinic.grid.minutes
        hours = self.clinic.reachable[therapist] & self.clinic.open_cells
        busy = self.ledger.therapist_busy(therapist)
        left = 0
        for day in range(7):
            mask = self.clinic.grid.day_mask(day)
            free = (hours & cells & mask & ~busy).bit_count() * step
            if entry.max_minutes_per_day is not None:
                worked = (busy & mask).bit_count() * step
                free = min(free, max(0, entry.max_minutes_per_day - worked))
            left += free
        if entry.max_minutes_per_week is not None:
            left = min(left, max(0, entry.max_minutes_per_week - busy.bit_count() * step))
        return left

    @cached_property
    def spare_of_week(self) -> dict[str, int]:
        """Minutes that each therapist could still work in the week."""
        return {t: self.spare(t, self.clinic.open_cells) for t in self.clinic.therapists}

    def may_give(self, therapist: str, service: str) -> bool:
        """Whether a therapist may ever give a service, or lead a group that does."""
        if self.clinic.services[service].format != "group":
            return bool(self.screen.caring(therapist, service))
        return any(self.leaders_of(g, therapist) for g in self.groups_of(service))

    def leaders_of(self, group: Group, therapist: str) -> bool:
        """Whether a therapist may take one of the leader's places in a group."""
        places = range(len(group.leaders))
        return any(self.screen.leading(therapist, group.id, place) for place in places)

    def has_leaders(self, group: Group, meetings: int) -> bool:
        """Whether therapists who may lead a group have the hours for one section more."""
        needed = self.clinic.grid.held(group.minutes) * meetings
        ready = [
            t
            for t, spare in self.spare_of_week.items()
            if spare >= needed and self.leaders_of(group, t)
        ]
        return len(ready) >= len(group.leaders)
