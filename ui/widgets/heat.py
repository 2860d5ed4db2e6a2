"""Heat maps: a day a column, an hour a row, the darker the fuller."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from solver import report
from solver.clinic import Clinic
from solver.timegrid import DAY_NAMES, clock

from ..desk.figures import Use
from .colours import colours

HEAD, ROW = 26, 27
"""Pixels of the days' names and of an hour."""


def heat_map(clinic: Clinic, uses: Sequence[Use], hours: range, what: str) -> None:
    """How much of something is in use; ``what`` names it in the plural."""
    import altair as alt  # noqa: PLC0415 - the page's numbers are on the screen before this is loaded

    paint = colours()
    days = sorted({use.day for use in uses})
    cells = [
        {
            "day": report.day_heading(clinic, use.day)[:3],
            "hour": clock(use.hour * 60),
            "colour": paint.heat(use.share)[0],
            "ink": paint.heat(use.share)[1],
            "shown": f"{use.share:.0%}",
            "tip": f"{_amount(use.used)} of {_amount(use.there)} {what}",
            "when": f"{DAY_NAMES[use.day]} {clock(use.hour * 60)}–{clock(use.hour * 60 + 60)}",
        }
        for use in uses
    ]
    base = alt.Chart(alt.InlineData(values=cells)).encode(
        x=alt.X(
            "day:N",
            sort=[DAY_NAMES[d][:3] for d in days],
            axis=alt.Axis(orient="top", title=None, labelAngle=0, labelPadding=4, labelFlush=False),
        ),
        y=alt.Y(
            "hour:N",
            scale=alt.Scale(domain=[clock(h * 60) for h in hours]),
            axis=alt.Axis(title=None, labelPadding=4, labelOverlap=False, labelFlush=False),
        ),
        tooltip=[alt.Tooltip("when:N", title="When"), alt.Tooltip("tip:N", title="In use")],
    )
    boxes = base.mark_rect(cornerRadius=2, stroke=paint.line, strokeWidth=0.5).encode(
        color=alt.Color("colour:N", scale=None)
    )
    texts = base.mark_text(fontSize=12).encode(text="shown:N", color=alt.Color("ink:N", scale=None))
    chart = alt.layer(boxes, texts).properties(height=HEAD + ROW * len(hours))
    st.altair_chart(chart, width="stretch", key=f"heat {what}", alt=_in_words(uses, what))


def _amount(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _in_words(uses: Sequence[Use], what: str) -> str:
    """For who cannot see the picture."""
    fullest = max(uses, key=lambda use: use.share)
    mean = sum(u.used for u in uses) / sum(u.there for u in uses)
    when = f"{DAY_NAMES[fullest.day]} at {clock(fullest.hour * 60)}"
    return f"{mean:.0%} of {what} in use over the week; fullest on {when}, {fullest.share:.0%}."
