"""Dates, times of day and weekly hours as people write them, told only where there is no doubt."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import date

from ...fields import day_name
from ...scenario import Window
from ...timegrid import DAYS, MINUTES_A_DAY, clock
from ...validation.wording import quoted
from .cells import Refused

HOURS_EXAMPLE = "Mon, Wed 09:00-12:00; Fri 13:00-17:00"
NEVER = "never"

_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT = ("mo", "tu", "we", "th", "fr", "sa", "su")
DAY_WORDS: dict[str, str] = {
    **{name[:length]: day for name, day in zip(_NAMES, DAYS, strict=True) for length in (3, 9)},
    **dict(zip(_SHORT, DAYS, strict=True)),
    "tues": "tue",
    "weds": "wed",
    "thur": "thu",
    "thurs": "thu",
}
_SEVERAL = {"daily": DAYS, "weekdays": DAYS[:5], "weekends": DAYS[5:]}
_MONTHS = (
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?::00)?)?\s*(?P<half>[ap]\.?m\b\.?)?", re.I
)
_DASH = re.compile(r"[-\u2010-\u2015\u2212]|\b(?:to|until)\b", re.I)
_TOKEN = re.compile(
    rf"\s*(?:(?P<time>{_CLOCK.pattern})|(?P<dash>{_DASH.pattern})|(?P<end>[;\n])"
    r"|(?P<and>[,/&+]|\band\b)|(?P<word>[^\W\d_]+\.?))",
    re.I,
)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_DOTTED = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_NAMED = re.compile(r"(?:[^\W\d_]+,?\s+)??(\d{1,2})\.?\s+([^\W\d_]{3,9})\.?,?\s+(\d{4})")
_NAMED_FIRST = re.compile(r"(?:[^\W\d_]+,\s+)?([^\W\d_]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})")

TIME_EXPECTED = 'a time such as "09:00" is expected'
DATE_EXPECTED = 'a date such as "2026-01-05" is expected'
HOURS_EXPECTED = f'hours such as "{HOURS_EXAMPLE}" are expected, or "{NEVER}"'
SPAN_EXPECTED = 'a span such as "11:30-13:30" is expected'
DAYS_EXPECTED = 'days such as "Mon, Wed" or "Mon-Fri" are expected'


def read_clock(text: str) -> str:
    """ "HH:MM" of a time of day in any usual form; Refused if it is none."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise Refused(quoted(text.strip()), TIME_EXPECTED)
    return clock(_minutes(found, text))


