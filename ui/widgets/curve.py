"""What more or fewer changes would give: a curve on which a point can be picked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from solver import report

from .colours import colours

POINT = "point"
HEIGHT = 220
"""Pixels."""


def points(curve: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The points that there are weeks for, with the first tier that differs between any two.

    Each has ``most`` (changes allowed), ``changes``, ``value``, ``proved``, ``title`` and ``gains``,
    whether it is better than the point before it.
    """
    found = [p for p in curve if p["found"]]
    if not found:
        return []
    values = [[t["value"] for t in p["tiers"]] for p in found]
    tier = next((n for n in range(len(values[0])) if len({v[n] for v in values}) > 1), 0)
    out = []
    last: list[int] | None = None
    for point, its in zip(found, values, strict=True):
        said = point["tiers"][tier]
        out.append(
            {
                "most": point["most"],
                "changes": point["changes"],
                "value": said["value"],
                "bound": said["bound"],
                "proved": "yes" if said["proved"] else "no",
                "title": report.tier_title(tuple(said["goals"])),
                "gains": last is None or its != last,
            }
        )
        last = its
    return out


def picked(state: Mapping[str, Any] | None) -> int | None:
    """How many changes were clicked on; None where nothing was."""
    chosen = ((state or {}).get("selection") or {}).get(POINT) or []
    return int(chosen[0]["most"]) if chosen else None


def curve(
    found: Sequence[Mapping[str, Any]], chosen: int, pick: Callable[[], None], key: str
) -> None:
    """The curve; the point that is chosen is filled. ``pick`` is called when one is clicked."""
    import altair as alt  # noqa: PLC0415 - slow to load, and not every page needs it

    paint = colours()
    values = [{**p, "chosen": p["most"] == chosen} for p in found]
    title = found[0]["title"]
    top = max(int(p["value"]) for p in found)
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=alt.X(
            "most:Q",
            axis=alt.Axis(title="Changes allowed", tickMinStep=1, format="d", grid=False),
            scale=alt.Scale(domain=[-0.3, max(p["most"] for p in found) + 0.3], nice=False),
        ),
        y=alt.Y(
            "value:Q",
            axis=alt.Axis(title=None, tickMinStep=1, tickCount=5, format=",d"),
            scale=alt.Scale(domain=[0, max(1, top)]),
        ),
    )
    line = base.mark_line(interpolate="step-after", color=paint.value, strokeWidth=2)
    dots = (
        base.mark_point(size=140, filled=True, stroke=paint.value, strokeWidth=2)
        .encode(
            fill=alt.condition("datum.chosen", alt.value(paint.value), alt.value(paint.band)),
            tooltip=[
                alt.Tooltip("most:Q", title="Changes allowed"),
                alt.Tooltip("changes:Q", title="Changes made"),
                alt.Tooltip("value:Q", title=title),
                alt.Tooltip("proved:N", title="Proved best"),
            ],
        )
        .add_params(alt.selection_point(name=POINT, fields=["most"], on="click", empty=False))
    )
    st.caption(
        f"{title}, by how many things that people had may change. Lower is better; click a point."
    )
    st.altair_chart(
        alt.layer(line, dots).properties(height=HEIGHT),
        width="stretch",
        key=key,
        on_select=pick,
        selection_mode=POINT,
        alt=in_words(found),
    )


def in_words(found: Sequence[Mapping[str, Any]]) -> str:
    """For who cannot see the picture."""
    said = [f"{p['most']} changes: {p['value']:,}" for p in found if p["gains"]]
    return f"{found[0]['title']} with {'; '.join(said)}."
