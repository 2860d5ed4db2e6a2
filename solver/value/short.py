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
    """A week, and who is short in it."""

    def __init__(self, clinic: Clinic, schedule: Schedule) -> None:
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
        return tuple(lack for c in self.care for lack in self._of(c.patient.id))

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
