"""From a solver's values to a ledger, and from a schedule to a hint for the solver."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container

from .fields import day_name
from .ledger import Ledger
from .linear import Literal
from .options import Care, Meet, Option, Term
from .rooming import kind_of
from .schedule import Appointment, Meeting, Section
from .timegrid import DAY_NUMBER
from .variables import Variables

Value = Callable[[Literal], int]


def extract(v: Variables, value: Value) -> Ledger:
    """The ledger of a solution: what stayed, and what the model added.

    Rooms are those kinds are named by (``rooming.name_rooms`` gives each session its own), ids are
    provisional (``naming.py``).
    """
    ledger = extract_sections(v, value)
    _appointments(v, value, ledger)
    return ledger


def extract_sections(v: Variables, value: Value) -> Ledger:
    """The same without the appointments that the model added."""
    ledger = v.ledger.copy()
    for option in v.options:
        seats = [t for t in v.seats_in(option) if value(t.var)]
        if option.kept is not None:
            for t in seats:
                ledger.join(option.kept.id, t.patient, t.remote_member)
        elif value(option.open):
            ledger.open(_section(v, option, seats, value, ledger))
    return ledger


def chosen_days(v: Variables, value: Value) -> dict[tuple[str, str], list[int]]:
    """(patient, service) -> days on which a model without times wants appointments, one each."""
    out: dict[tuple[str, str], list[int]] = defaultdict(list)
    for p in v.patients:
        for t in v.terms(p):
            if t.option is None and value(t.var):
                out[p, t.service].append(t.meets[0].day)
    return out


def _section(
    v: Variables, option: Option, seats: list[Term], value: Value, ledger: Ledger
) -> Section:
    picks = {
        pick.meet.day: v.kinds[pick.kind].name
        for day in option.days
        for pick in v.rooms_in(option, day)
        if value(pick.var)
    }
    return Section(
        id=option.continues or fresh(option.group, ledger.sections),
        group=option.group,
        leaders=_leaders(v, option, value),
        meetings=tuple(
            Meeting.model_construct(
                day=day_name(m.day),
                start=m.start,
                room=picks.get(m.day),
                leaders=None,
                cancelled=False,
            )
            for m in option.meets
        ),
        members=tuple(t.patient for t in seats),
        remote_members=tuple(t.patient for t in seats if t.remote_member),
    )


def _leaders(v: Variables, option: Option, value: Value) -> tuple[str, ...]:
    """Therapists by place; who is locked to a place keeps it."""
    group = v.clinic.groups[option.group]
    leading: dict[int, list[str]] = defaultdict(list)
    for lead in v.leads_in(option):
        if value(lead.var):
            leading[lead.place].append(lead.therapist)
    by_credentials = {
        frozenset(group.leaders[place].credentials): leading[place] for place, _ in option.places
    }
    pin = v.pins.get(option.continues or "")
    out = []
    for place, leader in enumerate(group.leaders):
        waiting = by_credentials[frozenset(leader.credentials)]
        kept = pin.leaders[place] if pin and place < len(pin.leaders) else None
        later = set(pin.leaders[place + 1 :]) if pin else set()
        choice = (
            kept if kept in waiting else next((t for t in waiting if t not in later), waiting[0])
        )
        waiting.remove(choice)
        out.append(choice)
    return tuple(out)


def fresh(stem: str, taken: Container[str]) -> str:
    """A new id that begins with ``stem``."""
    number = 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def _appointments(v: Variables, value: Value, ledger: Ledger) -> None:
    cares: dict[tuple[tuple[str, ...], str, bool, Meet], list[Care]] = defaultdict(list)
    for care in v.cares:
        if value(care.var):
            cares[care.pool, care.service, care.roomless, care.meet].append(care)
    shares: dict[tuple[tuple[int, ...], Meet], list[int]] = defaultdict(list)
    for share in v.shares:
        shares[share.need, share.meet].extend([share.kind] * value(share.var))
    for p in v.patients:
        for t in v.terms(p):
            if t.option is not None or not value(t.var):
                continue
            meet = t.meets[0]
            therapist = t.pool[0]
            if len(t.pool) > 1:
                therapist = cares[t.pool, t.service, t.remote, meet].pop().therapist
            ledger.book(
                Appointment.model_construct(
                    id=fresh(f"{p}-{t.service}", ledger.appointments),
                    service=t.service,
                    patient=p,
                    therapist=therapist,
                    day=day_name(meet.day),
                    start=meet.start,
                    room=None if t.remote else _room(v, t, shares),
                    remote=t.remote,
                )
            )


def _room(v: Variables, t: Term, shares: dict[tuple[tuple[int, ...], Meet], list[int]]) -> str:
    if t.room is not None:
        return t.room
    need = v.need_of(t)
    kind = need[0] if len(need) == 1 else shares[need, t.meets[0]].pop()
    return v.kinds[kind].name


def hint(v: Variables, target: Ledger) -> None:
    """Tell the solver the schedule in ``target`` as the place to start from."""
    v.model.clear_hints()
    values: dict[int, int] = {}
    pool: list[tuple[Literal, int]] = []

    def say(var: Literal, number: int) -> None:
        if not isinstance(var, int) and var.index not in values:
            values[var.index] = number
            pool.append((var, number))

    chosen = _chosen_options(v, target)
    for option in v.options:
        section = option.kept.id if option.kept else chosen.get(option.index)
        running = target.sections.get(section) if section else None
        say(option.open, int(running is not None))
        for t in v.seats_in(option):
            way = running.members.get(t.patient) if running else None
            say(t.var, int(way is not None and way == t.remote_member))
        if option.kept is None:
            asked = [frozenset(x.credentials) for x in v.clinic.groups[option.group].leaders]
            led = set(zip(asked, running.leaders, strict=False)) if running else set()
            for lead in v.leads_in(option):
                say(lead.var, int((asked[lead.place], lead.therapist) in led))
            rooms = {DAY_NUMBER[m.day]: m.room for m in running.meetings} if running else {}
            for day in option.days:
                for pick in v.rooms_in(option, day):
                    room = rooms.get(day)
                    say(
                        pick.var,
                        int(room is not None and kind_of(v.clinic)[room].index == pick.kind),
                    )
    (_hint_days if v.free.daily else _hint_visits)(v, target, say)
    for var, number in pool:
        v.model.add_hint(var, number)


def _chosen_options(v: Variables, target: Ledger) -> dict[int, str]:
    """Which section of the target each new option stands for."""
    open_options: dict[tuple[str, tuple[int, ...], int], list[Option]] = defaultdict(list)
    for option in v.options:
        if option.kept is None:
            open_options[option.group, option.days, option.start].append(option)
    chosen = {}
    for section in target.sections.values():
        if section.id in v.ledger.sections:
            continue
        start = section.meetings[0].start if section.meetings else -1
        for option in open_options[section.group, section.days, start]:
            if option.index not in chosen and option.continues in (None, section.id):
                chosen[option.index] = section.id
                break
    return chosen


def _hint_days(v: Variables, target: Ledger, say: Callable[[Literal, int], None]) -> None:
    """The same for appointments that have a day and no time."""
    left: dict[tuple[str, str, int, bool], list[str]] = defaultdict(list)
    for entry in target.appointments.values():
        if entry.id not in v.ledger.appointments:
            key = (entry.patient, entry.service, DAY_NUMBER[entry.day], entry.remote)
            left[key].append(entry.therapist)
    for p in v.patients:
        for t in v.terms(p):
            if t.option is None:
                given = left[p, t.service, t.meets[0].day, t.remote]
                by = next((who for who in given if who in t.pool), None)
                say(t.var, int(by is not None))
                if by is not None:
                    given.remove(by)


def _hint_visits(v: Variables, target: Ledger, say: Callable[[Literal, int], None]) -> None:
    booked: dict[tuple[str, str, int, int, bool], Appointment] = {}
    for entry in target.appointments.values():
        if entry.id not in v.ledger.appointments:
            key = (entry.patient, entry.service, DAY_NUMBER[entry.day], entry.start, entry.remote)
            booked[key] = entry
    working: dict[tuple[tuple[str, ...], str, bool, Meet, str], int] = defaultdict(int)
    rooms: dict[tuple[tuple[int, ...], Meet, int], int] = defaultdict(int)
    for p in v.patients:
        for t in v.terms(p):
            if t.option is not None:
                continue
            meet = t.meets[0]
            a = booked.get((p, t.service, meet.day, meet.start, t.remote))
            named = a is not None and a.room in v.habit_rooms(p, t.service)
            takes = a is not None and a.therapist in t.pool
            takes = takes and t.room == (a.room if a and named and not t.remote else None)
            say(t.var, int(takes))
            if takes and a is not None:
                working[t.pool, t.service, t.remote, meet, a.therapist] += 1
                if a.room is not None and t.room is None:
                    rooms[v.need_of(t), meet, kind_of(v.clinic)[a.room].index] += 1
    for care in v.cares:
        busy = working[care.pool, care.service, care.roomless, care.meet, care.therapist]
        say(care.var, min(1, busy))
    for share in v.shares:
        say(share.var, rooms[share.need, share.meet, share.kind])
