"""What can be done about an open session without a mouse: legal choices first, the others with why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from solver import judging, report
from solver.explain.board import Board
from solver.explain.here import Verdict
from solver.explain.wording.reasons import gathered
from solver.judging import Cancel, Grabbed, Judged, MoveAppointment, MoveMember, MoveSection, Place
from solver.report.week import BY_VIDEO
from solver.report.words import named
from solver.timegrid import DAY_NAMES, clock

from ..desk.frame import Frame, choose
from . import board_acts as acts
from .board_places import COSTS, FORBIDDEN, FREE, WITHOUT, cost_words, verdict
from .text import capital, cell, listed, plain

ACTED = "card acted"
"""In session state: something was changed, and the page behind is to be drawn again."""
OPEN = "week.open"
MOST_REASONS = 2
AS_IS = "As it is, or the next best that is free"
_SIGN = {FREE: "✓", COSTS: "+", WITHOUT: "!", FORBIDDEN: "✗"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One line to choose, with its verdict; ``kind`` as in ``board_places``."""

    label: str
    kind: int
    place: Place | None = None
    verdict: Verdict | None = None
    is_now: bool = False


# -- choices, in words ----------------------------------------------------------------------------


def place_choices(
    board: Board, found: Sequence[Place], name: Callable[[Place], str]
) -> list[Choice]:
    """Places as lines, the legal ones first, the cheapest before others."""
    ranked = sorted(found, key=lambda p: (_kind(p), [t.after for t in p.tiers or ()]))
    return [Choice(_label(board, p, name(p)), _kind(p), p) for p in ranked]


def _kind(place: Place) -> int:
    if place.is_legal:
        return verdict(place.tiers)
    return WITHOUT if place.without else 4


def _label(board: Board, place: Place, name: str) -> str:
    if place.is_legal:
        cost = "; ".join(cost_words(board.names, place.tiers)) or "no goal changes"
        return cell(f"{_SIGN[verdict(place.tiers)]} {name} · {cost}")
    if place.without:
        people = board.names.people(place.without)
        return cell(f"{_SIGN[WITHOUT]} {name} · only without {people}")
    return cell(f"{_SIGN[FORBIDDEN]} {name} · {_short(place.reasons)}")


