"""Leader hours, idle time and uneven load.

The clinic is open 15 hours, 900 minutes: 30 minutes are 3 % of a therapist's week, rounded down.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    ALWAYS,
    Json,
    before,
    clinic,
    date,
    group,
    kin,
    meeting,
    section,
    solo,
    talk,
    therapist,
    values,
    visit,
    week,
    window,
)


def cost(scenario: Json, *entries: Json) -> int:
    return values(scenario, week(*entries))["staffing"]


def alone(**facts: Any) -> Json:
    """ann is the only therapist, so load cannot be uneven."""
    return clinic(therapists=[therapist("ann", **facts)])


def test_an_empty_week_costs_nothing() -> None:
    assert cost(clinic()) == 0


def test_minutes_of_group_meetings_count_once_a_leader() -> None:
    # Two meetings of an hour, one leader: 120. Appointments are no group meetings.
    scenario = alone() | {"groups": [group(meetings_per_week=2)]}
    twice = section(["pat"], meeting("mon", "09:00"), meeting("tue", "09:00"))
    assert cost(scenario, twice) == 120
    assert cost(alone(), visit()) == 0
    # Two leaders 2 x 60; ann and bob have 60 of 900 each, 6 %: no spread.
    both = clinic(groups=[group(leaders=[{}, {}])])
    assert cost(both, section(["pat"], leaders=["ann", "bob"])) == 120
    # No leader, no cost.
    assert cost(clinic(groups=[group(leaders=[])]), section(["pat"], leaders=[])) == 0


def test_minutes_are_whole_cells() -> None:
    # 50 minutes hold two cells of 30.
    assert cost(alone() | {"groups": [group(minutes=50)]}, section(["pat"])) == 60


def test_a_cancelled_meeting_costs_nothing_and_a_substitute_their_own() -> None:
    scenario = clinic(baseline=before(section(["pat"])))
    assert cost(scenario, section(["pat"], meeting("mon", "09:00", cancelled=True))) == 0
    # bob has 60 of 900, 6 %, ann none: 60 + 10 x 6.
    assert cost(scenario, section(["pat"], meeting("mon", "09:00", leaders=["bob"]))) == 120


@pytest.mark.parametrize(
    ("times", "value"), [("09:00 09:30", 0), ("09:00 10:00", 30), ("09:00 11:30", 120)]
)
def test_idle_minutes_between_a_therapist_s_sessions(times: str, value: int) -> None:
    sessions = [visit(start=start, name=start) for start in times.split()]
    assert cost(alone(), *sessions) == value
    apart = [visit(day=day, start="09:00", name=day) for day in ("mon", "tue")]
    assert cost(alone(), *apart) == 0


def test_the_spread_of_load_in_whole_percent() -> None:
    # ann 30 of 900: 3.3, so 3 %; bob 0: 30.
    assert cost(clinic(), visit()) == 30
    # ann 60 of 900: 6 %; bob 30: 3 %: 30; and ann is idle for half an hour.
    two = [visit(start="09:00"), visit(start="10:00", name="b")]
    assert cost(clinic(), *two, visit("sam", "bob", start="11:00", name="c")) == 30 + 30


def test_available_minutes_are_on_site_or_remote_inside_opening_hours_of_open_dates() -> None:
    # bob: 60 on Mondays, on site or remote; 30 of them: 50 %. ann none of hers: 500.
    bob = therapist(
        "bob",
        availability=window("09:00", "09:30", "mon"),
        remote_availability=window("09:00", "10:00", "mon") + window("18:00", "20:00"),
    )
    scenario = clinic(therapists=[therapist("ann"), bob])
    assert cost(scenario, visit(therapist="bob")) == 500
    # Available at any hour: of 900 open minutes 30 are 3 %.
    scenario["therapists"][1]["availability"] = ALWAYS
    assert cost(scenario, visit(therapist="bob")) == 30
    # Four days shut: 30 of 180 are 16.6, so 16 %.
    scenario["closed_dates"] = [date(d) for d in ("tue", "wed", "thu", "fri")]
    assert cost(scenario, visit(therapist="bob")) == 160


def test_who_is_never_available_has_no_load() -> None:
    scenario = clinic(therapists=[therapist("ann"), therapist("bob", availability=[])])
    assert cost(scenario, visit()) == 0
    assert cost(clinic(therapists=[therapist("bob", availability=[])])) == 0


def test_direct_minutes_are_those_of_all_sessions() -> None:
    # ann: an hour of group and a remote half hour, 90 of 900: 10 %; bob none. 60 + 100.
    scenario = clinic(services=[talk(), solo(remote=True), kin()])
    remote = visit(start="10:00", place=None, remote=True)
    assert cost(scenario, section(["pat"]), remote) == 60 + 100


def test_a_leader_in_two_places_works_once() -> None:
    # No lawful week has it, but what it comes to is said all the same: 60, and 10 x 6.
    scenario = clinic(groups=[group(leaders=[{}, {}])])
    assert cost(scenario, section(["pat"], leaders=["ann", "ann"])) == 120


def test_a_session_off_the_grid_holds_every_cell_it_touches() -> None:
    # An hour from 09:10 touches the cells from nine to half past ten: 90.
    there = section(["pat"], meeting("mon", "09:10"))
    assert cost(alone(), there) == 90
