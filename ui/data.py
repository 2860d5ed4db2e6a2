"""Data: which week is open, what is in it, and files to and fro."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from solver import report
from solver.errors import Fault, FileFaults
from solver.io.files import dump, load_scenario, load_schedule, parse_json
from solver.scenario import Scenario
from solver.schedule import Schedule
from ui.desk import frame
from ui.desk.store import WeekFiles
from ui.desk.tables import TABLES
from ui.widgets.text import cell, plain

SCENARIO_FILE, SCHEDULE_FILE = "scenario file", "schedule file"
WRONG, SAID = "faults of ", "said of "

page = frame.begin("Data")


@st.cache_data(max_entries=200, show_spinner=False)
def name_in(path: str, changed: int) -> str:
    """What a scenario's file calls its week."""
    try:
        content = parse_json(Path(path).read_bytes())
    except (OSError, FileFaults):
        return Path(path).stem
    name = content.get("name") if isinstance(content, dict) else None
    return cell(name) if isinstance(name, str) and name else Path(path).stem


def title_of(files: WeekFiles) -> str:
    """A week as a list of weeks shows it."""
    name = name_in(str(files.scenario), files.scenario.stat().st_mtime_ns)
    return name if files.is_ready else f"{name} (yours)"


def open_week() -> None:
    """Another week was picked."""
    page.desk.open(st.session_state["week to open"])


def take_file(widget: str, take: Callable[[Path], str]) -> None:
    """A file was dropped: use it whole, or list everything that is wrong with it."""
    st.session_state.pop(WRONG + widget, None)
    st.session_state.pop(SAID + widget, None)
    dropped = st.session_state[widget]
    if dropped is None:
        return
    here = page.desk.folder / "dropped.json"
    try:
        here.touch(mode=0o600)
        here.write_bytes(dropped.getvalue())
        st.session_state[SAID + widget] = take(here)
    except FileFaults as error:
        st.session_state[WRONG + widget] = (cell(dropped.name), error.faults)
    finally:
        here.unlink(missing_ok=True)


def take_scenario(path: Path) -> str:
    """A week of one's own."""
    scenario, _ = load_scenario(path)
    page.desk.add(scenario)
    return f"{scenario.name} is open."


def take_schedule(path: Path) -> str:
    """A schedule of the week that is open, legal or not."""
    page.files.take_schedule(load_schedule(path, page.opened.scenario))
    return "The schedule is open, on every page."


def outcome(widget: str) -> None:
    """What came of a file."""
    if SAID + widget in st.session_state:
        st.success(plain(st.session_state[SAID + widget]), icon=":material/check_circle:")
    if WRONG + widget in st.session_state:
        name, faults = st.session_state[WRONG + widget]
        found = report.count(len(faults), "fault")
        st.error(f"{plain(name)}: {found}. Nothing was loaded.", icon=":material/error:")
        st.dataframe(_fault_rows(faults), hide_index=True, alt="Every fault of the file.")


def _fault_rows(faults: tuple[Fault, ...]) -> list[dict[str, str]]:
    return [
        {"Place": cell(f.place) or "the file", "What is wrong": cell(f.message)} for f in faults
    ]


def choose_week() -> None:
    """The weeks there are."""
    weeks = {files.key: files for files in page.desk.weeks()}
    st.session_state["week to open"] = page.files.key
    st.selectbox(
        "Open a week",
        list(weeks),
        format_func=lambda key: title_of(weeks[key]),
        key="week to open",
        on_change=open_week,
        help="Ready weeks come with the program; what you bring in yourself stays on your desk.",
    )
    if not page.files.is_ready:
        st.button(
            "Remove this week",
            icon=":material/delete:",
            on_click=page.desk.remove,
            args=(page.files.key,),
            help="Take it off your desk for good, with its schedule.",
        )


def bring() -> None:
    """Files in."""
    for title, widget, take in [
        ("Bring in a scenario (JSON)", SCENARIO_FILE, take_scenario),
        ("Bring in a schedule of this week (JSON)", SCHEDULE_FILE, take_schedule),
    ]:
        st.file_uploader(title, "json", key=widget, on_change=take_file, args=(widget, take))
        outcome(widget)


def fetch() -> None:
    """Files out."""
    scenario, schedule = page.opened.scenario, page.opened.schedule
    stem = re.sub(r"[^a-z0-9]+", "-", scenario.name.lower()).strip("-")[:60] or "week"
    with st.container(horizontal=True):
        st.download_button(
            "Scenario (JSON)",
            _json(scenario),
            f"{stem}.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
        )
        if schedule is not None:
            st.download_button(
                "Schedule (JSON)",
                _json(schedule),
                f"{stem}.schedule.json",
                "application/json",
                icon=":material/download:",
                on_click="ignore",
            )
    st.caption("Files have full names, whatever the pages show.")


def _json(model: Scenario | Schedule) -> str:
    return json.dumps(dump(model), ensure_ascii=False, indent=1)


def contents() -> None:
    """What is in the week, to read."""
    clinic = page.opened.clinic
    if page.opened.notices:
        found = report.count(len(page.opened.notices), "thing")
        with st.expander(f"{found} worth knowing before solving", icon=":material/info:"):
            rows = [
                {"Place": cell(n.place), "Notice": cell(n.message)} for n in page.opened.notices
            ]
            st.dataframe(rows, hide_index=True, alt="Notices about the scenario.")
    tables = {title: rows_of(clinic) for title, rows_of in TABLES.items()}
    tabs = st.tabs([f"{title} ({len(rows)})" for title, rows in tables.items()])
    for tab, (title, rows) in zip(tabs, tables.items(), strict=True):
        with tab:
            if rows:
                st.dataframe(rows, hide_index=True, alt=f"{title} of the scenario.")
            else:
                st.caption("There are none.")


left, right = st.columns([1, 1], gap="large")
with left:
    choose_week()
    fetch()
with right:
    bring()
contents()
