"""Why a session is where it is, and what a move would break or cost, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from ...goals import GOAL
from ...report.words import count, listing, singular
from ...timegrid import DAY_NUMBER, clock
from ..moves import Move, MoveAppointment, MoveMember, MoveSection
from .names import Names, at_times, days_text, time_span
from .reasons import gathered

if TYPE_CHECKING:
    from ..board import Board, Reason, TierCost
    from ..here import Verdict, WhyHere

Line = tuple[int, str]
"""How far a line is set in, and its text."""
MOST_SHOWN = 12
"""Alternatives of one kind that a text lists; the data has all of them."""
MOST_REASONS = 3
_TIME_AT_END = re.compile(r"(?: at)? (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d:\d\d(?:–\d\d:\d\d)?$")


# -- moves ----------------------------------------------------------------------------------------


def move(names: Names, asked: Move) -> str:
    """What a move makes of a session: ``Tue 18:00–19:30, led by Ann Lee, in Room 2``."""
    match asked:
        case MoveSection():
            return _section(names, asked)
        case MoveAppointment():
            return _appointment(names, asked)
        case MoveMember():
            return _member(names, asked)


def _section(names: Names, asked: MoveSection) -> str:
    running = names.ledger.sections[asked.section]
    days = running.days if asked.days is None else asked.days
    parts = []
    if (asked.days, asked.start) != (None, None):
        start = running.meetings[0].start if asked.start is None else asked.start
        parts.append(at_times(days, start, names.clinic.groups[running.group].minutes))
    if asked.leaders is not None:
        parts.append(f"led by {names.people(asked.leaders)}")
    if asked.rooms is not None:
        parts.append(_rooms(names, days, asked.rooms))
    return ", ".join(parts) or "as it is"


def _rooms(names: Names, days: Sequence[int], rooms: Sequence[str | None]) -> str:
    named = [names.room(r) if r else "no room" for r in rooms]
    if len(set(named)) == 1:
        return f"in {named[0]}"
    return f"in {listing(f'{r} {days_text([d])}' for d, r in zip(days, named, strict=False))}"


def _appointment(names: Names, asked: MoveAppointment) -> str:
    a = names.ledger.appointments[asked.appointment]
    parts = []
    if (asked.day, asked.start) != (None, None):
        day = DAY_NUMBER[a.day] if asked.day is None else asked.day
        start = a.start if asked.start is None else asked.start
        parts.append(time_span(day, start, names.clinic.services[a.service].minutes))
    if asked.therapist is not None:
        parts.append(f"with {names.person(asked.therapist)}")
    if asked.remote:
        parts.append("by video")
    elif asked.room is not None:
        parts.append(f"in {names.room(asked.room)}")
    return ", ".join(parts) or "as it is"


def _member(names: Names, asked: MoveMember) -> str:
    parts = []
    if asked.leaves is not None:
        parts.append(f"leaves {names.session(asked.leaves)}")
    if asked.joins is not None:
        by_video = " by video" if asked.remote else ""
        parts.append(f"joins {names.session(asked.joins)}{by_video}")
    return f"{names.person(asked.patient)} {listing(parts)}" if parts else "nothing changes"


# -- costs ----------------------------------------------------------------------------------------


def cost_lines(names: Names, tiers: Iterable[TierCost]) -> list[str]:
    """What is added to or spared in each goal, in the order of the tiers, with who it is."""
    out = []
    for tier in tiers:
        for goal, added in tier.by_goal.items():
            entry = GOAL[goal]
            amount = f"{abs(added):,} {singular(entry.unit) if abs(added) == 1 else entry.unit}"
            text = f"tier {tier.number}, {entry.title[0].lower()}{entry.title[1:]}: "
            text += f"{amount} {'more' if added > 0 else 'less'}"
            people = tier.by_patient.get(goal, {})
            if people:
                ranked = sorted(people.items(), key=lambda e: -abs(e[1]))
                said = [f"{names.person(p)} {n:+,}" for p, n in ranked[:MOST_REASONS]]
                more = [f"{len(ranked) - MOST_REASONS} more"] if len(ranked) > MOST_REASONS else []
                text += f" ({', '.join([*said, *more])})"
            out.append(text)
    return out


def cost(names: Names, tiers: Iterable[TierCost]) -> str:
    """All of it in one go; nothing changes in any goal if there is nothing to say."""
    return "; ".join(cost_lines(names, tiers)) or "no goal changes"


def why_not(found: Sequence[Reason]) -> str:
    """The first reasons, and how many more there are."""
    texts = gathered(found)
    more = len(texts) - MOST_REASONS
    return "; ".join(texts[:MOST_REASONS]) + (
        f"; and {count(more, 'more reason')}" if more > 0 else ""
    )


# -- answers --------------------------------------------------------------------------------------


def verdict(names: Names, judged: Verdict, title: str) -> list[Line]:
    """A proposed move: whether it is possible, why not, what it costs, what could be done instead."""
    out: list[Line] = []
    if judged.is_legal:
        out.append((0, f"Possible: {title}{judged.text}."))
        out += [(1, _sentence(line)) for line in cost_lines(names, judged.tiers or ())] or [
            (1, "No goal changes.")
        ]
        return out
    out.append((0, f"Not possible: {title}{judged.text}."))
    out += [(1, f"{text}.") for text in gathered(judged.forbidden)]
    if judged.instead is not None:
        out.append((0, f"Possible instead: {judged.instead.text}."))
        out += [(1, _sentence(line)) for line in cost_lines(names, judged.instead.tiers or ())]
    return out


def why_here(board: Board, found: WhyHere) -> list[Line]:
    """A session's alternatives: what is possible with its cost, then what is not and why."""
    names = board.names
    out: list[Line] = [(0, f"{found.title}, {_now(board, found.ref)}.")]
    is_section = found.ref in board.ledger.sections
    kinds = (
        ("other time", found.times),
        ("other leader" if is_section else "other therapist", found.leaders),
        ("other room" if is_section else "other place", found.rooms),
    )
    for kind, verdicts in kinds:
        legal = [v.best for v in verdicts if v.best is not None]
        if not verdicts:
            out.append((0, f"There is no {kind} to choose from."))
            continue
        out.append((0, f"{len(legal):,} of {count(len(verdicts), kind)} possible"))
        out += [(1, f"{v.text}: {cost(names, v.tiers or ())}.") for v in legal[:MOST_SHOWN]]
        if len(legal) > MOST_SHOWN:
            out.append((1, f"… and {len(legal) - MOST_SHOWN:,} more, none of them better."))
        out += [(1, text) for text in _impossible([v for v in verdicts if v.best is None])]
    return out


