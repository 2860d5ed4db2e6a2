"""`iop staff`: whom to hire, and when they work."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Annotated

import typer

from .options import LARGEST_SEED, AsJson, ScenarioFile
from .solve import LONGEST_SECONDS, MOST_WORKERS, interruptible
from .terminal import (
    STANDARD_STREAM,
    Code,
    UsageFault,
    WrongFile,
    must_be_writable,
    note,
    out,
    out_json,
    printable,
    read_scenario,
    read_schedule,
    rendered,
    tell,
    write_json,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..scenario import Scenario
    from ..staffing import Candidates, Plan, Point

SECONDS_BETWEEN_LINES = 2.0


def staff(
    scenario: ScenarioFile,
    candidates: Annotated[
        str,
        typer.Option(
            "--candidates", metavar="FILE", help="Who could be hired, when, at what cost."
        ),
    ],
    base: Annotated[
        str | None,
        typer.Option(
            "--base", metavar="SCHEDULE", help="A week of the clinic as it is, to begin with."
        ),
    ] = None,
    least_share: Annotated[
        int,
        typer.Option(
            "--from", metavar="PERCENT", min=1, max=100, help="Where the cost curve begins."
        ),
    ] = 80,
    step: Annotated[
        int, typer.Option("--step", metavar="PERCENT", min=1, max=100, help="And its steps.")
    ] = 5,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the fullest week here."),
    ] = None,
    hired: Annotated[
        str | None,
        typer.Option("--hired", metavar="FILE", help="Write the scenario with those hired here."),
    ] = None,
    time_limit: Annotated[
        float, typer.Option("--time-limit", metavar="SECONDS", help="For the whole call.")
    ] = 120.0,
    seed: Annotated[
        int,
        typer.Option("--seed", metavar="N", min=0, max=LARGEST_SEED, help="Seed of all chance."),
    ] = 0,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=1, max=MOST_WORKERS, help="Threads to use."),
    ] = None,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing but errors (and --json).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find whom to hire, and for which shifts, so that all care is given at least cost.

    Prints the least cost for each share of the care that is due, up to 100 %, with a bound below
    which nobody can do it. Progress goes to standard error; Ctrl-C stops early and gives the best so
    far. Exit code 0 when all care can be given, 1 when no candidates make that possible, 3 when it
    was not decided in time. The candidates' file is explained in docs/staffing-and-capacity.md.

    \b
    Example:
      iop staff scenarios/short-staffed.json --candidates candidates.json --hired with-them.json
    """
    if not (math.isfinite(time_limit) and 0 < time_limit <= LONGEST_SECONDS):
        raise UsageFault(f"--time-limit {time_limit:g}: found no number of seconds above 0")
    if [scenario, candidates, base].count(STANDARD_STREAM) > 1:
        raise UsageFault("only one of SCENARIO, --candidates and --base can be standard input")
    inputs = {"SCENARIO": scenario, "--candidates": candidates, "--base": base}
    _outputs_must_be_fine(inputs, output, hired, as_json)
    week, notices = read_scenario(scenario)
    first = read_schedule(base, week) if base is not None else None
    people = _read(candidates, week)
    if not quiet:
        tell(notices)

    from ..pool import LocalPool
    from ..result import Settings
    from ..staffing import in_children
    from ..staffing import staff as search

    shares = [percent / 100 for percent in (*range(least_share, 100, step), 100)]
    settings = Settings(time_limit=time_limit, seed=seed, workers=workers)
    say = Lines(quiet).say
    with LocalPool(1) as pool:
        plan = interruptible(
            lambda stop: search(
                people,
                settings,
                shares=shares,
                tell=say,
                stop=stop,
                ask=in_children(pool),
                start=first,
            ),
            quiet,
        )
    _give_out(plan, output, hired, quiet, as_json)
    last = plan.points[-1]
    if last.schedule is None:
        raise typer.Exit(Code.NO if last.impossible else Code.UNDECIDED)


def _outputs_must_be_fine(
    inputs: dict[str, str | None], output: str | None, hired: str | None, as_json: bool
) -> None:
    if sum((output == STANDARD_STREAM, hired == STANDARD_STREAM, as_json)) > 1:
        raise UsageFault("only one of -o -, --hired - and --json can be on standard output")
    if output is not None and output == hired:
        raise UsageFault(f"-o and --hired are both {output}; one would overwrite the other")
    for option, path in (("-o", output), ("--hired", hired)):
        if path is not None:
            must_be_writable(path, option, inputs)


