"""From outlines to plans: put into the week, judged by the checker, measured, the best kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import islice, product

from ..checker import check, measure
from ..clinic import Clinic
from ..errors import ModelError
from ..ledger import Ledger
from ..rules import RULES, Scope
from ..schedule import Schedule
from ..search.placing import scope_of
from ..timegrid import DAY_NUMBER
from .choices import Choices, Seat, Visit
from .costs import NOTHING, Costs, Ranking, minus, of_patients, of_staff, plus, without_staff
from .search import Outline, Rank, Search, Shape
from .yielding import Move, Yield, Yielding

MOST_PLACED = 400
"""Outlines that are put into the week and measured; then the search ends, and says so."""
MOST_ARRANGED = 64
WAYS = 12
"""Ways of hours, therapists and moves that are tried until one is legal."""
MORE_WAYS = 2
"""Ways that are tried after the first legal one where more of them may be better."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A week in which the patient has a place.

    Attributes:
        schedule: the whole week; legal.
        goals: its value in each goal.
        rank: its value in each tier.
        sections, appointments: ids of what the patient has in it.
        opened: those of the sections that open for the patient alone.
        moves: what others have to change.
        complete: whether every plan that could be better was looked at.
    """

    schedule: Schedule
    goals: Mapping[str, int]
    rank: Rank
    sections: tuple[str, ...]
    appointments: tuple[str, ...]
    opened: frozenset[str]
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """An outline in the week.

    Attributes:
        rank: what the week is worth, tier by tier; ``own`` the patient's own share of that.
    """

    rank: Rank
    own: Rank
    shape: Shape
    ledger: Ledger
    moves: tuple[Move, ...]
    sections: tuple[str, ...]
    opened: frozenset[str]
    appointments: tuple[str, ...]

    def betters(self, other: Placed) -> bool:
        """Whether it is better for the patient and for the week."""
        return self.rank < other.rank and self.own < other.own


class Planning:
    """Plans for one patient in a week, the best first.

    Attributes:
        complete: False once plans were left out because there are too many to look at.
    """

    def __init__(self, week: Ledger, patient: str) -> None:
        self.week = week
        self.clinic: Clinic = week.clinic
        self.patient = patient
        self.choices = Choices(week, patient)
        self.around = self.choices.around
        self.ranking = Ranking(self.clinic)
        others = set(self.clinic.patients) - {patient}
        self._others = of_patients(self.clinic, self.around, others)
        self._fixed = plus(self._others, of_staff(self.clinic, self.around))
        self.complete = True
        before = sorted(
            (a for a in week.appointments.values() if a.patient == patient),
            key=lambda a: (DAY_NUMBER[a.day], a.start, a.id),
        )
        self._names: dict[str, list[str]] = {}
        for a in before:
            if a.id not in self.around.appointments:
                self._names.setdefault(a.service, []).append(a.id)

    def plans(self, top: int) -> list[Placed]:
        """The best plans without moving anyone."""
        return distinct(self._search(top, Search(self.choices)))[:top]

    def plans_with_moves(self, top: int, most: int, best: Placed | None) -> list[Placed]:
        """The best plans for which some sessions of others move, so many of them at most.

        Only such as are better, for the patient and for the week, than the ``best`` without moves;
        and no more moves than it takes to do as well by the patient.
        """
        search = Search(self.choices, Yielding(self.around, self.patient))
        found: list[Placed] = []
        for search.most_moves in range(1, most + 1):
            found += self._search(top, search, best)
        fewest = [
            p
            for p in found
            if not any(len(o.moves) < len(p.moves) and o.own <= p.own for o in found)
        ]
        return distinct(fewest)[:top]

    def _search(self, top: int, search: Search, beyond: Placed | None = None) -> list[Placed]:
        """Plans among which the best are; ``beyond`` is one that they are to better."""
        shift = self.ranking(self._fixed)
        found: list[Placed] = []
        limit = beyond.rank if beyond else None
        left = MOST_PLACED
        for least, joined in search.combinations():
            if limit is not None and _sum(least, shift) > limit:
                break
            for rank, outline in search.outlines(joined):
                if limit is not None and _sum(rank, shift) > limit:
                    break
                given = _yields(outline.seats, outline.visits)
                if beyond and self._own(outline, given) >= beyond.own:
                    continue
                if search.most_moves and not given:
                    continue
                left -= 1
                if left < 0:
                    self.complete = False
                    return found
                here = self._place(outline, beyond, limit)
                if here is None:
                    continue
                found.append(here)
                known = distinct(found)
                if len(known) >= top:
                    limit = known[top - 1].rank
        self.complete &= search.complete
        return found

    def _own(self, outline: Outline, given: Mapping[str, Yield]) -> Rank:
        """The patient's own share of what an outline costs; never above what it turns out to be."""
        others = _total(y.moves[0].costs for y in given.values())
        return self.ranking(without_staff(minus(outline.costs, others)))

    # -- one outline --------------------------------------------------------------------------

    def _place(self, outline: Outline, beyond: Placed | None, limit: Rank | None) -> Placed | None:
        """The outline put into the week in the best of the ways that are legal and good enough.

        Costs of a way are known before it is tried, but for the staff's and for those of somebody
        who had a week before, which are compared with it whole: then a few ways are tried.
        """
        best: Placed | None = None
        left = WAYS
        for costs, visits, moves in islice(self._ways(outline), MOST_ARRANGED):
            if not self._hours_allow(visits, moves):
                continue
            if best is not None and self.ranking(plus(self._fixed, costs)) > best.rank:
                break
            if left <= 0:
                break
            left -= 1
            placed = self._put(outline, visits, moves)
            if placed is None or (beyond is not None and not placed.betters(beyond)):
                continue
            good = (limit is None or placed.rank <= limit) and (
                best is None or placed.rank < best.rank
            )
            if good and self._is_legal(placed):
                best, left = placed, min(left, MORE_WAYS if self.choices.habit else 0)
        return best

    def _ways(
        self, outline: Outline
    ) -> Iterator[tuple[Costs, tuple[Visit, ...], tuple[Move, ...]]]:
        """Appointments, and one move for each thing that has to be given up; the best ways first.

        Each with what the outline then costs.
        """
        first = _total(ways[0].costs for ways in outline.days)
        arranged = [
            (plus(outline.costs, minus(_total(a.costs for a in days), first)), days)
            for days in islice(product(*outline.days), MOST_ARRANGED)
        ]
        for costs, days in sorted(arranged, key=lambda way: self.ranking(way[0])):
            visits = tuple(v for a in days for v in a.visits)
            for moves in product(*(y.moves for y in _yields(outline.seats, visits).values())):
                yield costs, visits, moves

    def _hours_allow(self, visits: tuple[Visit, ...], moves: tuple[Move, ...]) -> bool:
        """Whether nobody comes to work more than their week allows: a first look, without a ledger."""
        worked = dict(self.choices.worked)
        services, grid = self.clinic.services, self.clinic.grid
        for visit in visits:
            worked[visit.therapist] += visit.cells.bit_count() * grid.minutes
        for move in moves:
            if move.before is not None and move.after is not None:
                held = grid.held(services[move.before.service].minutes)
                worked[move.before.therapist] -= held
                worked[move.after.therapist] += held
        busier = {v.therapist for v in visits} | {m.after.therapist for m in moves if m.after}
        return all(
            (most := self.clinic.therapists[t].max_minutes_per_week) is None or worked[t] <= most
            for t in busier
        )

    def _put(
        self, outline: Outline, visits: tuple[Visit, ...], moves: tuple[Move, ...]
    ) -> Placed | None:
        """The week with sections, appointments and moves, legal or not."""
        clinic, ledger = self.clinic, self.around.copy()
        try:
            for move in moves:
                move.make(ledger)
        except KeyError:  # two moves of the same thing
            return None
        sections, opened = [], set()
        for seat in outline.seats:
            if seat.opens is None:
                ledger.join(seat.section, self.patient, seat.remote)
                sections.append(seat.section)
                continue
            name = _fresh(seat.group, ledger)
            ledger.open(seat.opens.model_copy(update={"id": name}))
            sections.append(name)
            opened.add(name)
        for section in self.choices.emptied - set(sections):
            ledger.close(section)
        names = {s: list(ids) for s, ids in self._names.items()}
        appointments = []
        for visit in sorted(visits, key=lambda v: v.cells):
            known = names.get(visit.service)
            name = known.pop(0) if known else _fresh(f"{self.patient}-{visit.service}", ledger)
            ledger.book(visit.entry(self.patient, name))
            appointments.append(name)
        moved = {m.patient for m in moves}
        changed = minus(of_patients(clinic, ledger, moved), of_patients(clinic, self.around, moved))
        own = of_patients(clinic, ledger, {self.patient})
        total: Costs = plus(plus(self._others, changed), plus(own, of_staff(clinic, ledger)))
        return Placed(
            self.ranking(total), self.ranking(own), outline.shape, ledger, moves,
            tuple(sections), frozenset(opened), tuple(appointments),
        )  # fmt: skip

    def _is_legal(self, placed: Placed) -> bool:
        """Whether no rule is broken for anybody or anything that the plan concerns."""
        ledger, moves = placed.ledger, placed.moves
        touched = {*placed.sections, *(s for m in moves for s in (m.leaves, m.joins) if s)}
        booked = {*placed.appointments, *(m.after.id for m in moves if m.after)}
        parts = [scope_of(ledger, section=s) for s in sorted(touched)]
        parts += [scope_of(ledger, appointment=a) for a in sorted(booked)]
        scope = Scope(
            patients=sorted({self.patient} | {m.patient for m in moves}),
            therapists=sorted({t for part in parts for t in part.therapists}),
            rooms=sorted({r for part in parts for r in part.rooms}),
            items=sorted({i for part in parts for i in part.items}),
            groups=sorted({g for part in parts for g in part.groups}),
            sections=sorted(touched),
            appointments=sorted(booked),
        )
        return not any(True for rule in RULES for _ in rule.check(self.clinic, ledger, scope))

    # -- what is given out --------------------------------------------------------------------

    def plan(self, placed: Placed) -> Plan:
        """The plan as it is given out: checked whole, its goals measured anew.

        Raises:
            ModelError: it is not what was found (a bug of ours).
        """
        schedule = in_order(placed.ledger.schedule(), self.week.schedule())
        broken = check(self.clinic, schedule)
        goals = measure(self.clinic, schedule)
        rank = self.ranking(tuple(goals.values()))
        if broken or rank != placed.rank:
            said = "; ".join(map(str, broken)) or f"worth {rank}, not {placed.rank}"
            raise ModelError(f"a plan to be given out is not what was found: {said}")
        fixed = self.around.sections_of(self.patient)
        booked = [a.id for a in self.around.appointments.values() if a.patient == self.patient]
        return Plan(
            schedule, goals, rank,
            (*(s.id for s in fixed), *placed.sections), (*booked, *placed.appointments),
            placed.opened, placed.moves,
        )  # fmt: skip


