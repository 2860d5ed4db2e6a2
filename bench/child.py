"""`python -m bench.child TASK ANSWER`: one way of solving one week, in a process of its own.

So that each way has its memory counted alone, a way that crashes or hangs takes nothing with it,
and what an ablation replaces is gone with the process. TASK is JSON with ``way``, ``data`` (a scenario),
``limit`` (seconds), ``seed`` and what the way needs besides; ANSWER becomes JSON with ``status``,
``seconds``, ``schedule``, ``tiers`` and perhaps ``trace`` and ``remarks``.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

Answer = dict[str, Any]


def ours(task: dict[str, Any]) -> Answer:
    """The engine; ``without`` names parts it does without, ``start`` is a schedule to begin from."""
    from bench.ablation import without  # noqa: PLC0415 - a process loads what its way needs
    from solver.engine import Settings, solve  # noqa: PLC0415
    from solver.io.files import dump  # noqa: PLC0415
    from solver.result import Progress  # noqa: PLC0415
    from solver.validation import read_scenario, read_schedule  # noqa: PLC0415

    scenario = read_scenario(task["data"])[0]
    start = read_schedule(task["start"], scenario) if task.get("start") else None
    trace: list[list[Any]] = []

    def note(progress: Progress) -> None:
        told = [list(progress.goals), progress.value, progress.bound]
        if progress.tier is not None and (not trace or told != trace[-1][1:]):
            trace.append([round(progress.seconds, 3), *told])

    settings = Settings(task["limit"], task["seed"], task.get("workers"))
    with without(task.get("without", [])):
        result = solve(scenario, settings, start, note)
    tiers = [{"value": t.value, "bound": t.bound, "proved": t.proved} for t in result.tiers]
    return {
        "status": result.status,
        "seconds": result.seconds,
        "schedule": dump(result.schedule) if result.schedule is not None else None,
        "tiers": tiers,
        "trace": trace,
        "remarks": list(result.reasons),
    }


def plain(task: dict[str, Any]) -> Answer:
    """The plain CP-SAT model, with ``workers`` threads and ``extra`` subsolvers."""
    from bench.plain_model import solve_plain  # noqa: PLC0415

    return solve_plain(
        task["data"],
        task["limit"],
        workers=task.get("workers", 0),
        extra_subsolvers=tuple(task.get("extra", ())),
        seed=task["seed"],
    )


def highs(task: dict[str, Any]) -> Answer:
    """The plain model as a MIP on HiGHS."""
    from bench.mip import solve_mip  # noqa: PLC0415

    answer = solve_mip(task["data"], task["limit"], seed=task["seed"])
    size = f"{answer['rows']:,} rows, {answer['columns']:,} columns"
    return answer | {"remarks": [f"{size}, {answer['relaxed']} of them with a big-M"]}


def by_hand(task: dict[str, Any]) -> Answer:
    """Priority first, first fit, as clinics make a week."""
    from solver.clinic import Clinic  # noqa: PLC0415
    from solver.io.files import dump  # noqa: PLC0415
    from solver.naming import name  # noqa: PLC0415
    from solver.search.starts import Start  # noqa: PLC0415
    from solver.validation import read_scenario  # noqa: PLC0415

    began = monotonic()
    clinic = Clinic(read_scenario(task["data"])[0])
    ledger = Start(clinic, began + task["limit"]).by_hand()
    schedule = name(clinic, ledger.schedule())
    seconds = monotonic() - began
    return {"status": "feasible", "seconds": seconds, "schedule": dump(schedule), "tiers": []}


def timefold(task: dict[str, Any]) -> Answer:
    """Timefold, in the environment that `bench.against_timefold` made for it."""
    from bench.against_timefold import solve_timefold  # noqa: PLC0415

    return solve_timefold(task["data"], task["limit"], task["seed"])


WAYS: dict[str, Callable[[dict[str, Any]], Answer]] = {
    "ours": ours,
    "plain": plain,
    "highs": highs,
    "by hand": by_hand,
    "timefold": timefold,
}


def peak_memory() -> float:
    """Megabytes at the peak: of this process, or of the largest it waited for (Timefold's)."""
    unit = 1024 if sys.platform == "linux" else 1024 * 1024  # what getrusage counts in
    waited = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit
    try:
        # Linux counts towards ru_maxrss what the parent had when it started this process.
        lines = Path("/proc/self/status").read_text("utf-8").splitlines()
        own = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return max(own, waited)


def main(task: Path, answer: Path) -> int:
    asked = json.loads(task.read_text("utf-8"))
    found = WAYS[asked["way"]](asked)
    answer.write_text(json.dumps(found | {"memory": peak_memory()}), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
