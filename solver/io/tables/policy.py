"""The policy as a table: a line a goal, with its tier, weight, what it may give back, and strictness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from ...fields import Entry, Flag, Positive, Whole
from ...scenario import GoalKey, Policy
from ...validation.wording import Loc

GOALS: tuple[GoalKey, ...] = get_args(GoalKey)
LAST_TIER = 1_000


class GoalRow(Entry):
    """One line of the sheet. A line with a tier and no goal keeps an empty tier its place."""

    goal: GoalKey | None = None
    tier: Positive | None = None
    weight: Whole | None = None
    tolerance: float | None = None
    strict: Flag = False


def goal_rows(policy: Policy) -> list[GoalRow]:
    """The lines of a policy: goals with a tier in their order, then the others.

    Reading them gives an equal policy, also where a goal is strict twice or tiers are empty.
    """
    lines: list[dict[str, Any]] = []
    for number, tier in enumerate(policy.tiers, start=1):
        lines += [{"goal": goal, "tier": number} for goal in tier] or [{"tier": number}]
    placed = {line.get("goal") for line in lines}
    lines += [{"goal": goal} for goal in GOALS if goal not in placed]
    first = {goal: next(line for line in lines if line.get("goal") == goal) for goal in GOALS}
    for goal, weight in policy.weights.items():
        first[goal]["weight"] = weight
    for goal, tolerance in policy.tolerances.items():
        first[goal]["tolerance"] = tolerance
    order = [line.get("goal") for line in lines]
    places = [order.index(goal) for goal in policy.strict]
    if places == sorted(set(places)):
        for goal in policy.strict:
            first[goal]["strict"] = True
    else:
        lines += [{"goal": goal, "strict": True} for goal in policy.strict]
    return [GoalRow.model_construct(**line) for line in lines]


@dataclass(slots=True)
class PolicyTree:
    """The policy of a scenario's file, put together from the sheet's lines.

    Attributes:
        tree: what the lines state.
        places: for each part of it its place in the policy, and the number of the line and the
            field that say it.
        faults: number of a line, field, and what is wrong there.
    """

    tree: dict[str, object] = field(default_factory=dict)
    places: list[tuple[Loc, int, str]] = field(default_factory=list)
    faults: list[tuple[int, str, str]] = field(default_factory=list)


def policy_tree(rows: Sequence[Mapping[str, object]]) -> PolicyTree:
    """The policy that the sheet's lines (values by field) come to."""
    tiers: list[list[object]] = []
    strict: list[object] = []
    singles: dict[str, dict[str, object]] = {"weights": {}, "tolerances": {}}
    found = PolicyTree()
    for number, row in enumerate(rows):
        goal, tier = row.get("goal"), row.get("tier")
        if isinstance(tier, int) and not 0 < tier <= LAST_TIER:
            found.faults.append((number, "tier", f"found {tier}; 1 for the first tier is expected"))
        elif isinstance(tier, int):
            tiers += [[] for _ in range(len(tiers), tier)]
            if isinstance(goal, str):
                at = ("tiers", tier - 1, len(tiers[tier - 1]))
                tiers[tier - 1].append(goal)
                found.places.append((at, number, "tier"))
        if not isinstance(goal, str):
            if row.keys() - {"goal", "tier"}:
                found.faults.append((number, "goal", "missing; it must be given"))
            continue
        for name, key in (("weight", "weights"), ("tolerance", "tolerances")):
            if name in row and goal in singles[key]:
                message = f"the {name} of this goal is given twice; leave one of them blank"
                found.faults.append((number, name, message))
            elif name in row:
                singles[key][goal] = row[name]
                found.places.append(((key, goal), number, name))
        if row.get("strict"):
            found.places.append((("strict", len(strict)), number, "strict"))
            strict.append(goal)
    tree: dict[str, object] = {"tiers": tiers, **singles, "strict": strict}
    found.tree = {key: value for key, value in tree.items() if value}
    return found
