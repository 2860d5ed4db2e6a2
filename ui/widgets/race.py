"""A solve as it goes: for each tier the value of the best week so far, and the proved bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from solver import report
from solver.result import Progress
from solver.tiers import Tier

from .colours import colours
from .text import capital

VALUE, BOUND = "Best week so far", "No week can be below"
HEIGHT = 150
"""Pixels of a chart with its title and axis."""
_LONGEST_TITLE = 46

DOING = {
    "unmet_care": "getting everyone the care that is due",
    "short_days": "making attended days long enough to count",
    "turned_away": "finding places for people who wait",
    "disruption": "keeping what people are used to",
    "continuity": "bringing people to their own therapist, at hours they prefer",
    "burden": "making the week calmer: fewer trips, less waiting",
    "staffing": "using staff time well and evenly",
}
SETTLED = {
    "unmet_care": "everyone's hours are settled",
    "short_days": "the length of days is settled",
    "turned_away": "admissions are settled",
    "disruption": "changes from last week are settled",
    "continuity": "therapists and preferred hours are settled",
    "burden": "trips and waiting are settled",
    "staffing": "staff time is settled",
}
_PHASES = {
    "making a first week": "Making a first week, patient by patient.",
    "looking for any legal week": "Looking for any week that breaks no rule.",
    "meeting the strict goals": "Looking for a week that meets the goals that must be met.",
    "confirming that no schedule exists": "No week seems to be possible; making sure of it.",
}


def doing(told: Sequence[Progress]) -> str:
    """What the solver does now, in a sentence for who waits."""
    if not told:
        return "Reading the week."
    now = told[-1]
    if now.tier is None or not now.goals:
        return _PHASES.get(now.phase, f"{capital(now.phase)}.")
    work = " and ".join(DOING.get(goal, goal) for goal in now.goals)
    if now.phase == "proving":
        work = f"{work}; asking how much better it could be"
    done = [p for p in told if p.tier == now.tier - 1 and p.goals]
    if not done:
        return f"{capital(work)}."
    before = " and ".join(SETTLED.get(goal, goal) for goal in done[-1].goals)
    return f"{capital(before)}; {work}."


def standings(told: Sequence[Progress], tiers: Sequence[Tier]) -> list[dict[str, object]]:
    """A row for each tier: where it stands."""
    last: dict[int, Progress] = {}
    for progress in told:
        if progress.tier is not None:
            last[progress.tier] = progress
    now = max(last, default=-1)
    out = []
    for number, tier in enumerate(tiers):
        known = last.get(number)
        state = "to come"
        if known is not None:
            proved = known.value is not None and known.value == known.bound
            state = "at work" if number == now else "settled"
            state = "proved best" if proved else state
        out.append(
            {
                "Tier": number + 1,
                "What is made small": report.tier_title(tier.goals),
                "Best so far": known.value if known else None,
                "Not below": known.bound if known else None,
                "Standing": state,
            }
        )
    return out


def race(told: Sequence[Progress], tiers: Sequence[Tier], key: str) -> None:
    """A small chart for each tier that has been worked on."""
    import altair as alt  # noqa: PLC0415 - slow to load, and not every page needs it

    points = _points(told)
    if not points:
        return
    paint = colours()
    end = told[-1].seconds
    scale = alt.Scale(domain=[VALUE, BOUND], range=[paint.value, paint.bound])
    charts = []
    for number in sorted({p["tier"] for p in points}):
        of_tier = [p for p in points if p["tier"] == number]
        # What was last known holds until now, or until the tier was left.
        last = {p["line"]: p for p in of_tier}
        until = max(p["seconds"] for p in of_tier)
        until = end if number == points[-1]["tier"] else until
        of_tier += [{**p, "seconds": until} for p in last.values()]
        title = f"{number + 1}. {report.tier_title(tiers[number].goals)}"
        charts.append(
            alt.Chart(alt.InlineData(values=of_tier), title=_title(title, alt))
            .mark_line(interpolate="step-after", strokeWidth=2, point={"size": 14})
            .encode(
                x=alt.X(
                    "seconds:Q",
                    scale=alt.Scale(domain=[0, max(1.0, end)], nice=False),
                    axis=alt.Axis(title=None, tickCount=6, labelExpr="datum.label + ' s'"),
                ),
                y=alt.Y(
                    "amount:Q", axis=alt.Axis(title=None, tickCount=3, tickMinStep=1, format=",d")
                ),
                color=alt.Color("line:N", scale=scale, legend=None),
                strokeDash=alt.StrokeDash(
                    "line:N",
                    scale=alt.Scale(domain=[VALUE, BOUND], range=[[1, 0], [5, 3]]),
                    legend=None,
                ),
                tooltip=[
                    alt.Tooltip("line:N", title="Line"),
                    alt.Tooltip("seconds:Q", title="After seconds", format=".1f"),
                    alt.Tooltip("amount:Q", title="Value"),
                ],
            )
            .properties(height=HEIGHT, width="container")
        )
    st.caption("Solid: the best week so far. Dashed: what no week can be below. Lower is better.")
    columns = st.columns(2)
    for index, chart in enumerate(charts):
        with columns[index % 2]:
            st.altair_chart(chart, width="stretch", key=f"{key}-{index}", alt="Value over time.")


def _points(told: Sequence[Progress]) -> list[dict[str, Any]]:
    out = []
    for p in told:
        if p.tier is None:
            continue
        for line, amount in ((VALUE, p.value), (BOUND, p.bound)):
            if amount is not None:
                point = {"tier": p.tier, "line": line, "seconds": p.seconds, "amount": amount}
                out.append(point)
    return out


def _title(text: str, alt: Any) -> Any:
    short = text if len(text) <= _LONGEST_TITLE else f"{text[: _LONGEST_TITLE - 1]}…"
    return alt.TitleParams(short, anchor="start", fontSize=13, offset=4)
