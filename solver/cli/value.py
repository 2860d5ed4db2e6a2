"""`iop value`: what one more therapist half-day, room, seat, section or hour would give."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from .batch import Quiet, Seed, Workers, must_be_seconds, opened_pool
from .options import AsJson, ScenarioFile
from .terminal import (
    STANDARD_STREAM,
    Code,
    UsageFault,
    note,
    out,
    out_json,
    read_scenario,
    read_schedule,
    rendered,
    tell,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..pool import State
    from ..value import Row, Value

AT_ONCE = 2
_CODES = {"infeasible": Code.NO, "unknown": Code.UNDECIDED, "failed": Code.UNDECIDED}


def value(
    scenario: ScenarioFile,
    schedule: Annotated[
        str | None,
        typer.Argument(metavar="[SCHEDULE]", help="The week as it is; without one it is solved."),
    ] = None,
    time_limit: Annotated[
        float, typer.Option("--time-limit", metavar="SECONDS", help="For the whole command.")
    ] = 120.0,
    top: Annotated[int, typer.Option("--top", min=1, help="How many additions to show.")] = 12,
    seed: Seed = 0,
    workers: Workers = None,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Rank single additions by what they would give: staff, rooms, seats, sections, opening hours.

    Each is tried by solving the week with it, beginning with the week as it is. The table says what was
    found in a week that the checker passed, how much care no week with the addition exceeds (at most),
    and below it which resource runs out first in each part of the day. Progress goes to standard error;
    Ctrl-C stops early and gives what was tried. Exit code 0 with an answer, 1 when the week has no
    schedule at all, 3 when none was found in time.

    \b
    Examples:
      iop value scenarios/short-staffed.json
      iop value scenarios/short-staffed.json week.json --time-limit 300
    """
    must_be_seconds(time_limit)
    if scenario == schedule == STANDARD_STREAM:
        raise UsageFault("only one of the two files can be standard input")
    clinic_of, notices = read_scenario(scenario)
    week = read_schedule(schedule, clinic_of) if schedule is not None else None
    if not quiet:
        tell(notices)

    from ..value import value as worth
    from .solve import interruptible

    with opened_pool(None, workers or AT_ONCE, AT_ONCE if workers is None else workers) as pool:
        answer = interruptible(
            lambda stop: worth(
                clinic_of, week, pool, time_limit, seed, lambda title: _listener(title, quiet), stop
            ),
            quiet,
        )
    if as_json:
        out_json(answer.document())
    else:
        out(_text(answer, top))
    raise typer.Exit(_CODES.get(answer.status, Code.DONE) if answer.base is None else Code.DONE)


def _listener(title: str, quiet: bool) -> Callable[[State], None] | None:
    """Says now and then how far a round is."""
    if quiet:
        return None
    last = -1
    note(f"trying {title}")

    def show(state: State) -> None:
        nonlocal last
        if state.done != last:
            last = state.done
            failed = f", {state.failed} failed" if state.failed else ""
            note(f"  {state.done} of {state.all} solved{failed}")

    return show


def _text(answer: Value, top: int) -> str:
    from rich.text import Text

    from .. import report
    from . import tables

    when = report.long_date(answer.clinic.scenario.week_start)
    title = f"{answer.clinic.scenario.name}, week of {when}: what one more would give"
    parts: list[RenderableType] = [tables.heading(title)]
    parts += [Text(sentence) for sentence in answer.sentences()]
    if answer.skipped:
        parts.append(Text("A longer --time-limit tries more."))
    if answer.base is None:
        return rendered(*parts)
    if answer.rows:
        parts += [Text(""), tables.heading("Additions, the best first"), _table(answer.rows[:top])]
        parts.append(Text(_LEGEND))
    elif not answer.skipped:
        nothing = "No addition is worth a try: nobody who is short of care could use one."
        parts += [Text(""), Text(nothing)]
    if len(answer.rows) > top:
        more = report.count(len(answer.rows) - top, "more addition")
        parts.append(Text(f"{more} tried; --top shows them."))
    parts += [Text(""), tables.heading("What runs out first")]
    parts += [tables.indented(part.sentence()) for part in answer.parts]
    return rendered(*parts).rstrip("\n")


_LEGEND = (
    "All but the bounds was found in a week that was solved and checked. Care: minutes of due care "
    "and 60 for each due session, times the patient's priority, that are missing no longer; "
    "no week with the addition has more than at most."
)


def _table(rows: tuple[Row, ...]) -> RenderableType:
    from . import tables

    columns = [
        "", "Addition", "Served", "Hours", "Admitted", "Care", "at most", "Staff, h", "Cost",
    ]  # fmt: skip
    return tables.table(columns, [_cells(n, row) for n, row in enumerate(rows, 1)], range(2, 9))


def _cells(number: int, row: Row) -> tuple[object, ...]:
    from ..report import hours

    a = row.addition
    return (
        number,
        a.title,
        _signed(row.served.at_least),
        _signed_hours(row.minutes.at_least),
        _signed(row.admitted.at_least) if row.admitted.at_most else "",
        _signed(row.unmet.at_least),
        "" if row.unmet.at_most is None else f"{row.unmet.at_most:,}",
        hours(a.paid_minutes) if a.paid_minutes else "",
        "" if a.cost is None or not a.paid_minutes else f"{a.cost:,.0f}",
    )


def _signed(number: int) -> str:
    return f"{'+' if number > 0 else '−'}{abs(number):,}" if number else "0"


def _signed_hours(minutes: int) -> str:
    from ..report import hours

    if not minutes:
        return "0"
    return f"{'+' if minutes > 0 else '−'}{hours(abs(minutes))}"
