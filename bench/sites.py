"""A network: the sites' weeks solved side by side, against one after the other on both cores."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from bench.judging import Run, judged
from bench.ways import OURS, ROOT, answered
from bench.weeks import generated, make

if TYPE_CHECKING:
    from bench.studies import Row


def measured(row: Row) -> list[Run]:
    """Two runs over all sites: their ``wall`` seconds, and the sum of what all sites leave unmet."""
    count, size = row.about["sites"], row.about["patients"]
    weeks = {
        f"site-{number:02d}": make(generated(size, 100 * row.seed + number)).data
        for number in range(1, count + 1)
    }
    ways = [_side_by_side, _one_after_another]
    found = [way(weeks, row) for way in (ways if row.turn % 2 else reversed(ways))]
    return found if row.turn % 2 else found[::-1]


def _one_after_another(weeks: dict[str, dict[str, Any]], row: Row) -> Run:
    """Each site as `iop solve` would have it: both cores, a process of its own."""
    began = monotonic()
    answers = {name: answered(OURS, data, row.limit, row.seed) for name, data in weeks.items()}
    return _sum("one after another", weeks, answers, monotonic() - began)


def _side_by_side(weeks: dict[str, dict[str, Any]], row: Row) -> Run:
    """`iop solve-all` over a folder of the same sites."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        sites, out = Path(folder) / "sites", Path(folder) / "out"
        sites.mkdir()
        for name, data in weeks.items():
            (sites / f"{name}.json").write_text(json.dumps(data), "utf-8")
        command = [sys.executable, "-m", "solver", "solve-all", str(sites), "-o", str(out)]
        options = ["--time-limit", f"{row.limit:g}", "--seed", str(row.seed), "--quiet"]
        began = monotonic()
        subprocess.run([*command, *options], cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
        wall = monotonic() - began
        answers = {name: _read(out, name) for name in weeks}
    return _sum("side by side", weeks, answers, wall)


def _read(out: Path, name: str) -> dict[str, Any]:
    """A site's answer, as `iop solve-all` wrote it."""
    files = [out / f"{name}.{part}.json" for part in ("result", "schedule")]
    if not files[0].is_file():
        return {"seconds": 0.0, "schedule": None, "tiers": []}
    result = json.loads(files[0].read_text("utf-8"))
    schedule = json.loads(files[1].read_text("utf-8")) if files[1].is_file() else None
    return {"seconds": result["seconds"], "schedule": schedule, "tiers": result["tiers"]}


def _sum(
    way: str, weeks: dict[str, dict[str, Any]], answers: dict[str, dict[str, Any]], wall: float
) -> Run:
    """All sites as one run: the sums of what each leaves unmet and of its bounds."""
    costs = {"wall": 0.0, "memory": 0.0}
    runs = [judged(data, way, answers[name] | costs) for name, data in weeks.items()]
    whole = Run(way, sum(run.seconds for run in runs), wall, 0.0)
    if all(run.values for run in runs):
        whole.values = [sum(run.values[0] or 0 for run in runs)]
        whole.bounds = [sum((run.bounds[0] or 0) if run.bounds else 0 for run in runs)]
        whole.proved = [all(run.proved and run.proved[0] for run in runs)]
    missing = sum(not run.values for run in runs)
    whole.remarks = [f"{missing} of {len(runs)} sites without a legal schedule"] if missing else []
    whole.remarks += [remark for run in runs for remark in run.remarks]
    return whole
