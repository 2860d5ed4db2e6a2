"""Appointments counted by the day instead of placed at a time: a far smaller model of the same week.

Every week of the full model is one of this one, so what bounds this one bounds the week; and the groups
it chooses are those of weeks in which everybody's appointments have a good chance of a place. People's
days hold no more than they have hours for; that two sessions overlap, it does not see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from .decisions import Decisions
from .linear import Literal
from .options import Meet, Term, Work
from .timegrid import bits


class Use(NamedTuple):
    """What takes cells of somebody's day: a group at its time, or appointments of a service."""

    var: Literal
    day: int
    length: int
    cells: int
    service: str | None


SOMETIME = -1
"""The start of an appointment that is counted and not placed."""


class Daily(Decisions):
    """What may be decided of appointments that have a day and no time."""

    def daily_visits(self, patient: str, service: str, pools: list[tuple[str, ...]]) -> None:
        """Appointments a patient may have of a service, by day, way and pool."""
        entry, grid = self.clinic.services[service], self.clinic.grid
        needs, length = self.clinic.needs[patient], grid.length(entry.minutes)
        limits = [needs.quotas[service][1]] if service in needs.quotas else []
        if entry.clinical:
            limits.append(needs.day_sessions_max)
        for remote in (False, True):
            free = self.screen.visit_starts(patient, service, remote)
            if self.free.starts is not None:
                free &= self.free.starts
            free &= ~self._overlapping(self._busy["p", patient], length)
            if not remote:
                free &= self._roomed(service)
            for pool in pools if free else ():
                could = 0
                for t in pool:
                    could |= self._starts_of(t, service, remote)
                for day in range(7):
                    most = _in_turn(free & could & grid.day_mask(day), length)
                    most = min([most, *(x for x in limits if x is not None)])
                    before = None
                    for _ in range(most):
                        var = self.model.new_bool_var("")
                        meet = Meet(day, SOMETIME, 0)
                        self._terms[patient].append(
                            Term(var, patient, service, entry.clinical, (meet,), remote, pool=pool)
                        )
                        if before is not None:
                            self.model.add_implication(var, before)
                        before = var

    def _roomed(self, service: str) -> int:
        """Start cells at which some kind of room could hold an appointment."""
        mask = 0
        for kind in self.kinds:
            mask |= self._room_starts(kind, service)
        return mask

    def _overlapping(self, busy: int, length: int) -> int:
        """Starts from which a session of so many cells would run into busy ones."""
        mask = 0
        for back in range(length):
            mask |= busy >> back
        return mask

    def daily_pools(self) -> None:
        """Who of a pool gives how many of a day's appointments, and what people's days hold."""
        due: dict[tuple[tuple[str, ...], str, bool, int], list[Term]] = defaultdict(list)
        for terms in self._terms.values():
            for term in terms:
                if term.option is None:
                    due[term.pool, term.service, term.remote, term.meets[0].day].append(term)
        grid = self.clinic.grid
        for (pool, service, remote, day), asked in due.items():
            length = grid.length(self.clinic.services[service].minutes)
            given = []
            for t in pool:
                most = _in_turn(self._starts_of(t, service, remote) & grid.day_mask(day), length)
                if most:
                    var = self.model.new_int_var(0, min(most, len(asked)), "")
                    given.append((var, 1))
                    self._work[t].append(Work(var, day, length * grid.minutes, 0, service))
            self.equal([*given, *((term.var, -1) for term in asked)], 0)
        self._hold_days()

    def _hold_days(self) -> None:
        """Nobody's day holds more than their free hours, nor more appointments than fit between groups."""
        clinic, grid = self.clinic, self.clinic.grid
        for p, terms in self._terms.items():
            hours = clinic.free_hours[p, False] | clinic.free_hours[p, True]
            if any(clinic.services[t.service].format == "family" for t in terms):
                hours |= clinic.patient_hours[p]
            starts: dict[str, int] = {}
            for t in terms:
                if t.option is None and t.service not in starts:
                    both = (self.screen.visit_starts(p, t.service, r) for r in (False, True))
                    starts[t.service] = next(both) | next(both)
            used = [
                Use(t.var, m.day, self._cells(t, m), m.cells, t.service if t.pool else None)
                for t in terms
                for m in t.meets
            ]
            self._hold(hours & ~self.ledger.patient_busy(p), starts, used)
        for who, work in self._work.items():
            starts = {
                s: self._starts_of(who, s, False) | self._starts_of(who, s, True)
                for s in {w.service for w in work if w.service is not None}
            }
            used = [Use(w.var, w.day, w.minutes // grid.minutes, w.cells, w.service) for w in work]
            self._hold(clinic.reachable[who] & ~self._busy["t", who], starts, used)

    def _cells(self, term: Term, meet: Meet) -> int:
        """Cells a session takes of a day."""
        if term.option is not None:
            return meet.cells.bit_count()
        return self.clinic.grid.length(self.clinic.services[term.service].minutes)

    def _hold(self, hours: int, starts: dict[str, int], used: Sequence[Use]) -> None:
        """One person's days: the hours there are, and what fits around each group that may be theirs."""
        grid = self.clinic.grid
        for day in range(7):
            whole = grid.day_mask(day)
            today = [u for u in used if u.day == day]
            self.weighted_at_most(
                [(u.var, u.length) for u in today],
                (hours & self.clinic.open_cells & whole).bit_count(),
            )
            visits = [u for u in today if u.service is not None]
            if not visits:
                continue
            # Appointments as short as the shortest, at any start of any of them: no fewer fit than do.
            length, could = min(u.length for u in visits), 0
            for service in {u.service for u in visits if u.service is not None}:
                could |= starts[service] & whole
            could &= ~self._overlapping(~hours & whole, length)
            self._around_groups(visits, [u for u in today if u.service is None], could, length)

    def _around_groups(
        self, visits: Sequence[Use], groups: Sequence[Use], could: int, length: int
    ) -> None:
        """Groups that share a cell exclude each other; each leaves room for so many appointments."""
        most = _in_turn(could, length)
        lost: dict[int, int] = {}
        for g in groups:
            if g.cells not in lost:
                left = could & ~self._overlapping(g.cells, length)
                lost[g.cells] = most - _in_turn(left, length)
        seen: set[frozenset[int]] = set()
        for cell in sorted({(g.cells & -g.cells).bit_length() - 1 for g in groups}):
            here = [g for g in groups if g.cells >> cell & 1 and lost[g.cells]]
            key = frozenset(id(g) for g in here)
            if here and key not in seen:
                seen.add(key)
                terms = [(g.var, lost[g.cells]) for g in here]
                self.weighted_at_most([*terms, *((u.var, 1) for u in visits)], most)
        if not seen:
            self.weighted_at_most([(u.var, 1) for u in visits], most)


def _in_turn(starts: int, length: int) -> int:
    """How many sessions of so many cells can follow one another from these starts."""
    count, after = 0, -1
    for cell in bits(starts):
        if cell >= after:
            count, after = count + 1, cell + length
    return count
