"""What a goal is: its words, its value on a schedule, its value as the model sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..clinic import Clinic
from ..ledger import Ledger
from ..linear import Linear

if TYPE_CHECKING:
    from ..variables import Variables


class Goal:
    """One goal; lower is better. The class docstring says how it is counted.

    Attributes:
        key: name of the goal, of its file and of its test file.
        title: one line for a person.
        unit: what the number counts.
        step: the smallest difference that a person would notice.
        by_day: with appointments that have a day and no time (``daily.py``), its expression is still
            never above the value.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    unit: ClassVar[str]
    step: ClassVar[int] = 1
    by_day: ClassVar[bool] = False

    def measure(self, clinic: Clinic, ledger: Ledger) -> int:
        """The goal's value of the schedule in the ledger."""
        raise NotImplementedError

    def expression(self, v: Variables) -> Linear:
        """A linear expression that is never below the value, and equal to it when minimised."""
        raise NotImplementedError


class PatientGoal(Goal):
    """A goal that is a sum over patients."""

    def of(self, clinic: Clinic, ledger: Ledger, patient: str) -> int:
        """One patient's share."""
        raise NotImplementedError

    def measure(self, clinic: Clinic, ledger: Ledger) -> int:
        return sum(self.of(clinic, ledger, p) for p in clinic.patients)

    def share(self, v: Variables, patient: str) -> Linear:
        """One patient's share as an expression; the ledger's part is in it."""
        raise NotImplementedError

    def expression(self, v: Variables) -> Linear:
        total = Linear()
        touched = set(v.patients)
        for p in v.clinic.patients:
            if p in touched:
                total += self.share(v, p)
            else:
                known = v.known_shares.get((self.key, p))
                total.constant += self.of(v.clinic, v.ledger, p) if known is None else known
        return total
