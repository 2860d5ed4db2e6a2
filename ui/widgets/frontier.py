"""A sweep drawn: every combination in a grid of colours, and who is served at what cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from solver import report

from .colours import Colours, colours
from .text import cell

Cell = Mapping[str, Any]
"""A cell of a sweep's ``results.json``."""
POINT, SQUARE = "point", "square"
"""Names of what can be clicked on, in the two charts."""
HEIGHT = 380
ROW, HEAD = 52, 60
MEASURES = {
    "served": "Fully served",
    "unmet": "Unmet care",
    "cost": "Cost",
    "scarce": "What is scarce",
}
NOTHING = "nothing scarce"
NO_WEEK = "no week"
SHORT_NAMES = {
    "patients' own hours": "own hours",
    "others who could come then": "company",
    "hours that fit together": "fitting hours",
}
"""What is scarce, in as few words as a square has room for."""
_COLOURS = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#F0E442")
"""Okabe and Ito's, for what is scarce; the words are in the squares as well."""
SCARCE = (
    "patients' own hours", "group seats", "therapist hours", "rooms",
    "others who could come then", "hours that fit together",
)  # fmt: skip


def unit_of(document: Mapping[str, Any]) -> str:
    """What costs are in."""
    return "a week" if document["cost_in"] == "money" else "hours on duty"


def of_all(c: Cell) -> int | None:
    """Patients in treatment and waiting; None without a week."""
    found = c["figures"]
    return None if found is None else found["active"] + found["waiting"]


def unmet(c: Cell) -> tuple[int | None, int | None, bool]:
    """Unmet care of the week found, what is proved at least, and whether it is proved best."""
    tier = next((t for t in c["tiers"] if t["goals"] == ["unmet_care"]), None)
    return (None, None, False) if tier is None else (tier["value"], tier["bound"], tier["proved"])


def scarcest(c: Cell) -> str:
    """What keeps most of the missing care from being given."""
    if c["figures"] is None:
        return NO_WEEK
    return max(c["scarce"], key=c["scarce"].get, default=NOTHING)


def name_of(document: Mapping[str, Any], c: Cell) -> str:
    """``Therapists 5, Census 60``."""
    pairs = zip(document["axes"], c["steps"], strict=True)
    return ", ".join(f"{axis['name']} {step}" for axis, step in pairs)


def unmet_text(c: Cell) -> str:
    """``480, at least 360``."""
    value, bound, proved = unmet(c)
    if value is None:
        return "not known"
    if proved:
        return f"{value:,}, proved" if value else "none"
    return f"{value:,}, at least {bound:,}" if bound else f"{value:,}, nothing proved"


def rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each cell, for a table."""
    cost = "Cost" if document["cost_in"] == "money" else "Hours on duty"
    priced = any(
        c["figures"] and c["figures"]["money"]["revenue"] is not None for c in document["cells"]
    )
    out = []
    for c in document["cells"]:
        steps = dict(
            zip([cell(a["name"]) for a in document["axes"]], map(cell, c["steps"]), strict=True)
        )
        found = c["figures"]
        scarce = ", ".join(f"{name} {share:.0%}" for name, share in c["scarce"].items())
        told = [f"{n['axis']}: {n['said']}" for n in c["next"] if n is not None]
        out.append(
            steps
            | {
                "Fully served": None if found is None else f"{c['served']} of {of_all(c)}",
                "Unmet care": unmet_text(c),
                cost: c["cost"],
                **({"Revenue": found and found["money"]["revenue"]} if priced else {}),
                "Paid days": None if found is None else found["paid"],
                "What is scarce": scarce or (NOTHING if found else NO_WEEK),
                "One step more": cell("; ".join(told)),
                "Best for its cost": c["on_frontier"],
            }
        )
    return out


# -- who is served at what cost -------------------------------------------------------------------


def points(document: Mapping[str, Any], text: Callable[[str], str] = str) -> list[dict[str, Any]]:
    """A point for each cell with a week."""
    return [
        {
            "key": c["key"],
            "cost": c["cost"],
            "served": c["served"],
            "name": cell(text(name_of(document, c))),
            "of": f"{c['served']} of {of_all(c)}",
            "unmet": unmet_text(c),
            "scarce": scarcest(c),
            "best": "Nothing cheaper or fuller beats it" if c["on_frontier"] else "Others",
        }
        for c in document["cells"]
        if c["cost"] is not None and c["served"] is not None
    ]


def frontier(
    document: Mapping[str, Any], key: str, chosen: str | None, on_select: Callable[[], None]
) -> None:
    """Draw it; the cell that is clicked on is in the session state under ``key``."""
    import altair as alt  # noqa: PLC0415 - slow to load, and not every page needs it

    drawn, paint = points(document), colours()
    if not drawn:
        st.caption("No combination has a week and a cost.")
        return
    line = sorted((p for p in drawn if p["best"] != "Others"), key=lambda p: p["cost"])
    x = alt.X(
        "cost:Q",
        scale=alt.Scale(zero=False, padding=24),
        axis=alt.Axis(title=f"Cost ({unit_of(document)})", tickCount=6, format=",.0f"),
    )
    y = alt.Y(
        "served:Q",
        scale=alt.Scale(zero=False, padding=24),
        axis=alt.Axis(title="Patients fully served", tickMinStep=1, format="d"),
    )
    kinds = ["Nothing cheaper or fuller beats it", "Others"]
    click = alt.selection_point(name=POINT, fields=["key"], on="click", toggle=False)
    stairs = (
        alt.Chart(alt.InlineData(values=line))
        .mark_line(interpolate="step-after", color=paint.value, strokeWidth=2)
        .encode(x=x, y=y)
    )
    dots = (
        alt.Chart(alt.InlineData(values=drawn))
        .mark_point(filled=True, size=170, cursor="pointer", opacity=1)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "best:N",
                scale=alt.Scale(domain=kinds, range=[paint.value, paint.faint]),
                legend=alt.Legend(orient="top", title=None, labelLimit=320),
            ),
            shape=alt.Shape(
                "best:N",
                scale=alt.Scale(domain=kinds, range=["circle", "diamond"]),
                legend=alt.Legend(orient="top", title=None, labelLimit=320),
            ),
            tooltip=[
                alt.Tooltip("name:N", title="Combination"),
                alt.Tooltip("of:N", title="Fully served"),
                alt.Tooltip("cost:Q", title="Cost", format=",.0f"),
                alt.Tooltip("unmet:N", title="Unmet care"),
                alt.Tooltip("scarce:N", title="Scarcest"),
            ],
        )
        .add_params(click)
    )
    ring = _ring(alt, [p for p in drawn if p["key"] == chosen], x, y, paint)
    st.altair_chart(
        alt.layer(stairs, dots, ring).properties(height=HEIGHT),
        width="stretch",
        key=key,
        on_select=on_select,
        selection_mode=POINT,
        alt=f"{report.count(len(drawn), 'combination')}, patients fully served against cost; "
        "the same numbers are in the table below.",
    )


def _ring(alt: Any, held: Sequence[Mapping[str, Any]], x: Any, y: Any, paint: Colours) -> Any:
    """Around the point that is open."""
    return (
        alt.Chart(alt.InlineData(values=list(held)))
        .mark_point(filled=False, size=420, strokeWidth=2.5, color=paint.bound)
        .encode(x=x, y=y)
    )


# -- the grid -------------------------------------------------------------------------------------


def squares(document: Mapping[str, Any], measure: str, paint: Colours) -> list[dict[str, Any]]:
    """A square for each cell: where it stands, its colour, and the words in it."""
    cells = document["cells"]
    amounts = {c["key"]: _amount(c, measure) for c in cells}
    known = [a for a in amounts.values() if a is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    out = []
    for c in cells:
        amount = amounts[c["key"]]
        share = 0.5 if high == low else ((amount or 0.0) - low) / (high - low)
        colour, ink = paint.heat(share) if amount is not None else (paint.band, paint.ink)
        if measure == "scarce":
            colour, ink = _paint_of(scarcest(c), paint)
        out.append(
            {
                "key": c["key"],
                "across": cell(c["steps"][-1]),
                "down": cell(c["steps"][0]) if len(c["steps"]) > 1 else "",
                "colour": colour,
                "ink": ink,
                "shown": _shown(c, measure),
                "name": cell(name_of(document, c)),
                "of": "no week" if c["figures"] is None else f"{c['served']} of {of_all(c)}",
                "unmet": unmet_text(c),
                "scarce": ", ".join(f"{n} {s:.0%}" for n, s in c["scarce"].items()) or scarcest(c),
            }
        )
    return out


def _amount(c: Cell, measure: str) -> float | None:
    if measure == "served":
        all_ = of_all(c)
        return None if not all_ else c["served"] / all_
    if measure == "cost":
        return None if c["cost"] is None else float(c["cost"])
    value = unmet(c)[0]
    return None if value is None else float(value)


def _shown(c: Cell, measure: str) -> str:
    if c["figures"] is None:
        return NO_WEEK
    match measure:
        case "served":
            return f"{c['served']} of {of_all(c)}"
        case "cost":
            return "" if c["cost"] is None else f"{c['cost']:,.0f}"
        case "scarce":
            name = scarcest(c)
            return SHORT_NAMES.get(name, name)
    value, _, proved = unmet(c)
    return "" if value is None else f"{value:,}" if proved else f"{value:,}?"


def _paint_of(name: str, paint: Colours) -> tuple[str, str]:
    if name in SCARCE:
        return _COLOURS[SCARCE.index(name)], "#000000"
    return paint.band, paint.ink


def grid(
    document: Mapping[str, Any], measure: str, key: str, on_select: Callable[[], None]
) -> None:
    """Draw it; the cell that is clicked on is in the session state under ``key``."""
    import altair as alt  # noqa: PLC0415 - slow to load, and not every page needs it

    paint, axes = colours(), document["axes"]
    drawn = squares(document, measure, paint)
    click = alt.selection_point(name=SQUARE, fields=["key"], on="click", toggle=False)
    across, down = axes[-1], axes[0] if len(axes) > 1 else None
    base = alt.Chart(alt.InlineData(values=drawn)).encode(
        x=alt.X(
            "across:N",
            sort=[cell(s) for s in across["steps"]],
            axis=alt.Axis(title=cell(across["name"]), orient="top", labelAngle=0),
        ),
        y=alt.Y(
            "down:N",
            sort=[cell(s) for s in down["steps"]] if down else None,
            axis=alt.Axis(title=cell(down["name"])) if down else None,
        ),
        tooltip=[
            alt.Tooltip("name:N", title="Combination"),
            alt.Tooltip("of:N", title="Fully served"),
            alt.Tooltip("unmet:N", title="Unmet care"),
            alt.Tooltip("scarce:N", title="What is scarce"),
        ],
    )
    boxes = base.mark_rect(
        cornerRadius=3, stroke=paint.line, strokeWidth=1, cursor="pointer"
    ).encode(color=alt.Color("colour:N", scale=None))
    texts = base.mark_text(fontSize=13).encode(text="shown:N", color=alt.Color("ink:N", scale=None))
    count = len(down["steps"]) if down else 1
    st.altair_chart(
        alt.layer(boxes.add_params(click), texts).properties(height=HEAD + ROW * count),
        width="stretch",
        key=key,
        on_select=on_select,
        selection_mode=SQUARE,
        alt=f"{MEASURES[measure]} of every combination; the same numbers are in the table below.",
    )


def clicked(state: Any, name: str) -> str | None:
    """The key of the cell that was clicked on, from what a chart says of its selection."""
    try:
        key = state["selection"][name][0]["key"]
    except (KeyError, IndexError, TypeError):
        return None
    return key if isinstance(key, str) else None
