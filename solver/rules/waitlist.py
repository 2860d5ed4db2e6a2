"""Who waits is admitted whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..clinic import Clinic
from ..ledger import Ledger
from ..violations import Violation
from .base import Rule, Scope, some

if TYPE_CHECKING:
    from ..variables import Variables


class Waitlist(Rule):
    """A waitlisted patient is admitted with minutes, quotas and days at their minimum, or not at all.

    Not at all means without any session. ``not_admitted`` names exactly the waitlisted patients
    without one.
    """

    key = "waitlist"
    title = "Waiting patients are admitted whole or not at all"
    mended_by_adding = True

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for p in scope.patients:
            sittings = ledger.sittings[p]
            if not clinic.is_waiting(p) or not sittings:
                continue
            needs = clinic.needs[p]
            yield from self._short(
                p, "minutes", sum(s.clinical for s in sittings), needs.minutes_min
            )
            days = len(ledger.attended_days(p))
            yield from self._short(p, "attended days", days, needs.days_min)
            for service, (least, _) in needs.quotas.items():
                count = sum(1 for s in sittings if s.service == service)
                yield from self._short(p, f"sessions of {service}", count, least)
        if ledger.not_admitted is not None:
            waiting = {
                p for p in clinic.patients if clinic.is_waiting(p) and not ledger.sittings[p]
            }
            if wrong := waiting ^ set(ledger.not_admitted):
                text = f"not_admitted is wrong about {some(wrong)}"
                yield Violation(self.key, "not_admitted", text, len(wrong))

    def _short(self, p: str, what: str, value: int, least: int) -> Iterator[Violation]:
        if value < least:
            text = f"{p} is admitted with {value} {what}, {least} at least are due"
            yield Violation(self.key, p, text, least - value)

    def post(self, v: Variables) -> None:
        for p in v.patients:
            if not v.clinic.is_waiting(p):
                continue
            needs, terms, held = v.clinic.needs[p], v.terms(p), v.ledger.sittings[p]
            admitted = v.admitted(p)
            v.weighted_at_least(
                [(t.var, t.minutes()) for t in terms],
                admitted,
                needs.minutes_min,
                sum(s.clinical for s in held),
            )
            days = [(v.attends(p, day), 1) for day in range(7)]
            v.weighted_at_least(days, admitted, needs.days_min, 0)
            for service, (least, _) in needs.quotas.items():
                v.weighted_at_least(
                    [(t.var, len(t.meets)) for t in terms if t.service == service],
                    admitted,
                    least,
                    sum(1 for s in held if s.service == service),
                )
