"""What no-shows and sick leave make of a week, as rows, sentences and charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from solver import report
from solver.clinic import Clinic
from solver.timegrid import DAY_NAMES, DAYS

from .colours import colours
from .compare_names import Names
from .text import cell

ROW, HEAD = 22, 60
MOST_BARS = 60
LIKELY = 0.8
"""From this chance on, reaching the weekly minimum is not a worry on the chart."""

Entry = Mapping[str, Any]


def chance(estimate: Entry) -> str:
    """``84 % ± 1``: the error as percentage points."""
    error = estimate["standard_error"] * 100
    words = f"{error:.0f}" if error >= 0.95 else f"{error:.1f}"
    return f"{estimate['value']:.0%} ± {words}"


def amount(estimate: Entry, digits: int = 1) -> str:
    """``38.2 ± 0.1``."""
    return f"{estimate['value']:,.{digits}f} ± {estimate['standard_error']:,.{digits}f}"


def patients(document: Entry, names: Names) -> list[dict[str, Any]]:
    """Every patient with a minimum, the least likely to reach it first."""
    least_likely = sorted(document["patients"], key=lambda p: (p["reaches"]["value"], p["patient"]))
    return [
        {
            "Patient": cell(names.patient(p["patient"])),
            "Reaches minimum": p["reaches"]["value"],
            "±": p["reaches"]["standard_error"],
            "All that is due": p["has_all"]["value"],
            "Minimum (h)": p["least_minutes"] / 60,
            "Planned (h)": p["planned_minutes"] / 60,
            "Attended (h)": p["minutes"]["value"] / 60,
            "Paid days planned": p["planned_paid_days"],
            "Paid days expected": p["paid_days"]["value"],
        }
        for p in least_likely
    ]


def meetings(document: Entry, clinic: Clinic) -> list[dict[str, Any]]:
    """Every meeting of a group, the most likely to be too small first."""
    out = []
    for m in sorted(document["meetings"], key=lambda m: -m["too_few"]["value"]):
        group = clinic.groups.get(m["group"])
        name = (group.name if group else "") or m["group"]
        out.append(
            {
                "Group": cell(f"{name} ({m['section']})"),
                "When": f"{DAY_NAMES[DAYS.index(m['day'])][:3]} {m['start']}",
                "Too few come": m["too_few"]["value"],
                "±": m["too_few"]["standard_error"],
                "Nobody leads": m["falls_out"]["value"],
                "Due": m["due"],
                "Least": m["least"],
                "Come": m["come"]["value"],
            }
        )
    return out


def offers(document: Entry, names: Names) -> list[dict[str, Any]]:
    """Make-up places, best first, each beside those before it."""
    out = []
    for number, offer in enumerate(document["offers"], 1):
        guests = [names.patient(p) for p in offer["guests"]]
        sentence = names.text(offer["sentence"])
        out.append(
            {
                "": number,
                "Keep": cell(f"{sentence[:1].upper()}{sentence[1:]}"),
                "More reach their minimum": amount(offer["reaching"], 2),
                "More hours a week": offer["minutes"]["value"] / 60,
                "More paid days": amount(offer["paid_days"], 2),
                "Places taken": offer["places_taken"]["value"],
                "Who could come": cell(", ".join(guests)),
            }
        )
    return out


def sentence(document: Entry) -> str:
    """What it all comes to."""
    totals = document["totals"]
    planned, reach = totals["planned_reaching"], totals["reaching"]["value"]
    low = sum(1 for p in document["patients"] if p["reaches"]["value"] < LIKELY)
    return (
        f"If everybody came, {planned} of {report.count(totals['patients'], 'patient')} would reach "
        f"their weekly minimum; in an average week {reach:.1f} do. "
        f"{report.count(low, 'patient')} reach it in fewer than {LIKELY:.0%} of weeks."
    )


def figures(document: Entry) -> list[tuple[str, str, str]]:
    """Title, value and explanation of each figure of the clinic as a whole."""
    totals = document["totals"]
    out = [
        (
            "Reach their minimum",
            f"{totals['reaching']['value']:.1f} of {totals['patients']}",
            f"Patients in an average week; {totals['planned_reaching']} if everybody came.",
        ),
        (
            "Paid days",
            f"{totals['paid_days']['value']:.1f} of {totals['planned_paid_days']}",
            "Attended days long enough for the payer, of those planned.",
        ),
        (
            "Hours attended",
            f"{totals['minutes']['value'] / 60:.0f} of {totals['planned_minutes'] / 60:.0f}",
            "Clinical hours in an average week, of those planned.",
        ),
    ]
    if totals["revenue"] is not None:
        out.append(
            (
                "Revenue",
                f"{totals['revenue']['value']:,.0f}",
                "Paid days within what is authorised.",
            )
        )
    return out


# -- charts ---------------------------------------------------------------------------------------


def patient_chart(document: Entry, names: Names) -> None:
    """A bar for each patient: the chance of reaching the weekly minimum, with its error."""
    rows = [
        {
            "who": row["Patient"],
            "share": row["Reaches minimum"],
            "low": max(0.0, row["Reaches minimum"] - 2 * row["±"]),
            "high": min(1.0, row["Reaches minimum"] + 2 * row["±"]),
            "kind": "Likely" if row["Reaches minimum"] >= LIKELY else f"Below {LIKELY:.0%}",
            "planned": f"{row['Planned (h)']:.1f} h planned, {row['Minimum (h)']:.1f} h due",
        }
        for row in patients(document, names)
    ]
    _bars(rows, "Chance of reaching the weekly minimum", "patients", "planned")


def meeting_chart(document: Entry, clinic: Clinic) -> None:
    """A bar for each meeting that may be too small: the chance that fewer than the least come."""
    rows = [
        {
            "who": f"{row['Group']}, {row['When']}",
            "share": row["Too few come"],
            "low": max(0.0, row["Too few come"] - 2 * row["±"]),
            "high": min(1.0, row["Too few come"] + 2 * row["±"]),
            "kind": f"{1 - LIKELY:.0%} or more" if row["Too few come"] >= 1 - LIKELY else "Seldom",
            "planned": f"{row['Due']} due, at least {row['Least']}",
        }
        for row in meetings(document, clinic)
        if row["Too few come"] > 0
    ]
    if not rows:
        st.success("No group ever had fewer than its least size.", icon=":material/check_circle:")
        return
    _bars(rows, "Chance that fewer than the least size come", "meetings", "planned")


def _bars(rows: Sequence[dict[str, Any]], title: str, what: str, tip: str) -> None:
    """Horizontal bars with whiskers of two standard errors; the worrying ones in another colour."""
    import altair as alt  # noqa: PLC0415 - slow to load, and not every page needs it

    paint = colours()
    shown = list(rows[:MOST_BARS])
    worry = ("Below", f"{1 - LIKELY:.0%} or more")
    kinds = sorted({r["kind"] for r in shown}, key=lambda k: not k.startswith(worry))
    ranges = [paint.bound if k.startswith(worry) else paint.value for k in kinds]
    y = alt.Y(
        "who:N",
        sort=[r["who"] for r in shown],
        axis=alt.Axis(title=None, labelLimit=190, labelOverlap=False),
    )
    scale = alt.Scale(domain=[0, 1])
    base = alt.Chart(alt.InlineData(values=shown)).encode(
        y=y,
        tooltip=[
            alt.Tooltip("who:N", title="Who" if what == "patients" else "Meeting"),
            alt.Tooltip("share:Q", title="Chance", format=".0%"),
            alt.Tooltip(f"{tip}:N", title="Plan"),
        ],
    )
    bars = base.mark_bar(height={"band": 0.7}, cornerRadiusEnd=2).encode(
        x=alt.X("share:Q", scale=scale, axis=alt.Axis(title=title, format=".0%", orient="top")),
        color=alt.Color(
            "kind:N",
            scale=alt.Scale(domain=kinds, range=ranges),
            legend=alt.Legend(orient="bottom", title=None),
        ),
    )
    errors = base.mark_rule(color=paint.ink, strokeWidth=1.5).encode(
        x=alt.X("low:Q", scale=scale), x2="high:Q"
    )
    st.altair_chart(
        alt.layer(bars, errors).properties(height=HEAD + ROW * len(shown)),
        width="stretch",
        key=f"risk {what}",
        alt=f"{title}, {report.count(len(shown), 'bar')}; the same numbers are in the table.",
    )
    if len(rows) > len(shown):
        st.caption(f"The first {len(shown)} of {len(rows)}; all are in the table.")
