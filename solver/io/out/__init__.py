"""What leaves the program: a week as a workbook, a table, calendars, FHIR, and pages to print.

``readers.py`` decides what each reader may know; every format is written from that, none from the
schedule itself. Formats are imported when they are asked for, because each brings a library.
"""

# ruff: noqa: PLC0415 - see above
from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from .readers import Readers, Subject, Wording, name_of

if TYPE_CHECKING:
    from .page import Paper
    from .sheets import Many

Format = Literal["xlsx", "csv", "ics", "fhir", "html", "pdf"]
FORMATS: tuple[Format, ...] = get_args(Format)
ENDINGS = {form: "json" if form == "fhir" else form for form in FORMATS}
"""How a file's name ends."""


def export(
    readers: Readers,
    form: Format,
    whom: Subject | Many | None,
    *,
    now: datetime,
    revision: int,
    clinic_id: str | None = None,
    paper: Paper = "letter",
    day: int | None = None,
) -> bytes | dict[str, bytes]:
    """The content of one file; of several, by file name, where calendars of many are asked for.

    Args:
        whom: one subject; everybody of a kind (calendars and pages only); None is the whole week.
        now: with a time zone.
        revision: of calendars, see ``calendar.py``.
        clinic_id: what tells the clinic from others, whose name may change; by default its name.
        day: of groups' sign-in sheets, those of one day only (0 is Monday).

    Raises:
        FileFaults: the scenario lacks what the format needs (a time zone).
        ValueError: the format has no such selection.
    """
    match form:
        case "html" | "pdf":
            return _printed(readers, form, whom, paper, day)
        case "ics":
            return _calendars(readers, whom, revision, now, clinic_id)
    if isinstance(whom, str):
        raise ValueError(f"a file of format {form} is of one subject or of the whole week")
    match form:
        case "xlsx":
            from .workbook import workbook

            return workbook(readers, whom)
        case "csv":
            from .week_csv import sessions_csv

            return sessions_csv(readers, whom)
        case "fhir":
            from .fhir import bundle

            return bundle(readers, whom, now=now, clinic_id=clinic_id)


def _calendars(
    readers: Readers,
    whom: Subject | Many | None,
    revision: int,
    now: datetime,
    clinic_id: str | None,
) -> bytes | dict[str, bytes]:
    from .calendar import calendar
    from .text import file_stem

    def written(subject: Subject) -> bytes:
        return calendar(readers, subject, revision=revision, now=now, clinic_id=clinic_id)

    if isinstance(whom, Subject):
        return written(whom)
    return {f"{file_stem(*s)}.ics": written(s) for s in subjects(readers, whom)}


def subjects(readers: Readers, many: Many | None) -> Iterator[Subject]:
    """Everybody of a kind, or of all kinds, in the order of the scenario."""
    clinic = readers.clinic
    if many in ("rooms", None):
        yield from (Subject("room", r) for r in clinic.rooms)
    if many in ("therapists", None):
        yield from (Subject("therapist", t) for t in clinic.therapists)
    if many in ("groups", None):
        yield from (Subject("group", g) for g in clinic.groups)
    if many in ("patients", None):
        yield from (Subject("patient", p) for p in clinic.patients)


def _printed(
    readers: Readers,
    form: Literal["html", "pdf"],
    whom: Subject | Many | None,
    paper: Paper,
    day: int | None,
) -> bytes:
    from .sheets import sheets

    # The title of what a patient takes home says nothing; a browser prints it on every page.
    own = whom == "patients" or (isinstance(whom, Subject) and whom.kind == "patient")
    title = "Appointments" if own else readers.clinic.scenario.name
    if form == "html":
        from .page import html

        return html(sheets(readers, whom, day), title, paper)
    from .pdf import pdf

    return pdf(sheets(readers, whom, day), title, paper)


__all__ = [
    "ENDINGS",
    "FORMATS",
    "Format",
    "Readers",
    "Subject",
    "Wording",
    "export",
    "name_of",
    "subjects",
]
