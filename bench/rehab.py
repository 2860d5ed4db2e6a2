"""The rehabilitation benchmark: 48 published instances of group and individual therapy, read in place.

By Simon Wilmes, github.com/simon-wilmes/rehabiliation-admission-scheduling, commit f2fc2f8, folder
data/comp_study_004, with the results of his runs (Gurobi 10.0.0, 8 threads, an hour each). The
repository states no licence, so the files are not part of this project: clone it, check out that
commit, and name the folder with --rehab or in the environment variable REHAB_INSTANCES. Where the
folder has a best_known.csv (columns instance, status, best_objective, lower_bound,
fastest_proof_s), our results stand beside the published ones.

An instance becomes a week of seven days. Its objective, 4 for each prescribed session that finds no
place with every patient admitted on the earliest day, is the week's ``unmet_care`` / 15. A published
plan may also delay an admission, so a published optimum with a delay is no bound for ours; none of
ours may be below 15 × a published lower bound.
"""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, floor
from pathlib import Path
from typing import Any

HOW_TO_GET = (
    "The rehabilitation instances are not part of this project (they state no licence). To measure "
    "with them: clone github.com/simon-wilmes/rehabiliation-admission-scheduling, check out f2fc2f8, "
    "and name its folder data/comp_study_004 with --rehab DIR or in REHAB_INSTANCES."
)
UNIT = 15
"""What one of the published objective is in ``unmet_care``: 4 a session, where ours has 60."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STAFF, ROOMS = frozenset(range(5)), frozenset({5, 6, 7, 8, 10, 11})
"""Resource groups that are people and rooms; what is left is equipment."""
MONDAY = 5
"""The week begins on 5 January 2026, a Monday."""

BASES, SLOTS = (10, 20, 30, 40), (5, 15, 30)
LEVELS = ("low", "medium", "high", "vigh")

Json = dict[str, Any]


@dataclass(frozen=True)
class Published:
    """What the published runs reached on an instance, in its own unit; None where they did not."""

    optimal: bool
    value: float | None
    bound: float
    seconds: float | None


def instances(folder: Path | None) -> list[str]:
    """Names of the instances in a folder, small ones and coarse slots first; of the 48 without one."""

    def size(name: str) -> tuple[int, int, str]:
        patients, slot, _ = name.split("_")
        return int(patients[1:]), -int(slot[1:]), name

    if folder is None:
        found = [f"p{p}_t{slot:02d}_{level}" for p in BASES for slot in SLOTS for level in LEVELS]
    else:
        found = [path.stem.removeprefix("instance_") for path in folder.glob("instance_*.txt")]
    return sorted(found, key=size)


def published(folder: Path) -> dict[str, Published]:
    """The published results by instance; empty where the folder has none."""
    path = folder / "best_known.csv"
    if not path.is_file():
        return {}

    def number(text: str) -> float | None:
        return float(text) if text else None

    with path.open(encoding="utf-8", newline="") as file:
        return {
            Path(line["instance"]).stem.removeprefix("instance_"): Published(
                line["status"] == "OPTIMAL",
                number(line["best_objective"]),
                number(line["lower_bound"]) or 0.0,
                number(line["fastest_proof_s"]),
            )
            for line in csv.DictReader(file)
        }


# -- reading ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moment:
    """A day of the stay and a minute of it."""

    day: int
    minute: int


def _value(node: ast.expr) -> Any:
    """What an expression of an instance says: literals, DayHour(…) and Duration(…), nothing else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        given = {word.arg: ast.literal_eval(word.value) for word in node.keywords}
        minutes = round(given.get("hours", given.get("hour", 0)) * 60 + given.get("minutes", 0))
        if node.func.id == "Duration":
            return minutes
        if node.func.id == "DayHour":
            return Moment(given.get("day", 0), minutes)
        raise ValueError(f"an instance says {node.func.id}(…)")
    if isinstance(node, (ast.List, ast.Tuple)):
        return [_value(item) for item in node.elts]
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {_value(key): _value(item) for key, item in pairs if key is not None}
    return ast.literal_eval(node)


