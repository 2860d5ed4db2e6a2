"""Weekly hours out of FHIR: opening times, available times, and slots of one week."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from ...timegrid import DAY_NUMBER, DAYS, MINUTES_A_DAY, clock, merged

Span = tuple[int, int]
"""Minutes since Monday 00:00, half-open."""
Windows = list[dict[str, object]]
MINUTES_A_WEEK = 7 * MINUTES_A_DAY


class Clock:
    """What the clock at the clinic shows at a moment.

    In the clinic's own time zone if it is known, else as the file has it. A file that has only
    times in UTC says nothing about the clinic's clock; ``is_guess`` is then true.
    """

    def __init__(self, zone: tzinfo | None) -> None:
        self.zone = zone
        self._seen_utc = self._seen_other = False

    def local(self, moment: datetime) -> datetime:
        """The local time, without its zone."""
        if moment.tzinfo is not None and self.zone is not None:
            with suppress(OverflowError):  # the year 9999 stands for ever
                moment = moment.astimezone(self.zone)
        elif moment.tzinfo is not None:
            is_utc = moment.utcoffset() == timedelta()
            self._seen_utc |= is_utc
            self._seen_other |= not is_utc
        return moment.replace(tzinfo=None)

    @property
    def is_guess(self) -> bool:
        """Whether local times were taken from UTC for want of anything better."""
        return self._seen_utc and not self._seen_other


def monday_of(day: date) -> date:
    """The Monday of the week in which a day lies."""
    return day - timedelta(days=day.weekday())


def week_minutes(moment: datetime, week: date) -> int:
    """Minutes since Monday 00:00 of a week, rounded down; below 0 or beyond the week if outside."""
    since = moment - datetime.combine(week, time())
    return int(since.total_seconds() // 60)


def inside(start: datetime, end: datetime, week: date) -> Span | None:
    """The part of a span of time that lies in a week; None if none does."""
    begin, finish = week_minutes(start, week), week_minutes(end, week)
    begin, finish = max(0, begin), min(MINUTES_A_WEEK, finish)
    return (begin, finish) if finish > begin else None


def weekly(entries: Iterable[Any] | None, opens: str, closes: str) -> list[Span]:
    """Spans of availableTime or hoursOfOperation, whose times stand in the named fields.

    An end of 23:59 is midnight, and so is one of 00:00: files that know no 24:00 write it so.
    """
    spans = []
    for entry in entries or ():
        start, end = getattr(entry, opens), getattr(entry, closes)
        if not entry.allDay and (start is None or end is None):
            continue
        begin = 0 if entry.allDay else start.hour * 60 + start.minute
        finish = MINUTES_A_DAY if entry.allDay else end.hour * 60 + end.minute
        finish = MINUTES_A_DAY if finish in (0, MINUTES_A_DAY - 1) else finish
        for day in entry.daysOfWeek or DAYS:
            at = DAY_NUMBER[day] * MINUTES_A_DAY
            if finish > begin:
                spans.append((at + begin, at + finish))
    return merged(spans)


def without(spans: Sequence[Span], gone: Iterable[Span]) -> list[Span]:
    """Spans less others."""
    left = list(spans)
    for start, end in gone:
        left = [
            part
            for begin, finish in left
            for part in ((begin, min(finish, start)), (max(begin, end), finish))
            if part[1] > part[0]
        ]
    return left


def windows_of(spans: Iterable[Span]) -> Windows:
    """Spans of a week as windows of a scenario's file, days with the same hours together."""
    days: dict[Span, list[str]] = {}
    for start, end in merged(spans):
        for day in range(start // MINUTES_A_DAY, -(-end // MINUTES_A_DAY)):
            midnight = day * MINUTES_A_DAY
            hours = max(0, start - midnight), min(MINUTES_A_DAY, end - midnight)
            days.setdefault(hours, []).append(DAYS[day])
    return [
        {"days": named, "start": clock(start), "end": clock(end)}
        for (start, end), named in sorted(days.items(), key=lambda item: DAYS.index(item[1][0]))
    ]


def covers(period: Any, week: date) -> bool:
    """Whether a Period has any day of the week; one that is left out has them all."""
    if period is None:
        return True
    first, last = earliest(period.start), latest(period.end)
    return (first is None or first <= week + timedelta(days=6)) and (last is None or last >= week)


def earliest(value: Any) -> date | None:
    """The first day that a FHIR dateTime may mean: of "2026-02" it is the first of the month."""
    return _day(value, last=False)


def latest(value: Any) -> date | None:
    """The last day that a FHIR dateTime may mean: of "2026-02" it is the last of the month."""
    return _day(value, last=True)


def _day(value: Any, *, last: bool) -> date | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    year, _, month = str(value).partition("-")
    if not last:
        return date(int(year), int(month or 1), 1)
    number = int(month or 12)
    return date(int(year), number, monthrange(int(year), number)[1])


def moment_span(period: Any, clock_here: Clock) -> tuple[datetime, datetime] | None:
    """Start and end of a Period in local time, whole days where it has no times."""
    start, end = getattr(period, "start", None), getattr(period, "end", None)
    first = _moment(start, clock_here, last=False)
    until = _moment(end, clock_here, last=True)
    if first is None and until is None:
        return None
    return first or datetime.min, until or datetime.max  # noqa: DTZ901 - local times have no zone


def _moment(value: Any, clock_here: Clock, *, last: bool) -> datetime | None:
    if isinstance(value, datetime):
        return clock_here.local(value if value.tzinfo else value.replace(tzinfo=UTC))
    day = latest(value) if last else earliest(value)
    if day is None or day == date.max:
        return None
    return datetime.combine(day + timedelta(days=1) if last else day, time())
