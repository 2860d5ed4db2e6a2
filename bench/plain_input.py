"""A parsed scenario as the plain model needs it: time in grid cells, and what each patient owes.

A *cell* is counted from Monday 00:00; `start` of a session is a cell within its day. Defaults,
nulls and empty lists follow sections 1 and 2 of the specification. The scenario is taken to be free
of faults.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import Any

Entry = Mapping[str, Any]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 1440
MEANINGFUL_WHEN_EMPTY = {"availability", "remote_availability", "family_availability"}


def clean(value: Any) -> Any:
    """The same JSON without nulls and empty lists, but for availabilities, where empty is never."""
    if isinstance(value, dict):
        kept = {key: clean(item) for key, item in value.items() if item is not None}
        return {k: v for k, v in kept.items() if v != [] or k in MEANINGFUL_WHEN_EMPTY}
    if isinstance(value, list):
        return [clean(item) for item in value]
    return value


def minute_of(clock: str) -> int:
    """Minutes since midnight of "HH:MM"; "24:00" is 1440."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


@dataclass(frozen=True)
class Demand:
    """What one patient owes and may have in a week, overrides merged, weekly minima scaled."""

    minutes_min: int
    minutes_max: int | None
    days_min: int
    days_max: int | None
    day_minutes_min: int
    day_minutes_max: int | None
    day_sessions_min: int
    day_sessions_max: int | None
    rolling: tuple[int, int] | None
    max_gap: int | None
    single_track: bool
    quotas: dict[str, tuple[int, int | None]]


