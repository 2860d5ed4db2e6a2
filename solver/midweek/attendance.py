"""The attended file: who came to what so far this week, as JSON or CSV.

JSON (``schema_version`` 1):

    {"schema_version": 1, "week_start": "2026-11-30",
     "until": {"day": "thu", "time": "12:00"},      what has ended by then is over; left out: the end
                                                    of the last session named
     "others": "attended",                          sessions that are over and not named: attended
                                                    (the default) or missed
     "records": [{"patient": "p01", "section": "cbt-1", "day": "mon", "attended": true},
                 {"patient": "p02", "appointment": "individual-p02", "attended": false}]}

CSV: a line a record under the heading ``patient,session,day,attended``; ``session`` is the id of a section
or an appointment, ``day`` may be empty for an appointment, ``attended`` is yes or no. Commas or
semicolons, UTF-8. Every fault of a file comes out at once, each with its place.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from ..clinic import Clinic
from ..errors import Fault, FileFaults
from ..schedule import Schedule
from ..timegrid import parse_date
from ..validation.wording import found, listed, nearest, quoted
from .sessions import Record, Session, Sessions, at, parse_until

COLUMNS = ("patient", "session", "day", "attended")
_FIELDS = ("schema_version", "week_start", "until", "others", "records")
_RECORD_FIELDS = ("patient", "section", "appointment", "day", "attended")


class AttendanceError(FileFaults):
    """The attended file is wrong: every fault, each with its place."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """What is known of a week so far.

    Attributes:
        until: minute of the week (Monday 00:00 is 0) up to which it is known.
        missed: (patient, session) of what is over and was not attended.
        named: how many records the file has.
        until_given: whether the file or the caller said ``until``, or it is the end of the last
            session named.
    """

    until: int
    missed: frozenset[tuple[str, Session]]
    named: int
    until_given: bool


@dataclass(slots=True)
class _Written:
    """A file as it was written, whatever its form."""

    records: list[Record] = field(default_factory=list)
    until: int | None = None
    others: str = "attended"
    faults: list[Fault] = field(default_factory=list)


def read_attendance(
    content: object,
    clinic: Clinic,
    schedule: Schedule,
    until: int | None = None,
    others: str | None = None,
) -> Attendance:
    """What parsed JSON (an object) or the text of a CSV file says about a schedule.

    Args:
        until: in place of what the file says; minute of the week.
        others: in place of what the file says; ``attended`` or ``missed``.

    Raises:
        AttendanceError: with every fault.
    """
    written = _of_csv(content) if isinstance(content, str) else _of_json(content, clinic)
    week = Sessions(clinic, schedule)
    said: dict[tuple[str, Session], tuple[bool, str]] = {}
    for record in written.records:
        read = week.read(record, written.faults)
        if read is None:
            continue
        who, came = read
        where = record.place("")
        if who in said:
            again = f"found {quoted(who[0])} in {quoted(who[1][0])} again, as in {said[who][1]}"
            written.faults.append(Fault(where, f"{again}; a session is recorded once"))
        said.setdefault(who, (came, where))
    last = until if until is not None else written.until
    ends = {who: week.end(who[1]) for who in said}
    known = last if last is not None else max(ends.values(), default=0)
    for who, (_, where) in said.items():
        if ends[who] > known:
            message = f"{quoted(who[1][0])} ends {at(ends[who])}; the file speaks until {at(known)}"
            written.faults.append(Fault(where, message))
    if written.faults:
        raise AttendanceError(written.faults)
    rest = (others or written.others) == "missed"
    missed = {who for who in week.over(known) if (not said[who][0] if who in said else rest)}
    return Attendance(known, frozenset(missed), len(written.records), last is not None)


# -- the two forms ----------------------------------------------------------------------------------


def _of_csv(text: str) -> _Written:
    out = _Written()
    text = text.removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    rows = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        heading = [cell.strip().lower() for cell in next(rows, [])]
        for name in heading:
            if name not in COLUMNS:
                guess = nearest(name, COLUMNS)
                hint = f"did you mean {quoted(guess)}?" if guess else f"allowed: {listed(COLUMNS)}"
                out.faults.append(Fault("line 1", f"unknown column {quoted(name)}; {hint}"))
        missing = [c for c in COLUMNS if c not in heading and c != "day"]
        if missing:
            expected = f"a heading {','.join(COLUMNS)} is expected"
            out.faults.append(Fault("line 1", f"column {listed(missing)} is missing; {expected}"))
        if out.faults:
            return out
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            place = _line(rows.line_num)
            if len(row) != len(heading):
                message = f"found {len(row)} values; the heading has {len(heading)} columns"
                out.faults.append(Fault(place(""), message))
                continue
            cells = {name: cell.strip() or None for name, cell in zip(heading, row, strict=True)}
            out.records.append(Record(place, **cells))
    except csv.Error as error:
        out.faults.append(Fault(f"line {rows.line_num}", f"no CSV: {error}"))
    return out


def _line(number: int) -> Callable[[str], str]:
    return lambda column: f"line {number}, {column}" if column else f"line {number}"


def _entry(number: int) -> Callable[[str], str]:
    return lambda key: f"records[{number}].{key}" if key else f"records[{number}]"


def _of_json(data: object, clinic: Clinic) -> _Written:
    out = _Written()
    if not isinstance(data, Mapping):
        out.faults.append(Fault("", f"found {found(data)}; an object {{ … }} is expected"))
        return out
    _unknown_keys(data, _FIELDS, "", out.faults)
    version = data.get("schema_version")
    if version is not None and version != 1:
        out.faults.append(Fault("schema_version", f"found {found(version)}; today's is 1"))
    _week_start(data.get("week_start"), clinic.scenario.week_start, out.faults)
    out.until = _until(data.get("until"), out.faults)
    others = data.get("others")
    if others in ("attended", "missed"):
        out.others = str(others)
    elif others is not None:
        message = f"found {found(others)}; allowed: 'attended', 'missed'"
        out.faults.append(Fault("others", message))
    records = data.get("records")
    if not isinstance(records, list):
        out.faults.append(Fault("records", f"found {found(records)}; a list [ … ] is expected"))
        return out
    for number, entry in enumerate(records):
        place = _entry(number)
        if not isinstance(entry, Mapping):
            message = f"found {found(entry)}; an object {{ … }} is expected"
            out.faults.append(Fault(place(""), message))
            continue
        _unknown_keys(entry, _RECORD_FIELDS, place(""), out.faults)
        known = {key: entry.get(key) for key in _RECORD_FIELDS}
        out.records.append(Record(place, **known))
    return out


def _unknown_keys(
    data: Mapping[str, object], known: tuple[str, ...], where: str, faults: list[Fault]
) -> None:
    for key in data:
        if key not in known:
            guess = nearest(str(key), known)
            hint = f"did you mean {quoted(guess)}?" if guess else f"allowed: {', '.join(known)}"
            faults.append(Fault(where, f"unknown field {quoted(str(key))}; {hint}"))


def _week_start(value: object, start: date, faults: list[Fault]) -> None:
    if value is None:
        return
    try:
        given = parse_date(value)
    except ValueError as error:
        faults.append(Fault("week_start", str(error)))
        return
    if given != start:
        message = f"found {given}; the scenario's week starts on {start}"
        faults.append(Fault("week_start", message))


def _until(value: object, faults: list[Fault]) -> int | None:
    if value is None:
        return None
    try:
        if isinstance(value, str):
            return parse_until(value)
        if isinstance(value, Mapping) and set(value) <= {"day", "time"}:
            return parse_until(f"{value.get('day')} {value.get('time') or '24:00'}")
    except ValueError as error:
        faults.append(Fault("until", str(error)))
        return None
    message = f'found {found(value)}; {{"day": "thu", "time": "12:00"}} is expected'
    faults.append(Fault("until", message))
    return None
