"""Exceptions within a week stand only on what went on before."""

from __future__ import annotations

from collections.abc import Iterator

from ..clinic import Clinic
from ..ledger import Ledger, Running
from ..timegrid import DAY_NUMBER, DAYS
from ..violations import Violation
from .base import Rule, Scope


class AsItWas(Rule):
    """Own leaders of a meeting, ``cancelled`` and ``absences`` only where a section goes on.

    A section goes on from one of the baseline when it has its id, group and start, and its days are
    among the baseline's. An absence names a member it had then and a day it meets. A cancelled meeting
    holds nobody and nothing.
    """

    key = "as_it_was"
    title = "Substitutes, cancellations and absences only in sections that go on"

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for s in scope.sections:
            section = ledger.sections[s]
            special = [m for m in section.meetings if m.cancelled or m.leaders]
            if not special and not section.absences:
                continue
            before = clinic.baseline_sections.get(s)
            if before is None or not self._goes_on(section, clinic):
                what = "absences" if not special else "own leaders or cancelled meetings"
                text = f"{s} has {what} and goes on from no section of the baseline"
                yield Violation(self.key, s, text)
                continue
            for p, day in section.absences:
                if p not in before.members or p not in section.members:
                    yield Violation(self.key, s, f"{s}: {p} is excused and was no member")
                if day not in section.days:
                    yield Violation(
                        self.key, s, f"{s}: {p} is excused on {DAYS[day]}, when it does not meet"
                    )

    def _goes_on(self, section: Running, clinic: Clinic) -> bool:
        before = clinic.baseline_sections[section.id]
        return (
            before.group == section.group
            and {m.start for m in section.meetings} <= {m.start for m in before.meetings}
            and set(section.days) <= {DAY_NUMBER[m.day] for m in before.meetings}
        )
