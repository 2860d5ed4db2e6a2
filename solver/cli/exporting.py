"""`iop export`: the week as a workbook, a table, calendars, FHIR or pages to print."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, cast

import typer

from ..errors import FileFaults
from .options import AsJson, ScenarioFile, ScheduleFile
from .terminal import (
    STANDARD_STREAM,
    UsageFault,
    WrongFile,
    must_be_writable,
    note,
    out,
    out_json,
    printable,
    read_week,
)

if TYPE_CHECKING:
    from datetime import datetime

    from ..clinic import Clinic
    from ..io.out import Subject
    from ..io.out.sheets import Many
    from ..schedule import Schedule


class To(StrEnum):
    """What the week is written as."""

    XLSX = "xlsx"
    CSV = "csv"
    ICS = "ics"
    FHIR = "fhir"
    HTML = "html"
    PDF = "pdf"


class OnDay(StrEnum):
    """A day of the week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class OnPaper(StrEnum):
    """What the pages are printed on."""

    LETTER = "letter"
    A4 = "a4"


_BINARY = (To.XLSX, To.PDF)
_PAGES = (To.HTML, To.PDF)
_MANY = ("rooms", "therapists", "groups", "patients", "changes")


def export(
    scenario: ScenarioFile,
    schedule: ScheduleFile,
    to: Annotated[To, typer.Option("--to", help="The format.")],
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="PATH", help="Write it here; calendars of many: a new folder."
        ),
    ],
    whom: Annotated[
        str,
        typer.Option(
            "--for",
            metavar="WHOM",
            help="patient:ID, therapist:ID, room:ID, group:ID or all; of calendars and pages also "
            "patients, therapists, rooms or groups; of pages also changes.",
        ),
    ] = "all",
    name_services: Annotated[
        bool,
        typer.Option(
            "--name-services",
            help="Patients' own: the service and with whom, instead of just Appointment.",
        ),
    ] = False,
    full_names: Annotated[
        bool,
        typer.Option(
            "--full-names", help="Therapists' weeks and groups' sheets: patients' full names."
        ),
    ] = False,
    door_initials: Annotated[
        bool,
        typer.Option("--door-initials", help="Rooms' doors: patients' initials too."),
    ] = False,
    day: Annotated[
        OnDay | None,
        typer.Option(
            "--day", help="Groups' sign-in sheets: those of one day, in the order of its hours."
        ),
    ] = None,
    previous: Annotated[
        str | None,
        typer.Option(
            "--previous",
            metavar="FILE",
            help="The schedule given out before for this week; what it has and the new one has not "
            "is written as cancelled.",
        ),
    ] = None,
    revision: Annotated[
        int | None,
        typer.Option(
            "--revision",
            metavar="N",
            min=0,
            max=2**31 - 1,
            help="Number of this version of the week for calendars, each higher than the one "
            "before; by default from the clock.",
        ),
    ] = None,
    paper: Annotated[OnPaper, typer.Option("--paper", help="Of pages.")] = OnPaper.LETTER,
    as_json: AsJson = False,
) -> None:
    """Write the week as a workbook, a table, calendars, FHIR or pages to print.

    Patients' own calendars and pages say "Appointment", when and where, and never name another
    patient. Therapists read initials. The whole week (--for all) as xlsx, csv or fhir is the
    clinic's own record, with all names. Files are readable by their owner alone.

    \b
    Examples:
      iop export scenarios/matrix-evening.json week.json --to pdf -o week.pdf
      iop export scenarios/matrix-evening.json week.json --to xlsx -o week.xlsx
      iop export scenarios/matrix-evening.json week.json --to ics --for patient:p01 -o p01.ics
      iop export scenarios/matrix-evening.json week.json --to html --for rooms -o doors.html
      iop export scenarios/matrix-evening.json week.json --to pdf --for groups --day tue -o sign.pdf
    """
    from datetime import UTC, datetime

    from ..io.out import Readers, Wording
    from ..io.out import export as exported

    several = to == To.ICS and whom in ("all", *_MANY)
    _refuse_day(day, whom, to)
    _refuse_output(output, to, several, as_json)
    if not several:
        read = {"the scenario": scenario, "the schedule": schedule, "--previous": previous}
        must_be_writable(output, "-o", read)
    clinic, week = read_week(scenario, schedule)
    told = _whom(clinic, whom, to)
    before = _previous(previous, clinic, (scenario, schedule))
    _warn(clinic, week, to)
    now = datetime.now(UTC)
    content = exported(
        Readers(clinic, week, Wording(name_services, full_names, door_initials), before),
        to.value,
        told,
        now=now,
        revision=_revision(now, before) if revision is None else revision,
        paper=paper.value,
        day=None if day is None else list(OnDay).index(day),
    )
    _write(output, content, as_json)


