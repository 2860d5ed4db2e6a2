"""What a solve is asked and what it answers: settings, progress, result. Knows no solver."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any, Literal

from . import __version__
from .schedule import Schedule

Status = Literal["optimal", "feasible", "infeasible", "unknown"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a week is to be solved.

    Attributes:
        time_limit: seconds for the whole call, building included.
        workers: threads; None takes what the machine has.
        reproducible: same input and seed, same schedule; work is then limited in deterministic
            time, and a cut by the clock is said in ``Result.reasons``.
    """

    time_limit: float = 60.0
    seed: int = 0
    workers: int | None = None
    reproducible: bool = False


@dataclass(frozen=True, slots=True)
class TierResult:
    """One tier of the answer.

    Attributes:
        value: weighted sum of the tier's goals in the schedule given out.
        bound: no schedule whose earlier tiers are no worse has a lower value.
        proved: whether the best value is known to be the best there is.
    """

    goals: tuple[str, ...]
    value: int | None
    bound: int | None
    proved: bool

    @property
    def gap(self) -> float | None:
        """(value − bound) / value; 0 where they are equal, None where either is missing."""
        if self.value is None or self.bound is None:
            return None
        return 0.0 if self.value <= self.bound else (self.value - self.bound) / self.value


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a solve stands: seconds since it began, what it is doing, and the tier at hand."""

    seconds: float
    phase: str
    tier: int | None = None
    goals: tuple[str, ...] = ()
    value: int | None = None
    bound: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The whole answer to one solve.

    ``infeasible`` means that no legal schedule exists, ``unknown`` that none was found in time.
    ``reasons`` says in words whatever qualifies the answer.
    """

    scenario: str
    status: Status
    schedule: Schedule | None
    tiers: tuple[TierResult, ...]
    goals: Mapping[str, int]
    seconds: float
    seed: int
    versions: Mapping[str, str]
    settings: Settings
    reasons: tuple[str, ...] = field(default=())

    def document(self) -> dict[str, Any]:
        """The result as JSON has it; the schedule is a file of its own."""
        return {
            "schema_version": 1,
            "scenario": self.scenario,
            "status": self.status,
            "seconds": round(self.seconds, 3),
            "seed": self.seed,
            "versions": dict(self.versions),
            "settings": asdict(self.settings),
            "tiers": [
                {
                    "goals": list(t.goals),
                    "value": t.value,
                    "bound": t.bound,
                    "gap": t.gap,
                    "proved": t.proved,
                }
                for t in self.tiers
            ],
            "goals": dict(self.goals),
            "reasons": list(self.reasons),
        }


def versions() -> dict[str, str]:
    """What a result depends on beside its settings: this program, the solvers, Python."""
    solvers = {name: version(name) for name in ("ortools", "highspy")}
    return {"iop": __version__, **solvers, "python": platform.python_version()}
