"""This week's schedule as the week that people live by, and the locks that still hold something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from ..candidates import Joining
from ..checker import check
from ..clinic import Clinic
from ..fields import day_name
from ..pins import settled_ledger
from ..rules import RULES
from ..scenario import Lock, Scenario
from ..schedule import Meeting, Schedule, Section
from ..screening import reasons
from ..timegrid import DAY_NUMBER, DAYS
from ..validation import Notice


def baseline_next(
    clinic: Clinic, schedule: Schedule, here: Iterable[str], notices: list[Notice]
) -> Schedule:
    """The schedule without what was of this week only: substitutes, cancellations, absences, holidays.

    Args:
        here: patients of the next week; what names others is left out.
    """
    there = set(here)
    sections = []
    for s in schedule.sections:
        members = tuple(p for p in s.members if p in there)
        if s.members and not members:
            notices.append(Notice(f"section {s.id}", _emptied(clinic, s)))
            continue
        sections.append(
            s.model_copy(
                update={
                    "meetings": tuple(_meetings(clinic, s, notices)),
                    "members": members,
                    "remote_members": tuple(p for p in s.remote_members if p in there),
                    "absences": (),
                }
            )
        )
    return schedule.model_copy(
        update={
            "sections": tuple(sections),
            "appointments": tuple(a for a in schedule.appointments if a.patient in there),
            "not_admitted": (),
        }
    )


def _emptied(clinic: Clinic, s: Section) -> str:
    if clinic.groups[s.group].closed:
        return f"nobody is left in it; {s.group} is closed and may start anew"
    return "nobody is left in it; it is left out of the baseline"


def _meetings(clinic: Clinic, s: Section, notices: list[Notice]) -> Iterable[Meeting]:
    before = clinic.baseline_sections.get(s.id)
    goes_on = before is not None and before.group == s.group
    old = {m.day: m for m in before.meetings} if before is not None and goes_on else {}
    usual = Counter(m.room for m in s.meetings if m.room is not None).most_common(1)
    room = usual[0][0] if usual else None
    meetings = [
        m.model_copy(
            update={
                "leaders": None,
                "cancelled": False,
                "room": m.room or _room_of(old.get(m.day), room, clinic, s),
            }
        )
        for m in s.meetings
    ]
    for day in sorted(_fell_away(clinic, s, set(old))):
        name = day_name(day)
        model = old.get(name) or meetings[0]
        again = meetings[0].model_copy(
            update={"day": name, "room": _room_of(model, room, clinic, s)}
        )
        meetings.append(again)
        text = f"meets on {DAYS[day]} again; the clinic was closed that day"
        notices.append(Notice(f"section {s.id}", text))
    return sorted(meetings, key=lambda m: DAY_NUMBER[m.day])


def _room_of(meeting: Meeting | None, usual: str | None, clinic: Clinic, s: Section) -> str | None:
    """The room a meeting had, or the section's usual one; none where the group needs none."""
    if not clinic.groups[s.group].needs_room:
        return None
    known = meeting.room if meeting is not None else None
    return known if known in clinic.rooms else usual


def _fell_away(clinic: Clinic, s: Section, before: set[str]) -> set[int]:
    """Days of the section's pattern on which the clinic was closed this week.

    Known from the section of the baseline that it continues, else from the one day pattern that
    leaves the days it met.
    """
    met = {DAY_NUMBER[m.day] for m in s.meetings}
    group = clinic.groups[s.group]
    if not clinic.closed_days or not met or len(met) >= group.meetings_per_week:
        return set()
    was = {DAY_NUMBER[d] for d in before}
    if was - clinic.closed_days == met:
        return was - met
    patterns = [{DAY_NUMBER[d] for d in p} for p in group.day_patterns]
    whole = [p for p in patterns if p - clinic.closed_days == met and p != met]
    return whole[0] - met if len(whole) == 1 else set()


# -- locks ------------------------------------------------------------------------------------------


def locks_next(locks: Sequence[Lock], following: Scenario, notices: list[Notice]) -> list[Lock]:
    """Locks that still hold something and can stand in the next week; the others are told.

    Args:
        following: the next week's scenario without locks.
    """
    clinic = Clinic(following)
    kept: list[Lock] = []
    for number, lock in enumerate(locks):
        why = _pointless(lock, clinic)
        if not why:
            trial = following.model_copy(update={"locks": (*kept, lock)})
            why = _cannot_stand(Clinic(trial))
        if why:
            notices.append(Notice(f"locks[{number}]", f"{_words(lock)} is dropped: {why}"))
        else:
            kept.append(lock)
    return kept


def _words(lock: Lock) -> str:
    if lock.section is not None:
        return f"the lock on section {lock.section}"
    if lock.appointment is not None:
        return f"the lock on appointment {lock.appointment}"
    if lock.therapist is not None:
        return f"the lock on {lock.therapist}'s {lock.day}"
    return f"the lock of {lock.patient} in {lock.group}"


def _pointless(lock: Lock, clinic: Clinic) -> str:
    if lock.section is not None and lock.section not in clinic.baseline_sections:
        return "the schedule has no such section any more"
    if lock.appointment is not None and lock.appointment not in clinic.baseline_appointments:
        return "the schedule has no such appointment any more"
    if lock.patient is not None and lock.group is not None:
        if lock.patient not in clinic.patients:
            return "the patient has left"
        ways = [reasons(Joining(lock.patient, lock.group, r), clinic) for r in (False, True)]
        if all(ways):
            return ways[0][0][1]
        sits = any(
            lock.patient in s.members
            for s in clinic.baseline_sections.values()
            if s.group == lock.group
        )
        if not sits:
            return "the patient sits in no section of it"
    return ""


def _cannot_stand(clinic: Clinic) -> str:
    """A rule that what is locked breaks and that nothing added could mend; empty if there is none."""
    lasting = {r.key for r in RULES if not r.mended_by_adding}
    found = [v for v in check(clinic, settled_ledger(clinic)) if v.rule in lasting]
    return found[0].message if found else ""
