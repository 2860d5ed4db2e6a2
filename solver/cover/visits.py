"""What may be done about one appointment: somebody else, by video, another time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from ..clinic import Clinic
from ..fields import day_name
from ..ledger import Ledger
from ..schedule import Appointment
from ..screening import screening_of
from ..timegrid import DAY_NUMBER, bits
from .ops import Book, Op
from .out import Out
from .units import at_home

Kind = Literal["substitute", "room", "remote", "move", "merge", "cancel", "excuse"]
MOST_STARTS = 4
"""Starts tried with one therapist for one appointment, those nearest to the old one."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing to do about a unit.

    Attributes:
        ops: steps from the week in which the unit is dropped; none for ``cancel`` and ``excuse``.
        whole: section that the steps decide for all of its days.
        patients: whose week the steps touch.
    """

    kind: Kind
    ops: tuple[Op, ...]
    patients: frozenset[str]
    whole: str | None = None


class Visits:
    """Other places for appointments; ``frozen``: days before this one have happened."""

    def __init__(self, clinic: Clinic, outs: Iterable[Out], frozen: int) -> None:
        self.clinic, self.outs, self.frozen = clinic, tuple(outs), frozen
        self.screen = screening_of(clinic)

    def of(self, old: Appointment, week: Ledger) -> Iterator[Remedy]:
        """At its time with somebody else or by video; else at other times, the nearest first."""
        service = self.clinic.services[old.service]
        length = self.clinic.grid.length(service.minutes)
        here = self.clinic.grid.cell(DAY_NUMBER[old.day], old.start)
        busy = running_into(week.patient_busy(old.patient), length) | self._past()
        mine = frozenset({old.patient})
        for remote in (old.remote, not old.remote):
            starts = self.screen.visit_starts(old.patient, old.service, remote) & ~busy
            if not remote:
                starts &= ~self._at_home(old.patient)
            for t in self.screen.carers(old.patient, old.service) if starts else ():
                free = starts & self.screen.care_starts(t, old.service, remote)
                free &= ~running_into(week.therapist_busy(t), length)
                for cell in islice(self._nearest(free, here), MOST_STARTS):
                    found = self._placed(old, t, remote, cell, week)
                    if found is not None:
                        yield Remedy(self._kind(old, found), (Book(found),), mine)

    def _past(self) -> int:
        mask = 0
        for day in range(self.frozen):
            mask |= self.clinic.grid.day_mask(day)
        return mask

    def _at_home(self, patient: str) -> int:
        mask = 0
        for day in range(7):
            if at_home(patient, day, self.outs):
                mask |= self.clinic.grid.day_mask(day)
        return mask

    def _nearest(self, mask: int, here: int) -> Iterator[int]:
        """The old start first, then the same day, then by distance."""
        a_day = self.clinic.grid.cells_a_day
        return iter(
            sorted(bits(mask), key=lambda c: (c // a_day != here // a_day, abs(c - here), c))
        )

    def _placed(
        self, old: Appointment, therapist: str, remote: bool, cell: int, week: Ledger
    ) -> Appointment | None:
        day, start = self.clinic.grid.clock_of(cell)
        room = None
        if not remote:
            cells = self.clinic.occupied(day, start, self.clinic.services[old.service].minutes)
            fit = [
                r
                for r in self.clinic.rooms
                if self.screen.housing(r, None, old.service) >> cell & 1
                and not week.room_busy(r) & cells
            ]
            if not fit:
                return None
            room = min(fit, key=lambda r: (r != old.room, self.clinic.rooms[r].capacity))
        return old.model_copy(
            update={
                "therapist": therapist,
                "day": day_name(day),
                "start": start,
                "room": room,
                "remote": remote,
            }
        )

    def _kind(self, old: Appointment, new: Appointment) -> Kind:
        if (old.day, old.start) != (new.day, new.start):
            return "move"
        if new.remote and not old.remote:
            return "remote"
        return "substitute" if new.therapist != old.therapist else "room"


def running_into(busy: int, length: int) -> int:
    """Start cells from which a session of so many cells would run into a busy one."""
    mask = 0
    for back in range(length):
        mask |= busy >> back
    return mask
