"""Staff and capacity: whom to hire, how many patients fit, and what no-shows leave of the week."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from solver import report
from solver.runner import Answer
from ui.desk import asking, frame
from ui.desk.people import require
from ui.widgets import hiring, risk_capacity
from ui.widgets.compare_names import names_of
from ui.widgets.compare_weeks import open_button, refused
from ui.widgets.hiring_chart import cost_curve
from ui.widgets.hiring_table import hiring_table
from ui.widgets.risk_page import risk_outcome
from ui.widgets.text import cell, listed, plain

PARTS = ("Whom to hire", "How many fit", "No-shows and sick leave")
LIMITS = {30: "30 s", 120: "2 min", 600: "10 min", 1800: "30 min"}
WEEKS = {1000: "1,000", 5000: "5,000", 20000: "20,000"}
STAFF, CAPACITY, RISK = "staffing", "capacity", "risk"
SCENARIO, WEEK = "changed.json", "week.json"  # what a command writes beside its answer
SHOW_RATE, ABSENCE_RATE = 80.1, 4.0  # per cent, as of solver.risk.rates

require("director")
page = frame.begin("Staff and capacity")
names = names_of(page)
scenario = page.opened.scenario


def limit_of(name: str) -> int:
    """Draw the choice of a time limit."""
    key = frame.keep_ready(page.desk, f"{name}.limit", 120, list(LIMITS))
    st.segmented_control(
        "Time",
        list(LIMITS),
        format_func=LIMITS.get,
        required=True,
        key=key,
        on_change=frame.keeper(page.desk, f"{name}.limit"),
        help="More time closes the range between what is found and what is proved.",
    )
    return int(st.session_state[key])


def go(name: str, label: str, command: list[str], files: dict[str, Any], limit: float) -> None:
    """The one primary button of a part."""
    st.button(
        label,
        type="primary",
        icon=":material/play_arrow:",
        on_click=begin,
        args=(name, command, files, limit),
        disabled=busy,
    )


def begin(name: str, command: list[str], files: dict[str, Any], limit: float) -> None:
    """Run it in a child."""
    require("director")
    asking.ask(page, name, tuple(command), {"scenario.json": scenario, **files}, limit)
    page.desk.put(f"{name} asked {page.files.key}", {"stamp": stamp(), "files": _told(files)})


def _told(files: dict[str, Any]) -> dict[str, Any]:
    return {name: content for name, content in files.items() if isinstance(content, dict)}


def stamp() -> int:
    """When the scenario's file was written last."""
    return page.files.scenario.stat().st_mtime_ns


def asked(name: str) -> dict[str, Any]:
    """What was asked last; a warning where the week is another one since."""
    was = page.desk.get(f"{name} asked {page.files.key}") or {}
    if was.get("stamp") != stamp():
        st.warning("The week has been changed since. Ask again.", icon=":material/history:")
    return dict(was.get("files") or {})


# -- whom to hire ---------------------------------------------------------------------------------


def rows_key() -> str:
    return f"candidates {page.files.key}"


def taken() -> None:
    """A candidates' file was dropped: its rows are the table's."""
    require("director")
    dropped = st.session_state["candidates file"]
    if dropped is None:
        return
    try:
        found = hiring.rows_of(json.loads(dropped.getvalue()), scenario)
    except ValueError:
        found = None
    if found is None:
        st.session_state["candidates fault"] = cell(dropped.name)
        return
    rows, extras = found
    page.desk.put(rows_key(), {"rows": rows, "extras": extras})
    fresh()


def fresh(rows: list[hiring.Row] | None = None) -> None:
    """The table begins anew with what lies on the desk."""
    if rows is not None:
        page.desk.put(rows_key(), {"rows": rows, "extras": {}})
    st.session_state["candidates round"] = st.session_state.get("candidates round", 0) + 1
    st.session_state.pop("candidates base", None)


def candidates() -> tuple[list[hiring.Row], dict[str, Any]]:
    """The table of candidates, kept on the desk as it is edited."""
    held = page.desk.get(rows_key())
    held = held if isinstance(held, dict) else {"rows": hiring.example(scenario), "extras": {}}
    mark = (page.files.key, st.session_state.get("candidates round", 0))
    if st.session_state.get("candidates base", (None,))[0] != mark:
        # The editor keeps its changes against this; what is on the desk moves on with each edit.
        st.session_state["candidates base"] = (mark, held["rows"])
    edited = hiring_table(st.session_state["candidates base"][1], scenario, f"candidates {mark}")
    rows = [dict(row) for row in edited]
    page.desk.put(rows_key(), {"rows": rows, "extras": held["extras"]})
    return rows, held["extras"]


