"""A plain CP-SAT model of the whole specification: the opponent of the benchmark.

Written from the specification alone, without any part of `solver`, so that it also serves as an
independent source of optimal values on small weeks. One boolean a (group, days, start) and a
(patient, such a section), one a (patient, service, therapist, start) for appointments, rooms named,
at most one session a cell for everybody. No heuristics, no cuts, no decomposition: this is what a
good engineer has after a day. `plain_input` reads the scenario, `plain_rules` has the variables and
rules, `plain_goals` the goals; here they are solved tier by tier.

Decisions where the specification leaves room: no session runs over midnight; sections continue the
baseline's by id only where a lock or a closed group asks for it; own leaders of a meeting,
cancelled meetings and absences are copied for locked sections and never invented; a leader or room
that is gone leaves a locked place open.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, lcm
from typing import Any

from ortools.sat.python import cp_model

from bench.plain_goals import GOALS, Goals, measure
from bench.plain_input import Clinic, Entry
from bench.plain_rules import PlainModel


@dataclass(frozen=True)
class Tier:
    """Goals added up with their weights; `scale` times a weight is whole."""

    goals: list[str]
    weights: dict[str, Fraction]
    tolerance: Fraction

    @property
    def scale(self) -> int:
        return lcm(*(weight.denominator for weight in self.weights.values()))

    def value(self, measured: Mapping[str, int]) -> Fraction:
        return sum((self.weights[goal] * measured[goal] for goal in self.goals), Fraction(0))


def tiers_of(scenario: Entry) -> list[Tier]:
    policy = scenario.get("policy", {})
    named: list[list[str]] = policy.get("tiers", [])
    left = [[goal] for goal in GOALS if not any(goal in tier for tier in named)]
    weights, tolerances = policy.get("weights", {}), policy.get("tolerances", {})
    return [
        Tier(
            list(goals),
            {goal: Fraction(str(weights.get(goal, 1))) for goal in goals},
            max(Fraction(str(tolerances.get(goal, 0))) for goal in goals),
        )
        for goals in [*named, *left]
        if goals
    ]


class _StopLate(cp_model.CpSolverSolutionCallback):
    """Ends a search at `until`, but not before there is a first schedule."""

    def __init__(self, until: float) -> None:
        super().__init__()
        self.until, self.found = until, False

    def on_solution_callback(self) -> None:
        self.found = True
        if time.monotonic() > self.until:
            self.stop_search()


class _Run:
    """One call of `solve_plain`: the model, the best schedule so far, the clock."""

    def __init__(
        self,
        scenario: Entry,
        time_limit: float,
        parameters: dict[str, Any],
        extra_subsolvers: tuple[str, ...],
    ) -> None:
        self.begun = time.monotonic()
        self.deadline = self.begun + time_limit
        self.parameters = parameters
        self.extra_subsolvers = extra_subsolvers
        self.clinic = Clinic(scenario)
        self.tiers = tiers_of(self.clinic.scenario)
        self.plain = PlainModel(self.clinic)
        self.goals = Goals(self.plain)
        for goal in self.clinic.scenario.get("policy", {}).get("strict", []):
            self.plain.model.add(self.goals.expression(goal) == 0)
        self.best: dict[str, Any] | None = None
        self.measured: dict[str, int] = {}

    def total(self, tier: Tier) -> Any:
        """The tier's weighted sum, times its scale."""
        return sum(
            int(tier.weights[goal] * tier.scale) * self.goals.expression(goal)
            for goal in tier.goals
        )

    def search(self, tier: Tier, until: float) -> tuple[cp_model.CpSolverStatus, float]:
        """Minimise one tier, keeping a schedule found; the solver's status, and its bound."""
        model = self.plain.model
        model.minimize(self.total(tier))
        solver, stop = cp_model.CpSolver(), _StopLate(until)
        limit = until if self.best else self.deadline
        solver.parameters.max_time_in_seconds = max(0.01, limit - time.monotonic())
        solver.parameters.extra_subsolvers.extend(self.extra_subsolvers)
        for name, setting in self.parameters.items():
            setattr(solver.parameters, name, setting)
        timer = threading.Timer(
            max(0.0, until - time.monotonic()), lambda: solver.stop_search() if stop.found else None
        )
        timer.daemon = True
        timer.start()
        status = solver.solve(model, stop)
        timer.cancel()
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            self._keep(solver, tier)
        return status, solver.best_objective_bound

    def _keep(self, solver: cp_model.CpSolver, tier: Tier) -> None:
        """Take over the solution, as the schedule and as the hint for what follows."""
        model = self.plain.model
        value = list(solver.response_proto.solution)
        schedule = self.plain.schedule(dict(enumerate(value)))
        measured = measure(self.clinic, schedule)
        if tier.value(measured) * tier.scale > round(solver.objective_value):
            raise RuntimeError(
                f"{tier.goals}: measured {measured}, the model says {solver.objective_value}"
            )
        self.best, self.measured = schedule, measured
        model.clear_hints()
        for index, number in enumerate(value):
            model.add_hint(model.get_int_var_from_proto_index(index), number)

    def settle(self, number: int) -> tuple[dict[str, Any], str]:
        """Work on one tier; its line of the result, and `infeasible` or `unknown` if so ended."""
        tier = self.tiers[number]
        line: dict[str, Any] = {"goals": tier.goals, "value": None, "bound": 0, "proved": False}
        left = self.deadline - time.monotonic()
        state, best = "", tier.value(self.measured) if self.best else None
        if best == 0:
            line["proved"] = True
        elif left > 0.05:
            share = left if number == len(self.tiers) - 1 else left / 2
            status, bound = self.search(tier, time.monotonic() + share)
            if status in (cp_model.INFEASIBLE, cp_model.MODEL_INVALID):
                if self.best or status == cp_model.MODEL_INVALID:
                    raise RuntimeError(
                        f"{tier.goals}: {self.plain.model.validate() or 'no schedule any more'}"
                    )
                state = "infeasible"
            line["proved"] = status == cp_model.OPTIMAL
            line["bound"] = plain_number(Fraction(max(0, ceil(bound - 1e-6)), tier.scale))
        if self.best:
            settled = tier.value(self.measured)
            if line["proved"]:
                line["bound"] = plain_number(settled)
            if number < len(self.tiers) - 1 and time.monotonic() < self.deadline:
                allowed = settled + floor(settled * tier.tolerance)
                self.plain.model.add(self.total(tier) <= floor(allowed * tier.scale))
        elif not state:
            state = "unknown"
        return line, state


