"""A scenario, read once: lookups by id, requirements merged, hours as masks of grid cells.

Nothing here decides anything; it puts what the scenario says into a form that rules, goals, ledger
and model can ask quickly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, TypeVar

from .scenario import Group, Patient, Program, Quota, Scenario, Service, Window, Windows
from .schedule import Appointment, Meeting, Schedule, Section
from .timegrid import DAY_NUMBER, Grid, day_of, merged

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Needs:
    """What a patient's week must and may hold, overrides merged and part-weeks scaled.

    ``None`` as a maximum means no limit. Minutes are clinical minutes. ``quotas`` maps a service to
    (least, most) sessions a week.
    """

    minutes_min: int
    minutes_max: int | None
    days_min: int
    days_max: int | None
    day_minutes_min: int
    day_minutes_max: int | None
    day_sessions_min: int
    day_sessions_max: int | None
    rolling_days: int | None
    rolling_max: int | None
    max_gap_days: int | None
    single_track: bool
    quotas: dict[str, tuple[int, int | None]]


def spans(windows: Iterable[Window]) -> list[tuple[int, int]]:
    """All half-open spans (week minutes) of a list of windows."""
    return [span for window in windows for span in window.spans()]


class Clinic:
    """Derived facts of one scenario. Everything is computed on first use and kept."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.grid = Grid(scenario.grid_minutes)
        self.services = {s.id: s for s in scenario.services}
        self.programs = {p.id: p for p in scenario.programs}
        self.rooms = {r.id: r for r in scenario.rooms}
        self.equipment = {e.id: e for e in scenario.equipment}
        self.therapists = {t.id: t for t in scenario.therapists}
        self.groups = {g.id: g for g in scenario.groups}
        self.patients = {p.id: p for p in scenario.patients}
        self.needs = {p.id: self._needs(p) for p in scenario.patients}
        self.closed_days = frozenset(
            d for d in range(7) if day_of(scenario.week_start, d) in scenario.closed_dates
        )
        self.opening = self.grid.inside(spans(scenario.opening_hours))
        self.open_cells = self.opening
        for day in self.closed_days:
            self.open_cells &= ~self.grid.day_mask(day)
        self.open_days = tuple(d for d in range(7) if self.open_cells & self.grid.day_mask(d))
        self._remembered: dict[object, Any] = {}

    def remember(self, key: object, make: Callable[[], T]) -> T:
        """What ``make`` returned the first time this was asked; it depends on the scenario alone."""
        if key not in self._remembered:
            self._remembered[key] = make()
        value: T = self._remembered[key]
        return value

    # -- people -------------------------------------------------------------------------------

    def present_days(self, patient: Patient) -> frozenset[int]:
        """Day numbers between the patient's first and last date."""
        week = self.scenario.week_start
        return frozenset(
            d
            for d in range(7)
            if (patient.first_date is None or day_of(week, d) >= patient.first_date)
            and (patient.last_date is None or day_of(week, d) <= patient.last_date)
        )

    @cached_property
    def stay(self) -> dict[str, frozenset[int]]:
        """Days of the week on which each patient is a patient."""
        return {p.id: self.present_days(p) for p in self.scenario.patients}

    def _hours(self, windows: Windows | None) -> int:
        """Cells of an availability; left out means all opening hours, empty means never."""
        return self.opening if windows is None else self.grid.inside(spans(windows))

    @cached_property
    def patient_hours(self) -> dict[str, int]:
        """Cells in each patient's availability and stay (commitments not yet taken out)."""
        out = {}
        for p in self.scenario.patients:
            mask = self._hours(p.availability)
            for day in range(7):
                if day not in self.stay[p.id]:
                    mask &= ~self.grid.day_mask(day)
            out[p.id] = mask
        return out

    @cached_property
    def family_hours(self) -> dict[str, int]:
        """Cells in which each patient's family can come."""
        return {p.id: self._hours(p.family_availability) for p in self.scenario.patients}

    @cached_property
    def committed(self) -> dict[tuple[str, bool], int]:
        """Cells a patient's commitments touch, by (patient, remote): travel counts in person only."""
        out = {}
        for p in self.scenario.patients:
            for remote in (False, True):
                out[p.id, remote] = self.grid.touching(
                    (
                        start - (0 if remote else c.travel_minutes),
                        end + (0 if remote else c.travel_minutes),
                    )
                    for c in p.commitments
                    for start, end in merged(spans(c.windows))
                )
        return out

    @cached_property
    def free_hours(self) -> dict[tuple[str, bool], int]:
        """Cells in which a patient can be in a session, by (patient, remote)."""
        return {
            (p, remote): self.patient_hours[p] & ~self.committed[p, remote]
            for p in self.patients
            for remote in (False, True)
        }

    @cached_property
    def preferred(self) -> dict[str, int | None]:
        """Cells each patient prefers, or None where none were stated."""
        return {
            p.id: self.grid.inside(spans(p.preferred)) if p.preferred else None
            for p in self.scenario.patients
        }

    @cached_property
    def on_site(self) -> dict[str, int]:
        """Cells in which each therapist is at the clinic."""
        return {t.id: self._hours(t.availability) for t in self.scenario.therapists}

    @cached_property
    def reachable(self) -> dict[str, int]:
        """Cells in which each therapist can hold a session that needs no room: on site or remote."""
        return {
            t.id: self.on_site[t.id] | self.grid.inside(spans(t.remote_availability or ()))
            for t in self.scenario.therapists
        }

    @cached_property
    def available_minutes(self) -> dict[str, int]:
        """Minutes a therapist is available, on site or remote, while the clinic is open."""
        return {
            t: (self.reachable[t] & self.open_cells).bit_count() * self.grid.minutes
            for t in self.therapists
        }

    @cached_property
    def primary(self) -> dict[str, str | None]:
        """Each patient's primary therapist."""
        return {p.id: p.primary_therapist for p in self.scenario.patients}

    @cached_property
    def apart(self) -> dict[str, frozenset[str]]:
        """Whom each patient must share no section with; it holds both ways."""
        out: dict[str, set[str]] = {p: set() for p in self.patients}
        for p in self.scenario.patients:
            for other in p.keep_apart:
                if other != p.id:
                    out[p.id].add(other)
                    out[other].add(p.id)
        return {p: frozenset(others) for p, others in out.items()}

    def is_waiting(self, patient: str) -> bool:
        return self.patients[patient].status == "waitlist"

    # -- places -------------------------------------------------------------------------------

    @cached_property
    def room_hours(self) -> dict[str, int]:
        return {r.id: self._hours(r.availability) for r in self.scenario.rooms}

    @cached_property
    def equipment_hours(self) -> dict[str, int]:
        return {e.id: self._hours(e.availability) for e in self.scenario.equipment}

    # -- groups -------------------------------------------------------------------------------

    @cached_property
    def group_hours(self) -> dict[str, int]:
        """Cells inside each group's own windows; every cell of the week where it has none."""
        every = (1 << (7 * self.grid.cells_a_day)) - 1
        return {
            g.id: self.grid.inside(spans(g.windows)) if g.windows else every
            for g in self.scenario.groups
        }

    @cached_property
    def track_hours(self) -> dict[str, int]:
        return {t.id: self.grid.inside(spans(t.windows)) for t in self.scenario.tracks}

    def occupied(self, day: int, start: int, minutes: int) -> int:
        """Cells a session occupies."""
        return self.grid.occupied(day, start, minutes)

    def meeting_cells(self, group: Group, day: int, start: int) -> int:
        return self.grid.occupied(day, start, group.minutes)

    def member_remote(self, group: Group, remote_member: bool) -> bool:
        """Whether a member of the group is there by video."""
        return group.modality == "telehealth" or (group.modality == "hybrid" and remote_member)

    @cached_property
    def day_sets(self) -> dict[str, tuple[tuple[int, ...], ...]]:
        """The sets of days on which a section of each group may meet, closed dates fallen out."""
        out = {}
        for g in self.scenario.groups:
            if g.day_patterns:
                patterns = [{DAY_NUMBER[d] for d in p} - self.closed_days for p in g.day_patterns]
                sets = {tuple(sorted(p)) for p in patterns if p}
            else:
                count = min(g.meetings_per_week, len(self.open_days))
                sets = set(combinations(self.open_days, count)) if count else set()
            out[g.id] = tuple(sorted(sets))
        return out

    # -- last week ----------------------------------------------------------------------------

    @cached_property
    def baseline(self) -> Schedule | None:
        """The baseline without what names patients or groups that are gone.

        Gone therapists and rooms stay named: they differ from anybody who is here.
        """
        base = self.scenario.baseline
        if base is None:
            return None
        sections = []
        for s in base.sections:
            if s.group not in self.groups:
                continue
            sections.append(
                s.model_copy(
                    update={
                        "members": tuple(p for p in s.members if p in self.patients),
                        "remote_members": tuple(p for p in s.remote_members if p in self.patients),
                        "absences": tuple(a for a in s.absences if a.patient in self.patients),
                    }
                )
            )
        appointments = tuple(a for a in base.appointments if a.patient in self.patients)
        return base.model_copy(
            update={"sections": tuple(sections), "appointments": appointments, "not_admitted": ()}
        )

    @cached_property
    def baseline_sections(self) -> dict[str, Section]:
        return {s.id: s for s in self.baseline.sections} if self.baseline else {}

    @cached_property
    def baseline_appointments(self) -> dict[str, Appointment]:
        return {a.id: a for a in self.baseline.appointments} if self.baseline else {}

    def open_meetings(self, section: Section) -> list[Meeting]:
        """The section's meetings that do not fall on a closed date."""
        return [m for m in section.meetings if DAY_NUMBER[m.day] not in self.closed_days]

    @cached_property
    def continuing(self) -> dict[str, tuple[Section, ...]]:
        """Closed groups that the baseline runs, with their sections there."""
        out: dict[str, list[Section]] = {}
        for s in self.baseline_sections.values():
            if self.groups[s.group].closed:
                out.setdefault(s.group, []).append(s)
        return {g: tuple(sections) for g, sections in out.items()}

    @cached_property
    def pinned_sections(self) -> dict[str, Section]:
        """Baseline sections a lock on the section keeps; those all on closed dates bind nothing."""
        named = [lock.section for lock in self.scenario.locks if lock.section]
        return {
            s: self.baseline_sections[s]
            for s in named
            if self.open_meetings(self.baseline_sections[s])
        }

    @cached_property
    def pinned_appointments(self) -> dict[str, Appointment]:
        """Baseline appointments a lock keeps, those on closed dates left out."""
        named = [lock.appointment for lock in self.scenario.locks if lock.appointment]
        return {
            a: self.baseline_appointments[a]
            for a in named
            if DAY_NUMBER[self.baseline_appointments[a].day] not in self.closed_days
        }

    @cached_property
    def frozen_days(self) -> dict[str, frozenset[int]]:
        """Days on which a therapist's sessions stay as they are, closed dates left out."""
        out: dict[str, set[int]] = {}
        for lock in self.scenario.locks:
            if lock.therapist and lock.day and DAY_NUMBER[lock.day] not in self.closed_days:
                out.setdefault(lock.therapist, set()).add(DAY_NUMBER[lock.day])
        return {t: frozenset(days) for t, days in out.items()}

    # -- requirements -------------------------------------------------------------------------

    def _needs(self, patient: Patient) -> Needs:
        program = self.programs[patient.program]
        open_days = {DAY_NUMBER[d] for w in self.scenario.opening_hours for d in w.days}
        here, there = len(self.present_days(patient) & open_days), len(open_days)

        def least(own: int | None, program_value: int | None, whole: int = 1) -> int:
            """A weekly minimum: the patient's own stands, the program's is scaled to the stay."""
            if own is not None:
                return own
            if not program_value or here == there:
                return program_value or 0
            return program_value * here // there // whole * whole

        week, own_week = _range(program, "minutes_per_week"), _range(patient, "minutes_per_week")
        days, own_days = _range(program, "days_per_week"), _range(patient, "days_per_week")
        quotas: dict[str, tuple[int, int | None]] = {}
        theirs = {q.service: q for q in program.quotas}
        mine = {q.service: q for q in patient.quotas}
        for service in [*theirs, *(s for s in mine if s not in theirs)]:
            base, own = theirs.get(service, Quota(service=service)), mine.get(service)
            own = own or Quota(service=service)
            quotas[service] = (least(own.min, base.min), base.max if own.max is None else own.max)
        rolling, own_rolling = program.rolling_sessions, patient.rolling_sessions
        rolling_days = _first(*(r.days for r in (own_rolling, rolling) if r))
        rolling_max = _first(*(r.max for r in (own_rolling, rolling) if r))
        day_minutes = _merge(program, patient, "attended_day_minutes")
        day_sessions = _merge(program, patient, "sessions_per_day")
        return Needs(
            minutes_min=least(own_week[0], week[0], self.grid.minutes),
            minutes_max=_first(own_week[1], week[1]),
            days_min=least(own_days[0], days[0]),
            days_max=_first(own_days[1], days[1]),
            day_minutes_min=day_minutes[0] or 0,
            day_minutes_max=day_minutes[1],
            day_sessions_min=day_sessions[0] or 0,
            day_sessions_max=day_sessions[1],
            rolling_days=rolling_days,
            rolling_max=rolling_max,
            max_gap_days=program.max_gap_days,
            single_track=program.single_track,
            quotas=quotas,
        )

    def service_of(self, group: str) -> Service:
        return self.services[self.groups[group].service]


def _range(entry: Program | Patient, field: str) -> tuple[int | None, int | None]:
    value = getattr(entry, field)
    return (None, None) if value is None else (value.min, value.max)


def _merge(program: Program, patient: Patient, field: str) -> tuple[int | None, int | None]:
    theirs, own = _range(program, field), _range(patient, field)
    return _first(own[0], theirs[0]), _first(own[1], theirs[1])


def _first(*values: int | None) -> int | None:
    return next((v for v in values if v is not None), None)
