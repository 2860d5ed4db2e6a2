"""Nobody is in two places at once."""

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
    patient,
    section,
    solo,
    talk,
    visit,
    week,
)

WITNESS = (
    clinic(),
    week(
        visit("pat", "ann", of="kin", place="big", name="a"),
        visit("pat", "bob", start="09:30", name="b"),
    ),
)


def test_a_patient_in_two_places_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject, fault.amount) == ("no_double_booking", "pat", 30)
    assert "in a (mon 09:00) and in b (mon 09:30)" in fault.message


@pytest.mark.parametrize(
    ("second", "subject"),
    [
        (visit("pat", "bob", place="big", name="b"), "pat"),
        (visit("sam", "ann", place="big", name="b"), "ann"),
        (visit("sam", "bob", place="small", name="b"), "small"),
    ],
)
def test_patients_therapists_and_rooms_are_in_one_place_at_a_time(
    second: Json, subject: str
) -> None:
    fault = only_fault(clinic(), week(visit(), second))
    assert fault.subject == subject


def test_one_session_may_begin_when_another_ends() -> None:
    assert broken(clinic(), week(visit(), visit(start="09:30", name="b"))) == set()


def test_sessions_hold_whole_cells() -> None:
    # 40 minutes hold the hour from nine, so half past nine is not free.
    scenario = clinic(services=[talk(), solo(minutes=40), kin()])
    fault = only_fault(
        scenario, week(visit(), visit("sam", "ann", start="09:30", place="big", name="b"))
    )
    assert (fault.subject, fault.amount) == ("ann", 30)
    later = visit("sam", "ann", start="10:00", place="big", name="b")
    assert broken(scenario, week(visit(), later)) == set()


def test_a_member_who_is_not_there_yet_is_in_one_place() -> None:
    # pat comes from Tuesday on; the appointment is on Wednesday, the section on Monday too.
    scenario = clinic(
        patients=[patient("pat", first_date=date("tue")), patient("sam")],
        groups=[group(meetings_per_week=2, leaders=[])],
    )
    there = section(["pat"], meeting("mon", "09:00"), meeting("wed", "09:00"), leaders=[])
    assert broken(scenario, week(there, visit(day="tue"))) == set()
    assert broken(scenario, week(there, visit(day="wed"))) == {"no_double_booking"}


def test_who_is_absent_or_cancelled_is_free() -> None:
    scenario = clinic(baseline=before(section(["pat"])))
    excused = section(["pat"], absences=[{"patient": "pat", "day": "mon"}])
    assert broken(scenario, week(excused, visit("pat", "bob"))) == set()
    cancelled = section(["pat"], meeting("mon", "09:00", cancelled=True))
    assert broken(scenario, week(cancelled, visit("pat", "ann", place="big"))) == set()


def test_meetings_without_a_room_share_none() -> None:
    offsite = [group("walk", modality="offsite"), group("swim", modality="offsite")]
    scenario = clinic(groups=offsite)
    nowhere = meeting("mon", "09:00", None)
    walk = section(["pat"], nowhere, of="walk", name="w")
    swim = section(["sam"], nowhere, of="swim", name="x", leaders=["bob"])
    assert broken(scenario, week(walk, swim)) == set()