def _read(text: str) -> Any:
    try:
        return _value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError):
        return text.strip()  # names stand there without quotes


def _sections(text: str) -> dict[str, Any]:
    """The sections of an instance: INSTANCE as one entry, the others as a list of them."""
    out: dict[str, Any] = {"INSTANCE": {}}
    section, header = "", list[str]()
    for raw in text.splitlines():
        line = raw.split("#")[0].strip()
        if not line:
            continue
        if match := re.match(r"\[(?:DATA:\s*)?(\w+)\](?::\s*(.*))?", line):
            section, header = match[1], [name.strip() for name in (match[2] or "").split(",")]
            out.setdefault(section, [])
        elif section == "INSTANCE":
            key, value = line.split(":", 1)
            out[section][key.strip()] = _read(value)
        else:
            values = [_read(value) for value in line.split(";")]
            out[section].append(dict(zip(header, values, strict=False)))
    return out


# -- as a week ----------------------------------------------------------------------------------


def scenario(path: Path) -> tuple[Json, list[str]]:
    """An instance as a scenario, and what was changed on reading, in words.

    Raises:
        OSError: there is no such file.
        ValueError: it holds what a scenario cannot say.
    """
    read = _Reading(_sections(path.read_text("utf-8")))
    return read.scenario(path.stem), read.notes


