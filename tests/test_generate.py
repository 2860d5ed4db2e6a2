"""Synthetic clinics: they load, repeat, meet their load, use the whole form, can be served."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from solver import scenario as form
from solver.clinic import Clinic
from solver.demand import demand_over_supply
from solver.generate import generate
from solver.notices import notices
from solver.scenario import Scenario
from solver.screening import screening_of
from solver.timegrid import bits
from solver.validation import read_scenario

Json = dict[str, Any]


def _clinic(patients: int, seed: int, load: float = 1.0) -> Clinic:
    return Clinic(Scenario.model_validate(generate(patients, seed, load)))


@pytest.fixture(scope="module")
def sixty() -> Clinic:
    return _clinic(60, 1)


# -- form ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patients", "seed"),
    [(1, 0), (2, 1), (3, 0), (7, 1), (12, 0), (12, 1), (24, 0), (47, 2), (60, 3)],
)
def test_loads_without_a_fault_or_a_notice(patients: int, seed: int) -> None:
    scenario, said = read_scenario(json.loads(json.dumps(generate(patients, seed))))
    assert said == []
    assert notices(Clinic(scenario)) == []
    assert len(scenario.patients) == patients


def test_same_arguments_give_the_same_bytes() -> None:
    first, again = json.dumps(generate(36, 5, 1.1)), json.dumps(generate(36, 5, 1.1))
    assert first == again
    assert first != json.dumps(generate(36, 6, 1.1))


def test_load_changes_supply_and_nobodys_needs() -> None:
    easy, hard = generate(36, 5, 0.8), generate(36, 5, 1.2)
    assert easy["patients"] == hard["patients"]
    assert easy["programs"] == hard["programs"]
    assert easy["therapists"] != hard["therapists"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1), "1 to 1000"),
        ((1001, 1), "1 to 1000"),
        ((12, -1), "seed -1"),
        ((12, 1, 0.0), "load 0.0"),
        ((12, 1, float("nan")), "load nan"),
    ],
)
def test_refuses_what_is_no_clinic(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        generate(*arguments)


def _used(entry: BaseModel) -> Iterator[tuple[str, str]]:
    """(class, field) of everything stated and not empty in an entry and what it holds."""
    for name in entry.model_fields_set:
        value = getattr(entry, name)
        if value is None or value in ((), {}):
            continue
        yield type(entry).__name__, name
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, BaseModel):
                yield from _used(part)


def test_a_clinic_of_sixty_uses_every_field_of_the_form(sixty: Clinic) -> None:
    entries = [
        entry
        for entry in vars(form).values()
        if isinstance(entry, type)
        and issubclass(entry, form.Entry)
        and entry not in (form.Entry, form.Requirements, form.Lock, form.Schedule)
    ]
    every = {(entry.__name__, field) for entry in entries for field in entry.model_fields}
    # A strict goal would leave some weeks of a baseline without any schedule; it is stated, empty.
    unused = {("Scenario", "baseline"), ("Scenario", "locks"), ("Policy", "strict")}
    assert every - set(_used(sixty.scenario)) == unused
    assert "strict" in sixty.scenario.policy.model_fields_set
    modalities = {group.modality for group in sixty.scenario.groups}
    assert modalities == {"in_person", "telehealth", "hybrid", "offsite"}


# -- load ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("load", [0.8, 1.0, 1.2])
@pytest.mark.parametrize(("patients", "seed"), [(12, 1), (17, 2), (30, 3), (60, 1)])
def test_care_asked_over_supply_is_the_load(patients: int, seed: int, load: float) -> None:
    _assert_load(patients, seed, load)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("patients", "seed", "load"),
    [(120, 2, 0.8), (120, 2, 1.2), (240, 3, 0.8), (240, 3, 1.2), (480, 4, 0.8), (480, 4, 1.2)],
)
def test_care_asked_over_supply_is_the_load_of_large_clinics(
    patients: int, seed: int, load: float
) -> None:
    _assert_load(patients, seed, load)


def _assert_load(patients: int, seed: int, load: float) -> None:
    demand = demand_over_supply(_clinic(patients, seed, load))
    assert demand["binding"] == "therapist_hours"
    assert demand["ratio"] == pytest.approx(load, abs=0.05)


def _tiny() -> Json:
    """Two active patients and one waiting; one therapist for two hours; one room of 8 hours."""
    all_day = [{"days": ["mon"], "start": "09:00", "end": "17:00"}]
    return {
        "schema_version": 1,
        "name": "tiny",
        "week_start": "2026-01-05",
        "grid_minutes": 15,
        "opening_hours": all_day,
        "services": [
            {"id": "process", "name": "Process", "format": "group", "minutes": 50},
            {"id": "individual", "name": "Individual", "format": "individual", "minutes": 50},
        ],
        "programs": [
            {
                "id": "iop",
                "name": "IOP",
                "minutes_per_week": {"min": 150},
                "days_per_week": {},
                "quotas": [{"service": "process", "min": 1}, {"service": "individual", "min": 1}],
            }
        ],
        "rooms": [{"id": "oak", "name": "Oak", "capacity": 8}],
        "therapists": [
            {
                "id": "eve",
                "name": "Eve",
                "credentials": ["lcsw"],
                "availability": [{"days": ["mon", "tue"], "start": "09:00", "end": "12:00"}],
                "max_minutes_per_day": 120,
            }
        ],
        "groups": [
            {
                "id": "am",
                "name": "Morning",
                "service": "process",
                "minutes": 50,
                "size": {"min": 1, "max": 4},
                "leaders": [{"credentials": ["lcsw"]}],
                "meetings_per_week": 1,
                "start_times": ["09:00", "10:00", "11:30"],
                "max_sections": 5,
            }
        ],
        "patients": [
            {"id": "ana", "name": "Ana", "program": "iop"},
            {"id": "ben", "name": "Ben", "program": "iop", "minutes_per_week": {"min": 50}},
            {"id": "cas", "name": "Cas", "program": "iop", "status": "waitlist"},
        ],
    }


def test_demand_over_supply_of_a_week_counted_by_hand() -> None:
    demand = demand_over_supply(Clinic(Scenario.model_validate(_tiny())))
    # A 50-minute session holds an hour; a seat in a full group is a quarter of its leader's hour.
    # Ana: one group and one individual session, 100 of 150 minutes, so a seat more. Ben: one each.
    assert demand["care"] == {
        "group": {"sessions": 3.0, "hours": 2.5},
        "individual": {"sessions": 2.0, "hours": 1.67},
        "family": {"sessions": 0.0, "hours": 0.0},
    }
    # Eve has three open hours on Monday, two of them by her daily limit; Tuesday is shut.
    assert demand["therapist_hours"] == {"asked": 2.75, "available": 2.0, "ratio": 1.375}
    # Sections at 9 and at 10; at 11:30 the hour would last beyond Eve's noon. Four seats each.
    assert demand["group_seats"] == {"asked": 3, "available": 8, "ratio": 0.375}
    # Rooms: 9 to 11 and 11:30 to 12:30 can hold a group.
    assert demand["group_room_hours"] == {"asked": 0.75, "available": 3.0, "ratio": 0.25}
    assert demand["room_hours"] == {"asked": 2.75, "available": 8.0, "ratio": 0.3438}
    assert (demand["binding"], demand["ratio"]) == ("therapist_hours", 1.375)


def test_care_by_video_asks_for_no_room() -> None:
    week = _tiny()
    week["services"][1]["remote"] = True
    week["patients"][1]["attends"] = "in_person"
    demand = demand_over_supply(Clinic(Scenario.model_validate(week)))
    assert demand["room_hours"]["asked"] == 1.75


def test_care_of_which_there_is_nothing_has_no_ratio() -> None:
    week = _tiny()
    week["groups"][0]["leaders"] = [{"credentials": ["psyd"]}]
    demand = demand_over_supply(Clinic(Scenario.model_validate(week)))
    assert demand["group_seats"]["available"] == 0
    assert (demand["binding"], demand["ratio"]) == ("group_seats", None)


# -- sense --------------------------------------------------------------------------------------


def _sections(clinic: Clinic, patient: str, service: str, least: int) -> list[tuple[int, int]]:
    """(cells a patient attends, cells of all meetings) of the sections that would serve a quota."""
    screen, stay = screening_of(clinic), clinic.stay[patient]
    out = []
    for group in clinic.scenario.groups:
        modes = screen.seat_modes(patient, group.id) if group.service == service else ()
        for days in clinic.day_sets[group.id]:
            here = [d for d in days if d in stay]
            for start in range(0, 24 * 60, clinic.grid.minutes):
                at = [clinic.grid.cell(d, start) for d in here]
                gathers = all(screen.gathering(group.id) >> c & 1 for c in at)
                if len(here) < least or not gathers:
                    continue
                if any(
                    all(screen.seat_starts(patient, group.id, m) >> c & 1 for c in at)
                    for m in modes
                ):
                    cells = sum(clinic.meeting_cells(group, d, start) for d in here)
                    out.append((cells, sum(clinic.meeting_cells(group, d, start) for d in days)))
    return out


def _visits(clinic: Clinic, patient: str, service: str) -> list[int]:
    """Cells of the appointments for which the patient and some therapist have time."""
    screen = screening_of(clinic)
    starts = 0
    for remote in (False, True):
        carers = screen.carers(patient, service)
        cared = [screen.care_starts(t, service, remote) for t in carers]
        for mask in cared:
            starts |= mask & screen.visit_starts(patient, service, remote)
    minutes = clinic.services[service].minutes
    return [clinic.occupied(*clinic.grid.clock_of(c), minutes) for c in bits(starts)]


def _could_be_served(clinic: Clinic, patient: str) -> bool:
    """Whether all quotas of a patient alone fit into their week, one section a service."""
    needs = clinic.needs[patient]
    tracks = list(clinic.track_hours.values()) if needs.single_track else [-1]
    wanted = {s: least for s, (least, _) in needs.quotas.items() if least}
    grouped = [s for s in wanted if clinic.services[s].format == "group"]
    seats = {s: _sections(clinic, patient, s, wanted[s]) for s in grouped}
    visits = {s: _visits(clinic, patient, s) for s in wanted if s not in seats}

    def fits(services: list[str], busy: int, track: int) -> bool:
        if not services:
            return True
        first, *others = services
        choices = (
            [mine for mine, whole in seats[first] if not whole & ~track]
            if first in seats
            else visits[first]
        )
        return any(not cells & busy and fits(others, busy | cells, track) for cells in choices)

    return any(fits([*seats, *visits], 0, track) for track in tracks)


@pytest.mark.parametrize(("patients", "seed"), [(1, 0), (12, 1), (30, 2)])
def test_everybody_alone_has_hours_for_their_program(patients: int, seed: int) -> None:
    clinic = _clinic(patients, seed)
    assert [p for p in clinic.patients if not _could_be_served(clinic, p)] == []


@pytest.mark.slow
def test_everybody_of_sixty_alone_has_hours_for_their_program(sixty: Clinic) -> None:
    assert [p for p in sixty.patients if not _could_be_served(sixty, p)] == []


def test_interns_have_a_supervisor_on_site_whenever_they_work(sixty: Clinic) -> None:
    interns = [t for t in sixty.scenario.therapists if t.supervised]
    watched = 0
    for t in sixty.scenario.therapists:
        watched |= sixty.on_site[t.id] if t.supervisor else 0
    assert interns
    assert all(not sixty.on_site[t.id] & ~watched for t in interns)


def test_primary_therapists_may_see_their_patients_and_have_room_for_them(sixty: Clinic) -> None:
    screen, caseloads = screening_of(sixty), dict.fromkeys(sixty.therapists, 0)
    for patient, primary in sixty.primary.items():
        if primary is not None:
            caseloads[primary] += 1
            assert primary in screen.carers(patient, "individual")
    for therapist, seen in caseloads.items():
        most = sixty.therapists[therapist].max_caseload
        assert seen <= (24 if most is None else most)


@pytest.mark.slow
def test_a_large_clinic_is_made_up_as_documented() -> None:
    people = generate(1000, 3)["patients"]

    def share(key: str, value: object) -> float:
        return sum(p.get(key) == value for p in people) / len(people)

    assert 0.05 <= share("status", "waitlist") <= 0.10
    assert sum(p["show_rate"] for p in people) / 1000 == pytest.approx(0.80, abs=0.02)
    assert share("program", "iop-mh") == pytest.approx(0.50, abs=0.08)
    assert share("gender", "female") == pytest.approx(0.47, abs=0.05)
    labels = {c["label"] for p in people for c in p.get("commitments", ())}
    assert labels >= {"day shift", "evening shift", "part time", "rotating", "school", "college"}
    assert labels >= {"child care", "court date", "medical appointment"}
