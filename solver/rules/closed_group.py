"""Closed groups take nobody new."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..candidates import Candidate, Joining, Opening
from ..clinic import Clinic
from ..ledger import Ledger
from ..schedule import Section
from ..timegrid import DAY_NUMBER
from ..violations import Violation
from .base import Rule, Scope, at, some

if TYPE_CHECKING:
    from ..variables import Variables


class ClosedGroup(Rule):
    """A closed group's section that the baseline has gains no member and is not moved.

    It is known by its id; not moved means the same start and the baseline's days, less closed dates.
    The group gets no other section beside it. It may be dissolved, and a closed group with no section
    in the baseline may start.
    """

    key = "closed_group"
    title = "Closed groups stay closed"
    judges = (Joining, Opening)

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        match candidate:
            case Joining(patient, group, _) if group in clinic.continuing:
                if not any(patient in s.members for s in clinic.continuing[group]):
                    return f"{group} is closed; {patient} was not in it"
            case Opening(group, days, start, continues) if group in clinic.continuing:
                known = {s.id: s for s in clinic.continuing[group]}
                if continues not in known:
                    return f"{group} is closed and gets no section beside {some(known)}"
                if (days, start) != self._time(known[continues], clinic):
                    return f"{continues} is of a closed group and is not moved"
        return None

    def _time(self, section: Section, clinic: Clinic) -> tuple[tuple[int, ...], int]:
        open_meetings = clinic.open_meetings(section)
        days = tuple(sorted(DAY_NUMBER[m.day] for m in open_meetings))
        return days, section.meetings[0].start if section.meetings else -1

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for s in scope.sections:
            section = ledger.sections[s]
            if section.group not in clinic.continuing:
                continue
            days = tuple(d for d in section.days if d not in clinic.closed_days)
            starts = sorted({m.start for m in section.meetings})
            for start in starts:
                if why := self.forbids(Opening(section.group, days, start, s), clinic):
                    when = at(days[0], start) if days else "never"
                    yield Violation(self.key, s, f"{s} ({when}): {why}")
            before = {b.id: b for b in clinic.continuing[section.group]}.get(s)
            if before is not None and (new := set(section.members) - set(before.members)):
                yield Violation(self.key, s, f"{s} is closed and gained {some(new)}", len(new))

    def post(self, v: Variables) -> None:
        for option in v.options:
            if option.group not in v.clinic.continuing or option.continues is None:
                continue
            before = v.clinic.baseline_sections[option.continues].members
            for seat in v.seats_in(option):
                if seat.patient not in before:
                    v.at_most([seat.var], 0)
