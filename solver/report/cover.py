"""Repairs of a week in which somebody is out, in words: what is done, and what it costs whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..clinic import Clinic
from ..cover.ops import Book, Cancel, Close, Excuse, Join, Leave, Meet, Open
from ..cover.remedies import Remedy
from ..cover.repairs import Covered, Repair, Step
from ..cover.units import Unit
from ..fields import day_name
from ..schedule import Appointment, Schedule
from ..tiers import tiers_of
from ..timegrid import DAY_NAMES, DAY_NUMBER, clock
from .diff import difference_document, told_summary
from .quality import tier_title
from .served import Care, care
from .words import count, duration, listing, named

LOOKS = {
    "substitute": "substitute",
    "room": "other room",
    "remote": "by video",
    "move": "move",
    "merge": "merge",
    "cancel": "cancel",
    "excuse": "excuse",
}
"""What each kind of remedy is called in a table."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Puts a published week's sessions and what is done about them into words."""

    clinic: Clinic
    schedule: Schedule

    def unit(self, unit: Unit) -> str:
        """``Process Group, Mon 17:00–18:30``; for one member ``Ana Ruiz in Process Group, Mon …``."""
        if any(a.id == unit.ref for a in self.schedule.appointments):
            return self._title(unit.ref)
        section = next(s for s in self.schedule.sections if s.id == unit.ref)
        group = self.clinic.groups[section.group]
        meeting = next(m for m in section.meetings if DAY_NUMBER[m.day] == unit.day)
        when = _when(meeting.day, meeting.start, group.minutes)
        if unit.patient is not None:
            return f"{self._patient(unit.patient)} in {group.name}, {when}"
        return f"{group.name} ({count(len(section.members), 'patient')}), {when}"

    def remedy(self, unit: Unit, remedy: Remedy) -> str:
        """What is done about a unit: ``Bob Hale leads instead of Ann Bell``."""
        if remedy.kind == "cancel":
            return "cancelled"
        if remedy.kind == "excuse":
            return "excused"
        match remedy.ops:
            case [Close(), Open(section)]:
                return self._moved(
                    section.group, remedy, section.members, section.meetings[0].start
                )
            case [Close(), *joins]:
                joined = [op.patient for op in joins if isinstance(op, Join)]
                return self._merged(unit, joined)
            case [Leave(), Join(other, _, _)]:
                return f"sits in the section {self._times(other)} instead"
        return listing(filter(None, (self._step(unit, op) for op in remedy.ops))) or "stays"

    def further(self, op: object) -> str:
        """A step beside those of the sessions: ``Ana Ruiz also has Individual Session, Tue …``."""
        match op:
            case Book(a):
                title = self.clinic.services[a.service].name
                return f"{self._patient(a.patient)} also has {title}, {self._appointment(a)}"
            case Excuse(ref, patient, day):
                title = self._title(ref)
                return f"{self._patient(patient)} is excused from {title} on {DAY_NAMES[day][:3]}"
            case Cancel(ref):
                return f"{self._title(ref)} is cancelled"
        return ""

    def _title(self, ref: str) -> str:
        for a in self.schedule.appointments:
            if a.id == ref:
                service = self.clinic.services[a.service]
                when = _when(a.day, a.start, service.minutes)
                return f"{service.name} of {self._patient(a.patient)}, {when}"
        section = next(s for s in self.schedule.sections if s.id == ref)
        return self.clinic.groups[section.group].name

    def _step(self, unit: Unit, op: object) -> str:
        match op:
            case Meet(ref, meeting):
                section = next(s for s in self.schedule.sections if s.id == ref)
                old = next(m for m in section.meetings if m.day == meeting.day)
                now, was = meeting.leaders or section.leaders, section.leaders_at(old)
                said = []
                if now != was:
                    new = self._therapists([t for t in now if t not in was])
                    gone = self._therapists([t for t in was if t not in now])
                    verb = "leads" if len(set(now) - set(was)) == 1 else "lead"
                    said.append(f"{new} {verb} instead of {gone}")
                if meeting.room != old.room and meeting.room is not None:
                    said.append(f"in {named(self.clinic.rooms, meeting.room).name}")
                return ", ".join(said)
            case Book(a) if a.id == unit.ref:
                return self._appointment(a)
            case Book(a):
                title = self.clinic.services[a.service].name
                who = self._patient(a.patient)
                return f"for that, {title} of {who} is now {self._appointment(a)}"
        return "by video" if type(op).__name__ == "Attend" else ""

    def _appointment(self, a: Appointment) -> str:
        when = _when(a.day, a.start, self.clinic.services[a.service].minutes)
        place = "by video" if a.remote else f"in {named(self.clinic.rooms, a.room or '').name}"
        return f"{when} with {self._therapists([a.therapist])}, {place}"

    def _moved(self, group: str, remedy: Remedy, members: Sequence[str], start: int) -> str:
        section = next(op.section for op in remedy.ops if isinstance(op, Open))
        days = listing(DAY_NAMES[DAY_NUMBER[m.day]][:3] for m in section.meetings)
        minutes = self.clinic.groups[group].minutes
        lost = sorted(remedy.patients - set(members))
        leaders = self._therapists(section.leaders)
        text = f"meets {days} {clock(start)}–{clock(start + minutes)} with {leaders or 'nobody'}"
        return text + (f"; {self._patients(lost)} cannot come then" if lost else "")

    def _merged(self, unit: Unit, joined: Sequence[str]) -> str:
        section = next(s for s in self.schedule.sections if s.id == unit.ref)
        lost = [p for p in section.members if p not in joined]
        text = f"closes; {count(len(joined), 'patient')} of {len(section.members)} sit in others of the group"
        return text + (f", {self._patients(lost)} in none" if lost else "")

    def _times(self, ref: str) -> str:
        section = next(s for s in self.schedule.sections if s.id == ref)
        days = listing(DAY_NAMES[DAY_NUMBER[m.day]][:3] for m in section.meetings)
        return f"{days} {clock(section.meetings[0].start)}"

    def _patient(self, patient: str) -> str:
        return named(self.clinic.patients, patient).name

    def _patients(self, patients: Sequence[str]) -> str:
        return listing(map(self._patient, patients))

    def _therapists(self, therapists: Sequence[str]) -> str:
        found = [named(self.clinic.therapists, t).name for t in therapists]
        return listing(found) if found else ""


