"""Goals that must come out 0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger
from ..violations import Violation
from .base import Rule, Scope

if TYPE_CHECKING:
    from ..variables import Variables


class Strict(Rule):
    """Each goal that the policy calls strict comes out 0, else there is no schedule."""

    key = "strict"
    title = "Strict goals are met in full"
    mended_by_adding = True

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        from ..goals import GOALS  # noqa: PLC0415 - goals stand above rules; only this rule asks them

        for goal in GOALS:
            if goal.key in clinic.scenario.policy.strict:
                value = goal.measure(clinic, ledger)
                if value:
                    text = f"{goal.key} is strict and comes out {value}"
                    yield Violation(self.key, goal.key, text, value)

    def post(self, v: Variables) -> None:
        from ..goals import GOALS  # noqa: PLC0415

        for goal in GOALS:
            if goal.key in v.clinic.scenario.policy.strict:
                v.limit(goal.expression(v), 0)
