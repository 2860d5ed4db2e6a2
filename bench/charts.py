"""Pictures of the results, by Altair, as SVG that needs nothing else to be looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd

from bench.judging import first_gap, gap, mean_gap
from bench.measured import Measured, measured, milestones
from bench.rehab import UNIT
from bench.store import Store
from bench.studies import Study

WIDTH = 620
NO_CONVERTER = (
    "No charts: the package vl-convert-python, which makes SVG of them, is not installed."
)

Rows = Sequence[Measured]


def write(found: Sequence[Study], store: Store, folder: Path, note: Callable[[str], None]) -> None:
    """A picture of each study that has rows and one to show; pictures of others are removed."""
    if find_spec("vl_convert") is None:
        note(NO_CONVERTER)
        return
    folder.mkdir(parents=True, exist_ok=True)
    for study in found:
        path = folder / f"{study.name}.svg"
        rows = measured(study, store)
        if rows and study.name in CHARTS:
            chart = CHARTS[study.name](rows).configure(background="white")
            chart.configure_view(stroke=None).save(path)
        else:
            path.unlink(missing_ok=True)


def _gaps(rows: Rows) -> Any:
    """Each way's gap on each week, a point a seed: how far from proved it was when its time was up."""
    frame = pd.DataFrame(
        [
            {
                "week": m.week,
                "way": way,
                "tier": tier,
                "gap": 100 * measure(run),
            }
            for m in rows
            for way, run in m.runs.items()
            if run.bounds or way == "ours"
            for tier, measure in (("first tier", first_gap), ("mean over tiers", mean_gap))
        ]
    )
    order = list(dict.fromkeys(frame["week"]))
    return (
        alt.Chart(frame)
        .mark_point(filled=True, size=55, opacity=0.75)
        .encode(
            x=alt.X("gap:Q", title="gap between value and bound, %; 100 without a schedule"),
            y=alt.Y("week:N", sort=order, title=None, axis=alt.Axis(labelLimit=260)),
            color=alt.Color("way:N", title=None, sort=list(dict.fromkeys(frame["way"]))),
            shape=alt.Shape("way:N", title=None, sort=list(dict.fromkeys(frame["way"]))),
            column=alt.Column("tier:N", title=None),
        )
        .properties(width=WIDTH // 2)
    )


def _rehabilitation(rows: Rows) -> Any:
    """Values over the published bound, ours and the published ones."""
    points = []
    for m in rows:
        known = m.setting("published")
        if not known:
            continue
        bound = UNIT * known["bound"]
        theirs = None if known["value"] is None else UNIT * known["value"]
        ours = m.ours.values[0] if m.ours.legal else None
        for who, value in (("ours", ours), ("published", theirs)):
            if value is not None:
                over = 100 * gap(value, bound)
                points.append({"instance": m.week.split()[-1], "who": who, "gap": over})
    frame = pd.DataFrame(points or [{"instance": "", "who": "ours", "gap": 0.0}])
    order = list(dict.fromkeys(frame["instance"]))
    return (
        alt.Chart(frame)
        .mark_point(filled=True, size=55, opacity=0.75)
        .encode(
            x=alt.X("gap:Q", title="above the published bound, %"),
            y=alt.Y("instance:N", sort=order, title=None),
            color=alt.Color("who:N", title=None),
            shape=alt.Shape("who:N", title=None),
        )
        .properties(width=WIDTH)
    )


def _growth(rows: Rows) -> Any:
    """Seconds until a clinic of a size was so far, and memory; a point a clinic, a line the medians."""
    points, memory = [], []
    for m in rows:
        size, when = m.setting("patients"), milestones(m.ours)
        reached = {
            "first schedule": when.first,
            "unmet care within 1 %": when.near,
            "unmet care proved": when.proved,
            "every tier proved": when.all,
        }
        points += [
            {"patients": size, "until": name, "seconds": max(0.01, value)}
            for name, value in reached.items()
            if value is not None
        ]
        memory.append({"patients": size, "MB": m.ours.memory})
    sizes = alt.X("patients:Q", title="patients", scale=alt.Scale(type="log", nice=False))
    until = alt.Chart(pd.DataFrame(points)).encode(
        x=sizes,
        y=alt.Y("seconds:Q", title="seconds", scale=alt.Scale(type="log")),
        color=alt.Color("until:N", title=None),
    )
    used = alt.Chart(pd.DataFrame(memory)).encode(x=sizes, y=alt.Y("MB:Q", title="peak memory, MB"))
    middle = alt.Y("median(seconds):Q", scale=alt.Scale(type="log"), title="seconds")
    return alt.hconcat(
        (until.mark_point() + until.mark_line().encode(y=middle)).properties(width=WIDTH // 2),
        (used.mark_point() + used.mark_line().encode(y="median(MB):Q")).properties(
            width=WIDTH // 3
        ),
    )


def _by_hand(rows: Rows) -> Any:
    """Unmet care against time: ours as it improves, by hand as a dashed line."""
    lines, hand = [], []
    for m in rows:
        made = m.runs["by hand"]
        if not made.legal:
            continue
        hand.append({"week": m.week, "unmet care": made.values[0]})
        lines += [
            {"week": m.week, "seconds": t, "unmet care": v}
            for t, goals, v, _ in m.ours.trace
            if "unmet_care" in goals and v is not None
        ]
    ours = (
        alt.Chart(pd.DataFrame(lines))
        .mark_line(interpolate="step-after", point=True)
        .encode(
            x=alt.X("seconds:Q"), y=alt.Y("unmet care:Q"), color=alt.Color("week:N", title=None)
        )
    )
    theirs = (
        alt.Chart(pd.DataFrame(hand))
        .mark_rule(strokeDash=[5, 4])
        .encode(y="unmet care:Q", color="week:N")
    )
    return (ours + theirs).properties(width=WIDTH)


def _ablation(rows: Rows) -> Any:
    """How much larger the mean gap is without each part."""
    frame = pd.DataFrame(
        [
            {
                "part": m.setting("part"),
                "more": 100 * (mean_gap(m.runs[f"without {m.setting('part')}"]) - mean_gap(m.ours)),
            }
            for m in rows
        ]
    )
    order = list(dict.fromkeys(frame["part"]))
    base = alt.Chart(frame).encode(
        y=alt.Y("part:N", sort=order, title=None, axis=alt.Axis(labelLimit=260))
    )
    return (
        base.mark_bar(opacity=0.5).encode(
            x=alt.X(
                "median(more):Q", title="mean gap over tiers more without it, percentage points"
            )
        )
        + base.mark_point(filled=True).encode(x="more:Q")
    ).properties(width=WIDTH)


CHARTS: dict[str, Callable[[Rows], Any]] = {
    "plain": _gaps,
    "rehab": _rehabilitation,
    "growth": _growth,
    "hand": _by_hand,
    "highs": _gaps,
    "ablation": _ablation,
}
