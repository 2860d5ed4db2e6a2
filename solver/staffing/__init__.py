"""Staffing: which candidates to hire, and when they work, so that enough care is given at least cost."""

from __future__ import annotations

from .asking import Care, CareDesk, NoAnswer, Solve, in_children
from .candidates import (
    CENTS,
    Candidate,
    CandidateFaults,
    Candidates,
    CandidatesFile,
    Chosen,
    Shift,
    read_candidates,
)
from .plan import SHARES, Plan, Point, staff

__all__ = [
    "CENTS",
    "SHARES",
    "Candidate",
    "CandidateFaults",
    "Candidates",
    "CandidatesFile",
    "Care",
    "CareDesk",
    "Chosen",
    "NoAnswer",
    "Plan",
    "Point",
    "Shift",
    "Solve",
    "in_children",
    "read_candidates",
    "staff",
]
