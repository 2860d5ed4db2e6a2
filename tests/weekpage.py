"""The week page without a browser: a desk's week as the page has it, and what is dropped on its board."""

from __future__ import annotations

from typing import Any

import streamlit as st

from solver import report
from solver.io.files import load_scenario, load_schedule
from solver.scenario import Scenario
from solver.schedule import Schedule
from tests.builders import clinic, group, meeting, patient, plan, read, section, week, window
from ui.desk import frame
from ui.desk.opened import open_week
from ui.desk.store import Desk
from ui.widgets import board_acts, board_data
from ui.widgets import board_places as told

MOVABLE = "p10-individual-1"
"""An appointment of the demo that can go elsewhere on its day."""


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


def with_somebody_who_works(desk: Desk) -> None:
    """A week in which pat can come until eleven, and the group could meet later."""
    pat = patient("pat", availability=window("09:00", "11:00"))
    here = read(clinic(groups=[group()], patients=[pat, patient("sam")]))
    schedule = plan(week(section(["pat", "sam"], meeting("mon", "09:00"))), here)
    desk.add(here.scenario).take_schedule(schedule)
