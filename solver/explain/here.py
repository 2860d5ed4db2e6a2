"""Why a session is where it is: what else could be, what forbids it, and what it would cost.

Every alternative is judged by the ledger and the rules, without a solver: fast enough for a drag on
the board. The same verdict is given on a move that somebody proposes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..candidates import Opening
from ..schedule import Schedule
from ..search.placing import Placing
from ..timegrid import DAY_NUMBER, bits
from .board import Board, Reason, TierCost
from .moves import Move, MoveAppointment, MoveMember, MoveSection, appointment_after, made
from .wording import here as wording


@dataclass(frozen=True, slots=True)
class Verdict:
    """A move, judged.

    Attributes:
        forbidden: what forbids it; empty where the week stays legal.
        tiers: what it costs, tier by tier; None where it is forbidden.
        instead: the nearest legal move of the same session to the same time, with other leaders or
            rooms, where only those stand in the way.
    """

    move: Move
    text: str
    forbidden: tuple[Reason, ...]
    tiers: tuple[TierCost, ...] | None
    instead: Verdict | None = None

    @property
    def is_legal(self) -> bool:
        return not self.forbidden

    @property
    def best(self) -> Verdict | None:
        """The move itself if it is legal, else what is legal instead."""
        return self if self.is_legal else self.instead

    def order(self) -> tuple[bool, tuple[int, ...]]:
        """Sorts moves: legal ones before others, the cheapest first."""
        best = self.best
        return best is None, tuple(t.after for t in best.tiers or ()) if best else ()

    def document(self) -> dict[str, object]:
        """The verdict for machines."""
        return {
            **self.move.document(),
            "text": self.text,
            "legal": self.is_legal,
            "forbidden": [r.document() for r in self.forbidden],
            "tiers": None if self.tiers is None else [t.document() for t in self.tiers],
            "instead": None if self.instead is None else self.instead.document(),
        }


@dataclass(frozen=True, slots=True)
class WhyHere:
    """A session's alternatives, those that are legal first, the cheapest first."""

    ref: str
    title: str
    times: tuple[Verdict, ...]
    leaders: tuple[Verdict, ...]
    rooms: tuple[Verdict, ...]

    def document(self) -> dict[str, object]:
        """The answer for machines."""
        return {
            "ref": self.ref,
            "title": self.title,
            "times": [v.document() for v in self.times],
            "leaders": [v.document() for v in self.leaders],
            "rooms": [v.document() for v in self.rooms],
        }


# -- one move -------------------------------------------------------------------------------------


def judge(board: Board, move: Move) -> Verdict:
    """Whether a move is legal, what forbids it, and what it costs."""
    found = _obvious(board, move)
    verdict = Verdict(move, wording.move(board.names, move), tuple(found), None)
    if not found:
        verdict = _weighed(board, move)
    if not verdict.is_legal and isinstance(move, MoveSection | MoveAppointment):
        another = _with_others(board, move, verdict.forbidden)
        if another is not None:
            return Verdict(move, verdict.text, verdict.forbidden, None, another)
    return verdict


def after(board: Board, move: Move) -> Schedule:
    """The schedule that a move makes, legal or not."""
    return made(board.ledger, move)[0].schedule()


def _weighed(board: Board, move: Move) -> Verdict:
    """The verdict of all rules, and the cost where none is broken."""
    week, touched, scope = made(board.ledger, move)
    about = "" if isinstance(move, MoveMember) else _ref(move)
    found = board.breaks(week, scope, about) or board.breaks_strict(week)
    tiers = None if found else board.costs(week, touched)
    return Verdict(move, wording.move(board.names, move), tuple(found), tiers)


def _ref(move: MoveSection | MoveAppointment) -> str:
    return move.section if isinstance(move, MoveSection) else move.appointment


def _obvious(board: Board, move: Move) -> list[Reason]:
    """What one look at hours and bookings shows; the rules say it of a whole week as well."""
    match move:
        case MoveSection():
            return _section_in_the_way(board, move)
        case MoveAppointment():
            return _appointment_in_the_way(board, move)
    return []


