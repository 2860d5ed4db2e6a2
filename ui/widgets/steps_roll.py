"""Next week from this one: who leaves, who comes, who changes their level of care."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from solver import report
from solver.errors import FileFaults
from solver.rollforward.rolling import Asked, Rolled, next_week
from solver.scenario import Scenario
from solver.schedule import Schedule
from solver.timegrid import DAY_NAMES, DAYS

from ..desk import frame
from ..desk.frame import Frame
from ..desk.people import require
from ..desk.unmasked import Unmasked
from . import steps
from .text import cell, listed, plain

LEAVING, STARTING, NEW, FROM = "roll.leave", "roll.start", "roll.new", "roll.from"
AS_IT_IS, AS_PLANNED = "as it is now", "as it was planned"
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
WAYS = {"either": "Either way", "in_person": "In person", "remote": "By video"}
MOST_SHOWN = 40


def roll(page: Frame, then: str) -> None:
    """The form; ``then`` is the step that follows."""
    opened = page.opened
    following = opened.scenario.week_start + timedelta(days=7)
    if opened.schedule is None:
        st.info(
            "This week has no schedule yet, so there is nothing to go on from. Solve it first.",
            icon=":material/event_upcoming:",
        )
        return
    shown = opened.clinic.scenario
    names = {n: cell(p.name or p.id) for n, p in enumerate(shown.patients)}
    here = [n for n, p in enumerate(shown.patients) if p.status == "active"]
    waiting = [n for n, p in enumerate(shown.patients) if p.status == "waitlist"]
    st.markdown(
        f"Makes the week of **{plain(report.long_date(following))}** from this one. "
        "Everybody keeps what they have unless it has to change."
    )
    left, right = st.columns(2)
    with left:
        _many(page, "Who leaves", LEAVING, here, names, "Discharged: their places are free again.")
        _many(
            page,
            "Who starts from the waiting list",
            STARTING,
            waiting,
            names,
            "In treatment from next week on. Others who wait are admitted where there is room.",
        )
        _levels(page, here, names)
    with right:
        _newcomers(page)
    if _was_planned_otherwise(opened.scenario):
        st.segmented_control(
            "Go on from this week",
            [AS_PLANNED, AS_IT_IS],
            required=True,
            key=frame.keep_ready(page.desk, FROM, AS_PLANNED, [AS_PLANNED, AS_IT_IS]),
            on_change=frame.keeper(page.desk, FROM),
            help="As planned: without what was done this week because somebody was out.",
        )
    st.button(
        "Make next week",
        type="primary",
        icon=":material/fast_forward:",
        on_click=_make,
        args=(page, then),
    )


def _many(
    page: Frame, label: str, name: str, options: list[int], names: Mapping[int, str], help: str
) -> None:
    key = frame.KEPT + name
    if key not in st.session_state:
        st.session_state[key] = page.desk.get(key, [])
    st.session_state[key] = [n for n in st.session_state[key] if n in options]
    st.multiselect(
        label,
        options,
        format_func=names.get,
        key=key,
        on_change=frame.keeper(page.desk, name),
        placeholder="Nobody" if options else "Nobody to choose",
        disabled=not options,
        help=help,
    )


def _levels(page: Frame, here: list[int], names: Mapping[int, str]) -> None:
    programs = {p.id: cell(p.name or p.id) for p in page.opened.scenario.programs}
    if len(programs) < 2:
        return
    _many(page, "Who changes level", "roll.levels", here, names, "Steps down or up next week.")
    for n in st.session_state[frame.KEPT + "roll.levels"]:
        name, now = f"roll.level {n}", page.opened.scenario.patients[n].program
        others = [p for p in programs if p != now]
        st.selectbox(
            f"{names[n]}: from {programs.get(now, now)} to",
            others,
            format_func=programs.get,
            key=frame.keep_ready(page.desk, name, others[0], others),
            on_change=frame.keeper(page.desk, name),
        )


# -- new people -----------------------------------------------------------------------------------


def newcomer(
    taken: Sequence[str],
    name: str,
    program: str,
    days: Sequence[str],
    hours: tuple[str, str],
    attends: str = "either",
    priority: int = 1,
) -> dict[str, object]:
    """A new patient's entry, under an id that nobody has.

    Args:
        hours: from and to, each ``HH:MM``; both empty: whenever the clinic is open.
    """
    number = len(taken) + 1
    while (id := f"p{number:02d}") in taken:
        number += 1
    entry: dict[str, object] = {"id": id, "name": " ".join(name.split()), "program": program}
    if any(hours) or set(days) != set(DAYS):
        window = {"days": list(days), "start": hours[0] or "00:00", "end": hours[1] or "24:00"}
        entry["availability"] = [window]
    if attends != "either":
        entry["attends"] = attends
    if priority != 1:
        entry["priority"] = priority
    return entry


def _newcomers(page: Frame) -> None:
    """Who is new, and a small form for one more."""
    coming: list[dict[str, Any]] = page.desk.get(frame.KEPT + NEW, [])
    st.markdown("**Who is new**" if coming else "**Who is new?** Nobody so far.")
    for number, entry in enumerate(coming):
        row = st.container(horizontal=True, vertical_alignment="center")
        name = _shown_name(page, number, entry)
        program = next(
            (p.name for p in page.opened.scenario.programs if p.id == entry["program"]), ""
        )
        row.markdown(f"{plain(name)}, {plain(program or entry['program'])}", width="stretch")
        row.button(
            "Not after all",
            key=f"roll drop {number}",
            type="tertiary",
            on_click=_drop,
            args=(page, number),
        )
    programs = {p.id: cell(p.name or p.id) for p in page.opened.scenario.programs}
    with (
        st.popover("Somebody new", icon=":material/person_add:", width="stretch"),
        st.form("newcomer", clear_on_submit=True, border=False),
    ):
        st.text_input("Name", key="new.name", max_chars=200)
        st.selectbox("Program", list(programs), format_func=programs.get, key="new.program")
        st.pills(
            "Days they can come",
            list(DAYS),
            selection_mode="multi",
            default=list(WEEKDAYS),
            format_func=lambda d: DAY_NAMES[DAYS.index(d)][:3],
            key="new.days",
        )
        hours = st.columns(2)
        hours[0].time_input("From", value=None, key="new.from", help="Empty: from the opening on.")
        hours[1].time_input("Until", value=None, key="new.until", help="Empty: until closing.")
        st.segmented_control(
            "Comes", list(WAYS), format_func=WAYS.get, default="either", key="new.attends"
        )
        st.slider("Priority", 1, 5, 1, key="new.priority", help="5 comes first.")
        st.form_submit_button("Add", type="primary", on_click=_add, args=(page,))


def _shown_name(page: Frame, number: int, entry: Mapping[str, Any]) -> str:
    return f"Newcomer {number + 1}" if steps.initials(page) else str(entry["name"])


def _add(page: Frame) -> None:
    require("scheduler")
    said = st.session_state
    if not said["new.name"].strip():
        steps.tell("failed", "Somebody new needs a name.")
        return
    if not said["new.days"]:
        steps.tell("failed", "Somebody new needs at least one day on which they can come.")
        return
    coming = page.desk.get(frame.KEPT + NEW, [])
    taken = [p.id for p in page.opened.scenario.patients] + [e["id"] for e in coming]
    from_to = tuple(t.strftime("%H:%M") if t else "" for t in (said["new.from"], said["new.until"]))
    entry = newcomer(
        taken,
        said["new.name"],
        said["new.program"],
        [d for d in DAYS if d in said["new.days"]],
        (from_to[0], from_to[1]),
        said["new.attends"] or "either",
        said["new.priority"],
    )
    page.desk.put(frame.KEPT + NEW, [*coming, entry])


def _drop(page: Frame, number: int) -> None:
    coming = page.desk.get(frame.KEPT + NEW, [])
    page.desk.put(frame.KEPT + NEW, coming[:number] + coming[number + 1 :])


# -- making it ------------------------------------------------------------------------------------


def _was_planned_otherwise(scenario: Scenario) -> bool:
    """Whether this week had a plan before it was changed in the course of the week."""
    return scenario.baseline is not None and scenario.baseline.week_start == scenario.week_start


def asked_for(page: Frame) -> Asked:
    """What was chosen, with the ids of the files."""
    desk, patients = page.desk, page.opened.scenario.patients

    def ids(name: str) -> tuple[str, ...]:
        chosen = frame.chosen(desk, name) or []
        return tuple(patients[n].id for n in chosen if n < len(patients))

    programs = [p.id for p in page.opened.scenario.programs]
    levels = {
        patients[n].id: to
        for n in frame.chosen(desk, "roll.levels") or []
        if n < len(patients) and (to := frame.chosen(desk, f"roll.level {n}")) in programs
    }
    leaving = ids(LEAVING)
    coming = page.desk.get(frame.KEPT + NEW, [])
    return Asked(
        leaving,
        tuple((str(e["name"]), e) for e in coming),
        {p: to for p, to in levels.items() if p not in leaving},
        ids(STARTING),
    )


def _make(page: Frame, then: str) -> None:
    require("scheduler")
    opened = page.opened
    week = opened.schedule
    planned = _was_planned_otherwise(opened.scenario)
    if planned and frame.chosen(page.desk, FROM) == AS_PLANNED:
        week = opened.scenario.baseline
    assert week is not None
    asked = asked_for(page)
    try:
        rolled = next_week(opened.scenario, week, asked)
    except FileFaults as error:
        steps.tell("failed", "Next week cannot be made like this.", *_faults(page, error))
        return
    files = page.desk.add(rolled.scenario)
    page.desk.put(_noted(files.key), notices(page, rolled, asked, week))
    page.desk.put(frame.KEPT + NEW, None)
    for name in (LEAVING, STARTING, "roll.levels"):
        st.session_state.pop(frame.KEPT + name, None)
        page.desk.put(frame.KEPT + name, None)
    start = report.long_date(rolled.scenario.week_start)
    steps.tell("done", f"The week of {start} is made, and open. Now find its schedule.")
    steps.go(page, "next", then)


def _faults(page: Frame, error: FileFaults) -> list[str]:
    if steps.initials(page):
        return [f"{report.count(len(error.faults), 'fault')}; names are hidden, so is where."]
    return [str(fault) for fault in error.faults]


def notices(page: Frame, rolled: Rolled, asked: Asked, week: Schedule) -> dict[str, list[str]]:
    """What is worth knowing about how it came about, with names and with initials."""
    full = [str(n) for n in rolled.notices]
    if not steps.initials(page):
        return {"names": full[:MOST_SHOWN]}
    who = Unmasked(page.opened)
    masked = Asked(
        tuple(who.masked[p] for p in asked.discharged),
        tuple(
            (f"Newcomer {n}", dump_of(entry, n)) for n, (_, entry) in enumerate(asked.admitted, 1)
        ),
        {who.masked[p]: to for p, to in asked.levels.items()},
        tuple(who.masked[p] for p in asked.started),
    )
    shown = page.opened.clinic.scenario
    same = week is page.opened.scenario.baseline
    schedule = shown.baseline if same else page.opened.week and page.opened.week.schedule
    assert schedule is not None
    again = next_week(shown, schedule, masked)
    return {"names": full[:MOST_SHOWN], "initials": [str(n) for n in again.notices][:MOST_SHOWN]}


def dump_of(entry: Mapping[str, object], number: int) -> dict[str, object]:
    """A new patient's entry with nobody in it to be recognised."""
    return {**entry, "id": f"Newcomer {number}", "name": f"Newcomer {number}"}


def noted(page: Frame) -> None:
    """What was worth knowing when this week was made, if it was made here."""
    said = page.desk.get(_noted(page.files.key)) or {}
    lines = said.get("initials" if steps.initials(page) else "names", [])
    if not lines:
        return
    with st.expander(f"Worth knowing about this week ({len(lines)})", icon=":material/info:"):
        st.markdown(listed([plain(line) for line in lines]))


def _noted(key: str) -> str:
    return f"rolled {key}"
