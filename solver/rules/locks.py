"""What is locked stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..candidates import Candidate, Working
from ..clinic import Clinic
from ..ledger import Duty, Ledger, Running
from ..schedule import Appointment, Meeting, Section
from ..timegrid import DAY_NUMBER, DAYS
from ..violations import Violation
from .base import Rule, Scope, some

if TYPE_CHECKING:
    from ..variables import Variables


class Locks(Rule):
    """What is locked is as in the baseline; locks bind what closed dates leave.

    A locked section keeps days, start, rooms and leaders, and no member leaves (others may join). A
    locked appointment stays as it is. A patient locked to a group stays a member. A therapist's
    locked day keeps all their sessions of that day as they are, and no other is added.
    """

    key = "locks"
    title = "What is locked stays"
    judges = (Working,)
    mended_by_adding = True

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        """Nothing is added to a locked day; what stands on it is in the ledger from the start."""
        if isinstance(candidate, Working):
            days = clinic.frozen_days.get(candidate.therapist, ())
            if candidate.day in days:
                return f"{candidate.therapist}'s {DAYS[candidate.day]} is locked as it was"
        return None

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for s, before in clinic.pinned_sections.items():
            yield from self._section(before, ledger.sections.get(s), clinic)
        for a, planned in clinic.pinned_appointments.items():
            if not _same(ledger.appointments.get(a), planned):
                yield Violation(self.key, a, f"appointment {a} is locked and is not as it was")
        for lock in clinic.scenario.locks:
            if lock.patient and lock.group and not self._stays(lock.patient, lock.group, ledger):
                text = f"{lock.patient} is locked to {lock.group} and is in no section of it"
                yield Violation(self.key, lock.patient, text)
        for t, days in clinic.frozen_days.items():
            for day in sorted(days):
                yield from self._day(t, day, clinic, ledger)

    def _stays(self, patient: str, group: str, ledger: Ledger) -> bool:
        clinic = ledger.clinic
        were_in = [
            s
            for s in clinic.baseline_sections.values()
            if s.group == group and patient in s.members
        ]
        if were_in and not any(clinic.open_meetings(s) for s in were_in):
            return True
        return any(patient in ledger.sections[s].members for s in ledger.by_group[group])

    def _section(self, before: Section, now: Running | None, clinic: Clinic) -> Iterator[Violation]:
        if now is None or now.group != before.group:
            yield Violation(self.key, before.id, f"{before.id} is locked and does not run")
            return
        meetings = {DAY_NUMBER[m.day]: m for m in now.meetings}
        kept = clinic.open_meetings(before)
        days = {DAY_NUMBER[m.day] for m in kept}
        extra = set(meetings) - days - clinic.closed_days
        if extra and tuple(sorted(days)) in clinic.day_sets[before.group]:
            text = f"{before.id} is locked and also meets on {some(DAYS[d] for d in extra)}"
            yield Violation(self.key, before.id, text)
        for m in kept:
            held = meetings.get(DAY_NUMBER[m.day])
            if held is None or not self._as_before(before, m, now, held):
                text = f"{before.id} is locked; {m.day} is not as it was"
                yield Violation(self.key, before.id, text)
        if gone := set(before.members) - set(now.members):
            text = f"{before.id} is locked and lost {some(gone)}"
            yield Violation(self.key, before.id, text, len(gone))

    def _as_before(self, before: Section, m: Meeting, now: Running, held: Meeting) -> bool:
        if (m.start, m.cancelled) != (held.start, held.cancelled):
            return False
        return m.cancelled or (m.room, before.leaders_at(m)) == (held.room, now.leaders_at(held))

    def _day(self, t: str, day: int, clinic: Clinic, ledger: Ledger) -> Iterator[Violation]:
        """Each session of the day goes on in one of now, and there is none beside them."""
        left = [_now(duty, ledger) for duty in ledger.duties[t] if duty.day == day]
        gone, lost = 0, set[str]()
        for was in (_before(entry, day, clinic) for entry in frozen_entries(clinic, t, day)):
            same = next((now for now in left if was.goes_on_in(now)), None)
            if same is None:
                gone += 1
            else:
                left.remove(same)
                lost |= was.patients - same.patients
        if gone or left:
            text = f"{t}'s {DAYS[day]} is locked: {gone} sessions changed or gone, {len(left)} new"
            yield Violation(self.key, t, text, gone + len(left))
        if lost:
            text = f"{t}'s {DAYS[day]} is locked; its groups lost {some(lost)}"
            yield Violation(self.key, t, text, len(lost))

    def post(self, v: Variables) -> None:
        """Sections, appointments and days are in the ledger or bound by ``pins``; seats are not."""
        for lock in v.clinic.scenario.locks:
            if lock.patient and lock.group and not self._stays(lock.patient, lock.group, v.ledger):
                seats = v.seats_by_patient_and_group().get((lock.patient, lock.group), [])
                v.at_least([seat.var for seat in seats], 1)
        v.bind_pins()


def frozen_entries(clinic: Clinic, therapist: str, day: int) -> list[Section | Appointment]:
    """The baseline's entries that put a therapist to work on a day."""
    out: list[Section | Appointment] = []
    for s in clinic.baseline_sections.values():
        for m in s.meetings:
            works = therapist in s.leaders_at(m) and not m.cancelled
            if works and DAY_NUMBER[m.day] == day:
                out.append(s)
    out.extend(
        a
        for a in clinic.baseline_appointments.values()
        if a.therapist == therapist and DAY_NUMBER[a.day] == day
    )
    return out


