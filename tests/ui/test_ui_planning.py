"""Staff and capacity: candidates in a table, and the three answers in rows and words."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from solver.risk.rates import ABSENCE_RATE, SHOW_RATE
from solver.staffing import CandidateFaults, read_candidates
from tests.builders import (
    Json,
    clinic,
    group,
    meeting,
    patient,
    plan,
    read,
    section,
    therapist,
    visit,
    week,
)
from ui.desk import frame
from ui.desk.privacy import Initials
from ui.desk.store import Desk
from ui.widgets import hiring, hiring_chart, risk, risk_capacity
from ui.widgets.compare_names import Names

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
SMALL = clinic(
    patients=[patient("pat") | {"name": "Pat Lee"}, patient("sam") | {"name": "Sam Poe"}],
    therapists=[
        therapist("ann", cost_per_hour=40.0, availability=[]) | {"name": "Ann Lee"},
        therapist("bob", languages=["en"]),
    ],
)
SCENARIO = read(SMALL).scenario
SHIFT: Json = {"id": "mo", "windows": [{"days": ["mon"], "start": "09:00", "end": "12:00"}]}


def shown(desk: Desk) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    app.query_params[frame.PARAMETER] = desk.id
    app.switch_page("ui/planning.py").run()
    assert not app.exception, app.exception[0].message
    return app


def names() -> Names:
    return Names(SCENARIO, SCENARIO)


# -- candidates -----------------------------------------------------------------------------------


def row(name: str, shift: str, *days: str, **facts: Any) -> hiring.Row:
    return {"Name": name, "Who": hiring.NEW, "Credentials": ["lcsw"], "Cost per hour": 50.0,
            "Shift": shift, "Days": list(days), "From": "09:00", "To": "12:00"} | facts  # fmt: skip


def test_rows_of_one_name_are_one_candidate_and_of_one_shift_go_together() -> None:
    table = [
        row("Kim", "early", "Wed", "Mon"),
        row("Kim", "early", "Fri", From="10:00"),
        {"Name": None, "Days": None, "Cost per hour": float("nan")},
        row("Kim", "video", "Tue", **{"By video": True, "Cost of the shift": 70.0}),
        row("", "more", "Tue", Who="Ann Lee"),
    ]
    file, where = hiring.file_of(table, SCENARIO)
    kim, ann = file["candidates"]
    assert kim["therapist"] == {
        "id": "hire-kim", "name": "Kim", "credentials": ["lcsw"], "cost_per_hour": 50.0,
    }  # fmt: skip
    assert [len(s["windows"]) for s in kim["shifts"]] == [2, 1]
    assert kim["shifts"][0]["windows"][0]["days"] == ["mon", "wed"]
    assert kim["shifts"][1] | {"windows": []} == {
        "id": "video", "windows": [], "remote": True, "cost": 70.0,
    }  # fmt: skip
    assert (ann["staff"], "therapist" in ann) == ("ann", False)
    assert len(read_candidates(file, SCENARIO).people) == 2
    assert where[0, 0, 1] == 2
    line = "candidates[1].shifts[0].cost: missing; see candidates[0]"
    assert hiring.in_rows(line, where) == "row 5, cost: missing; see row 1"


def test_the_example_and_a_file_come_back_as_they_were() -> None:
    file, _ = hiring.file_of(hiring.example(SCENARIO), SCENARIO)
    assert len(read_candidates(file, SCENARIO).people[0].turns) == 2
    given = {
        "schema_version": 1,
        "candidates": [
            {"therapist": {"id": "k", "name": "Kim", "genders_served": ["female"], "cost_per_hour": 48.0,
                           "credentials": [{"id": "lcsw", "expires": "2027-01-31"}]},
             "cost": 120.0, "max_shifts": 1, "shifts": [SHIFT]},
            {"staff": "ann", "shifts": [SHIFT | {"cost": 200.0}]},
        ],
    }  # fmt: skip
    read_back = hiring.rows_of(given, SCENARIO)
    assert read_back is not None
    rows, extras = read_back
    assert [r["Who"] for r in rows] == [hiring.NEW, "Ann Lee"]
    assert hiring.file_of(rows, SCENARIO, extras)[0] == given


@pytest.mark.parametrize("content", [None, [], {"candidates": 3}, {"candidates": [{}]}])
def test_what_is_no_file_of_candidates_is_no_table(content: object) -> None:
    assert hiring.rows_of(content, SCENARIO) is None


def test_faults_of_the_file_are_those_of_rows() -> None:
    file, where = hiring.file_of([row("Kim", "a"), row("Lou", "b", "Mon", To="09:00")], SCENARIO)
    with pytest.raises(CandidateFaults) as refused:
        read_candidates(file, SCENARIO)
    said = [hiring.in_rows(str(fault), where) for fault in refused.value.faults]
    assert "row 1, days: found an empty list; at least 1 entry is needed" in said
    assert "row 2: found 09:00 to 09:00; a window ends after it starts" in said


def staffed(**last: Any) -> Json:
    hired = [{"therapist": "hire-kim", "shift": "mo"}, {"therapist": "ann", "shift": "mo"}]
    point = {"share": 1.0, "cost": 150.0, "bound": 150.0, "proved": True, "impossible": False,
             "patients_fully_served": 2, "patients": 2, "hired": hired}  # fmt: skip
    nobody = {"share": 0.8, "cost": 0.0, "bound": 0.0, "proved": True, "hired": []}
    return {
        "points": [point | nobody, point | last],
        "short_even_alone": [],
        "best_share_found": 0.9,
    }


FILE = {
    "candidates": [
        {"therapist": {"id": "hire-kim", "name": "Kim"}, "shifts": [SHIFT | {"remote": True}]},
        {"staff": "ann", "shifts": [SHIFT]},
    ]
}


def test_whom_to_hire_and_when_they_work() -> None:
    rows = hiring.hired(staffed()["points"][1], FILE, SCENARIO)
    assert [tuple(r.values()) for r in rows] == [
        ("Kim", "hire", "mo", "Mon 09:00–12:00 by video"),
        ("Ann Lee", "more hours", "mo", "Mon 09:00–12:00"),
    ]
    first, last = hiring.curve(staffed(), FILE, SCENARIO)
    assert (first["Care given"], first["Whom"]) == ("80 %", "nobody")
    assert (last["Cost a week"], last["Whom"]) == ("150", "Kim, Ann Lee")
    assert len(hiring_chart.points(staffed())) == 4


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ({}, "costs 150 a week more; nobody can do it for less"),
        ({"proved": False, "bound": 90.5}, "costs 150 a week more at most, and 90.50 at least"),
        ({"cost": 0.0}, "without hiring anybody"),
        (
            {"cost": None, "proved": False, "impossible": True, "bound": None},
            "90.0% is the most found",
        ),
        ({"cost": None, "proved": False}, "No week with all care that is due was found in time"),
    ],
)
def test_the_verdict_says_what_is_proved(last: Json, said: str) -> None:
    assert said in hiring.verdict(staffed(**last))


# -- capacity -------------------------------------------------------------------------------------


def capacity(**facts: Any) -> Json:
    return {
        "patients_now": 2, "served": 4, "at_most": 6, "proved": False, "short_even_alone": [],
        "larger": 5, "short_in_the_larger": ["Pat Lee (pat) is short of 1 h."],
        "reliefs": [
            {"what": "one more room", "larger_is_served": False},
            {"what": "one more lcsw", "larger_is_served": True},
            {"what": "groups at any time", "larger_is_served": None},
        ],
    } | facts  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "number", "said"),
    [
        ({}, "4 to 6", "4 patients can be fully served, and more than 6 are proved impossible."),
        ({"at_most": 4, "proved": True}, "4", "one more is proved impossible"),
        ({"at_most": None}, "4 or more", "nothing larger was ruled out"),
        ({"served": None, "at_most": None}, "not known", "No legal week"),
        ({"short_even_alone": ["pat"]}, "4 to 6", "served as far as their own hours allow"),
    ],
)
def test_capacity_is_a_number_or_a_range(facts: Json, number: str, said: str) -> None:
    shown_number, sentence = risk_capacity.headline(capacity(**facts))
    assert shown_number == number
    assert said in sentence


def test_what_stops_the_next_one_with_what_helps_first() -> None:
    rows = risk_capacity.reliefs(capacity())
    assert [r["With"] for r in rows] == ["one more lcsw", "groups at any time", "one more room"]
    assert [r["All 5 are served"] for r in rows] == ["yes", "not found in time", "no"]
    told = risk_capacity.stops(capacity(), Names(SCENARIO, Initials(SCENARIO).scenario))
    assert told == ["Enough for 5 is: one more lcsw.", "P. L. is short of 1 h."]
    assert risk_capacity.mix_of({"iop": 0, "php": 2}) == {"php": 2.0}
    assert risk_capacity.mix_of({"iop": 0}) is None


# -- risk -----------------------------------------------------------------------------------------


def estimate(value: float, error: float = 0.01) -> Json:
    return {"value": value, "standard_error": error}


def simulated() -> Json:
    def person(id: str, share: float) -> Json:
        return {"patient": id, "reaches": estimate(share), "has_all": estimate(share / 2),
                "least_minutes": 540, "planned_minutes": 600, "minutes": estimate(480.0),
                "planned_paid_days": 3, "paid_days": estimate(2.4)}  # fmt: skip

    def meets(day: str, share: float) -> Json:
        return {"section": "s1", "group": "cbt", "day": day, "start": "09:00", "due": 3, "least": 2,
                "come": estimate(2.4), "too_few": estimate(share), "falls_out": estimate(0.04)}  # fmt: skip

    return {
        "totals": {"patients": 2, "planned_reaching": 2, "reaching": estimate(1.4), "revenue": None,
                   "paid_days": estimate(4.8), "planned_paid_days": 6, "minutes": estimate(960.0),
                   "planned_minutes": 1200},
        "patients": [person("pat", 0.9), person("sam", 0.5)],
        "meetings": [meets("mon", 0.1), meets("tue", 0.4)],
        "offers": [{"sentence": "the spare seat of cbt (s1) on Tuesday 09:00", "guests": ["sam"],
                    "reaching": estimate(0.31, 0.02), "minutes": estimate(90.0),
                    "paid_days": estimate(0.2), "places_taken": estimate(0.6)}],
    }  # fmt: skip


def test_the_least_likely_come_first_and_offers_name_their_guests() -> None:
    document = simulated()
    assert [r["Patient"] for r in risk.patients(document, names())] == [
        "Sam Poe (sam)",
        "Pat Lee (pat)",
    ]
    assert [r["When"] for r in risk.meetings(document, read(SMALL))] == ["Tue 09:00", "Mon 09:00"]
    offer = risk.offers(document, names())[0]
    assert offer["Keep"] == "The spare seat of cbt (s1) on Tuesday 09:00"
    assert (offer["More reach their minimum"], offer["Who could come"]) == (
        "0.31 ± 0.02",
        "Sam Poe (sam)",
    )
    hidden = Names(SCENARIO, Initials(SCENARIO).scenario)
    assert "Sam" not in str([risk.patients(document, hidden), risk.offers(document, hidden)])
    said = risk.sentence(document)
    assert "in an average week 1.4 do. 1 patient reach" in said or "1 patient reaches" in said
    assert [title for title, *_ in risk.figures(document)] == [
        "Reach their minimum", "Paid days", "Hours attended",
    ]  # fmt: skip


def test_the_page_begins_with_the_rates_that_the_simulation_has() -> None:
    text = (ROOT / "ui" / "planning.py").read_text("utf-8")
    assert f"SHOW_RATE, ABSENCE_RATE = {SHOW_RATE * 100:.1f}, {ABSENCE_RATE * 100:.1f}" in text


# -- the page -------------------------------------------------------------------------------------


def test_every_part_is_drawn_without_a_schedule(desk: Desk) -> None:
    desk.add(SCENARIO)
    for part, said in [
        ("Whom to hire", "Find whom to hire"),
        ("How many fit", "Find how many fit"),
        ("No-shows and sick leave", ""),
    ]:
        desk.put(frame.KEPT + "planning.part", part)
        app = shown(desk)
        labels = [b.label for b in app.button]
        assert said in labels if said else "no schedule yet" in app.info[0].value
    assert app.segmented_control[0].value == part  # it is still there after a refresh


@pytest.mark.slow
def test_a_week_is_simulated_and_nobody_is_named_with_initials(desk: Desk) -> None:
    here = clinic(**{k: SMALL[k] for k in ("patients",)}, groups=[group()])
    files = desk.add(read(here).scenario)
    held = week(section(["pat", "sam"], meeting("mon", "09:00")), visit("sam", start="10:00"))
    files.take_schedule(plan(held, read(here)))
    desk.put(frame.KEPT + "planning.part", "No-shows and sick leave")
    desk.put(frame.KEPT + frame.INITIALS, True)
    app = shown(desk)
    next(b for b in app.button if b.label == "Simulate").click().run()
    latest = time.monotonic() + PATIENCE
    while not any(s.value == "What would help most" for s in app.subheader):
        assert time.monotonic() < latest
        time.sleep(0.2)
        app.run()
        assert not app.exception
    assert [m.label for m in app.metric][:2] == ["Reach their minimum", "Paid days"]
    drawn = "".join(t.value.to_csv() for t in app.dataframe)
    assert "P. L." in drawn
    assert "Pat Lee" not in drawn
