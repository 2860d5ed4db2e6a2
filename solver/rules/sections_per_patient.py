"""How many sections of one group a patient visits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger
from ..violations import Violation
from .base import Rule, Scope

if TYPE_CHECKING:
    from ..variables import Variables


class SectionsPerPatient(Rule):
    """A patient is in at most ``per_patient`` sections of a group."""

    key = "sections_per_patient"
    title = "Nobody sits in too many sections of a group"

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        wanted = set(scope.patients)
        for g in scope.groups:
            count: dict[str, int] = {}
            for s in ledger.by_group[g]:
                for p in ledger.sections[s].members:
                    count[p] = count.get(p, 0) + 1
            most = clinic.groups[g].per_patient
            for p, sections in count.items():
                if sections > most and p in wanted:
                    text = f"{p} is in {sections} sections of {g}, {most} at most"
                    yield Violation(self.key, p, text, sections - most)

    def post(self, v: Variables) -> None:
        for (p, g), seats in v.seats_by_patient_and_group().items():
            most = v.clinic.groups[g].per_patient
            held = sum(1 for s in v.ledger.by_group[g] if p in v.ledger.sections[s].members)
            v.at_most([seat.var for seat in seats], most - held)
