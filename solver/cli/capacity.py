"""`iop capacity`: how many patients a clinic can take."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from .options import LARGEST_SEED, AsJson, ScenarioFile
from .solve import LONGEST_SECONDS, MOST_WORKERS, interruptible
from .staff import Lines
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

    from ..capacity import Capacity
    from ..scenario import Scenario


def capacity(
    scenario: ScenarioFile,
    mix: Annotated[
        str | None,
        typer.Option(
            "--mix",
            metavar="FILE",
            help='Programs of newcomers by share, e.g. {"iop": 3, "php": 1}; as now by default.',
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--base", metavar="SCHEDULE", help="A week of the clinic as it is, to begin with."
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write the week of the fullest census."
        ),
    ] = None,
    census: Annotated[
        str | None,
        typer.Option("--census", metavar="FILE", help="Write the scenario with that census here."),
    ] = None,
    time_limit: Annotated[
        float, typer.Option("--time-limit", metavar="SECONDS", help="For the whole call.")
    ] = 120.0,
    seed: Annotated[
        int,
        typer.Option(
            "--seed", metavar="N", min=0, max=LARGEST_SEED, help="Seed of the order of patients."
        ),
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
    """Find the most patients that the clinic can take with everybody fully served.

    Newcomers are like patients who are here, drawn in a seeded order; a larger census has everybody of
    a smaller one. Says how many can be served, above what number it is proved impossible, and what
    would let the next one in. Progress goes to standard error; Ctrl-C stops early and gives what is known.
    Exit code 0 when the number is proved, 3 when a range is left.

    \b
    Examples:
      iop capacity scenarios/matrix-evening.json
      iop capacity clinic.json --base week.json --mix mix.json
      iop capacity scenarios/community-60.json --seed 3 --time-limit 600 --census full.json -o week.json
    """
    if not (math.isfinite(time_limit) and 0 < time_limit <= LONGEST_SECONDS):
        raise UsageFault(f"--time-limit {time_limit:g}: found no number of seconds above 0")
    if [scenario, mix, base].count(STANDARD_STREAM) > 1:
        raise UsageFault("only one of SCENARIO, --mix and --base can be standard input")
    if sum((output == STANDARD_STREAM, census == STANDARD_STREAM, as_json)) > 1:
        raise UsageFault("only one of -o -, --census - and --json can be on standard output")
    if output is not None and output == census:
        raise UsageFault(f"-o and --census are both {output}; one would overwrite the other")
    for option, path in (("-o", output), ("--census", census)):
        if path is not None:
            must_be_writable(path, option, {"SCENARIO": scenario, "--mix": mix, "--base": base})
    week, notices = read_scenario(scenario)
    shares = None if mix is None else _shares(mix, week)
    first = read_schedule(base, week) if base is not None else None
    if not quiet:
        tell(notices)

    from ..capacity import capacity as search
    from ..pool import LocalPool
    from ..result import Settings
    from ..staffing import in_children

    settings = Settings(time_limit=time_limit, seed=seed, workers=workers)
    say = Lines(quiet).say
    with LocalPool(1) as pool:
        answer = interruptible(
            lambda stop: search(
                week,
                settings,
                mix=shares,
                tell=say,
                stop=stop,
                ask=in_children(pool),
                start=first,
            ),
            quiet,
        )
    _give_out(answer, output, census, quiet, as_json)
    if not answer.proved:
        raise typer.Exit(Code.UNDECIDED)


def _shares(path: str, scenario: Scenario) -> dict[str, float]:
    """The mix in a file; WrongFile with every fault."""
    from ..errors import Fault, FileFaults
    from ..io.asked import load_json
    from ..validation.wording import found, nearest, quoted

    title = "standard input" if path == STANDARD_STREAM else printable(path)
    try:
        data = load_json(path)
    except FileFaults as error:
        raise WrongFile(title, error.faults) from None
    if not isinstance(data, dict) or not data:
        text = f"found {found(data)}; an object {{ program: share, … }} is expected"
        raise WrongFile(title, [Fault("", text)])
    known = [p.id for p in scenario.programs]
    faults = []
    for program, share in data.items():
        if program not in known:
            guess = nearest(program, known)
            hint = f"; did you mean {quoted(guess)}?" if guess else ""
            faults.append(Fault(program, f"no program {quoted(program)}{hint}"))
        number = isinstance(share, (int, float)) and not isinstance(share, bool)
        if not number or not 0 <= share <= 1_000_000:
            faults.append(Fault(program, f"found {found(share)}; a share of 0 or more is expected"))
    if not faults and not sum(data.values()):
        faults.append(Fault("", "the shares add up to 0; one at least is more"))
    if faults:
        raise WrongFile(title, faults)
    return {program: float(share) for program, share in data.items()}


def _give_out(
    answer: Capacity, output: str | None, census: str | None, quiet: bool, as_json: bool
) -> None:
    from ..io.files import dump

    written = []
    for path, content in ((output, answer.schedule), (census, answer.census)):
        if path is not None and content is not None:
            write_json(path, dump(content))
            written += [path] if path != STANDARD_STREAM else []
    if as_json:
        out_json(answer.document())
    elif not quiet:
        text = rendered(*_text(answer)).rstrip("\n")
        if written:
            text += f"\n\nWritten: {', '.join(written)}"
        (note if STANDARD_STREAM in (output, census) else out)(text)


def _text(answer: Capacity) -> list[RenderableType]:
    from rich.text import Text

    from .. import report
    from . import tables

    name, here = answer.scenario.name, report.count(answer.here, "patient")
    parts: list[RenderableType] = [
        tables.heading(f"{name}: {here} in treatment now ({answer.seconds:.1f} s)"),
        Text(_verdict(answer)),
    ]
    if answer.own:
        who = report.count(len(answer.own), "patient")
        names = ", ".join(map(printable, answer.own))
        parts.append(
            Text(
                f"Of these, {who} would be short whoever worked here, because their own hours and "
                f"limits and the times of the groups allow no more; that counts against no census: {names}."
            )
        )
    if answer.short:
        parts += [Text(""), tables.heading(f"With {report.count(answer.larger or 0, 'patient')}")]
        parts += [tables.indented(sentence) for sentence in answer.short]
    if answer.reliefs:
        words = {True: "yes", False: "no", None: "not found in time"}
        rows = [(r.what, words[r.helps]) for r in answer.reliefs]
        parts += [Text(""), tables.table(("With", f"All {answer.larger} are served"), rows)]
    return parts


def _verdict(answer: Capacity) -> str:
    from ..report import count

    if answer.served is None:
        return "No legal week was found in time, whatever the census."
    if answer.served == 0 and not answer.proved:
        return "No census was found in time that can be fully served."
    served = count(answer.served, "patient")
    how = "served as far as their own hours allow" if answer.own else "fully served"
    if answer.proved:
        return f"{served} can be {how}; one more is proved impossible."
    if answer.most is None:
        return f"{served} can be {how}, perhaps more: nothing larger was ruled out in time."
    return f"{served} can be {how}, and more than {answer.most:,} are proved impossible."
