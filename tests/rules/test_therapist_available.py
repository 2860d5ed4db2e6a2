"""Therapists work only in hours they give."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    Json,
    broken,
    clinic,
    group,
    kin,
    meeting,
    only_fault,
    section,
    solo,
    talk,
    therapist,
    visit,
    week,
    window,
)


def with_ann(**facts: Any) -> Json:
    """The clinic with these facts about ann; solo may be by video."""
    return clinic(
        services=[talk(), solo(remote=True), kin()],
        therapists=[therapist("ann", **facts), therapist("bob")],
    )


def outcome(lawful: bool) -> set[str]:
    return set() if lawful else {"therapist_available"}


WITNESS = (with_ann(availability=window("10:00", "12:00")), week(visit(start="09:30")))


def test_a_session_outside_the_hours_given_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject) == ("therapist_available", "ann")
    assert fault.message == "a: ann is not available at the clinic mon 09:30"


@pytest.mark.parametrize(
    ("start", "lawful"), [("09:30", False), ("10:00", True), ("10:30", True), ("11:00", False)]
)
def test_windows_are_half_open(start: str, lawful: bool) -> None:
    scenario = with_ann(availability=window("10:00", "11:00"))
    assert broken(scenario, week(visit(start=start))) == outcome(lawful)


def test_no_availability_means_opening_hours_and_an_empty_one_never() -> None:
    assert broken(with_ann(availability=None), week(visit())) == set()
    assert broken(with_ann(availability=[]), week(visit())) == {"therapist_available"}


REMOTE = {
    "availability": window("09:00", "10:00"),
    "remote_availability": window("10:00", "12:00"),
}


@pytest.mark.parametrize(
    ("start", "in_person", "remote"), [("09:00", True, True), ("10:00", False, True)]
)
def test_remote_hours_are_for_remote_appointments(
    start: str, in_person: bool, remote: bool
) -> None:
    scenario = with_ann(**REMOTE)
    assert broken(scenario, week(visit(start=start))) == outcome(in_person)
    by_video = visit(start=start, place=None, remote=True)
    assert broken(scenario, week(by_video)) == outcome(remote)


@pytest.mark.parametrize(
    ("modality", "lawful"),
    [("telehealth", True), ("in_person", False), ("offsite", False), ("hybrid", False)],
)
def test_remote_hours_are_for_telehealth_groups(modality: str, lawful: bool) -> None:
    scenario = with_ann(**REMOTE)
    scenario["groups"] = [group(modality=modality)]
    place = "big" if modality in ("in_person", "hybrid") else None
    by_video = ["pat"] if modality == "hybrid" else []
    there = section(["pat"], meeting("mon", "10:00", place), remote_members=by_video)
    assert broken(scenario, week(there)) == outcome(lawful)


def test_a_telehealth_group_may_begin_on_site_and_end_at_home() -> None:
    scenario = with_ann(**REMOTE)
    scenario["groups"] = [group(modality="telehealth")]
    there = section(["pat"], meeting("mon", "09:30", None))
    assert broken(scenario, week(there)) == set()


def test_without_remote_hours_there_are_none() -> None:
    scenario = with_ann(availability=window("09:00", "10:00"))
    by_video = visit(start="10:00", place=None, remote=True)
    assert broken(scenario, week(by_video)) == {"therapist_available"}


def test_each_leader_is_judged() -> None:
    scenario = with_ann(availability=window("10:00", "12:00"))
    scenario["groups"] = [group(leaders=[{}, {}])]
    fault = only_fault(scenario, week(section(["pat"], leaders=["bob", "ann"])))
    assert fault.subject == "ann"
