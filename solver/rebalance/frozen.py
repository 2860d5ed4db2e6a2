"""What has happened stays: the days before a given one, as the baseline has them.

Locks say most of it: nobody's sessions of a frozen day are changed, and none is added. What no lock can
say is that nobody joins a section that has met already, because the format counts a member at every
meeting of the week: whoever sat in none of it would be credited with hours they never had. So a frozen
day is a rule of its own beside the locks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..clinic import Clinic
from ..ledger import Ledger
from ..rules import Rule, Scope
from ..rules.base import some
from ..scenario import Lock, Scenario
from ..timegrid import DAY_NUMBER, DAYS
from ..violations import Violation

if TYPE_CHECKING:
    from ..variables import Variables

Was = tuple[str, int, int, bool]
"""A session as a patient has it: group or service, day, start, by video."""


def locks_before(scenario: Scenario, day: int) -> tuple[Lock, ...]:
    """Locks that keep what therapists did before a day number, and what ran without any leader.

    A section that nobody leads is locked as a whole: there is no therapist whose day could be.
    """
    base = scenario.baseline
    found: list[dict[str, Any]] = [
        {"therapist": t.id, "day": DAYS[d]} for d in range(day) for t in scenario.therapists
    ]
    groups = {g.id for g in scenario.groups}
    found += [
        {"section": s.id}
        for s in (base.sections if base else ())
        if s.group in groups
        and not s.leaders
        and any(DAY_NUMBER[m.day] < day and not m.cancelled for m in s.meetings)
    ]
    new = [Lock.model_validate(lock) for lock in found]
    return tuple(lock for lock in new if lock not in scenario.locks)


class Frozen(Rule):
    """On the days before a given one every patient has what the baseline says, no more and no less."""

    key = "frozen"
    title = "What has happened stays"

    def __init__(self, before: int) -> None:
        self.before = before

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        past = attended(clinic, self.before)
        for p in scope.patients:
            now = Counter(
                (s.group or s.service, s.day, s.start, s.remote)
                for s in ledger.sittings[p]
                if s.day < self.before and s.day not in clinic.closed_days
            )
            was = past.get(p, Counter())
            if apart := (now - was) + (was - now):
                days = some(DAYS[day] for _, day, _, _ in apart)
                text = f"{p} has other sessions on {days} than took place"
                yield Violation(self.key, p, text, apart.total())

    def post(self, v: Variables) -> None:
        for option in v.options:
            past = [m for m in option.meets if m.day < self.before]
            if not past:
                continue
            if option.kept is None and option.continues not in v.pins:
                v.at_most([option.open], 0)
                continue
            for seat in v.seats_in(option):
                was = attended(v.clinic, self.before).get(seat.patient, Counter())
                if any(
                    not was[option.group, m.day, m.start, seat.remote]
                    for m in seat.meets
                    if m.day < self.before
                ):
                    v.at_most([seat.var], 0)


def attended(clinic: Clinic, before: int) -> dict[str, Counter[Was]]:
    """What the baseline says each patient had before a day number, closed dates left out.

    Sessions of a therapist or in a room that is gone are left out too: no schedule can hold them.
    """
    return clinic.remember(("attended", before), lambda: _attended(clinic, before))


def _here(clinic: Clinic, therapists: Iterable[str], room: str | None) -> bool:
    there = all(t in clinic.therapists for t in therapists)
    return there and (room is None or room in clinic.rooms)


def _attended(clinic: Clinic, before: int) -> dict[str, Counter[Was]]:
    out: dict[str, Counter[Was]] = {}
    base = clinic.baseline
    for s in base.sections if base else ():
        away = {(a.patient, a.day) for a in s.absences}
        for m in clinic.open_meetings(s):
            day = DAY_NUMBER[m.day]
            if not _here(clinic, s.leaders_at(m), m.room):
                continue
            for p in s.members if day < before and not m.cancelled else ():
                if day in clinic.stay[p] and (p, m.day) not in away:
                    by_video = clinic.member_remote(clinic.groups[s.group], p in s.remote_members)
                    out.setdefault(p, Counter())[s.group, day, m.start, by_video] += 1
    for a in base.appointments if base else ():
        day = DAY_NUMBER[a.day]
        if day < before and day not in clinic.closed_days and _here(clinic, [a.therapist], a.room):
            out.setdefault(a.patient, Counter())[a.service, day, a.start, a.remote] += 1
    return out
