"""Familiar therapists, preferred hours, and being in the room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger
from ..linear import Linear
from .base import PatientGoal

if TYPE_CHECKING:
    from ..variables import Variables

NOT_PRIMARY = 2


class Continuity(PatientGoal):
    """Individual sessions not with the primary therapist × 2, sessions outside preferred windows × 1,
    remote sessions of patients who attend either way × 1.

    The first counts where there is a primary therapist, the second for patients who stated some
    preferred windows (a session has to lie wholly inside them).
    """

    key = "continuity"
    title = "Familiar therapists and preferred hours"
    unit = "points"
    by_day = True

    def of(self, clinic: Clinic, ledger: Ledger, patient: str) -> int:
        return sum(
            self.away(clinic, patient, s.cells, s.remote)
            + NOT_PRIMARY * self.stranger(clinic, patient, s.service, s.therapist)
            for s in ledger.sittings[patient]
        )

    def away(self, clinic: Clinic, patient: str, cells: int, remote: bool) -> int:
        """What a session's time and way cost, whoever gives it."""
        preferred = clinic.preferred[patient]
        outside = preferred is not None and bool(cells & ~preferred)
        return outside + (remote and clinic.patients[patient].attends == "either")

    def stranger(self, clinic: Clinic, patient: str, service: str, therapist: str | None) -> bool:
        """Whether it is an individual session with somebody other than the primary therapist."""
        primary = clinic.primary[patient]
        individual = clinic.services[service].format == "individual"
        return individual and primary is not None and therapist != primary

    def share(self, v: Variables, patient: str) -> Linear:
        clinic = v.clinic
        out = Linear(constant=self.of(clinic, v.ledger, patient))
        for term in v.terms(patient):
            cost = sum(self.away(clinic, patient, m.cells, term.remote) for m in term.meets)
            if term.pool:
                known = clinic.primary[patient] in term.pool
                stranger = self.stranger(clinic, patient, term.service, None)
                cost += NOT_PRIMARY * (stranger and not known)
            out.add(term.var, cost)
        return out
