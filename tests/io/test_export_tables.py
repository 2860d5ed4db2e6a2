"""Workbooks and CSV files, read back: the same week, and nothing in it is calculated."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook

from solver import report
from solver.clinic import Clinic
from solver.io.files import load_scenario, load_schedule
from solver.io.out import Readers, Subject
from solver.io.out.text import file_stem, no_formula, one_line
from tests.builders import clinic, program, quota, service, visit, week
from tests.builders import patient as a_patient
from tests.cli.running import EVENING, ROOT
from tests.io import eventful
from tests.io.told import patient, readers, text_of, therapist, written


def book(told: Readers, whom: Subject | None = None) -> Any:
    return load_workbook(io.BytesIO(written(told, "xlsx", whom)))


def cells(sheet: Any) -> list[list[Any]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def rows(told: Readers, whom: Subject | None = None) -> list[dict[str, str]]:
    text = written(told, "csv", whom).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def bundled() -> Readers:
    scenario = load_scenario(EVENING)[0]
    solved = ROOT / "scenarios" / "solved" / "matrix-evening.schedule.json"
    return Readers(Clinic(scenario), load_schedule(solved, scenario))


# -- workbooks ------------------------------------------------------------------------------------


def test_sheets_of_a_workbook() -> None:
    found = book(bundled())
    assert found.sheetnames == ["By room", "By therapist", "By patient", "Shortfalls", "Sessions"]
    rooms = cells(found["By room"])
    assert rooms[0][0] == "Matrix evening program, week of 30 November 2026"
    assert rooms[1] == ["Room", "Mon 30 Nov", "Tue 1 Dec", "Wed 2 Dec", "Thu 3 Dec"]
    assert rooms[2][0] == "Maple Room"
    assert "16:30–18:00 Process Group\n   Denise Halvorsen, 4 patients" in rooms[2][1]
    assert len(cells(found["By therapist"])) == 2 + 8
    assert len(cells(found["By patient"])) == 2 + 24


def test_the_sheet_of_shortfalls_is_what_the_report_says() -> None:
    told = bundled()
    sheet = cells(book(told)["Shortfalls"])
    assert sheet[1][0].startswith("22 of 22 patients fully served")
    (start,) = [n for n, row in enumerate(sheet) if row[0] == "Patient"]
    everyone = report.care(told.clinic, told.schedule)
    assert [row[-1] for row in sheet[start + 1 :]] == [c.sentence() for c in everyone if c.is_short]


def test_numbers_of_shortfalls_are_numbers() -> None:
    scenario = clinic(
        programs=[
            program(
                minutes_per_week={"min": 90}, days_per_week={"min": 2}, quotas=[quota("solo", 2)]
            )
        ],
        patients=[a_patient("pat"), a_patient("sam", status="waitlist")],
    )
    sheet = cells(book(readers(scenario, week(visit(), not_admitted=["sam"])))["Shortfalls"])
    assert sheet[-2] == [
        "pat", "pat", "in treatment", 0.5, 1.5, 1, "1 of 2 solo", 1, None,
        "pat is short of 1 h of 1 h 30 min, 1 of 2 sessions of solo and 1 of 2 days.",
    ]  # fmt: skip
    assert sheet[-1][:3] == ["sam", "sam", "waiting"]
    assert sheet[-1][-1] == "sam stays on the waiting list."


def test_nothing_in_a_workbook_is_calculated_whatever_a_name_begins_with() -> None:
    raw = text_of(written(readers(), "xlsx", None), "xlsx")
    found = book(readers())
    kinds = {cell.data_type for sheet in found for row in sheet for cell in row}
    assert "f" not in kinds
    assert "<f>" not in raw
    begins = [
        cell
        for sheet in found
        for row in sheet
        for cell in row
        if str(cell.value).startswith(("=", "+", "-"))
    ]
    assert len(begins) > 5
    assert all(cell.quotePrefix for cell in begins)


@pytest.mark.parametrize(
    "name", ["_x0041_b", "a" * 10_000, "\x00\x08\ud7ff\ufffe", "\u2028x", "'=1"]
)
def test_odd_names_do_not_break_a_workbook(name: str) -> None:
    told = readers(clinic(patients=[a_patient("pat") | {"name": name}]), week(visit()))
    shown = [row[0] for row in cells(book(told)["By patient"])][-1]
    expected = one_line(name).replace("_x0041_", "_x005F_x0041_")
    assert shown == f"{expected}\n0.5 of 0 h"


def test_a_workbook_for_one_has_their_sessions_only() -> None:
    found = book(readers(), patient("pat"))
    assert found.sheetnames == ["Sessions"]
    sheet = cells(found["Sessions"])
    assert sheet[0][0] == "Week of 5 January 2026"
    assert [row[5:7] for row in sheet[2:]] == [
        ["Appointment", "planned"],
        ["Appointment", "cancelled"],
        ["Appointment", "planned"],
    ]


# -- CSV ------------------------------------------------------------------------------------------


def test_sessions_of_the_whole_week() -> None:
    found = rows(readers())
    assert [(r["Section or appointment"], r["Day"], r["Start"], r["Status"]) for r in found] == [
        ("s1", "Monday", "09:00", "planned"),
        ("s2", "Tuesday", "10:00", "planned"),
        ("s1", "Wednesday", "09:00", "cancelled"),
        ("s3", "Thursday", "10:00", "planned"),
        ("a1", "Friday", "09:00", "planned"),
        ("a2", "Friday", "11:00", "planned"),
    ]
    assert found[0]["Patient ids"] == "pat; sam; zoe"
    assert found[0]["Excused"] == "Smith, Jo BEGIN:VEVENT\\n;x"
    assert found[0]["Substitute"] == "Катя for -Bob"
    assert (found[1]["By video"], found[1]["Place"]) == (eventful.CHINESE, "big")
    assert len(written(readers(), "csv", None).split(b"\r\n")) == 1 + 6 + 1


def test_no_cell_begins_like_a_formula() -> None:
    found = rows(readers())
    assert found[5]["Patients"] == f"'{eventful.FORMULA}"
    assert found[5]["Led by"] == "'-Bob"
    everything = [cell for row in found for cell in row.values()]
    assert not [c for c in everything if c.lstrip().startswith(("=", "+", "-", "@"))]


def test_sessions_of_one_without_ids() -> None:
    found = rows(readers(), therapist("bob"))
    assert [(r["Session"], r["Status"], r["Patients"]) for r in found] == [
        ("Coping <Skills> & more", "covered", "S. A. 1.; H. H. E.; Z. Ł."),
        ("Coping <Skills> & more", "cancelled", "S. A. 1.; H. H. E.; S. J. B.; Z. Ł."),
        ("kin", "planned", "S. A. 1."),
        ("solo", "planned", "H. H. E."),
    ]
    assert not any("ids" in heading for heading in found[0])


# -- text -----------------------------------------------------------------------------------------


def test_text_on_one_line() -> None:
    texts = [
        " a\r\n\tb\x0b\u2028c ",
        "\x07\x1b[2J",
        "a\u202eb\u2066",
        "\ufdd0\U0001ffff",
        "é😀\u200d👩",
        "",
    ]
    assert [one_line(t) for t in texts] == [
        "a b c",
        "\ufffd\ufffd[2J",
        "ab",
        "\ufffd\ufffd",
        "é😀\u200d👩",
        "",
    ]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", " =1", "＝1", "＋1", "－1", "＠x"])
def test_text_that_a_spreadsheet_would_calculate(text: str) -> None:
    assert no_formula(text) == f"'{text}"


def test_file_names_are_safe_and_differ() -> None:
    ids = ["p01", "P01", "../p01", "p 01", "", ".", "..", "con", "é", "x" * 200, "x" * 201, "a\0b"]
    stems = [file_stem("patient", i) for i in ids]
    assert len({s.casefold() for s in stems}) == len(ids)
    assert stems[0] == "patient-p01"
    assert all(
        len(s) < 100 and set(s) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_") for s in stems
    )


def test_a_service_without_a_name_is_called_by_its_id() -> None:
    scenario = clinic(services=[service("solo", "individual", 30) | {"name": ""}], groups=[],
                      programs=[program(quotas=[])])  # fmt: skip
    assert [r["Session"] for r in rows(readers(scenario, week(visit())))] == ["solo"]
