"""Complete weeks in which everything stands again, ranked by the goals in the policy's order.

The week begins with everything dropped that cannot stand; then session by session the best remedy is
put in, and each is looked at again once the others are known. Other plans keep to one way of doing it
(nobody's time changes, the same people see each other, everything is cancelled) or do one session
otherwise, so that a scheduler can choose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from ..checker import check, measure
from ..clinic import Clinic
from ..diff import Difference, difference
from ..goals import GOAL, PatientGoal
from ..ledger import Ledger
from ..naming import name
from ..rebalance.frozen import Frozen
from ..rules import RULES, Scope
from ..scenario import Scenario
from ..schedule import Schedule
from ..tiers import Tier, tiers_of
from ..timegrid import DAY_NUMBER
from ..validation import Notice
from ..violations import Violation
from .gaps import mended
from .ops import Book, Op, performed, touched
from .out import Out, follow_up
from .remedies import Kind, Remedies, Remedy
from .units import Unit, units

Cost = tuple[int, ...]
"""Rules broken, the value of each tier, staffing last of all: compared left to right."""
SECONDS = 4.0
"""Looking further takes no longer than this; reading and telling want the rest of five seconds."""
MOST_PLANS = 6
MOST_VARIANTS = 3
"""Plans that do one session otherwise than the best one, offered beside other ways of going about it."""
MOST_JUDGED = 6
"""Remedies of one session that are legal, beside the one of dropping it; more are not looked for."""
VARIANT = "as the first, with one session done otherwise"
STRATEGIES: dict[str, tuple[Kind, ...]] = {
    "everybody keeps their time": ("substitute", "room", "remote"),
    "the same people at other times": ("room", "remote", "move"),
    "everything is cancelled": (),
}
"""Ways of going about it, and the remedies that each allows beside cancelling."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a plan does about one unit, and what else could be done about it, the best first.

    Attributes:
        otherwise: (remedy, the tiers' values of the whole week with it instead).
    """

    unit: Unit
    remedy: Remedy
    otherwise: tuple[tuple[Remedy, tuple[int, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Repair:
    """A complete week.

    Attributes:
        way: the way of going about it.
        goals: every goal's value.
        tiers: the tiers' values, by which repairs are ranked.
        further: steps beside those of the sessions: what closes a gap that they opened.
        variant: whether it is the best plan with one session done otherwise.
        violations: rules it breaks that the published week did not; empty unless nothing better is.
        difference: from the published week; who must be told what.
    """

    way: str
    steps: tuple[Step, ...]
    schedule: Schedule
    goals: dict[str, int]
    tiers: tuple[int, ...]
    violations: tuple[Violation, ...]
    difference: Difference
    further: tuple[Op, ...] = ()
    variant: bool = False


@dataclass(frozen=True, slots=True)
class Covered:
    """The answer.

    Attributes:
        scenario: the follow-up scenario, of which the repairs are schedules.
        outs: who is out.
        units: what could not stand.
        before: goals of the published week, as if nobody were out.
        already: rules that the published week broke before anybody was out.
    """

    scenario: Scenario
    outs: tuple[Out, ...]
    notices: tuple[Notice, ...]
    units: tuple[Unit, ...]
    before: dict[str, int]
    already: tuple[Violation, ...]
    repairs: tuple[Repair, ...]


def cover(
    scenario: Scenario,
    schedule: Schedule,
    outs: Sequence[Out],
    frozen_before: int | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Covered:
    """Ranked repairs of a published week in which somebody is out.

    Args:
        frozen_before: day number; the days before it have happened. The first day out by default.
    """
    published = Clinic(scenario)
    already = check(published, schedule)
    follow, notices = follow_up(scenario, schedule, outs)
    clinic = Clinic(follow)
    first = min((d for out in outs for d in out.days), default=0)
    frozen = first if frozen_before is None else frozen_before
    work = _Work(clinic, schedule, outs, frozen, already, tell)
    return Covered(
        follow,
        tuple(outs),
        tuple(notices),
        tuple(work.units),
        measure(clinic, schedule),
        tuple(already),
        tuple(work.run()),
    )


@dataclass(slots=True)
class _Plan:
    """Remedies by unit; units that another's remedy decides are left out."""

    way: str
    chosen: dict[Unit, Remedy] = field(default_factory=dict)
    variant: bool = False
    otherwise: dict[Unit, list[tuple[Cost, Remedy]]] = field(default_factory=dict)


class _Work:
    def __init__(
        self,
        clinic: Clinic,
        schedule: Schedule,
        outs: Sequence[Out],
        frozen: int,
        already: Iterable[Violation],
        tell: Callable[[str], None],
    ) -> None:
        self.clinic, self.schedule, self.tell = clinic, schedule, tell
        self.until = monotonic() + SECONDS
        self.tiers: tuple[Tier, ...] = tiers_of(clinic.scenario.policy)
        self.published = Ledger(clinic, schedule)
        self.published.not_admitted = None
        self.units = units(clinic, self.published, outs)
        self.remedies = Remedies(clinic, self.published, outs, frozen)
        self.frozen = Frozen(frozen)
        self.already = Counter((v.rule, v.subject) for v in already)
        dropped = [op for u in self.units for op in u.dropped(self.published)]
        self.dropped = performed(self.published, _once(dropped)) or self.published
        self._known: tuple[Ledger, dict[str, int]] | None = None

    # -- judging a week ---------------------------------------------------------------------------

    def _share(self, ledger: Ledger, patient: str) -> dict[str, int]:
        return {
            key: goal.of(self.clinic, ledger, patient)
            for key, goal in GOAL.items()
            if isinstance(goal, PatientGoal)
        }

    def tier_cost(self, ledger: Ledger, around: Ledger, patients: Iterable[str]) -> tuple[int, ...]:
        """The tiers of a week that differs from ``around`` for these patients only."""
        goals: dict[str, int] = {}
        known = self._totals(around)
        old = [self._share(around, p) for p in patients]
        new = [self._share(ledger, p) for p in patients]
        for key, goal in GOAL.items():
            if isinstance(goal, PatientGoal):
                goals[key] = known[key] + sum(
                    n[key] - o[key] for n, o in zip(new, old, strict=True)
                )
            else:
                goals[key] = goal.measure(self.clinic, ledger)
        return tuple(tier.value(goals) for tier in self.tiers)

    def _totals(self, ledger: Ledger) -> dict[str, int]:
        """All goals of a week; of the last one asked for they are remembered."""
        if self._known is None or self._known[0] is not ledger:
            self._known = (ledger, measure(self.clinic, ledger))
        return self._known[1]

    def faults(self, ledger: Ledger, patients: Iterable[str], ops: Iterable[Op]) -> int:
        """Rules broken by those whom some steps touch; the others are as they were."""
        patients = list(patients)
        therapists, rooms = touched(ops)
        sections = {s.id for p in patients for s in ledger.sections_of(p)}
        scope = Scope(
            patients=patients,
            therapists=sorted(therapists & set(self.clinic.therapists)),
            rooms=sorted(rooms & set(self.clinic.rooms)),
            items=list(self.clinic.equipment),
            groups=sorted({ledger.sections[s].group for s in sections}),
            sections=sorted(sections),
            appointments=[s.ref for p in patients for s in ledger.sittings[p] if s.group is None],
        )
        return sum(
            not self.already[v.rule, v.subject]
            for rule in RULES
            if rule.key != "strict"
            for v in rule.check(self.clinic, ledger, scope)
        )

    # -- plans ------------------------------------------------------------------------------------

    def run(self) -> list[Repair]:
        if not self.units:
            return []
        self.tell(f"{len(self.units)} sessions cannot stand")
        best = self._best()
        plans = [best]
        for way, kinds in STRATEGIES.items():
            plans.append(self._filled(way, (*kinds, "cancel", "excuse")))
        plans += self._variants(best)
        self.tell(f"checking {len(plans)} plans")
        found: dict[object, Repair] = {}
        for plan in plans:
            repair = self._repair(plan)
            key = tuple(
                sorted(map(str, (*repair.schedule.sections, *repair.schedule.appointments)))
            )
            found.setdefault(key, repair)
        ranked = sorted(
            found.values(),
            key=lambda r: (len(r.violations), r.tiers, len(r.difference.told)),
        )
        legal = [r for r in ranked if not r.violations] or ranked
        # A variant says what it does otherwise than the first: it cannot be the first.
        first = next((r for r in legal if not r.variant), legal[0])
        return [first, *(r for r in legal if r is not first)][:MOST_PLANS]

    def _best(self) -> _Plan:
        """Session by session the best remedy, then each once more beside the others."""
        plan = self._filled("best for the goals", None)
        for _ in range(3):
            again = False
            for unit in self.units:
                if monotonic() > self.until:
                    return plan
                again |= self._looked_at(plan, unit)
            if not again:
                break
        return plan

    def _filled(self, way: str, kinds: Sequence[Kind] | None) -> _Plan:
        plan = _Plan(way)
        week = self.dropped
        for unit in self.units:
            if self._decided(plan, unit):
                continue
            ranked = self._ranked(unit, week, kinds)
            remedy = ranked[0][1]
            plan.chosen[unit] = remedy
            plan.otherwise[unit] = ranked
            week = performed(week, remedy.ops) or week
        return plan

    def _decided(self, plan: _Plan, unit: Unit) -> bool:
        """Whether another unit's remedy decides the unit's whole section."""
        return any(r.whole == unit.ref for u, r in plan.chosen.items() if u != unit)

    def _ranked(
        self, unit: Unit, week: Ledger, kinds: Sequence[Kind] | None
    ) -> list[tuple[Cost, Remedy]]:
        """Remedies of a unit beside what else is in the week, the best first."""
        tried: list[tuple[tuple[int, ...], int, Remedy, Ledger, list[str]]] = []
        for remedy in self.remedies.of(unit, week):
            if kinds is not None and remedy.kind not in kinds:
                continue
            after = performed(week, remedy.ops)
            if after is not None:
                patients = sorted(remedy.patients | self._patients_of(unit))
                tiers = self.tier_cost(after, week, patients)
                tried.append((tiers, len(tried), remedy, after, patients))
        tried.sort(key=lambda t: t[:2])
        out: list[tuple[Cost, int, Remedy]] = []
        for tiers, number, remedy, after, patients in tried:
            # What nothing is wrong with and does well is looked at first; the rest only if need be.
            if sum(not cost[0] for cost, _, _ in out) >= MOST_JUDGED and remedy.ops:
                continue
            faults = self.faults(after, patients, remedy.ops)
            out.append(((faults, *tiers), number, remedy))
        return [(cost, remedy) for cost, _, remedy in sorted(out, key=lambda o: o[:2])]

    def _patients_of(self, unit: Unit) -> frozenset[str]:
        if unit.patient is not None:
            return frozenset({unit.patient})
        if unit.ref in self.published.appointments:
            return frozenset({self.published.appointments[unit.ref].patient})
        return frozenset(self.published.sections[unit.ref].members)

    def _week(self, plan: _Plan, but: Unit | None = None) -> Ledger | None:
        """The week of a plan, one unit left dropped if it is named."""
        ops = [op for u, r in plan.chosen.items() if u != but for op in r.ops]
        return performed(self.dropped, ops)

    def _looked_at(self, plan: _Plan, unit: Unit) -> bool:
        """Choose a unit's remedy anew beside all others; whether another one was better."""
        if unit not in plan.chosen or self._decided(plan, unit):
            return False
        if plan.chosen[unit].whole == unit.ref and self._others(plan, unit):
            return False
        week = self._week(plan, unit)
        if week is None:
            return False
        ranked = self._ranked(unit, week, None)
        plan.otherwise[unit] = ranked
        same = next((c for c, r in ranked if r == plan.chosen[unit]), None)
        if ranked and (same is None or ranked[0][0] < same):
            plan.chosen[unit] = ranked[0][1]
            return True
        return False

    def _others(self, plan: _Plan, unit: Unit) -> bool:
        """Whether other units of the section rest on what this one's remedy decides."""
        return any(u.ref == unit.ref and u not in plan.chosen for u in self.units)

    def _variants(self, best: _Plan) -> list[_Plan]:
        """The best plan with one session done otherwise, each kind of remedy once."""
        out: list[tuple[Cost, _Plan]] = []
        for unit, chosen in best.chosen.items():
            if chosen.whole == unit.ref and self._others(best, unit):
                continue
            kinds = {chosen.kind}
            for cost, remedy in best.otherwise.get(unit, ()):
                if remedy.kind in kinds or remedy.whole is not None:
                    continue
                kinds.add(remedy.kind)
                out.append((cost, _Plan(VARIANT, best.chosen | {unit: remedy}, True)))
        out.sort(key=lambda pair: pair[0])
        return [plan for _, plan in out[:MOST_VARIANTS]]

    # -- the answer -------------------------------------------------------------------------------

    def _repair(self, plan: _Plan) -> Repair:
        week = self._week(plan) or self.dropped
        week, further = mended(self.clinic, week, self.remedies.visits, self._of_one)
        schedule = name(self.clinic, week.schedule())
        ledger = Ledger(self.clinic, schedule)
        found = check(self.clinic, ledger)
        found += list(self.frozen.check(self.clinic, ledger, Scope.whole(ledger)))
        goals = measure(self.clinic, ledger)
        return Repair(
            plan.way,
            tuple(self._step(plan, unit) for unit in self.units),
            schedule,
            goals,
            tuple(tier.value(goals) for tier in self.tiers),
            tuple(v for v in found if not self.already[v.rule, v.subject]),
            difference(self.clinic, self.schedule, schedule),
            further,
            plan.variant,
        )

    def _of_one(self, week: Ledger, patient: str) -> Cost:
        goals = measure(self.clinic, week)
        therapists = [Book(a) for a in week.appointments.values() if a.patient == patient]
        tiers = (tier.value(goals) for tier in self.tiers)
        return (self.faults(week, [patient], therapists), *tiers)

    def _step(self, plan: _Plan, unit: Unit) -> Step:
        remedy = plan.chosen.get(unit)
        if remedy is None:
            remedy = next(r for r in plan.chosen.values() if r.whole == unit.ref)
        ranked = plan.otherwise.get(unit, [])
        others = tuple((r, cost[1:]) for cost, r in ranked if r != remedy and not cost[0])
        return Step(unit, remedy, others)


def _once(ops: Iterable[Op]) -> list[Op]:
    return list(dict.fromkeys(ops))


def days_of(names: Iterable[str]) -> frozenset[int]:
    """Day numbers of days as files have them."""
    return frozenset(DAY_NUMBER[d] for d in names)
