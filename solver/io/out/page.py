"""The sheets as one page of HTML that prints well: no script, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Literal

from .sheets import Box, Sheet, TableSheet, WeekSheet

Paper = Literal["letter", "a4"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
@page { margin: 12mm }
@page wide { size: %(paper)s landscape }
@page tall { size: %(paper)s portrait }
* { box-sizing: border-box }
body { margin: 0; color: #000; background: #fff; overflow-wrap: anywhere;
  font: 11pt/1.3 "Noto Sans", "Segoe UI", "Helvetica Neue", Arial, sans-serif }
section { break-after: page; padding: 8mm }
section:last-child { break-after: auto }
section.week { page: wide }
section.table { page: tall }
h1 { font-size: 18pt; margin: 0 }
header p { margin: 0 0 4mm; font-size: 11pt }
.days { display: grid; grid-auto-columns: minmax(0, 1fr); grid-auto-flow: column; border: 1px solid #000 }
.day + .day { border-left: 1px solid #000 }
h2 { font-size: 11pt; margin: 0; padding: 1.5mm 2mm; border-bottom: 1px solid #000 }
article { margin: 1.5mm; padding: 1.5mm; border: 1px solid #000; break-inside: avoid }
article.off { border-style: dashed }
article.off .what { text-decoration: line-through }
article p { margin: 0; font-size: 11pt }
article p.time, article p.title { font-size: 12pt; font-weight: bold }
.call-out { border: 2px solid #000; font-weight: bold; padding: 0 1.5mm; display: inline-block }
table { border-collapse: collapse; width: 100%%; table-layout: fixed }
thead { display: table-header-group }
tr { break-inside: avoid }
th, td { border: 1px solid #000; padding: 1.5mm 2mm; text-align: start; vertical-align: top }
.to-sign td { height: 11mm; vertical-align: middle }
.closing { margin: 8mm 0 0; white-space: pre-wrap }
footer { margin-top: 3mm; font-size: 9pt }
@media print { section { padding: 0 } }
"""


def html(sheets: Sequence[Sheet], title: str, paper: Paper) -> bytes:
    """A whole HTML document with a section for each sheet; every text in it is escaped."""
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        '<head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="robots" content="noindex">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE % {'paper': paper}}</style></head>",
        "<body>",
        *(part for sheet in sheets for part in _section(sheet)),
        "</body></html>",
    ]
    return "\n".join([*parts, ""]).encode()


def _section(sheet: Sheet) -> Iterator[str]:
    kind = "week" if isinstance(sheet, WeekSheet) else "table"
    yield f'<section class="{kind}">'
    yield f"<header><h1>{escape(sheet.heading)}</h1><p>{escape(sheet.note)}</p></header>"
    yield from _days(sheet) if isinstance(sheet, WeekSheet) else _table(sheet)
    if sheet.footer:
        yield f"<footer>{escape(sheet.footer)}</footer>"
    yield "</section>"


def _days(sheet: WeekSheet) -> Iterator[str]:
    yield '<div class="days">'
    for heading, boxes in sheet.days:
        yield f'<div class="day"><h2>{escape(heading)}</h2>'
        yield from map(_box, boxes)
        yield "</div>"
    yield "</div>"


def _box(box: Box) -> str:
    call_out = f'<p class="call-out">{escape(box.call_out)}</p>' if box.call_out else ""
    lines = "".join(f"<p>{escape(line)}</p>" for line in box.lines)
    return (
        f"<article{' class=off' if box.off else ''}>{call_out}"
        f'<div class="what"><p class="time">{escape(box.time)}</p>'
        f'<p class="title">{escape(box.title)}</p>{lines}</div></article>'
    )


def _table(sheet: TableSheet) -> Iterator[str]:
    if sheet.call_out:
        yield f'<p><span class="call-out">{escape(sheet.call_out)}</span></p>'
    yield f"<table{' class=to-sign' if sheet.to_sign else ''}><colgroup>"
    yield from (f'<col style="width: {column.share}%">' for column in sheet.columns)
    yield "</colgroup><thead><tr>"
    yield from (f'<th scope="col">{escape(column.name)}</th>' for column in sheet.columns)
    yield "</tr></thead><tbody>"
    for row in sheet.rows:
        yield f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
    yield "</tbody></table>"
    if sheet.closing:
        yield f'<p class="closing">{escape(sheet.closing)}</p>'
