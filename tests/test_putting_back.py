"""Putting back what who refuses had: legal, no more than needed, and never in silence."""

from __future__ import annotations

import pytest

from solver.checker import check
from solver.clinic import Clinic
from solver.diff import difference
from solver.rebalance.putting_back import PutBack, put_back
from tests.builders import (
    Json,
    before,
    clinic,
    group,
    meeting,
    patient,
    plan,
    read,
    section,
    visit,
    week,
)

MON = meeting("mon", "09:00")
TWO = [group("cbt", max_sections=2, per_patient=2)]
LED = section(["pat", "sam"], MON)
LATER = visit("pat", start="11:00")


def refused(
    scenario: Json, entries: list[Json], *people: tuple[str, str]
) -> tuple[Clinic, PutBack]:
    here = read(scenario)
    now = plan(week(*entries), here)
    found = put_back(here, now, people)  # type: ignore[arg-type]
    if found.schedule is not None:
        assert check(here, found.schedule) == []
        assert found.difference is not None
        assert difference(here, now, found.schedule).changes == found.difference.changes
    return here, found


def had(**facts: object) -> Json:
    return clinic(**({"groups": TWO, "baseline": before(LED, LATER)} | facts))


def left(here: Clinic, found: PutBack) -> list[tuple[str, str]]:
    """Who still has to be told something."""
    assert here.baseline is not None
    assert found.schedule is not None
    return [(t.kind, t.id) for t in difference(here, here.baseline, found.schedule).told]


def test_an_appointment_is_put_back_and_the_rest_stays() -> None:
    moved = LATER | {"start": "10:30"}
    here, found = refused(had(), [LED | {"leaders": ["bob"]}, moved], ("patient", "sam"))
    assert ("patient", "sam") not in left(here, found)
    assert found.schedule is not None
    assert found.schedule.appointments[0].start == 10 * 60 + 30
    assert ("patient", "pat") in found.others  # sits in the same section
    assert found.reasons == ()


def test_what_stands_in_the_way_is_taken_back_too() -> None:
    here, found = refused(
        had(patients=[patient("pat"), patient("sam")]),
        [LED, LATER | {"start": "10:30"}, visit("sam", start="11:00", name="new")],
        ("patient", "pat"),
    )
    assert found.schedule is not None
    assert [a.id for a in found.schedule.appointments] == [LATER["id"]]  # ann sees one at a time
    assert found.others == (("patient", "sam"), ("therapist", "ann"))
    assert left(here, found) == []


def test_a_therapist_who_refuses_keeps_their_members() -> None:
    joined = [LED | {"members": ["pat", "sam", "tim"]}, LATER]
    people = [patient("pat"), patient("sam"), patient("tim")]
    here, found = refused(had(patients=people), joined, ("therapist", "ann"))
    assert left(here, found) == []
    assert found.others == (("patient", "tim"),)


def test_what_can_never_stay_is_said_and_nothing_is_given_out() -> None:
    gone = had(therapists=[{"id": "bob", "name": "bob", "credentials": ["lcsw"]}])
    now = [LED | {"leaders": ["bob"]}, LATER | {"therapist": "bob"}]
    _, found = refused(gone, now, ("patient", "sam"))
    assert found.schedule is None
    assert found.reasons == ("ann is gone",)


def test_without_a_baseline_there_is_nothing_to_go_back_to() -> None:
    here = read(clinic())
    with pytest.raises(ValueError, match="no baseline"):
        put_back(here, plan(week(), here), [("patient", "pat")])
