"""Changes in sentences: every form that is offered can be said, and a mistake gets one clear answer."""

from __future__ import annotations

import pytest

from solver.changes import (
    FORMS,
    Add,
    Admit,
    Census,
    ChangeFaults,
    CloseRoom,
    Edit,
    Headcount,
    Leave,
    Narrow,
    Open,
    Policy,
    Remove,
    ShiftWork,
    Shut,
    Widen,
    parse_change,
)
from solver.scenario import Window


def window(start: int, end: int, *days: str) -> Window:
    return Window.model_validate(
        {"days": list(days), "start": f"{start:02d}:00", "end": f"{end:02d}:00"}
    )


SAID = {
    "add therapist like t03": Add(what="therapist", like="t03"),
    "add room capacity=12": Add(what="room", set={"capacity": 12}),
    "add room cap=12": Add(what="room", set={"capacity": 12}),
    "add 2 rooms like r1": Add(what="room", like="r1", count=2),
    "add 10 patients": Census(by=10),
    "add 2 patients like p1": Add(what="patient", like="p1", count=2),
    "remove therapist t03": Remove(what="therapist", id="t03"),
    "group relapse max_sections=3": Edit(what="group", id="relapse", set={"max_sections": 3}),
    "change group relapse sections=3": Edit(what="group", id="relapse", set={"max_sections": 3}),
    "program iop minutes_per_week.min=540": Edit(
        what="program", id="iop", set={"minutes_per_week.min": 540}
    ),
    "program iop minutes_per_week=540-1140": Edit(
        what="program", id="iop", set={"minutes_per_week": {"min": 540, "max": 1140}}
    ),
    "therapists to 6": Headcount(what="therapist", to=6),
    "therapists +2 like t03": Headcount(what="therapist", by=2, like="t03"),
    "rooms -1": Headcount(what="room", by=-1),
    "census +20%": Census(percent=20),
    "census -10 %": Census(percent=-10),
    "census to 72 mix=iop:2,php:1 seed=3": Census(to=72, mix={"iop": 2, "php": 1}, seed=3),
    "therapist t04 works thu 17:00-19:00": Widen(
        what="therapist", id="t04", windows=(window(17, 19, "thu"),)
    ),
    "therapist t04 works thu 17:00-19:00 by video": Widen(
        what="therapist", id="t04", windows=(window(17, 19, "thu"),), remote=True
    ),
    "therapist t04 off fri 09:00-12:00": Narrow(
        what="therapist", id="t04", windows=(window(9, 12, "fri"),)
    ),
    "therapist t04 off fri": Leave(therapist="t04", days=("fri",)),
    "patient p1 comes mon-wed 9:00-12:00": Widen(
        what="patient", id="p1", windows=(window(9, 12, "mon", "tue", "wed"),)
    ),
    "room r1 closed mon,tue": CloseRoom(room="r1", days=("mon", "tue")),
    "close room r1 mon,tue": CloseRoom(room="r1", days=("mon", "tue")),
    "room r1 open sat 09:00-13:00": Widen(what="room", id="r1", windows=(window(9, 13, "sat"),)),
    "leave t03 mon,tue": Leave(therapist="t03", days=("mon", "tue")),
    "leave t03 Monday,Wednesday": Leave(therapist="t03", days=("mon", "wed")),
    "open thu 17:00-20:00 with t03,t04": Open(
        windows=(window(17, 20, "thu"),), therapists=("t03", "t04")
    ),
    "open sat 09:00-12:00 sun 10:00-11:00 in r1": Open(
        windows=(window(9, 12, "sat"), window(10, 11, "sun")), rooms=("r1",)
    ),
    "shut fri 13:00-18:00": Shut(windows=(window(13, 18, "fri"),)),
    "close fri": Shut(windows=(window(0, 24, "fri"),)),
    "work +60 for 30%": ShiftWork(minutes=60, share=0.3),
    "work -30 for p1,p2": ShiftWork(minutes=-30, patients=("p1", "p2")),
    "work +60 label=college seed=2": ShiftWork(minutes=60, label="college", seed=2),
    "admit w01,w02": Admit(patients=("w01", "w02")),
    "admit all": Admit(),
    "policy tolerances.unmet_care=0.02": Policy(set={"tolerances.unmet_care": 0.02}),
    'policy tiers=[["unmet_care","short_days"]]': Policy(
        set={"tiers": [["unmet_care", "short_days"]]}
    ),
    "patient p1 name='Ann O\"Hara' tags=sud,perinatal gender=none": Edit(
        what="patient",
        id="p1",
        set={"name": 'Ann O"Hara', "tags": ["sud", "perinatal"], "gender": None},
    ),
    "therapist t1 supervisor=yes availability=mon 09:00-12:00 tue 10:00-11:00": Edit(
        what="therapist",
        id="t1",
        set={
            "supervisor": True,
            "availability": [
                {"days": ("mon",), "start": "09:00", "end": "12:00"},
                {"days": ("tue",), "start": "10:00", "end": "11:00"},
            ],
        },
    ),
    "group cbt equipment=kit:2,van": Edit(
        what="group", id="cbt", set={"equipment": {"kit": 2, "van": 1}}
    ),
}


