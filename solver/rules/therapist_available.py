"""Therapists' hours."""

from __future__ import annotations

from collections.abc import Iterator

from ..candidates import Candidate, Working
from ..clinic import Clinic
from ..ledger import Ledger
from ..violations import Violation
from .base import Rule, Scope, at


class TherapistAvailable(Rule):
    """No session of a therapist outside their availability.

    In ``remote_availability`` only sessions that need no room for them: telehealth groups and remote
    appointments.
    """

    key = "therapist_available"
    title = "Therapists work only in hours they give"
    judges = (Working,)

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        if not isinstance(candidate, Working):
            return None
        c = candidate
        hours = (clinic.reachable if c.roomless else clinic.on_site)[c.therapist]
        if clinic.occupied(c.day, c.start, c.minutes) & ~hours:
            where = "" if c.roomless else " at the clinic"
            return f"{c.therapist} is not available{where} {at(c.day, c.start)}"
        return None

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for t in scope.therapists:
            for d in ledger.duties[t]:
                minutes = (
                    clinic.groups[d.group].minutes
                    if d.group
                    else clinic.services[d.service].minutes
                )
                if why := self.forbids(Working(t, d.roomless, d.day, d.start, minutes), clinic):
                    yield Violation(self.key, t, f"{d.ref}: {why}")
