"""What is locked stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..candidates import Candidate, Working
from ..clinic import Clinic
from ..ledger import Duty, Ledger, Running
from ..schedule import Appointment, Meeting, Section
from ..timegrid import DAY_NUMBER, DAYS
from ..violations import Violation
from .base import Rule, Scope, at, some

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
        return (m.start, m.room, before.leaders_at(m)) == (
            held.start,
            held.room,
            now.leaders_at(held),
        )

    def _day(self, t: str, day: int, clinic: Clinic, ledger: Ledger) -> Iterator[Violation]:
        before = Ledger(clinic)
        for entry in frozen_entries(clinic, t, day):
            if isinstance(entry, Section):
                before.open(_known(entry, clinic))
            else:
                before.book(_known_appointment(entry, clinic))
        was = sorted(self._face(d, before) for d in before.duties[t] if d.day == day)
        now = sorted(self._face(d, ledger) for d in ledger.duties[t] if d.day == day)
        if was != now:
            gone = len([face for face in was if face not in now])
            new = len([face for face in now if face not in was])
            text = f"{t}'s {DAYS[day]} is locked: {gone} sessions changed or gone, {new} new or changed"
            yield Violation(self.key, t, text, max(1, gone + new))
        for duty in before.duties[t]:
            if duty.day == day and duty.group is not None:
                yield from self._lost(t, duty, before, ledger)

    def _lost(self, t: str, duty: Duty, before: Ledger, ledger: Ledger) -> Iterator[Violation]:
        """Members who left a section whose meeting on a locked day is as it was."""
        face = self._face(duty, before)
        for now in ledger.duties[t]:
            if self._face(now, ledger) != face:
                continue
            members = set(before.sections[duty.ref].members)
            if gone := members - set(ledger.sections[now.ref].members):
                text = f"{t}'s {DAYS[duty.day]} is locked; {duty.ref} lost {some(gone)}"
                yield Violation(self.key, t, text, len(gone))

    def _face(self, duty: Duty, ledger: Ledger) -> tuple[str, ...]:
        """What makes a therapist's session the same: kind, time, room and who."""
        when = at(duty.day, duty.start)
        if duty.group is not None:
            running = ledger.sections[duty.ref]
            meeting = next(m for m in running.held() if DAY_NUMBER[m.day] == duty.day)
            leaders = ",".join(sorted(running.leaders_at(meeting)))
            return ("group", duty.group, duty.ref, when, meeting.room or "", leaders)
        a = ledger.appointments[duty.ref]
        return ("appointment", a.service, a.patient, when, a.room or "", str(a.remote))

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


def _known(section: Section, clinic: Clinic) -> Section:
    """The section without rooms and leaders that are gone, so that a ledger can hold it."""
    meetings = tuple(
        m.model_copy(
            update={
                "room": m.room if m.room in clinic.rooms else None,
                "leaders": None
                if m.leaders is None
                else tuple(t for t in m.leaders if t in clinic.therapists),
            }
        )
        for m in section.meetings
    )
    leaders = tuple(t for t in section.leaders if t in clinic.therapists)
    return section.model_copy(update={"meetings": meetings, "leaders": leaders})


def _known_appointment(appointment: Appointment, clinic: Clinic) -> Appointment:
    room = appointment.room if appointment.room in clinic.rooms else None
    return appointment.model_copy(update={"room": room})
