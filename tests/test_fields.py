"""No dead fields: each optional field that a rule or goal reads changes some tiny week.

A case is a scenario (or a scenario and a schedule), the place of one field in it, and a value. With
the value in that place the best week there is, or what is said of the schedule, is another.
The cases are held against the models, so a new field without a case is told.
"""

from __future__ import annotations

import copy
import inspect
from dataclasses import dataclass
from typing import Any

import pytest

import solver.scenario
import solver.schedule
from solver.checker import measure
from solver.fields import Entry
from tests.builders import (
    Json,
    before,
    broken,
    clinic,
    date,
    group,
    item,
    kin,
    meeting,
    patient,
    program,
    quota,
    read,
    room,
    section,
    solo,
    talk,
    therapist,
    values,
    visit,
    week,
    window,
)
from tests.solving import best

Place = tuple[str | int, ...]
TWO_DAYS = window("09:00", "10:30", "mon", "tue")
DUE = [quota("talk", 1, 1), quota("solo", 1, 1)]

READ_BY_NOBODY = {
    "Authorized.days",
    "Authorized.sessions",
    "Authorized.until",
    "Patient.authorized",
    "Patient.show_rate",
    "Program.per_diem",
    "Therapist.absence_rate",
    "Therapist.cost_per_hour",
    "Scenario.timezone",
}
"""What reports, what-ifs and calendars read; the specification says no rule or goal does."""
WORDS = {"Program.level", "Program.source", "Scenario.description", "Schedule.schema_version"}


def small(**facts: Any) -> Json:
    """pat is owed an hour of talk and half an hour of solo, and ann has room for both in a day."""
    plain = {
        "opening_hours": TWO_DAYS,
        "services": [talk(), solo()],
        "programs": [program(minutes_per_week={"min": 90}, quotas=DUE)],
        "therapists": [therapist("ann")],
        "patients": [patient("pat")],
    }
    return clinic(**(plain | facts))


def asking(
    *quotas: Json, pat: Json | None = None, groups: list[Json] | None = None, **program_facts: Any
) -> Json:
    """The same with another program, and facts about pat."""
    return small(
        programs=[program(quotas=list(quotas), **program_facts)],
        patients=[patient("pat", **(pat or {}))],
        groups=[group()] if groups is None else groups,
    )


def for_pat(**facts: Any) -> Json:
    return small(patients=[patient("pat", **facts)])


def for_ann(**facts: Any) -> Json:
    return small(therapists=[therapist("ann", **facts)])


def for_cbt(**facts: Any) -> Json:
    return small(groups=[group(**facts)])


def with_kit(quantity: int, **service_facts: Any) -> Json:
    return small(services=[talk(), solo(**service_facts)], equipment=[item("kit", quantity)])


def unwilling(**facts: Any) -> Json:
    """A week people live by, where it would be best to have none: only what is locked stays."""
    return small(
        policy={"tiers": [["burden"]]},
        baseline=before(section(["pat"]), visit(start="10:00")),
        **facts,
    )


TWO_GROUPS = [group("cbt", start_times=["09:00"]), group("art", start_times=["09:30"])]
TRACKS = [
    {"id": "early", "windows": window("09:00", "10:00")},
    {"id": "late", "windows": window("09:30", "10:30")},
]
SPLIT = {"sessions_per_day": {"max": 1}}

PAT, ANN, BIG = ("patients", 0), ("therapists", 0), ("rooms", 0)
CBT, IOP, SOLO = ("groups", 0), ("programs", 0), ("services", 1)

