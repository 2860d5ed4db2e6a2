"""What goes in: one clinic and one week, as frozen models of the scenario file.

Only form is judged here (types, ranges, unknown fields). What one entry says about another
(references, duplicates, minima over maxima) is judged in ``validation/``, which also gathers the
faults of both kinds so that a reader sees all of them at once. Derived facts (merged requirements,
masks of free cells) are in ``clinic.py``.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .fields import (
    Clock,
    Date,
    Day,
    Entry,
    Flag,
    Fraction,
    Id,
    Money,
    Positive,
    StartClock,
    Text,
    Whole,
)
from .schedule import Schedule
from .timegrid import DAY_NUMBER, MINUTES_A_DAY, clock

SCHEMA_VERSION = 1
Format = Literal["group", "individual", "family"]
Modality = Literal["in_person", "telehealth", "hybrid", "offsite"]
Grid = Literal[5, 10, 15, 20, 30, 60]
GoalKey = Literal[
    "unmet_care",
    "short_days",
    "turned_away",
    "disruption",
    "continuity",
    "burden",
    "staffing",
]


class Window(Entry):
    """Half-open hours on some days: a session may end when the window ends."""

    days: Annotated[tuple[Day, ...], Field(min_length=1)]
    start: Clock
    end: Clock

    @model_validator(mode="after")
    def _ends_after_start(self) -> Window:
        if self.end <= self.start:
            raise ValueError(
                f"found {clock(self.start)} to {clock(self.end)}; a window ends after it starts"
            )
        return self

    def spans(self) -> list[tuple[int, int]]:
        """Half-open spans in minutes since Monday 00:00."""
        return [
            (DAY_NUMBER[d] * MINUTES_A_DAY + self.start, DAY_NUMBER[d] * MINUTES_A_DAY + self.end)
            for d in self.days
        ]


Windows = tuple[Window, ...]


class Range(Entry):
    """A minimum and a maximum; a missing minimum is 0, a missing maximum is none."""

    min: Whole | None = None
    max: Whole | None = None


class Size(Entry):
    """Least and most members of a section; a missing minimum is 0."""

    min: Whole = 0
    max: Whole


class Rolling(Entry):
    """At most ``max`` sessions in any ``days`` days in a row."""

    days: Annotated[int, Field(ge=1, le=7, strict=True)] | None = None
    max: Whole | None = None


class Quota(Entry):
    """Sessions a week of one service."""

    service: Id
    min: Whole | None = None
    max: Whole | None = None


class Track(Entry):
    """A part of the week (morning, evening) in which a patient's groups stay together."""

    id: Id
    windows: Windows


class Service(Entry):
    """A kind of care. What it says beyond its minutes binds individual and family sessions."""

    id: Id
    name: Text
    format: Format
    minutes: Annotated[int, Field(ge=1, le=MINUTES_A_DAY, strict=True)]
    clinical_minutes: Whole | None = None
    credentials: tuple[Id, ...] = ()
    room_features: tuple[Id, ...] = ()
    party_size: Positive | None = None
    remote: Flag = False
    equipment: dict[Id, Whole] = {}

    @property
    def clinical(self) -> int:
        """Minutes of one session that count towards weekly hours."""
        return self.minutes if self.clinical_minutes is None else self.clinical_minutes

    @property
    def party(self) -> int:
        """Patients and relatives in the room: 1 for individual, 3 for family by default."""
        if self.party_size is not None:
            return self.party_size
        return 3 if self.format == "family" else 1


class Requirements(Entry):
    """The weekly demands that a program states and a patient may override key by key."""

    minutes_per_week: Range | None = None
    days_per_week: Range | None = None
    attended_day_minutes: Range | None = None
    sessions_per_day: Range | None = None
    rolling_sessions: Rolling | None = None
    quotas: tuple[Quota, ...] = ()


class Program(Requirements):
    """A level of care: what it asks for each week, and where that rule comes from."""

    id: Id
    name: Text
    level: Text | None = None
    source: Text | None = None
    max_gap_days: Whole | None = None
    single_track: Flag = False
    per_diem: Money | None = None


class Room(Entry):
    """A room; capacity counts patients and relatives, not staff."""

    id: Id
    name: Text
    capacity: Whole
    features: tuple[Id, ...] = ()
    availability: Windows | None = None


class Equipment(Entry):
    """Something lent to a session: an interpreter, a video kit, a van."""

    id: Id
    name: Text
    quantity: Whole
    availability: Windows | None = None


class Credential(Entry):
    """What a therapist is licensed for; ``expires`` is the last valid day."""

    id: Id
    expires: Date | None = None

    @model_validator(mode="before")
    @classmethod
    def _a_bare_id_will_do(cls, data: object) -> object:
        return {"id": data} if isinstance(data, str) else data


class Meal(Entry):
    """A break of ``minutes`` in a row inside the span ``between``."""

    minutes: Positive
    between: tuple[Clock, Clock]

    @model_validator(mode="after")
    def _span_holds_the_break(self) -> Meal:
        start, end = self.between
        if end <= start:
            raise ValueError(f"found {clock(start)} to {clock(end)}; a span ends after it starts")
        if self.minutes > end - start:
            raise ValueError(
                f"found {self.minutes} minutes between {clock(start)} and {clock(end)}; "
                "the span is at least as long as the meal"
            )
        return self


