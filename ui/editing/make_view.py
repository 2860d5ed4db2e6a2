"""Make a new week: a few questions, and a small legal scenario to go on from."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from solver.timegrid import DAY_NAMES, DAYS, clock
from solver.validation import read_scenario

from ..desk.frame import Frame
from ..desk.people import require
from ..widgets.text import plain
from . import fresh
from .bench import CLOSED, SAID


def make_week(page: Frame) -> None:
    """A few questions; what comes of them is a small week to go on from."""
    monday = page.opened.scenario.week_start + timedelta(days=7)
    times = [n * 30 for n in range(49)]
    levels = {level.key: level for level in fresh.LEVELS}
    with st.form("make a week", border=False):
        name = st.text_input("Name of the clinic and week", key="make name")
        start = st.date_input("Monday of the week", monday, key="make monday")
        days = st.pills(
            "Open on",
            list(DAYS),
            selection_mode="multi",
            default=list(fresh.WEEKDAYS),
            format_func=lambda day: DAY_NAMES[DAYS.index(day)][:3],
            key="make days",
        )
        line = st.container(horizontal=True)
        opens = line.selectbox("From", times, 18, format_func=clock, key="make opens")
        closes = line.selectbox("To", times, 34, format_func=clock, key="make closes")
        level = st.selectbox(
            "Level of care",
            list(levels),
            format_func=lambda key: levels[key].name,
            key="make level",
            help="Sets the hours and days a week; they can be changed afterwards.",
        )
        therapists = st.text_area("Therapists, one a line", key="make therapists", height=80)
        rooms = st.text_area(
            "Rooms, one a line, with seats", key="make rooms", height=80, placeholder="Maple 12"
        )
        patients = st.text_area("Patients, one a line", key="make patients", height=80)
        made = st.form_submit_button("Make the week", type="primary")
    if not made:
        return
    require("scheduler")
    answers = fresh.Answers(
        name, start, tuple(days), opens, closes, level,
        fresh.lines(therapists), fresh.lines(rooms), fresh.lines(patients),
    )  # fmt: skip
    faults = fresh.faults(answers)
    if faults:
        st.error("\n".join(f"- {plain(fault)}" for fault in faults), icon=":material/error:")
        return
    scenario, _ = read_scenario(fresh.week(answers))
    page.desk.add(scenario)
    st.session_state[CLOSED] = st.session_state.get(CLOSED, 0) + 1
    st.session_state[SAID] = f"{scenario.name} is open. Go on in the lists below."
    st.rerun()