def read_date(text: str) -> date:
    """The date in any usual form; Refused if it is none, or if it may be two."""
    text = text.strip()
    year, month, day = 0, 0, 0
    if found := _ISO.fullmatch(text):
        year, month, day = int(found[1]), int(found[2]), int(found[3])
    elif found := _DOTTED.fullmatch(text):
        year, month, day = int(found[3]), int(found[2]), int(found[1])
    elif found := _SLASHED.fullmatch(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if first != second and first <= 12 and second <= 12:
            hint = "it may be read in two ways; "
            raise Refused(quoted(text), DATE_EXPECTED, hint)
        month, day = (second, first) if first > 12 else (first, second)
    elif found := _NAMED.fullmatch(text):
        year, month, day = int(found[3]), _month(found[2]), int(found[1])
    elif found := _NAMED_FIRST.fullmatch(text):
        year, month, day = int(found[3]), _month(found[1]), int(found[2])
    try:
        return date(year, month, day)
    except ValueError:
        raise Refused(quoted(text), DATE_EXPECTED) from None


def read_span(text: str) -> list[str]:
    """Start and end, each "HH:MM", of "11:30-13:30"; Refused if it is none."""
    tokens = list(_tokens(text, SPAN_EXPECTED))
    if [kind for kind, _ in tokens] != ["time", "dash", "time"]:
        raise Refused(quoted(text.strip()), SPAN_EXPECTED)
    return [tokens[0][1], tokens[2][1]]


def read_days(text: str) -> list[str]:
    """Days in the order in which they are named, "Mon-Fri" one by one; Refused otherwise."""
    tokens = deque(_tokens(text, DAYS_EXPECTED))
    days = _take_days(tokens, text, DAYS_EXPECTED)
    if tokens or not days:
        raise Refused(quoted(text.strip()), DAYS_EXPECTED)
    return days


def read_hours(text: str) -> list[dict[str, object]]:
    """Windows as the scenario's file has them; none for "never"; Refused otherwise."""
    if text.strip().casefold() == NEVER:
        return []
    tokens = deque(_tokens(text, HOURS_EXPECTED))
    windows: list[dict[str, object]] = []
    while tokens:
        if tokens[0][0] == "end":
            tokens.popleft()
            continue
        days = _take_days(tokens, text, HOURS_EXPECTED)
        spans = _take_spans(tokens)
        if not days or not spans:
            raise Refused(quoted(text.strip()), HOURS_EXPECTED)
        windows += [{"days": days, "start": start, "end": end} for start, end in spans]
    return windows


def written_days(days: Sequence[str]) -> str:
    """ "Mon-Wed, Fri": neighbouring days in a row, three and more, with a dash."""
    parts: list[str] = []
    begun = 0
    for at in range(1, len(days) + 1):
        if at < len(days) and DAYS.index(days[at]) == DAYS.index(days[at - 1]) + 1:
            continue
        run = [day.capitalize() for day in days[begun:at]]
        parts += [f"{run[0]}-{run[-1]}"] if len(run) > 2 else run
        begun = at
    return ", ".join(parts)


def written_hours(windows: Sequence[Window]) -> str:
    """Windows in the form of ``HOURS_EXAMPLE``."""
    if not windows:
        return NEVER
    return "; ".join(f"{written_days(w.days)} {clock(w.start)}-{clock(w.end)}" for w in windows)


def written_span(start: int, end: int) -> str:
    """ "11:30-13:30"."""
    return f"{clock(start)}-{clock(end)}"


Token = tuple[str, str]


def _tokens(text: str, expected: str) -> Iterator[Token]:
    at, text = 0, text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise Refused(quoted(text.strip()), expected)
        at = found.end()
        if found["time"]:
            yield "time", clock(_minutes(found, text))
        elif found["word"]:
            yield "word", found["word"].rstrip(".").casefold()
        else:
            yield str(found.lastgroup), ""


def _minutes(found: re.Match[str], text: str) -> int:
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    half = (found["half"] or "").casefold()
    if not half and found["minute"] is None:
        raise Refused(quoted(text.strip()), TIME_EXPECTED, "an hour alone may mean two times; ")
    if half and not 1 <= hour <= 12:
        raise Refused(quoted(text.strip()), TIME_EXPECTED)
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    minutes = hour * 60 + minute
    if minute > 59 or minutes > MINUTES_A_DAY:
        raise Refused(quoted(text.strip()), TIME_EXPECTED)
    return minutes


def _take_days(tokens: deque[Token], text: str, expected: str) -> list[str]:
    """Take the days off with which the tokens begin."""
    days: list[str] = []
    while tokens and tokens[0][0] in ("word", "and"):
        kind, word = tokens.popleft()
        if kind == "and":
            continue
        if word in _SEVERAL:
            days += _SEVERAL[word]
            continue
        if word not in DAY_WORDS:
            raise Refused(quoted(text.strip()), expected, f"{quoted(word)} is no day; ")
        day = DAY_WORDS[word]
        if _begins_with(tokens, "dash", "word"):
            tokens.popleft()
            last = DAY_WORDS.get(tokens.popleft()[1], "")
            if last not in DAYS or DAYS.index(last) < DAYS.index(day):
                raise Refused(quoted(text.strip()), expected)
            days += [day_name(n) for n in range(DAYS.index(day), DAYS.index(last) + 1)]
        else:
            days.append(day)
    return days


def _take_spans(tokens: deque[Token]) -> list[tuple[str, str]]:
    """Take the spans off, as of "09:00-12:00, 13:00-17:00", with which the tokens begin."""
    spans: list[tuple[str, str]] = []
    while _begins_with(tokens, "time", "dash", "time"):
        (_, start), _, (_, end) = (tokens.popleft() for _ in range(3))
        spans.append((start, end))
        if _begins_with(tokens, "and"):
            tokens.popleft()
    return spans


def _begins_with(tokens: deque[Token], *kinds: str) -> bool:
    return len(tokens) >= len(kinds) and all(
        token[0] == kind for token, kind in zip(tokens, kinds, strict=False)
    )


def _month(word: str) -> int:
    """The number of a month's name or of its first three letters (or more); 0 if it is none."""
    word = word.casefold()
    return next((n for n, name in enumerate(_MONTHS, start=1) if name.startswith(word)), 0)
