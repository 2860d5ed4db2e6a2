"""Sessions opened on the week page: forms and locks, and what stands beside the sessions."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from solver import judging, report
from solver.checker import check
from solver.clinic import Clinic
from solver.judging import Grabbed
from solver.scenario import Lock
from tests.weekpage import MOVABLE, key_of, on_disk, page_of, rooms_of, with_somebody_who_works
from ui.desk import frame, history
from ui.desk.store import Desk
from ui.widgets import board, board_acts, board_data, board_forms, board_live, board_locks
from ui.widgets import board_marks as marks
from ui.widgets.card import PART
from ui.widgets.colours import LIGHT

ROOT = Path(__file__).resolve().parents[2]
MARKUP = "<img src=x onerror=alert(1)> **Bo** :smile:"


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


def test_the_card_says_who_would_be_left_behind(desk: Desk) -> None:
    with_somebody_who_works(desk)
    app = shown_page(desk, "s", "Move")
    when = next(s for s in app.selectbox if s.label.startswith("When"))
    without = next(o for o in when.options if "only without pat" in o)
    when.select(when.options.index(without)).run()
    assert "pat cannot come then" in app.warning[0].value
    click(app, "Move without pat")
    assert on_disk(desk)[1].sections[0].members == ("sam",)
