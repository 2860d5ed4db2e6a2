"""Interns work under supervision."""

from __future__ import annotations

from collections.abc import Iterator

from ..candidates import Candidate, Working
from ..clinic import Clinic
from ..ledger import Ledger
from ..violations import Violation
from .base import Rule, Scope, at


class Supervision(Rule):
    """While a supervised therapist works, another therapist with ``supervisor`` is on site.

    On site means in their own on-site availability; the supervisor may be busy or free. Several
    supervisors may take turns.
    """

    key = "supervision"
    title = "A supervisor is on site while a supervised therapist works"
    judges = (Working,)

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        if (
            not isinstance(candidate, Working)
            or not clinic.therapists[candidate.therapist].supervised
        ):
            return None
        c = candidate
        watched = 0
        for t, therapist in clinic.therapists.items():
            if therapist.supervisor and t != c.therapist:
                watched |= clinic.on_site[t]
        if clinic.occupied(c.day, c.start, c.minutes) & ~watched:
            return f"no supervisor of {c.therapist} is on site {at(c.day, c.start)}"
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
