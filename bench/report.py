"""bench/RESULTS.md from the rows that are stored: what was measured with what, and what contradicts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import rehab
from bench.judging import Run, contradictions
from bench.measured import Measured, measured
from bench.sections import SECTIONS
from bench.store import Machine, Store
from bench.studies import Study


def results(found: Sequence[Study], store: Store, now: Machine, charts: Path | None) -> str:
    """The whole report; ``charts`` is the folder with pictures of studies, if there are any."""
    rows = {study.name: measured(study, store, now.search) for study in found}
    everything = [m for mine in rows.values() for m in mine]
    parts = [*_head(everything, now), *_bounds(found, store, everything)]
    for study in found:
        mine = rows[study.name]
        parts.append(f"## {study.title}")
        if study.needs and len(mine) < len(study.rows):
            parts.append(study.needs)
        if len(mine) < len(study.rows):
            parts.append(f"{len(mine)} of {len(study.rows)} rows are measured.")
        if mine:
            if charts is not None and (charts / f"{study.name}.svg").is_file():
                parts.append(f"![{study.title}]({charts.name}/{study.name}.svg)")
            parts += SECTIONS[study.name](mine)
    return "\n\n".join(parts) + "\n"


def _head(rows: Sequence[Measured], now: Machine) -> Iterator[str]:
    yield "# Measured results"
    yield (
        "Made by `python -m bench`; not edited by hand. The ways of one row ran one after the other on the "
        "same week in one run, so their ratios hold on other machines; seconds do not. Values and bounds "
        "are those of the tiers in their order. Every schedule has been through the checker, and its values "
        "are what the checker measures. Several seeds are given as median (least–largest)."
    )
    versions = ", ".join(f"{name} {v}" for name, v in now.versions.items())
    yield (
        f"Written on {datetime.now(UTC):%d %B %Y} at commit {now.commit} (search {now.search}) on "
        f"{now.processor}, {now.cores} cores, {now.memory} GB, {now.system}; {versions}."
    )
    dates = sorted(m.row["measured"][:10] for m in rows)
    if dates:
        commits = ", ".join(sorted({m.row["machine"]["commit"] for m in rows}))
        yield f"{len(rows)} rows, measured {dates[0]} to {dates[-1]} at commit {commits}."
    others = {_made(m.row["machine"]) for m in rows} - {_made(now.__dict__)}
    if others:
        yield "Rows that were measured elsewhere: " + "; ".join(sorted(others)) + "."
    old = [m for m in rows if m.is_old]
    if old:
        searches = sorted(
            {f"{m.row['machine']['commit']} (search {m.row['machine']['search']})" for m in old}
        )
        yield (
            f"**{len(old)} of {len(rows)} rows are of an older search**, of commit {', '.join(searches)}. "
            "They are marked †; `python -m bench --full --again` measures them anew."
        )


def _made(machine: Any) -> str:
    versions = ", ".join(f"{name} {v}" for name, v in machine["versions"].items())
    return f"{machine['processor']}, {machine['cores']} cores, {machine['memory']} GB, {versions}"


# -- what must never happen ---------------------------------------------------------------------


def refuted(found: Sequence[Study], store: Store) -> list[str]:
    """Every bound that a legal schedule of the same week is below, and every value below a bound."""
    by_week: dict[str, list[tuple[str, Run]]] = defaultdict(list)
    wrong = []
    for study in found:
        for m in measured(study, store):
            # A network's weeks are not those of another seed, nor a changed week those of before.
            named = f"{m.week} (seed {m.setting('seed')})" if study.name == "network" else m.week
            named += " with a therapist away" if study.name == "warm" else ""
            place = f"{study.name}, seed {m.setting('seed')}"
            by_week[named] += [(place, run) for run in m.runs.values()]
            wrong += _below_published(m)
    wrong += [f"{week}: {said}" for week, runs in by_week.items() for said in contradictions(runs)]
    return list(dict.fromkeys(wrong))


def _below_published(m: Measured) -> Iterator[str]:
    known = m.setting("published")
    for run in m.runs.values() if known else ():
        least = rehab.UNIT * known["bound"]
        if run.legal and (run.values[0] or 0) < least - 1e-6:
            yield (
                f"{m.week}: {run.way} has {run.values[0]:g}, below the published bound of {least:g}; "
                "a rule is misread"
            )


def _bounds(found: Sequence[Study], store: Store, rows: Sequence[Measured]) -> Iterator[str]:
    yield "## Bounds against schedules"
    wrong = refuted(found, store)
    if wrong:
        yield f"**{len(wrong)} CONTRADICTIONS. Nothing below is to be trusted until they are explained.**"
        yield "\n".join(f"- **{said}**" for said in wrong)
    else:
        yield (
            f"Every bound of every way was held against every legal schedule of the same week, on "
            f"{len({m.week for m in rows})} weeks. None is above a schedule, and no value is below a "
            "published bound."
        )
    above = [said for m in rows for said in _above_published(m)]
    if above:
        yield (
            "To be looked at: a bound above a published plan. Such a plan may delay admissions, which ours "
            "do not, or use a room that its file lists twice."
        )
        yield "\n".join(f"- {said}" for said in above)
    refused = [
        f"{m.week}, {run.way}: "
        + ", ".join(f"{rule} ({count})" for rule, count in run.violations.items())
        for m in rows
        for run in m.runs.values()
        if run.violations
    ]
    if refused:
        yield "Schedules that the checker refused, with the rules they break and how often:"
        yield "\n".join(f"- {said}" for said in dict.fromkeys(refused))


def _above_published(m: Measured) -> Iterator[str]:
    known = m.setting("published")
    if known and known["value"] is not None:
        value = rehab.UNIT * known["value"]
        for run in m.runs.values():
            if run.bounds and (run.bounds[0] or 0) > value + 1e-6:
                yield f"{m.week}: {run.way} bounds by {run.bounds[0]:g}, published is {value:g}"
