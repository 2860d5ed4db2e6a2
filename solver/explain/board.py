"""One week laid out for questions: who and what stands in the way of a session at a time, and what a
change of the week would break or cost. All of it is judged by the ledger and the rules; no solver.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ..candidates import Attending, Caring, Housing, Leading, Pairing, Working
from ..checker import check
from ..clinic import Clinic
from ..goals import GOAL, GOALS, PatientGoal
from ..ledger import Duty, Ledger, Sitting, Use
from ..pins import ids_kept
from ..rules import RULES, Scope
from ..schedule import Schedule
from ..screening import Screening, reasons, screening_of
from ..tiers import tiers_of
from ..timegrid import DAYS, clock
from ..violations import Violation
from .wording.names import Names
from .wording.reasons import busy_text

_WHOLE_WEEK = ("strict", "locks")
"""Rules whose check looks at the whole week; they are asked last."""
_SCOPED = tuple(r for r in RULES if r.key not in _WHOLE_WEEK)
_LOCKS = next(r for r in RULES if r.key == "locks")
_STRICT = next(r for r in RULES if r.key == "strict")


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that stands in the way.

    Attributes:
        rule: key of the rule that forbids it.
        about: id of whom or what it is about.
        text: in words, without a full stop.
        day, start: when, where it is about a time.
        by: id of the session that is in the way.
    """

    rule: str
    about: str
    text: str
    day: int | None = None
    start: int | None = None
    by: str | None = None

    def document(self) -> dict[str, object]:
        """The reason for machines."""
        return {
            "rule": self.rule,
            "about": self.about,
            "day": None if self.day is None else DAYS[self.day],
            "start": None if self.start is None else clock(self.start),
            "by": self.by,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class TierCost:
    """What one tier comes to before and after a change; ``by_goal`` and ``by_patient`` are what is
    added (goal -> points, goal -> patient -> points, zeros left out)."""

    number: int
    goals: tuple[str, ...]
    before: int
    after: int
    by_goal: dict[str, int]
    by_patient: dict[str, dict[str, int]]

    @property
    def added(self) -> int:
        return self.after - self.before

    def document(self) -> dict[str, object]:
        """The tier for machines."""
        return {
            "tier": self.number,
            "goals": list(self.goals),
            "before": self.before,
            "after": self.after,
            "added": self.added,
            "by_goal": self.by_goal,
            "by_patient": self.by_patient,
        }


class Board:
    """A schedule, read once, and the questions it can answer quickly."""

    def __init__(self, clinic: Clinic, schedule: Schedule) -> None:
        self.clinic, self.schedule = clinic, schedule
        self.ledger = Ledger(clinic, schedule)
        self.screen: Screening = screening_of(clinic)
        self.names = Names(clinic, self.ledger)
        self.tiers = tiers_of(clinic.scenario.policy)
        self.broken = check(clinic, self.ledger)
        self.ledger.not_admitted = None  # it follows from the rest, and moves change it
        self._known = set(self.broken)
        self.goals = {g.key: g.measure(clinic, self.ledger) for g in GOALS}
        self._shares: dict[tuple[str, str], int] = {}
        self._said: dict[object, list[Reason]] = {}

    # -- what stands in the way of one person, room or group at a time ---------------------------

    def of_patient(
        self,
        patient: str,
        day: int,
        start: int,
        minutes: int,
        *,
        remote: bool = False,
        family: bool = False,
        beside: Collection[str] = (),
    ) -> list[Reason]:
        """Why a patient cannot be in a session then; sessions in ``beside`` are taken to be gone."""
        starts = self.screen.attending(patient, family, remote, minutes)
        out = []
        if not self._allows(starts, day, start):
            candidate = Attending(patient, family, remote, day, start, minutes)
            out += self._forbidden(candidate, patient, day, start)
        return out + self._busy(
            patient, self.ledger.sittings.get(patient, ()), day, start, minutes, beside
        )

    def of_therapist(
        self,
        therapist: str,
        day: int,
        start: int,
        minutes: int,
        *,
        roomless: bool,
        beside: Collection[str] = (),
    ) -> list[Reason]:
        """Why a therapist cannot work then."""
        starts = self.screen.working(therapist, roomless, minutes)
        out = []
        if not self._allows(starts, day, start):
            candidate = Working(therapist, roomless, day, start, minutes)
            out += self._forbidden(candidate, therapist, day, start)
        return out + self._busy(
            therapist, self.ledger.duties.get(therapist, ()), day, start, minutes, beside
        )

    def of_leader(
        self,
        therapist: str,
        group: str,
        place: int,
        day: int,
        start: int,
        beside: Collection[str] = (),
    ) -> list[Reason]:
        """Why a therapist cannot take a leader's place in a group's meeting then."""
        entry = self.clinic.groups[group]
        found = self._forbidden(Leading(therapist, group, place, day), therapist, day, None)
        roomless = entry.modality == "telehealth"
        return found + self.of_therapist(
            therapist, day, start, entry.minutes, roomless=roomless, beside=beside
        )

    def of_carer(
        self,
        therapist: str,
        patient: str,
        service: str,
        day: int,
        start: int,
        *,
        remote: bool,
        beside: Collection[str] = (),
    ) -> list[Reason]:
        """Why a therapist cannot give a patient an appointment then."""
        out = self._forbidden(Pairing(patient, therapist, False), therapist, None, None)
        out += self._forbidden(Caring(therapist, service, day), therapist, day, None)
        minutes = self.clinic.services[service].minutes
        return out + self.of_therapist(
            therapist, day, start, minutes, roomless=remote, beside=beside
        )

    def of_room(
        self,
        room: str,
        day: int,
        start: int,
        *,
        group: str | None = None,
        service: str | None = None,
        beside: Collection[str] = (),
    ) -> list[Reason]:
        """Why a room cannot hold a group's meeting or a service's appointment then."""
        minutes = self.clinic.groups[group].minutes if group else 0
        minutes = minutes or self.clinic.services[service or ""].minutes
        out = []
        if not self._allows(self.screen.housing(room, group, service), day, start):
            candidate = Housing(room, group, service, day, start)
            out += self._forbidden(candidate, room, day, start)
        return out + self._busy(
            room, self.ledger.room_uses.get(room, ()), day, start, minutes, beside
        )

    def _allows(self, starts: int, day: int, start: int) -> bool:
        grid = self.clinic.grid
        return not start % grid.minutes and bool(starts >> grid.cell(day, start) & 1)

    def _forbidden(
        self, candidate: object, about: str, day: int | None, start: int | None
    ) -> list[Reason]:
        def make() -> list[Reason]:
            found = reasons(candidate, self.clinic)  # type: ignore[arg-type]
            return [Reason(rule, about, self.names.say(why), day, start) for rule, why in found]

        if candidate not in self._said:
            self._said[candidate] = make()
        return self._said[candidate]

    def forbidden(self, candidate: object, about: str) -> list[Reason]:
        """Why a single candidate can never be."""
        return list(self._forbidden(candidate, about, None, None))

    def _busy(
        self,
        who: str,
        entries: Iterable[Sitting | Duty | Use],
        day: int,
        start: int,
        minutes: int,
        beside: Collection[str],
    ) -> list[Reason]:
        cells = self.clinic.occupied(day, start, minutes)
        return [
            Reason(
                "no_double_booking",
                who,
                busy_text(self.names, who, e.ref, e.day),
                e.day,
                e.start,
                e.ref,
            )
            for e in entries
            if e.cells & cells and e.ref not in beside
        ]

    # -- what a changed week breaks and costs ----------------------------------------------------

    def breaks(self, after: Ledger, scope: Scope, about: str = "") -> list[Reason]:
        """What a changed week breaks among those in the scope that this week does not."""
        found = [v for rule in _SCOPED for v in rule.check(self.clinic, after, scope)]
        if self._concerns_locks(scope):
            found += _LOCKS.check(self.clinic, after, scope)
        return self.worded((v for v in found if v not in self._known), about)

    def _concerns_locks(self, scope: Scope) -> bool:
        """Whether anything in the scope is locked; the rule itself looks at every lock there is."""
        locks = self.clinic.scenario.locks
        if not locks:
            return False
        kept = ids_kept(self.clinic)
        patients, groups = set(scope.patients), set(scope.groups)
        return (
            any(ref in kept for ref in (*scope.sections, *scope.appointments))
            or any(t in self.clinic.frozen_days for t in scope.therapists)
            or any(lock.patient in patients and lock.group in groups for lock in locks)
        )

    def breaks_strict(self, after: Ledger) -> list[Reason]:
        """Strict goals that a changed week misses and this week does not, or by less."""
        if not self.clinic.scenario.policy.strict:
            return []
        found = _STRICT.check(self.clinic, after, Scope.whole(after))
        return self.worded(v for v in found if v.amount > self.goals[v.subject])

    def worded(self, violations: Iterable[Violation], about: str = "") -> list[Reason]:
        """Violations as reasons, with names; each once."""
        return list(
            dict.fromkeys(
                Reason(v.rule, v.subject, self.names.say(v.message, about)) for v in violations
            )
        )

    def costs(self, after: Ledger, touched: Iterable[str]) -> tuple[TierCost, ...]:
        """What a changed week comes to, tier by tier; only ``touched`` patients' weeks differ."""
        touched = list(dict.fromkeys(touched))
        added: dict[str, int] = {}
        people: dict[str, dict[str, int]] = {}
        for goal in GOALS:
            if not isinstance(goal, PatientGoal):
                added[goal.key] = goal.measure(self.clinic, after) - self.goals[goal.key]
                continue
            apart = {p: goal.of(self.clinic, after, p) - self.share(goal.key, p) for p in touched}
            people[goal.key] = {p: n for p, n in apart.items() if n}
            added[goal.key] = sum(apart.values())
        return tuple(
            TierCost(
                number,
                tier.goals,
                tier.value(self.goals),
                tier.value({g: self.goals[g] + added[g] for g in tier.goals}),
                {g: added[g] for g in tier.goals if added[g]},
                {g: people[g] for g in tier.goals if people.get(g)},
            )
            for number, tier in enumerate(self.tiers, 1)
        )

    def share(self, goal: str, patient: str) -> int:
        """A patient's share of a goal in this week."""
        key = goal, patient
        if key not in self._shares:
            entry = GOAL[goal]
            assert isinstance(entry, PatientGoal)
            self._shares[key] = entry.of(self.clinic, self.ledger, patient)
        return self._shares[key]
