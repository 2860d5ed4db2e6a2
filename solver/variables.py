"""The decision variables of a model around a ledger: the only place that creates them.

Rules and goals ask by name (``seats_in``, ``therapist_cells``, ``attends``); each answer covers what is
free only, and what the ledger has settled is a constant or is subtracted by whoever asks. The whole
week is the case of an empty ledger: there is no second branch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from .clinic import Clinic
from .comparing import Comparing
from .errors import OutOfTime
from .goals.disruption import habits
from .ledger import Ledger
from .linear import Literal
from .options import Care, Free, Lead, Meet, Option, Pick, Share, Term, Work
from .pins import Pin, loose_pins
from .rooming import RoomKind, kind_of, room_kinds
from .screening import screening_of
from .timegrid import DAY_NUMBER, bits


class Variables(Comparing):
    """Everything that may be decided around a ledger.

    Attributes:
        ledger: what stays; its sections are options too, kept ones that only gain members.
        options: ways sections may run, kept sections first.
        patients, therapists, groups: those whose week the model can change.
    """

    def __init__(
        self,
        clinic: Clinic,
        ledger: Ledger,
        free: Free,
        late: Callable[[int], bool] | None = None,
        known_shares: Mapping[tuple[str, str], int] | None = None,
    ) -> None:
        super().__init__()
        self.clinic, self.ledger, self.free, self._late = clinic, ledger, free, late
        self.screen = screening_of(clinic)
        self.kinds = room_kinds(clinic)
        self.pins: dict[str, Pin] = loose_pins(clinic, ledger)
        self.options: list[Option] = []
        self.leads: list[Lead] = []
        self.picks: list[Pick] = []
        self.cares: list[Care] = []
        self.shares: list[Share] = []
        self._terms: dict[str, list[Term]] = defaultdict(list)
        self._seats: dict[int, list[Term]] = defaultdict(list)
        self._leads: dict[int, list[Lead]] = defaultdict(list)
        self._picks: dict[int, list[Pick]] = defaultdict(list)
        self._work: dict[str, list[Work]] = defaultdict(list)
        # (goal, patient) -> share of the goal, where the caller knows it: who is not free keeps theirs.
        self.known_shares = known_shares or {}
        self._made: dict[object, Literal] = {}
        self._joiners: dict[str, list[str]] = {}
        self._housing: dict[tuple[int, str], int] = {}
        self._needs: dict[tuple[str, int, tuple[str, ...]], tuple[int, ...]] = {}
        self._care_starts: dict[tuple[str, str, bool], int] = {}
        self._busy = {
            **{("p", p): ledger.patient_busy(p) for p in {p for p, _ in free.seats | free.visits}},
            **{("t", t): ledger.therapist_busy(t) for t in clinic.therapists},
        }
        self._kind_used = self._room_use()
        self._keep_sections()
        for group in sorted(free.groups, key=list(clinic.groups).index):
            self._open_sections(group)
        for patient, service in self._ordered(free.visits):
            self._visits(patient, service)
        self._room_terms: dict[tuple[int, int], list[Literal]] = defaultdict(list)
        if not free.alone:
            self._pools()
            self._room_shares()
        touched = {p for p, _ in free.seats | free.visits} | set(self._terms)
        self.patients = [p for p in clinic.patients if p in touched]
        self.therapists = [t for t in clinic.therapists if self._work.get(t)]
        self.groups = [g for g in clinic.groups if self.options_of(g)]

    # -- creation -----------------------------------------------------------------------------

    def tick(self) -> None:
        """Raise OutOfTime when whoever asked for the model no longer waits for it."""
        if self._late is not None and self._late(len(self.model.proto.variables)):
            raise OutOfTime("the model was not built in time")

    def _ordered(self, pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Pairs in the scenario's order, so that the same input gives the same model."""
        patients = {p: i for i, p in enumerate(self.clinic.patients)}
        return sorted(pairs, key=lambda pair: (patients[pair[0]], pair[1]))

    def _room_use(self) -> dict[tuple[int, int], int]:
        """How many rooms of a kind the ledger holds in a cell."""
        used: dict[tuple[int, int], int] = defaultdict(int)
        for room, uses in self.ledger.room_uses.items():
            kind = kind_of(self.clinic)[room].index
            for use in uses:
                for cell in bits(use.cells):
                    used[kind, cell] += 1
        return used

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
        grid, busy = self.clinic.grid, self._busy["p", patient]
        for remote in (False, True):
            free = self.screen.visit_starts(patient, service, remote)
            if self.free.starts is not None:
                free &= self.free.starts
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
        named = {self.clinic.primary[patient]}
        habit = habits(self.clinic).get(patient)
        if habit:
            named |= {a.therapist for a in habit.appointments.get(service, ())}
        if self.clinic.services[service].format == "individual":
            named |= {
                t for t, entry in self.clinic.therapists.items() if entry.max_caseload is not None
            }
        return {t for t in named if t is not None}

    def _starts_of(self, therapist: str, service: str, remote: bool) -> int:
        """Starts at which a therapist could give an appointment beside the ledger's sessions."""
        key = therapist, service, remote
        if key not in self._care_starts:
            self._care_starts[key] = self._free_starts(therapist, service, remote)
        return self._care_starts[key]

    def _free_starts(self, therapist: str, service: str, remote: bool) -> int:
        starts = self.screen.care_starts(therapist, service, remote)
        busy = self._busy["t", therapist]
        for back in range(self.clinic.grid.length(self.clinic.services[service].minutes)):
            starts &= ~(busy >> back)
        return starts

    def _room_starts(self, kind: RoomKind, service: str) -> int:
        """Start cells at which a kind of room could hold an appointment beside the ledger's."""
        key = kind.index, service
        if key not in self._housing:
            starts = self.screen.housing(kind.name, None, service)
            full = 0
            for (index, cell), used in self._kind_used.items():
                if index == kind.index and used >= len(kind.rooms):
                    full |= 1 << cell
            minutes = self.clinic.services[service].minutes
            for back in range(self.clinic.grid.length(minutes)):
                starts &= ~(full >> back)
            self._housing[key] = starts
        return self._housing[key]

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
        for pick in self.picks:
            for cell in bits(pick.meet.cells):
                self._room_terms[pick.kind, cell].append(pick.var)
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
        habit = habits(self.clinic).get(patient)
        before = habit.appointments.get(service, []) if habit else []
        return tuple(sorted({a.room for a in before if a.room in self.clinic.rooms}))

    # -- questions ----------------------------------------------------------------------------

    def _once(self, key: object, make: Callable[[], Literal]) -> Literal:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def options_of(self, group: str) -> list[Option]:
        """New options of a group (sections of the ledger are not among them)."""
        return [o for o in self.options if o.group == group and o.kept is None]

    def clinic_room(self, kind: int) -> str:
        return self.kinds[kind].name

    def option_of(self, section: str) -> Option:
        return next(o for o in self.options if o.kept is not None and o.kept.id == section)

    def terms(self, patient: str) -> list[Term]:
        return self._terms.get(patient, [])

    def seats_of(self, patient: str) -> list[Term]:
        return [t for t in self.terms(patient) if t.option is not None]

    def services_of(self, patient: str) -> list[str]:
        """Services of which a patient may gain or has appointments."""
        gained = [t.service for t in self.terms(patient) if t.option is None]
        held = [s.service for s in self.ledger.sittings[patient] if s.group is None]
        return list(dict.fromkeys([*gained, *held]))

    def seats_in(self, option: Option) -> list[Term]:
        return self._seats.get(option.index, [])

    def seats_by_patient_and_group(self) -> dict[tuple[str, str], list[Term]]:
        out: dict[tuple[str, str], list[Term]] = defaultdict(list)
        for seats in self._seats.values():
            for term in seats:
                out[term.patient, term.group or ""].append(term)
        return out

    def leads_in(self, option: Option) -> list[Lead]:
        return self._leads.get(option.index, [])

    def leads_by_therapist(self, option: Option) -> dict[str, list[Literal]]:
        out: dict[str, list[Literal]] = defaultdict(list)
        for lead in self.leads_in(option):
            out[lead.therapist].append(lead.var)
        return out

    def rooms_in(self, option: Option, day: int) -> list[Pick]:
        return [p for p in self._picks.get(option.index, ()) if p.meet.day == day]

    def work_of(self, therapist: str) -> list[Work]:
        return self._work.get(therapist, [])

    def works_on(self, therapist: str, day: int) -> bool:
        return any(w.day == day for w in self.work_of(therapist))

    def patient_cells(self, patient: str) -> dict[int, list[Literal]]:
        out: dict[int, list[Literal]] = defaultdict(list)
        for term in self.terms(patient):
            for cell in bits(term.cells):
                out[cell].append(term.var)
        return out

    def therapist_cells(self, therapist: str) -> dict[int, list[Literal]]:
        out: dict[int, list[Literal]] = defaultdict(list)
        for work in self.work_of(therapist):
            for cell in bits(work.cells):
                out[cell].append(work.var)
        return out

    def room_cells(self) -> dict[tuple[int, int], list[Literal]]:
        return self._room_terms

    def rooms_free(self, kind: int, cell: int) -> int:
        return len(self.kinds[kind].rooms) - self._kind_used[kind, cell]

    def item_terms(self) -> dict[str, dict[int, list[tuple[Literal, int]]]]:
        """item -> cell -> (variable, amount in use)."""
        out: dict[str, dict[int, list[tuple[Literal, int]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for option in self.options:
            if option.kept is None:
                for item, amount in self.clinic.groups[option.group].equipment.items():
                    for meet in option.meets:
                        for cell in bits(meet.cells):
                            out[item][cell].append((option.open, amount))
        for terms in self._terms.values():
            for term in terms:
                if term.option is None:
                    for item, amount in self.clinic.services[term.service].equipment.items():
                        for cell in bits(term.cells):
                            out[item][cell].append((term.var, amount))
        return out

    def attends(self, patient: str, day: int) -> Literal:
        """Whether a day is attended: has a session of more than 0 clinical minutes."""
        whole = self.clinic.grid.day_mask(day)
        return self._once(
            ("attends", patient, day),
            lambda: self.any_of_intervals(
                [(t.var, t.cells & whole) for t in self.terms(patient) if t.counted(day)],
                any(s.day == day and s.clinical for s in self.ledger.sittings[patient]),
            ),
        )

    def admitted(self, patient: str) -> Literal:
        """Whether a patient has any session."""
        return self._once(
            ("admitted", patient),
            lambda: self.any_of(
                [self.attends(patient, day) for day in range(7)]
                + [t.var for t in self.terms(patient) if t.meets and not t.clinical],
                bool(self.ledger.sittings[patient]),
            ),
        )

    def sees(self, therapist: str) -> dict[str, Literal]:
        """patient -> whether the therapist sees them one to one (told apart by ``named_carers``)."""
        pool = (therapist,)
        return {
            p: self._once(("sees", p, therapist), lambda found=found: self.any_of(found))  # type: ignore[misc]
            for p in self.patients
            if (
                found := [
                    t.var
                    for t in self.terms(p)
                    if t.pool == pool and self.clinic.services[t.service].format == "individual"
                ]
            )
        }
