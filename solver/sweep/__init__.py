"""Sweeps: a grid of changes, every cell of it solved, and what that tells about capacity.

``asking`` reads the grid, ``store`` keeps answers on disk as they come, ``running`` solves what is
missing, ``findings`` says what it all means, ``pictures`` draws it.
"""

from __future__ import annotations

from .asking import Axis, Cell, Step, Sweep, cells_of, read_sweep
from .findings import CellFindings, Findings, findings
from .running import run
from .store import OtherSweep, Store

__all__ = [
    "Axis",
    "Cell",
    "CellFindings",
    "Findings",
    "OtherSweep",
    "Step",
    "Store",
    "Sweep",
    "cells_of",
    "findings",
    "read_sweep",
    "run",
]
