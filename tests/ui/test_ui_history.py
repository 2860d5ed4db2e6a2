"""Undo and redo: kept in files, bounded, and nothing lost that came from elsewhere."""

from __future__ import annotations

import json

import pytest

from solver.io.files import load_scenario, load_schedule
from solver.scenario import Scenario
from solver.schedule import Schedule
from ui.desk import history
from ui.desk.store import DEMO, Desk, WeekFiles


def week(files: WeekFiles) -> tuple[Scenario, Schedule]:
    scenario, _ = load_scenario(files.scenario)
    return scenario, load_schedule(files.schedule, scenario)


def without(files: WeekFiles, appointments: int) -> Schedule:
    """The schedule less its first appointments."""
    schedule = week(files)[1]
    return schedule.model_copy(update={"appointments": schedule.appointments[appointments:]})


def count(files: WeekFiles) -> int:
    return len(week(files)[1].appointments)


def test_a_step_is_undone_and_done_again_after_a_refresh(desk: Desk) -> None:
    files = desk.week()
    before = count(files)
    assert history.steps(files) == history.Steps()
    history.change(files, "Cancelled one", schedule=without(files, 1))
    history.change(files, "Cancelled\n another", schedule=without(files, 1))
    assert count(files) == before - 2
    again = Desk(desk.folder).week()
    assert history.steps(again).undo == ("Cancelled another", "Cancelled one")
    assert history.undo(again) == "Cancelled another"
    assert count(again) == before - 1
    assert history.steps(again) == history.Steps(("Cancelled one",), ("Cancelled another",))
    assert history.undo(again) == "Cancelled one"
    assert history.undo(again) is None
    assert count(again) == before
    assert history.redo(again) == "Cancelled one"
    assert history.redo(again) == "Cancelled another"
    assert history.redo(again) is None
    assert count(again) == before - 2


def test_what_is_done_after_an_undo_takes_the_place_of_what_was_undone(desk: Desk) -> None:
    files = desk.week()
    before = count(files)
    history.change(files, "one", schedule=without(files, 1))
    history.undo(files)
    history.change(files, "two", schedule=without(files, 2))
    assert history.steps(files) == history.Steps(("two",), ())
    history.undo(files)
    assert count(files) == before


def test_a_result_comes_back_with_its_schedule(desk: Desk) -> None:
    files = desk.week()
    said = files.result.read_bytes()
    history.change(files, "one", schedule=without(files, 1))
    assert not files.result.exists()
    history.undo(files)
    assert files.result.read_bytes() == said


def test_a_change_from_elsewhere_is_a_step_of_its_own(desk: Desk) -> None:
    files = desk.week()
    before = count(files)
    history.change(files, "one", schedule=without(files, 1))
    files.take_schedule(without(files, 3))
    assert history.steps(files).undo == (history.ELSEWHERE, "one")
    assert history.undo(files) == history.ELSEWHERE
    assert count(files) == before - 1
    assert history.redo(files) == history.ELSEWHERE
    assert count(files) == before - 4


def test_a_ready_week_is_copied_before_its_scenario_changes(desk: Desk) -> None:
    ready = desk.week()
    assert ready.key == DEMO
    history.change(ready, "one", schedule=without(ready, 1))
    scenario = week(ready)[0].model_copy(update={"name": "Ours"})
    with pytest.raises(ValueError, match="copied before"):
        history.change(ready, "renamed", scenario=scenario)
    own = desk.own_copy(ready)
    assert not own.is_ready
    assert desk.week() == own
    assert desk.own_copy(own) == own
    assert week(own) == week(ready)
    assert history.steps(own).undo == ("one",)
    schedule = without(own, 0).model_copy(update={"scenario": "Ours"})
    history.change(own, "renamed", scenario=scenario, schedule=schedule)
    assert week(own)[0].name == "Ours"
    assert history.undo(own) == "renamed"
    assert week(own) == week(ready)
    assert history.undo(own) == "one"
    assert count(own) == count(ready) + 1


def test_a_week_without_a_schedule_gets_one_and_loses_it_again(desk: Desk) -> None:
    scenario, schedule = week(desk.week())
    own = desk.add(scenario)
    history.change(own, "made", schedule=schedule)
    assert history.undo(own) == "made"
    assert not own.schedule.exists()
    assert history.redo(own) == "made"
    assert week(own)[1] == schedule


def test_old_steps_are_forgotten_with_their_files(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST_STEPS", 3)
    files = desk.week()
    for number in range(6):
        history.change(files, f"step {number}", schedule=without(files, 1))
    assert history.steps(files).undo == ("step 5", "step 4", "step 3")
    kept = list((files.folder / "history").glob("*.json"))
    assert len(kept) == 1 + 1 + 4  # the line, the scenario, four schedules


def test_no_change_is_no_step(desk: Desk) -> None:
    files = desk.own_copy(desk.week())
    scenario, schedule = week(files)
    history.change(files, "the same", scenario=scenario, schedule=schedule)
    first = history.steps(files)
    history.change(files, "the same again", scenario=scenario, schedule=schedule)
    assert history.steps(files) == first


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"states": [], "said": [], "at": 0}', b"\xff"])
def test_a_damaged_line_begins_anew(desk: Desk, damage: bytes) -> None:
    files = desk.week()
    history.change(files, "one", schedule=without(files, 1))
    (files.folder / "history" / "steps.json").write_bytes(damage)
    assert history.steps(files) == history.Steps()
    history.change(files, "two", schedule=without(files, 1))
    assert history.steps(files).undo == ("two",)


def test_files_are_their_owners_alone(desk: Desk) -> None:
    files = desk.week()
    history.change(files, "one", schedule=without(files, 1))
    folder = files.folder / "history"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert json.loads((folder / "steps.json").read_bytes())["said"] == ["one"]
