"""The board: a row a room, person, group or day, time from left to right, a box a session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from solver import report
from solver.clinic import Clinic
from solver.timegrid import DAY_NAMES, DAY_NUMBER, clock, parse_clock

from .colours import KINDS, Colours, colours
from .text import cell

if TYPE_CHECKING:
    from collections.abc import Callable

ROOMY, TIGHT = 46, 30
"""Pixels of a row with two lines of text, and with one where there are many rows."""
MANY = 40
LEGEND = 44
"""Pixels."""
NARROWEST_TEXT, NARROWEST_INITIALS = 34, 10
"""Pixels of a box within which its words are cut short, or only their first letters stand."""
HEADER = "\u2063"
"""The row of day names; it has no name of its own."""
LANE = "\u200b"
"""Added to a row's name for each further row that it needs, where sessions overlap."""
_BETWEEN_DAYS = 0.12
"""Of a day's length."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the board: whose week it is a part of, and the sessions in it."""

    name: str
    sessions: tuple[report.Session, ...]
    by: report.View
    subject: str


@dataclass(frozen=True, slots=True)
class Span:
    """What stands from left to right.

    Attributes:
        days: day numbers, side by side; none where each row is a day of its own.
        first, last: minutes of each day.
    """

    days: tuple[int, ...]
    first: int
    last: int

    @property
    def step(self) -> float:
        """From one day's beginning to the next one's."""
        return (self.last - self.first) * (1 + _BETWEEN_DAYS)

    @property
    def width(self) -> float:
        return self.step * (max(1, len(self.days)) - 1) + self.last - self.first

    def at(self, day: int, minute: int) -> float:
        """Where on the board a time stands."""
        before = self.days.index(day) if day in self.days else 0
        return before * self.step + minute - self.first


def key_of(session: report.Session) -> str:
    """What tells one meeting or appointment from another."""
    return f"{session.ref} {session.day}"


