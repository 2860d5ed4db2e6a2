"""What is locked stays."""

from __future__ import annotations

import pytest

from tests.builders import (
    Json,
    before,
    broken,
    clinic,
    date,
    faults,
    group,
    kin,
    meeting,
    only_fault,
    patient,
    room,
    section,
    solo,
    talk,
    visit,
    week,
)

MON, WED = meeting("mon", "09:00"), meeting("wed", "09:00")
PLAIN = section(["pat"], MON, WED)


def locked(*entries: Json, **lock: str) -> Json:
    """A clinic whose cbt meets on two days, with a baseline and a lock."""
    return clinic(
        services=[talk(), solo(remote=True), kin()],
        groups=[group(meetings_per_week=2, max_sections=2)],
        baseline=before(*entries),
        locks=[lock],
    )


def outcome(lawful: bool) -> set[str]:
    return set() if lawful else {"locks"}


WITNESS = (locked(PLAIN, patient="pat", group="cbt"), week())


def test_a_member_who_is_locked_and_missing_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject) == ("locks", "pat")
    assert fault.message == "pat is locked to cbt and is in no section of it"


def test_a_locked_member_may_sit_in_another_section() -> None:
    other = section(["pat"], meeting("tue", "10:00"), meeting("thu", "10:00"), name="t")
    assert broken(WITNESS[0], week(other)) == set()


def test_a_lock_on_a_member_makes_one_of_who_was_none() -> None:
    scenario = locked(patient="pat", group="cbt")
    assert broken(scenario, week()) == {"locks"}
    assert broken(scenario, week(PLAIN)) == set()


@pytest.mark.parametrize(
    ("now", "lawful"),
    [
        (PLAIN, True),
        (PLAIN | {"members": ["pat", "sam"]}, True),  # others may join
        (PLAIN | {"members": ["sam"]}, False),
        (PLAIN | {"leaders": ["bob"]}, False),
        (PLAIN | {"meetings": [MON, WED | {"room": "small"}]}, False),
        (PLAIN | {"meetings": [meeting(d, "10:00") for d in ("mon", "wed")]}, False),
        (PLAIN | {"meetings": [MON, meeting("tue", "09:00")]}, False),
        (PLAIN | {"id": "t"}, False),
        (PLAIN | {"meetings": [MON, WED | {"leaders": ["bob"]}]}, False),
    ],
)
def test_a_locked_section_keeps_days_start_rooms_leaders_and_members(
    now: Json, lawful: bool
) -> None:
    assert broken(locked(PLAIN, section="s"), week(now)) == outcome(lawful)


def test_a_locked_section_that_does_not_run_is_named() -> None:
    fault = only_fault(locked(PLAIN, section="s"), week())
    assert fault.message == "s is locked and does not run"


def test_a_locked_section_s_meeting_is_not_cancelled() -> None:
    cancelled = PLAIN | {"meetings": [MON, WED | {"cancelled": True}]}
    assert broken(locked(PLAIN, section="s"), week(cancelled)) == {"locks"}


def test_a_locked_section_s_member_may_be_excused() -> None:
    excused = PLAIN | {"absences": [{"patient": "pat", "day": "wed"}]}
    assert broken(locked(PLAIN, section="s"), week(excused)) == set()


def test_who_is_gone_does_not_have_to_stay() -> None:
    was = PLAIN | {"members": ["pat", "gone"]}
    assert broken(locked(was, section="s"), week(PLAIN)) == set()


def test_locks_bind_what_closed_dates_leave() -> None:
    scenario = locked(PLAIN, section="s") | {"closed_dates": [date("wed")]}
    scenario["groups"][0]["day_patterns"] = [["mon", "wed"], ["tue", "thu"]]
    assert broken(scenario, week(PLAIN | {"meetings": [MON]})) == set()
    assert broken(scenario, week()) == {"locks"}
    both = scenario | {"closed_dates": [date("mon"), date("wed")]}
    assert broken(both, week()) == set()


def test_a_locked_section_that_has_to_make_up_a_day_keeps_the_others() -> None:
    # No patterns: with Wednesday shut two of the four open days are asked for, Monday among them.
    scenario = locked(PLAIN, section="s") | {"closed_dates": [date("wed")]}
    made_up = PLAIN | {"meetings": [MON, meeting("thu", "09:00")]}
    assert broken(scenario, week(made_up)) == set()
    moved = PLAIN | {"meetings": [meeting("tue", "09:00"), meeting("thu", "09:00")]}
    assert broken(scenario, week(moved)) == {"locks"}


