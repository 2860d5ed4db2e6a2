"""The page Next week: what it asks and shows, and the way from a sick call to a call list."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from pypdf import PdfReader
from streamlit.testing.v1 import AppTest

from solver.checker import check
from solver.clinic import Clinic
from solver.diff import difference
from solver.io.files import load_scenario, load_schedule
from solver.io.out.pdf import pdf
from solver.midweek.attendance import read_attendance
from solver.report.diff import heard
from solver.schedule import Schedule
from solver.tiers import tiers_of
from solver.validation import read_scenario
from tests.builders import before, clinic, group, meeting, patient, plan, read, section, visit, week
from ui.desk import frame, kept
from ui.desk.opened import open_week
from ui.desk.store import DEMO, READY, Desk
from ui.desk.unmasked import Unmasked
from ui.widgets import curve, repairs, review, review_calls, steps_midweek, steps_rebalance
from ui.widgets.steps_roll import newcomer

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
LED = section(["pat", "sam"], meeting("mon", "09:00"), meeting("wed", "09:00"))
TWICE = [group("cbt", meetings_per_week=2, max_sections=2)]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("IOP_WORK_FOLDER", str(tmp_path))
    monkeypatch.setenv("IOP_STORE", str(tmp_path / "store.sqlite"))
    yield tmp_path
    for runner in (frame.runner(), frame.asker()):
        for job in runner.jobs():
            job.forget()
    st.cache_resource.clear()


def shown(desk: Desk, page: str = "next_week") -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    app.query_params[frame.PARAMETER] = desk.id
    return fine(app.switch_page(f"ui/{page}.py").run())


def fine(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].message
    return app


def click(app: AppTest, label: str) -> AppTest:
    return fine(next(b for b in app.button if b.label == label).click().run())


def choose(app: AppTest, key: str, value: object) -> AppTest:
    group = next(e for e in app.get("button_group") if e.key == key)
    return fine(group.set_value(value).run())


def words(app: AppTest) -> str:
    kinds = ("markdown", "caption", "info", "success", "warning", "error", "subheader", "header")
    texts = [str(e.value) for kind in kinds for e in app.get(kind)]
    texts += [table.value.to_csv() for table in app.dataframe]
    texts += [option for box in (*app.selectbox, *app.multiselect) for option in box.options]
    return "\n".join([*texts, *(b.label for b in app.button)])


def until(app: AppTest, label: str) -> AppTest:
    """Look again until there is such a button."""
    latest = time.monotonic() + PATIENCE
    while not any(b.label == label for b in app.button):
        assert time.monotonic() < latest, words(app)
        time.sleep(0.2)
        fine(app.run())
    return app


def opened(desk: Desk, *, initials: bool = False) -> Any:
    return open_week(desk.week(), initials=initials)


def demo() -> tuple[Any, Schedule]:
    scenario = load_scenario(READY / f"{DEMO}.json")[0]
    return scenario, load_schedule(READY / "solved" / f"{DEMO}.schedule.json", scenario)


# -- pure -----------------------------------------------------------------------------------------


def test_a_newcomer_is_a_patient_that_a_scenario_can_have() -> None:
    scenario, _ = demo()
    taken = [p.id for p in scenario.patients]
    program = scenario.programs[0].id
    entry = newcomer(taken, "  Zoë   New ", program, ["mon", "wed"], ("17:00", ""), "remote", 3)
    assert entry["id"] not in taken
    assert entry["name"] == "Zoë New"
    data = scenario.model_dump(mode="json")
    again, _ = read_scenario(data | {"patients": [*data["patients"], entry]})
    assert again.patients[-1].priority == 3
    assert again.patients[-1].availability[0].start == 17 * 60
    whole = newcomer(
        taken, "A", program, ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ("", "")
    )
    assert "availability" not in whole


def test_the_command_line_of_a_rebalancing() -> None:
    assert steps_rebalance.command() == ("rebalance", "scenario.json", "--json", "--time-limit=15")
    asked = steps_rebalance.command(
        frozen="wed", most=0, limit=60, curve_to=40, baseline=True, locks=["section=s"]
    )
    for option in ("--frozen-before=wed", "--max-changes=0", "--curve=40", "--lock=section=s"):
        assert option in asked
    assert asked[asked.index("--baseline") + 1] == "schedule.json"


def test_points_of_a_curve_and_which_one_was_clicked() -> None:
    tier = {"goals": ["unmet_care"], "bound": 0, "proved": True}
    line = [
        {"most": 0, "found": False, "changes": None, "tiers": []},
        *(
            {"most": n, "found": True, "changes": n, "tiers": [tier | {"value": v}]}
            for n, v in [(1, 60), (2, 60), (3, 0)]
        ),
    ]
    found = curve.points(line)
    assert [(p["most"], p["value"], p["gains"]) for p in found] == [
        (1, 60, True),
        (2, 60, False),
        (3, 0, True),
    ]
    assert "1 changes: 60; 3 changes: 0" in curve.in_words(found)
    assert curve.picked({"selection": {curve.POINT: [{"most": 3}]}}) == 3
    assert curve.picked({"selection": {curve.POINT: []}}) is None
    assert curve.picked(None) is None
    assert curve.points([]) == []


def test_ticks_become_an_attended_file() -> None:
    here = read(clinic(groups=TWICE))
    schedule = plan(week(LED, visit("pat", start="11:00")), here)
    there = steps_midweek.due(here, schedule, 24 * 60)
    assert [(n, day) for n, _, day in there] == [(0, 0), (1, 0), (0, 0)]
    missed = steps_midweek.after_edit(there, [there[0]], {0: {"Came": True}, 1: {"Came": False}})
    assert missed == [there[1]]
    table = steps_midweek.rows(here, schedule, there, missed)
    assert [row["Came"] for row in table] == [True, False, True]
    said = steps_midweek.attendance(here.scenario, schedule, 24 * 60, missed)
    known = read_attendance(said, here, schedule)
    assert known.missed == {("sam", ("s", 0))}
    assert known.until == 24 * 60


def test_a_repair_is_told_apart_from_the_best_one() -> None:
    scenario, _ = demo()
    first = repairs.Way("Best", True, (), ("a", "b"), (), ("x loses 1 h.",), "")
    other = repairs.Way("Other", True, (), ("a", "c"), (), ("x loses 1 h.", "y loses 2 h."), "")
    assert repairs.apart(other, first) == (["c"], ["y loses 2 h."])
    document = {
        "units": [{"ref": "s", "day": "mon", "patient": None, "sentence": "CBT, Mon 09:00"}],
        "goals_before": dict.fromkeys(
            ["unmet_care", "short_days", "turned_away", "disruption", "continuity", "burden"], 0
        )
        | {"staffing": 5},
        "repairs": [
            {
                "way": "best for the goals",
                "legal": False,
                "violations": [{"rule": "r", "subject": "s", "message": "pat is busy"}],
                "tiers": [60, 0, 0, 0, 0, 0, 5],
                "losses": [],
                "told": "",
                "steps": [{"ref": "s", "day": "mon", "patient": None, "sentence": "cancelled"}],
                "further": [],
            }
        ],
    }
    [way] = repairs.ways(document, tiers_of(scenario.policy), str.upper)
    assert way.steps == ("CBT, Mon 09:00: cancelled",)
    assert [(was, now) for _, was, now in way.costs] == [(0, 60)]
    assert way.broken == ("PAT IS BUSY",)


def test_locks_on_what_somebody_had() -> None:
    here = read(clinic(groups=TWICE, baseline=before(LED, visit("pat", start="11:00", name="v"))))
    base = here.baseline
    assert base is not None
    assert review.locks_on(base, [("patient", "pat")]) == ["section=s", "appointment=v"]
    assert review.locks_on(base, [("patient", "sam")]) == ["section=s"]
    days = review.locks_on(base, [("therapist", "ann")])
    assert days == ["therapist=ann,day=mon", "therapist=ann,day=wed"]


def test_the_call_list_on_paper_and_as_a_table() -> None:
    people = [patient("pat") | {"name": "=Pat"}, patient("sam")]
    here = read(
        clinic(groups=TWICE, patients=people, baseline=before(LED, visit("pat", start="11:00")))
    )
    assert here.baseline is not None
    now = plan(week(LED | {"leaders": ["bob"]}, visit("pat", start="11:00")), here)
    found = heard(here, difference(here, here.baseline, now))
    rows = review_calls.to_call(found)
    assert [row[0] for row in rows if row[0]] == ["=Pat (pat)", "sam", "ann", "bob"]
    read_back = list(csv.reader(io.StringIO(review_calls.as_csv(found).decode("utf-8-sig"))))
    assert read_back[1][0] == "'=Pat (pat)"
    paper = pdf((review_calls.sheet(here, found),), "Call list", "letter")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
    assert "Whom to call" in text
    assert "=Pat (pat)" in text


def test_an_answer_about_initials_is_given_its_ids_back(work: Path) -> None:
    desk = Desk.new(work)
    scenario, schedule = demo()
    masked = opened(desk, initials=True)
    who = Unmasked(masked)
    assert who.is_masked
    assert who.schedule(masked.week.schedule) == schedule
    assert not {p.id for p in scenario.patients} & set(who.patients)
    new = masked.week.schedule.appointments[0]
    extra = new.model_copy(update={"id": f"{new.patient}-new"})
    more = masked.week.schedule.model_copy(
        update={"appointments": (*masked.week.schedule.appointments, extra)}
    )
    back = who.schedule(more).appointments
    assert len({a.id for a in back}) == len(back)
    assert back[-1].patient == schedule.appointments[0].patient
    assert back[-1].id.startswith(schedule.appointments[0].patient)


# -- as a person uses it --------------------------------------------------------------------------


@pytest.mark.slow
def test_from_a_sick_call_to_a_published_week(work: Path) -> None:
    """With initials only, so that no name may be seen on the way."""
    desk = Desk.new(work)
    scenario, schedule = demo()
    frame_name = frame.KEPT + frame.INITIALS
    desk.put(frame.INITIALS, True)
    desk.put(frame_name, True)
    app = choose(shown(desk), "kept next.job", "out")
    app.toggle(key=frame_name).set_value(True).run()
    click(app, "Find ways to go on")
    until(app, "Take this")
    seen = words(app)
    click(app, "Take this")
    seen += words(app)
    now = opened(desk)
    assert not desk.week().is_ready
    assert now.scenario.baseline is not None
    assert now.scenario.baseline.sections == schedule.sections
    assert now.schedule != schedule
    assert check(Clinic(now.scenario), now.schedule) == []
    answer = next(e for e in app.get("button_group") if e.key.startswith("answer"))
    fine(answer.set_value("Refuses").run())
    assert "They can keep what they had" in words(app)
    click(app, "Put back what they had")
    assert "What they had cannot simply be put back" in words(app)  # whoever leads it is out
    assert opened(desk).schedule == now.schedule
    click(app, "All others accept")
    click(app, "Go on to publishing")
    assert "1 person refused and still has the new times" in words(app)
    click(app, "Publish this week")
    seen += words(app)
    assert "Published: publication 1" in words(app).replace("\\", "")
    with_ids = [p for p in scenario.patients if p.name in seen or f"({p.id})" in seen]
    assert not with_ids
    store = kept.store()
    [home] = store.clinics.all()
    week_now = store.weeks.current(home.id, scenario.week_start)
    assert week_now is not None
    assert store.schedules.read(store.schedules.get(week_now.schedule_id)) == (
        now.scenario,
        now.schedule,
    )
    # After a refresh it is all still there.
    assert "This is the week that people live by" in words(shown(desk))


def test_next_week_is_made_with_who_leaves_and_who_is_new(work: Path) -> None:
    desk = Desk.new(work)
    scenario, schedule = demo()
    app = shown(desk)
    app.multiselect(key=f"{frame.KEPT}roll.leave").set_value([0]).run()
    waiting = next(n for n, p in enumerate(scenario.patients) if p.status == "waitlist")
    app.multiselect(key=f"{frame.KEPT}roll.start").set_value([waiting]).run()
    app.text_input(key="new.name").input("Zoë <b>New</b>")
    click(app, "Add")
    assert "Zoë" in words(app)
    click(app, "Make next week")
    said = words(app).replace("\\", "")
    assert "Now find its schedule" in said
    assert f"({scenario.patients[0].name}): is discharged" in said
    now = opened(desk)
    assert (now.scenario.week_start - scenario.week_start).days == 7
    assert scenario.patients[0].id not in {p.id for p in now.scenario.patients}
    assert now.scenario.patients[-1].name == "Zoë <b>New</b>"
    assert now.scenario.baseline is not None
    assert {s.id for s in now.scenario.baseline.sections} <= {s.id for s in schedule.sections}
    assert now.schedule is None
    assert "take a week in the step before" in words(choose(app, "kept next.step.next", "review"))
    assert "There is no schedule to publish yet" in words(
        choose(app, "kept next.step.next", "publish")
    )


def test_what_is_asked_wrongly_is_said_and_changes_nothing(work: Path) -> None:
    desk = Desk.new(work)
    app = shown(desk)
    click(app, "Add")
    assert "Somebody new needs a name" in words(app)
    choose(app, "kept next.job", "midweek")
    assert "everybody came" in words(app)
    assert desk.week().is_ready
