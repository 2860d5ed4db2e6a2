"""Who reads what, in every format: patients' names and services reach nobody who need not know."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

import pytest

from solver.clinic import Clinic
from solver.io.files import load_scenario, load_schedule
from solver.io.out import FORMATS, Format, Readers, Subject, Wording
from solver.io.out.names import familiar, initials, shortened
from solver.io.out.readers import Entry
from solver.report import Named
from tests.builders import (
    before,
    clinic,
    group,
    meeting,
    section,
    visit,
    week,
)
from tests.cli.running import EVENING, ROOT
from tests.io import eventful
from tests.io.told import OPEN, PRIVATE, patient, readers, text_of, therapist, written

PLAIN_NAMES = {
    "pat": "Patrick Quill",
    "sam": "Samuel Ross",
    "kim": "Kimberly Stone",
    "zoe": "Zoe Tanner",
    "ali": "Ali Umar",
    "wang": "Wang Vu",
    "max": "Maxine West",
    "ada": "Ada Young",
}
SERVICES = ("Coping", "Mixed", "Far, away", "kin", "solo", "talk", "cbt")


def plain_week(wording: Any = None) -> Readers:
    """The eventful week among people whose names can be searched for."""
    scenario = eventful.scenario(
        patients=[{"id": p, "name": n, "program": "iop"} for p, n in PLAIN_NAMES.items()]
    )
    for entry, name in zip(
        scenario["therapists"], ("Ann Neill", "Bob Oaks", "Cat Pine"), strict=True
    ):
        entry["name"] = name
    return readers(scenario, **({"wording": wording} if wording else {}))


def found(text: str, words: Any) -> list[str]:
    return [word for word in words if word in text or escape(word) in text]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("wording", [None, OPEN], ids=["sparing", "open"])
def test_a_patient_reads_of_nobody_else(form: Format, wording: Any) -> None:
    told = plain_week(wording)
    for own in ("pat", "kim", "wang"):
        text = text_of(written(told, form, patient(own)), form)
        others = [n for p, n in PLAIN_NAMES.items() if p != own]
        assert not found(text, others)
        assert not found(text, [n.split()[1] for n in others])


@pytest.mark.parametrize("form", FORMATS)
def test_a_patient_reads_appointment_unless_services_are_to_be_named(form: Format) -> None:
    staff = ("Ann Neill", "Bob Oaks", "Cat Pine")
    text = text_of(written(plain_week(), form, patient("pat")), form)
    assert "Appointment" in text
    assert not found(text, (*SERVICES, *staff, "tiny", "Group", "Family"))
    named = text_of(written(plain_week(OPEN), form, patient("pat")), form)
    assert found(named, ("Coping", "kin", *staff)) == ["Coping", "kin", *staff]


@pytest.mark.parametrize("form", FORMATS)
def test_a_therapist_reads_initials_unless_full_names_are_to_be_named(form: Format) -> None:
    text = text_of(written(plain_week(), form, therapist("ann")), form)
    assert not found(text, [part for n in PLAIN_NAMES.values() for part in n.split()])
    assert not found(text, [f'"{p}"' for p in PLAIN_NAMES])
    shown = text.replace("\N{NO-BREAK SPACE}", " ")
    assert "P. Q." in shown
    named = text_of(written(plain_week(OPEN), form, therapist("ann")), form)
    assert "Patrick Quill" in named.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("form", FORMATS)
def test_on_a_door_stand_no_patients_and_no_kind_of_appointment(form: Format) -> None:
    text = text_of(written(plain_week(OPEN), form, Subject("room", "big")), form)
    assert not found(text, [part for n in PLAIN_NAMES.values() for part in n.split()])
    assert found(text, ("Coping", "Appointment", "kin")) == ["Coping", "Appointment"]


@pytest.mark.parametrize("wording", [PRIVATE, OPEN])
def test_on_a_door_stand_initials_where_they_are_asked_for(wording: Wording) -> None:
    told = plain_week(replace(wording, door_initials=True))
    text = text_of(written(told, "html", Subject("room", "big")), "html")
    assert not found(text, [part for n in PLAIN_NAMES.values() for part in n.split()])
    assert [
        short for n in PLAIN_NAMES.values() if (short := initials(n)) in text.replace("\xa0", " ")
    ]
    assert found(text, ("Coping", "Appointment", "kin")) == ["Coping", "Appointment"]


@pytest.mark.parametrize("form", ["xlsx", "csv", "fhir"])
def test_the_clinics_own_record_has_all_names(form: Format) -> None:
    text = text_of(written(plain_week(), form, None), form)
    assert found(text, PLAIN_NAMES.values()) == list(PLAIN_NAMES.values())


def test_no_patient_of_a_bundled_clinic_reads_of_another() -> None:
    scenario = load_scenario(EVENING)[0]
    solved = ROOT / "scenarios" / "solved" / "matrix-evening.schedule.json"
    told = Readers(Clinic(scenario), load_schedule(solved, scenario), OPEN)
    for own in scenario.patients:
        text = "".join(
            text_of(written(told, form, patient(own.id)), form) for form in ("ics", "html", "csv")
        )
        assert own.name in text.replace("&#x27;", "'")
        assert not found(text, [p.name for p in scenario.patients if p.id != own.id])


# -- one entry ------------------------------------------------------------------------------------


def entries(told: Readers, subject: Subject) -> dict[str, Entry]:
    return {entry.key: entry for entry in told.week(subject)}


def test_what_is_off_for_whom() -> None:
    told = plain_week()
    monday, wednesday = "section s1 1", "section s1 2"
    off = {
        (subject.id, key): entries(told, subject)[key].off
        for subject in (patient("pat"), patient("kim"), therapist("ann"), therapist("bob"))
        for key in (monday, wednesday)
    }
    assert {place for place, why in off.items() if why == "Cancelled"} == {
        (who, wednesday) for who in ("pat", "kim", "ann", "bob")
    }
    assert off["kim", monday] == "Excused"
    assert off["bob", monday] == "Covered"
    assert off["pat", monday] == off["ann", monday] == ""


def test_substitutes_are_named_to_who_may_know() -> None:
    told = plain_week()
    monday = "section s1 1"
    for subject in (therapist("bob"), therapist("cat"), Subject("room", "big")):
        assert entries(told, subject)[monday].substitutes == "Cat Pine for Bob Oaks"
    assert entries(told, therapist("bob"))[monday].call_out == "Covered: Cat Pine for Bob Oaks"
    assert entries(told, patient("pat"))[monday].call_out == ""


def test_who_joins_by_video_goes_to_no_room() -> None:
    told = plain_week()
    places = {p: entries(told, patient(p))["section s2 1"].session for p in ("ali", "wang")}
    assert (places["ali"].place, places["ali"].room) == ("big", "big")
    assert (places["wang"].place, places["wang"].room) == ("by video", None)


def test_what_the_previous_schedule_had_is_cancelled() -> None:
    scenario = clinic(groups=[group(meetings_per_week=2, max_sections=2)])
    earlier = week(
        section(["pat", "sam"], meeting("mon", "09:00"), meeting("wed", "09:00")),
        visit("sam", "bob", "mon", "11:00"),
    )
    now = week(
        section(["pat"], meeting("tue", "09:00"), meeting("thu", "09:00")),
        section(["sam"], meeting("mon", "09:00"), meeting("wed", "09:00"), name="t"),
    )
    told = readers(scenario, now, previous=earlier)
    pat, sam = entries(told, patient("pat")), entries(told, patient("sam"))
    assert [(e.session.day, e.off) for e in pat.values()] == [(1, ""), (3, "")]
    assert {key: e.off for key, e in sam.items()} == {
        "section s 1": "Cancelled",
        "section s 2": "Cancelled",
        "appointment a 1": "Cancelled",
        "section t 1": "",
        "section t 2": "",
    }
    assert {k: e.off for k, e in entries(told, therapist("bob")).items()} == {
        "appointment a 1": "Cancelled"
    }


def test_a_previous_schedule_may_name_who_is_gone() -> None:
    earlier = week(
        section(["pat", "old"], leaders=["gone"]), visit("old"), visit(of="past", name="b")
    )
    told = readers(clinic(), week(section(["pat"])))
    schedule = told.schedule.model_validate(earlier)
    told = Readers(told.clinic, told.schedule, previous=schedule)
    assert {e.key for e in told.everything()} == {"section s 1"}


# -- names ----------------------------------------------------------------------------------------


def test_short_names() -> None:
    names = [
        "Ben Torres",
        "Torres, Ben",
        "Mei-Ling Zhao",
        "josé",
        "",
        "—",
        "李 小龍",
        "😀 Zoë Ł",
        "A, ",
    ]
    assert [initials(n) for n in names] == [
        "B. T.", "T. B.", "M. L. Z.", "J.", "–", "–", "李. 小.", "Z. Ł.", "A.",
    ]  # fmt: skip
    assert [familiar(n) for n in names] == [
        "Ben T.", "Ben T.", "Mei-Ling Z.", "josé", "–", "–", "李 小.", "Zoë Ł.", "A",
    ]  # fmt: skip


def test_people_with_the_same_initials_are_told_apart_and_their_ids_are_gone() -> None:
    people = [Named("ben-torres", "Ben Torres"), Named("bea", "Bea Tate"), Named("al", "Al")]
    short = shortened(people, initials)
    assert [p.name for p in short.values()] == ["B. T. 1", "B. T. 2", "A."]
    assert all(p.id == p.name for p in short.values())


def test_a_name_that_says_nothing_gives_way_to_the_id() -> None:
    told = readers(clinic(patients=[{"id": "pat", "name": " \n", "program": "iop"}]), week(visit()))
    (entry,) = told.everything()
    assert [p.name for p in entry.session.members] == ["pat"]


def test_a_baseline_is_no_previous_schedule() -> None:
    told = readers(clinic(baseline=before(visit())), week())
    assert told.everything() == ()
