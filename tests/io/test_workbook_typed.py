"""What people type and what spreadsheets make of it: understood, or refused where it may mean two things."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest
from openpyxl.utils.datetime import MAC_EPOCH

from solver.errors import ScenarioError
from solver.io.tables import import_workbook
from solver.io.tables.cells import Broken, Merge
from tests.io.workbooks import Week, changed, every_field, workbook


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("Settings!B4", date(2026, 1, 5)),
        ("Settings!B4", datetime(2026, 1, 5)),  # noqa: DTZ001 - as a cell has it
        ("Settings!B4", "5 January 2026"),
        ("Settings!B4", "Monday, January 5, 2026"),
        ("Settings!B4", "5.1.2026"),
        ("Settings!B4", 46027),
        ("Settings!B5", "30 "),
        ("Opening hours!B2", time(8, 0)),
        ("Opening hours!B2", "8:00"),
        ("Opening hours!B2", "8:00 AM"),
        ("Opening hours!B2", "08.00"),
        ("Opening hours!B2", 8 / 24),
        ("Opening hours!A2", "monday, Tue/Wed & thu"),
        ("Services!D2", "60"),
        ("Services!D2", 60.0),
        ("Services!D2", " 60,0 "),
        ("Services!I3", True),
        ("Services!I3", "X"),
        ("Programs!G2", "310,50"),
        ("Programs!G2", "310.5"),
        ("Patients!T2", "85%"),
        ("Patients!T2", "85 %"),
        ("Patients!T2", "0,85"),
        ("Patients!A2", "  ana\u00a0"),
        ("Patients!D2", "ACTIVE"),
        ("Patients!K3", "In_Person"),
        ("Patients!F2", "mon - wed, FRI 8:00 am – 7pm"),
        ("Patients!F2", "Mon 08:00-19:00\nTue 08:00-19:00; Wed, Fri 08:00 to 19:00"),
        ("Therapists!J2", "11:30 – 1:30 PM"),
        ("Groups!L2", "9:00; 10:30"),
        ("Groups!I2", "LCSW; Anyone".replace("LCSW", "lcsw")),
    ],
)
def test_what_people_and_spreadsheets_write_is_understood(cell: str, value: Any) -> None:
    scenario, _ = Week().type({cell: value}).read()
    if cell == "Patients!F2":
        spans = sorted(s for w in scenario.patients[0].availability or () for s in w.spans())
        assert spans == sorted(
            s for w in every_field().patients[0].availability or () for s in w.spans()
        )
    else:
        assert scenario == every_field()


@pytest.mark.parametrize(
    ("cell", "value", "message"),
    [
        ("Settings!B4", "1/5/2026", "found '1/5/2026'; it may be read in two ways; "),
        ("Settings!B4", datetime(2026, 1, 5, 9, 30), "found 2026-01-05 09:30; "),  # noqa: DTZ001
        ("Opening hours!B2", 9, "found 9; "),
        ("Opening hours!B2", "25:00", "found '25:00'; "),
        (
            "Programs!G2",
            "1,234",
            "found '1,234'; it may be read in two ways; write 1234 or 1.2340: ",
        ),
        ("Programs!G2", "85%", "found '85%'; a number is expected"),
        ("Patients!B2", datetime(2026, 2, 1), "found 2026-02-01; a spreadsheet made a date"),  # noqa: DTZ001
        ("Patients!A2", 12345678901234567, "a number keeps 15 digits; "),
        ("Services!D2", 60.5, "found 60.5; a whole number is expected"),
        ("Services!D2", True, "found TRUE; a whole number is expected"),
        ("Patients!F2", "Mon 9-12", "an hour alone may mean two times"),
        ("Patients!F2", "09:00-12:00", "hours such as"),
        ("Patients!F2", "someday 09:00-12:00", "'someday' is no day"),
        ("Rooms!C2", Broken("#DIV/0!", "mend it"), "found '#DIV/0!'; mend it"),
    ],
)
def test_what_may_mean_two_things_or_nothing_is_refused(
    cell: str, value: Any, message: str
) -> None:
    (said,) = Week().type({cell: value}).faults()
    assert message in said


def test_ids_as_numbers() -> None:
    cells: dict[str, Any] = {"Rooms!A2": 101, "Last week meetings!D2": 101.0, "Rooms!B2": 12}
    scenario, _ = Week().type(cells).read()
    assert (scenario.rooms[0].id, scenario.rooms[0].name) == ("101", "12")
    assert scenario.baseline
    assert scenario.baseline.sections[0].meetings[0].room == "101"


def test_blank_lines() -> None:
    week = Week()
    patients = week["Patients"]
    patients.rows[9] = patients.rows.pop(4)
    patients.rows[7] = {2: "   ", 3: "\u00a0"}
    assert week.read()[0] == every_field()
    assert len(week.type({"Locks!B3": None}).read()[0].locks) == 3


def test_cells_merged_downwards_count_on_each_line() -> None:
    week = Week().type({"Program quotas!A3": None, "Program quotas!A4": None})
    week["Program quotas"].merges.append(Merge(2, 400, 1, 1))
    assert week.read()[0] == every_field()


def test_cells_merged_across_columns_are_refused() -> None:
    week = Week()
    week["Rooms"].merges.append(Merge(2, 2, 2, 3))
    assert week.faults() == [
        "Rooms!B2: merged with the cells up to C2; unmerge them, one value a cell"
    ]


def test_the_example_left_in_is_not_read() -> None:
    cells = {"Settings!B2": "Ours", "Settings!B4": "2026-01-05", "Rooms!A3": "g1"}
    week = Week(of_template=True).type({**cells, "Rooms!B3": "Room 1", "Rooms!C3": 12})
    scenario, notices = week.read()
    assert [room.id for room in scenario.rooms] == ["g1"]
    assert (scenario.patients, scenario.opening_hours) == ((), ())
    assert [str(n) for n in notices] == [
        "Opening hours: the clinic is open at no time of this week"
    ]


def test_an_example_that_was_changed_is_mentioned() -> None:
    cells = {"Settings!B2": "Ours", "Settings!B4": "2026-01-05", "Rooms!C2": 14}
    scenario, notices = Week(of_template=True).type(cells).read()
    assert scenario.rooms == ()
    assert str(notices[0]) == (
        "Rooms!A2: begins with 'e.g.', so it is taken for the example and not read; "
        "take that away if the line is meant"
    )


# ---------------------------------------------------------------- what another program writes


def test_a_workbook_changed_and_saved_by_another_program() -> None:
    """Real cells: dates counted from 1904, merged cells, a hidden line, a formula never worked out."""

    def edit(book: Any) -> None:
        quotas = book["Program quotas"]
        quotas["A3"] = quotas["A4"] = None
        quotas.merge_cells("A2:A4")
        book["Patients"].row_dimensions[3].hidden = True
        book["Settings"].sheet_state = "hidden"
        book.epoch = MAC_EPOCH
        for sheet in book:
            for cell in (cell for row in sheet.iter_rows() for cell in row):
                if isinstance(cell.value, datetime):
                    cell.value = cell.value.date()

    content = changed(workbook(), edit)
    assert import_workbook(content)[0] == every_field()

    def formula(book: Any) -> None:
        book["Rooms"]["C2"] = "=5+5"
        book["Rooms"]["C3"] = "#REF!"

    with pytest.raises(ScenarioError) as caught:
        import_workbook(changed(content, formula))
    assert [str(fault) for fault in caught.value.faults] == [
        (
            "Rooms!C2: found 'a formula'; the formula has no value yet; open the workbook in Excel "
            "or LibreOffice, save it, and import it again, or type the value"
        ),
        "Rooms!C3: found '#REF!'; the cell shows an error; mend the formula or type the value",
    ]
