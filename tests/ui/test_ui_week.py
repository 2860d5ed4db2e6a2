"""The week page: the board's data, what a drop does, cards and locks, with nobody's name let out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from solver import report
from solver.checker import check
from solver.clinic import Clinic
from tests.weekpage import (
    MOVABLE,
    drop,
    key_of,
    movable,
    on_disk,
    page_of,
    rooms_of,
    with_somebody_who_works,
)
from ui.desk import history
from ui.desk.store import Desk
from ui.widgets import board_acts, board_data, board_live
from ui.widgets import board_places as told
from ui.widgets.colours import LIGHT

ROOT = Path(__file__).resolve().parents[2]
MARKUP = "<img src=x onerror=alert(1)> **Bo** :smile:"


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
    scripts = [board_live.FOLDER / f"{name}.js" for name in ("board", "dragging", "judge")]
    script = "".join(path.read_text("utf-8") for path in scripts)
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
    hidden = board_acts.said(page_of(desk, initials=True))
    assert hidden is not None
    assert (hidden.text, hidden.lines) == ("Done.", ())
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
    assert said is not None
    assert (said.done, said.text) == (False, board_acts.STALE)
    assert on_disk(desk)[1] == other


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
