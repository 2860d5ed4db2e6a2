"""Thursday noon: who came to what, who can no longer reach the minimum, and where to make up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from solver import report
from solver.clinic import Clinic
from solver.midweek.attendance import read_attendance
from solver.midweek.sessions import Sessions, at
from solver.midweek.standing import stand
from solver.report.midweek import TITLES
from solver.runner import Answer
from solver.scenario import Scenario
from solver.schedule import Schedule
from solver.timegrid import DAY_NAMES, DAY_NUMBER, DAYS, MINUTES_A_DAY, clock

from ..desk import asking, frame
from ..desk.frame import Frame
from ..desk.people import require
from ..desk.unmasked import Unmasked
from . import steps
from .text import cell, listed, plain

NAME = "midweek"
LOOKS = {
    "out_of_reach": (":material/error:", "red"),
    "open": (":material/warning:", "orange"),
    "made_up": (":material/event_repeat:", "blue"),
    "on_course": (":material/check_circle:", "green"),
}
Due = tuple[int, str, int]
"""A patient's number in the scenario, a section or appointment, the day number."""


def due(clinic: Clinic, schedule: Schedule, until: int) -> list[Due]:
    """Who was due at what by a minute of the week, in the order of time, session and patient."""
    order = {p: n for n, p in enumerate(clinic.patients)}
    week = Sessions(clinic, schedule)
    found = [(order[p], ref, day) for p, (ref, day) in week.over(until)]
    starts = {(s.ref, s.day): s.start for s in report.sessions(clinic, schedule)}
    return sorted(found, key=lambda d: (d[2], starts[d[1], d[2]], d[1], d[0]))


def rows(
    clinic: Clinic, schedule: Schedule, there: Sequence[Due], missed: Collection[Due]
) -> list[dict[str, object]]:
    """The table of ticks."""
    sessions = {(s.ref, s.day): s for s in report.sessions(clinic, schedule)}
    people = list(clinic.scenario.patients)
    out = []
    for number, ref, day in there:
        session = sessions[ref, day]
        out.append(
            {
                "Came": (number, ref, day) not in missed,
                "Day": DAY_NAMES[day][:3],
                "Time": session.time,
                "Session": cell(session.title),
                "Patient": cell(people[number].name or people[number].id),
            }
        )
    return out


def after_edit(
    there: Sequence[Due], missed: Iterable[Due], edited: Mapping[int, Mapping[str, object]]
) -> list[Due]:
    """Who missed what once ticks were changed; ``edited`` is row number -> changed cells."""
    now = set(missed)
    for number, cells in edited.items():
        if "Came" in cells:
            (now.discard if cells["Came"] else now.add)(there[int(number)])
    return [d for d in there if d in now]


def attendance(scenario: Scenario, schedule: Schedule, until: int, missed: Iterable[Due]) -> Any:
    """The attended file: what was missed; the rest that is over was attended."""
    sections = {s.id for s in schedule.sections}
    day, minute = divmod(until, MINUTES_A_DAY)
    if minute == 0 and day:
        day, minute = day - 1, MINUTES_A_DAY
    return {
        "schema_version": 1,
        "week_start": scenario.week_start.isoformat(),
        "until": {"day": DAYS[day], "time": clock(minute)},
        "others": "attended",
        "records": [
            {
                "patient": scenario.patients[number].id,
                "section" if ref in sections else "appointment": ref,
                "day": DAYS[on],
                "attended": False,
            }
            for number, ref, on in missed
        ],
    }


# -- the page -------------------------------------------------------------------------------------


def midweek(page: Frame, then: str) -> None:
    """Until when, the ticks, and what comes of it."""
    opened = page.opened
    if opened.week is None or opened.schedule is None:
        st.info("This week has no schedule, so nobody was due.", icon=":material/event_busy:")
        return
    until = _until(page)
    there = due(Clinic(opened.scenario), opened.schedule, until)
    if not there:
        st.info(f"Nothing of this week is over by {_when(until)}.", icon=":material/schedule:")
        return
    missed = [d for d in _missed(page) if d in there]
    _ticks(page, there, missed)
    number = len(missed)
    st.caption(
        f"{report.count(len(there), 'place')} in sessions that are over; "
        + (f"{number} missed." if number else "everybody came.")
    )
    st.button(
        "See who is on course",
        type="primary" if asking.answer(page, NAME) is None else "secondary",
        icon=":material/query_stats:",
        on_click=_ask,
        args=(page, until, missed),
    )
    steps.answers(page, NAME, lambda answer: _draw(page, answer, then))


