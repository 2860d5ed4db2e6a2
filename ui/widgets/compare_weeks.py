"""Weeks that commands left in folders: read to be shown, and opened as weeks of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from solver import report
from solver.clinic import Clinic
from solver.errors import FileFaults
from solver.io.files import load_scenario, load_schedule

from .compare import sessions_in_words
from .text import plain

if TYPE_CHECKING:
    from ..desk.frame import Frame


def own_week(page: Frame, scenario: Path, schedule: Path, name: str) -> bool:
    """Make a week of the desk's own of two files, named after what it is, and open it.

    A fault is said on the page, and nothing is opened.
    """
    try:
        week, _ = load_scenario(scenario)
        found = load_schedule(schedule, week)
    except FileFaults:
        st.error("This week is not there any more. Compare again.", icon=":material/error:")
        return False
    called = f"{week.name} · {name}"
    files = page.desk.add(week.model_copy(update={"name": called}))
    files.take_schedule(found.model_copy(update={"scenario": called}))
    return True


def open_button(
    page: Frame, scenario: Path, schedule: Path, name: str, *, key: str, primary: bool = False
) -> None:
    """``Open this week``, where there is one."""
    there = scenario.is_file() and schedule.is_file()
    pressed = st.button(
        "Open this week",
        key=key,
        type="primary" if primary else "secondary",
        icon=":material/calendar_view_week:",
        disabled=not there,
        help="As a week of your own; the week at hand stays as it is."
        if there
        else "There is no week to open.",
    )
    if pressed and own_week(page, scenario, schedule, name):
        st.switch_page("ui/week.py")


@st.cache_data(max_entries=32, show_spinner=False)
def weeks_of(scenario: str, schedule: str, changed: int) -> dict[str, list[str]]:
    """Each patient's sessions in words; nobody's where the files cannot be read."""
    del changed  # part of the key: files of the same name may be written anew
    try:
        week, _ = load_scenario(Path(scenario))
        found = load_schedule(Path(schedule), week)
    except FileFaults:
        return {}
    return sessions_in_words(report.sessions(Clinic(week), found))


def sessions_in(folder: Path) -> dict[str, list[str]]:
    """The same of a folder with both files."""
    schedule = folder / "schedule.json"
    if not schedule.is_file():
        return {}
    changed = schedule.stat().st_mtime_ns
    return weeks_of(str(folder / "scenario.json"), str(schedule), changed)


def refused(lines: tuple[str, ...], text: object = "This cannot be done as asked.") -> None:
    """What a command that refused its input said, line by line."""
    st.error(plain(text), icon=":material/error:")
    st.code("\n".join(lines), language=None, wrap_lines=True)
