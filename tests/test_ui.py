"""What pages are put together from: desks, initials, figures, the board, words, colours."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from solver.checker import check, measure
from solver.clinic import Clinic
from solver.io.files import dump, load_scenario, load_schedule
from solver.jobfolder import result_in
from solver.schedule import Schedule
from tests.builders import (
    Json,
    clinic,
    group,
    patient,
    plan,
    program,
    read,
    room,
    section,
    therapist,
    visit,
    week,
    window,
)
from ui.desk import figures
from ui.desk.opened import Week, open_week
from ui.desk.privacy import Initials, initials
from ui.desk.store import DEMO, READY, Desk, ready_weeks, remove_old, work_folder
from ui.desk.tables import TABLES, hours_in_words

ROOT = Path(__file__).resolve().parents[1]


def week_of(scenario: Json, schedule: Json) -> Week:
    here = read(scenario)
    return laid_out(here, plan(schedule, here))


def laid_out(here: Clinic, schedule: Schedule) -> Week:
    return Week(here, schedule, tuple(check(here, schedule)), measure(here, schedule), None)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk.new(tmp_path)


# -- the demo -------------------------------------------------------------------------------------


def test_the_demo_comes_with_a_legal_schedule_that_is_worth_what_it_says(desk: Desk) -> None:
    opened = open_week(desk.week(), initials=False)
    assert opened.week is not None
    assert opened.week.violations == ()
    assert opened.week.result is not None
    assert dict(opened.week.result.goals) == measure(opened.clinic, opened.week.schedule)
    assert all(t.value is not None and t.value >= (t.bound or 0) for t in opened.week.result.tiers)
    totals = figures.totals(opened.week)
    assert totals.served == totals.active


def test_a_ready_schedule_that_is_illegal_is_not_shown(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = tmp_path / "ready"
    (ready / "solved").mkdir(parents=True)
    scenario = json.loads((READY / f"{DEMO}.json").read_text())
    scenario["rooms"] = []
    (ready / f"{DEMO}.json").write_text(json.dumps(scenario))
    solved = json.loads((READY / "solved" / f"{DEMO}.schedule.json").read_text())
    for entry in [*solved["appointments"], *(m for s in solved["sections"] for m in s["meetings"])]:
        entry["room"] = None
    (ready / "solved" / f"{DEMO}.schedule.json").write_text(json.dumps(solved))
    monkeypatch.setattr("ui.desk.store.READY", ready)
    opened = open_week(desk.week(), initials=False)
    assert (opened.week, opened.schedule, opened.faults) == (None, None, ())


# -- desks ----------------------------------------------------------------------------------------


def test_a_desk_remembers_and_is_found_by_its_id_alone(desk: Desk, tmp_path: Path) -> None:
    desk.put("day", 2)
    found = Desk.find(tmp_path, desk.id)
    assert found is not None
    assert (found.get("day"), found.get("other", "none")) == (2, "none")
    found.put("day", None)
    assert desk.get("day") is None
    for wrong in (None, "", "..", "a" * 22, f"../desks/{desk.id}", f"{desk.id}/"):
        assert Desk.find(tmp_path, wrong) is None


def test_a_desk_is_private_and_survives_a_damaged_state(desk: Desk) -> None:
    assert stat.S_IMODE(desk.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((desk.folder / "state.json").stat().st_mode) == 0o600
    for damage in (b"{", b"[]", b"\xff"):
        (desk.folder / "state.json").write_bytes(damage)
        assert desk.week().key == DEMO


def test_weeks_of_a_desk(desk: Desk, tmp_path: Path) -> None:
    assert [files.key for files in desk.weeks()] == ready_weeks()
    assert ready_weeks()[0] == DEMO
    tiny = load_scenario(READY / "three-patients.json")[0]
    own = desk.add(tiny)
    assert desk.week().key == own.key
    assert not own.is_ready
    assert [files.key for files in desk.weeks()] == [*ready_weeks(), own.key]
    assert open_week(own, initials=False).scenario == tiny
    desk.remove(own.key)
    assert desk.week().key == DEMO
    desk.remove(DEMO)
    assert desk.week().scenario.exists()
    for wrong in ("nothing", "../state", "solved/x", ""):
        with pytest.raises(KeyError):
            desk.open(wrong)


def test_what_one_desk_takes_no_other_has(tmp_path: Path) -> None:
    mine, yours = Desk.new(tmp_path), Desk.new(tmp_path)
    empty = Schedule(scenario="Matrix evening program", week_start="2026-11-30")
    mine.week().take_schedule(empty)
    assert open_week(mine.week(), initials=False).schedule == empty
    assert open_week(yours.week(), initials=False).schedule != empty


def test_the_result_goes_when_another_schedule_comes(desk: Desk) -> None:
    files = desk.week()
    scenario = load_scenario(files.scenario)[0]
    files.take(result_in(files.result, files.schedule, scenario))
    taken = desk.week()
    assert not taken.came_solved
    assert open_week(taken, initials=False).week.result is not None
    taken.take_schedule(Schedule(scenario=scenario.name, week_start=scenario.week_start))
    assert open_week(desk.week(), initials=False).week.result is None


def test_faults_of_a_schedule_are_told(desk: Desk) -> None:
    files = desk.week()
    files.folder.mkdir(parents=True)
    (files.folder / "schedule.json").write_text('{"schema_version": 1, "scenario": "x"}')
    opened = open_week(desk.week(), initials=False)
    assert opened.week is None
    assert [f.place for f in opened.faults]


def test_old_desks_go_and_new_ones_stay(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    remove_old(desk.folder.parent)
    assert desk.folder.exists()
    monkeypatch.setattr("ui.desk.store.DAYS_KEPT", -1)
    remove_old(desk.folder.parent)
    assert not desk.folder.exists()


def test_where_the_work_folder_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IOP_WORK_FOLDER", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert work_folder() == tmp_path / "iop-scheduler"
    monkeypatch.setenv("IOP_WORK_FOLDER", str(tmp_path / "mine"))
    assert work_folder() == tmp_path / "mine"


# -- initials -------------------------------------------------------------------------------------


def test_initials_of_names() -> None:
    names = [
        "Ben Torres",
        "Mei-Ling Zhao",
        "Shannon O'Rourke",
        "josé",
        "<b>Al</b> Bo",
        "",
        "—",
        "李 小龍",
    ]
    assert [initials(n) for n in names] == [
        "B. T.", "M. L. Z.", "S. O. R.", "J.", "B. A. B.", "–", "–", "李. 小."
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["matrix-evening", "three-patients", "community-60"])
def test_initials_hide_people_and_change_nothing_else(name: str) -> None:
    scenario = load_scenario(READY / f"{name}.json")[0]
    masked = Initials(scenario)
    here, hidden = Clinic(scenario), Clinic(masked.scenario)
    assert len(hidden.patients) == len(here.patients)
    text = json.dumps(dump(masked.scenario), ensure_ascii=False)
    for person in scenario.patients:
        assert f'"{person.id}"' not in text
        assert person.name not in text
    solved = READY / "solved" / f"{name}.schedule.json"
    schedule = load_schedule(solved, scenario) if solved.exists() else here.baseline
    assert schedule is not None
    schedule = schedule.model_copy(update={"week_start": scenario.week_start})
    if name != "community-60":  # its baseline names staff who have left
        assert measure(hidden, masked.schedule(schedule)) == measure(here, schedule)
        assert len(check(hidden, masked.schedule(schedule))) == len(check(here, schedule))
    shown = json.dumps(dump(masked.schedule(schedule)))
    assert not [p.id for p in scenario.patients if f'"{p.id}"' in shown or f'"{p.id}-' in shown]


def test_people_with_the_same_initials_are_told_apart() -> None:
    twins = [
        patient("ann") | {"name": "Ann Lee"},
        patient("abe") | {"name": "Abe Long"},
        patient("bo") | {"name": "Bo"},
    ]
    masked = Initials(read(clinic(patients=twins)).scenario)
    assert [p.name for p in masked.scenario.patients] == ["A. L. 1", "A. L. 2", "B."]


# -- figures --------------------------------------------------------------------------------------


def test_use_by_hour_counts_rooms_people_and_seats() -> None:
    scenario = clinic(
        opening_hours=window("09:00", "12:00", "mon"),
        rooms=[room("big", 3), room("small", 2)],
        therapists=[therapist("ann", availability=window("09:00", "11:00", "mon"))],
        groups=[group(minutes=90, size={"min": 1, "max": 8})],
    )
    here = week_of(scenario, week(section(["pat", "sam"])))
    rooms = {(u.day, u.hour): (u.used, u.there) for u in figures.room_use(here)}
    assert rooms == {(0, 9): (1, 2), (0, 10): (0.5, 2), (0, 11): (0, 2)}
    assert {u.hour: u.share for u in figures.staff_use(here)} == {9: 1.0, 10: 0.5}
    seats = {u.hour: (u.used, u.there) for u in figures.seat_use(here)}
    assert seats == {9: (2, 3), 10: (1, 1.5)}


def test_census_and_totals() -> None:
    levels = [program(name, level="2.1", minutes_per_week={"min": 30}) for name in ("low", "high")]
    people = [
        patient("pat", program="low"),
        patient("sam", program="high"),
        patient("wu", program="high", status="waitlist"),
    ]
    scenario = clinic(programs=levels, patients=people)
    here = week_of(scenario, week(visit("pat"), not_admitted=["wu"]))
    assert figures.census(here) == [figures.Level("2.1", active=2, waiting=1, admitted=0, served=1)]
    totals = figures.totals(here)
    assert (totals.active, totals.served, totals.waiting, totals.admitted) == (2, 1, 1, 0)
    assert (totals.minutes, totals.minutes_due, totals.attended, totals.paid) == (30, 60, 1, 1)
    assert [c.patient.id for c in figures.shortest_first(here)] == ["sam"]


def test_tables_have_a_row_for_every_entry() -> None:
    for name in ready_weeks():
        here = Clinic(load_scenario(READY / f"{name}.json")[0])
        counts = [len(rows_of(here)) for rows_of in TABLES.values()]
        scenario = here.scenario
        lists = [scenario.patients, scenario.therapists, scenario.rooms, scenario.groups]
        assert counts == [
            len(entries) for entries in (*lists, scenario.programs, scenario.services)
        ]


def test_hours_in_words() -> None:
    here = read(clinic(opening_hours=window("09:00", "12:00", "mon", "wed")))
    assert hours_in_words(here.scenario.opening_hours) == "Mon, Wed 09:00–12:00"
    assert (hours_in_words(None), hours_in_words(())) == ("opening hours", "never")
