"""Who could lead, who could come along and which room could be had, and the changes each would need."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from ..candidates import Caring, Leading
from ..clinic import Clinic
from ..scenario import Group, Service
from ..screening import reasons
from . import remedies
from .board import Board
from .remedies import Step, once

_PLACES = 4
"""Therapists considered for each leader's place, those who need the least first."""


@dataclass(frozen=True, slots=True)
class Helper:
    """What it takes to have somebody or something then: changes, and sessions that have to move."""

    who: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    aside: frozenset[str] = frozenset()

    def order(self) -> tuple[int, int]:
        return sum(s.cost for s in self.steps), len(self.aside)


class Company:
    """Other patients who could join a new section of a group: those who lack it, and those who may."""

    def __init__(self, clinic: Clinic, needy: dict[str, int], others: dict[str, int]) -> None:
        self.clinic, self.needy, self.others = clinic, needy, others

    def at(self, days: Iterable[int], start: int) -> tuple[int, int]:
        """How many could come on all of some days at a time: who lack it, and who may as well."""
        needy, others = self.who(days, start)
        return len(needy), len(others)

    def who(self, days: Iterable[int], start: int) -> tuple[list[str], list[str]]:
        """The same by name."""
        days = tuple(days)
        found = [
            [p for p, mask in kind.items() if self._comes(p, mask, days, start)]
            for kind in (self.needy, self.others)
        ]
        return found[0], found[1]

    def _comes(self, patient: str, mask: int, days: tuple[int, ...], start: int) -> bool:
        there = [d for d in days if d in self.clinic.stay[patient]]
        return bool(there) and all(mask >> self.clinic.grid.cell(d, start) & 1 for d in there)


