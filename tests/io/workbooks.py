"""What tests of workbooks and CSV folders share: weeks to write, files to change, faults to read."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.cell import coordinate_to_tuple
from openpyxl.utils.datetime import to_excel

from solver.errors import ScenarioError
from solver.io.tables import import_csv, import_workbook
from solver.io.tables.cells import Moment, Raw, Sheet
from solver.io.tables.reading import read_sheets
from solver.io.tables.writing import filled, template
from solver.io.tables.xlsx_in import read_xlsx
from solver.io.tables.xlsx_out import xlsx_bytes
from solver.scenario import Scenario
from solver.validation import Notice, read_scenario

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
EVERY_FIELD: Json = json.loads((ROOT / "tests/data/every-field.json").read_text("utf-8"))

_NOT_NAMES = frozenset(
    {
        "schema_version", "week_start", "timezone", "days", "day", "start", "end", "between",
        "closed_dates", "format", "modality", "status", "attends", "day_patterns", "start_times",
        "expires", "first_date", "last_date", "until", "tiers", "strict", "weights", "tolerances",
    }
)  # fmt: skip
"""Fields of which no text is anybody's own words."""


def every_field() -> Scenario:
    """The week that uses every field there is."""
    return read_scenario(EVERY_FIELD)[0]


def workbook(scenario: Scenario | None = None) -> bytes:
    """A scenario's workbook, that of ``every_field`` if none is named."""
    return xlsx_bytes(filled(scenario or every_field()), with_examples=False)


def template_bytes() -> bytes:
    """The template's workbook."""
    return xlsx_bytes(template(), with_examples=True)


@cache
def _every_sheet() -> list[Sheet]:
    return read_xlsx(workbook())


@cache
def _template_sheets() -> list[Sheet]:
    return read_xlsx(template_bytes())


class Week:
    """The sheets of a workbook as they are read from it, free to be changed as people do."""

    def __init__(self, of_template: bool = False) -> None:
        sheets = _template_sheets() if of_template else _every_sheet()
        self.sheets = copy.deepcopy(sheets)

    def __getitem__(self, title: str) -> Sheet:
        return next(sheet for sheet in self.sheets if sheet.title == title)

    def type(self, cells: Mapping[str, Any]) -> Week:
        """Put values into cells ("Patients!D7"); None empties one."""
        for place, value in cells.items():
            title, _, cell = place.rpartition("!")
            row, column = coordinate_to_tuple(cell)
            line = self[title].rows.setdefault(row, {})
            line.pop(column, None)
            if value is not None:
                line[column] = raw(value)
        return self

    def without(self, *titles: str) -> Week:
        self.sheets = [sheet for sheet in self.sheets if sheet.title not in titles]
        return self

    def read(self) -> tuple[Scenario, list[Notice]]:
        return read_sheets(self.sheets, by_file=False)

    def refused(self) -> ScenarioError:
        with pytest.raises(ScenarioError) as caught:
            self.read()
        return caught.value

    def faults(self) -> list[str]:
        """What is said of it when it is refused."""
        return [str(fault) for fault in self.refused().faults]


def raw(value: Any) -> Raw:
    """What a reader of workbooks finds in a cell of this value."""
    if isinstance(value, datetime | date):
        return Moment(to_excel(value))
    if isinstance(value, time):
        return Moment(to_excel(value))
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def changed(content: bytes, edit: Callable[[Any], None]) -> bytes:
    """A workbook after somebody did something to it with another program."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    edit(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refusal(content: bytes) -> str:
    """The one thing that is said of a file which is no workbook."""
    with pytest.raises(ScenarioError) as caught:
        import_workbook(content)
    (fault,) = caught.value.faults
    return str(fault)


def csv_faults(folder: Path) -> list[str]:
    """What is said of a folder that is refused."""
    with pytest.raises(ScenarioError) as caught:
        import_csv(folder)
    return [str(fault) for fault in caught.value.faults]


def own_words(value: Any, key: str = "") -> set[str]:
    """Every text of a scenario's file that is somebody's own: ids, names, tags."""
    if key in _NOT_NAMES:
        return set()
    if isinstance(value, dict):
        keys = set(value) if key == "equipment" else set()
        return keys.union(*(own_words(inner, name) for name, inner in value.items()))
    if isinstance(value, list):
        return set().union(*(own_words(entry, _inside(entry, key)) for entry in value))
    return {value} if isinstance(value, str) else set()


def renamed(value: Any, names: Mapping[str, str], key: str = "") -> Any:
    """The same file with other words in the place of everybody's own."""
    if key in _NOT_NAMES:
        return value
    if isinstance(value, dict):
        new = (lambda name: names[name]) if key == "equipment" else (lambda name: name)
        return {new(name): renamed(inner, names, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [renamed(entry, names, _inside(entry, key)) for entry in value]
    return names[value] if isinstance(value, str) else value


def _inside(entry: Any, key: str) -> str:
    """The field that a list's entry is the value of; the entries of a list of objects are none."""
    return "" if isinstance(entry, dict) else key
