"""A model as a mixed-integer program, solved with HiGHS.

Of a week counted by the day, CP-SAT takes longer to solve the linear relaxation than HiGHS to solve
it, tighten it and find a week within a few percent of it (measured at 60 patients). HiGHS calculates
in floating point: its bounds are given a margin, and whoever takes them withdraws them should a week
ever be found below (``Prover``).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil, isfinite
from time import monotonic
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from ..extraction import Value
from .cpsat import Signal
from .rows import Rows

MARGIN = 1e-6
"""By how much of itself a bound may be too high, for what was lost in floating point (and a hundredth
of a unit: values are whole numbers)."""


@dataclass
class Found:
    """What HiGHS has found so far; read by one thread while another solves.

    Attributes:
        bound: no solution is below this.
        fresh: set when there is a better solution that nobody has taken.
        ended: set when no more is to come.
        optimal: the best was found, and proved.
    """

    bound: int | None = None
    fresh: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    optimal: bool = False
    failure: BaseException | None = None
    solution: NDArray[np.float64] | None = None

    def may_exceed(self, floor: int) -> bool:
        """Whether its bound is above another one, as far as is known."""
        return self.bound is None or self.bound > floor

    def take(self) -> Value | None:
        """The best solution, if it is one that was not taken before."""
        if not self.fresh.is_set():
            return None
        self.fresh.clear()
        solution = self.solution
        assert solution is not None
        values = np.rint(solution).astype(int)
        return lambda x: int(values[x.index]) if x.index >= 0 else 1 - int(values[-x.index - 1])


class _Highs(highspy.Highs):
    def enableCallbacks(self) -> None:  # noqa: N802
        """Nothing is printed: this, called first of all, would print who made it."""
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call]


class Mixed:
    """One solve on a thread of its own.

    Args:
        rows: the model, with its objective.
        start: a value for each variable, the solution to begin from.
        on_bound: told of better bounds, from HiGHS' thread.
    """

    def __init__(
        self,
        rows: Rows,
        deadline: float,
        seed: int,
        *,
        start: list[int] | None = None,
        stop: Signal | None = None,
        on_bound: Callable[[int], None] | None = None,
    ) -> None:
        self.found = Found()
        self._deadline, self._stop, self._on_bound = deadline, stop, on_bound
        self._end = threading.Event()
        self._highs: Any = _Highs()  # type: ignore[no-untyped-call]
        option = self._highs.setOptionValue
        option("random_seed", seed % 2**31)
        option("threads", 1)
        # The interior point method is the faster one, the more so the larger the week.
        option("mip_lp_solver", "ipm")
        option("mip_rel_gap", 0.0)
        self._highs.passModel(_program(rows))
        if start is not None:
            solution = highspy.HighsSolution()
            solution.col_value = [float(x) for x in start]
            self._highs.setSolution(solution)
        for kind in (
            highspy.cb.HighsCallbackType.kCallbackMipInterrupt,
            highspy.cb.HighsCallbackType.kCallbackSimplexInterrupt,
            highspy.cb.HighsCallbackType.kCallbackIpmInterrupt,
        ):
            self._highs.callbacks[int(kind)].subscribe(self._asked)
        self._highs.cbMipImprovingSolution.subscribe(self._improved)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Have the solve end, and wait until it has.

        Raises:
            Exception: whatever went wrong on its thread.
        """
        self._end.set()
        self._thread.join()
        if self.found.failure is not None:
            raise self.found.failure

    def _run(self) -> None:
        try:
            self._highs.setOptionValue("time_limit", max(0.01, self._deadline - monotonic()))
            self._highs.run()
            self.found.optimal = self._highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
            self._tell(float(self._highs.getInfo().mip_dual_bound))
        except BaseException as error:
            self.found.failure = error
        finally:
            self.found.ended.set()

    def _asked(self, event: Any) -> None:
        """HiGHS asks now and then whether to go on."""
        if event.callback_type == highspy.cb.HighsCallbackType.kCallbackMipInterrupt:
            self._tell(float(event.data_out.mip_dual_bound))
        if self._end.is_set() or (self._stop is not None and self._stop.is_set()):
            event.interrupt()

    def _tell(self, bound: float) -> None:
        if not isfinite(bound):
            return
        safe = ceil(bound - 0.01 - MARGIN * abs(bound))
        if self.found.bound is None or safe > self.found.bound:
            self.found.bound = safe
            if self._on_bound is not None:
                self._on_bound(safe)

    def _improved(self, event: Any) -> None:
        self.found.solution = np.array(event.data_out.mip_solution)
        self.found.fresh.set()


def _program(rows: Rows) -> highspy.HighsLp:
    matrix, (costs, constant) = rows.matrix(), rows.objective()
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = len(rows.lower), len(rows)
    program.col_cost_, program.offset_ = costs, constant
    program.col_lower_ = np.array(rows.lower, float)
    program.col_upper_ = np.array(rows.upper, float)
    program.row_lower_, program.row_upper_ = matrix.low, matrix.high
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.start_ = np.searchsorted(matrix.rows, np.arange(len(rows) + 1))
    program.a_matrix_.index_ = matrix.columns
    program.a_matrix_.value_ = matrix.values
    program.integrality_ = [highspy.HighsVarType.kInteger] * len(rows.lower)
    return program
