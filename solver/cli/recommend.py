"""`iop recommend`: a place for one more patient in a week that others already live by."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from .options import AsJson, ScenarioFile, ScheduleFile
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

    from ..recommend import Recommendation, Told, WeekBroken
    from ..scenario import Scenario

MOST_PLANS = 50
MOST_MOVES = 3
_SHOWN = 8
"""Broken rules named before the rest is counted."""


def recommend(
    scenario: ScenarioFile,
    schedule: ScheduleFile,
    patient: Annotated[
        str,
        typer.Option(
            "--patient",
            metavar="FILE|ID",
            help="A patient of the scenario, or a file with a new one (as in its patients).",
        ),
    ],
    top: Annotated[
        int, typer.Option("--top", min=1, max=MOST_PLANS, help="How many plans to give.")
    ] = 5,
    moves: Annotated[
        int,
        typer.Option(
            "--moves",
            min=0,
            max=MOST_MOVES,
            help="Also plans for which up to so many sessions of others move.",
        ),
    ] = 0,
    plan: Annotated[
        int, typer.Option("--plan", min=1, metavar="N", help="The plan that -o writes.")
    ] = 1,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the week with a plan here."),
    ] = None,
    scenario_output: Annotated[
        str | None,
        typer.Option(
            "--scenario-output",
            metavar="FILE",
            help="Write the scenario with the new patient in it here.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find places for one patient: ranked complete plans, what each gives and what it costs.

    First without moving anyone; with --moves also plans, better ones only, for which some sessions of
    others move, each named. Plans are in the order of the policy's tiers, the whole week counted, and
    each has passed the checker. Exit code 0 with a plan, 1 when there is none or the schedule itself
    breaks rules.

    \b
    Examples:
      iop recommend scenarios/matrix-evening.json week.json --patient p23
      iop recommend scenarios/matrix-evening.json week.json --patient new.json --moves 1 -o next.json
    """
    from ..clinic import Clinic
    from ..recommend import WeekBroken
    from ..recommend import recommend as places

    if scenario == schedule == STANDARD_STREAM:
        raise UsageFault("only one of the two files can be standard input")
    inputs = {"SCENARIO": scenario, "SCHEDULE": schedule, "--patient": patient}
    for path, option in ((output, "-o"), (scenario_output, "--scenario-output")):
        if path is not None:
            must_be_writable(path, option, inputs)
    if as_json and STANDARD_STREAM in (output, scenario_output):
        raise UsageFault("only one of --json and the files to write can be on standard output")
    if output is not None and output == scenario_output:
        raise UsageFault(
            f"-o and --scenario-output are both {output}; one would overwrite the other"
        )
    read, notices = read_scenario(scenario)
    if not as_json:
        tell(notices)
    who_of, who = _whom(read, patient, {scenario, schedule})
    clinic = Clinic(who_of)
    week = read_schedule(schedule, who_of)
    try:
        answer = places(clinic, week, who, top, moves)
    except WeekBroken as error:
        _say_broken(schedule, error)
        raise typer.Exit(Code.NO) from None
    _write(answer, plan, output, scenario_output, who_of)
    if as_json:
        out_json(answer.document())
    else:
        (note if STANDARD_STREAM in (output, scenario_output) else out)(_text(answer))
    if not (answer.plans or answer.with_moves):
        raise typer.Exit(Code.NO)


def _whom(scenario: Scenario, patient: str, others: set[str]) -> tuple[Scenario, str]:
    """The scenario with the patient in it, and the patient's id."""
    from ..errors import FileFaults
    from ..io.asked import load_json
    from ..recommend import with_patient
    from ..validation.wording import nearest, quoted

    known = [p.id for p in scenario.patients]
    if patient in known:
        return scenario, patient
    if patient == STANDARD_STREAM and STANDARD_STREAM in others:
        raise UsageFault("only one of the files can be standard input")
    if patient != STANDARD_STREAM and not os.path.exists(patient):  # noqa: PTH110 - any text may be given
        guess = nearest(patient, known)
        hint = f"; did you mean {quoted(guess)}?" if guess else ""
        raise UsageFault(
            f"--patient {printable(patient)}: no patient of the scenario has this id, "
            f"and there is no such file{hint}"
        )
    try:
        return with_patient(scenario, load_json(patient))
    except FileFaults as error:
        title = "standard input" if patient == STANDARD_STREAM else printable(patient)
        raise WrongFile(title, error.faults) from None


