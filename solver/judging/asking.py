"""The places of one session on a board, a time and a column each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..explain.board import Board, Reason, TierCost
from ..explain.here import Verdict, judge
from ..explain.moves import Move, MoveAppointment, MoveSection
from ..explain.wording import here as wording
from ..explain.wording.reasons import gathered
from ..report.week import BY_VIDEO, ELSEWHERE
from ..timegrid import DAY_NUMBER

View = Literal["room", "therapist", "patient", "group"]
MOST_LEFT_BEHIND = 3
"""Members whom a session may leave behind in one move; with more it is another session."""


@dataclass(frozen=True, slots=True)
class Grabbed:
    """What is in hand: a meeting of a section, an appointment, or (``patient``) a member's seat.

    Attributes:
        ref: id of the section or appointment.
        day: of the meeting that was grabbed.
        column: whose column it was grabbed in, where that matters: the leader whom it moves away
            from.
    """

    ref: str
    day: int
    column: str | None = None
    patient: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """One place of the board, for what is in hand.

    Attributes:
        column: the room, therapist, patient or group; None where it is the same in each of them.
        reasons: what forbids it, in words.
        move: what putting it there does; None where nothing can be done.
        text: what comes of it.
        tiers: what it costs in each goal, tier by tier; None where it is forbidden.
        otherwise: others than those asked for lead, or hold, it there.
        without: members who alone stand in the way; it could go without them.
    """

    day: int
    start: int
    column: str | None
    reasons: tuple[str, ...] = ()
    move: Move | None = None
    text: str = ""
    tiers: tuple[TierCost, ...] | None = None
    otherwise: bool = False
    without: tuple[str, ...] = ()

    @property
    def is_legal(self) -> bool:
        return not self.reasons


def place_of(verdict: Verdict, day: int, start: int, column: str | None) -> Place:
    """A verdict as a place; what is legal instead stands for what was asked."""
    best = verdict.best
    if best is None:
        said = tuple(gathered(verdict.forbidden))
        return Place(day, start, column, said)
    return Place(
        day, start, column, (), best.move, best.text, best.tiers, otherwise=best is not verdict
    )


class Asking:
    """The places of one session. A time is judged once; a column adds its room or therapist."""

    def __init__(self, board: Board, grabbed: Grabbed) -> None:
        self.board, self.grabbed, self.beside = board, grabbed, (grabbed.ref,)
        self._known: dict[tuple[Reason, ...], tuple[str, ...]] = {}

    # What a kind of session says of itself.

    def now_in(self, by: View) -> set[str]:
        """Rooms or therapists that it has now."""
        raise NotImplementedError

    def move(self, day: int, start: int) -> Move:
        raise NotImplementedError

    def into(self, by: View, column: str, day: int, start: int) -> Move | str:
        """The move into a column, or why there is none."""
        raise NotImplementedError

    def taken(self, by: View, column: str, day: int, start: int) -> list[Reason]:
        """Why the column's room or therapist cannot have it then."""
        raise NotImplementedError

    def stays(self, by: View, column: str, move: Move) -> bool:
        """Whether a move leaves it in the column, whatever else it changes."""
        raise NotImplementedError

    def without(self, found: Sequence[Reason]) -> tuple[str, ...]:
        """Members who alone stand in the way."""
        return ()

    # What is asked of all.

    def at(self, day: int, start: int, column: str | None) -> Place:
        """The place at a time, all else as it is or as it must be."""
        move = self.move(day, start)
        verdict = judge(self.board, move)
        place = place_of(verdict, day, start, column)
        return self._could_go(place, move, verdict.forbidden)

    def along(self, by: View, columns: Sequence[str], day: int, start: int) -> Iterator[Place]:
        """The places at a time, a column each."""
        yield from self._spread(by, columns, day, start, self.move(day, start))

    def _spread(
        self, by: View, columns: Sequence[str], day: int, start: int, alone: Move
    ) -> Iterator[Place]:
        """The same, where ``alone`` is the move to that time whatever the column."""
        general = judge(self.board, alone)
        now = self.now_in(by)
        # Whoever is busy then, or not there, is so in every column; what the rules say of the week
        # as a whole (no time stands beside it) may differ with the room or the leader.
        fixed = [r for r in general.forbidden if r.about not in now and r.day is not None]
        left = self.without(fixed)
        said = self._words(fixed)
        if fixed and not left:
            yield Place(day, start, None, said)
            return
        for column in columns:
            own = self.taken(by, column, day, start)
            if own:
                yield Place(day, start, column, self._words(own))
                continue
            move = self.into(by, column, day, start)
            if isinstance(move, str):
                yield Place(day, start, column, (move,))
            elif left:
                text = wording.move(self.board.names, move)
                yield Place(day, start, column, said, move, text, without=left)
            else:
                yield self._judged(by, column, day, start, general, move)

    def _judged(
        self, by: View, column: str, day: int, start: int, general: Verdict, move: Move
    ) -> Place:
        """The place of one move that nobody's hours stand in the way of."""
        verdict = general if move == general.move else judge(self.board, move)
        if verdict.best is not None and not self.stays(by, column, verdict.best.move):
            verdict = replace(verdict, instead=None)
        return self._could_go(place_of(verdict, day, start, column), move, verdict.forbidden)

    def _words(self, found: Sequence[Reason]) -> tuple[str, ...]:
        key = tuple(found)
        if key not in self._known:
            self._known[key] = tuple(gathered(key))
        return self._known[key]

    def _could_go(self, place: Place, move: Move, found: Sequence[Reason]) -> Place:
        left = () if place.is_legal else self.without(found)
        if not left:
            return place
        text = wording.move(self.board.names, move)
        return replace(place, move=move, text=text, without=left)


