"""Days and waiting that patients could be spared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger
from ..linear import Linear
from .base import PatientGoal

if TYPE_CHECKING:
    from ..variables import Variables

MINUTES_A_DAY_MORE = 60


class Burden(PatientGoal):
    """Over patients: 60 × attended days beyond ``days_per_week.min`` + idle minutes between the
    sessions of a day.

    Idle minutes are whole grid cells, remote sessions and those of 0 clinical minutes included.
    """

    key = "burden"
    title = "Extra days and waiting between sessions"
    unit = "minutes"
    step = 60

    def of(self, clinic: Clinic, ledger: Ledger, patient: str) -> int:
        days = len(ledger.attended_days(patient))
        cost = MINUTES_A_DAY_MORE * max(0, days - clinic.needs[patient].days_min)
        busy = ledger.patient_busy(patient)
        return cost + clinic.grid.minutes * sum(ledger.idle_cells(busy, d) for d in range(7))

    def share(self, v: Variables, patient: str) -> Linear:
        out = Linear()
        days = [(v.attends(patient, day), -1) for day in range(7)]
        extra = v.shortfall(days, -v.clinic.needs[patient].days_min)
        out.add(extra, MINUTES_A_DAY_MORE)
        busy = v.ledger.patient_busy(patient)
        out += v.idle(v.clinic.grid, v.patient_cells(patient), busy).scaled(v.clinic.grid.minutes)
        return out
