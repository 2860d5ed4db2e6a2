"""Rows that are stored, as reports and charts read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bench.judging import Run, run_of
from bench.store import Store
from bench.studies import Study


@dataclass(frozen=True)
class Measured:
    """A stored row of a study that still asks for it.

    Attributes:
        search: the search as it is now.
    """

    row: dict[str, Any]
    search: str = ""

    @cached_property
    def runs(self) -> dict[str, Run]:
        """Way -> what came of it."""
        return {run["way"]: run_of(run) for run in self.row["runs"]}

    @property
    def ours(self) -> Run:
        return self.runs["ours"]

    @property
    def week(self) -> str:
        return str(self.row["week"])

    @property
    def title(self) -> str:
        """The week; marked where it was measured with another search than there is now."""
        return self.week + (" †" if self.is_old else "")

    @property
    def is_old(self) -> bool:
        return bool(self.search) and self.row["machine"]["search"] != self.search

    @property
    def tolerances(self) -> Sequence[float]:
        return self.row.get("tolerances", ())

    def setting(self, name: str) -> Any:
        return self.row["settings"].get(name)


def measured(study: Study, store: Store, search: str = "") -> list[Measured]:
    """What is stored of a study's rows, in their order."""
    known = store.rows(study.name)
    return [Measured(known[row.key], search) for row in study.rows if row.key in known]


@dataclass(frozen=True)
class Milestones:
    """Seconds from the beginning of one solve; None for what never came.

    Attributes:
        first: until there was a legal schedule; its ``unmet_care`` is ``first_value``.
        near: until its unmet care was within one percent of the bound; ``proved`` until it met it.
        all: until every tier was proved.
    """

    first: float | None
    first_value: float | None
    near: float | None
    proved: float | None
    all: float | None


def milestones(run: Run, tier: str = "unmet_care") -> Milestones:
    """When a solve of ours was how far, from what it told on its way."""
    told = [line for line in run.trace if line[2] is not None]
    mine = [(t, v, b or 0) for t, goals, v, b in told if tier in goals]
    near = next((t for t, v, b in mine if v - b <= 0.01 * v), None)
    proved = next((t for t, v, b in mine if v <= b), None)
    return Milestones(
        first=mine[0][0] if mine else None,
        first_value=mine[0][1] if mine else None,
        near=near,
        proved=proved,
        all=run.seconds if run.proved and all(run.proved) else None,
    )
