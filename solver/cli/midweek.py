"""`iop midweek`: what was attended stands; who can still reach the weekly minimum, and how."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import FileFaults
from .diff import AsTable, outputs_must_be_fine, told_parts, write_outputs
from .options import LARGEST_SEED, AsJson, ScenarioFile, ScheduleFile
from .solve import interruptible
from .terminal import (
    STANDARD_STREAM,
    Code,
    UsageFault,
    WrongFile,
    note,
    out,
    out_json,
    printable,
    read_week,
    rendered,
    tell,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..clinic import Clinic
    from ..midweek.attendance import Attendance
    from ..midweek.outlook import Midweek
    from ..schedule import Schedule


class Others(StrEnum):
    """What sessions that are over and not named were."""

    ATTENDED = "attended"
    MISSED = "missed"


def midweek(
    scenario: ScenarioFile,
    schedule: ScheduleFile,
    attended: Annotated[
        str, typer.Option("--attended", metavar="FILE", help="Who came to what (JSON or CSV).")
    ],
    until: Annotated[
        str | None,
        typer.Option(
            "--until",
            metavar="'DAY HH:MM'",
            help="What has ended by then is over; the end of the last session named by default.",
        ),
    ] = None,
    others: Annotated[
        Others | None,
        typer.Option("--others", help="Sessions that are over and not named; attended by default."),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write the week with the make-up sessions here."
        ),
    ] = None,
    follow_up: Annotated[
        str | None,
        typer.Option(
            "--scenario-out",
            metavar="FILE",
            help="Write the scenario in which what has happened is locked here.",
        ),
    ] = None,
    diff: Annotated[
        str | None,
        typer.Option("--diff", metavar="FILE", help="Write who must be told what here (JSON)."),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            "--seed", metavar="N", min=0, max=LARGEST_SEED, help="Seed of everything random."
        ),
    ] = 0,
    as_table: AsTable = False,
    as_json: AsJson = False,
) -> None:
    """Say whose weekly minimum is out of reach, and where the others can make up for what they missed.

    What was attended stands, what was missed is open again. Who can no longer reach the minimum is
    proved from the hours that remain, whatever the clinic did. The plan changes nobody else's week.
    Exit code 1 where somebody can no longer reach the weekly minimum.

    \b
    The attended file is JSON, or CSV with the heading
      patient,session,day,attended
    (docs/next-week.md has both forms in full).

    \b
    Examples:
      iop midweek clinic.json week.json --attended attended.csv --until "thu 12:00"
      iop midweek clinic.json week.json --attended attended.json -o rest.json
    """
    outputs: dict[str, str | None] = {"-o": output, "--scenario-out": follow_up, "--diff": diff}
    inputs = {"SCENARIO": scenario, "SCHEDULE": schedule, "--attended": attended}
    if [scenario, schedule, attended].count(STANDARD_STREAM) > 1:
        raise UsageFault("only one of the three files can be standard input")
    outputs_must_be_fine(outputs, inputs, as_json)
    clinic, week = read_week(scenario, schedule)
    known = _attendance(attended, clinic, week, until, others.value if others else None)

    from ..midweek.outlook import outlook

    answer = interruptible(
        lambda stop: outlook(
            clinic.scenario, week, known, seed, lambda said: note(f"  {said}"), stop
        ),
        quiet=False,
    )
    tell(answer.standing.notices)
    _give_out(answer, outputs, as_table, as_json)
    lost = any(o.course == "out_of_reach" for o in answer.outlooks)
    raise typer.Exit(Code.NO if lost else Code.DONE)


def _attendance(
    path: str, clinic: Clinic, week: Schedule, until: str | None, others: str | None
) -> Attendance:
    """What the attended file says; UsageFault or WrongFile with everything that is wrong."""
    from ..io import files
    from ..midweek.attendance import read_attendance
    from ..midweek.sessions import at, parse_until

    minute = None
    if until is not None:
        try:
            minute = parse_until(until)
        except ValueError as error:
            raise UsageFault(f"--until: {error}") from None
    title = "standard input" if path == STANDARD_STREAM else printable(path)
    try:
        content = files._read(path)
        is_json = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
        data = files.parse_json(content) if is_json else files._decoded(content)
        known = read_attendance(data, clinic, week, minute, others)
    except FileFaults as error:
        raise WrongFile(title, error.faults) from None
    if not known.until_given:
        note(
            f"note: taken as known until {at(known.until)}, the end of the last session named; "
            "--until says otherwise"
        )
    return known


def _give_out(
    answer: Midweek, outputs: Mapping[str, str | None], as_table: bool, as_json: bool
) -> None:
    from ..io.files import dump
    from ..report.diff import difference_document
    from ..report.midweek import outlook_document

    clinic = answer.standing.clinic
    written = write_outputs(
        outputs,
        {
            "-o": dump(answer.schedule),
            "--scenario-out": dump(answer.standing.scenario),
            "--diff": difference_document(clinic, answer.difference),
        },
    )
    if as_json:
        from ..midweek.sessions import at

        out_json(
            {
                "until": at(answer.standing.until),
                "patients": [outlook_document(clinic, o) for o in answer.outlooks],
                "violations": [
                    {"rule": v.rule, "subject": v.subject, "message": v.message}
                    for v in answer.violations
                ],
                "difference": difference_document(clinic, answer.difference),
                "schedule": dump(answer.schedule),
            }
        )
        return
    text = _text(clinic, answer, as_table)
    if written:
        text += f"\n\nWritten: {', '.join(map(printable, written))}"
    (note if STANDARD_STREAM in outputs.values() else out)(text)


def _text(clinic: Clinic, answer: Midweek, as_table: bool) -> str:
    from rich.text import Text

    from .. import report
    from ..midweek.sessions import at
    from ..report.midweek import TITLES, ordered, outlook_sentences, place_words
    from . import tables

    start = report.long_date(clinic.scenario.week_start)
    missed = sum(len(o.missed) for o in answer.outlooks)
    parts: list[RenderableType] = [
        tables.heading(
            f"{clinic.scenario.name}, week of {start}, as it stands {at(answer.standing.until)}: "
            f"{report.count(missed, 'session')} missed."
        )
    ]
    for course, people in ordered(answer.outlooks):
        parts += [Text(""), tables.heading(f"{TITLES[course]}: {len(people)}")]
        if course == "on_course":
            came_not = [p for p in people if p.missed]
            parts += [tables.indented(s) for p in came_not for s in outlook_sentences(clinic, p)]
            continue
        for seen in people:
            first, *rest = outlook_sentences(clinic, seen)
            parts.append(Text(printable(first)))
            parts += [tables.indented(s) for s in rest]
            parts += [
                tables.indented(f"{number}. {place_words(clinic, place)}")
                for number, place in enumerate(seen.places, 1)
            ]
    if answer.violations:
        parts += [Text(""), tables.heading("What was missed breaks rules")]
        parts += [tables.indented(str(v)) for v in answer.violations]
    parts += [Text(""), tables.heading("The plan, and who must be told what")]
    parts += told_parts(clinic, answer.difference, as_table)
    return rendered(*parts).rstrip("\n")
