"""The sheets as a PDF to print: black on white, each sheet on as many pages as it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple, cast

from fpdf import FPDF

from .fonts import Style, font_files, in_print, is_replaced, needs_shaping
from .page import Paper
from .sheets import Box, Sheet, TableSheet, WeekSheet
from .text import cut

_MARGIN, _FOOTER, _PAD, _GAP = 12.0, 7.0, 1.3, 1.5
"""Millimetres: round the page, at its foot, inside a box, between boxes."""
_POINT = 25.4 / 72
_LEADING = 1.28
_SCALES = (1.5, 1.25, 1.0)
"""Sizes that a week is tried in: one on a door is read from afar."""
_TO_SIGN = 11.0
"""Height of a row with room for a signature, in millimetres."""
_LONGEST_HEADING, _LONGEST_NOTE = 240, 800
"""Letters; what is longer is cut, or nothing else would find room. Boxes and rows take any length."""
_CONTINUED = " (continued)"
_REPLACED = "Letters that cannot be printed here are written as Latin ones."


class _Line(NamedTuple):
    """One line as it is set: ``size`` in points, ``style`` of B (bold) and S (struck through)."""

    text: str
    size: float = 9.0
    style: str = ""
    label: bool = False

    @property
    def height(self) -> float:
        return self.size * _POINT * _LEADING


class _Piece(NamedTuple):
    """So much of a box as stands on one page, and where on it."""

    page: int
    top: float
    lines: tuple[_Line, ...]
    off: bool


def pdf(sheets: Sequence[Sheet], title: str, paper: Paper) -> bytes:
    """A PDF document of the sheets."""
    texts = [text for sheet in sheets for text in _texts(sheet)]
    shown = [in_print(t) for t in (*texts, title, _CONTINUED, _REPLACED)]
    with font_files(shown) as fonts:
        printer = _Printer(fonts, paper, shaped=any(map(needs_shaping, shown)))
        printer.document.set_title(title)
        for sheet in sheets:
            if isinstance(sheet, WeekSheet):
                printer.week(sheet)
            else:
                printer.table(sheet)
        return bytes(printer.document.output())


def _texts(sheet: Sheet) -> Iterator[str]:
    """Everything that is written on a sheet."""
    yield from (sheet.heading, sheet.note, sheet.footer)
    if isinstance(sheet, TableSheet):
        yield from (sheet.call_out, sheet.closing)
        yield from (column.name for column in sheet.columns)
        yield from (cell for row in sheet.rows for cell in row)
    else:
        for day, boxes in sheet.days:
            yield day
            for box in boxes:
                yield from (box.time, box.title, box.call_out, *box.lines)


def _height(lines: Sequence[_Line]) -> float:
    return sum(line.height for line in lines) + 2 * _PAD


def _fitting(lines: Sequence[_Line], room: float) -> int:
    """How many of the lines a box of this height holds."""
    count, room = 0, room - 2 * _PAD
    for line in lines:
        room -= line.height
        if room < 0:
            break
        count += 1
    return count


class _Printer:
    """Lays sheets out on pages."""

    def __init__(self, fonts: Sequence[Mapping[Style, Path]], paper: Paper, shaped: bool) -> None:
        self.document = FPDF(unit="mm", format=paper)
        self.document.set_auto_page_break(False)
        self.document.set_margin(_MARGIN)
        self.document.c_margin = 0
        self.document.set_lang("en")
        for number, styles in enumerate(fonts):
            for style, path in styles.items():
                self.document.add_font(f"letters{number}", style, path)
        others = [f"letters{number}" for number in range(1, len(fonts))]
        self.document.set_fallback_fonts(others, exact_match=False)
        self.document.set_font("letters0")
        self.document.set_text_shaping(shaped, direction="ltr")  # the language of the page

    # -- weeks --------------------------------------------------------------------------------

    def week(self, sheet: WeekSheet) -> None:
        """Days beside each other, their sessions one under the other, as large as one page allows."""
        top = self._open(sheet, "landscape")
        width = (self.document.w - 2 * _MARGIN) / max(1, len(sheet.days))
        headings = [self._lines(day, width - 2 * _PAD, 10, "B") for day, _ in sheet.days]
        first = top + max(map(_height, headings), default=0.0)
        for scale in _SCALES:
            columns = [list(self._flow(boxes, first, width, scale)) for _, boxes in sheet.days]
            last = max((piece.page for column in columns for piece in column), default=0)
            if not last:
                break
        for page in range(last + 1):
            if page:
                self._open(sheet, "landscape", _CONTINUED)
            for number, (heading, column) in enumerate(zip(headings, columns, strict=True)):
                left = _MARGIN + number * width
                self.document.rect(left, top, width, self._bottom - top)
                self.document.line(left, first, left + width, first)
                self._write(heading, left + _PAD, top + _PAD)
                for piece in column:
                    if piece.page == page:
                        self._box(piece, left + _GAP, width - 2 * _GAP)

    def _flow(
        self, boxes: Sequence[Box], top: float, width: float, scale: float
    ) -> Iterator[_Piece]:
        """Where each box of a day stands; one that a page cannot hold goes on on the next."""
        page, first = 0, top + _GAP
        at, room = first, self._bottom - _GAP - first
        for box in boxes:
            lines = self._box_lines(box, width - 2 * _GAP - 2 * _PAD, scale)
            while lines:
                left = self._bottom - _GAP - at
                fitting = _fitting(lines, left)
                if fitting < len(lines) and at > first and (_height(lines) <= room or fitting < 4):
                    page, at = page + 1, first
                    continue
                piece = _Piece(page, at, tuple(lines[: max(1, fitting)]), box.off)
                yield piece
                lines = lines[len(piece.lines) :]
                at += _height(piece.lines) + _GAP

    def _box_lines(self, box: Box, width: float, scale: float) -> list[_Line]:
        struck = "S" if box.off else ""
        call_out = self._lines(box.call_out, width - 2 * _PAD, 9 * scale, "B")
        return [
            *(line._replace(label=True) for line in call_out),
            *self._lines(box.time, width, 10 * scale, f"B{struck}"),
            *self._lines(box.title, width, 10 * scale, f"B{struck}"),
            *(t for line in box.lines for t in self._lines(line, width, 9 * scale, struck)),
        ]

    def _box(self, piece: _Piece, left: float, width: float) -> None:
        if piece.off:
            self.document.set_dash_pattern(dash=1, gap=1)
        self.document.rect(left, piece.top, width, _height(piece.lines))
        self.document.set_dash_pattern()
        self._write(piece.lines, left + _PAD, piece.top + _PAD, width - 2 * _PAD)

    # -- tables -------------------------------------------------------------------------------

    def table(self, sheet: TableSheet) -> None:
        """Rows under headings that every page repeats; a row too high for a page is divided."""
        top = self._open(sheet, "portrait")
        shares = sum(column.share for column in sheet.columns)
        full = self.document.w - 2 * _MARGIN
        widths = [full * column.share / shares for column in sheet.columns]
        at = self._row([c.name for c in sheet.columns], widths, top, "B")
        first = at
        least = _TO_SIGN if sheet.to_sign else 0.0
        for row in sheet.rows:
            cells = [self._lines(c, w - 2 * _PAD, 10, "") for c, w in zip(row, widths, strict=True)]
            while True:
                left = self._bottom - at
                height = max(least, *map(_height, cells))
                fitting = min(_fitting(c, left) if c else 10**6 for c in cells)
                if height > left and at > first and (height <= self._bottom - first or fitting < 4):
                    top = self._open(sheet, "portrait", _CONTINUED)
                    at = self._row([c.name for c in sheet.columns], widths, top, "B")
                    continue
                taken = max(map(len, cells)) if height <= left else max(1, fitting)
                at = self._cells([c[:taken] for c in cells], widths, at, least)
                cells = [c[taken:] for c in cells]
                if not any(cells):
                    break
        self._close(sheet, at)

    def _close(self, sheet: TableSheet, at: float) -> None:
        lines = self._lines(sheet.closing, self.document.w - 2 * _MARGIN, 10, "")
        if lines and at + 6 * _GAP + _height(lines) > self._bottom:
            at = self._open(sheet, "portrait", _CONTINUED)
        self._write(lines, _MARGIN, at + 6 * _GAP)

    def _row(self, texts: Sequence[str], widths: Sequence[float], top: float, style: str) -> float:
        pairs = zip(texts, widths, strict=True)
        return self._cells([self._lines(t, w - 2 * _PAD, 10, style) for t, w in pairs], widths, top)

    def _cells(
        self,
        cells: Sequence[Sequence[_Line]],
        widths: Sequence[float],
        top: float,
        least: float = 0.0,
    ) -> float:
        """Draw one row; returns where the next one begins."""
        height, left = max(least, *map(_height, cells)), _MARGIN
        for lines, width in zip(cells, widths, strict=True):
            self.document.rect(left, top, width, height)
            down = (height - _height(lines)) / 2 if least else 0.0
            self._write(lines, left + _PAD, top + _PAD + down)
            left += width
        return top + height

    # -- pages and lines ----------------------------------------------------------------------

    @property
    def _bottom(self) -> float:
        """Where the page's content ends."""
        return float(self.document.h) - _MARGIN - _FOOTER

    def _open(
        self, sheet: Sheet, orientation: Literal["portrait", "landscape"], more: str = ""
    ) -> float:
        """A new page with the sheet's heading and footer; returns where its content begins."""
        self.document.add_page(orientation=orientation)
        width = self.document.w - 2 * _MARGIN
        at = self._write(
            self._lines(cut(sheet.heading, _LONGEST_HEADING), width, 18, "B"), _MARGIN, _MARGIN
        )
        # The note leaves room for what the following pages add to it, so that all begin alike.
        spared = width - self._width(_CONTINUED, 11)
        note = self._lines(cut(sheet.note, _LONGEST_NOTE), spared, 11, "")
        if note:
            note[-1] = note[-1]._replace(text=f"{note[-1].text}{more}")
        at = self._write(note, _MARGIN, at)
        if isinstance(sheet, TableSheet) and sheet.call_out:
            label = self._lines(cut(sheet.call_out, _LONGEST_HEADING), width - 2 * _PAD, 12, "B")
            at = self._write([line._replace(label=True) for line in label], _MARGIN, at + _GAP)
        replaced = any(map(is_replaced, _texts(sheet)))
        foot = " ".join(filter(None, (sheet.footer, _REPLACED if replaced else "")))
        lines = self._lines(foot, width, 8, "")[:2]
        self._write(lines, _MARGIN, self._bottom + _GAP)
        return at + 2 * _GAP

    def _lines(self, text: str, width: float, size: float, style: str) -> list[_Line]:
        """The text in lines of a width."""
        shown = in_print(text)
        if not shown.strip():
            return []
        self.document.set_font(style=style, size=size)
        lines = self.document.multi_cell(width, text=shown, align="L", dry_run=True, output="LINES")
        return [_Line(str(line), size, style) for line in cast("list[str]", lines)]

    def _width(self, text: str, size: float) -> float:
        self.document.set_font(style="", size=size)
        return float(self.document.get_string_width(text))

    def _write(self, lines: Sequence[_Line], left: float, top: float, width: float = 0.0) -> float:
        """Write lines one under the other; returns where the next one begins."""
        for line in lines:
            self.document.set_font(style=line.style, size=line.size)
            if line.label:
                self._label(line, left, top, width)
            else:
                self.document.set_xy(left, top)
                self.document.cell(width or None, line.height, line.text)
            top += line.height
        return top

    def _label(self, line: _Line, left: float, top: float, width: float) -> None:
        """White on black, so that nobody overlooks it."""
        self.document.set_xy(left, top)
        self.document.set_fill_color(0)
        self.document.set_text_color(255)
        if not width:
            width = float(self.document.get_string_width(line.text)) + 2 * _PAD
        self.document.cell(width, line.height, f" {line.text}", fill=True)
        self.document.set_text_color(0)
