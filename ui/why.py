"""Why: who is short and what would help, what one more would give, a place for one more patient."""

from __future__ import annotations

import streamlit as st

from ui.desk import frame
from ui.desk.figures import shortest_first
from ui.desk.links import GIVES, PLACE, SHORT, WHY_PART, WHY_PATIENT, WHY_PLACE
from ui.desk.opened import Week
from ui.desk.people import may, require
from ui.widgets import why_asking, why_nothing, why_place, why_short, why_value
from ui.widgets.text import cell, plain
from ui.widgets.why_asking import SCENARIO, SCHEDULE, Json

ONE, EVERYONE = 20, 10  # seconds for one patient, and for each of all of them
LIMITS = {60: "1 min", 120: "2 min", 300: "5 min", 900: "15 min"}
MOVES = {0: "nobody", 1: "1 session", 2: "2 sessions", 3: "3 sessions"}
NEW, KNOWN = "Somebody new", "Somebody of this clinic"
WHY, ALL, NOTHING, VALUE, FOR = "why", "why everybody", "why nothing", "why value", "why place"
STARTING = 60.0  # seconds that a command may take beside its own limit
NEWCOMER = "new.json"

require("scheduler")
page = frame.begin("Why")


def ask(name: str, *command: str, seconds: float, files: dict[str, Json] | None = None) -> None:
    """Ask about the week as it is shown."""
    require("director" if name == VALUE else "scheduler")
    why_asking.ask(page, name, (*command, "--json"), files, limit=seconds + STARTING)


# -- no schedule ----------------------------------------------------------------------------------


def nothing() -> None:
    """Why there is none."""
    st.info("This week has no schedule.", icon=":material/event_upcoming:")
    with st.container(horizontal=True):
        if st.button("Solve it", type="primary", icon=":material/play_arrow:"):
            st.switch_page("ui/solve.py")
        st.button(
            "Why does nothing fit?",
            icon=":material/help:",
            on_click=ask,
            args=(NOTHING, "explain", SCENARIO, "--time-limit", "60"),
            kwargs={"seconds": 60.0},
            disabled=why_asking.is_running(page, NOTHING),
            help="Finds the smallest set of facts that cannot all hold, and what giving up each "
            "would make possible. For a week of which a solve says that no schedule exists.",
        )
    why_asking.show(page, NOTHING, lambda found: why_nothing.contradiction(page, found))


# -- who is short ---------------------------------------------------------------------------------


def short(week: Week) -> None:
    """One patient at a time."""
    people = {c.patient.id: c for c in shortest_first(week) if c.shortfalls()}
    if not people:
        st.success("Nobody is short of hours, sessions or days.", icon=":material/check_circle:")
        return
    row = st.container(horizontal=True, vertical_alignment="bottom")
    patient = row.selectbox(
        "Patient",
        list(people),
        format_func=lambda p: cell(people[p].patient.name),
        key=frame.keep_ready(page.desk, WHY_PATIENT, next(iter(people)), list(people)),
        on_change=frame.keeper(page.desk, WHY_PATIENT),
    )
    own = f"{WHY} {patient}"
    row.button(
        "Explain",
        type="primary",
        icon=":material/help:",
        on_click=ask,
        args=(own, "explain", SCENARIO, SCHEDULE, "--time-limit", str(ONE), f"--patient={patient}"),
        kwargs={"seconds": float(ONE)},
        disabled=why_asking.is_running(page, own),
        help=f"Tries changes for up to {ONE} seconds.",
    )
    seconds = EVERYONE * len(people)
    row.button(
        f"Explain all {len(people)}",
        icon=":material/groups:",
        on_click=ask,
        args=(ALL, "explain", SCENARIO, SCHEDULE, "--time-limit", str(seconds)),
        kwargs={"seconds": float(seconds)},
        disabled=why_asking.is_running(page, ALL),
        help=f"Everybody who is short, one after the other; up to {seconds} seconds.",
    )
    st.markdown(plain(people[patient].sentence()))
    asked_alone = why_asking.document(page, own) is not None or why_asking.is_running(page, own)
    why_asking.show(page, own if asked_alone else ALL, lambda found: explained(found, patient))


