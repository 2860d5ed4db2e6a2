"""Solve: a child process finds a week; this page only watches, and may be closed meanwhile."""

from __future__ import annotations

import streamlit as st

from solver import report
from solver.checker import tier_values
from solver.clinic import Clinic
from solver.errors import SchedulerError
from solver.result import Result, Settings
from solver.runner import Job, Standing, Task
from ui.desk import frame
from ui.widgets.race import doing, race, standings
from ui.widgets.text import listed, plain

LIMITS = {15: "15 s", 60: "1 min", 180: "3 min", 600: "10 min", 1800: "30 min"}
EVERY = 1.0  # seconds between two looks at a running solve
ENDED = {
    "optimal": "The best week, proved for every goal in turn.",
    "feasible": "A week was found; that no better one exists is not proved for every goal.",
    "infeasible": "No week exists that obeys every rule.",
    "unknown": "No week was found in the time there was, and none was ruled out.",
}

page = frame.begin("Solve")
job_name = f"job {page.files.key}"


def current_job() -> Job | None:
    """The last solve of this week, if it is still there."""
    try:
        return page.runner.job(page.desk.get(job_name) or "")
    except KeyError:
        return None


def start() -> None:
    """Start a solve with what the form says."""
    begin_with = page.opened.schedule if st.session_state.get(frame.KEPT + "solve.on") else None
    limit = float(st.session_state[frame.KEPT + "solve.limit"])
    forget()
    task = Task(page.opened.scenario, Settings(time_limit=limit), begin_with)
    page.desk.put(job_name, page.runner.start(task).id)


def forget() -> None:
    """The last solve of this week is of no more use."""
    job = current_job()
    if job is not None:
        job.forget()
    page.desk.put(job_name, None)


def form() -> None:
    """How long, and from where."""
    limit_key = frame.keep_ready(page.desk, "solve.limit", 60, list(LIMITS))
    st.segmented_control(
        "Time limit",
        list(LIMITS),
        format_func=LIMITS.get,
        required=True,
        key=limit_key,
        on_change=frame.keeper(page.desk, "solve.limit"),
        help="The solver stops earlier when the best week is proved, or when you say so.",
    )
    if page.opened.schedule is not None:
        st.toggle(
            "Go on from the week at hand",
            key=frame.keep_ready(page.desk, "solve.on", True),
            on_change=frame.keeper(page.desk, "solve.on"),
            help="Begin with this schedule and improve it; else begin from nothing.",
        )
    st.button("Solve", type="primary", icon=":material/play_arrow:", on_click=start)
    st.caption(
        "You may leave this page or close it: the solve goes on, and you find it here again."
    )


def cancel(job: Job) -> None:
    """Ask for the best so far."""
    job.cancel()


@st.fragment(run_every=EVERY)
def watch(job_id: str) -> None:
    """A running solve."""
    try:
        job = page.runner.job(job_id)
    except KeyError:
        st.rerun()
    standing = job.poll()
    if standing.state not in ("waiting", "running"):
        st.rerun()
    if standing.state == "waiting":
        ahead = report.count(standing.ahead, "other solve") if standing.ahead else "one that runs"
        st.info(f"Waiting for its turn, after {ahead}.", icon=":material/hourglass_top:")
        st.button("Do not solve", on_click=job.cancel)
        return
    running(job, standing)


def running(job: Job, standing: Standing) -> None:
    """Words, time left, lines."""
    limit = job.settings().time_limit
    told = standing.progress
    seconds = min(standing.seconds, limit)
    st.subheader(plain(doing(told)), anchor=False)
    if standing.stopping:
        st.info("Stopping; the best week so far is being checked.", icon=":material/hourglass_top:")
    left = f"{seconds:.0f} s of {limit:.0f} s at most"
    st.progress(seconds / limit, text=left)
    with st.container(horizontal=True):
        st.button(
            "Stop and take the best so far",
            icon=":material/stop_circle:",
            on_click=job.cancel,
            disabled=standing.stopping,
        )
        st.button("Give up", type="tertiary", on_click=job.kill, help="End it without a result.")
    st.dataframe(
        standings(told, page.opened.tiers),
        hide_index=True,
        placeholder="",
        alt="Standing of every tier.",
    )
    race(told, page.opened.tiers, key="race")


def ended(job: Job, standing: Standing) -> None:
    """What came of it."""
    match standing.state:
        case "cancelled":
            st.info("The last solve was given up.", icon=":material/cancel:")
        case "failed":
            st.error(f"The last solve failed: {plain(standing.error)}.", icon=":material/error:")
            st.button("Run it again", icon=":material/replay:", on_click=job.again)
        case "done":
            try:
                done(job, standing, job.result())
            except (OSError, ValueError, KeyError, TypeError, SchedulerError):
                st.error("The result of the last solve cannot be read.", icon=":material/error:")


def done(job: Job, standing: Standing, answer: Result) -> None:
    """A result, to be taken or left."""
    show = st.success if answer.schedule is not None else st.warning
    show(f"{ENDED[answer.status]} ({answer.seconds:.0f} s)")
    if answer.reasons:
        st.markdown(listed([plain(reason) for reason in answer.reasons]))
    if answer.schedule is None:
        return
    if page.opened.week is None:
        take(answer)
        st.rerun()
    if page.opened.schedule == answer.schedule:
        st.caption("It is the week at hand, on every page.")
    else:
        judge(answer)
        with st.container(horizontal=True):
            st.button("Take this week", type="primary", on_click=take, args=(answer,))
            st.button("Leave it", on_click=forget)
    with st.expander("How it went"):
        race(standing.progress, page.opened.tiers, key="race done")


def take(answer: Result) -> None:
    """Make it the week at hand."""
    page.files.take(answer)


def judge(answer: Result) -> None:
    """The new week beside the one at hand, tier by tier."""
    week = page.opened.week
    clinic = Clinic(page.opened.scenario)
    old, new = (tier_values(clinic, dict(goals)) for goals in (week.goals, answer.goals))
    rows = [
        {
            "Tier": number + 1,
            "What is made small": report.tier_title(tier.goals),
            "Week at hand": old[number],
            "New week": new[number],
            "Not below": answer.tiers[number].bound,
        }
        for number, tier in enumerate(page.opened.tiers)
    ]
    if week.violations:
        said = "The week at hand breaks rules; the new one does not."
    elif new == old:
        said = "Both are worth the same."
    else:
        said = "The new week is better." if new < old else "The week at hand is better."
    st.markdown(f"{said} Lower is better; an earlier line outweighs all later ones.")
    st.dataframe(rows, hide_index=True, alt="The week at hand beside the new one.")


job = current_job()
standing = job.poll() if job is not None else None
if job is not None and standing is not None and standing.state in ("waiting", "running"):
    watch(job.id)
else:
    if job is not None and standing is not None:
        ended(job, standing)
    form()
