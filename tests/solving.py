"""The model half as the contract tests use it: solve tier by tier, or hold it to one schedule.

Everything here asks the model and the solver; what is lawful and what it costs is asked of the
checker by whoever calls. One worker and one seed, so that a test says the same every time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from solver import screening
from solver.checker import check
from solver.clinic import Clinic
from solver.extraction import extract
from solver.goals import GOAL
from solver.ledger import Ledger
from solver.linear import Linear, Literal
from solver.model import build
from solver.options import Option, Term
from solver.pins import settled_ledger
from solver.rooming import kind_of, name_rooms
from solver.rules import RULES, Rule
from solver.schedule import Appointment, Schedule, Section
from solver.tiers import Tier, tiers_of
from solver.timegrid import DAY_NUMBER
from solver.variables import Variables

SECONDS = 20.0


def solve(v: Variables, seconds: float = SECONDS) -> tuple[str, cp_model.CpSolver]:
    """The status's name and the solver, after one run on what the model is to minimise."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_time_in_seconds = seconds
    status = solver.solve(v.model)
    return str(solver.status_name(status)), solver


def minimise(
    v: Variables, expression: Linear, seconds: float = SECONDS
) -> tuple[str, int | None, cp_model.CpSolver]:
    """Status, least value (None without a solution) and the solver."""
    terms = expression.terms
    total = cp_model.LinearExpr.weighted_sum([x for x, _ in terms], [c for _, c in terms])
    v.model.minimize(total if terms else 0)
    status, solver = solve(v, seconds)
    found = status in ("OPTIMAL", "FEASIBLE")
    value = round(solver.objective_value) if terms and found else 0
    v.model.clear_objective()
    return status, value + expression.constant if found else None, solver


def expression_of(v: Variables, tier: Tier) -> Linear:
    """The weighted sum of a tier's goals as the model has it."""
    total = Linear()
    for goal, weight in zip(tier.goals, tier.weights, strict=True):
        total += GOAL[goal].expression(v).scaled(weight)
    return total


@dataclass(frozen=True)
class Answer:
    """What tier-by-tier solving came to; ``schedule`` is None where there is none."""

    status: str
    values: tuple[int, ...]
    schedule: Schedule | None


def best(clinic: Clinic, seconds: float = SECONDS, **how: Any) -> Answer:
    """The best week, one tier settled after the other; ``how`` goes to ``build``."""
    return settle(clinic, build(clinic, **how), seconds)


def settle(clinic: Clinic, v: Variables, seconds: float = SECONDS) -> Answer:
    """The same of a model that is there already: OPTIMAL, INFEASIBLE, or where time ran out.

    Args:
        seconds: for each tier; the first that is not settled in time ends it.
    """
    values: list[int] = []
    schedule = None
    for tier in tiers_of(clinic.scenario.policy):
        expression = expression_of(v, tier)
        status, value, solver = minimise(v, expression, seconds)
        if value is None:
            return Answer(status, tuple(values), schedule)
        if status != "OPTIMAL":
            return Answer(status, tuple(values), extracted(v, solver))
        values.append(value)
        schedule = extracted(v, solver)
        v.limit(expression, value + tier.slack(value))
    return Answer("OPTIMAL", tuple(values), schedule)


def extracted(v: Variables, solver: cp_model.CpSolver) -> Schedule:
    """The schedule of a solution, its rooms named."""
    return name_rooms(v.clinic, extract(v, solver.value).schedule())


# ---------------------------------------------------------------- one schedule, held fast


class NotExpressible(Exception):
    """The model has no variables for something in the schedule; the message says for what."""


def hold(v: Variables, wanted: Schedule | Ledger) -> None:
    """Hold the model to a schedule: what is in it stands, and nothing else does.

    Raises NotExpressible where the model cannot say it. What the model's own ledger holds already
    is passed over.
    """
    chosen, _ = choices(v, wanted)
    for x in {x.index: x for x in decisions(v)}.values():
        v.model.add(x == chosen[x.index])


def choices(v: Variables, wanted: Schedule | Ledger) -> tuple[Counter[int], dict[int, str]]:
    """How the model says a schedule. Raises NotExpressible.

    Returns:
        Index of a variable -> its value (0 for all others), and index of an option -> the section
        that runs in it.
    """
    target = wanted if isinstance(wanted, Ledger) else Ledger(v.clinic, wanted)
    chosen: Counter[int] = Counter()
    used: dict[int, str] = {}
    for running in target.sections.values():
        option = _option(v, running.entry(), used)
        used[option.index] = running.id
        _section(v, option, running.entry(), chosen)
    for appointment in target.appointments.values():
        if appointment.id not in v.ledger.appointments:
            _appointment(v, appointment, chosen)
    return chosen, used


def decisions(v: Variables) -> Iterator[Literal]:
    """Every variable that decides something a schedule shows."""
    found: list[Literal] = [o.open for o in v.options]
    found += [t.var for p in v.clinic.patients for t in v.terms(p)]
    found += [x.var for x in (*v.leads, *v.picks, *v.cares, *v.shares)]
    return (x for x in found if not isinstance(x, int))


def _option(v: Variables, section: Section, used: dict[int, str]) -> Option:
    for option in v.options:
        if option.kept is not None and option.kept.id == section.id:
            return option
    days = tuple(sorted(DAY_NUMBER[m.day] for m in section.meetings))
    starts = {m.start for m in section.meetings}
    for continues in (section.id, None):
        wanted = (section.group, days, starts, continues)
        for option in v.options:
            offered = (option.group, option.days, {option.start}, option.continues)
            if option.kept is None and option.index not in used and offered == wanted:
                return option
    raise NotExpressible(f"no option for {section.id}")


