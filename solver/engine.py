"""solve(): from a scenario to a checked schedule with a proved bound for every tier.

A first week is made by hand in Python. Then tier by tier: while neighbourhoods improve the week on
one core, the other bounds it, first patient by patient, then with the whole week as one model. What is
given out has passed the checker, and its measured values are those reported.
"""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from time import monotonic

from . import __version__
from .checker import check, measure
from .clinic import Clinic
from .errors import ModelError
from .ledger import Ledger
from .naming import name
from .pins import settled_ledger
from .result import Progress, Result, Settings, Status, TierResult
from .rules import RULES
from .scenario import Scenario
from .schedule import Schedule
from .search.alone import Alone
from .search.cpsat import AnyOf, Limits, Signal
from .search.improve import Improver
from .search.starts import first_schedules
from .search.whole import MOST_REPEATABLE, MOST_VARIABLES, Whole
from .tiers import Tier, tiers_of

DEFAULTS = Settings()
OnProgress = Callable[[Progress], None]
WEIGHTS = {"unmet_care": 10.0, "short_days": 3.0, "burden": 2.0, "staffing": 2.0}
"""How the time is shared among tiers; what one does not need goes to those after it."""
WORK = 0.015
"""Deterministic time that each part of a repeatable solve gets for a second of its tier's share: little
enough that the clock, which also pays for building models, seldom cuts it short."""
COARSE_MINUTES = (30, 60, 120)
COARSE_SHARE = 0.7
"""Share of a tier's proving time that a coarse model may take to find a better week."""
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


