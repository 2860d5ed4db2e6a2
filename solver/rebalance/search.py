"""A search that starts from the week people live by and leaves it no further than it has to.

The engine looks for the best week wherever it is and comes back to the baseline in tier 4. Here every
step from the first on weighs what it changes: among weeks that are equally good in the tier at hand the
one nearer to the baseline is taken, by disruption first and by the number of changes second. Small weeks
are decided as one model, with proof; larger ones neighbourhood by neighbourhood.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from random import Random
from time import monotonic

from ..clinic import Clinic
from ..errors import OutOfTime
from ..extraction import extract
from ..ledger import Ledger
from ..linear import Linear
from ..model import build
from ..options import Free
from ..pins import ids_kept
from ..rooming import name_rooms
from ..rules import Rule
from ..screening import screening_of
from ..search.alone import Alone
from ..search.cpsat import AnyOf, Limits, Signal, solve
from ..search.neighbourhoods import CHOOSERS, Chooser, Neighbourhood, View, loosen
from ..search.objective import patient_share, shares, tier_expression, tier_value
from ..tiers import Tier
from ..timegrid import DAY_NUMBER, bits
from ..variables import Variables
from .keeping import (
    Seat,
    changed,
    changes,
    changes_expression,
    farness,
    farness_expression,
    leaders_in_place,
)

FIRST = 10_000
"""How much one unit of what is at hand weighs against one of what follows it."""
FAR = 10_000_000
"""The same where what follows is how far the week is from the baseline."""
STEP_SECONDS = 3.0
SOME_STARTS = 24
"""Starts drawn for the appointments of a service of a patient, beside those they have and had."""
PATIENCE = 60
"""Steps in a row without gain after which a tier is left."""
SMALL = 25_000
"""Variables up to which the whole week is decided as one model."""
FEW = 24
"""Patients up to which the whole week may be as small as that; with more it is not even tried."""
CHANGES = -1
"""In place of a tier's number: the number of changes itself."""


