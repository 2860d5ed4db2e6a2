"""`iop keep` and `iop publish`: a week into the store, and as the one that people live by."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from .keeping import Where, _in_words, _user
from .options import AsJson, ScenarioFile, ScheduleFile
from .terminal import (
    STANDARD_STREAM,
    Code,
    UsageFault,
    note,
    out,
    out_json,
    printable,
    read_scenario,
    read_schedule,
)

if TYPE_CHECKING:
    from ..scenario import Scenario
    from ..store import Conflict, Store
    from ..store.tables import ScenarioVersion

ClinicName = Annotated[
    str | None,
    typer.Option(
        "--clinic", metavar="NAME", help="Whose week it is; the scenario's name if left out."
    ),
]
MOST_LINES = 20
"""Of what somebody else changed."""


def keep(
    scenario: ScenarioFile,
    schedule: Annotated[
        str | None, typer.Argument(metavar="[SCHEDULE]", help="The schedule that goes with it.")
    ] = None,
    clinic: ClinicName = None,
    based_on: Annotated[
        int | None,
        typer.Option("--based-on", metavar="N", min=1, help="The version it was worked from."),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--new", help="Keep it beside what is kept for this week already.")
    ] = False,
    store: Where = None,
    as_json: AsJson = False,
) -> None:
    """Keep a week in the store: a new version of it, with who kept it and when.

    Versions are never altered. Where the week is kept already, say which version yours was worked
    from; if somebody has saved a later one you are told what they changed and nothing is written (exit
    code 1).

    \b
    Examples:
      iop keep clinic.json week.json
      iop keep clinic.json week.json --based-on 2
    """
    if anew and based_on is not None:
        raise UsageFault("--new and --based-on: a new one is based on nothing")
    if scenario == schedule == STANDARD_STREAM:
        raise UsageFault("only one of the two files can be standard input")
    loaded, _ = read_scenario(scenario)
    week = read_schedule(schedule, loaded) if schedule is not None else None
    with _in_words():
        from ..store import Conflict, open_store
        from ..store.filing import keep_week, version_like

        with open_store(store) as opened:
            name = clinic or loaded.name
            last = None if anew else _last(opened, name, loaded)
            if based_on is not None and last is None:
                start = loaded.week_start
                raise UsageFault(f"--based-on {based_on}: nothing is kept for the week of {start}")
            on = None
            if last is not None:
                same = version_like(opened, last.scenario_id, loaded)
                if based_on is None and (same is None or same.id != last.id):
                    raise UsageFault(
                        f"this week is kept already: version {last.number}, saved by "
                        f"{printable(last.author)}; say --based-on N with the version yours was "
                        "worked from, or --new to keep it beside that"
                    )
                on = (last.scenario_id, based_on or last.number)
            try:
                filed = keep_week(opened, name, loaded, week, _user(), on=on)
            except Conflict as conflict:
                _told(conflict)
            where = str(opened.location)
    if as_json:
        out_json(
            {
                "store": where,
                "clinic": name,
                "scenario_id": filed.version.scenario_id,
                "version": filed.version.number,
                "schedule_id": filed.schedule.id if filed.schedule else None,
            }
        )
        return
    what = "with its schedule " if filed.schedule else ""
    said = f"Kept {what}as version {filed.version.number} of {name}, week of {loaded.week_start}"
    out(printable(f"{said}, in {where}"))


def publish(
    scenario: ScenarioFile,
    schedule: ScheduleFile,
    clinic: ClinicName = None,
    based_on: Annotated[
        int,
        typer.Option(
            "--based-on", metavar="N", min=0, help="The publication last seen; 0: there was none."
        ),
    ] = 0,
    store: Where = None,
    as_json: AsJson = False,
) -> None:
    """Publish a week: from now on people live by this schedule.

    What was published before stays as it is and is superseded. A schedule that breaks a rule is
    refused; so is one that does not know of the last publication (exit code 1). A scenario that is not
    in the store in this form is kept there first, if nothing else is kept for its week.

    \b
    Examples:
      iop publish clinic.json week.json
      iop publish clinic.json covered.json --based-on 1
    """
    if scenario == schedule == STANDARD_STREAM:
        raise UsageFault("only one of the two files can be standard input")
    loaded, _ = read_scenario(scenario)
    week = read_schedule(schedule, loaded)
    with _in_words():
        from ..errors import ScheduleRejected
        from ..store import Conflict, open_store
        from ..store.filing import keep_schedule, keep_week, version_like

        with open_store(store) as opened:
            name = clinic or loaded.name
            _must_be_legal(loaded, week)
            last = _last(opened, name, loaded)
            version = version_like(opened, last.scenario_id, loaded) if last is not None else None
            if last is not None and version is None:
                raise UsageFault(
                    f"another form of this week's scenario is kept (version {last.number}, saved by "
                    f"{printable(last.author)}); iop keep … --based-on N first"
                )
            if version is None:
                version = keep_week(opened, name, loaded, None, _user(), on=None).version
            kept = keep_schedule(opened, version, week, _user())
            try:
                done = opened.weeks.publish(kept.id, _user(), based_on=based_on)
            except Conflict as conflict:
                _told(conflict)
            except ScheduleRejected as error:
                _refused(str(error))
            where = str(opened.location)
    if as_json:
        out_json(
            {
                "store": where,
                "clinic": name,
                "week_start": loaded.week_start.isoformat(),
                "publication": done.number,
                "version": version.number,
                "schedule_id": kept.id,
            }
        )
        return
    said = f"Published: {name}, week of {loaded.week_start}, publication {done.number}"
    out(printable(f"{said}, in {where}"))


def _last(store: Store, clinic: str, scenario: Scenario) -> ScenarioVersion | None:
    """What the store has of this clinic and week."""
    from ..store.filing import week_in

    with suppress(StopIteration):
        here = next(c for c in store.clinics.all() if c.name == " ".join(clinic.split()))
        return week_in(store, here.id, scenario.week_start)
    return None


def _must_be_legal(scenario: Scenario, schedule: object) -> None:
    from ..checker import check
    from ..clinic import Clinic
    from ..schedule import Schedule

    assert isinstance(schedule, Schedule)
    found = check(Clinic(scenario), schedule)
    if found:
        listed = "\n".join(f"  {v}" for v in found[:MOST_LINES])
        _refused(f"a week that breaks rules is not published\n{listed}")


def _refused(why: str) -> NoReturn:
    note(f"refused: {why}")
    raise typer.Exit(Code.NO)


def _told(conflict: Conflict) -> NoReturn:
    """What somebody else did meanwhile."""
    lines = [f"  {difference}" for difference in conflict.differences[:MOST_LINES]]
    more = len(conflict.differences) - len(lines)
    lines += [f"  and {more:,} more"] if more > 0 else []
    note("\n".join([f"not done: {conflict}", *lines]))
    raise typer.Exit(Code.NO)