# field: (a scenario, where the field stands in it, a value that makes another week the best)
SOLVED: dict[str, tuple[Json, Place, Any]] = {
    "Scenario.grid_minutes": (small(grid_minutes=None), ("grid_minutes",), 60),
    "Scenario.closed_dates": (small(), ("closed_dates",), [date("mon"), date("tue")]),
    "Scenario.tracks": (
        small(
            tracks=[{"id": "all", "windows": window("09:00", "10:30")}],
            programs=[program(quotas=[quota("talk", 2)], single_track=True)],
            groups=TWO_GROUPS,
        ),
        ("tracks",),
        TRACKS,
    ),
    "Scenario.rooms": (small(rooms=[]), ("rooms",), [room("big", 4)]),
    "Scenario.equipment": (with_kit(0, equipment={"kit": 1}), ("equipment",), [item("kit", 1)]),
    "Scenario.therapists": (small(therapists=[]), ("therapists",), [therapist("ann")]),
    "Scenario.groups": (small(groups=[]), ("groups",), [group()]),
    "Scenario.patients": (small(patients=[]), ("patients",), [patient("pat")]),
    "Scenario.policy": (small(), ("policy",), {"tiers": [["burden"]]}),
    "Scenario.baseline": (small(), ("baseline",), before(section(["pat"], leaders=["gone"]))),
    "Scenario.locks": (unwilling(), ("locks",), [{"section": "s"}]),
    "Service.clinical_minutes": (small(), (*SOLO, "clinical_minutes"), 20),
    "Service.credentials": (small(), (*SOLO, "credentials"), ["md"]),
    "Service.room_features": (small(), (*SOLO, "room_features"), ["couch"]),
    "Service.party_size": (small(), (*SOLO, "party_size"), 9),
    "Service.remote": (for_pat(attends="remote"), (*SOLO, "remote"), True),
    "Service.equipment": (with_kit(0), (*SOLO, "equipment"), {"kit": 1}),
    "Program.minutes_per_week": (asking(*DUE), (*IOP, "minutes_per_week"), {"min": 300}),
    "Program.days_per_week": (small(), (*IOP, "days_per_week"), {"min": 1}),
    "Program.attended_day_minutes": (small(), (*IOP, "attended_day_minutes"), {"min": 240}),
    "Program.sessions_per_day": (small(), (*IOP, "sessions_per_day"), {"max": 1}),
    "Program.rolling_sessions": (small(), (*IOP, "rolling_sessions"), {"days": 2, "max": 1}),
    "Program.quotas": (asking(minutes_per_week={"min": 90}), (*IOP, "quotas"), DUE),
    "Program.max_gap_days": (
        asking(*DUE, **SPLIT) | {"opening_hours": window("09:00", "10:30", "mon", "wed")},
        (*IOP, "max_gap_days"),
        0,
    ),
    "Program.single_track": (
        small(tracks=TRACKS, programs=[program(quotas=[quota("talk", 2)])], groups=TWO_GROUPS),
        (*IOP, "single_track"),
        True,
    ),
    "Range.min": (asking(minutes_per_week={}), (*IOP, "minutes_per_week", "min"), 90),
    "Range.max": (asking(*DUE), (*IOP, "minutes_per_week", "max"), 60),
    "Rolling.days": (
        asking(*DUE, rolling_sessions={"days": 1, "max": 1}),
        (*IOP, "rolling_sessions", "days"),
        2,
    ),
    "Rolling.max": (
        asking(*DUE, rolling_sessions={"days": 2, "max": 2}),
        (*IOP, "rolling_sessions", "max"),
        1,
    ),
    "Quota.min": (asking({"service": "solo"}), (*IOP, "quotas", 0, "min"), 1),
    "Quota.max": (
        asking({"service": "solo"}, minutes_per_week={"min": 60}),
        (*IOP, "quotas", 0, "max"),
        1,
    ),
    "Room.features": (
        small(services=[talk(), solo(room_features=["couch"])]),
        (*BIG, "features"),
        ["couch"],
    ),
    "Room.availability": (small(rooms=[room("big", 4)]), (*BIG, "availability"), []),
    "Equipment.availability": (
        with_kit(1, equipment={"kit": 1}),
        ("equipment", 0, "availability"),
        [],
    ),
    "Credential.expires": (
        for_ann(credentials=[{"id": "lcsw"}]),
        (*ANN, "credentials", 0, "expires"),
        "2026-01-04",
    ),
    "Therapist.credentials": (for_ann(credentials=[]), (*ANN, "credentials"), ["lcsw"]),
    "Therapist.availability": (small(), (*ANN, "availability"), []),
    "Therapist.remote_availability": (
        small(therapists=[therapist("ann", availability=[])], services=[talk(), solo(remote=True)]),
        (*ANN, "remote_availability"),
        TWO_DAYS,
    ),
    "Therapist.max_minutes_per_day": (small(), (*ANN, "max_minutes_per_day"), 60),
    "Therapist.max_minutes_per_week": (small(), (*ANN, "max_minutes_per_week"), 60),
    "Therapist.max_consecutive_minutes": (small(), (*ANN, "max_consecutive_minutes"), 60),
    "Therapist.meal": (
        small(),
        (*ANN, "meal"),
        {"minutes": 30, "between": ["09:30", "10:00"]},
    ),
    "Therapist.languages": (for_cbt(language="es"), (*ANN, "languages"), ["en"]),
    "Therapist.genders_served": (small(), (*ANN, "genders_served"), ["f"]),
    "Therapist.max_caseload": (small(), (*ANN, "max_caseload"), 0),
    "Therapist.supervised": (small(), (*ANN, "supervised"), True),
    "Therapist.supervisor": (
        small(
            therapists=[therapist("bob", credentials=[]), therapist("ann", supervised=True)],
            services=[talk(), solo(credentials=["lcsw"])],
        ),
        ("therapists", 0, "supervisor"),
        True,
    ),
    "Leader.credentials": (
        for_cbt(leaders=[{}]),
        (*CBT, "leaders", 0, "credentials"),
        ["md"],
    ),
    "Eligible.programs": (
        for_cbt(eligible={}) | {"programs": [program(quotas=DUE), program("php", quotas=[])]},
        (*CBT, "eligible", "programs"),
        ["php"],
    ),
    "Eligible.tags_any": (for_cbt(eligible={}), (*CBT, "eligible", "tags_any"), ["sud"]),
    "Eligible.tags_none": (
        for_cbt(eligible={}) | {"patients": [patient("pat", tags=["sud"])]},
        (*CBT, "eligible", "tags_none"),
        ["sud"],
    ),
    "Eligible.genders": (for_cbt(eligible={}), (*CBT, "eligible", "genders"), ["f"]),
    "Size.min": (
        small(groups=[group(size={"max": 4})]),
        (*CBT, "size", "min"),
        2,
    ),
    "Group.clinical_minutes": (small(), (*CBT, "clinical_minutes"), 30),
    "Group.modality": (small(), (*CBT, "modality"), "telehealth"),
    "Group.leaders": (for_cbt(leaders=[]), (*CBT, "leaders"), [{}]),
    "Group.day_patterns": (
        for_pat(availability=window("09:00", "10:30", "mon")),
        (*CBT, "day_patterns"),
        [["tue"]],
    ),
    "Group.start_times": (small(), (*CBT, "start_times"), ["10:00"]),
    "Group.windows": (small(), (*CBT, "windows"), window("09:00", "10:00", "wed")),
    "Group.max_sections": (
        asking(quota("talk", 2), groups=[group(per_patient=2)]),
        (*CBT, "max_sections"),
        2,
    ),
    "Group.per_patient": (
        asking(quota("talk", 2), groups=[group(max_sections=2)]),
        (*CBT, "per_patient"),
        2,
    ),
    "Group.room_features": (small(), (*CBT, "room_features"), ["couch"]),
    "Group.equipment": (with_kit(0), (*CBT, "equipment"), {"kit": 1}),
    "Group.language": (for_pat(languages=["en"]), (*CBT, "language"), "es"),
    "Group.closed": (small(baseline=before(section(["sam"]))), (*CBT, "closed"), True),
    "Group.eligible": (small(), (*CBT, "eligible"), {"genders": ["f"]}),
    "Commitment.travel_minutes": (
        for_pat(commitments=[{"label": "work", "windows": window("10:30", "12:00", "mon", "tue")}]),
        (*PAT, "commitments", 0, "travel_minutes"),
        30,
    ),
    "Patient.minutes_per_week": (small(), (*PAT, "minutes_per_week"), {"min": 300}),
    "Patient.days_per_week": (small(), (*PAT, "days_per_week"), {"min": 2}),
    "Patient.attended_day_minutes": (small(), (*PAT, "attended_day_minutes"), {"min": 240}),
    "Patient.sessions_per_day": (small(), (*PAT, "sessions_per_day"), {"max": 1}),
    "Patient.rolling_sessions": (small(), (*PAT, "rolling_sessions"), {"days": 2, "max": 1}),
    "Patient.quotas": (small(), (*PAT, "quotas"), [quota("solo", 2, 2)]),
    "Patient.status": (for_pat(minutes_per_week={"min": 300}), (*PAT, "status"), "waitlist"),
    "Patient.priority": (for_pat(minutes_per_week={"min": 300}), (*PAT, "priority"), 2),
    "Patient.availability": (small(), (*PAT, "availability"), []),
    "Patient.commitments": (
        small(),
        (*PAT, "commitments"),
        [{"label": "work", "windows": window("09:00", "10:00", "mon", "tue")}],
    ),
    "Patient.preferred": (small(), (*PAT, "preferred"), window("09:00", "10:30", "wed")),
    "Patient.tags": (for_cbt(eligible={"tags_any": ["sud"]}), (*PAT, "tags"), ["sud"]),
    "Patient.gender": (for_cbt(eligible={"genders": ["f"]}), (*PAT, "gender"), "f"),
    "Patient.languages": (for_cbt(language="es"), (*PAT, "languages"), ["en"]),
    "Patient.attends": (small(), (*PAT, "attends"), "remote"),
    "Patient.primary_therapist": (
        small(therapists=[therapist("ann"), therapist("bob", availability=[])]),
        (*PAT, "primary_therapist"),
        "bob",
    ),
    "Patient.keep_apart": (
        small(patients=[patient("pat"), patient("sam")]),
        (*PAT, "keep_apart"),
        ["sam"],
    ),
    "Patient.family_availability": (
        small(services=[talk(), kin()], programs=[program(quotas=[quota("kin", 1, 1)])]),
        (*PAT, "family_availability"),
        [],
    ),
    "Patient.first_date": (small(), (*PAT, "first_date"), date("tue")),
    "Patient.last_date": (small(), (*PAT, "last_date"), date("mon")),
    "Policy.tiers": (small(policy={}), ("policy", "tiers"), [["burden"], ["unmet_care"]]),
    "Policy.weights": (
        small(policy={"tiers": [["unmet_care", "burden"]]}),
        ("policy", "weights"),
        {"unmet_care": 0},
    ),
    # 180 of 300 minutes and sessions short at best; all of it may be given back.
    "Policy.tolerances": (
        small(policy={}, patients=[patient("pat", minutes_per_week={"min": 300})]),
        ("policy", "tolerances"),
        {"unmet_care": 5.0},
    ),
    "Policy.strict": (
        small(policy={}, patients=[patient("pat", minutes_per_week={"min": 300})]),
        ("policy", "strict"),
        ["unmet_care"],
    ),
    "Lock.section": (unwilling(), ("locks",), [{"section": "s"}]),
    "Lock.appointment": (unwilling(), ("locks",), [{"appointment": "a"}]),
    "Lock.patient": (unwilling(), ("locks",), [{"patient": "pat", "group": "cbt"}]),
    "Lock.group": (unwilling(), ("locks",), [{"patient": "pat", "group": "cbt"}]),
    "Lock.therapist": (unwilling(), ("locks",), [{"therapist": "ann", "day": "mon"}]),
    "Lock.day": (unwilling(), ("locks",), [{"therapist": "ann", "day": "mon"}]),
}


