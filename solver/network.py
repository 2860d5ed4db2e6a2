"""A network: every site's week solved side by side, and one summary over all of them.

Sites share nothing, so they are solved apart; what this adds is the use of one machine, or of a
cluster, by all of them, and figures over the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .clinic import Clinic
from .errors import Fault, FileFaults
from .io.files import load_scenario
from .pool import Failed, Outcome, Planned, Pool, State, Task, solve_all, threads_each
from .report.figures import Figures, figures
from .report.words import hours
from .result import Result, Settings, TierResult
from .scenario import Scenario
from .validation import Notice
from .whatif.words import figures_document, money, tier_cell

if TYPE_CHECKING:
    from .search.cpsat import Signal

HEADINGS = (
    "site", "schedule", "unmet care", "fully served", "hours", "paid days", "admitted", "staff cost",
    "seconds",
)  # fmt: skip
_STATUS = {
    "optimal": "proved best",
    "feasible": "found",
    "infeasible": "none exists",
    "unknown": "none found in time",
}


class NetworkFaults(FileFaults):
    """A folder of sites that cannot be solved: every fault of every file."""


@dataclass(frozen=True, slots=True)
class Site:
    """One scenario file of the folder; its name without ``.json`` names the site."""

    name: str
    scenario: Scenario
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class SiteAnswer:
    """What came of one site; figures where there is a schedule."""

    site: Site
    outcome: Outcome | None
    figures: Figures | None

    @property
    def status(self) -> str:
        """As in a result; ``failed`` where there is none."""
        return self.outcome.status if isinstance(self.outcome, Result) else "failed"

    @property
    def first_tier(self) -> TierResult | None:
        tiers = self.outcome.tiers if isinstance(self.outcome, Result) else ()
        return next((t for t in tiers if t.goals == ("unmet_care",)), None)


def load_sites(folder: Path) -> list[Site]:
    """Every ``*.json`` in a folder as a site, by name; folders inside it are not looked into.

    Raises:
        NetworkFaults: with every fault of every file, each with its file.
    """
    if not folder.is_dir():
        raise NetworkFaults(
            [Fault(str(folder), "no such folder; one with scenario files is expected")]
        )
    sites, faults = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            scenario, notices = load_scenario(path)
            sites.append(Site(path.stem, scenario, tuple(notices)))
        except FileFaults as error:
            faults += [
                Fault(f"{path.name}: {f.place}".removesuffix(": "), f.message) for f in error.faults
            ]
    if not sites and not faults:
        faults.append(Fault(str(folder), "no scenario file (*.json) is in it"))
    if faults:
        raise NetworkFaults(faults)
    return sites


def solve_sites(
    sites: Sequence[Site],
    settings: Settings,
    pool: Pool,
    share: bool,
    on_outcome: Callable[[Site, Outcome], None] | None = None,
    on_state: Callable[[State], None] | None = None,
    stop: Signal | None = None,
) -> list[SiteAnswer]:
    """Solve every site, those with most patients first.

    Args:
        settings: time is for one site alone on the machine.
        share: whether solves side by side share that machine. Each then has its part of the cores,
            and as much more time, so that all take as long as one after the other would.
    """
    by_name = {site.name: site for site in sites}
    order = sorted(sites, key=lambda s: (-len(s.scenario.patients), s.name))
    tail = len(order) % pool.at_once

    def planned(number: int, site: Site) -> Planned:
        together = pool.at_once
        if tail and number >= len(order) - tail:
            together = tail  # the last ones have the machine for fewer
        asked = shared(settings, together) if share else settings
        return Planned(site.name, lambda _: Task(site.scenario, asked))

    def tell(key: str, outcome: Outcome) -> None:
        if on_outcome is not None:
            on_outcome(by_name[key], outcome)

    plans = [planned(number, site) for number, site in enumerate(order)]
    outcomes = solve_all(pool, plans, tell, on_state, stop)
    return [_answer(site, outcomes.get(site.name)) for site in sites]


def shared(settings: Settings, together: int) -> Settings:
    """Settings of each of so many solves that share a machine."""
    return replace(
        settings, time_limit=settings.time_limit * together, workers=threads_each(together)
    )


def _answer(site: Site, outcome: Outcome | None) -> SiteAnswer:
    if isinstance(outcome, Result) and outcome.schedule is not None:
        return SiteAnswer(site, outcome, figures(Clinic(site.scenario), outcome.schedule))
    return SiteAnswer(site, outcome, None)


# -- summary --------------------------------------------------------------------------------------


def rows(answers: Sequence[SiteAnswer]) -> list[list[str]]:
    """A row for each site under ``HEADINGS``, and one for all of them."""
    known = [a.figures for a in answers if a.figures is not None]
    return [*map(_row, answers), _total(answers, known)]


def _row(answer: SiteAnswer) -> list[str]:
    outcome, f = answer.outcome, answer.figures
    said = _STATUS.get(answer.status, "failed")
    if not isinstance(outcome, Result) or f is None:
        reason = f": {outcome.reason}" if isinstance(outcome, Failed) else ""
        return [answer.site.name, f"{said}{reason}", *[""] * (len(HEADINGS) - 2)]
    first = answer.first_tier
    unmet = tier_cell(first) if first is not None else f"{outcome.goals['unmet_care']:,}"
    return [answer.site.name, said, unmet, *_counts(f), f"{outcome.seconds:.0f}"]


def _counts(f: Figures) -> list[str]:
    return [
        f"{f.served} of {f.active}",
        f"{hours(f.minutes)} of {hours(f.minutes_due)}",
        f"{f.paid:,}",
        f"{f.admitted} of {f.waiting}" if f.waiting else "",
        money(f.money.staff_cost),
    ]


def _total(answers: Sequence[SiteAnswer], known: Sequence[Figures]) -> list[str]:
    done = [a.outcome for a in answers if isinstance(a.outcome, Result)]
    unmet = sum(o.goals.get("unmet_care", 0) for o in done)
    costs = [f.money.staff_cost for f in known if f.money.staff_cost is not None]
    return [
        "total",
        f"{len(known)} of {len(answers)}",
        f"{unmet:,}",
        f"{sum(f.served for f in known)} of {sum(f.active for f in known)}",
        f"{hours(sum(f.minutes for f in known))} of {hours(sum(f.minutes_due for f in known))}",
        f"{sum(f.paid for f in known):,}",
        f"{sum(f.admitted for f in known)} of {sum(f.waiting for f in known)}",
        money(sum(costs)) if costs else "",
        "",
    ]


def document(answers: Sequence[SiteAnswer]) -> dict[str, Any]:
    """The summary as JSON has it."""
    return {"schema_version": 1, "sites": [_site(a) for a in answers]}


def _site(answer: SiteAnswer) -> dict[str, Any]:
    outcome = answer.outcome
    result: Mapping[str, Any] = outcome.document() if isinstance(outcome, Result) else {}
    reasons = [outcome.reason] if isinstance(outcome, Failed) else list(result.get("reasons", ()))
    return {
        "site": answer.site.name,
        "scenario": answer.site.scenario.name,
        "status": answer.status,
        "seconds": result.get("seconds"),
        "tiers": result.get("tiers", []),
        "goals": result.get("goals", {}),
        "figures": None if answer.figures is None else figures_document(answer.figures),
        "reasons": reasons,
    }
