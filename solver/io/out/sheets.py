"""What is printed, sheet by sheet, before it is laid out as a page of HTML or PDF.

A room's door, a therapist's week, a patient's week, a sign-in sheet for each meeting of a group, and
a list of what is out of the ordinary in the week, for whoever has to call people up. Each sheet
begins on a page of its own, so that it can be handed out alone. Nothing depends on colour.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from ... import report
from ...clinic import Clinic
from ...report import Named, Session
from ...timegrid import DAY_NAMES, day_of
from .readers import Entry, Readers, Subject, name_of
from .text import one_line

Many = Literal["rooms", "therapists", "patients", "groups", "changes"]
CONFIDENTIAL = "Confidential: about patients. Not for display."
_LEADER_SIGNS = f"Leader's signature: {'_' * 30}   Date: {'_' * 12}"
_NEVER_DIVIDED = 12
"""Letters of a name that stays on one line; half of somebody's initials is somebody else's."""
_SPARE_ROWS = 2
"""Empty lines at the end of a sign-in sheet, for whoever was not expected."""


class Box(NamedTuple):
    """One session in a day's column.

    Attributes:
        call_out: what must not be overlooked, set off from the rest: a substitute, a cancellation.
        off: it does not take place, or not with this reader.
    """

    time: str
    title: str
    lines: tuple[str, ...]
    call_out: str
    off: bool


@dataclass(frozen=True, slots=True)
class WeekSheet:
    """A week with a column for each day, on a landscape page."""

    heading: str
    note: str
    days: tuple[tuple[str, tuple[Box, ...]], ...]
    footer: str


class Column(NamedTuple):
    """A table's column and its share of the width."""

    name: str
    share: int


@dataclass(frozen=True, slots=True)
class TableSheet:
    """A table on a portrait page.

    Attributes:
        call_out: as of a box.
        to_sign: rows are high enough to sign in.
        closing: stands under the last row.
    """

    heading: str
    note: str
    call_out: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    to_sign: bool
    closing: str
    footer: str


Sheet = WeekSheet | TableSheet


def sheets(
    readers: Readers, whom: Subject | Many | None, day: int | None = None
) -> tuple[Sheet, ...]:
    """The sheets of one subject, of many of a kind, or (None) all that there are.

    With a ``day`` (0 is Monday) the sign-in sheets of that day alone, in the order of its hours;
    ValueError for anything but groups.
    """
    if day is not None:
        return tuple(_sign_in_of_day(readers, whom, day))
    match whom:
        case None:
            return tuple(
                sheet
                for many in ("changes", "rooms", "therapists", "groups", "patients")
                for sheet in _of_many(readers, many)
            )
        case str():
            return tuple(_of_many(readers, whom))
        case Subject(kind="group"):
            return tuple(_sign_in(readers, whom.id))
    return (_week(readers, whom),)


def _of_many(readers: Readers, many: Many) -> Iterator[Sheet]:
    clinic = readers.clinic
    match many:
        case "changes":
            yield from _changes(readers)
        case "rooms":
            yield from (_week(readers, Subject("room", r)) for r in clinic.rooms)
        case "therapists":
            yield from (_week(readers, Subject("therapist", t)) for t in clinic.therapists)
        case "patients":
            yield from (_week(readers, Subject("patient", p)) for p in clinic.patients)
        case "groups":
            for group in clinic.groups:
                yield from _sign_in(readers, group)


# -- weeks --------------------------------------------------------------------------------------


def _week(readers: Readers, subject: Subject) -> WeekSheet:
    clinic = readers.clinic
    entries = readers.week(subject)
    days = report.shown_days(clinic, (e.session for e in entries))
    columns = []
    for day in days:
        boxes = tuple(_box(e, subject) for e in entries if e.session.day == day)
        columns.append((report.day_heading(clinic, day), boxes))
    return WeekSheet(
        heading=name_of(clinic, subject),
        note=_note(clinic, subject),
        days=tuple(columns),
        footer=CONFIDENTIAL if subject.kind == "therapist" else "",
    )


def _note(clinic: Clinic, subject: Subject) -> str:
    start = report.long_date(clinic.scenario.week_start)
    # What a patient takes home does not say which program they are in.
    if subject.kind == "patient":
        return f"Week of {start}"
    return f"{one_line(clinic.scenario.name)}, week of {start}"


def _box(entry: Entry, subject: Subject) -> Box:
    return Box(
        time=entry.session.time,
        title=entry.session.title,
        lines=tuple(_lines(entry.session, subject)),
        call_out=entry.call_out,
        off=bool(entry.off),
    )