class Clinic:
    """One scenario with its lookups; `hours` are cells inside opening hours on no closed date."""

    def __init__(self, scenario: Entry) -> None:
        self.scenario: dict[str, Any] = clean(dict(scenario))
        self.grid: int = self.scenario.get("grid_minutes", 15)
        self.per_day = DAY_MINUTES // self.grid
        self.monday = date.fromisoformat(self.scenario["week_start"])
        shut = set(self.scenario.get("closed_dates", []))
        self.closed = {day for day in range(7) if self.date(day) in shut}
        opening = self.scenario.get("opening_hours", [])
        self.opening_days = {DAYS.index(name) for window in opening for name in window["days"]}
        self.hours = {
            cell for cell in self.inside(opening) if cell // self.per_day not in self.closed
        }
        self.services = self._by_id("services")
        self.programs = self._by_id("programs")
        self.rooms = self._by_id("rooms")
        self.equipment = self._by_id("equipment")
        self.therapists = self._by_id("therapists")
        self.groups = self._by_id("groups")
        self.patients = self._by_id("patients")
        self.demand = {name: self._demand(entry) for name, entry in self.patients.items()}
        self._read_therapists()
        self._read_patients()
        self.room_cells = {name: self.available(entry) for name, entry in self.rooms.items()}
        self.item_cells = {name: self.available(entry) for name, entry in self.equipment.items()}
        self._read_baseline()

    def _by_id(self, key: str) -> dict[str, dict[str, Any]]:
        return {entry["id"]: entry for entry in self.scenario.get(key, [])}

    # Time

    def date(self, day: int) -> str:
        return (self.monday + timedelta(days=day)).isoformat()

    def cells_of(self, minutes: int) -> int:
        """How many whole cells a session of so many minutes holds."""
        return ceil(minutes / self.grid)

    def span(self, day: int, start: int, length: int) -> range:
        first = day * self.per_day + start
        return range(first, first + length)

    def start_of(self, clock: str) -> int | None:
        """The cell within the day that begins at `clock`; None off the grid."""
        minute = minute_of(clock)
        return None if minute % self.grid else minute // self.grid

    def clock(self, start: int) -> str:
        minute = start * self.grid
        return f"{minute // 60:02d}:{minute % 60:02d}"

    def _minutes_in(self, windows: Iterable[Entry], widen: int = 0) -> bytearray:
        marked = bytearray(7 * DAY_MINUTES)
        for window in windows:
            for name in window["days"]:
                midnight = DAYS.index(name) * DAY_MINUTES
                first = max(0, midnight + minute_of(window["start"]) - widen)
                last = min(7 * DAY_MINUTES, midnight + minute_of(window["end"]) + widen)
                marked[first:last] = b"\1" * (last - first)
        return marked

    def inside(self, windows: Iterable[Entry]) -> set[int]:
        """Cells that lie wholly inside the union of the windows."""
        marked, grid = self._minutes_in(windows), self.grid
        return {c for c in range(7 * self.per_day) if all(marked[c * grid : (c + 1) * grid])}

    def touched(self, windows: Iterable[Entry], widen: int = 0) -> set[int]:
        """Cells of which any minute lies in a window widened on both sides."""
        marked, grid = self._minutes_in(windows, widen), self.grid
        return {c for c in range(7 * self.per_day) if any(marked[c * grid : (c + 1) * grid])}

    def available(self, entry: Entry, key: str = "availability") -> set[int]:
        """Cells of an availability inside opening hours; left out means all of them."""
        return self.hours & self.inside(entry[key]) if key in entry else set(self.hours)

    # Therapists

    def _read_therapists(self) -> None:
        """Cells each may work in: `on_site`, and `anywhere` for sessions without a room."""
        self.on_site: dict[str, set[int]] = {}
        self.anywhere: dict[str, set[int]] = {}
        self.available_minutes: dict[str, int] = {}
        own = {name: self.available(entry) for name, entry in self.therapists.items()}
        for name, entry in self.therapists.items():
            remote = self.hours & self.inside(entry.get("remote_availability", []))
            self.on_site[name], self.anywhere[name] = own[name], own[name] | remote
            self.available_minutes[name] = len(self.anywhere[name]) * self.grid
            if entry.get("supervised"):
                others = [
                    t for t in self.therapists if t != name and self.therapists[t].get("supervisor")
                ]
                watched = set().union(*(own[t] for t in others))
                self.on_site[name] = self.on_site[name] & watched
                self.anywhere[name] = self.anywhere[name] & watched

    def holds_credential(self, therapist: str, wanted: Iterable[str], day: int) -> bool:
        """Whether the therapist holds one of the wanted that day; nothing wanted, anyone may."""
        names = set(wanted)
        if not names:
            return True
        for held in self.therapists[therapist].get("credentials", []):
            entry = {"id": held} if isinstance(held, str) else held
            if entry["id"] in names and self.date(day) <= entry.get("expires", "9999-12-31"):
                return True
        return False

    def serves(self, therapist: str, patient: str) -> bool:
        served = self.therapists[therapist].get("genders_served")
        return bool(not served or self.patients[patient].get("gender") in served)

    def speaks(self, person: Entry, language: str | None) -> bool:
        return language is None or "languages" not in person or language in person["languages"]

    def share_language(self, therapist: str, patient: str) -> bool:
        one, other = (
            self.therapists[therapist].get("languages"),
            self.patients[patient].get("languages"),
        )
        return not one or not other or bool(set(one) & set(other))

    # Patients

    def present(self, patient: str, day: int) -> bool:
        entry = self.patients[patient]
        return entry.get("first_date", "") <= self.date(day) <= entry.get("last_date", "9999-12-31")

    def _read_patients(self) -> None:
        """`free[patient, remote]`: cells in which the patient can be in a session of that kind."""
        self.free: dict[tuple[str, bool], set[int]] = {}
        self.family: dict[str, set[int]] = {}
        self.preferred: dict[str, set[int] | None] = {}
        for name, entry in self.patients.items():
            cells = {c for c in self.available(entry) if self.present(name, c // self.per_day)}
            for remote in (False, True):
                taken: set[int] = set()
                for commitment in entry.get("commitments", []):
                    travel = 0 if remote else commitment.get("travel_minutes", 0)
                    taken |= self.touched(commitment.get("windows", []), travel)
                self.free[name, remote] = cells - taken
            self.family[name] = self.available(entry, "family_availability")
            self.preferred[name] = self.inside(entry["preferred"]) if "preferred" in entry else None

    def _demand(self, patient: Entry) -> Demand:
        program = self.programs[patient["program"]]
        share = self._share_of_week(patient["id"])

        def limits(key: str) -> dict[str, Any]:
            return {**program.get(key, {}), **patient.get(key, {})}

        def weekly_min(key: str, unit: int = 1) -> int:
            own = patient.get(key, {})
            return (
                own["min"]
                if "min" in own
                else scaled(program.get(key, {}).get("min", 0), share, unit)
            )

        programs_quotas = {quota["service"]: quota for quota in program.get("quotas", [])}
        own_quotas = {quota["service"]: quota for quota in patient.get("quotas", [])}
        quotas = {}
        for service in [*programs_quotas, *(s for s in own_quotas if s not in programs_quotas)]:
            theirs, own = programs_quotas.get(service, {}), own_quotas.get(service, {})
            least = own["min"] if "min" in own else scaled(theirs.get("min", 0), share, 1)
            quotas[service] = (least, {**theirs, **own}.get("max"))
        rolling = limits("rolling_sessions")
        return Demand(
            minutes_min=weekly_min("minutes_per_week", self.grid),
            minutes_max=limits("minutes_per_week").get("max"),
            days_min=weekly_min("days_per_week"),
            days_max=limits("days_per_week").get("max"),
            day_minutes_min=limits("attended_day_minutes").get("min", 0),
            day_minutes_max=limits("attended_day_minutes").get("max"),
            day_sessions_min=limits("sessions_per_day").get("min", 0),
            day_sessions_max=limits("sessions_per_day").get("max"),
            rolling=(rolling["days"], rolling["max"]) if len(rolling) == 2 else None,
            max_gap=program.get("max_gap_days"),
            single_track=bool(program.get("single_track")),
            quotas=quotas,
        )

    def _share_of_week(self, patient: str) -> tuple[int, int]:
        """Open days present over open days; closed dates scale nothing."""
        here = sum(self.present(patient, day) for day in self.opening_days)
        return here, len(self.opening_days)

    # Baseline

    def _read_baseline(self) -> None:
        """The baseline without the patients and groups that are gone.

        Therapists and rooms that are gone stay as names that match nobody: what they held differs
        whatever takes their place.
        """
        baseline = self.scenario.get("baseline", {})
        self.base_sections: list[dict[str, Any]] = []
        for section in baseline.get("sections", []):
            if section["group"] in self.groups:
                members = [p for p in section.get("members", []) if p in self.patients]
                self.base_sections.append({**section, "members": members})
        self.base_appointments: list[dict[str, Any]] = [
            entry for entry in baseline.get("appointments", []) if entry["patient"] in self.patients
        ]

    def group_cells(self, group: Entry) -> int:
        return self.cells_of(group["minutes"])


def scaled(minimum: int, share: tuple[int, int], unit: int) -> int:
    """A weekly minimum of the program for a share of the week, rounded down to whole units."""
    here, whole = share
    return minimum if here == whole else minimum * here // whole // unit * unit


def clinical_of(entry: Entry) -> int:
    """Clinical minutes of a service or a group; its minutes if it states none."""
    minutes: int = entry["clinical_minutes"] if "clinical_minutes" in entry else entry["minutes"]
    return minutes
