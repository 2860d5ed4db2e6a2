"""Typed changes to a scenario: what a director asks "what if" about, and what a scheduler reports.

A change is a small frozen model with a plain-English ``sentence(scenario)``. ``apply`` makes the
changed scenario through the same validation as a file, whole or not at all; ``parse_change`` reads
one from a sentence such as ``remove therapist t03``. A file may have either form: the sentence, or
the model's fields with its ``kind``.
"""

from __future__ import annotations

from .applying import Applied, applied, apply, read_change, read_changes
from .draft import ChangeFaults
from .entries import Add, Edit, Headcount, Policy, Remove, What
from .hours import CloseRoom, Leave, Narrow, Open, ShiftWork, Shut, Widen
from .kinds import Change
from .people import Admit, Census
from .sentences import FORMS, parse_change

__all__ = [
    "FORMS",
    "Add",
    "Admit",
    "Applied",
    "Census",
    "Change",
    "ChangeFaults",
    "CloseRoom",
    "Edit",
    "Headcount",
    "Leave",
    "Narrow",
    "Open",
    "Policy",
    "Remove",
    "ShiftWork",
    "Shut",
    "What",
    "Widen",
    "applied",
    "apply",
    "parse_change",
    "read_change",
    "read_changes",
]
