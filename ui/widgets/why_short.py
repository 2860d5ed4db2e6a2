"""Why somebody is short, and what would help: one patient's explanation as it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from solver import report

from .text import capital, cell, listed, plain
from .why_asking import Json
from .why_trying import called, try_button

if TYPE_CHECKING:
    from ..desk.frame import Frame


def explained(page: Frame, one: Json) -> None:
    """Everything that is known of one patient."""
    for text in one["own_hours"]:
        st.info(plain(text), icon=":material/person_alert:")
    suggestions = one["suggestions"]
    if suggestions:
        st.markdown("**What would help**, the smallest change first")
    for number, suggestion in enumerate(suggestions):
        _suggestion(page, suggestion, f"try {one['patient']} {number}", number == 0)
    if one["closing"]:
        st.markdown(plain(one["closing"]))
    told = obstacles(one)
    if told:
        st.markdown("**What stands in the way**")
        st.markdown(listed([plain(text) for text in told]))
    if not one["whole"]:
        st.caption("There was no time to try everything; ask once more for longer.")


def _suggestion(page: Frame, found: Json, key: str, first: bool) -> None:
    with st.container(border=True):
        badge = " :green-badge[Then fully served]" if found["serves"] else ""
        st.markdown(plain(found["text"]) + badge)
        rows = goals(found["tiers"])
        if rows:
            with st.expander("What it does to the goals"):
                st.dataframe(rows, hide_index=True, alt="Goals before and after.")
        changes = [c for step in found["steps"] for c in step["changes"]]
        try_button(page, changes, found["schedule"], called(found["steps"]), key=key, primary=first)


def obstacles(one: Json) -> list[str]:
    """What stands in the way, each thing once."""
    return list(dict.fromkeys(o["text"] for o in one["obstacles"]))


def goals(tiers: Sequence[Json]) -> list[dict[str, object]]:
    """Tiers that come out otherwise."""
    return [
        {
            "Tier": t["tier"],
            "What is made small": cell(capital(report.tier_title(tuple(t["goals"])))),
            "Before": t["before"],
            "Then": t["after"],
        }
        for t in tiers
        if t["before"] != t["after"]
    ]