def _short(reasons: Sequence[str]) -> str:
    """The first reasons; all of them are said when the line is chosen."""
    more = len(reasons) - MOST_REASONS
    return "; ".join(reasons[:MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")


def verdict_choices(board: Board, found: Sequence[tuple[str, Verdict]]) -> list[Choice]:
    """Named verdicts as lines, the legal ones first, the cheapest before others."""
    out = []
    for name, judged in sorted(found, key=lambda e: (e[1].order(), e[0])):
        if judged.is_legal:
            kind = verdict(judged.tiers)
            words = "; ".join(cost_words(board.names, judged.tiers)) or "no goal changes"
        else:
            kind, words = FORBIDDEN, _short(gathered(judged.forbidden))
        out.append(Choice(cell(f"{_SIGN[kind]} {name} · {words}"), kind, verdict=judged))
    return out


# -- moving ---------------------------------------------------------------------------------------


def move_form(page: Frame, session: report.Session) -> None:
    """Another time, room or leader."""
    board = _board(page)
    if session.cancelled:
        st.info("A cancelled meeting is not moved.")
        return
    choice = _when(page, board, session)
    place = choice.place if choice else None
    if choice is None or place is None:
        return
    if not place.is_legal and not place.without:
        _why(place.reasons)
        return
    where = _room(page, board, session, place)
    led = _leaders(page, board, session, place)
    move = _merged(place.move, where, led)
    if move is None:
        return
    steps: tuple[judging.Step, ...] = (move,)
    if place.without:
        steps = judging.going_without(session.ref, place.without, move)
        people = board.names.people(place.without)
        st.warning(
            f"{plain(people)} cannot come then. Moving it takes them out of this section.",
            icon=":material/person_remove:",
        )
    judged = acts.judged(page, steps)
    _verdict(board, judged)
    st.button(
        f"Move without {board.names.people(place.without)}" if place.without else "Move",
        type="primary",
        icon=":material/drive_file_move:",
        disabled=not judged.is_legal or (choice.is_now and where is None and led is None),
        on_click=_do,
        args=(page, steps, session.title, True),
    )


def _when(page: Frame, board: Board, session: report.Session) -> Choice | None:
    grabbed = Grabbed(session.ref, session.day)
    week = page.week
    minutes = session.end - session.start
    found = judging.places(week.clinic, week.schedule, grabbed)
    moves = {p.move: p for p in reversed(found) if p.is_legal}
    now = (session.day, session.start)
    once = [p for p in found if not p.is_legal or p is moves[p.move] or (p.day, p.start) == now]
    choices = place_choices(board, once, lambda p: _time(session, p, minutes))
    index = next(
        (n for n, c in enumerate(choices) if c.place and (c.place.day, c.place.start) == now), None
    )
    legal = sum(c.kind in (FREE, COSTS) for c in choices)
    number = st.selectbox(
        f"When ({legal} of {len(choices)} possible)",
        range(len(choices)),
        index=index,
        format_func=lambda n: choices[n].label,
        key=f"move when {session.ref} {session.day}",
        help="What is possible comes first, the best of it on top. Type to find a day or a time.",
    )
    return None if number is None else replace(choices[number], is_now=number == index)


def _time(session: report.Session, place: Place, minutes: int) -> str:
    if (place.day, place.start) == (session.day, session.start):
        return "As it is now"
    if place.is_legal and place.text:
        return capital(place.text)
    return f"{DAY_NAMES[place.day][:3]} {clock(place.start)}–{clock(place.start + minutes)}"


def _room(page: Frame, board: Board, session: report.Session, place: Place) -> Place | None:
    clinic = page.week.clinic
    rooms = [*clinic.rooms, *([BY_VIDEO] if session.group is None else [])]
    if session.group is not None and not clinic.groups[session.group].needs_room:
        return None
    grabbed = Grabbed(session.ref, session.day, session.room or session.place)
    found = judging.places(
        clinic, page.week.schedule, grabbed, "room", rooms, [place.day], place.start
    )
    there = [p for p in found if p.column is not None]
    return _one_of(
        "Where",
        place_choices(board, there, lambda p: named(clinic.rooms, p.column or "").name),
        f"move where {session.ref} {session.day}",
    )


def _leaders(page: Frame, board: Board, session: report.Session, place: Place) -> Place | None:
    clinic = page.week.clinic
    if not session.leaders:
        return None
    from_whom = session.leaders[0]
    if len(session.leaders) > 1:
        from_whom = st.selectbox(
            "Whom to relieve",
            session.leaders,
            format_func=lambda t: cell(t.name),
            key=f"move from {session.ref} {session.day}",
        )
    grabbed = Grabbed(session.ref, session.day, from_whom.id)
    found = judging.places(
        clinic,
        page.week.schedule,
        grabbed,
        "therapist",
        list(clinic.therapists),
        [place.day],
        place.start,
    )
    others = [p for p in found if p.column not in (None, from_whom.id)]
    return _one_of(
        "Led by" if session.group else "With",
        place_choices(board, others, lambda p: board.names.person(p.column or "")),
        f"move who {session.ref} {session.day}",
    )


def _one_of(label: str, choices: list[Choice], key: str) -> Place | None:
    """A choice among places; None for what there is."""
    number = st.selectbox(
        label,
        [None, *range(len(choices))],
        format_func=lambda n: AS_IS if n is None else choices[n].label,
        key=key,
    )
    return None if number is None else choices[number].place


def _merged(move: object, where: Place | None, led: Place | None) -> judging.Move | None:
    """One move of what was chosen for time, room and leader."""
    if isinstance(move, MoveSection):
        room, lead = (p.move if p else None for p in (where, led))
        if isinstance(room, MoveSection):
            move = replace(move, rooms=room.rooms)
        if isinstance(lead, MoveSection):
            move = replace(move, leaders=lead.leaders)
        return move
    if isinstance(move, MoveAppointment):
        room, lead = (p.move if p else None for p in (where, led))
        if isinstance(room, MoveAppointment):
            move = replace(move, room=room.room, remote=room.remote)
        if isinstance(lead, MoveAppointment):
            move = replace(move, therapist=lead.therapist)
        return move
    return None


# -- members --------------------------------------------------------------------------------------


def members_form(page: Frame, session: report.Session) -> None:
    """Take somebody in, out, or over into another section."""
    board = _board(page)
    running = board.ledger.sections[session.ref]
    with st.expander("Add somebody", icon=":material/person_add:"):
        others = [p for p in page.week.clinic.patients if p not in running.members]
        found = [(board.names.full(p), judging.seat(board, p, None, session.ref)) for p in others]
        _decide(page, board, verdict_choices(board, found), "Add", session, "add")
    with st.expander("Take out or move a member", icon=":material/person_remove:"):
        who = st.selectbox(
            "Member",
            list(running.members),
            index=None,
            format_func=lambda p: cell(board.names.full(p)),
            key=f"member {session.ref}",
        )
        if who is None:
            return
        board_moves = [
            (f"into {board.names.session(s)}", judging.seat(board, who, session.ref, s))
            for s in board.ledger.sections
            if s != session.ref and who not in board.ledger.sections[s].members
        ]
        out = judging.judge(board, MoveMember(who, leaves=session.ref))
        found = [("out of this section", out), *board_moves]
        _decide(page, board, verdict_choices(board, found), "Do it", session, f"move {who}")


def _decide(
    page: Frame,
    board: Board,
    choices: list[Choice],
    label: str,
    session: report.Session,
    key: str,
) -> None:
    legal = sum(c.kind in (FREE, COSTS) for c in choices)
    number = st.selectbox(
        f"{legal} of {len(choices)} possible",
        range(len(choices)),
        index=None,
        format_func=lambda n: choices[n].label,
        key=f"{key} {session.ref}",
        help="What is possible comes first, the best of it on top.",
    )
    chosen = choices[number].verdict if number is not None else None
    if chosen is not None and not chosen.is_legal:
        _why(gathered(chosen.forbidden))
    st.button(
        label,
        key=f"do {key} {session.ref}",
        icon=":material/check:",
        disabled=chosen is None or not chosen.is_legal,
        on_click=_do,
        args=(page, [chosen.move] if chosen else [], "", False),
    )


def cancel_form(page: Frame, session: report.Session) -> None:
    """Take an appointment off the week."""
    board = _board(page)
    steps = [Cancel(session.ref)]
    with st.expander("Cancel this appointment", icon=":material/event_busy:"):
        judged = acts.judged(page, steps)
        _verdict(board, judged)
        st.button(
            "Cancel it",
            key=f"cancel {session.ref}",
            disabled=not judged.is_legal,
            on_click=_do,
            args=(page, steps, "", True),
        )


# -- what all of them share -----------------------------------------------------------------------


def _board(page: Frame) -> Board:
    return judging.board_of(page.week.clinic, page.week.schedule)


def _do(page: Frame, steps: Sequence[judging.Step], title: str, closes: bool) -> None:
    done = acts.take(page, steps, title)
    if done and closes:
        choose(page.desk, OPEN, None)
    acted()


def acted() -> None:
    """The page behind the card is to be drawn again."""
    st.session_state[ACTED] = True


def _verdict(board: Board, judged: Judged) -> None:
    if not judged.is_legal:
        _why(judged.reasons)
        return
    lines = cost_words(board.names, judged.tiers) or ["No goal changes."]
    st.markdown(f"**{plain(capital(judged.text))}**")
    st.markdown(listed([plain(line) for line in lines]))


def _why(reasons: Sequence[str]) -> None:
    st.error(listed([plain(text) for text in acts.sentences(reasons)]), icon=":material/block:")
