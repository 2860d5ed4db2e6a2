"""solve(): from a scenario to a checked schedule with a proved bound for every tier.

A first week is made by hand in Python. Then tier by tier: while neighbourhoods improve the week on
one core, the other bounds it, first patient by patient, then with the whole week as one model. What is
given out has passed the checker, and its measured values are those reported.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import monotonic

from .checker import check, measure
from .clinic import Clinic
from .errors import ModelError
from .ledger import Ledger
from .naming import name
from .pins import settled_ledger
from .result import Progress, Result, Settings, Status, TierResult, versions
from .rules import RULES
from .scenario import Scenario
from .schedule import Schedule
from .search.cpsat import AnyOf, Signal
from .search.improve import Improver
from .search.mending import mended
from .search.proving import Prover
from .search.starts import first_schedules
from .tiers import Tier, tiers_of

DEFAULTS = Settings()
OnProgress = Callable[[Progress], None]
WEIGHTS = {
    "unmet_care": 20.0,
    "short_days": 4.0,
    "turned_away": 3.0,
    "burden": 2.0,
    "staffing": 2.0,
}
"""How the time is shared among tiers; what one does not need goes to those after it."""
WORK = 0.18
"""Deterministic time that a repeatable solve gets for a second of its limit. A unit of it took about
two to three seconds (measured): little enough that the clock seldom cuts it short."""
PROVING = 0.15
"""Share of a tier's work that each step of bounding it may take in a repeatable solve."""
PATIENCE = 150
"""Neighbourhoods in a row without gain after which a tier is left to the whole model."""


def solve(
    scenario: Scenario,
    settings: Settings = DEFAULTS,
    start: Schedule | None = None,
    on_progress: OnProgress | None = None,
    stop: Signal | None = None,
) -> Result:
    """Decide a week.

    Args:
        start: a schedule to start from; used as far as it is legal for this scenario.
        on_progress: told now and then where the solve stands; called from several threads.
        stop: when set, the best schedule so far is given out.

    Raises:
        ModelError: the model and the checker disagree (a bug of ours).
    """
    return _Solve(scenario, settings, on_progress, stop).run(start)


