"""The most patients of a mix whom a clinic can take with everybody fully served.

Censuses are nested: a larger one has the patients of every smaller one and some more. Fully served are
patients with the minutes and sessions that are due, as far as their own hours and limits allow, whoever
works here (``staffing.own``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from time import monotonic

from ..changes import Census, apply
from ..checker import check, measure
from ..clinic import Clinic
from ..engine import solve
from ..errors import ModelError
from ..ledger import Ledger
from ..pins import ids_kept
from ..report import care
from ..result import Settings
from ..scenario import Scenario
from ..schedule import Schedule
from ..search.cpsat import Signal
from ..search.placing import Placing
from ..staffing.asking import CareDesk, Solve, care_alone
from ..staffing.own import OwnLimits
from ..whatif.carrying import best_of
from .answer import Capacity, Relieved
from .impossible import is_impossible
from .reliefs import Relief, reliefs

MOST = 1000
"""Patients at most, in treatment and waiting; nothing larger is planned for."""
LEAST_SECONDS = 3.0
PROOF, CLIMB, FURTHER, PROVED = 0.2, 0.45, 0.6, 0.75
"""Shares of the time after which the first proofs end, then the search for larger censuses, then that
for somewhat larger ones, then a long proof against one patient more. The rest goes to the reliefs."""
WINDOW = 8
"""Censuses beyond the largest one served that are tried one by one."""


Tell = Callable[[str], None]


def capacity(
    scenario: Scenario,
    settings: Settings,
    *,
    mix: Mapping[str, float] | None = None,
    tell: Tell = lambda _: None,
    stop: Signal | None = None,
    ask: Solve = solve,
    start: Schedule | None = None,
) -> Capacity:
    """How many patients the clinic can take.

    Args:
        settings: its time limit is for everything; its seed also draws the newcomers.
        mix: shares of programs among newcomers; the clinic's own mix by default.
        ask: what solves the weeks.
        start: a week of the clinic as it is, to begin with; what of it cannot stand is mended or left out.

    Raises:
        ChangeFaults: newcomers of such a mix cannot be drawn.
    """
    return _Search(scenario, settings, dict(mix or {}), tell, stop, ask).run(start)


@dataclass(slots=True)
class _Tried:
    """Weeks found by census, and censuses that are proved too large."""

    weeks: dict[int, Schedule] = field(default_factory=dict)
    short: dict[int, Schedule] = field(default_factory=dict)
    too_large: int | None = None
    impossible: set[int] = field(default_factory=set)

    @property
    def served(self) -> int | None:
        return max(self.weeks, default=None)

    def most(self) -> int | None:
        """The largest census that is not proved impossible."""
        if self.too_large is None:
            return None
        n = self.too_large - 1
        while n in self.impossible:
            n -= 1
        return n


class _Search:
    def __init__(
        self,
        scenario: Scenario,
        settings: Settings,
        mix: dict[str, float],
        tell: Tell,
        stop: Signal | None,
        ask: Solve,
    ) -> None:
        self.began = monotonic()
        self.deadline = self.began + settings.time_limit
        self.scenario, self.mix, self.seed = scenario, mix, settings.seed
        self.tell, self.stop = tell, stop
        self.here = sum(1 for p in scenario.patients if p.status == "active")
        self.limit = MOST - (len(scenario.patients) - self.here)
        self.desk = CareDesk(ask, settings.seed, settings.workers, stop, tell)
        self.own = OwnLimits(settings.seed)
        self.tried = _Tried()
        self._sized: dict[int, Scenario] = {}

    def left(self) -> float:
        if self.stop is not None and self.stop.is_set():
            return 0.0
        return self.deadline - monotonic()

    def sized(self, n: int) -> Scenario:
        """The clinic with a census of n."""
        if n not in self._sized:
            census = Census(to=n, mix=self.mix, seed=self.seed)
            plain = self.scenario if n == self.here else apply(self.scenario, [census])
            self._sized[n] = care_alone(plain)
        return self._sized[n]

    def wanted(self, n: int) -> int | None:
        """What the patients of a census would go without whoever worked here."""
        return self.own.of(self.sized(n), self.deadline, self.stop)

    # -- the search -------------------------------------------------------------------------------

    def run(self, start: Schedule | None = None) -> Capacity:
        if self.here + 1 <= self.limit:
            self.sized(self.here + 1)  # a mix that cannot be drawn is a fault at once
        if start is not None:
            self._begin_with(start)
        limit = self.deadline - self.began
        self._bound_from_above(self.began + PROOF * limit)
        self._climb(self.began + CLIMB * limit)
        while self._look_further(self.began + FURTHER * limit):
            self._climb(self.began + FURTHER * limit)
        if (n := (self.tried.served or 0) + 1) <= self._ceiling():
            self._refute(n, self.began + PROVED * limit, daily=False)
        return self._answer()

    def _begin_with(self, start: Schedule) -> None:
        """Take a week of the clinic as it is for what is known of the present census."""
        clinic, wanted = Clinic(self.sized(self.here)), self.wanted(self.here)
        week = best_of(clinic, [start])
        if week is not None and wanted is not None and self.here:
            served = measure(clinic, week)["unmet_care"] <= wanted
            (self.tried.weeks if served else self.tried.short)[self.here] = week

    def _bound_from_above(self, ends: float) -> None:
        """The smallest census that is soon proved too large."""
        low, n = 0, max(1, self.here)
        while n <= self.limit and self._seconds_until(ends) > 0:
            if self._refute(n, ends, daily=True):
                break
            low = n
            n = self.limit + 1 if n == self.limit else min(self.limit, n + max(1, n // 2))
        while (high := self.tried.too_large) is not None and high - low > 1:
            if self._seconds_until(ends) <= 0:
                return
            middle = (low + high) // 2
            if not self._refute(middle, ends, daily=True):
                low = middle

    def _seconds_until(self, ends: float) -> float:
        return min(self.left(), ends - monotonic())

    def _refute(self, n: int, ends: float, *, daily: bool) -> bool:
        """Whether a census is proved too large; then every larger one is."""
        self._say(f"looking for a proof against {n}")
        wanted = self.wanted(n)
        if wanted is None or n <= (self.tried.served or 0):
            return False
        # A first look at many sizes is worth more than a long one at few.
        until = min(ends, monotonic() + max(LEAST_SECONDS, 0.25 * self._seconds_until(ends)))
        found = is_impossible(
            self.sized(n), wanted, until, daily=daily, seed=self.seed, stop=self.stop
        )
        if found:
            self.tried.too_large = min(n, self.tried.too_large or n)
        return found

    def _climb(self, ends: float) -> None:
        """From the present census up while it can be served, or down until it can, in growing steps;
        then halfway between what can be served and what was not, until nothing is left."""
        low, high = self.tried.served or 0, self._ceiling()
        up, down, part, failed = max(1, self.here // 8), 1, 0.5, False
        n = low + up if low else max(1, self.here)
        while low < high and self._seconds_until(ends) > LEAST_SECONDS:
            n = max(low + 1, min(n, high))
            if self._serve(n, max(LEAST_SECONDS, part * self._seconds_until(ends))):
                low, up = n, 2 * up
            else:
                high, failed = n - 1, True
            if low:
                n = (low + high + 1) // 2 if failed else low + up
            else:
                n, down = n - down, 2 * down
            part = 0.25

    def _look_further(self, ends: float) -> bool:
        """Whether a somewhat larger census can be served although the next one was not.

        A group that needs four members cannot run with one, two or three more who ask for it.
        """
        low = self.tried.served or 0
        sizes = range(low + 1, min(self._ceiling(), low + WINDOW) + 1)
        open_sizes = [n for n in sizes if n not in self.tried.impossible]
        for number, n in enumerate(open_sizes):
            seconds = self._seconds_until(ends) / (len(open_sizes) - number)
            if seconds > LEAST_SECONDS and self._serve(n, seconds):
                return True
        return False

    def _ceiling(self) -> int:
        most = self.tried.most()
        return self.limit if most is None else most

    def _serve(self, n: int, seconds: float) -> bool:
        """Whether a week is found in which a census is served."""
        wanted = self.wanted(n)
        if wanted is None:
            return False
        self._say(f"trying {n}")
        start = self._start(n)
        found = self.desk.ask(self.sized(n), min(seconds, self.left()), wanted, start, give_up=True)
        if found.least > wanted:
            self.tried.impossible.add(n)
        if found.schedule is not None and found.unmet is not None and found.unmet <= wanted:
            self.tried.weeks[n] = found.schedule
            return True
        if found.schedule is not None:
            self.tried.short[n] = found.schedule
        return False

    def _start(self, n: int) -> Schedule | None:
        """A week to begin with: of the largest smaller census served, or of the next larger one tried."""
        if smaller := [m for m in self.tried.weeks if m <= n]:
            return self.tried.weeks[max(smaller)]
        if not (larger := [m for m in self.tried.short if m >= n]):
            return None
        week, clinic = self.tried.short[min(larger)], Clinic(self.sized(n))
        sections = tuple(
            s.model_copy(
                update={
                    "members": tuple(p for p in s.members if p in clinic.patients),
                    "remote_members": tuple(p for p in s.remote_members if p in clinic.patients),
                }
            )
            for s in week.sections
        )
        booked = tuple(a for a in week.appointments if a.patient in clinic.patients)
        fewer = {"sections": sections, "appointments": booked, "not_admitted": ()}
        placing = Placing(Ledger(clinic, week.model_copy(update=fewer)))
        placing.close_small(ids_kept(clinic))
        return None if check(clinic, placing.ledger) else placing.ledger.schedule()

    # -- the answer -------------------------------------------------------------------------------

    def _say(self, what: str) -> None:
        served, most = self.tried.served, self.tried.most()
        known = f"{served or 0} can be served"
        if most is not None:
            known += f", at most {most}"
        self.tell(f"{known}; {what}")

    def _answer(self) -> Capacity:
        served = self.tried.served
        if served is None and self._empty_is_served():
            served = 0
        census = self.sized(served) if served is not None else None
        schedule = self.tried.weeks.get(served) if served else None
        if census is not None and schedule is not None and (bad := check(Clinic(census), schedule)):
            raise ModelError("a week to be given out is illegal: " + "; ".join(map(str, bad)))
        short: tuple[str, ...] = ()
        tried: tuple[Relieved, ...] = ()
        who: tuple[str, ...] = ()
        larger = self._larger(served)
        if larger is not None and served is not None:
            who = self._newcomers(served, larger)
            wanted = self.wanted(larger)
            if wanted is not None and self.left() > 0:
                short = self._short(larger, wanted)
                tried = tuple(self._reliefs(larger, wanted))
        patients = [p.id for p in census.patients if p.status == "active"] if census else []
        policy = {"policy": self.scenario.policy}
        return Capacity(
            scenario=self.scenario,
            here=self.here,
            served=served,
            most=self.tried.most(),
            census=census.model_copy(update=policy) if census else None,
            schedule=schedule,
            own=tuple(self.own.short(patients)),
            larger=larger,
            newcomers=who,
            short=short,
            reliefs=tried,
            seconds=monotonic() - self.began,
        )

    def _empty_is_served(self) -> bool:
        found = self.desk.ask(self.sized(0), max(LEAST_SECONDS, self.left() * 0.2))
        return found.schedule is not None

    def _larger(self, served: int | None) -> int | None:
        """The census whose patients are asked about: the next one, or where that cannot be for want of
        company (a group needs so many), the next that was not ruled out."""
        if served is None or served >= self.limit:
            return None
        open_sizes = [n for n in self.tried.short if n > served and n not in self.tried.impossible]
        nothing = served == 0 and bool(open_sizes)
        return min(open_sizes) if nothing else served + 1

    def _newcomers(self, served: int, larger: int) -> tuple[str, ...]:
        """Who is in the larger census and not in the one that is served."""
        before = {p.id for p in self.sized(served).patients}
        return tuple(p.id for p in self.sized(larger).patients if p.id not in before)

    def _short(self, n: int, wanted: int) -> tuple[str, ...]:
        """Who is short of what in the best week with so many."""
        if n not in self.tried.short and self.left() > 0:
            self._say(f"who is short with {n}")
            found = self.desk.ask(self.sized(n), 0.3 * self.left(), wanted)
            if found.schedule is not None:
                self.tried.short[n] = found.schedule
        week = self.tried.short.get(n)
        if week is None:
            return ()
        everyone = care(Clinic(self.sized(n)), week)
        return tuple(c.sentence() for c in everyone if c.is_due and c.shortfalls())

    def _reliefs(self, n: int, wanted: int) -> list[Relieved]:
        """Which single thing more lets the next patient in; where none does, which two."""
        single = reliefs(self.sized(n))
        out = [self._relieved(n, wanted, r, len(single) - i) for i, r in enumerate(single)]
        if not any(r.helps for r in out):
            pairs = [one.and_also(other) for one, other in combinations(single, 2)]
            out += [self._relieved(n, wanted, r, len(pairs) - i) for i, r in enumerate(pairs)]
            out = [r for r in out if r.helps] or out[: len(single)]
        return out

    def _relieved(self, n: int, wanted: int, relief: Relief, of: int) -> Relieved:
        """Whether the next patient is served with it, given its share of the time."""
        seconds = self.left() / of
        if seconds < LEAST_SECONDS / 4:
            return Relieved(relief.what, None)
        self._say(f"trying {n} with {relief.what}")
        start = self.tried.short.get(n)
        found = self.desk.ask(relief.make(self.sized(n)), seconds, wanted, start, give_up=True)
        helps = True if found.unmet is not None and found.unmet <= wanted else None
        return Relieved(relief.what, False if found.least > wanted else helps)
