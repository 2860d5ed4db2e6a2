"""Reading scenarios and schedules: what loads, what is refused, and in which words."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from solver import scenario as scenario_models
from solver import schedule as schedule_models
from solver.errors import ScenarioError, ScheduleError
from solver.fields import Entry
from solver.io.files import dump, load_scenario
from solver.scenario import Scenario
from solver.validation import MIGRATIONS, SCHEDULE_MIGRATIONS, read_scenario, read_schedule

HERE = Path(__file__).parent
INVALID = HERE.parent / "scenarios" / "invalid"
EXPECTED: dict[str, list[str]] = json.loads((INVALID / "expected.json").read_text("utf-8"))
EVERY_FIELD: dict[str, Any] = json.loads((HERE / "data" / "every-field.json").read_text("utf-8"))

Json = dict[str, Any]


@pytest.fixture
def week() -> Json:
    """A scenario that uses every field there is, free to be changed."""
    return copy.deepcopy(EVERY_FIELD)


@pytest.fixture
def schedule(week: Json) -> Json:
    """A well-formed schedule of that week."""
    return {**week["baseline"], "scenario": "every field", "week_start": "2026-01-05"}


def faults(data: object) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        read_scenario(data)
    return [str(fault) for fault in caught.value.faults]


def schedule_faults(data: object, scenario: Scenario) -> list[str]:
    with pytest.raises(ScheduleError) as caught:
        read_schedule(data, scenario)
    return [str(fault) for fault in caught.value.faults]


# -- broken files -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_broken_file_gives_exactly_its_messages(name: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(INVALID / name)
    assert [str(fault) for fault in caught.value.faults] == EXPECTED[name]


def test_every_broken_file_is_expected_to_say_something() -> None:
    files = {path.name for path in INVALID.glob("*.json")} - {"expected.json"}
    assert files == set(EXPECTED)
    assert all(EXPECTED.values())


# -- what loads -------------------------------------------------------------------------------


def _models(*modules: object) -> set[type[Entry]]:
    entries = (value for module in modules for value in vars(module).values())
    found = {e for e in entries if isinstance(e, type) and issubclass(e, Entry)}
    return found - {Entry, scenario_models.Requirements}


def _used(value: object, seen: dict[type[BaseModel], set[str]]) -> None:
    if isinstance(value, BaseModel):
        seen.setdefault(type(value), set()).update(value.model_fields_set)
        for name in type(value).model_fields:
            _used(getattr(value, name), seen)
    elif isinstance(value, tuple):
        for entry in value:
            _used(entry, seen)


def test_the_test_week_uses_every_field_of_the_form(week: Json) -> None:
    seen: dict[type[BaseModel], set[str]] = {}
    _used(read_scenario(week)[0], seen)
    for model in _models(scenario_models, schedule_models):
        assert seen[model] == set(model.model_fields), model.__name__


def test_dump_reads_back_to_an_equal_scenario(week: Json) -> None:
    scenario, _ = read_scenario(week)
    again, _ = read_scenario(json.loads(json.dumps(dump(scenario))))
    assert again == scenario
    assert dump(again) == dump(scenario)


def test_dump_reads_back_to_an_equal_schedule(week: Json, schedule: Json) -> None:
    scenario, _ = read_scenario(week)
    read = read_schedule(schedule, scenario)
    assert read_schedule(dump(read), scenario) == read


def test_reading_leaves_the_data_as_it_was(week: Json) -> None:
    before = copy.deepcopy(week)
    read_scenario(week)
    assert week == before


def _with_null(entry: Json, key: str) -> None:
    entry[key] = None


def _with_empty_list(entry: Json, key: str) -> None:
    entry[key] = []


@pytest.mark.parametrize("change", [_with_null, _with_empty_list])
@pytest.mark.parametrize(
    ("place", "key"),
    [
        ("patients", "tags"),
        ("patients", "quotas"),
        ("patients", "languages"),
        ("patients", "preferred"),
        ("patients", "commitments"),
        ("therapists", "genders_served"),
        ("groups", "start_times"),
        ("groups", "windows"),
        ("groups", "day_patterns"),
        ("services", "credentials"),
    ],
)
def test_empty_list_and_null_are_as_if_left_out(
    week: Json, change: Callable[[Json, str], None], place: str, key: str
) -> None:
    left_out = copy.deepcopy(week)
    for entry in left_out[place]:
        entry.pop(key, None)
    for entry in week[place]:
        change(entry, key)
    assert read_scenario(week)[0] == read_scenario(left_out)[0]


@pytest.mark.parametrize("key", ["rooms", "groups"])
def test_null_is_an_empty_list_where_a_list_must_be_given(week: Json, key: str) -> None:
    week.update(baseline=None, locks=None)
    empty, null, left_out = ({**week, key: []}, {**week, key: None}, {**week})
    del left_out[key]
    assert read_scenario(null)[0] == read_scenario(empty)[0]
    assert faults(left_out) == [f"{key}: missing; it must be given, and may be empty"]


@pytest.mark.parametrize("change", [_with_null, lambda entry, key: entry.pop(key)])
def test_availability_left_out_is_all_hours_and_empty_is_never(
    week: Json, change: Callable[[Json, str], None]
) -> None:
    change(week["patients"][0], "availability")
    scenario, _ = read_scenario(week)
    assert scenario.patients[0].availability is None
    assert scenario.patients[2].availability == ()


def test_null_in_a_count_is_as_if_left_out(week: Json) -> None:
    week["groups"][0]["equipment"] = {"interpreter": None}
    week["policy"]["weights"] = {"burden": None, "staffing": 2}
    scenario, _ = read_scenario(week)
    assert scenario.groups[0].equipment == {}
    assert scenario.policy.weights == {"staffing": 2}


def test_a_missing_minimum_is_none_asked_for(week: Json) -> None:
    week["groups"][0]["size"] = {"max": 8}
    assert read_scenario(week)[0].groups[0].size.min == 0


# -- all faults at once -----------------------------------------------------------------------


def test_a_broken_entry_hides_neither_its_references_nor_others(week: Json) -> None:
    week["patients"][0] |= {"prioritty": 2, "program": "iopp", "primary_therapist": "eva"}
    week["patients"][1]["priority"] = 9
    week["groups"][0] |= {"meetings_per_week": "two", "service": "proces"}
    assert faults(week) == [
        "groups[0].meetings_per_week: found 'two'; a whole number is expected",
        "groups[0].service: no service 'proces'; did you mean 'process'?",
        "patients[0].primary_therapist: no therapist 'eva'; did you mean 'eve'?",
        "patients[0].prioritty: unknown field 'prioritty'; did you mean 'priority'?",
        "patients[0].program: no program 'iopp'; did you mean 'iop'?",
        "patients[1].priority: found 9; at most 5 is allowed",
    ]


def test_a_broken_entry_still_lends_its_id(week: Json) -> None:
    week["therapists"][0]["max_caseload"] = -1
    week["programs"][0]["level"] = 2.1
    assert faults(week) == [
        "programs[0].level: found 2.1; text in quotes is expected",
        "therapists[0].max_caseload: found -1; at least 0 is allowed",
    ]


def test_an_unreadable_id_makes_no_reference_wrong(week: Json) -> None:
    week["programs"][0]["id"] = 7
    assert faults(week) == ["programs[0].id: found 7; text in quotes is expected"]


def test_a_misspelt_list_makes_no_reference_wrong(week: Json) -> None:
    week["therapist"] = week.pop("therapists")
    assert faults(week) == [
        "therapists: missing; it must be given, and may be empty",
        "therapist: unknown field 'therapist'; did you mean 'therapists'?",
    ]


def test_two_faults_in_one_place_are_both_said(week: Json) -> None:
    week["locks"] = [{"section": "process-am-1"}]
    week["baseline"]["sections"][0] |= {"group": "dbt", "leaders": ["max", "ian"]}
    assert [text.partition(" of ")[0] for text in faults(week)] == [
        "locks[0].section: group 'dbt'",
        "locks[0].section: therapist 'max'",
    ]


def test_programs_minimum_is_scaled_to_the_stay_before_it_meets_the_patients_maximum(
    week: Json,
) -> None:
    # Five open days a week, the closed Thursday among them; three remain from Wednesday on. Of 180
    # minutes 108 are due, 90 of them in whole cells of half an hour.
    week["patients"][1] |= {"first_date": "2026-01-07", "minutes_per_week": {"max": 90}}
    assert read_scenario(week)[0].patients[1].minutes_per_week is not None
    week["patients"][1]["minutes_per_week"] = {"max": 89}
    assert faults(week) == [
        (
            "patients[1].minutes_per_week: found min 90 from program 'iop' over max 89; "
            "a minimum is at most its maximum"
        )
    ]


@pytest.mark.parametrize("data", [None, 3, "week", [], True])
def test_what_is_no_object_is_no_scenario(data: object) -> None:
    (message,) = faults(data)
    assert message.endswith("a scenario is an object { … }")


def test_data_beyond_measure_is_refused() -> None:
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    for data in ({"name": deep}, {"patients": [0] * 600_000}, {"grid_minutes": 10**5000}):
        (message,) = faults(data)
        assert "found" in message


def test_a_thousand_wrong_references_are_all_said_soon(week: Json) -> None:
    week["patients"] += [
        {"id": f"p{n:04}", "name": "N.", "program": f"iop-{n}", "keep_apart": [f"q{n}"]}
        for n in range(1000)
    ]
    assert len(faults(week)) == 2000


# -- notices ----------------------------------------------------------------------------------


def test_baseline_may_name_who_is_gone_with_a_notice_each(week: Json) -> None:
    week["locks"] = []
    section = week["baseline"]["sections"][0]
    section["members"].append("zoe")
    section["remote_members"].append("zoe")
    section["meetings"][0] |= {"room": "ash", "leaders": ["max", "ian"]}
    week["baseline"]["sections"].append({"id": "dbt-1", "group": "dbt", "meetings": []})
    _, said = read_scenario(week)
    assert [str(notice) for notice in said] == [
        (
            "baseline.sections[1].group: group 'dbt' is gone; "
            "its sections are left out of the baseline"
        ),
        (
            "baseline.sections[0].meetings[0].room: room 'ash' is gone; "
            "whoever met there meets elsewhere"
        ),
        (
            "baseline.sections[0].meetings[0].leaders[0]: therapist 'max' is gone; "
            "whoever had them gets somebody else"
        ),
        (
            "baseline.sections[0].members[2]: patient 'zoe' is gone; "
            "what names them is left out of the baseline"
        ),
    ]


# -- versions ---------------------------------------------------------------------------------


def test_an_older_file_is_brought_up_to_date(week: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if version 0 had called patients clients; its baseline called sections runs."""

    def rename(old: str, new: str) -> Callable[[dict[str, object]], dict[str, object]]:
        return lambda tree: {(new if key == old else key): value for key, value in tree.items()}

    monkeypatch.setitem(MIGRATIONS, 0, rename("clients", "patients"))
    monkeypatch.setitem(SCHEDULE_MIGRATIONS, 0, rename("runs", "sections"))
    today, _ = read_scenario(week)
    week["clients"] = week.pop("patients")
    week["baseline"]["runs"] = week["baseline"].pop("sections")
    week["schema_version"] = week["baseline"]["schema_version"] = 0
    assert read_scenario(week)[0] == today


