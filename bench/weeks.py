"""The weeks that are measured, each by a name that says how to make it again.

``bundled matrix-evening``         a ready week of scenarios/
``generated 60 seed 2 load 1.2``   a synthetic clinic of solver.generate
``rehab p10_t15_low``              an instance of the rehabilitation benchmark
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import rehab
from solver.generate import generate

SCENARIOS = Path(__file__).parents[1] / "scenarios"
LOADS = (0.8, 1.0, 1.2)
"""Care asked for over what there is: from nearly everybody served to half of them short of something."""


@dataclass(frozen=True)
class Week:
    """A week to measure; ``notes`` say what was changed on reading it."""

    name: str
    data: dict[str, Any]
    notes: tuple[str, ...] = ()


def bundled(name: str) -> str:
    return f"bundled {name}"


def generated(patients: int, seed: int, load: float | None = None) -> str:
    """A synthetic clinic; without a load, the seed decides which of the three it has."""
    return f"generated {patients} seed {seed} load {load or LOADS[seed % len(LOADS)]:g}"


def make(name: str, instances: Path | None = None) -> Week:
    """The week of a name.

    Raises:
        FileNotFoundError: it is an instance, and no folder of instances was named.
        ValueError: no week is called that.
    """
    match name.split():
        case ["bundled", file]:
            return Week(name, json.loads((SCENARIOS / f"{file}.json").read_text("utf-8")))
        case ["generated", patients, "seed", seed, "load", load]:
            return Week(name, generate(int(patients), int(seed), float(load)))
        case ["rehab", instance]:
            if instances is None:
                raise FileNotFoundError(rehab.HOW_TO_GET)
            data, notes = rehab.scenario(instances / f"instance_{instance}.txt")
            return Week(name, data, tuple(notes))
    raise ValueError(f"no week is called {name!r}")
