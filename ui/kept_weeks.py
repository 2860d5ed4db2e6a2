"""Kept weeks: what is in the store, its versions and publications, and what differs between two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from solver import report
from solver.clinic import Clinic
from solver.diff import difference
from solver.report.diff import heard, told_summary
from solver.scenario import Scenario
from solver.schedule import Schedule
from solver.store import Event, ScenarioVersion, Store
from ui.desk import frame, kept
from ui.desk.people import may, require
from ui.desk.privacy import Initials
from ui.widgets import steps, steps_publish
from ui.widgets.text import cell, listed, plain

MOST = 200  # lines of what was done
ACTIONS = {
    "clinic.made": "made a clinic",
    "scenario.made": "kept a new week",
    "scenario.saved": "kept a version",
    "schedule.kept": "kept a schedule",
    "week.published": "published a week",
}

page = frame.begin("Kept weeks")


@dataclass(frozen=True, slots=True)
class State:
    """A version, or a publication, of one kept week."""

    label: str
    event: Event
    version: ScenarioVersion


def weeks_table(here: Store, latest: Sequence[ScenarioVersion], clinic: str) -> list[dict]:
    """A row for each kept week, the latest week first."""
    out = []
    for version in latest:
        now = here.weeks.current(clinic, version.week_start)
        out.append(
            {
                "Week of": report.long_date(version.week_start),
                "Version": version.number,
                "Kept by": cell(version.author),
                "Kept": kept.when(version.made_at),
                "Published": f"number {now.number}, {kept.when(now.made_at)}" if now else "no",
                "Published by": cell(now.author) if now else "",
            }
        )
    return out


def states(here: Store, clinic: str, week: ScenarioVersion) -> list[State]:
    """Versions and publications of a kept week, the latest first."""
    out = []
    versions = {v.number: v for v in here.scenarios.versions(week.scenario_id)}
    for event in here.trail.history(clinic):
        if event.scenario_id != week.scenario_id or event.version not in versions:
            continue
        what = f"Version {event.version}"
        if event.publication is not None:
            holds = ", holds" if event.holds else ""
            what = f"Publication {event.publication}{holds} (of version {event.version})"
        label = f"{what}, {event.author}, {kept.when(event.at)}"
        out.append(State(label, event, versions[event.version]))
    return out[::-1]


def content(here: Store, state: State, clinic: str) -> tuple[Scenario, Schedule | None]:
    """What a state says."""
    if state.event.publication is not None:
        weeks = here.weeks.publications(clinic, state.version.week_start)
        week = next(w for w in weeks if w.number == state.event.publication)
        return here.schedules.read(here.schedules.get(week.schedule_id))
    schedules = here.schedules.of(state.version)
    if not schedules:
        return here.scenarios.read(state.version), None
    return here.schedules.read(schedules[-1])


def this_week() -> None:
    """The open week: whether it is kept, and keeping it."""
    known = kept.origin(page)
    said = f"The open week was worked from version {known.version}." if known else ""
    row = st.container(horizontal=True, vertical_alignment="center")
    row.markdown(said or "The open week is on your desk only.", width="stretch")
    if may("scheduler"):
        row.button(
            "Keep the open week",
            type="primary",
            icon=":material/inventory_2:",
            on_click=steps_publish.do_keep,
            args=(page,),
            help="A new version, with who kept it and when. Nothing that is kept is ever altered.",
        )


def open_state(here: Store, clinic: str, state: State) -> None:
    """Open a version or a publication on the desk."""
    require("scheduler")
    if state.event.publication is not None:
        weeks = here.weeks.publications(clinic, state.version.week_start)
        week = next(w for w in weeks if w.number == state.event.publication)
        kept.attempt(lambda: _opened(lambda: kept.open_publication(page, here, week)))
    else:
        kept.attempt(lambda: _opened(lambda: kept.open_on_desk(page, state.version)))


def _opened(action: object) -> str:
    assert callable(action)
    action()
    return "It is open on your desk, as a copy: what is kept stays as it is."


def one_week(here: Store, clinic: str, week: ScenarioVersion) -> None:
    """History, opening, comparing."""
    found = states(here, clinic, week)
    labels = {n: cell(state.label) for n, state in enumerate(found)}
    st.subheader(f"Week of {report.long_date(week.week_start)}", anchor=False)
    st.dataframe(
        [
            {
                "When": kept.when(s.event.at),
                "Who": cell(s.event.author),
                "What": s.label.split(",")[0] + (", holds" if s.event.holds else ""),
            }
            for s in found
        ],
        hide_index=True,
        alt="Versions and publications, the latest first.",
    )
    if any(s.event.clock_went_back for s in found):
        st.caption("A clock had been set back: the order is right, a time may not be.")
    row = st.container(horizontal=True, vertical_alignment="bottom")
    picked = row.selectbox("Open", list(labels), format_func=labels.get, key=f"open {week.id}")
    if may("scheduler") and picked is not None:
        row.button(
            "Open on the desk",
            icon=":material/folder_open:",
            on_click=open_state,
            args=(here, clinic, found[picked]),
        )
    if len(found) < 2:
        return
    st.markdown("**Compare two**")
    left, right = st.columns(2)
    options = list(labels)
    old = left.selectbox("From", options, 1, format_func=labels.get, key=f"old {week.id}")
    new = right.selectbox("To", options, 0, format_func=labels.get, key=f"new {week.id}")
    if old == new:
        st.caption("Choose two different ones.")
        return
    compare(here, clinic, found[old], found[new])


def compare(here: Store, clinic: str, old: State, new: State) -> None:
    """What differs: what is planned from, and who must be told what."""
    (_, before), (now, after) = content(here, old, clinic), content(here, new, clinic)
    found = here.scenarios.differences(old.version, new.version)
    lines = steps_publish.in_words(page, found)
    if lines and steps.initials(page):
        counted = report.count(len(lines), "entry") if len(lines) == 1 else f"{len(lines)} entries"
        st.markdown(f"In what is planned from: {counted} differ; names are hidden, so are they.")
    elif lines:
        st.markdown("In what is planned from:")
        st.markdown(listed([plain(line) for line in lines[: steps_publish.MOST]]))
    else:
        st.markdown("What is planned from is the same.")
    if before is None or after is None:
        st.caption("One of them has no schedule, so there is nobody to tell.")
        return
    if steps.initials(page):
        masked = Initials(now)
        before, after, now = masked.schedule(before), masked.schedule(after), masked.scenario
    clinic_now = Clinic(now)
    diff = difference(clinic_now, before, after)
    st.markdown(f"**{plain(told_summary(clinic_now, diff))}**")
    rows = [
        {
            "Who": cell(person.who.name if steps.initials(page) else row.who),
            "What": cell(row.what),
            "Before": cell(row.before),
            "Now": cell(row.now),
        }
        for person in heard(clinic_now, diff)
        for row in person.rows
    ]
    if rows:
        st.dataframe(rows, hide_index=True, alt="Who must be told what.")


def trail(here: Store, clinic: str) -> None:
    """Who did what, line by line."""
    with st.expander("Everything that was done", icon=":material/history:"):
        lines = here.trail.lines(clinic_id=clinic)[::-1][:MOST]
        st.dataframe(
            [
                {
                    "Line": line.number,
                    "When": kept.when(line.at),
                    "Who": cell(line.author),
                    "What": ACTIONS.get(line.action, line.action.replace(".", " ")),
                }
                for line in lines
            ],
            hide_index=True,
            alt="The audit trail, the latest first.",
        )


def draw(here: Store) -> bool:
    """The whole page, read from the store."""
    clinics = {c.id: cell(c.name) for c in here.clinics.all()}
    if not clinics:
        st.info(
            "Nothing is kept yet. Keep the open week, and others can open it, go on from it and "
            "see who changed what.",
            icon=":material/inventory_2:",
        )
        return True
    own = kept.clinic_id(page, here)
    first = own if own in clinics else next(iter(clinics))
    options = list(clinics)
    clinic = first
    if len(clinics) > 1:
        clinic = st.selectbox(
            "Clinic",
            options,
            format_func=clinics.get,
            key=frame.keep_ready(page.desk, "kept.clinic", first, options),
            on_change=frame.keeper(page.desk, "kept.clinic"),
            width=320,
        )
    latest = here.scenarios.of_clinic(clinic)
    event = st.dataframe(
        weeks_table(here, latest, clinic),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"weeks {clinic} {len(latest)}",
        alt="The kept weeks, the latest week first.",
    )
    rows = event["selection"]["rows"]
    st.caption("Choose a row to see its history, open it or compare two of its versions.")
    if latest:
        one_week(here, clinic, latest[rows[0] if rows else 0])
    trail(here, clinic)
    return True


kept.said()
steps.told()
this_week()
steps_publish.conflict(page)
kept.asked(draw)