class Search:
    """A week in hand, the rules it obeys, and steps that make it better.

    Attributes:
        ledger: the week; always legal under ``rules``.
        last: number of the tier that holds disruption; tiers after it never change more than it did.
        bounds: tier -> no week whose earlier tiers are no worse is better, as far as it is known.
    """

    def __init__(
        self,
        clinic: Clinic,
        tiers: Sequence[Tier],
        ledger: Ledger,
        rules: Sequence[Rule],
        *,
        seed: int = 0,
        workers: int = 2,
        stop: Signal | None = None,
        on_value: Callable[[int, int], None] = lambda tier, value: None,
    ) -> None:
        self.clinic, self.tiers, self.ledger, self.rules = clinic, tiers, ledger, tuple(rules)
        self.seed, self.workers, self.stop, self.on_value = seed, workers, stop, on_value
        self.random = Random(seed)
        self.last = next(n for n, t in enumerate(tiers) if "disruption" in t.goals)
        self.kept = ids_kept(clinic)
        self.bounds = [0] * len(tiers)
        self.size = 1.0
        self._credit: dict[Chooser, float] = {}
        self.alone = Alone(clinic, tiers, seed)
        self._whole: Variables | None = None
        self._too_large = False
        self._limited = 0
        self._ranked: tuple[Ledger, int, tuple[int, ...]] | None = None

    # -- values ---------------------------------------------------------------------------------

    def value(self, number: int, ledger: Ledger | None = None) -> int:
        """A tier's value, or (``CHANGES``) the number of changes."""
        week = ledger or self.ledger
        if number == CHANGES:
            return changes(self.clinic, week)
        return tier_value(self.tiers[number], self.clinic, week)

    def rank(self, number: int, ledger: Ledger | None = None) -> tuple[int, ...]:
        """What a step must not make worse: what is at hand, then disruption, then changes."""
        week = ledger or self.ledger
        known = self._ranked
        if known is None or known[0] is not week or known[1] != number:
            known = self._ranked = (week, number, self._rank(number, week))
        return known[2]

    def _rank(self, number: int, ledger: Ledger) -> tuple[int, ...]:
        far = farness(self.clinic, ledger)
        if number == CHANGES:
            return (self.value(CHANGES, ledger), self.value(self.last, ledger))
        if number >= self.last:
            return (self.value(number, ledger), far)
        return (self.value(number, ledger), self.value(self.last, ledger), far)

    def _objective(self, v: Variables, number: int) -> Linear:
        if number == CHANGES:
            return changes_expression(v).scaled(FIRST).__iadd__(self._tier(v, self.last))
        if number > self.last:
            return self._tier(v, number)
        first = self._tier(v, number).scaled(FAR if number == self.last else FIRST)
        return first.__iadd__(
            farness_expression(v) if number == self.last else self._tier(v, self.last)
        )

    def _tier(self, v: Variables, number: int) -> Linear:
        return tier_expression(self.tiers[number], v)

    def _late(self, deadline: float) -> bool:
        return monotonic() >= deadline or (self.stop is not None and self.stop.is_set())

    # -- one tier -------------------------------------------------------------------------------

    def settle(self, number: int, caps: Sequence[int], deadline: float) -> None:
        """Make one tier as good as time allows; earlier tiers stay within their caps."""
        self._credit = {}
        if self._reached(number) and not self._wanders(number):
            return
        done = threading.Event()
        failed: list[BaseException] = []

        def bound() -> None:
            try:
                found = self.alone.bound(number, caps, deadline, AnyOf(done, self.stop))
                self.bounds[number] = max(self.bounds[number], found or 0)
            except BaseException as error:  # raised again below, in the thread that asked
                failed.append(error)

        prover = threading.Thread(target=bound, daemon=True)
        prover.start()
        try:
            if not self._decide_whole(number, caps, deadline):
                self.improve(number, caps, deadline)
        finally:
            done.set()
            prover.join()
        if failed:
            raise failed[0]

    def fewest_changes(self, deadline: float) -> int:
        """Come as near to the baseline as rules allow; returns a bound on the number of changes."""
        self._credit = {}
        if self._build_whole(deadline):
            assert self._whole is not None
            found = self._solve_whole(changes_expression(self._whole), deadline)
            return max(0, found or 0)
        self.improve(CHANGES, (), deadline)
        return 0

    def keep(self, rule: Rule) -> None:
        """One more rule from now on, which the week in hand obeys."""
        self.rules = (*self.rules, rule)
        self._whole, self._limited = None, 0

    def _reached(self, number: int) -> bool:
        return self.value(number) <= (0 if number == CHANGES else self.bounds[number])

    def _wanders(self, number: int) -> bool:
        """Whether the week could still come nearer to the baseline, with the tier as good as it can be."""
        return number <= self.last and number != CHANGES and self.rank(number)[1] > 0

    def improve(
        self, number: int, caps: Sequence[int], deadline: float, patience: int = PATIENCE
    ) -> None:
        """Neighbourhood after neighbourhood, until nothing has helped for long."""
        idle = 0
        while idle < patience and not self._late(deadline):
            near = not self._wanders(number) if number == self.last else True
            if self._reached(number) and near:
                return
            before = self.rank(number)
            self._step(number, caps, deadline)
            after = self.rank(number)
            idle = 0 if after < before else idle + 1
            if after[0] < before[0] and number != CHANGES:
                self.on_value(number, after[0])

    def _step(self, number: int, caps: Sequence[int], deadline: float) -> None:
        chooser = self._choose(number)
        what = chooser(self._view(number), self.random, self.size)
        around, free = loosen(self.ledger, what, self.kept)
        if chooser is restore:
            free = replace(free, seats=free.seats | lost_seats(self.ledger, what.groups))
        before = self.rank(number)
        found, status = self.decide(number, caps, around, free, deadline)
        after = None if found is None else self.rank(number, found)
        helped = after is not None and after < before
        self._credit[chooser] = max(0.2, 0.9 * self._credit[chooser] + (1.0 if helped else 0.0))
        if status == "OPTIMAL":
            self.size = min(4.0, self.size * 1.03)
        elif status != "INFEASIBLE":
            self.size = max(0.5, self.size * 0.85)
        if found is not None and after is not None and after <= before:
            self.ledger = found

    def _choose(self, number: int) -> Chooser:
        if not self._credit:
            self._credit = dict.fromkeys(CHOOSERS, 1.0)
            if changes(self.clinic, self.ledger):
                self._credit[restore] = 4.0 if number in (CHANGES, self.last) else 2.0
        choosers = list(self._credit)
        return self.random.choices(choosers, [self._credit[c] for c in choosers])[0]

    def _view(self, number: int) -> View:
        tier = self.tiers[self.last if number == CHANGES else number]
        least = self.alone.least(number) if number >= 0 else {}
        share = {
            p: patient_share(tier, self.clinic, self.ledger, p) - least.get(p, 0)
            for p in self.clinic.patients
        }
        return View(self.ledger, {p: max(0, s) for p, s in share.items()})

    def decide(
        self, number: int, caps: Sequence[int], around: Ledger, free: Free, deadline: float
    ) -> tuple[Ledger | None, str]:
        """Decide what is free around a ledger, beginning with the week in hand; and how it ended."""
        free = replace(free, visit_starts=self._some_starts(free))
        try:
            v = build(
                self.clinic,
                around,
                free,
                rules=self.rules,
                late=lambda _: self._late(deadline),
                known_shares=shares(self.clinic, self.ledger),
            )
        except OutOfTime:
            return None, "UNKNOWN"
        for earlier, cap in enumerate(caps):
            v.limit(self._tier(v, earlier), cap)
        limits = Limits(
            seconds=min(STEP_SECONDS, max(0.05, deadline - monotonic())),
            seed=self.random.randrange(1 << 30),
        )
        outcome = solve(v, self._objective(v, number), limits, start=self.ledger, stop=self.stop)
        if outcome.values is None:
            return None, outcome.status
        return self._taken(extract(v, outcome.values)), outcome.status

    def _taken(self, found: Ledger) -> Ledger:
        named = name_rooms(self.clinic, found.schedule())
        return Ledger(self.clinic, leaders_in_place(self.clinic, named))

    def _some_starts(self, free: Free) -> dict[tuple[str, str], int]:
        """A few starts for each appointment that may be made: those in hand and before, and some more."""
        screen, grid = screening_of(self.clinic), self.clinic.grid
        before: dict[tuple[str, str], int] = {}
        for a in self.clinic.baseline_appointments.values():
            cell = grid.cell(DAY_NUMBER[a.day], a.start)
            before[a.patient, a.service] = before.get((a.patient, a.service), 0) | 1 << cell
        out = {}
        for p, service in sorted(free.visits):
            could = screen.visit_starts(p, service, False) | screen.visit_starts(p, service, True)
            cells = list(bits(could))
            mask = before.get((p, service), 0)
            for cell in self.random.sample(cells, min(SOME_STARTS, len(cells))):
                mask |= 1 << cell
            for s in self.ledger.sittings[p]:
                if s.group is None and s.service == service:
                    mask |= 1 << grid.cell(s.day, s.start)
            out[p, service] = mask
        return out

    # -- the whole week as one model --------------------------------------------------------------

    def _decide_whole(self, number: int, caps: Sequence[int], deadline: float) -> bool:
        """Decide a tier with the model of the whole week, if it is small; whether it is decided."""
        if not self._build_whole(deadline):
            return False
        v = self._whole
        assert v is not None
        for earlier in range(self._limited, len(caps)):
            v.limit(self._tier(v, earlier), caps[earlier])
        self._limited = max(self._limited, len(caps))
        if not self._reached(number):
            bound = self._solve_whole(self._tier(v, number), deadline)
            self.bounds[number] = max(self.bounds[number], bound or 0)
        if number == self.last and self._reached(number) and self._wanders(number):
            # Among weeks as little disrupted, the one nearest to the baseline.
            total = self._tier(v, number).scaled(FAR).__iadd__(farness_expression(v))
            bound = self._solve_whole(total, deadline)
            return bound is not None and self._total(number) <= bound
        return self._reached(number)

    def _total(self, number: int) -> int:
        return FAR * self.value(number) + farness(self.clinic, self.ledger)

    def _solve_whole(self, expression: Linear, deadline: float) -> int | None:
        """Minimise an expression from the week in hand; returns a bound on it."""
        assert self._whole is not None
        seconds = max(0.05, deadline - monotonic())
        limits = Limits(seconds, workers=self.workers, seed=self.seed, lp=True)
        outcome = solve(
            self._whole, expression, limits, start=self.ledger, complete=True, stop=self.stop
        )
        if outcome.values is not None:
            self.ledger = self._taken(extract(self._whole, outcome.values))
        return outcome.bound

    def _build_whole(self, deadline: float) -> bool:
        if len(self.clinic.patients) > FEW:
            return False
        if self._whole is None and not self._too_large:

            def too_large(variables: int) -> bool:
                self._too_large = variables > SMALL
                return self._too_large or self._late(deadline)

            try:
                self._whole = build(self.clinic, rules=self.rules, late=too_large)
            except OutOfTime:
                return False
        return self._whole is not None


