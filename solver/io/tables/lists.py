"""Kinds of which one cell holds several: ids, days, hours, credentials, leaders, counts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ...scenario import Credential, Leader
from ...validation.wording import quoted
from . import words
from .cells import Moment, Raw, Refused, TimeOfDay, Written, shown
from .kinds import ClockKind, DecimalKind, Kind, WholeKind
from .times import (
    DAYS_EXPECTED,
    HOURS_EXPECTED,
    NEVER,
    SPAN_EXPECTED,
    read_date,
    read_days,
    read_hours,
    read_span,
    written_days,
    written_hours,
    written_span,
)

ANYONE = "anyone"
NONE = "none"
"""An empty list where a blank cell would mean something else."""
_NONE = re.compile(rf"^{NONE}$", re.IGNORECASE)
_UNTIL = re.compile(r"\s+until\s+", re.IGNORECASE)
_COUNT = re.compile(r"[:=×]")
_LEADER_SPECIAL = re.compile(rf"\bor\b|^{ANYONE}$", re.IGNORECASE)


class ListKind(Kind):
    """Several values of one kind, with commas or semicolons between them."""

    width = 22

    def __init__(self, entry: Kind) -> None:
        self.entry = entry
        self.expected = "one or several are expected, with commas between"
        if isinstance(entry, ClockKind):
            self.expected = 'times such as "09:00, 10:30" are expected'

    def write(self, value: Sequence[Any]) -> str:
        if not value:
            return NONE
        if self.entry.is_text:
            return ", ".join(words.entry_to_cell(entry, _NONE) for entry in value)
        return ", ".join(plain_text(self.entry.write(entry)) for entry in value)

    def read_text(self, text: str) -> list[object]:
        if text.strip().casefold() == NONE:
            return []
        return [self.entry.read_text(piece) for piece in words.split(text, words.LIST)]

    def read_other(self, raw: float | bool | Moment) -> list[object]:
        return [self.entry.read(raw)]


class DaysKind(Kind):
    """Days in their order: "Mon, Wed" or "Mon-Fri"."""

    expected = DAYS_EXPECTED
    width = 18

    def write(self, value: Sequence[str]) -> str:
        return written_days(value)

    def read_text(self, text: str) -> list[str]:
        return read_days(text)


class DayPatternsKind(Kind):
    """Several sets of days: "Mon, Wed; Tue, Thu"."""

    expected = 'patterns such as "Mon, Wed; Tue, Thu" are expected'
    width = 24

    def write(self, value: Sequence[Sequence[str]]) -> str:
        return "; ".join(map(written_days, value))

    def read_text(self, text: str) -> list[list[str]]:
        return [read_days(piece) for piece in words.split(text, words.PLACES)]


class HoursKind(Kind):
    """Windows: "Mon, Wed 09:00-12:00; Fri 13:00-17:00", or "never"."""

    expected = HOURS_EXPECTED
    width = 40

    def write(self, value: Sequence[Any]) -> str:
        return written_hours(value) if value else NEVER

    def read_text(self, text: str) -> list[dict[str, object]]:
        return read_hours(text)


class SpanKind(Kind):
    """Two times of day: "11:30-13:30"."""

    expected = SPAN_EXPECTED
    width = 14

    def write(self, value: tuple[int, int]) -> str:
        return written_span(*value)

    def read_text(self, text: str) -> list[str]:
        return read_span(text)


class CredentialsKind(Kind):
    """Credentials, each with its last valid day if it has one: "lcsw, cpr until 2026-01-06"."""

    expected = 'credentials such as "lcsw, cpr until 2026-01-06" are expected'
    width = 28

    def write(self, value: Sequence[Credential]) -> str:
        return ", ".join(map(self._one, value))

    def _one(self, credential: Credential) -> str:
        name = words.entry_to_cell(credential.id, re.compile("until", re.IGNORECASE))
        return f"{name} until {credential.expires}" if credential.expires else name

    def read_text(self, text: str) -> list[object]:
        return [self._read_one(piece) for piece in words.split(text, words.LIST)]

    def _read_one(self, piece: str) -> object:
        name, rest = words.leading(piece) or (piece, "")
        until, last = "", rest
        if name == piece:
            name, until, last = _with_word(piece, _UNTIL)
        elif found := re.fullmatch(r"(until)\s+(.*)", rest, re.IGNORECASE | re.DOTALL):
            until, last = found[1], found[2]
        if not until and rest:
            raise Refused(quoted(piece), self.expected)
        return {"id": name, "expires": read_date(last).isoformat()} if until else name

    def read_other(self, raw: float | bool | Moment) -> list[object]:
        return [_id(raw, self.expected)]


class LeadersKind(Kind):
    """Leaders' places: "lcsw or lpc; intern; anyone" are three."""

    expected = 'leaders such as "lcsw or lpc; anyone" are expected, a semicolon between two people'
    width = 24

    def write(self, value: Sequence[Leader]) -> str:
        return "; ".join(map(self._one, value))

    def _one(self, leader: Leader) -> str:
        names = [words.entry_to_cell(name, _LEADER_SPECIAL) for name in leader.credentials]
        return " or ".join(names) or ANYONE

    def read_text(self, text: str) -> list[object]:
        leaders: list[object] = []
        for place in words.split(text, words.PLACES):
            names = words.split(place, words.ALTERNATIVES)
            anyone = [name.casefold() for name in names] == [ANYONE]
            held = [] if anyone else list(map(words.text_from_cell, names))
            leaders.append({"credentials": held})
        return leaders

    def read_other(self, raw: float | bool | Moment) -> list[object]:
        return [{"credentials": [_id(raw, self.expected)]}]


