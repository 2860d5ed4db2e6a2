"""Sections are neither too small nor too large, and fully led."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    Json,
    before,
    broken,
    clinic,
    faults,
    group,
    meeting,
    only_fault,
    patient,
    section,
    week,
)


def of_size(least: int, most: int, **facts: Any) -> Json:
    return clinic(
        patients=[patient("pat"), patient("sam"), patient("kim")],
        groups=[group(size={"min": least, "max": most}, **facts)],
    )


WITNESS = (of_size(2, 4), week(section(["pat"])))


def test_a_section_too_small_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject, fault.amount) == ("group_size", "s", 1)
    assert fault.message == "s has 1 members, 2 at least are needed"


@pytest.mark.parametrize(
    ("members", "lawful"),
    [([], False), (["pat"], True), (["pat", "sam"], True), (["pat", "sam", "kim"], False)],
)
def test_least_and_most_are_allowed(members: list[str], lawful: bool) -> None:
    found = broken(of_size(1, 2), week(section(members)))
    assert found == (set() if lawful else {"group_size"})


def test_a_missing_minimum_is_none() -> None:
    scenario = of_size(0, 2)
    del scenario["groups"][0]["size"]["min"]
    assert broken(scenario, week(section([]))) == set()


def test_absent_members_count() -> None:
    scenario = of_size(2, 2) | {"baseline": before(section(["pat", "sam"]))}
    excused = section(["pat", "sam"], absences=[{"patient": "sam", "day": "mon"}])
    assert broken(scenario, week(excused)) == set()


def test_remote_members_count() -> None:
    scenario = of_size(1, 1, modality="hybrid")
    both = section(["pat", "sam"], remote_members=["sam"])
    assert broken(scenario, week(both)) == {"group_size"}


@pytest.mark.parametrize(("leaders", "amount"), [([], 1), (["ann"], 0), (["ann", "bob"], 1)])
def test_one_leader_for_each_place(leaders: list[str], amount: int) -> None:
    found = faults(of_size(1, 2), week(section(["pat"], leaders=leaders)))
    assert sum(v.amount for v in found) == amount


def test_a_group_of_patients_among_themselves_has_no_leader() -> None:
    scenario = of_size(1, 2, leaders=[])
    assert broken(scenario, week(section(["pat"], leaders=[]))) == set()
    assert broken(scenario, week(section(["pat"]))) == {"group_size"}


def test_two_places_need_two_people() -> None:
    scenario = of_size(1, 2, leaders=[{}, {}])
    assert broken(scenario, week(section(["pat"], leaders=["ann", "bob"]))) == set()
    fault = only_fault(scenario, week(section(["pat"], leaders=["ann", "ann"])))
    assert fault.message == "s on mon has one leader in two places"


def test_each_meeting_is_led_in_full() -> None:
    scenario = of_size(1, 2, leaders=[{}, {}], meetings_per_week=2)
    both = [meeting("mon", "09:00"), meeting("wed", "09:00")]
    scenario["baseline"] = before(section(["pat"], *both, leaders=["ann", "bob"]))
    alone = [both[0], both[1] | {"leaders": ["ann"]}]
    found = faults(scenario, week(section(["pat"], *alone, leaders=["ann", "bob"])))
    assert [(v.rule, v.message) for v in found] == [
        ("group_size", "s on wed has 1 leaders for 2 places")
    ]
    cancelled = [both[0], both[1] | {"leaders": ["ann"], "cancelled": True}]
    led = week(section(["pat"], *cancelled, leaders=["ann", "bob"]))
    assert broken(scenario, led) == set()
