"""Whatever is wrong in a workbook is said at once, each fault at its sheet and cell."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from solver.errors import ScenarioError
from solver.io.tables import log_lines
from solver.io.tables.cells import Sheet
from solver.validation import read_scenario
from tests.io.workbooks import EVERY_FIELD, Week, every_field


def test_every_fault_at_once_each_at_its_cell() -> None:
    week = Week().type(
        {
            "Settings!B4": "soon",
            "Opening hours!B2": "nine",
            "Services!D2": "an hour",
            "Programs!I2": 150,
            "Program quotas!B3": "individuell",
            "Rooms!C3": None,
            "Therapists!D2": "Mon-Fri 9-17",
            "Groups!K2": "Mon; Wed, Fri",
            "Patients!C3": "iopp",
            "Patients!E4": 7,
            "Commitments!A2": "anna",
            "Locks!D4": "process-pm",
        }
    )
    assert week.faults() == [
        "Settings!B4: found 'soon'; a date such as \"2026-01-05\" is expected",
        "'Opening hours'!B2: found 'nine'; a time such as \"09:00\" is expected",
        "Services!D2: found 'an hour'; a whole number is expected",
        "Programs!H2: found min 180 over max 150; a minimum is at most its maximum",
        (
            "'Program quotas'!B3: no service 'individuell'; did you mean 'individual'?"
        ),
        "Rooms!C3: Capacity is missing; it must be given",
        (
            "Therapists!D2: found 'Mon-Fri 9-17'; an hour alone may mean two times; "
            'a time such as "09:00" is expected'
        ),
        "Groups!K2: found mon; a pattern has meetings_per_week (2) different days",
        "Patients!C3: no program 'iopp'; did you mean 'iop'?",
        "Patients!E4: found 7; at most 5 is allowed",
        "Commitments!A2: no patient 'anna'; did you mean 'ana'?",
        "Locks!D4: no group 'process-pm'; did you mean 'process-am'?",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "value", "message"),
    [
        ("Patients!A3", "ana", "Patients!A3: found 'ana' again, as in Patients!A2; ids are unique"),
        (
            "Patients!F2",
            "Mon 12:00-09:00",
            "Patients!F2: found 12:00 to 09:00; a window ends after it starts",
        ),
        (
            "Policy!B3",
            "first",
            "Policy!B3: found 'first'; a whole number is expected",
        ),
        (
            "Policy!A3",
            "unmet care",
            "Policy!B3: found 'unmet_care' again, as in Policy!B2; a goal has one tier",
        ),
        ("Policy!C3", -1, "Policy!C3: found -1; at least 0 is allowed"),
        ("Policy!A4", None, "Policy!A4: missing; it must be given"),
        ("Policy!B3", 5000, "Policy!B3: found 5000; 1 for the first tier is expected"),
        (
            "Therapists!I2",
            300,
            (
                "Therapists!I2: found 300 minutes between 11:30 and 13:30; "
                "the span is at least as long as the meal"
            ),
        ),
        ("Therapists!I2", None, "Therapists!I2: Meal minutes is missing; it must be given"),
        ("Patients!A2", None, "Patients!A2: Id is missing; it must be given"),
        ("Last week!B1", None, "'Last week'!B1: Scenario is missing; it must be given"),
        ("Services!J3", "interpreter: two", "Services!J3: found 'two'; a whole number is expected"),
        ("Services!J3", "drum: 1", "Services!J3: no equipment 'drum'; allowed: 'interpreter'"),
        (
            "Groups!F2",
            "hybird",
            (
                "Groups!F2: found 'hybird'; did you mean 'hybrid'? "
                "allowed: 'in person', 'telehealth', 'hybrid', 'offsite'"
            ),
        ),
        ("Settings!B5", 7, "Settings!B5: found 7; allowed: 5, 10, 15, 20, 30, 60"),
        (
            "Settings!B1",
            2,
            (
                "Settings!B1: found 2; this program reads versions up to 1: "
                "use a newer program, or save the scenario in version 1"
            ),
        ),
        (
            "Patient quotas!C2",
            5,
            "'Patient quotas'!C2: found min 5 over max 2; a minimum is at most its maximum",
        ),
        ("Last week sections!E2", "ian", "'Last week sections'!E2: 'ian' is none of the section's members"),
    ],
)  # fmt: skip
def test_a_fault_is_at_its_cell(cell: str, value: Any, message: str) -> None:
    assert message in Week().type({cell: value}).faults()


def test_an_id_that_is_missing_makes_no_other_fault() -> None:
    said = Week().type({"Patients!A2": None, "Rooms!A3": None, "Programs!A2": True}).faults()
    assert said == [
        "Programs!A2: found TRUE; format the cell as text and type it again",
        "Rooms!A3: Id is missing; it must be given",
        "Patients!A2: Id is missing; it must be given",
    ]


def test_part_of_a_lock_that_cannot_be_read_makes_no_other_fault() -> None:
    said = Week().type({"Locks!F5": "Fryday"}).faults()
    assert len(said) == 1
    assert said[0].startswith("Locks!F5: found 'Fryday'; did you mean 'Fri'? allowed:")


def test_faults_of_a_json_file_are_those_of_its_workbook() -> None:
    """What the file's own checks find is said with the same words, at the cell."""
    document = copy.deepcopy(EVERY_FIELD)
    document["patients"][1]["primary_therapist"] = "evee"
    document["groups"][0]["size"]["min"] = 12
    document["locks"].append({"patient": "ben", "group": "process-amm"})
    with pytest.raises(ScenarioError) as caught:
        read_scenario(document)
    cells = {"Patients!L3": "evee", "Groups!G2": 12, "Locks!C6": "ben", "Locks!D6": "process-amm"}
    said = [message.partition(": ")[2] for message in Week().type(cells).faults()]
    assert said == [fault.message for fault in caught.value.faults]


