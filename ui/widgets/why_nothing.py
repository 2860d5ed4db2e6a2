"""Why no schedule exists: the facts that cannot all hold, and what giving each up makes possible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from solver.clinic import Clinic
from solver.explain.facts import facts_of, given_up
from solver.explain.wording.names import Names
from solver.ledger import Ledger

from ..desk.people import require
from . import why_lines
from .text import cell
from .why_asking import Json
from .why_trying import copied, real_schedule

if TYPE_CHECKING:
    from ..desk.frame import Frame


def contradiction(page: Frame, found: Json) -> None:
    """What was found, and the weeks that giving up one fact would leave."""
    icon = {"possible": "check_circle", "impossible": "block", "unknown": "hourglass_disabled"}
    why_lines.draw(found["lines"], icon=f":material/{icon[found['status']]}:")
    open_ones = [r for r in found["releases"] if r["status"] == "possible" and r["schedule"]]
    if not open_ones:
        return
    texts = {f["place"]: f["text"] for f in found["facts"]}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        number = st.selectbox(
            "Give up",
            range(len(open_ones)),
            format_func=lambda n: cell(texts.get(open_ones[n]["place"], open_ones[n]["place"])),
            key=f"why.give up {page.files.key}",
        )
        one = open_ones[min(number or 0, len(open_ones) - 1)]
        pressed = st.button(
            "Try this",
            key="try giving up",
            type="primary",
            icon=":material/science:",
            help="Opens a copy of the week without this fact, with a schedule.",
        )
    if pressed and _given_up(page, one):
        st.switch_page("ui/week.py")


def _given_up(page: Frame, one: Json) -> bool:
    require("scheduler")
    # Places in the scenario are the same with initials: patients and locks keep their order.
    clinic = Clinic(page.opened.scenario)
    known = facts_of(clinic, Names(clinic, Ledger(clinic)))
    facts = [f for f in known if f.place == one["place"]]
    if not facts:
        st.error("The week has been changed since. Ask again.", icon=":material/history:")
        return False
    scenario = given_up(page.opened.scenario, facts)
    copied(page, scenario, real_schedule(page.opened, one["schedule"]), "one thing given up")
    return True
