"""Which single candidates may stand: the rules' ``forbids``, asked once a clinic and remembered.

Start times are sets of (day, start) kept as masks of start cells, so that "when may this patient
see this therapist" is one ``&`` of masks. Whoever wants to know why a start is missing asks
``reasons``: the rules are asked again and named.
"""

from __future__ import annotations

from collections.abc import Iterable

from .candidates import (
    Appointing,
    Attending,
    Candidate,
    Caring,
    Gathering,
    Housing,
    Joining,
    Leading,
    Opening,
    Pairing,
    Receiving,
    Working,
)
from .clinic import Clinic
from .rules import RULES, Rule
from .timegrid import bits

_JUDGES: dict[type, tuple[Rule, ...]] = {
    kind: tuple(rule for rule in RULES if kind in rule.judges)
    for kind in {kind for rule in RULES for kind in rule.judges}
}


def reasons(candidate: Candidate, clinic: Clinic) -> list[tuple[str, str]]:
    """Every (rule key, sentence) that forbids a candidate; empty if it may stand."""
    judged = (
        (rule.key, rule.forbids(candidate, clinic)) for rule in _JUDGES.get(type(candidate), ())
    )
    return [(key, why) for key, why in judged if why]


def may(candidate: Candidate, clinic: Clinic) -> bool:
    """Whether no rule forbids the candidate."""
    return not any(rule.forbids(candidate, clinic) for rule in _JUDGES.get(type(candidate), ()))