def _until(page: Frame) -> int:
    """A minute of the week, from a day and a time."""
    week = page.opened.week
    assert week is not None
    days = sorted({s.day for s in week.sessions})
    ends = sorted({s.end for s in week.sessions})
    row = st.container(horizontal=True, vertical_alignment="bottom")
    middle = days[(len(days) - 1) // 2]
    day: int = row.segmented_control(
        "What is over: until",
        days,
        format_func=lambda d: DAY_NAMES[d][:3],
        required=True,
        key=frame.keep_ready(page.desk, "midweek.day", middle, days),
        on_change=frame.keeper(page.desk, "midweek.day"),
    )
    times = [0, *ends]
    time: int = row.selectbox(
        "at",
        times,
        format_func=lambda m: "the start of the day" if m == 0 else clock(m),
        key=frame.keep_ready(page.desk, "midweek.time", times[-1], times),
        on_change=frame.keeper(page.desk, "midweek.time"),
        width=190,
    )
    return day * MINUTES_A_DAY + time


def _when(until: int) -> str:
    day, _, time = at(until).partition(" ")
    return f"{DAY_NAMES[DAY_NUMBER[day]][:3]} {time}"


def _missed(page: Frame) -> list[Due]:
    return [(n, ref, day) for n, ref, day in page.desk.get(_kept(page), [])]


def _kept(page: Frame) -> str:
    return f"missed {page.files.key}"


def _ticks(page: Frame, there: Sequence[Due], missed: Sequence[Due]) -> None:
    """The table; what it begins with stays the same while ticks change, or they would count twice."""
    opened = page.opened
    assert opened.week is not None
    shown_schedule = opened.week.schedule
    refs = _shown_refs(page)
    shown = [(n, refs.get(ref, ref), day) for n, ref, day in there]
    key = f"ticks {steps.stamp(page)} {len(there)}"
    began = st.session_state.setdefault(f"{key} began", list(missed))
    began_shown = [(n, refs.get(ref, ref), day) for n, ref, day in began]

    def changed() -> None:
        edited = st.session_state[key]["edited_rows"]
        page.desk.put(_kept(page), [list(d) for d in after_edit(there, began, edited)])

    st.data_editor(
        rows(opened.clinic, shown_schedule, shown, began_shown),
        hide_index=True,
        disabled=["Day", "Time", "Session", "Patient"],
        column_config={
            "Came": st.column_config.CheckboxColumn(
                "Came", help="Take the tick away from who did not come.", width="small"
            )
        },
        height=min(420, 38 + 35 * len(there)),
        key=key,
        on_change=changed,
        alt="Who was due at which session; a tick for who came.",
    )


def _shown_refs(page: Frame) -> dict[str, str]:
    """Ids of the files' appointments -> those of the week that is shown."""
    week, own = page.opened.week, page.opened.schedule
    assert week is not None
    assert own is not None
    pairs = zip(own.appointments, week.schedule.appointments, strict=True)
    return {real.id: masked.id for real, masked in pairs}


def _ask(page: Frame, until: int, missed: Sequence[Due]) -> None:
    opened = page.opened
    assert opened.week is not None
    refs = _shown_refs(page)
    shown = [(n, refs.get(ref, ref), day) for n, ref, day in missed]
    said = attendance(opened.clinic.scenario, opened.week.schedule, until, shown)
    command = ("midweek", "scenario.json", "schedule.json", "--attended", "attended.json", "--json")
    steps.ask(page, NAME, *command, attended__json=said)
    page.desk.put(f"midweek.asked {page.files.key}", [until, [list(d) for d in missed]])


def _draw(page: Frame, answer: Answer, then: str) -> None:
    document = answer.document
    if not isinstance(document, dict):
        asking.faults(answer)
        return
    people = document["patients"]
    counts = {course: [p for p in people if p["course"] == course] for course in TITLES}
    for course, title in TITLES.items():
        found = counts[course]
        if not found:
            continue
        icon, colour = LOOKS[course]
        with st.expander(
            f":{colour}[{title}]: {len(found)}", icon=icon, expanded=course != "on_course"
        ):
            for person in found if course != "on_course" else [p for p in found if p["missed"]]:
                _person(person)
            if course == "on_course" and not any(p["missed"] for p in found):
                st.markdown("They came to everything, and nothing is missing.")
    if document["violations"]:
        st.warning(
            "What was missed breaks rules:\n"
            + listed([plain(steps.in_names(page, v["message"])) for v in document["violations"]]),
            icon=":material/gavel:",
        )
    summary = document["difference"]["summary"]
    if document["difference"]["entries"]:
        st.markdown(f"The plan changes nobody else's week. {plain(summary)}")
        st.button(
            "Take the plan",
            type="primary",
            icon=":material/check:",
            on_click=_take,
            args=(page, document, then),
        )
    else:
        st.markdown("There is nothing to plan anew.")


def _person(person: Mapping[str, Any]) -> None:
    first, *rest = person["sentences"]
    st.markdown(f"**{plain(first)}** " + " ".join(map(plain, rest)))
    if person["places"]:
        lines = [f"{n}. {plain(p['sentence'])}" for n, p in enumerate(person["places"], 1)]
        st.markdown("\n".join(lines))


def _take(page: Frame, document: dict[str, Any], then: str) -> None:
    """The week as it stands with the make-up sessions; what was missed is no plan of next week's."""
    require("scheduler")
    opened = page.opened
    assert opened.schedule is not None
    until, missed = page.desk.get(f"midweek.asked {page.files.key}")
    said = attendance(opened.scenario, opened.schedule, until, [tuple(d) for d in missed])
    clinic = Clinic(opened.scenario)
    standing = stand(
        opened.scenario, opened.schedule, read_attendance(said, clinic, opened.schedule)
    )
    own = set(opened.scenario.locks)
    # Locks on what has happened would bind next week too: they stay with the question that asked.
    scenario = standing.scenario.model_copy(
        update={"locks": tuple(lock for lock in standing.scenario.locks if lock in own)}
    )
    schedule = Unmasked(opened).schedule(Schedule.model_validate(document["schedule"]))
    steps.forget(page, NAME)
    page.desk.put(_kept(page), None)
    if steps.take(page, "Make-up sessions", schedule, scenario, standing.broken):
        steps.tell("done", "Taken. Now see who must be told what.")
        steps.go(page, "midweek", then)
