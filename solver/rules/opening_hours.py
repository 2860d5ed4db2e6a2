"""Opening hours."""

from __future__ import annotations

from collections.abc import Iterator

from ..candidates import Appointing, Candidate, Gathering
from ..clinic import Clinic
from ..ledger import Ledger
from ..timegrid import DAY_NUMBER
from ..violations import Violation
from .base import Rule, Scope, at


class OpeningHours(Rule):
    """Every meeting and appointment lies inside opening hours and on no closed date."""

    key = "opening_hours"
    title = "Sessions lie inside opening hours"
    judges = (Gathering, Appointing)

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        match candidate:
            case Gathering(group, day, start):
                minutes = clinic.groups[group].minutes
            case Appointing(service, day, start):
                minutes = clinic.services[service].minutes
            case _:
                return None
        if day in clinic.closed_days:
            return f"the clinic is shut on {at(day, start)[:3]}"
        # A session ends on the day on which it starts, also where the next day opens at midnight.
        if clinic.occupied(day, start, minutes) & ~(clinic.open_cells & clinic.grid.day_mask(day)):
            return f"{at(day, start)} is not inside opening hours"
        return None

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for s in scope.sections:
            section = ledger.sections[s]
            for m in section.meetings:
                why = self.forbids(Gathering(section.group, DAY_NUMBER[m.day], m.start), clinic)
                if why:
                    yield Violation(self.key, s, f"{s}: {why}")
        for a in scope.appointments:
            entry = ledger.appointments[a]
            candidate = Appointing(entry.service, DAY_NUMBER[entry.day], entry.start)
            if why := self.forbids(candidate, clinic):
                yield Violation(self.key, a, f"{a}: {why}")