def distinct(found: list[Placed]) -> list[Placed]:
    """Plans that differ in more than the hour, the best first.

    Of two plans, one of which holds all that the other does, the better one is enough.
    """
    out: list[Placed] = []
    for placed in sorted(found, key=lambda p: (p.rank, len(p.moves))):
        if not any(placed.shape <= p.shape or placed.shape >= p.shape for p in out):
            out.append(placed)
    return out


def in_order(schedule: Schedule, like: Schedule) -> Schedule:
    """The same schedule, its entries and members in the order of another as far as they are there."""
    sections = {s.id: n for n, s in enumerate(like.sections)}
    members = {s.id: {p: n for n, p in enumerate(s.members)} for s in like.sections}
    booked = {a.id: n for n, a in enumerate(like.appointments)}
    ordered = []
    for s in sorted(schedule.sections, key=lambda s: sections.get(s.id, len(sections))):
        known = members.get(s.id, {})
        people = sorted(s.members, key=lambda p: known.get(p, len(known)))
        remote = [p for p in people if p in s.remote_members]
        ordered.append(s.model_copy(update={"members": people, "remote_members": remote}))
    appointments = sorted(schedule.appointments, key=lambda a: booked.get(a.id, len(booked)))
    return Schedule(
        scenario=schedule.scenario,
        week_start=schedule.week_start,
        sections=tuple(
            s.model_copy(
                update={"members": tuple(s.members), "remote_members": tuple(s.remote_members)}
            )
            for s in ordered
        ),
        appointments=tuple(appointments),
        not_admitted=schedule.not_admitted,
    )


def _yields(seats: tuple[Seat, ...], visits: tuple[Visit, ...]) -> dict[str, Yield]:
    """What others have to give up for a plan, by what it is."""
    out = {}
    for given in (*(s.given_up_by for s in seats), *(v.given_up_by for v in visits)):
        if given is not None:
            out[given.key] = given
    return out


def _total(many: Iterable[Costs]) -> Costs:
    return reduce(plus, many, NOTHING)


def _sum(one: Rank, other: Rank) -> Rank:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _fresh(stem: str, ledger: Ledger) -> str:
    number = 1
    while f"{stem}-{number}" in ledger.sections or f"{stem}-{number}" in ledger.appointments:
        number += 1
    return f"{stem}-{number}"
