"""Days that payers do not pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger
from ..linear import Linear
from .base import PatientGoal

if TYPE_CHECKING:
    from ..variables import Variables


class ShortDays(PatientGoal):
    """Attended days below the day's minimum of minutes or sessions, and days short of the week's minimum.

    Days attended count for everyone, once a day however much is missing; payers do not pay them. Days
    short of ``days_per_week.min`` count for active patients.
    """

    key = "short_days"
    title = "Days too short to count, and days missing"
    unit = "days"
    by_day = True

    def of(self, clinic: Clinic, ledger: Ledger, patient: str) -> int:
        needs, sittings = clinic.needs[patient], ledger.sittings[patient]
        days = ledger.attended_days(patient)
        short = 0
        for day in days:
            minutes = sum(s.clinical for s in sittings if s.day == day)
            sessions = sum(1 for s in sittings if s.day == day and s.clinical > 0)
            short += minutes < needs.day_minutes_min or sessions < needs.day_sessions_min
        if not clinic.is_waiting(patient):
            short += max(0, needs.days_min - len(days))
        return short

    def share(self, v: Variables, patient: str) -> Linear:
        needs = v.clinic.needs[patient]
        held = v.ledger.sittings[patient]
        out = Linear()
        for day in range(7):
            attends = v.attends(patient, day)
            if isinstance(attends, int) and not attends:
                continue
            if needs.day_minutes_min <= 0 and needs.day_sessions_min <= 1:
                continue
            bad = v.flag()
            out.add(bad)
            fixed = [s for s in held if s.day == day]
            if needs.day_minutes_min > 0:
                minutes = [(t.var, t.clinical) for t in v.terms_on(patient, day)]
                now = sum(s.clinical for s in fixed)
                least = needs.day_minutes_min
                v.weighted_at_least([*minutes, (bad, least)], attends, least, now)
            if needs.day_sessions_min > 0:
                sessions = [(t.var, int(t.clinical > 0)) for t in v.terms_on(patient, day)]
                now = sum(1 for s in fixed if s.clinical > 0)
                least = needs.day_sessions_min
                v.weighted_at_least([*sessions, (bad, least)], attends, least, now)
        if not v.clinic.is_waiting(patient):
            days = [(v.attends(patient, day), 1) for day in range(7)]
            out.add(v.shortfall(days, needs.days_min))
        return out