class CountsKind(Kind):
    """How many of each: "interpreter: 1, van: 2"; one where no number is given."""

    width = 22

    def __init__(self, number: WholeKind | DecimalKind) -> None:
        self.number = number
        self.expected = 'ids with numbers such as "interpreter: 1, van: 2" are expected'

    def write(self, value: Mapping[str, Any]) -> str:
        return ", ".join(
            f"{words.entry_to_cell(name, _COUNT)}: {plain_text(self.number.write(number))}"
            for name, number in value.items()
        )

    def read_text(self, text: str) -> dict[str, object]:
        counts: dict[str, object] = {}
        for piece in words.split(text, words.LIST):
            name, rest = words.leading(piece) or ("", "")
            if not name:
                name, _, rest = _with_word(piece, _COUNT)
            number = self.number.read_text(rest.lstrip(":=× ")) if rest else 1
            if not name or name in counts:
                hint = f"{quoted(name)} stands twice; " if name else ""
                raise Refused(quoted(text.strip()), self.expected, hint)
            counts[name] = number
        return counts

    def read_other(self, raw: float | bool | Moment) -> dict[str, object]:
        return {_id(raw, self.expected): 1}


def plain_text(written: Written) -> str:
    """A written value as text: what a CSV file or a list in a cell has of it."""
    match written:
        case str():
            return written
        case date():
            return written.isoformat()
        case TimeOfDay() | int():
            return str(written)
        case float():
            return repr(written)


def _with_word(piece: str, word: re.Pattern[str]) -> tuple[str, str, str]:
    """Before the last ``word`` in a piece, the word, and after it; like ``str.rpartition``."""
    every = list(word.finditer(piece))
    if not every:
        return piece, "", ""
    return piece[: every[-1].start()].strip(), every[-1][0], piece[every[-1].end() :].strip()


def _id(raw: Raw, expected: str) -> str:
    """An id that the spreadsheet took for a number."""
    if isinstance(raw, float) and raw == int(raw) and 0 <= raw < 10**15:
        return str(int(raw))
    raise Refused(shown(raw), expected)
