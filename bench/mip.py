"""The plain model as a mixed-integer program, solved with HiGHS through ortools' MathOpt.

The same variables, rules and goals, tier by tier with the same shares of time. Clauses, implications
and at-most-one become rows of their literals, as a modeller would write them; a linear constraint
that holds only if some literals do is relaxed by its largest possible violation (big-M), and that is
the only thing the form costs. Domains with holes, and the kinds of CP-SAT that are no linear rows
(intervals, circuits, tables, products), cannot be converted; the plain model has none of them.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterable
from fractions import Fraction
from math import ceil, floor, inf
from typing import Any

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt
from ortools.sat.python import cp_model

from bench.plain_goals import Goals, measure
from bench.plain_input import Clinic
from bench.plain_model import plain_number, tiers_of
from bench.plain_rules import PlainModel

UNLIMITED = 10**15
"""Limits beyond this are none: CP-SAT writes a missing one as the largest 64-bit number."""
LITERALS = ("at_most_one", "exactly_one", "bool_or", "bool_and")

Terms = list[tuple[int, int]]


class NotLinear(ValueError):
    """A constraint that has no form as linear rows."""


class Rows:
    """A CP-SAT model as linear rows; ``take`` adds what the model has gained since the last time.

    Attributes:
        relaxed: constraints that hold only under literals, and needed a big-M.
    """

    def __init__(self, model: cp_model.CpModel) -> None:
        self.model = model
        self.lower: list[int] = []
        self.upper: list[int] = []
        self.relaxed = 0
        self._rows: list[int] = []
        self._columns: list[int] = []
        self._values: list[int] = []
        self._low: list[float] = []
        self._high: list[float] = []
        self._taken = 0

    def __len__(self) -> int:
        return len(self._low)

    def take(self) -> None:
        """Convert variables and constraints that are new.

        Raises:
            NotLinear: one of them has no linear form.
        """
        proto = self.model.proto
        for number in range(len(self.lower), len(proto.variables)):
            domain = list(proto.variables[number].domain)
            if len(domain) != 2:
                raise NotLinear(f"a variable's domain has holes: {domain}")
            self.lower.append(domain[0])
            self.upper.append(domain[1])
        for number in range(self._taken, len(proto.constraints)):
            self._constraint(proto.constraints[number])
        self._taken = len(proto.constraints)

    def _constraint(self, constraint: Any) -> None:
        given = list(constraint.enforcement_literal)
        if constraint.has_linear():
            self._linear(constraint.linear, given)
            return
        kind = next((k for k in LITERALS if getattr(constraint, f"has_{k}")()), None)
        if kind is None:
            raise NotLinear("a constraint that is neither linear nor of literals")
        literals = list(getattr(constraint, kind).literals)
        if kind == "bool_or":
            self._at_least_one([*literals, *(-g - 1 for g in given)])
        elif kind == "bool_and":
            for literal in literals:
                self._at_least_one([literal, *(-g - 1 for g in given)])
        elif given:
            raise NotLinear(f"{kind} that holds only under literals")
        else:
            self._row([(x, 1) for x in literals], 1 if kind == "exactly_one" else -inf, 1)

    def _at_least_one(self, literals: Iterable[int]) -> None:
        self._row([(x, 1) for x in literals], 1, inf)

    def _linear(self, linear: Any, given: list[int]) -> None:
        domain = list(linear.domain)
        if len(domain) != 2:
            raise NotLinear(f"a sum may lie in parts only: {domain}")
        terms: Terms = list(zip(linear.vars, linear.coeffs, strict=True))
        low = -inf if domain[0] < -UNLIMITED else domain[0]
        high = inf if domain[1] > UNLIMITED else domain[1]
        if not given:
            self._row(terms, low, high)
            return
        self.relaxed += 1
        least = sum(k * (self.lower if k > 0 else self.upper)[x] for x, k in terms)
        most = sum(k * (self.upper if k > 0 else self.lower)[x] for x, k in terms)
        if low > least:  # terms ≥ low − (low − least) × literals that do not hold
            much = int(low - least)
            self._row([*terms, *((-g - 1, much) for g in given)], low, inf)
        if high < most:
            much = int(most - high)
            self._row([*terms, *((-g - 1, -much) for g in given)], -inf, high)

    def _row(self, terms: Terms, low: float, high: float) -> None:
        """low ≤ Σ coefficient × variable ≤ high; a negative index is 1 − the variable it negates."""
        row = len(self._low)
        for x, k in terms:
            if x < 0:
                low, high = low - k, high - k
            self._rows.append(row)
            self._columns.append(x if x >= 0 else -x - 1)
            self._values.append(k if x >= 0 else -k)
        self._low.append(low)
        self._high.append(high)

    def program(self) -> model_pb2.ModelProto:
        """All of it, with the objective that the model has now, as MathOpt takes it."""
        count = len(self.lower)
        out = model_pb2.ModelProto()
        out.variables.ids.extend(range(count))
        out.variables.lower_bounds.extend(map(float, self.lower))
        out.variables.upper_bounds.extend(map(float, self.upper))
        out.variables.integers.extend([True] * count)
        out.linear_constraints.ids.extend(range(len(self)))
        out.linear_constraints.lower_bounds.extend(self._low)
        out.linear_constraints.upper_bounds.extend(self._high)
        # MathOpt wants each (row, column) once, in order.
        keys = np.array(self._rows, dtype=np.int64) * count + np.array(self._columns, np.int64)
        unique, places = np.unique(keys, return_inverse=True)
        values = np.bincount(places, np.array(self._values, float), len(unique))
        matrix = out.linear_constraint_matrix
        matrix.row_ids.extend((unique // count).tolist())
        matrix.column_ids.extend((unique % count).tolist())
        matrix.coefficients.extend(values.tolist())
        objective = self.model.proto.objective
        total = dict[int, float]()
        out.objective.offset = objective.offset
        for x, k in zip(objective.vars, objective.coeffs, strict=True):
            column = x if x >= 0 else -x - 1
            total[column] = total.get(column, 0.0) + (k if x >= 0 else -k)
            out.objective.offset += 0 if x >= 0 else k
        columns = sorted(total)
        out.objective.linear_coefficients.ids.extend(columns)
        out.objective.linear_coefficients.values.extend(total[c] for c in columns)
        return out


def solve_mip(scenario: dict[str, Any], time_limit: float, *, seed: int = 0) -> dict[str, Any]:
    """Solve a parsed scenario tier by tier, as ``solve_plain`` does; the limit covers building too.

    A tier takes at most half of the time that is left, the last one all of it. While there is no
    schedule, the first tier is tried once more with the rest: HiGHS cannot be asked to stop at its first.
    A later tier begins from what the one before found. How many threads HiGHS takes is its own choice
    (MathOpt has no say in it): half of the machine's.
    """
    return _Solve(scenario, time_limit, seed).run()


class _Solve:
    def __init__(self, scenario: dict[str, Any], seconds: float, seed: int) -> None:
        self.begun = time.monotonic()
        self.deadline = self.begun + seconds
        self.seed = seed
        self.clinic = Clinic(scenario)
        self.tiers = tiers_of(self.clinic.scenario)
        self.plain = PlainModel(self.clinic)
        self.goals = Goals(self.plain)
        for goal in self.clinic.scenario.get("policy", {}).get("strict", []):
            self.plain.model.add(self.goals.expression(goal) == 0)
        self.rows = Rows(self.plain.model)
        self.best: dict[str, Any] | None = None
        self.measured: dict[str, int] = {}
        self._values: dict[int, int] = {}

    def left(self) -> float:
        return self.deadline - time.monotonic()

    def _search(self, number: int) -> mathopt.SolveResult | None:
        tier = self.tiers[number]
        self.plain.model.minimize(
            sum(int(tier.weights[g] * tier.scale) * self.goals.expression(g) for g in tier.goals)
        )
        self.rows.take()
        program = mathopt.Model.from_model_proto(self.rows.program())
        left = self.left()
        share = left if number + 1 == len(self.tiers) else left / 2
        start = mathopt.ModelSolveParameters()
        if self._values:
            # Variables that are new with this tier's goals are left for HiGHS to find.
            known = {
                x: float(self._values[x.id]) for x in program.variables() if x.id in self._values
            }
            start.solution_hints.append(mathopt.SolutionHint(variable_values=known))
        result = None
        while share > 0.05 and (result is None or not result.has_primal_feasible_solution()):
            parameters = mathopt.SolveParameters(
                time_limit=datetime.timedelta(seconds=share),
                random_seed=self.seed,
            )
            result = mathopt.solve(
                program, mathopt.SolverType.HIGHS, params=parameters, model_params=start
            )
            if self.best or result.termination.reason == mathopt.TerminationReason.INFEASIBLE:
                break
            share = self.left()
        return result

    def _keep(self, result: mathopt.SolveResult) -> None:
        """Take over what was found."""
        self._values = {x.id: round(value) for x, value in result.variable_values().items()}
        self.best = self.plain.schedule(self._values)
        self.measured = measure(self.clinic, self.best)

    def run(self) -> dict[str, Any]:
        lines: list[dict[str, Any]] = []
        status = "optimal"
        for number, tier in enumerate(self.tiers):
            best = tier.value(self.measured) if self.best else None
            line: dict[str, Any] = {"goals": tier.goals, "value": None, "bound": 0, "proved": False}
            lines.append(line)
            result = self._search(number) if best != 0 and self.left() > 0.05 else None
            line["proved"] = best == 0
            if result is not None:
                reason = result.termination.reason
                if reason == mathopt.TerminationReason.INFEASIBLE and not self.best:
                    status = "infeasible"
                    break
                if result.has_primal_feasible_solution():
                    self._keep(result)
                bound = result.termination.objective_bounds.dual_bound
                if bound > 0 and bound < inf:
                    line["bound"] = plain_number(Fraction(ceil(bound - 1e-6), tier.scale))
                line["proved"] = reason == mathopt.TerminationReason.OPTIMAL
            if self.best is None:
                status = "unknown"
                break
            value = tier.value(self.measured)
            if line["proved"]:
                line["bound"] = plain_number(value)
            allowed = value + floor(value * tier.tolerance)
            if number + 1 < len(self.tiers):
                total = sum(
                    int(tier.weights[g] * tier.scale) * self.goals.expression(g) for g in tier.goals
                )
                self.plain.model.add(total <= floor(allowed * tier.scale))
        for line, tier in zip(lines, self.tiers, strict=False):
            if self.best:
                line["value"] = plain_number(tier.value(self.measured))
        if status == "optimal" and not all(line["proved"] for line in lines):
            status = "feasible"
        return {
            "status": status,
            "seconds": time.monotonic() - self.begun,
            "schedule": self.best,
            "tiers": lines,
            "rows": len(self.rows),
            "columns": len(self.rows.lower),
            "relaxed": self.rows.relaxed,
        }
