"""The locks of an open session: what is locked, and what can be."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from solver import report
from solver.report.words import named
from solver.scenario import Lock
from solver.timegrid import DAYS

from ..desk.frame import Frame
from ..desk.unmasked import Unmasked
from . import board_acts as acts
from . import board_marks as marks
from .board_forms import acted
from .board_locks import described, locked, unlocked
from .text import cell, plain


def lock_form(page: Frame, session: report.Session) -> None:
    """What is locked here, and what can be."""
    clinic = page.week.clinic
    there = [lock for lock, _ in marks.locks_on(clinic, session)]
    st.caption("What is locked stays as it is, in every solve and on this board.")
    for lock in there:
        _lock_row(page, session, lock, "Unlock", ":material/lock_open:", _unlock)
    for lock in _possible(session):
        if lock not in there:
            _lock_row(page, session, lock, "Lock", ":material/lock:", _lock)
    kept = {lock.patient for lock in there}
    members = [p.id for p in session.members if p.id not in kept]
    if session.group is not None and members:
        who = st.selectbox(
            "Keep a member in this group",
            members,
            index=None,
            format_func=lambda p: cell(named(clinic.patients, p).name),
            key=f"lock member {session.ref}",
        )
        if who is not None:
            keep = Lock(patient=who, group=session.group)
            _lock_row(page, session, keep, "Lock", ":material/lock:", _lock)


def _possible(session: report.Session) -> list[Lock]:
    whole = Lock(section=session.ref) if session.group else Lock(appointment=session.ref)
    day = DAYS[session.day]
    return [whole, *(Lock(therapist=t.id, day=day) for t in session.leaders)]


def _lock_row(
    page: Frame,
    session: report.Session,
    lock: Lock,
    verb: str,
    icon: str,
    act: Callable[[Frame, Lock, str], None],
) -> None:
    title = described(page.week.clinic.scenario, lock, session.title)
    said = f"{verb} {title}"
    st.button(plain(said), key=f"{said} {lock}", icon=icon, on_click=act, args=(page, lock, title))


def _lock(page: Frame, lock: Lock, title: str) -> None:
    opened, real = page.opened, _real(page, lock)
    if opened.schedule is not None:
        schedule = opened.schedule
        acts.take_lock(page, lambda: locked(opened.scenario, schedule, real), f"Locked {title}")
    acted()


def _unlock(page: Frame, lock: Lock, title: str) -> None:
    real = _real(page, lock)
    acts.take_lock(page, lambda: unlocked(page.opened.scenario, real), f"Unlocked {title}")
    acted()


def _real(page: Frame, lock: Lock) -> Lock:
    """A lock of the week that is shown, with the ids of its files."""
    if lock.appointment is not None:
        shown = [a.id for a in page.week.schedule.appointments]
        files = page.opened.schedule.appointments if page.opened.schedule else ()
        if lock.appointment in shown:
            return Lock(appointment=files[shown.index(lock.appointment)].id)
    if lock.patient is not None:
        return lock.model_copy(
            update={"patient": Unmasked(page.opened).patients.get(lock.patient, lock.patient)}
        )
    return lock
