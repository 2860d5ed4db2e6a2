"""A session opened: who comes and who leads, what is locked, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import streamlit as st

from solver import report
from solver.clinic import Clinic
from solver.timegrid import DAY_NAMES

from ..desk import people
from ..desk.frame import Frame
from ..desk.opened import Week
from . import board_marks as marks
from .board_forms import ACTED, cancel_form, members_form, move_form
from .board_lock_form import lock_form
from .text import listed, plain

PEOPLE, MOVE, LOCKS, WHY = "Who comes", "Move", "Locks", "Why here"
PART = "card part"


def card(page: Frame, session: report.Session, on_dismiss: Callable[[], None]) -> None:
    """Open a session over the page."""
    title = plain(session.title)
    st.dialog(title, width="large", on_dismiss=on_dismiss)(_inside)(page, session)


def _inside(page: Frame, session: report.Session) -> None:
    if st.session_state.pop(ACTED, False):
        st.rerun()
    week = page.week
    _head(week, session)
    parts = [PEOPLE, MOVE, LOCKS, WHY] if people.may("scheduler") else [PEOPLE, WHY]
    part = st.segmented_control(
        "What about it",
        parts,
        default=PEOPLE,
        key=PART,
        required=True,
        label_visibility="collapsed",
    )
    match part:
        case "Move":
            move_form(page, session)
        case "Locks":
            lock_form(page, session)
        case "Why here":
            from .why_here import why_here  # noqa: PLC0415 - asks a child; rarely opened

            why_here(page, session.ref)
        case _:
            _people(page, session)
    st.caption(plain(f"{session.ref}, {_service(week.clinic, session)}"))


def _head(week: Week, session: report.Session) -> None:
    when = f"{DAY_NAMES[session.day]} {session.time}"
    st.markdown(f"**{plain(when)}** · {plain(session.place)}")
    if session.cancelled:
        st.warning("This meeting is cancelled.", icon=":material/event_busy:")
    ending = marks.by_person(marks.endings(week.clinic))
    over = marks.of_session(week.clinic, session, ending)
    if over:
        st.warning("  \n".join(plain(text) for text in over), icon=":material/hourglass_bottom:")
    for _, text in marks.locks_on(week.clinic, session):
        st.markdown(f":material/lock: {plain(text)}")


def _people(page: Frame, session: report.Session) -> None:
    week = page.week
    clinic = week.clinic
    ending = marks.by_person(marks.endings(clinic))
    left, right = st.columns(2)
    with left:
        st.markdown("**Led by**" + (" (substitute)" if session.substituted else ""))
        led = [_leader(clinic, t) + _ends(ending, t.id) for t in session.leaders]
        st.markdown(listed(led) or "Nobody")
        others = _other_times(week, session)
        if others:
            st.markdown("**Also meets**")
            st.markdown(listed([plain(text) for text in others]))
    with right:
        st.markdown(f"**Attending**: {plain(seats(clinic, session))}")
        by_video = {p.id for p in session.remote}
        attending = [
            plain(report.label(p))
            + (" (by video)" if p.id in by_video else "")
            + _ends(ending, p.id)
            + _not_always(clinic, session, p.id)
            for p in session.members
        ]
        st.markdown(listed(attending) or "Nobody")
        if session.absent:
            st.markdown("**Absent**")
            st.markdown(listed([plain(report.label(p)) for p in session.absent]))
    if people.may("scheduler"):
        if session.group is None:
            cancel_form(page, session)
        else:
            members_form(page, session)


def _ends(ending: dict[str, list[marks.Ending]], who: str) -> str:
    texts = [e.text for e in ending.get(who, ())]
    return f" · :orange[:material/hourglass_bottom: {plain(', '.join(texts))}]" if texts else ""


def _not_always(clinic: Clinic, session: report.Session, who: str) -> str:
    """A member who is only there for a part of the section's meetings."""
    patient = clinic.patients.get(who)
    if patient is None or session.group is None:
        return ""
    when = clinic.scenario.week_start + timedelta(days=session.day)
    first, last = patient.first_date, patient.last_date
    return " (first day)" if first == when else " (last day)" if last == when else ""


def seats(clinic: Clinic, session: report.Session) -> str:
    """How many come, and of how many seats there are."""
    here = len(session.members)
    if session.group is None:
        return report.count(here, "patient")
    size = clinic.groups[session.group].size
    words = f"{here} of {report.count(size.max, 'seat')}"
    if session.room is not None:
        in_room = here - len(session.remote)
        words += f"; {in_room} of {clinic.rooms[session.room].capacity} in the room"
    return words


def _leader(clinic: Clinic, therapist: report.Named) -> str:
    entry = clinic.therapists.get(therapist.id)
    held = ", ".join(c.id for c in entry.credentials) if entry else ""
    return plain(f"{therapist.name} ({held})" if held else therapist.name)


def _other_times(week: Week, session: report.Session) -> list[str]:
    return [
        f"{DAY_NAMES[other.day]} {other.time}, {other.place}"
        for other in week.sessions
        if other.ref == session.ref and other.group is not None and other.day != session.day
    ]


def _service(clinic: Clinic, session: report.Session) -> str:
    service = clinic.services.get(session.service)
    return (service.name if service else "") or session.service
