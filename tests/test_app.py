"""The app's pages as a person uses them, without a browser."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from solver import report
from solver.clinic import Clinic
from solver.io.files import load_scenario, load_schedule
from solver.runner import DIED, Runner
from solver.schedule import Schedule
from ui.desk import frame
from ui.desk.store import DEMO, READY, Desk
from ui.widgets import board

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    "overview", "week", "why", "next_week", "kept_weeks", "solve", "what_if", "sweeps", "planning",
    "check", "data", "print", "help",
]  # fmt: skip
WITHOUT_A_SCHEDULE = {"overview", "week", "check", "print"} ^ set(PAGES)
"""Pages of which something can be used before there is one."""
PATIENCE = 120.0
"""Seconds; for a machine that has much else to do."""
MARKUP = "<b>Bo</b> **x** :smile: :red[hi] $a$ [l](http://x.y) `c` <img src=x onerror=alert(1)>"


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("IOP_WORK_FOLDER", str(tmp_path))
    yield tmp_path
    for job in frame.runner().jobs():
        job.forget()
    st.cache_resource.clear()


@pytest.fixture
def desk(work: Path) -> Desk:
    return Desk.new(work)


def shown(page: str, desk: Desk | None = None) -> AppTest:
    """A page as somebody sees it who comes with the address of a desk."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    if desk is not None:
        app.query_params[frame.PARAMETER] = desk.id
    app.switch_page(f"ui/{page}.py").run()
    assert not app.exception, app.exception[0].message
    return app


