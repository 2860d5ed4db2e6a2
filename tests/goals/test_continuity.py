"""Familiar therapists and preferred hours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    Json,
    clinic,
    group,
    kin,
    meeting,
    patient,
    section,
    solo,
    talk,
    values,
    visit,
    week,
    window,
)


def with_pat(**facts: Any) -> Json:
    return clinic(
        services=[talk(), solo(remote=True), kin(remote=True)],
        patients=[patient("pat", **facts), patient("sam")],
    )


def points(scenario: Json, *entries: Json) -> int:
    return values(scenario, week(*entries))["continuity"]


FAMILY = visit(of="kin", place="big", start="10:00", name="k")


def test_individual_sessions_with_somebody_else_than_the_primary_therapist() -> None:
    # Two solos, one of them with bob: 2. Family sessions and groups are not counted.
    scenario = with_pat(primary_therapist="ann")
    stranger = visit(therapist="bob", day="tue", name="b")
    led_by_bob = section(["pat"], meeting("wed", "09:00"), leaders=["bob"])
    assert points(scenario, visit(), stranger, FAMILY | {"therapist": "bob"}, led_by_bob) == 2
    assert points(with_pat(), visit(), stranger) == 0


@pytest.mark.parametrize(
    ("preferred", "value"),
    [
        (None, 0),
        ([], 0),  # none were stated
        (window("09:00", "12:00"), 0),
        (window("09:00", "11:00"), 0),  # ends with it
        (window("09:00", "10:30"), 1),  # the family session from ten to eleven is not wholly inside
        (window("09:30", "12:00"), 1),  # the solo at nine
        (window("09:00", "12:00", "tue"), 2),
    ],
)
def test_sessions_not_wholly_inside_preferred_windows(preferred: Any, value: int) -> None:
    assert points(with_pat(preferred=preferred), visit(), FAMILY) == value


def test_each_meeting_of_a_group_is_a_session() -> None:
    scenario = with_pat(preferred=window("09:00", "12:00", "mon"))
    scenario["groups"] = [group(meetings_per_week=3)]
    there = section(["pat"], *(meeting(d, "09:00") for d in ("mon", "tue", "wed")))
    assert points(scenario, there) == 2


@pytest.mark.parametrize(("attends", "value"), [(None, 1), ("either", 1), ("remote", 0)])
def test_remote_sessions_of_patients_who_attend_either_way(attends: str | None, value: int) -> None:
    remote = visit(place=None, remote=True)
    assert points(with_pat(attends=attends), remote) == value


def test_groups_by_video_are_remote_sessions() -> None:
    scenario = with_pat()
    scenario["groups"] = [group(modality="telehealth")]
    assert points(scenario, section(["pat", "sam"], meeting("mon", "09:00", None))) == 2
    scenario["groups"] = [group(modality="hybrid")]
    assert points(scenario, section(["pat", "sam"], remote_members=["sam"])) == 1


def test_everything_is_added_up() -> None:
    # With bob 2, at nine before the preferred ten 1, by video 1.
    scenario = with_pat(primary_therapist="ann", preferred=window("10:00", "12:00"))
    assert points(scenario, visit(therapist="bob", place=None, remote=True)) == 4
