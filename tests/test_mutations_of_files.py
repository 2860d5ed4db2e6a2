"""Random damage to valid files: either they still load, or every fault is said in plain words."""

from __future__ import annotations

import copy
import json
import random
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solver.clinic import Clinic
from solver.errors import FileFaults, ScenarioError, ScheduleError
from solver.io.files import dump
from solver.notices import notices
from solver.validation import read_scenario, read_schedule

EVERY_FIELD = json.loads((Path(__file__).parent / "data/every-field.json").read_text("utf-8"))

_STRANGE = (
    None, True, False, 0, -1, 1, 10**30, 0.5, float("nan"), float("inf"), "", "x", "mon", "25:00",
    "iop", "ana", "\ud800", "\x1b[2J", "a" * 500, [], {}, [[]], [None], {"id": "ana"}, {"": []},
)  # fmt: skip


def _places(node: object) -> list[tuple[Any, Any]]:
    """Every (container, key) in a tree."""
    keys = (
        list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    )
    out: list[tuple[Any, Any]] = [(node, key) for key in keys]
    for key in keys:
        out += _places(node[key])  # type: ignore[index]
    return out


def _mutate(tree: Any, chance: random.Random) -> None:
    container, key = chance.choice(_places(tree))
    match chance.randrange(6):
        case 0:
            del container[key]
        case 1:
            container[key] = copy.deepcopy(chance.choice(_STRANGE))
        case 2:
            other, other_key = chance.choice(_places(tree))
            container[key] = copy.deepcopy(other[other_key])
        case 3 if isinstance(container, list):
            container.insert(key, copy.deepcopy(container[key]))
        case 4 if isinstance(container, dict):
            container[chance.choice(("", "x", f"{key}s", key[:-1]))] = container.pop(key)
        case _:
            value = container[key]
            retyped = {
                int: str,
                str: lambda text: [text],
                float: str,
                bool: int,
                list: dict.fromkeys,
            }
            try:
                container[key] = retyped.get(type(value), lambda x: [x])(value)
            except TypeError:  # a list of what cannot be keys
                container[key] = {"0": value}


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chance=st.randoms(use_true_random=False), count=st.integers(1, 4))
def test_mutated_scenario_loads_or_says_why(chance: random.Random, count: int) -> None:
    data = copy.deepcopy(EVERY_FIELD)
    for _ in range(count):
        _mutate(data, chance)
    try:
        scenario, said = read_scenario(data)
        said += notices(Clinic(scenario))
    except ScenarioError as error:
        _assert_readable(error)
    else:
        assert read_scenario(dump(scenario))[0] == scenario
        assert all(notice.message for notice in said)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(chance=st.randoms(use_true_random=False), count=st.integers(1, 4))
def test_mutated_schedule_loads_or_says_why(chance: random.Random, count: int) -> None:
    scenario, _ = read_scenario(EVERY_FIELD)
    data = copy.deepcopy({**EVERY_FIELD["baseline"], "week_start": "2026-01-05"})
    for _ in range(count):
        _mutate(data, chance)
    try:
        schedule = read_schedule(data, scenario)
    except ScheduleError as error:
        _assert_readable(error)
    else:
        assert read_schedule(dump(schedule), scenario) == schedule


def _assert_readable(error: FileFaults) -> None:
    """Every fault says something, on one line that any terminal can show."""
    assert error.faults
    for fault in error.faults:
        assert fault.message
        assert str(fault).isprintable(), fault
        assert len(str(fault)) < 600, fault
