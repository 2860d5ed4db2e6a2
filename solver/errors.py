"""What can go wrong, as one small tree.

SchedulerError
├── ScenarioError      the scenario file is wrong: every fault, each with its place
├── ScheduleError      the schedule file is wrong: every fault, each with its place
├── ModelError         our own bug: the solver and the checker disagree
├── ScheduleRejected   the checker found violations in a schedule that was to be legal
└── OutOfTime          the time limit ran out before the work at hand was done
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a file.

    Attributes:
        place: where it stands, e.g. ``patients[3].program``; empty for the file as a whole.
        message: what was found, what is allowed and, where it can be told, the remedy.
    """

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


class SchedulerError(Exception):
    """Anything this program raises on purpose."""


class FileFaults(SchedulerError):
    """A file that cannot be used; carries every fault found in it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class ScenarioError(FileFaults):
    """The scenario is wrong."""


class ScheduleError(FileFaults):
    """The schedule is wrong as a file (an illegal but well-formed schedule is not an error)."""


class ModelError(SchedulerError):
    """The model says one thing and the checker another: a bug of ours, never shown as a result."""


class ScheduleRejected(SchedulerError):
    """A schedule that was to be legal breaks rules."""


class OutOfTime(SchedulerError):
    """The time limit ran out while something was still being built."""
