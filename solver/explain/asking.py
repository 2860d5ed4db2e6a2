"""A proposed move as somebody types it: ``process-eve tue 18:00``, ``p017 from cbt-1 to cbt-2``.

What is not understood is said with what was found, what there is, and how to say it.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping

from ..report.words import HasName
from ..timegrid import DAY_NAMES, DAYS, clock, parse_clock
from ..validation.wording import nearest
from .board import Board
from .moves import Move, MoveAppointment, MoveMember, MoveSection

FORMS = (
    "process-eve tue 18:00",
    "process-eve mon,wed 18:00 with t03 in r2",
    "p07-individual-1 thu 10:00 with t03",
    "p07-individual-1 by video",
    "p07 from cbt-1 to cbt-2",
    "p07 to cbt-2 by video",
)
"""Ways to say a move."""
_KEYWORDS = ("with", "in", "from", "to", "by")


class NotUnderstood(ValueError):
    """A move that cannot be read; the message says what was found and what can be said."""


def parse_move(board: Board, text: str) -> Move:
    """The move that a text asks for.

    Raises:
        NotUnderstood: it names what is not there, or says no move.
    """
    try:
        words = shlex.split(text)
    except ValueError:
        raise NotUnderstood("a quotation mark is not closed") from None
    if len(words) < 2:
        raise NotUnderstood(f"found {text!r}; say a move like: {'; '.join(FORMS)}")
    kind, ref = subject(board, words[0])
    plain, said = _parted(words[1:])
    match kind:
        case "section":
            return _section(board, ref, plain, said)
        case "appointment":
            return _appointment(board, ref, plain, said)
    return _member(board, ref, plain, said)


def subject(board: Board, word: str, patients: bool = True) -> tuple[str, str]:
    """What a word names: ("section", id), ("appointment", id) or ("patient", id).

    A group that runs once stands for its section.

    Raises:
        NotUnderstood: nothing or several things are named so.
    """
    ledger, clinic = board.ledger, board.clinic
    if word in ledger.sections:
        return "section", word
    if word in ledger.appointments:
        return "appointment", word
    if word in clinic.groups:
        running = ledger.by_group[word]
        if len(running) == 1:
            return "section", running[0]
        if not running:
            raise NotUnderstood(f"{board.names.group(word)} ({word}) does not run in this week")
        there = "; ".join(board.names.title(s) for s in running)
        raise NotUnderstood(f"{word} runs {len(running)} times; say which: {there}")
    if patients and word in clinic.patients:
        return "patient", word
    known = [*ledger.sections, *ledger.appointments, *clinic.groups]
    known += clinic.patients if patients else ()
    what = "section, group, appointment or patient" if patients else "section, group or appointment"
    raise NotUnderstood(f"no {what} {word!r}{_did_you_mean(word, known)}")


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    guess = nearest(word, list(known))
    return f"; did you mean {guess!r}?" if guess else ""


def _parted(words: list[str]) -> tuple[list[str], dict[str, str]]:
    """Words before any keyword, and what stands behind each keyword."""
    plain: list[str] = []
    said: dict[str, str] = {}
    index = 0
    while index < len(words):
        word = words[index]
        if word.lower() in _KEYWORDS:
            if index + 1 == len(words):
                raise NotUnderstood(f"nothing stands after {word!r}")
            if word.lower() in said:
                raise NotUnderstood(f"{word!r} stands twice")
            said[word.lower()] = words[index + 1]
            index += 2
        else:
            plain.append(word)
            index += 1
    if said.get("by", "video").lower() != "video":
        raise NotUnderstood(f"found 'by {said['by']}'; only 'by video' can be said")
    return plain, said


def _only(said: Mapping[str, str], allowed: Iterable[str], what: str) -> None:
    for word in said:
        if word not in allowed:
            raise NotUnderstood(f"{word!r} makes no sense for {what}; it can be said: {FORMS[0]}")


def _section(board: Board, ref: str, plain: list[str], said: Mapping[str, str]) -> MoveSection:
    _only(said, ("with", "in"), "a section")
    running = board.ledger.sections[ref]
    days, start = _when(plain)
    leaders = rooms = None
    if "with" in said:
        people = [w for w in said["with"].split(",") if w]
        leaders = tuple(_named(board.clinic.therapists, w, "therapist") for w in people)
    if "in" in said:
        there = [_named(board.clinic.rooms, w, "room") for w in said["in"].split(",") if w]
        meetings = len(days or running.days)
        if len(there) not in (1, meetings):
            raise NotUnderstood(
                f"found {len(there)} rooms for {meetings} meetings; say one, or all"
            )
        rooms = tuple(there) if len(there) == meetings else (there[0],) * meetings
    if (days, start, leaders, rooms) == (None, None, None, None):
        raise NotUnderstood("say a day, a time, leaders or a room")
    return MoveSection(ref, days, start, leaders, rooms)


def _appointment(
    board: Board, ref: str, plain: list[str], said: Mapping[str, str]
) -> MoveAppointment:
    _only(said, ("with", "in", "by"), "an appointment")
    if "in" in said and "by" in said:
        raise NotUnderstood("an appointment by video has no room; say one of the two")
    days, start = _when(plain)
    if days is not None and len(days) > 1:
        raise NotUnderstood(f"found {len(days)} days; an appointment is on one")
    therapist = room = None
    if "with" in said:
        therapist = _named(board.clinic.therapists, said["with"], "therapist")
    if "in" in said:
        room = _named(board.clinic.rooms, said["in"], "room")
    remote = True if "by" in said else False if room is not None else None
    if (days, start, therapist, room, remote) == (None,) * 5:
        raise NotUnderstood("say a day, a time, a therapist or a room")
    return MoveAppointment(ref, days[0] if days else None, start, therapist, room, remote)


def _member(board: Board, patient: str, plain: list[str], said: Mapping[str, str]) -> MoveMember:
    _only(said, ("from", "to", "by"), "a patient")
    if plain:
        raise NotUnderstood(f"found {plain[0]!r}; a patient moves from one section to another")
    names = board.names
    leaves, joins = (
        _a_section(board, said[word]) if word in said else None for word in ("from", "to")
    )
    if leaves is None and joins is None:
        raise NotUnderstood("say from which section or to which section the patient moves")
    if leaves is not None and patient not in board.ledger.sections[leaves].members:
        raise NotUnderstood(f"{names.full(patient)} is not in {names.title(leaves)}")
    if joins is not None and joins != leaves and patient in board.ledger.sections[joins].members:
        raise NotUnderstood(f"{names.full(patient)} is in {names.title(joins)} already")
    return MoveMember(patient, leaves, joins, "by" in said)


def _a_section(board: Board, word: str) -> str:
    kind, ref = subject(board, word)
    if kind != "section":
        raise NotUnderstood(f"found {kind} {word!r}; a section or a group is expected")
    return ref


def _when(words: list[str]) -> tuple[tuple[int, ...] | None, int | None]:
    """Days and a time among the words, each at most once."""
    days: list[int] = []
    start = None
    for word in words:
        if word[:1].isdigit():
            if start is not None:
                raise NotUnderstood(f"found two times, {clock(start)} and {word}")
            start = _time(word)
        elif word.lower() != "and":
            days += [_day(part) for part in word.replace("+", ",").split(",") if part]
    if len(set(days)) < len(days):
        raise NotUnderstood("a day is named twice")
    return tuple(sorted(days)) or None, start


def _time(word: str) -> int:
    try:
        start = parse_clock(word if len(word) > 4 else f"0{word}")
    except ValueError:
        raise NotUnderstood(f"found {word!r}; a time is like 18:00") from None
    if start >= 24 * 60:
        raise NotUnderstood("nothing can start at 24:00, when the day ends")
    return start


def _day(word: str) -> int:
    lower = word.lower()
    for number, (short, long) in enumerate(zip(DAYS, DAY_NAMES, strict=True)):
        if lower in (short, long.lower()):
            return number
    raise NotUnderstood(f"found {word!r}; days are said like mon or mon,wed, times like 18:00")


def _named(entries: Mapping[str, HasName], word: str, what: str) -> str:
    """The entry with this id or this name."""
    if word in entries:
        return word
    found = [key for key, entry in entries.items() if entry.name == word]
    if len(found) == 1:
        return found[0]
    names = {entry.name: key for key, entry in entries.items()}
    guess = nearest(word, list(entries)) or names.get(nearest(word, list(names)) or "")
    hint = f"; did you mean {guess!r}?" if guess else ""
    raise NotUnderstood(f"no {what} {word!r}{hint}")
