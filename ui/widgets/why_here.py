"""Why a session is where it is, and where else it could be; to stand in a session's card."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

import streamlit as st

from solver.timegrid import DAY_NAMES, DAYS

from ..desk.people import may, require
from . import why_lines
from .why_asking import SCENARIO, SCHEDULE, Json, ask, document, is_running, show

if TYPE_CHECKING:
    from ..desk.frame import Frame

SECONDS = 60.0


def why_here(page: Frame, ref: str) -> None:
    """Alternatives for a section or an appointment, and a place to ask about one more.

    ``ref`` is the id that is shown. Nothing is changed. A viewer, who may start nothing, sees what was
    found before.
    """
    here, move = f"why here {ref}", f"why move {ref}"
    running = page.week.ledger
    if ref not in running.sections and ref not in running.appointments:
        return
    if may("scheduler"):
        if document(page, here) is None and not is_running(page, here):
            st.button(
                "Why here, and where else?",
                key=f"ask {here}",
                icon=":material/alt_route:",
                on_click=_ask_here,
                args=(page, here, ref),
                help="Every other time, leader and room, with what rules it out or what it costs.",
            )
        else:
            _one_more(page, move, ref)
    show(page, move, _judged)
    show(page, here, _alternatives)


def _ask_here(page: Frame, name: str, ref: str) -> None:
    require("scheduler")
    ask(page, name, ("explain", SCENARIO, SCHEDULE, f"--why={ref}", "--json"), limit=SECONDS)


def _one_more(page: Frame, name: str, ref: str) -> None:
    """A day and an hour that somebody has in mind."""
    section = page.week.ledger.sections.get(ref)
    entry = section.meetings if section else (page.week.ledger.appointments[ref],)
    step = page.opened.clinic.grid.minutes
    with st.form(f"form {name}", border=False):
        row = st.container(horizontal=True, vertical_alignment="bottom")
        open_days = [DAYS[d] for d in page.opened.clinic.open_days]
        days = row.multiselect(
            "On",
            open_days,
            default=[m.day for m in entry if m.day in open_days],
            format_func=lambda day: DAY_NAMES[DAYS.index(day)][:3],
            key=f"days {name}",
        )
        start = entry[0].start
        at = row.time_input(
            "At", time(start // 60 % 24, start % 60), step=max(60, step * 60), key=f"at {name}"
        )
        if row.form_submit_button("Could it be then?", icon=":material/help:"):
            require("scheduler")
            said = move_text(ref, days, at)
            command = ("explain", SCENARIO, SCHEDULE, f"--move={said}", "--json")
            ask(page, name, command, limit=SECONDS)
            st.rerun(scope="app")


def move_text(ref: str, days: list[str], at: time) -> str:
    """A move as the command reads it: ``"process-eve" mon,wed 18:00``."""
    quoted = "'" + ref.replace("'", "'\"'\"'") + "'"
    on = ",".join(sorted(days, key=DAYS.index))
    return " ".join(part for part in (quoted, on, at.strftime("%H:%M")) if part)


def _judged(found: Json) -> None:
    icon = ":material/check_circle:" if found["legal"] else ":material/block:"
    with st.container(border=True):
        why_lines.draw(found["lines"], icon=icon)


def _alternatives(found: Json) -> None:
    why_lines.draw(found["lines"])
