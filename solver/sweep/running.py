"""Solving the cells of a grid that have no answer yet.

A cell begins with the best of the weeks of the cells one step back on each axis, and of the base where
one is given. What it begins with depends on these alone, never on which cell happened to be ready
first; so a sweep of repeatable solves that was killed and taken up again comes out as one that ran
through, here or on a cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..pool import Failed, Outcome, Planned, Pool, State, Task, solve_all
from ..result import Result, Settings
from ..schedule import Schedule
from ..whatif.answers import Answer, answer_of, exchanged
from ..whatif.carrying import best_of
from .asking import Cell
from .store import Store

if TYPE_CHECKING:
    from ..search.cpsat import Signal


def run(
    cells: Sequence[Cell],
    store: Store,
    settings: Settings,
    pool: Pool,
    on_state: Callable[[State], None] | None = None,
    stop: Signal | None = None,
    base: Schedule | None = None,
) -> list[Answer]:
    """Solve what is missing, and give the answers of all cells, each with the best that is known.

    ``base`` is a week of the scenario as it is; every cell may begin with what of it is possible there.
    When ``stop`` is set, what runs is dropped: it is solved anew when the sweep goes on.

    Raises:
        FileFaults: an answer cannot be written.
    """
    known: dict[str, Outcome] = dict(store.known(cells))
    clinics = {cell.key: Clinic(cell.made.scenario) for cell in cells}
    by_key = {cell.key: cell for cell in cells}

    def planned(cell: Cell) -> Planned:
        def make(earlier: Mapping[str, Outcome]) -> Task:
            weeks = [o.schedule for o in earlier.values() if isinstance(o, Result) and o.schedule]
            weeks += [] if base is None else [base]
            return Task(cell.made.scenario, settings, best_of(clinics[cell.key], weeks))

        return Planned(cell.key, make, cell.before())

    def keep(key: str, outcome: Outcome) -> None:
        if not isinstance(outcome, Failed) and not (stop is not None and stop.is_set()):
            store.save(by_key[key], outcome)

    outcomes = solve_all(pool, map(planned, cells), keep, on_state, stop, known)
    return exchanged([answer_of(c.key, clinics[c.key], outcomes.get(c.key)) for c in cells])
