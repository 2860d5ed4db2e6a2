"""A session opened: who comes, who leads, how many seats are left."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from solver import report
from solver.clinic import Clinic
from solver.timegrid import DAY_NAMES

from ..desk.opened import Week
from .text import listed, plain


def card(week: Week, session: report.Session, on_dismiss: Callable[[], None]) -> None:
    """Open a session over the page."""
    st.dialog(plain(session.title), width="medium", on_dismiss=on_dismiss)(_inside)(week, session)


def _inside(week: Week, session: report.Session) -> None:
    clinic = week.clinic
    when = f"{DAY_NAMES[session.day]} {session.time}"
    st.markdown(f"**{plain(when)}** · {plain(session.place)}")
    if session.cancelled:
        st.warning("This meeting is cancelled.", icon=":material/event_busy:")
    left, right = st.columns(2)
    with left:
        st.markdown("**Led by**" + (" (substitute)" if session.substituted else ""))
        st.markdown(listed([_leader(clinic, t) for t in session.leaders]) or "Nobody")
        others = _other_times(week, session)
        if others:
            st.markdown("**Also meets**")
            st.markdown(listed([plain(text) for text in others]))
    with right:
        st.markdown(f"**Attending**: {plain(seats(clinic, session))}")
        by_video = {p.id for p in session.remote}
        attending = [
            plain(report.label(p)) + (" (by video)" if p.id in by_video else "")
            for p in session.members
        ]
        st.markdown(listed(attending) or "Nobody")
        if session.absent:
            st.markdown("**Absent**")
            st.markdown(listed([plain(report.label(p)) for p in session.absent]))
    st.caption(plain(f"{session.ref}, {_service(clinic, session)}"))


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
