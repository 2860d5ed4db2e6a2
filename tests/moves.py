"""Random schedules of a scenario: small changes one after the other, lawful or not.

What is judged on the way is judged by the reference checker alone, so a schedule that comes out of
here owes nothing to the code under test.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterable

from solver.clinic import Clinic
from solver.errors import FileFaults
from solver.timegrid import DAYS, day_of, parse_date
from tests import builders
from tests import reference_checker as reference
from tests.builders import Json, clock
from tests.randomness import OPENING


def empty(scenario: Json) -> Json:
    """A week without a session."""
    return with_waiting(scenario, builders.week(week_start=scenario["week_start"]))


def with_waiting(scenario: Json, schedule: Json) -> Json:
    """The schedule with ``not_admitted`` as it has to be."""
    here = reference.Week(scenario, schedule)
    waiting = [p["id"] for p in scenario["patients"] if p.get("status") == "waitlist"]
    named = [p for p in waiting if not here.of_patient(p)]
    return schedule | {"scenario": scenario["name"], "not_admitted": named}


class Moves:
    """Small changes at random to schedules of one scenario; the outcome may break any rule."""

    def __init__(self, r: random.Random, scenario: Json, exceptions: bool = True) -> None:
        self.r, self.scenario = r, scenario
        clinic = builders.read(scenario)
        self.days = [DAYS[d] for d in range(7) if clinic.opening & clinic.grid.day_mask(d)]
        step = clinic.grid.minutes
        cells = [clinic.grid.clock_of(c)[1] for c in _cells(clinic)] or [OPENING]
        self.starts = [clock(m) for m in range(min(cells), max(cells) + 1, step)]
        self.rooms = [room["id"] for room in scenario["rooms"]]
        self.therapists = [t["id"] for t in scenario["therapists"]]
        self.holds = {
            t["id"]: {c if isinstance(c, str) else c["id"] for c in t["credentials"]}
            for t in scenario["therapists"]
        }
        self.patients = [p["id"] for p in scenario["patients"]]
        self.given = [s for s in scenario["services"] if s["format"] != "group"]
        self.made = 0
        kinds = [self._new_section] * 3 + [
            self._new_visit,
            self._new_visit,
            self._member,
            self._member,
        ]
        kinds += [self._remote, self._leader, self._place, self._drop, self._time, self._edit]
        self.kinds = kinds + ([self._exception] if exceptions else [])

    def move(self, schedule: Json) -> Json:
        """One change to a copy."""
        changed = copy.deepcopy(schedule)
        self.r.choice(self.kinds)(changed)
        return with_waiting(self.scenario, changed)

    def walk(self, schedule: Json, steps: int) -> Json:
        for _ in range(steps):
            schedule = self.move(schedule)
        return schedule

    def _name(self, taken: Iterable[Json]) -> str:
        there = {entry["id"] for entry in taken}
        self.made += 1
        while f"x{self.made}" in there:
            self.made += 1
        return f"x{self.made}"

    def _new_section(self, s: Json) -> None:
        r = self.r
        if not self.scenario["groups"] or not self.days:
            return
        g = r.choice(self.scenario["groups"])
        before = (self.scenario.get("baseline") or {}).get("sections", [])
        known = [b for b in before if b["group"] == g["id"] and b["meetings"]]
        known = [b for b in known if b["id"] not in {x["id"] for x in s["sections"]}]
        name, start = (
            self._name([*s["sections"], *before]),
            r.choice(g.get("start_times") or self.starts),
        )
        if g.get("day_patterns"):
            days = list(r.choice(g["day_patterns"]))
        else:
            days = r.sample(self.days, min(len(self.days), g["meetings_per_week"]))
        if known and r.random() < 0.6:
            old = r.choice(known)
            name = old["id"]
            if r.random() < 0.8:
                days = [m["day"] for m in old["meetings"]]
                start = old["meetings"][0]["start"]
        closed = self.scenario.get("closed_dates") or []
        days = [d for d in days if date_of(self.scenario, d) not in closed]
        if not days or len(self.therapists) < len(g["leaders"]):
            return
        housed = g.get("modality", "in_person") in ("in_person", "hybrid") and self.rooms
        most = min(len(self.patients), g["size"]["max"])
        least = min(most, g["size"].get("min", 0) if r.random() < 0.8 else 0)
        members = r.sample(self.patients, r.randint(least, most))
        section = {
            "id": name,
            "group": g["id"],
            "leaders": self._leaders(g),
            "meetings": [
                {"day": d, "start": start, "room": r.choice(self.rooms) if housed else None}
                for d in days
            ],
            "members": members,
        }
        if g.get("modality") == "hybrid":
            section["remote_members"] = [p for p in members if r.random() < 0.4]
        s["sections"].append(section)

    def _leaders(self, g: Json) -> list[str]:
        """Different people for the places, more often than not with a credential of theirs."""
        chosen: list[str] = []
        for place in g["leaders"]:
            free = [t for t in self.therapists if t not in chosen]
            wanted = place.get("credentials")
            able = [t for t in free if not wanted or self.holds[t] & set(wanted)]
            chosen.append(self.r.choice(able if able and self.r.random() < 0.8 else free))
        return chosen

    def _new_visit(self, s: Json) -> None:
        r = self.r
        if not self.given or not self.therapists or not self.patients or not self.days:
            return
        what = r.choice(self.given)
        remote = bool(what.get("remote")) and r.random() < 0.5
        housed = not remote and self.rooms
        before = (self.scenario.get("baseline") or {}).get("appointments", [])
        s["appointments"].append(
            {
                "id": self._name([*s["appointments"], *before]),
                "service": what["id"],
                "patient": r.choice(self.patients),
                "therapist": r.choice(self.therapists),
                "day": r.choice(self.days),
                "start": r.choice(self.starts),
                "room": r.choice(self.rooms) if housed else None,
                "remote": remote,
            }
        )

    def _section(self, s: Json) -> Json | None:
        return self.r.choice(s["sections"]) if s["sections"] else None

    def _member(self, s: Json) -> None:
        section = self._section(s)
        if section is None or not self.patients:
            return
        who = self.r.choice(self.patients)
        if who in section["members"]:
            for key in ("members", "remote_members"):
                section[key] = [p for p in section.get(key, []) if p != who]
        else:
            section["members"].append(who)

    def _remote(self, s: Json) -> None:
        section = self._section(s)
        if section is None or not section["members"]:
            return
        who, remote = self.r.choice(section["members"]), section.setdefault("remote_members", [])
        if who in remote:
            remote.remove(who)
        else:
            remote.append(who)

    def _leader(self, s: Json) -> None:
        section = self._section(s)
        if section is not None and section["leaders"]:
            place = self.r.randrange(len(section["leaders"]))
            section["leaders"][place] = self.r.choice(self.therapists)

    def _place(self, s: Json) -> None:
        section = self._section(s)
        if section is not None and section["meetings"] and self.rooms:
            meeting = self.r.choice(section["meetings"])
            if meeting["room"] is not None:
                meeting["room"] = self.r.choice(self.rooms)

    def _time(self, s: Json) -> None:
        section = self._section(s)
        if section is not None:
            start = self.r.choice(self.starts)
            for meeting in section["meetings"]:
                meeting["start"] = start

    def _drop(self, s: Json) -> None:
        entries = self.r.choice([s["sections"], s["appointments"]])
        if entries:
            entries.pop(self.r.randrange(len(entries)))

    def _edit(self, s: Json) -> None:
        if not s["appointments"]:
            return
        entry, r = self.r.choice(s["appointments"]), self.r
        what = r.choice(["therapist", "room", "day", "start"])
        if what == "room":
            entry["room"] = r.choice(self.rooms) if entry["room"] is not None else None
        else:
            among = {"therapist": self.therapists, "day": self.days, "start": self.starts}
            entry[what] = r.choice(among[what])

    def _exception(self, s: Json) -> None:
        """A substitute, a cancelled meeting or an absence."""
        section = self._section(s)
        if section is None or not section["meetings"]:
            return
        meeting = self.r.choice(section["meetings"])
        what = self.r.choice(["substitute", "cancelled", "absence"])
        if what == "substitute" and section["leaders"]:
            meeting["leaders"] = [self.r.choice(self.therapists) for _ in section["leaders"]]
        elif what == "cancelled":
            meeting["cancelled"] = True
        elif section["members"]:
            who = self.r.choice(section["members"])
            section["absences"] = [{"patient": who, "day": meeting["day"]}]


def _cells(clinic: Clinic) -> list[int]:
    return [c for c in range(7 * clinic.grid.cells_a_day) if clinic.opening >> c & 1]


def date_of(scenario: Json, day: str) -> str:
    """The date of a day of the scenario's week."""
    return day_of(parse_date(scenario["week_start"]), DAYS.index(day)).isoformat()


