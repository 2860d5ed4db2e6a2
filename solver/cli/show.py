"""`iop show`: a week as a person reads it."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

from typing import Annotated

import typer

from .options import AsJson, By, ScenarioFile, ScheduleFile
from .terminal import UsageFault, note, out, out_json, read_week, rendered


def show(
    scenario: ScenarioFile,
    schedule: ScheduleFile,
    by: Annotated[
        By | None,
        typer.Option("--by", help="Whose week; of each room by default."),
    ] = None,
    who: Annotated[
        str | None, typer.Option("--who", metavar="ID", help="Only this one's week, in full.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the week with names and times, by room, therapist, patient or group.

    As wide as the terminal (or COLUMNS); on a narrow one as a list. With --who alone, whatever has
    that id is shown.

    \b
    Examples:
      iop show scenarios/matrix-evening.json week.json
      iop show scenarios/matrix-evening.json week.json --by patient
      iop show scenarios/matrix-evening.json week.json --who ortega
    """
    from .. import report
    from ..checker import check

    clinic, week = read_week(scenario, schedule)
    view: report.View = by.value if by else "room"
    if who is not None:
        try:
            view, who = report.find_subject(clinic, who, by.value if by else None)
        except LookupError as error:
            raise UsageFault(f"--who: {error.args[0]}") from None
    weeks = [w for w in report.weeks(clinic, week, view) if who in (None, w.id)]
    if violations := check(clinic, week):
        broken = report.count(len(report.broken_rules(violations)), "rule")
        note(f"note: this schedule breaks {broken}; iop check names every violation")
    if as_json:
        out_json(
            {
                "scenario": clinic.scenario.name,
                "week_start": clinic.scenario.week_start.isoformat(),
                "by": view,
                "weeks": [
                    {
                        "id": w.id,
                        "name": w.name,
                        "note": w.note,
                        "sessions": [s.document() for s in w.sessions],
                    }
                    for w in weeks
                ],
            }
        )
        return
    from rich.text import Text

    from . import tables

    name, start = clinic.scenario.name, report.long_date(clinic.scenario.week_start)
    title = tables.heading(f"{name}, week of {start}")
    if who is not None:
        out(rendered(title, *tables.single(clinic, weeks[0], view)))
        return
    sentences = (Text(s) for s in report.summary(clinic, week))
    everyone = report.care(clinic, week)
    shown = tables.overview(clinic, weeks, view)
    out(rendered(title, *sentences, *shown, *tables.shortages(everyone)))