class _Reading:
    def __init__(self, data: dict[str, Any]) -> None:
        self.instance, self.data = data["INSTANCE"], data
        self.opens, self.closes = (
            self.instance[key] * 60 for key in ("workday_start", "workday_end")
        )
        self.slot: int = self.instance["time_slot_length"]
        self.days = DAYS[: self.instance["horizon_length"]]
        self.notes: list[str] = []

    def _free(self, resource: Json, day: int, minute: int) -> bool:
        now = day * 1440 + minute
        for start, end, every in resource["unavailable_time_slots"] or []:
            first, last = (moment.day * 1440 + moment.minute for moment in (start, end))
            if every is None:
                if first <= now < last:
                    return False
            elif start.day <= day:
                whole, rest = divmod(now - first, 1440)
                if whole % every * 1440 + rest < last - first:
                    return False
        return True

    def _windows(self, resource: Json) -> list[Json]:
        """Free in a slot is who is free when it starts."""
        found: dict[tuple[str, str], list[str]] = {}
        for number, day in enumerate(self.days):
            since: int | None = None
            for minute in range(self.opens, self.closes + self.slot, self.slot):
                free = minute < self.closes and self._free(resource, number, minute)
                if free and since is None:
                    since = minute
                if not free and since is not None:
                    found.setdefault((_clock(since), _clock(minute)), []).append(day)
                    since = None
        return [{"days": days, "start": a, "end": b} for (a, b), days in found.items()]

    def _resources(self) -> tuple[list[Json], list[Json], list[Json]]:
        people, rooms, items = dict[str, Json](), dict[str, Json](), dict[str, Json]()
        for resource in self.data["RESOURCES"]:
            kinds = set(resource["rgid"])
            name = f"r{resource['rid']}"
            entry = {
                "id": name,
                "name": resource["name"],
                "availability": self._windows(resource),
            }
            if kinds & STAFF:
                people[name] = entry | {"credentials": [f"k{k}" for k in sorted(kinds & STAFF)]}
            elif kinds & ROOMS:
                room = entry | {
                    "capacity": 99,
                    "features": [f"k{k}" for k in sorted(kinds & ROOMS)],
                }
                if rooms.setdefault(name, room) is not room:
                    self.notes.append(f"room {name} is listed twice; it was read once")
            else:
                item = f"k{min(kinds)}"
                known = items.setdefault(item, entry | {"id": item, "quantity": 0})
                if known["availability"] != entry["availability"]:
                    raise ValueError(f"items of {item} with different hours fit no scenario")
                known["quantity"] += 1
        return list(people.values()), list(rooms.values()), list(items.values())

    def _therapies(self) -> Iterator[tuple[Json, Json | None]]:
        """Each prescribed therapy as a service, and the group of those that have one."""
        prescribed = [patient["treatments"] for patient in self.data["PATIENTS"]]
        for therapy in self.data["TREATMENTS"]:
            key, needs = therapy["tid"], therapy["resources"]
            counts = [asked.get(key, 0) for asked in prescribed]
            if not any(counts):
                continue
            staff = [k for k, n in needs.items() if k in STAFF for _ in range(n)]
            places = [k for k in needs if k in ROOMS]
            items = {f"k{k}": n for k, n in needs.items() if k not in STAFF | ROOMS}
            service: Json = {
                "id": f"s{key}",
                "name": therapy["name"],
                "minutes": therapy["duration"],
                "format": "group",
            }
            if therapy["max_participants"] > 1:
                yield service, self._group(therapy, counts, staff, places, items)
                continue
            if len(staff) != 1 or len(places) != 1:
                raise ValueError(f"therapy {key} fits no appointment")
            service |= {"format": "individual", "credentials": [f"k{staff[0]}"], "remote": False}
            service |= {"room_features": [f"k{places[0]}"]}
            yield service | ({"equipment": items} if items else {}), None

    def _group(
        self,
        therapy: Json,
        counts: list[int],
        staff: list[int],
        places: list[int],
        items: dict[str, int],
    ) -> Json:
        least = max(1, therapy["min_participants"])
        group: Json = {
            "id": f"g{therapy['tid']}",
            "name": therapy["name"],
            "service": f"s{therapy['tid']}",
            "minutes": therapy["duration"],
            "size": {"min": least, "max": therapy["max_participants"]},
            "leaders": [{"credentials": [f"k{k}"]} for k in staff],
            "meetings_per_week": 1,
            "per_patient": max(counts),
            "max_sections": sum(counts) // least,
        }
        group |= {"room_features": [f"k{places[0]}"]} if places else {"modality": "offsite"}
        return group | ({"equipment": items} if items else {})

    def _patient(self, patient: Json) -> Json:
        instance, width = self.instance, self.instance["even_scheduling_width"]
        asked, first = patient["treatments"], patient["earliest_admission_date"].day
        in_width = sum(asked.values()) * width / patient["length_of_stay"]
        return {
            "id": f"p{patient['pid']}",
            "name": patient["name"],
            "program": "stay",
            "first_date": f"2026-01-{MONDAY + first:02d}",
            "days_per_week": {"min": instance["horizon_length"] - first},
            "sessions_per_day": {
                "min": floor(in_width / width * instance["daily_scheduling_lower"]),
                "max": ceil(in_width / width * instance["daily_scheduling_upper"]),
            },
            "rolling_sessions": {
                "days": width,
                "max": ceil(in_width * instance["even_scheduling_upper"]),
            },
            "quotas": [{"service": f"s{t}", "min": n, "max": n} for t, n in asked.items()],
        }

    def scenario(self, name: str) -> Json:
        people, rooms, items = self._resources()
        therapies = list(self._therapies())
        hours = {"days": list(self.days), "start": _clock(self.opens), "end": _clock(self.closes)}
        return {
            "schema_version": 1,
            "name": name,
            "week_start": f"2026-01-{MONDAY:02d}",
            "grid_minutes": self.slot,
            "opening_hours": [hours],
            "services": [service for service, _ in therapies],
            "programs": [
                {
                    "id": "stay",
                    "name": "Rehabilitation stay",
                    "minutes_per_week": {"min": 0, "max": 10080},
                    "days_per_week": {"min": 0, "max": 7},
                    "quotas": [],
                }
            ],
            "rooms": rooms,
            "equipment": items,
            "therapists": people,
            "groups": [group for _, group in therapies if group is not None],
            "patients": [self._patient(patient) for patient in self.data["PATIENTS"]],
            "policy": {"strict": ["short_days"]},
        }


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
