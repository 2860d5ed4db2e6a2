"""Overview: the director's page. Who is served, what is delivered, what is short, what is full."""

from __future__ import annotations

import streamlit as st

from solver import report
from ui.desk import figures, frame
from ui.desk.links import open_why
from ui.desk.opened import Week
from ui.widgets.heat import heat_map
from ui.widgets.text import cell, plain

SHOWN = 5  # shortfalls in words before one asks for the rest

page = frame.begin("Overview")
week = page.week


def numbers(week: Week) -> None:
    """The week in a row of figures."""
    totals = figures.totals(week)
    shown = [
        (
            "Patients fully served",
            f"{totals.served} of {totals.active}",
            "Patients in treatment who get all hours, sessions and days their week must have.",
        ),
        (
            "Hours delivered",
            f"{report.hours(totals.minutes)} of {report.hours(totals.minutes_due)}",
            "Clinical hours, of those that patients in treatment must have at least.",
        ),
        (
            "Paid days",
            f"{totals.paid} of {totals.attended}",
            "Patients' days that are long enough for the payer, of all days on which they come.",
        ),
    ]
    if totals.waiting:
        help_text = "People on the waiting list who get a place this week."
        shown.append(
            ("Admitted from waiting list", f"{totals.admitted} of {totals.waiting}", help_text)
        )
    schedule = week.schedule
    meetings = sum(1 for s in schedule.sections for m in s.meetings if not m.cancelled)
    both = f"{meetings} + {len(schedule.appointments)}"
    shown.append(("Group meetings + appointments", both, "What takes place this week."))
    row = st.container(horizontal=True, gap="small")
    for title, value, help_text in shown:
        row.metric(title, value, help=help_text, border=True, width="stretch")


def open_patient(patient: str) -> None:
    """Have the week page show one patient's week."""
    frame.choose(page.desk, "week.by", "patient")
    frame.choose(page.desk, "week.who.patient", list(page.opened.clinic.patients).index(patient))
    frame.choose(page.desk, "week.day", "week")


def ask_why(patient: str) -> None:
    """Have the page of explanations show one patient's."""
    open_why(page.desk, patient)


def shortfalls(week: Week) -> None:
    """Who is short of what, in words, the most care missing first."""
    short = figures.shortest_first(week)
    st.subheader("Short of something", anchor=False)
    if not short:
        st.success("Everybody has everything that is due.", icon=":material/check_circle:")
        return
    st.caption(f"{report.count(len(short), 'patient')}, those with most unmet care first.")
    everyone = len(short) <= SHOWN or st.session_state.get("all short", False)
    for care in short if everyone else short[:SHOWN]:
        line = st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False)
        line.markdown(plain(care.sentence()), width="stretch")
        for label, icon, asked, page in (
            ("Why?", ":material/help_center:", ask_why, "ui/why.py"),
            ("Open week", ":material/arrow_forward:", open_patient, "ui/week.py"),
        ):
            if line.button(
                label,
                key=f"{label} {care.patient.id}",
                type="tertiary",
                icon=icon,
                on_click=asked,
                args=(care.patient.id,),
            ):
                st.switch_page(page)
    if len(short) > SHOWN:
        st.toggle(f"Show all {len(short)}", key="all short")


def census(week: Week) -> None:
    """Patients by level of care."""
    st.subheader("Census", anchor=False)
    levels = figures.census(week)
    waiting = any(level.waiting for level in levels)
    rows = [
        {
            "Level of care": cell(level.name),
            "In treatment": level.active,
            "Fully served": level.served,
        }
        | ({"Waiting": level.waiting, "Admitted": level.admitted} if waiting else {})
        for level in levels
    ]
    st.dataframe(rows, hide_index=True, alt="Patients by level of care.")


def use(week: Week) -> None:
    """How full the house is, hour by hour."""
    st.subheader("In use, hour by hour", anchor=False)
    shown = [
        ("Rooms", "rooms", figures.room_use(week), "Rooms in use, of those that are available."),
        (
            "Therapists",
            "therapists",
            figures.staff_use(week),
            "Therapists in a session, of those on site or available by video.",
        ),
        (
            "Seats",
            "seats",
            figures.seat_use(week),
            "Seats taken, of those that running groups offer.",
        ),
    ]
    taken = [use.hour for _, _, uses, _ in shown for use in uses]
    hours = range(min(taken, default=0), max(taken, default=-1) + 1)
    for column, (title, what, uses, said) in zip(st.columns(3, gap="large"), shown, strict=True):
        with column:
            st.markdown(f"**{title}**")
            st.caption(said)
            if uses:
                heat_map(week.clinic, uses, hours, what)
            else:
                st.caption("There are none this week.")


if week.violations:
    broken = report.count(len(report.broken_rules(week.violations)), "rule")
    st.error(f"This schedule breaks {broken}.", icon=":material/error:")
    st.page_link("ui/check.py", label="See what is broken", icon=":material/fact_check:")
numbers(week)
left, right = st.columns([3, 2], gap="large")
with left:
    shortfalls(week)
with right:
    census(week)
use(week)