def _section_in_the_way(board: Board, move: MoveSection) -> list[Reason]:
    running = board.ledger.sections[move.section]
    group = board.clinic.groups[running.group]
    held = {DAY_NUMBER[m.day]: m for m in running.meetings}
    days = tuple(sorted(held)) if move.days is None else move.days
    start = running.meetings[0].start if move.start is None else move.start
    beside = (move.section,)
    found: list[Reason] = []
    if (move.days, move.start) != (None, None):
        met = tuple(d for d in days if d not in board.clinic.closed_days)
        for day in days:
            for p, remote in running.members.items():
                if day in board.clinic.stay[p] and (p, day) not in running.absences:
                    by_video = board.clinic.member_remote(group, remote)
                    found += board.of_patient(
                        p, day, start, group.minutes, remote=by_video, beside=beside
                    )
        if group.closed:
            found += board.forbidden(Opening(group.id, met, start, move.section), group.id)
    for number, day in enumerate(days):
        meeting = held.get(day)
        if meeting is not None and meeting.cancelled:
            continue
        substitutes = meeting.leaders if meeting and move.leaders is None else None
        for place, t in enumerate(move.leaders or substitutes or running.leaders):
            if place < len(group.leaders):
                found += board.of_leader(t, group.id, place, day, start, beside)
        if move.rooms is not None:
            room = move.rooms[number]
        else:
            room = meeting.room if meeting else running.meetings[0].room
        if room is not None:
            found += board.of_room(room, day, start, group=group.id, beside=beside)
    return list(dict.fromkeys(found))


def _appointment_in_the_way(board: Board, move: MoveAppointment) -> list[Reason]:
    a = appointment_after(board.ledger.appointments[move.appointment], move)
    service, day, beside = board.clinic.services[a.service], DAY_NUMBER[a.day], (a.id,)
    family = service.format == "family"
    found = board.of_patient(
        a.patient, day, a.start, service.minutes, remote=a.remote, family=family, beside=beside
    )
    found += board.of_carer(
        a.therapist, a.patient, a.service, day, a.start, remote=a.remote, beside=beside
    )
    if a.room is not None:
        found += board.of_room(a.room, day, a.start, service=a.service, beside=beside)
    return list(dict.fromkeys(found))


def _with_others(
    board: Board, move: MoveSection | MoveAppointment, forbidden: Iterable[Reason]
) -> Verdict | None:
    """The same time with other leaders or rooms, if only those that were not asked for are in the way."""
    clinic = board.clinic
    people = {r.about for r in forbidden}
    if isinstance(move, MoveSection):
        running = board.ledger.sections[move.section]
        group = clinic.groups[running.group]
        leaders = {t for m in running.held() for t in running.leaders_at(m)}
        rooms = {m.room for m in running.meetings}
        asked = set(move.leaders or ()) | set(move.rooms or ())
        if not people <= (leaders | rooms) - asked:
            return None
        rest = board.ledger.copy()
        rest.close(move.section)
        days = running.days if move.days is None else move.days
        start = running.meetings[0].start if move.start is None else move.start
        placing = Placing(rest)
        able = placing.leaders(group.id, days, start) if people & leaders else running.leaders
        fit = placing.rooms(group.id, days, start) if people & rooms else move.rooms
        if able is None or (people & rooms and fit is None):
            return None
        another: Move = MoveSection(
            move.section, days, start, move.leaders or able, fit if people & rooms else move.rooms
        )
    else:
        found = _appointment_with_others(board, move, people)
        if found is None:
            return None
        another = found
    if another == move or _obvious(board, another):
        return None
    verdict = _weighed(board, another)
    return verdict if verdict.is_legal else None


