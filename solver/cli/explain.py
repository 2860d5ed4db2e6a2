"""`iop explain`: why someone is short, why nothing fits, why a session is where it is."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

import math
import shlex
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .options import AsJson, ScenarioFile
from .solve import LONGEST_SECONDS, interruptible
from .terminal import (
    Code,
    UsageFault,
    note,
    out,
    out_json,
    read_scenario,
    read_week,
    rendered,
    tell,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..clinic import Clinic
    from ..explain.board import Board
    from ..explain.short import Short
    from ..scenario import Scenario
    from ..schedule import Schedule

WORKED = 0.95
"""Share of the time limit in which changes are tried; the rest is for reading and telling."""
_CODES = {"possible": Code.DONE, "impossible": Code.NO, "unknown": Code.UNDECIDED}


def explain(
    scenario: ScenarioFile,
    schedule: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCHEDULE]",
            help="A schedule of it (JSON); without one: why there is none.",
            show_default=False,
        ),
    ] = None,
    patient: Annotated[
        list[str] | None,
        typer.Option("--patient", metavar="ID", help="Only this patient; may stand several times."),
    ] = None,
    why: Annotated[
        str | None,
        typer.Option("--why", metavar="ID", help="Why this section or appointment is where it is."),
    ] = None,
    move: Annotated[
        str | None,
        typer.Option("--move", metavar="MOVE", help='Judge a move, e.g. "process-eve tue 18:00".'),
    ] = None,
    time_limit: Annotated[
        float, typer.Option("--time-limit", metavar="SECONDS", help="For the whole call.")
    ] = 60.0,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show no progress on standard error.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say why: who is short and what would help, why nothing fits, why a session is where it is.

    With a schedule: for everyone short of hours, sessions or days, what stands in the way and the
    smallest changes that would help, each tried. --why shows where else a session could be and what
    it would cost; --move judges one move (exit code 1 when it is not possible). Without a schedule:
    the smallest set of facts that leaves none (exit code 1), and what giving up each would bring.

    \b
    Examples:
      iop explain scenarios/short-staffed.json week.json --patient p09
      iop explain scenarios/matrix-evening.json week.json --why process-eve-1
      iop explain scenarios/matrix-evening.json week.json --move "process-eve-1 tue 18:00"
      iop explain scenarios/short-staffed.json
    """
    if not (math.isfinite(time_limit) and 0 < time_limit <= LONGEST_SECONDS):
        raise UsageFault(f"--time-limit {time_limit:g}: found no number of seconds above 0")
    asked = [
        name for name, value in (("--patient", patient), ("--why", why), ("--move", move)) if value
    ]
    if len(asked) > 1:
        raise UsageFault(f"{' and '.join(asked)} ask different things; name one of them")
    if schedule is None:
        if asked:
            raise UsageFault(f"{asked[0]} asks about a schedule; name its file after the scenario")
        loaded, notices = read_scenario(scenario)
        if not quiet:
            tell(notices)
        raise typer.Exit(_nothing(loaded, time_limit, quiet, as_json))
    clinic, week = read_week(scenario, schedule)
    _warn(clinic, week)
    if why is not None:
        _here(clinic, week, why, as_json)
    elif move is not None:
        raise typer.Exit(_move(clinic, week, move, as_json))
    else:
        _short(clinic, week, patient, time_limit, quiet, as_json)


def _warn(clinic: Clinic, week: Schedule) -> None:
    from .. import report
    from ..checker import check

    if violations := check(clinic, week):
        broken = report.count(len(report.broken_rules(violations)), "rule")
        note(f"note: this schedule breaks {broken}; iop check names every violation")


def _lines(lines: Sequence[tuple[int, str]]) -> str:
    """Lines set in by their level; what stands furthest left is a heading where more follows."""
    from rich.padding import Padding
    from rich.text import Text

    from . import tables
    from .terminal import printable

    parts: list[RenderableType] = []
    for index, (level, text) in enumerate(lines):
        heads = not level and index + 1 < len(lines) and lines[index + 1][0] > 0
        line = tables.heading(text) if heads else Text(printable(text))
        parts.append(Padding(line, (0, 0, 0, 2 * level)) if level else line)
    return rendered(*parts)


