"""`iop sweep`: a grid of changes, every cell solved, with what that tells about capacity."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

import threading
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
    note,
    out,
    out_json,
    printable,
    read_scenario,
    read_schedule,
    rendered,
    tell,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..sweep import Findings, Store, Sweep


def sweep(
    scenario: ScenarioFile,
    file: Annotated[
        str, typer.Argument(metavar="SWEEP", help="The sweep in a file (JSON): axes of changes.")
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="DIR", help="Keep all answers in this folder.")
    ],
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            metavar="SCHEDULE",
            help="A week of the scenario that every cell may begin with.",
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
    """Solve every combination of some changes: who is served at what cost, and what is scarce where.

    Answers are kept as they come. Ctrl-C or a crash loses only what is being solved: the same command
    goes on where it was, and what is known by then is written. The folder gets results.json,
    results.csv, two pictures (SVG), and for each cell the best week with its scenario. Exit code 3
    when a cell has no answer in the end.

    \b
    Example:
      iop sweep clinic.json sweep.json -o capacity --time-limit 30
    where sweep.json says, for instance:
      {"axes": [{"name": "Therapists", "change": "therapists to {n}", "from": 4, "to": 9},
                {"name": "Census", "change": "census to {n}", "values": [40, 60, 80]}]}
    """
    must_be_seconds(time_limit)
    if [scenario, file, base].count(STANDARD_STREAM) > 1:
        raise UsageFault("only one of the files can be standard input")
    week, notices = read_scenario(scenario)
    asked = _asked(file)
    first = read_schedule(base, week) if base is not None else None
    if not quiet:
        tell(notices)

    from ..result import Settings
    from ..sweep import OtherSweep, Store, cells_of, findings, run
    from .solve import interruptible

    cells = cells_of(week, asked)
    # One thread a solve, wherever it runs: with more, the same cell might come out differently.
    settings = Settings(time_limit=time_limit, seed=seed, workers=1, reproducible=reproducible)
    store = Store(folder_named(output), week, asked, settings, first)
    stopped = threading.Event()

    def work(stop: threading.Event) -> Findings:
        try:
            answers = run(cells, store, settings, pool, listener, stop, first)
            return findings(asked, cells, answers)
        finally:
            if stop.is_set():
                stopped.set()

    names = {cell.key: cell.made.name for cell in cells}
    try:
        with store.opened():
            jobs = store.folder / "jobs"
            with (
                opened_pool(cluster, workers, len(cells), jobs) as pool,
                shown_states(names, quiet) as listener,
            ):
                found = interruptible(work, quiet=True)
            store.save_findings(found)
            if stopped.is_set():
                kept = len(store.known(cells))
                note(f"Stopped: {kept} of {len(cells)} answers are kept; the same command goes on.")
                raise typer.Exit(Code.INTERRUPTED)
    except OtherSweep as error:
        raise UsageFault(f"-o {printable(output)}: {error}") from None
    _give_out(found, store, quiet, as_json)
    missing = sum(1 for c in found.cells if c.answer.status in ("unknown", "failed"))
    raise typer.Exit(Code.UNDECIDED if missing else Code.DONE)


def _asked(file: str) -> Sweep:
    from ..errors import FileFaults
    from ..io.asked import load_json
    from ..sweep import read_sweep

    try:
        return read_sweep(load_json(file))
    except FileFaults as error:
        raise WrongFile(printable(file), error.faults) from None


def _give_out(found: Findings, store: Store, quiet: bool, as_json: bool) -> None:
    if as_json:
        from ..sweep.findings import document

        out_json(document(found))
    elif not quiet:
        written = ", ".join(str(store.folder / name) for name in store.RESULTS)
        out(f"{_summary(found)}\n\nWritten: {printable(written)}")


def _summary(found: Findings) -> str:
    from rich.text import Text

    from ..sweep.findings import short_table
    from . import tables

    heads, rows = short_table(found)
    axes = len(found.sweep.axes)
    parts: list[RenderableType] = [
        tables.table(heads, rows, range(axes, len(heads) - 1)),
        Text(""),
    ]
    parts.append(tables.heading("One step more"))
    parts += [tables.indented(sentence) for sentence in _steps(found)]
    unit = "" if found.in_money else " hours on duty"
    parts += [Text(""), tables.heading("Most served for the least cost")]
    parts += [
        tables.indented(f"{c.cost:,.0f}{unit}: {c.served} served with {c.cell.made.name}")
        for c in found.frontier
    ]
    cut = sum(1 for c in found.cells if any(map(_is_cut, c.answer.reasons)))
    if cut:
        parts += [
            Text(""),
            Text(
                f"{cut} of {len(found.cells)} were cut by the clock before their work was done, so another "
                "time they may come out otherwise: give a longer --time-limit, or fewer --workers."
            ),
        ]
    return rendered(*parts).rstrip("\n")


def _is_cut(reason: str) -> bool:
    """Whether a reason says that the clock ended a solve that was to be repeatable."""
    return reason.startswith("cut by the clock")


def _steps(found: Findings) -> list[str]:
    """Where one step more of an axis certainly changes unmet care, or certainly does not."""
    out_ = []
    for number, axis in enumerate(found.sweep.axes):
        less = [c for c in found.cells if (d := c.next[number]) and d.verdict == "less"]
        same = [
            c for c in found.cells if (d := c.next[number]) and d.verdict in ("same", "at least")
        ]
        all_ = sum(1 for c in found.cells if c.next[number] is not None)
        if all_:
            open_ = all_ - len(less) - len(same)
            out_.append(
                f"{axis.name}: of {all_} steps up, {len(less)} certainly leave less care unmet, "
                f"{len(same)} certainly do not, {open_} are not decided."
            )
    return out_
