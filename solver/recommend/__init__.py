"""A place for one more patient in a week that others already live by.

Ranked complete plans: which sections with free seats, which appointments, on which days. First without
moving anyone; then, if asked, with a few moves of others, named one by one. No solver is needed: the
ledger judges every choice, and what is given out has passed the checker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..checker import check, measure
from ..clinic import Clinic
from ..errors import ScheduleRejected
from ..ledger import Ledger
from ..report.words import Named, count, label, named
from ..schedule import Schedule
from ..tiers import tiers_of
from ..violations import Violation
from .newcomer import with_patient
from .planning import Plan, Planning
from .short import obstacles
from .words import Told

if TYPE_CHECKING:
    from ..explain.obstacles import Obstacle

TOP = 5
OPEN_QUESTIONS = ("strict", "waitlist")
"""Rules that a week may still break: what the plan itself is to mend."""


class WeekBroken(ScheduleRejected):
    """The week in which a place is looked for is not legal; carries every violation."""

    def __init__(self, violations: list[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("\n".join(map(str, violations)))


@dataclass(frozen=True)
class Recommendation:
    """Plans for one patient, the best first by the tiers of the policy, the whole week counted.

    Attributes:
        before: the week's value in each goal as it is, the patient counted.
        plans: without moving anyone.
        with_moves: better ones for which others move; empty unless asked for.
        complete: whether every plan that could be better was looked at.
    """

    clinic: Clinic
    patient: Named
    week: Schedule
    before: Mapping[str, int]
    plans: tuple[Told, ...]
    most_moves: int
    with_moves: tuple[Told, ...]
    complete: bool

    @property
    def is_due(self) -> bool:
        """Whether the patient's week asks for anything at all."""
        needs = self.clinic.needs[self.patient.id]
        return bool(needs.minutes_min or needs.days_min or any(n for n, _ in needs.quotas.values()))

    @cached_property
    def obstacles(self) -> Mapping[str, tuple[Obstacle, ...]]:
        """By service, what keeps from the patient what the best plan without moves leaves out."""
        week = self.plans[0].plan.schedule if self.plans else self.week
        return obstacles(self.clinic, week, self.patient.id)

    def headline(self) -> str:
        """How many plans there are, in one sentence."""
        who = label(self.patient)
        if not self.is_due:
            return f"Nothing is due for {who}, so there is nothing to plan."
        if not self.plans:
            whole = " with everything that is due" if self._waits else ""
            return f"There is no place for {who}{whole} without moving anyone."
        return f"{count(len(self.plans), 'plan')} for {who} without moving anyone."

    @property
    def _waits(self) -> bool:
        return self.clinic.is_waiting(self.patient.id)

    def headline_of_moves(self) -> str:
        """The same of the plans for which others move."""
        most = f"at most {count(self.most_moves, 'session')} of others"
        if self.with_moves:
            plans = count(len(self.with_moves), "better plan")
            return f"{plans} if {most} may move."
        nothing = "There is no place" if not self.plans else "Nothing better was found"
        return f"{nothing} if {most} may move."

    def document(self) -> dict[str, object]:
        """The answer as data."""
        return {
            "schema_version": 1,
            "patient": {"id": self.patient.id, "name": self.patient.name},
            "headline": self.headline(),
            "before": {
                "goals": dict(self.before),
                "tiers": [
                    {"goals": list(tier.goals), "value": tier.value(dict(self.before))}
                    for tier in tiers_of(self.clinic.scenario.policy)
                ],
            },
            "complete": self.complete,
            "plans": [{"rank": n, **told.document()} for n, told in enumerate(self.plans, 1)],
            "most_moves": self.most_moves,
            "with_moves": [
                {"rank": n, **told.document()} for n, told in enumerate(self.with_moves, 1)
            ],
            "obstacles": {
                service: [o.document() for o in found] for service, found in self.obstacles.items()
            },
        }


def recommend(
    clinic: Clinic, schedule: Schedule, patient: str, top: int = TOP, most_moves: int = 0
) -> Recommendation:
    """Plans for one patient of a scenario.

    Somebody who has sessions already is looked at as if the week were theirs to fill anew, except
    for what is locked.

    Args:
        most_moves: how many sessions of others may move, in plans that are better for it.

    Raises:
        WeekBroken: the schedule is not legal, and not only for want of this patient's care.
    """
    week = Ledger(clinic, schedule)
    week.not_admitted = None
    broken = [
        v for v in check(clinic, week) if v.subject != patient and v.rule not in OPEN_QUESTIONS
    ]
    if broken:
        raise WeekBroken(broken)
    before = measure(clinic, week)
    planning = Planning(week, patient)
    found = planning.plans(top)
    plans = [planning.plan(placed) for placed in found]
    moved: list[Plan] = []
    if most_moves:
        better = planning.plans_with_moves(top, most_moves, found[0] if found else None)
        moved = [planning.plan(placed) for placed in better]

    def told(plan: Plan) -> Told:
        return Told(clinic, patient, schedule, before, plan)

    return Recommendation(
        clinic=clinic,
        patient=named(clinic.patients, patient),
        week=schedule,
        before=before,
        plans=tuple(map(told, plans)),
        most_moves=most_moves,
        with_moves=tuple(map(told, moved)),
        complete=planning.complete,
    )


__all__ = ["TOP", "Plan", "Recommendation", "Told", "WeekBroken", "recommend", "with_patient"]
