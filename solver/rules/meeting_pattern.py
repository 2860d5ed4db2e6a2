"""On which days and at what time a section meets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..candidates import Candidate, Gathering, Opening
from ..clinic import Clinic
from ..ledger import Ledger
from ..timegrid import DAY_NUMBER, DAYS, clock
from ..violations import Violation
from .base import Rule, Scope, at

if TYPE_CHECKING:
    from ..variables import Variables


class MeetingPattern(Rule):
    """A section meets ``meetings_per_week`` times on distinct days, in one of the group's day patterns.

    It meets at one of its start times, the same on every day, inside its windows. Days on which the
    clinic is shut fall out of a pattern (without patterns, at most the open days are asked for), and
    one day at least is left. No more than ``max_sections`` of a group run.
    """

    key = "meeting_pattern"
    title = "Sections keep the group's days and times"
    judges = (Gathering, Opening)

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        match candidate:
            case Gathering(group, day, start):
                g = clinic.groups[group]
                if g.start_times and start not in g.start_times:
                    return f"{group} starts at {' or '.join(map(clock, g.start_times))}"
                if clinic.meeting_cells(g, day, start) & ~clinic.group_hours[group]:
                    return f"{at(day, start)} is outside the windows of {group}"
            case Opening(group, days, _, _):
                if not self._fits(group, days, clinic):
                    met = "+".join(DAYS[d] for d in days) or "no day"
                    return f"{met} is none of the day patterns of {group}"
        return None

    def _fits(self, group: str, days: tuple[int, ...], clinic: Clinic) -> bool:
        """Whether these days (closed dates left out) are a pattern, or as many as are asked for."""
        entry = clinic.groups[group]
        if entry.day_patterns:
            return days in clinic.day_sets[group]
        return 0 < len(days) == min(entry.meetings_per_week, len(clinic.open_days))

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for s in scope.sections:
            section = ledger.sections[s]
            if len({m.start for m in section.meetings}) > 1:
                yield Violation(self.key, s, f"{s} starts at different times on different days")
            days = [DAY_NUMBER[m.day] for m in section.meetings]
            if len(set(days)) < len(days):
                yield Violation(self.key, s, f"{s} meets twice on a day")
            met = tuple(sorted(set(days) - clinic.closed_days))
            if why := self.forbids(Opening(section.group, met, 0, None), clinic):
                yield Violation(self.key, s, f"{s}: {why}")
            for m in section.meetings:
                candidate = Gathering(section.group, DAY_NUMBER[m.day], m.start)
                if why := self.forbids(candidate, clinic):
                    yield Violation(self.key, s, f"{s} on {m.day}: {why}")
        for g in scope.groups:
            running, most = len(ledger.by_group[g]), clinic.groups[g].max_sections
            if running > most:
                text = f"{running} sections of {g}, {most} at most"
                yield Violation(self.key, g, text, running - most)

    def post(self, v: Variables) -> None:
        for g in v.groups:
            left = v.clinic.groups[g].max_sections - len(v.ledger.by_group[g])
            v.at_most([o.open for o in v.options_of(g)], left)