def explained(found: Json, patient: str) -> None:
    """The chosen patient's entry of an answer."""
    one = next((p for p in found["patients"] if p["patient"] == patient), None)
    if one is None:
        st.info("This patient was not reached in time. Press Explain.", icon=":material/timer_off:")
        return
    why_short.explained(page, one)


# -- what one more would give ---------------------------------------------------------------------


def gives() -> None:
    """Single additions, ranked."""
    if not may("director"):
        st.info("This is for directors and administrators.", icon=":material/lock:")
        return
    st.caption(
        "A therapist's half-day, hours of a room, a seat, a section, an hour more of opening: each "
        "is tried by solving the week with it."
    )
    row = st.container(horizontal=True, vertical_alignment="bottom")
    seconds = row.segmented_control(
        "Time for all of it",
        list(LIMITS),
        format_func=LIMITS.get,
        required=True,
        key=frame.keep_ready(page.desk, "why.time", 120, list(LIMITS)),
        on_change=frame.keeper(page.desk, "why.time"),
        help="More time tries more additions, for longer.",
    )
    row.button(
        "Try additions",
        type="primary",
        icon=":material/add_chart:",
        on_click=ask,
        args=(VALUE, "value", SCENARIO, SCHEDULE, "--time-limit", str(seconds)),
        kwargs={"seconds": float(seconds or 0)},
        disabled=why_asking.is_running(page, VALUE),
    )
    why_asking.show(page, VALUE, lambda found: why_value.given(page, found))


# -- a place for one more -------------------------------------------------------------------------


def place(week: Week) -> None:
    """Plans for somebody who waits, or who is new."""
    who = st.segmented_control(
        "For whom",
        (KNOWN, NEW),
        required=True,
        key=frame.keep_ready(page.desk, "why.whom", KNOWN, (KNOWN, NEW)),
        on_change=frame.keeper(page.desk, "why.whom"),
        label_visibility="collapsed",
    )
    new = why_place.new_patient(page) if who == NEW else None
    patient = NEWCOMER
    row = st.container(horizontal=True, vertical_alignment="bottom")
    if new is None:
        people = why_place.candidates(week)
        patient = row.selectbox(
            "Patient",
            people,
            format_func=lambda p: cell(why_place.told_apart(week, p)),
            key=frame.keep_ready(page.desk, WHY_PLACE, people[0] if people else None, people),
            on_change=frame.keeper(page.desk, WHY_PLACE),
        )
    moves = row.segmented_control(
        "Others who may move",
        list(MOVES),
        format_func=MOVES.get,
        required=True,
        key=frame.keep_ready(page.desk, "why.moves", 0, list(MOVES)),
        on_change=frame.keeper(page.desk, "why.moves"),
    )
    wrong = why_place.faults(page.opened.clinic.scenario, new) if new else []
    for fault in wrong:
        st.error(plain(fault), icon=":material/error:")
    asked = FOR if new is None else f"{FOR} new"
    command = ("recommend", SCENARIO, SCHEDULE, f"--patient={patient}", "--moves", str(moves))
    row.button(
        "Find a place",
        type="primary",
        icon=":material/person_add:",
        on_click=find,
        args=(asked, command, new),
        disabled=bool(wrong) or patient is None or why_asking.is_running(page, asked),
    )
    entry = page.desk.get(f"{NEWCOMER} {page.files.key}") if new else None
    why_asking.show(page, asked, lambda found: why_place.plans(page, found, entry))


def find(name: str, command: tuple[str, ...], new: Json | None) -> None:
    """Ask, and remember who is new."""
    require("scheduler")
    if new is not None:
        page.desk.put(f"{NEWCOMER} {page.files.key}", new)
    ask(name, *command, seconds=60.0, files={NEWCOMER: new} if new else None)


PARTS = (SHORT, GIVES, PLACE)
if page.opened.week is None:
    nothing()
else:
    part = st.segmented_control(
        "What is asked",
        PARTS,
        required=True,
        key=frame.keep_ready(page.desk, WHY_PART, SHORT, PARTS),
        on_change=frame.keeper(page.desk, WHY_PART),
        label_visibility="collapsed",
    )
    if part == SHORT:
        short(page.opened.week)
    elif part == GIVES:
        gives()
    else:
        place(page.opened.week)
