"""Reading files: parsed JSON becomes a Scenario or a Schedule, or every fault there is, at once."""

from __future__ import annotations

from .reading import (
    MAX_DEPTH,
    MIGRATIONS,
    SCHEDULE_MIGRATIONS,
    Migration,
    Notice,
    read_scenario,
    read_schedule,
)

__all__ = [
    "MAX_DEPTH",
    "MIGRATIONS",
    "SCHEDULE_MIGRATIONS",
    "Migration",
    "Notice",
    "read_scenario",
    "read_schedule",
]
