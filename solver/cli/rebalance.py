"""`iop rebalance`: this week from last week with the least change, and what each change is for."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from .diff import (
    AsTable,
    locks_of,
    outputs_must_be_fine,
    read_with_baseline,
    told_parts,
    write_outputs,
)
from .options import LARGEST_SEED, AsJson, ScenarioFile
from .solve import LONGEST_SECONDS, MOST_WORKERS, interruptible
from .terminal import (
    STANDARD_STREAM,
    Code,
    UsageFault,
    note,
    out,
    out_json,
    printable,
    rendered,
    tell,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..clinic import Clinic
    from ..rebalance.rebalancing import Rebalanced
    from ..schedule import Schedule

_HEADLINES = {
    "optimal": "rebalanced, proved tier by tier",
    "feasible": "rebalanced; not every tier is proved best",
    "infeasible": "no such schedule exists",
    "unknown": "no such schedule was found in time, and none was ruled out",
}
_CODES = {
    "optimal": Code.DONE,
    "feasible": Code.DONE,
    "infeasible": Code.NO,
    "unknown": Code.UNDECIDED,
}
MOST_POINTS = 1000


class WeekDay(StrEnum):
    """A day as files have it."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


def rebalance(
    scenario: ScenarioFile,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            metavar="SCHEDULE",
            help="The schedule people live by; the scenario's own baseline by default.",
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the new schedule here."),
    ] = None,
    follow_up: Annotated[
        str | None,
        typer.Option(
            "--scenario-out",
            metavar="FILE",
            help="Write the scenario with this baseline and these locks here.",
        ),
    ] = None,
    diff: Annotated[
        str | None,
        typer.Option("--diff", metavar="FILE", help="Write who must be told what here (JSON)."),
    ] = None,
    max_changes: Annotated[
        int | None,
        typer.Option(
            "--max-changes",
            metavar="N",
            min=0,
            help="Change at most N things that people had; 0 only adds.",
        ),
    ] = None,
    frozen_before: Annotated[
        WeekDay | None,
        typer.Option("--frozen-before", help="What the days before this one hold has happened."),
    ] = None,
    lock: Annotated[
        list[str] | None,
        typer.Option(
            "--lock",
            metavar="KEY=ID[,KEY=ID]",
            help="section=…, appointment=…, patient=…,group=… or therapist=…,day=…",
        ),
    ] = None,
    curve: Annotated[
        int | None,
        typer.Option(
            "--curve",
            metavar="N",
            min=0,
            max=MOST_POINTS,
            help="Also say what 0, 1, 2 … N changes would give.",
        ),
    ] = None,
    time_limit: Annotated[
        float, typer.Option("--time-limit", metavar="SECONDS", help="For the whole call.")
    ] = 60.0,
    seed: Annotated[
        int,
        typer.Option(
            "--seed", metavar="N", min=0, max=LARGEST_SEED, help="Seed of everything random."
        ),
    ] = 0,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=MOST_WORKERS, help="Threads to use; 2 by default."),
    ] = None,
    as_table: AsTable = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing but errors (and --json).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make this week from last week with the least change, and say who must be told what.

    Care comes first, then days that count, then admissions; among equally good weeks the one that
    changes least is taken, and where nothing can be made better nothing is changed. A change is one
    thing a patient had (a seat in a section, an appointment) that is not as it was; what is added is
    told but is no change. Exit code 1 where what is asked cannot be, e.g. with too few changes.

    \b
    Examples:
      iop rebalance clinic.json --baseline week.json -o next.json
      iop rebalance clinic.json --baseline week.json --frozen-before wed --max-changes 6 -o new.json
      iop rebalance clinic.json --lock section=cbt-1 --lock therapist=t03,day=tue --curve 10
    """
    if not (math.isfinite(time_limit) and 0 < time_limit <= LONGEST_SECONDS):
        raise UsageFault(f"--time-limit {time_limit:g}: found no number of seconds above 0")
    inputs = {"SCENARIO": scenario, "--baseline": baseline}
    outputs = {"-o": output, "--scenario-out": follow_up, "--diff": diff}
    outputs_must_be_fine(outputs, inputs, as_json)
    week, notices = read_with_baseline(scenario, baseline, locks_of(lock or []))
    if week.baseline is None:
        raise UsageFault("there is no baseline: name one with --baseline")
    if not quiet:
        tell(notices)

    from ..rebalance.rebalancing import Asked
    from ..rebalance.rebalancing import rebalance as rebalanced
    from ..result import Settings
    from ..tiers import tiers_of
    from ..timegrid import DAY_NUMBER
    from .progress import shown_progress

    asked = Asked(max_changes, DAY_NUMBER[frozen_before] if frozen_before else None, curve)
    settings = Settings(time_limit=time_limit, seed=seed, workers=workers)
    with shown_progress(len(tiers_of(week.policy)), quiet) as listener:
        answer = interruptible(
            lambda stop: rebalanced(week, settings, asked, on_progress=listener, stop=stop), quiet
        )
    _give_out(answer, outputs, as_table, quiet, as_json)
    raise typer.Exit(_CODES[answer.result.status])


def _give_out(
    answer: Rebalanced,
    outputs: Mapping[str, str | None],
    as_table: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    from ..clinic import Clinic
    from ..io.files import dump
    from ..report.diff import difference_document

    clinic = Clinic(answer.scenario)
    schedule = answer.result.schedule
    contents: dict[str, object] = {}
    if schedule is not None and answer.difference is not None:
        contents = {
            "-o": dump(schedule),
            "--scenario-out": dump(answer.scenario),
            "--diff": difference_document(clinic, answer.difference),
        }
    written = write_outputs(outputs, contents)
    if as_json:
        out_json(_document(clinic, answer, schedule))
    elif not quiet:
        text = _text(clinic, answer, as_table)
        if written:
            text += f"\n\nWritten: {', '.join(map(printable, written))}"
        (note if STANDARD_STREAM in outputs.values() else out)(text)


def _document(clinic: Clinic, answer: Rebalanced, schedule: Schedule | None) -> dict[str, object]:
    from ..io.files import dump
    from ..report.diff import difference_document
    from ..report.rebalance import curve_document, purchase_document

    return {
        **answer.result.document(),
        "changes": answer.changes if schedule is not None else None,
        "least_changes": answer.least,
        "difference": (
            None if answer.difference is None else difference_document(clinic, answer.difference)
        ),
        "bought": [purchase_document(clinic, b) for b in answer.bundles],
        "curve": curve_document(answer.curve),
        "schedule": None if schedule is None else dump(schedule),
    }


def _text(clinic: Clinic, answer: Rebalanced, as_table: bool) -> str:
    from rich.text import Text

    from .. import report
    from ..report.rebalance import curve_columns, curve_rows, purchase
    from . import tables

    result = answer.result
    start = report.long_date(clinic.scenario.week_start)
    headline = (
        f"{clinic.scenario.name}, week of {start}: {_HEADLINES[result.status]} "
        f"({result.seconds:.1f} s)."
    )
    parts: list[RenderableType] = [tables.heading(headline)]
    parts += [tables.indented(reason) for reason in result.reasons]
    if result.schedule is None or answer.difference is None:
        return rendered(*parts).rstrip("\n")
    if not answer.difference:
        parts.append(Text("Nothing can be made better by a change; all stays as it was."))
    changed = report.count(answer.changes, "thing")
    parts.append(Text(f"{changed} that people had changed; {answer.least} at least had to."))
    parts += [Text(sentence) for sentence in report.summary(clinic, result.schedule)]
    parts += [
        Text(""),
        tables.numbered([report.tier_sentence(clinic, t, result.goals) for t in result.tiers]),
    ]
    if answer.bundles:
        parts += [Text(""), tables.heading("What each change is for")]
        for number, bundle in enumerate(answer.bundles, 1):
            words = purchase(clinic, bundle)
            parts.append(Text(f"{number}. {words.title}"))
            said = [*words.gains, *words.reasons] or ["It goes with the rest of the week."]
            parts += [tables.indented(s) for s in said]
            parts += [tables.indented(f"– {m}") for m in words.moves]
    if answer.curve:
        rows = curve_rows(answer.curve)
        numbers = range(len(rows[0]) - 1) if rows else ()
        parts += [
            Text(""),
            tables.heading("What more or fewer changes would give"),
            tables.table(curve_columns(answer.curve), rows, numbers=numbers),
        ]
    parts += [Text(""), *told_parts(clinic, answer.difference, as_table)]
    return rendered(*parts).rstrip("\n")
