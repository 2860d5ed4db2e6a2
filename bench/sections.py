"""What RESULTS.md says of each study."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from bench.judging import Run, better, first_gap, gap, mean_gap
from bench.measured import Measured, milestones
from bench.rehab import UNIT
from bench.tables import Cells, cell, number, percent, seconds, spread, table

Rows = Sequence[Measured]


def against(rows: Rows) -> list[str]:
    """Ours against others on the same weeks: how often better, the gaps, then every week."""
    others = list(dict.fromkeys(way for m in rows for way in m.runs if way != "ours"))
    lines = [_comparison(way, [(m, m.runs[way]) for m in rows if way in m.runs]) for way in others]
    plain = [way for way in others if way.startswith("plain")]
    if plain:
        best = [(m, _best([m.runs[way] for way in plain], m)) for m in rows]
        lines.append(_comparison("plain, the best setting of each week", best))
    head = ["against", "weeks", "ours better", "alike", "ours worse", "they have no schedule",
            "gap in tier 1: ours", "theirs", "mean gap over tiers: ours", "theirs"]  # fmt: skip
    legend = (
        "A week is won in the first tier in which the values differ by more than its tolerance. A gap is "
        "(value − bound) / value with a way's own value and bound: 100 % without either."
    )
    return [legend, table(head, lines), *every_week(rows)]


def _best(runs: Sequence[Run], m: Measured) -> Run:
    """The best schedule of several; of those alike, the one with the smaller gaps."""
    best = runs[0]
    for run in runs[1:]:
        sign = better(run, best, m.tolerances)
        if sign < 0 or (sign == 0 and mean_gap(run) < mean_gap(best)):
            best = run
    return best


def _comparison(name: str, pairs: Sequence[tuple[Measured, Run]]) -> Cells:
    signs = [better(m.ours, run, m.tolerances) for m, run in pairs]
    theirs = [run for _, run in pairs]
    bounded = any(run.bounds for run in theirs)

    def shown(measure: Callable[[Run], float], runs: Iterable[Run]) -> str:
        return spread([measure(run) for run in runs], percent)

    return [
        name,
        str(len(pairs)),
        str(sum(sign < 0 for sign in signs)),
        str(sum(sign == 0 for sign in signs)),
        f"**{sum(sign > 0 for sign in signs)}**",
        str(sum(not run.legal for run in theirs)),
        shown(first_gap, (m.ours for m, _ in pairs)),
        shown(first_gap, theirs) if bounded else "gives no bounds",
        shown(mean_gap, (m.ours for m, _ in pairs)),
        shown(mean_gap, theirs) if bounded else "gives no bounds",
    ]


def every_week(rows: Rows) -> list[str]:
    """All runs, folded away."""
    lines = [
        [
            m.title,
            str(m.setting("seed")),
            way,
            seconds(run.seconds),
            cell(run.values) if run.legal else "none",
            cell(run.bounds),
            number(run.memory),
            "; ".join(run.remarks),
        ]
        for m in rows
        for way, run in m.runs.items()
    ]
    head = ["week", "seed", "way", "seconds", "values", "bounds", "MB", "remarks"]
    return ["<details><summary>Every run</summary>", table(head, lines), "</details>"]


# -- rehabilitation -----------------------------------------------------------------------------


def rehabilitation(rows: Rows) -> list[str]:
    lines, met, of, beaten, near, left = [], 0, 0, 0, 0, 0
    for m in rows:
        run, known = m.ours, m.setting("published") or {}
        value = run.values[0] if run.legal else None
        bound = run.bounds[0] if run.bounds else None
        proved = bool(run.proved and run.proved[0])
        theirs = UNIT * known["value"] if known.get("value") is not None else None
        if known.get("optimal"):
            of += 1
            met += proved
        elif known:
            left += 1
            beaten += value is not None and (theirs is None or value < theirs)
            near += value is not None and gap(value, bound) <= 0.02
        when = milestones(run)
        lines.append(
            [
                m.title.removeprefix("rehab "),
                number(value),
                number(bound),
                "yes" if proved else percent(gap(value, bound)) if value is not None else "none",
                seconds(when.first),
                seconds(when.proved),
                number(theirs),
                number(UNIT * known["bound"]) if known else "",
                ("yes" if known.get("optimal") else "no") if known else "",
                seconds(known.get("seconds")),
                "; ".join([*m.row["notes"], *run.remarks]),
            ]
        )
    head = ["instance", "value", "bound", "proved, or gap", "first schedule, s", "proof, s",
            "published value", "published bound", "proved", "proof, s", "remarks"]  # fmt: skip
    legend = (
        f"Values are `unmet_care`; the published ones (Gurobi 10, 8 threads, an hour) are times {UNIT}. "
        f"Ours had {rows[0].setting('limit'):g} s. Published optima that we prove: **{met} of {of}**. Where "
        f"there is no published proof: a better value (or the first) on **{beaten} of {left}**, within 2 % "
        f"of our bound on **{near} of {left}**."
    )
    return [legend, table(head, lines)]


# -- growth -------------------------------------------------------------------------------------


def growth(rows: Rows) -> list[str]:
    by_size: Mapping[int, list[Measured]] = defaultdict(list)
    for m in rows:
        by_size[m.setting("patients")].append(m)
    lines = []
    for size, found in sorted(by_size.items()):
        when = [milestones(m.ours) for m in found]
        lines.append(
            [
                str(size) + (" †" if any(m.is_old for m in found) else ""),
                str(len(found)),
                number(found[0].setting("limit")),
                spread([w.first for w in when], seconds),
                spread([w.near for w in when], seconds),
                spread([w.proved for w in when], seconds),
                spread([w.all for w in when], seconds),
                spread([first_gap(m.ours) for m in found], percent),
                spread([mean_gap(m.ours) for m in found], percent),
                spread([m.ours.memory for m in found], number),
            ]
        )
    head = ["patients", "clinics", "limit, s", "first schedule, s", "`unmet_care` within 1 %, s",
            "`unmet_care` proved, s", "every tier proved, s", "gap in tier 1 at the end",
            "mean gap over tiers at the end", "peak memory, MB"]  # fmt: skip
    return [
        "Generated clinics, their load 0.8, 1.0 or 1.2 by seed. Seconds from the beginning of the solve.",
        table(head, lines),
        *every_week(rows),
    ]


# -- by hand ------------------------------------------------------------------------------------


def by_hand(rows: Rows) -> list[str]:
    lines = []
    for m in rows:
        hand, when = m.runs["by hand"], milestones(m.ours)
        made = hand.values[0] if hand.legal else None
        sooner = next(
            (t for t, goals, v, _ in m.ours.trace
             if "unmet_care" in goals and v is not None and made is not None and v <= made),
            None,
        )  # fmt: skip
        lines.append(
            [
                m.title,
                seconds(hand.seconds),
                number(made),
                seconds(when.first),
                number(when.first_value),
                seconds(sooner),
                number(m.ours.values[0] if m.ours.legal else None),
            ]
        )
    head = ["week", "by hand, s", "unmet care by hand", "our first schedule, s", "its unmet care",
            "no worse than by hand after, s", f"ours after {rows[0].setting('limit'):g} s"]  # fmt: skip
    return [table(head, lines), *against(rows)]


# -- ablation -----------------------------------------------------------------------------------


def ablation(rows: Rows) -> list[str]:
    by_part: Mapping[str, list[Measured]] = defaultdict(list)
    for m in rows:
        by_part[m.setting("part")].append(m)
    lines = []
    for part, found in by_part.items():
        pairs = [(m.ours, m.runs[f"without {part}"], m.tolerances) for m in found]
        signs = [better(ours, less, slack) for ours, less, slack in pairs]
        lines.append(
            [
                part + (" †" if any(m.is_old for m in found) else ""),
                str(len(pairs)),
                str(sum(sign < 0 for sign in signs)),
                str(sum(sign == 0 for sign in signs)),
                str(sum(sign > 0 for sign in signs)),
                spread([_worse(ours, less) for ours, less, _ in pairs], percent),
                spread([mean_gap(less) - mean_gap(ours) for ours, less, _ in pairs], percent),
            ]
        )
    head = ["part left out", "pairs", "worse without it", "alike", "better without it",
            "unmet care more without it", "mean gap over tiers more without it"]  # fmt: skip
    legend = (
        f"The whole search and the one without a part, {rows[0].setting('limit'):g} s each on the same week, "
        "one right after the other. A part earns its place if weeks are worse, or gaps larger, without it."
    )
    return [legend, table(head, lines), *every_week(rows)]


def _worse(ours: Run, less: Run) -> float | None:
    """By how much of ours the first tier is worse without a part; None where either has no schedule."""
    if not ours.legal or not less.legal:
        return None
    return ((less.values[0] or 0) - (ours.values[0] or 0)) / max(1.0, ours.values[0] or 0)


# -- warm starts and networks -------------------------------------------------------------------


def warm(rows: Rows) -> list[str]:
    lines = []
    for m in rows:
        start, cold = m.runs["warm"], m.runs["cold"]
        more = _worse(cold, start)
        lines.append(
            [
                m.title,
                "; ".join(m.runs["before"].remarks),
                cell(start.values) or "none",
                cell(cold.values) or "none",
                percent(more),
                "yes" if more is not None and more <= 0.01 else "**no**",
            ]
        )
    limit, cold_limit = rows[0].setting("limit"), rows[0].setting("cold")
    head = ["week", "change", f"from the start, {limit:g} s", f"cold, {cold_limit:g} s",
            "unmet care more", "within 1 %"]  # fmt: skip
    return [table(head, lines)]


def network(rows: Rows) -> list[str]:
    lines = []
    for m in rows:
        beside, after = m.runs["side by side"], m.runs["one after another"]
        remarks = [*beside.remarks, *after.remarks]
        lines.append(
            [
                m.title + f", {m.setting('limit'):g} s each",
                str(m.setting("seed")),
                number(beside.wall),
                number(after.wall),
                f"{beside.wall / after.wall:.2f}" if after.wall else "–",
                cell(beside.values) or "none",
                cell(after.values) or "none",
                "; ".join(dict.fromkeys(remarks)),
            ]
        )
    head = ["network", "seed", "side by side, s", "one after another, s", "ratio",
            "unmet care side by side", "one after another", "remarks"]  # fmt: skip
    return ["Unmet care is the sum over all sites.", table(head, lines)]


SECTIONS: Mapping[str, Callable[[Rows], list[str]]] = {
    "plain": against,
    "rehab": rehabilitation,
    "growth": growth,
    "hand": by_hand,
    "highs": against,
    "timefold": against,
    "ablation": ablation,
    "warm": warm,
    "network": network,
}
