"""The week page: the board's data, what a drop does, cards and locks, with nobody's name let out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from solver import judging, report
from solver.checker import check
from solver.clinic import Clinic
from solver.io.files import load_scenario, load_schedule
from solver.judging import Grabbed
from solver.scenario import Lock, Scenario
from solver.schedule import Schedule
from tests.builders import clinic, group, meeting, patient, plan, read, section, week, window
from ui.desk import frame, history
from ui.desk.opened import open_week
from ui.desk.store import Desk
from ui.widgets import board, board_acts, board_data, board_forms, board_live, board_locks
from ui.widgets import board_marks as marks
from ui.widgets import board_places as told
from ui.widgets.card import PART
from ui.widgets.colours import LIGHT

ROOT = Path(__file__).resolve().parents[2]
MOVABLE = "p10-individual-1"
"""An appointment of the demo that can go elsewhere on its day."""
MARKUP = "<img src=x onerror=alert(1)> **Bo** :smile:"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("IOP_WORK_FOLDER", str(tmp_path))
    st.session_state.clear()
    yield Desk.new(tmp_path)
    st.session_state.clear()
    st.cache_resource.clear()


def page_of(desk: Desk, initials: bool = False) -> frame.Frame:
    files = desk.week()
    return frame.Frame(desk, files, open_week(files, initials=initials), None)  # type: ignore[arg-type]


def rooms_of(page: frame.Frame, days: tuple[int, ...] = (0,)) -> board_data.Shown:
    weeks = report.weeks(page.week.clinic, page.week.schedule, "room")
    return board_data.Shown("room", weeks, days, single=False)


def drop(page: frame.Frame, shown: board_data.Shown, **said: Any) -> board_acts.Said | None:
    """What comes of letting something go."""
    st.session_state.pop(board_acts.SAID, None)
    board_acts.dropped(page, shown, {"stamp": board_acts.stamp(page), **said})
    return st.session_state.get(board_acts.SAID)


def key_of(page: frame.Frame, ref: str) -> int:
    return next(n for n, s in enumerate(page.week.sessions) if s.ref == ref)


def on_disk(desk: Desk) -> tuple[Scenario, Schedule]:
    files = desk.week()
    scenario, _ = load_scenario(files.scenario)
    return scenario, load_schedule(files.schedule, scenario)


def movable(page: frame.Frame, shown: board_data.Shown) -> dict[str, int]:
    """A drop of the movable appointment that is allowed, as the browser says it."""
    key = key_of(page, MOVABLE)
    session = page.week.sessions[key]
    column = shown.columns.index(session.room or "")
    answer = board_acts.places_told(
        page, shown, {"stamp": board_acts.stamp(page), "key": key, "column": column, "token": 1}
    )
    assert answer is not None
    place = next(
        p
        for p in answer["places"]
        if p[3] in (told.FREE, told.COSTS) and p[:3] != [session.day, session.start, column]
    )
    return {"key": key, "from": column, "day": place[0], "start": place[1], "column": place[2]}


# -- what the browser is told ---------------------------------------------------------------------


def test_the_board_is_told_in_numbers_and_shows_every_session(desk: Desk) -> None:
    page = page_of(desk)
    shown = rooms_of(page, (0, 1, 2, 3, 4))
    data = board_data.picture(page.week, shown, "s", LIGHT, editable=True, opened=None)
    assert len(data["sessions"]) == len(page.week.sessions)
    assert data["layout"] == "rows"
    assert {type(s["key"]) for s in data["sessions"]} == {int}
    text = json.dumps(data)
    assert MOVABLE not in text
    assert '"p10' not in text
    day = board_data.picture(page.week, rooms_of(page), "s", LIGHT, editable=True, opened=None)
    assert day["layout"] == "columns"
    assert {s["day"] for s in day["sessions"]} == {0}


def test_initials_leave_no_name_and_no_id_with_the_browser(desk: Desk) -> None:
    page = page_of(desk, initials=True)
    patients = page.opened.scenario.patients
    for by in report.VIEWS:
        weeks = report.weeks(page.week.clinic, page.week.schedule, by)
        shown = board_data.Shown(by, weeks, tuple(range(7)), single=False)
        data = board_data.picture(page.week, shown, "s", LIGHT, editable=True, opened=None)
        text = json.dumps(data, ensure_ascii=False)
        assert not [p.name for p in patients if p.name in text]
    shown = rooms_of(page)
    for key in range(4):
        said = {"stamp": board_acts.stamp(page), "key": key, "column": 0, "token": 1}
        text = json.dumps(board_acts.places_told(page, shown, said), ensure_ascii=False)
        assert not [p.name for p in patients if p.name in text]


def test_names_with_markup_stay_text(desk: Desk) -> None:
    scenario, schedule = on_disk(desk)
    first, *rest = scenario.patients
    named = scenario.model_copy(
        update={"patients": (first.model_copy(update={"name": MARKUP}), *rest)}
    )
    desk.add(named).take_schedule(schedule)
    page = page_of(desk)
    weeks = report.weeks(page.week.clinic, page.week.schedule, "patient")
    shown = board_data.Shown("patient", weeks, (0,), single=False)
    data = board_data.picture(page.week, shown, "s", LIGHT, editable=True, opened=None)
    assert data["columns"][0]["name"] == MARKUP
    # The browser makes text nodes of it, and knows no other way.
    script = (board_live.FOLDER / "board.js").read_text("utf-8")
    assert "innerHTML" not in script
    assert "html:" not in script
    assert "textContent = text" in script


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"key": -1, "column": 0},
        {"key": True, "column": 0},
        {"key": 0, "column": 99},
        {"key": "0", "column": 0},
        {"key": 0, "column": 0, "stamp": "older"},
    ],
)
def test_nothing_of_the_browsers_is_trusted(desk: Desk, said: dict[str, Any]) -> None:
    page = page_of(desk)
    assert (
        board_acts.in_hand(page, rooms_of(page), {"stamp": board_acts.stamp(page), **said}) is None
    )
    assert board_acts.places_told(page, rooms_of(page), {"stamp": "x", **said}) is None


def test_places_are_told_short_each_text_once(desk: Desk) -> None:
    page = page_of(desk)
    shown = rooms_of(page, (0, 1, 2, 3))
    key = key_of(page, MOVABLE)
    column = shown.columns.index(page.week.sessions[key].room or "")
    said = {"stamp": board_acts.stamp(page), "key": key, "column": column, "token": 7}
    first = board_acts.places_told(page, shown, said)
    rest = board_acts.places_told(page, shown, {**said, "rest": True})
    assert first is not None
    assert rest is not None
    assert (first["rest"], rest["rest"], first["token"]) == (True, False, 7)
    assert {p[0] for p in first["places"]} == {0}
    assert {p[0] for p in rest["places"]} == {0, 1, 2, 3}
    texts = [json.dumps(text) for text in rest["texts"]]
    assert len(texts) == len(set(texts))
    assert {p[4] for p in rest["places"]} == set(range(len(texts)))
    forbidden = next(p for p in first["places"] if p[3] == told.FORBIDDEN)
    assert first["texts"][forbidden[4]]["lines"][0].endswith(".")


# -- dropping -------------------------------------------------------------------------------------


def test_a_drop_changes_the_file_and_is_undone(desk: Desk) -> None:
    page = page_of(desk)
    shown = rooms_of(page)
    before = on_disk(desk)[1]
    where = movable(page, shown)
    said = drop(page, shown, **where)
    assert said is not None
    assert said.done
    assert said.lines
    scenario, after = on_disk(desk)
    moved = next(a for a in after.appointments if a.id == MOVABLE)
    assert (moved.start, moved.room) == (where["start"], shown.columns[where["column"]])
    assert not check(Clinic(scenario), after)
    board_acts.undo(page_of(desk))
    assert on_disk(desk)[1] == before
    board_acts.redo(page_of(desk))
    assert on_disk(desk)[1] == after


def test_a_drop_with_initials_changes_the_same_file(desk: Desk) -> None:
    page = page_of(desk, initials=True)
    shown = rooms_of(page)
    masked = next(a.id for a in page.week.schedule.appointments if a.id not in (MOVABLE,))
    assert "p10" not in masked
    numbers = [a.id for a in on_disk(desk)[1].appointments]
    ref = page.week.schedule.appointments[numbers.index(MOVABLE)].id
    key = key_of(page, ref)
    plain = movable(page_of(desk), shown)
    said = drop(page, shown, **{**plain, "key": key})
    assert said is not None
    assert said.done
    assert not [p.name for p in page.opened.scenario.patients if p.name in str(said)]
    moved = next(a for a in on_disk(desk)[1].appointments if a.id == MOVABLE)
    assert moved.start == plain["start"]


def test_a_drop_where_nothing_may_be_says_why_and_changes_nothing(desk: Desk) -> None:
    page = page_of(desk)
    shown = rooms_of(page)
    before = on_disk(desk)[1]
    key = key_of(page, MOVABLE)
    column = shown.columns.index(page.week.sessions[key].room or "")
    said = drop(page, shown, **{"key": key, "from": column, "day": 0, "start": 1170, "column": 0})
    assert said is not None
    assert not said.done
    assert "cannot be there" in said.text
    assert said.lines
    assert on_disk(desk)[1] == before


def test_a_drop_on_a_week_that_was_changed_meanwhile_is_refused(desk: Desk) -> None:
    page = page_of(desk)
    shown = rooms_of(page)
    where = movable(page, shown)
    seen = board_acts.stamp(page)
    _, schedule = on_disk(desk)
    other = schedule.model_copy(update={"appointments": schedule.appointments[1:]})
    history.change(page.files, "elsewhere", schedule=other)
    said = drop(page, shown, **where, stamp=seen)
    assert said == board_acts.Said(False, board_acts.STALE)
    assert on_disk(desk)[1] == other


def with_somebody_who_works(desk: Desk) -> None:
    """A week in which pat can come until eleven, and the group could meet later."""
    pat = patient("pat", availability=window("09:00", "11:00"))
    here = read(clinic(groups=[group()], patients=[pat, patient("sam")]))
    schedule = plan(week(section(["pat", "sam"], meeting("mon", "09:00"))), here)
    desk.add(here.scenario).take_schedule(schedule)


def test_who_would_be_left_behind_is_asked_about_first(desk: Desk) -> None:
    with_somebody_who_works(desk)
    page = page_of(desk)
    weeks = report.weeks(page.week.clinic, page.week.schedule, "group")
    shown = board_data.Shown("group", weeks, tuple(range(7)), single=False)
    before = on_disk(desk)[1]
    where = {"key": 0, "from": 0, "column": 0, "day": 0, "start": 660}
    assert drop(page, shown, **where) is None
    asked = st.session_state[board_acts.ASKS]
    assert asked.without == ("pat",)
    assert on_disk(desk)[1] == before
    assert board_acts.take(page, asked.steps, asked.title)
    after = on_disk(desk)[1].sections[0]
    assert (after.members, after.meetings[0].start) == (("sam",), 660)
    assert "pat leaves" in history.steps(desk.week()).undo[0]


def test_the_card_says_who_would_be_left_behind(desk: Desk) -> None:
    with_somebody_who_works(desk)
    app = shown_page(desk, "s", "Move")
    when = next(s for s in app.selectbox if s.label.startswith("When"))
    without = next(o for o in when.options if "only without pat" in o)
    when.select(when.options.index(without)).run()
    assert "pat cannot come then" in app.warning[0].value
    click(app, "Move without pat")
    assert on_disk(desk)[1].sections[0].members == ("sam",)


# -- what stands beside ---------------------------------------------------------------------------


def test_what_ends_stands_on_the_board(desk: Desk) -> None:
    page = page_of(desk)
    found = marks.endings(page.week.clinic)
    kinds = {e.kind for e in found}
    assert {"authorisation", "credential"} <= kinds
    assert [e.last for e in found] == sorted(e.last for e in found)
    weeks = report.weeks(page.week.clinic, page.week.schedule, "therapist")
    shown = board_data.Shown("therapist", weeks, tuple(range(7)), single=False)
    data = board_data.picture(page.week, shown, "s", LIGHT, editable=False, opened=None)
    assert any("until" in mark for column in data["columns"] for mark in column["marks"])
    late = [s for s in data["sessions"] if s["marks"]]
    assert late
    assert all("until" in mark for s in late for mark in s["marks"])


def test_a_lock_keeps_what_stands_and_is_let_go(desk: Desk) -> None:
    scenario, schedule = on_disk(desk)
    section = schedule.sections[0]
    bare = scenario.model_copy(update={"baseline": None, "locks": ()})
    made = board_locks.locked(bare, schedule, Lock(section=section.id))
    assert made.scenario is not None
    assert made.note == board_locks.NEW_BASELINE
    assert not check(Clinic(made.scenario), schedule)
    kept = made.scenario.baseline
    assert kept is not None
    assert section in kept.sections
    again = board_locks.locked(made.scenario, schedule, Lock(section=section.id))
    assert again.faults == ("It is locked already.",)
    free = board_locks.unlocked(made.scenario, Lock(section=section.id))
    assert free.scenario is not None
    assert free.scenario.locks == ()
    assert board_locks.unlocked(free.scenario, Lock(section=section.id)).scenario is None


@pytest.mark.parametrize("kind", ["appointment", "member", "day"])
def test_every_kind_of_lock_holds_with_a_baseline_that_differs(desk: Desk, kind: str) -> None:
    scenario, schedule = on_disk(desk)
    base = schedule.model_copy(update={"sections": (), "appointments": (), "not_admitted": None})
    scenario = scenario.model_copy(update={"baseline": base, "locks": ()})
    section, visit = schedule.sections[0], schedule.appointments[0]
    lock = {
        "appointment": Lock(appointment=visit.id),
        "member": Lock(patient=section.members[0], group=section.group),
        "day": Lock(therapist=visit.therapist, day=visit.day),
    }[kind]
    made = board_locks.locked(scenario, schedule, lock)
    assert made.scenario is not None, made.faults
    assert not check(Clinic(made.scenario), schedule)
    assert made.note == ""


def test_locks_stand_on_the_session_and_hold_it(desk: Desk) -> None:
    page = page_of(desk)
    section = page.week.schedule.sections[0]
    lock = Lock(section=section.id)
    schedule = page.opened.schedule
    assert schedule is not None
    done = board_acts.take_lock(
        page, lambda: board_locks.locked(page.opened.scenario, schedule, lock), "Locked it"
    )
    assert done
    own = desk.week()
    assert not own.is_ready
    page = page_of(desk)
    session = page.week.sessions[key_of(page, section.id)]
    assert marks.locks_on(page.week.clinic, session)
    shown = rooms_of(page, tuple(range(7)))
    data = board_data.picture(page.week, shown, "s", LIGHT, editable=True, opened=None)
    assert any(s["locked"] for s in data["sessions"])
    found = judging.places(page.week.clinic, page.week.schedule, Grabbed(section.id, session.day))
    legal = [p for p in found if p.is_legal]
    assert {(p.day, p.start) for p in legal} <= {(session.day, session.start)}
    assert history.undo(own) == "Locked it"
    assert on_disk(desk)[0].locks == ()


# -- the page -------------------------------------------------------------------------------------


def shown_page(desk: Desk, ref: str, part: str) -> AppTest:
    """The page with a session open at a part of its card."""
    page = page_of(desk)
    session = page.week.sessions[key_of(page, ref)]
    desk.put(frame.KEPT + board_forms.OPEN, board.key_of(session))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.query_params[frame.PARAMETER] = desk.id
    app.session_state[PART] = part
    app.switch_page("ui/week.py").run()
    assert not app.exception, app.exception[0].message
    return app


def click(app: AppTest, label: str) -> AppTest:
    next(b for b in app.button if b.label.replace("\\", "") == label).click().run()
    assert not app.exception, app.exception[0].message
    return app


def test_a_session_is_moved_without_a_mouse(desk: Desk) -> None:
    app = shown_page(desk, MOVABLE, "Move")
    when = next(s for s in app.selectbox if s.label.startswith("When"))
    best = next(o for o in when.options if not o.startswith("✗") and "As it is now" not in o)
    assert "✗" in when.options[-1]
    when.select(when.options.index(best)).run()
    before = next(a for a in on_disk(desk)[1].appointments if a.id == MOVABLE)
    click(app, "Move")
    moved = next(a for a in on_disk(desk)[1].appointments if a.id == MOVABLE)
    assert (moved.day, moved.start) != (before.day, before.start)
    assert len(history.steps(desk.week()).undo) == 1
    again = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    again.query_params[frame.PARAMETER] = desk.id
    click(again.switch_page("ui/week.py").run(), "Undo")
    assert next(a for a in on_disk(desk)[1].appointments if a.id == MOVABLE) == before


def test_an_appointment_is_cancelled_and_a_member_taken_out(desk: Desk) -> None:
    click(shown_page(desk, MOVABLE, "Who comes"), "Cancel it")
    assert MOVABLE not in {a.id for a in on_disk(desk)[1].appointments}
    page = page_of(desk)
    board_ = judging.board_of(page.week.clinic, page.week.schedule)
    leaving = [
        judging.MoveMember(p, leaves=s.id) for s in page.week.schedule.sections for p in s.members
    ]
    move = next(m for m in leaving if judging.judge(board_, m).is_legal)
    app = shown_page(desk, move.leaves or "", "Who comes")
    app.selectbox(key=f"member {move.leaves}").select(move.patient).run()
    choice = app.selectbox(key=f"move {move.patient} {move.leaves}")
    out = next(o for o in choice.options if "out of this section" in o)
    choice.select(choice.options.index(out)).run()
    click(app, "Do it")
    sections = {s.id: s for s in on_disk(desk)[1].sections}
    assert move.patient not in sections[move.leaves or ""].members


def test_a_lock_is_set_on_the_card(desk: Desk) -> None:
    ref = on_disk(desk)[1].sections[0].id
    app = shown_page(desk, ref, "Locks")
    label = next(b.label for b in app.button if b.label.startswith("Lock "))
    click(app, label.replace("\\", ""))
    assert on_disk(desk)[0].locks == (Lock(section=ref),)


def test_without_the_calendar_there_is_a_picture_and_it_says_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_live, "_MADE", None)
    app = shown_page(desk, MOVABLE, "Move")
    assert any("still picture" in i.value for i in app.info)
    assert app.get("vega_lite_chart")
    assert any(b.label == "Move" for b in app.button)