@dataclass(frozen=True)
class OnSchedule:
    """A field of a schedule: the scenario, the schedule, the place and the value."""

    scenario: Json
    schedule: Json
    place: Place
    value: Any


HELD = clinic(baseline=before(section(["pat"])))
CHECKED: dict[str, OnSchedule] = {
    "Schedule.sections": OnSchedule(clinic(), week(), ("sections",), [section(["pat"])]),
    "Schedule.appointments": OnSchedule(clinic(), week(), ("appointments",), [visit()]),
    "Section.leaders": OnSchedule(
        clinic(), week(section(["pat"], leaders=[])), ("sections", 0, "leaders"), ["ann"]
    ),
    "Section.members": OnSchedule(clinic(), week(section([])), ("sections", 0, "members"), ["pat"]),
    "Section.remote_members": OnSchedule(
        clinic(groups=[group(modality="hybrid")]),
        week(section(["pat"])),
        ("sections", 0, "remote_members"),
        ["pat"],
    ),
    "Section.absences": OnSchedule(
        HELD,
        week(section(["pat"])),
        ("sections", 0, "absences"),
        [{"patient": "pat", "day": "mon"}],
    ),
    "Meeting.room": OnSchedule(
        clinic(),
        week(section(["pat"], meeting("mon", "09:00", None))),
        ("sections", 0, "meetings", 0, "room"),
        "big",
    ),
    "Meeting.leaders": OnSchedule(
        HELD, week(section(["pat"])), ("sections", 0, "meetings", 0, "leaders"), ["bob"]
    ),
    "Meeting.cancelled": OnSchedule(
        HELD, week(section(["pat"])), ("sections", 0, "meetings", 0, "cancelled"), True
    ),
    "Appointment.room": OnSchedule(
        clinic(), week(visit(place=None)), ("appointments", 0, "room"), "small"
    ),
    "Appointment.remote": OnSchedule(
        clinic(services=[talk(), solo(remote=True), kin()]),
        week(visit(place=None)),
        ("appointments", 0, "remote"),
        True,
    ),
}
ASKED_OF_THE_SCHEDULE = {"Schedule.not_admitted"}
"""Judged in tests/rules/test_waitlist.py; the reference checker has it as a matter of form."""