class Therapist(Entry):
    """A clinician: when, where, how much and with whom they work."""

    id: Id
    name: Text
    credentials: tuple[Credential, ...] = ()
    availability: Windows | None = None
    remote_availability: Windows | None = None
    max_minutes_per_day: Whole | None = None
    max_minutes_per_week: Whole | None = None
    max_consecutive_minutes: Whole | None = None
    meal: Meal | None = None
    languages: tuple[Id, ...] = ()
    genders_served: tuple[Id, ...] = ()
    max_caseload: Whole | None = None
    supervisor: Flag = False
    supervised: Flag = False
    cost_per_hour: Money | None = None
    absence_rate: Fraction | None = None


class Leader(Entry):
    """One leader's place in a group; any one of the credentials, or anyone where none is named."""

    credentials: tuple[Id, ...] = ()


class Eligible(Entry):
    """Who may join a group; what is left out excludes nobody."""

    programs: tuple[Id, ...] = ()
    tags_any: tuple[Id, ...] = ()
    tags_none: tuple[Id, ...] = ()
    genders: tuple[Id, ...] = ()


class Group(Entry):
    """A kind of group session; each running instance of it is a section."""

    id: Id
    name: Text
    service: Id
    minutes: Annotated[int, Field(ge=1, le=MINUTES_A_DAY, strict=True)]
    clinical_minutes: Whole | None = None
    modality: Modality = "in_person"
    size: Size
    leaders: tuple[Leader, ...] = ()
    meetings_per_week: Annotated[int, Field(ge=1, le=7, strict=True)]
    day_patterns: tuple[tuple[Day, ...], ...] = ()
    start_times: tuple[StartClock, ...] = ()
    windows: Windows = ()
    max_sections: Whole = 1
    per_patient: Whole = 1
    room_features: tuple[Id, ...] = ()
    equipment: dict[Id, Whole] = {}
    language: Id | None = None
    closed: Flag = False
    eligible: Eligible = Eligible()

    @property
    def clinical(self) -> int:
        """Minutes of one meeting that count towards weekly hours."""
        return self.minutes if self.clinical_minutes is None else self.clinical_minutes

    @property
    def needs_room(self) -> bool:
        return self.modality in ("in_person", "hybrid")


class Commitment(Entry):
    """Work, school, child care: hours a patient cannot give, with the way there and back."""

    label: Text
    windows: Windows
    travel_minutes: Annotated[int, Field(ge=0, le=MINUTES_A_DAY, strict=True)] = 0


class Authorized(Entry):
    """What the payer has authorised; read by reports, by no rule or goal."""

    days: Whole | None = None
    sessions: Whole | None = None
    until: Date | None = None


class Patient(Requirements):
    """A patient: program, hours that are free, and what their own plan changes in the program."""

    id: Id
    name: Text
    program: Id
    status: Literal["active", "waitlist"] = "active"
    priority: Annotated[int, Field(ge=1, le=5, strict=True)] = 1
    availability: Windows | None = None
    commitments: tuple[Commitment, ...] = ()
    preferred: Windows = ()
    tags: tuple[Id, ...] = ()
    gender: Id | None = None
    languages: tuple[Id, ...] = ()
    attends: Literal["in_person", "remote", "either"] = "either"
    primary_therapist: Id | None = None
    keep_apart: tuple[Id, ...] = ()
    family_availability: Windows | None = None
    first_date: Date | None = None
    last_date: Date | None = None
    authorized: Authorized | None = None
    show_rate: Fraction | None = None


class Policy(Entry):
    """The order and weights of the goals, what may be given back, and what must come out 0."""

    tiers: tuple[tuple[GoalKey, ...], ...] = ()
    weights: dict[GoalKey, Whole] = {}
    tolerances: dict[GoalKey, Annotated[float, Field(ge=0, allow_inf_nan=False, strict=True)]] = {}
    strict: tuple[GoalKey, ...] = ()


class Lock(Entry):
    """Something of the baseline that must stay: a section, an appointment, a seat, or a day."""

    section: Id | None = None
    appointment: Id | None = None
    patient: Id | None = None
    group: Id | None = None
    therapist: Id | None = None
    day: Day | None = None

    @model_validator(mode="after")
    def _is_one_kind(self) -> Lock:
        given = {name for name, value in self if value is not None}
        if given not in ({"section"}, {"appointment"}, {"patient", "group"}, {"therapist", "day"}):
            raise ValueError(
                f"found {', '.join(sorted(given)) or 'nothing'}; a lock names a section, "
                "an appointment, a patient and a group, or a therapist and a day"
            )
        return self


class Scenario(Entry):
    """One clinic and one week."""

    schema_version: Literal[1]
    name: Text
    description: Text | None = None
    week_start: Date
    grid_minutes: Grid = 15
    timezone: Text | None = None
    opening_hours: Windows
    closed_dates: tuple[Date, ...] = ()
    tracks: tuple[Track, ...] = ()
    services: tuple[Service, ...]
    programs: tuple[Program, ...]
    rooms: tuple[Room, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    therapists: tuple[Therapist, ...] = ()
    groups: tuple[Group, ...] = ()
    patients: tuple[Patient, ...] = ()
    policy: Policy = Policy()
    baseline: Schedule | None = None
    locks: tuple[Lock, ...] = ()