def _refuse_day(day: OnDay | None, whom: str, to: To) -> None:
    if day is not None and (to not in _PAGES or not whom.startswith("group")):
        raise UsageFault(
            "--day is for sign-in sheets: --to pdf or html, --for groups or --for group:ID"
        )


def _refuse_output(output: str, to: To, several: bool, as_json: bool) -> None:
    if output == STANDARD_STREAM:
        if to in _BINARY:
            raise UsageFault(f"--to {to} needs -o FILE; it is no text for standard output")
        if several:
            raise UsageFault("calendars of many need -o FOLDER; each is a file of its own")
        if as_json:
            raise UsageFault("--json needs -o FILE; the week itself is on standard output")
    elif several:
        from ..io.writing import must_be_new_folder

        must_be_new_folder(output)


def _whom(clinic: Clinic, text: str, to: To) -> Subject | Many | None:
    """Whose week ``--for`` names."""
    from .. import report
    from ..io.out import Subject
    from ..validation.wording import nearest

    if text == "all":
        return None
    if text in _MANY:
        many = cast("Many", text)
        if to not in (To.ICS, *_PAGES) or (many == "changes" and to not in _PAGES):
            pages = "pages (html, pdf)" if many == "changes" else "calendars and pages"
            raise UsageFault(f"--for {many} is for {pages}; --to {to} takes one of them, or all")
        return many
    kind, colon, key = text.partition(":")
    view = next((v for v in report.VIEWS if v == kind), None) if colon else None
    if view:
        try:
            return Subject(*report.find_subject(clinic, key, view))
        except LookupError as error:
            raise UsageFault(f"--for: {error.args[0]}") from None
    known = [f"{v}:{key}" for v in report.VIEWS] if colon else [*_MANY, "all"]
    hint = nearest(text, known)
    for view in report.VIEWS:
        with suppress(LookupError):
            hint = "{}:{}".format(*report.find_subject(clinic, text, view))
            break
    meant = (
        f"did you mean {hint}?" if hint else "patient:ID, therapist:ID, room:ID, group:ID or all"
    )
    raise UsageFault(f"--for: found {text!r}; {meant}")


def _previous(path: str | None, clinic: Clinic, inputs: tuple[str, str]) -> Schedule | None:
    from ..io.files import load_earlier

    if path is None:
        return None
    if path == STANDARD_STREAM and STANDARD_STREAM in inputs:
        raise UsageFault("only one of the files can be standard input")
    try:
        return load_earlier(path, clinic.scenario)
    except FileFaults as error:
        raise WrongFile(printable(path), error.faults) from None


def _revision(now: datetime, before: Schedule | None) -> int:
    from ..io.out.calendar import revision_by_clock

    # What was given out before may have been written in this very second.
    return revision_by_clock(now) + (before is not None)


def _warn(clinic: Clinic, week: Schedule, to: To) -> None:
    """What a reader of the file could not see."""
    from .. import report
    from ..checker import check

    if violations := check(clinic, week):
        broken = report.count(len(report.broken_rules(violations)), "rule")
        note(f"note: this schedule breaks {broken}; iop check names every violation")
    if to == To.ICS and not clinic.scenario.timezone:
        note("note: the scenario names no timezone; times are those of wherever they are read")


def _write(output: str, content: bytes | dict[str, bytes], as_json: bool) -> None:
    from ..io.writing import write_file, write_folder

    if isinstance(content, bytes):
        if output == STANDARD_STREAM:
            out(content.decode())
            return
        write_file(output, content)
        names, said = [], f"Written: {output}"
    else:
        write_folder(output, content)
        names, said = list(content), f"Written: {len(content):,} calendars in {output}"
    if as_json:
        out_json({"written": output, "files": names})
    else:
        out(printable(said))
