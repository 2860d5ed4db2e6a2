"""Changes of hours, and what they do to locks."""

from __future__ import annotations

from typing import Any

import pytest

from solver.scenario import Scenario
from solver.timegrid import clock
from tests.builders import (
    before,
    clinic,
    room,
    section,
    therapist,
    visit,
    window,
)
from tests.changes.making import made, notices, refused, working


def hours(entry: Any, field: str = "availability") -> list[str]:
    """``mon 09:00-12:00`` for each window of an entry, day by day."""
    windows = getattr(entry, field) or ()
    return [f"{d} {clock(w.start)}-{clock(w.end)}" for w in windows for d in w.days]


# -- locks ----------------------------------------------------------------------------------------

LOCKED = clinic(
    baseline=before(section(["pat", "sam"]), visit("sam", "bob", "tue", "10:00")),
    locks=[
        {"section": "s"},
        {"appointment": "a"},
        {"patient": "pat", "group": "cbt"},
        {"therapist": "bob", "day": "tue"},
    ],
)


@pytest.mark.parametrize(
    ("change", "let_go"),
    [
        ("remove therapist ann", ["the lock on section s is let go: therapist ann is gone"]),
        ("remove room big", ["the lock on section s is let go: room big is gone"]),
        (
            "remove patient pat",
            ["the lock on patient pat and group cbt is let go: patient pat is gone"],
        ),
        (
            "leave bob tue",
            [
                "the lock on appointment a is let go: therapist bob is not there then",
                "the lock on therapist bob and day tue is let go: therapist bob is not there then",
            ],
        ),
        (
            "shut tue",
            [
                "the lock on appointment a is let go: the clinic is not open then",
                "the lock on therapist bob and day tue is let go: the clinic is not open then",
            ],
        ),
        ("room big closed mon", ["the lock on section s is let go: room big is not free then"]),
        ("add room capacity=3", []),
        ("leave ann fri", []),
    ],
)
def test_a_lock_that_a_change_makes_impossible_is_let_go(change: str, let_go: list[str]) -> None:
    assert notices(LOCKED, change) == let_go
    assert len(made(LOCKED, change).locks) == 4 - len(let_go)


def test_a_lock_that_was_impossible_before_stays_as_it_was() -> None:
    scenario = clinic(
        therapists=[therapist("ann", availability=window("10:00", "12:00")), therapist("bob")],
        baseline=before(section(["pat"])),
        locks=[{"section": "s"}],
    )
    assert len(made(scenario, "add room capacity=3").locks) == 1


# -- hours ----------------------------------------------------------------------------------------


def test_a_leave_takes_whole_days_on_site_and_by_video() -> None:
    ann = therapist(
        "ann",
        availability=window("09:00", "12:00", "mon", "tue"),
        remote_availability=window("10:00", "11:00", "tue", "wed"),
    )
    after = made(clinic(therapists=[ann]), "leave ann tue").therapists[0]
    assert (hours(after), hours(after, "remote_availability")) == (
        ["mon 09:00-12:00"],
        ["wed 10:00-11:00"],
    )


def test_whoever_follows_the_opening_hours_is_away_from_them_on_leave() -> None:
    after = made(clinic(), "leave ann mon,wed-fri").therapists[0]
    assert hours(after) == ["tue 09:00-12:00"]


def test_hours_are_added_and_taken_inside_a_day() -> None:
    ann = therapist("ann", availability=window("09:00", "10:00", "mon"))
    after = made(
        clinic(therapists=[ann]), "therapist ann works mon 11:00-12:00 tue 09:00-10:00",
        "therapist ann off mon 09:00-09:30", "therapist ann works mon 08:00-12:00 by video",
    ).therapists[0]  # fmt: skip
    assert hours(after) == ["mon 09:30-10:00", "mon 11:00-12:00", "tue 09:00-10:00"]
    assert hours(after, "remote_availability") == ["mon 08:00-12:00"]


def test_hours_they_have_anyway_change_nothing() -> None:
    assert made(clinic(), "therapist ann works mon 10:00-11:00").therapists[0].availability is None


def test_a_room_is_closed_for_days_or_for_hours() -> None:
    after = made(clinic(), "room big closed mon-wed", "room small closed fri 11:00-12:00").rooms
    assert hours(after[0]) == ["thu 09:00-12:00", "fri 09:00-12:00"]
    assert "fri 09:00-11:00" in hours(after[1])
    assert made(clinic(), "close room big mon-wed").rooms[0] == after[0]


def test_an_evening_is_opened_with_those_who_work_it() -> None:
    mine = window("09:00", "12:00")
    scenario = clinic(
        therapists=[therapist(t, availability=mine) for t in ("ann", "bob")],
        rooms=[room("big", 4, availability=mine)],
    )
    after = made(scenario, "open thu 17:00-20:00 with bob in big")
    assert "thu 17:00-20:00" in hours(after, "opening_hours")
    assert [("thu 17:00-20:00" in hours(t)) for t in after.therapists] == [False, True]
    assert "thu 17:00-20:00" in hours(after.rooms[0])
    assert notices(scenario, "open thu 17:00-20:00") == [
        "no therapist works then; say who: open … with t01,t02"
    ]


def test_opening_hours_are_shut() -> None:
    after = made(clinic(), "shut fri 11:00-12:00", "shut mon")
    assert hours(after, "opening_hours") == [
        "tue 09:00-12:00", "wed 09:00-12:00", "thu 09:00-12:00", "fri 09:00-11:00",
    ]  # fmt: skip
    assert "leaves no opening hours" in refused(clinic(), "shut mon-fri")


def times(scenario: Scenario) -> list[str]:
    return [hours(c, "windows")[0] for p in scenario.patients for c in p.commitments]


def test_work_is_later_and_other_commitments_are_not() -> None:
    after = made(working("work: bakery", "school", "day shift"), "work +90")
    assert times(after) == ["mon 10:30-11:30", "mon 09:00-10:00", "mon 10:30-11:30"]


def test_a_larger_share_holds_the_smaller() -> None:
    scenario = working(*["work"] * 10)
    moved = []
    for share in (20, 50, 100):
        after = made(scenario, f"work -30 for {share}%")
        moved.append({i for i, t in enumerate(times(after)) if t == "mon 08:30-09:30"})
    assert [len(m) for m in moved] == [2, 5, 10]
    assert moved[0] <= moved[1] <= moved[2]


def test_work_that_runs_over_midnight_goes_on_the_next_day() -> None:
    after = made(working("work", start="22:00", end="23:30", day="sun"), "work +60")
    windows = after.patients[0].commitments[0].windows
    assert [(w.days, clock(w.start), clock(w.end)) for w in windows] == [
        (("mon",), "00:00", "00:30"),
        (("sun",), "23:00", "24:00"),
    ]


def test_work_of_named_patients_and_by_label() -> None:
    scenario = working("work", "work", "college")
    assert times(made(scenario, "work +60 for p1"))[:2] == ["mon 09:00-10:00", "mon 10:00-11:00"]
    assert times(made(scenario, "work +60 label=college"))[2] == "mon 10:00-11:00"
    assert "labels here: school" in refused(working("school"), "work +60")
