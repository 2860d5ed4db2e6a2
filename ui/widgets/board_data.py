"""The board as data: what the calendar in the browser is told. Keys are numbers, no ids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from solver import report
from solver.clinic import Clinic
from solver.report.words import names
from solver.timegrid import DAY_NAMES

from ..desk.opened import Week
from . import board_marks as marks
from .board import key_of, span_of
from .colours import KINDS, Colours
from .text import cell

Json = dict[str, Any]
MOST_COLUMNS = 12
"""Side by side on one day; more are rows, with time from left to right."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a board shows.

    Attributes:
        by: what a column or row is.
        subjects: whose; ``single`` if it is one of them, with a column a day.
        days: day numbers.
    """

    by: report.View
    subjects: tuple[report.Week, ...]
    days: tuple[int, ...]
    single: bool

    @property
    def layout(self) -> str:
        """``days``: a column a day; ``columns``: one day, a column each; ``rows``: a row each."""
        if self.single:
            return "days"
        few = len(self.days) == 1 and len(self.subjects) <= MOST_COLUMNS
        return "columns" if few else "rows"

    @property
    def columns(self) -> tuple[str, ...]:
        """Ids of the rooms, therapists, patients or groups, in the order of their keys."""
        return tuple(subject.id for subject in self.subjects)


def picture(
    week: Week, shown: Shown, stamp: str, paint: Colours, *, editable: bool, opened: str | None
) -> Json:
    """The whole board: days, columns, sessions. ``stamp`` comes back with what is done on it."""
    clinic = week.clinic
    span = span_of(clinic, week.sessions, shown.days)
    ending = marks.by_person(marks.endings(clinic))
    start = clinic.scenario.week_start
    return {
        "stamp": stamp,
        "by": shown.by,
        "layout": shown.layout,
        "editable": editable,
        "opened": opened,
        "grid": clinic.grid.minutes,
        "from": span.first,
        "to": span.last,
        "days": [
            {
                "number": day,
                "date": (start + timedelta(days=day)).isoformat(),
                "label": report.day_heading(clinic, day),
                "name": DAY_NAMES[day],
            }
            for day in shown.days
        ],
        "columns": [
            {
                "key": number,
                "name": cell(subject.name),
                "note": cell(subject.note),
                "marks": [cell(e.text) for e in ending.get(subject.id, ())],
            }
            for number, subject in enumerate(shown.subjects)
        ],
        "sessions": _sessions(week, shown, ending),
        "colours": {kind: paint.kinds[name] for kind, name in KINDS.items()},
        "kinds": KINDS,
        "dark": paint.ink > "#888888",
    }


def _sessions(week: Week, shown: Shown, ending: dict[str, list[marks.Ending]]) -> list[Json]:
    """The sessions that stand in one of the columns; the key is the place in ``week.sessions``."""
    keys = {subject.id: number for number, subject in enumerate(shown.subjects)}
    out = []
    for number, session in enumerate(week.sessions):
        if session.day not in shown.days:
            continue
        columns = [keys[s] for s in session.subjects(shown.by) if s in keys]
        if columns:
            out.append(_session(week.clinic, number, session, columns, shown, ending))
    return out


def _session(
    clinic: Clinic,
    number: int,
    session: report.Session,
    columns: list[int],
    shown: Shown,
    ending: dict[str, list[marks.Ending]],
) -> Json:
    subject = shown.subjects[columns[0]].id if len(columns) == 1 else ""
    details = list(session.details(shown.by, subject))
    title = session.title
    if session.group is None and shown.by in ("room", "therapist"):
        # Whom it is with says more than what it is: most appointments are of one kind.
        title = session.members[0].name
        details = [*(text for text in details if text != title), session.title]
    locks = marks.locks_on(clinic, session)
    return {
        "key": number,
        "columns": columns,
        "day": session.day,
        "start": session.start,
        "end": session.start + clinic.grid.held(session.end - session.start),
        "kind": "cancelled" if session.cancelled else session.kind,
        "title": cell(title),
        "lines": [cell(text) for text in details if text],
        "words": cell(_words(session)),
        "locked": any(marks.keeps_whole(lock) for lock, _ in locks),
        "locks": [cell(text) for _, text in locks],
        "marks": [cell(text) for text in marks.of_session(clinic, session, ending)],
    }


def _words(session: report.Session) -> str:
    """The session in one sentence, for who cannot see the board."""
    led = names(session.leaders) or "nobody"
    who = report.count(len(session.members), "patient")
    if session.group is None:
        who = names(session.members)
    gone = ", cancelled" if session.cancelled else ""
    when = f"{DAY_NAMES[session.day]} {session.time}"
    return f"{session.title}{gone}, {when}, {session.place}, led by {led}, {who}"


def session_of(week: Week, key: object) -> report.Session | None:
    """The session of a key that came back; None for what is none."""
    if isinstance(key, int) and not isinstance(key, bool) and 0 <= key < len(week.sessions):
        return week.sessions[key]
    return None


def numbered(week: Week, opened: object) -> int | None:
    """The key of a session by its name on the desk (see ``board.key_of``)."""
    found = (n for n, s in enumerate(week.sessions) if key_of(s) == opened)
    return next(found, None)


def subjects_of(weeks: Sequence[report.Week], names_twice: bool = True) -> tuple[report.Week, ...]:
    """The same, two of one name told apart by their ids."""
    names = [week.name for week in weeks]
    return tuple(
        report.Week(w.id, f"{w.name} ({w.id})", w.note, w.sessions)
        if names_twice and names.count(w.name) > 1
        else w
        for w in weeks
    )
