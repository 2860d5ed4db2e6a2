"""What stands beside a field: its name and note, and the rules it feeds, in the rules' own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from solver.docs import words
from solver.goals import GOAL
from solver.io.tables.layout import PARENT, SETTINGS, Column, Path, by_path
from solver.rules import RULE

from .draft import CellFault, Draft, shown

_AGAIN = re.compile(r"\bas in '?(?P<sheet>[^!']+)'?!(?P<column>[A-Z]+)(?P<row>\d+)")

FIELDS_OF_RULES: Mapping[str, tuple[str, ...]] = {
    "opening_hours": ("opening_hours.days", "opening_hours.start", "opening_hours.end", "closed_dates."),
    "on_grid": ("grid_minutes",),
    "patient_available": (
        "patients.availability", "patients.family_availability", "patients.first_date",
        "patients.last_date", "patients.commitments.windows", "patients.commitments.travel_minutes",
    ),
    "therapist_available": ("therapists.availability", "therapists.remote_availability"),
    "no_double_booking": (),
    "credentials": ("therapists.credentials", "services.credentials", "groups.leaders"),
    "supervision": ("therapists.supervisor", "therapists.supervised"),
    "language_and_gender": (
        "groups.language", "therapists.languages", "therapists.genders_served",
        "patients.languages", "patients.gender",
    ),
    "eligibility": (
        "groups.eligible.programs", "groups.eligible.tags_any", "groups.eligible.tags_none",
        "groups.eligible.genders", "patients.tags",
    ),
    "meeting_pattern": (
        "groups.meetings_per_week", "groups.day_patterns", "groups.start_times", "groups.windows",
        "groups.max_sections",
    ),
    "group_size": ("groups.size.min", "groups.size.max"),
    "sections_per_patient": ("groups.per_patient",),
    "equipment": (
        "equipment.quantity", "equipment.availability", "groups.equipment", "services.equipment",
    ),
    "closed_group": ("groups.closed",),
    "room_fits": (
        "rooms.capacity", "rooms.features", "rooms.availability", "groups.room_features",
        "services.room_features", "services.party_size",
    ),
    "modality": ("groups.modality", "services.remote", "patients.attends"),
    "keep_apart": ("patients.keep_apart",),
    "therapist_load": (
        "therapists.max_minutes_per_day", "therapists.max_minutes_per_week",
        "therapists.max_consecutive_minutes", "therapists.max_caseload",
    ),
    "meal_break": ("therapists.meal.minutes", "therapists.meal.between"),
    "weekly_maximum": (
        "programs.minutes_per_week.max", "programs.days_per_week.max",
        "programs.attended_day_minutes.max", "programs.sessions_per_day.max",
        "programs.rolling_sessions.days", "programs.rolling_sessions.max", "programs.quotas.max",
        "patients.minutes_per_week.max", "patients.days_per_week.max",
        "patients.attended_day_minutes.max", "patients.sessions_per_day.max",
        "patients.rolling_sessions.days", "patients.rolling_sessions.max", "patients.quotas.max",
    ),
    "day_gap": ("programs.max_gap_days",),
    "single_track": ("programs.single_track", "tracks.windows"),
    "locks": (
        "locks.section", "locks.appointment", "locks.patient", "locks.group", "locks.therapist",
        "locks.day",
    ),
    "strict": ("policy.strict",),
    "waitlist": ("patients.status",),
    "as_it_was": (
        "baseline.sections.meetings.leaders", "baseline.sections.meetings.cancelled",
        "baseline.sections.absences.day",
    ),
}  # fmt: skip
"""The fields that each rule reads, by list and field; a test holds that every rule is here."""
FIELDS_OF_GOALS: Mapping[str, tuple[str, ...]] = {
    "unmet_care": (
        "programs.minutes_per_week.min", "programs.quotas.min", "patients.minutes_per_week.min",
        "patients.quotas.min", "patients.priority",
    ),
    "short_days": (
        "programs.attended_day_minutes.min", "programs.sessions_per_day.min",
        "programs.days_per_week.min", "patients.attended_day_minutes.min",
        "patients.sessions_per_day.min", "patients.days_per_week.min",
    ),
    "turned_away": ("patients.status", "patients.priority"),
    "disruption": (),
    "continuity": ("patients.primary_therapist", "patients.preferred", "patients.attends"),
    "burden": ("patients.days_per_week.min",),
    "staffing": (),
}  # fmt: skip
"""The fields that each goal reads."""


@cache
def _feeds() -> dict[str, list[str]]:
    """For each field, what it decides, in the words of its rules and goals."""
    out: dict[str, list[str]] = {}
    for key, fields in FIELDS_OF_RULES.items():
        for field in fields:
            out.setdefault(field, []).append(f"**Rule: {RULE[key].title}.** {words(RULE[key])}")
    for key, fields in FIELDS_OF_GOALS.items():
        for field in fields:
            out.setdefault(field, []).append(f"**Goal: {GOAL[key].title}.** {words(GOAL[key])}")
    return out


def field_of(path: Path, column: Column) -> str:
    """The name of a field as the mappings have it: ``patients.quotas.min``."""
    field = ".".join(column.path)
    return f"{'.'.join(path)}.{field}" if path else field


def help_of(path: Path, column: Column) -> str:
    """What a field is for, how it is written, and which rules and goals read it; Markdown."""
    feeds = [] if column.path == PARENT else _feeds().get(field_of(path, column), [])
    return "\n\n".join([column.note, *feeds])


def note_of(column: Column) -> str:
    """What a field is for, on one line without marks; for the head of a table's column."""
    return column.note


def rule_names(path: Path) -> list[str]:
    """The rules that read a list, by title."""
    start = f"{'.'.join(path)}."
    return [
        RULE[key].title
        for key, fields in FIELDS_OF_RULES.items()
        if any(field.startswith(start) for field in fields)
    ]


def where(draft: Draft, fault: CellFault) -> str:
    """Where a fault is, as a person finds it: list, entry, field."""
    table = by_path()[fault.path]
    parts = [table.title]
    if fault.row is not None and not table.is_form and fault.row < len(draft.rows[fault.path]):
        parts.append(_line(draft, fault.path, fault.row))
    if fault.column is not None:
        parts.append(table.columns[fault.column].heading)
    if fault.path == SETTINGS and fault.column is None:
        return "The week"
    return ", ".join(parts)


def _line(draft: Draft, path: Path, row: int) -> str:
    if not by_path()[path].is_inner:
        return draft.name_of(path, row)
    key = shown(draft.rows[path][row][0]).strip()
    outer = draft.line_of(path[:-1], key) if key else None
    if outer is None:
        return f"line {row + 1}"
    return f"{draft.name_of(path[:-1], outer)}, line {row + 1}"


def message(draft: Draft, fault: CellFault) -> str:
    """What is wrong, with other cells named as in ``where``."""

    def named(found: object) -> str:
        assert isinstance(found, re.Match)
        path = next((p for p, t in by_path().items() if t.title == found["sheet"]), None)
        row = int(found["row"]) - 2
        if path is None or by_path()[path].is_form or not 0 <= row < len(draft.rows[path]):
            return found[0]
        return f"as in line {row + 1}"

    return _AGAIN.sub(named, fault.message)
