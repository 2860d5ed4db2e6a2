"""A place for one more patient: who it is for, the plans that were found, and taking one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import TYPE_CHECKING, Any

import streamlit as st
from pydantic import ValidationError

from solver.errors import FileFaults, ScenarioError
from solver.recommend.newcomer import with_patient
from solver.scenario import Scenario
from solver.timegrid import DAY_NAMES, DAYS

from ..desk import history
from ..desk.people import require
from .text import listed, plain
from .why_asking import Json
from .why_trying import real_schedule

if TYPE_CHECKING:
    from ..desk.frame import Frame
    from ..desk.opened import Opened, Week

Entry = dict[str, Any]
LIKES = {
    "either": "either way",
    "in_person": "in the room only",
    "remote": "by video only",
}
WORKDAYS = DAYS[:5]


def candidates(week: Week) -> list[str]:
    """Patients a place could be looked for: who waits for one, who is short, everybody else."""

    def order(care: Any) -> int:
        return 0 if not care.is_due else 1 if care.shortfalls() else 2

    return [c.patient.id for c in sorted(week.care, key=order)]


def told_apart(week: Week, patient: str) -> str:
    """A patient in the list, with how they stand."""
    care = next(c for c in week.care if c.patient.id == patient)
    return f"{care.patient.name} · {care.note()}"


# -- somebody new ---------------------------------------------------------------------------------


def new_patient(page: Frame) -> Entry:
    """A small form; the entry of a patient as a scenario has it."""
    clinic = page.opened.clinic
    left, middle, right = st.columns([2, 2, 1])
    name = left.text_input("Name", max_chars=80, key="why new name", placeholder="Dana Ruiz")
    program = middle.selectbox(
        "Program",
        list(clinic.programs),
        format_func=lambda p: clinic.programs[p].name or p,
        key="why new program",
    )
    priority = right.number_input(
        "Priority", 1, 5, 1, key="why new priority", help="5 comes first."
    )
    left, middle, right = st.columns(3)
    attends = left.selectbox("Attends", list(LIKES), format_func=LIKES.get, key="why new attends")
    staff = ["", *clinic.therapists]
    primary = middle.selectbox(
        "Primary therapist",
        staff,
        format_func=lambda t: clinic.therapists[t].name if t else "nobody yet",
        key="why new therapist",
    )
    travel = right.number_input(
        "Travel from work, minutes", 0, 180, 0, step=5, key="why new travel"
    )
    left, middle, right = st.columns(3)
    days = left.multiselect(
        "At work or school on",
        DAYS,
        format_func=lambda d: DAY_NAMES[DAYS.index(d)][:3],
        key="why new days",
    )
    begin = middle.time_input("From", time(9), key="why new from")
    end = right.time_input("To", time(17), key="why new to")
    return entry(
        free_id(page.opened), name, str(program), int(priority), str(attends), str(primary),
        days, begin, end, int(travel),
    )  # fmt: skip


def free_id(opened: Opened) -> str:
    """An id that nobody has, neither in the files nor as it is shown."""
    taken = {p.id for s in (opened.scenario, opened.clinic.scenario) for p in s.patients}
    return next(name for n in range(1, len(taken) + 2) if (name := f"new-{n}") not in taken)


def entry(
    id: str,
    name: str,
    program: str,
    priority: int,
    attends: str,
    primary: str,
    days: list[str],
    begin: time,
    end: time,
    travel: int,
) -> Entry:
    """A patient's entry; what is left open is left out."""
    out: Entry = {
        "id": id,
        "name": name.strip() or "New patient",
        "program": program,
        "priority": priority,
        "attends": attends,
    }
    if primary:
        out["primary_therapist"] = primary
    if days:
        hours = {
            "days": sorted(days, key=DAYS.index),
            "start": f"{begin:%H:%M}",
            "end": f"{end:%H:%M}",
        }
        out["commitments"] = [
            {"label": "work or school", "windows": [hours], "travel_minutes": travel}
        ]
    return out


def faults(scenario: Scenario, new: Mapping[str, Any]) -> list[str]:
    """What keeps the entry from being a patient of the scenario."""
    try:
        with_patient(scenario, dict(new))
    except ScenarioError as error:
        return [fault.message for fault in error.faults]
    return []


# -- plans ----------------------------------------------------------------------------------------


def plans(page: Frame, found: Json, new: Entry | None) -> None:
    """Every plan, first without moving anyone."""
    st.markdown(f"**{plain(found['headline'])}**")
    for number, plan in enumerate(found["plans"]):
        _plan(page, plan, new, f"plan {number}", number == 0)
    if found["most_moves"]:
        st.markdown("**If others move**")
        if not found["with_moves"]:
            st.markdown("Nothing better was found.")
    for number, plan in enumerate(found["with_moves"]):
        _plan(page, plan, new, f"moved {number}", not found["plans"] and number == 0)
    told = list(dict.fromkeys(o["text"] for of in found["obstacles"].values() for o in of))
    if told:
        of_more = " of more" if found["plans"] else ""
        with st.expander(f"What stands in the way{of_more}", expanded=not found["plans"]):
            st.markdown(listed([plain(text) for text in told]))
    if not found["complete"]:
        st.caption("There were too many ways to look at all of them; these are the best found.")


def _plan(page: Frame, plan: Json, new: Entry | None, key: str, first: bool) -> None:
    with st.container(border=True):
        headline, *sentences = plan["sentences"]
        row = st.container(horizontal=True, vertical_alignment="center")
        row.markdown(f"**{plain(headline)}**", width="stretch")
        pressed = row.button(
            "Take this plan",
            key=f"take {key}",
            type="primary" if first else "secondary",
            icon=":material/check:",
            help="Makes it part of the week that is open; it can be undone on the week's page.",
        )
        st.markdown(listed([plain(text) for text in sentences]))
        if pressed and take(page, plan["schedule"], new):
            st.switch_page("ui/week.py")


def take(page: Frame, schedule: Json, new: Entry | None) -> bool:
    """Make a plan the week's; somebody new becomes one of its patients."""
    require("scheduler")
    said = "Gave one more patient a place"
    try:
        week = real_schedule(page.opened, schedule)
        if new is None:
            history.change(page.files, said, schedule=week)
        else:
            scenario = with_patient(page.opened.scenario, dict(new))[0]
            files = page.desk.own_copy(page.files)
            history.change(files, said, schedule=week, scenario=scenario)
    except (FileFaults, ValidationError, KeyError):
        st.error("The week has been changed since. Ask again.", icon=":material/history:")
        return False
    return True
