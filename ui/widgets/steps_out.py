"""Monday, 7:40: somebody or a room is out. Who, when, and which way the week goes on."""

from __future__ import annotations

from typing import Any, Literal

import streamlit as st

from solver import report
from solver.cover.out import Out, follow_up
from solver.runner import Answer
from solver.schedule import Schedule
from solver.timegrid import DAY_NAMES, DAY_NUMBER, DAYS

from ..desk import asking, frame
from ..desk.frame import Frame
from ..desk.people import require
from ..desk.unmasked import Unmasked
from . import repairs, steps
from .text import cell, listed, plain

NAME = "cover"
KINDS: dict[str, str] = {"therapist": "A therapist", "room": "A room", "patient": "A patient"}
Kind = Literal["therapist", "room", "patient"]


def out(page: Frame, then: str) -> None:
    """The form, and the ways there are."""
    opened = page.opened
    if opened.week is None:
        st.info("This week has no schedule that could be kept going.", icon=":material/event_busy:")
        return
    kind = st.segmented_control(
        "Who or what is out?",
        list(KINDS),
        format_func=KINDS.get,
        required=True,
        key=frame.keep_ready(page.desk, "out.kind", "therapist", list(KINDS)),
        on_change=frame.keeper(page.desk, "out.kind"),
    )
    shown = opened.clinic.scenario
    lists: dict[str, Any] = {
        "therapist": shown.therapists,
        "room": shown.rooms,
        "patient": shown.patients,
    }
    entries = lists[kind]
    names = {n: cell(entry.name or entry.id) for n, entry in enumerate(entries)}
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        st.selectbox(
            "Who" if kind != "room" else "Which room",
            list(names),
            format_func=names.get,
            key=frame.keep_ready(page.desk, f"out.who.{kind}", 0, list(names)),
            on_change=frame.keeper(page.desk, f"out.who.{kind}"),
            width=260,
        )
        days = _open_days(page)
        key = frame.KEPT + "out.days"
        if key not in st.session_state:
            st.session_state[key] = page.desk.get(key, days[:1])
        st.session_state[key] = [d for d in st.session_state[key] if d in days]
        st.pills(
            "On which days",
            days,
            selection_mode="multi",
            format_func=lambda d: DAY_NAMES[DAY_NUMBER[d]][:3],
            key=key,
            on_change=frame.keeper(page.desk, "out.days"),
        )
    if kind != "room":
        st.toggle(
            "They can still take part by video",
            key=frame.keep_ready(page.desk, "out.video", False),
            on_change=frame.keeper(page.desk, "out.video"),
        )
    st.button(
        "Find ways to go on",
        type="primary" if asking.answer(page, NAME) is None else "secondary",
        icon=":material/medical_services:",
        on_click=_ask,
        args=(page, kind),
        disabled=not st.session_state[key],
        help="Choose at least one day." if not st.session_state[key] else None,
    )
    steps.answers(page, NAME, lambda answer: _draw(page, answer, then))


def _open_days(page: Frame) -> list[str]:
    """Days on which the week has sessions."""
    week = page.opened.week
    there = {s.day for s in week.sessions} if week is not None else set()
    return [d for d in DAYS if DAY_NUMBER[d] in there]


def _chosen(page: Frame, kind: str) -> tuple[int, tuple[str, ...], bool]:
    number = frame.chosen(page.desk, f"out.who.{kind}") or 0
    days = tuple(d for d in DAYS if d in (frame.chosen(page.desk, "out.days") or ()))
    video = kind != "room" and bool(frame.chosen(page.desk, "out.video"))
    return number, days, video


def _ask(page: Frame, kind: str) -> None:
    number, days, video = _chosen(page, kind)
    shown = page.opened.clinic.scenario
    lists = {"therapist": shown.therapists, "room": shown.rooms, "patient": shown.patients}
    id = lists[kind][number].id
    command = ["cover", "scenario.json", "schedule.json", "--by", kind, "--days", ",".join(days)]
    # With "=", an id that begins with a dash is no option.
    command += [f"--absent={id}", *(["--by-video"] if video else []), "--json"]
    steps.ask(page, NAME, *command)
    page.desk.put(f"out.asked {page.files.key}", [kind, number, list(days), video])


def outs(page: Frame) -> tuple[list[Out], str]:
    """Who is out in what was asked last, with the files' ids, and that in words as it is shown."""
    kind, number, days, video = page.desk.get(f"out.asked {page.files.key}")
    full = page.opened.scenario
    lists: dict[str, Any] = {
        "therapist": full.therapists,
        "room": full.rooms,
        "patient": full.patients,
    }
    masked = page.opened.clinic.scenario
    shown: dict[str, Any] = {
        "therapist": masked.therapists,
        "room": masked.rooms,
        "patient": masked.patients,
    }
    when = report.listing(DAY_NAMES[DAY_NUMBER[d]][:3] for d in days)
    entry = shown[kind][number]
    out = Out(kind, lists[kind][number].id, frozenset(DAY_NUMBER[d] for d in days), video)
    return [out], f"{entry.name or entry.id} out on {when}"


def _draw(page: Frame, answer: Answer, then: str) -> None:
    document = answer.document
    if not isinstance(document, dict):
        asking.faults(answer)
        return
    _, words = outs(page)
    if not document["units"]:
        st.success(
            f"{plain(words)}: everything can go on as published.", icon=":material/check_circle:"
        )
        return
    st.subheader(
        f"{plain(words)}: {report.count(len(document['units']), 'session')} cannot stand",
        anchor=False,
    )
    with st.expander("Which ones"):
        st.markdown(listed([plain(unit["sentence"]) for unit in document["units"]]))
    if document["already_broken"]:
        st.warning("The week broke rules before; the Check page names them.")
    found = repairs.ways(document, page.opened.tiers, lambda text: steps.in_names(page, text))
    if not any(way.legal for way in found):
        st.error("No way was found that keeps every rule.", icon=":material/error:")
    repairs.draw(found, lambda number: _take(page, document, number, then), "cover")


def _take(page: Frame, document: dict[str, Any], number: int, then: str) -> None:
    """Take one way: the week with them out, and that repair of it."""
    require("scheduler")
    opened = page.opened
    assert opened.schedule is not None
    who, words = outs(page)
    repair = document["repairs"][number]
    scenario, _ = follow_up(opened.scenario, opened.schedule, who)
    schedule = Unmasked(opened).schedule(Schedule.model_validate(repair["schedule"]))
    # The history is shown to whoever looks; a patient's name stays out of it.
    said = words if who[0].kind != "patient" else "A patient out"
    steps.forget(page, NAME)
    if steps.take(page, f"{said}: {repair['way']}", schedule, scenario):
        steps.tell("done", f"Taken: {repair['way']}. Now see who must be told what.")
        steps.go(page, "out", then)
