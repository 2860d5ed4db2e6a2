"""What stands in one cell of a table, in a workbook or a CSV file, before anybody knows what it means."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, timedelta

from openpyxl.utils.cell import get_column_letter

from ...errors import Fault
from ...timegrid import MINUTES_A_DAY, clock
from ...validation.wording import quoted

EPOCH_1900 = date(1899, 12, 30)
"""Day 0 of most workbooks; right from 1 March 1900 on (they believe in a 29 February 1900)."""
EPOCH_1904 = date(1904, 1, 1)
"""Day 0 of workbooks from old Macs."""
MAX_CELLS = 100_000
"""Cells with a value, of all sheets together; 500 patients come to 15,000."""
MAX_LETTERS = 1_000_000
"""Text in all cells together, a shared one counted each time; 500 patients come to 70,000."""
_A_YEAR = 366
_LONGEST_TITLE = 100
LAST_SERIAL = 2_958_465
"""31 December 9999 as a workbook counts it; nothing later is a date."""
MOST_DIGITS_OF_A_NUMBER = 15
"""A workbook keeps no more digits of a number than these."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A number that the workbook shows as a date, a time of day, or both: days since its day 0."""

    serial: float
    epoch: date = EPOCH_1900

    @property
    def minutes(self) -> int | None:
        """Minutes since midnight of a time of day, 24:00 included; None with a date or seconds."""
        return minutes_of(self.serial)

    @property
    def date(self) -> date | None:
        """The date; None with a time of day or out of the calendar."""
        if self.serial != int(self.serial) or not 1 <= self.serial <= LAST_SERIAL:
            return None
        return self.epoch + timedelta(days=int(self.serial))

    def __str__(self) -> str:
        if self.minutes is not None:
            return clock(self.minutes)
        if not _A_YEAR < self.serial <= LAST_SERIAL:
            return number_text(self.serial)  # nobody means a date of 1900
        day = self.epoch + timedelta(days=int(self.serial))
        part = round(self.serial % 1 * MINUTES_A_DAY)
        return f"{day}" if not part else f"{day} {clock(part)}"


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell from which no value can be had: an error such as #REF!, a formula never worked out."""

    shown: str
    remedy: str


Raw = str | float | bool | Moment | Broken
"""What a cell holds. A cell that is blank is not there at all."""


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A time to be written: a real time cell in a workbook, "HH:MM" in text."""

    minutes: int

    def __str__(self) -> str:
        return clock(self.minutes)


Written = str | int | float | date | TimeOfDay
"""What is written into a cell."""


class Refused(Exception):
    """A cell's value that is not what belongs there.

    Attributes:
        message: what was found and what is expected, for the user's own eyes.
        logged: what is expected, without a word of what the cell holds.
    """

    def __init__(self, found: str, expected: str, hint: str = "") -> None:
        self.message = f"found {found}; {hint}{expected}"
        self.logged = expected
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class TableFault(Fault):
    """A fault of a file to be imported, and how to say it where patients must not be named.

    Attributes:
        logged: the message without anything that the file holds; for logs.
        logged_place: the place likewise; empty where ``place`` will do.
    """

    logged: str = "a value that does not fit"
    logged_place: str = ""

    def for_log(self) -> str:
        """Place and kind of the fault; no name, no id and no other content of the file."""
        return f"{self.logged_place or self.place}: {self.logged}"


@dataclass(frozen=True, slots=True)
class Merge:
    """Merged cells: first and last row and column."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(slots=True)
class Sheet:
    """One table as it stands in the file.

    Attributes:
        title: of the workbook's sheet, or the name of the CSV file.
        rows: row number (from 1) -> column number (from 1) -> what is in the cell, blank ones left
            out.
        merges: merged cells, at most a few thousand.
    """

    title: str
    rows: dict[int, dict[int, Raw]] = field(default_factory=dict)
    merges: list[Merge] = field(default_factory=list)

    def place(self, row: int, column: int) -> str:
        """Where a cell is, as a spreadsheet's name box takes it: ``Patients!D7``."""
        plain = self.title.replace(".", "").replace("-", "").isalnum()
        title = self.title if plain else f"'{self.title}'"
        return f"{title}!{get_column_letter(column)}{row}"


def clean_title(name: str) -> str:
    """The name of a sheet or file as it can stand in any message: short, nothing but letters."""
    name = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)
    return name if len(name) <= _LONGEST_TITLE else f"{name[: _LONGEST_TITLE - 1]}…"


def minutes_of(serial: float) -> int | None:
    """Minutes since midnight in a fraction of a day, to half a second; None if it is none."""
    if not 0 <= serial <= 1:
        return None
    minutes = serial * MINUTES_A_DAY
    return round(minutes) if abs(minutes - round(minutes)) < 1 / 120 else None


def is_blank(raw: Raw | None) -> bool:
    """Whether a cell holds nothing that anybody could see."""
    return raw is None or (isinstance(raw, str) and not raw.strip())


def shown(raw: Raw) -> str:
    """What stands in a cell, for a message about it."""
    match raw:
        case bool():
            return str(raw).upper()
        case str():
            return quoted(raw.strip())
        case Moment():
            return str(raw)
        case Broken():
            return quoted(raw.shown)
        case _:
            return number_text(raw)


def number_text(number: float) -> str:
    """A number as a person writes it: 101 for 101.0."""
    if math.isfinite(number) and number == int(number) and abs(number) < 10.0**15:
        return str(int(number))
    return repr(float(number))
