"""How the command line lays out reports: rich tables, as wide as the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from .. import report
from ..timegrid import DAY_NAMES
from .terminal import printable, width

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..clinic import Clinic

NARROWEST_DAY = 15
"""Columns a day needs; where there are fewer, the week is printed as a list."""
_ROOMY = 30
"""Columns a day needs to hold time and title in one line."""
_SUBJECT = 14
_TIME = len("17:00–18:30")
_BORDER = 3


def heading(text: str) -> Text:
    """A line that stands out."""
    return Text(printable(text), style="bold")


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], numbers: Iterable[int] = ()
) -> Table:
    """A plain table; columns named by ``numbers`` are aligned to the right."""
    out = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    right = set(numbers)
    for index, name in enumerate(columns):
        out.add_column(name, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        out.add_row(*(Text("" if cell is None else printable(str(cell))) for cell in row))
    return out


def overview(clinic: Clinic, weeks: Sequence[report.Week], by: report.View) -> list[RenderableType]:
    """A row for each subject and a column for each day, or a list where the terminal is narrow."""
    days = report.shown_days(clinic, (s for w in weeks for s in w.sessions))
    room = _day_width(_SUBJECT, days)
    if room < NARROWEST_DAY:
        return [part for week in weeks for part in _listed(clinic, week, by, brief=True)]
    out = _grid(by.capitalize(), _SUBJECT, clinic, days)
    for week in weeks:
        name = Text(printable(week.name), style="bold")
        name.append(f"\n{printable(week.note)}" if week.note else "", style="not bold dim")
        cells = [[s for s in week.sessions if s.day == day] for day in days]
        out.add_row(name, *(_cell(cell, by, week.id, room) for cell in cells))
    return [out]


def single(clinic: Clinic, week: report.Week, by: report.View) -> list[RenderableType]:
    """One subject's week: a row for each time, a column for each day, everybody by name."""
    title = report.label(report.Named(week.id, week.name))
    above = heading(f"{title}, {week.note}" if week.note else title)
    days = report.shown_days(clinic, week.sessions)
    if not week.sessions:
        return [above, Text("no sessions this week")]
    room = _day_width(_TIME, days)
    if room < NARROWEST_DAY:
        return _listed(clinic, week, by, brief=False)
    out = _grid("Time", _TIME, clinic, days)
    for time in sorted({s.time for s in week.sessions}):
        cells = [[s for s in week.sessions if (s.day, s.time) == (day, time)] for day in days]
        out.add_row(time, *(_cell(cell, by, week.id, room, brief=False) for cell in cells))
    return [above, out]


def _day_width(first: int, days: Sequence[int]) -> int:
    return (width() - first - _BORDER - 1) // len(days) - _BORDER if days else 0


def _grid(first: str, first_width: int, clinic: Clinic, days: Sequence[int]) -> Table:
    out = Table(box=box.SQUARE, show_lines=True, header_style="bold")
    out.add_column(first, width=first_width, overflow="fold")
    for day in days:
        out.add_column(
            report.day_heading(clinic, day), width=_day_width(first_width, days), overflow="fold"
        )
    return out


def _cell(
    sessions: Sequence[report.Session],
    by: report.View,
    subject: str,
    room: int,
    brief: bool = True,
) -> Text:
    """Sessions one under the other; times stand in the cell where rows are not times themselves."""
    cell = Text()
    one_line = room >= _ROOMY
    indent = _TIME + 1 if brief and one_line else 0
    for session in sessions:
        cell.append("\n" if cell else "")
        details = ", ".join(_details(session, by, subject, brief))
        first, second = (details, "") if by == "group" else (session.title, details)
        if brief:
            cell.append(session.time, style="bold").append(" " if one_line else "\n")
        cell.append(_wrapped(first, room, indent).lstrip())
        if second:
            cell.append(f"\n{_wrapped(second, room, indent or 1)}", style="dim")
    return cell


def _wrapped(text: str, room: int, indent: int) -> str:
    """Lines no wider than ``room``, all set in by ``indent``."""
    margin = " " * indent
    lines = textwrap.wrap(printable(text), room, initial_indent=margin, subsequent_indent=margin)
    return "\n".join(lines)


def _details(session: report.Session, by: report.View, subject: str, brief: bool) -> Iterator[str]:
    if brief and by == "patient":
        if session.cancelled:
            yield "cancelled"
        return
    yield from session.details(by, subject)
    if not brief and session.group and by != "patient":
        if session.members:
            yield f"namely {', '.join(p.name for p in session.members)}"
        if session.absent:
            yield f"absent {', '.join(p.name for p in session.absent)}"


def _listed(
    clinic: Clinic, week: report.Week, by: report.View, brief: bool
) -> list[RenderableType]:
    """A subject's week as lines, day by day."""
    title = report.label(report.Named(week.id, week.name))
    out: list[RenderableType] = [heading(f"{title}, {week.note}" if week.note else title)]
    for day in report.shown_days(clinic, week.sessions):
        on_day = [s for s in week.sessions if s.day == day]
        for number, session in enumerate(on_day):
            before = f"  {DAY_NAMES[day][:3] if number == 0 else '':<4}{session.time} "
            parts = [session.title, *_details(session, by, week.id, brief)]
            text = _wrapped(", ".join(parts), width(), len(before)).lstrip()
            out.append(Text(before, style="bold").append(text, style="not bold"))
    return [*out, Text("")] if week.sessions else [*out, Text("  no sessions this week"), Text("")]


def numbered(sentences: Iterable[str]) -> Table:
    """Sentences with their numbers; what does not fit a line goes on under its beginning."""
    out = Table.grid(padding=(0, 1))
    out.add_column(justify="right")
    out.add_column()
    for number, sentence in enumerate(sentences, 1):
        out.add_row(f"{number}.", Text(printable(sentence)))
    return out


def indented(text: str) -> Padding:
    """A paragraph set in from the left."""
    return Padding(Text(printable(text)), (0, 0, 0, 2))


def shortages(everyone: Iterable[report.Care]) -> list[RenderableType]:
    """A sentence for everybody who is short of something or stays on the waiting list."""
    short = [c.sentence() for c in everyone if c.is_short]
    waiting = [c.sentence() for c in everyone if not c.is_due]
    out: list[RenderableType] = []
    for title, sentences in (("Short of care", short), ("Waiting", waiting)):
        if sentences:
            out += [Text(""), heading(title), *(indented(s) for s in sentences)]
    return out
