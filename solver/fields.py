"""Field types that scenario and schedule share: ids, days, clock times, dates, and their strictness."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictInt,
    StrictStr,
    WithJsonSchema,
    model_validator,
)

from .timegrid import MINUTES_A_DAY, clock, parse_clock, parse_date

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _read_clock(value: object) -> int:
    return parse_clock(value)


def _before_midnight(value: int) -> int:
    if value >= MINUTES_A_DAY:
        raise ValueError("found '24:00'; the day ends there, so nothing can start then")
    return value


_CLOCK_SCHEMA = WithJsonSchema({"type": "string", "pattern": "^([01][0-9]|2[0-4]):[0-5][0-9]$"})
Clock = Annotated[int, BeforeValidator(_read_clock), PlainSerializer(clock), _CLOCK_SCHEMA]
"""A time of day: "HH:MM" in JSON, minutes since midnight here; "24:00" at the latest."""
StartClock = Annotated[
    int,
    AfterValidator(_before_midnight),
    BeforeValidator(_read_clock),
    PlainSerializer(clock),
    _CLOCK_SCHEMA,
]
Date = Annotated[
    date,
    BeforeValidator(parse_date),
    PlainSerializer(date.isoformat),
    WithJsonSchema({"type": "string", "format": "date"}),
]
Id = Annotated[StrictStr, Field(min_length=1, max_length=200)]
Text = Annotated[StrictStr, Field(max_length=10_000)]
Flag = StrictBool
Whole = Annotated[StrictInt, Field(ge=0, le=1_000_000)]
Positive = Annotated[StrictInt, Field(ge=1, le=1_000_000)]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
Money = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False, strict=True)]


class Entry(BaseModel):
    """Base of everything in a file: frozen, no unknown fields, a null is as if left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False)

    @model_validator(mode="before")
    @classmethod
    def _nulls_are_left_out(cls, data: Any) -> Any:
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if value is not None}
        return data


def day_name(number: int) -> Day:
    """The day of a day number, typed as files have it."""
    return _DAY_NAMES[number]


_DAY_NAMES: tuple[Day, ...] = get_args(Day)
