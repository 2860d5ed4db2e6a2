"""What is done on the board: judged once more as the week stands, written to the desk, undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st

from solver import judging
from solver.errors import FileFaults
from solver.explain.wording.names import Names
from solver.io.files import load_scenario, load_schedule
from solver.judging import Grabbed, Judged, Place, Step

from ..desk import history
from ..desk.frame import Frame
from ..desk.people import require
from ..desk.unmasked import Unmasked
from .board_data import Json, Shown, session_of
from .board_locks import Locked
from .board_places import cost_words, told
from .text import capital

SAID = "board said"
"""In session state: what the last thing done on the board came to, shown until the next."""
ASKS = "board asks"
"""In session state: a drop that would leave somebody behind, until it is answered."""
HAND = "board hand"
"""In session state: what is in hand, as the browser said it."""
ELSEWHERE = {
    "patient": "A session stays with its patient.",
    "group": "A session stays with its group.",
}
"""Why nothing goes into another column, where columns are not rooms or therapists."""
NO_GROUP, CLOSED = "No other group meets then.", "The clinic is closed then."
STALE = "This week was changed meanwhile, in another tab or by a solve. Look at it again."


@dataclass(frozen=True, slots=True)
class Said:
    """What a click or a drop came to.

    Attributes:
        done: whether something was changed.
        lines: what it costs, or why it cannot be.
        named: whether it may hold patients' names.
    """

    done: bool
    text: str
    lines: tuple[str, ...] = field(default=())
    named: bool = True


def stamp(page: Frame) -> str:
    """Tells this state of the week from any other."""
    parts = [page.files.key, str(page.opened.clinic.scenario is page.opened.scenario)]
    for path in (page.files.scenario, page.files.schedule):
        about = path.stat() if path.exists() else None
        parts.append(f"{about.st_mtime_ns} {about.st_size}" if about else "none")
    return " ".join(parts)


def is_current(page: Frame) -> bool:
    """Whether the files still are what the page shows."""
    try:
        scenario = load_scenario(page.files.scenario)[0]
        now = load_schedule(page.files.schedule, scenario)
    except FileFaults:
        return False
    return scenario == page.opened.scenario and now == page.opened.schedule


# -- changing -------------------------------------------------------------------------------------


def take(page: Frame, steps: Sequence[Step], title: str) -> bool:
    """Make the steps the week's, if they still are legal; says what came of it."""
    require("scheduler")
    if not is_current(page):
        return _say(page, Said(False, STALE))
    week = page.week
    board = judging.board_of(week.clinic, week.schedule)
    try:
        judged = judging.weigh(board, steps)
    except KeyError:
        return _say(page, Said(False, STALE))
    text = f"{title}: {judged.text}" if title else capital(judged.text)
    if not judged.is_legal:
        return _say(page, Said(False, f"Not done. {text}.", sentences(judged.reasons)))
    after = judging.carried_out(week.clinic, week.schedule, steps)
    if after == week.schedule:
        return False
    history.change(page.files, text, schedule=Unmasked(page.opened).schedule(after))
    lines = cost_words(board.names, judged.tiers) or ["No goal changes."]
    return _say(page, Said(True, f"{text}.", tuple(lines)))


def take_lock(page: Frame, make: Callable[[], Locked], shown_as: str) -> bool:
    """Make the scenario of a set or removed lock the week's; a ready week is copied first."""
    require("scheduler")
    if not is_current(page):
        return _say(page, Said(False, STALE))
    outcome = make()
    if outcome.scenario is None:
        faults = outcome.faults if not is_masked(page) else ("The week as it stands breaks it.",)
        return _say(page, Said(False, f"Not done. {shown_as}.", sentences(faults)))
    files = page.desk.own_copy(page.files)
    history.change(files, shown_as, scenario=outcome.scenario)
    notes = [outcome.note] if outcome.note else []
    if files != page.files:
        notes.append("The week that came with the program was copied; this is yours.")
    return _say(page, Said(True, f"{shown_as}.", tuple(notes)))


def said(page: Frame) -> Said | None:
    """What the last thing done came to; nothing with names in it where initials are shown."""
    last = st.session_state.get(SAID)
    if last is not None and last.named and is_masked(page):
        return replace(last, text="Done." if last.done else "Not done.", lines=())
    return last


def undo(page: Frame) -> None:
    """Take the last step back."""
    require("scheduler")
    _step(page, history.undo(page.files), "Undone")


def redo(page: Frame) -> None:
    """Do the step again that was taken back."""
    require("scheduler")
    _step(page, history.redo(page.files), "Done again")


def _step(page: Frame, said: str | None, verb: str) -> None:
    if said is not None:
        _say(page, Said(True, f"{verb}." if is_masked(page) else f"{verb}: {said}."))


def is_masked(page: Frame) -> bool:
    """Whether patients are shown by their initials."""
    return Unmasked(page.opened).is_masked


