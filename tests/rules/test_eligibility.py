"""Members fit the group."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    Json,
    broken,
    clinic,
    faults,
    group,
    only_fault,
    patient,
    program,
    section,
    week,
)


def for_whom(pat: Json, **eligible: Any) -> Json:
    return clinic(
        programs=[program("iop"), program("php")],
        patients=[patient("pat", **pat), patient("sam", tags=["sud"], gender="f")],
        groups=[group(eligible=eligible)],
    )


WITNESS = (for_whom({}, programs=["php"]), week(section(["pat"])))


def test_a_member_of_another_program_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject) == ("eligibility", "pat")
    assert fault.message == "s: cbt is for php; pat is in iop"


@pytest.mark.parametrize(
    ("eligible", "pat", "lawful"),
    [
        ({}, {}, True),
        ({"programs": [], "tags_any": [], "tags_none": [], "genders": []}, {}, True),
        ({"programs": ["php", "iop"]}, {}, True),
        ({"tags_any": ["sud", "eating"]}, {}, False),
        ({"tags_any": ["sud", "eating"]}, {"tags": ["eating", "trauma"]}, True),
        ({"tags_none": ["psychosis"]}, {}, True),
        ({"tags_none": ["psychosis"]}, {"tags": ["sud", "psychosis"]}, False),
        ({"genders": ["f", "x"]}, {"gender": "x"}, True),
        ({"genders": ["f"]}, {"gender": "m"}, False),
        ({"genders": ["f"]}, {}, False),
        # All of them have to hold.
        ({"tags_any": ["sud"], "genders": ["f"]}, {"tags": ["sud"], "gender": "m"}, False),
        ({"tags_any": ["sud"], "tags_none": ["sud"]}, {"tags": ["sud"]}, False),
        ({"tags_any": ["sud"], "genders": ["f"]}, {"tags": ["sud"], "gender": "f"}, True),
    ],
)
def test_programs_tags_and_gender_all_have_to_fit(eligible: Json, pat: Json, lawful: bool) -> None:
    found = broken(for_whom(pat, **eligible), week(section(["pat"])))
    assert found == (set() if lawful else {"eligibility"})


def test_each_member_is_judged_alone() -> None:
    found = faults(for_whom({}, tags_any=["sud"]), week(section(["sam", "pat"])))
    assert [v.subject for v in found] == ["pat"]
