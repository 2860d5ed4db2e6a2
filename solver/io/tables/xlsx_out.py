"""Writing workbooks (.xlsx): one sheet a list, ready to be filled in.

Drop-downs offer the ids of the other sheets, each heading has a note, headings stay in view, and
every text cell is text to any spreadsheet, also one that begins with "=".
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from datetime import date
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ...errors import Fault, FileFaults
from ...timegrid import MINUTES_A_DAY
from ..writing import write_file
from .cells import TimeOfDay, Written
from .kinds import Kind
from .layout import POLICY, Column, Path, Table, by_path, tables
from .lists import plain_text
from .matching import README_TITLE
from .writing import Filled, Row

_LONGEST_CELL = 32_767
"""Characters that a workbook's cell can hold."""
_FIRST_DATE = date(1900, 3, 1)
"""Earlier days are one off in workbooks, which believe in a 29 February 1900."""
_LAST_FILLED_ROW = 2_000
"""Drop-downs and cell formats reach this far down."""
_WIDEST = 60
_ESCAPE_LIKE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_DARK, _LIGHT = "1F4E5F", "5B8A9A"
_LINE_POINTS = 15.0
_HIGHEST_ROW = 409.0
"""What Excel allows, in points."""
_FORM_WIDTHS = (20, 44, 100)
_PAGE_LETTERS = 220
"""How wide a sheet may be to be printed on one page's width."""
_TOP = Alignment(vertical="top", horizontal="left", wrap_text=True)
_PLAIN = Font(name="Calibri", size=11)
_TITLE = Font(name="Calibri", bold=True, size=13, color="1F4E5F")
_HEADING = Font(name="Calibri", bold=True, color="FFFFFF")
_EXAMPLE = Font(name="Calibri", italic=True, color="7F7F7F")
_LINE = Border(bottom=Side(style="thin", color="C9D6DB"))

_README = """\
# One sheet a list, one line an entry
Fill in the sheets from left to right: those on the right name what stands on the left.
Dark headings must be filled in; columns under light ones may stay blank.
The note on each heading (point at its corner) says what the column is for.
Lines that begin with "e.g." are examples. They are never read; delete them when you like.

# How to write it
Hours: Mon, Wed 09:00-12:00; Fri 13:00-17:00. "never" is at no time; what blank means, the note says.
Several in one cell: with commas between: sud, adult. What has a comma goes in quotes: "Smith, Jane".
Leaders: lcsw or lpc; anyone. A semicolon between two people, "or" between what one may hold.
Credentials that run out: lcsw, cpr until 2026-06-30.
Equipment: interpreter: 1, van: 2.
Day patterns: Mon, Wed; Tue, Thu.
Dates: 2026-01-05. Times: 09:00. Yes and no: yes, no. Shares: 0.85 or 85%.

# Then
iop import week.xlsx -o scenario.json
says everything that does not fit, each with its sheet and cell, or writes the scenario.
Columns and sheets of your own are not read. Do not rename ours.
"""
"""What the first sheet says; headings begin with a number sign."""


def write_xlsx(path: str | os.PathLike[str], sheets: Filled, with_examples: bool) -> None:
    """Write a workbook whole or not at all, readable by its owner alone.

    Args:
        path: where to.
        sheets: the rows of each sheet.
        with_examples: whether the first row of each list is an example.

    Raises:
        FileFaults: it cannot be written there, or a value is too long for a workbook's cell.
    """
    write_file(path, xlsx_bytes(sheets, with_examples))


def xlsx_bytes(sheets: Filled, with_examples: bool) -> bytes:
    """The workbook as it stands in a file; FileFaults for values that no cell can hold."""
    workbook = Workbook()
    workbook.properties.creator = "iop"
    if isinstance(readme := workbook.active, Worksheet):
        _write_readme(readme)
    faults: list[Fault] = []
    for table in tables():
        sheet = workbook.create_sheet(table.title)
        if table.is_form:
            _write_form(sheet, table, sheets[table.path][0], faults)
        else:
            _write_list(sheet, table, sheets[table.path], with_examples, faults)
    if faults:
        raise FileFaults(faults)
    out = BytesIO()
    workbook.save(out)
    return out.getvalue()


def _write_readme(sheet: Worksheet) -> None:
    sheet.title = README_TITLE
    sheet.sheet_view.showGridLines = False
    sheet.column_dimensions["A"].width = 110
    for number, line in enumerate(_README.splitlines(), start=1):
        cell = _text(sheet.cell(number, 1), line.removeprefix("# "))
        cell.alignment = _TOP
        cell.font = _TITLE if line.startswith("# ") else _PLAIN


