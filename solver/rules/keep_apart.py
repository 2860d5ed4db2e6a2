"""Patients to keep apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger
from ..violations import Violation
from .base import Rule, Scope

if TYPE_CHECKING:
    from ..variables import Variables


class KeepApart(Rule):
    """Two patients to keep apart share no section; it holds both ways, named by one or by both."""

    key = "keep_apart"
    title = "Patients to keep apart share no section"

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for s in scope.sections:
            members = list(ledger.sections[s].members)
            for i, p in enumerate(members):
                for other in members[i + 1 :]:
                    if other in clinic.apart[p]:
                        yield Violation(self.key, p, f"{s}: {p} and {other} are to be kept apart")

    def post(self, v: Variables) -> None:
        for option in v.options:
            seated: dict[str, list[object]] = {}
            for seat in v.seats_in(option):
                seated.setdefault(seat.patient, []).append(seat.var)
            there = set(option.kept.members) if option.kept else set()
            for p, seats in seated.items():
                apart = v.clinic.apart[p]
                if apart & there:
                    v.at_most(seats, 0)
                for other in apart:
                    if p < other and other in seated:
                        v.at_most([*seats, *seated[other]], 1)
