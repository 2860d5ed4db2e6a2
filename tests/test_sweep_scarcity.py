"""What is scarce in a week: each reason derived by hand."""

from __future__ import annotations

import pytest

from solver.sweep.scarcity import scarcity
from tests.builders import (
    Json,
    clinic,
    group,
    patient,
    plan,
    program,
    quota,
    read,
    therapist,
    visit,
    week,
)


def scarce(scenario: Json, *entries: Json) -> dict[str, float]:
    here = read(scenario)
    return {name: round(share, 2) for name, share in scarcity(here, plan(week(*entries), here))}


def due(*quotas: Json) -> list[Json]:
    return [program(quotas=list(quotas))]


ONE = [patient("pat")]
SOLO, TALK = due(quota("solo", 1)), due(quota("talk", 1))


@pytest.mark.parametrize(
    ("facts", "entries", "reason"),
    [
        ({"programs": SOLO, "patients": [patient("pat", availability=[])]}, [], "patients' own hours"),
        ({"programs": SOLO, "therapists": [therapist("ann", credentials=[])],
          "services": [{"id": "solo", "name": "s", "format": "individual", "minutes": 30,
                        "credentials": ["lcsw"]},
                       {"id": "talk", "name": "t", "format": "group", "minutes": 60}]},
         [], "therapist hours"),
        ({"programs": SOLO, "therapists": [therapist("ann", max_minutes_per_week=0)]}, [], "therapist hours"),
        ({"programs": SOLO, "rooms": []}, [], "rooms"),
        ({"programs": SOLO}, [], "hours that fit together"),
        ({"programs": TALK, "groups": [group(max_sections=0)]}, [], "group seats"),
        ({"programs": TALK, "groups": []}, [], "group seats"),
        ({"programs": TALK, "therapists": []}, [], "therapist hours"),
        ({"programs": TALK, "rooms": []}, [], "rooms"),
        ({"programs": TALK, "groups": [group(size={"min": 3, "max": 4})]}, [], "others who could come then"),
        ({"programs": TALK, "patients": [patient("pat", availability=[])]}, [], "patients' own hours"),
    ],
)  # fmt: skip
def test_what_keeps_a_missing_session_from_being_added(
    facts: Json, entries: list[Json], reason: str
) -> None:
    assert scarce(clinic(**({"patients": ONE} | facts)), *entries) == {reason: 1.0}


def test_shares_are_of_the_unmet_care() -> None:
    scenario = clinic(
        programs=SOLO,
        patients=[
            patient("pat", priority=3, availability=[]),
            patient("sam", quotas=[quota("solo", 2)]),
            patient("kim"),
            patient("wes", status="waitlist"),
        ],
        therapists=[therapist("ann", max_minutes_per_week=30)],
    )
    booked = visit("kim", "ann", "mon", "09:00")
    # Of priority × 60: three for pat, who cannot come; two for sam, whom ann has no time for.
    assert scarce(scenario, booked) == {"patients' own hours": 0.6, "therapist hours": 0.4}