def plain_number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else float(value)


def solve_plain(
    scenario: dict[str, Any],
    time_limit: float,
    *,
    workers: int = 0,
    extra_subsolvers: tuple[str, ...] = (),
    seed: int = 0,
    log: bool = False,
) -> dict[str, Any]:
    """Solve a parsed scenario, tier by tier; the time limit covers building too.

    A tier takes at most half of the time that is left, the last one all of it; the first one goes
    on until there is a schedule. Every tier's value is that of the schedule given out; its bound
    and `proved` come from its own search, in which the tiers before it were held at what they had
    reached, plus tolerance. `workers` 0 leaves their number to the solver.
    """
    parameters: dict[str, Any] = {"random_seed": seed, "log_search_progress": log}
    if workers:
        parameters["num_workers"] = workers
    run = _Run(scenario, time_limit, parameters, extra_subsolvers)
    lines: list[dict[str, Any]] = []
    status = "optimal"
    for number in range(len(run.tiers)):
        line, state = run.settle(number)
        lines.append(line)
        if state:
            status = state
            break
    for line, tier in zip(lines, run.tiers, strict=False):
        if run.best:
            line["value"] = plain_number(tier.value(run.measured))
    if status == "optimal" and not all(line["proved"] for line in lines):
        status = "feasible"
    return {
        "status": status,
        "seconds": time.monotonic() - run.begun,
        "schedule": run.best,
        "tiers": lines,
    }