class OfSection(Asking):
    """A section: all its meetings move together, at one start."""

    def __init__(self, board: Board, grabbed: Grabbed) -> None:
        super().__init__(board, grabbed)
        self.running = board.ledger.sections[grabbed.ref]
        self.group = board.clinic.groups[self.running.group]
        self.meetings = {DAY_NUMBER[m.day]: m for m in self.running.meetings}
        self._days: dict[int, tuple[int, ...]] = {}

    def days(self, day: int) -> tuple[int, ...]:
        """The days it meets on when the meeting in hand is on this one.

        Only that meeting's day changes if a pattern allows; else the pattern that has the day in
        the same place and most others in common.
        """
        if day not in self._days:
            now, grabbed = self.running.days, self.grabbed.day
            changed = tuple(sorted({*(d for d in now if d != grabbed), day}))
            sets = [s for s in self.board.clinic.day_sets[self.group.id] if day in s and s != now]
            if day == grabbed:
                self._days[day] = now
            elif changed in sets or not sets:
                self._days[day] = changed
            else:
                place = now.index(grabbed) if grabbed in now else 0
                self._days[day] = min(
                    sets, key=lambda s: (s.index(day) != place, -len({*s} & {*now}), s)
                )
        return self._days[day]

    def now_in(self, by: View) -> set[str]:
        if by == "therapist":
            return {t for m in self.running.held() for t in self.running.leaders_at(m)}
        return {m.room for m in self.running.meetings if m.room is not None}

    def move(self, day: int, start: int) -> Move:
        return MoveSection(self.grabbed.ref, self.days(day), start)

    def into(self, by: View, column: str, day: int, start: int) -> Move | str:
        days = self.days(day)
        if by == "therapist":
            was, leaders = self.grabbed.column, self._leaders()
            if column in leaders and column != was:
                return f"{self.board.names.person(column)} leads it already"
            if was not in leaders:
                return "choose a leader's column to take it from"
            if column == was:
                return self.move(day, start)
            new = tuple(column if t == was else t for t in leaders)
            return MoveSection(self.grabbed.ref, days, start, leaders=new)
        room = None if column in ELSEWHERE else column
        rooms = tuple(
            room if d == day else self._room(n, d, start, room) for n, d in enumerate(days)
        )
        return MoveSection(self.grabbed.ref, days, start, rooms=rooms)

    def stays(self, by: View, column: str, move: Move) -> bool:
        if not isinstance(move, MoveSection):
            return False
        kept = move.leaders if by == "therapist" else move.rooms
        return kept is None or column in kept or column in ELSEWHERE

    def _leaders(self) -> tuple[str, ...]:
        """Who leads the meeting in hand."""
        meeting = self.meetings.get(self.grabbed.day)
        return self.running.leaders_at(meeting) if meeting else self.running.leaders

    def _room(self, number: int, day: int, start: int, room: str | None) -> str | None:
        """Where another meeting of the section is: in its own room if it can, else in a free one."""
        if room is None:
            return None
        by_day = [self.meetings[d].room for d in sorted(self.meetings)]
        held = self.meetings.get(day)
        own = held.room if held else by_day[min(number, len(by_day) - 1)]
        if own is not None and not self.taken("room", own, day, start):
            return own
        rooms, heads = self.board.clinic.rooms, len(self.running.members)
        free = [r for r in rooms if not self.taken("room", r, day, start)]
        rank = {r: (rooms[r].capacity < heads, rooms[r].capacity) for r in free}
        return min(free, key=rank.__getitem__, default=own)

    def taken(self, by: View, column: str, day: int, start: int) -> list[Reason]:
        board, group = self.board, self.group.id
        if by == "room":
            if column in ELSEWHERE:
                return []
            return board.of_room(column, day, start, group=group, beside=self.beside)
        leaders = self._leaders()
        place = leaders.index(self.grabbed.column) if self.grabbed.column in leaders else 0
        return [
            reason
            for d in self.days(day)
            for reason in board.of_leader(column, group, place, d, start, self.beside)
        ]

    def without(self, found: Sequence[Reason]) -> tuple[str, ...]:
        about = dict.fromkeys(r.about for r in found if r.day is not None)
        alone = all(r.about in self.running.members and r.day is not None for r in found)
        left = len(self.running.members) - len(about)
        few = len(about) <= MOST_LEFT_BEHIND and left >= max(1, self.group.size.min)
        return tuple(about) if alone and few else ()


