"""Changes for people who have a week already."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    Json,
    before,
    clinic,
    date,
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
)

MON, WED = meeting("mon", "09:00"), meeting("wed", "09:00")
PLAIN = section(["pat"], MON, WED)


def after(*entries: Json, **facts: Any) -> Json:
    """A clinic whose groups meet on two days, with this baseline."""
    plain = {
        "services": [talk(), solo(remote=True), kin()],
        "groups": [
            group("cbt", meetings_per_week=2, max_sections=2, per_patient=2),
            group("art", meetings_per_week=2),
        ],
        "baseline": before(*entries),
    }
    return clinic(**(plain | facts))


def moved(scenario: Json, *entries: Json) -> int:
    return values(scenario, week(*entries))["disruption"]


def test_a_week_as_it_was_costs_nothing() -> None:
    assert moved(after(PLAIN, visit()), PLAIN, visit()) == 0
    assert moved(after(PLAIN, visit()), PLAIN | {"id": "t"}, visit(name="b")) == 0


@pytest.mark.parametrize(
    ("now", "value"),
    [
        ([], 4),  # left
        ([PLAIN | {"group": "art"}], 8),  # one left, one joined
        ([PLAIN, section(["pat"], name="t", of="art")], 4),  # one joined
        ([PLAIN | {"leaders": ["bob"]}], 1),
        ([PLAIN | {"leaders": ["bob", "ann"]}], 1),  # a set of leaders differs, if only by one
        ([PLAIN | {"meetings": [MON, WED | {"room": "small"}]}], 1),
        ([PLAIN | {"meetings": [m | {"start": "10:00"} for m in (MON, WED)]}], 3),
        ([PLAIN | {"meetings": [MON, meeting("thu", "09:00")]}], 3),
        ([PLAIN | {"meetings": [MON]}], 3),
        # Days and start differ, once 3; leaders 1, rooms 1.
        ([PLAIN | {"meetings": [meeting("fri", "10:00", "small")], "leaders": ["bob"]}], 5),
        ([PLAIN | {"meetings": [MON, WED | {"cancelled": True}]}], 4),
        # Both cancelled: 4 + 4, and nobody leads anywhere: leaders 1, rooms 1.
        ([PLAIN | {"meetings": [m | {"cancelled": True} for m in (MON, WED)]}], 10),
        # A substitute on Wednesday makes the leaders ann and bob.
        ([PLAIN | {"meetings": [MON, WED | {"leaders": ["bob"]}]}], 1),
        ([PLAIN | {"absences": [{"patient": "pat", "day": "wed"}]}], 0),  # asked for
        ([PLAIN | {"members": ["pat", "sam"]}], 0),  # sam had no week
    ],
)
def test_groups_left_joined_and_kept(now: list[Json], value: int) -> None:
    assert moved(after(PLAIN), *now) == value


def test_several_sections_of_a_group_are_compared_together() -> None:
    # Two sections: on Monday and Wednesday at nine, on Tuesday and Thursday at nine.
    second = section(["pat"], meeting("tue", "09:00"), meeting("thu", "09:00"), name="t")
    assert moved(after(PLAIN, second), second, PLAIN) == 0
    # The same days, split another way.
    split = [
        PLAIN | {"meetings": [MON, meeting("tue", "09:00")]},
        second | {"meetings": [WED, meeting("thu", "09:00")]},
    ]
    assert moved(after(PLAIN, second), *split) == 0
    # One of the two is left: the group is kept, on other days.
    assert moved(after(PLAIN, second), PLAIN) == 3


def test_each_member_is_counted() -> None:
    both = PLAIN | {"members": ["pat", "sam"]}
    assert moved(after(both), both | {"leaders": ["bob"]}) == 2


@pytest.mark.parametrize(
    ("was", "now", "value"),
    [
        ([visit()], [visit(therapist="bob")], 2),
        ([visit()], [visit(day="tue")], 2),
        ([visit()], [visit(start="10:00")], 2),
        ([visit()], [visit(place="big")], 1),
        ([visit()], [visit(place=None, remote=True)], 1),  # no room any more
        ([visit()], [visit("pat", "bob", "tue", "10:00", "big")], 5),
        ([visit()], [], 4),
        ([visit()], [visit(), visit(day="tue", name="b")], 4),
        # Paired in time order: Monday with Tuesday, Tuesday with Wednesday; the days differ: 2 + 2.
        (
            [visit(), visit(day="tue", name="b")],
            [visit(day="tue"), visit(day="wed", name="b")],
            4,
        ),
        # Tuesday's is the second of the week and the first of this one: 2, and 4 without a pair.
        ([visit(), visit(day="tue", name="b")], [visit(day="tue")], 6),
        # Another service is another pair: 4 + 4.
        ([visit()], [visit(of="kin", place="big")], 8),
    ],
)
def test_appointments_are_paired_in_time_order(
    was: list[Json], now: list[Json], value: int
) -> None:
    assert moved(after(*was), *now) == value


def test_people_without_a_week_are_not_disrupted() -> None:
    sam = visit("sam", day="fri", name="b")
    assert moved(after(sam), sam, PLAIN, visit()) == 0
    assert moved(clinic(), visit()) == 0


def test_groups_and_people_who_are_gone_are_left_out() -> None:
    ghost = section(["pat", "gone"], MON, WED, of="opera", name="o")
    assert moved(after(ghost, PLAIN, visit("gone", "bob", name="g")), PLAIN) == 0
    # pat's week was the group that is gone alone, so there is none to disrupt.
    assert moved(after(ghost), PLAIN) == 0


def test_a_leader_or_room_that_is_gone_differs() -> None:
    was = PLAIN | {"leaders": ["gone"], "meetings": [m | {"room": "attic"} for m in (MON, WED)]}
    assert moved(after(was), PLAIN) == 1 + 1
    assert moved(after(visit(therapist="gone", place="attic")), visit()) == 2 + 1


def test_closed_dates_are_left_out_on_both_sides() -> None:
    scenario = after(PLAIN, visit(day="wed", start="11:00"), closed_dates=[date("wed")])
    assert moved(scenario, PLAIN | {"meetings": [MON]}) == 0
    # Wednesday alone had the other room; without it nothing differs.
    rooms = PLAIN | {"meetings": [MON, WED | {"room": "small"}]}
    scenario["baseline"] = before(rooms)
    assert moved(scenario, PLAIN | {"meetings": [MON]}) == 0
    # A section all on closed dates is none: pat has no week.
    scenario["baseline"] = before(PLAIN | {"meetings": [WED]})
    assert moved(scenario, PLAIN | {"meetings": [MON]}) == 0


def test_a_patient_who_was_there_for_part_of_the_week_is_compared_by_the_section() -> None:
    scenario = after(PLAIN, patients=[patient("pat", last_date=date("tue"))])
    assert moved(scenario, PLAIN) == 0
    assert moved(scenario, PLAIN | {"meetings": [MON, meeting("thu", "09:00")]}) == 3
