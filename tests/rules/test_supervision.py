"""A supervisor is on site while a supervised therapist works."""

from __future__ import annotations

from typing import Any

from tests.builders import (
    Json,
    broken,
    clinic,
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
    window,
)


def with_intern(*others: Json, **facts: Any) -> Json:
    """ann works under supervision."""
    return clinic(
        services=[talk(), solo(remote=True), kin()],
        therapists=[therapist("ann", supervised=True, **facts), *others],
    )


def supervisor(name: str = "bob", **facts: Any) -> Json:
    return therapist(name, supervisor=True, **facts)


WITNESS = (
    with_intern(supervisor(availability=window("10:00", "12:00"))),
    week(visit(start="09:30")),
)


def test_an_intern_alone_is_named() -> None:
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject) == ("supervision", "ann")
    assert fault.message == "a: no supervisor of ann is on site mon 09:30"


def test_the_supervisor_may_be_busy() -> None:
    there = week(visit(), visit("sam", "bob", place="big", name="b"))
    assert broken(with_intern(supervisor()), there) == set()


def test_a_therapist_who_is_not_supervised_needs_nobody() -> None:
    assert broken(clinic(), week(visit())) == set()


def test_nobody_supervises_themselves() -> None:
    scenario = with_intern(therapist("bob"), supervisor=True)
    assert broken(scenario, week(visit())) == {"supervision"}


def test_two_interns_who_may_supervise_supervise_each_other() -> None:
    scenario = with_intern(supervisor(supervised=True), supervisor=True)
    assert broken(scenario, week(visit())) == set()


def test_supervisors_take_turns() -> None:
    scenario = with_intern(
        supervisor("bob", availability=window("09:00", "09:30")),
        supervisor("cyd", availability=window("09:30", "12:00")),
    )
    assert broken(scenario, week(section(["pat"]))) == set()
    scenario["therapists"][2]["availability"] = window("10:00", "12:00")
    assert broken(scenario, week(section(["pat"]))) == {"supervision"}


def test_remote_hours_of_a_supervisor_are_not_on_site() -> None:
    away = supervisor(availability=[], remote_availability=window("09:00", "12:00"))
    assert broken(with_intern(away), week(visit())) == {"supervision"}


def test_work_by_video_is_supervised_too() -> None:
    alone = with_intern(supervisor(availability=[]))
    assert broken(alone, week(visit(place=None, remote=True))) == {"supervision"}
    alone["groups"] = [group(modality="telehealth")]
    telehealth = section(["pat"], meeting("mon", "09:00", None))
    assert broken(alone, week(telehealth)) == {"supervision"}
