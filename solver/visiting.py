"""Decisions on appointments: when a patient is seen, by whom of a pool, in which kind of room.

Therapists who are alike for a patient are pooled, and rooms of a kind are counted: only how many work
at a start matters, and who takes whom is settled afterwards (``extraction.py``).
"""

from __future__ import annotations

from collections import defaultdict

from .daily import Daily
from .goals.disruption import habits
from .options import Care, Meet, Share, Term, Work
from .rooming import kind_of
from .timegrid import bits


class Visiting(Daily):
    """Appointments that may be booked beside the ledger's."""

    def _visits(self, patient: str, service: str) -> None:
        """Appointments a patient may have: by start, way, pool of therapists and named room."""
        entry = self.clinic.services[service]
        carers = self.screen.carers(patient, service)
        if not carers or entry.format == "group":
            return
        self.tick()
        own = self.named_carers(patient, service)
        rooms = self.habit_rooms(patient, service)
        pools: list[tuple[str, ...]] = [(t,) for t in carers if t in own]
        rest = tuple(t for t in carers if t not in own)
        pools += [rest] if rest else []
        if self.free.daily:
            self.daily_visits(patient, service, pools)
            return
        grid, busy = self.clinic.grid, self._busy["p", patient]
        for remote in (False, True):
            free = self.screen.visit_starts(patient, service, remote)
            if self.free.starts is not None:
                free &= self.free.starts
            free &= self.free.visit_starts.get((patient, service), -1)
            for pool in pools if free else ():
                starts = 0
                for t in pool:
                    starts |= self._starts_of(t, service, remote)
                for cell in bits(starts & free):
                    day, start = grid.clock_of(cell)
                    meet = Meet(day, start, grid.occupied(day, start, entry.minutes))
                    if meet.cells & busy:
                        continue
                    for room in [None] if remote else [None, *rooms]:
                        if room is not None:
                            named = kind_of(self.clinic)[room]
                            if not self._room_starts(named, service) >> cell & 1:
                                continue
                        elif not remote and not self._need(service, cell, rooms):
                            continue
                        self._visit(patient, service, meet, remote, pool, room)

    def _visit(
        self,
        patient: str,
        service: str,
        meet: Meet,
        remote: bool,
        pool: tuple[str, ...],
        room: str | None,
    ) -> None:
        entry = self.clinic.services[service]
        var = self.model.new_bool_var("")
        term = Term(var, patient, service, entry.clinical, (meet,), remote, pool=pool, room=room)
        self._terms[patient].append(term)
        if len(pool) == 1:
            minutes = meet.cells.bit_count() * self.clinic.grid.minutes
            self._work[pool[0]].append(Work(var, meet.day, minutes, meet.cells))

    def named_carers(self, patient: str, service: str) -> set[str]:
        """Therapists who must be told apart for a patient's service, because a rule or goal does."""
        named: set[str | None] = set()
        if self.free.weighs("continuity"):
            named.add(self.clinic.primary[patient])
        habit = habits(self.clinic).get(patient) if self.free.weighs("disruption") else None
        if habit:
            named |= {a.therapist for a in habit.appointments.get(service, ())}
        if self.clinic.services[service].format == "individual" and not self.free.daily:
            named |= self._full_caseloads()
        return {t for t in named if t is not None}

    def _full_caseloads(self) -> set[str]:
        """Therapists who could come to see more patients one to one than their caseload allows."""
        if self._caseloads is None:
            could = {t: self.ledger.caseload(t) for t in self.clinic.therapists}
            for p, s in self.free.visits:
                if self.clinic.services[s].format == "individual":
                    for t in self.screen.carers(p, s):
                        could[t].add(p)
            self._caseloads = {
                t
                for t, entry in self.clinic.therapists.items()
                if entry.max_caseload is not None and len(could[t]) > entry.max_caseload
            }
        return self._caseloads

    def _need(self, service: str, cell: int, beside: tuple[str, ...] = ()) -> tuple[int, ...]:
        """Kinds of rooms that could hold an appointment starting in a cell, named rooms left out."""
        key = service, cell, beside
        if key not in self._needs:
            self._needs[key] = tuple(
                kind.index
                for kind in self.kinds
                if kind.name not in beside and self._room_starts(kind, service) >> cell & 1
            )
        return self._needs[key]

    def _pools(self) -> None:
        """Who of a pool works at a start: as many therapists as appointments of that pool."""
        due: dict[tuple[tuple[str, ...], str, bool, Meet], list[Term]] = defaultdict(list)
        for terms in self._terms.values():
            for term in terms:
                if len(term.pool) > 1:
                    due[term.pool, term.service, term.remote, term.meets[0]].append(term)
        for (pool, service, remote, meet), terms in due.items():
            cares = []
            for t in pool:
                cell = self.clinic.grid.cell(meet.day, meet.start)
                if self._starts_of(t, service, remote) >> cell & 1:
                    var = self.model.new_bool_var("")
                    cares.append(Care(t, pool, service, meet, remote, var))
                    minutes = meet.cells.bit_count() * self.clinic.grid.minutes
                    self._work[t].append(Work(var, meet.day, minutes, meet.cells))
            self.cares.extend(cares)
            self.equal([*((c.var, 1) for c in cares), *((t.var, -1) for t in terms)], 0)

    def _room_shares(self) -> None:
        """How many appointments at a start take which kind of room, by what they need."""
        due: dict[tuple[tuple[int, ...], Meet], list[Term]] = defaultdict(list)
        for terms in self._terms.values():
            for term in terms:
                if term.option is not None or term.remote:
                    continue
                meet = term.meets[0]
                due[self.need_of(term), meet].append(term)
        for (need, meet), terms in due.items():
            if len(need) == 1:
                for cell in bits(meet.cells):
                    self._room_terms[need[0], cell].extend(t.var for t in terms)
                continue
            shares = []
            for kind in need:
                most = min(len(terms), len(self.kinds[kind].rooms))
                var = (
                    self.model.new_int_var(0, most, "") if most > 1 else self.model.new_bool_var("")
                )
                shares.append(Share(need, meet, kind, var))
                for cell in bits(meet.cells):
                    self._room_terms[kind, cell].append(var)
            self.shares.extend(shares)
            self.equal([*((s.var, 1) for s in shares), *((t.var, -1) for t in terms)], 0)

    def need_of(self, term: Term) -> tuple[int, ...]:
        """Kinds of rooms among which an appointment in person has its place."""
        if term.room is not None:
            return (kind_of(self.clinic)[term.room].index,)
        beside = self.habit_rooms(term.patient, term.service)
        meet = term.meets[0]
        return self._need(term.service, self.clinic.grid.cell(meet.day, meet.start), beside)

    def habit_rooms(self, patient: str, service: str) -> tuple[str, ...]:
        """Rooms told apart for a patient's service because the baseline names them."""
        habit = habits(self.clinic).get(patient) if self.free.weighs("disruption") else None
        before = habit.appointments.get(service, []) if habit else []
        return tuple(sorted({a.room for a in before if a.room in self.clinic.rooms}))