def staffing() -> None:
    """Candidates in, whom to hire out."""
    st.caption(
        "Who could be hired, or could work more, when, and at what cost: the answer is the cheapest "
        "choice with which everybody is served, and what less care would cost."
    )
    rows, extras = candidates()
    file, where = hiring.file_of(rows, scenario, extras)
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row.popover("Candidates from a file", icon=":material/upload_file:"):
        st.file_uploader(
            "A file of candidates (JSON)", "json", key="candidates file", on_change=taken
        )
        st.download_button(
            "Keep this table as a file",
            json.dumps(file, ensure_ascii=False, indent=1),
            "candidates.json",
            "application/json",
            icon=":material/download:",
        )
        st.button("Begin anew", on_click=fresh, args=(hiring.example(scenario),))
    if (wrong := st.session_state.pop("candidates fault", None)) is not None:
        st.error(plain(f"{wrong} is no file of candidates."), icon=":material/error:")
    with row:
        limit = limit_of(STAFF)
        command = ["staff", "scenario.json", "--candidates", "candidates.json", "--time-limit"]
        command += [str(limit), "--hired", SCENARIO, "-o", WEEK, "--json"]
        files: dict[str, Any] = {"candidates.json": file}
        if page.opened.schedule is not None:
            files["schedule.json"] = page.opened.schedule
            command += ["--base", "schedule.json"]
        go(STAFF, "Find whom to hire", command, files, 2.0 * limit)

    def draw(found: Answer) -> None:
        document = found.document
        if not isinstance(document, dict):
            refused(tuple(names.text(hiring.in_rows(line, where)) for line in found.said))
            return
        hires(found, document, asked(STAFF).get("candidates.json") or file)

    asking.show(page, STAFF, draw, names.text)


def hires(found: Answer, document: dict[str, Any], file: dict[str, Any]) -> None:
    """The answer: whom, when, what it costs, and the curve."""
    st.subheader(hiring.verdict(document), anchor=False)
    if document["short_even_alone"]:
        who = report.listing(names.patient(p) for p in document["short_even_alone"])
        st.caption(plain(f"Short whoever works here, because of their own hours: {who}."))
    left, right = st.columns([2, 3], gap="large")
    fullest = next((p for p in reversed(document["points"]) if p["cost"] is not None), None)
    with left:
        st.markdown("**Whom, and when they work**")
        if fullest is None:
            st.markdown("Nothing was found.")
        elif not fullest["hired"]:
            st.markdown("Nobody has to be hired.")
        else:
            st.caption(f"For {fullest['share'] * 100:.4g} % of the care.")
            rows = hiring.hired(fullest, file, scenario)
            st.dataframe(rows, hide_index=True, alt="Whom to hire and when they work.")
        files = (found.file(SCENARIO), found.file(WEEK))
        open_button(page, *files, "with those hired", key="open staff")
        st.caption("Made for care alone: solve it, going on from there, to make the rest good.")
    with right:
        st.markdown("**What each share of the care costs**")
        cost_curve(document)
    st.dataframe(
        hiring.curve(document, file, scenario), hide_index=True, alt="Cost of each share of care."
    )


# -- how many fit ---------------------------------------------------------------------------------


def capacity() -> None:
    """The most patients of a mix."""
    here = [p for p in scenario.patients if p.status == "active"]
    st.caption(
        f"The most patients that can be fully served; {report.count(len(here), 'patient')} "
        "in treatment now. Newcomers are like those who are here."
    )
    held = {p.program for p in here}
    programs = [p for p in scenario.programs if p.id in held]
    own_key = frame.keep_ready(page.desk, "capacity.mix", False)
    files: dict[str, Any] = {}
    if len(programs) > 1:
        st.toggle(
            "Newcomers of another mix",
            key=own_key,
            on_change=frame.keeper(page.desk, "capacity.mix"),
            help="Else the mix is the clinic's own.",
        )
    if len(programs) > 1 and st.session_state[own_key]:
        columns = st.columns(min(4, len(programs)))
        shares = {}
        for number, program in enumerate(programs):
            name = f"capacity.mix.{page.files.key}.{program.id}"
            shares[program.id] = columns[number % len(columns)].number_input(
                plain(f"Share of {program.name or program.id}"),
                0.0,
                step=1.0,
                key=frame.keep_ready(page.desk, name, 1.0),
                on_change=frame.keeper(page.desk, name),
            )
        if mix := risk_capacity.mix_of(shares):
            files["mix.json"] = mix
        else:
            st.warning("One share at least is above 0; the clinic's own mix is taken.")
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        limit = limit_of(CAPACITY)
        command = ["capacity", "scenario.json", *(["--mix", "mix.json"] if files else [])]
        command += ["--time-limit", str(limit), "--census", SCENARIO, "-o", WEEK, "--json"]
        go(CAPACITY, "Find how many fit", command, files, 2.0 * limit)
    asking.show(page, CAPACITY, fitting, names.text)