class Screening:
    """Answers of the rules about single candidates of one clinic."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        grid = clinic.grid
        # Only starts on the grid in an open cell can ever be legal: opening_hours and on_grid.
        self._starts = [(cell, *grid.clock_of(cell)) for cell in bits(clinic.open_cells)]

    def _mask(self, candidates: Iterable[tuple[int, Candidate]]) -> int:
        mask = 0
        for cell, candidate in candidates:
            if may(candidate, self.clinic):
                mask |= 1 << cell
        return mask

    def gathering(self, group: str) -> int:
        """Start cells at which a group may meet."""
        make = lambda: self._mask((c, Gathering(group, d, s)) for c, d, s in self._starts)  # noqa: E731
        return self.clinic.remember(("gathering", group), make)

    def appointing(self, service: str) -> int:
        """Start cells at which an appointment of a service may be."""
        make = lambda: self._mask((c, Appointing(service, d, s)) for c, d, s in self._starts)  # noqa: E731
        return self.clinic.remember(("appointing", service), make)

    def attending(self, patient: str, family: bool, remote: bool, minutes: int) -> int:
        """Start cells at which a patient may be in a session of some length."""
        cells = self.clinic.grid.length(minutes)
        key = ("attending", patient, family, remote, cells)
        return self.clinic.remember(
            key,
            lambda: self._mask(
                (c, Attending(patient, family, remote, d, s, minutes)) for c, d, s in self._starts
            ),
        )

    def working(self, therapist: str, roomless: bool, minutes: int) -> int:
        """Start cells at which a therapist may work for some length."""
        cells = self.clinic.grid.length(minutes)
        return self.clinic.remember(
            ("working", therapist, roomless, cells),
            lambda: self._mask(
                (c, Working(therapist, roomless, d, s, minutes)) for c, d, s in self._starts
            ),
        )

    def housing(self, room: str, group: str | None, service: str | None) -> int:
        """Start cells at which a room may hold a group's meeting or a service's appointment."""
        return self.clinic.remember(
            ("housing", room, group, service),
            lambda: self._mask(
                (c, Housing(room, group, service, d, s)) for c, d, s in self._starts
            ),
        )

    def _days(self, key: object, candidates: list[Candidate]) -> int:
        """Cells of the days on which the day's candidate may stand."""

        def make() -> int:
            mask = 0
            for day, candidate in enumerate(candidates):
                if may(candidate, self.clinic):
                    mask |= self.clinic.grid.day_mask(day)
            return mask

        return self.clinic.remember(key, make)

    def caring(self, therapist: str, service: str) -> int:
        """Cells of days on which a therapist may give a service."""
        found: list[Candidate] = [Caring(therapist, service, d) for d in range(7)]
        return self._days(("caring", therapist, service), found)

    def leading(self, therapist: str, group: str, place: int) -> int:
        """Cells of days on which a therapist may take a leader's place in a group."""
        found: list[Candidate] = [Leading(therapist, group, place, d) for d in range(7)]
        return self._days(("leading", therapist, group, place), found)

    def pairing(self, patient: str, therapist: str, group: bool) -> bool:
        return self.clinic.remember(
            ("pairing", patient, therapist, group),
            lambda: may(Pairing(patient, therapist, group), self.clinic),
        )

    def joining(self, patient: str, group: str, remote: bool) -> bool:
        return self.clinic.remember(
            ("joining", patient, group, remote),
            lambda: may(Joining(patient, group, remote), self.clinic),
        )

    def receiving(self, patient: str, service: str, remote: bool) -> bool:
        return self.clinic.remember(
            ("receiving", patient, service, remote),
            lambda: may(Receiving(patient, service, remote), self.clinic),
        )

    def opening(self, group: str, days: tuple[int, ...], start: int, continues: str | None) -> bool:
        return may(Opening(group, days, start, continues), self.clinic)

    # -- composed answers -----------------------------------------------------------------------

    def carers(self, patient: str, service: str) -> tuple[str, ...]:
        """Therapists who may ever see a patient for a service, in the scenario's order."""
        return self.clinic.remember(
            ("carers", patient, service),
            lambda: tuple(
                t
                for t in self.clinic.therapists
                if self.caring(t, service) and self.pairing(patient, t, False)
            ),
        )

    def care_starts(self, therapist: str, service: str, remote: bool) -> int:
        """Start cells at which a therapist may give an appointment of a service."""
        minutes = self.clinic.services[service].minutes
        mask = self.working(therapist, remote, minutes) & self.caring(therapist, service)
        return mask & self.appointing(service)

    def visit_starts(self, patient: str, service: str, remote: bool) -> int:
        """Start cells at which a patient may have an appointment, whoever gives it."""
        if not self.receiving(patient, service, remote):
            return 0
        entry = self.clinic.services[service]
        free = self.attending(patient, entry.format == "family", remote, entry.minutes)
        return free & self.appointing(service)

    def lead_starts(self, therapist: str, group: str, place: int) -> int:
        """Start cells at which a therapist may take a leader's place in a group's meeting."""
        entry = self.clinic.groups[group]
        mask = self.working(therapist, entry.modality == "telehealth", entry.minutes)
        return mask & self.leading(therapist, group, place) & self.gathering(group)

    def lead_starts_of_pin(self, therapist: str, group: str, place: int) -> int:
        """The same for a section whose leader a lock keeps: the lock itself does not stand in its way."""
        entry = self.clinic.groups[group]
        roomless = entry.modality == "telehealth"
        mask = 0
        for cell, day, start in self._starts:
            found = reasons(Working(therapist, roomless, day, start, entry.minutes), self.clinic)
            if all(rule == "locks" for rule, _ in found):
                mask |= 1 << cell
        return mask & self.leading(therapist, group, place) & self.gathering(group)

    def seat_modes(self, patient: str, group: str) -> tuple[bool, ...]:
        """In which ways a patient may be a member: in the room (False), as a remote member (True)."""
        return tuple(r for r in (False, True) if self.joining(patient, group, r))

    def seat_starts(self, patient: str, group: str, remote_member: bool) -> int:
        """Start cells of meetings a member may attend (their stay included)."""
        entry = self.clinic.groups[group]
        remote = self.clinic.member_remote(entry, remote_member)
        return self.attending(patient, False, remote, entry.minutes)


def screening_of(clinic: Clinic) -> Screening:
    """The clinic's screening, made once."""
    return clinic.remember("screening", lambda: Screening(clinic))
