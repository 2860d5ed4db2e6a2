"""Who could take a group's meeting when all of its leaders are away."""

from __future__ import annotations

from collections.abc import Sequence

from ..ledger import Ledger
from ..rules import RULE, Scope
from ..screening import screening_of
from ..timegrid import DAY_NUMBER

_LOAD = (RULE["therapist_load"], RULE["meal_break"])
"""What is judged of a substitute's day beyond their hours, credentials and languages."""


def stand_ins(ledger: Ledger, section: str, day: int, members: Sequence[str]) -> list[str]:
    """Therapists who are free then and may lead the meeting, those with the least to do that day first.

    A substitute holds a credential of one of the leaders' places, speaks the group's language, serves
    all members, and stays within their own limits.
    """
    clinic, screen = ledger.clinic, screening_of(ledger.clinic)
    running = ledger.sections[section]
    group = clinic.groups[running.group]
    meeting = next(m for m in running.held() if DAY_NUMBER[m.day] == day)
    cell = clinic.grid.cell(day, meeting.start)
    cells = clinic.meeting_cells(group, day, meeting.start)
    leaders = running.leaders_at(meeting)
    found = [
        t
        for t in clinic.therapists
        if t not in leaders
        and not ledger.therapist_busy(t) & cells
        and any(
            screen.lead_starts(t, group.id, place) >> cell & 1
            for place in range(len(group.leaders))
        )
        and all(screen.pairing(p, t, True) for p in members)
        and _within_limits(ledger, section, day, t)
    ]
    return sorted(found, key=lambda t: sum(duty.day == day for duty in ledger.duties[t]))


def _within_limits(ledger: Ledger, section: str, day: int, therapist: str) -> bool:
    """Whether the therapist's limits hold with this meeting on top of their own week."""
    entry = ledger.sections[section].entry()
    meetings = tuple(
        m.model_copy(update={"leaders": (therapist,)}) if DAY_NUMBER[m.day] == day else m
        for m in entry.meetings
    )
    trial = ledger.copy()
    trial.close(section)
    trial.open(entry.model_copy(update={"meetings": meetings}))
    scope = Scope([], [therapist], [], [], [], [], [])
    return not any(True for rule in _LOAD for _ in rule.check(ledger.clinic, trial, scope))
