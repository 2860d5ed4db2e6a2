"""What each share of the care costs: found, and proved at least."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from .colours import colours

FOUND, BOUND = "Least cost found", "Proved at least"
HEIGHT = 260


def points(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Both lines of the chart; shares that are impossible are on neither."""
    out = []
    for point in document["points"]:
        for line, amount in ((FOUND, point["cost"]), (BOUND, point["bound"])):
            if amount is not None:
                out.append({"share": point["share"], "line": line, "cost": amount})
    return out


def cost_curve(document: Mapping[str, Any]) -> None:
    """Draw it."""
    import altair as alt  # noqa: PLC0415 - slow to load, and not every page needs it

    drawn, paint = points(document), colours()
    if not drawn:
        st.caption("Nothing was found in time.")
        return
    lines = [FOUND, BOUND]
    legend = alt.Legend(orient="top", title=None)
    chart = (
        alt.Chart(alt.InlineData(values=drawn))
        .mark_line(strokeWidth=2, point={"size": 60, "filled": True})
        .encode(
            x=alt.X(
                "share:Q",
                scale=alt.Scale(zero=False, padding=12),
                axis=alt.Axis(
                    title="Share of the care that is given",
                    format=".0%",
                    values=sorted({p["share"] for p in drawn}),
                ),
            ),
            y=alt.Y("cost:Q", axis=alt.Axis(title="Cost a week", format=",.0f", tickCount=5)),
            color=alt.Color(
                "line:N",
                scale=alt.Scale(domain=lines, range=[paint.value, paint.bound]),
                legend=legend,
            ),
            strokeDash=alt.StrokeDash(
                "line:N", scale=alt.Scale(domain=lines, range=[[1, 0], [5, 3]]), legend=legend
            ),
            tooltip=[
                alt.Tooltip("line:N", title="Line"),
                alt.Tooltip("share:Q", title="Share", format=".1%"),
                alt.Tooltip("cost:Q", title="Cost a week", format=",.2f"),
            ],
        )
        .properties(height=HEIGHT)
    )
    st.altair_chart(
        chart,
        width="stretch",
        key="cost curve",
        alt="Cost against share of care; the same numbers are in the table below.",
    )
