"""What a scheduler is told before solving."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from solver.clinic import Clinic
from solver.notices import notices
from solver.validation import read_scenario

EVERY_FIELD = json.loads((Path(__file__).parent / "data/every-field.json").read_text("utf-8"))

Json = dict[str, Any]


def _said(week: Json) -> list[str]:
    return [str(notice) for notice in notices(Clinic(read_scenario(week)[0]))]


@pytest.fixture
def quiet_week() -> Json:
    """The test week without the patient who has no hours: nothing to notice."""
    week: Json = copy.deepcopy(EVERY_FIELD)
    del week["patients"][2]["availability"]
    assert _said(week) == []
    return week


def test_notice_of_a_group_nobody_may_lead(quiet_week: Json) -> None:
    quiet_week["therapists"][0]["credentials"] = [{"id": "lcsw", "expires": "2026-01-04"}]
    (message,) = _said(quiet_week)
    assert message.startswith("groups[0]: Morning process (process-am): no therapist may lead it; ")
    assert "place 1 is for lcsw" in message


def test_credential_that_lasts_into_the_week_is_no_reason_for_a_notice(quiet_week: Json) -> None:
    quiet_week["therapists"][0]["credentials"] = [{"id": "lcsw", "expires": "2026-01-05"}]
    assert _said(quiet_week) == []


def test_notice_of_a_group_whose_leader_is_never_there(quiet_week: Json) -> None:
    quiet_week["therapists"][0]["availability"] = [
        {"days": ["tue"], "start": "09:00", "end": "12:00"}
    ]
    (message, *_) = _said(quiet_week)
    assert "eve can work at none of the times it may meet" in message


def test_notice_of_a_group_with_more_places_than_people(quiet_week: Json) -> None:
    quiet_week["groups"][0]["leaders"] = [{"credentials": ["lcsw"]}, {"credentials": ["lcsw"]}]
    (message,) = _said(quiet_week)
    assert "no therapists may lead it together; its 2 places need different people" in message


@pytest.mark.parametrize(
    "room",
    [
        {"features": []},
        {"availability": [{"days": ["tue"], "start": "08:00", "end": "20:00"}]},
        {"availability": []},
    ],
)
def test_notice_of_a_group_no_room_fits(quiet_week: Json, room: Json) -> None:
    quiet_week["rooms"][0] |= room
    (message,) = _said(quiet_week)
    assert message.startswith("groups[0]: Morning process (process-am): no room fits; ")


def test_notice_of_a_group_no_room_can_seat(quiet_week: Json) -> None:
    quiet_week["groups"][0] |= {"modality": "in_person", "size": {"min": 11, "max": 12}}
    (message,) = _said(quiet_week)
    assert "no room fits; it needs one with screen for 11 or more" in message
    quiet_week["groups"][0]["modality"] = "offsite"
    assert _said(quiet_week) == []


def test_notice_of_a_group_that_can_meet_at_no_time(quiet_week: Json) -> None:
    quiet_week["groups"][0]["start_times"] = ["09:10"]
    (message,) = _said(quiet_week)
    assert "it can meet at no time of this week" in message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"availability": []}, "no hours are left in this week"),
        (
            {"availability": [{"days": ["thu"], "start": "08:00", "end": "20:00"}]},
            "no hours are left in this week",
        ),
        (
            {"availability": [{"days": ["mon"], "start": "08:00", "end": "08:30"}]},
            "30 minutes in a row are free at most, and the shortest session asked for takes 60",
        ),
        (
            {
                "availability": [{"days": ["mon"], "start": "08:00", "end": "09:00"}],
                "commitments": [
                    {
                        "label": "School",
                        "windows": [{"days": ["mon"], "start": "09:00", "end": "15:00"}],
                        "travel_minutes": 60,
                    }
                ],
            },
            "no hours are left in this week",
        ),
        ({"first_date": "2026-01-12"}, "first_date 2026-01-12 is after this week"),
        ({"last_date": "2026-01-04"}, "last_date 2026-01-04 is before this week"),
    ],
)
def test_notice_of_a_patient_who_cannot_come(quiet_week: Json, change: Json, words: str) -> None:
    quiet_week["patients"][1] |= change
    (message,) = _said(quiet_week)
    assert message.startswith("patients[1]: Ben (ben): ")
    assert words in message


def test_notice_of_a_week_in_which_the_clinic_is_shut(quiet_week: Json) -> None:
    quiet_week["closed_dates"] = [f"2026-01-{day:02}" for day in range(5, 10)]
    assert _said(quiet_week) == ["opening_hours: the clinic is open at no time of this week"]
