"""The sheets are those of the models: no field without its column, no column without its note."""

from __future__ import annotations

import io
from typing import Any, Literal

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from pydantic import BaseModel

from solver import scenario as scenario_models
from solver import schedule as schedule_models
from solver.fields import Entry
from solver.io.files import dump
from solver.io.tables import import_workbook
from solver.io.tables.example import EXAMPLE
from solver.io.tables.layout import POLICY, SETTINGS, by_path, kind_of, note_key, tables
from solver.io.tables.notes import NOTES, SHEET_NOTES
from solver.io.tables.policy import GoalRow
from solver.io.tables.writing import filled, template
from solver.scenario import Credential, Leader, Policy, Scenario, Window
from solver.schedule import Schedule
from solver.validation import read_scenario
from tests.io.workbooks import Week, template_bytes, workbook

IN_ONE_CELL = {Window, Credential, Leader}
"""Entries of which one cell holds several."""


def fields_of(value: BaseModel, prefix: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Every field path of a scenario that a sheet has to have, lists and cells of several cut short."""
    if isinstance(value, Policy):
        return {("policy",)}
    paths: set[tuple[str, ...]] = set()
    for name in type(value).model_fields:
        inner = getattr(value, name)
        path = (*prefix, name)
        entries = inner[:1] if isinstance(inner, tuple) else (inner,)
        models = [e for e in entries if isinstance(e, BaseModel) and type(e) not in IN_ONE_CELL]
        if path == ("opening_hours",):  # a sheet of its own, unlike other hours
            models = list(entries)
        if models:
            paths = paths.union(*(fields_of(model, path) for model in models))
        else:
            paths.add(path)
    return paths


def test_every_field_of_a_scenario_has_a_column() -> None:
    columns = {
        (*table.path, *column.path)
        for table in tables()
        if table.path != POLICY
        for column in table.columns
        if column.path != ("^",)
    }
    implied = {("baseline", "schema_version")}
    assert fields_of(EXAMPLE) == columns | {("policy",)} | implied
    assert set(Policy.model_fields) == {"tiers", "weights", "tolerances", "strict"}
    assert set(GoalRow.model_fields) == {"goal", "tier", "weight", "tolerance", "strict"}


def test_the_example_uses_every_column() -> None:
    for path, rows in filled(EXAMPLE).items():
        table = by_path()[path]
        if table.is_form or path == POLICY:
            continue
        blank = [c.heading for c, cell in zip(table.columns, rows[0], strict=True) if cell is None]
        assert blank == (
            ["Appointment", "Patient", "Group", "Therapist", "Day"] if path == ("locks",) else []
        )


def test_the_example_is_a_valid_week() -> None:
    assert read_scenario(dump(EXAMPLE))[0] == EXAMPLE
    assert import_workbook(workbook(EXAMPLE))[0] == EXAMPLE


def test_every_field_has_its_note_and_no_other_has_one() -> None:
    everything = [*vars(scenario_models).values(), *vars(schedule_models).values(), GoalRow]
    models = {
        m for m in everything if isinstance(m, type) and issubclass(m, Entry) and m is not Entry
    }
    lists = {(Scenario, n) for n in Scenario.model_fields if (n,) in by_path()}
    lists |= {(Schedule, n) for n in Schedule.model_fields if ("baseline", n) in by_path()}
    inner = {(path[-2], path[-1]) for path in by_path() if len(path) > 1}
    skipped = {
        "Section.meetings",
        "Section.absences",
        "Schedule.schema_version",
        "Patient.commitments",
    }
    skipped |= {"Requirements.quotas", "Leader.credentials", "Credential.id", "Credential.expires"}
    wanted = {
        note_key(model, name)
        for model in models - {Policy}
        for name in model.model_fields
        if (model, name) not in lists
    }
    assert inner
    assert set(NOTES) - {"closed_dates"} == wanted - skipped
    assert set(SHEET_NOTES) == {table.title for table in tables()}


def test_a_field_of_a_new_type_stops_the_program() -> None:
    with pytest.raises(TypeError, match="has no kind of cell"):
        kind_of(complex)


def test_a_new_field_is_a_column_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    class Insured(Entry):
        id: str
        copay: float | None = None
        plan: Literal["gold", "silver"] = "gold"

    from solver.io.tables import layout  # noqa: PLC0415 - its parts, seen from inside

    headings = [c.heading for c in layout._columns(Insured, ("patients",))]
    assert headings == ["Id", "Copay", "Plan"]


def test_settings_and_titles() -> None:
    titles = [table.title for table in tables()]
    assert titles[:3] == ["Settings", "Opening hours", "Closed dates"]
    assert titles[-1] == "Locks"
    assert len(set(titles)) == len(titles)
    assert all(len(title) <= 31 for title in titles)  # a workbook allows no more
    assert all(len({c.heading for c in t.columns}) == len(t.columns) for t in tables())


# ---------------------------------------------------------------- how the workbook is made


@pytest.fixture(scope="module")
def book() -> Any:
    return openpyxl.load_workbook(io.BytesIO(template_bytes()))


def test_the_template_has_a_sheet_a_list_and_a_page_of_advice(book: Any) -> None:
    assert book.sheetnames == ["How to fill in", *(table.title for table in tables())]


def test_headings_stay_in_view_and_have_notes(book: Any) -> None:
    for table in tables():
        if table.is_form:
            continue
        sheet: Worksheet = book[table.title]
        assert sheet.freeze_panes in ("B2", "C2")
        for number, column in enumerate(table.columns, start=1):
            head = sheet.cell(1, number)
            assert head.value == column.heading
            assert column.note in head.comment.text
            assert sheet.column_dimensions[head.column_letter].width >= 9
            assert sheet.column_dimensions[head.column_letter].number_format == column.kind.format


def test_drop_downs_offer_the_ids_of_the_other_sheet(book: Any) -> None:
    rules = {str(r.sqref): r.formula1 for r in book["Patients"].data_validations.dataValidation}
    assert rules["C3:C2000"] == (
        "OFFSET('Programs'!$A$3,0,0,MAX(1,COUNTA('Programs'!$A$3:$A$2000)),1)"
    )
    assert rules["D3:D2000"] == '"active,waitlist"'
    sheets = {r.formula1 for r in book["Locks"].data_validations.dataValidation}
    assert {s.partition("!")[0] for s in sheets if s.startswith("OFFSET")} == {
        f"OFFSET('{title}'"
        for title in (
            "Last week sections", "Last week appointments", "Patients", "Groups", "Therapists",
        )
    }  # fmt: skip


def test_every_reference_to_one_entry_has_a_drop_down() -> None:
    offered = {
        (*table.path, *column.path): column.refers
        for table in tables()
        for column in table.columns
        if column.refers
    }
    assert offered["patients", "program"] == ("programs",)
    assert offered["patients", "quotas", "^"] == ("patients",)
    assert offered["baseline", "appointments", "room"] == ("rooms",)
    assert offered["locks", "section"] == ("baseline", "sections")
    assert len(offered) == 22


def test_the_untouched_template_lacks_a_name_and_a_week() -> None:
    assert Week(of_template=True).faults() == [
        "Settings!B2: Name is missing; it must be given",
        "Settings!B4: Week start is missing; it must be given",
    ]


def test_examples_are_marked_in_the_first_cell() -> None:
    for path, rows in template().items():
        table = by_path()[path]
        if not table.is_form and path != POLICY:
            assert [str(row[0])[:5] for row in rows] == ["e.g. "]
    assert template()[SETTINGS][0][0] == 1
