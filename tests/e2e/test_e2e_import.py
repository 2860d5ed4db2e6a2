"""A newcomer brings a workbook with three faults, mends each where it is shown, and opens the week."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from solver.io.files import load_scenario
from solver.io.tables import export_scenario_workbook
from tests.e2e.acting import go, until_idle, visit
from tests.e2e.looking import without_serious_findings
from tests.guard.serving import ROOT, Served

pytestmark = pytest.mark.browser


def put(path: Path, sheet: str, name: str, heading: str, value: str) -> None:
    """Write something into the cell of a line and a column of a workbook."""
    book = load_workbook(path)
    cells = book[sheet]
    rows = list(cells.iter_rows())
    head = next(r for r in rows if any(str(c.value or "").strip(" *") == heading for c in r))
    column = next(c.column for c in head if str(c.value or "").strip(" *") == heading)
    line = next(r[0].row for r in rows if any(c.value == name for c in r))
    cells.cell(line, column, value)
    book.save(path)


def mend(page: Page, where: str, value: str) -> None:
    """Type into the field beside a fault."""
    field = page.get_by_role("textbox", name=where, exact=True)
    field.fill(value)
    field.press("Enter")
    until_idle(page)


def test_a_workbook_with_three_faults(page: Page, served: Served, tmp_path: Path) -> None:
    path = tmp_path / "Our week.xlsx"
    scenario, _ = load_scenario(ROOT / "scenarios/three-patients.json")
    export_scenario_workbook(scenario, path)
    room, patient, therapist = scenario.rooms[0], scenario.patients[0], scenario.therapists[0]
    put(path, "Rooms", room.name, "Capacity", "many")
    put(path, "Patients", patient.name, "Priority", "urgent")
    put(path, "Therapists", therapist.name, "Max minutes per week", "a lot")

    visit(page, served, "data")
    page.get_by_role("button", name="Bring in a file").click()
    page.locator("input[type=file]").first.set_input_files(path)
    expect(page.get_by_text("Our week.xlsx: 3 faults. Nothing was loaded.")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Mend it here").click()
    expect(page.get_by_text("3 faults to mend before this can be saved.")).to_be_visible()
    expect(page.get_by_role("button", name="Open this week")).to_be_disabled()
    without_serious_findings(page)
    mend(page, f"Rooms, {room.name} ({room.id}), Capacity", str(room.capacity))
    expect(page.get_by_text("2 faults to mend before this can be saved.")).to_be_visible()
    mend(page, f"Patients, {patient.name} ({patient.id}), Priority", str(patient.priority))
    week = f"Therapists, {therapist.name} ({therapist.id}), Max minutes per week"
    mend(page, week, "1800")
    page.get_by_role("button", name="Open this week").click()
    until_idle(page)
    expect(page.get_by_text(f"{scenario.name}, week of").first).to_be_visible()
    go(page, "Overview")
    expect(page.get_by_text("This week has no schedule yet.")).to_be_visible()
