"""Rooms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..candidates import Candidate, Housing
from ..clinic import Clinic
from ..ledger import Ledger
from ..timegrid import DAY_NUMBER
from ..violations import Violation
from .base import Rule, Scope, at

if TYPE_CHECKING:
    from ..variables import Variables


class RoomFits(Rule):
    """A room holds those in it, has every feature asked for and is available.

    Members attending a meeting in person, or an appointment's ``party_size``, are no more than the
    room's capacity (patients and relatives count, staff do not). In-person and hybrid meetings and
    in-person appointments have a room; telehealth, offsite and remote ones have none.
    """

    key = "room_fits"
    title = "Rooms fit"
    judges = (Housing,)

    def forbids(self, candidate: Candidate, clinic: Clinic) -> str | None:
        if not isinstance(candidate, Housing):
            return None
        c, room = candidate, clinic.rooms[candidate.room]
        if c.group is not None:
            group = clinic.groups[c.group]
            features, minutes, heads = group.room_features, group.minutes, 0
        else:
            service = clinic.services[c.service or ""]
            features, minutes, heads = service.room_features, service.minutes, service.party
        if missing := set(features) - set(room.features):
            return f"{c.room} lacks {' and '.join(sorted(missing))}"
        if heads > room.capacity:
            return f"{c.room} seats {room.capacity}, {heads} come"
        if clinic.occupied(c.day, c.start, minutes) & ~clinic.room_hours[c.room]:
            return f"{c.room} is not available {at(c.day, c.start)}"
        return None

    def check(self, clinic: Clinic, ledger: Ledger, scope: Scope) -> Iterator[Violation]:
        for s in scope.sections:
            section = ledger.sections[s]
            group = clinic.groups[section.group]
            for m in section.held():
                day = DAY_NUMBER[m.day]
                if (m.room is not None) != group.needs_room:
                    need = (
                        "needs a room" if group.needs_room else f"is {group.modality}, without room"
                    )
                    yield Violation(self.key, s, f"{s} on {m.day} {need}")
                if m.room is None:
                    continue
                if why := self.forbids(Housing(m.room, group.id, None, day, m.start), clinic):
                    yield Violation(self.key, s, f"{s}: {why}")
                heads = len(ledger.present(section, day))
                seats = clinic.rooms[m.room].capacity
                if heads > seats:
                    text = f"{s} on {m.day}: {heads} come in person, {m.room} seats {seats}"
                    yield Violation(self.key, s, text, heads - seats)
        for ref in scope.appointments:
            a = ledger.appointments[ref]
            if (a.room is None) != a.remote:
                need = "is remote, without room" if a.remote else "needs a room"
                yield Violation(self.key, ref, f"{ref} on {a.day} {need}")
            if a.room is not None:
                candidate = Housing(a.room, None, a.service, DAY_NUMBER[a.day], a.start)
                if why := self.forbids(candidate, clinic):
                    yield Violation(self.key, ref, f"{ref}: {why}")

    def post(self, v: Variables) -> None:
        for option in v.options:
            if option.kept is not None:
                self._seats_left(v, option.kept.id)
                continue
            if not v.clinic.groups[option.group].needs_room:
                continue
            for day in option.days:
                picks = v.rooms_in(option, day)
                v.span([pick.var for pick in picks], option.open, 1, 1)
                heads = [
                    seat.var
                    for seat in v.seats_in(option)
                    if not seat.remote and day in v.clinic.stay[seat.patient]
                ]
                most = min(v.clinic.groups[option.group].size.max, len(heads))
                if any(pick.capacity < most for pick in picks):
                    terms = [(head, 1) for head in heads]
                    v.weighted_at_most(terms + [(x.var, -x.capacity) for x in picks], 0)

    def _seats_left(self, v: Variables, section: str) -> None:
        running = v.ledger.sections[section]
        option = v.option_of(section)
        for m in running.held():
            if m.room is None:
                continue
            day = DAY_NUMBER[m.day]
            left = v.clinic.rooms[m.room].capacity - len(v.ledger.present(running, day))
            heads = [
                seat.var
                for seat in v.seats_in(option)
                if not seat.remote and day in v.clinic.stay[seat.patient]
            ]
            v.at_most(heads, left)
