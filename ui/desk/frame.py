"""What every page begins with: the person's desk, the week on it, and the page's head."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import streamlit as st

from solver import report
from solver.errors import FileFaults
from solver.runner import Command, Job, Runner, Task

from ..widgets.text import plain
from .opened import Opened, Week, open_week
from .people import person, require
from .store import WORK_VARIABLE, Desk, WeekFiles, remove_old, work_folder

PARAMETER = "desk"
"""In the address; its value is opaque."""
KEPT = "kept "
"""Begins the names, in session state and on the desk, of what a person chose."""
INITIALS = "initials"
# Streamlit leaves more room above a page than its navigation bar needs.
_STYLE = "<style>.stMainBlockContainer { padding-top: 4.5rem; padding-bottom: 3rem; }</style>"


@dataclass(frozen=True, slots=True)
class Frame:
    """What a page works with."""

    desk: Desk
    files: WeekFiles
    opened: Opened
    runner: Runner

    @property
    def week(self) -> Week:
        """The schedule; a page that needs one and has none says so and ends here."""
        if self.opened.week is None:
            _no_schedule(self.opened)
        return self.opened.week


def begin(title: str) -> Frame:
    """Find the desk and open its week; draw the head of the page."""
    st.html(_STYLE)
    someone = person()
    try:
        desk = _desk(someone.id if someone.signed_in else None)
    except (OSError, FileFaults) as error:
        _cannot_be_written(error)
    keep_ready(desk, INITIALS, False)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    head = row.container(width="stretch", gap=None)
    row.toggle(
        "Initials only",
        key=KEPT + INITIALS,
        on_change=keeper(desk, INITIALS),
        help="Show patients by their initials, on every page.",
    )
    if someone.signed_in:
        row.button(
            "Sign out",
            icon=":material/logout:",
            type="tertiary",
            on_click=st.logout,
            help=f"{plain(someone.name)}, {someone.role}",
        )
    files = desk.week()
    try:
        opened = _opened(files, bool(st.session_state[KEPT + INITIALS]), _stamp(files))
    except FileFaults as error:
        with head:
            st.header(title, anchor=False)
        st.error("This week's file is damaged. Open another week on the Data page.")
        st.code("\n".join(map(str, error.faults)), language=None, wrap_lines=True)
        desk.put("week", None)
        st.stop()
    with head:
        st.header(title, anchor=False)
        scenario = opened.scenario
        start = report.long_date(scenario.week_start)
        st.caption(f"{plain(scenario.name)}, week of {start}")
    return Frame(desk, files, opened, runner())


def _desk(owner: str | None) -> Desk:
    """The desk named in the address, else this session's, else the owner's last, else a new one.

    Where people sign in a desk is its owner's alone; elsewhere it is whose address has its id.
    """
    work = _work()
    named = st.query_params.get(PARAMETER)
    desk = Desk.find(work, named, owner)
    desk = desk or Desk.find(work, st.session_state.get(PARAMETER), owner)
    desk = desk or Desk.last_of(work, owner) or Desk.new(work, owner)
    st.session_state[PARAMETER] = desk.id
    if named != desk.id:
        st.query_params[PARAMETER] = desk.id
    return desk


# -- what a person chose --------------------------------------------------------------------------


def keep_ready(desk: Desk, name: str, default: Any, options: Sequence[Any] | None = None) -> str:
    """The session-state key of a choice, holding what was chosen last if that can still be."""
    key = KEPT + name
    value = st.session_state[key] if key in st.session_state else desk.get(key, default)
    if options is not None and value not in options:
        value = default
    st.session_state[key] = value
    return key


def keeper(desk: Desk, name: str) -> Callable[[], None]:
    """Writes a choice down when it is made."""

    def keep() -> None:
        desk.put(KEPT + name, st.session_state.get(KEPT + name))

    return keep


def choose(desk: Desk, name: str, value: object) -> None:
    """Choose something on a person's behalf; for callbacks, before its widget is drawn."""
    st.session_state[KEPT + name] = value
    desk.put(KEPT + name, value)


def chosen(desk: Desk, name: str) -> Any:
    """What was chosen last."""
    return st.session_state.get(KEPT + name, desk.get(KEPT + name))


# -- kept by the server ---------------------------------------------------------------------------


def _work() -> Path:
    try:
        return _work_folder(str(work_folder()))
    except OSError as error:
        _cannot_be_written(error)


def _cannot_be_written(error: OSError | FileFaults) -> NoReturn:
    why = str(error.faults[0].message) if isinstance(error, FileFaults) else error.strerror
    st.error(
        f"The folder {plain(work_folder())} cannot be written ({plain(why)}). Make room in it, or "
        f"start the app with {plain(WORK_VARIABLE)} naming a folder that can be written.",
        icon=":material/error:",
    )
    st.stop()


@st.cache_resource(show_spinner=False)
def _work_folder(path: str) -> Path:
    """The work folder, made and tidied once."""
    folder = Path(path)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    remove_old(folder / "desks")
    return folder


def runner() -> Runner:
    """The one runner of this server."""
    return _runner(str(_work() / "jobs"))


def asker() -> Runner:
    """Runs questions beside the solves, so that none has to wait for a long solve to end."""
    return _runner(str(_work() / "asked"))


class _Guarded(Runner):
    """Runs nothing for a viewer, whatever a page forgot to ask."""

    def start(self, task: Task | Command) -> Job:
        require("scheduler")
        return super().start(task)

    def queue(self, job: Job) -> None:
        require("scheduler")
        super().queue(job)


@st.cache_resource(show_spinner=False)
def _runner(path: str) -> Runner:
    folder = Path(path)
    remove_old(folder)
    return _Guarded(folder, at_once=max(1, (os.cpu_count() or 1) // 2))


Stamp = tuple[tuple[str, int, int], ...]


def _stamp(files: WeekFiles) -> Stamp:
    """Which files they are and when they changed."""
    out = []
    for path in (files.scenario, files.schedule, files.result):
        if path.exists():
            about = path.stat()
            out.append((str(path), about.st_mtime_ns, about.st_size))
    return tuple(out)


@st.cache_resource(max_entries=24, show_spinner="Reading the week …")
def _opened(_files: WeekFiles, initials: bool, stamp: Stamp) -> Opened:
    return open_week(_files, initials=initials)


# -- without a schedule ---------------------------------------------------------------------------


def _no_schedule(opened: Opened) -> NoReturn:
    if opened.faults:
        st.error("The schedule of this week cannot be used.", icon=":material/error:")
        st.code("\n".join(map(str, opened.faults)), language=None, wrap_lines=True)
    st.info("This week has no schedule yet.", icon=":material/event_upcoming:")
    if st.button("Solve it", type="primary", icon=":material/play_arrow:"):
        st.switch_page("ui/solve.py")
    st.stop()
