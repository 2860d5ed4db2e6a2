"""A broken rule, in a form a person can act on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    """One rule broken in one place.

    Attributes:
        rule: key of the rule.
        subject: ids of whom or what it is about, e.g. ``p07`` or ``process-eve-1``.
        message: what is wrong, with day, time and amount.
        amount: by how much, in the rule's own unit (minutes, seats, sessions); 1 where it is yes or no.
    """

    rule: str
    subject: str
    message: str
    amount: int = 1

    def __str__(self) -> str:
        return f"{self.rule}: {self.message}"