class _Solve:
    def __init__(
        self,
        scenario: Scenario,
        settings: Settings,
        on_progress: OnProgress | None,
        stop: Signal | None,
    ) -> None:
        self.began = monotonic()
        self.settings = settings
        self.deadline = self.began + settings.time_limit
        self.clinic = Clinic(scenario)
        # Strict goals are settled first, as a tier that must come out 0: a week that misses them can
        # then be improved like any other until it is legal.
        strict = tuple(dict.fromkeys(scenario.policy.strict))
        self.guarded = bool(strict)
        guard = (Tier(strict, (1,) * len(strict), 0.0),) if strict else ()
        self.rules = tuple(r for r in RULES if r.key != "strict")
        self.tiers = (*guard, *tiers_of(scenario.policy))
        self.best: list[int] = []
        self.on_progress = on_progress
        self.stop = stop
        self.reasons: list[str] = []
        self.prover = Prover(self.clinic, self.tiers, self.rules, settings)

    # -- small things -------------------------------------------------------------------------

    def stopped(self) -> bool:
        return self.stop is not None and self.stop.is_set()

    def left(self) -> float:
        return self.deadline - monotonic()

    def tell(self, phase: str, tier: int | None = None, value: int | None = None) -> None:
        if self.on_progress is not None:
            seconds = monotonic() - self.began
            if tier is None:
                self.on_progress(Progress(seconds, phase, None, (), value, None))
            else:
                goals, bound = self.tiers[tier].goals, self.prover.bounds[tier]
                # What is strict is settled before the first of the policy's tiers.
                place = tier - 1 if self.guarded else tier
                if place < 0:
                    self.on_progress(
                        Progress(seconds, f"strict goals, {phase}", None, goals, value, bound)
                    )
                else:
                    self.on_progress(Progress(seconds, phase, place, goals, value, bound))

    # -- the whole solve ------------------------------------------------------------------------

    def run(self, start: Schedule | None) -> Result:
        self.tell("making a first week")
        locked = check(self.clinic, settled_ledger(self.clinic))
        lasting = {r.key for r in RULES if not r.mended_by_adding}
        if any(v.rule in lasting for v in locked):
            self.reasons += [
                f"what is locked cannot stand: {v}" for v in locked if v.rule in lasting
            ]
            return self._result("infeasible", None)
        found = self._first(start)
        ledger = self._legal_but_for_strict(found)
        if ledger is None:
            ledger, status = self._any_legal(found)
            if ledger is None:
                return self._result(status, None)
        improver = Improver(
            self.clinic,
            self.tiers,
            ledger,
            self.settings.seed,
            rules=self.rules,
            least=self.prover.alone.least,
        )
        caps: list[int] = []
        for number, tier in enumerate(self.tiers):
            improver.turn_to(number, caps)
            if self.left() > 0 and not self.stopped():
                self._settle(number, improver, caps)
            self.best.append(improver.value)
            caps.append(improver.value + tier.slack(improver.value))
            proved = self.prover.reached(number, improver.value)
            self.tell("settled" if proved else "left open", number, improver.value)
            if number == 0 and self.guarded and improver.value > 0:
                return self._result(self._strict_missed(), None)
        return self._result("feasible", improver.ledger)

    def _first(self, start: Schedule | None) -> list[Ledger]:
        """First weeks: the one given, as far as it names what there is, and those made by hand."""
        found: list[Ledger] = []
        if start is not None:
            known = _as_far_as_known(self.clinic, start)
            if known is not None:
                found.append(known)
        return found + first_schedules(self.clinic, min(self.deadline, self.began + 10.0))

    def _legal_but_for_strict(self, found: Sequence[Ledger]) -> Ledger | None:
        """The best of the first weeks that break no rule, strict goals not yet judged."""
        legal = [w for w in found if all(v.rule == "strict" for v in check(self.clinic, w))]

        def rank(week: Ledger) -> tuple[int, ...]:
            goals = measure(self.clinic, week)
            return tuple(tier.value(goals) for tier in self.tiers)

        return min(legal, key=rank, default=None)

    def _strict_missed(self) -> Status:
        """Whether strict goals cannot be met, or were not met in time."""
        keys = " and ".join(self.tiers[0].goals)
        if self.prover.bounds[0] <= 0:
            self.reasons.append(f"no week was found in time in which {keys} comes out 0")
            return "unknown"
        self.tell("confirming that no schedule exists")
        if not self._strict_confirmed():
            self.reasons.append(
                f"{keys} seems never to come out 0, but that was not confirmed in time"
            )
            return "unknown"
        self.reasons.append(
            f"{keys} must come out 0 and comes out {self.prover.bounds[0]} at least in every week"
        )
        return "infeasible"

    def _strict_confirmed(self) -> bool:
        short = self.prover.alone.confirmed_short(self.deadline + 2.0)
        if short:
            self.reasons += [f"{p}'s own hours and limits allow no better" for p in short]
            return True
        whole = self.prover.whole
        if not whole.build(lambda: self.left() < 0):
            return False
        whole.settle((0,))
        return whole.confirm_infeasible(self.deadline + 2.0, self.settings.seed, self.stop)

    def _any_legal(self, found: Sequence[Ledger]) -> tuple[Ledger | None, Status]:
        """A legal week although no first one was, or why there is none."""
        self.tell("looking for any legal week")
        stuck = self.prover.alone.confirmed_stuck(self.deadline)
        if stuck:
            self.reasons += [
                f"{p} waits, is kept in a session by a lock, and no week holds all that is due to them"
                for p in stuck
            ]
            return None, "infeasible"
        ledger = self._mended(found)
        if ledger is not None:
            return ledger, "feasible"
        whole = self.prover.whole
        if not whole.build(lambda: self.left() < 0 or self.stopped()):
            self.reasons.append("the whole week could not be examined in time")
            return None, "unknown"
        limits = self.prover.limits(self.left() * 0.8, lp=False)
        week = whole.week(whole.search(None, None, limits, stop=self.stop))
        if week is not None:
            return week, "feasible"
        if whole.infeasible:
            self.tell("confirming that no schedule exists")
            if whole.confirm_infeasible(self.deadline, self.settings.seed, self.stop):
                return None, "infeasible"
            self.reasons.append("found impossible once, but not confirmed in time")
        return None, "unknown"

    def _mended(self, found: Sequence[Ledger]) -> Ledger | None:
        """The first of the weeks that can be made legal by deciding a part of it anew."""
        weighed = next((t for t in self.tiers if "unmet_care" in t.goals), self.tiers[0])
        repeatable = self.settings.reproducible
        for number, week in enumerate(found):
            share = self.left() * (1.0 if repeatable else 0.6 / (len(found) - number))
            ledger = mended(
                self.clinic,
                week,
                weighed,
                self.rules,
                self.settings.seed,
                monotonic() + share,
                self.stop,
                repeatable=repeatable,
            )
            if ledger is not None and (ledger := self._legal_but_for_strict([ledger])) is not None:
                return ledger
        return None

    # -- one tier -------------------------------------------------------------------------------

    def _settle(self, number: int, improver: Improver, caps: Sequence[int]) -> None:
        weights = [max(WEIGHTS.get(g, 1.0) for g in tier.goals) for tier in self.tiers]
        share = weights[number] / sum(weights[number:])
        # Without its strict goals there is no week at all: they may take all the time there is.
        guarding = self.guarded and number == 0
        last = number + 1 == len(weights)
        seconds = self.left() if guarding or last else self.left() * share
        self.tell("improving", number, improver.value)
        if self.settings.reproducible:
            # What is left by the clock differs from run to run; what is left of the work does not.
            work = self.settings.time_limit * WORK - improver.meter.spent
            self._settle_repeatably(number, improver, caps, max(0.0, work) * share)
            return
        deadline = monotonic() + seconds
        done = threading.Event()
        prover = threading.Thread(
            target=self._prove, args=(number, improver, tuple(caps), deadline, done), daemon=True
        )
        prover.start()
        try:
            while prover.is_alive() and not self.stopped():
                if self.prover.planned.wait(0.05):
                    break
            self._improve(improver, deadline, number)
            # Neighbourhoods have nothing more to give; the whole model may still prove or improve.
            while prover.is_alive() and monotonic() < deadline and not self.stopped():
                if self.prover.reached(number, improver.value):
                    break
                prover.join(0.05)
        finally:
            done.set()
            prover.join()
        if self._failure is not None:
            raise self._failure

    _failure: BaseException | None = None

    def _improve(
        self,
        improver: Improver,
        deadline: float,
        number: int,
        work: float | None = None,
        stop: Signal | None = None,
    ) -> None:
        improver.run(
            lambda: self.prover.bounds[number],
            deadline,
            patience=PATIENCE,
            work=work,
            stop=stop or self.stop,
            on_value=lambda value: self.tell("improving", number, value),
        )

    def _prove(
        self,
        number: int,
        improver: Improver,
        caps: tuple[int, ...],
        deadline: float,
        done: threading.Event,
    ) -> None:
        """Bounds for one tier, on another thread; what time is left then improves the week too."""

        def told() -> None:
            self.tell("proving", number, improver.value)

        try:
            ended = AnyOf(done, self.stop)
            self.prover.prove(number, improver, caps, deadline, told, ended)
            self._improve(improver, deadline, number, stop=ended)
        except BaseException as error:
            self._failure = error

    def _settle_repeatably(
        self, number: int, improver: Improver, caps: Sequence[int], work: float
    ) -> None:
        """The same, one thing after the other and limited by work instead of the clock."""

        def told() -> None:
            self.tell("proving", number, improver.value)

        before = improver.meter.spent
        self.prover.prove(number, improver, caps, self.deadline, told, self.stop, work * PROVING)
        left = work - (improver.meter.spent - before)
        self._improve(improver, self.deadline, number, left)
        if monotonic() > self.deadline:
            self.reasons.append("cut by the clock: the result may not be repeatable")

    # -- the answer -----------------------------------------------------------------------------

    def _result(self, status: Status, ledger: Ledger | None) -> Result:
        schedule, goals, tiers = None, dict[str, int](), tuple[TierResult, ...]()
        if ledger is not None:
            schedule = name(self.clinic, ledger.schedule())
            broken = check(self.clinic, schedule)
            if broken:
                raise ModelError(
                    "a schedule to be given out is illegal: " + "; ".join(map(str, broken))
                )
            goals = measure(self.clinic, schedule)
            first = 1 if self.guarded else 0
            tiers = tuple(self._tier_result(n, goals) for n in range(first, len(self.tiers)))
            status = "optimal" if all(t.proved for t in tiers) else "feasible"
        return Result(
            scenario=self.clinic.scenario.name,
            status=status,
            schedule=schedule,
            tiers=tiers,
            goals=goals,
            seconds=monotonic() - self.began,
            seed=self.settings.seed,
            versions=versions(),
            settings=self.settings,
            reasons=tuple(self.reasons),
        )

    def _tier_result(self, number: int, goals: dict[str, int]) -> TierResult:
        tier = self.tiers[number]
        value = tier.value(goals)
        best = min([value, *self.best[number : number + 1]])
        bound = self.prover.bound(number, best)
        if best < bound:
            raise ModelError(f"{tier.goals}: a bound of {bound} above a schedule of {best}")
        return TierResult(tier.goals, value, bound, best == bound)


def _as_far_as_known(clinic: Clinic, schedule: Schedule) -> Ledger | None:
    """The schedule as a ledger, if it names nobody and nothing the scenario does not have."""
    try:
        ledger = Ledger(clinic, schedule)
    except KeyError:
        return None
    ledger.not_admitted = None  # who is left waiting is known at the end
    return ledger


__all__ = ["Progress", "Result", "Settings", "Status", "TierResult", "solve"]