def click(app: AppTest, label: str) -> AppTest:
    """Press the first button of that label."""
    next(b for b in app.button if b.label == label).click().run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    """Every text on the page."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "text", "code")
    kinds += ("success", "info", "warning", "error")
    texts = [element.value for kind in kinds for element in app.get(kind)]
    texts += [label for kind in ("button", "metric") for label in (e.label for e in app.get(kind))]
    texts += [table.value.to_csv() for table in app.dataframe]
    texts += [option for box in app.selectbox for option in box.options]
    charts = [element.proto.SerializeToString() for element in app.get("vega_lite_chart")]
    texts += [chart.decode("utf-8", "ignore") for chart in charts]
    texts += [element.proto.text for element in app.get("progress")]
    return "\n".join(texts)


def until(app: AppTest, what: Callable[[str], bool]) -> AppTest:
    """Look again until the page says something."""
    latest = time.monotonic() + PATIENCE
    while not what(words(app)):
        assert time.monotonic() < latest, words(app)
        time.sleep(0.2)
        app.run()
        assert not app.exception
    return app


def demo() -> tuple[Any, Schedule]:
    scenario = load_scenario(READY / f"{DEMO}.json")[0]
    return scenario, load_schedule(READY / "solved" / f"{DEMO}.schedule.json", scenario)


# -- every page -----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_with_nothing_set_up_the_demo_is_there(work: Path, page: str) -> None:
    app = shown(page)
    assert "Matrix evening program, week of 30 November 2026" in app.caption[0].value
    assert Desk.find(work, app.query_params[frame.PARAMETER]) is not None


@pytest.mark.parametrize("page", PAGES)
def test_initials_only_shows_no_name_on_any_page(desk: Desk, page: str) -> None:
    scenario, _ = demo()
    app = shown(page, desk)
    named = [p.name for p in scenario.patients if p.name in words(app)]
    assert named or page not in ("overview", "week", "check", "data")
    app.toggle(key=frame.KEPT + frame.INITIALS).set_value(True).run()
    again = shown(page, desk)
    for seen in (app, again):
        assert not [p.name for p in scenario.patients if p.name in words(seen)]
        assert not [p.id for p in scenario.patients if f"{p.id}" in words(seen)]


@pytest.mark.parametrize("page", PAGES)
def test_names_with_markup_are_shown_as_they_are(desk: Desk, page: str) -> None:
    content = json.loads((READY / f"{DEMO}.json").read_text())
    for field in ("patients", "therapists", "rooms", "groups", "services", "programs"):
        for entry in content[field]:
            entry["name"] = MARKUP
    content["name"] = MARKUP
    (desk.folder / "marked.json").write_text(json.dumps(content))
    scenario = load_scenario(desk.folder / "marked.json")[0]
    desk.add(scenario).take_schedule(demo()[1])
    app = shown(page, desk)
    for kind in ("markdown", "caption", "success", "info", "error", "button", "expander", "header"):
        for element in app.get(kind):
            text = getattr(element, "value", None) or getattr(element, "label", "")
            assert "<b>" not in text.replace("\\<", "")
            assert ":smile:" not in text
            assert "**x**" not in text


@pytest.mark.parametrize("page", PAGES)
def test_a_week_without_a_schedule_says_so(desk: Desk, page: str) -> None:
    desk.open("short-staffed")
    app = shown(page, desk)
    if page not in WITHOUT_A_SCHEDULE:
        assert app.info[0].value.startswith("This week has no schedule yet")
        assert any(b.label == "Solve" for b in click(app, "Solve it").button)


def test_an_address_that_names_no_desk_gets_a_new_one(work: Path) -> None:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    app.query_params[frame.PARAMETER] = "a" * 22
    app.run()
    assert not app.exception
    assert app.query_params[frame.PARAMETER] not in ("a" * 22, ["a" * 22])


def test_a_damaged_week_is_told_and_another_opened(desk: Desk) -> None:
    own = desk.add(load_scenario(READY / "three-patients.json")[0])
    own.scenario.write_text("{")
    app = shown("overview", desk)
    assert "damaged" in app.error[0].value
    assert "not JSON" in app.code[0].value
    assert "Matrix evening program" in shown("overview", desk).caption[0].value


# -- overview -------------------------------------------------------------------------------------


def test_overview_counts_the_week(work: Path) -> None:
    app = shown("overview")
    metrics = {m.label: m.value for m in app.metric}
    assert metrics["Patients fully served"] == "22 of 22"
    assert metrics["Hours delivered"] == "193.5 of 193.5"
    assert metrics["Admitted from waiting list"] == "2 of 2"
    assert list(app.dataframe[0].value.iloc[0]) == ["ASAM 2.1 (IOP)", 22, 22, 2, 2]
    assert len(app.get("vega_lite_chart")) == 3


def test_a_shortfall_leads_to_the_patients_week(desk: Desk) -> None:
    scenario = load_scenario(READY / "three-patients.json")[0]
    empty = Schedule(scenario=scenario.name, week_start=scenario.week_start, not_admitted=("p3",))
    desk.add(scenario).take_schedule(empty)
    app = shown("overview", desk)
    assert any(
        "Ben Torres" in m.value and "is short of 4 h of 4 h" in m.value for m in app.markdown
    )
    click(app, "Open week")
    assert app.selectbox(key=frame.KEPT + "week.who.patient").value == 1
    assert "**Ben Torres**" in words(app)


# -- the week -------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["room", "therapist", "patient", "group"])
def test_the_board_shows_every_session_by_anybody(desk: Desk, by: str) -> None:
    scenario, schedule = demo()
    desk.put(frame.KEPT + "week.by", by)
    app = shown("week", desk)
    meetings = sum(len(s.meetings) for s in schedule.sections)
    expected = meetings + (0 if by == "group" else len(schedule.appointments))
    assert len(app.dataframe[0].value) == expected
    app.selectbox(key=frame.KEPT + "week.day").select(0).run()
    assert set(app.dataframe[0].value["Day"]) == {"Monday"}
    app.selectbox(key=frame.KEPT + f"week.who.{by}").select(0).run()
    assert not app.exception
    assert len(app.dataframe[0].value) < expected / 2
    first = getattr(scenario, f"{by}s")[0].name
    assert any(first in m.value.replace("\\", "") for m in app.markdown)
    again = shown("week", desk)
    assert again.selectbox(key=frame.KEPT + f"week.who.{by}").value == 0


def test_a_session_opens_and_is_still_open_after_a_refresh(desk: Desk) -> None:
    scenario, schedule = demo()
    session = next(s for s in report.sessions(Clinic(scenario), schedule) if s.group)
    desk.put(frame.KEPT + "week.open", board.key_of(session))
    for _ in range(2):
        text = words(shown("week", desk)).replace("\\", "")
        for person in session.members:
            assert f"- {person.name} ({person.id})" in text
        assert f"**Attending**: {len(session.members)} of " in text
    desk.put(frame.KEPT + "week.open", "gone 0")
    assert "**Led by**" not in words(shown("week", desk))


# -- check ----------------------------------------------------------------------------------------


def test_check_says_what_is_legal_and_how_good_it_is(work: Path) -> None:
    app = shown("check")
    assert app.success[0].value == "Legal: none of the 26 rules is broken."
    assert list(app.dataframe[0].value["Tier"]) == list(range(1, 8))
    assert app.dataframe[0].value["Proved best"][0] == "yes"


def test_check_lists_every_violation(desk: Desk) -> None:
    _, schedule = demo()
    first = schedule.appointments[0]
    moved = first.model_copy(update={"start": 3 * 60})
    broken = schedule.model_copy(update={"appointments": (moved, *schedule.appointments[1:])})
    desk.week().take_schedule(broken)
    app = shown("check", desk)
    assert app.error[0].value.startswith("Not legal: ")
    assert any(e.label.startswith("Everything") or "open" in e.label for e in app.expander)
    assert "opening hours" in words(app)
    assert "No solve has said" in words(app)
    assert "breaks" in shown("overview", desk).error[0].value


# -- data -----------------------------------------------------------------------------------------


def dropped(desk: Desk, widget: str, name: str, content: bytes) -> AppTest:
    app = shown("data", desk)
    app.file_uploader(key=widget).set_value((name, content, "application/json")).run()
    assert not app.exception
    return app


def test_a_wrong_file_is_refused_with_every_fault(desk: Desk) -> None:
    expected = json.loads((READY / "invalid" / "expected.json").read_text())
    name = "many-faults-at-once.json"
    app = dropped(desk, "scenario file", name, (READY / "invalid" / name).read_bytes())
    assert app.error[0].value.replace("\\", "") == f"{name}: 7 faults. Nothing was loaded."
    places = list(app.dataframe[0].value["Place"])
    assert len(places) == 7
    assert all(any(place in str(fault) for fault in expected[name]) for place in places)
    assert desk.week().key == DEMO
    app = dropped(desk, "scenario file", "x.json", b"\xff\xfe{")
    assert "UTF" in app.dataframe[0].value["What is wrong"][0]


def test_a_scenario_and_its_schedule_are_brought_in(desk: Desk) -> None:
    app = dropped(desk, "scenario file", "t.json", (READY / "three-patients.json").read_bytes())
    assert app.success[0].value == "Three patients is open\\."
    assert not desk.week().is_ready
    schedule = {"schema_version": 1, "scenario": "Three patients", "week_start": "2026-11-30"}
    schedule |= {"sections": [], "appointments": []}
    dropped(desk, "schedule file", "s.json", json.dumps(schedule).encode())
    assert "breaks 1 rule" in shown("overview", desk).error[0].value
    wrong = schedule | {"week_start": "2026-11-23"}
    app = dropped(desk, "schedule file", "s.json", json.dumps(wrong).encode())
    assert app.dataframe[0].value["Place"][0] == "week_start"
    click(shown("data", desk), "Remove this week")
    assert desk.week().key == DEMO


def test_another_ready_week_is_opened(desk: Desk) -> None:
    app = shown("data", desk)
    app.selectbox(key="week to open").select("online").run()
    assert "Online program" in app.caption[0].value
    assert desk.week().key == "online"


# -- solve ----------------------------------------------------------------------------------------


def test_a_week_is_solved_and_taken(desk: Desk) -> None:
    desk.open("three-patients")
    app = click(shown("solve", desk), "Solve")
    until(app, lambda text: "It is the week at hand" in text)
    assert "The best week, proved for every goal in turn." in app.success[0].value
    assert {m.label: m.value for m in shown("overview", desk).metric}[
        "Patients fully served"
    ] == "1 of 2"
    again = click(shown("solve", desk), "Solve")
    until(again, lambda text: "It is the week at hand" in text or "worth the same" in text)


def test_a_running_solve_is_found_again_stopped_and_left(desk: Desk) -> None:
    desk.put(frame.KEPT + "solve.limit", 600)
    before = demo()[1]
    click(shown("solve", desk), "Solve")
    app = until(shown("solve", desk), lambda text: "s of 600 s at most" in text)
    until(app, lambda text: "at work" in text)
    click(app, "Stop and take the best so far")
    until(app, lambda text: "Leave it" in text or "It is the week" in text)
    if any(b.label == "Leave it" for b in app.button):
        click(app, "Leave it")
    assert "s of 600 s" not in words(app)
    opened = load_schedule(desk.week().schedule, demo()[0])
    assert opened == before


def test_solves_wait_for_their_turn_and_can_be_given_up(desk: Desk, work: Path) -> None:
    other = Desk.new(work)
    runner = Runner(work / "jobs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frame, "runner", lambda: runner)
        click(shown("solve", other), "Solve")
        app = click(shown("solve", desk), "Solve")
        assert "Waiting for its turn" in app.info[0].value
        click(app, "Do not solve")
        assert "given up" in app.info[0].value
        running = until(shown("solve", other), lambda text: "at most" in text or "of 60 s" in text)
        click(running, "Give up")
        until(running, lambda text: "given up" in text)


def test_a_solver_that_died_is_told_and_runs_again(desk: Desk) -> None:
    desk.open("three-patients")
    app = click(shown("solve", desk), "Solve")
    (job,) = frame.runner().jobs()
    frame.runner().end(job)
    until(app, lambda text: DIED in text)
    click(app, "Run it again")
    until(app, lambda text: "It is the week at hand" in text)
