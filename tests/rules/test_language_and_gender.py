"""People understand each other, and genders served are kept."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    Json,
    before,
    broken,
    clinic,
    group,
    meeting,
    only_fault,
    patient,
    section,
    therapist,
    visit,
    week,
)


def between(pat: Json | None = None, ann: Json | None = None, **cbt: Any) -> Json:
    """The clinic with facts about pat, ann and the group."""
    return clinic(
        patients=[patient("pat", **(pat or {})), patient("sam")],
        therapists=[therapist("ann", **(ann or {})), therapist("bob")],
        groups=[group(**cbt)],
    )


WITNESS = (between(pat={"languages": ["en"]}, language="es"), week(section(["pat"])))


def test_a_member_who_does_not_speak_the_language_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject) == ("language_and_gender", "pat")
    assert fault.message == "s: cbt is held in es; pat speaks en"


def test_a_leader_who_does_not_speak_it_is_named() -> None:
    fault = only_fault(between(ann={"languages": ["en"]}, language="es"), week(section(["pat"])))
    assert fault.subject == "ann"


@pytest.mark.parametrize("spoken", [[], ["es"], ["en", "es"]])
def test_one_language_is_enough_and_none_stated_is_no_limit(spoken: list[str]) -> None:
    scenario = between(pat={"languages": spoken}, ann={"languages": spoken}, language="es")
    assert broken(scenario, week(section(["pat"]))) == set()


def test_a_group_that_states_no_language_is_anyone_s() -> None:
    scenario = between(pat={"languages": ["en"]}, ann={"languages": ["es"]})
    assert broken(scenario, week(section(["pat"]))) == set()


@pytest.mark.parametrize(
    ("of_pat", "of_ann", "lawful"),
    [
        (["en"], ["es"], False),
        (["en", "es"], ["es"], True),
        ([], ["es"], True),
        (["en"], [], True),
    ],
)
def test_an_appointment_needs_a_language_in_common(
    of_pat: list[str], of_ann: list[str], lawful: bool
) -> None:
    scenario = between(pat={"languages": of_pat}, ann={"languages": of_ann})
    assert broken(scenario, week(visit())) == (set() if lawful else {"language_and_gender"})


@pytest.mark.parametrize(("gender", "lawful"), [("f", True), ("m", False), (None, False)])
def test_genders_served_hold_in_appointments_and_in_groups(
    gender: str | None, lawful: bool
) -> None:
    scenario = between(pat={"gender": gender}, ann={"genders_served": ["f"]})
    for entry in (visit(), section(["pat"])):
        assert broken(scenario, week(entry)) == (set() if lawful else {"language_and_gender"})


def test_a_therapist_who_names_no_gender_serves_all() -> None:
    for gender in ("f", None):
        assert broken(between(pat={"gender": gender}), week(visit())) == set()


def test_one_of_two_leaders_who_does_not_serve_a_member_is_enough() -> None:
    scenario = between(pat={"gender": "m"}, ann={"genders_served": ["f"]}, leaders=[{}, {}])
    there = section(["pat"], leaders=["bob", "ann"])
    assert broken(scenario, week(there)) == {"language_and_gender"}


def test_a_substitute_serves_those_whom_they_lead() -> None:
    # bob, who serves women only, leads Wednesday; pat, who is none, is excused that day.
    scenario = between(pat={"gender": "m"}, meetings_per_week=2)
    scenario["therapists"][1]["genders_served"] = ["f"]
    scenario["patients"][1]["gender"] = "f"
    plain = [meeting("mon", "09:00"), meeting("wed", "09:00")]
    scenario["baseline"] = before(section(["pat", "sam"], *plain))
    led = [plain[0], plain[1] | {"leaders": ["bob"]}]
    excused = [{"patient": "pat", "day": "wed"}]
    assert broken(scenario, week(section(["pat", "sam"], *led))) == {"language_and_gender"}
    assert broken(scenario, week(section(["pat", "sam"], *led, absences=excused))) == set()