def _read(path: str, scenario: Scenario) -> Candidates:
    from ..errors import FileFaults
    from ..io.asked import load_json
    from ..staffing import read_candidates

    try:
        return read_candidates(load_json(path), scenario)
    except FileFaults as error:
        title = "standard input" if path == STANDARD_STREAM else printable(path)
        raise WrongFile(title, error.faults) from None


class Lines:
    """Says where a search stands, a plain line at a time, no faster than anybody reads."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.began = time.monotonic()
        self.last_at, self.last_said = -SECONDS_BETWEEN_LINES, ""

    def say(self, text: str) -> None:
        """One line, unless the last one was a moment ago or said the same."""
        now = time.monotonic() - self.began
        soon = now - self.last_at < SECONDS_BETWEEN_LINES
        if not (self.quiet or soon or text == self.last_said):
            self.last_at, self.last_said = now, text
            note(f"{now:6.1f} s  {text}")


def _give_out(
    plan: Plan, output: str | None, hired: str | None, quiet: bool, as_json: bool
) -> None:
    from ..io.files import dump

    fullest = next((point for point in reversed(plan.points) if point.schedule is not None), None)
    written = []
    if fullest is not None and fullest.schedule is not None:
        for path, content in ((output, fullest.schedule), (hired, plan.scenario(fullest))):
            if path is not None:
                write_json(path, dump(content))
                written += [path] if path != STANDARD_STREAM else []
    if as_json:
        out_json(plan.document())
    elif not quiet:
        text = rendered(*_text(plan, fullest)).rstrip("\n")
        if written:
            text += f"\n\nWritten: {', '.join(written)}"
        (note if STANDARD_STREAM in (output, hired) else out)(text)


def _text(plan: Plan, fullest: Point | None) -> list[RenderableType]:
    from rich.text import Text

    from .. import report
    from . import tables

    name = plan.candidates.scenario.name
    parts: list[RenderableType] = [
        tables.heading(f"{name}: the cost of care, in a week ({plan.seconds:.1f} s)"),
        Text(_verdict(plan)),
    ]
    if plan.short_alone:
        count = report.count(len(plan.short_alone), "patient")
        names = ", ".join(map(printable, plan.short_alone))
        parts.append(
            Text(
                f"{count} would be short whoever worked here, because their own hours and limits and the "
                f"times of the groups allow no more; this is left out of the shares: {names}."
            )
        )
    parts.append(Text(""))
    rows = [
        (
            f"{point.share * 100:.4g} %",
            _cost(point.cents),
            "impossible" if point.impossible else _cost(point.bound),
            "yes" if point.proved else "",
            f"{point.served} of {point.patients}" if point.schedule else "",
            "; ".join(plan.candidates.sentences(point.chosen))
            or ("nobody" if point.schedule else ""),
        )
        for point in plan.points
    ]
    columns = ("Care given", "Cost found", "At least", "Proved", "Fully served", "Whom")
    parts.append(tables.table(columns, rows, numbers=range(5)))
    if fullest is not None and fullest.chosen:
        parts += [Text(""), tables.heading(f"For {fullest.share * 100:.4g} % of the care")]
        sentences = plan.candidates.sentences(fullest.chosen)
        parts += [tables.indented(f"{s[:1].upper()}{s[1:]}.") for s in sentences]
    return parts


def _verdict(plan: Plan) -> str:
    last, share = plan.points[-1], f"{plan.best_share * 100:.4g} %"
    care = "all care that patients' hours allow" if plan.short_alone else "all care that is due"
    whole = care.capitalize()
    if last.proved and not last.cents:
        return f"{whole} is given without hiring anybody."
    if last.proved:
        return f"{whole} costs {_cost(last.cents)} a week; nobody can do it for less."
    if last.schedule is not None:
        return f"{whole} costs {_cost(last.cents)} a week at most and {_cost(last.bound)} at least."
    if last.impossible:
        return f"Even with everybody hired, not {care} can be given: {share} is the most that was found."
    return f"No week with {care} was found in time, and none was ruled out; {share} was found."


def _cost(cents: int | None) -> str:
    return "" if cents is None else f"{cents / 100:,.2f}".removesuffix(".00")
