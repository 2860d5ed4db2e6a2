"""A new week from a few answers: a small legal scenario to go on from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from solver.scenario import SCHEMA_VERSION
from solver.timegrid import clock

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
_SEATS = re.compile(r"^(?P<name>.*?)[\s,:(]+(?P<seats>\d{1,3})\s*(?:seats?)?\s*\)?$", re.IGNORECASE)
_SEATS_LEFT_OUT = 10


@dataclass(frozen=True, slots=True)
class Level:
    """A level of care to begin with: weekly hours and days, and where the numbers are from."""

    key: str
    name: str
    level: str
    source: str
    minutes: tuple[int, int]
    days: tuple[int, int]


LEVELS = (
    Level(
        "iop",
        "Intensive outpatient, adults",
        "2.1",
        "ASAM Criteria, 3rd edition, level 2.1: 9 to 19 hours a week for adults",
        (9 * 60, 19 * 60),
        (3, 5),
    ),
    Level(
        "iop-adolescent",
        "Intensive outpatient, adolescents",
        "2.1",
        "ASAM Criteria, 3rd edition, level 2.1: 6 to 19 hours a week for adolescents",
        (6 * 60, 19 * 60),
        (3, 5),
    ),
    Level(
        "php",
        "Partial hospitalization",
        "2.5",
        "ASAM Criteria, 3rd edition, level 2.5: 20 hours a week or more",
        (20 * 60, 30 * 60),
        (5, 5),
    ),
)


@dataclass(frozen=True, slots=True)
class Answers:
    """What is asked of somebody who makes a week from nothing.

    Attributes:
        opens, closes: minutes of the day.
        therapists, patients: names, one each.
        rooms: names, each with its seats behind it if they are known.
    """

    name: str
    week_start: date
    days: tuple[str, ...] = WEEKDAYS
    opens: int = 9 * 60
    closes: int = 17 * 60
    level: str = "iop"
    therapists: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    patients: tuple[str, ...] = ()


def faults(answers: Answers) -> list[str]:
    """What has to be answered otherwise, in words; nothing where a week can be made."""
    level = _level(answers.level)
    out = []
    if not answers.name.strip():
        out.append("The week needs a name.")
    if answers.week_start.weekday() != 0:
        out.append("A week starts on a Monday.")
    if not answers.days:
        out.append("Choose the days on which the clinic is open.")
    elif len(answers.days) < level.days[0]:
        out.append(f"{level.name} is {level.days[0]} days a week at least; open on more days.")
    needed = _day_minutes(answers)
    if answers.closes - answers.opens < needed:
        out.append(f"The clinic has to be open for {needed} minutes a day at least.")
    for what, names in (("therapist", answers.therapists), ("room", answers.rooms)):
        if not names:
            out.append(f"Name one {what} at least.")
    return out


def week(answers: Answers) -> dict[str, Any]:
    """The scenario's file. It has a group a day for each hour that the level asks for, and one
    individual session a week; everything may be changed afterwards."""
    level = _level(answers.level)
    days = [day for day in (*WEEKDAYS, "sat", "sun") if day in answers.days]
    meetings = min(len(days), level.days[1])
    groups_a_day = _groups_a_day(answers)
    therapists = list(_named(answers.therapists, "t"))
    rooms = [_room(key, name) for key, name in _named(answers.rooms, "r")]
    patients = list(_named(answers.patients, "p"))
    hours = {"days": days, "start": clock(answers.opens), "end": clock(answers.closes)}
    sections = max(1, -(-len(patients) // _SEATS_LEFT_OUT))
    return {
        "schema_version": SCHEMA_VERSION,
        "name": answers.name.strip(),
        "week_start": answers.week_start.isoformat(),
        "opening_hours": [hours],
        "services": [
            {"id": "group", "name": "Group therapy", "format": "group", "minutes": 60},
            {
                "id": "individual",
                "name": "Individual session",
                "format": "individual",
                "minutes": 60,
                "remote": True,
            },
        ],
        "programs": [
            {
                "id": level.key,
                "name": level.name,
                "level": level.level,
                "source": level.source,
                "minutes_per_week": {"min": level.minutes[0], "max": level.minutes[1]},
                "days_per_week": {"min": min(level.days[0], meetings), "max": level.days[1]},
                "quotas": [
                    {"service": "group", "min": 0},
                    {"service": "individual", "min": 1, "max": 2},
                ],
            }
        ],
        "rooms": rooms,
        "therapists": [{"id": key, "name": name, "credentials": []} for key, name in therapists],
        "groups": [
            {
                "id": f"g{number}",
                "name": name,
                "service": "group",
                "minutes": 60,
                "size": {"min": 1, "max": max(room["capacity"] for room in rooms)},
                "leaders": [{"credentials": []}],
                "meetings_per_week": meetings,
                "max_sections": sections,
            }
            for number, name in enumerate(_GROUPS[:groups_a_day], start=1)
        ],
        "patients": [{"id": key, "name": name, "program": level.key} for key, name in patients],
    }


_GROUPS = (
    "Process group",
    "Skills group",
    "Psychoeducation",
    "Relapse prevention",
    "Wellness group",
)


def _level(key: str) -> Level:
    return next(level for level in LEVELS if level.key == key)


def _groups_a_day(answers: Answers) -> int:
    """Hours of group on a day, so that the groups alone come to the weekly minimum."""
    level = _level(answers.level)
    days = max(1, min(len(answers.days), level.days[1]))
    hours = -(-level.minutes[0] // 60)
    return min(len(_GROUPS), -(-hours // days))


def _day_minutes(answers: Answers) -> int:
    """A day's groups and one appointment."""
    return (_groups_a_day(answers) + 1) * 60


def _room(key: str, name: str) -> dict[str, Any]:
    found = _SEATS.match(name)
    if found and found["name"].strip():
        return {"id": key, "name": found["name"].strip(), "capacity": int(found["seats"])}
    return {"id": key, "name": name, "capacity": _SEATS_LEFT_OUT}


def _named(names: Sequence[str], letter: str) -> list[tuple[str, str]]:
    return [(f"{letter}{number:02d}", name) for number, name in enumerate(names, start=1)]


def lines(text: str) -> tuple[str, ...]:
    """The names in a text with one on each line; a list's dashes and numbers are taken off."""
    out = (re.sub(r"^\s*(?:[-*•]|\d+[.)])\s+", "", line).strip() for line in text.splitlines())
    return tuple(name for name in out if name)