def _when(day: str, start: int, minutes: int) -> str:
    return f"{DAY_NAMES[DAY_NUMBER[day]][:3]} {clock(start)}–{clock(start + minutes)}"


def losses(clinic: Clinic, old: Schedule, new: Schedule) -> tuple[str, ...]:
    """Who is shorter of care than before, and of what, a sentence each."""
    before = {c.patient.id: c for c in care(clinic, old)}
    out = []
    for now in care(clinic, new):
        lost = list(_lost(before[now.patient.id], now))
        if lost:
            out.append(f"{now.patient.name} loses {listing(lost)}.")
    return tuple(out)


def _lost(before: Care, now: Care) -> Iterator[str]:
    if not now.is_due:
        if before.is_due:
            yield "the admission"
        return
    minutes = now.minutes.missing - before.minutes.missing
    if minutes > 0:
        yield f"{duration(minutes)} of care that is due"
    for service, part in now.sessions.items():
        fewer = part.missing - before.sessions[service].missing
        if fewer > 0:
            yield f"{count(fewer, 'session')} of {part.what}"
    days = now.days.missing - before.days.missing
    if days > 0:
        yield f"{count(days, 'day')} of the week"
    short = len(now.short_days) - len(before.short_days)
    if short > 0:
        yield f"{count(short, 'day')} that {'is' if short == 1 else 'are'} now too short to count"


def costs(clinic: Clinic, covered: Covered, repair: Repair) -> tuple[tuple[str, int, int], ...]:
    """(title, before, after) of every tier that comes out otherwise than in the published week."""
    out = []
    for tier, value in zip(tiers_of(clinic.scenario.policy), repair.tiers, strict=True):
        was = tier.value(covered.before)
        if was != value:
            out.append((tier_title(tier.goals), was, value))
    return tuple(out)


def cover_document(clinic: Clinic, covered: Covered, schedule: Schedule) -> dict[str, object]:
    """The answer for machines; each repair with its whole schedule."""
    teller = Teller(clinic, schedule)
    return {
        "units": [
            {
                "ref": u.ref,
                "day": day_name(u.day),
                "patient": u.patient,
                "why": list(u.why),
                "sentence": teller.unit(u),
            }
            for u in covered.units
        ],
        "already_broken": [str(v) for v in covered.already],
        "goals_before": covered.before,
        "repairs": [
            {
                "way": r.way,
                "legal": not r.violations,
                "violations": [
                    {"rule": v.rule, "subject": v.subject, "message": v.message}
                    for v in r.violations
                ],
                "goals": r.goals,
                "tiers": list(r.tiers),
                "losses": list(losses(clinic, schedule, r.schedule)),
                "told": told_summary(clinic, r.difference),
                "steps": [_step_document(teller, s) for s in r.steps],
                "further": [teller.further(op) for op in r.further],
                "difference": difference_document(clinic, r.difference),
                "schedule": r.schedule.model_dump(mode="json"),
            }
            for r in covered.repairs
        ],
    }


def _step_document(teller: Teller, step: Step) -> dict[str, object]:
    return {
        "ref": step.unit.ref,
        "day": day_name(step.unit.day),
        "patient": step.unit.patient,
        "remedy": step.remedy.kind,
        "sentence": teller.remedy(step.unit, step.remedy),
        "otherwise": [
            {"remedy": r.kind, "tiers": list(tiers), "sentence": teller.remedy(step.unit, r)}
            for r, tiers in step.otherwise
        ],
    }
