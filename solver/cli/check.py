"""`iop check`: every violation of a schedule, and what it is worth."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from .options import AsJson, ScenarioFile, ScheduleFile
from .terminal import Code, out, out_json, read_week, rendered

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..clinic import Clinic
    from ..schedule import Schedule
    from ..violations import Violation


def check(scenario: ScenarioFile, schedule: ScheduleFile, as_json: AsJson = False) -> None:
    """Check a schedule: every violation by rule, and the value of every goal and tier.

    Knows no solver: each rule is checked in plain Python. Exit code 0 when the schedule is legal, 1
    when it breaks a rule.

    \b
    Example:
      iop check scenarios/matrix-evening.json week.json
    """
    from ..checker import check as violations_of
    from ..checker import measure

    clinic, week = read_week(scenario, schedule)
    violations = violations_of(clinic, week)
    goals = measure(clinic, week)
    if as_json:
        out_json(document(clinic, week, violations, goals))
    else:
        out(_text(clinic, week, violations, goals))
    if violations:
        raise typer.Exit(Code.NO)


def document(
    clinic: Clinic, schedule: Schedule, violations: list[Violation], goals: dict[str, int]
) -> dict[str, object]:
    """What was found, for machines."""
    from .. import report
    from ..tiers import tiers_of

    return {
        "legal": not violations,
        "violations": [
            {"rule": v.rule, "subject": v.subject, "message": v.message, "amount": v.amount}
            for v in violations
        ],
        "goals": goals,
        "tiers": [
            {"goals": list(tier.goals), "value": tier.value(goals)}
            for tier in tiers_of(clinic.scenario.policy)
        ],
        "short": [c.document() for c in report.care(clinic, schedule) if c.is_short],
    }


def _text(
    clinic: Clinic, schedule: Schedule, violations: list[Violation], goals: dict[str, int]
) -> str:
    from rich.text import Text

    from .. import report
    from ..goals import GOAL
    from ..tiers import tiers_of
    from . import tables

    broken = report.broken_rules(violations)
    if not broken:
        parts: list[RenderableType] = [tables.heading("Legal: no rule is broken.")]
    else:
        found = report.count(len(violations), "violation")
        parts = [tables.heading(f"Not legal: {found} of {report.count(len(broken), 'rule')}.")]
    for rule in broken:
        parts += [Text(""), tables.heading(f"{rule.title} ({rule.key})")]
        parts += [tables.indented(v.message) for v in rule.violations]
    tiers = tiers_of(clinic.scenario.policy)
    rows = [
        (number, GOAL[key].title, key, f"{goals[key]:,}", GOAL[key].unit)
        for number, tier in enumerate(tiers, 1)
        for key in tier.goals
    ]
    sums = [
        f"Tier {number} is worth {tier.value(goals):,}: "
        + " + ".join(f"{w} × {key}" for key, w in zip(tier.goals, tier.weights, strict=True))
        for number, tier in enumerate(tiers, 1)
        if tier.weights != (1,)
    ]
    columns = ["Tier", "Goal", "Key", "Value", "Unit"]
    everyone = report.care(clinic, schedule)
    return rendered(
        *parts,
        Text(""),
        *(Text(sentence) for sentence in report.summary(clinic, schedule)),
        Text(""),
        tables.table(columns, rows, numbers=(0, 3)),
        *(Text(line) for line in sums),
        *tables.shortages(everyone),
    )
