"""A plan in words and as data, with names and times as on the board."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..clinic import Clinic
from ..goals import GOAL
from ..io.files import dump
from ..report import Care, Session, care, hours, label, listing, sessions, tier_title
from ..report.words import duration, named, singular
from ..schedule import Appointment, Schedule, Section
from ..tiers import tiers_of
from ..timegrid import DAY_NAMES, DAY_NUMBER, DAYS, clock
from .planning import Plan
from .yielding import Move


@dataclass(frozen=True, slots=True)
class Line:
    """A section or a kind of appointment of a plan: what, when, where, with whom, and its seats."""

    what: str
    when: str
    where: str
    who: str
    note: str

    def sentence(self) -> str:
        """All of it in one line."""
        with_whom = f"with {self.who}" if self.who else ""
        parts = [p for p in (self.when, self.where, with_whom) if p]
        return f"{self.what}: {', '.join(parts)}" + (f" ({self.note})" if self.note else "")


@dataclass(frozen=True)
class Told:
    """A plan and how it is told.

    Attributes:
        week: the schedule before; goals of it are those of the patient's week without the plan.
        before: its value in each goal, the patient counted.
    """

    clinic: Clinic
    patient: str
    week: Schedule
    before: Mapping[str, int]
    plan: Plan

    # -- what the patient gets ----------------------------------------------------------------

    @cached_property
    def care(self) -> Care:
        """What the patient gets of what is due."""
        everyone = care(self.clinic, self.plan.schedule)
        return next(c for c in everyone if c.patient.id == self.patient)

    @cached_property
    def sessions(self) -> tuple[Session, ...]:
        """The patient's sessions, in time order."""
        return tuple(
            s
            for s in sessions(self.clinic, self.plan.schedule)
            if self.patient in {p.id for p in s.members} and not s.cancelled
        )

    @property
    def is_as_before(self) -> bool:
        """Whether it is the week as it stands."""
        mine = {*self.plan.sections}, {*self._appointments(self.plan.schedule)}
        was = {s.id for s in self.week.sections if self.patient in s.members}
        return mine == (was, {*self._appointments(self.week)})

    def _appointments(self, schedule: Schedule) -> list[Appointment]:
        return [a for a in schedule.appointments if a.patient == self.patient]

    def headline(self) -> str:
        """Care and days in one sentence: ``Everything that is due: 9 of 9 h, on Mon, Wed and Thu.``"""
        days = listing([DAY_NAMES[d][:3] for d in sorted({s.day for s in self.sessions})])
        short = self.care.shortfalls()
        given = f"{hours(self.care.minutes.given)} of {hours(self.care.minutes.due)} h"
        if not self.care.minutes.due:
            given = duration(self.care.minutes.given)
        told = f"{given}, on {days}" if days else given
        text = (
            f"Short of {listing(short)}: {told}." if short else f"Everything that is due: {told}."
        )
        if self.care.short_days:
            text += f" Days too short to count: {', '.join(self.care.too_short())}."
        return f"{text} It is the week as it stands." if self.is_as_before else text

    def lines(self) -> list[Line]:
        """Its sections and appointments, sections first."""
        refs = dict.fromkeys(s.ref for s in self.sessions if s.group is not None)
        out = [self._section([s for s in self.sessions if s.ref == ref]) for ref in refs]
        return out + [self._appointment(s) for s in self.sessions if s.group is None]

    def _section(self, meetings: list[Session]) -> Line:
        first = meetings[0]
        group = self.clinic.groups[first.group or ""]
        section = next(s for s in self.plan.schedule.sections if s.id == first.ref)
        note = f"{len(section.members)} of {group.size.max} seats taken with this one"
        if first.ref in self.plan.opened:
            note = "a section that opens for this"
        elif any(s.id == first.ref and self.patient in s.members for s in self.week.sections):
            note = "as it is now"
        by_video = self.patient in {p.id for p in first.remote}
        return Line(
            what=first.title,
            when=_times(meetings),
            where="by video" if by_video else _each(s.place for s in meetings),
            who=_each(listing([t.name for t in s.leaders]) for s in meetings if s.leaders),
            note=note,
        )

    def _appointment(self, session: Session) -> Line:
        now = next(a for a in self.plan.schedule.appointments if a.id == session.ref)
        same = any(a == now for a in self.week.appointments)
        return Line(
            what=session.title,
            when=_times([session]),
            where=session.place,
            who=_each(t.name for t in session.leaders),
            note="as it is now" if same else "",
        )

    # -- what it costs ------------------------------------------------------------------------

    def moves(self) -> list[str]:
        """Who else has to change what, a sentence each."""
        return [self._move(m) for m in self.plan.moves]

    def _move(self, move: Move) -> str:
        who = label(named(self.clinic.patients, move.patient))
        if move.before is not None and move.after is not None:
            what = named(self.clinic.services, move.before.service).name
            was, now = self._place(move.before), self._place(move.after)
            return f"{who}: {what} moves from {was} to {now}."
        was, now = (self._running(s) for s in (move.leaves, move.joins))
        return f"{who} changes from {was} to {now}."

    def _place(self, a: Appointment) -> str:
        """``Tue 16:00–17:00 with Maya Chen in Office 1``."""
        service = self.clinic.services[a.service]
        time = f"{clock(a.start)}–{clock(a.start + service.minutes)}"
        where = "by video" if a.remote else f"in {named(self.clinic.rooms, a.room or '').name}"
        therapist = named(self.clinic.therapists, a.therapist).name
        return f"{DAY_NAMES[DAY_NUMBER[a.day]][:3]} {time} with {therapist} {where}"

    def _running(self, section: str) -> str:
        """``Process group, Mon, Wed 17:00–18:30``."""
        of_it = [s for s in sessions(self.clinic, self.plan.schedule) if s.ref == section]
        return f"{of_it[0].title}, {_times(of_it)}" if of_it else section

    def differences(self) -> dict[str, int]:
        """What the plan changes in each goal; less is better."""
        return {key: value - self.before[key] for key, value in self.plan.goals.items()}

    def cost(self) -> str:
        """What it changes in the goals, in one sentence."""
        told = [
            f"{GOAL[key].title} {_signed(key, change)}"
            for tier in tiers_of(self.clinic.scenario.policy)
            for key in tier.goals
            if (change := self.differences()[key])
        ]
        return f"{'; '.join(told)}." if told else "Nothing changes in the goals."

    def sentences(self) -> list[str]:
        """The whole plan, sentence by sentence."""
        others = self.moves() or ["Nobody else's week changes."]
        return [self.headline(), *(line.sentence() for line in self.lines()), *others, self.cost()]

    # -- for machines -------------------------------------------------------------------------

    def document(self) -> dict[str, object]:
        """The plan as data: entries by id, words beside them, the whole week that proves it."""
        sections: list[Section] = [
            s for s in self.plan.schedule.sections if s.id in self.plan.sections
        ]
        return {
            "headline": self.headline(),
            "sentences": self.sentences(),
            "sections": [
                {
                    "id": s.id,
                    "group": s.group,
                    "opened": s.id in self.plan.opened,
                    "remote": self.patient in s.remote_members,
                    "members": len(s.members),
                    "seats": self.clinic.groups[s.group].size.max,
                }
                for s in sections
            ],
            "appointments": [
                {**a.model_dump(mode="json", exclude_unset=False)}
                for a in self._appointments(self.plan.schedule)
            ],
            "sessions": [s.document() for s in self.sessions],
            "days": [DAYS[d] for d in sorted({s.day for s in self.sessions})],
            "minutes": self.care.minutes.given,
            "minutes_due": self.care.minutes.due,
            "short": self.care.document() if self.care.is_short else None,
            "moves": [self._move_document(m) for m in self.plan.moves],
            "goals": dict(self.plan.goals),
            "differences": self.differences(),
            "tiers": [
                {
                    "goals": list(tier.goals),
                    "title": tier_title(tier.goals),
                    "before": tier.value(dict(self.before)),
                    "value": tier.value(dict(self.plan.goals)),
                }
                for tier in tiers_of(self.clinic.scenario.policy)
            ],
            "schedule": dump(self.plan.schedule),
        }

    def _move_document(self, move: Move) -> dict[str, object]:
        out: dict[str, object] = {
            "patient": move.patient,
            "name": named(self.clinic.patients, move.patient).name,
            "sentence": self._move(move),
        }
        if move.before is not None and move.after is not None:
            before, after = (a.model_dump(mode="json") for a in (move.before, move.after))
            return out | {"kind": "appointment", "from": before, "to": after}
        return out | {"kind": "seat", "from": move.leaves, "to": move.joins, "remote": move.remote}


def _times(meetings: Iterable[Session]) -> str:
    """``Mon, Wed 17:00–18:30``; several times are told apart by semicolons."""
    days: dict[str, list[int]] = {}
    for s in meetings:
        days.setdefault(s.time, []).append(s.day)
    return "; ".join(
        f"{', '.join(DAY_NAMES[d][:3] for d in sorted(on))} {time}" for time, on in days.items()
    )


def _each(texts: Iterable[str]) -> str:
    """Texts that are mostly the same, each once."""
    return " / ".join(dict.fromkeys(texts))


def _signed(key: str, change: int) -> str:
    """``−60 minutes``, ``+1 day``."""
    unit = GOAL[key].unit
    unit = singular(unit) if abs(change) == 1 else unit
    return f"{'+' if change > 0 else '−'}{abs(change):,} {unit}"