def _same(now: Appointment | None, before: Appointment) -> bool:
    return now is not None and now == before


@dataclass(frozen=True, slots=True)
class _Session:
    """A session of a locked day: what must not change of it, and who takes part.

    ``room`` and ``leaders`` leave out what is gone: such a place is open to others.
    """

    what: tuple[str, ...]
    start: int
    remote: bool
    room: str | None
    room_open: bool
    leaders: frozenset[str]
    places: int
    patients: frozenset[str]

    def goes_on_in(self, now: _Session) -> bool:
        return (
            (self.what, self.start, self.remote) == (now.what, now.start, now.remote)
            and (self.room_open or self.room == now.room)
            and self.leaders <= now.leaders
            and self.places == now.places
        )


def _before(entry: Section | Appointment, day: int, clinic: Clinic) -> _Session:
    if isinstance(entry, Appointment):
        return _of_appointment(entry, clinic)
    meeting = next(m for m in entry.meetings if DAY_NUMBER[m.day] == day and not m.cancelled)
    return _of_meeting(
        entry.group, meeting, entry.leaders_at(meeting), frozenset(entry.members), clinic
    )


def _now(duty: Duty, ledger: Ledger) -> _Session:
    if duty.group is None:
        return _of_appointment(ledger.appointments[duty.ref], ledger.clinic)
    running = ledger.sections[duty.ref]
    meeting = next(m for m in running.held() if DAY_NUMBER[m.day] == duty.day)
    members = frozenset(running.members)
    return _of_meeting(running.group, meeting, running.leaders_at(meeting), members, ledger.clinic)


def _of_appointment(a: Appointment, clinic: Clinic) -> _Session:
    gone = a.room is not None and a.room not in clinic.rooms
    what = ("appointment", a.service, a.patient)
    return _Session(what, a.start, a.remote, a.room, gone, frozenset(), 0, frozenset())


def _of_meeting(
    group: str, m: Meeting, leaders: tuple[str, ...], members: frozenset[str], clinic: Clinic
) -> _Session:
    gone = m.room is not None and m.room not in clinic.rooms
    here = frozenset(t for t in leaders if t in clinic.therapists)
    return _Session(("group", group), m.start, False, m.room, gone, here, len(leaders), members)