class OfAppointment(Asking):
    """An appointment: one patient, one therapist, a room or a screen."""

    def __init__(self, board: Board, grabbed: Grabbed) -> None:
        super().__init__(board, grabbed)
        self.appointment = board.ledger.appointments[grabbed.ref]

    def now_in(self, by: View) -> set[str]:
        a = self.appointment
        if by == "therapist":
            return {a.therapist}
        return {BY_VIDEO} if a.remote else set() if a.room is None else {a.room}

    def move(self, day: int, start: int) -> Move:
        return MoveAppointment(self.grabbed.ref, day, start)

    def into(self, by: View, column: str, day: int, start: int) -> Move | str:
        ref = self.grabbed.ref
        if by == "therapist":
            return MoveAppointment(ref, day, start, therapist=column)
        if column == BY_VIDEO:
            return MoveAppointment(ref, day, start, remote=True)
        if column in ELSEWHERE:
            return "an appointment is in a room or by video"
        return MoveAppointment(ref, day, start, room=column, remote=False)

    def stays(self, by: View, column: str, move: Move) -> bool:
        if not isinstance(move, MoveAppointment):
            return False
        kept = move.therapist if by == "therapist" else move.room
        return kept is None or kept == column

    def taken(self, by: View, column: str, day: int, start: int) -> list[Reason]:
        board, a = self.board, self.appointment
        if by == "therapist":
            return board.of_carer(
                column, a.patient, a.service, day, start, remote=a.remote, beside=self.beside
            )
        if column in ELSEWHERE:
            return []
        return board.of_room(column, day, start, service=a.service, beside=self.beside)

    def along(self, by: View, columns: Sequence[str], day: int, start: int) -> Iterator[Place]:
        """A screen and a room are reached differently, so a time is judged apart for either."""
        if by != "room":
            yield from super().along(by, columns, day, start)
            return
        for remote in (False, True):
            there = [c for c in columns if (c == BY_VIDEO) == remote]
            alone = MoveAppointment(self.grabbed.ref, day, start, remote=remote)
            for place in self._spread(by, there, day, start, alone) if there else ():
                if place.column is None:
                    yield from (replace(place, column=c) for c in there)
                else:
                    yield place