def _say_broken(schedule: str, error: WeekBroken) -> None:
    lines = [f"  {v.message}" for v in error.violations[:_SHOWN]]
    more = len(error.violations) - _SHOWN
    if more > 0:
        lines.append(f"  and {more} more; iop check names them all")
    title = "standard input" if schedule == STANDARD_STREAM else printable(schedule)
    note(
        "\n".join(
            [f"{title} breaks rules, and a place is looked for in a legal week only:", *lines]
        )
    )


def _write(
    answer: Recommendation,
    number: int,
    output: str | None,
    scenario_output: str | None,
    scenario: Scenario,
) -> None:
    """The files asked for; the week is that of one plan, those with moves counted after the others."""
    from ..io.files import dump

    told = (*answer.plans, *answer.with_moves)
    if output is not None:
        if number <= len(told):
            write_json(output, dump(told[number - 1].plan.schedule))
        elif told:
            raise UsageFault(f"--plan {number}: there are {len(told)} plans; nothing is written")
        else:
            note(f"{printable(output)} is not written: there is no plan.")
    if scenario_output is not None:
        write_json(scenario_output, dump(scenario))


def _text(answer: Recommendation) -> str:
    from rich.text import Text

    from . import tables

    parts: list[RenderableType] = [tables.heading(answer.headline())]
    if not answer.complete:
        parts.append(Text("There are too many ways to look at all of them; others may be better."))
    for number, told in enumerate(answer.plans, 1):
        parts += _plan(number, told)
    if answer.most_moves:
        parts += [Text(""), tables.heading(answer.headline_of_moves())]
        for number, told in enumerate(answer.with_moves, len(answer.plans) + 1):
            parts += _plan(number, told)
    parts += _costs(answer)
    if answer.is_due:
        parts += _obstacles(answer)
    return rendered(*parts).rstrip("\n")


def _plan(number: int, told: Told) -> list[RenderableType]:
    from rich.text import Text

    from . import tables

    rows = [(line.what, line.when, line.where, line.who, line.note) for line in told.lines()]
    out: list[RenderableType] = [
        Text(""),
        tables.heading(f"Plan {number}. {told.headline()}"),
        tables.table(["Session", "When", "Where", "With", ""], rows),
    ]
    return out + [tables.indented(f"To move: {sentence}") for sentence in told.moves()]


def _costs(answer: Recommendation) -> list[RenderableType]:
    """A row for each goal: the week as it is, and what each plan changes."""
    from rich.text import Text

    from ..goals import GOAL
    from ..tiers import tiers_of
    from . import tables

    told = (*answer.plans, *answer.with_moves)
    if not told:
        return []
    differences = [t.differences() for t in told]
    rows = [
        (
            number,
            GOAL[key].title,
            f"{answer.before[key]:,}",
            *(f"{d[key]:+,}".replace("-", "−") if d[key] else "" for d in differences),
        )
        for number, tier in enumerate(tiers_of(answer.clinic.scenario.policy), 1)
        for key in tier.goals
    ]
    plans = [f"Plan {number}" for number, _ in enumerate(told, 1)]
    columns = ["Tier", "Goal (less is better)", "Now", *plans]
    title = "What each plan changes in the goals, the whole week counted"
    numbers = [0, *range(2, len(columns))]
    return [Text(""), tables.heading(title), tables.table(columns, rows, numbers=numbers)]


def _obstacles(answer: Recommendation) -> list[RenderableType]:
    from rich.text import Text

    from ..report.words import named
    from . import tables

    out: list[RenderableType] = []
    for service, found in answer.obstacles.items():
        name = named(answer.clinic.services, service).name
        out += [Text(""), tables.heading(f"What stands in the way of more: {name}")]
        out += [tables.indented(o.text) for o in found]
    return out
