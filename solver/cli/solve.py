"""`iop solve`: the best week that can be found in the time there is."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

import math
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from .options import LARGEST_SEED, AsJson, ScenarioFile
from .terminal import (
    STANDARD_STREAM,
    Code,
    UsageFault,
    must_be_writable,
    note,
    out,
    out_json,
    read_scenario,
    read_schedule,
    rendered,
    tell,
    write_json,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..result import Result
    from ..scenario import Scenario

T = TypeVar("T")
LONGEST_SECONDS = 7 * 24 * 3600
MOST_WORKERS = 1024
_HEADLINES = {
    "optimal": "the best schedule, proved tier by tier",
    "feasible": "a schedule; not every tier is proved best",
    "infeasible": "no schedule exists",
    "unknown": "no schedule was found in time, and none was ruled out",
}
_CODES = {
    "optimal": Code.DONE,
    "feasible": Code.DONE,
    "infeasible": Code.NO,
    "unknown": Code.UNDECIDED,
}


def solve(
    scenario: ScenarioFile,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the schedule here."),
    ] = None,
    result: Annotated[
        str | None,
        typer.Option("--result", metavar="FILE", help="Write status, tiers and bounds here."),
    ] = None,
    time_limit: Annotated[
        float, typer.Option("--time-limit", metavar="SECONDS", help="For the whole call.")
    ] = 60.0,
    start: Annotated[
        str | None,
        typer.Option("--start", metavar="FILE", help="A schedule to begin with and improve."),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            "--seed", metavar="N", min=0, max=LARGEST_SEED, help="Seed of everything random."
        ),
    ] = 0,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            max=MOST_WORKERS,
            help="Threads to use; as many as there are cores by default.",
        ),
    ] = None,
    reproducible: Annotated[
        bool,
        typer.Option("--reproducible", help="Same input, same seed, same answer; takes longer."),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing but errors (and --json).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find the best week, prove how good it is, check it, and write it.

    Progress goes to standard error. Ctrl-C stops early and gives the best schedule so far, checked
    and written; a second Ctrl-C leaves at once. Exit code 0 with a schedule, 1 when none exists, 3
    when none was found in time.

    \b
    Examples:
      iop solve scenarios/matrix-evening.json -o week.json --result result.json
      iop solve scenarios/matrix-evening.json --time-limit 300 --start week.json -o better.json
    """
    if not (math.isfinite(time_limit) and 0 < time_limit <= LONGEST_SECONDS):
        raise UsageFault(f"--time-limit {time_limit:g}: found no number of seconds above 0")
    _outputs_must_be_fine(scenario, start, output, result, as_json)
    week, notices = read_scenario(scenario)
    first = read_schedule(start, week) if start is not None else None
    if not quiet:
        tell(notices)

    from ..engine import solve as best_week
    from ..result import Settings
    from ..tiers import tiers_of
    from .progress import shown_progress

    settings = Settings(
        time_limit=time_limit, seed=seed, workers=workers, reproducible=reproducible
    )
    with shown_progress(len(tiers_of(week.policy)), quiet) as listener:
        answer = interruptible(
            lambda stop: best_week(week, settings, start=first, on_progress=listener, stop=stop),
            quiet,
        )
    _give_out(week, answer, output, result, quiet, as_json)
    raise typer.Exit(_CODES[answer.status])


def _outputs_must_be_fine(
    scenario: str, start: str | None, output: str | None, result: str | None, as_json: bool
) -> None:
    if scenario == start == STANDARD_STREAM:
        raise UsageFault("only one of SCENARIO and --start can be standard input")
    on_stdout = [output == STANDARD_STREAM, result == STANDARD_STREAM, as_json]
    if sum(on_stdout) > 1:
        raise UsageFault("only one of -o -, --result - and --json can be on standard output")
    if output is not None and output == result:
        raise UsageFault(f"-o and --result are both {output}; one would overwrite the other")
    if output is not None:
        must_be_writable(output, "-o", {"SCENARIO": scenario})
    if result is not None:
        must_be_writable(result, "--result", {"SCENARIO": scenario, "--start": start})


def interruptible(work: Callable[[threading.Event], T], quiet: bool) -> T:
    """What ``work`` returns; Ctrl-C or a request to terminate asks it to stop early.

    The work runs in a thread of its own, because a signal is only noticed between two steps of
    Python in the main thread, and a solver's step may take a minute.

    Raises:
        KeyboardInterrupt: a second Ctrl-C while it is stopping.
        Exception: whatever ``work`` raises.
    """
    stop = threading.Event()
    outcome: list[T] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(work(stop))
        except BaseException as error:  # raised again below, in the thread that asked
            failure.append(error)

    thread = threading.Thread(target=run, name="solve", daemon=True)
    with _asked_to_stop(stop, quiet):
        thread.start()
        while thread.is_alive():
            thread.join(0.1)
    if failure:
        raise failure[0]
    return outcome[0]


@contextmanager
def _asked_to_stop(stop: threading.Event, quiet: bool) -> Iterator[None]:
    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        if not quiet:
            note("Stopping; the best schedule so far is checked and given out.")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # A shell that starts a job in the background may have it ignore Ctrl-C; that stays so.
    heard = [n for n in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(n) != signal.SIG_IGN]
    before = {number: signal.signal(number, handle) for number in heard}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _give_out(
    scenario: Scenario,
    answer: Result,
    output: str | None,
    result: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    from ..io.files import dump

    document = answer.document()
    schedule = dump(answer.schedule) if answer.schedule is not None else None
    written: list[str] = []

    def write(path: str | None, content: Mapping[str, object] | None) -> None:
        if path is not None and content is not None:
            write_json(path, content)
            if path != STANDARD_STREAM:
                written.append(path)

    write(output, schedule)
    write(result, document)
    if as_json:
        out_json({**document, "schedule": schedule})
    elif not quiet:
        text = _summary(scenario, answer, brief=output in written)
        if written:
            text += f"\n\nWritten: {', '.join(written)}"
        # What stands on standard output for a machine is not mixed with words for a person.
        (note if STANDARD_STREAM in (output, result) else out)(text)
    if schedule is None and output not in (None, STANDARD_STREAM) and not quiet:
        note(f"{output} is not written: there is no schedule.")


def _summary(scenario: Scenario, answer: Result, brief: bool) -> str:
    """What came out, in words; ``brief`` where the schedule is in a file that can be looked at."""
    from rich.text import Text

    from .. import report
    from ..clinic import Clinic
    from . import tables

    clinic = Clinic(scenario)
    start = report.long_date(scenario.week_start)
    headline = (
        f"{scenario.name}, week of {start}: {_HEADLINES[answer.status]} ({answer.seconds:.1f} s)."
    )
    parts: list[RenderableType] = [tables.heading(headline)]
    parts += [tables.indented(reason) for reason in answer.reasons]
    if answer.schedule is not None:
        parts += [Text(sentence) for sentence in report.summary(clinic, answer.schedule)]
        tiers = [report.tier_sentence(clinic, tier, answer.goals) for tier in answer.tiers]
        parts += [Text(""), tables.numbered(tiers)]
        everyone = report.care(clinic, answer.schedule)
        short = sum(1 for c in everyone if c.is_short)
        if not brief:
            parts += tables.shortages(everyone)
        elif short:
            who = "patient is" if short == 1 else "patients are"
            parts += [Text(""), Text(f"{short} {who} short of something; iop check says of what.")]
    return rendered(*parts).rstrip("\n")
