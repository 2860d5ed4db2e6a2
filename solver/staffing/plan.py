"""Whom to hire and when they work: the least cost at which so much of the care that is due is given.

The share of care is measured as goal 1 measures it: 1 less the unmet care of a week over that of the
empty week, so minutes and sessions weighted by priority. What patients would go without whoever worked
here (``own.py``) counts on neither side. So at 100 % every patient in treatment has the minutes and
sessions that their own hours and limits allow. Every week given out has passed the checker in the
clinic with those hired and nobody else, and every bound is one that no week beats.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor
from time import monotonic
from typing import Any

from ..checker import check
from ..clinic import Clinic
from ..engine import solve
from ..errors import ModelError
from ..io.files import dump
from ..ledger import Ledger
from ..naming import name
from ..report import care
from ..result import Settings
from ..scenario import Scenario
from ..schedule import Schedule
from ..search.cpsat import Signal
from .asking import CareDesk, Solve, care_alone
from .candidates import CENTS, Candidates, Choice, Chosen
from .own import OwnLimits
from .rounds import Asked, Judge, Known, Play, Proposal, Verdict
from .search import Hunt, Week, unmet

SHARES = (0.8, 0.85, 0.9, 0.95, 1.0)
HASTE, PATIENCE = 6, 40
"""Neighbourhoods in a row without gain after which to go on: before hires are proposed, and after."""
DAILY_SECONDS, LEAST_SECONDS = 8.0, 4.0
"""For a judge that counts appointments by the day, and for a whole solve, at the least."""
PASSES = 3
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Point:
    """One share of care and the least cost a week at which it was given.

    Attributes:
        share: of the care that is due, asked for; unmet: what the week found leaves, as goal 1 counts.
        cents: of the hires found, None where none were; bound: no hires give the share for less.
        impossible: proved that no hires among the candidates give it.
        served: patients in treatment with everything that is due, of ``patients``.
    """

    share: float
    cents: int | None
    bound: int
    impossible: bool
    chosen: Chosen
    unmet: int | None
    schedule: Schedule | None
    served: int = 0
    patients: int = 0

    @property
    def proved(self) -> bool:
        """Whether nobody can do it for less."""
        return self.cents is not None and self.cents <= self.bound


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer: a point for each share, in rising order.

    Attributes:
        due: unmet care of the empty week; least_unmet: no week leaves less, whoever is hired;
            own: of which so much whoever worked here, and short_alone: by whom.
        best_share: the largest share found with everybody hired.
    """

    candidates: Candidates
    due: int
    own: int
    short_alone: tuple[str, ...]
    least_unmet: int
    best_share: float
    points: tuple[Point, ...]
    seconds: float

    def scenario(self, point: Point) -> Scenario:
        """The clinic with those hired at a point."""
        return self.candidates.hired(point.chosen)

    def document(self) -> dict[str, Any]:
        """For machines; costs a week in the file's currency."""
        return {
            "scenario": self.candidates.scenario.name,
            "care_due": self.due,
            "short_even_alone": list(self.short_alone),
            "best_share_found": round(self.best_share, 6),
            "largest_share_possible": round(share_of(self.least_unmet, self.due, self.own), 6),
            "seconds": round(self.seconds, 3),
            "points": [self._point(point) for point in self.points],
        }

    def _point(self, point: Point) -> dict[str, Any]:
        people = self.candidates.people
        return {
            "share": point.share,
            "cost": None if point.cents is None else point.cents / CENTS,
            "bound": None if point.impossible else point.bound / CENTS,
            "proved": point.proved,
            "impossible": point.impossible,
            "unmet_care": point.unmet,
            "patients_fully_served": point.served,
            "patients": point.patients,
            "hired": [
                {"therapist": people[i].therapist, "shift": people[i].turns[j].id}
                for i, j in sorted(point.chosen)
            ],
            "schedule": None if point.schedule is None else dump(point.schedule),
        }


def share_of(unmet_care: int, due: int, own: int) -> float:
    """The share of the care that could be given."""
    return 1.0 if due <= own else min(1.0, 1 - (unmet_care - own) / (due - own))


def staff(
    candidates: Candidates,
    settings: Settings,
    *,
    shares: Sequence[float] = SHARES,
    tell: Tell = lambda _: None,
    stop: Signal | None = None,
    ask: Solve = solve,
    start: Schedule | None = None,
) -> Plan:
    """The least cost for each share of care, the largest share first.

    Args:
        settings: its time limit is for everything; a share proved early leaves its time to the rest.
        tell: told in words where the search stands.
        stop: when set, the best so far is given out.
        ask: what solves the weeks with given hires.
        start: a week of the clinic as it is, to begin with; one that breaks a rule is of no use.
    """
    return _Staffing(candidates, settings, shares, tell, stop, ask, start).run()


