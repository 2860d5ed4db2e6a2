"""FHIR bundles, read with R4 models other than those they were built with."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from fhirclient.models.appointment import Appointment
from fhirclient.models.bundle import Bundle
from fhirclient.models.location import Location
from fhirclient.models.patient import Patient
from fhirclient.models.practitioner import Practitioner

from solver.clinic import Clinic
from solver.errors import FileFaults
from solver.io.files import load_scenario, load_schedule
from solver.io.out import Readers, Subject
from solver.ledger import Ledger
from tests.builders import Json, clinic, meeting, section, therapist, visit, week
from tests.builders import patient as a_patient
from tests.cli.running import EVENING, ROOT
from tests.io import eventful
from tests.io.told import OPEN, patient, readers, written


def bundle(told: Readers, whom: Subject | None = None, **how: Any) -> Bundle:
    """The bundle as the other library reads it, strictly."""
    return Bundle(json.loads(written(told, "fhir", whom, **how)), strict=True)


def of_type(found: Bundle, kind: type) -> list[Any]:
    return [entry.resource for entry in found.entry if isinstance(entry.resource, kind)]


def people(found: Bundle, appointment: Any) -> dict[str, tuple[str, str | None]]:
    """Names of those who take part, with status and how, by what they refer to."""
    names = {e.fullUrl: e.resource for e in found.entry}
    out = {}
    for part in appointment.participant:
        resource = names[part.actor.reference]
        name = resource.name if isinstance(resource, Location) else resource.name[0].text
        assert part.actor.display == name
        out[name] = (part.status, part.type[0].text if part.type else None)
    return out


def test_a_group_is_one_appointment_with_many_participants() -> None:
    found = bundle(readers())
    assert found.type == "collection"
    appointments = {a.identifier[0].value: a for a in of_type(found, Appointment)}
    assert len(appointments) == 6
    monday = appointments["section s1 1"]
    assert (monday.status, monday.minutesDuration) == ("booked", 60)
    assert monday.start.isostring == "2026-01-05T09:00:00-06:00"
    assert monday.description == "Coping <Skills> & more"
    assert monday.comment == "Катя for -Bob"
    assert people(found, monday) == {
        "Ann O'Neill": ("accepted", None),
        "Катя": ("accepted", None),
        eventful.MARKUP: ("accepted", "in person"),
        eventful.FORMULA: ("accepted", "in person"),
        eventful.LAUGHING: ("accepted", "in person"),
        "Smith, Jo BEGIN:VEVENT\\n;x": ("declined", "in person"),
        "big": ("accepted", None),
    }
    assert appointments["section s1 2"].status == "cancelled"
    hybrid = people(found, appointments["section s2 1"])
    assert hybrid[eventful.ARABIC][1] == "in person"
    assert hybrid[eventful.CHINESE][1] == "by video"
    online = people(found, appointments["section s3 1"])
    assert "big" not in online
    assert online[eventful.LONG] == ("accepted", "by video")


def test_every_person_and_room_stands_in_the_bundle_once() -> None:
    found = bundle(readers())
    ids = {kind: [r.id for r in of_type(found, kind)] for kind in (Patient, Practitioner, Location)}
    assert sorted(ids[Patient]) == sorted(eventful.NAMES)
    assert sorted(ids[Practitioner]) == ["ann", "bob", "cat"]
    assert ids[Location] == ["big"]
    assert len({entry.fullUrl for entry in found.entry}) == len(found.entry)


def test_ids_that_fhir_does_not_allow_stand_in_identifiers() -> None:
    who = eventful.HOSTILE_ID
    scenario = clinic(
        timezone="America/Chicago", patients=[a_patient(who)], therapists=[therapist("a b")]
    )
    found = bundle(readers(scenario, week(visit(who, "a b"))))
    (one,), (other,) = of_type(found, Patient), of_type(found, Practitioner)
    assert (one.identifier[0].value, other.identifier[0].value) == (who, "a b")
    assert all(re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", r.id) for r in (one, other))


def test_ids_stay_when_a_session_moves_and_a_dropped_one_is_cancelled() -> None:
    scenario = clinic(timezone="Europe/Berlin")
    first = week(section(["pat"]), visit("sam", "bob"))
    then = week(section(["pat"], meeting("thu", "11:00", "small")))
    before = {a.id: a for a in of_type(bundle(readers(scenario, first)), Appointment)}
    told = readers(scenario, then, previous=first)
    after = {a.id: a for a in of_type(bundle(told), Appointment)}
    assert before.keys() == after.keys()
    assert {a.description: a.status for a in after.values()} == {
        "cbt": "booked",
        "solo": "cancelled",
    }


def test_a_bundle_for_a_patient_says_no_more_than_their_calendar() -> None:
    (only,) = of_type(bundle(readers(), patient("wang")), Appointment)
    assert only.description == "Appointment"
    assert only.serviceType is None
    assert [p.actor.display for p in only.participant] == [eventful.CHINESE]
    (named,) = of_type(bundle(readers(wording=OPEN), patient("wang")), Appointment)
    assert named.serviceType[0].text == "talk"
    assert [p.actor.display for p in named.participant] == ["Ann O'Neill", eventful.CHINESE]


def test_a_door_names_a_place_at_least() -> None:
    found = bundle(readers(), Subject("room", "by video"))
    assert all(a.participant for a in of_type(found, Appointment))
    assert not of_type(found, Patient)


def test_what_fhir_needs_and_the_scenario_lacks() -> None:
    with pytest.raises(FileFaults, match=r"^timezone: missing; FHIR's times need it"):
        bundle(readers(clinic(), week()))


def test_an_empty_week_is_a_bundle_too() -> None:
    assert not bundle(readers(clinic(timezone="UTC"), week())).entry


def test_a_bundled_clinic() -> None:
    scenario = load_scenario(EVENING)[0]
    solved = ROOT / "scenarios" / "solved" / "matrix-evening.schedule.json"
    schedule = load_schedule(solved, scenario)
    here = Clinic(scenario)
    found = bundle(Readers(here, schedule))
    meetings = sum(len(s.meetings) for s in schedule.sections)
    appointments = of_type(found, Appointment)
    assert len(appointments) == meetings + len(schedule.appointments)
    sittings = Ledger(here, schedule).sittings.values()
    parts = [part.type[0].text for a in appointments for part in a.participant if part.type]
    assert parts.count("in person") == sum(map(len, sittings))


def test_only_fields_of_r4_are_written() -> None:
    document: Json = json.loads(written(readers(), "fhir", None))
    seen = {key for e in document["entry"] for key in e["resource"]}
    assert seen <= {
        "resourceType", "id", "identifier", "active", "name", "status", "description", "start", "end",
        "minutesDuration", "participant", "serviceCategory", "serviceType", "comment",
    }  # fmt: skip
