"""Changes made to a scenario: what they do, what goes along, and what is refused whole."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from solver.changes import (
    Add,
    ChangeFaults,
    Headcount,
    Leave,
    Policy,
    apply,
    parse_change,
    read_change,
    read_changes,
)
from solver.checker import check
from solver.clinic import Clinic
from solver.io.files import dump
from solver.schedule import Schedule
from solver.timegrid import DAYS
from solver.validation import read_scenario
from tests.builders import (
    Json,
    before,
    clinic,
    group,
    item,
    meeting,
    patient,
    program,
    read,
    section,
    therapist,
    visit,
    window,
)
from tests.changes.making import made, notices, refused, working

EVERY_FIELD = Path(__file__).resolve().parents[1] / "data" / "every-field.json"


# -- entries --------------------------------------------------------------------------------------


def test_no_change_is_no_change() -> None:
    scenario = read(clinic()).scenario
    assert apply(scenario, []) == scenario


def test_the_scenario_itself_stays_as_it_is() -> None:
    scenario = read(clinic()).scenario
    before_ = dump(scenario)
    apply(scenario, [parse_change("remove room small"), parse_change("open sat 09:00-12:00")])
    assert dump(scenario) == before_


def test_a_therapist_like_another_has_all_but_the_name() -> None:
    ann = therapist("ann", max_caseload=3, availability=window("09:00", "11:00"))
    after = made(clinic(therapists=[ann]), "add therapist like ann languages=es,en")
    old, new = after.therapists
    assert (new.id, new.name, new.languages) == ("ann-2", "ann (2)", ("es", "en"))
    assert (new.max_caseload, new.availability) == (old.max_caseload, old.availability)


def test_several_are_added_each_with_an_id_of_its_own() -> None:
    after = made(clinic(), "add 3 rooms like small")
    assert [r.id for r in after.rooms] == ["big", "small", "small-2", "small-3", "small-4"]
    assert {r.capacity for r in after.rooms[1:]} == {1}


def test_a_room_from_its_fields() -> None:
    after = made(clinic(), "add room id=den capacity=12 features=screen,tables")
    assert (after.rooms[-1].id, after.rooms[-1].capacity) == ("den", 12)
    assert after.rooms[-1].features == ("screen", "tables")


def test_a_group_a_program_and_a_patient_from_their_fields() -> None:
    after = made(
        clinic(),
        "add group id=mbt service=talk minutes=60 size=2-8 meetings_per_week=1",
        "add program id=php name='Day hospital'",
        "add patient id=kim program=php",
    )
    assert (after.groups[-1].size.min, after.groups[-1].size.max) == (2, 8)
    assert (after.programs[-1].name, after.patients[-1].program) == ("Day hospital", "php")


def test_a_patient_like_another_is_tied_to_nobody() -> None:
    pat = patient("pat", primary_therapist="ann", keep_apart=["sam"], tags=["sud"])
    after = made(clinic(patients=[pat, patient("sam")]), "add patient like pat")
    new = after.patients[-1]
    assert (new.primary_therapist, new.keep_apart, new.tags) == (None, (), ("sud",))


def test_fields_are_set_by_dotted_name_and_by_service() -> None:
    after = made(
        clinic(),
        "program iop minutes_per_week.min=540 quotas.solo.min=2",
        "group cbt max_sections=3 start_times=09:00,10:30 size.min=2",
        "policy tolerances.unmet_care=0.02 weights.burden=3",
    )
    iop, cbt = after.programs[0], after.groups[0]
    assert iop.minutes_per_week is not None
    assert iop.minutes_per_week.min == 540
    assert {q.service: q.min for q in iop.quotas}["solo"] == 2
    assert (cbt.max_sections, cbt.start_times, cbt.size.min) == (3, (540, 630), 2)
    assert (after.policy.tolerances, after.policy.weights) == ({"unmet_care": 0.02}, {"burden": 3})


def test_a_field_is_left_out_with_none() -> None:
    ann = therapist("ann", max_caseload=3)
    assert (
        made(clinic(therapists=[ann]), "therapist ann max_caseload=none").therapists[0]
        == (made(clinic(therapists=[therapist("ann")])).therapists[0])
    )


def test_what_there_is_at_n_is_among_what_there_is_at_n_plus_1() -> None:
    scenario = clinic(therapists=[therapist("ann"), therapist("bob"), therapist("cy")])
    sizes = [made(scenario, f"therapists to {n}").therapists for n in range(1, 7)]
    assert [len(ts) for ts in sizes] == [1, 2, 3, 4, 5, 6]
    for fewer, more in itertools.pairwise(sizes):
        assert more[: len(fewer)] == fewer
    assert [t.id for t in sizes[-1]] == ["ann", "bob", "cy", "ann-2", "bob-2", "cy-2"]


def test_new_rooms_are_like_the_one_named() -> None:
    after = made(clinic(), "rooms +2 like big")
    assert [(r.id, r.capacity) for r in after.rooms[2:]] == [("big-2", 4), ("big-3", 4)]


# -- what goes along ------------------------------------------------------------------------------


def test_patients_of_a_therapist_who_goes_have_no_primary_any_more() -> None:
    scenario = clinic(patients=[patient("pat", primary_therapist="ann"), patient("sam")])
    assert made(scenario, "remove therapist ann").patients[0].primary_therapist is None
    assert notices(scenario, "remove therapist ann") == [
        "1 patient of ann has no primary therapist any more"
    ]


def test_nobody_is_kept_apart_from_a_patient_who_goes() -> None:
    scenario = clinic(patients=[patient("pat", keep_apart=["sam"]), patient("sam")])
    assert made(scenario, "remove patient sam").patients[0].keep_apart == ()


def test_an_item_that_groups_ask_for_is_there_no_more_instead_of_gone() -> None:
    scenario = clinic(equipment=[item("kit", 2)], groups=[group(equipment={"kit": 1})])
    assert made(scenario, "remove equipment kit").equipment[0].quantity == 0
    assert notices(scenario, "remove equipment kit") == ["cbt asks for it and cannot meet"]
    unused = clinic(equipment=[item("kit", 2)])
    assert made(unused, "remove equipment kit").equipment == ()


def test_a_service_goes_with_its_groups_quotas_and_appointments() -> None:
    scenario = clinic(baseline=before(visit("pat"), section(["pat"])))
    after = made(scenario, "remove service solo")
    assert "solo" not in {q.service for q in after.programs[0].quotas}
    assert after.baseline is not None
    assert after.baseline.appointments == ()
    assert made(scenario, "remove service talk").groups == ()


def test_a_program_with_patients_stays() -> None:
    assert refused(clinic(), "remove program iop") == (
        "change 1 (Remove program iop): 2 patients are in it; "
        "change their program or remove them first (pat and sam)"
    )


def test_a_group_that_was_for_a_program_alone_goes_with_it() -> None:
    scenario = clinic(
        programs=[program(), program("php")],
        groups=[group(), group("day", eligible={"programs": ["php"]})],
    )
    after = made(scenario, "remove program php")
    assert [g.id for g in after.groups] == ["cbt"]


def test_what_the_baseline_names_may_go() -> None:
    scenario = clinic(baseline=before(section(["pat", "sam"]), visit("sam")))
    after = made(scenario, "remove therapist ann", "remove patient sam", "remove room big")
    clinic_after = Clinic(after)
    assert clinic_after.baseline_sections["s"].members == ("pat",)
    assert clinic_after.baseline_appointments == {}


# -- patients -------------------------------------------------------------------------------------


def test_those_who_wait_are_admitted() -> None:
    scenario = clinic(patients=[patient("pat"), *(patient(p, status="waitlist") for p in "xyz")])
    one = made(scenario, "admit y")
    assert [p.status for p in one.patients] == ["active", "waitlist", "active", "waitlist"]
    assert {p.status for p in made(scenario, "admit all").patients} == {"active"}
    assert "does not wait" in refused(scenario, "admit pat")
    assert "nobody waits" in refused(clinic(), "admit all")


# -- refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("remove therapist an", "no therapist 'an'; did you mean 'ann'?"),
        ("leave bobb mon", "no therapist 'bobb'; did you mean 'bob'?"),
        ("room big capacity=lots", "rooms[0].capacity: found 'lots'; a whole number is expected"),
        (
            "room big capasity=3",
            "rooms[0].capasity: unknown field 'capasity'; did you mean 'capacity'?",
        ),
        ("add room", "rooms[2].capacity: missing; it must be given"),
        ("add therapist", "a therapist without credentials may do nothing; say like whom"),
        ("group cbt service=tlk", "groups[0].service: no service 'tlk'; did you mean 'talk'?"),
        ("group cbt size.min=9", "groups[0].size: found min 9 over max 4"),
        ("program iop quotas.dance.min=1", "no service 'dance'"),
        ("add room id=big capacity=3", "found 'big' again"),
        ("rooms -3", "there are only 2"),
        ("group cbt minutes.long=3", "minutes has no fields of its own"),
    ],
)
def test_what_makes_no_sense_is_said_with_the_change(change: str, said: str) -> None:
    text = refused(clinic(), change)
    assert text.startswith("change 1 (")
    assert said in text


def test_the_change_that_fails_is_named_and_nothing_is_half_made() -> None:
    text = refused(clinic(), "add room capacity=3", "room big capacity=x", "room small capacity=y")
    assert text.startswith("change 2 (Change room big: capacity x): rooms[0].capacity: found 'x'")
    assert "change 3" not in text


def test_a_later_change_may_mend_an_earlier_one() -> None:
    after = made(clinic(), "group cbt size.min=9", "group cbt size.max=9")
    assert after.groups[0].size.min == 9


def test_an_id_cannot_be_changed() -> None:
    with pytest.raises(ChangeFaults, match="an id stays what it is"):
        parse_change("room big id=small")


# -- files ----------------------------------------------------------------------------------------

ONE_OF_EACH: list[Json] = [
    {"kind": "add", "what": "room", "set": {"capacity": 3}},
    {"kind": "remove", "what": "therapist", "id": "bob"},
    {"kind": "change", "what": "group", "id": "cbt", "set": {"max_sections": 2}},
    {"kind": "headcount", "what": "room", "to": 3},
    {"kind": "policy", "set": {"strict": ["unmet_care"]}},
    {"kind": "widen", "what": "therapist", "id": "ann", "windows": window("12:00", "13:00", "mon")},
    {"kind": "narrow", "what": "patient", "id": "pat", "windows": window("09:00", "10:00", "mon")},
    {"kind": "leave", "therapist": "ann", "days": ["mon"]},
    {"kind": "close_room", "room": "big", "days": ["tue"]},
    {"kind": "open", "windows": window("09:00", "12:00", "sat"), "therapists": ["ann"]},
    {"kind": "shut", "windows": window("11:00", "12:00", "fri")},
    {"kind": "shift_work", "minutes": 30, "share": 0.5},
    {"kind": "census", "by": 2},
    {"kind": "admit", "patients": ["wes"]},
]


def test_every_kind_is_read_said_and_made() -> None:
    scenario = working("work", "work")
    scenario["patients"] += [patient("pat"), patient("wes", status="waitlist")]
    start = read(scenario).scenario
    changes = read_changes(ONE_OF_EACH)
    assert [c.kind for c in changes] == [entry["kind"] for entry in ONE_OF_EACH]
    for change in changes:
        assert change.sentence(start).endswith(".")
        assert apply(start, [change]) != start
        assert read_change(json.loads(json.dumps(change.model_dump(mode="json")))) == change
    assert apply(start, changes) != start


def test_every_fault_of_every_change_in_a_file_is_said_at_once() -> None:
    with pytest.raises(ChangeFaults) as caught:
        read_changes(
            ["remove thrapist x", {"kind": "leav"}, 3, {"kind": "leave", "days": ["mo", "tue"]}]
        )
    assert [str(f) for f in caught.value.faults] == [
        "changes[0] ('remove thrapist x'): found 'thrapist'; did you mean 'therapist'?",
        "changes[1]: kind: found 'leav'; did you mean 'leave'? allowed: "
        + ", ".join(repr(entry["kind"]) for entry in ONE_OF_EACH),
        "changes[2]: found 3; a sentence or an object with its kind is expected",
        "changes[3].therapist: missing; it must be given",
        "changes[3].days[0]: found 'mo'; did you mean 'mon'? allowed: "
        + ", ".join(map(repr, DAYS)),
    ]


def test_sentences_have_names_and_no_field_of_a_program_is_lost() -> None:
    data = json.loads(EVERY_FIELD.read_text("utf-8"))
    scenario = read_scenario(data)[0]
    who = scenario.therapists[0]
    change = Leave(therapist=who.id, days=("mon", "tue"))
    assert change.sentence(scenario) == f"{who.name} ({who.id}) is away Mon, Tue."
    after = apply(scenario, [Policy(set={"weights.burden": 2})])
    assert after.model_copy(update={"policy": scenario.policy}) == scenario


def test_a_schedule_that_was_legal_stays_so_when_only_something_is_added() -> None:
    here = read(clinic())
    week = Schedule.model_validate(
        {
            "scenario": "tiny",
            "week_start": "2026-01-05",
            "sections": [section(["pat", "sam"], meeting("mon", "09:00"))],
        }
    )
    assert check(here, week) == []
    more = apply(
        here.scenario, [Headcount(what="therapist", by=2), Add(what="room", set={"capacity": 9})]
    )
    assert check(Clinic(more), week) == []
