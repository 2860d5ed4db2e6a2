"""Sessions are led by people licensed for them."""

from __future__ import annotations

import pytest

from tests.builders import (
    Json,
    before,
    broken,
    clinic,
    date,
    group,
    kin,
    meeting,
    only_fault,
    section,
    solo,
    talk,
    therapist,
    visit,
    week,
)


def asking(*wanted: str, held: list[object]) -> Json:
    """The clinic whose solo asks for some credentials, and what ann holds."""
    return clinic(
        services=[talk(), solo(credentials=list(wanted)), kin()],
        therapists=[therapist("ann", credentials=held), therapist("bob")],
    )


WITNESS = (asking("md", held=["lcsw"]), week(visit()))


def test_a_therapist_without_the_credential_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject) == ("credentials", "a")
    assert fault.message == "a on mon: needs md; ann holds none of them"


def test_any_one_of_them_will_do() -> None:
    assert broken(asking("md", "lcsw", held=["lcsw"]), week(visit())) == set()


def test_where_none_is_named_anyone_may() -> None:
    assert broken(asking(held=[]), week(visit())) == set()


@pytest.mark.parametrize(("day", "lawful"), [("mon", True), ("tue", True), ("wed", False)])
def test_expires_is_the_last_valid_day(day: str, lawful: bool) -> None:
    scenario = asking("lcsw", held=[{"id": "lcsw", "expires": date("tue")}])
    assert broken(scenario, week(visit(day=day))) == (set() if lawful else {"credentials"})


def test_a_second_credential_takes_the_place_of_one_that_expired() -> None:
    held = [{"id": "lcsw", "expires": "2025-12-31"}, "md"]
    assert broken(asking("md", "lcsw", held=held), week(visit())) == set()


def test_a_section_is_judged_on_each_of_its_days() -> None:
    scenario = asking("md", held=[{"id": "lcsw", "expires": date("mon")}])
    scenario["groups"] = [group(meetings_per_week=2)]
    there = section(["pat"], meeting("mon", "09:00"), meeting("wed", "09:00"))
    fault = only_fault(scenario, week(there))
    assert fault.message.startswith(
        "s on wed, leader 1: needs lcsw; ann holds one that has expired"
    )


def test_leaders_stand_in_the_order_of_their_places() -> None:
    scenario = clinic(
        therapists=[therapist("ann", credentials=["md"]), therapist("bob", credentials=["rn"])],
        groups=[group(leaders=[{"credentials": ["md"]}, {"credentials": ["rn"]}])],
    )
    assert broken(scenario, week(section(["pat"], leaders=["ann", "bob"]))) == set()
    assert broken(scenario, week(section(["pat"], leaders=["bob", "ann"]))) == {"credentials"}


def test_a_place_without_credentials_is_anyone_s() -> None:
    scenario = clinic(therapists=[therapist("ann", credentials=[])], groups=[group(leaders=[{}])])
    assert broken(scenario, week(section(["pat"]))) == set()


def test_a_substitute_is_judged_too() -> None:
    scenario = asking("lcsw", held=["lcsw"]) | {"baseline": before(section(["pat"]))}
    scenario["therapists"][1]["credentials"] = []
    substitute = section(["pat"], meeting("mon", "09:00", leaders=["bob"]))
    assert broken(scenario, week(substitute)) == {"credentials"}


def test_a_group_s_service_asks_nothing_of_its_leaders() -> None:
    scenario = clinic(services=[talk(credentials=["md"]), solo(), kin()])
    assert broken(scenario, week(section(["pat"]))) == set()