def _section(v: Variables, option: Option, section: Section, chosen: Counter[int]) -> None:
    special = section.absences or any(m.cancelled or m.leaders for m in section.meetings)
    if special and option.kept is None:
        raise NotExpressible(f"{section.id} is a section with exceptions")
    remote = set(section.remote_members)
    for p in section.members:
        if option.kept is None or p not in option.kept.members:
            seat = next(
                (
                    t
                    for t in v.seats_in(option)
                    if t.patient == p and t.remote_member == (p in remote)
                ),
                None,
            )
            if seat is None:
                raise NotExpressible(f"no seat for {p} in {section.id}")
            chosen[seat.var.index] = 1
    if option.kept is not None:
        return
    chosen[option.open.index] = 1
    places = {
        frozenset(v.clinic.groups[option.group].leaders[place].credentials): place
        for place, _ in option.places
    }
    for leader, place in zip(section.leaders, v.clinic.groups[section.group].leaders, strict=True):
        standing = places[frozenset(place.credentials)]
        for lead in v.leads_in(option):
            if (lead.place, lead.therapist) == (standing, leader):
                chosen[lead.var.index] = 1
                break
        else:
            raise NotExpressible(f"{leader} cannot lead {section.id}")
    for m in section.meetings:
        if m.room is None:
            continue
        kind = kind_of(v.clinic)[m.room].index
        for pick in v.rooms_in(option, DAY_NUMBER[m.day]):
            if pick.kind == kind:
                chosen[pick.var.index] = 1
                break
        else:
            raise NotExpressible(f"{section.id} cannot meet in {m.room}")


def _appointment(v: Variables, a: Appointment, chosen: Counter[int]) -> None:
    term = next((t for t in v.terms(a.patient) if _fits(v, t, a)), None)
    if term is None or chosen[term.var.index]:
        raise NotExpressible(f"no visit for {a.id}")
    chosen[term.var.index] = 1
    meet = term.meets[0]
    if len(term.pool) > 1:
        for care in v.cares:
            what = (care.pool, care.service, care.roomless, care.meet, care.therapist)
            if what == (term.pool, term.service, term.remote, meet, a.therapist):
                chosen[care.var.index] = 1
                break
        else:
            raise NotExpressible(f"{a.therapist} cannot give {a.id}")
    if a.room is not None and len(need := v.need_of(term)) > 1:
        kind = kind_of(v.clinic)[a.room].index
        for share in v.shares:
            if (share.need, share.meet, share.kind) == (need, meet, kind):
                chosen[share.var.index] += 1
                break
        else:
            raise NotExpressible(f"{a.id} cannot be in {a.room}")


def _fits(v: Variables, t: Term, a: Appointment) -> bool:
    if t.option is not None or (t.service, t.remote) != (a.service, a.remote):
        return False
    if (t.meets[0].day, t.meets[0].start) != (DAY_NUMBER[a.day], a.start):
        return False
    if a.therapist not in t.pool or (a.room is None) != t.remote:
        return False
    if a.room is None:
        return True
    named = a.room if a.room in v.habit_rooms(a.patient, a.service) else None
    if named is not None or t.room is not None:
        return t.room == named
    return kind_of(v.clinic)[a.room].index in v.need_of(t)


def held(clinic: Clinic, wanted: Schedule, **how: Any) -> str:
    """Status of a model held to a schedule; ``NOT EXPRESSIBLE`` where it has no words for it."""
    v = build(clinic, **how)
    try:
        hold(v, wanted)
    except NotExpressible:
        return "NOT EXPRESSIBLE"
    return solve(v)[0]


# ---------------------------------------------------------------- rules switched off


@contextmanager
def without(rule: Rule) -> Iterator[tuple[Rule, ...]]:
    """The other rules; for as long as this lasts, candidates are judged by those alone."""
    judges = dict(screening._JUDGES)
    try:
        screening._JUDGES.update(
            {kind: tuple(r for r in by if r is not rule) for kind, by in judges.items()}
        )
        yield tuple(r for r in RULES if r is not rule)
    finally:
        screening._JUDGES.update(judges)


# ---------------------------------------------------------------- every solution


class _Collector(cp_model.CpSolverSolutionCallback):  # type: ignore[misc]
    def __init__(self, v: Variables, take: Callable[[Ledger], None]) -> None:
        super().__init__()
        self.v, self.take = v, take

    def on_solution_callback(self) -> None:
        self.take(extract(self.v, self.value))


def every_solution(v: Variables) -> list[Ledger]:
    """The ledgers of all solutions of a model without goals."""
    found: list[Ledger] = []
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.enumerate_all_solutions = True
    solver.parameters.max_time_in_seconds = SECONDS
    status = solver.solve(v.model, _Collector(v, found.append))
    name = solver.status_name(status)
    assert name in ("OPTIMAL", "INFEASIBLE"), f"not every solution was listed: {name}"
    return found


def stands(clinic: Clinic) -> bool:
    """Whether what locks settle may stand at all; a model built around it does not judge it."""
    lasting = {rule.key for rule in RULES if not rule.mended_by_adding}
    return not lasting & {fault.rule for fault in check(clinic, settled_ledger(clinic))}
