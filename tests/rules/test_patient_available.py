"""Patients come only in hours they can give."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    Json,
    broken,
    clinic,
    date,
    group,
    kin,
    meeting,
    only_fault,
    patient,
    section,
    solo,
    talk,
    visit,
    week,
    window,
)


def with_pat(**facts: Any) -> Json:
    """The clinic with these facts about pat; solo may be by video."""
    return clinic(
        services=[talk(), solo(remote=True), kin()],
        patients=[patient("pat", **facts), patient("sam")],
    )


def outcome(lawful: bool) -> set[str]:
    return set() if lawful else {"patient_available"}


WITNESS = (with_pat(availability=window("10:00", "12:00")), week(visit(start="09:30")))


def test_a_session_outside_the_hours_given_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject) == ("patient_available", "pat")
    assert fault.message == "a: mon 09:30 is outside pat's availability"


@pytest.mark.parametrize(
    ("start", "lawful"), [("09:30", False), ("10:00", True), ("10:30", True), ("11:00", False)]
)
def test_windows_are_half_open(start: str, lawful: bool) -> None:
    scenario = with_pat(availability=window("10:00", "11:00"))
    assert broken(scenario, week(visit(start=start))) == outcome(lawful)


def test_no_availability_means_opening_hours_and_an_empty_one_never() -> None:
    assert broken(with_pat(availability=None), week(visit())) == set()
    assert broken(with_pat(availability=[]), week(visit())) == {"patient_available"}


def test_days_that_are_not_named_are_not_given() -> None:
    scenario = with_pat(availability=window("09:00", "12:00", "tue"))
    assert broken(scenario, week(visit(day="mon"))) == {"patient_available"}
    assert broken(scenario, week(visit(day="tue"))) == set()


WORK = {"label": "work", "windows": window("10:00", "11:00", "mon"), "travel_minutes": 30}


@pytest.mark.parametrize(
    ("start", "in_person", "remote"),
    [
        ("09:00", True, True),
        ("09:30", False, True),  # on the way to work
        ("10:00", False, False),
        ("10:30", False, False),
        ("11:00", False, True),  # on the way back
        ("11:30", True, True),
    ],
)
def test_travel_counts_for_sessions_in_person_only(
    start: str, in_person: bool, remote: bool
) -> None:
    scenario = with_pat(commitments=[WORK])
    assert broken(scenario, week(visit(start=start))) == outcome(in_person)
    by_video = visit(start=start, place=None, remote=True)
    assert broken(scenario, week(by_video)) == outcome(remote)


def test_the_commitment_is_named() -> None:
    fault = only_fault(with_pat(commitments=[WORK]), week(visit(start="10:00")))
    assert "pat is kept by work" in fault.message


def test_a_part_of_a_cell_on_the_way_is_not_free() -> None:
    # A quarter of an hour before ten touches the cell from 09:30.
    scenario = with_pat(commitments=[WORK | {"travel_minutes": 15}])
    assert broken(scenario, week(visit(start="09:30"))) == {"patient_available"}
    assert broken(scenario, week(visit(start="09:00"))) == set()


@pytest.mark.parametrize(
    ("modality", "remote_members", "lawful"),
    [
        ("in_person", [], False),
        ("offsite", [], False),
        ("telehealth", [], True),
        ("hybrid", [], False),
        ("hybrid", ["pat"], True),
    ],
)
def test_who_is_there_by_video_has_no_way(
    modality: str, remote_members: list[str], lawful: bool
) -> None:
    scenario = with_pat(commitments=[WORK])
    scenario["groups"] = [group(modality=modality, minutes=30)]
    place = "big" if modality in ("in_person", "hybrid") else None
    there = section(["pat"], meeting("mon", "09:30", place), remote_members=remote_members)
    assert broken(scenario, week(there)) == outcome(lawful)


@pytest.mark.parametrize(("start", "lawful"), [("09:00", False), ("10:00", True)])
def test_a_family_session_needs_the_family_s_hours_too(start: str, lawful: bool) -> None:
    scenario = with_pat(family_availability=window("10:00", "12:00"))
    family = visit(start=start, of="kin", place="big")
    assert broken(scenario, week(family)) == outcome(lawful)
    assert broken(scenario, week(visit(start=start))) == set()


def test_a_family_that_never_comes_leaves_the_patient_free() -> None:
    scenario = with_pat(family_availability=[])
    fault = only_fault(scenario, week(visit(of="kin", place="big")))
    assert "family cannot come" in fault.message
    assert broken(scenario, week(visit())) == set()


def test_a_family_session_needs_the_patient_s_hours_as_well() -> None:
    scenario = with_pat(
        availability=window("09:00", "10:00"), family_availability=window("10:00", "12:00")
    )
    for start in ("09:00", "10:00"):
        family = visit(start=start, of="kin", place="big")
        assert broken(scenario, week(family)) == {"patient_available"}


@pytest.mark.parametrize(
    ("day", "lawful"), [("mon", False), ("tue", True), ("wed", True), ("thu", False)]
)
def test_first_and_last_date_are_days_of_the_stay(day: str, lawful: bool) -> None:
    scenario = with_pat(first_date=date("tue"), last_date=date("wed"))
    assert broken(scenario, week(visit(day=day))) == outcome(lawful)


def twice_a_week(**facts: Any) -> Json:
    scenario = with_pat(**facts)
    scenario["groups"] = [group(meetings_per_week=2, size={"min": 0, "max": 4})]
    return scenario


MON_AND_WED = (meeting("mon", "09:00"), meeting("wed", "09:00"))


def test_a_member_attends_the_meetings_of_their_stay() -> None:
    # Discharged on Tuesday, and not available on Wednesday: Monday's meeting is enough.
    scenario = twice_a_week(
        last_date=date("tue"), availability=window("09:00", "12:00", "mon", "tue")
    )
    assert broken(scenario, week(section(["pat"], *MON_AND_WED))) == set()


def test_a_member_is_due_at_one_meeting_at_least() -> None:
    fault = only_fault(twice_a_week(first_date=date("thu")), week(section(["pat"], *MON_AND_WED)))
    assert (fault.rule, fault.subject) == ("patient_available", "pat")
    assert "there for none of its meetings" in fault.message


def test_a_meeting_on_a_closed_date_is_none_to_be_due_at() -> None:
    scenario = twice_a_week(first_date=date("tue"))
    scenario["closed_dates"] = [date("wed")]
    scenario["groups"][0]["day_patterns"] = [["mon", "wed"]]
    assert broken(scenario, week(section(["pat"], MON_AND_WED[0]))) == {"patient_available"}
    assert broken(scenario, week(section(["sam"], MON_AND_WED[0]))) == set()


def test_a_section_that_meets_on_closed_dates_alone_is_none_to_be_due_at() -> None:
    scenario = with_pat()
    scenario["closed_dates"] = [date("mon")]
    found = broken(scenario, week(section(["pat"])))
    assert found == {"opening_hours", "meeting_pattern", "patient_available"}