def sentences(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{capital(text).removesuffix('.')}." for text in texts)


def _say(page: Frame, said: Said) -> bool:
    st.session_state[SAID] = replace(said, named=not is_masked(page))
    return said.done


# -- dragging -------------------------------------------------------------------------------------


def in_hand(page: Frame, shown: Shown, said: Json) -> tuple[Grabbed, judging.View | None] | None:
    """What the browser says was grabbed, and what its columns mean; None where it cannot be."""
    session = session_of(page.week, said.get("key"))
    column = said.get("column", said.get("from"))
    known = isinstance(column, int) and 0 <= column < len(shown.columns)
    if said.get("stamp") != stamp(page) or session is None or not known:
        return None
    subject = shown.columns[column]
    if shown.by in ("room", "therapist"):
        return Grabbed(session.ref, session.day, subject), shown.by
    seat = subject if shown.by == "patient" and session.group is not None else None
    return Grabbed(session.ref, session.day, subject, seat), None


def places_told(page: Frame, shown: Shown, said: Json) -> Json | None:
    """Where what is in hand can go, for the browser: its own day first, the rest when asked again."""
    found = in_hand(page, shown, said)
    if found is None:
        return None
    grabbed, by = found
    week = page.week
    whole = bool(said.get("rest")) or shown.single or by is None or len(shown.days) == 1
    days = shown.days if whole else (grabbed.day,)
    places = judging.places(week.clinic, week.schedule, grabbed, by, shown.columns, days)
    return {
        "stamp": said["stamp"],
        "token": said.get("token"),
        "rest": not whole,
        "elsewhere": ELSEWHERE.get(shown.by, ""),
        "never": NO_GROUP if grabbed.patient is not None else CLOSED,
        "grabbed": {k: said.get(k) for k in ("stamp", "key", "column", "token")},
        **told(names(page), places, shown.columns, by is not None),
    }


def dropped(page: Frame, shown: Shown, said: Json) -> None:
    """Something was let go over a place: do it, ask first, or say why not."""
    require("scheduler")
    found = in_hand(page, shown, said)
    if found is None or not is_current(page):
        _say(page, Said(False, STALE))
        return
    grabbed, by = found
    place = _place(page, shown, grabbed, by, said)
    title = _title(page, grabbed)
    if place is None:
        _say(page, Said(False, f"Not done. {title} cannot be there."))
    elif place.is_legal and place.move is not None:
        take(page, [place.move], title)
    elif place.without and place.move is not None:
        st.session_state[ASKS] = Asked(
            stamp(page),
            title,
            place.without,
            judging.going_without(grabbed.ref, place.without, place.move),
        )
    else:
        _say(page, Said(False, f"Not done. {title} cannot be there.", sentences(place.reasons)))


@dataclass(frozen=True, slots=True)
class Asked:
    """A move that leaves somebody behind, waiting for a yes; of the week as ``stamp`` has it."""

    stamp: str

    title: str
    without: tuple[str, ...]
    steps: tuple[Step, ...]


def judged(page: Frame, steps: Sequence[Step]) -> Judged:
    """The steps' verdict on the week that is shown."""
    week = page.week
    return judging.weigh(judging.board_of(week.clinic, week.schedule), steps)


def names(page: Frame) -> Names:
    """How everybody of the week that is shown is called."""
    return judging.board_of(page.week.clinic, page.week.schedule).names


def asked(page: Frame) -> Asked | None:
    """The question that waits for an answer, as long as it is about the week that is shown."""
    waiting = st.session_state.get(ASKS)
    return waiting if waiting is not None and waiting.stamp == stamp(page) else None


def answered() -> None:
    """The question whether to leave somebody behind is settled."""
    st.session_state.pop(ASKS, None)


def _title(page: Frame, grabbed: Grabbed) -> str:
    board = judging.board_of(page.week.clinic, page.week.schedule)
    running = board.ledger.sections.get(grabbed.ref)
    if grabbed.patient is not None:
        return ""
    if running is not None:
        return board.names.group(running.group)
    a = board.ledger.appointments[grabbed.ref]
    return f"{board.names.person(a.patient)}, {board.names.service(a.service)}"


def _place(
    page: Frame, shown: Shown, grabbed: Grabbed, by: judging.View | None, said: Json
) -> Place | None:
    """The place that was named, judged alone."""
    day, start, column = (_whole(said.get(name)) for name in ("day", "start", "column"))
    if day is None or start is None or column is None or column >= len(shown.columns):
        return None
    subject = shown.columns[column]
    if by is None and subject != grabbed.column:
        return None
    found = judging.places(
        page.week.clinic, page.week.schedule, grabbed, by, [subject], [day], start
    )
    return next((p for p in found if p.column in (None, subject)), None)


def _whole(value: Any) -> int | None:
    ok = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if ok else None
