"""Therapists are not overloaded."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    ALWAYS,
    Json,
    broken,
    clinic,
    faults,
    group,
    kin,
    only_fault,
    patient,
    room,
    section,
    solo,
    talk,
    therapist,
    visit,
    week,
)


def with_ann(**limits: Any) -> Json:
    return clinic(
        services=[talk(), solo(remote=True), kin()],
        therapists=[therapist("ann", **limits), therapist("bob")],
    )


def of_ann(*times: str, days: str = "mon") -> Json:
    """Half an hour of pat's with ann at each time of each day."""
    return week(
        *(
            visit(day=day, start=start, name=f"a-{day}-{start}")
            for day in days.split()
            for start in times
        )
    )


WITNESS = (with_ann(max_minutes_per_day=30), of_ann("09:00", "11:00"))


def test_a_day_too_long_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject, fault.amount) == ("therapist_load", "ann", 30)
    assert fault.message == "ann works 60 minutes on mon, 30 at most"


@pytest.mark.parametrize(("most", "lawful"), [(60, True), (59, False)])
def test_each_day_is_counted_alone(most: int, lawful: bool) -> None:
    two_days = of_ann("09:00", "11:00", days="mon tue")
    found = broken(with_ann(max_minutes_per_day=most), two_days)
    assert found == (set() if lawful else {"therapist_load"})


@pytest.mark.parametrize(("most", "lawful"), [(120, True), (119, False)])
def test_the_week_is_counted_whole(most: int, lawful: bool) -> None:
    two_days = of_ann("09:00", "11:00", days="mon tue")
    found = broken(with_ann(max_minutes_per_week=most), two_days)
    assert found == (set() if lawful else {"therapist_load"})


def test_sessions_count_as_whole_cells() -> None:
    scenario = with_ann(max_minutes_per_day=59)
    scenario["services"][1]["minutes"] = 40
    assert broken(scenario, of_ann("09:00")) == {"therapist_load"}


def test_groups_and_remote_sessions_are_work_too() -> None:
    scenario = with_ann(max_minutes_per_day=60)
    remote = visit(start="11:00", place=None, remote=True)
    assert broken(scenario, week(section(["pat"]), remote)) == {"therapist_load"}
    scenario["groups"] = [group(leaders=[{}, {}])]
    led = section(["pat"], leaders=["bob", "ann"])
    assert broken(scenario, week(led, remote)) == {"therapist_load"}


@pytest.mark.parametrize(
    ("times", "lawful"),
    [
        (["09:00", "09:30"], True),
        (["09:00", "09:30", "10:00"], False),
        (["09:00", "09:30", "10:30", "11:00"], True),  # one free cell between
    ],
)
def test_back_to_back_sessions_are_in_a_row(times: list[str], lawful: bool) -> None:
    found = broken(with_ann(max_consecutive_minutes=60), of_ann(*times))
    assert found == (set() if lawful else {"therapist_load"})


def test_one_session_is_a_row_of_its_own() -> None:
    fault = only_fault(with_ann(max_consecutive_minutes=45), week(section(["pat"])))
    assert fault.message == "ann works 60 minutes in a row from mon 09:00, 45 at most"
    assert fault.amount == 15


def test_midnight_is_no_break() -> None:
    # From 23:00 to 24:00 and from 00:00 to 01:00: no free cell lies between.
    scenario = with_ann(max_consecutive_minutes=60, availability=ALWAYS)
    scenario["opening_hours"] = ALWAYS
    night = week(
        visit(start="23:30", name="a"),
        visit(day="tue", start="00:00", name="b"),
        visit(day="tue", start="00:30", name="c"),
    )
    assert broken(scenario, night) == {"therapist_load"}


def test_caseload_is_different_patients_one_to_one() -> None:
    scenario = with_ann(max_caseload=1)
    scenario["rooms"] = [room("big", 4), room("small", 1)]
    twice_pat = of_ann("09:00", "10:00")
    assert broken(scenario, twice_pat) == set()
    sam = visit("sam", start="11:00", name="b")
    fault = only_fault(scenario, week(visit(), sam))
    assert fault.message == "ann sees 2 patients one to one, 1 at most"


def test_family_sessions_and_groups_are_no_caseload() -> None:
    scenario = with_ann(max_caseload=1)
    family = visit("sam", of="kin", start="10:00", place="big", name="b")
    there = week(
        visit(), family, section(["pat", "sam"], {"day": "tue", "start": "09:00", "room": "big"})
    )
    assert broken(scenario, there) == set()


def test_limits_of_nothing_allow_nothing() -> None:
    for limit in (
        "max_minutes_per_day",
        "max_minutes_per_week",
        "max_consecutive_minutes",
        "max_caseload",
    ):
        assert {v.subject for v in faults(with_ann(**{limit: 0}), week(visit()))} == {"ann"}


def test_others_are_not_limited() -> None:
    scenario = with_ann(max_minutes_per_day=0)
    scenario["patients"] = [patient("pat")]
    assert broken(scenario, week(visit("pat", "bob"))) == set()
