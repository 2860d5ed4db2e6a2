"""Ways from one page to another, with what was looked at."""

from __future__ import annotations

from . import frame
from .store import Desk

WHY_PART, WHY_PATIENT, WHY_PLACE = "why.part", "why.patient", "why.place"
SHORT, GIVES, PLACE = "Who is short", "What one more would give", "A place for one more"


def open_why(desk: Desk, patient: str) -> None:
    """Have the Why page explain this patient's shortfall; ``patient`` is the id that is shown.

    For a button's callback; the page is switched to after it.
    """
    frame.choose(desk, WHY_PART, SHORT)
    frame.choose(desk, WHY_PATIENT, patient)


def open_place(desk: Desk, patient: str) -> None:
    """Have the Why page look for a place for this patient, who waits for one."""
    frame.choose(desk, WHY_PART, PLACE)
    frame.choose(desk, WHY_PLACE, patient)
