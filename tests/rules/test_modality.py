"""In the room or by video, as the patient attends."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import (
    Json,
    broken,
    clinic,
    group,
    kin,
    meeting,
    only_fault,
    patient,
    section,
    solo,
    talk,
    visit,
    week,
)


def who(attends: str | None = None, *, remote: bool = True, modality: str | None = None) -> Json:
    """How pat attends, whether solo may be by video, and how cbt meets."""
    return clinic(
        services=[talk(), solo(remote=remote), kin()],
        patients=[patient("pat", attends=attends), patient("sam")],
        groups=[group(modality=modality)],
    )


def by_video(**facts: Any) -> Json:
    return visit(place=None, remote=True, **facts)


WITNESS = (who(remote=False), week(by_video()))


def test_a_service_that_is_not_given_by_video_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject) == ("modality", "pat")
    assert fault.message == "a: solo is not given by video"


@pytest.mark.parametrize(
    ("attends", "in_person", "remote"),
    [
        (None, True, True),
        ("either", True, True),
        ("in_person", True, False),
        ("remote", False, True),
    ],
)
def test_appointments_are_as_the_patient_attends(
    attends: str | None, in_person: bool, remote: bool
) -> None:
    assert broken(who(attends), week(visit())) == (set() if in_person else {"modality"})
    assert broken(who(attends), week(by_video())) == (set() if remote else {"modality"})


@pytest.mark.parametrize(
    ("modality", "as_remote_member", "fit_for"),
    [
        ("in_person", False, {"either", "in_person"}),
        ("offsite", False, {"either", "in_person"}),
        ("telehealth", False, {"either", "remote"}),
        ("hybrid", False, {"either", "in_person"}),
        ("hybrid", True, {"either", "remote"}),
    ],
)
def test_groups_are_as_the_patient_attends(
    modality: str, as_remote_member: bool, fit_for: set[str]
) -> None:
    place = "big" if modality in ("in_person", "hybrid") else None
    there = section(
        ["pat"],
        meeting("mon", "09:00", place),
        remote_members=["pat"] if as_remote_member else [],
    )
    for attends in ("either", "in_person", "remote"):
        found = broken(who(attends, modality=modality), week(there))
        assert found == (set() if attends in fit_for else {"modality"}), attends


@pytest.mark.parametrize("modality", ["in_person", "telehealth", "offsite"])
def test_only_hybrid_groups_have_remote_members(modality: str) -> None:
    place = "big" if modality == "in_person" else None
    there = section(["pat"], meeting("mon", "09:00", place), remote_members=["pat"])
    assert broken(who(modality=modality), week(there)) == {"modality"}


def test_a_remote_member_where_there_are_none_takes_a_seat() -> None:
    # Who joins by video is a part of hybrid sections; elsewhere the note changes nothing.
    crowd = section(["pat", "sam"], meeting("mon", "09:00", "small"), remote_members=["pat"])
    assert broken(who(), week(crowd)) == {"modality", "room_fits"}


def test_family_sessions_may_be_by_video_too() -> None:
    scenario = who()
    scenario["services"] = [talk(), solo(), kin(remote=True)]
    assert broken(scenario, week(by_video(of="kin"))) == set()
