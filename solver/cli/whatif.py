"""`iop whatif`: a base and variants of it, side by side."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .batch import (
    Cluster,
    Quiet,
    Reproducible,
    Seed,
    TimeLimit,
    Workers,
    folder_named,
    must_be_seconds,
    opened_pool,
    shown_states,
)
from .options import AsJson, ScenarioFile
from .terminal import (
    STANDARD_STREAM,
    Code,
    UsageFault,
    WrongFile,
    out,
    out_json,
    printable,
    read_scenario,
    read_schedule,
    rendered,
    tell,
    width,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..scenario import Scenario
    from ..whatif import Asked, Column, Comparison

COLUMN = 20
"""Columns of the terminal that one variant needs."""


def whatif(
    scenario: ScenarioFile,
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="A what-if in a file (JSON): base and variants."),
    ] = None,
    change: Annotated[
        list[str] | None,
        typer.Option("--change", metavar="CHANGE", help="A change; several make one variant."),
    ] = None,
    variant: Annotated[
        list[str] | None,
        typer.Option(
            "--variant", metavar="NAME: CHANGE; …", help="A variant by name, with its changes."
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="SCHEDULE", help="The schedule that the base begins with."),
    ] = None,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep-week", help="Count every change of the base's week, and look for the fewest."
        ),
    ] = False,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="Keep scenario and week of the base (0) and each variant (1, 2 …) in this folder.",
        ),
    ] = None,
    time_limit: TimeLimit = 60.0,
    seed: Seed = 0,
    workers: Workers = None,
    cluster: Cluster = None,
    reproducible: Reproducible = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Compare the week as it is with the week after some changes, before paying for them.

    The base is solved, then every variant, beginning with the base's week. Goals come with the value
    found and what is proved at least; a difference that these leave open is said to be undecided.
    docs/what-if.md lists what can be said as a change. Exit code 0 with an answer, 1 when the base or
    a variant has no schedule at all, 3 when one was not decided in time.

    \b
    Examples:
      iop whatif clinic.json --change "remove therapist t03" --change "add room capacity=12"
      iop whatif clinic.json --variant "Evening: open thu 17:00-20:00 with t04" --variant "More: census +20%"
    """
    must_be_seconds(time_limit)
    if [scenario, base, file].count(STANDARD_STREAM) > 1:
        raise UsageFault("only one of the files can be standard input")
    kept = None if output is None else folder_named(output)
    week, notices = read_scenario(scenario)
    asked = _asked(file, change or [], variant or [])
    first = read_schedule(base, week) if base is not None else None
    if not quiet:
        tell(notices)

    from ..pool import cores, threads_each
    from ..result import Settings
    from ..whatif import compared, everything
    from .solve import interruptible

    made = everything(week, asked)
    names = {one.name: one.name for one in made}
    with opened_pool(cluster, workers, max(1, len(made) - 1)) as pool:
        # On another machine, or with the same answer asked for everywhere, a solve has one thread.
        anywhere = cluster is not None or reproducible
        settings = Settings(
            time_limit, seed, 1 if anywhere else threads_each(pool.at_once), reproducible
        )
        alone = settings if anywhere else replace(settings, workers=cores())
        with shown_states(names, quiet) as listener:
            comparison = interruptible(
                lambda stop: compared(made, settings, pool, first, listener, stop, keep, alone),
                quiet,
            )
    if kept is not None:
        _keep(kept, comparison)
    if as_json:
        from ..whatif.words import document

        out_json(document(comparison))
    else:
        out(_summary(week, comparison))
    raise typer.Exit(_code(comparison))


def _asked(file: str | None, changes: list[str], variants: list[str]) -> Asked:
    """What the command line asks; WrongFile or WhatIfFaults where it cannot be read."""
    from ..errors import FileFaults
    from ..io.asked import load_json
    from ..whatif import Asked, read_what_if, spoken

    if file is None and not changes and not variants:
        raise UsageFault("nothing is asked; say --change, --variant, or name a file")
    said = spoken(changes, variants)
    if file is None:
        return said
    try:
        asked = read_what_if(load_json(file))
    except FileFaults as error:
        raise WrongFile(printable(file), error.faults) from None
    return Asked((*asked.variants, *said.variants), asked.base)


def _keep(folder: Path, comparison: Comparison) -> None:
    """Each column's scenario and, where there is one, its week, in a folder of its number."""
    from ..io.files import save_json
    from ..jobfolder import private_folder

    private_folder(folder)
    for number, column in enumerate(comparison.columns):
        place = folder / str(number)
        private_folder(place)
        save_json(place / "scenario.json", column.answer.clinic.scenario)
        if column.answer.schedule is None:
            (place / "schedule.json").unlink(missing_ok=True)  # of an earlier call
        else:
            save_json(place / "schedule.json", column.answer.schedule)


def _code(comparison: Comparison) -> Code:
    statuses = {c.answer.status for c in comparison.columns}
    if "infeasible" in statuses:
        return Code.NO
    return Code.UNDECIDED if statuses & {"unknown", "failed"} else Code.DONE


def _summary(scenario: Scenario, comparison: Comparison) -> str:
    from rich.text import Text

    from .. import report
    from ..whatif.words import about, findings
    from . import tables

    start = report.long_date(scenario.week_start)
    parts: list[RenderableType] = [tables.heading(f"{scenario.name}, week of {start}: what if")]
    for column in comparison.columns:
        told = about(column)
        if told:
            parts += [Text(""), tables.heading(column.made.name)]
            parts += [tables.indented(sentence) for sentence in told]
    for part in _chunks(comparison):
        parts += [Text(""), _table(part)]
    for column in comparison.columns[1:]:
        parts += [Text(""), tables.heading(f"{column.made.name}, against the base")]
        parts += [tables.indented(sentence) for sentence in findings(column)]
    return rendered(*parts).rstrip("\n")


def _chunks(comparison: Comparison) -> list[Comparison]:
    """The comparison in parts that fit the terminal, each with the base."""
    from ..whatif import Comparison as Part

    fit = max(1, (width() - 2 * COLUMN) // COLUMN)
    base, *others = comparison.columns
    starts = range(0, max(1, len(others)), fit)
    return [Part((base, *others[i : i + fit])) for i in starts]


def _table(comparison: Comparison) -> RenderableType:
    from ..whatif.words import rows
    from . import tables

    names = [_name(column) for column in comparison.columns]
    return tables.table(["", *names], [[title, *cells] for title, cells in rows(comparison)])


def _name(column: Column) -> str:
    return column.made.name
