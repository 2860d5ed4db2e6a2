"""What the tests of editing share: weeks as drafts, and a workbook with slips in it."""

from __future__ import annotations

import io
from typing import Any

import openpyxl

from solver.io.files import load_scenario
from solver.io.tables.writing import filled
from solver.io.tables.xlsx_out import xlsx_bytes
from solver.scenario import Scenario
from ui.desk.store import READY
from ui.editing import edits, saying
from ui.editing.draft import Draft, draft_of, read

PATIENTS, ROOMS = ("patients",), ("rooms",)
THREE_FAULTS = {"Patients!C2": "iopp", "Patients!F3": "Mon 9-5", "Rooms!C2": "ten"}


def ready(name: str) -> Scenario:
    """A week that comes with the program."""
    return load_scenario(READY / f"{name}.json")[0]


def three() -> Draft:
    """The smallest one."""
    return draft_of(ready("three-patients"))


def at(path: tuple[str, ...], *steps: str) -> int:
    """The number of a field's column."""
    return edits.column_at(path, *steps)


def faults(draft: Draft) -> list[str]:
    """What is wrong with a draft, as a person reads it."""
    return [f"{saying.where(draft, f)}: {saying.message(draft, f)}" for f in read(draft).faults]


def workbook(cells: dict[str, Any]) -> bytes:
    """Three patients as a workbook, with other values in some cells, as somebody saved it."""
    content = xlsx_bytes(filled(ready("three-patients")), with_examples=False)
    book = openpyxl.load_workbook(io.BytesIO(content))
    for place, value in cells.items():
        sheet, _, where = place.partition("!")
        book[sheet][where] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
