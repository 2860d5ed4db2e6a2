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
from fractions import Fraction
from math import ceil, floor, inf
from typing import Any

import numpy as np
from ortools.math_opt import model_pb2
from ortools.math_opt.python import mathopt

from bench.plain_goals import Goals, measure
from bench.plain_input import Clinic
from bench.plain_model import plain_number, tiers_of
from bench.plain_rules import PlainModel
from solver.search.rows import Rows


def proto_of(rows: Rows) -> model_pb2.ModelProto:
    """All of it, with the objective that the model has now, as MathOpt takes it."""
    matrix, (costs, constant) = rows.matrix(), rows.objective()
    count = len(rows.lower)
    out = model_pb2.ModelProto()
    out.variables.ids.extend(range(count))
    out.variables.lower_bounds.extend(map(float, rows.lower))
    out.variables.upper_bounds.extend(map(float, rows.upper))
    out.variables.integers.extend([True] * count)
    out.linear_constraints.ids.extend(range(len(rows)))
    out.linear_constraints.lower_bounds.extend(matrix.low.tolist())
    out.linear_constraints.upper_bounds.extend(matrix.high.tolist())
    out.linear_constraint_matrix.row_ids.extend(matrix.rows.tolist())
    out.linear_constraint_matrix.column_ids.extend(matrix.columns.tolist())
    out.linear_constraint_matrix.coefficients.extend(matrix.values.tolist())
    columns = np.flatnonzero(costs)
    out.objective.offset = constant
    out.objective.linear_coefficients.ids.extend(columns.tolist())
    out.objective.linear_coefficients.values.extend(costs[columns].tolist())
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
        program = mathopt.Model.from_model_proto(proto_of(self.rows))
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
