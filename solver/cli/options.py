"""Arguments and options that several commands have in common."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

LARGEST_SEED = 2**31 - 1
"""The largest one that the solver takes."""

ScenarioFile = Annotated[
    str,
    typer.Argument(metavar="SCENARIO", help="The scenario file (JSON); - reads standard input."),
]
ScheduleFile = Annotated[
    str,
    typer.Argument(metavar="SCHEDULE", help="A schedule of it (JSON); - reads standard input."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]


class By(StrEnum):
    """Whose week is shown."""

    ROOM = "room"
    THERAPIST = "therapist"
    PATIENT = "patient"
    GROUP = "group"