def _lines(session: Session, subject: Subject) -> Iterator[str]:
    if subject.kind != "room":
        yield session.place
    leaders = [t.name for t in session.leaders if (subject.kind, subject.id) != ("therapist", t.id)]
    if leaders:
        yield f"with {', '.join(leaders)}"
    if subject.kind in ("therapist", "room"):
        if session.members:
            yield ", ".join(_with_video(p, session) for p in session.members)
        if session.absent:
            yield f"excused: {', '.join(p.name for p in session.absent)}"


def _with_video(patient: Named, session: Session) -> str:
    by_video = session.room is not None and patient in session.remote
    name = patient.name
    if len(name) <= _NEVER_DIVIDED:
        name = name.replace(" ", "\N{NO-BREAK SPACE}")
    return f"{name} (by video)" if by_video else name


# -- lists --------------------------------------------------------------------------------------

_SIGN_IN = (
    Column("", 5),
    Column("Name", 34),
    Column("In", 12),
    Column("Out", 12),
    Column("Signature", 37),
)


def _sign_in(readers: Readers, group: str) -> Iterator[TableSheet]:
    """A sheet for each meeting that takes place."""
    return (_to_sign(readers.clinic, entry) for entry in readers.sign_in(group))


def _sign_in_of_day(
    readers: Readers, whom: Subject | Many | None, day: int
) -> Iterator[TableSheet]:
    """What the front desk lays out in the morning: every meeting of the day, the first one first."""
    match whom:
        case "groups":
            groups = list(readers.clinic.groups)
        case Subject(kind="group"):
            groups = [whom.id]
        case _:
            raise ValueError("only the sign-in sheets of groups are of one day")
    entries = [e for g in groups for e in readers.sign_in(g) if e.session.day == day]
    for entry in sorted(entries, key=lambda e: (e.session.start, e.session.title, e.key)):
        yield _to_sign(readers.clinic, entry)


def _to_sign(clinic: Clinic, entry: Entry) -> TableSheet:
    """Those due, those excused, and some empty lines."""
    session = entry.session
    leaders = report.listing(t.name for t in session.leaders) if session.leaders else "nobody"
    rows = [
        (str(number), _with_video(patient, session), "", "", "")
        for number, patient in enumerate(session.members, 1)
    ]
    rows += [("", p.name, "excused", "", "") for p in session.absent]
    rows += [("", "", "", "", "")] * _SPARE_ROWS
    return TableSheet(
        heading=session.title,
        note=f"{_when(clinic, session)}, {session.place}. Led by {leaders}.",
        call_out=entry.call_out,
        columns=_SIGN_IN,
        rows=tuple(rows),
        to_sign=True,
        closing=_LEADER_SIGNS,
        footer=CONFIDENTIAL,
    )


def _when(clinic: Clinic, session: Session) -> str:
    return f"{_date(clinic, session)}, {session.time}"


def _date(clinic: Clinic, session: Session) -> str:
    when = day_of(clinic.scenario.week_start, session.day)
    return f"{DAY_NAMES[session.day]} {report.long_date(when)}"


_CHANGES = (
    Column("When", 20),
    Column("Session", 24),
    Column("What is different", 26),
    Column("Patients to tell", 30),
)


def _changes(readers: Readers) -> Iterator[TableSheet]:
    """The call list: cancelled sessions, substitutes and excused patients, if there are any."""
    clinic = readers.clinic
    rows = []
    for entry in readers.everything():
        session = entry.session
        excused = [f"{readers.by_first_name(p).name} is excused" for p in session.absent]
        different = [*filter(None, [entry.call_out]), *([] if entry.off else excused)]
        if not different:
            continue
        told = session.members if entry.call_out else ()
        rows.append(
            (
                _when(clinic, session),
                f"{session.title}, {session.place}",
                "; ".join(different),
                ", ".join(_callable(readers, p) for p in told),
            )
        )
    if rows:
        yield TableSheet(
            heading="Out of the ordinary this week",
            note=_note(clinic, Subject("room", "")),
            call_out="",
            columns=_CHANGES,
            rows=tuple(rows),
            to_sign=False,
            closing="",
            footer=CONFIDENTIAL,
        )


def _callable(readers: Readers, patient: Named) -> str:
    """Somebody on a list of staff who must find them: the id says who it is."""
    name, key = readers.by_first_name(patient).name, one_line(patient.id)
    return name if name == key else f"{name} ({key})"