def test_a_newer_baseline_is_refused(week: Json) -> None:
    week["baseline"]["schema_version"] = 3
    assert faults(week) == [
        (
            "baseline.schema_version: found 3; this program reads versions up to 1: use a newer "
            "program, or save the schedule in version 1"
        )
    ]


@pytest.mark.parametrize("version", [True, 1.0, "1", [1]])
def test_a_version_is_a_whole_number(week: Json, version: object) -> None:
    week["schema_version"] = version
    (message,) = faults(week)
    assert message.endswith("a whole number is expected")


# -- schedules --------------------------------------------------------------------------------


def test_schedule_names_only_what_the_scenario_has(week: Json, schedule: Json) -> None:
    scenario, _ = read_scenario(week)
    section = schedule["sections"][0]
    section |= {"group": "process-pm", "leaders": ["eva", "ian"], "members": ["ana", "bob"]}
    section["meetings"][0] |= {"room": "oka", "leaders": ["eve", "jan"]}
    section["absences"][0]["patient"] = "bob"
    schedule["appointments"][0] |= {"service": "process", "patient": "anna", "therapist": "evie"}
    schedule["appointments"][1] |= {"service": "familly", "room": "11"}
    schedule["not_admitted"] = ["karl"]
    assert schedule_faults(schedule, scenario) == [
        "sections[0].absences[0].patient: no patient 'bob'; allowed: 'ana', 'ben', 'carl'",
        "sections[0].group: no group 'process-pm'; did you mean 'process-am'?",
        "sections[0].leaders[0]: no therapist 'eva'; did you mean 'eve'?",
        "sections[0].meetings[0].leaders[1]: no therapist 'jan'; did you mean 'ian'?",
        "sections[0].meetings[0].room: no room 'oka'; did you mean 'oak'?",
        "sections[0].members[1]: no patient 'bob'; allowed: 'ana', 'ben', 'carl'",
        "appointments[0].patient: no patient 'anna'; did you mean 'ana'?",
        (
            "appointments[0].service: found 'process', which is of format group; "
            "format individual or family is expected"
        ),
        "appointments[0].therapist: no therapist 'evie'; did you mean 'eve'?",
        "appointments[1].room: no room '11'; allowed: 'oak', 'elm'",
        "appointments[1].service: no service 'familly'; did you mean 'family'?",
        "not_admitted[0]: no patient 'karl'; did you mean 'carl'?",
    ]


