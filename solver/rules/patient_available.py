"""Patients' own hours."""

from __future__ import annotations

from collections.abc import Iterator

from ..candidates import Attending, Candidate
from ..clinic import Clinic
from ..ledger import Ledger
from ..violations import Violation
from .base import Rule, Scope, at


class PatientAvailable(Rule):
    """No session of a patient outside their availability, nor a family session outside the family's.

    A commitment (work, school, child care) is widened by its travel minutes for sessions in person;
    remote ones need just the commitment itself to be over. Nothing before ``first_date`` or after
    ``last_date``; every member of a section is there for one of its meetings at least.
    """

    key = "patient_available"
    title = "Patients come only in hours they can give"
    judges = (Attending,)

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        if not isinstance(candidate, Attending):
            return None
        p, c = candidate.patient, candidate
        cells = clinic.occupied(c.day, c.start, c.minutes)
        if c.day not in clinic.stay[p]:
            return f"{p} is not a patient on {at(c.day, c.start)[:3]}"
        if cells & ~clinic.patient_hours[p]:
            return f"{at(c.day, c.start)} is outside {p}'s availability"
        if c.family and cells & ~clinic.family_hours[p]:
            return f"{p}'s family cannot come {at(c.day, c.start)}"
        if cells & clinic.committed[p, c.remote]:
            return f"{p} is kept by {self._commitment(c, cells, clinic)} at {at(c.day, c.start)}"
        return None

    def _commitment(self, c: Attending, cells: int, clinic: Clinic) -> str:
        for commitment in clinic.patients[c.patient].commitments:
            travel = 0 if c.remote else commitment.travel_minutes
            spans = [span for w in commitment.windows for span in w.spans()]
            if clinic.grid.touching((a - travel, b + travel) for a, b in spans) & cells:
                return commitment.label
        return "a commitment"

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for p in scope.patients:
            for s in ledger.sittings[p]:
                service = clinic.services[s.service]
                minutes = clinic.groups[s.group].minutes if s.group else service.minutes
                family = s.group is None and service.format == "family"
                candidate = Attending(p, family, s.remote, s.day, s.start, minutes)
                if why := self.forbids(candidate, clinic):
                    yield Violation(self.key, p, f"{s.ref}: {why}")
        for ref in scope.sections:
            section = ledger.sections[ref]
            for p in section.members:
                if not clinic.stay[p].intersection(section.days) - clinic.closed_days:
                    yield Violation(self.key, p, f"{ref}: {p} is there for none of its meetings")
