"""Putting single sections, members and appointments into a ledger, each judged before it stands.

The ledger's masks find where something fits; the rules' own checks, over those concerned only, have
the last word. No solver is needed, and none is imported.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..clinic import Clinic
from ..fields import day_name
from ..ledger import Ledger
from ..pins import stays
from ..rules import RULES, Scope
from ..schedule import Appointment, Meeting, Section
from ..screening import Screening, screening_of
from ..timegrid import DAY_NUMBER, bits

# Rules that more sessions may mend are judged when the week is whole, not while it grows. Strict and
# locks look at the whole week; starts keep what is locked and are checked at their end.
_GROWING = tuple(r for r in RULES if not r.mended_by_adding)
# Of what the screening has let through, only rules that couple candidates are still to be judged.
_COUPLING = tuple(r for r in _GROWING if r.couples)


def obeys(clinic: Clinic, ledger: Ledger, scope: Scope, screened: bool = False) -> bool:
    """Whether those in the scope break no rule that more sessions could not mend.

    ``screened``: whoever asks has taken the candidates from the screening.
    """
    rules = _COUPLING if screened else _GROWING
    return not any(True for rule in rules for _ in rule.check(clinic, ledger, scope))


def scope_of(
    ledger: Ledger,
    *,
    patients: Iterable[str] = (),
    section: str | None = None,
    appointment: str | None = None,
) -> Scope:
    """Whom one section or appointment concerns, beside the patients named."""
    clinic = ledger.clinic
    therapists: set[str] = set()
    rooms: set[str] = set()
    items: set[str] = set()
    groups: set[str] = set()
    if section is not None:
        running = ledger.sections[section]
        groups.add(running.group)
        items |= set(clinic.groups[running.group].equipment)
        for m in running.held():
            therapists |= set(running.leaders_at(m))
            if m.room is not None:
                rooms.add(m.room)
    if appointment is not None:
        a = ledger.appointments[appointment]
        therapists.add(a.therapist)
        items |= set(clinic.services[a.service].equipment)
        if a.room is not None:
            rooms.add(a.room)
    return Scope(
        patients=list(patients),
        therapists=therapists,
        rooms=rooms,
        items=items,
        groups=groups,
        sections=[section] if section else [],
        appointments=[appointment] if appointment else [],
    )


class Placing:
    """Moves on one ledger that are undone at once where they break a rule."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.clinic: Clinic = ledger.clinic
        self.screen: Screening = screening_of(ledger.clinic)
        self._count = 0

    def _fresh(self, stem: str) -> str:
        self._count += 1
        while self._taken(f"{stem}-{self._count}"):
            self._count += 1
        return f"{stem}-{self._count}"

    def _taken(self, name: str) -> bool:
        return name in self.ledger.sections or name in self.ledger.appointments

    # -- groups -------------------------------------------------------------------------------

    def join(self, section: str, patient: str) -> bool:
        """A patient joins a section if that is legal, in the room where possible."""
        running = self.ledger.sections[section]
        group = self.clinic.groups[running.group]
        if patient in running.members or len(running.members) >= group.size.max:
            return False
        busy, stay = self.ledger.patient_busy(patient), self.clinic.stay[patient]
        meets = [(m, day) for m in running.held() if (day := DAY_NUMBER[m.day]) in stay]
        if not stay.intersection(running.days) or any(
            self.clinic.meeting_cells(group, day, m.start) & busy for m, day in meets
        ):
            return False
        for remote in self.screen.seat_modes(patient, group.id):
            starts = self.screen.seat_starts(patient, group.id, remote)
            if not all(starts >> self.clinic.grid.cell(day, m.start) & 1 for m, day in meets):
                continue
            self.ledger.join(section, patient, remote)
            scope = Scope([patient], [], [], [], [group.id], [section], [])
            if obeys(self.clinic, self.ledger, scope, screened=True):
                return True
            self.ledger.leave(section, patient)
        return False

    def open(
        self,
        group: str,
        days: tuple[int, ...],
        start: int,
        members: list[str],
        like: str | None = None,
    ) -> str | None:
        """A section opens with as many of the members, in order, as may join; None if too few may."""
        entry = self.clinic.groups[group]
        leaders = self.leaders(group, days, start)
        rooms = self.rooms(group, days, start)
        if leaders is None or rooms is None:
            return None
        name = like or self._fresh(group)
        self.ledger.open(
            Section.model_construct(
                id=name,
                group=group,
                leaders=leaders,
                meetings=tuple(
                    Meeting.model_construct(day=day_name(d), start=start, room=room)
                    for d, room in zip(days, rooms, strict=True)
                ),
            )
        )
        for p in members:
            self.join(name, p)
        enough = len(self.ledger.sections[name].members) >= entry.size.min
        if enough and obeys(self.clinic, self.ledger, scope_of(self.ledger, section=name)):
            return name
        self.ledger.close(name)
        return None

    def leaders(self, group: str, days: tuple[int, ...], start: int) -> tuple[str, ...] | None:
        """Leaders free at each meeting, one a place, the least versatile first; None if there are not."""
        entry = self.clinic.groups[group]
        cells = [self.clinic.grid.cell(d, start) for d in days]
        mask = 0
        for d in days:
            mask |= self.clinic.meeting_cells(entry, d, start)
        able = []
        for place in range(len(entry.leaders)):
            fit = [
                t
                for t in self.clinic.therapists
                if all(self.screen.lead_starts(t, group, place) >> c & 1 for c in cells)
                and not self.ledger.therapist_busy(t) & mask
                and self._has_room_for(t, entry.minutes, days)
            ]
            able.append(sorted(fit, key=lambda t: len(self.clinic.therapists[t].credentials)))
        return self._distinct(able)

    def _has_room_for(self, therapist: str, minutes: int, days: tuple[int, ...]) -> bool:
        """Whether a therapist's weekly and daily limits leave these minutes."""
        entry, held = self.clinic.therapists[therapist], self.clinic.grid.held(minutes)
        step = self.clinic.grid.minutes
        worked = [0] * 7
        for duty in self.ledger.duties[therapist]:
            worked[duty.day] += duty.cells.bit_count() * step
        week, day = entry.max_minutes_per_week, entry.max_minutes_per_day
        if week is not None and sum(worked) + held * len(days) > week:
            return False
        return day is None or all(worked[d] + held <= day for d in days)

    def _distinct(self, able: list[list[str]]) -> tuple[str, ...] | None:
        """One of each list, all different."""
        if not able:
            return ()
        for t in able[0]:
            rest = self._distinct([[x for x in others if x != t] for others in able[1:]])
            if rest is not None:
                return (t, *rest)
        return None

    def rooms(self, group: str, days: tuple[int, ...], start: int) -> tuple[str | None, ...] | None:
        """A free room for each meeting, the smallest that seats a full section."""
        entry = self.clinic.groups[group]
        if not entry.needs_room:
            return tuple(None for _ in days)
        out = []
        for day in days:
            mask, cell = (
                self.clinic.meeting_cells(entry, day, start),
                self.clinic.grid.cell(day, start),
            )
            fit = [
                r
                for r in self.clinic.rooms
                if self.screen.housing(r, group, None) >> cell & 1
                and not self.ledger.room_busy(r) & mask
            ]
            if not fit:
                return None
            out.append(min(fit, key=lambda r: self._room_rank(r, entry.size.max)))
        return tuple(out)

    def _room_rank(self, room: str, heads: int) -> tuple[int, int]:
        capacity = self.clinic.rooms[room].capacity
        return (max(0, heads - capacity), capacity)

    # -- appointments -------------------------------------------------------------------------

    def book(self, patient: str, service: str, within: int = -1) -> str | None:
        """An appointment at the first legal place within these cells, the most welcome ones first."""
        entry = self.clinic.services[service]
        days = self._days_left(patient, entry.clinical) & within
        if not days:
            return None
        length = self.clinic.grid.length(entry.minutes)
        busy = _before(self.ledger.patient_busy(patient), length)
        for remote in (False, True):
            starts = self.screen.visit_starts(patient, service, remote) & days & ~busy
            for t in self._carers(patient, service) if starts else ():
                free = starts & self.screen.care_starts(t, service, remote)
                free &= ~_before(self.ledger.therapist_busy(t), length)
                free &= self._days_open(t, entry.minutes) if free else 0
                found = self._book_with(patient, service, t, remote, free) if free else None
                if found is not None:
                    return found
        return None

    def _days_left(self, patient: str, clinical: int) -> int:
        """Cells of the days on which a patient's maxima leave these clinical minutes."""
        needs, sittings = self.clinic.needs[patient], self.ledger.sittings[patient]
        minutes = [0] * 7
        for s in sittings:
            minutes[s.day] += s.clinical
        if needs.minutes_max is not None and sum(minutes) + clinical > needs.minutes_max:
            return 0
        attended = self.ledger.attended_days(patient)
        full = needs.days_max is not None and len(attended) >= needs.days_max and clinical > 0
        mask = 0
        for day in attended if full else range(7):
            most = needs.day_minutes_max
            if most is None or minutes[day] + clinical <= most:
                mask |= self.clinic.grid.day_mask(day)
        return mask

    def _days_open(self, therapist: str, minutes: int) -> int:
        """Cells of the days on which a therapist's limits leave these minutes."""
        mask = 0
        for day in range(7):
            if self._has_room_for(therapist, minutes, (day,)):
                mask |= self.clinic.grid.day_mask(day)
        return mask

    def _carers(self, patient: str, service: str) -> list[str]:
        primary = self.clinic.primary[patient]
        before = [s.therapist for s in self.ledger.sittings[patient] if s.service == service]
        return sorted(
            self.screen.carers(patient, service),
            key=lambda t: (t != primary, t not in before, len(self.ledger.duties[t])),
        )

    def _book_with(
        self, patient: str, service: str, therapist: str, remote: bool, starts: int
    ) -> str | None:
        tries = 0
        for cell in self._by_welcome(patient, starts):
            day, start = self.clinic.grid.clock_of(cell)
            mask = self.clinic.occupied(day, start, self.clinic.services[service].minutes)
            room = None if remote else self._office(service, cell, mask)
            if room is None and not remote:
                continue
            name = self._fresh(f"{patient}-{service}")
            self.ledger.book(
                Appointment.model_construct(
                    id=name, service=service, patient=patient, therapist=therapist,
                    day=day_name(day), start=start, room=room, remote=remote,
                )
            )  # fmt: skip
            scope = scope_of(self.ledger, patients=[patient], appointment=name)
            if obeys(self.clinic, self.ledger, scope, screened=True):
                return name
            self.ledger.cancel(name)
            tries += 1
            if tries >= 12:  # what stands in the way is then not the hour
                break
        return None

    def _by_welcome(self, patient: str, starts: int) -> list[int]:
        """Start cells, days already attended and hours next to other sessions first."""
        busy = self.ledger.patient_busy(patient)
        grid = self.clinic.grid

        def distance(cell: int) -> tuple[int, int]:
            there = busy & grid.day_mask(cell // grid.cells_a_day)
            if not there:
                return (1, 0)
            return (0, min(abs(cell - other) for other in bits(there)))

        return sorted(bits(starts), key=distance)

    def _office(self, service: str, cell: int, mask: int) -> str | None:
        """The smallest free room that fits."""
        fit = [
            r
            for r in self.clinic.rooms
            if self.screen.housing(r, None, service) >> cell & 1
            and not self.ledger.room_busy(r) & mask
        ]
        return min(fit, key=lambda r: self.clinic.rooms[r].capacity, default=None)

    # -- clearing up --------------------------------------------------------------------------

    def clear(self, patient: str, kept: frozenset[str]) -> None:
        """Take a patient out of everything that is not locked."""
        locked = {(lock.patient, lock.group) for lock in self.clinic.scenario.locks if lock.group}
        for section in self.ledger.sections_of(patient):
            if (
                not stays(self.clinic, patient, section.id)
                and (patient, section.group) not in locked
            ):
                self.ledger.leave(section.id, patient)
        for s in list(self.ledger.sittings[patient]):
            if s.group is None and s.ref not in kept:
                self.ledger.cancel(s.ref)

    def close_small(self, kept: frozenset[str]) -> None:
        """Close sections that have fallen below their least size."""
        for section in list(self.ledger.sections.values()):
            least = self.clinic.groups[section.group].size.min
            if len(section.members) < least and section.id not in kept:
                self.ledger.close(section.id)


def _before(busy: int, length: int) -> int:
    """Start cells from which a session of so many cells would run into a busy one."""
    mask = 0
    for back in range(length):
        mask |= busy >> back
    return mask


def days_of(section: Section) -> tuple[int, ...]:
    """Day numbers on which a section meets, in order."""
    return tuple(sorted(DAY_NUMBER[m.day] for m in section.meetings))
