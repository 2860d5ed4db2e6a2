"""One CP-SAT solve of a model, with limits that hold and a stop that is heard."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from ortools.sat.python import cp_model

from ..extraction import Value, hint
from ..ledger import Ledger
from ..linear import Linear
from ..variables import Variables


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how a solve may work.

    Attributes:
        seconds: wall-clock limit.
        work: limit in deterministic time; None leaves it to the clock.
        workers: threads; with ``repeatable`` the same work gives the same answer whatever they are.
    """

    seconds: float
    work: float | None = None
    workers: int = 1
    seed: int = 0
    repeatable: bool = False
    lp: bool = False
    presolve: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a solve found. ``value`` and ``bound`` include the objective's constant."""

    status: str
    values: Value | None
    value: int | None
    bound: int | None
    work: float
    seconds: float


BUILDING = 4e-5
"""What making a variable counts as, in the solver's deterministic time (measured on weeks of 24 and 60)."""


@dataclass(slots=True)
class Meter:
    """What a search has done so far, in the solver's deterministic time; building models counts too."""

    spent: float = 0.0

    def pay(self, v: Variables, outcome: Outcome) -> None:
        self.spent += outcome.work + BUILDING * len(v.model.proto.variables)


class Signal(Protocol):
    """Something that may tell a search to end: a ``threading.Event``, or several as one."""

    def is_set(self) -> bool: ...
    def wait(self, timeout: float) -> bool: ...


class AnyOf:
    """Several signals as one."""

    def __init__(self, *signals: Signal | None) -> None:
        self._signals = [s for s in signals if s is not None]

    def is_set(self) -> bool:
        return any(s.is_set() for s in self._signals)

    def wait(self, timeout: float) -> bool:
        ends = monotonic() + timeout
        while not self.is_set():
            left = ends - monotonic()
            if left <= 0 or not self._signals:
                return False
            self._signals[0].wait(min(left, 0.05))
        return True


class _Watch(cp_model.CpSolverSolutionCallback):
    """Passes on improved values while the solve runs."""

    def __init__(self, found: Callable[[int], None]) -> None:
        super().__init__()
        self._found = found

    def on_solution_callback(self) -> None:
        self._found(round(self.objective_value))


def solve(
    v: Variables,
    objective: Linear | None,
    limits: Limits,
    *,
    start: Ledger | None = None,
    complete: bool = False,
    stop: Signal | None = None,
    on_value: Callable[[int], None] | None = None,
    on_bound: Callable[[int], None] | None = None,
) -> Outcome:
    """Solve the model as it stands, minimising ``objective`` if there is one.

    ``start`` is a schedule to begin from. A ``complete`` hint makes it the first solution; otherwise
    the solver may soon leave it, which is what a search among weeks just as good wants.
    """
    aim(v, objective)
    if start is not None:
        hint(v, start)
        if complete:
            complete_hint(v)
    solver = cp_model.CpSolver()
    p = solver.parameters
    p.max_time_in_seconds = max(0.01, limits.seconds)
    if limits.work is not None:
        p.max_deterministic_time = max(0.001, limits.work)
    p.num_workers = limits.workers
    p.random_seed = limits.seed
    p.interleave_search = limits.repeatable and limits.workers > 1
    p.catch_sigint_signal = False
    p.cp_model_presolve = limits.presolve
    # Probing took 18 of 22 seconds of presolve on a week of 24 patients and fixed 135 variables.
    p.cp_model_probing_level = 0
    p.max_presolve_iterations = 1
    if limits.lp and limits.workers > 1:
        p.extra_subsolvers.append("max_lp")
    elif limits.lp:
        p.linearization_level = 2
    if on_bound is not None:
        told = on_bound
        solver.best_bound_callback = lambda bound: told(_up(bound))
    watch = _Watch(on_value) if on_value is not None else None
    began = monotonic()
    with _Stopping(solver, stop):
        status = solver.solve(v.model, watch) if watch else solver.solve(v.model)
    name = str(solver.status_name(status))
    found = name in ("OPTIMAL", "FEASIBLE")
    constant = objective.constant if objective is not None else 0
    settled = objective is not None and not objective.terms
    return Outcome(
        status=name,
        values=solver.value if found else None,
        value=(constant if settled else round(solver.objective_value)) if found else None,
        bound=(constant if settled else _up(solver.best_objective_bound)) if found else None,
        work=float(solver.response_proto.deterministic_time),
        seconds=monotonic() - began,
    )


def aim(v: Variables, objective: Linear | None) -> None:
    """Have the model minimise an expression, or nothing."""
    v.model.clear_objective()
    if objective is not None and objective.terms:
        variables = [x for x, _ in objective.terms]
        coefficients = [c for _, c in objective.terms]
        v.model.minimize(
            cp_model.LinearExpr.weighted_sum(variables, coefficients) + objective.constant
        )


def complete_hint(v: Variables, seconds: float = 10.0) -> bool:
    """Extend the hint to every variable, so that the search begins with the schedule it names.

    CP-SAT drops a hint that leaves much open; with the decisions fixed, the rest follows quickly.
    Whether the hint can be completed at all.
    """
    solver = cp_model.CpSolver()
    solver.parameters.fix_variables_to_their_hinted_value = True
    solver.parameters.num_workers = 1
    solver.parameters.catch_sigint_signal = False
    solver.parameters.cp_model_probing_level = 0
    solver.parameters.max_presolve_iterations = 1
    solver.parameters.max_time_in_seconds = seconds
    if solver.status_name(solver.solve(v.model)) not in ("OPTIMAL", "FEASIBLE"):
        return False
    v.model.clear_hints()
    for index, value in enumerate(solver.response_proto.solution):
        v.model.add_hint(v.model.get_int_var_from_proto_index(index), value)
    return True


def _up(bound: float) -> int:
    """The least whole number that is no lower than a bound (values are whole)."""
    return int(-(-(bound - 1e-6) // 1))


class _Stopping:
    """Ends a solve when an event is set; the solver itself only hears ``stop_search``."""

    def __init__(self, solver: cp_model.CpSolver, stop: Signal | None) -> None:
        self._solver, self._stop = solver, stop
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> None:
        if self._stop is not None:
            self._thread = threading.Thread(target=self._wait, daemon=True)
            self._thread.start()

    def _wait(self) -> None:
        assert self._stop is not None
        # Waiting for the end, not for the stop: a solve of a millisecond is not to last until the
        # next look at the stop. Before the search has begun a stop is not heard: it is said again.
        while not self._done.wait(0.05):
            if self._stop.is_set():
                self._solver.stop_search()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        if self._thread is not None:
            self._thread.join()
