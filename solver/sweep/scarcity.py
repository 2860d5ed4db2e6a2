"""What is scarce in a week: for each session somebody is short of, what keeps it from being added.

Plain Python over the week that was found. It says what stands in the way there, one session at a time;
``demand`` says, for the whole week, whether there is enough in total.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from ..clinic import Clinic
from ..ledger import Ledger
from ..scenario import Group
from ..schedule import Schedule
from ..search.placing import Placing
from ..timegrid import bits

OWN_HOURS = "patients' own hours"
SEATS = "group seats"
STAFF = "therapist hours"
ROOMS = "rooms"
COMPANY = "others who could come then"
FIT = "hours that fit together"
_CLOSEST_FIRST = (FIT, COMPANY, ROOMS, STAFF, SEATS, OWN_HOURS)
"""Of several ways to give a session, the one that fails last says what is scarce."""

MINUTES_A_SESSION = 60
"""What a missing session weighs, as in unmet care."""


def scarcity(clinic: Clinic, schedule: Schedule) -> tuple[tuple[str, float], ...]:
    """Each resource with its share of the unmet care that it keeps from being served, largest first."""
    looking = _Looking(clinic, schedule)
    weight: dict[str, float] = defaultdict(float)
    for patient, service, minutes in looking.missing():
        weight[looking.obstacle(patient, service)] += minutes
    whole = sum(weight.values())
    shares = [(name, amount / whole) for name, amount in weight.items() if amount]
    return tuple(sorted(shares, key=lambda s: (-s[1], _CLOSEST_FIRST.index(s[0]))))


class _Looking:
    """Questions about one week."""

    def __init__(self, clinic: Clinic, schedule: Schedule) -> None:
        self.clinic = clinic
        self.ledger = Ledger(clinic, schedule)
        self.placing = Placing(self.ledger)
        self.screen = self.placing.screen
        self._openings: dict[tuple[str, tuple[int, ...], int], str] = {}

    def missing(self) -> Iterator[tuple[str, str, float]]:
        """(patient, service, weighted minutes) of what active patients are short of."""
        for p, patient in self.clinic.patients.items():
            if self.clinic.is_waiting(p):
                continue
            needs, sittings = self.clinic.needs[p], self.ledger.sittings[p]
            short = max(0, needs.minutes_min - sum(s.clinical for s in sittings))
            counts = {s: sum(1 for x in sittings if x.service == s) for s in needs.quotas}
            owed = {s: n for s, (n, _) in needs.quotas.items() if n > counts[s]}
            for service, least in owed.items():
                sessions = least - counts[service]
                share = short * sessions / sum(n - counts[s] for s, n in owed.items())
                yield p, service, patient.priority * (MINUTES_A_SESSION * sessions + share)
            if short and not owed:
                more = [
                    s for s, (_, most) in needs.quotas.items() if most is None or most > counts[s]
                ]
                for service in more:
                    yield p, service, patient.priority * short / len(more)

    def obstacle(self, patient: str, service: str) -> str:
        """What keeps one more session of a service from a patient."""
        if self.clinic.services[service].format != "group":
            return self._without_appointment(patient, service)
        groups = [g for g in self.clinic.scenario.groups if g.service == service]
        found = [self._without_seat(patient, group) for group in groups]
        return min(found, key=_CLOSEST_FIRST.index, default=SEATS)

    # -- appointments -------------------------------------------------------------------------

    def _without_appointment(self, patient: str, service: str) -> str:
        entry = self.clinic.services[service]
        length = self.clinic.grid.length(entry.minutes)
        mine = ~_touching(self.ledger.patient_busy(patient), length)
        found = [OWN_HOURS]
        for remote in (False, True):
            starts = self.screen.visit_starts(patient, service, remote) & mine
            if not starts:
                continue
            found.append(STAFF)
            for t in self.screen.carers(patient, service):
                free = starts & self.screen.care_starts(t, service, remote)
                free &= ~_touching(self.ledger.therapist_busy(t), length)
                found += [self._with_carer(t, service, cell, remote) for cell in bits(free)]
        return min(found, key=_CLOSEST_FIRST.index)

    def _with_carer(self, therapist: str, service: str, cell: int, remote: bool) -> str:
        minutes = self.clinic.services[service].minutes
        day, start = self.clinic.grid.clock_of(cell)
        if not self._may_work(therapist, self.clinic.grid.held(minutes), day):
            return STAFF
        mask = self.clinic.occupied(day, start, minutes)
        housed = remote or any(
            self.screen.housing(r, None, service) >> cell & 1
            and not self.ledger.room_busy(r) & mask
            for r in self.clinic.rooms
        )
        return FIT if housed else ROOMS

    def _may_work(self, therapist: str, minutes: int, day: int) -> bool:
        """Whether a therapist's weekly and daily limits leave these minutes."""
        entry, step = self.clinic.therapists[therapist], self.clinic.grid.minutes
        worked = [0] * 7
        for duty in self.ledger.duties[therapist]:
            worked[duty.day] += duty.cells.bit_count() * step
        limits = (
            (entry.max_minutes_per_week, sum(worked)),
            (entry.max_minutes_per_day, worked[day]),
        )
        return all(most is None or used + minutes <= most for most, used in limits)

    # -- groups -------------------------------------------------------------------------------

    def _without_seat(self, patient: str, group: Group) -> str:
        """What keeps a patient from a (further) section of a group."""
        mine = sum(1 for s in self.ledger.sections_of(patient) if s.group == group.id)
        starts = self._fits(patient, group)
        times = [
            (days, start)
            for days in self.clinic.day_sets[group.id]
            for start in self._common(starts, days, patient)
        ]
        if not times or mine >= group.per_patient:
            return OWN_HOURS
        if len(self.ledger.by_group[group.id]) >= group.max_sections:
            return SEATS
        return min((self._opening(group, *t) for t in times), key=_CLOSEST_FIRST.index)

    def _opening(self, group: Group, days: tuple[int, ...], start: int) -> str:
        """What keeps a section from opening then; the same for everybody who could come."""
        key = (group.id, days, start)
        if key not in self._openings:
            if self.placing.leaders(group.id, days, start) is None:
                self._openings[key] = STAFF
            elif self.placing.rooms(group.id, days, start) is None:
                self._openings[key] = ROOMS
            else:
                self._openings[key] = COMPANY
        return self._openings[key]

    def _fits(self, patient: str, group: Group) -> int:
        """Start cells of the group's meetings that a patient could attend beside what they have."""
        mask = 0
        for remote in self.screen.seat_modes(patient, group.id):
            mask |= self.screen.seat_starts(patient, group.id, remote)
        length = self.clinic.grid.length(group.minutes)
        busy = _touching(self.ledger.patient_busy(patient), length)
        return mask & self.screen.gathering(group.id) & ~busy

    def _common(self, starts: int, days: tuple[int, ...], patient: str) -> list[int]:
        """Times of day free on every one of some days on which the patient is here."""
        here = [d for d in days if d in self.clinic.stay[patient]]
        on = [
            {self.clinic.grid.clock_of(c)[1] for c in bits(starts & self.clinic.grid.day_mask(d))}
            for d in here
        ]
        return sorted(set.intersection(*on)) if on else []


def _touching(busy: int, length: int) -> int:
    """Start cells from which a session of so many cells would run into a busy one."""
    mask = 0
    for back in range(length):
        mask |= busy >> back
    return mask
