"""Patients who go on waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger
from ..linear import Linear
from .base import PatientGoal

if TYPE_CHECKING:
    from ..variables import Variables


class TurnedAway(PatientGoal):
    """Sum of the priorities of waitlisted patients who are not admitted."""

    key = "turned_away"
    title = "Waiting patients not admitted"
    unit = "priority points"
    by_day = True

    def of(self, clinic: Clinic, ledger: Ledger, patient: str) -> int:
        if not clinic.is_waiting(patient) or ledger.sittings[patient]:
            return 0
        return clinic.patients[patient].priority

    def share(self, v: Variables, patient: str) -> Linear:
        out = Linear()
        if v.clinic.is_waiting(patient):
            priority = v.clinic.patients[patient].priority
            out.constant = priority
            out.add(v.admitted(patient), -priority)
        return out
