"""A week solved from a good start after one therapist's hours have changed, against a cold solve."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bench.judging import Run, judged
from bench.ways import Way, answered
from bench.weeks import make

if TYPE_CHECKING:
    from bench.studies import Row


def without_a_day(data: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The week with one therapist away on one day, and what changed in words.

    The therapist is the one with the most hours there; the day the first that is in their hours.
    """
    changed = copy.deepcopy(dict(data))

    def days(therapist: Mapping[str, Any]) -> list[str]:
        return [day for window in therapist.get("availability", []) for day in window["days"]]

    therapist = max(changed["therapists"], key=lambda t: len(days(t)))
    day = days(therapist)[0]
    for window in therapist["availability"]:
        window["days"] = [d for d in window["days"] if d != day]
    therapist["availability"] = [w for w in therapist["availability"] if w["days"]]
    return changed, f"{therapist['id']} away on {day}"


def measured(row: Row) -> list[Run]:
    """The week before; the changed week from that schedule and, cold, from nothing."""
    data = make(row.week).data
    changed, what = without_a_day(data)
    ours = Way("before", "ours", limit=row.about["before"])
    before = answered(ours, data, row.limit, row.seed)
    start = {"start": before["schedule"]}
    ways = [Way("warm", "ours", start), Way("cold", "ours", limit=row.about["cold"])]
    found = {
        way.label: judged(changed, way.label, answered(way, changed, row.limit, row.seed))
        for way in (ways if row.turn % 2 else reversed(ways))
    }
    first = judged(data, "before", before)
    # Bounds of the week before are of another week: they are not held against the changed one.
    first.bounds, first.proved = [], []
    first.values, first.remarks = [], [f"unmet_care {_first(first)} before; then {what}"]
    return [first, found["warm"], found["cold"]]


def _first(run: Run) -> str:
    return str(run.values[0]) if run.values else "unknown"