def test_a_member_lock_of_a_group_shut_all_week_binds_nothing() -> None:
    scenario = WITNESS[0] | {"closed_dates": [date("mon"), date("wed")]}
    assert broken(scenario, week()) == set()


@pytest.mark.parametrize(
    ("now", "lawful"),
    [
        ({}, True),
        ({"therapist": "bob"}, False),
        ({"day": "tue"}, False),
        ({"start": "10:00"}, False),
        ({"room": "big"}, False),
        ({"remote": True, "room": None}, False),
        ({"patient": "sam"}, False),
        ({"id": "b"}, False),
    ],
)
def test_a_locked_appointment_is_as_it_was(now: Json, lawful: bool) -> None:
    scenario = locked(visit(), appointment="a")
    assert broken(scenario, week(visit() | now)) == outcome(lawful)


def test_a_locked_appointment_on_a_closed_date_is_free() -> None:
    scenario = locked(visit(), appointment="a") | {"closed_dates": [date("mon")]}
    assert broken(scenario, week()) == set()
    assert broken(scenario, week(visit(day="tue", start="10:00"))) == set()


TEN = visit("sam", start="10:00", name="b")


@pytest.mark.parametrize(
    ("now", "lawful"),
    [
        ([PLAIN, TEN], True),
        ([PLAIN, TEN, visit(day="tue")], True),  # another day of theirs
        ([PLAIN, TEN, visit(therapist="bob", start="11:00")], True),  # another therapist's
        ([PLAIN, TEN, visit(start="11:00")], False),
        ([PLAIN], False),
        ([TEN], False),
        ([PLAIN, TEN | {"start": "10:30"}], False),
        ([PLAIN, TEN | {"room": "big"}], False),
        ([PLAIN, TEN | {"patient": "pat"}], False),
        ([PLAIN | {"members": ["pat", "sam"]}, TEN], True),
        ([PLAIN | {"members": ["sam"]}, TEN], False),
        ([PLAIN | {"meetings": [MON, meeting("thu", "09:00")]}, TEN], True),
        ([PLAIN | {"meetings": [MON, WED | {"room": "small"}]}, TEN], True),
        ([PLAIN | {"meetings": [MON | {"room": "small"}, WED]}, TEN], False),
    ],
)
def test_a_locked_day_of_a_therapist_is_as_it_was(now: list[Json], lawful: bool) -> None:
    scenario = locked(PLAIN, TEN, therapist="ann", day="mon")
    assert broken(scenario, week(*now)) == outcome(lawful)


def test_a_day_off_that_is_locked_stays_one() -> None:
    scenario = locked(visit(), therapist="ann", day="tue")
    assert broken(scenario, week()) == set()
    fault = only_fault(scenario, week(visit(day="tue")))
    assert (fault.subject, fault.amount) == ("ann", 1)


def test_a_locked_day_on_a_closed_date_binds_nothing() -> None:
    scenario = locked(visit(), therapist="ann", day="mon") | {"closed_dates": [date("mon")]}
    assert broken(scenario, week()) == set()


def test_a_room_that_is_gone_leaves_the_room_open() -> None:
    was = visit(place="attic")
    scenario = locked(was, therapist="ann", day="mon")
    assert broken(scenario, week(visit(place="small"))) == set()
    assert broken(scenario, week(visit(place="small", start="10:00"))) == {"locks"}


def test_a_leader_who_is_gone_leaves_their_place_open() -> None:
    scenario = locked(PLAIN | {"leaders": ["ann", "gone"]}, therapist="ann", day="mon")
    scenario["groups"][0]["leaders"] = [{}, {}]
    assert broken(scenario, week(PLAIN | {"leaders": ["ann", "bob"]})) == set()


def test_every_lock_is_told() -> None:
    scenario = locked(PLAIN, visit("sam", day="tue"), section="s")
    scenario["locks"].append({"appointment": "a"})
    scenario["rooms"].append(room("attic", 1))
    scenario["patients"].append(patient("kim"))
    assert [v.subject for v in faults(scenario, week())] == ["s", "a"]
