"""The week as an Excel workbook: by room, therapist and patient, who is short, and all sessions.

Every cell is text or a number, never a formula, whatever a name begins with.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from ... import report
from ...report import Care, Session, View, Week
from .listing import headings, rows
from .names import full
from .readers import Readers, Subject
from .text import cut, one_line

_VIEWS: tuple[View, ...] = ("room", "therapist", "patient")
_MOST_LETTERS = 32_000
"""A cell holds 32,767."""
_LINE_POINTS = 14.5
_LETTERS_A_UNIT = 1.1
"""Letters of usual text for each unit of a column's width, which is that of a digit."""
_HIGHEST_ROW = 409.0
"""What Excel allows, in points."""
_CODED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
"""What a workbook takes for the code of a letter unless the line before it is coded itself."""
_DAY_WIDTH, _SUBJECT_WIDTH = 30, 24
_WIDTHS = {
    "Substitute": 28,
    "Session": 28,
    "Place": 18,
    "Led by": 28,
    "Patients": 50,
    "By video": 24,
}

_LINE = Side(style="thin", color="808080")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_SHADE = PatternFill("solid", fgColor="E6E6E6")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_PLAIN = Font(name="Calibri", size=11)
_BOLD = Font(name="Calibri", size=11, bold=True)
_TITLE = Font(name="Calibri", size=14, bold=True)


def workbook(readers: Readers, subject: Subject | None) -> bytes:
    """The whole week with all names, or the sessions of one subject as they may know them."""
    book = Workbook()
    book.remove(book.active)
    book.properties.creator = "week schedules"
    if subject:
        _sessions(book, readers, subject)
    else:
        for view in _VIEWS:
            _grid(book, readers, view)
        _shortfalls(book, readers)
        _sessions(book, readers, None)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# -- sheets -------------------------------------------------------------------------------------


def _grid(book: Workbook, readers: Readers, view: View) -> None:
    """A row for each room, therapist or patient, a column for each day."""
    clinic = readers.clinic
    weeks = report.weeks(clinic, readers.schedule, view)
    days = report.shown_days(clinic, (s for w in weeks for s in w.sessions))
    sheet = _Sheet(book, readers, f"By {view}", [_SUBJECT_WIDTH, *[_DAY_WIDTH] * len(days)])
    sheet.headings([view.capitalize(), *(report.day_heading(clinic, d) for d in days)])
    for week in weeks:
        cells = [[s for s in week.sessions if s.day == day] for day in days]
        texts = ["\n".join(_told(s, view, week.id) for s in cell) for cell in cells]
        sheet.row([_named(week), *texts], first_bold=True)


def _named(week: Week) -> str:
    name = full(report.Named(week.id, week.name)).name
    return "\n".join(filter(None, (name, one_line(week.note))))


def _told(session: Session, view: View, subject: str) -> str:
    details = ", ".join(map(one_line, session.details(view, subject)))
    return f"{session.time} {one_line(session.title)}\n   {details}"


def _shortfalls(book: Workbook, readers: Readers) -> None:
    """Everybody who is short of something or stays on the waiting list."""
    everyone = report.care(readers.clinic, readers.schedule)
    listed = [c for c in everyone if c.is_short or not c.is_due]
    sheet = _Sheet(book, readers, "Shortfalls", [width for _, width in _SHORT])
    for sentence in report.summary(readers.clinic, readers.schedule):
        sheet.line(sentence)
    if listed:
        sheet.headings([name for name, _ in _SHORT])
    else:
        sheet.line("Nobody is short of anything.")
    for care in listed:
        sheet.row(_shortfall(care))


_SHORT = (
    ("Patient", 26),
    ("Id", 12),
    ("Status", 14),
    ("Hours given", 12),
    ("Hours due", 12),
    ("Hours short", 12),
    ("Sessions short", 34),
    ("Days short", 12),
    ("Days too short to count", 34),
    ("In words", 70),
)


