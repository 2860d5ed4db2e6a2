"""Next week: roll forward, cover, midweek, rebalance; review person by person, publish, call."""

from __future__ import annotations

import streamlit as st

from ui.desk import frame
from ui.desk.people import require
from ui.widgets import steps
from ui.widgets.review import review
from ui.widgets.review_calls import calls
from ui.widgets.steps_midweek import midweek
from ui.widgets.steps_out import out
from ui.widgets.steps_publish import publish
from ui.widgets.steps_rebalance import rebalance
from ui.widgets.steps_roll import roll

JOBS = {
    "next": "Make next week",
    "out": "Someone is out",
    "midweek": "Who came so far",
    "rebalance": "Rebalance this week",
}
ICONS = {
    "next": ":material/fast_forward:",
    "out": ":material/sick:",
    "midweek": ":material/fact_check:",
    "rebalance": ":material/balance:",
}
REVIEW = {"review": "Who must be told", "publish": "Publish and call"}
STEPS = {
    "next": {"roll": "Who comes and goes", "rebalance": "Find the week", **REVIEW},
    "out": {"out": "Who is out", **REVIEW},
    "midweek": {"midweek": "Attendance", **REVIEW},
    "rebalance": {"rebalance": "Find the week", **REVIEW},
}

page = frame.begin("Next week")
require("scheduler")
job = st.segmented_control(
    "What is to be done?",
    list(JOBS),
    format_func=lambda j: f"{ICONS[j]} {JOBS[j]}",
    required=True,
    key=frame.keep_ready(page.desk, "next.job", "next", list(JOBS)),
    on_change=frame.keeper(page.desk, "next.job"),
)
step = steps.strip(page, job, STEPS[job])
steps.told()
match step:
    case "roll":
        roll(page, "rebalance")
    case "out":
        out(page, "review")
    case "midweek":
        midweek(page, "review")
    case "rebalance":
        rebalance(page, job, "review")
    case "review":
        review(page, job, "publish")
    case "publish":
        publish(page)
        calls(page)
