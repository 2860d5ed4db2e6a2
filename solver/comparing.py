"""How a model compares a week to come with the one people already live by."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from .goals.disruption import APPOINTMENT_ALONE, pair_cost
from .linear import Linear, Literal
from .options import Option, Pick, Term
from .posting import Posting
from .schedule import Appointment
from .timegrid import DAY_NUMBER, DAYS

if TYPE_CHECKING:
    from .clinic import Clinic
    from .ledger import Ledger
    from .options import Lead
    from .pins import Pin

Flags = dict[str, list[Literal]]
UNNAMED = "any other room"


class Comparing(Posting):
    """Questions about sameness: leaders, rooms, appointments in time order, and locked sections."""

    clinic: Clinic
    ledger: Ledger
    options: list[Option]
    pins: dict[str, Pin]
    _made: dict[object, Literal]

    if TYPE_CHECKING:

        def leads_in(self, option: Option) -> list[Lead]: ...
        def rooms_in(self, option: Option, day: int) -> list[Pick]: ...
        def seats_in(self, option: Option) -> list[Term]: ...
        def terms(self, patient: str) -> list[Term]: ...

    def option(self, seat: Term) -> Option:
        """The option a seat is in."""
        assert seat.option is not None
        return self.options[seat.option]

    def leader_flags(self, index: int | None) -> Flags:
        """therapist -> booleans of which one holds where they lead the option."""
        option = self.options[index or 0]
        out: Flags = {}
        if option.kept is not None:
            for m in option.kept.held():
                out.update({t: [1] for t in option.kept.leaders_at(m)})
        for lead in self.leads_in(option):
            out.setdefault(lead.therapist, []).append(lead.var)
        return out

    def room_flags(self, index: int | None) -> Flags:
        """Room (or one of its kind) -> booleans that hold where the option meets there."""
        option = self.options[index or 0]
        out: Flags = {}
        if option.kept is not None:
            out.update({m.room: [1] for m in option.kept.held() if m.room is not None})
        for day in option.days:
            for pick in self.rooms_in(option, day):
                out.setdefault(self.clinic_room(pick.kind), []).append(pick.var)
        return out

    def clinic_room(self, kind: int) -> str:
        """The room a kind is named by."""
        raise NotImplementedError

    def foreign(self, seat: Term, flags: Flags, known: Iterable[str], flag: Literal) -> None:
        """In this seat, anything that is not among the known puts the flag up."""
        others = [x for name, xs in flags.items() if name not in known for x in xs]
        if not others:
            return
        key = ("foreign", seat.option, frozenset(flags) - frozenset(known))
        if key not in self._made:
            self._made[key] = self.any_of(others)
        self.weighted_at_most([(seat.var, 1), (self._made[key], 1), (flag, -1)], 1)

    def lacking(
        self,
        member: Literal,
        seats: list[Term],
        flags_of: Callable[[int | None], Flags],
        name: str,
        flag: Literal,
    ) -> None:
        """Where ``member`` holds and none of the seats taken has the name, the flag goes up."""
        single = all(self.clinic.groups[s.group or ""].per_patient == 1 for s in seats)
        if seats and single and not isinstance(member, int):
            for s in seats:
                there = [(x, -1) for x in flags_of(s.option).get(name, [])]
                self.weighted_at_most([(s.var, 1), (flag, -1), *there], 0)
            return
        both = []
        for s in seats:
            for x in flags_of(s.option).get(name, []):
                if isinstance(x, int):
                    both.append(s.var)
                    continue
                product = self.flag()
                self.model.add_implication(product, s.var)
                self.model.add_implication(product, x)
                both.append(product)
        self.covered(member, both, flag)

    # -- appointments in time order -------------------------------------------------------------

    def paired(self, patient: str, service: str, was: list[Appointment]) -> Linear:
        """What a patient's appointments of a service cost beside those of the baseline."""
        visits = [t for t in self.terms(patient) if t.option is None and t.service == service]
        held = [
            self.ledger.appointments[s.ref]
            for s in self.ledger.sittings[patient]
            if s.group is None and s.service == service
        ]
        if not was:
            out = Linear.total((t.var for t in visits), APPOINTMENT_ALONE)
            out.constant += APPOINTMENT_ALONE * len(held)
            return out
        out = Linear(constant=APPOINTMENT_ALONE * len(was))
        most = self._most(patient, service)
        if most <= 1 and not held:
            for t in visits:
                out.add(t.var, self._pair(was[0], t) - APPOINTMENT_ALONE)
            return out
        entries: list[tuple[int, Literal, Term | Appointment]] = [
            (self.clinic.grid.cell(t.meets[0].day, t.meets[0].start), t.var, t) for t in visits
        ]
        entries += [(self.clinic.grid.cell(DAY_NUMBER[a.day], a.start), 1, a) for a in held]
        entries.sort(key=lambda e: e[0])
        return out if not entries else self._positions(out, entries, was, max(most, len(held)))

    def _positions(
        self,
        out: Linear,
        entries: list[tuple[int, Literal, Term | Appointment]],
        was: list[Appointment],
        most: int,
    ) -> Linear:
        """Each appointment taken is first, second, …; the k-th is compared with the k-th before."""
        places = [[self.flag() for _ in range(most)] for _ in entries]
        for (_, var, entry), row in zip(entries, places, strict=True):
            self.equal([*((x, 1) for x in row), (var, -1)], 0)
            for k, x in enumerate(row):
                cost = (
                    self._pair(was[k], entry) - APPOINTMENT_ALONE
                    if k < len(was)
                    else APPOINTMENT_ALONE
                )
                out.add(x, cost)
        for k in range(most):
            self.at_most([row[k] for row in places], 1)
        for k in range(most - 1):
            for time in sorted({cell for cell, _, _ in entries}):
                later = [row[k + 1] for e, row in zip(entries, places, strict=True) if e[0] <= time]
                sooner = [row[k] for e, row in zip(entries, places, strict=True) if e[0] < time]
                self.weighted_at_most([*((x, 1) for x in later), *((x, -1) for x in sooner)], 0)
        return out

    def _pair(self, was: Appointment, entry: Term | Appointment) -> int:
        if isinstance(entry, Appointment):
            return pair_cost(was, entry.therapist, entry.day, entry.start, entry.room)
        meet = entry.meets[0]
        therapist = entry.pool[0] if len(entry.pool) == 1 else ""
        room = None if entry.remote else entry.room or UNNAMED
        return pair_cost(was, therapist, DAYS[meet.day], meet.start, room)

    def _most(self, patient: str, service: str) -> int:
        """How many appointments of a service a patient could have at most."""
        needs, entry = self.clinic.needs[patient], self.clinic.services[service]
        limits = [21]
        quota = needs.quotas.get(service)
        if quota is not None and quota[1] is not None:
            limits.append(quota[1])
        if needs.minutes_max is not None and entry.clinical:
            limits.append(needs.minutes_max // entry.clinical)
        return min(limits)

    # -- locked sections whose lock leaves something open ----------------------------------------

    def bind_pins(self) -> None:
        """Each loose pin runs in one of its options, with what it keeps."""
        for pin in self.pins.values():
            options = [o for o in self.options if o.continues == pin.id]
            self.at_least([o.open for o in options], 1)
            self.at_most([o.open for o in options], 1)
            for option in options:
                self._bind(pin, option)

    def _bind(self, pin: Pin, option: Option) -> None:
        for t in pin.leaders:
            if t is not None:
                found = [x.var for x in self.leads_in(option) if x.therapist == t]
                self.weighted_at_least([(x, 1) for x in found], option.open, 1)
        for day, room in pin.rooms.items():
            found = [x.var for x in self.rooms_in(option, day) if self.clinic_room(x.kind) == room]
            self.weighted_at_least([(x, 1) for x in found], option.open, 1)
        for p in pin.members:
            found = [s.var for s in self.seats_in(option) if s.patient == p]
            self.weighted_at_least([(x, 1) for x in found], option.open, 1)
