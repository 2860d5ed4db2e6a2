"""`python -m bench --smoke`: the engine, a plain CP-SAT model and a week made by hand, side by side.

Every comparison is on the same weeks with the same time limit in one run, one after the other, the
order alternating. The table says the values and bounds reached tier by tier; times of different
machines are not comparable, the ratios within one run are.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from bench.plain_model import solve_plain
from solver.checker import measure, tier_values
from solver.clinic import Clinic
from solver.engine import Settings, solve
from solver.generate import generate
from solver.search.starts import Start
from solver.validation import read_scenario

SCENARIOS = Path(__file__).parents[1] / "scenarios"
SMOKE = ("three-patients", "short-staffed", "holiday-week", "matrix-evening")


@dataclass(frozen=True)
class Row:
    """What one way of solving reached on one week."""

    week: str
    way: str
    seconds: float
    values: tuple[int | None, ...]
    bounds: tuple[int | None, ...]


def ours(week: str, data: dict[str, Any], limit: float) -> Row:
    result = solve(read_scenario(data)[0], Settings(time_limit=limit))
    values = tuple(t.value for t in result.tiers)
    return Row(week, "engine", result.seconds, values, tuple(t.bound for t in result.tiers))


def plain(week: str, data: dict[str, Any], limit: float) -> Row:
    result = solve_plain(data, limit, workers=2, extra_subsolvers=("max_lp",))
    tiers = result["tiers"]
    values, bounds = (tuple(t[key] for t in tiers) for key in ("value", "bound"))
    return Row(week, "plain model", result["seconds"], values, bounds)


def by_hand(week: str, data: dict[str, Any], limit: float) -> Row:
    clinic = Clinic(read_scenario(data)[0])
    began = monotonic()
    ledger = Start(clinic, began + limit).by_hand()
    values = tier_values(clinic, measure(clinic, ledger))
    return Row(week, "by hand", monotonic() - began, values, (None,) * len(values))


def weeks(sizes: list[int], seed: int) -> list[tuple[str, dict[str, Any]]]:
    """The bundled weeks of the smoke and generated ones of other sizes."""
    found = [(n, json.loads((SCENARIOS / f"{n}.json").read_text("utf-8"))) for n in SMOKE]
    return found + [(f"generated {n}", generate(n, seed, 1.0)) for n in sizes]


def table(rows: list[Row]) -> str:
    def cells(numbers: tuple[int | None, ...]) -> str:
        return " ".join("–" if n is None else str(n) for n in numbers) or "none found"

    lines = ["| week | way | seconds | values by tier | bounds by tier |", "|---|---|---|---|---|"]
    lines += [
        f"| {r.week} | {r.way} | {r.seconds:.1f} | {cells(r.values)} | {cells(r.bounds)} |"
        for r in rows
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="about ten minutes (the default)")
    parser.add_argument("--limit", type=float, default=30.0, help="seconds for each solve")
    parser.add_argument("--sizes", type=int, nargs="*", default=[12, 30], help="generated clinics")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows = []
    for number, (week, data) in enumerate(weeks(options.sizes, options.seed)):
        ways = [ours, plain] if number % 2 == 0 else [plain, ours]
        for way in (*ways, by_hand):
            row = way(week, data, options.limit)
            rows.append(row)
            print(f"{row.week}, {row.way}: {row.seconds:.1f} s", file=sys.stderr)
    print(table(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
