"""The cheapest hires with which a week leaves no more care unmet than allowed, and bounds on their cost.

Neighbourhoods: a shift is attacked, its sessions and some others are decided anew, and the cost may only
fall. Whole weeks as models judge proposed hires (``rounds.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from time import monotonic

from ..clinic import Clinic
from ..errors import OutOfTime
from ..extraction import extract
from ..goals import GOAL
from ..ledger import Ledger
from ..linear import Linear
from ..model import build
from ..options import Free
from ..pins import ids_kept
from ..rooming import name_rooms
from ..rules import RULES
from ..search.cpsat import Limits, Outcome, Signal, solve
from ..search.neighbourhoods import Neighbourhood, loosen
from ..search.objective import shares
from ..search.whole import MOST_VARIABLES
from ..variables import Variables
from .candidates import Candidates, Choice, Chosen
from .hiring import Hiring, Hours
from .rounds import Judge

RULES_OF_CARE = tuple(r for r in RULES if r.key != "strict")
CARE = frozenset({"unmet_care"})
STEP_SECONDS = 4.0
TARGET = 3
"""How much a minute in the shift under attack weighs against one in another shift that costs."""


def unmet(clinic: Clinic, ledger: Ledger) -> int:
    """``unmet_care`` of a week."""
    return GOAL["unmet_care"].measure(clinic, ledger)


@dataclass(frozen=True, slots=True, eq=False)
class Week:
    """A week of the clinic with everybody hired, and the cheapest shifts with which it can be held.

    Attributes:
        cents: what those shifts cost; unmet: ``unmet_care`` of the week.
    """

    ledger: Ledger
    chosen: Chosen
    cents: int
    unmet: int


class Hunt:
    """The clinic with everybody hired for everything, in which weeks are made cheaper.

    Attributes:
        clinic: with every candidate in every shift; ledgers are of this clinic.
    """

    def __init__(
        self,
        candidates: Candidates,
        seed: int = 0,
        workers: int | None = None,
        stop: Signal | None = None,
    ) -> None:
        self.candidates = candidates
        self.clinic = Clinic(candidates.hired(candidates.everything))
        self.hours = Hours(self.clinic, candidates)
        self.random = Random(seed)
        self.seed, self.workers, self.stop = seed, workers or 2, stop
        self._too_large: set[bool] = set()

    def week(self, ledger: Ledger) -> Week | None:
        """A week with the cheapest shifts for it; None where no shifts that go together cover it.

        Shifts are needed for what candidates do, and for supervisors while others work.
        """
        nothing = Free.of(self.clinic, (), ())
        v = build(self.clinic, ledger, nothing, rules=(), stronger=False)
        hiring = Hiring(v, self.hours)
        outcome = solve(v, hiring.cents(), Limits(60.0, seed=self.seed))
        if outcome.values is None or outcome.value is None:
            return None
        value = outcome.values
        chosen = frozenset(c for c, x in hiring.works.items() if value(x))
        return Week(ledger, chosen, self.candidates.cents(chosen), unmet(self.clinic, ledger))

    def stopped(self) -> bool:
        return self.stop is not None and self.stop.is_set()

    # -- whole models -----------------------------------------------------------------------------

    def judge(self, cap: int, deadline: float, daily: bool) -> Judge | None:
        """A judge of hires that has the whole week in mind; None where that is too large."""
        v = self._build_whole(deadline, daily)
        return None if v is None else Judge(v, self.hours, cap, self.seed, self.stop)

    def _build_whole(self, deadline: float, daily: bool) -> Variables | None:
        free = replace(Free.everything(self.clinic), goals=CARE, daily=daily)
        if daily in self._too_large:
            return None

        def late(variables: int) -> bool:
            if variables > MOST_VARIABLES:
                self._too_large.add(daily)
            return variables > MOST_VARIABLES or monotonic() > deadline or self.stopped()

        try:
            return build(self.clinic, free=free, rules=RULES_OF_CARE, late=late)
        except OutOfTime:
            return None

    def _extracted(self, v: Variables, outcome: Outcome) -> Week | None:
        if outcome.values is None:
            return None
        found = extract(v, outcome.values)
        return self.week(Ledger(self.clinic, name_rooms(self.clinic, found.schedule())))

    # -- neighbourhoods ---------------------------------------------------------------------------

    def cheaper(
        self,
        week: Week,
        cap: int,
        deadline: float,
        patience: int,
        least: int = 0,
        on_cents: Callable[[int], None] = lambda _: None,
    ) -> Week:
        """A week no dearer, by attacking one shift after another.

        Ends at a cost of ``least``, or when nothing has helped for as many attacks as ``patience``.
        """
        idle, size = 0, 1.0
        while week.cents > least and idle < patience and monotonic() < deadline:
            if self.stopped():
                break
            target = self._target(week)
            found, status = self._step(week.ledger, cap, target, size, deadline)
            size = min(3.0, size * 1.1) if status == "OPTIMAL" else max(0.5, size * 0.8)
            idle += 1
            if found is None or found.cents > week.cents or found.unmet > cap:
                continue
            if found.cents < week.cents:
                on_cents(found.cents)
            easier = self._load(found.ledger, target) < self._load(week.ledger, target)
            if found.cents < week.cents or easier:
                idle = 0
            week = found
        return week

    def _target(self, week: Week) -> Choice:
        """A shift that is paid for, those that cost much for little work first."""
        paid = sorted(week.chosen)
        weights = []
        for choice in paid:
            cents = self.candidates.people[choice[0]].turns[choice[1]].cents
            weights.append((1 + cents) / (1 + self._load(week.ledger, choice)))
        return self.random.choices(paid, weights)[0]

    def _load(self, ledger: Ledger, choice: Choice) -> int:
        """Cells worked in a shift that are no usual hours."""
        therapist = self.candidates.people[choice[0]].therapist
        cells = self.hours.reach[choice] & ~self.hours.fixed_reach[therapist]
        return (ledger.therapist_busy(therapist) & cells).bit_count()

    def _step(
        self, ledger: Ledger, cap: int, target: Choice, size: float, deadline: float
    ) -> tuple[Week | None, str]:
        around, free = loosen(ledger, self._near(ledger, target, size), ids_kept(self.clinic))
        free = replace(free, goals=CARE)
        try:
            v = build(
                self.clinic,
                around,
                free,
                rules=RULES_OF_CARE,
                late=lambda _: monotonic() > deadline or self.stopped(),
                known_shares=shares(self.clinic, ledger),
            )
        except OutOfTime:
            return None, "UNKNOWN"
        hiring = Hiring(v, self.hours)
        v.limit(GOAL["unmet_care"].expression(v), cap)
        seconds = min(STEP_SECONDS, max(0.05, deadline - monotonic()))
        limits = Limits(seconds, seed=self.random.randrange(1 << 30))
        outcome = solve(v, self._objective(hiring, target), limits, start=ledger, stop=self.stop)
        return self._extracted(v, outcome), outcome.status

    def _objective(self, hiring: Hiring, target: Choice) -> Linear:
        """Cost first; then the fewer minutes in shifts that cost, the nearer the next saving."""
        weights = {choice: TARGET if choice == target else 1 for choice in hiring.works}
        minutes = hiring.minutes(weights)
        most = sum(c for _, c in minutes.terms) + 1
        out = hiring.cents().scaled(most)
        out += minutes
        return out

    def _near(self, ledger: Ledger, target: Choice, size: float) -> Neighbourhood:
        """The sessions of a shift, some of those that others could take in exchange, a few patients."""
        therapist = self.candidates.people[target[0]].therapist
        reach = self.hours.reach[target]
        duties = [d for d in ledger.duties[therapist] if d.cells & reach]
        led = [d.ref for d in duties if d.group is not None]
        seen = [d.ref for d in duties if d.group is None]
        days = {d.day for d in duties}
        others = [
            d
            for t in self.clinic.therapists
            if t != therapist
            for d in ledger.duties[t]
            if d.day in days or not days
        ]
        self.random.shuffle(led)
        self.random.shuffle(seen)
        self.random.shuffle(others)
        sections = set(led[: max(1, round(2 * size))])
        appointments = set(seen[: max(4, round(8 * size))])
        appointments |= {d.ref for d in others[: round(12 * size)] if d.group is None}
        sections |= {d.ref for d in others[: round(2 * size)] if d.group is not None}
        patients = [p for s in sorted(sections) for p in ledger.sections[s].members]
        patients += [ledger.appointments[a].patient for a in sorted(appointments)]
        self.random.shuffle(patients)
        return Neighbourhood(
            patients=set(patients[: max(2, round(4 * size))]),
            sections=sections,
            appointments=appointments,
        )
