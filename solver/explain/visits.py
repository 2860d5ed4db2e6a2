"""What stands between a patient and an appointment: own hours, and each therapist's."""

from __future__ import annotations

from collections.abc import Iterable

from ..candidates import Receiving
from ..scenario import Service
from ..search.placing import scope_of
from ..timegrid import bits
from .board import Reason
from .obstacle import Obstacle, as_then
from .trying import NEW, booked
from .ways import Ways
from .wording import short as wording


class Visits:
    """What stands in the way of one patient's appointments."""

    def __init__(self, ways: Ways) -> None:
        self.ways, self.patient, self.board = ways, ways.patient, ways.board
        self.clinic, self.ledger = self.board.clinic, self.board.ledger
        self.names = self.board.names

    def to(self, service: Service) -> Iterable[Obstacle]:
        """Everything in the way of one more appointment of a service."""
        p, screen, names = self.patient, self.board.screen, self.names
        modes = [m for m in (False, True) if screen.receiving(p, service.id, m)]
        if not modes:
            found = self.board.forbidden(Receiving(p, service.id, False), p)
            text = wording.closed_to(names, p, service.id, found)
            yield Obstacle("closed", service.id, text, tuple(found))
            return
        carers = screen.carers(p, service.id)
        if not carers:
            text = wording.no_carer(names, p, service.id, service.credentials)
            yield Obstacle("nobody", service.id, text)
            return
        free = {m: self._own_starts(service, m) for m in modes}
        text = wording.own_starts(
            names, p, service, {m: self._cells(service, s) for m, s in free.items()}
        )
        plan = self._plan_reasons(service)
        yield Obstacle("own", service.id, text, tuple(plan))
        if not any(free.values()):
            return
        for t in carers:
            yield self._with(t, service, free)

    def _own_starts(self, service: Service, remote: bool) -> int:
        """Starts at which the patient could have an appointment beside what they have."""
        starts = self.board.screen.visit_starts(self.patient, service.id, remote)
        busy = self.ledger.patient_busy(self.patient)
        for back in range(self.clinic.grid.length(service.minutes)):
            starts &= ~(busy >> back)
        for day in range(7):
            whole = self.clinic.grid.day_mask(day)
            first = next(bits(starts & whole), None)
            if first is not None and self.ways.plan_of_visit(
                service, day, self.clinic.grid.clock_of(first)[1]
            ):
                starts &= ~whole
        return starts

    def _plan_reasons(self, service: Service) -> list[Reason]:
        """What the plan says against a session on this or that day."""
        starts = 0
        for remote in (False, True):
            starts |= self.board.screen.visit_starts(self.patient, service.id, remote)
        out = []
        for day in range(7):
            first = next(bits(starts & self.clinic.grid.day_mask(day)), None)
            if first is not None:
                at = self.clinic.grid.clock_of(first)[1]
                out += [
                    Reason("weekly_maximum", self.patient, text, day)
                    for text in self.ways.plan_of_visit(service, day, at)
                ]
        return out

    def _cells(self, service: Service, starts: int) -> int:
        mask = 0
        for back in range(self.clinic.grid.length(service.minutes)):
            mask |= starts << back
        return mask

    def _with(self, therapist: str, service: Service, free: dict[bool, int]) -> Obstacle:
        """Why a therapist cannot see the patient at any of the hours they have in common."""
        screen, names = self.board.screen, self.names
        common, left = 0, 0
        for remote, starts in free.items():
            both = starts & screen.care_starts(therapist, service.id, remote)
            common |= both
            busy = self.ledger.therapist_busy(therapist)
            for back in range(self.clinic.grid.length(service.minutes)):
                both &= ~(busy >> back)
            left |= both
        if not common:
            text = wording.nothing_in_common(names, self.patient, therapist)
            return Obstacle("appointment", service.id, text, therapist=therapist)
        cells = self._cells(service, common)
        duties = [d for d in self.ledger.duties[therapist] if d.cells & cells]
        busy_reasons = [
            r
            for d in duties
            for r in self.board.of_therapist(
                therapist, d.day, d.start, self.clinic.grid.minutes, roomless=True
            )
            if r.by == d.ref
        ]
        if not left:
            text = wording.all_taken(names, therapist, cells, busy_reasons)
            return Obstacle(
                "appointment", service.id, text, tuple(busy_reasons), therapist=therapist
            )
        why = self._of_free_starts(therapist, service, left, free)
        text = wording.not_then(names, therapist, self._cells(service, left), why)
        return Obstacle("appointment", service.id, text, tuple(why), therapist=therapist)

    def _of_free_starts(
        self, therapist: str, service: Service, left: int, free: dict[bool, int]
    ) -> list[Reason]:
        """What forbids each start that is free on both sides: rooms, limits, breaks."""
        out: dict[str, Reason] = {}
        for cell in bits(left):
            day, start = self.clinic.grid.clock_of(cell)
            for remote, starts in free.items():
                if not starts >> cell & 1:
                    continue
                room = None if remote else self._office(service, day, start)
                if room is None and not remote:
                    reason = Reason(
                        "room_fits", service.id, wording.no_office(self.names), day, start
                    )
                    out.setdefault(reason.text, reason)
                    continue
                after = booked(
                    self.ledger, self.patient, service, therapist, day, start, room, remote
                )
                scope = scope_of(after, patients=[self.patient], appointment=NEW)
                found = self.board.breaks(after, scope, NEW)
                if not found:
                    return []
                for r in map(as_then, found):
                    out.setdefault(r.text, r)
        return list(out.values())

    def _office(self, service: Service, day: int, start: int) -> str | None:
        for r in self.clinic.rooms:
            if not self.board.of_room(r, day, start, service=service.id):
                return r
        return None
