"""What one more would give, as the page shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from .text import cell, listed, plain
from .why_asking import Json
from .why_trying import try_button

if TYPE_CHECKING:
    from ..desk.frame import Frame

KINDS = {
    "therapist": "Therapist half-day",
    "room": "Room hours",
    "seat": "Group seat",
    "section": "Section",
    "opening": "Opening hour",
}
CARE = "Care"
AT_MOST = "At most"
HOURS = ("Hours", "Staff hours")


def given(page: Frame, found: Json) -> None:
    """The ranked table, the best to try, and what runs out first."""
    st.markdown(listed([plain(text) for text in found["sentences"]]))
    rows = table(found)
    if rows:
        st.dataframe(
            rows,
            hide_index=True,
            placeholder="",
            column_config={
                **dict.fromkeys(HOURS, st.column_config.NumberColumn(format="%.1f")),
                CARE: st.column_config.NumberColumn(
                    help="Minutes of due care, and 60 for each due session, times the patient's "
                    "priority, that are missing no longer."
                ),
                AT_MOST: st.column_config.NumberColumn(
                    help="No week with this addition makes up more of that, proved."
                ),
            },
            alt="What each addition gives, the best first.",
        )
        trying(page, found["additions"])
    elif found["base"]["schedule"] is not None and not found["not_tried"]:
        st.success(
            "No addition is worth a try: nobody who is short could use one.",
            icon=":material/check_circle:",
        )
    if found["parts_of_day"]:
        st.markdown("**What runs out first**")
        st.markdown(listed([plain(part["sentence"]) for part in found["parts_of_day"]]))


def trying(page: Frame, additions: list[Json]) -> None:
    """One of them, opened as a week."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    with row:
        number = st.selectbox(
            "Addition",
            range(len(additions)),
            format_func=lambda n: f"{n + 1}. {cell(additions[n]['title'])}",
            key=f"why.addition {page.files.key}",
        )
        one = additions[min(number or 0, len(additions) - 1)]
        try_button(page, [one["change"]], one["schedule"], one["title"], key="try addition")
    st.caption(plain(one["told"]))


def table(found: Json) -> list[dict[str, object]]:
    """A row for each addition; what none of them has stands in no column."""
    rows = [
        {
            "Rank": row["rank"],
            "Addition": cell(row["title"]),
            "Kind": KINDS[row["kind"]],
            "Fully served": row["patients_served"]["at_least"],
            "Hours": row["minutes"]["at_least"] / 60,
            "Admitted": row["patients_admitted"]["at_least"],
            CARE: row["unmet_care"]["at_least"],
            AT_MOST: row["unmet_care"]["at_most"],
            "Staff hours": row["paid_minutes"] / 60,
            "Cost": row["cost"] if row["paid_minutes"] else None,
        }
        for row in found["additions"]
    ]
    waiting = any(row["patients_admitted"]["at_most"] for row in found["additions"])
    priced = any(row["Cost"] is not None for row in rows)
    unused = {name for name, used in (("Admitted", waiting), ("Cost", priced)) if not used}
    return [{key: value for key, value in row.items() if key not in unused} for row in rows]
