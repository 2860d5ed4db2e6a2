"""`iop next`: next week's scenario from this week's and its schedule."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Fault, FileFaults
from .diff import outputs_must_be_fine, parsed_json
from .options import AsJson, ScenarioFile, ScheduleFile
from .terminal import (
    STANDARD_STREAM,
    UsageFault,
    WrongFile,
    note,
    out,
    out_json,
    printable,
    read_week,
    rendered,
    write_json,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..rollforward.rolling import Rolled


def next_week(
    scenario: ScenarioFile,
    schedule: ScheduleFile,
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="Write next week's scenario here."),
    ],
    discharge: Annotated[
        list[str] | None,
        typer.Option("--discharge", metavar="ID", help="A patient who leaves; may be repeated."),
    ] = None,
    admit: Annotated[
        list[str] | None,
        typer.Option(
            "--admit",
            metavar="FILE",
            help="A new patient, or a list of them, as in a scenario (JSON); may be repeated.",
        ),
    ] = None,
    start: Annotated[
        list[str] | None,
        typer.Option(
            "--start",
            metavar="ID",
            help="Somebody on the waiting list who starts; may be repeated.",
        ),
    ] = None,
    level: Annotated[
        list[str] | None,
        typer.Option(
            "--level", metavar="ID=PROGRAM", help="A patient steps down or up; may be repeated."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make next week's scenario: this schedule is its baseline, and dates and people move on.

    Substitutes, cancellations and absences were of this week only. Expired credentials are taken
    out, passed dates dropped, patients admitted from the waiting list made active, authorizations
    reduced by what was used. Locks that hold nothing any more are dropped. All of it is told.

    \b
    Examples:
      iop next clinic.json week.json -o next.json
      iop next clinic.json week.json --discharge p07 --level p12=step-down --admit new.json -o next.json
    """
    inputs: dict[str, str | None] = {"SCENARIO": scenario, "SCHEDULE": schedule}
    inputs |= {"--admit": next(iter(admit or ()), None)}
    if [scenario, schedule, *(admit or ())].count(STANDARD_STREAM) > 1:
        raise UsageFault("only one of the files that are read can be standard input")
    outputs_must_be_fine({"-o": output}, inputs, as_json)
    clinic, week = read_week(scenario, schedule)

    from ..rollforward.rolling import Asked, AskedWrong
    from ..rollforward.rolling import next_week as rolled_on

    levels, wrong = _levels(level or ())
    asked = Asked(tuple(discharge or ()), tuple(_admitted(admit or ())), levels, tuple(start or ()))
    try:
        rolled = rolled_on(clinic.scenario, week, asked)
    except AskedWrong as error:
        raise UsageFault("\nerror: ".join([*wrong, *map(str, error.faults)])) from None
    if wrong:
        raise UsageFault("\nerror: ".join(wrong))
    _give_out(rolled, output, as_json)


def _admitted(paths: Sequence[str]) -> list[tuple[str, Mapping[str, object]]]:
    """New patients: a file holds one, a list of them, or an object with ``patients``."""
    out: list[tuple[str, Mapping[str, object]]] = []
    for path in paths:
        title = "standard input" if path == STANDARD_STREAM else printable(path)
        data = parsed_json(path)
        entries = data.get("patients") if isinstance(data, dict) and "patients" in data else data
        listed = entries if isinstance(entries, list) else [entries]
        faults = []
        for number, entry in enumerate(listed):
            place = f"[{number}]" if isinstance(entries, list) else ""
            if isinstance(entry, dict):
                out.append((f"{title}{place}", entry))
            else:
                faults.append(Fault(place, "a patient is an object { … } as in a scenario"))
        if faults:
            raise WrongFile(title, faults)
    return out


def _levels(written: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """Patient -> program, and what is wrong with how it is written."""
    out: dict[str, str] = {}
    wrong = []
    for text in written:
        patient, found, program = text.partition("=")
        if not (found and patient and program):
            wrong.append(f"--level {printable(text)}: ID=PROGRAM is expected, e.g. p12=step-down")
        elif patient in out:
            wrong.append(f"--level {printable(text)}: {printable(patient)} has another level above")
        else:
            out[patient] = program
    return out, wrong


def _give_out(rolled: Rolled, output: str, as_json: bool) -> None:
    from rich.text import Text

    from .. import report
    from ..io.files import dump
    from . import tables

    try:
        write_json(output, dump(rolled.scenario))
    except FileFaults as error:
        raise WrongFile(output, error.faults) from None
    said = [{"place": n.place, "message": n.message} for n in rolled.notices]
    if as_json:
        out_json({"week_start": rolled.scenario.week_start.isoformat(), "notices": said})
        return
    start = report.long_date(rolled.scenario.week_start)
    active = sum(1 for p in rolled.scenario.patients if p.status == "active")
    waiting = len(rolled.scenario.patients) - active
    parts: list[RenderableType] = [
        tables.heading(f"{rolled.scenario.name}, week of {start}"),
        Text(
            f"{report.count(active, 'patient')}, {waiting} waiting; everybody's week is the baseline."
        ),
    ]
    parts += [tables.indented(str(n)) for n in rolled.notices]
    text = rendered(*parts).rstrip("\n")
    if output == STANDARD_STREAM:
        note(text)
    else:
        out(f"{text}\n\nWritten: {printable(output)}")