def _now(board: Board, ref: str) -> str:
    running = board.ledger.sections.get(ref)
    if running is None:
        a = board.ledger.appointments[ref]
        place = "by video" if a.remote else f"in {board.names.room(a.room)}" if a.room else ""
        return (
            f"{board.names.person(a.patient)} with {board.names.person(a.therapist)} {place}"
        ).rstrip()
    rooms = list(dict.fromkeys(board.names.room(m.room) for m in running.meetings if m.room))
    place = f" in {listing(rooms)}" if rooms else ""
    led = f"led by {board.names.people(running.leaders)}" if running.leaders else "without a leader"
    return f"{led}{place}, {count(len(running.members), 'member')}"


def _impossible(verdicts: Sequence[Verdict]) -> list[str]:
    """What is not possible; neighbouring times with the same people in the way are told together."""
    out = []
    for key, same in groupby(sorted(verdicts, key=_place), key=_group):
        run = list(same)
        texts = why_not(run[0].forbidden)
        if len(run) > 1:
            plain = [_TIME_AT_END.sub("", r.text) for v in run for r in v.forbidden]
            ranked = list(dict.fromkeys(plain))
            more = len(ranked) - MOST_REASONS
            texts = "; ".join(ranked[:MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")
        out.append(f"Not {_span(run, key)}: {texts}.")
    return out


def _place(v: Verdict) -> tuple[object, ...]:
    match v.move:
        case MoveSection(days=days, start=start):
            return (days or (), start or 0, v.text)
        case MoveAppointment(day=day, start=start):
            return ((day or 0,), start or 0, v.text)
    return ((), 0, v.text)


def _group(v: Verdict) -> tuple[object, ...]:
    """Times of the same days that the same people and rules stand in the way of."""
    why = frozenset((r.rule, r.about) for r in v.forbidden)
    match v.move:
        case MoveSection(days=days, start=start) if start is not None:
            return (days, why)
        case MoveAppointment(day=day, start=start) if start is not None:
            return (day, why)
    return (v.text, why)


def _span(run: Sequence[Verdict], key: tuple[object, ...]) -> str:
    if len(run) == 1:
        return run[0].text
    first, last = run[0].move, run[-1].move
    assert not isinstance(first, MoveMember)
    assert not isinstance(last, MoveMember)
    days = key[0] if isinstance(key[0], tuple) else (key[0],)
    start, end = clock(first.start or 0), clock(last.start or 0)
    return f"{days_text(d for d in days if isinstance(d, int))}, starting {start} to {end}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
