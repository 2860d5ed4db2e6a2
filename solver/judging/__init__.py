"""What a drag means: where a session or a member can go, what forbids it elsewhere, what it costs.

All of it is asked of the ledger and the rules, in plain Python, by the same verdicts that explain a
session (``explain.here``); here they are asked for every place of a board at once. What one person
or room is busy with at a time is asked once a time, and the whole week is judged only where nobody
is in the way, so that everything about one grabbed thing is known within a blink.

A move that some members cannot follow is forbidden, and the place names them (``without``): whoever
decides to move on without them does so in so many words (``going_without``). Nobody is dropped
silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..clinic import Clinic
from ..explain.board import Board
from ..explain.here import Verdict, judge
from ..explain.moves import Move, MoveAppointment, MoveMember, MoveSection
from ..schedule import Schedule
from ..timegrid import DAY_NUMBER, bits
from .asking import (
    MOST_LEFT_BEHIND,
    Asking,
    Grabbed,
    OfAppointment,
    OfSection,
    Place,
    View,
    place_of,
)
from .steps import Cancel, Judged, Step, board_of, carried_out, going_without, weigh

__all__ = [
    "MOST_LEFT_BEHIND",
    "Cancel",
    "Grabbed",
    "Judged",
    "Move",
    "MoveAppointment",
    "MoveMember",
    "MoveSection",
    "Place",
    "Step",
    "View",
    "board_of",
    "carried_out",
    "going_without",
    "judge",
    "places",
    "seat",
    "weigh",
]


def places(
    clinic: Clinic,
    schedule: Schedule,
    grabbed: Grabbed,
    by: View | None = None,
    columns: Sequence[str] = (),
    days: Iterable[int] | None = None,
    start: int | None = None,
) -> tuple[Place, ...]:
    """Every start, in every column, at which what is in hand could be put; each with its verdict.

    ``by`` says what a column is: its room or therapist changes with the column; a patient's or a
    group's column takes only what is theirs. Without it only times change. ``days`` and ``start``
    leave out others. So are starts outside opening hours: nothing is ever there.

    Raises:
        KeyError: there is no such session.
    """
    board = board_of(clinic, schedule)
    shown = set(range(7) if days is None else days)
    if grabbed.patient is not None:
        seats = _seats(board, grabbed)
        return tuple(p for p in seats if p.day in shown and start in (None, p.start))
    times = [
        (day, at)
        for day, at in map(clinic.grid.clock_of, bits(clinic.open_cells))
        if day in shown and start in (None, at)
    ]
    if grabbed.ref in board.ledger.sections:
        asking: Asking = OfSection(board, grabbed)
    else:
        asking = OfAppointment(board, grabbed)
    found: list[Place] = []
    for day, at in times:
        if by in ("room", "therapist"):
            found += asking.along(by, columns, day, at)
        else:
            found.append(asking.at(day, at, grabbed.column))
    return tuple(found)


def seat(board: Board, patient: str, leaves: str | None, joins: str) -> Verdict:
    """A patient joins a section in whichever way they may, in the room where possible.

    Raises:
        KeyError: there is no such section.
    """
    group = board.ledger.sections[joins].group
    ways = board.screen.seat_modes(patient, group) or (False,)
    found = [judge(board, MoveMember(patient, leaves, joins, remote)) for remote in ways]
    return next((v for v in found if v.is_legal), found[0])


def _seats(board: Board, grabbed: Grabbed) -> Iterator[Place]:
    """The meetings of other sections, as places for a member; one a time, the best there is."""
    patient = grabbed.patient or ""
    best: dict[tuple[int, int], tuple[Verdict, str]] = {}
    own = board.ledger.sections[grabbed.ref].group
    for other in board.ledger.sections.values():
        if other.id == grabbed.ref:
            continue
        verdict = seat(board, patient, grabbed.ref, other.id)
        for m in other.held():
            key = DAY_NUMBER[m.day], m.start
            known = best.get(key)
            rank = (verdict.order(), other.group != own)
            if known is None or rank < (known[0].order(), known[1] != own):
                best[key] = verdict, other.group
    for (day, start), (verdict, _) in sorted(best.items()):
        yield place_of(verdict, day, start, grabbed.patient)
