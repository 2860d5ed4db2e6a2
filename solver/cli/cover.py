"""`iop cover`: somebody is out; ranked repairs of the published week."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from .diff import AsTable, outputs_must_be_fine, told_parts, write_outputs
from .options import AsJson, ScenarioFile, ScheduleFile
from .rebalance import WeekDay
from .terminal import (
    STANDARD_STREAM,
    Code,
    UsageFault,
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
    from ..cover.out import Out
    from ..cover.remedies import Remedy
    from ..cover.repairs import Covered, Repair, Step
    from ..schedule import Schedule


class Whose(StrEnum):
    """What kind of thing is out."""

    THERAPIST = "therapist"
    ROOM = "room"
    PATIENT = "patient"


def cover(
    scenario: ScenarioFile,
    schedule: ScheduleFile,
    absent: Annotated[
        list[str],
        typer.Option("--absent", metavar="ID", help="The therapist, room or patient who is out."),
    ],
    days: Annotated[
        str, typer.Option("--days", metavar="DAY,DAY", help="On which days, e.g. mon,tue.")
    ],
    by: Annotated[
        Whose | None,
        typer.Option("--by", help="What the id is, where a therapist and a room share it."),
    ] = None,
    by_video: Annotated[
        bool,
        typer.Option("--by-video", help="They can still work, or attend, by video."),
    ] = False,
    frozen_before: Annotated[
        WeekDay | None,
        typer.Option(
            "--frozen-before",
            help="What the days before this one hold has happened; the first day out by default.",
        ),
    ] = None,
    take: Annotated[
        int, typer.Option("--take", metavar="N", min=1, help="The repair that is written and told.")
    ] = 1,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write the repaired schedule here."),
    ] = None,
    follow_up: Annotated[
        str | None,
        typer.Option(
            "--scenario-out",
            metavar="FILE",
            help="Write the scenario with them out here; the repair is a schedule of it.",
        ),
    ] = None,
    diff: Annotated[
        str | None,
        typer.Option("--diff", metavar="FILE", help="Write who must be told what here (JSON)."),
    ] = None,
    as_table: AsTable = False,
    as_json: AsJson = False,
) -> None:
    """Somebody or a room is out: say how the week can go on, the best way first.

    Each repair is a whole week that breaks no rule of the follow-up scenario: substitutes, another
    room, video, another time, sections put together, cancelled meetings. Says what each costs whom.
    Exit code 1 where no repair keeps every rule.

    \b
    Examples:
      iop cover clinic.json week.json --absent t03 --days mon,tue
      iop cover clinic.json week.json --absent t03 --days mon -o covered.json --scenario-out now.json
    """
    outputs: dict[str, str | None] = {"-o": output, "--scenario-out": follow_up, "--diff": diff}
    outputs_must_be_fine(outputs, {"SCENARIO": scenario, "SCHEDULE": schedule}, as_json)
    clinic, week = read_week(scenario, schedule)
    outs = _outs(clinic, absent, days, by, by_video)

    from ..cover.repairs import cover as covered_by
    from ..timegrid import DAY_NUMBER

    frozen = DAY_NUMBER[frozen_before] if frozen_before else None
    if frozen is not None and any(day < frozen for o in outs for day in o.days):
        raise UsageFault(
            f"--frozen-before {frozen_before}: a day out lies before it; what has happened stays"
        )
    covered = covered_by(clinic.scenario, week, outs, frozen, lambda said: note(f"  {said}"))
    if take > max(1, len(covered.repairs)):
        raise UsageFault(f"--take {take}: there are {len(covered.repairs)} repairs")
    tell(covered.notices)
    _give_out(covered, week, take - 1, outputs, as_table, as_json)
    legal = not covered.units or (covered.repairs and not covered.repairs[take - 1].violations)
    raise typer.Exit(Code.DONE if legal else Code.NO)


def _outs(
    clinic: Clinic, absent: list[str], days: str, by: Whose | None, by_video: bool
) -> list[Out]:
    """Who is out when; UsageFault with everything that is wrong."""
    from .. import report
    from ..cover.out import Kind, Out
    from ..timegrid import DAY_NUMBER, DAYS

    wrong = []
    names = [d.strip() for d in days.split(",")]
    unknown = [d for d in names if d not in DAY_NUMBER]
    if unknown:
        found = ", ".join(map(repr, unknown))
        wrong.append(f"--days: found {printable(found)}; allowed: {', '.join(DAYS)}")
    outs = []
    kinds: tuple[Kind, ...] = ("therapist", "room", "patient")
    for who in absent:
        known: dict[Kind, Mapping[str, object]] = {
            "therapist": clinic.therapists,
            "room": clinic.rooms,
            "patient": clinic.patients,
        }
        found_in = [k for k in kinds if who in known[k] and by in (None, k)]
        if len(found_in) > 1:
            both = " and a ".join(found_in)
            wrong.append(f"--absent: there is a {both} {printable(repr(who))}; say which with --by")
        elif not found_in:
            try:
                view, _ = report.find_subject(clinic, who, by.value if by else None)
                wrong.append(f"--absent {printable(who)}: a {view} cannot be out")
            except LookupError as error:
                wrong.append(f"--absent: {printable(str(error.args[0]))}")
        else:
            numbers = frozenset(DAY_NUMBER[d] for d in names if d in DAY_NUMBER)
            outs.append(Out(found_in[0], who, numbers, by_video and found_in[0] != "room"))
    if wrong:
        raise UsageFault("\nerror: ".join(wrong))
    return outs


def _give_out(
    covered: Covered,
    week: Schedule,
    taken: int,
    outputs: Mapping[str, str | None],
    as_table: bool,
    as_json: bool,
) -> None:
    from ..clinic import Clinic
    from ..io.files import dump
    from ..report.cover import cover_document
    from ..report.diff import difference_document

    clinic = Clinic(covered.scenario)
    contents: dict[str, object] = {"--scenario-out": dump(covered.scenario), "-o": dump(week)}
    if covered.repairs:
        repair = covered.repairs[taken]
        contents["-o"] = dump(repair.schedule)
        contents["--diff"] = difference_document(clinic, repair.difference)
    written = write_outputs(outputs, contents)
    if as_json:
        out_json(cover_document(clinic, covered, week))
        return
    text = _text(clinic, covered, week, taken, as_table)
    if written:
        text += f"\n\nWritten: {', '.join(map(printable, written))}"
    (note if STANDARD_STREAM in outputs.values() else out)(text)


def _text(clinic: Clinic, covered: Covered, week: Schedule, taken: int, as_table: bool) -> str:
    from rich.text import Text

    from .. import report
    from ..report.cover import Teller
    from . import tables

    teller = Teller(clinic, week)
    parts: list[RenderableType] = []
    if covered.already:
        broken = report.count(len(covered.already), "time")
        parts.append(
            Text(f"The published week breaks rules already ({broken}); iop check says where.")
        )
    if not covered.units:
        parts.append(tables.heading("Everything can go on as published: nobody's session falls."))
        return rendered(*parts).rstrip("\n")
    parts.append(tables.heading(f"{report.count(len(covered.units), 'session')} cannot stand"))
    out_ids = {o.id for o in covered.outs}
    for unit in covered.units:
        # That who is out is out needs no telling; that an intern has lost the supervisor does.
        further = [why for why in unit.why if not out_ids & set(why.replace("'", " ").split())]
        parts.append(tables.indented(": ".join([teller.unit(unit), *further[:1]])))
    for number, repair in enumerate(covered.repairs, 1):
        parts += [Text(""), *_repair(clinic, covered, week, repair, number, number - 1 == taken)]
    if covered.repairs:
        title = f"Who must be told what, with repair {taken + 1}"
        parts += [Text(""), tables.heading(title)]
        parts += told_parts(clinic, covered.repairs[taken].difference, as_table)
    return rendered(*parts).rstrip("\n")


def _repair(
    clinic: Clinic, covered: Covered, week: Schedule, repair: Repair, number: int, full: bool
) -> list[RenderableType]:
    from rich.text import Text

    from ..report.cover import LOOKS, Teller, costs, losses
    from ..report.diff import told_summary
    from . import tables

    teller = Teller(clinic, week)
    parts: list[RenderableType] = [tables.heading(f"Repair {number}: {repair.way}")]
    parts += [tables.indented(f"breaks a rule: {v}") for v in repair.violations]
    first = {s.unit: s.remedy for s in covered.repairs[0].steps} if repair.variant else {}
    said: dict[str, list[str]] = {}
    for step in repair.steps:
        if first.get(step.unit) != step.remedy:
            text = teller.remedy(step.unit, step.remedy)
            said.setdefault(text, []).append(teller.unit(step.unit))
    parts += [tables.indented(f"{'; '.join(units)}: {text}") for text, units in said.items()]
    parts += [tables.indented(teller.further(op)) for op in repair.further]
    changed = [f"{title}: {was:,} to {now:,}" for title, was, now in costs(clinic, covered, repair)]
    parts.append(Text("What it costs: " + ("; ".join(changed) or "nothing") + "."))
    parts += [tables.indented(sentence) for sentence in losses(clinic, week, repair.schedule)]
    if full:
        rows = [
            (teller.unit(step.unit), LOOKS[r.kind], teller.remedy(step.unit, r), f"{tiers[0]:,}")
            for step in repair.steps
            for r, tiers in _one_of_a_kind(step)
        ]
        if rows:
            parts += [
                Text("Instead of that, one at a time:"),
                tables.table(["Session", "Instead", "How", "Tier 1"], rows, numbers=(3,)),
            ]
    else:
        parts.append(Text(told_summary(clinic, repair.difference)))
    return parts


def _one_of_a_kind(step: Step) -> list[tuple[Remedy, tuple[int, ...]]]:
    """The best remedy of each kind; --json has all that were judged."""
    kinds: dict[str, tuple[Remedy, tuple[int, ...]]] = {}
    for remedy, tiers in step.otherwise:
        kinds.setdefault(remedy.kind, (remedy, tiers))
    return list(kinds.values())