def restore(view: View, random: Random, size: float) -> Neighbourhood:
    """Something that people had, those who had it, and whatever took its place."""
    clinic, ledger = view.clinic, view.ledger
    lost = sorted(changed(clinic, ledger), key=str)
    if not lost:
        return CHOOSERS[0](view, random, size)
    first = random.choice(lost)
    what = Neighbourhood()
    if isinstance(first, Seat):
        group = first.section[0]
        alike = [x for x in lost if isinstance(x, Seat) and x.section == first.section]
        members = [x.patient for x in alike if x.patient is not None]
        random.shuffle(members)
        what.patients |= set(members[: max(1, round(2 * size))])
        what.sections |= set(ledger.by_group[group])
        what.groups.add(group)
        times = [(day, start, clinic.groups[group].minutes) for day, start, *_ in first.section[2]]
        therapists, rooms = set(first.section[1]), {room for _, _, room, *_ in first.section[2]}
    else:
        service, therapist, day, start, room, _ = first.appointment
        what.patients.add(first.patient)
        times = [(day, start, clinic.services[service].minutes)]
        therapists, rooms = {therapist}, {room}
    cells = 0
    for day, start, minutes in times:
        cells |= clinic.occupied(day, start, minutes)
    in_the_way = {
        use.ref
        for table, names in ((ledger.duties, therapists), (ledger.room_uses, rooms))
        for name in names
        for use in table.get(name or "", ())
        if use.cells & cells
    } | {s.ref for p in what.patients for s in ledger.sittings[p] if s.cells & cells}
    what.appointments |= in_the_way & set(ledger.appointments)
    what.sections |= set(sorted(in_the_way & set(ledger.sections))[: max(2, round(2 * size))])
    return what


def lost_seats(ledger: Ledger, groups: Collection[str]) -> frozenset[tuple[str, str]]:
    """(patient, group) of seats that people had in some groups and have not as they were."""
    return frozenset(
        (thing.patient, thing.section[0])
        for thing in changed(ledger.clinic, ledger)
        if isinstance(thing, Seat) and thing.patient is not None and thing.section[0] in groups
    )


__all__ = ["CHANGES", "Search", "restore"]
