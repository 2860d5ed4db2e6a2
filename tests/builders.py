"""Tiny weeks in a few words: a lawful clinic, its entries one by one, and what is said about them.

The clinic, on a 30-minute grid, open Monday to Friday 09:00-12:00: rooms ``big`` (4 seats) and
``small`` (1), therapists ``ann`` and ``bob``, group ``cbt`` (an hour once a week, one leader),
services ``talk`` (group), ``solo`` (individual, 30 minutes) and ``kin`` (family, an hour), patients
``pat`` and ``sam`` in program ``iop``, which asks for nothing. An empty week is lawful and every
goal of it is 0. A test replaces the entries it is about, so that only what matters stands in it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from solver.checker import check, measure
from solver.clinic import Clinic
from solver.ledger import Ledger
from solver.schedule import Schedule
from solver.timegrid import DAYS
from solver.validation import read_scenario, read_schedule
from solver.violations import Violation
from tests import reference_checker as reference

Json = dict[str, Any]
Week = tuple[Json, Json]
"""A scenario and a schedule of it."""

MONDAY = "2026-01-05"
WORKDAYS = ["mon", "tue", "wed", "thu", "fri"]


def date(day: str) -> str:
    """The date of a day of the week."""
    return f"2026-01-{5 + DAYS.index(day):02d}"


def clock(minutes: int) -> str:
    """``"HH:MM"`` of minutes since midnight."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


# ---------------------------------------------------------------- what a scenario is made of


def window(start: str, end: str, *days: str) -> list[Json]:
    """One window, from Monday to Friday if no days are named."""
    return [{"days": list(days) or WORKDAYS, "start": start, "end": end}]


ALWAYS = window("00:00", "24:00", *DAYS)
"""Every hour of the week: for whoever must not be the reason."""


def service(name: str, form: str, minutes: int, **facts: Any) -> Json:
    return {"id": name, "name": name, "format": form, "minutes": minutes} | facts


def talk(**facts: Any) -> Json:
    return service("talk", "group", 60) | facts


def solo(**facts: Any) -> Json:
    return service("solo", "individual", 30) | facts


def kin(**facts: Any) -> Json:
    return service("kin", "family", 60) | facts


def quota(name: str, least: int = 0, most: int | None = None) -> Json:
    return {"service": name, "min": least} | ({} if most is None else {"max": most})


def program(name: str = "iop", **facts: Any) -> Json:
    plain = {
        "id": name,
        "name": name,
        "minutes_per_week": {"min": 0},
        "days_per_week": {"min": 0},
        "quotas": [quota("talk"), quota("solo"), quota("kin")],
    }
    return plain | facts


def room(name: str, capacity: int, **facts: Any) -> Json:
    return {"id": name, "name": name, "capacity": capacity} | facts


def item(name: str, quantity: int, **facts: Any) -> Json:
    return {"id": name, "name": name, "quantity": quantity} | facts


def therapist(name: str, **facts: Any) -> Json:
    return {"id": name, "name": name, "credentials": ["lcsw"]} | facts


def group(name: str = "cbt", **facts: Any) -> Json:
    plain = {
        "id": name,
        "name": name,
        "service": "talk",
        "minutes": 60,
        "size": {"min": 1, "max": 4},
        "leaders": [{"credentials": ["lcsw"]}],
        "meetings_per_week": 1,
    }
    return plain | facts


def patient(name: str, **facts: Any) -> Json:
    return {"id": name, "name": name, "program": "iop"} | facts


def clinic(**facts: Any) -> Json:
    """The lawful clinic with some of its lists or fields replaced."""
    plain = {
        "schema_version": 1,
        "name": "tiny",
        "week_start": MONDAY,
        "grid_minutes": 30,
        "opening_hours": window("09:00", "12:00"),
        "services": [talk(), solo(), kin()],
        "programs": [program()],
        "rooms": [room("big", 4), room("small", 1)],
        "therapists": [therapist("ann"), therapist("bob")],
        "groups": [group()],
        "patients": [patient("pat"), patient("sam")],
    }
    return copy.deepcopy(plain | facts)


# ---------------------------------------------------------------- what a schedule is made of


def meeting(day: str, start: str, place: str | None = "big", **facts: Any) -> Json:
    return {"day": day, "start": start, "room": place} | facts


def section(
    members: Iterable[str],
    *meetings: Json,
    name: str = "s",
    of: str = "cbt",
    leaders: Iterable[str] = ("ann",),
    **facts: Any,
) -> Json:
    """A section of ``cbt`` led by ``ann``, Monday at nine in ``big``, where nothing else is said."""
    entry = {
        "id": name,
        "group": of,
        "leaders": list(leaders),
        "meetings": list(meetings) or [meeting("mon", "09:00")],
        "members": list(members),
    }
    return entry | facts


def visit(
    who: str = "pat",
    therapist: str = "ann",
    day: str = "mon",
    start: str = "09:00",
    place: str | None = "small",
    *,
    name: str = "a",
    of: str = "solo",
    **facts: Any,
) -> Json:
    """An appointment of ``solo`` in ``small`` unless something else is said."""
    entry = {
        "id": name,
        "service": of,
        "patient": who,
        "therapist": therapist,
        "day": day,
        "start": start,
        "room": place,
    }
    return entry | facts


def week(*entries: Json, **facts: Any) -> Json:
    """A schedule of sections and appointments, told apart by what they have."""
    plain = {
        "schema_version": 1,
        "scenario": "tiny",
        "week_start": MONDAY,
        "sections": [e for e in entries if "group" in e],
        "appointments": [e for e in entries if "service" in e],
    }
    return copy.deepcopy(plain | facts)


def before(*entries: Json) -> Json:
    """The same as a baseline: the week that patients and staff already live by."""
    return week(*entries)


# ---------------------------------------------------------------- what is said about them


def read(scenario: Json) -> Clinic:
    """The clinic of a scenario that has to be free of faults."""
    return Clinic(read_scenario(scenario)[0])


def plan(schedule: Json, clinic_of_it: Clinic) -> Schedule:
    """The schedule of a file that has to be well formed."""
    return read_schedule(schedule, clinic_of_it.scenario)


def faults(scenario: Json, schedule: Json) -> list[Violation]:
    """What ``check`` finds; the reference checker has to name the same rules."""
    here = read(scenario)
    found = check(here, plan(schedule, here))
    named = {rule for rule, _ in reference.violations(scenario, schedule)}
    assert {v.rule for v in found} == named, f"the reference checker names {sorted(named)}"
    return found


def broken(scenario: Json, schedule: Json) -> set[str]:
    """Keys of the rules that a schedule breaks; both checkers agree."""
    return {v.rule for v in faults(scenario, schedule)}


def only_fault(scenario: Json, schedule: Json) -> Violation:
    """The one violation there is."""
    found = faults(scenario, schedule)
    assert len(found) == 1, [str(v) for v in found]
    return found[0]


def values(scenario: Json, schedule: Json) -> dict[str, int]:
    """What ``measure`` comes to; the reference checker has to come to the same."""
    here = read(scenario)
    measured = measure(here, plan(schedule, here))
    counted = reference.goals(scenario, schedule)
    apart = {goal: counted[goal] for goal in measured if counted[goal] != measured[goal]}
    assert not apart, f"the reference checker comes to {apart}, not to {measured}"
    return measured


def not_admitted(scenario: Json, schedule: Json) -> list[str]:
    """Waitlisted patients without a session, as the schedule has to name them."""
    here = read(scenario)
    return list(Ledger(here, plan(schedule, here)).schedule().not_admitted)
