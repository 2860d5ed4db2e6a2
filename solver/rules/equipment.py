"""Equipment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..candidates import Appointing, Candidate, Gathering
from ..clinic import Clinic
from ..ledger import Ledger
from ..timegrid import bits
from ..violations import Violation
from .base import Rule, Scope, at

if TYPE_CHECKING:
    from ..variables import Variables


class Equipment(Rule):
    """In no grid cell is more of an item in use than there is, and only while it is available."""

    key = "equipment"
    title = "Equipment is there when it is used"
    judges = (Gathering, Appointing)

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        match candidate:
            case Gathering(group, day, start):
                needs, minutes = clinic.groups[group].equipment, clinic.groups[group].minutes
            case Appointing(service, day, start):
                needs, minutes = (
                    clinic.services[service].equipment,
                    clinic.services[service].minutes,
                )
            case _:
                return None
        for item, amount in needs.items():
            if amount > clinic.equipment[item].quantity:
                return f"{amount} of {item} needed, there are {clinic.equipment[item].quantity}"
            away = clinic.occupied(day, start, minutes) & ~clinic.equipment_hours[item]
            if amount and away:
                return f"{item} is not available {at(day, start)}"
        return None

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for item in scope.items:
            in_use: dict[int, int] = {}
            for use in ledger.item_uses[item]:
                if use.amount and use.cells & ~clinic.equipment_hours[item]:
                    text = f"{use.ref}: {item} is not available {at(use.day, use.start)}"
                    yield Violation(self.key, item, text)
                for cell in bits(use.cells):
                    in_use[cell] = in_use.get(cell, 0) + use.amount
            most = max(in_use.values(), default=0)
            there = clinic.equipment[item].quantity
            if most > there:
                cell = min(c for c, n in in_use.items() if n == most)
                text = (
                    f"{most} of {item} in use {at(*clinic.grid.clock_of(cell))}, there are {there}"
                )
                yield Violation(self.key, item, text, most - there)

    def post(self, v: Variables) -> None:
        for item, uses in v.item_terms().items():
            free = v.clinic.equipment[item].quantity
            taken: dict[int, int] = {}
            for use in v.ledger.item_uses[item]:
                for cell in bits(use.cells):
                    taken[cell] = taken.get(cell, 0) + use.amount
            for cell, terms in uses.items():
                v.weighted_at_most(terms, free - taken.get(cell, 0))
