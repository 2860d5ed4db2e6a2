"""Equipment is there when it is used."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    Json,
    before,
    broken,
    clinic,
    faults,
    group,
    item,
    kin,
    meeting,
    only_fault,
    section,
    solo,
    talk,
    visit,
    week,
    window,
)


def with_kit(quantity: int = 1, *, asked: int = 1, **facts: Any) -> Json:
    """The clinic with a video kit, which each solo needs."""
    return clinic(
        services=[talk(), solo(equipment={"kit": asked}), kin()],
        equipment=[item("kit", quantity, **facts)],
    )


SIDE_BY_SIDE = week(
    visit("pat", "ann", name="a"),
    visit("sam", "bob", place="big", name="b"),
)
WITNESS = (with_kit(1), SIDE_BY_SIDE)


def test_more_in_use_than_there_is_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject, fault.amount) == ("equipment", "kit", 1)
    assert fault.message == "2 of kit in use mon 09:00, there are 1"


def test_as_many_as_there_are_may_be_in_use() -> None:
    assert broken(with_kit(2), SIDE_BY_SIDE) == set()


def test_one_after_the_other_needs_one() -> None:
    assert broken(with_kit(1), week(visit(), visit("sam", start="09:30", name="b"))) == set()


@pytest.mark.parametrize(("quantity", "lawful"), [(3, True), (2, False)])
def test_one_session_may_need_several(quantity: int, lawful: bool) -> None:
    found = broken(with_kit(quantity, asked=3), week(visit()))
    assert found == (set() if lawful else {"equipment"})


def test_only_while_it_is_available() -> None:
    scenario = with_kit(1, availability=window("09:00", "10:00"))
    assert broken(scenario, week(visit(start="09:30"))) == set()
    fault = only_fault(scenario, week(visit(start="10:00")))
    assert fault.message == "a: kit is not available mon 10:00"
    assert broken(with_kit(1, availability=[]), week(visit())) == {"equipment"}


def test_none_of_it_needs_nothing() -> None:
    assert broken(with_kit(0, asked=0, availability=[]), week(visit())) == set()


def test_groups_use_their_own_and_not_their_service_s() -> None:
    scenario = with_kit(1) | {"groups": [group(equipment={"kit": 2})]}
    assert broken(scenario, week(section(["pat"]))) == {"equipment"}
    scenario = clinic(
        services=[talk(equipment={"kit": 2}), solo(), kin()], equipment=[item("kit", 1)]
    )
    assert broken(scenario, week(section(["pat"]))) == set()


def test_groups_and_appointments_share_it_cell_by_cell() -> None:
    # The group holds one kit from nine to ten, so one of two is left; the second visit is too much.
    scenario = with_kit(2) | {"groups": [group(equipment={"kit": 1})]}
    hour = section(["pat"])
    one = visit("sam", "bob", start="09:30", name="a")
    assert broken(scenario, week(hour, one)) == set()
    scenario["equipment"][0]["quantity"] = 1
    assert [v.message for v in faults(scenario, week(hour, one))] == [
        "2 of kit in use mon 09:30, there are 1"
    ]


def test_a_cancelled_meeting_uses_nothing() -> None:
    scenario = with_kit(1) | {"groups": [group(equipment={"kit": 2})]}
    scenario["baseline"] = before(section(["pat"]))
    cancelled = section(["pat"], meeting("mon", "09:00", cancelled=True))
    assert broken(scenario, week(cancelled)) == set()