def fitting(found: Answer) -> None:
    """How many, how certain, and what stops the next one."""
    document = found.document
    if not isinstance(document, dict):
        refused(tuple(names.text(line) for line in found.said))
        return
    asked(CAPACITY)
    number, said = risk_capacity.headline(document)
    row = st.container(horizontal=True, vertical_alignment="center")
    row.metric("Patients fully served", number, border=True, width="content")
    row.metric("In treatment now", document["patients_now"], border=True, width="content")
    with row:
        icon = ":material/verified:" if document["proved"] else ":material/rule:"
        (st.success if document["proved"] else st.info)(plain(said), icon=icon)
    if document["short_even_alone"]:
        who = report.listing(names.patient(p) for p in document["short_even_alone"])
        st.caption(plain(f"Short whoever works here, because of their own hours: {who}."))
    title = f"with {document['served']} patients"
    open_button(page, found.file(SCENARIO), found.file(WEEK), title, key="open capacity")
    if document["larger"] is None:
        return
    st.subheader(f"What stops {document['larger']}", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        told = risk_capacity.stops(document, names)
        st.markdown(listed([plain(text) for text in told]) or "Nothing is known yet.")
    rows = risk_capacity.reliefs(document)
    with right:
        if rows:
            st.caption("What was tried, one at a time; where nothing alone helps, two together.")
            st.dataframe(rows, hide_index=True, alt="What would let the next one in.")


# -- no-shows and sick leave ----------------------------------------------------------------------


def simulation() -> None:
    """Live through the week many times."""
    if page.opened.schedule is None:
        st.info("This week has no schedule yet; solve it first.", icon=":material/event_upcoming:")
        return
    st.caption(
        "The week lived through many times: patients miss days, therapists fall ill. Who says "
        "nothing of their own has the chances set here."
    )
    left, middle, right = st.columns(3)
    for column, name, title, default, about in [
        (
            left,
            "risk.show",
            "Patients come on … % of days",
            SHOW_RATE,
            "80.1 %: no-shows of 19.9 % in 67 outpatient organisations (PMC3962267).",
        ),
        (
            middle,
            "risk.away",
            "Therapists are away on … % of days",
            ABSENCE_RATE,
            "4 %: 3.8 to 4.1 % of the working days of NHS staff (kingsfund.org.uk).",
        ),
    ]:
        column.number_input(
            title,
            0.0,
            100.0,
            step=1.0,
            key=frame.keep_ready(page.desk, name, default),
            on_change=frame.keeper(page.desk, name),
            help=about,
        )
    right.segmented_control(
        "Weeks to live through",
        list(WEEKS),
        format_func=WEEKS.get,
        required=True,
        key=frame.keep_ready(page.desk, "risk.weeks", 1000, list(WEEKS)),
        on_change=frame.keeper(page.desk, "risk.weeks"),
        help="Four times the weeks halve the error behind ±.",
    )
    row = st.container(horizontal=True, vertical_alignment="bottom")
    row.toggle(
        "Whoever is free takes a group whose leaders are away",
        key=frame.keep_ready(page.desk, "risk.substitutes", False),
        on_change=frame.keeper(page.desk, "risk.substitutes"),
    )
    choice = {
        name: st.session_state[frame.KEPT + f"risk.{name}"]
        for name in ("show", "away", "weeks", "substitutes")
    }
    command = ["simulate", "scenario.json", "schedule.json", "--weeks", str(choice["weeks"])]
    command += ["--show-rate", f"{choice['show'] / 100:.6g}", "--offers", "5", "--json"]
    command += ["--absence-rate", f"{choice['away'] / 100:.6g}"]
    command += ["--substitutes"] if choice["substitutes"] else []
    with row:
        go(RISK, "Simulate", command, {"schedule.json": page.opened.schedule}, 600.0)
    asking.show(page, RISK, outcome, names.text)


def outcome(found: Answer) -> None:
    """Figures, charts and make-up places."""
    document = found.document
    if not isinstance(document, dict):
        refused(tuple(names.text(line) for line in found.said))
        return
    asked(RISK)
    risk_outcome(document, page.opened.clinic, names)


part = st.segmented_control(
    "What is asked",
    PARTS,
    required=True,
    key=frame.keep_ready(page.desk, "planning.part", PARTS[0], PARTS),
    on_change=frame.keeper(page.desk, "planning.part"),
    label_visibility="collapsed",
)
draw_part, question = {
    PARTS[0]: (staffing, STAFF),
    PARTS[1]: (capacity, CAPACITY),
    PARTS[2]: (simulation, RISK),
}[part]
busy = asking.is_running(page, question)
draw_part()
if busy and not asking.is_running(page, question):
    st.rerun()  # it ended while the page was drawn: the button is to be pressed again