# ---------------------------------------------------------------- sheets and columns


def test_sheets_that_must_be_there() -> None:
    assert Week().without("Rooms", "Services", "Settings").faults() == [
        f"{title}: missing; the sheet must be there, and may have no lines"
        for title in ("Settings", "Services", "Rooms")
    ]


def test_sheets_that_may_be_left_out() -> None:
    week = Week().without("Closed dates", "Policy", "Patient quotas", "Locks", "Last week")
    parts = ("sections", "meetings", "absences", "appointments")
    scenario, _ = week.without(*(f"Last week {part}" for part in parts)).read()
    assert (scenario.baseline, scenario.locks, scenario.closed_dates) == (None, (), ())
    assert scenario.patients[0].quotas == ()


def test_last_week_without_its_name_and_date() -> None:
    assert Week().without("Last week").faults() == [
        "Last week: scenario is missing; it must be given",
        "Last week: week start is missing; it must be given",
    ]


def test_lines_whose_own_sheet_is_gone_are_not_lost() -> None:
    said = Week().without("Last week sections").faults()
    assert "'Last week meetings'!A2: no section 'process-am-1'; there is none at all" in said
    assert "Locks!A2: no section 'process-am-1'; there is none at all" in said


@pytest.mark.parametrize(
    "title", ["Last week sections", "Last week appointments", "Rooms", "Policy"]
)
def test_a_sheet_that_cannot_be_read_makes_no_fault_elsewhere(title: str) -> None:
    week = Week()
    del week[title].rows[1]
    (said,) = week.faults()
    assert said.startswith(f"{title}: no line with the headings is there; expected are ")


def test_a_renamed_sheet_is_named() -> None:
    week = Week()
    week["Patients"].title = "Pateints"
    assert week.faults() == [
        "Pateints: no sheet of this name is read; did you mean 'Patients'? rename it"
    ]


@pytest.mark.parametrize("title", ["patients", " PATIENTS ", "Pa-ti_ents"])
def test_case_and_blanks_of_a_title_do_not_matter(title: str) -> None:
    week = Week()
    week["Patients"].title = title
    assert week.read()[0] == every_field()


def test_two_sheets_of_one_name() -> None:
    week = Week()
    again = copy.deepcopy(week["Patients"])
    again.title = "PATIENTS"
    week.sheets.append(again)
    assert week.faults() == ["PATIENTS: the same sheet as 'Patients'; keep one of the two"]


def test_sheets_and_columns_of_ones_own_are_mentioned_and_not_read() -> None:
    week = Week().type({"Patients!AZ1": "Insurance", "Patients!AZ2": "Blue"})
    week.sheets.append(Sheet("Phone numbers", {1: {1: "secret"}}))
    scenario, notices = week.read()
    assert scenario == every_field()
    said = [str(notice) for notice in notices]
    assert "Phone numbers: not one of our sheets; it is not read" in said
    assert "Patients: 'Insurance': a column that is not ours; not read" in said


def test_a_renamed_a_missing_and_a_doubled_column() -> None:
    cells = {
        "Patients!C1": "Programme",
        "Rooms!C1": "Seats",
        "Services!E1": "Minutes",
        "Patients!E1": None,
    }
    assert Week().type(cells).faults() == [
        "Services!E1: 'Minutes' is a heading again, as in Services!D1; keep one of them",
        "Rooms: no column 'Capacity'; it must be there",
        "Patients!C1: no heading 'Programme'; did you mean 'Program'? rename it",
        "Patients!E2: the column has no heading; give it one (any of your own is not read)",
    ]


def test_columns_in_another_order_under_a_title() -> None:
    week = Week()
    rooms = week["Rooms"]
    order = {1: 7, 2: 3, 3: 9, 4: 1, 5: 5}
    moved = {
        r + 3: {order[c]: value for c, value in line.items()} for r, line in rooms.rows.items()
    }
    rooms.rows = {1: {1: "Our rooms, as of May"}, **moved}
    assert week.read()[0] == every_field()


def test_a_sheet_without_headings() -> None:
    week = Week()
    del week["Rooms"].rows[1]
    assert week.faults() == [
        (
            "Rooms: no line with the headings is there; "
            "expected are 'Id', 'Name', 'Capacity', 'Features', 'Availability'"
        )
    ]


# ---------------------------------------------------------------- for logs


def test_logs_name_places_and_kinds_and_nothing_else() -> None:
    cells = {
        "Patients!B2": True,
        "Patients!C3": "Bobby Tables",
        "Patients!E4": "Carl Secret",
        "Commitments!A2": "Anna Secret",
        "Rooms!C1": "Smith",
    }
    week = Week().type(cells)
    week["Patients"].title = "  PATIENTS "
    week["Locks"].title = "Bob locks"
    refused = week.refused()
    logged = log_lines(refused.faults)
    assert len(logged) == len(refused.faults)
    assert "Patients!C3: a reference to something that is not there" in logged
    assert "Patients!E4: a whole number is expected" in logged
    assert "Locks: a sheet whose name is not one of ours" in logged
    for word in ("Bob", "Secret", "Smith", "Ana", "TRUE"):
        assert not any(word in line for line in logged)
