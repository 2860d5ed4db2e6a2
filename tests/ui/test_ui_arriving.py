"""Files that are brought, weeks that are made, and the schedule of an edited week."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from solver.checker import check
from solver.clinic import Clinic
from solver.errors import FileFaults
from solver.io.files import dump, load_schedule
from solver.notices import notices
from solver.validation import read_scenario
from tests.drafts import PATIENTS, ROOMS, THREE_FAULTS, at, faults, ready, workbook
from tests.io.workbooks import every_field
from ui.desk.store import DEMO, READY
from ui.editing import edits, fresh, goals
from ui.editing.arriving import arrived
from ui.editing.draft import draft_of, read
from ui.editing.fitting import fitted

# -- files ----------------------------------------------------------------------------------------


def test_a_workbook_with_faults_is_a_draft_with_the_faults_at_their_cells() -> None:
    come = arrived({"week.xlsx": workbook(THREE_FAULTS)})
    assert [f.place for f in come.faults] == ["Rooms!C2", "Patients!C2", "Patients!F3"]
    assert come.draft is not None
    assert [said.partition(":")[0] for said in faults(come.draft)] == [
        "Rooms, Group Room (group-room), Capacity",
        "Patients, Anita Kovacs (p1), Program",
        "Patients, Ben Torres (p2), Availability",
    ]
    draft = come.draft
    for path, row, field, value in [
        (ROOMS, 0, "capacity", "8"),
        (PATIENTS, 0, "program", "transition"),
        (PATIENTS, 1, "availability", "Mon 09:00-17:00"),
    ]:
        draft = edits.with_cell(draft, path, row, at(path, field), value)
    assert read(draft).scenario is not None


def test_names_that_are_nearly_ours_are_taken_for_them_and_it_is_said() -> None:
    content = workbook({"Patients!B1": "Nmae"})
    book = openpyxl.load_workbook(io.BytesIO(content))
    book["Rooms"].title = "Roms"
    out = io.BytesIO()
    book.save(out)
    come = arrived({"week.xlsx": out.getvalue()})
    assert come.scenario is None
    assert come.draft is not None
    assert come.notes == (
        "The sheet Roms was taken for Rooms.",
        "In Patients the heading Nmae was taken for Name.",
    )
    assert read(come.draft).scenario == ready("three-patients")


def test_a_template_that_was_not_filled_in_is_a_draft_without_examples() -> None:
    from ui.editing.open_view import _template_workbook  # noqa: PLC0415

    come = arrived({"week.xlsx": _template_workbook()})
    assert come.draft is not None
    assert come.draft.rows[PATIENTS] == ()
    assert goals.wishes(come.draft) is not None


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_csv_files_in_a_zip_or_one_by_one(tmp_path: Path) -> None:
    from solver.io.tables import export_scenario_csv  # noqa: PLC0415

    export_scenario_csv(every_field(), tmp_path / "week")
    files = {path.name: path.read_bytes() for path in (tmp_path / "week").iterdir()}
    assert arrived(files).scenario == every_field()
    packed = zipped({f"week/{name}": content for name, content in files.items()})
    assert arrived({"week.zip": packed}).scenario == every_field()
    files["rooms.csv"] = b"Id,Name,Capacity\r\noak,Oak,many\r\n"
    come = arrived(files)
    assert ("rooms.csv!C2") in [fault.place for fault in come.faults]
    assert come.draft is not None
    assert any("Rooms, Oak (oak), Capacity" in said for said in faults(come.draft))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.json": b"{}", "b.xlsx": b"PK"}, "several files at once"),
        ({"a.png": b"\x89PNG\r\n\x00\x00"}, "this is no workbook"),
        ({"a.json": b"[" * 5_000}, "nested deeper"),
        ({"a.zip": zipped({"patients.csv": b" " * (31 * 2**20)})}, "30 MB unpacked"),
        ({"a.json": b'"x" * 3'}, "not JSON"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(
    files: dict[str, bytes], message: str
) -> None:
    with pytest.raises(FileFaults, match=message):
        arrived(files)


def test_fhir_is_told_apart() -> None:
    bundle = json.dumps({"resourceType": "Bundle", "type": "collection"}).encode()
    assert arrived({"a.json": bundle}).kind == "fhir"
    assert arrived({"a.json": bundle, "b.json": bundle}).kind == "fhir"


# -- a new week -----------------------------------------------------------------------------------


@pytest.mark.parametrize("level", [level.key for level in fresh.LEVELS])
def test_a_week_made_from_answers_is_whole_and_can_be_staffed(level: str) -> None:
    answers = fresh.Answers(
        "New clinic", date(2026, 12, 7), level=level,
        therapists=("Eve Adler", "Bo Lind"), rooms=("Maple 12", "Elm (4 seats)", "Oak"),
        patients=("Ana", "Ben", "Ana"),
    )  # fmt: skip
    assert fresh.faults(answers) == []
    scenario, gone = read_scenario(fresh.week(answers))
    assert not gone
    assert notices(Clinic(scenario)) == []
    assert [(r.name, r.capacity) for r in scenario.rooms] == [
        ("Maple", 12),
        ("Elm", 4),
        ("Oak", 10),
    ]
    assert read(draft_of(scenario)).scenario == scenario
    due = scenario.programs[0].minutes_per_week
    assert due is not None
    offered = sum(g.minutes * g.meetings_per_week for g in scenario.groups)
    assert offered >= (due.min or 0)


def test_answers_that_cannot_be_a_week_are_all_told() -> None:
    told = fresh.faults(fresh.Answers(" ", date(2026, 12, 8), days=("mon",), opens=600, closes=660))
    assert [said.split()[0] for said in told] == ["The", "A", "Intensive", "The", "Name", "Name"]
    assert fresh.lines("- Ana\n\n 2. Ben \n* Cy") == ("Ana", "Ben", "Cy")


# -- the schedule goes along ----------------------------------------------------------------------


def test_a_schedule_loses_what_the_scenario_lost() -> None:
    scenario = ready(DEMO)
    schedule = load_schedule(READY / "solved" / f"{DEMO}.schedule.json", scenario)
    assert fitted(schedule, scenario).schedule == schedule
    draft = draft_of(scenario)
    for path, key in ((PATIENTS, "p03"), (ROOMS, scenario.rooms[0].id)):
        draft = edits.without_line(draft, path, draft.line_of(path, key) or 0)
    smaller = read(draft).scenario
    assert smaller is not None
    now = fitted(schedule, smaller)
    assert now.schedule is not None
    assert now.lost
    assert "p03" not in json.dumps(dump(now.schedule))
    assert {v.rule for v in check(Clinic(smaller), now.schedule)} <= {"room_fits", "group_size"}
    later = edits.with_cell(draft_of(scenario), (), 0, at((), "week_start"), "2026-12-07")
    moved = read(later).scenario
    assert moved is not None
    there = fitted(schedule, moved)
    assert there.lost == ()
    assert there.schedule is not None
    assert there.schedule.week_start == date(2026, 12, 7)
