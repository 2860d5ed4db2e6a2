"""The goals, in the order of their default tiers. One file each; a new goal adds a line."""

from __future__ import annotations

from .base import Goal, PatientGoal
from .burden import Burden
from .continuity import Continuity
from .disruption import Disruption
from .short_days import ShortDays
from .staffing import Staffing
from .turned_away import TurnedAway
from .unmet_care import UnmetCare

GOALS: tuple[Goal, ...] = (
    UnmetCare(),
    ShortDays(),
    TurnedAway(),
    Disruption(),
    Continuity(),
    Burden(),
    Staffing(),
)
GOAL = {goal.key: goal for goal in GOALS}

__all__ = ["GOAL", "GOALS", "Goal", "PatientGoal"]
