"""The files' share of the faults."""

from __future__ import annotations

from contextlib import ExitStack

from tests.faults import fuzzing
from tests.faults.figures import Fault

TITLE = "Files that come in"


def faults(_stack: ExitStack) -> list[Fault]:
    """All of them."""
    return [
        Fault("damage to a scenario file", 200, 10_000, fuzzing.scenarios_fuzzed),
        Fault("damage to a workbook", 100, 10_000, fuzzing.workbooks_fuzzed),
    ]
