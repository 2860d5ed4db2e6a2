"""A comparison in words: rows of a table, sentences about what differs, a document for machines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from ..goals import GOAL
from ..report import tier_title
from ..report.figures import Figures, Use
from ..report.words import count, hours, label, listing, singular
from ..result import TierResult
from .comparing import Column, Comparison, Difference, OtherWeek

Row = tuple[str, list[str]]
"""What stands in front, and one cell a column."""
MOST_NAMED = 12
NOTHING = "–"
_STATUS = {
    "optimal": "proved best",
    "feasible": "not all proved best",
    "infeasible": "no schedule exists",
    "unknown": "none found in time",
    "failed": "failed",
}


def rows(comparison: Comparison) -> list[Row]:
    """The comparison as a table: goals with value and bound, then figures of the schedules found."""
    columns = comparison.columns
    out: list[Row] = [("Schedule", [_STATUS.get(c.answer.status, "") for c in columns])]
    order = list(dict.fromkeys(t.goals for c in columns for t in c.answer.tiers))
    for goals in order:
        tiers = [next((t for t in c.answer.tiers if t.goals == goals), None) for c in columns]
        out.append((tier_title(goals), [NOTHING if t is None else tier_cell(t) for t in tiers]))
    out += [
        (title, [NOTHING if c.figures is None else cell(c.figures) for c in columns])
        for title, cell in _FIGURES
    ]
    changed = ["" if c is comparison.base else f"{len(c.people):,}" for c in columns]
    out.append(("People whose week changes", changed))
    return [row for row in out if any(cell not in ("", NOTHING) for cell in row[1])]


def tier_cell(tier: TierResult) -> str:
    """``120, proved``; ``120, at least 60``; ``none``."""
    if tier.value is None:
        return NOTHING
    value = f"{tier.value:,}" if tier.value else "none"
    if tier.proved:
        return f"{value}, proved" if tier.value else value
    return f"{value}, at least {tier.bound:,}" if tier.bound else value


def money(amount: float | None) -> str:
    """``12,480``."""
    return NOTHING if amount is None else f"{amount:,.0f}"


def use(uses: Iterable[Use]) -> str:
    """``morning 45 %, evening 80 %``."""
    return ", ".join(f"{u.part} {u.share:.0%}" for u in uses if u.share is not None) or NOTHING


def _staff_cost(f: Figures) -> str:
    more = f" and {f.money.without_cost} without a cost" if f.money.without_cost else ""
    return money(f.money.staff_cost) + (more if f.money.staff_cost is not None else "")


def _revenue(f: Figures) -> str:
    if f.money.revenue is None:
        return NOTHING
    beyond = f.money.unbilled_days
    return money(f.money.revenue) + (f" ({count(beyond, 'day')} not authorized)" if beyond else "")


_FIGURES = (
    ("Patients fully served", lambda f: f"{f.served} of {f.active}"),
    (
        "Hours delivered of those required",
        lambda f: f"{hours(f.minutes)} of {hours(f.minutes_due)}",
    ),
    ("Paid days, of days attended", lambda f: f"{f.paid:,} of {f.attended:,}"),
    (
        "Taken from the waiting list",
        lambda f: f"{f.admitted} of {f.waiting}" if f.waiting else NOTHING,
    ),
    ("Rooms in use", lambda f: use(f.rooms)),
    ("Therapists in session", lambda f: use(f.staff)),
    ("Staff cost, hours on duty", _staff_cost),
    ("Staff cost, hours in session", lambda f: money(f.money.session_cost)),
    ("Revenue", _revenue),
    ("Revenue less staff cost", lambda f: money(f.money.margin)),
)


# -- sentences ------------------------------------------------------------------------------------


def about(column: Column) -> list[str]:
    """What is asked in a variant, and what came along with it."""
    return [*column.made.sentences, *(f"Note: {n.message}." for n in column.made.notices)]


def findings(column: Column) -> list[str]:
    """What differs from the base, and how certain that is."""
    answer = column.answer
    known = [d for d in column.differences if d.low is not None]
    out = [f"{tier_title(d.goals)}: {difference_text(d)}." for d in known]
    if later := column.differences[len(known) :]:
        titles = listing(_lower(tier_title(d.goals)) for d in later)
        out.append(f"Undecided, because an earlier goal is not proved best: {titles}.")
    if answer.found_in is not None:
        out.append(f"Its schedule is the one found for “{answer.found_in}”, which is better here.")
    out += [f"{reason[:1].upper()}{reason[1:]}." for reason in answer.reasons]
    if column.differences and column.differences[0].verdict == "open":
        out.append(
            "Hours, patients served and what follows from them are those of the schedules found; "
            "which is better in the end is not decided."
        )
    if answer.schedule is not None:
        out.append(people_text(column.people))
    return out


def difference_text(d: Difference) -> str:
    """``120 less``, ``undecided: between 60 less and 30 more``."""
    low, high = d.low, d.high
    if low is None or high is None:
        return "undecided"
    match d.verdict:
        case "same":
            return "the same, proved"
        case "less":
            return _by(-high, -low, "less", d)
        case "more":
            return _by(low, high, "more", d)
        case "at most":
            return f"the same or up to {-low:,} less"
        case "at least":
            return f"the same or up to {high:,} more"
    return f"undecided: between {-low:,} less and {high:,} more"


def _by(least: int, most: int, word: str, d: Difference) -> str:
    unit = GOAL[d.goals[0]].unit if len(d.goals) == 1 else "points"
    if least == most:
        return f"{most:,} {singular(unit) if most == 1 else unit} {word}, proved"
    return f"between {least:,} and {most:,} {unit} {word}"


def _lower(title: str) -> str:
    return title[:1].lower() + title[1:]


def people_text(people: Sequence[OtherWeek]) -> str:
    """Who has another week than in the base, by how far it differs."""
    if not people:
        return "Nobody's week changes."
    parts = []
    for what in ("other times", "other people or rooms", "new", "gone"):
        names = [label(c.patient) for c in people if c.what == what]
        if names:
            more = len(names) - MOST_NAMED
            shown = names if more <= 0 else [*names[:MOST_NAMED], f"{more} more"]
            parts.append(f"{what}: {listing(shown)}")
    return f"{count(len(people), 'person')} with another week. {'; '.join(parts)}.".replace(
        "persons with", "people with"
    )


# -- for machines ---------------------------------------------------------------------------------


def document(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON has it; schedules are left out."""
    return {
        "schema_version": 1,
        "scenario": comparison.base.made.scenario.name,
        "columns": [_column(c) for c in comparison.columns],
    }


