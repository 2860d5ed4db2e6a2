"""JSON Schema of the files: scenario, schedule and result.

Scenario and schedule are described by the models that read them, mended where a file may be freer
than a model (a null stands for what is left out, a bare id for a credential) or must say more.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..scenario import GoalKey, Scenario
from ..schedule import Schedule

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_MUST_BE_SAID: Mapping[str, tuple[str, ...]] = {
    "Scenario": ("rooms", "therapists", "groups", "patients"),
    "Program": ("minutes_per_week", "days_per_week", "quotas"),
    "Therapist": ("credentials",),
    "Group": ("leaders",),
}
"""Fields that the models do without and a file must have; a test holds them against the loader."""
_NEVER_NULL = frozenset({("Program", "minutes_per_week"), ("Program", "days_per_week")})


def scenario_schema() -> Schema:
    """JSON Schema of a scenario file."""
    schema = _finished(Scenario.model_json_schema(), "Scenario")
    credential = schema["$defs"]["Credential"]
    bare = credential["properties"]["id"]
    schema["$defs"]["Credential"] = {"anyOf": [bare, credential], "title": "Credential"}
    return schema


def schedule_schema() -> Schema:
    """JSON Schema of a schedule file."""
    return _finished(Schedule.model_json_schema(), "Schedule")


def result_schema() -> Schema:
    """JSON Schema of a result file."""
    return {"$schema": DIALECT, **ResultFile.model_json_schema()}


def _finished(schema: Schema, title: str) -> Schema:
    for name, part in {**schema.get("$defs", {}), title: schema}.items():
        if "properties" not in part:
            continue
        optional = [key for key in part["properties"] if key not in part.get("required", ())]
        for key in optional:
            if (name, key) in _NEVER_NULL:
                part["properties"][key] = _without_null(part["properties"][key])
            else:
                part["properties"][key] = _or_null(part["properties"][key])
        if must := _MUST_BE_SAID.get(name):
            part["required"] = [*part.get("required", ()), *must]
    return {"$schema": DIALECT, **schema}


def _or_null(field: Schema) -> Schema:
    if {"type": "null"} in field.get("anyOf", ()):
        return field
    about: Schema = {key: field[key] for key in ("title", "default", "description") if key in field}
    kind = {key: value for key, value in field.items() if key not in about}
    return {"anyOf": [kind, {"type": "null"}], **about}


def _without_null(field: Schema) -> Schema:
    (kind,) = [option for option in field["anyOf"] if option != {"type": "null"}]
    return dict(kind)


# -- the result -----------------------------------------------------------------------------------


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TierForm(_Form):
    """What came of one tier; tiers stand in the order in which they were settled."""

    goals: list[GoalKey]
    value: Annotated[
        int | None, Field(description="weighted sum of the goals; null without a schedule")
    ]
    bound: Annotated[
        int | None,
        Field(
            description="no schedule whose earlier tiers are no worse has a lower value; "
            "null where nothing is known"
        ),
    ]
    proved: Annotated[bool, Field(description="whether the value is proved best")]
    gap: Annotated[
        float | None,
        Field(
            description="(value - bound) / value, 0 where they are equal; null where one is null"
        ),
    ]


class SettingsForm(_Form):
    """How the week was to be solved; ``workers`` null took what the machine has."""

    time_limit: Annotated[float, Field(gt=0)]
    seed: Annotated[int, Field(ge=0)]
    workers: Annotated[int | None, Field(ge=1)]
    reproducible: bool


class ResultFile(_Form):
    """A result: what was asked, what came out, and how far from the best it can be."""

    schema_version: Literal[1]
    scenario: Annotated[str, Field(description="name of the scenario")]
    status: Literal["optimal", "feasible", "infeasible", "unknown"]
    tiers: list[TierForm]
    goals: Annotated[
        dict[GoalKey, int], Field(description="the schedule's goals; empty without a schedule")
    ]
    seconds: Annotated[float, Field(ge=0)]
    seed: Annotated[int, Field(ge=0)]
    versions: Annotated[dict[str, str], Field(description="of Python, the solver and this program")]
    settings: SettingsForm
    reasons: Annotated[
        list[str], Field(description="why there is no schedule, or what could not be promised")
    ]
