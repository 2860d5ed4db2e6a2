"""Schedules carried from one scenario to another: as they are where that is legal, mended otherwise."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ..checker import check, measure, tier_values
from ..clinic import Clinic
from ..ledger import Ledger
from ..schedule import Appointment, Schedule, Section
from ..search.placing import obeys, scope_of
from ..search.starts import Start
from ..timegrid import DAY_NUMBER


def fitted(clinic: Clinic, schedule: Schedule) -> Schedule:
    """The schedule without what a scenario does not have, legal or not.

    Members who are not there are left out; sections and appointments that then have nobody, or that
    need a therapist, a room, a group or a service that is not there, fall away.
    """
    ledger = Ledger(clinic)
    for section in schedule.sections:
        if section.group in clinic.groups:
            left = _with_known_members(clinic, section)
            if _is_known(clinic, left) and (left.members or not section.members):
                ledger.open(left)
    for a in schedule.appointments:
        if _is_known(clinic, a):
            ledger.book(a)
    return ledger.schedule()


def as_it_is(clinic: Clinic, schedule: Schedule) -> Schedule | None:
    """The same where it is legal, else None."""
    week = fitted(clinic, schedule)
    return None if check(clinic, week) else week


def carried(clinic: Clinic, schedule: Schedule) -> Schedule | None:
    """A legal schedule of a scenario that keeps as much as it can of another's.

    What cannot stay where it is gets other leaders, another room, another hour or therapist; what
    finds none is left out. None where locks or strict goals keep the outcome from being legal.
    """
    same = as_it_is(clinic, schedule)
    whole = all(_is_known(clinic, s) for s in schedule.sections) and all(
        _is_known(clinic, a) for a in schedule.appointments if a.patient in clinic.patients
    )
    first = [same] if same is not None and whole else [_mended(clinic, schedule), same]
    found = [week for week in first if week is not None]
    return min(found, key=lambda week: tier_values(clinic, measure(clinic, week))[0], default=None)


def filled(clinic: Clinic, schedule: Schedule) -> Schedule:
    """The schedule with what can be added to it at once for those who are short, if that is better.

    A change that gives more room or brings more patients leaves such gaps, and filling them by hand is
    a better beginning than leaving it to a search that moves what is there.
    """
    start = Start(clinic, math.inf)
    if not all(_kept(start, s) for s in schedule.sections):
        return schedule
    if not all(_booked(start, a) for a in schedule.appointments):
        return schedule
    start.fill_groups()
    start.open_groups()
    for patient in start.order:
        start.appointments(patient)
    week = start.settle().schedule()
    better = tier_values(clinic, measure(clinic, week)) < tier_values(
        clinic, measure(clinic, schedule)
    )
    return week if better and not check(clinic, week) else schedule


def best_of(clinic: Clinic, schedules: Iterable[Schedule]) -> Schedule | None:
    """Of several schedules of other scenarios, the one that makes the best beginning here, filled."""
    found = [filled(clinic, week) for s in schedules if (week := carried(clinic, s)) is not None]
    return min(found, key=lambda week: tier_values(clinic, measure(clinic, week)), default=None)


def _is_known(clinic: Clinic, entry: Section | Appointment) -> bool:
    """Whether what an entry needs is there; of a section's members some may be gone."""
    if isinstance(entry, Appointment):
        return (
            entry.patient in clinic.patients
            and entry.service in clinic.services
            and entry.therapist in clinic.therapists
            and (entry.room is None or entry.room in clinic.rooms)
        )
    return (
        entry.group in clinic.groups
        and all(t in clinic.therapists for m in entry.meetings for t in entry.leaders_at(m))
        and all(t in clinic.therapists for t in entry.leaders)
        and all(m.room is None or m.room in clinic.rooms for m in entry.meetings)
    )


def _with_known_members(clinic: Clinic, section: Section) -> Section:
    if all(p in clinic.patients for p in section.members):
        return section
    return section.model_copy(
        update={
            "members": tuple(p for p in section.members if p in clinic.patients),
            "remote_members": tuple(p for p in section.remote_members if p in clinic.patients),
            "absences": tuple(a for a in section.absences if a.patient in clinic.patients),
        }
    )


def _mended(clinic: Clinic, schedule: Schedule) -> Schedule | None:
    start = Start(clinic, math.inf)
    moved = [s for s in schedule.sections if s.group in clinic.groups and not _kept(start, s)]
    for section in moved:
        _elsewhere(start, section)
    lost = [a for a in schedule.appointments if not _booked(start, a)]
    for a in lost:
        if a.patient in clinic.patients and a.service in clinic.needs[a.patient].quotas:
            start.placing.book(a.patient, a.service)
    ledger = start.settle()
    week = ledger.schedule()
    return None if check(clinic, week) else week


def _kept(start: Start, section: Section) -> bool:
    """Open a section as it was, with all its members, if that is legal so far."""
    clinic, ledger = start.clinic, start.ledger
    if section.id in ledger.sections:
        return True
    left = _with_known_members(clinic, section)
    meetings = clinic.open_meetings(left)
    if not left.members or not meetings or not _is_known(clinic, left):
        return not left.members
    ledger.open(left.model_copy(update={"meetings": tuple(meetings)}))
    scope = scope_of(ledger, patients=left.members, section=section.id)
    enough = len(left.members) >= clinic.groups[section.group].size.min
    if enough and obeys(clinic, ledger, scope):
        return True
    ledger.close(section.id)
    return False


def _elsewhere(start: Start, section: Section) -> None:
    """The same days and hour with whoever and wherever it is possible, members as far as they may."""
    clinic = start.clinic
    days = tuple(sorted({DAY_NUMBER[m.day] for m in clinic.open_meetings(section)}))
    if days in clinic.day_sets[section.group] and section.group not in clinic.continuing:
        members = [p for p in section.members if p in clinic.patients]
        if len(start.ledger.by_group[section.group]) < clinic.groups[section.group].max_sections:
            start.placing.open(section.group, days, section.meetings[0].start, members)


def _booked(start: Start, a: Appointment) -> bool:
    clinic, ledger = start.clinic, start.ledger
    if a.id in ledger.appointments:
        return True
    if not _is_known(clinic, a):
        return False
    ledger.book(a)
    if obeys(clinic, ledger, scope_of(ledger, patients=[a.patient], appointment=a.id)):
        return True
    ledger.cancel(a.id)
    return False
