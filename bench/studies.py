"""What is measured: studies, most worth knowing first, each of rows that take under ten minutes.

A row compares ways on the same week, one after the other in one run, the order turned by one from row
to row. The first seed of every week comes before the second of any, so that a study that is cut
short has seen all of its weeks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench import ablation, against_timefold, rehab, sites, warm
from bench.judging import Run, tiers_in
from bench.ways import HAND, HIGHS, OURS, PLAIN, TIMEFOLD, Way, run, without
from bench.weeks import bundled, generated, make

SEEDS = (1, 2, 3)
SIZES = (15, 30, 60, 120, 240, 480)
BUNDLED = (
    "three-patients",
    "short-staffed",
    "holiday-week",
    "matrix-evening",
    "online",
    "hospital-morning",
    "adolescent-afterschool",
    "community-60",
)
OVERHEAD = 5.0
"""Seconds that a way takes beyond its limit: starting, ending, being checked."""
TIMEFOLD_STARTING = 25.0
"""Seconds in which Timefold's model is translated, before its limit begins."""
MOST_SECONDS = 600.0
"""No row is planned to take longer."""


@dataclass(frozen=True)
class Row:
    """Ways that are compared on one week.

    Attributes:
        limit: seconds for each way that has no limit of its own.
        turn: by how much the order of the ways is turned.
        measure: how it is measured where that is not one way after the other.
    """

    week: str
    ways: Sequence[Way]
    limit: float
    seed: int
    turn: int = 0
    measure: Callable[[Row], list[Run]] | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    planned: float | None = None

    @property
    def key(self) -> str:
        """Other settings are another row."""
        named = "" if self.measure is None else ", ".join(f"{k} {v}" for k, v in self.about.items())
        ways = " | ".join(way.label for way in self.ways) or named
        return f"{self.week}; {ways}; {self.limit:g} s; seed {self.seed}"

    @property
    def seconds(self) -> float:
        """About how long it takes at most."""
        if self.planned is not None:
            return self.planned
        return sum(OVERHEAD + self._seconds(way) for way in self.ways)

    def trial(self, limit: float) -> Row:
        """The same with other seconds."""
        about = {k: limit if k in ("before", "cold") else v for k, v in self.about.items()}
        planned = (
            None
            if self.planned is None
            else self.planned * limit / self.about.get("cold", self.limit)
        )
        return replace(self, limit=limit, about=about, planned=planned)

    def _seconds(self, way: Way) -> float:
        if way is HAND:
            return 2.0
        starting = TIMEFOLD_STARTING if way is TIMEFOLD else 0.0
        return starting + (way.limit or self.limit)

    def measured(self, instances: Path | None) -> dict[str, Any]:
        """The row with what was found."""
        if self.measure is not None:
            return self._document(self.measure(self), {}, [])
        week = make(self.week, instances)
        turn = self.turn % len(self.ways)
        order = [*self.ways[turn:], *self.ways[:turn]]
        found = {way.label: run(way, week.data, self.limit, self.seed) for way in order}
        runs = [found[way.label] for way in self.ways]
        return self._document(runs, week.data, list(week.notes))

    def _document(
        self, runs: list[Run], data: Mapping[str, Any], notes: list[str]
    ) -> dict[str, Any]:
        tiers = tiers_in(data) if data else ()
        return {
            "key": self.key,
            "week": self.week,
            "settings": {"limit": self.limit, "seed": self.seed, "turn": self.turn, **self.about},
            "tiers": [" + ".join(tier.goals) for tier in tiers],
            "tolerances": [tier.tolerance for tier in tiers],
            "notes": notes,
            "runs": [one.document() for one in runs],
        }


@dataclass(frozen=True)
class Study:
    """Rows that answer one question."""

    name: str
    title: str
    rows: Sequence[Row]
    needs: str = ""
    """What is missing before it can be measured, in words; empty where nothing is."""

    @property
    def seconds(self) -> float:
        return sum(row.seconds for row in self.rows)


def _turned(
    weeks: Sequence[str], ways: Sequence[Way], limit: float, seeds: Sequence[int] = SEEDS
) -> list[Row]:
    """Every week with every seed, the order of the ways turned from row to row."""
    pairs = [(week, seed) for seed in seeds for week in weeks]
    return [Row(week, ways, limit, seed, number) for number, (week, seed) in enumerate(pairs)]


