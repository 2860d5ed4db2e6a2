"""This week from last week: the best week that changes least, and what every change is for.

Tiers up to disruption are settled in the policy's order, each step weighing what it changes
(``search.py``). Where no tier before disruption can be made better, nothing changes at all: the answer is
the baseline itself. Tiers after disruption decide only where what is new goes; they change nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from ..checker import check, measure
from ..clinic import Clinic
from ..diff import Difference, difference
from ..errors import ModelError
from ..ledger import Ledger
from ..naming import name
from ..result import Progress, Result, Settings, Status, TierResult, versions
from ..rules import RULES, Rule
from ..scenario import Scenario
from ..schedule import Schedule
from ..search.alone import Alone
from ..search.cpsat import Signal
from ..tiers import Tier, tiers_of
from .before import broken, cannot_stay, falls_out
from .beginning import (
    beginnings,
    least_changes,
    locked_faults,
    past_names_gone,
)
from .bought import Bundle, bundles
from .curve import Point, Tracing
from .frozen import Frozen, locks_before
from .keeping import MostChanges, changes
from .later import SHARE, later_bounds
from .search import Search
from .sparing import spared

OnProgress = Callable[[Progress], None]
WEIGHTS = {"unmet_care": 10.0, "short_days": 3.0, "disruption": 5.0}
"""How the time is shared among tiers; what one does not need goes to those after it."""
MAIN_SHARE = 0.6
"""Share of the time for the answer itself where a curve is traced as well."""
AFTERWARDS = 0.12
"""Share of the time that is kept for finding what each change is for."""
LATEST = 3.0
"""Seconds beyond its share that this may take; what is left then is told as one bundle."""
SPARING, TELLING = 2.0, 1.0
"""Seconds that taking back what buys nothing, and saying what the rest is for, have in any case: a week
that was cut by the clock is the one that needs it most."""
BEGIN_SHARE = 0.3
"""Share of the time that coming near the baseline at all may take."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a rebalancing is held to beside the scenario.

    Attributes:
        max_changes: how many things that people had may change (``keeping.py``); None is no cap.
        frozen_before: day number; what the days before it hold has happened and stays.
        curve: trace what 0, 1, 2 … up to so many changes would give; None traces nothing.
    """

    max_changes: int | None = None
    frozen_before: int | None = None
    curve: int | None = None


@dataclass(frozen=True, slots=True)
class Rebalanced:
    """The answer.

    Attributes:
        scenario: the scenario with the locks that ``frozen_before`` stands for.
        result: status, schedule, tiers and their bounds; the bounds hold for what was asked.
        difference: from the baseline to the schedule; None without a schedule.
        changes: things people had that changed; at least ``least`` have to in any legal week.
        bundles: changes that belong together, with what they bought.
        curve: what 0, 1, 2 … changes would give, if that was asked.
    """

    scenario: Scenario
    result: Result
    difference: Difference | None
    changes: int
    least: int
    bundles: tuple[Bundle, ...]
    curve: tuple[Point, ...] = ()


def rebalance(
    scenario: Scenario,
    settings: Settings | None = None,
    asked: Asked | None = None,
    on_progress: OnProgress | None = None,
    stop: Signal | None = None,
    start: Schedule | None = None,
) -> Rebalanced:
    """The week that is best for the tiers up to disruption and changes least.

    Args:
        start: a further week to begin from; used if it is legal for what is asked.

    Raises:
        ValueError: the scenario has no baseline.
        ModelError: the model and the checker disagree (a bug of ours).
    """
    if scenario.baseline is None:
        raise ValueError("there is no baseline to rebalance")
    asked = asked or Asked()
    if asked.frozen_before:
        locks = (*scenario.locks, *locks_before(scenario, asked.frozen_before))
        scenario = scenario.model_copy(update={"locks": locks})
    return _Rebalancing(scenario, settings or Settings(), asked, on_progress, stop).run(start)


class _Rebalancing:
    def __init__(
        self,
        scenario: Scenario,
        settings: Settings,
        asked: Asked,
        on_progress: OnProgress | None,
        stop: Signal | None,
    ) -> None:
        self.began = monotonic()
        self.end = self.began + settings.time_limit
        share = MAIN_SHARE if asked.curve is not None else 1.0
        self.told_by = self.began + share * settings.time_limit
        self.deadline = self.began + (1 - AFTERWARDS) * share * settings.time_limit
        self.scenario, self.settings, self.asked = scenario, settings, asked
        self.clinic = Clinic(scenario)
        assert self.clinic.baseline is not None
        self.old = falls_out(self.clinic, self.clinic.baseline)
        # Strict goals are settled first, as a tier that must come out 0 (as the engine does).
        strict = tuple(dict.fromkeys(scenario.policy.strict))
        self.guarded = bool(strict)
        guard = (Tier(strict, (1,) * len(strict), 0.0),) if strict else ()
        self.tiers = (*guard, *tiers_of(scenario.policy))
        self.extra = self._extra()
        self.rules: tuple[Rule, ...] = (
            *(r for r in RULES if r.key != "strict"),
            *self.extra,
        )
        self.on_progress, self.stop = on_progress, stop
        self.reasons: list[str] = []
        self.least = least_changes(self.clinic)
        self.bounds = [0] * len(self.tiers)
        self.caps: list[int] = []

    def _extra(self) -> tuple[Rule, ...]:
        out: list[Rule] = []
        if self.asked.frozen_before:
            out.append(Frozen(self.asked.frozen_before))
        if self.asked.max_changes is not None:
            out.append(MostChanges(self.asked.max_changes))
        return tuple(out)

    # -- the whole of it ------------------------------------------------------------------------

    def run(self, start: Schedule | None) -> Rebalanced:
        self.tell("looking at the week there is")
        if faults := locked_faults(self.clinic):
            self.reasons += [f"what is locked cannot stand: {v}" for v in faults]
            return self._without("infeasible")
        if gone := past_names_gone(self.clinic, self.asked.frozen_before or 0):
            self.reasons.append(
                "what has happened cannot be kept; leave in the scenario until the week is over "
                f"whoever took part: {'; '.join(gone)}"
            )
            return self._without("infeasible")
        most = self.asked.max_changes
        if most is not None and self.least > most:
            return self._too_many()
        weeks = list(beginnings(self.clinic, self._uncapped(), self.deadline))
        if start is not None and (further := self._as_far_as_known(start)):
            weeks.append(further)
        if not weeks:
            self.reasons.append("no legal week was found to begin with; try iop solve")
            return self._without("unknown")
        base = weeks[0] if changes(self.clinic, weeks[0]) == 0 else None
        first = self._begin(weeks)
        if first is None:
            return self._without("infeasible" if self.least > (most or 0) else "unknown")
        search = self._search(first, self.rules)
        self._settle_all(search, base)
        if self.guarded and search.value(0) > 0:
            keys = " and ".join(self.tiers[0].goals)
            self.reasons.append(f"no week was found in time in which {keys} comes out 0")
            return self._without("unknown")
        ledger = spared(
            self.clinic,
            search.ledger,
            self.rules,
            self.tiers,
            self.old,
            self._after((self.deadline + self.told_by) / 2, SPARING),
        )
        if base is not None and not self._better(ledger, base, search.last):
            ledger = base
        answer = self._given(name(self.clinic, ledger.schedule()), search)
        if self.asked.curve is None:
            return answer
        return replace(answer, curve=self._curve(ledger, weeks, self.asked.curve))

    @staticmethod
    def _after(ends: float, least: float) -> Callable[[], bool]:
        """Whether a moment has passed; so many seconds from now are left in any case."""
        until = max(ends, monotonic() + least)
        return lambda: monotonic() > until

    def _curve(self, best: Ledger, weeks: Sequence[Ledger], most: int) -> tuple[Point, ...]:
        tracing = Tracing(
            self.clinic,
            self.tiers,
            self._uncapped(),
            self.old,
            self.settings.seed,
            self.settings.workers or 2,
            self.stop,
            self.tell,
        )
        cap = self.asked.max_changes
        upto = most if cap is None else min(most, cap)
        return tracing.curve(best, weeks, self.least, upto, self.end)

    def _uncapped(self) -> tuple[Rule, ...]:
        return tuple(r for r in self.rules if not isinstance(r, MostChanges))

    def _as_far_as_known(self, schedule: Schedule) -> Ledger | None:
        try:
            week = Ledger(self.clinic, schedule.model_copy(update={"not_admitted": ()}))
        except KeyError:
            return None
        week.not_admitted = None
        return None if broken(self.clinic, week, self.rules) else week

    def _search(self, ledger: Ledger, rules: Sequence[Rule]) -> Search:
        return Search(
            self.clinic,
            self.tiers,
            ledger,
            rules,
            seed=self.settings.seed,
            workers=self.settings.workers or 2,
            stop=self.stop,
            on_value=lambda tier, value: self.tell("improving", tier, value),
        )

    def _begin(self, weeks: Sequence[Ledger]) -> Ledger | None:
        """The best of the weeks that change no more than is asked; one is made if none does."""
        most = self.asked.max_changes

        def rank(week: Ledger) -> tuple[int, ...]:
            goals = measure(self.clinic, week)
            return tuple(tier.value(goals) for tier in self.tiers)

        fitting = [w for w in weeks if most is None or changes(self.clinic, w) <= most]
        if fitting:
            return min(fitting, key=rank)
        assert most is not None
        self.tell("looking for a week with so few changes")
        nearest = min(weeks, key=lambda w: (changes(self.clinic, w), rank(w)))
        search = self._search(nearest, self._uncapped())
        bound = search.fewest_changes(self.began + BEGIN_SHARE * self.settings.time_limit)
        found = changes(self.clinic, search.ledger)
        if found <= most:
            return search.ledger
        self.least = max(self.least, bound)
        self.reasons.append(
            f"{self.least} changes at least are needed, {most} are allowed"
            if self.least > most
            else f"no week with at most {most} changes was found in time; one with {found} was"
        )
        return None

    def _settle_all(self, search: Search, base: Ledger | None) -> None:
        weights = [max(WEIGHTS.get(g, 1.0) for g in tier.goals) for tier in self.tiers]
        for number, tier in enumerate(self.tiers):
            if (
                number == search.last
                and base is not None
                and tier.goals == ("disruption",)
                and not self._better(search.ledger, base, search.last)
            ):
                return  # nothing is gained by leaving the baseline: it is the answer
            if number == search.last + 1:
                search.keep(MostChanges(changes(self.clinic, search.ledger)))
            left = self.deadline - monotonic()
            if left > 0 and not (self.stop is not None and self.stop.is_set()):
                self.tell("improving", number, search.value(number))
                share = weights[number] / sum(weights[number:])
                search.settle(number, self.caps, monotonic() + left * share)
            value = search.value(number)
            if search.bounds[number] > value:
                bound = search.bounds[number]
                raise ModelError(f"{tier.goals}: a bound of {bound} above a schedule of {value}")
            self.bounds[number] = search.bounds[number]
            self.caps.append(value + tier.slack(value))
            done = value <= self.bounds[number]
            self.tell("settled" if done else "left open", number, value)

    def _better(self, week: Ledger, base: Ledger, last: int) -> bool:
        """Whether a tier before disruption, or disruption's with its company, comes out better."""
        goals, before = measure(self.clinic, week), measure(self.clinic, base)
        tiers = self.tiers[: last + (self.tiers[last].goals != ("disruption",))]
        return tuple(t.value(goals) for t in tiers) < tuple(t.value(before) for t in tiers)

    # -- the answer -----------------------------------------------------------------------------

    def tell(self, phase: str, tier: int | None = None, value: int | None = None) -> None:
        if self.on_progress is not None:
            shown = tier is not None and not (self.guarded and tier == 0)
            goals = self.tiers[tier].goals if tier is not None else ()
            number = tier - self.guarded if shown and tier is not None else None
            bound = self.bounds[tier] if tier is not None else None
            seconds = monotonic() - self.began
            self.on_progress(Progress(seconds, phase, number, goals, value, bound))

    def _too_many(self) -> Rebalanced:
        lost = cannot_stay(self.clinic)
        why = dict.fromkeys(lost.values())
        self.reasons.append(
            f"{self.least} changes at least are needed, {self.asked.max_changes} are allowed: "
            + "; ".join(why)
        )
        return self._without("infeasible")

    def _without(self, status: Status) -> Rebalanced:
        return Rebalanced(self.scenario, self._result(status, None, None), None, 0, self.least, ())

    def _given(self, schedule: Schedule, search: Search) -> Rebalanced:
        faults = [*check(self.clinic, schedule)]
        ledger = Ledger(self.clinic, schedule)
        faults += broken(self.clinic, ledger, self.extra)
        if faults:
            raise ModelError(
                "a schedule to be given out is illegal: " + "; ".join(map(str, faults))
            )
        base = self.scenario.baseline
        assert base is not None
        self.tell("finding what each change is for")
        late = self._after(self.told_by + LATEST, TELLING)
        found = bundles(self.clinic, ledger, self.rules, self.tiers, self.old, late)
        return Rebalanced(
            self.scenario,
            self._result("feasible", schedule, search),
            difference(self.clinic, base, schedule),
            changes(self.clinic, ledger),
            self.least,
            found,
        )

    def _result(self, status: Status, schedule: Schedule | None, search: Search | None) -> Result:
        goals: dict[str, int] = {}
        tiers: tuple[TierResult, ...] = ()
        if schedule is not None and search is not None:
            goals = measure(self.clinic, schedule)
            self._bound_later([tier.value(goals) for tier in self.tiers], search)
            tiers = tuple(
                self._tier(number, goals, search)
                for number in range(int(self.guarded), len(self.tiers))
            )
            status = "optimal" if all(t.proved for t in tiers) else "feasible"
        return Result(
            scenario=self.scenario.name,
            status=status,
            schedule=schedule,
            tiers=tiers,
            goals=goals,
            seconds=monotonic() - self.began,
            seed=self.settings.seed,
            versions=versions(),
            settings=replace(self.settings),
            reasons=tuple(self.reasons),
        )

    def _bound_later(self, values: list[int], search: Search) -> None:
        """Bounds of tiers after disruption: what was found while deciding new things holds for those."""
        until = min(monotonic() + SHARE * self.settings.time_limit, self.end)
        caps = [v + t.slack(v) for t, v in zip(self.tiers, values, strict=True)]
        as_asked = self.caps == caps[: len(self.caps)]
        alone = search.alone if as_asked else Alone(self.clinic, self.tiers, self.settings.seed)
        found = later_bounds(alone, values, search.last, until, self.stop)
        last = search.last
        for number in range(last + 1, len(self.tiers)):
            self.bounds[number] = found.get(number, 0)

    def _tier(self, number: int, goals: dict[str, int], search: Search) -> TierResult:
        tier, value = self.tiers[number], self.tiers[number].value(goals)
        bound = min(self.bounds[number], value)
        return TierResult(tier.goals, value, bound, value <= bound)


__all__ = ["Asked", "Bundle", "Point", "Rebalanced", "changes", "rebalance"]