def test_schedule_form_is_judged(week: Json, schedule: Json) -> None:
    scenario, _ = read_scenario(week)
    schedule["week_start"] = "2026-01-12"
    schedule["sections"][0]["remote_members"] = ["carl", "ana", "ana"]
    schedule["sections"][0]["meetings"][0]["start"] = "24:00"
    schedule["sections"].append(copy.deepcopy(schedule["sections"][0]))
    schedule["appointments"].append({**schedule["appointments"][0], "day": "Monday"})
    del schedule["scenario"]
    said = schedule_faults(schedule, scenario)
    places = [text.partition(": ")[0] for text in said]
    assert places == [
        "scenario",
        "week_start",
        "sections[0].meetings[0].start",
        "sections[0].remote_members[0]",
        "sections[0].remote_members[2]",
        "sections[1].id",
        "sections[1].meetings[0].start",
        "sections[1].remote_members[0]",
        "sections[1].remote_members[2]",
        "appointments[2].day",
        "appointments[2].id",
    ]
    assert said[1] == ("week_start: found 2026-01-12; the scenario's week starts on 2026-01-05")


def test_an_illegal_schedule_is_well_formed(week: Json, schedule: Json) -> None:
    """Rules are not the reader's business: here everything is at once, off the grid, at night."""
    scenario, _ = read_scenario(week)
    for appointment in schedule["appointments"]:
        appointment |= {"day": "sun", "start": "03:07", "room": "elm", "remote": True}
    schedule["sections"][0] |= {"leaders": [], "meetings": [], "absences": [], "members": ["carl"]}
    schedule["sections"][0]["remote_members"] = []
    assert len(read_schedule(schedule, scenario).appointments) == 2


def test_a_wrong_entry_does_not_make_its_list_too_short(week: Json) -> None:
    week["opening_hours"] = [{"days": ["mon"], "start": "25:00", "end": "26:00"}]
    said = [fault for fault in faults(week) if fault.startswith("opening_hours")]
    assert said
    assert not any("at least 1 entry" in fault for fault in said)
