"""Rooms fit."""

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
    kin,
    meeting,
    only_fault,
    patient,
    room,
    section,
    solo,
    talk,
    visit,
    week,
    window,
)


def in_small(*members: str, **facts: Any) -> Json:
    """A section in the room with one seat."""
    return section(members, meeting("mon", "09:00", "small"), **facts)


WITNESS = (clinic(), week(in_small("pat", "sam")))


def test_a_room_too_small_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject, fault.amount) == ("room_fits", "s", 1)
    assert fault.message == "s on mon: 2 come in person, small seats 1"


def test_staff_take_no_seat() -> None:
    scenario = clinic(groups=[group(leaders=[{}, {}])])
    assert broken(scenario, week(in_small("pat", leaders=["ann", "bob"]))) == set()


def test_remote_members_take_no_seat() -> None:
    scenario = clinic(groups=[group(modality="hybrid")])
    assert broken(scenario, week(in_small("pat", "sam", remote_members=["sam"]))) == set()
    assert broken(scenario, week(in_small("pat", "sam"))) == {"room_fits"}


def test_seats_are_for_those_who_attend_that_day() -> None:
    scenario = clinic(
        patients=[patient("pat", last_date=date("mon")), patient("sam", first_date=date("tue"))],
        groups=[group(meetings_per_week=2)],
    )
    both = [meeting("mon", "09:00", "small"), meeting("wed", "09:00", "small")]
    assert broken(scenario, week(section(["pat", "sam"], *both))) == set()
    del scenario["patients"][1]["first_date"]
    assert [v.message for v in faults(scenario, week(section(["pat", "sam"], *both)))] == [
        "s on mon: 2 come in person, small seats 1"
    ]


def test_who_is_excused_takes_no_seat() -> None:
    scenario = clinic(baseline=before(in_small("pat", "sam")))
    excused = in_small("pat", "sam", absences=[{"patient": "sam", "day": "mon"}])
    assert broken(scenario, week(excused)) == set()


@pytest.mark.parametrize(
    ("entry", "facts", "lawful"),
    [
        (visit(), {}, True),
        (visit(), {"party_size": 2}, False),
        (visit(place="big"), {"party_size": 4}, True),
        (visit(place="big"), {"party_size": 5}, False),
    ],
)
def test_an_individual_session_takes_one_seat_or_its_party_size(
    entry: Json, facts: Json, lawful: bool
) -> None:
    scenario = clinic(services=[talk(), solo(**facts), kin()])
    assert broken(scenario, week(entry)) == (set() if lawful else {"room_fits"})


@pytest.mark.parametrize(
    ("seats", "party_size", "lawful"), [(2, None, False), (3, None, True), (2, 2, True)]
)
def test_a_family_session_takes_three_seats_or_its_party_size(
    seats: int, party_size: int | None, lawful: bool
) -> None:
    scenario = clinic(
        services=[talk(), solo(), kin(party_size=party_size)], rooms=[room("big", seats)]
    )
    found = broken(scenario, week(visit(of="kin", place="big")))
    assert found == (set() if lawful else {"room_fits"})


def test_all_features_are_there() -> None:
    scenario = clinic(
        groups=[group(room_features=["screen", "ramp"])],
        rooms=[room("big", 4, features=["screen"]), room("small", 1, features=["ramp", "screen"])],
    )
    assert broken(scenario, week(in_small("pat"))) == set()
    fault = only_fault(scenario, week(section(["pat"])))
    assert fault.message == "s: big lacks ramp"
    scenario["services"][1]["room_features"] = ["couch"]
    assert broken(scenario, week(visit())) == {"room_fits"}


def test_a_group_s_service_asks_nothing_of_its_room() -> None:
    scenario = clinic(services=[talk(room_features=["couch"], party_size=9), solo(), kin()])
    assert broken(scenario, week(section(["pat"]))) == set()


def test_the_room_is_available() -> None:
    scenario = clinic(
        rooms=[room("big", 4), room("small", 1, availability=window("09:00", "09:30"))]
    )
    assert broken(scenario, week(visit(start="09:00"))) == set()
    assert broken(scenario, week(visit(start="09:30"))) == {"room_fits"}
    scenario["rooms"][1]["availability"] = []
    assert broken(scenario, week(visit(start="09:00"))) == {"room_fits"}


@pytest.mark.parametrize(
    ("modality", "place", "lawful"),
    [
        ("in_person", "big", True),
        ("in_person", None, False),
        ("hybrid", "big", True),
        ("hybrid", None, False),
        ("telehealth", None, True),
        ("telehealth", "big", False),
        ("offsite", None, True),
        ("offsite", "big", False),
    ],
)
def test_who_needs_a_room_has_one_and_nobody_else(
    modality: str, place: str | None, lawful: bool
) -> None:
    scenario = clinic(groups=[group(modality=modality)])
    there = week(section(["pat"], meeting("mon", "09:00", place)))
    assert broken(scenario, there) == (set() if lawful else {"room_fits"})


@pytest.mark.parametrize(
    ("place", "remote", "lawful"),
    [("small", False, True), (None, False, False), (None, True, True), ("small", True, False)],
)
def test_an_appointment_has_a_room_unless_it_is_remote(
    place: str | None, remote: bool, lawful: bool
) -> None:
    scenario = clinic(services=[talk(), solo(remote=True), kin()])
    found = broken(scenario, week(visit(place=place, remote=remote)))
    assert found == (set() if lawful else {"room_fits"})
