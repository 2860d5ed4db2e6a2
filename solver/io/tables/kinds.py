"""What a column holds: each kind writes a value into a cell and reads it back from what people type.

``write`` takes the value of a model, ``read`` gives the value that the scenario's file has in its
place. Reading is lenient where there is no doubt (a number typed as text, a decimal comma, an id
that a spreadsheet took for a number) and refuses where there is.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import date
from fractions import Fraction as Exact
from typing import Any, ClassVar

from ...timegrid import clock
from ...validation.wording import listed, nearest, quoted
from . import words
from .cells import (
    MOST_DIGITS_OF_A_NUMBER,
    Broken,
    Moment,
    Raw,
    Refused,
    TimeOfDay,
    Written,
    minutes_of,
    number_text,
    shown,
)
from .times import DATE_EXPECTED, TIME_EXPECTED, read_clock, read_date

_DIGITS = re.compile(r"\d{1,18}")
_GROUPED = re.compile(r"(?<=\d)[ '’\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_NUMBER = re.compile(r"[+-]?(?:\d{1,25}(?:[.,]\d{0,30})?|[.,]\d{1,30})(?:[eE][+-]?\d{1,3})?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_EARLIEST_SERIAL, _LATEST_SERIAL = 32_874, 73_051
"""1990 to 2100: a bare number in a date column is a date that has lost its format only in these."""
_YES = frozenset({"yes", "y", "true", "x", "1", "ja", "wahr", "✓", "✔"})
_NO = frozenset({"no", "n", "false", "0", "-", "nein", "falsch"})


class Kind(ABC):
    """What a column holds.

    Attributes:
        expected: what belongs into a cell, in words; nothing of the file is in them.
        format: the spreadsheet's number format.
        width: of the column, in characters.
        choices: what a drop-down offers, where there is one.
        is_text: whether a cell holds free text.
    """

    expected: str = ""
    format: str = "@"
    width: int = 14
    choices: tuple[str, ...] = ()
    is_text: ClassVar[bool] = False

    @abstractmethod
    def write(self, value: Any) -> Written:
        """What is written into the cell of a value."""

    @abstractmethod
    def read_text(self, text: str) -> object:
        """The value in a cell that holds text; Refused if it is none."""

    def read(self, raw: Raw) -> object:
        """The value in a cell; Refused if it is none."""
        if isinstance(raw, Broken):
            raise Refused(shown(raw), raw.remedy)
        return self.read_text(raw) if isinstance(raw, str) else self.read_other(raw)

    def read_other(self, raw: float | bool | Moment) -> object:
        """The value in a cell that holds no text; Refused unless a kind says otherwise."""
        raise Refused(shown(raw), self.expected)


class TextKind(Kind):
    """Any text: names, descriptions, ids."""

    expected = "text is expected"
    width = 24
    is_text = True

    def write(self, value: str) -> str:
        return words.text_to_cell(value)

    def read_text(self, text: str) -> str:
        return words.text_from_cell(text)

    def read_other(self, raw: float | bool | Moment) -> str:
        if isinstance(raw, Moment):
            hint = "a spreadsheet made a date of what was typed; "
            raise Refused(shown(raw), "format the cell as text and type it again", hint)
        if isinstance(raw, bool):
            raise Refused(shown(raw), "format the cell as text and type it again")
        if abs(raw) >= 10.0**MOST_DIGITS_OF_A_NUMBER:
            hint = "a number keeps 15 digits; "
            raise Refused(shown(raw), "format the cell as text and type it again", hint)
        return number_text(raw)


class IdKind(TextKind):
    """An id, of the entry itself or of another one."""

    expected = "an id is expected"
    width = 16


class WholeKind(Kind):
    """A whole number."""

    expected = "a whole number is expected"
    format = "0"
    width = 11

    def write(self, value: int) -> int:
        return value

    def read_text(self, text: str) -> int:
        text = text.strip()
        if _DIGITS.fullmatch(text):
            return int(text)
        number = read_number(text, self.expected)
        if number.denominator != 1:
            raise Refused(quoted(text), self.expected)
        return int(number)

    def read_other(self, raw: float | bool | Moment) -> int:
        if isinstance(raw, bool | Moment) or raw != int(raw):
            raise Refused(shown(raw), self.expected)
        return int(raw)


class DecimalKind(Kind):
    """A number with decimals; with ``percent`` 85% is 0.85."""

    expected = "a number is expected"
    format = "General"
    width = 11

    def __init__(self, percent: bool) -> None:
        self.percent = percent
        if percent:
            self.expected = "a number such as 0.85 (or 85%) is expected"

    def write(self, value: float) -> float:
        return value

    def read_text(self, text: str) -> float:
        text = text.strip()
        if self.percent and text.endswith("%"):
            return self._float(read_number(text[:-1].strip(), self.expected) / 100, text)
        return self._float(read_number(text, self.expected), text)

    def _float(self, number: Exact, text: str) -> float:
        try:
            return float(number)
        except OverflowError:
            raise Refused(quoted(text), self.expected) from None

    def read_other(self, raw: float | bool | Moment) -> float:
        if isinstance(raw, bool | Moment):
            raise Refused(shown(raw), self.expected)
        return float(raw)


class FlagKind(Kind):
    """Yes or no."""

    expected = "yes or no is expected"
    width = 11
    choices = ("yes", "no")

    def write(self, value: bool) -> str:
        return "yes" if value else "no"

    def read_text(self, text: str) -> bool:
        word = text.strip().casefold()
        if word in _YES or word in _NO:
            return word in _YES
        raise Refused(quoted(text.strip()), self.expected)

    def read_other(self, raw: float | bool | Moment) -> bool:
        if isinstance(raw, Moment) or raw not in (0, 1):
            raise Refused(shown(raw), self.expected)
        return bool(raw)


class ChoiceKind(Kind):
    """One of a few words; case, blanks and underscores do not matter."""

    width = 14

    def __init__(self, values: Collection[str], also: Mapping[str, str] | None = None) -> None:
        self._shown = {value: value.replace("_", " ") for value in values}
        if also:
            self._shown = {value: value.capitalize() for value in values}
        self._meant = {words.key(value): value for value in values}
        self._meant |= {words.key(word): value for word, value in (also or {}).items()}
        self.choices = tuple(self._shown.values())
        self.expected = f"allowed: {listed(self.choices)}"

    def write(self, value: str) -> str:
        return self._shown[value]

    def read_text(self, text: str) -> str:
        if (value := self._meant.get(words.key(text))) is not None:
            return value
        guess = nearest(words.key(text), self._meant)
        hint = f"did you mean {quoted(self._shown[self._meant[guess]])}? " if guess else ""
        raise Refused(quoted(text.strip()), self.expected, hint)


class NumberChoiceKind(WholeKind):
    """One of a few whole numbers."""

    def __init__(self, values: Collection[int]) -> None:
        self.values = frozenset(values)
        self.choices = tuple(map(str, values))
        self.expected = f"allowed: {', '.join(self.choices)}"

    def read(self, raw: Raw) -> int:
        value = super().read(raw)
        if not isinstance(value, int) or value not in self.values:
            raise Refused(shown(raw), self.expected)
        return value


class ClockKind(Kind):
    """A time of day."""

    expected = TIME_EXPECTED
    format = "hh:mm"
    width = 9

    def write(self, value: int) -> TimeOfDay:
        return TimeOfDay(value)

    def read_text(self, text: str) -> str:
        return read_clock(text)

    def read_other(self, raw: float | bool | Moment) -> str:
        minutes = None
        if isinstance(raw, Moment):
            minutes = raw.minutes
        elif not isinstance(raw, bool) and 0 < raw < 1:
            minutes = minutes_of(raw)
        if minutes is None:
            raise Refused(shown(raw), self.expected)
        return clock(minutes)


class DateKind(Kind):
    """A date."""

    expected = DATE_EXPECTED
    format = "yyyy-mm-dd"
    width = 12

    def write(self, value: date) -> date:
        return value

    def read_text(self, text: str) -> str:
        return read_date(text).isoformat()

    def read_other(self, raw: float | bool | Moment) -> str:
        day = None
        if isinstance(raw, Moment):
            day = raw.date
        elif not isinstance(raw, bool) and _EARLIEST_SERIAL <= raw < _LATEST_SERIAL:
            day = Moment(raw).date
        if day is None:
            raise Refused(shown(raw), self.expected)
        return day.isoformat()


def read_number(text: str, expected: str) -> Exact:
    """The number in a text, with a decimal point or comma and any mark between thousands.

    Raises:
        Refused: it is no number, or two: 1,234 is 1234 in one country and 1.234 in another.
    """
    plain = _GROUPED.sub("", text.strip())
    points, commas = plain.count("."), plain.count(",")
    if points and commas:
        decimal = max(".,", key=plain.rfind)
        groups = plain.partition(decimal)[0].split("," if decimal == "." else ".")
        plain = plain.replace("," if decimal == "." else ".", "")
        if plain.count(decimal) > 1 or not 1 <= len(groups[0].lstrip("+-")) <= 3:
            raise Refused(quoted(text), expected)
        if any(len(group) != 3 for group in groups[1:]):
            raise Refused(quoted(text), expected)
    elif points + commas > 1:
        groups = plain.split("." if points else ",")
        if not 1 <= len(groups[0].lstrip("+-")) <= 3 or any(len(g) != 3 for g in groups[1:]):
            raise Refused(quoted(text), expected)
        plain = "".join(groups)
    elif _THOUSANDS.fullmatch(plain) and plain == text.strip():
        whole = plain.replace(",", "").replace(".", "")
        hint = f"it may be read in two ways; write {whole} or {plain.replace(',', '.')}0: "
        raise Refused(quoted(text), expected, hint)
    if not _NUMBER.fullmatch(plain):
        raise Refused(quoted(text), expected)
    return Exact(plain.replace(",", "."))
