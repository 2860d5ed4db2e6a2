"""A patient stays in one track."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    Json,
    broken,
    clinic,
    date,
    group,
    meeting,
    only_fault,
    patient,
    program,
    section,
    visit,
    week,
    window,
)

TRACKS = [
    {"id": "early", "windows": window("09:00", "10:30")},
    {"id": "late", "windows": window("10:00", "12:00")},
]


def tracked(single: bool = True, **facts: Any) -> Json:
    """Two groups and two tracks that share the half hour from ten."""
    plain = {
        "tracks": TRACKS,
        "programs": [program(single_track=single)],
        "groups": [group("cbt", minutes=30), group("art", minutes=30)],
    }
    return clinic(**(plain | facts))


def groups_at(first: str, second: str, day: str = "tue") -> Json:
    return week(
        section(["pat"], meeting("mon", first), name="s"),
        section(["pat"], meeting(day, second), name="t", of="art"),
    )


WITNESS = (tracked(), groups_at("09:00", "11:00"))


def test_groups_of_two_tracks_are_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject) == ("single_track", "pat")
    assert fault.message == "pat's groups lie in no single track"


@pytest.mark.parametrize(
    ("first", "second", "lawful"),
    [
        ("09:00", "09:30", True),
        ("10:30", "11:30", True),
        ("09:00", "10:00", True),  # ten to half past is in both
        ("10:00", "11:00", True),
        ("09:30", "10:30", False),
    ],
)
def test_all_meetings_lie_in_one_track(first: str, second: str, lawful: bool) -> None:
    found = broken(tracked(), groups_at(first, second))
    assert found == (set() if lawful else {"single_track"})


def test_where_the_program_does_not_say_so_tracks_bind_nobody() -> None:
    assert broken(tracked(single=False), groups_at("09:00", "11:00")) == set()


def test_appointments_are_in_no_track() -> None:
    there = groups_at("09:00", "09:30")
    there["appointments"].append(visit(day="wed", start="11:00"))
    assert broken(tracked(), there) == set()


def test_a_meeting_across_two_tracks_is_in_neither() -> None:
    scenario = tracked(groups=[group("cbt", minutes=60)])
    assert broken(scenario, week(section(["pat"], meeting("mon", "09:30")))) == set()
    scenario["tracks"] = [
        {"id": "one", "windows": window("09:00", "10:00")},
        {"id": "two", "windows": window("10:00", "12:00")},
    ]
    crossing = week(section(["pat"], meeting("mon", "09:30")))
    assert broken(scenario, crossing) == {"single_track"}


def test_a_track_may_have_other_hours_on_other_days() -> None:
    scenario = tracked()
    scenario["tracks"][0]["windows"] = [
        *window("09:00", "10:00", "mon"),
        *window("11:00", "12:00", "tue"),
    ]
    assert broken(scenario, groups_at("09:00", "11:00")) == set()


def test_meetings_outside_the_stay_are_not_theirs() -> None:
    scenario = tracked(
        patients=[patient("pat", last_date=date("tue"))],
        groups=[group("cbt", minutes=30), group("art", minutes=30, meetings_per_week=2)],
    )
    scenario["tracks"][0]["windows"][0]["days"] = ["mon", "tue"]
    there = week(
        section(["pat"], meeting("mon", "09:00"), name="s"),
        section(["pat"], meeting("tue", "09:30"), meeting("thu", "09:30"), name="t", of="art"),
    )
    assert broken(scenario, there) == set()