def optional_fields() -> set[str]:
    """``Model.field`` of everything a file may leave out."""
    found = set()
    for module in (solver.scenario, solver.schedule):
        for name, model in inspect.getmembers(module, inspect.isclass):
            if issubclass(model, Entry) and model.__module__ == module.__name__:
                fields = model.model_fields.items()
                found |= {f"{name}.{field}" for field, info in fields if not info.is_required()}
    # What a program and a patient both state stands under each of them.
    return {field for field in found if not field.startswith("Requirements.")}


def test_every_optional_field_has_a_case() -> None:
    cases = [set(SOLVED), set(CHECKED), READ_BY_NOBODY, WORDS, ASKED_OF_THE_SCHEDULE]
    assert set().union(*cases) == optional_fields()
    assert sum(map(len, cases)) == len(optional_fields())


def with_value(entry: Json, place: Place, value: Any) -> Json:
    changed = copy.deepcopy(entry)
    holder: Any = changed
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = value
    return changed


def best_week(scenario: Json) -> object:
    """What the best week comes to, goal by goal; its schedule is the checker's, not the model's."""
    here = read(scenario)
    answer = best(here)
    assert answer.status in ("OPTIMAL", "INFEASIBLE")
    return None if answer.schedule is None else measure(here, answer.schedule)


@pytest.mark.parametrize("field", SOLVED)
def test_a_field_of_the_scenario_changes_the_best_week(field: str) -> None:
    scenario, place, value = SOLVED[field]
    assert place[-1] == field.partition(".")[2] or place == ("locks",)
    assert best_week(with_value(scenario, place, value)) != best_week(scenario)


@pytest.mark.parametrize("field", CHECKED)
def test_a_field_of_the_schedule_changes_what_is_said_of_it(field: str) -> None:
    case = CHECKED[field]
    assert case.place[-1] == field.partition(".")[2]
    changed = with_value(case.schedule, case.place, case.value)
    plain = (broken(case.scenario, case.schedule), values(case.scenario, case.schedule))
    assert (broken(case.scenario, changed), values(case.scenario, changed)) != plain


def test_fields_for_reports_change_no_week() -> None:
    scenario = small(
        timezone="Europe/Berlin",
        patients=[
            patient(
                "pat",
                show_rate=0.5,
                authorized={"days": 0, "sessions": 0, "until": "2025-12-31"},
            )
        ],
        therapists=[therapist("ann", cost_per_hour=1000.0, absence_rate=1.0)],
    )
    scenario["programs"][0]["per_diem"] = 1.0
    assert best_week(scenario) == best_week(small())