class _Staffing:
    def __init__(
        self,
        candidates: Candidates,
        settings: Settings,
        shares: Sequence[float],
        tell: Tell,
        stop: Signal | None,
        ask: Solve,
        start: Schedule | None,
    ) -> None:
        self.began = monotonic()
        self.deadline = self.began + settings.time_limit
        self.settings, self.candidates, self.tell, self.stop = settings, candidates, tell, stop
        self.hunt = Hunt(candidates, settings.seed, settings.workers, stop)
        self.clinic = self.hunt.clinic
        self.due = unmet(self.clinic, Ledger(self.clinic))
        limits = OwnLimits(settings.seed)
        self.own = limits.of(candidates.scenario, self.deadline, stop) or 0
        self.short_alone = tuple(limits.short(self.clinic.patients))
        self.shares = sorted(set(shares))
        self.desk = CareDesk(ask, settings.seed, settings.workers, stop, tell)
        self.weeks: list[Week] = []
        self.least = 0
        legal = start is not None and not check(Clinic(candidates.scenario), start)
        self.base = start if legal else None
        self.known = {share: Known(candidates) for share in self.shares}
        self.impossible: set[float] = set()

    def left(self) -> float:
        return self.deadline - monotonic()

    def stopped(self) -> bool:
        return self.stop is not None and self.stop.is_set()

    def cap(self, share: float) -> int:
        """Unmet care that a share allows."""
        return self.own + floor((1 - share) * (self.due - self.own) + 1e-9)

    # -- the whole search -------------------------------------------------------------------------

    def run(self) -> Plan:
        self._first_weeks()
        for number in range(PASSES):
            self.desk.seed = (
                self.settings.seed + number
            )  # what was undecided is asked in another way
            open_shares = [share for share in reversed(self.shares) if not self._settled(share)]
            for place, share in enumerate(open_shares):
                # All care is what is mostly asked for: it gets the larger part of the first pass.
                others = len(open_shares) - place
                part = 0.4 if others > 1 and not (place or number) else 1 / others
                self._point(share, self.left() * part)
        points = tuple(self._given_out(share) for share in self.shares)
        best = min((week.unmet for week in self.weeks), default=self.due)
        return Plan(
            candidates=self.candidates,
            due=self.due,
            own=self.own,
            short_alone=self.short_alone,
            least_unmet=max(self.least, self.own),
            best_share=share_of(best, self.due, self.own),
            points=points,
            seconds=monotonic() - self.began,
        )

    def _first_weeks(self) -> None:
        """The best week with nobody hired, then with everybody: what is free, and what is possible."""
        wanted = self.cap(self.shares[-1])
        self.tell("what the clinic gives with nobody hired")
        base = self.candidates.scenario
        self._keep_schedule(self.base)
        if self._enough(wanted):
            return
        found = self.desk.ask(base, self.left() * 0.1, wanted, self.base)
        self._keep_schedule(found.schedule)
        if self._enough(wanted) or self.stopped():
            return
        self.base = found.schedule
        for share in self.shares:
            if found.least > self.cap(share):
                self.known[share].needed.append(self.candidates.everything)
        self.tell("what the clinic gives with everybody hired")
        everybody = self.candidates.hired(self.candidates.everything)
        more = self.desk.ask(everybody, self.left() * 0.2, wanted, found.schedule)
        self.least = more.least
        self._keep_schedule(more.schedule)
        best = min((week.unmet for week in self.weeks), default=self.due)
        if more.least > wanted and best < self.cap(self.shares[0]):
            # Not everything can be given, whoever is hired: the most that was found is a share, too.
            share = share_of(best, self.due, self.own)
            self.known[share] = Known(self.candidates)
            self.shares = sorted({*self.shares, share})
        self.impossible |= {share for share in self.shares if more.least > self.cap(share)}

    def _enough(self, wanted: int) -> bool:
        return any(week.unmet <= wanted for week in self.weeks)

    def _keep_schedule(self, schedule: Schedule | None) -> None:
        if schedule is not None:
            plain = schedule.model_copy(update={"not_admitted": ()})
            self._keep(Ledger(self.clinic, plain))

    def _keep(self, ledger: Ledger) -> None:
        week = self.hunt.week(ledger)
        if week is not None:
            self.weeks.append(week)

    # -- one share --------------------------------------------------------------------------------

    def _point(self, share: float, seconds: float) -> None:
        cap, known = self.cap(share), self.known[share]
        ends = min(self.deadline, monotonic() + seconds)
        if self._settled(share):
            return
        self._say(share)
        self._cheaper(share, cap, self._until(ends, 0.2), HASTE)
        Play(
            known,
            self._by_model(cap, True, ends),
            self._by_engine(cap),
            self._by_model(cap, False, ends),
            lambda: self._cost(cap),
            lambda: 0.0 if self._settled(share) else self._left(ends),
            lambda: self._say(share),
        ).run()
        if known.bound() is None:
            self.impossible |= {other for other in self.shares if other >= share}
        self._cheaper(share, cap, ends)

    def _cost(self, cap: int) -> int | None:
        best = self._best(cap)
        return None if best is None else best.cents

    def _left(self, ends: float) -> float:
        return 0.0 if self.stopped() else ends - monotonic()

    def _until(self, ends: float, part: float) -> float:
        now = monotonic()
        return now + part * (ends - now)

    def _settled(self, share: float) -> bool:
        """Whether nothing more can be learned of a share."""
        best = self._best(self.cap(share))
        proved = best is not None and best.cents <= self._bound(share)
        return proved or share in self.impossible or self._left(self.deadline) <= 0

    def _bound(self, share: float) -> int:
        """What a smaller share costs at least, a larger one does, too."""
        bounds = (known.bound() for other, known in self.known.items() if other <= share)
        return max(bound or 0 for bound in bounds)

    # -- judges of proposed hires -----------------------------------------------------------------

    def _by_model(self, cap: int, daily: bool, ends: float) -> Asked:
        """The whole week as one model, built when it is first asked; undecided where it is too large."""
        built: list[Judge | None] = []

        def ask(proposal: Proposal, left: float) -> tuple[Verdict, frozenset[Choice]]:
            if not built:
                built.append(self.hunt.judge(cap, self._until(ends, 0.5), daily))
            judge = built[0]
            if judge is None:
                return "undecided", frozenset()
            least, part = (DAILY_SECONDS, 0.1) if daily else (LEAST_SECONDS, 0.4)
            seconds = min(left, max(least, part * left))
            verdict, needed, ledger = judge.ask(proposal.chosen, seconds)
            if ledger is not None:
                self._keep(ledger)
            return verdict, needed

        return ask

    def _by_engine(self, cap: int) -> Asked:
        """A solve of the clinic with those hired, as any week is solved."""

        def ask(proposal: Proposal, left: float) -> tuple[Verdict, frozenset[Choice]]:
            scenario = self.candidates.hired(proposal.chosen)
            seconds = max(min(LEAST_SECONDS, left), 0.15 * left)
            found = self.desk.ask(scenario, seconds, cap, self.base, give_up=True)
            self._keep_schedule(found.schedule)
            if found.least > cap:
                return "not enough", self.candidates.everything - proposal.chosen
            enough = found.unmet is not None and found.unmet <= cap
            return ("enough" if enough else "undecided"), frozenset()

        return ask

    # -- weeks in hand ----------------------------------------------------------------------------

    def _cheaper(self, share: float, cap: int, ends: float, patience: int = PATIENCE) -> None:
        best = self._best(cap)
        if best is not None and not self._settled(share):
            least, told = self._bound(share), lambda cents: self._say(share, cents)
            self.weeks.append(self.hunt.cheaper(best, cap, ends, patience, least, told))

    def _best(self, cap: int) -> Week | None:
        """The cheapest week so far that leaves no more care unmet."""
        fit = [week for week in self.weeks if week.unmet <= cap]
        return min(fit, key=lambda week: (week.cents, week.unmet), default=None)

    def _say(self, share: float, cents: int | None = None) -> None:
        best = self._best(self.cap(share))
        if cents is None and best is not None:
            cents = best.cents
        cost = "no week found yet" if cents is None else f"{cents / CENTS:,.0f} a week"
        self.tell(f"{share:.0%} of the care: {cost}, at least {self._bound(share) / CENTS:,.0f}")

    # -- the answer -------------------------------------------------------------------------------

    def _given_out(self, share: float) -> Point:
        week = self._best(self.cap(share))
        if week is None or share in self.impossible:
            gone = share in self.impossible
            return Point(share, None, self._bound(share), gone, frozenset(), None, None)
        if week.cents < self._bound(share):
            raise ModelError(f"hires of {week.cents} cents below a bound of {self._bound(share)}")
        clinic = Clinic(care_alone(self.candidates.hired(week.chosen)))
        schedule = name(clinic, week.ledger.schedule())
        if faults := check(clinic, schedule):
            raise ModelError("a week to be given out is illegal: " + "; ".join(map(str, faults)))
        everyone = [c for c in care(clinic, schedule) if not c.waiting]
        served = sum(1 for c in everyone if c.is_served)
        left = unmet(clinic, Ledger(clinic, schedule))
        return Point(
            share, week.cents, self._bound(share), False, week.chosen, left, schedule, served,
            len(everyone),
        )  # fmt: skip