@dataclass(slots=True)
class _Tier:
    """What is known of one tier while and after it is settled."""

    tier: Tier
    bound: int = 0
    best: int | None = None

    @property
    def proved(self) -> bool:
        return self.best is not None and self.best <= self.bound


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
        self.known = [_Tier(tier) for tier in self.tiers]
        self.on_progress = on_progress
        self.stop = stop
        self.reasons: list[str] = []
        self.alone = Alone(self.clinic, self.tiers, settings.seed)
        most = MOST_REPEATABLE if settings.reproducible else MOST_VARIABLES
        self.whole = Whole(self.clinic, self.tiers, self.rules, most=most)
        self._lock = threading.Lock()

    # -- small things -------------------------------------------------------------------------

    def stopped(self) -> bool:
        return self.stop is not None and self.stop.is_set()

    def left(self) -> float:
        return self.deadline - monotonic()

    def tell(self, phase: str, tier: int | None = None, value: int | None = None) -> None:
        if self.on_progress is not None:
            known = self.known[tier] if tier is not None else None
            self.on_progress(
                Progress(
                    monotonic() - self.began,
                    phase,
                    tier,
                    known.tier.goals if known else (),
                    value,
                    known.bound if known else None,
                )
            )

    def raise_bound(self, tier: int, bound: int | None) -> None:
        if bound is not None:
            with self._lock:
                self.known[tier].bound = max(self.known[tier].bound, bound)

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
        ledger = self._legal_but_for_strict(self._first(start))
        if ledger is None:
            ledger, status = self._any_legal()
            if ledger is None:
                return self._result(status, None)
        improver = Improver(
            self.clinic,
            self.tiers,
            ledger,
            self.settings.seed,
            rules=self.rules,
            least=self.alone.least,
        )
        caps: list[int] = []
        for number, known in enumerate(self.known):
            improver.turn_to(number, caps)
            if self.left() > 0 and not self.stopped():
                self._settle(number, improver, caps)
            known.best = improver.value
            caps.append(improver.value + known.tier.slack(improver.value))
            self.tell("settled" if known.proved else "left open", number, improver.value)
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
        if self.known[0].bound <= 0:
            self.reasons.append(f"no week was found in time in which {keys} comes out 0")
            return "unknown"
        self.tell("confirming that no schedule exists")
        if not self._strict_confirmed():
            self.reasons.append(
                f"{keys} seems never to come out 0, but that was not confirmed in time"
            )
            return "unknown"
        self.reasons.append(
            f"{keys} must come out 0 and comes out {self.known[0].bound} at least in every week"
        )
        return "infeasible"

    def _strict_confirmed(self) -> bool:
        short = self.alone.confirmed_short(self.deadline + 2.0)
        if short:
            self.reasons += [f"{p}'s own hours and limits allow no better" for p in short]
            return True
        if not self.whole.build(lambda: self.left() < 0):
            return False
        self.whole.settle((0,))
        return self.whole.confirm_infeasible(self.deadline + 2.0, self.settings.seed, self.stop)

    def _any_legal(self) -> tuple[Ledger | None, Status]:
        """A legal week although no first one was, or why there is none."""
        self.tell("looking for any legal week")
        if not self.whole.build(lambda: self.left() < 0 or self.stopped()):
            self.reasons.append("the whole week could not be examined in time")
            return None, "unknown"
        _, ledger = self.whole.search(
            None, None, self._limits(max(0.1, self.left() * 0.8), lp=False), stop=self.stop
        )
        if ledger is not None:
            return ledger, "feasible"
        if self.whole.infeasible:
            self.tell("confirming that no schedule exists")
            if self.whole.confirm_infeasible(self.deadline, self.settings.seed, self.stop):
                return None, "infeasible"
            self.reasons.append("found impossible once, but not confirmed in time")
        return None, "unknown"

    # -- one tier -------------------------------------------------------------------------------

    def _settle(self, number: int, improver: Improver, caps: Sequence[int]) -> None:
        weights = [max(WEIGHTS.get(g, 1.0) for g in known.tier.goals) for known in self.known]
        share = weights[number] / sum(weights[number:])
        # Without its strict goals there is no week at all: they may take all the time there is.
        guarding = self.guarded and number == 0
        last = number + 1 == len(weights)
        seconds = self.left() if guarding or last else self.left() * share
        self.tell("improving", number, improver.value)
        if self.settings.reproducible:
            # What is left by the clock differs from run to run; a share of the whole does not.
            even = self.settings.time_limit * weights[number] / sum(weights)
            self._settle_repeatably(number, improver, caps, even)
            return
        deadline = monotonic() + seconds
        done = threading.Event()
        prover = threading.Thread(
            target=self._prove, args=(number, improver, tuple(caps), deadline, done), daemon=True
        )
        prover.start()
        try:
            self._improve(improver, seconds, number)
            # Neighbourhoods have nothing more to give; the whole model may still prove or improve.
            while (
                improver.value > self.known[number].bound
                and prover.is_alive()
                and monotonic() < deadline
                and not self.stopped()
            ):
                prover.join(0.05)
        finally:
            done.set()
            prover.join()
        if self._failure is not None:
            raise self._failure

    _failure: BaseException | None = None

    def _improve(self, improver: Improver, seconds: float, number: int) -> None:
        improver.run(
            lambda: self.known[number].bound,
            monotonic() + seconds,
            patience=PATIENCE,
            stop=self.stop,
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
        """Bounds for one tier, on another thread: patients alone, then the whole model in slices."""
        stop = AnyOf(done, self.stop)
        try:
            self.raise_bound(number, self.alone.bound(number, caps, deadline, stop))
            self.tell("improving", number, improver.value)

            def late() -> bool:
                return stop.is_set() or monotonic() > deadline

            self._search_coarse(number, improver, caps, deadline, stop)
            if late() or self._reached(number, improver) or not self.whole.build(late):
                return
            self.whole.settle(caps)
            slice_seconds = 6.0
            while not late() and not self._reached(number, improver):
                limits = self._limits(min(slice_seconds, deadline - monotonic()), lp=True)
                self._whole_slice(number, improver, limits, stop)
                slice_seconds *= 2
        except BaseException as error:
            self._failure = error

    def _reached(self, number: int, improver: Improver) -> bool:
        return improver.value <= self.known[number].bound

    def _search_coarse(
        self,
        number: int,
        improver: Improver,
        caps: Sequence[int],
        deadline: float,
        stop: Signal | None,
        work: float | None = None,
    ) -> None:
        """A better week from the finest coarse model that is small enough."""

        def late() -> bool:
            ended = stop is not None and stop.is_set()
            return ended or monotonic() > deadline or self._reached(number, improver)

        for minutes in COARSE_MINUTES:
            if minutes <= self.clinic.grid.minutes or late():
                continue
            coarse = Whole(self.clinic, self.tiers, self.rules, (minutes, improver.ledger))
            if not coarse.build(late):
                if coarse.given_up:
                    continue
                return
            coarse.settle(caps)
            seconds = COARSE_SHARE * (deadline - monotonic())
            limits = self._limits(seconds, lp=True, work=work)
            _, ledger = coarse.search(number, improver.ledger, limits, stop=stop)
            if ledger is not None and improver.offer(ledger):
                self.tell("improving", number, improver.value)
            return

    def _whole_slice(
        self, number: int, improver: Improver, limits: Limits, stop: Signal | None
    ) -> None:
        def bound(value: int) -> None:
            self.raise_bound(number, value)
            self.tell("proving", number, improver.value)

        outcome, ledger = self.whole.search(
            number, improver.ledger, limits, stop=stop, on_bound=bound
        )
        if outcome.status == "INFEASIBLE":
            raise ModelError("the whole model holds no schedule although one is in hand")
        self.raise_bound(number, outcome.bound)
        if ledger is not None:
            improver.offer(ledger)

    def _settle_repeatably(
        self, number: int, improver: Improver, caps: Sequence[int], seconds: float
    ) -> None:
        """The same, one thing after the other and limited by work instead of the clock."""
        late = self.deadline
        each = 0.05 * seconds / max(1, len(self.clinic.patients))
        self.raise_bound(number, self.alone.bound(number, caps, late, self.stop, work=each))
        known = self.known[number]
        improver.run(
            lambda: known.bound, late, patience=PATIENCE, work=seconds * WORK, stop=self.stop
        )
        if number == 0:
            self._search_coarse(number, improver, caps, late, self.stop, work=seconds * WORK)
        if improver.value > known.bound and self.whole.build(lambda: monotonic() > late):
            self.whole.settle(caps)
            limits = self._limits(max(0.1, self.left()), lp=True, work=seconds * WORK)
            self._whole_slice(number, improver, limits, self.stop)
        if monotonic() > late:
            self.reasons.append("cut by the clock: the result may not be repeatable")

    def _limits(self, seconds: float, *, lp: bool, work: float | None = None) -> Limits:
        return Limits(
            seconds=max(0.05, seconds),
            work=work,
            workers=self.settings.workers or 2,
            seed=self.settings.seed,
            repeatable=self.settings.reproducible,
            lp=lp,
        )

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
            shown = self.known[1:] if self.guarded else self.known
            tiers = tuple(self._tier_result(known, goals) for known in shown)
            status = "optimal" if all(t.proved for t in tiers) else "feasible"
        return Result(
            scenario=self.clinic.scenario.name,
            status=status,
            schedule=schedule,
            tiers=tiers,
            goals=goals,
            seconds=monotonic() - self.began,
            seed=self.settings.seed,
            versions={
                "iop": __version__,
                "ortools": version("ortools"),
                "python": platform.python_version(),
            },
            settings=self.settings,
            reasons=tuple(self.reasons),
        )

    def _tier_result(self, known: _Tier, goals: dict[str, int]) -> TierResult:
        value = known.tier.value(goals)
        best = value if known.best is None else min(known.best, value)
        if best < known.bound:
            raise ModelError(
                f"{known.tier.goals}: a bound of {known.bound} above a schedule of {best}"
            )
        return TierResult(known.tier.goals, value, known.bound, best == known.bound)


def _as_far_as_known(clinic: Clinic, schedule: Schedule) -> Ledger | None:
    """The schedule as a ledger, if it names nobody and nothing the scenario does not have."""
    try:
        return Ledger(clinic, schedule.model_copy(update={"not_admitted": ()}))
    except KeyError:
        return None


__all__ = ["Progress", "Result", "Settings", "Status", "TierResult", "solve"]
