"""Care that is due and not scheduled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger
from ..linear import Linear
from .base import PatientGoal

if TYPE_CHECKING:
    from ..variables import Variables

MINUTES_A_SESSION = 60
"""A missing session weighs as much as this many missing minutes (specification, tier 1)."""


class UnmetCare(PatientGoal):
    """Over active patients: priority × (minutes short of the weekly minimum + 60 × sessions short).

    Minutes are clinical minutes; sessions are those short of each quota's minimum.
    """

    key = "unmet_care"
    title = "Care that is due and not scheduled"
    unit = "priority-weighted minutes"
    by_day = True

    def of(self, clinic: Clinic, ledger: Ledger, patient: str) -> int:
        if clinic.is_waiting(patient):
            return 0
        needs, sittings = clinic.needs[patient], ledger.sittings[patient]
        short = max(0, needs.minutes_min - sum(s.clinical for s in sittings))
        for service, (least, _) in needs.quotas.items():
            count = sum(1 for s in sittings if s.service == service)
            short += MINUTES_A_SESSION * max(0, least - count)
        return clinic.patients[patient].priority * short

    def share(self, v: Variables, patient: str) -> Linear:
        out = Linear()
        if v.clinic.is_waiting(patient):
            return out
        needs, terms = v.clinic.needs[patient], v.terms(patient)
        held = v.ledger.sittings[patient]
        priority = v.clinic.patients[patient].priority
        minutes = [(t.var, t.minutes()) for t in terms]
        short = needs.minutes_min - sum(s.clinical for s in held)
        out.add(v.shortfall(minutes, short), priority)
        for service, (least, _) in needs.quotas.items():
            sessions = [(t.var, len(t.meets)) for t in terms if t.service == service]
            short = least - sum(1 for s in held if s.service == service)
            out.add(v.shortfall(sessions, short), priority * MINUTES_A_SESSION)
        return out