def _write_form(sheet: Worksheet, table: Table, row: Row, faults: list[Fault]) -> None:
    """A line a field: heading, value, and what it is about."""
    for letter, width in zip("ABC", _FORM_WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    for number, (column, value) in enumerate(zip(table.columns, row, strict=True), start=1):
        _heading(_text(sheet.cell(number, 1), column.heading), column)
        _value(sheet.cell(number, 2), value, column.kind, faults)
        sheet.cell(number, 2).border = _LINE
        note = _text(sheet.cell(number, 3), column.note)
        note.alignment, note.font = _TOP, _EXAMPLE
        _set_height(sheet, number, _FORM_WIDTHS, [None, value, column.note])
        _drop_down(sheet, column, f"B{number}", 0)
    _text(sheet.cell(len(row) + 2, 3), table.note).font = _EXAMPLE
    _page(sheet)


def _write_list(
    sheet: Worksheet,
    table: Table,
    rows: Sequence[Row],
    with_examples: bool,
    faults: list[Fault],
) -> None:
    first = 3 if with_examples and table.path in _WITH_EXAMPLE else 2
    widths = []
    for number, column in enumerate(table.columns, start=1):
        letter = get_column_letter(number)
        head = _heading(_text(sheet.cell(1, number), column.heading), column)
        note = f"{table.note}\n\n{column.note}" if number == 1 else column.note
        head.comment = Comment(note, "iop", height=40 + 20 * (len(note) // 40), width=300)
        whole = sheet.column_dimensions[letter]
        widths.append(_width(column, [row[number - 1] for row in rows]))
        whole.width = widths[-1]
        # The style of the column is that of its blank cells: what is typed there stays text.
        whole.number_format, whole.alignment = column.kind.format, _TOP
        _drop_down(sheet, column, f"{letter}{first}:{letter}{_LAST_FILLED_ROW}", first)
    for at, row in enumerate(rows, start=2):
        for number, (column, value) in enumerate(zip(table.columns, row, strict=True), start=1):
            cell = sheet.cell(at, number)
            _value(cell, value, column.kind, faults)
            if at < first:
                cell.font = _EXAMPLE
        _set_height(sheet, at, widths, row)
    sheet.row_dimensions[1].height = 3 * _LINE_POINTS
    has_name = any(column.path == ("name",) for column in table.columns)
    sheet.freeze_panes = "C2" if has_name else "B2"
    sheet.print_title_rows = "1:1"
    sheet.print_title_cols = "A:B" if has_name else "A:A"
    _page(sheet, fits=sum(widths) < _PAGE_LETTERS)


def _page(sheet: Worksheet, fits: bool = True) -> None:
    """Landscape pages; a sheet of many columns goes over several, with its names on each."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = fits


def _set_height(
    sheet: Worksheet, row: int, widths: Sequence[float], values: Sequence[Written | None]
) -> None:
    """Room for the longest text of a row; a row of one line is left to the spreadsheet."""
    lines = max(
        sum(1 + int(len(line) / width) for line in plain_text(value).split("\n"))
        for width, value in zip(widths, values, strict=True)
        if value is not None
    )
    if lines > 1:
        sheet.row_dimensions[row].height = min(_HIGHEST_ROW, lines * _LINE_POINTS)


def _heading(cell: Cell, column: Column) -> Cell:
    cell.font = _HEADING
    cell.fill = PatternFill("solid", fgColor=_DARK if column.required else _LIGHT)
    cell.alignment = Alignment(vertical="center", wrap_text=True)
    return cell


def _value(cell: Cell, value: Written | None, kind: Kind, faults: list[Fault]) -> None:
    """Put a value into a cell in a form that any spreadsheet leaves as it is."""
    cell.number_format, cell.alignment, cell.font = kind.format, _TOP, _PLAIN
    if value is None:
        return
    if isinstance(value, str):
        _text(cell, value)
    elif isinstance(value, TimeOfDay):
        cell.value = value.minutes / MINUTES_A_DAY
        cell.number_format = "[hh]:mm" if value.minutes == MINUTES_A_DAY else "hh:mm"
    elif (isinstance(value, float) and float(f"{value:.16g}") != value) or (
        isinstance(value, date) and value < _FIRST_DATE
    ):
        _text(cell, plain_text(value))  # a workbook would round the number, or shift the date
    else:
        cell.value = value
        cell.number_format = kind.format
    length = len(str(value).encode("utf-16-le")) // 2
    if length > _LONGEST_CELL:
        place = f"{cell.parent.title}!{cell.coordinate}"
        message = f"{length:,} characters; a workbook's cell holds {_LONGEST_CELL:,}: use CSV"
        faults.append(Fault(place, message))


def _text(cell: Cell, text: str) -> Cell:
    """Text that stays text, whatever it begins with."""
    if len(text) <= _LONGEST_CELL:
        cell.value = _ESCAPE_LIKE.sub("_x005F_", text)
        cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = text[:1] in (*"=+-@'",)
    return cell


def _width(column: Column, values: Sequence[Written | None]) -> float:
    longest = max((len(plain_text(value)) for value in values if value is not None), default=0)
    heading = max(map(len, column.heading.split()))
    return min(
        max(column.kind.width, heading + 3, min(longest, column.kind.width * 2) + 2), _WIDEST
    )


def _drop_down(sheet: Worksheet, column: Column, cells: str, first: int) -> None:
    """Offer what a cell may hold; ids are those that stand in the other sheet just then."""
    if column.refers is not None:
        title = by_path()[column.refers].title
        ids = f"'{title}'!$A${first}:$A${_LAST_FILLED_ROW}"
        formula = f"OFFSET('{title}'!$A${first},0,0,MAX(1,COUNTA({ids})),1)"
    elif column.kind.choices:
        formula = f'"{",".join(column.kind.choices)}"'
    else:
        return
    rule = DataValidation(type="list", formula1=formula, allow_blank=True, errorStyle="warning")
    rule.showErrorMessage = True
    rule.errorTitle = column.heading
    rule.error = "This is not in the list. It will be a fault when the workbook is imported."
    rule.add(cells)
    sheet.add_data_validation(rule)


_WITH_EXAMPLE: frozenset[Path] = frozenset(
    table.path for table in tables() if not table.is_form and table.path != POLICY
)
"""Sheets that have an example in the template; the policy has its goals."""
