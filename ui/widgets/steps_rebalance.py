"""The week that is best for care and changes least, and what more or fewer changes would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from solver import report
from solver.runner import Answer
from solver.scenario import Scenario
from solver.schedule import Schedule
from solver.timegrid import DAY_NAMES, DAY_NUMBER

from ..desk import asking, frame
from ..desk.frame import Frame
from ..desk.people import require
from ..desk.unmasked import Unmasked
from . import curve, steps
from .steps_roll import noted
from .text import listed, plain

NAME = "rebalance"
LIMITS = {15: "15 s", 60: "1 min", 180: "3 min"}
NOTHING_YET = "nothing yet"
BEFORE, NOW = "What people had before", "The week as it is now"
MOST_CURVE = 40
ANY = "any"
HEADLINES = {
    "optimal": "Rebalanced, and proved best goal by goal.",
    "feasible": "Rebalanced; that no better week exists is not proved for every goal.",
    "infeasible": "There is no such week.",
    "unknown": "No such week was found in this time, and none was ruled out.",
}


def rebalance(page: Frame, job: str, then: str) -> None:
    """The form, and the answer."""
    opened = page.opened
    noted(page)
    if opened.scenario.baseline is None and opened.week is None:
        st.info(
            "There is no week that people had. Solve this one first.",
            icon=":material/event_upcoming:",
        )
        return
    _form(page)
    done = asking.answer(page, NAME) is not None
    st.button(
        "Find the week that changes least",
        type="secondary" if done else "primary",
        icon=":material/balance:",
        on_click=_ask,
        args=(page,),
    )
    steps.answers(page, NAME, lambda answer: _draw(page, answer, job, then))


def _form(page: Frame) -> None:
    opened = page.opened
    both = opened.scenario.baseline is not None and opened.week is not None
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        if both:
            st.segmented_control(
                "Stay near to",
                [BEFORE, NOW],
                required=True,
                key=frame.keep_ready(page.desk, "rebalance.from", BEFORE, [BEFORE, NOW]),
                on_change=frame.keeper(page.desk, "rebalance.from"),
            )
        days = _days(page)
        options = [NOTHING_YET, *days[1:]]
        st.selectbox(
            "What has happened stays",
            options,
            format_func=lambda d: (
                "Nothing has happened yet" if d == NOTHING_YET else f"Days before {_day(d)}"
            ),
            key=frame.keep_ready(page.desk, "rebalance.frozen", NOTHING_YET, options),
            on_change=frame.keeper(page.desk, "rebalance.frozen"),
            help="Sessions of those days stay as they are, and nobody joins a section that has met.",
            width=240,
        )
        st.number_input(
            "Changes at most",
            min_value=0,
            max_value=999,
            step=1,
            value=None,
            key=frame.keep_ready(page.desk, "rebalance.most", None),
            on_change=frame.keeper(page.desk, "rebalance.most"),
            placeholder="As many as care needs",
            help="A change is one thing a person had that is not as it was. 0 only adds.",
            width=220,
        )
        st.segmented_control(
            "Time",
            list(LIMITS),
            format_func=LIMITS.get,
            required=True,
            key=frame.keep_ready(page.desk, "rebalance.limit", 15, list(LIMITS)),
            on_change=frame.keeper(page.desk, "rebalance.limit"),
        )
    st.toggle(
        "Show what more or fewer changes would give",
        key=frame.keep_ready(page.desk, "rebalance.curve", True),
        on_change=frame.keeper(page.desk, "rebalance.curve"),
        help="Takes a part of the time.",
    )


def _days(page: Frame) -> list[str]:
    windows = page.opened.scenario.opening_hours
    there = {day for window in windows for day in window.days}
    return [d for d in DAY_NUMBER if d in there]


def _day(day: str) -> str:
    return DAY_NAMES[DAY_NUMBER[day]]


def command(
    *,
    frozen: str | None = None,
    most: int | None = None,
    limit: int = 15,
    curve_to: int | None = None,
    baseline: bool = False,
    locks: Sequence[str] = (),
) -> tuple[str, ...]:
    """The command line; ``baseline``: from the schedule at hand, not from the scenario's own."""
    out = ["rebalance", "scenario.json", "--json", f"--time-limit={limit}"]
    out += ["--baseline", "schedule.json"] if baseline else []
    out += [f"--frozen-before={frozen}"] if frozen else []
    out += [f"--max-changes={most}"] if most is not None else []
    out += [f"--curve={curve_to}"] if curve_to is not None else []
    out += [f"--lock={lock}" for lock in locks]
    return tuple(out)


def _ask(page: Frame) -> None:
    ask(page, ())


