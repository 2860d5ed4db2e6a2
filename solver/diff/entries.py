"""Entries of two schedules: what they say apart from ids and order, and which goes on in which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from ..schedule import Appointment, Meeting, Schedule, Section
from ..timegrid import DAY_NUMBER

AnEntry = Section | Appointment
E = TypeVar("E", Section, Appointment)


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that differs: gone (``new`` is None), new (``old`` is None) or not as it was."""

    old: AnEntry | None
    new: AnEntry | None


def same_week(one: Schedule, other: Schedule) -> bool:
    """Whether two schedules say the same but for ids and the order in which things are listed."""
    return _contents(one) == _contents(other)


def _contents(schedule: Schedule) -> tuple[Counter[AnEntry], frozenset[str]]:
    entries: list[AnEntry] = [*schedule.sections, *schedule.appointments]
    return Counter(map(plain, entries)), frozenset(schedule.not_admitted)


def plain(entry: AnEntry) -> AnEntry:
    """An entry without its id, listed in one order; equal for entries that say the same."""
    if isinstance(entry, Appointment):
        return entry.model_copy(update={"id": ""})
    return entry.model_copy(
        update={
            "id": "",
            "meetings": tuple(sorted((plain_meeting(entry, m) for m in entry.meetings), key=when)),
            "members": tuple(sorted(entry.members)),
            "remote_members": tuple(sorted(entry.remote_members)),
            "absences": tuple(
                sorted(set(entry.absences), key=lambda a: (a.patient, DAY_NUMBER[a.day]))
            ),
        }
    )


def plain_meeting(section: Section, m: Meeting) -> Meeting:
    """Own leaders that are the section's are none; a cancelled meeting holds nobody and nothing."""
    own = m.leaders if m.leaders and m.leaders != section.leaders and not m.cancelled else None
    return m.model_copy(update={"leaders": own, "room": None if m.cancelled else m.room})


def when(m: Meeting) -> tuple[int, int]:
    """Day number and minute of the day, to put meetings in order."""
    return DAY_NUMBER[m.day], m.start


def paired_entries(old: Schedule, new: Schedule) -> Iterator[Change]:
    """Pairs of entries that differ, in the order of the files; what is the same is left out."""
    before, after = list(old.sections), list(new.sections)
    _drop_equal(before, after)
    partner = _partners(before, after)
    for s in before:
        yield Change(s, after[partner[s.id]] if s.id in partner else None)
    taken = set(partner.values())
    yield from (Change(None, s) for i, s in enumerate(after) if i not in taken)
    was, now = list(old.appointments), list(new.appointments)
    _drop_equal(was, now)
    waiting: dict[tuple[str, str], list[Appointment]] = {}
    for a in sorted(now, key=lambda a: (DAY_NUMBER[a.day], a.start, a.id)):
        waiting.setdefault((a.patient, a.service), []).append(a)
    for a in sorted(was, key=lambda a: (DAY_NUMBER[a.day], a.start, a.id)):
        others = waiting.get((a.patient, a.service), [])
        yield Change(a, others.pop(0) if others else None)
    yield from (Change(None, a) for rest in waiting.values() for a in rest)


def _drop_equal(before: list[E], after: list[E]) -> None:
    """Take out of both lists what says the same, one for one."""
    there = Counter(map(plain, after))
    same = Counter(map(plain, before)) & there
    for entries in (before, after):
        left = Counter(same)
        kept = []
        for entry in entries:
            content = plain(entry)
            if left[content]:
                left[content] -= 1
            else:
                kept.append(entry)
        entries[:] = kept


def _partners(before: list[Section], after: list[Section]) -> dict[str, int]:
    """Old section -> position of the new one that goes on from it; the most alike find each other first."""
    pairs = sorted(
        (
            (_likeness(s, n), -i, -j)
            for i, s in enumerate(before)
            for j, n in enumerate(after)
            if s.group == n.group and any(_likeness(s, n))
        ),
        reverse=True,
    )
    found: dict[int, int] = {}
    for _, i, j in pairs:
        if -i not in found and -j not in found.values():
            found[-i] = -j
    return {before[i].id: j for i, j in found.items()}


def _likeness(one: Section, other: Section) -> tuple[int, int, int, bool]:
    """How much two sections of a group have in common: members who notice nothing come first."""
    common = len(set(one.members) & set(other.members))
    times = {when(m) for m in one.meetings} == {when(m) for m in other.meetings}
    leaders = len(set(one.leaders) & set(other.leaders))
    same = times and one.leaders == other.leaders
    return (common + 1 if same else 0, common if times else 0, common + leaders, one.id == other.id)
