"""Sessions as rows of a table: what a CSV file and a workbook's list of sessions have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ...clinic import Clinic
from ...report import Named, Session
from ...timegrid import DAY_NAMES, clock, day_of
from .readers import Entry
from .text import one_line

Row = tuple[str, ...]


class _Column(NamedTuple):
    """A column's heading, and what stands in it; ``own`` ones are for the clinic's own record."""

    heading: str
    cell: Callable[[Clinic, Entry], str]
    own: bool = False


def _names(people: Sequence[Named]) -> str:
    return "; ".join(p.name for p in people)


def _ids(people: Sequence[Named]) -> str:
    return "; ".join(p.id for p in people)


def _minutes(session: Session) -> str:
    return str(session.end - session.start)


def _date(clinic: Clinic, entry: Entry) -> str:
    return day_of(clinic.scenario.week_start, entry.session.day).isoformat()


_COLUMNS = (
    _Column("Date", _date),
    _Column("Day", lambda _, e: DAY_NAMES[e.session.day]),
    _Column("Start", lambda _, e: clock(e.session.start)),
    _Column("End", lambda _, e: clock(e.session.end)),
    _Column("Minutes", lambda _, e: _minutes(e.session)),
    _Column("Session", lambda _, e: e.session.title),
    _Column("Status", lambda _, e: e.off.lower() or "planned"),
    _Column("Substitute", lambda _, e: e.substitutes),
    _Column("Place", lambda _, e: e.session.place),
    _Column("Led by", lambda _, e: _names(e.session.leaders)),
    _Column("Patients", lambda _, e: _names(e.session.members)),
    _Column("By video", lambda _, e: _names(e.session.remote)),
    _Column("Excused", lambda _, e: _names(e.session.absent)),
    _Column("Kind", lambda _, e: e.session.kind, own=True),
    _Column("Section or appointment", lambda _, e: e.session.ref, own=True),
    _Column("Group", lambda _, e: e.session.group or "", own=True),
    _Column("Service", lambda _, e: e.session.service, own=True),
    _Column("Room", lambda _, e: e.session.room or "", own=True),
    _Column("Leader ids", lambda _, e: _ids(e.session.leaders), own=True),
    _Column("Patient ids", lambda _, e: _ids(e.session.members), own=True),
)


def headings(own_record: bool) -> Row:
    """The columns; ids stand in the clinic's own record only."""
    return tuple(c.heading for c in _COLUMNS if own_record or not c.own)


def rows(clinic: Clinic, entries: Sequence[Entry], own_record: bool) -> list[Row]:
    """A row a session, under ``headings``."""
    columns = [c for c in _COLUMNS if own_record or not c.own]
    return [tuple(one_line(c.cell(clinic, entry)) for c in columns) for entry in entries]