def ask(page: Frame, locks: Sequence[str]) -> None:
    """Ask with what the form says, and with locks on who refused; for callbacks."""
    desk, opened = page.desk, page.opened
    frozen = frame.chosen(desk, "rebalance.frozen")
    most = frame.chosen(desk, "rebalance.most")
    from_now = opened.scenario.baseline is None or (
        opened.week is not None and frame.chosen(desk, "rebalance.from") == NOW
    )
    steps.ask(
        page,
        NAME,
        *command(
            frozen=None if frozen in (None, NOTHING_YET) else frozen,
            most=most,
            limit=frame.chosen(desk, "rebalance.limit") or 15,
            curve_to=MOST_CURVE if frame.chosen(desk, "rebalance.curve") is not False else None,
            baseline=from_now,
            locks=locks,
        ),
    )
    desk.put(f"rebalance.from now {page.files.key}", from_now)
    desk.put(frame.KEPT + _pick(page), None)
    st.session_state.pop(frame.KEPT + _pick(page), None)


def _pick(page: Frame) -> str:
    return f"rebalance.pick {page.files.key}"


# -- the answer -----------------------------------------------------------------------------------


def _draw(page: Frame, answer: Answer, job: str, then: str) -> None:
    document = answer.document
    if not isinstance(document, dict):
        asking.faults(answer)
        return
    show = st.success if document["schedule"] else st.warning
    show(f"{HEADLINES[document['status']]} ({document['seconds']:.0f} s)")
    if document["reasons"]:
        st.markdown(listed([plain(steps.in_names(page, r)) for r in document["reasons"]]))
    if not document["schedule"]:
        return
    least = document["least_changes"]
    st.markdown(
        f"**{report.count(document['changes'], 'thing')} that people had changed**; "
        f"{least} at least had to. {plain(document['difference']['summary'])}"
    )
    chosen = _choice(page, document)
    shown = document if chosen == ANY else _point(document, int(chosen))
    st.button(
        "Take this week" if chosen == ANY else f"Take the week with at most {chosen} changes",
        type="primary",
        icon=":material/check:",
        on_click=_take,
        args=(page, shown["schedule"], job, then),
    )
    _bought(page, document)


def _point(document: Mapping[str, Any], most: int) -> Mapping[str, Any]:
    point: Mapping[str, Any] = next(p for p in document["curve"] if p["most"] == most)
    return point


def _choice(page: Frame, document: Mapping[str, Any]) -> str:
    """The point of the curve that is chosen: a click on it, or the list beside it."""
    found = curve.points(document["curve"])
    if len(found) < 2:
        return ANY
    options = [str(p["most"]) for p in found if p["gains"]]
    name = _pick(page)
    if document["changes"] is not None and str(document["changes"]) not in options:
        options.append(ANY)
    key = frame.keep_ready(page.desk, name, options[-1], options)
    chart = f"curve {page.files.key}"

    def pick() -> None:
        most = curve.picked(st.session_state.get(chart))
        if most is not None:
            fits = [o for o in options if o != ANY and int(o) <= most]
            frame.choose(page.desk, name, fits[-1] if fits else options[0])

    at = st.session_state[key]
    curve.curve(found, int(at) if at != ANY else -1, pick, chart)
    chosen: str = st.segmented_control(
        "Changes allowed",
        options,
        format_func=lambda o: "As many as it takes" if o == ANY else o,
        required=True,
        key=key,
        on_change=frame.keeper(page.desk, name),
    )
    return chosen


def _bought(page: Frame, document: Mapping[str, Any]) -> None:
    """What each change is for, of the answer without a further cap."""
    if not document["bought"]:
        return
    with st.expander("What each change is for", icon=":material/help:"):
        for number, bundle in enumerate(document["bought"], 1):
            title = report.count(bundle["changes"], "change") if bundle["changes"] else "Only added"
            words = bundle["sentences"] or ["It goes with the rest of the week."]
            said = [steps.in_names(page, text) for text in words]
            st.markdown(f"**{number}. {title}.** {' '.join(map(plain, said))}")
            st.caption("  \n".join(plain(move) for move in bundle["moves"]))


def scenario_for(scenario: Scenario, week: Schedule | None, *, from_now: bool) -> Scenario:
    """The scenario that the answer is a week of: what people had is its baseline."""
    if not from_now or week is None:
        return scenario
    return scenario.model_copy(update={"baseline": week.model_copy(update={"not_admitted": ()})})


def _take(page: Frame, schedule: Mapping[str, Any], job: str, then: str) -> None:
    require("scheduler")
    opened = page.opened
    week = Unmasked(opened).schedule(Schedule.model_validate(schedule))
    from_now = bool(page.desk.get(f"rebalance.from now {page.files.key}"))
    scenario = scenario_for(opened.scenario, opened.schedule, from_now=from_now)
    steps.forget(page, NAME)
    changed = scenario if scenario is not opened.scenario else None
    if steps.take(page, "Rebalanced", week, changed):
        steps.tell("done", "Taken. Now see who must be told what.")
        steps.go(page, job, then)
