"""Closed groups stay closed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    Json,
    before,
    broken,
    clinic,
    date,
    faults,
    group,
    meeting,
    only_fault,
    section,
    week,
)


def closed(*entries: Json, **facts: Any) -> Json:
    """The clinic whose cbt is closed and had these sections."""
    scenario = clinic(groups=[group(closed=True, **facts)])
    return scenario | ({"baseline": before(*entries)} if entries else {})


WITNESS = (closed(section(["pat"])), week(section(["pat", "sam"])))


def test_a_member_gained_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject, fault.amount) == ("closed_group", "s", 1)
    assert fault.message == "s is closed and gained sam"


def test_members_may_leave_and_the_section_may_be_dissolved() -> None:
    scenario = closed(section(["pat", "sam"]))
    assert broken(scenario, week(section(["sam"]))) == set()
    assert broken(scenario, week()) == set()


def test_it_may_change_leader_and_room() -> None:
    scenario = closed(section(["pat"]))
    other = section(["pat"], meeting("mon", "09:00", "small"), leaders=["bob"])
    assert broken(scenario, week(other)) == set()


@pytest.mark.parametrize("moved", [meeting("mon", "10:00"), meeting("tue", "09:00")])
def test_it_is_not_moved(moved: Json) -> None:
    fault = only_fault(closed(section(["pat"])), week(section(["pat"], moved)))
    assert fault.rule == "closed_group"
    assert "is not moved" in fault.message


def test_no_other_section_runs_beside_it() -> None:
    scenario = closed(section(["pat"]), max_sections=2)
    other = section(["sam"], meeting("tue", "09:00"), name="t")
    for there in (week(section(["pat"]), other), week(other)):
        fault = only_fault(scenario, there)
        assert fault.message == "t (tue 09:00): cbt is closed and gets no section beside s"


def test_a_member_of_one_of_its_sections_is_new_to_the_other() -> None:
    second = section(["sam"], meeting("tue", "09:00"), name="t")
    scenario = closed(section(["pat"]), second, max_sections=2, per_patient=2)
    assert broken(scenario, week(section(["pat"]), second)) == set()
    both = second | {"members": ["sam", "pat"]}
    assert broken(scenario, week(section(["pat"]), both)) == {"closed_group"}


def test_one_without_a_section_in_the_baseline_may_start() -> None:
    assert broken(closed(), week(section(["pat"]))) == set()
    elsewhere = closed() | {"baseline": before(section(["pat"], of="art"))}
    assert broken(elsewhere, week(section(["pat", "sam"]))) == set()


def test_who_is_gone_makes_room_for_nobody() -> None:
    scenario = closed(section(["pat", "gone"]))
    assert broken(scenario, week(section(["pat"]))) == set()
    assert broken(scenario, week(section(["pat", "sam"]))) == {"closed_group"}


def test_a_closed_date_does_not_move_it() -> None:
    both = [meeting("mon", "09:00"), meeting("wed", "09:00")]
    scenario = closed(
        section(["pat"], *both), meetings_per_week=2, day_patterns=[["mon", "wed"], ["mon", "tue"]]
    )
    scenario["closed_dates"] = [date("wed")]
    assert broken(scenario, week(section(["pat"], both[0]))) == set()
    instead = section(["pat"], both[0], meeting("tue", "09:00"))
    assert [v.rule for v in faults(scenario, week(instead))] == ["closed_group"]


def test_an_open_group_takes_anyone_anywhere() -> None:
    scenario = clinic(baseline=before(section(["pat"])))
    there = section(["pat", "sam"], meeting("tue", "10:00"))
    assert broken(scenario, week(there)) == set()
