"""Patients to keep apart share no section."""

from __future__ import annotations

import pytest

from tests.builders import (
    Json,
    broken,
    clinic,
    faults,
    group,
    meeting,
    only_fault,
    patient,
    section,
    visit,
    week,
)


def apart(pat: list[str], sam: list[str]) -> Json:
    return clinic(
        patients=[patient("pat", keep_apart=pat), patient("sam", keep_apart=sam), patient("kim")],
        groups=[group(max_sections=2)],
    )


WITNESS = (apart(["sam"], []), week(section(["pat", "sam"])))


def test_two_who_share_a_section_are_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject) == ("keep_apart", "pat")
    assert fault.message == "s: pat and sam are to be kept apart"


@pytest.mark.parametrize(
    ("pat", "sam"), [(["sam"], []), ([], ["pat"]), (["sam"], ["pat"]), (["kim", "sam"], [])]
)
def test_it_holds_both_ways_and_is_told_once(pat: list[str], sam: list[str]) -> None:
    assert len(faults(apart(pat, sam), week(section(["pat", "sam"])))) == 1


def test_with_anybody_else_they_may_sit() -> None:
    two = week(section(["pat", "kim"]), section(["sam"], meeting("mon", "10:00"), name="t"))
    assert broken(apart(["sam"], []), two) == set()


def test_they_may_be_in_the_building_at_one_time() -> None:
    together = week(visit("pat"), visit("sam", "bob", place="big", name="b"))
    assert broken(apart(["sam"], []), together) == set()


def test_members_who_never_meet_share_a_section_still() -> None:
    scenario = apart(["sam"], []) | {"groups": [group(meetings_per_week=2)]}
    scenario["patients"][0]["last_date"] = "2026-01-06"
    scenario["patients"][1]["first_date"] = "2026-01-07"
    both = section(["pat", "sam"], meeting("mon", "09:00"), meeting("wed", "09:00"))
    assert broken(scenario, week(both)) == {"keep_apart"}