def full(instances: Path | None) -> Iterator[Study]:
    """Everything, in the order in which it is worth knowing."""
    clinics = [generated(size, seed) for size in (12, 24, 40, 60) for seed in SEEDS]
    few = [f"rehab {name}" for name in _few(instances)]
    weeks = [*(bundled(name) for name in BUNDLED), *clinics, *few]
    yield Study(
        "plain", "Ours against the plain CP-SAT model", _turned(weeks, [OURS, *PLAIN, HAND], 60)
    )
    yield _rehabilitation(instances, 300, lambda names: names)
    yield Study("growth", "Growth", [_growth(size, seed) for seed in SEEDS for size in SIZES])
    hand = [generated(size, seed) for seed in SEEDS for size in (60, 120, 240, 480)]
    yield Study("hand", "Ours against a week made by hand", _turned(hand, [OURS, HAND], 30, [1]))
    small = [week for week in weeks if not week.startswith("generated 60")]
    yield Study("highs", "The plain model as a MIP on HiGHS", _turned(small, [OURS, HIGHS], 60))
    plain_weeks = [week for week in weeks if _without_baseline(week)]
    yield Study(
        "timefold",
        "Ours against Timefold",
        _turned(plain_weeks, [OURS, TIMEFOLD], 60),
        against_timefold.missing(),
    )
    yield _ablation([generated(24, 1), generated(60, 2), bundled("matrix-evening")], 60)
    yield Study("warm", "From a good start", [_warm(60, seed, 120, 300) for seed in SEEDS])
    yield Study("network", "A network", [_network(12, 100, seed, 20) for seed in SEEDS])


def smoke(instances: Path | None) -> Iterator[Study]:
    """A little of everything that needs nothing to be installed, in under ten minutes."""
    weeks = [
        bundled("three-patients"),
        bundled("short-staffed"),
        generated(12, 1),
        generated(24, 2),
    ]
    yield Study(
        "plain",
        "Ours against the plain CP-SAT model",
        _turned(weeks, [OURS, *PLAIN, HAND], 8, [1]),
    )
    yield _rehabilitation(instances, 30, lambda names: names[:1])
    yield Study("growth", "Growth", [_growth(size, 1, 20) for size in (15, 30, 60)])
    yield Study(
        "hand",
        "Ours against a week made by hand",
        _turned([generated(120, 1)], [OURS, HAND], 15, [1]),
    )
    yield Study(
        "highs", "The plain model as a MIP on HiGHS", _turned(weeks[:2], [OURS, HIGHS], 10, [1])
    )
    yield _ablation([bundled("short-staffed")], 8, ["weeks by the day"], [1])
    yield Study("warm", "From a good start", [_warm(24, 1, 15, 20, 5)])
    yield Study("network", "A network", [_network(3, 12, 1, 5)])


def _few(instances: Path | None) -> list[str]:
    """Instances of the plain model's comparison: one base, and every level of need."""
    return [
        name for name in rehab.instances(instances) if name.startswith(("p10_t30", "p20_t30_high"))
    ]


def _rehabilitation(
    instances: Path | None, limit: float, chosen: Callable[[list[str]], list[str]]
) -> Study:
    names = chosen(rehab.instances(instances))
    known = rehab.published(instances) if instances is not None else {}
    rows = [
        Row(
            f"rehab {name}",
            [OURS],
            limit,
            1,
            about={"published": known[name].__dict__} if name in known else {},
        )
        for name in names
    ]
    missing = rehab.HOW_TO_GET if instances is None else ""
    return Study("rehab", "The rehabilitation benchmark", rows, missing)


def _growth(size: int, seed: int, limit: float | None = None) -> Row:
    seconds = limit or (300.0 if size <= 60 else 560.0)
    return Row(generated(size, seed), [OURS], seconds, seed, about={"patients": size})


def _without_baseline(week: str) -> bool:
    """Timefold's model knows neither last week's schedule nor locks."""
    return week.startswith("rehab") or not (
        week.startswith("bundled") and make(week).data.get("baseline")
    )


def _ablation(
    weeks: Sequence[str],
    limit: float,
    parts: Sequence[str] = tuple(ablation.PARTS),
    seeds: Sequence[int] = SEEDS,
) -> Study:
    """Each part: the whole search and the one without it, side by side on the same week."""
    rows = [
        Row(week, [OURS, without(part)], limit, seed, number, about={"part": part})
        for seed in seeds
        for week in weeks
        for number, part in enumerate(parts)
    ]
    return Study("ablation", "What each part of the search is worth", rows)


def _warm(size: int, seed: int, before: float, cold: float, limit: float = 10.0) -> Row:
    about = {"before": before, "cold": cold, "patients": size}
    seconds = before + limit + cold + 3 * OVERHEAD
    return Row(generated(size, seed), [], limit, seed, seed, warm.measured, about, planned=seconds)


def _network(count: int, size: int, seed: int, limit: float) -> Row:
    name = f"{count} sites of {size}"
    about = {"sites": count, "patients": size}
    seconds = 2 * count * (limit + 1.5) + OVERHEAD
    return Row(name, [], limit, seed, seed, sites.measured, about, planned=seconds)