def _appointment_with_others(
    board: Board, move: MoveAppointment, in_the_way: set[str]
) -> MoveAppointment | None:
    a = board.ledger.appointments[move.appointment]
    then = appointment_after(a, move)
    if not in_the_way <= {x for x in (a.therapist, a.room) if x not in (move.therapist, move.room)}:
        return None
    day, beside = DAY_NUMBER[then.day], (a.id,)
    therapist, room = then.therapist, then.room
    if a.therapist in in_the_way:
        free = (
            t
            for t in board.screen.carers(a.patient, a.service)
            if not board.of_carer(
                t, a.patient, a.service, day, then.start, remote=then.remote, beside=beside
            )
        )
        therapist = next(free, "")
    if room is not None and room in in_the_way:
        rooms = (
            r
            for r in board.clinic.rooms
            if not board.of_room(r, day, then.start, service=a.service, beside=beside)
        )
        room = min(rooms, key=lambda r: board.clinic.rooms[r].capacity, default="")
    if not therapist or room == "":
        return None
    return MoveAppointment(a.id, day, then.start, therapist, room, then.remote)


# -- all alternatives -----------------------------------------------------------------------------


def why_here(board: Board, ref: str) -> WhyHere:
    """The alternatives of a section or an appointment.

    Raises:
        KeyError: there is none of that id.
    """
    if ref in board.ledger.sections:
        times, leaders, rooms = _of_section(board, ref)
    else:
        times, leaders, rooms = _of_appointment(board, ref)
    return WhyHere(
        ref,
        board.names.title(ref),
        *(_sorted(judge(board, m) for m in moves) for moves in (times, leaders, rooms)),
    )


def _sorted(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    return tuple(sorted(verdicts, key=Verdict.order))


def _of_section(board: Board, ref: str) -> tuple[list[Move], list[Move], list[Move]]:
    running = board.ledger.sections[ref]
    group = board.clinic.groups[running.group]
    start = running.meetings[0].start
    times: list[Move] = [
        MoveSection(ref, days, at)
        for days in board.clinic.day_sets[group.id]
        for at in _common_starts(board, group.id, days)
        if (days, at) != (running.days, start)
    ]
    leaders: list[Move] = []
    for place, now in enumerate(running.leaders):
        for t in board.clinic.therapists:
            if t not in running.leaders:
                changed = (*running.leaders[:place], t, *running.leaders[place + 1 :])
                leaders.append(MoveSection(ref, leaders=changed))
            elif t != now and running.leaders.index(t) > place:
                swapped = list(running.leaders)
                other = running.leaders.index(t)
                swapped[place], swapped[other] = t, now
                leaders.append(MoveSection(ref, leaders=tuple(swapped)))
    rooms: list[Move] = []
    if group.needs_room:
        now_in = tuple(m.room for m in sorted(running.meetings, key=lambda m: DAY_NUMBER[m.day]))
        everywhere = [(r,) * len(now_in) for r in board.clinic.rooms]
        rooms = [MoveSection(ref, rooms=there) for there in everywhere if there != now_in]
    return times, leaders, rooms


def _common_starts(board: Board, group: str, days: tuple[int, ...]) -> list[int]:
    """Times of day at which a group may meet on all of some days."""
    starts, grid = board.screen.gathering(group), board.clinic.grid
    at = [{grid.clock_of(c)[1] for c in bits(starts & grid.day_mask(d))} for d in days]
    return sorted(set.intersection(*at)) if at else []


def _of_appointment(board: Board, ref: str) -> tuple[list[Move], list[Move], list[Move]]:
    a, clinic = board.ledger.appointments[ref], board.clinic
    times: list[Move] = [
        MoveAppointment(ref, *there)
        for cell in bits(board.screen.appointing(a.service))
        if (there := clinic.grid.clock_of(cell)) != (DAY_NUMBER[a.day], a.start)
    ]
    therapists: list[Move] = [
        MoveAppointment(ref, therapist=t) for t in clinic.therapists if t != a.therapist
    ]
    rooms: list[Move] = [
        MoveAppointment(ref, room=r, remote=False) for r in clinic.rooms if r != a.room
    ]
    if not a.remote:
        rooms.append(MoveAppointment(ref, remote=True))
    return times, therapists, rooms
