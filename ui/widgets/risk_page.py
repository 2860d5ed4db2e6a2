"""What a simulation of the week tells: figures, make-up places, charts and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from solver.clinic import Clinic

from . import risk
from .compare_names import Names
from .text import plain


def risk_outcome(document: Mapping[str, Any], clinic: Clinic, names: Names) -> None:
    """Draw it; ``clinic`` as the page shows it."""
    row = st.container(horizontal=True, gap="small")
    for title, value, about in risk.figures(document):
        row.metric(title, value, help=about, border=True, width="stretch")
    st.markdown(plain(risk.sentence(document)))
    st.subheader("What would help most", anchor=False)
    offered = risk.offers(document, names)
    if offered:
        st.caption(
            "Make-up places for patients who fell behind: each is the one that adds most beside "
            "those above it. ± is the standard error."
        )
        number = st.column_config.NumberColumn(format="%.1f")
        st.dataframe(
            offered,
            hide_index=True,
            column_config={"More hours a week": number, "Places taken": number},
            alt="Make-up places that raise the chances most.",
        )
    else:
        st.caption("No spare seat or free hour of this week would let anybody catch up.")
    left, right = st.columns(2, gap="large")
    share = st.column_config.NumberColumn(format="percent")
    hours = st.column_config.NumberColumn(format="%.1f")
    with left:
        st.subheader("Patients", anchor=False)
        risk.patient_chart(document, names)
        with st.expander("As a table"):
            config = dict.fromkeys(("Reaches minimum", "±", "All that is due"), share)
            config |= dict.fromkeys(
                ("Minimum (h)", "Planned (h)", "Attended (h)", "Paid days expected"), hours
            )
            st.dataframe(
                risk.patients(document, names),
                hide_index=True,
                column_config=config,
                alt="Every patient's chance of reaching the weekly minimum.",
            )
    with right:
        st.subheader("Groups below their least size", anchor=False)
        risk.meeting_chart(document, clinic)
        with st.expander("As a table"):
            config = dict.fromkeys(("Too few come", "±", "Nobody leads"), share)
            st.dataframe(
                risk.meetings(document, clinic),
                hide_index=True,
                column_config=config | {"Come": hours},
                alt="Every meeting's chance of being too small.",
            )