def _column(column: Column) -> dict[str, Any]:
    answer = column.answer
    return {
        "name": column.made.name,
        "changes": [c.model_dump(mode="json", exclude_defaults=True) | {"kind": c.kind}
                    for c in column.made.changes],
        "sentences": list(column.made.sentences),
        "notices": [n.message for n in column.made.notices],
        "status": answer.status,
        "found_in": answer.found_in,
        "tiers": [
            {
                "goals": list(t.goals),
                "value": t.value,
                "bound": t.bound,
                "gap": t.gap,
                "proved": t.proved,
            }
            for t in answer.tiers
        ],
        "goals": dict(answer.goals),
        "figures": None if column.figures is None else figures_document(column.figures),
        "differences": [
            {
                "goals": list(d.goals),
                "found": d.found,
                "low": d.low,
                "high": d.high,
                "verdict": d.verdict,
            }
            for d in column.differences
        ],
        "people": [{**c.patient._asdict(), "what": c.what} for c in column.people],
        "reasons": list(answer.reasons),
    }  # fmt: skip


def figures_document(f: Figures) -> dict[str, Any]:
    """Figures as JSON has them; minutes are whole, shares of 1, money as in the scenario."""
    out = asdict(f)
    for name in ("rooms", "staff"):
        out[name] = {
            u.part: {"used": u.used, "there": u.there, "share": _rounded(u.share)}
            for u in getattr(f, name)
        }
    out["money"] = {
        "staff_cost": _cents(f.money.staff_cost),
        "session_cost": _cents(f.money.session_cost),
        "without_cost": f.money.without_cost,
        "revenue": _cents(f.money.revenue),
        "billed_days": f.money.billed_days,
        "unbilled_days": f.money.unbilled_days,
        "margin": _cents(f.money.margin),
    }
    return out


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _cents(amount: float | None) -> float | None:
    return None if amount is None else round(amount, 2)
