"""Files damaged at random: read or refused in words, quickly and in little memory."""

from __future__ import annotations

import copy
import random
import resource
import time
from collections import Counter
from contextlib import closing
from multiprocessing.connection import Connection

from solver.clinic import Clinic
from solver.errors import ScenarioError
from solver.io.files import dump
from solver.notices import notices
from solver.validation import read_scenario
from tests.faults.figures import Figures
from tests.faults.processes import end, start
from tests.io.fuzz_workbook import fuzz_workbook
from tests.test_mutations_of_files import EVERY_FIELD, _assert_readable, _mutate

MOST_SECONDS, MOST_MB = 5.0, 1_000.0
PATIENCE = 7_200.0
Said = tuple[dict[str, int], float, float]
"""How often what became of a file, CPU seconds of the slowest, largest memory in MB."""


def scenarios_fuzzed(times: int, chance: random.Random) -> Figures:
    """Scenario files."""
    return _held(_scenarios, times, chance)


def workbooks_fuzzed(times: int, chance: random.Random) -> Figures:
    """Workbooks."""
    return _held(_workbooks, times, chance)


def _held(target: object, times: int, chance: random.Random) -> Figures:
    process, pipe = start(target, chance.randrange(10**6), times)  # type: ignore[arg-type]
    with pipe:
        assert pipe.poll(PATIENCE), "it hangs"
        outcomes, slowest, peak = pipe.recv()
    assert end(process) == 0
    assert slowest < MOST_SECONDS, f"one took {slowest:.1f} s"
    assert peak < MOST_MB, f"one took {peak:.0f} MB"
    within = f"; the slowest took {slowest:.1f} s, the largest {peak:.0f} MB in all"
    return Figures(Counter(outcomes), within)


def _workbooks(pipe: Connection, seed: int, times: int) -> None:
    tally = fuzz_workbook(seed, times)
    with closing(pipe):
        pipe.send((dict(tally.outcomes), tally.slowest, tally.peak_mb))


def _scenarios(pipe: Connection, seed: int, times: int) -> None:
    seen, slowest = Counter[str](), 0.0
    for number in range(times):
        chance = random.Random(f"{seed} {number}")
        data = copy.deepcopy(EVERY_FIELD)
        for _ in range(chance.randrange(1, 5)):
            _mutate(data, chance)
        began = time.process_time()
        try:
            scenario, _ = read_scenario(data)
            notices(Clinic(scenario))
            assert read_scenario(dump(scenario))[0] == scenario
            seen["read"] += 1
        except ScenarioError as error:
            _assert_readable(error)
            seen["refused"] += 1
        slowest = max(slowest, time.process_time() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with closing(pipe):
        pipe.send((dict(seen), slowest, peak))
