"""Sessions start on the grid."""

from __future__ import annotations

import pytest

from tests.builders import broken, clinic, faults, group, meeting, only_fault, section, visit, week

WITNESS = (clinic(), week(visit(start="09:10")))


def test_a_start_between_two_cells_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject) == ("on_grid", "a")
    assert "09:10, off the 30-minute grid" in fault.message


@pytest.mark.parametrize(
    ("grid", "start", "lawful"),
    [
        (10, "09:10", True),
        (5, "09:05", True),
        (20, "09:40", True),
        (20, "09:30", False),
        (60, "10:00", True),
        (60, "09:30", False),
    ],
)
def test_the_scenario_says_how_fine_the_grid_is(grid: int, start: str, lawful: bool) -> None:
    scenario = clinic(grid_minutes=grid)
    assert ("on_grid" in broken(scenario, week(visit(start=start)))) is not lawful


def test_a_quarter_of_an_hour_is_the_default() -> None:
    scenario = clinic(grid_minutes=None)
    assert broken(scenario, week(visit(start="09:15"))) == set()
    assert broken(scenario, week(visit(start="09:10"))) == {"on_grid"}


def test_each_meeting_of_a_section_is_named() -> None:
    # The group's own start time is off the grid: the group can never meet.
    scenario = clinic(groups=[group(meetings_per_week=2, start_times=["09:20"])])
    twice = section(["pat"], meeting("mon", "09:20"), meeting("wed", "09:20"))
    assert [v.rule for v in faults(scenario, week(twice))] == ["on_grid", "on_grid"]
