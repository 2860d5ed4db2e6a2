"""The best plans for one patient: first which sections, then which appointments on which day.

Sections are combined one by one, whatever breaks a limit of the patient's is left out. Each
combination has costs that no appointments can better; in the order of those, days are filled with
appointments. A search that comes to its end has seen every plan that could be among the best, but for
two things decided by rule of thumb: a plan holds nothing beyond what is due, and of several
therapists at one hour the two who suit best alone are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from .choices import Choices, Seat, Visit
from .costs import CONTINUITY, KEYS, Costs, Ranking, costs, plus
from .days import Arrangement, Days, Services
from .limits import Counts, Limits
from .yielding import Yielding

MOST_COMBINATIONS = 20_000
"""Combinations of sections that are looked at; then the search ends, and says so."""
MOST_A_DAY = 3
"""Appointments of one day, where there are days enough."""
MORE_THAN_DUE = 2
"""Appointments of a service beyond what is due that may make a day long enough to count."""
_UNMET, _SHORT, _CHANGE, _BURDEN, _STAFF = map(
    KEYS.index, ("unmet_care", "short_days", "disruption", "burden", "staffing")
)
Rank = tuple[int, ...]
Shape = frozenset[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class Outline:
    """Sections and appointments that go together as far as the patient is concerned.

    Attributes:
        days: for each day the ways to arrange its appointments, the best first.
        costs: the patient's shares and what is known of the others, the best way taken; never above
            the true ones but for staffing.
    """

    seats: tuple[Seat, ...]
    days: tuple[tuple[Arrangement, ...], ...]
    costs: Costs

    @property
    def visits(self) -> tuple[Visit, ...]:
        """The appointments, arranged in the best way."""
        return tuple(v for ways in self.days for v in ways[0].visits)

    @property
    def shape(self) -> Shape:
        """What tells plans apart: the sections, and which services on which day (numbered)."""
        seen: dict[tuple[str, int], int] = {}
        out = {("section", s.section, 0) for s in self.seats}
        for v in self.visits:
            number = seen[v.service, v.day] = seen.get((v.service, v.day), 0) + 1
            out.add((v.service, str(v.day), number))
        return frozenset(out)


@dataclass(frozen=True, slots=True)
class Joined:
    """Sections that go together, and what the patient then has; ``cells`` is all their time."""

    seats: tuple[Seat, ...]
    cells: int
    counts: Counts
    tracks: frozenset[str]
    costs: Costs
    given_up: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Filling:
    """One day's appointments, by other therapists if need be, the best first.

    ``is_short`` tells whether the day is then too short to count.
    """

    services: Services
    ways: tuple[Arrangement, ...]
    is_short: bool


class Search:
    """All outlines of one patient, in the order of the costs that are known before they are tried.

    Attributes:
        most_moves: how many other patients' sessions may move.
        complete: False once something was left unseen because there is too much of it.
    """

    def __init__(self, choices: Choices, yielding: Yielding | None = None) -> None:
        self.choices = choices
        self.clinic = choices.clinic
        self.patient = choices.patient
        self.limits = Limits(choices)
        self.ranking = Ranking(self.clinic)
        self.most_moves = 0
        self.seats = choices.seats(yielding)
        self.days = Days(choices, self.ranking, yielding)
        self.complete = True

    # -- sections -----------------------------------------------------------------------------

    def combinations(self) -> list[tuple[Rank, Joined]]:
        """Sections that go together, each with the least that a plan with them is worth."""
        found: list[tuple[Rank, Joined]] = []
        needed = self.choices.needed
        seats = sorted(self.seats, key=lambda s: s.section not in needed)
        stack = [(0, self._nothing())]
        while stack:
            first, joined = stack.pop()
            if needed <= {s.section for s in joined.seats}:
                found.append((self.ranking(self._least(joined)), joined))
            if len(found) >= MOST_COMBINATIONS:
                self.complete = False
                break
            for number in range(first, len(seats)):
                more = self._join(joined, seats[number])
                if more is not None:
                    stack.append((number + 1, more))
        return sorted(found, key=lambda pair: (pair[0], len(pair[1].seats)))

    def _nothing(self) -> Joined:
        """What is locked."""
        around, counts = self.choices.around, Counts()
        cells = grouped = 0
        for s in around.sittings[self.patient]:
            cells |= s.cells
            grouped |= s.cells if s.group else 0
            counts = counts.more(s.service, [s.day], s.clinical)
        groups = tuple(s.group for s in around.sections_of(self.patient))
        known = CONTINUITY.of(self.clinic, around, self.patient)
        return Joined(
            (), cells, replace(counts, groups=groups), self._tracks(grouped),
            costs(continuity=known),
        )  # fmt: skip

    def _tracks(self, cells: int) -> frozenset[str]:
        return frozenset(t for t, hours in self.clinic.track_hours.items() if not cells & ~hours)

    def _join(self, joined: Joined, seat: Seat) -> Joined | None:
        """The same with one seat more, if the patient's limits allow it and it is of use."""
        group = self.clinic.groups[seat.group]
        if joined.cells & seat.cells or joined.counts.groups.count(group.id) >= group.per_patient:
            return None
        if not self._is_of_use(joined, seat):
            return None
        if seat.opens is not None:
            opened = sum(1 for s in joined.seats if s.opens and s.group == group.id)
            if opened + len(self.choices.around.by_group[group.id]) >= group.max_sections:
                return None
        tracks = joined.tracks & self._tracks(seat.cells)
        given = joined.given_up | ({seat.given_up_by.key} if seat.given_up_by else set())
        if (self.limits.needs.single_track and not tracks) or len(given) > self.most_moves:
            return None
        counts = joined.counts.more(seat.service, seat.days, seat.clinical, group.id)
        if not self.limits.within(counts):
            return None
        return Joined(
            (*joined.seats, seat), joined.cells | seat.cells, counts, tracks,
            plus(joined.costs, seat.costs), given,
        )  # fmt: skip

    def _is_of_use(self, joined: Joined, seat: Seat) -> bool:
        """Whether somebody needs the patient there, they had it before, or more is due."""
        habit = self.choices.habit
        had = habit is not None and seat.group in habit.seats
        return (
            seat.section in self.choices.needed
            or had
            or self.limits.lacks(joined.counts, seat.service)
        )

    def _least(self, joined: Joined) -> Costs:
        """Costs that no appointments beside some sections can better."""
        limits, counts = self.limits, joined.counts
        services = list(self.days.visits)
        most = limits.most_visits(counts, services)
        if limits.days_may_lack(counts):
            most = {s: limits.room_for(counts, s, n + MORE_THAN_DUE) for s, n in most.items()}
        # Every appointment there could be, on each day there is: days are never fuller than this.
        fullest, cells = counts, 0
        minutes, sessions = sum(counts.minutes), dict(counts.services)
        for s, number in most.items():
            service = self.clinic.services[s]
            there = [d for d in self.days.visits[s] if counts.counted[d]]
            fullest = fullest.more(s, there * number, service.clinical)
            cells += number * self.clinic.grid.length(service.minutes)
            minutes += number * service.clinical
            sessions[s] = sessions.get(s, 0) + number
        shares = list(limits.shares(fullest))
        shares[_UNMET] = limits.unmet(minutes, sessions)
        shares[_SHORT] -= min(limits.days_missing(counts), sum(most.values()))
        shares[_CHANGE] = limits.groups_changed(counts)
        idle = sum(self.choices.around.idle_cells(joined.cells, d) for d in range(7))
        shares[_BURDEN] += self.clinic.grid.minutes * max(0, idle - cells)
        shares[_STAFF] += sum(self._cheapest[s] * n for s, n in most.items())
        return plus(joined.costs, tuple(shares))

    @cached_property
    def _cheapest(self) -> dict[str, int]:
        """The least that an appointment of a service changes in staffing; 0 at most."""
        return {
            s: min(0, *(v.costs[_STAFF] for found in by_day.values() for v in found))
            for s, by_day in self.days.visits.items()
        }

    # -- appointments -------------------------------------------------------------------------

    def outlines(self, joined: Joined) -> list[tuple[Rank, Outline]]:
        """Ways to fill the days beside some sections, the best first.

        More appointments than are due are looked at only where some day is too short without them.
        """
        limits, counts = self.limits, joined.counts
        most = limits.most_visits(counts, list(self.days.visits))
        found = self._filled(joined, most, 8)
        shortest = min((outline.costs[_SHORT] for _, outline in found), default=8)
        if shortest and limits.days_may_lack(counts):
            more = {s: limits.room_for(counts, s, n + MORE_THAN_DUE) for s, n in most.items()}
            if more != most:
                found += self._filled(joined, more, shortest - 1)
        return sorted(found, key=lambda pair: pair[0])

    def _filled(
        self, joined: Joined, most: dict[str, int], most_short: int
    ) -> list[tuple[Rank, Outline]]:
        """Outlines with at most so many appointments of each service and so many days too short."""
        by_day: list[list[_Filling]] = []
        days = {day for s, number in most.items() if number for day in self.days.visits[s]}
        a_day = max(MOST_A_DAY, -(-sum(most.values()) // max(1, len(days))) + 1)
        for day in range(7):
            busy = joined.cells & self.clinic.grid.day_mask(day)
            options = []
            for services in _combined(self.days.offered(day), most, a_day):
                counts = self._with_visits(joined.counts, day, services)
                by_moves: dict[int, list[Arrangement]] = {}
                for a in self.days.best(day, busy, services):
                    by_moves.setdefault(len(a.given_up), []).append(a)
                short = self.limits.is_short(counts, day)
                options += [_Filling(services, tuple(ways), short) for ways in by_moves.values()]
            by_day.append(options)
        found = []
        for chosen in self._fillings(by_day, most, most_short, joined.given_up):
            outline = self._outline(joined, chosen)
            if outline is not None:
                found.append((self.ranking(outline.costs), outline))
        return found

    def _with_visits(self, counts: Counts, day: int, services: Services) -> Counts:
        for s in services:
            counts = counts.more(s, [day], self.clinic.services[s].clinical)
        return counts

    def _fillings(
        self,
        by_day: list[list[_Filling]],
        left: dict[str, int],
        short: int,
        given: frozenset[str],
    ) -> Iterator[tuple[_Filling, ...]]:
        """Choices of one filling a day that stay within what is left of services and short days."""
        if not by_day:
            yield ()
            return
        first, *rest = by_day
        for filling in first:
            made = given | filling.ways[0].given_up
            if short < filling.is_short or len(made) > self.most_moves:
                continue
            after = left
            if filling.services:
                after = dict(left)
                for s in filling.services:
                    after[s] -= 1
                if min(after.values()) < 0:
                    continue
            for others in self._fillings(rest, after, short - filling.is_short, made):
                yield (filling, *others)

    def _outline(self, joined: Joined, chosen: tuple[_Filling, ...]) -> Outline | None:
        """The outline of some sections and the appointments of each day, if it keeps all limits."""
        counts, paid = joined.counts, joined.costs
        for day, filling in enumerate(chosen):
            paid = plus(paid, filling.ways[0].costs)
            counts = self._with_visits(counts, day, filling.services)
        if not self.limits.stands(counts) or not self.limits.within(counts):
            return None
        days = tuple(filling.ways for filling in chosen)
        return Outline(joined.seats, days, plus(paid, self.limits.shares(counts)))


def _combined(offered: list[str], most: dict[str, int], a_day: int) -> list[Services]:
    """Services that one day's appointments, so many at most, could be of, none included."""
    there = [s for s in offered if most.get(s)]
    return [
        tuple(s for s, n in zip(there, numbers, strict=True) for _ in range(n))
        for numbers in product(*(range(min(most[s], a_day) + 1) for s in there))
        if sum(numbers) <= a_day
    ]