def with_baseline(r: random.Random, scenario: Json, exceptions: bool = False) -> Json:
    """The scenario with a week that people live by, more or less lawful, and some locks on it."""
    moves = Moves(r, scenario, exceptions)
    base = lawful_walk(moves, empty(scenario), r.randint(5, 40))
    base = moves.walk(base, r.choice([0, 0, 1, 2]))
    base.pop("not_admitted")
    locks: list[Json] = []
    for section in base["sections"]:
        locks += [{"section": section["id"]}] * (r.random() < 0.25)
        locks += [
            {"patient": p, "group": section["group"]}
            for p in section["members"]
            if r.random() < 0.12
        ]
    for visit in base["appointments"]:
        locks += [{"appointment": visit["id"]}] * (r.random() < 0.2)
    if r.random() < 0.3:
        day = r.choice(moves.days or list(DAYS))
        locks.append({"therapist": r.choice(moves.therapists), "day": day})
    found = scenario | {"baseline": base, "locks": locks}
    try:
        builders.read(found)
    except FileFaults:
        return scenario
    return found


def lawful_walk(moves: Moves, schedule: Json, steps: int) -> Json:
    """A lawful schedule found on a walk that shuns faults, more often one with much in it.

    The schedule given comes back if none was found.
    """

    def size(s: Json) -> int:
        seats = sum(len(section["members"]) for section in s["sections"])
        return seats + len(s["sections"]) + len(s["appointments"])

    r, here = moves.r, schedule
    faults = len(reference.violations(moves.scenario, here))
    for _ in range(steps):
        after = moves.walk(here, r.choice([1, 1, 2, 3]))
        found = len(reference.violations(moves.scenario, after))
        if found > faults and not (found <= 2 and r.random() < 0.15):
            continue
        here, faults = after, found
        if not faults and (size(here) >= size(schedule) or r.random() < 0.2):
            schedule = here
    return schedule
