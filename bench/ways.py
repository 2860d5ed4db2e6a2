"""Ways of solving a week, each run in a process of its own and judged by our checker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

from bench.judging import Run, judged

ROOT = Path(__file__).parents[1]
GRACE = 60.0
"""Seconds beyond one and a half times its limit after which a way is ended."""


@dataclass(frozen=True)
class Way:
    """A way of solving, as `bench.child` knows it, with what it needs besides the week.

    Attributes:
        label: what tables call it.
        options: further entries of its task.
        limit: seconds, where it has others than the rest of its row.
    """

    label: str
    way: str
    options: Mapping[str, Any] = field(default_factory=dict)
    limit: float | None = None


OURS = Way("ours", "ours")
HAND = Way("by hand", "by hand")
HIGHS = Way("HiGHS", "highs")
TIMEFOLD = Way("Timefold", "timefold")
PLAIN = (
    Way("plain, default", "plain"),
    Way("plain, 2 workers + max_lp", "plain", {"workers": 2, "extra": ["max_lp"]}),
    Way("plain, 8 workers", "plain", {"workers": 8}),
)
"""The plain model with its default settings, and the two that serve it best on two cores."""


def without(part: str) -> Way:
    """The search without one part."""
    return Way(f"without {part}", "ours", {"without": [part]})


def answered(way: Way, data: Mapping[str, Any], limit: float, seed: int) -> dict[str, Any]:
    """What a way says of a week, with its ``wall`` seconds and its peak ``memory`` in megabytes.

    A way that crashes or does not end has no schedule, and a remark that says so.
    """
    limit = limit if way.limit is None else way.limit
    task = {"way": way.way, "data": data, "limit": limit, "seed": seed, **way.options}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        asked, answer = Path(folder) / "task.json", Path(folder) / "answer.json"
        asked.write_text(json.dumps(task), "utf-8")
        began = monotonic()
        remark = _run([sys.executable, "-m", "bench.child", str(asked), str(answer)], limit)
        wall = monotonic() - began
        if answer.is_file():
            return json.loads(answer.read_text("utf-8")) | {"wall": wall}
    return {
        "status": "failed",
        "seconds": wall,
        "wall": wall,
        "memory": 0.0,
        "schedule": None,
        "tiers": [],
        "remarks": [remark or "it ended without an answer"],
    }


def _run(command: list[str], limit: float) -> str | None:
    """Run a process to its end; in words what went wrong with it."""
    try:
        with subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            try:
                said = process.communicate(timeout=1.5 * limit + GRACE)[1]
            except BaseException:
                # With all that it started: Timefold has a process of its own.
                os.killpg(process.pid, 9)
                raise
    except subprocess.TimeoutExpired:
        return f"it was ended after {1.5 * limit + GRACE:.0f} s"
    if process.returncode == 0:
        return None
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return f"it crashed ({process.returncode}): {lines[-1] if lines else 'without a word'}"


def run(way: Way, data: Mapping[str, Any], limit: float, seed: int) -> Run:
    """A way's answer to a week, judged."""
    return judged(data, way.label, answered(way, data, limit, seed))
