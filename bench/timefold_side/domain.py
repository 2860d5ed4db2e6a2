"""What Timefold plans with: blocks, people, rooms and things as facts, and what it decides about.

A *block* is one way a section or an appointment may lie in the week; its meetings are whole numbers,
(day × 300 + first cell) × 300 + last, so that sorting them sorts them in time.
"""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from timefold.solver.domain import (
    PlanningEntityCollectionProperty,
    PlanningId,
    PlanningScore,
    PlanningVariable,
    ProblemFactCollectionProperty,
    ValueRangeProvider,
    planning_entity,
    planning_solution,
)
from timefold.solver.score import BendableScore

PROBLEM: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text("utf-8"))
LEVELS = len(PROBLEM["tiers"]) + 1


@dataclass(eq=False)
class Block:
    id: int
    codes: list[int]
    service: int
    clinical: int
    minutes: int  # of leading, all meetings together
    tracks: int  # as bits; -1 for appointments
    remote: bool


@dataclass(eq=False)
class Patient:
    id: Annotated[int, PlanningId]
    waiting: bool
    priority: int
    either: bool
    minutes_min: int
    minutes_max: int
    days_min: int
    days_max: int
    day_minutes_min: int
    day_minutes_max: int
    day_sessions_min: int
    day_sessions_max: int
    rolling_days: int
    rolling_max: int
    gap: int
    one_track: bool
    services: list[int]
    least: list[int]
    most: list[int]
    stay: list[bool]
    outside: set[int]  # meetings outside preferred windows
    nothing: Block = None


@dataclass(eq=False)
class Therapist:
    id: Annotated[int, PlanningId]
    free: set[int]  # blocks
    day: int
    week: int
    row: int
    cases: int
    meal: int  # cells
    meal_days: list[int]
    opens: int
    closes: int
    available: int
    refuses: set[int]  # patients
    nothing: Block = None


@dataclass(eq=False)
class Room:
    id: Annotated[int, PlanningId]  # -1 is no room
    capacity: int
    free: set[int]


@dataclass(eq=False)
class Item:
    id: Annotated[int, PlanningId]
    quantity: int


@dataclass(eq=False)
class Apart:
    id: Annotated[int, PlanningId]
    one: int
    other: int


@planning_entity
@dataclass(eq=False)
class Section:
    id: Annotated[int, PlanningId]
    least: int
    most: int
    leaders: int
    items: list[int]
    counts: list[int]
    blocks: Annotated[list[Block], ValueRangeProvider(id="section_blocks")]
    rooms: Annotated[list[Room], ValueRangeProvider(id="section_rooms")]
    when: Annotated[
        Block | None, PlanningVariable(value_range_provider_refs=["section_blocks"])
    ] = None
    room: Annotated[Room | None, PlanningVariable(value_range_provider_refs=["section_rooms"])] = (
        None
    )


@planning_entity
@dataclass(eq=False)
class Lead:
    id: Annotated[int, PlanningId]
    section: Section
    able: Annotated[list[Therapist], ValueRangeProvider(id="lead_therapists")]
    therapist: Annotated[
        Therapist | None, PlanningVariable(value_range_provider_refs=["lead_therapists"])
    ] = None


@planning_entity
@dataclass(eq=False)
class Seat:
    id: Annotated[int, PlanningId]
    patient: Patient
    allowed: set[int]  # blocks
    in_person: bool
    sections: Annotated[list[Section], ValueRangeProvider(id="seat_sections")]
    section: Annotated[
        Section | None,
        PlanningVariable(value_range_provider_refs=["seat_sections"], allows_unassigned=True),
    ] = None


@planning_entity
@dataclass(eq=False)
class Visit:
    id: Annotated[int, PlanningId]
    patient: Patient
    individual: bool
    primary: int  # -1 for none
    items: list[int]
    counts: list[int]
    blocks: Annotated[list[Block], ValueRangeProvider(id="visit_blocks")]
    able: Annotated[list[Therapist], ValueRangeProvider(id="visit_therapists")]
    rooms: Annotated[list[Room], ValueRangeProvider(id="visit_rooms")]
    when: Annotated[
        Block | None,
        PlanningVariable(value_range_provider_refs=["visit_blocks"], allows_unassigned=True),
    ] = None
    therapist: Annotated[
        Therapist | None, PlanningVariable(value_range_provider_refs=["visit_therapists"])
    ] = None
    room: Annotated[Room | None, PlanningVariable(value_range_provider_refs=["visit_rooms"])] = None


@planning_solution
@dataclass
class Week:
    patients: Annotated[list[Patient], ProblemFactCollectionProperty]
    therapists: Annotated[list[Therapist], ProblemFactCollectionProperty]
    rooms: Annotated[list[Room], ProblemFactCollectionProperty]
    items: Annotated[list[Item], ProblemFactCollectionProperty]
    apart: Annotated[list[Apart], ProblemFactCollectionProperty]
    sections: Annotated[list[Section], PlanningEntityCollectionProperty]
    leads: Annotated[list[Lead], PlanningEntityCollectionProperty]
    seats: Annotated[list[Seat], PlanningEntityCollectionProperty]
    visits: Annotated[list[Visit], PlanningEntityCollectionProperty]
    score: Annotated[
        BendableScore | None,
        PlanningScore(bendable_hard_levels_size=1, bendable_soft_levels_size=LEVELS),
    ] = None
