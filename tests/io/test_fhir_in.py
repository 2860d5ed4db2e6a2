"""FHIR R4 in: what bundles carry of a week, what they do not, and what is wrong with them."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from solver.errors import ScenarioError
from solver.io.fhir_in import Draft, read_fhir
from solver.io.out.fhir import bundle as fhir_out
from solver.io.out.readers import Readers
from solver.io.tables.writing import partly_filled
from solver.validation import read_scenario
from tests import builders
from tests.io.fhir_bundles import (
    MONDAY,
    Json,
    appointment,
    bundle,
    clinic,
    concept,
    draft,
    listed,
    location,
    name,
    patient,
    practitioner,
    qualified,
    reference,
    resource,
    role,
    sessions,
)


@pytest.fixture(scope="module")
def lakeside() -> Draft:
    return draft(*clinic())


# ---------------------------------------------------------------- what is carried


def test_the_clinic_its_week_and_its_hours(lakeside: Draft) -> None:
    assert lakeside.tree["name"] == "Lakeside Clinic"
    assert lakeside.tree["week_start"] == "2026-01-05"
    assert lakeside.tree["opening_hours"] == [
        {"days": ["mon", "tue", "wed", "thu"], "start": "09:00", "end": "20:00"},
        {"days": ["fri"], "start": "09:00", "end": "13:00"},
    ]
    assert [room["id"] for room in lakeside.tree["rooms"]] == ["oak", "elm"]  # type: ignore[attr-defined]


def test_therapists_with_credentials_languages_and_hours(lakeside: Draft) -> None:
    eve = listed(lakeside, "therapists", "eve")
    assert eve["name"] == "Dana Eve"
    assert eve["credentials"] == [{"id": "LCSW", "expires": "2026-06-30"}, "CADC"]
    assert eve["languages"] == ["en", "es"]
    assert eve["availability"] == [
        {"days": ["mon", "wed"], "start": "09:00", "end": "17:00"},
        {"days": ["tue"], "start": "12:00", "end": "17:00"},  # at the dentist's until noon
    ]
    assert listed(lakeside, "therapists", "max")["availability"] == [
        {"days": ["mon"], "start": "09:00", "end": "12:00"},
        {"days": ["wed"], "start": "10:00", "end": "11:00"},  # busy with a session of the files
    ]


def test_patients_without_those_who_died(lakeside: Draft) -> None:
    assert lakeside.tree["patients"] == [
        {"id": "ana", "name": "Kim Ana", "gender": "female", "languages": ["en"]},
        {"id": "ben", "name": "Kim Ben"},
        {"id": "cora", "name": "Kim Cora"},
    ]


def test_last_week_with_sections_absences_and_appointments(lakeside: Draft) -> None:
    base: Any = lakeside.tree["baseline"]
    assert base["week_start"] == "2026-01-05"
    assert base["sections"] == [
        {
            "id": "coping-skills-1",
            "group": "coping-skills",
            "leaders": ["eve"],
            "meetings": [
                {"day": "mon", "start": "09:00", "room": "oak"},
                {"day": "wed", "start": "09:00", "room": "oak"},
            ],
            "members": ["ana", "ben", "cora"],
            "absences": [{"patient": "cora", "day": "mon"}],
        }
    ]
    assert [(a["id"], a["day"], a["start"], a["room"]) for a in base["appointments"]] == [
        ("i-1", "wed", "10:00", "elm"),
        ("i-2", "thu", "15:00", None),
        ("f-1", "thu", "16:00", "elm"),
    ]
    assert lakeside.tree["groups"] == [
        {
            "id": "coping-skills", "name": "Coping skills", "service": "cbt-group", "minutes": 90,
            "size": {}, "leaders": [{}], "meetings_per_week": 2,
        }
    ]  # fmt: skip
    formats = {s["id"]: (s["format"], s.get("remote")) for s in lakeside.tree["services"]}  # type: ignore[attr-defined]
    assert formats == {
        "cbt-group": ("group", None),
        "individual-therapy": ("individual", True),
        "family-session": ("family", None),
    }


def test_what_was_left_out_is_said(lakeside: Draft) -> None:
    assert [str(notice) for notice in lakeside.notices] == [
        "Practitioner: 1 left out: each an inactive practitioner",
        "Patient: 1 left out: each an inactive patient",
        "Location: 1 left out: each inactive, or a kind of place",
        "Appointment: 1 left out: its status is cancelled",
        "Appointment: 1 left out: its patients are inactive, or not in the files",
        "Observation: 1 left out: no week needs them",
    ]


# ---------------------------------------------------------------- what has to be added by hand


def completed(found: Draft) -> Json:
    """The draft after somebody added what is needed, and nothing else."""
    tree: Json = copy.deepcopy(found.tree)
    tree["programs"] = [builders.program(quotas=[]) | {"id": "iop"}]
    for item in (item for item in found.to_add if item.is_needed):
        if item.sheet == "Opening hours":
            tree["opening_hours"] = builders.ALWAYS
        if item.sheet == "Settings":
            key = item.column.lower().replace(" ", "_")
            tree[key] = {"name": "Ours", "week_start": "2026-01-05"}[key]
        entries = tree.get(item.sheet.lower(), ()) if item.column else ()
        for entry in (entry for entry in entries if entry["id"] in item.entries):
            match item.column:
                case "Capacity":
                    entry["capacity"] = 8
                case "Size max":
                    entry["size"]["max"] = 8
                case "Program":
                    entry["program"] = "iop"
                case "Name":
                    entry["name"] = "somebody"
    return tree


@pytest.mark.parametrize(
    "resources",
    [
        clinic(),
        (),
        (resource("Patient", "x"), resource("Practitioner", "y"), resource("Location", "z")),
    ],
    ids=["clinic", "nothing", "bare"],
)
def test_with_what_is_needed_the_draft_is_a_scenario(resources: tuple[Json, ...]) -> None:
    found = draft(*resources)
    with pytest.raises(ScenarioError):
        read_scenario(found.tree if resources else {**found.tree, "name": None})
    scenario, _ = read_scenario(completed(found))
    assert [p.id for p in scenario.patients] == [p["id"] for p in found.tree["patients"]]  # type: ignore[attr-defined]
    assert partly_filled(found.tree)["programs",] == []


def test_the_list_names_what_is_needed_and_for_whom(lakeside: Draft) -> None:
    needed = [(i.sheet, i.column, i.entries) for i in lakeside.to_add if i.is_needed]
    assert needed == [
        ("Programs", "", ()),
        ("Program quotas", "", ()),
        ("Rooms", "Capacity", ("oak", "elm")),
        ("Groups", "Size max", ("coping-skills",)),
        ("Patients", "Program", ("ana", "ben", "cora")),
    ]
    worth = [(i.sheet, i.column) for i in lakeside.to_add if not i.is_needed]
    assert ("Commitments", "") in worth
    assert ("Patients", "Availability") in worth


# ---------------------------------------------------------------- people and sessions


def test_names_and_ids() -> None:
    ours = [{"system": "http://hl7.org/fhir/sid/us-ssn", "value": "123-45-6789"}, {"value": "p07"}]
    found = draft(
        patient("1", identifier=ours)
        | {"name": [name("Old", use="old"), {"text": "  Kim\n Lee "}]},
        patient("2", identifier=ours[:1]) | {"name": []},
    )
    assert found.tree["patients"] == [{"id": "p07", "name": "Kim Lee"}, {"id": "2"}]
    assert [i.entries for i in found.to_add if (i.sheet, i.column) == ("Patients", "Name")] == [
        ("2",)
    ]


def test_credentials_that_overlap_and_that_begin_later() -> None:
    later = {"code": concept("NEW"), "period": {"start": "2026-03"}}
    found = draft(
        practitioner(
            "a",
            qualified("MD", "2026-01"),
            qualified("MD", "2027"),
            later,
            {"code": {"text": "Peer"}},
        ),
        week=MONDAY,
    )
    assert listed(found, "therapists", "a")["credentials"] == [
        {"id": "MD", "expires": "2027-12-31"}, "Peer",
    ]  # fmt: skip


def test_rooms_are_told_from_the_clinic_by_what_lies_inside() -> None:
    plain = [resource("Location", key, name=key) for key in ("house", "den")]
    plain[1]["partOf"] = reference("Location/house")
    found = draft(*plain, location("ward", "wa"))
    assert [room["id"] for room in found.tree["rooms"]] == ["den"]  # type: ignore[attr-defined]
    assert "name" not in found.tree  # two places might be the clinic


def test_sections_side_by_side_and_appointments_that_are_none() -> None:
    people = [practitioner("eve"), practitioner("max"), patient("a"), patient("b")]
    group = {"serviceCategory": [{"text": "Group"}], "serviceType": [concept("g", "Skills")]}
    when = ("2026-01-05", "09:00", "10:00")
    both = ("Patient/a", "Patient/b")
    found = draft(
        *people,
        role("max"),
        appointment("1", *when, "Practitioner/eve", *both, **group),
        appointment("2", *when, "PractitionerRole/role-max", "Patient/a video", **group),
        appointment("3", *when, "Practitioner/eve", *both, serviceCategory=[{"text": "Family"}]),
        appointment("4", *when, "Practitioner/eve"),
        appointment("5", "2026-01-05", "10:00", "09:00", "Practitioner/eve", "Patient/a"),
        appointment("6", *when, "Practitioner/eve", "Patient/a declined"),
        {
            k: v
            for k, v in appointment("7", *when, "Practitioner/eve", "Patient/a").items()
            if k != "start"
        },
    )
    base: Any = found.tree["baseline"]
    assert [(s["id"], s["leaders"]) for s in base["sections"]] == [
        ("skills-1", ["eve"]), ("skills-2", ["max"]),
    ]  # fmt: skip
    group_entry = listed(found, "groups", "skills")
    assert (group_entry["max_sections"], group_entry["modality"]) == (2, "hybrid")
    assert base["appointments"] == []
    assert sorted(str(n) for n in found.notices) == [
        "Appointment: 1 left out: it ends before it starts, or on another day",
        "Appointment: 1 left out: it has no patient, or nobody who gives it",
        "Appointment: 1 left out: it has no start, or neither end nor length",
        "Appointment: 2 left out: somebody declined it, or several patients share what is no group",
    ]


def test_what_this_program_writes_comes_back() -> None:
    plain = builders.clinic(
        timezone="America/Chicago",
        services=[builders.talk(), builders.solo(remote=True), builders.kin()],
        groups=[builders.group(meetings_per_week=2, leaders=[{}, {}]) | {"name": "Coping"}],
        patients=[builders.patient(n) | {"name": f"N. {n}"} for n in ("pat", "sam")],
    )
    twice = (builders.meeting("mon", "09:00"), builders.meeting("wed", "09:00"))
    schedule_of_it = builders.week(
        builders.section(["pat", "sam"], *twice, leaders=["ann", "bob"]),
        builders.visit("sam", "bob", "mon", "11:00"),
        builders.visit("pat", "ann", "tue", "10:00", None, name="b", remote=True),
    )
    here = builders.read(plain)
    readers = Readers(here, builders.plan(schedule_of_it, here))
    written = fhir_out(readers, None, now=datetime(2026, 1, 2, tzinfo=UTC))
    from solver.io.files import parse_json  # noqa: PLC0415 - here only

    found = read_fhir([("week.json", parse_json(written))])
    base: Any = found.tree["baseline"]
    (section,) = base["sections"]
    assert (section["leaders"], section["members"]) == (["ann", "bob"], ["pat", "sam"])
    assert section["meetings"] == [
        {"day": "mon", "start": "09:00", "room": "big"},
        {"day": "wed", "start": "09:00", "room": "big"},
    ]
    facts = ("patient", "therapist", "day", "start", "room", "remote")
    assert [tuple(a.get(fact) for fact in facts) for a in base["appointments"]] == [
        ("sam", "bob", "mon", "11:00", "small", None),
        ("pat", "ann", "tue", "10:00", None, True),
    ]
    assert [p["name"] for p in found.tree["patients"]] == ["N. pat", "N. sam"]  # type: ignore[attr-defined]


def test_several_files_and_the_same_person_twice() -> None:
    files = [
        ("a.json", bundle(patient("ana"), practitioner("eve"))),
        ("b.json", patient("ana", gender="female")),
        ("c.json", {"resourceType": "Bundle", "entry": [{"resource": bundle(*sessions())}, {}, 3]}),
    ]
    found = read_fhir(files)
    assert found.tree["patients"] == [{"id": "ana", "name": "Kim Ana", "gender": "female"}]
    assert len(found.tree["baseline"]["appointments"]) == 0  # type: ignore[index]
    assert len(found.tree["baseline"]["sections"]) == 1  # type: ignore[index]
