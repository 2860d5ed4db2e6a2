"""Setting and letting go of locks: what that makes of a scenario.

A lock keeps what the week that people already live by (the baseline) has. What is to be kept as it
stands on the board is therefore written into the baseline first: the whole week where there is no
baseline yet, else the locked entries alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from solver.checker import check
from solver.clinic import Clinic
from solver.errors import FileFaults
from solver.io.files import dump
from solver.ledger import Ledger
from solver.scenario import Lock, Scenario
from solver.schedule import Appointment, Schedule, Section
from solver.timegrid import DAY_NAMES, DAY_NUMBER
from solver.validation import read_scenario

NEW_BASELINE = "The week as it stands is now the one people live by; later solves keep close to it."


@dataclass(frozen=True, slots=True)
class Locked:
    """A scenario with a lock more or less; ``scenario`` is None where that cannot be.

    Attributes:
        faults: why it cannot be.
        note: what came with it.
    """

    scenario: Scenario | None
    faults: tuple[str, ...] = ()
    note: str = ""


def described(scenario: Scenario, lock: Lock, title: str = "") -> str:
    """``Process Group``, ``Ann Lee's Monday``, ``Ben Torres in Process Group``."""
    if lock.patient and lock.group:
        return f"{_name(scenario.patients, lock.patient)} in {_name(scenario.groups, lock.group)}"
    if lock.therapist and lock.day:
        day = DAY_NAMES[DAY_NUMBER[lock.day]]
        return f"{_name(scenario.therapists, lock.therapist)}'s {day}"
    return title or lock.section or lock.appointment or ""


def locked(scenario: Scenario, schedule: Schedule, lock: Lock) -> Locked:
    """The scenario with what the lock names kept as it stands in the schedule."""
    if lock in scenario.locks:
        return Locked(None, ("It is locked already.",))
    base, note = scenario.baseline, ""
    if base is None:
        base, note = schedule.model_copy(update={"not_admitted": None}), NEW_BASELINE
    else:
        base = _with(base, *_entries(scenario, schedule, lock))
    changed = scenario.model_copy(update={"baseline": base, "locks": (*scenario.locks, lock)})
    try:
        made = read_scenario(dump(changed))[0]
    except FileFaults as error:
        return Locked(None, tuple(str(fault) for fault in error.faults))
    new = _new_faults(scenario, made, schedule)
    return Locked(None, new) if new else Locked(made, note=note)


def unlocked(scenario: Scenario, lock: Lock) -> Locked:
    """The scenario without the lock; what is kept of last week stays known."""
    left = tuple(other for other in scenario.locks if other != lock)
    if len(left) == len(scenario.locks):
        return Locked(None, ("It is not locked any more.",))
    return Locked(scenario.model_copy(update={"locks": left}))


def _new_faults(before: Scenario, after: Scenario, schedule: Schedule) -> tuple[str, ...]:
    known = {(v.rule, v.subject) for v in check(Clinic(before), schedule)}
    found = check(Clinic(after), schedule)
    return tuple(v.message for v in found if (v.rule, v.subject) not in known)


def _entries(
    scenario: Scenario, schedule: Schedule, lock: Lock
) -> tuple[list[Section], list[Appointment]]:
    """What the lock is about, as it stands."""
    sections = [s for s in schedule.sections if _is_about(lock, s)]
    appointments = [a for a in schedule.appointments if lock.appointment == a.id]
    if lock.therapist and lock.day:
        duties = Ledger(Clinic(scenario), schedule).duties.get(lock.therapist, [])
        refs = {d.ref for d in duties if d.day == DAY_NUMBER[lock.day]}
        sections = [s for s in schedule.sections if s.id in refs]
        appointments = [a for a in schedule.appointments if a.id in refs]
    return sections, appointments


def _is_about(lock: Lock, s: Section) -> bool:
    in_group = lock.group == s.group and lock.patient in s.members
    return lock.section == s.id or in_group


def _with(base: Schedule, sections: list[Section], appointments: list[Appointment]) -> Schedule:
    """The baseline with these entries in the place of their own."""
    new_s, new_a = {s.id: s for s in sections}, {a.id: a for a in appointments}
    kept_s = [new_s.pop(s.id, s) for s in base.sections]
    kept_a = [new_a.pop(a.id, a) for a in base.appointments]
    return base.model_copy(
        update={
            "sections": (*kept_s, *new_s.values()),
            "appointments": (*kept_a, *new_a.values()),
        }
    )


def _name(entries: Iterable[Any], key: str) -> str:
    return next((e.name or key for e in entries if e.id == key), key)