# -- why nothing fits -----------------------------------------------------------------------------


def _nothing(scenario: Scenario, seconds: float, quiet: bool, as_json: bool) -> Code:
    from ..explain.nothing import why_nothing
    from ..explain.wording.nothing import lines

    def say(at: float, what: str) -> None:
        if not quiet:
            note(f"{at:6.1f} s  {what}")

    found = interruptible(
        lambda stop: why_nothing(scenario, seconds=seconds, on_step=say, stop=stop), quiet
    )
    if as_json:
        out_json({"scenario": scenario.name, **found.document(), "lines": lines(found)})
    else:
        out(_lines(lines(found)))
    return _CODES[found.status]


# -- why someone is short -------------------------------------------------------------------------


def _short(
    clinic: Clinic,
    week: Schedule,
    patients: list[str] | None,
    seconds: float,
    quiet: bool,
    as_json: bool,
) -> None:
    from .. import report
    from ..explain.remedies import COSTS
    from ..explain.short import why_short
    from ..explain.wording.short import lines

    for who in patients or ():
        try:
            report.find_subject(clinic, who, "patient")
        except LookupError as error:
            raise UsageFault(f"--patient: {error.args[0]}") from None

    def say(at: float, number: int, total: int, who: str) -> None:
        if not quiet:
            note(f"{at:6.1f} s  {who}, {number} of {total}")

    def work(stop: threading.Event) -> list[Short]:
        found = []
        for one in why_short(
            clinic, week, patients, seconds=WORKED * seconds, on_patient=say, stop=stop
        ):
            found.append(one)
            if not as_json:
                out(_lines(lines(one)) + "\n")
        return found

    found = interruptible(work, quiet)
    told = {one.care.patient.id for one in found}
    rest = [c for c in report.care(clinic, week) if c.patient.id in set(patients or ()) - told]
    if as_json:
        costs = {
            kind: {"points": p.fixed, "each": p.each, "unit": p.unit} for kind, p in COSTS.items()
        }
        document = {
            "scenario": clinic.scenario.name,
            "patients": [one.document() for one in found],
            "not_short": [c.patient.id for c in rest],
            "costs": costs,
        }
        out_json(document)
        return
    for c in rest:
        out(rendered_line(c.sentence()))
    if not found and not rest:
        out("Nobody is short of hours, sessions or days.")


def rendered_line(text: str) -> str:
    """One sentence as wide as the terminal."""
    return _lines([(0, text)])


# -- why here -------------------------------------------------------------------------------------


def _here(clinic: Clinic, week: Schedule, ref: str, as_json: bool) -> None:
    from ..explain.asking import NotUnderstood, subject
    from ..explain.board import Board
    from ..explain.here import why_here
    from ..explain.wording.here import why_here as lines

    board = Board(clinic, week)
    try:
        _, ref = subject(board, ref, patients=False)
    except NotUnderstood as error:
        raise UsageFault(f"--why: {error}") from None
    found = why_here(board, ref)
    if as_json:
        out_json({**found.document(), "lines": lines(board, found)})
    else:
        out(_lines(lines(board, found)))


def _move(clinic: Clinic, week: Schedule, text: str, as_json: bool) -> Code:
    from ..explain.asking import NotUnderstood, parse_move
    from ..explain.board import Board
    from ..explain.here import judge
    from ..explain.wording.here import verdict

    board = Board(clinic, week)
    try:
        asked = parse_move(board, text)
    except NotUnderstood as error:
        raise UsageFault(f"--move: {error}") from None
    judged = judge(board, asked)
    told = verdict(board.names, judged, _title(board, text))
    if as_json:
        out_json({**judged.document(), "lines": told})
    else:
        out(_lines(told))
    return Code.DONE if judged.is_legal else Code.NO


def _title(board: Board, text: str) -> str:
    """What is moved, to stand before where it goes; a member's move names itself."""
    from ..explain.asking import subject

    kind, ref = subject(board, shlex.split(text)[0])
    return "" if kind == "patient" else f"{board.names.title(ref)} to "