@pytest.mark.parametrize("text", SAID)
def test_a_sentence_says_a_change(text: str) -> None:
    assert parse_change(text) == SAID[text]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.example)
def test_every_form_that_is_offered_can_be_said(form: object) -> None:
    assert parse_change(form.example).kind  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "nothing is said; it can be said: add therapist like t03; "),
        ("frobnicate x", "found 'frobnicate'; it can be said: add therapist like t03; "),
        ("remvoe room r1", "found 'remvoe'; did you mean 'remove'?"),
        ("remove thrapist t1", "found 'thrapist'; did you mean 'therapist'?"),
        ("remove room", "say it like: remove therapist t03"),
        ("add", "say it like: add therapist like t03; add room capacity=12; add 10 patients"),
        ("add room like", "nothing stands after 'like'"),
        ("add room twelve", "found 'twelve'; a field is set like capacity=12"),
        ("add 5000 rooms like r1", "count: found 5000; at most 1000 is allowed"),
        ("census 20", "say how many: census to 6, census +2, census -1, census +20%"),
        ("census +2.5", "found 2.5; a whole number is expected"),
        ("census +2 mx=iop:1", "found 'mx=iop:1'; say mix=iop:2,php:1 or seed=3"),
        ("census +2 mix=iop:x", "found 'mix=iop:x'; say mix=iop:2,php:1"),
        ("therapists to 6 now", "found 'now'; nothing more is expected"),
        ("therapists +10%", "say how many: therapists to 6, therapists +2, therapists -1"),
        ("leave t03 mo", "found 'mo'; days are said like mon or mon,tue or mon-fri"),
        ("leave t03 fri-mon", "found 'fri-mon'; the week runs from mon to sun"),
        ("leave t03", "say it like: leave t03 mon,tue"),
        ("open 17:00-20:00", "days come before hours: thu 17:00-20:00"),
        ("open thu 20:00-17:00", "windows.0: found 20:00 to 17:00; a window ends after it starts"),
        ("open", "say days and hours: thu 17:00-20:00"),
        ("therapist t1 woks thu 17:00-19:00", "found 'woks'; did you mean 'works'?"),
        ("room r1 gone", "a field is set with ="),
        ("work later", "say it like: work +60 for 30%"),
        ("admit", "say it like: admit w01,w02"),
        ("policy", "no field is named; one is set like capacity=12"),
        ("patient p1 name='Ann", "a quotation mark is not closed"),
        ("policy tiers=[[x]", "found '[[x]'; a list or an object in JSON is expected"),
        ("room r1 id=r2", "an id stays what it is; everything else refers to it"),
        ("patient p1 comes thu 17:00-19:00 by video", "only therapists have hours by video"),
    ],
)
def test_a_mistake_gets_one_answer_with_the_remedy(text: str, found: str) -> None:
    with pytest.raises(ChangeFaults) as caught:
        parse_change(text)
    (fault,) = caught.value.faults
    assert found in fault.message
    assert fault.place == repr(text)
