"""What a person does at once, as steps: judged together, and carried out."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..clinic import Clinic
from ..explain.board import Board, Reason, TierCost
from ..explain.moves import Move, MoveMember, made
from ..explain.wording import here as wording
from ..explain.wording.reasons import gathered
from ..ledger import Ledger
from ..pins import ids_kept
from ..rules import RULES, Scope
from ..schedule import Schedule

_KEPT_BOARDS = 8
_LOCKS = next(rule for rule in RULES if rule.key == "locks")


@dataclass(frozen=True, slots=True)
class Cancel:
    """An appointment is taken off the week."""

    appointment: str


Step = Move | Cancel
"""One part of what a person does at once."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Some steps taken together, judged.

    Attributes:
        reasons: what forbids them, in words; none where the week stays legal.
        tiers: what they cost, tier by tier; None where they are forbidden.
    """

    steps: tuple[Step, ...]
    text: str
    reasons: tuple[str, ...]
    tiers: tuple[TierCost, ...] | None

    @property
    def is_legal(self) -> bool:
        return not self.reasons


# -- one board a week ------------------------------------------------------------------------------

_boards: list[tuple[Clinic, Schedule, Board]] = []
_keeping = threading.Lock()


def board_of(clinic: Clinic, schedule: Schedule) -> Board:
    """The week laid out for questions; the same one for the same week, as long as it is asked for."""
    with _keeping:
        for entry in _boards:
            if entry[0] is clinic and entry[1] is schedule:
                return entry[2]
    board = Board(clinic, schedule)
    with _keeping:
        _boards.append((clinic, schedule, board))
        del _boards[:-_KEPT_BOARDS]
    return board


# -- several steps at once -------------------------------------------------------------------------


def weigh(board: Board, steps: Sequence[Step]) -> Judged:
    """Whether steps taken together are legal, what forbids them, and what they cost.

    Raises:
        KeyError: a step names what is not there.
    """
    week, touched, scope = _after(board.ledger, steps)
    found = _unlocked(board, week, steps) + board.breaks(week, scope) or board.breaks_strict(week)
    tiers = None if found else board.costs(week, touched)
    return Judged(tuple(steps), _said(board, steps), tuple(gathered(found)), tiers)


def carried_out(clinic: Clinic, schedule: Schedule, steps: Sequence[Step]) -> Schedule:
    """The schedule after the steps, legal or not; entries stay in their order.

    Raises:
        KeyError: a step names what is not there.
    """
    after = _after(Ledger(clinic, schedule), steps)[0].schedule()
    sections = {s.id: n for n, s in enumerate(schedule.sections)}
    appointments = {a.id: n for n, a in enumerate(schedule.appointments)}
    return after.model_copy(
        update={
            "sections": tuple(sorted(after.sections, key=lambda s: sections[s.id])),
            "appointments": tuple(sorted(after.appointments, key=lambda a: appointments[a.id])),
        }
    )


def going_without(ref: str, without: Iterable[str], move: Move) -> tuple[Step, ...]:
    """A section's move, taken without some of its members."""
    return (*(MoveMember(patient, leaves=ref) for patient in without), move)


def _after(ledger: Ledger, steps: Sequence[Step]) -> tuple[Ledger, list[str], Scope]:
    """The week after the steps, the patients they touch, and whom to look at."""
    scopes, touched = [], list[str]()
    for step in steps:
        if isinstance(step, Cancel):
            ledger, patients, scope = _cancelled(ledger, step)
        else:
            ledger, patients, scope = made(ledger, step)
        touched += patients
        scopes.append(scope)
    return ledger, touched, _together(scopes, ledger)


def _cancelled(ledger: Ledger, step: Cancel) -> tuple[Ledger, list[str], Scope]:
    after = ledger.copy()
    after.not_admitted = None
    a = after.cancel(step.appointment)
    rooms = [] if a.room is None else [a.room]
    return after, [a.patient], Scope([a.patient], [a.therapist], rooms, [], [], [], [a.id])


def _together(scopes: Sequence[Scope], after: Ledger) -> Scope:
    """All that any of them looks at and that is still there."""
    return Scope(
        patients=list(dict.fromkeys(p for s in scopes for p in s.patients)),
        therapists={t for s in scopes for t in s.therapists},
        rooms={r for s in scopes for r in s.rooms},
        items={i for s in scopes for i in s.items},
        groups={g for s in scopes for g in s.groups},
        sections=list(dict.fromkeys(x for s in scopes for x in s.sections if x in after.sections)),
        appointments=list(
            dict.fromkeys(x for s in scopes for x in s.appointments if x in after.appointments)
        ),
    )


def _unlocked(board: Board, week: Ledger, steps: Sequence[Step]) -> list[Reason]:
    """Locks on appointments that the steps take away: no scope names what is gone."""
    gone = {step.appointment for step in steps if isinstance(step, Cancel)}
    if not gone & ids_kept(board.clinic):
        return []
    found = _LOCKS.check(board.clinic, week, Scope.whole(week))
    return board.worded(v for v in found if v not in board.broken)


def _said(board: Board, steps: Sequence[Step]) -> str:
    """What the steps make, in words."""
    parts = []
    for step in steps:
        if isinstance(step, Cancel):
            parts.append(f"{board.names.session(step.appointment)} is cancelled")
        else:
            parts.append(wording.move(board.names, step))
    return ", ".join(parts)
