"""`iop validate` and `iop schema`: what a file must look like, and whether one does."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from .options import AsJson, ScenarioFile
from .terminal import Code, UsageFault, WrongFile, out, out_json, printable, read_scenario

if TYPE_CHECKING:
    from ..scenario import Scenario


def validate(scenario: ScenarioFile, as_json: AsJson = False) -> None:
    """Say everything that is wrong with a scenario file, each fault with its place.

    Also says what is no fault but worth knowing: a group that nobody may lead, a patient without
    free hours. Exit code 2 when there is a fault.

    \b
    Example:
      iop validate scenarios/matrix-evening.json
    """
    try:
        loaded, notices = read_scenario(scenario)
    except WrongFile as wrong:
        if not as_json:
            raise
        faults = [{"place": f.place, "message": f.message} for f in wrong.faults]
        out_json({"valid": False, "faults": faults, "notices": []})
        raise typer.Exit(Code.WRONG) from None
    if as_json:
        said = [{"place": n.place, "message": n.message} for n in notices]
        out_json({"valid": True, "faults": [], "notices": said})
    else:
        out("\n".join([_contents(loaded), *(printable(f"note: {n}") for n in notices)]))


def _contents(scenario: Scenario) -> str:
    from .. import report

    active = sum(1 for p in scenario.patients if p.status == "active")
    parts = [
        report.count(active, "patient"),
        f"{len(scenario.patients) - active} waiting",
        report.count(len(scenario.therapists), "therapist"),
        report.count(len(scenario.rooms), "room"),
        report.count(len(scenario.groups), "group"),
    ]
    start = report.long_date(scenario.week_start)
    return printable(f"{scenario.name}, week of {start}: valid; {', '.join(parts)}.")


def schema(
    schedule: Annotated[bool, typer.Option("--schedule", help="Of a schedule file.")] = False,
    result: Annotated[bool, typer.Option("--result", help="Of a result file.")] = False,
) -> None:
    """Print the JSON Schema of a scenario file, or of a schedule or result file.

    \b
    Example:
      iop schema > scenario.schema.json
    """
    from . import schemas

    if schedule and result:
        raise UsageFault("--schedule and --result ask for two schemas; one is printed")
    if schedule:
        out_json(schemas.schedule_schema())
    else:
        out_json(schemas.result_schema() if result else schemas.scenario_schema())