def _shortfall(care: Care) -> list[str | float]:
    due = care.is_due
    short = [p for p in care.sessions.values() if p.missing and due]
    return [
        full(care.patient).name,
        one_line(care.patient.id),
        ("admitted" if due else "waiting") if care.waiting else "in treatment",
        round(care.minutes.given / 60, 2),
        round(care.minutes.due / 60, 2) if due else 0.0,
        round(care.minutes.missing / 60, 2) if due else 0.0,
        "\n".join(f"{p.missing} of {p.due} {one_line(p.what)}" for p in short),
        float(care.days.missing) if due else 0.0,
        "\n".join(care.too_short()),
        one_line(care.sentence()),
    ]


def _sessions(book: Workbook, readers: Readers, subject: Subject | None) -> None:
    """All sessions, a row each, to filter and sort."""
    names = headings(subject is None)
    sheet = _Sheet(book, readers, "Sessions", [_WIDTHS.get(n, 12) for n in names], subject)
    sheet.headings(names)
    entries = readers.week(subject) if subject else readers.everything()
    minutes = names.index("Minutes")
    for row in rows(readers.clinic, entries, subject is None):
        sheet.row([*row[:minutes], float(row[minutes]), *row[minutes + 1 :]])
    sheet.filter_rows()


# -- cells --------------------------------------------------------------------------------------


class _Sheet:
    """A sheet that is filled from the top, with the week above it; it prints on landscape pages."""

    def __init__(
        self,
        book: Workbook,
        readers: Readers,
        title: str,
        widths: Sequence[float],
        subject: Subject | None = None,
    ) -> None:
        self.sheet = book.create_sheet(title)
        self.widths = widths
        self.filled = 0
        self.heading = 0
        for number, width in enumerate(widths, 1):
            self.sheet.column_dimensions[get_column_letter(number)].width = width
        self.sheet.page_setup.orientation = "landscape"
        self.sheet.page_setup.fitToWidth, self.sheet.page_setup.fitToHeight = 1, 0
        self.sheet.sheet_properties.pageSetUpPr.fitToPage = True
        scenario = readers.clinic.scenario
        # What a patient takes along does not say which program they are in.
        own = subject is not None and subject.kind == "patient"
        start = report.long_date(scenario.week_start)
        week = f"Week of {start}" if own else f"{one_line(scenario.name)}, week of {start}"
        self.line(week, _TITLE)

    def line(self, text: str, font: Font = _PLAIN) -> None:
        """A line of text that may run over the cells beside it."""
        self.filled += 1
        cell = self.sheet.cell(self.filled, 1)
        _text(cell, text, Alignment())
        cell.font = font

    def headings(self, names: Sequence[str]) -> None:
        """The columns' names, which stay in sight and are printed on every page."""
        self.row(names, shaded=True)
        self.heading = self.filled
        self.sheet.freeze_panes = self.sheet.cell(self.filled + 1, 2)
        self.sheet.print_title_rows = f"{self.filled}:{self.filled}"

    def row(
        self, values: Sequence[str | float], *, shaded: bool = False, first_bold: bool = False
    ) -> None:
        """A row of texts and numbers, as high as its longest text."""
        self.filled += 1
        lines = 1
        for column, value in enumerate(values, 1):
            cell = self.sheet.cell(self.filled, column)
            if isinstance(value, str):
                _text(cell, value, _WRAPPED)
                letters = self.widths[column - 1] * _LETTERS_A_UNIT
                lines = max(lines, sum(1 + int(len(t) / letters) for t in value.split("\n")))
            else:
                cell.value, cell.alignment = value, Alignment(vertical="top")
                cell.number_format = "0" if value == int(value) else "0.0"
            cell.border = _BOX
            cell.font = _BOLD if shaded or (first_bold and column == 1) else _PLAIN
            if shaded:
                cell.fill = _SHADE
        height = min(_HIGHEST_ROW, lines * _LINE_POINTS + 3)
        self.sheet.row_dimensions[self.filled].height = height

    def filter_rows(self) -> None:
        """Arrows at the headings to filter and sort by."""
        last = get_column_letter(len(self.widths))
        self.sheet.auto_filter.ref = f"A{self.heading}:{last}{self.filled}"


def _text(cell: Any, value: str, alignment: Alignment) -> None:
    """Text that stays text: in the file by its type, in Excel also after it has been edited."""
    cell.value = _CODED.sub("_x005F_", cut(value, _MOST_LETTERS))
    cell.data_type = "s"
    cell.alignment = alignment
    if value.lstrip().startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True
