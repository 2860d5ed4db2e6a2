"""When a session is, in the time of the clinic's place, over changes of the clock as well.

A schedule knows clock times only. Where the scenario names its ``timezone`` they become moments:

- A session lasts its minutes, also in a night in which the clock is changed.
- A time that the clock skips (02:30 when it goes from 02:00 to 03:00) is the moment that many minutes
  after the last one before the change: 03:30, as RFC 5545 (3.3.5) reads it.
- A time that the clock shows twice is the first of the two moments, as RFC 5545 has it too.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from ...clinic import Clinic
from ...errors import Fault, FileFaults
from ...report import Session
from ...scenario import Scenario
from ...timegrid import day_of
from ...validation.wording import nearest, quoted


class Span(NamedTuple):
    """Start and end; without a zone where the scenario names none."""

    start: datetime
    end: datetime


class Change(NamedTuple):
    """From this moment on the clock shows something else.

    Attributes:
        onset: what the clock would have shown at the moment, had it not been changed.
        before, after: minutes ahead of UTC.
        name: what the time is called from then on.
        summer: whether it is summer (daylight saving) time from then on.
    """

    onset: datetime
    before: timedelta
    after: timedelta
    name: str
    summer: bool


def zone_of(scenario: Scenario) -> ZoneInfo | None:
    """The scenario's time zone, or None where it names none.

    Raises:
        FileFaults: there is no time zone of that name.
    """
    name = scenario.timezone
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # not found; a folder of zones; no name for one
        guess = nearest(name, available_timezones())
        hint = f"did you mean {quoted(guess)}?" if guess else "'America/Chicago' would be one"
        raise FileFaults([Fault("timezone", f"no time zone {quoted(name)}; {hint}")]) from None


def span(clinic: Clinic, session: Session, zone: tzinfo | None) -> Span:
    """When a session starts and ends."""
    midnight = datetime.combine(day_of(clinic.scenario.week_start, session.day), time())
    start = midnight + timedelta(minutes=session.start)
    length = timedelta(minutes=session.end - session.start)
    if zone is None:
        return Span(start, start + length)
    moment = start.replace(tzinfo=zone).astimezone(UTC)
    return Span(moment.astimezone(zone), (moment + length).astimezone(zone))


def is_shown_twice(when: datetime) -> bool:
    """Whether the clock shows this local time at two moments."""
    return when.replace(fold=0).utcoffset() != when.replace(fold=1).utcoffset()


def changes(zone: tzinfo, first: datetime, last: datetime) -> tuple[Change, ...]:
    """What the clock shows at ``first`` and each change of it until ``last`` (moments in UTC)."""
    out = [_change(zone, first, first)]
    step, moment = timedelta(days=1), first
    while moment < last:
        following = min(moment + step, last)
        if _shows(zone, moment) != _shows(zone, following):
            out.append(_change(zone, moment, _moment_of_change(zone, moment, following)))
        moment = following
    return tuple(out)


def _moment_of_change(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """The first whole minute at which the clock shows something else than ``before``."""
    low, high = 0, int((after - before).total_seconds()) // 60
    while high - low > 1:
        middle = (low + high) // 2
        if _shows(zone, before + timedelta(minutes=middle)) == _shows(zone, before):
            low = middle
        else:
            high = middle
    return before + timedelta(minutes=high)


def _shows(zone: tzinfo, moment: datetime) -> tuple[timedelta, str]:
    local = moment.astimezone(zone)
    return local.utcoffset() or timedelta(), local.tzname() or ""


def _change(zone: tzinfo, before: datetime, moment: datetime) -> Change:
    offset, (after, name) = _shows(zone, before)[0], _shows(zone, moment)
    summer = bool(moment.astimezone(zone).dst())
    return Change((moment + offset).replace(tzinfo=None), offset, after, name, summer)
