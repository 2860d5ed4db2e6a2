"""Hiring as decisions of a model: a shift is worked or not, and nobody works outside the shifts they have.

The model is built for the clinic with everybody hired for every shift. Here the shifts become
decisions and each session is tied to those that cover it, so that cost can be made small. On a model
whose appointments have no time (``Free.daily``) fewer ties can be said: it still bounds the cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from ..clinic import Clinic, spans
from ..linear import Linear, Literal
from ..timegrid import bits
from ..variables import Variables
from .candidates import Candidates, Choice
from .parts import hold_parts


class _Session(NamedTuple):
    """Work of a therapist if the variable holds; cells is 0 where it has a day and no time."""

    var: Literal
    day: int
    cells: int
    minutes: int
    roomless: bool


class Hours:
    """Which cells of the week each shift covers, in the clinic with everybody hired.

    Attributes:
        here: (candidate, shift) -> cells on site; reach: the same with those by video.
        fixed: therapist -> cells on site that no shift is needed for; fixed_reach likewise.
    """

    def __init__(self, everybody: Clinic, candidates: Candidates) -> None:
        self.clinic, self.candidates = everybody, candidates
        base = Clinic(candidates.scenario)
        self.fixed = {t: base.on_site.get(t, 0) for t in everybody.therapists}
        self.fixed_reach = {t: base.reachable.get(t, 0) for t in everybody.therapists}
        self.week_limit = {t: e.max_minutes_per_week for t, e in base.therapists.items()}
        self.here: dict[Choice, int] = {}
        self.reach: dict[Choice, int] = {}
        self.of: dict[str, list[Choice]] = defaultdict(list)
        for i, person in enumerate(candidates.people):
            for j, turn in enumerate(person.turns):
                on_site = turn.on_site
                here = (
                    everybody.opening if on_site is None else everybody.grid.inside(spans(on_site))
                )
                self.here[i, j] = here
                self.reach[i, j] = here | everybody.grid.inside(spans(turn.remote))
                self.of[person.therapist].append((i, j))


class Hiring:
    """The decisions on shifts of one model, tied to its sessions.

    Attributes:
        works: (candidate, shift) -> whether it is worked.
    """

    def __init__(self, v: Variables, hours: Hours) -> None:
        self.v, self.hours, self.candidates = v, hours, hours.candidates
        self.works = {choice: v.flag() for choice in sorted(hours.here)}
        self.hired: dict[int, Literal] = {}
        for i, person in enumerate(self.candidates.people):
            own = [self.works[choice] for choice in hours.of[person.therapist]]
            if person.most < len(own):
                v.at_most(own, person.most)
            if person.cents:
                self.hired[i] = v.flag()
                for x in own:
                    v.weighted_at_most([(x, 1), (self.hired[i], -1)], 0)
        for therapist in hours.of:
            self._tie(therapist, list(self._sessions(therapist)))
        if v.free.daily:
            hold_parts(v, self._supply)
        for therapist, entry in v.clinic.therapists.items():
            if entry.supervised:
                self._watch(therapist, list(self._sessions(therapist)))

    def cents(self) -> Linear:
        """What the shifts worked cost a week."""
        out = Linear()
        for (i, j), x in self.works.items():
            out.add(x, self.candidates.people[i].turns[j].cents)
        for i, x in self.hired.items():
            out.add(x, self.candidates.people[i].cents)
        return out

    def minutes(self, weights: dict[Choice, int]) -> Linear:
        """Minutes of sessions in shifts, each weighted; those in several shifts by the least weight."""
        out = Linear()
        for therapist, choices in self.hours.of.items():
            for s in self._sessions(therapist):
                if s.cells & ~self.hours.fixed_reach[therapist]:
                    covering = [c for c in choices if self.hours.reach[c] & s.cells]
                    if covering:
                        out.add(s.var, s.minutes * min(weights[c] for c in covering))
        return out

    def _supply(self, therapist: str, mask: int) -> Linear:
        """Cells of a mask in which somebody could work, by the shifts they have."""
        mask &= self.v.clinic.open_cells
        fixed = self.hours.fixed_reach[therapist]
        out = Linear(constant=(fixed & mask).bit_count())
        for choice in self.hours.of.get(therapist, ()):
            out.add(self.works[choice], (self.hours.reach[choice] & mask & ~fixed).bit_count())
        return out

    # -- ties -------------------------------------------------------------------------------------

    def _sessions(self, therapist: str) -> Iterator[_Session]:
        """What a therapist may come to do; ``v.work_of`` with whether it needs a room for them."""
        v, grid = self.v, self.v.clinic.grid
        for lead in v.leads:
            if lead.therapist == therapist:
                option = v.options[lead.option]
                by_video = v.clinic.groups[option.group].modality == "telehealth"
                for m in option.meets:
                    minutes = m.cells.bit_count() * grid.minutes
                    yield _Session(lead.var, m.day, m.cells, minutes, by_video)
        if v.free.daily:
            for w in v.work_of(therapist):
                if not w.cells:
                    yield _Session(w.var, w.day, 0, w.minutes, True)
            return
        for care in v.cares:
            if care.therapist == therapist:
                m, minutes = care.meet, care.meet.cells.bit_count() * grid.minutes
                yield _Session(care.var, m.day, m.cells, minutes, care.roomless)
        for p in v.patients:
            for t in v.terms(p):
                if t.option is None and t.pool == (therapist,):
                    m, minutes = t.meets[0], t.cells.bit_count() * grid.minutes
                    yield _Session(t.var, m.day, m.cells, minutes, t.remote)

    def _tie(self, therapist: str, sessions: list[_Session]) -> None:
        """No session in a cell that no shift worked covers; in a cell there is one at most."""
        v, hours = self.v, self.hours
        choices = hours.of[therapist]
        for roomless in (False, True):
            cover = hours.reach if roomless else hours.here
            fixed = (hours.fixed_reach if roomless else hours.fixed)[therapist]
            busy: dict[int, list[Literal]] = defaultdict(list)
            for s in sessions:
                if roomless or not s.roomless:
                    for cell in bits(s.cells & ~fixed):
                        busy[cell].append(s.var)
            for duty in v.ledger.duties[therapist]:
                if roomless or not duty.roomless:
                    for cell in bits(duty.cells & ~fixed):
                        busy[cell].append(1)
            for cell, work in busy.items():
                open_by = [(self.works[c], -1) for c in choices if cover[c] >> cell & 1]
                v.weighted_at_most([*((x, 1) for x in work), *open_by], 0)
        self._limit_week(therapist, sessions)
        if v.free.daily:
            self._tie_days(therapist, sessions)

    def _limit_week(self, therapist: str, sessions: list[_Session]) -> None:
        """A weekly limit of somebody who is here grows with the shifts they take on."""
        limit = self.hours.week_limit.get(therapist)
        if limit is None:
            return
        held = sum(d.cells.bit_count() for d in self.v.ledger.duties[therapist])
        terms = [(s.var, s.minutes) for s in sessions]
        for choice in self.hours.of[therapist]:
            turn = self.candidates.people[choice[0]].turns[choice[1]]
            terms.append((self.works[choice], -turn.minutes))
        self.v.weighted_at_most(terms, limit - held * self.v.clinic.grid.minutes)

    def _tie_days(self, therapist: str, sessions: list[_Session]) -> None:
        """A day's sessions, those without a time too, fit into the hours of the shifts worked on it."""
        v, hours, grid = self.v, self.hours, self.v.clinic.grid
        for day in range(7):
            whole = grid.day_mask(day) & v.clinic.open_cells
            there = [(c, (hours.reach[c] & whole).bit_count()) for c in hours.of[therapist]]
            fixed = (hours.fixed_reach[therapist] & whole).bit_count()
            of_day = [s for s in sessions if s.day == day]
            used = [(s.var, s.minutes // grid.minutes) for s in of_day]
            open_by = [(self.works[c], -cells) for c, cells in there if cells]
            v.weighted_at_most([*used, *open_by], fixed)
            for s in of_day:
                if not s.cells and not fixed:
                    length = s.minutes // grid.minutes
                    most = [(self.works[c], -(cells // length)) for c, cells in there]
                    apart = not _touching([hours.reach[c] & whole for c, _ in there])
                    if apart:
                        v.weighted_at_most([(s.var, 1), *most], 0)

    def _watch(self, therapist: str, sessions: list[_Session]) -> None:
        """A supervised therapist works only while a supervisor's shift or usual hours cover it."""
        v, hours = self.v, self.hours
        watched, open_by = 0, []
        for t, entry in v.clinic.therapists.items():
            if entry.supervisor and t != therapist:
                watched |= hours.fixed[t]
                open_by += hours.of.get(t, [])
        busy: dict[int, list[Literal]] = defaultdict(list)
        for s in sessions:
            for cell in bits(s.cells & ~watched):
                busy[cell].append(s.var)
        for duty in v.ledger.duties[therapist]:
            for cell in bits(duty.cells & ~watched):
                busy[cell].append(1)
        for cell, work in busy.items():
            terms = [(self.works[c], -1) for c in open_by if hours.here[c] >> cell & 1]
            v.weighted_at_most([*((x, 1) for x in work), *terms], 0)


def _touching(masks: list[int]) -> bool:
    """Whether two sets of cells overlap or follow on each other, so that a session may span both."""
    return any(one & (other | other << 1 | other >> 1) for one, other in combinations(masks, 2))
