"""Substitutes, cancellations and absences only in sections that go on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    Json,
    before,
    broken,
    clinic,
    date,
    group,
    meeting,
    only_fault,
    section,
    week,
)

MON, WED = meeting("mon", "09:00"), meeting("wed", "09:00")


def after(*entries: Json) -> Json:
    """A clinic whose cbt meets on two days, with this baseline."""
    return clinic(groups=[group(meetings_per_week=2)]) | (
        {"baseline": before(*entries)} if entries else {}
    )


def sick(**facts: Any) -> Json:
    """bob stands in on Wednesday."""
    return section(["pat", "sam"], MON, WED | {"leaders": ["bob"]}, **facts)


def snow(**facts: Any) -> Json:
    """Wednesday is cancelled."""
    return section(["pat", "sam"], MON, WED | {"cancelled": True}, **facts)


def away(who: str = "pat", day: str = "wed", **facts: Any) -> Json:
    """A member misses a day."""
    absences = [{"patient": who, "day": day}]
    return section(["pat", "sam"], MON, WED, **({"absences": absences} | facts))


PLAIN = section(["pat", "sam"], MON, WED)
WITNESS = (after(), week(sick()))


def test_a_substitute_out_of_nothing_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject) == ("as_it_was", "s")
    assert fault.message.startswith("s has own leaders or cancelled meetings and goes on from no")


@pytest.mark.parametrize("special", [sick(), snow(), away()])
def test_in_a_section_that_goes_on_they_may_stand(special: Json) -> None:
    assert broken(after(PLAIN), week(special)) == set()


@pytest.mark.parametrize("special", [sick(), snow(), away()])
@pytest.mark.parametrize(
    "was",
    [
        PLAIN | {"id": "t"},
        PLAIN | {"meetings": [m | {"start": "10:00"} for m in (MON, WED)]},
        PLAIN | {"meetings": [MON, meeting("fri", "09:00")]},
    ],
    ids=["id", "start", "days"],
)
def test_it_goes_on_with_its_id_start_and_days(special: Json, was: Json) -> None:
    assert broken(after(was), week(special)) == {"as_it_was"}


def test_it_goes_on_with_its_group() -> None:
    scenario = after(PLAIN | {"group": "art"})
    scenario["groups"].append(group("art", meetings_per_week=2))
    assert broken(scenario, week(snow())) == {"as_it_was"}


def test_it_may_lose_days_and_change_leader_room_and_members() -> None:
    three = section(["kim"], MON, WED, meeting("fri", "09:00"), leaders=["bob"])
    assert broken(after(three), week(snow(leaders=["ann"]))) == set()


def test_an_absence_names_a_member_it_had_and_has() -> None:
    had_pat = section(["pat"], MON, WED)
    assert broken(after(had_pat), week(away("pat"))) == set()
    assert broken(after(had_pat), week(away("sam"))) == {"as_it_was"}
    gone = away("pat") | {"members": ["sam"]}
    assert broken(after(PLAIN), week(gone)) == {"as_it_was"}


def test_an_absence_names_a_day_it_meets() -> None:
    assert broken(after(PLAIN), week(away(day="wed"))) == set()
    assert broken(after(PLAIN), week(away(day="thu"))) == {"as_it_was"}


def test_a_cancelled_meeting_holds_nobody_and_nothing() -> None:
    # Where nobody leads and nobody sits nothing can be wrong, not even the room or the leader.
    scenario = after(section(["pat", "sam"], MON, WED))
    scenario["therapists"][1]["availability"] = []
    scenario["rooms"][1]["availability"] = []
    scenario["patients"][0]["last_date"] = date("mon")
    empty = WED | {"cancelled": True, "leaders": ["bob"], "room": "small"}
    assert broken(scenario, week(section(["pat", "sam"], MON, empty))) == set()


def test_an_empty_list_of_own_leaders_is_as_if_left_out() -> None:
    plain = section(["pat"], MON, WED | {"leaders": []})
    assert broken(after(), week(plain)) == set()
