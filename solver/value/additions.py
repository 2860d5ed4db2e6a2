"""Single additions that could help those who are short, the most promising first.

A first look, cheap and rough, decides only what is worth a solve: who is short of what, and who of
them could come to what the addition makes possible. What an addition gives is found by solving.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from ..changes import Add, Change, Edit, Open
from ..report.figures import PARTS_OF_DAY
from ..report.words import count, named
from ..scenario import Group, Window
from ..timegrid import DAY_NAMES, DAYS, bits, clock
from .short import Lack, Short, Span

Kind = Literal["therapist", "room", "seat", "section", "opening"]
HALF_DAY = 240
"""Minutes of a half-day at most."""
SHORTEST = 60
"""Minutes of a half-day at least."""
HOUR = 60
UNLED = 10
"""How much less a section promises for which somebody else would have to give up hours."""
EACH = 2
"""Additions of each kind that are tried whatever the others promise."""


@dataclass(frozen=True, slots=True)
class Addition:
    """One thing more, and how it is made to the scenario.

    Attributes:
        part: the part of the day it is about; None where it is about the whole week.
        promise: minutes of care it might give, at a first look.
        paid_minutes: minutes a week for which somebody more is paid.
        cost: of those a week, in the scenario's own money; None where it states no cost.
        credential: of a therapist's half-day.
        span: the hours it is about.
    """

    key: str
    kind: Kind
    title: str
    change: Change
    promise: int
    part: str | None = None
    paid_minutes: int = 0
    cost: float | None = None
    credential: str | None = None
    span: Span | None = None
    group: str | None = None


def additions(short: Short) -> list[Addition]:
    """What is worth a solve, the most promising first; nothing where nobody could use it."""
    found = [
        *_therapists(short),
        *_rooms(short),
        *_seats(short),
        *_sections(short),
        *_openings(short),
    ]
    found = [a for a in found if a.promise > 0]
    found.sort(key=lambda a: (-a.promise, a.key))
    seen: dict[str, int] = {}
    first: list[Addition] = []
    for a in found:
        seen[a.kind] = seen.get(a.kind, 0) + 1
        if seen[a.kind] <= EACH:
            first.append(a)
    return [*first, *(a for a in found if a not in first)]


# -- therapists -----------------------------------------------------------------------------------


def _therapists(short: Short) -> Iterator[Addition]:
    """For each credential and part of the day the half-day that most could use."""
    for credential in _credentials(short):
        for part, spans in short.parts:
            tried = [
                _therapist(short, credential, part, _half_day(span))
                for span in spans
                if span.minutes >= SHORTEST
            ]
            if tried:
                yield max(tried, key=lambda a: a.promise)


def _credentials(short: Short) -> list[str]:
    """Credentials that some service or leader's place asks for, in the scenario's order."""
    scenario = short.clinic.scenario
    asked = [c for s in scenario.services for c in s.credentials]
    asked += [c for g in scenario.groups for leader in g.leaders for c in leader.credentials]
    held = [c.id for t in scenario.therapists for c in t.credentials]
    return list(dict.fromkeys(asked or held))


def _half_day(span: Span) -> Span:
    """The half of the hours that is nearer to noon, where there are more than a half-day."""
    if span.minutes <= HALF_DAY:
        return span
    if span.start < 12 * 60:
        return Span(span.day, span.end - HALF_DAY, span.end)
    return Span(span.day, span.start, span.start + HALF_DAY)


def _therapist(short: Short, credential: str, part: str, span: Span) -> Addition:
    promise = max(_alone(short, credential, span), _together(short, credential, span))
    rate = _rate(short, [credential])
    name = f"One more {credential}"
    return Addition(
        key=f"therapist {credential} {DAYS[span.day]} {part}",
        kind="therapist",
        title=f"A therapist half-day, {credential}: {_when(span)}",
        change=Add(
            what="therapist",
            set={"name": name, "credentials": [credential], "availability": [_window(span)]},
        ),
        promise=promise,
        part=part,
        paid_minutes=span.minutes,
        cost=None if rate is None else rate * span.minutes / 60,
        credential=credential,
        span=span,
    )


def _alone(short: Short, credential: str, span: Span) -> int:
    """Minutes of individual and family sessions that could be given in some hours."""
    given, left = 0, span.minutes
    for lack in short.lacks:
        service = short.clinic.services[lack.service]
        if service.format == "group" or not service.clinical:
            continue
        fits = not service.credentials or credential in service.credentials
        inside = short.within(span, service.minutes)
        if fits and short.starts(lack) & inside:
            held = short.clinic.grid.held(service.minutes)
            number = min(lack.sessions, left // held)
            left -= number * held
            given += number * service.clinical
    return given


def _together(short: Short, credential: str, span: Span) -> int:
    """Minutes of care in one group meeting that somebody with the credential could lead."""
    best = 0
    for group in short.clinic.scenario.groups:
        leads = any(not x.credentials or credential in x.credentials for x in group.leaders)
        if leads and (span.day,) in short.clinic.day_sets[group.id]:
            starts = short.within(span, group.minutes) & short.screen.gathering(group.id)
            best = max(best, _most_at_once(short, group, starts) * group.clinical)
    return best


def _most_at_once(short: Short, group: Group, starts: int) -> int:
    """How many who lack it could come to a group at one and the same start."""
    theirs = [short.starts(x, group) for x in short.lacks if x.service == group.service]
    together = max((sum(mask >> c & 1 for mask in theirs) for c in bits(starts)), default=0)
    return min(together, group.size.max) if together >= group.size.min else 0


def _rate(short: Short, credentials: Sequence[str]) -> float | None:
    """What therapists with any of some credentials cost an hour, in the middle."""
    known = [
        t.cost_per_hour
        for t in short.clinic.scenario.therapists
        if t.cost_per_hour is not None and {c.id for c in t.credentials} & set(credentials)
    ]
    return median(known) if known else None


# -- rooms ----------------------------------------------------------------------------------------


def _rooms(short: Short) -> Iterator[Addition]:
    """A large and a small room more, in the hours of each part of the day in which rooms are fullest."""
    rooms = short.clinic.scenario.rooms
    if not rooms:
        return
    large, small = max(rooms, key=lambda r: r.capacity), min(rooms, key=lambda r: r.capacity)
    for room in dict.fromkeys((large.id, small.id)):
        for part, spans in short.parts:
            tried = [_room(short, room, part, _half_day(s)) for s in spans if s.minutes >= SHORTEST]
            if tried:
                yield max(tried, key=lambda a: a.promise)


def _room(short: Short, room: str, part: str, span: Span) -> Addition:
    """Hours of a room more; worth trying as far as rooms like it are taken when they are wanted."""
    clinic = short.clinic
    cells = clinic.occupied(span.day, span.start, span.minutes)
    capacity = clinic.rooms[room].capacity
    alike = [r.id for r in clinic.scenario.rooms if r.capacity >= capacity]
    taken = sum((short.ledger.room_busy(r) & cells).bit_count() for r in alike)
    there = sum((clinic.room_hours[r] & cells).bit_count() for r in alike)
    wanted = len(short.could_come(cells)) * span.minutes
    staff = sum(short.spare(t, cells) for t in clinic.therapists)
    name = named(clinic.rooms, room).name
    return Addition(
        key=f"room {room} {DAYS[span.day]} {part}",
        kind="room",
        title=f"A room like {name} (seats {capacity}): {_when(span)}",
        change=Add(what="room", like=room, set={"availability": [_window(span)]}),
        promise=min(wanted * taken // max(1, there) // 2, capacity * staff),
        part=part,
        cost=0.0,
        span=span,
    )


# -- seats and sections ---------------------------------------------------------------------------


def _seats(short: Short) -> Iterator[Addition]:
    """One seat more in groups of which a section is full."""
    for group in short.clinic.scenario.groups:
        running = [short.ledger.sections[s] for s in short.ledger.by_group[group.id]]
        full = [s for s in running if len(s.members) >= group.size.max]
        waiting = 0
        for section in full:
            needed = 0
            for m in section.held():
                needed |= 1 << short.clinic.grid.cell(DAYS.index(m.day), m.start)
            could = [x for x in _lacking(short, group) if not needed & ~short.starts(x, group)]
            waiting += 1 if any(x.patient not in section.members for x in could) else 0
        meetings = max((len(s.held()) for s in full), default=0)
        size = group.size.max + 1
        name = group.name or group.id
        yield Addition(
            key=f"seat {group.id}",
            kind="seat",
            title=f"A seat more in {name}: {size} instead of {group.size.max}",
            change=Edit(what="group", id=group.id, set={"size.max": size}),
            promise=waiting * meetings * group.clinical,
            cost=0.0,
            group=group.id,
        )


def _sections(short: Short) -> Iterator[Addition]:
    """One section more of groups of which as many run as may."""
    for group in short.clinic.scenario.groups:
        running = len(short.ledger.by_group[group.id])
        if running < group.max_sections or group.id in short.clinic.continuing:
            continue
        most = group.max_sections + 1
        name = group.name or group.id
        starts = short.screen.gathering(group.id)
        meetings = max((len(days) for days in short.clinic.day_sets[group.id]), default=0)
        promise = _most_at_once(short, group, starts) * meetings * group.clinical
        if not short.has_leaders(group, meetings):
            promise //= UNLED
        yield Addition(
            key=f"section {group.id}",
            kind="section",
            title=f"A section more of {name}: {most} instead of {group.max_sections}",
            change=Edit(what="group", id=group.id, set={"max_sections": most}),
            promise=promise,
            cost=0.0,
            group=group.id,
        )


def _lacking(short: Short, group: Group) -> list[Lack]:
    return [x for x in short.lacks if x.service == group.service]


# -- opening hours --------------------------------------------------------------------------------


def _openings(short: Short) -> Iterator[Addition]:
    """An hour more of a day, with those who work the hour next to it."""
    grid, clinic = short.clinic.grid, short.clinic
    if HOUR % grid.minutes:
        return
    for day in clinic.open_days:
        runs = list(grid.runs(clinic.open_cells & grid.day_mask(day)))
        first, last = runs[0][0], runs[-1][0] + runs[-1][1]
        opens = grid.clock_of(first)[1]
        closes = opens + (last - first) * grid.minutes
        if closes + HOUR <= 24 * 60:
            yield _opening(short, Span(day, closes, closes + HOUR), closes - grid.minutes)
        if opens >= HOUR:
            yield _opening(short, Span(day, opens - HOUR, opens), opens)


def _opening(short: Short, span: Span, beside: int) -> Addition:
    """The hour with all who are there in the last open cell before it, or the first after it."""
    clinic = short.clinic
    next_to = clinic.occupied(span.day, beside, clinic.grid.minutes)
    there = [t for t in clinic.therapists if not next_to & ~clinic.on_site[t]]
    staff = [t for t in there if _may_work(short, t, HOUR)]
    rooms = [r for r in clinic.rooms if not next_to & ~clinic.room_hours[r]]
    free = clinic.occupied(span.day, span.start, HOUR)
    able = {x.patient for x in short.lacks if _could_come(short, x.patient, span.day, free)}
    rates = [clinic.therapists[t].cost_per_hour for t in staff]
    later = "later" if span.start > beside else "earlier"
    return Addition(
        key=f"opening {DAYS[span.day]} {later}",
        kind="opening",
        title=f"An hour more, {_when(span)}, with {count(len(staff), 'therapist')}",
        change=Open(
            windows=(Window.model_validate(_window(span)),), therapists=tuple(staff),
            rooms=tuple(rooms),
        ),
        promise=HOUR * min(len(able), 2 * len(staff)),
        part=next(name for name, first, last in PARTS_OF_DAY if first * 60 <= beside < last * 60),
        paid_minutes=HOUR * len(staff),
        cost=None if not staff or None in rates else float(sum(r for r in rates if r is not None)),
        span=span,
    )  # fmt: skip


def _may_work(short: Short, therapist: str, minutes: int) -> bool:
    """Whether a therapist's week leaves so many minutes, hours of the clinic aside."""
    most = short.clinic.therapists[therapist].max_minutes_per_week
    worked = short.ledger.therapist_busy(therapist).bit_count() * short.clinic.grid.minutes
    return most is None or worked + minutes <= most


def _could_come(short: Short, patient: str, day: int, cells: int) -> bool:
    """Whether a patient could come then if the clinic were open; no stated hours are all it has."""
    clinic = short.clinic
    hours = (
        clinic.patients[patient].availability is None or not cells & ~clinic.patient_hours[patient]
    )
    return hours and day in clinic.stay[patient] and not cells & clinic.committed[patient, False]


# -- words ----------------------------------------------------------------------------------------


def _window(span: Span) -> dict[str, object]:
    return {"days": [DAYS[span.day]], "start": clock(span.start), "end": clock(span.end)}


def _when(span: Span) -> str:
    """``Thu 17:00–21:00``."""
    return f"{DAY_NAMES[span.day][:3]} {clock(span.start)}–{clock(span.end)}"
