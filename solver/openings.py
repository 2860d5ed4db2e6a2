"""Decisions on groups: the ways their sections could run, who sits in them, who leads, which rooms."""

from __future__ import annotations

from .decisions import Decisions
from .options import Lead, Meet, Option, Pick, Term, Work
from .pins import Pin
from .rooming import RoomKind
from .timegrid import DAY_NUMBER, bits


class Openings(Decisions):
    """Sections of the ledger that may gain members, and sections that may open."""

    def _keep_sections(self) -> None:
        for running in self.ledger.sections.values():
            group = self.clinic.groups[running.group]
            held = [m for m in running.held() if DAY_NUMBER[m.day] not in self.clinic.closed_days]
            meets = tuple(
                Meet(day, m.start, self.clinic.meeting_cells(group, day, m.start))
                for m in held
                for day in [DAY_NUMBER[m.day]]
            )
            start = running.meetings[0].start if running.meetings else 0
            option = Option(
                len(self.options), group.id, running.days, start, meets, 1, (), kept=running
            )
            self.options.append(option)
            for p in self._may_join(group.id):
                if p not in running.members:
                    self._seat(option, p)

    def _may_join(self, group: str) -> list[str]:
        if group not in self._joiners:
            pairs = self.free.seats
            self._joiners[group] = [p for p in self.clinic.patients if (p, group) in pairs]
        return self._joiners[group]

    def _seat(self, option: Option, patient: str) -> None:
        """Seats of a patient in an option, in each way they may attend."""
        group = self.clinic.groups[option.group]
        if option.kept and any(
            not self.screen.pairing(patient, t, True)
            for m in option.kept.held()
            for t in option.kept.leaders_at(m)
        ):
            return
        stay, busy = self.clinic.stay[patient], self._busy["p", patient]
        meets = tuple(m for m in option.meets if m.day in stay)
        if not stay.intersection(option.days) or any(m.cells & busy for m in meets):
            return
        for remote in self.screen.seat_modes(patient, group.id):
            starts = self.screen.seat_starts(patient, group.id, remote)
            if any(not starts >> self.clinic.grid.cell(m.day, m.start) & 1 for m in meets):
                continue
            term = Term(
                self.model.new_bool_var(""), patient, group.service, group.clinical, meets,
                self.clinic.member_remote(group, remote),
                option=option.index, group=group.id, remote_member=remote,
            )  # fmt: skip
            self._terms[patient].append(term)
            self._seats[option.index].append(term)

    def _open_sections(self, group: str) -> None:
        entry = self.clinic.groups[group]
        if entry.max_sections <= len(self.ledger.by_group[group]):
            return
        starts = self.screen.gathering(group)
        if self.free.starts is not None:
            starts &= self.free.starts
        grid = self.clinic.grid
        pins = [pin for pin in self.pins.values() if pin.group == group]
        known: list[str | None] = [s.id for s in self.clinic.continuing.get(group, ())] or [None]
        for days in self.clinic.day_sets[group]:
            self.tick()
            common = None
            for day in days:
                at = {grid.clock_of(c)[1] for c in bits(starts & grid.day_mask(day))}
                common = at if common is None else common & at
            for start in sorted(common or ()):
                for continues in known:
                    if continues is not None and continues in self.ledger.sections:
                        continue
                    if self.screen.opening(group, days, start, continues):
                        self._option(group, days, start, continues)
                for pin in pins:
                    if pin.allows(days, start) and pin.id not in known:
                        self._option(group, days, start, pin.id)

    def _option(self, group: str, days: tuple[int, ...], start: int, continues: str | None) -> None:
        """An option in as many copies as could ever be filled and led at once."""
        entry = self.clinic.groups[group]
        meets = tuple(
            Meet(day, start, self.clinic.meeting_cells(entry, day, start)) for day in days
        )
        if self.free.alone:
            able: list[tuple[int, int, list[str]]] | None = []
            kinds: list[list[RoomKind]] | None = [[] for _ in meets]
        else:
            able = self._able_leaders(group, meets, self.pins.get(continues or ""))
            kinds = self._able_kinds(group, meets)
        if able is None or kinds is None:
            return
        copies = 1 if continues else self._copies(group, able, kinds)
        for copy in range(copies):
            places = tuple((place, count) for place, count, _ in able)
            option = Option(
                len(self.options), group, days, start, meets, self.flag(), places, continues,
                copy=copy,
            )  # fmt: skip
            self.options.append(option)
            for p in self._may_join(group):
                self._seat(option, p)
            seated = len({t.patient for t in self._seats[option.index]})
            if seated < entry.size.min and not self.free.alone:
                # Too few could ever sit here; nothing else may stand on this option.
                self._withdraw(option)
                return
            for place, _, therapists in able:
                for t in therapists:
                    self._lead(option, place, t)
            for meet, kind_list in zip(meets, kinds, strict=True):
                for kind in kind_list:
                    var = self.model.new_bool_var("")
                    pick = Pick(option.index, meet, kind.index, kind.capacity, var)
                    self.picks.append(pick)
                    self._picks[option.index].append(pick)
                    for cell in bits(meet.cells):
                        self._room_terms[kind.index, cell].append(var)

    def _withdraw(self, option: Option) -> None:
        self.options.pop()
        for term in self._seats.pop(option.index, ()):
            self._terms[term.patient].remove(term)
            self.at_most([term.var], 0)
        self.at_most([option.open], 0)

    def _copies(
        self, group: str, able: list[tuple[int, int, list[str]]], kinds: list[list[RoomKind]]
    ) -> int:
        entry = self.clinic.groups[group]
        most = entry.max_sections - len(self.ledger.by_group[group])
        if self.free.alone:
            return min(most, 1)  # nobody sits in two sections at once
        most = min(most, len(self._may_join(group)) * entry.per_patient // max(1, entry.size.min))
        for _, count, therapists in able:
            most = min(most, len(therapists) // count)
        for kind_list in kinds:
            if kind_list:
                most = min(most, sum(len(kind.rooms) for kind in kind_list))
        return min(most, self.free.copies) if self.free.copies is not None else most

    def _able_leaders(
        self, group: str, meets: tuple[Meet, ...], pin: Pin | None
    ) -> list[tuple[int, int, list[str]]] | None:
        """(place, how many alike, therapists who could take it); None if a place has nobody."""
        entry = self.clinic.groups[group]
        alike: dict[frozenset[str], list[int]] = {}
        for place, leader in enumerate(entry.leaders):
            alike.setdefault(frozenset(leader.credentials), []).append(place)
        cells = 0
        for m in meets:
            cells |= m.cells
        out = []
        for places in alike.values():
            able = []
            for t in self.clinic.therapists:
                if pin is None or t not in pin.leaders:
                    starts = self.screen.lead_starts(t, group, places[0])
                else:
                    starts = self.screen.lead_starts_of_pin(t, group, places[0])
                if self._busy["t", t] & cells:
                    continue
                if all(starts >> self.clinic.grid.cell(m.day, m.start) & 1 for m in meets):
                    able.append(t)
            if len(able) < len(places):
                return None
            out.append((places[0], len(places), able))
        return out

    def _able_kinds(self, group: str, meets: tuple[Meet, ...]) -> list[list[RoomKind]] | None:
        """Kinds of rooms for each meeting; empty lists where none is needed, None if none fits."""
        if not self.clinic.groups[group].needs_room:
            return [[] for _ in meets]
        out = []
        for m in meets:
            cell = self.clinic.grid.cell(m.day, m.start)
            fitting = [
                kind
                for kind in self.kinds
                if self.screen.housing(kind.name, group, None) >> cell & 1
                and all(self._kind_used[kind.index, c] < len(kind.rooms) for c in bits(m.cells))
            ]
            if not fitting:
                return None
            out.append(fitting)
        return out

    def _lead(self, option: Option, place: int, therapist: str) -> None:
        lead = Lead(option.index, place, therapist, self.model.new_bool_var(""))
        self.leads.append(lead)
        self._leads[option.index].append(lead)
        for m in option.meets:
            minutes = m.cells.bit_count() * self.clinic.grid.minutes
            self._work[therapist].append(Work(lead.var, m.day, minutes, m.cells))