def span_of(clinic: Clinic, sessions: Sequence[report.Session], days: Sequence[int]) -> Span:
    """Whole hours around every session of the week; opening hours where there are none."""
    starts = [s.start for s in sessions]
    ends = [s.end for s in sessions]
    if not sessions:
        starts = [w.start for w in clinic.scenario.opening_hours] or [parse_clock("08:00")]
        ends = [w.end for w in clinic.scenario.opening_hours] or [parse_clock("18:00")]
    return Span(tuple(days), min(starts) // 60 * 60, -(-max(ends) // 60) * 60)


def rows_of(weeks: Sequence[report.Week], by: report.View, days: Sequence[int]) -> list[Row]:
    """A row for each subject; two of the same name are told apart by their ids."""
    names = [week.name for week in weeks]
    return [
        Row(
            _named(week, twice=names.count(week.name) > 1),
            tuple(s for s in week.sessions if s.day in days),
            by,
            week.id,
        )
        for week in weeks
    ]


def rows_by_day(
    clinic: Clinic, week: report.Week, by: report.View, days: Sequence[int]
) -> list[Row]:
    """One subject's week, a row for each day."""
    return [
        Row(
            report.day_heading(clinic, day),
            tuple(s for s in week.sessions if s.day == day),
            by,
            week.id,
        )
        for day in days
    ]


def _named(week: report.Week, *, twice: bool) -> str:
    name = cell(f"{week.name} ({week.id})" if twice else week.name)
    return f"{name} · {week.note}" if week.note else name


def lanes(sessions: Sequence[report.Session]) -> list[list[report.Session]]:
    """Sessions in as few lines as it takes for none to overlap another; one empty line at least."""
    out: list[list[report.Session]] = [[]]
    for session in sorted(sessions, key=lambda s: (s.day, s.start, s.end)):
        for lane in out:
            if not lane or (lane[-1].day, lane[-1].end) <= (session.day, session.start):
                lane.append(session)
                break
        else:
            out.append([session])
    return out


def boxes(rows: Sequence[Row], span: Span) -> tuple[list[str], list[dict[str, Any]]]:
    """Names of the board's lines, and a box for each session in them."""
    lines, out = [], []
    for row in rows:
        for number, lane in enumerate(lanes(row.sessions)):
            line = row.name + LANE * number
            lines.append(line)
            out += [_box(row, line, session, span) for session in lane]
    return lines, out


def _box(row: Row, line: str, session: report.Session, span: Span) -> dict[str, Any]:
    details = session.details(row.by, row.subject)
    title = session.title
    if session.group is None and row.by in ("room", "therapist"):
        # Whom it is with says more than what it is: most appointments are of one kind.
        title = session.members[0].name
        details = (*(text for text in details if text != title), session.title)
    return {
        "line": line,
        "key": key_of(session),
        "from": span.at(session.day, session.start),
        "to": span.at(session.day, session.end),
        "kind": KINDS["cancelled" if session.cancelled else session.kind],
        "title": cell(title),
        "what": cell(session.title),
        "title_initials": letters(title),
        "more": cell(", ".join(details)),
        "more_initials": letters(details[0] if details else ""),
        "when": f"{DAY_NAMES[session.day]} {session.time}",
        "where": cell(session.place),
        "who": cell(", ".join(t.name for t in session.leaders)) or "nobody",
        "seats": report.count(len(session.members), "patient"),
    }


def letters(text: str) -> str:
    """``RP`` of ``Relapse Prevention``: what a narrow box has room for."""
    words = "".join(c if c.isalnum() else " " for c in text).split()
    return "".join(word[0].upper() for word in words[:2])


def board(
    clinic: Clinic, rows: Sequence[Row], span: Span, key: str, on_select: Callable[[], None]
) -> None:
    """Draw it; what is chosen is in the session state under ``key``."""
    paint = colours()
    lines, drawn = boxes(rows, span)
    chart = _chart(clinic, lines, drawn, span, paint)
    words = f"{report.count(len(drawn), 'session')} in {report.count(len(rows), 'row')}; "
    st.altair_chart(
        chart,
        width="stretch",
        key=key,
        on_select=on_select,
        selection_mode="session",
        alt=words + "the same sessions are in the table below.",
    )


def chosen(state: Any) -> str | None:
    """The key of the session that was clicked on, from what the chart says of its selection."""
    try:
        points = state["selection"]["session"]
        key = points[0]["key"]
    except (KeyError, IndexError, TypeError):
        return None
    return key if isinstance(key, str) else None


def _chart(
    clinic: Clinic, lines: list[str], drawn: list[dict[str, Any]], span: Span, paint: Colours
) -> Any:
    import altair as alt  # noqa: PLC0415 - slow to load, and not every page needs it

    height = TIGHT if len(lines) > MANY else ROOMY
    y = alt.Y(
        "line:N",
        scale=alt.Scale(domain=[HEADER, *lines], paddingInner=0, paddingOuter=0),
        axis=alt.Axis(
            title=None,
            labelExpr=f"indexof(datum.label, '{LANE}') < 0 ? datum.label : ''",
            labelLimit=220,
            labelPadding=8,
            labelOverlap=False,
            grid=False,
        ),
    )
    edge = alt.Scale(domain=[0, span.width], nice=False, zero=False, padding=0)
    bands = [{"line": line, "from": 0, "to": span.width} for line in [HEADER, *lines][::2]]
    band = (
        alt.Chart(alt.InlineData(values=bands))
        .mark_rect(color=paint.band)
        .encode(x=alt.X("from:Q", scale=edge, axis=None), x2="to:Q", y=y)
    )
    rules = [{"at": span.at(d, m)} for d in span.days or (0,) for m in _hours(span)]
    rule = (
        alt.Chart(alt.InlineData(values=rules))
        .mark_rule(color=paint.line, strokeWidth=0.6)
        .encode(x=alt.X("at:Q", scale=edge, axis=None))
    )
    heads = _heads(clinic, span)
    head = alt.Chart(alt.InlineData(values=heads)).encode(
        x=alt.X("at:Q", scale=edge, axis=None), y=y
    )
    days = head.transform_filter("datum.day != ''").mark_text(
        align="left", dx=3, dy=-8, fontWeight="bold", fontSize=13, color=paint.ink
    )
    hours = head.mark_text(align="left", dx=3, dy=9, fontSize=11, color=paint.faint)

    click = alt.selection_point(name="session", fields=["key"], on="click", toggle=False)
    used = [name for name in paint.kinds if any(box["kind"] == name for box in drawn)]
    scale = alt.Scale(domain=used, range=[paint.kinds[name] for name in used])
    legend = alt.Legend(orient="top", title=None, symbolType="square", symbolSize=140)
    base = alt.Chart(alt.InlineData(values=drawn)).encode(
        x=alt.X("from:Q", scale=edge, axis=None),
        y=y,
        tooltip=[
            alt.Tooltip("what:N", title="Session"),
            alt.Tooltip("when:N", title="When"),
            alt.Tooltip("where:N", title="Where"),
            alt.Tooltip("who:N", title="Led by"),
            alt.Tooltip("seats:N", title="Attending"),
        ],
    )
    box = (
        base.mark_rect(
            height={"band": 0.88},
            fillOpacity=0.28,
            strokeWidth=1.2,
            cornerRadius=3,
            cursor="pointer",
        )
        .encode(
            x2="to:Q",
            fill=alt.Fill("kind:N", scale=scale, legend=legend if used else None),
            stroke=alt.Stroke("kind:N", scale=scale, legend=None),
        )
        .add_params(click)
    )
    room = "(scale('x', datum.to) - scale('x', datum.from) - 8)"
    text: dict[str, Any] = {
        "align": "left",
        "dx": 5,
        "color": paint.ink,
        "cursor": "pointer",
        "limit": alt.expr(f"{room} < {NARROWEST_TEXT} ? {NARROWEST_TEXT} : {room}"),
        # One letter and three dots say nothing; who points at the box is told all of it.
        "opacity": alt.expr(f"{room} < {NARROWEST_INITIALS} ? 0 : 1"),
    }

    def shown(name: str) -> Any:
        return alt.expr(f"{room} < {NARROWEST_TEXT} ? datum.{name}_initials : datum.{name}")

    two = height == ROOMY
    titles = base.mark_text(
        dy=-8 if two else 0, fontSize=12, fontWeight="bold", text=shown("title"), **text
    )
    more = base.mark_text(dy=8, fontSize=11, text=shown("more"), **text)
    layers = [band, rule, days.encode(text="day:N"), hours.encode(text="hour:N"), box, titles]
    return alt.layer(*layers, *([more] if two else [])).properties(
        height=LEGEND + height * (len(lines) + 1)
    )


def _hours(span: Span) -> range:
    """Hours that are marked: no more than a dozen a board's width has room for."""
    hours = (span.last - span.first) // 60 * max(1, len(span.days))
    step = next((s for s in (1, 2, 3, 4, 6) if hours / s <= 24), 12)
    return range(span.first, span.last + 1, step * 60)


def _heads(clinic: Clinic, span: Span) -> list[dict[str, Any]]:
    out = []
    step = _hours(span).step / 2
    for day in span.days or (0,):
        for minute in _hours(span):
            if span.last - minute >= step:  # a later one would stand out of its day
                is_first = minute == span.first and span.days
                name = report.day_heading(clinic, day) if is_first else ""
                at = span.at(day, minute)
                out.append({"line": HEADER, "at": at, "day": name, "hour": clock(minute)})
    return out


def open_days(clinic: Clinic, sessions: Sequence[report.Session]) -> tuple[int, ...]:
    """Days to show; every day where the clinic says nothing."""
    return report.shown_days(clinic, sessions) or tuple(DAY_NUMBER.values())