class Helpers:
    """Leaders, carers, company and rooms around one week as it stands."""

    def __init__(self, board: Board) -> None:
        self.board, self.clinic, self.ledger = board, board.clinic, board.ledger
        self._known: dict[object, Helper | None] = {}
        self._company: dict[tuple[str, str], Company] = {}

    # -- company ---------------------------------------------------------------------------------

    def company(self, group: Group, patient: str) -> Company:
        """Who could join a new section of a group beside a patient."""
        key = group.id, patient
        if key not in self._company:
            masks: tuple[dict[str, int], dict[str, int]] = ({}, {})
            for q in self.clinic.patients:
                if q != patient and q not in self.clinic.apart[patient] and self._may(q, group):
                    mask = self._free_starts(q, group)
                    if mask:
                        masks[0 if self.lacks(q, group.service) else 1][q] = mask
            self._company[key] = Company(self.clinic, *masks)
        return self._company[key]

    def lacks(self, patient: str, service: str) -> bool:
        """Whether a patient is short of a service's sessions, or of minutes it could give."""
        needs, sittings = self.clinic.needs[patient], self.ledger.sittings[patient]
        least, _ = needs.quotas.get(service, (0, 0))
        if sum(1 for s in sittings if s.service == service) < least:
            return True
        return sum(s.clinical for s in sittings) < needs.minutes_min

    def _may(self, patient: str, group: Group) -> bool:
        """Whether one section more is within a patient's week; who waits is left waiting."""
        clinic, sittings = self.clinic, self.ledger.sittings[patient]
        if clinic.is_waiting(patient) and not sittings:
            return False
        needs = clinic.needs[patient]
        least = min((len(days) for days in clinic.day_sets[group.id]), default=1)
        most = needs.quotas.get(group.service, (0, 0))[1]
        count = sum(1 for s in sittings if s.service == group.service)
        inside = most is None or count + least <= most
        total = sum(s.clinical for s in sittings) + least * group.clinical
        inside = inside and (needs.minutes_max is None or total <= needs.minutes_max)
        seated = sum(
            patient in self.ledger.sections[s].members for s in self.ledger.by_group[group.id]
        )
        return inside and seated < group.per_patient

    def _free_starts(self, patient: str, group: Group) -> int:
        """Starts at which a patient could be in a group's meeting beside what they have."""
        mask = 0
        for mode in self.board.screen.seat_modes(patient, group.id):
            mask |= self.board.screen.seat_starts(patient, group.id, mode)
        busy = self.ledger.patient_busy(patient)
        for back in range(self.clinic.grid.length(group.minutes)):
            mask &= ~(busy >> back)
        return mask

    # -- therapists ------------------------------------------------------------------------------

    def leaders(self, group: Group, days: tuple[int, ...], start: int) -> Helper | None:
        """One leader a place, all different, with the least change; None where there are none."""
        key = ("leaders", group.id, days, start)
        if key not in self._known:
            able = [
                sorted(
                    (
                        found
                        for t in self.clinic.therapists
                        if (found := self.leader(t, group, place, days, start)) is not None
                    ),
                    key=Helper.order,
                )
                for place in range(len(group.leaders))
            ]
            choices = islice(_distinct(able), 200)
            self._known[key] = min(map(_together, choices), key=Helper.order, default=None)
        return self._known[key]

    def leader(
        self, therapist: str, group: Group, place: int, days: Sequence[int], start: int
    ) -> Helper | None:
        """What it takes for a therapist to lead then; None where no change listed will do."""
        steps: list[Step] = []
        for day in days:
            found = reasons(Leading(therapist, group.id, place, day), self.clinic)
            step = self._licence(therapist, found, group.leaders[place].credentials)
            if step is None:
                return None
            steps += step
        meets = [(d, start) for d in days]
        roomless = group.modality == "telehealth"
        return self._worker(therapist, meets, group.minutes, roomless, steps)

    def carer(
        self, therapist: str, patient: str, service: Service, day: int, start: int, remote: bool
    ) -> Helper | None:
        """What it takes for a therapist to see a patient then; None where no change listed will do."""
        if not self.board.screen.pairing(patient, therapist, False):
            return None
        steps: list[Step] = []
        if not self.board.screen.caring(therapist, service.id) & self.clinic.grid.day_mask(day):
            found = reasons(Caring(therapist, service.id, day), self.clinic)
            licence = self._licence(therapist, found, service.credentials)
            if licence is None:
                return None
            steps += licence
        most = self.clinic.therapists[therapist].max_caseload
        if most is not None and service.format == "individual":
            seen = self.ledger.caseload(therapist)
            if len(seen | {patient}) > max(most, len(seen)):
                steps.append(remedies.caseload(self.clinic, therapist, len(seen) + 1))
        return self._worker(therapist, [(day, start)], service.minutes, remote, steps)

    def _licence(
        self, therapist: str, found: Iterable[tuple[str, str]], wanted: Sequence[str]
    ) -> list[Step] | None:
        rules = {rule for rule, _ in found}
        if not rules:
            return []
        if rules != {"credentials"}:
            return None
        return [remedies.credential(self.clinic, therapist, wanted[0])]

    def _worker(
        self,
        therapist: str,
        meets: Sequence[tuple[int, int]],
        minutes: int,
        roomless: bool,
        steps: list[Step],
    ) -> Helper | None:
        """Hours, bookings and limits of a therapist for some sessions of a length."""
        clinic = self.clinic
        entry = clinic.therapists[therapist]
        cells = 0
        for day, start in meets:
            cells |= clinic.occupied(day, start, minutes)
            if day in clinic.frozen_days.get(therapist, ()):
                return None
        hours = (clinic.reachable if roomless else clinic.on_site)[therapist]
        missing = cells & ~hours
        if entry.availability is None:
            missing &= clinic.opening
        if entry.supervised and cells & ~self._watched(therapist):
            return None
        if missing:
            steps.append(remedies.therapist_hours(clinic, therapist, missing))
        aside = set()
        for duty in self.ledger.duties[therapist]:
            if duty.cells & cells:
                if duty.group is not None:
                    return None
                aside.add(duty.ref)
        limit = self._limit(therapist, meets, minutes)
        steps += [limit] if limit else []
        return Helper((therapist,), once(steps), frozenset(aside))

    def _watched(self, therapist: str) -> int:
        mask = 0
        for t, entry in self.clinic.therapists.items():
            if entry.supervisor and t != therapist:
                mask |= self.clinic.on_site[t]
        return mask

    def _limit(self, therapist: str, meets: Sequence[tuple[int, int]], minutes: int) -> Step | None:
        clinic = self.clinic
        worked = [0] * 7
        for duty in self.ledger.duties[therapist]:
            worked[duty.day] += duty.cells.bit_count() * clinic.grid.minutes
        for day, _ in meets:
            worked[day] += clinic.grid.held(minutes)
        longest = max(worked[day] for day, _ in meets)
        return remedies.therapist_limit(clinic, therapist, longest, sum(worked))

    # -- rooms -----------------------------------------------------------------------------------

    def rooms_for(self, group: Group, heads: int) -> list[str]:
        """Rooms that have what a group asks for and seat so many, the smallest first."""
        fit = [
            r.id
            for r in self.clinic.scenario.rooms
            if set(group.room_features) <= set(r.features) and r.capacity >= heads
        ]
        return sorted(fit, key=lambda r: self.clinic.rooms[r].capacity)

    def free_room(
        self,
        rooms: Iterable[str],
        meets: Iterable[tuple[int, int]],
        *,
        group: str | None = None,
        service: str | None = None,
        beside: Collection[str] = (),
    ) -> str | None:
        """The first room that is free at all of some times."""
        meets = list(meets)
        for r in rooms:
            if not any(
                self.board.of_room(r, d, s, group=group, service=service, beside=beside)
                for d, s in meets
            ):
                return r
        return None

    def rooms(self, group: Group, days: tuple[int, ...], start: int) -> Helper | None:
        """Rooms for a new section's meetings; None where no change listed will do."""
        if not group.needs_room:
            return Helper()
        key = ("rooms", group.id, days, start)
        if key not in self._known:
            heads = 0 if group.modality == "hybrid" else max(1, group.size.min)
            large, meets = self.rooms_for(group, heads), [(d, start) for d in days]
            everyday = self._room(large, meets, group.minutes)
            daily = [self._room(large, [meet], group.minutes) for meet in meets]
            if everyday is not None and everyday.order() != (0, 0):
                # A room of its own for each day, where that asks for less.
                each = [part for part in daily if part is not None]
                everyday = min(everyday, _together(each), key=Helper.order)
            self._known[key] = everyday
        return self._known[key]

    def office(self, service: Service, day: int, start: int) -> Helper | None:
        """A room for an appointment; None where no change listed will do."""
        key = ("office", service.id, day, start)
        if key not in self._known:
            fit = [
                r.id
                for r in self.clinic.scenario.rooms
                if set(service.room_features) <= set(r.features) and r.capacity >= service.party
            ]
            fit.sort(key=lambda r: self.clinic.rooms[r].capacity)
            self._known[key] = self._room(fit, [(day, start)], service.minutes)
        return self._known[key]

    def _room(
        self, fit: Sequence[str], meets: Sequence[tuple[int, int]], minutes: int
    ) -> Helper | None:
        """One of the rooms for some sessions of a length."""
        clinic = self.clinic
        cells = 0
        for day, start in meets:
            cells |= clinic.occupied(day, start, minutes)
        found: list[Helper] = []
        for r in fit:
            busy = [u for u in self.ledger.room_uses[r] if u.cells & cells]
            missing = cells & ~clinic.room_hours[r]
            if clinic.rooms[r].availability is None:
                missing &= clinic.opening
            if any(u.group is not None for u in busy):
                continue
            steps = (remedies.room_hours(clinic, r, missing),) if missing else ()
            helper = Helper((r,), steps, frozenset(u.ref for u in busy))
            if not steps and not busy:
                return helper
            found.append(helper)
        # Of what has hours of its own a copy has the same.
        always = [r for r in fit if not cells & clinic.opening & ~clinic.room_hours[r]]
        if always:
            found.append(Helper((always[0],), (remedies.another_room(clinic, always[0]),)))
        return min(found, key=Helper.order, default=None)


def _distinct(
    able: list[list[Helper]], used: frozenset[str] = frozenset()
) -> Iterable[list[Helper]]:
    """One helper of each list, all different people."""
    if not able:
        yield []
        return
    fresh = [h for h in able[0] if not used & set(h.who)]
    for helper in fresh[:_PLACES]:
        for rest in _distinct(able[1:], used | set(helper.who)):
            yield [helper, *rest]


def _together(helpers: Iterable[Helper]) -> Helper:
    """Several helpers as one; changes that are the same are made once."""
    who: list[str] = []
    steps: list[Step] = []
    aside: set[str] = set()
    for h in helpers:
        who += h.who
        steps += h.steps
        aside |= h.aside
    return Helper(tuple(who), once(steps), frozenset(aside))
