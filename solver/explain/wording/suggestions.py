"""What would help, and what it does to whom, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...clinic import Clinic
from ...ledger import Ledger
from ...report.words import count, duration, listing
from ...timegrid import DAY_NUMBER
from .here import cost_lines
from .names import Names, at_times

if TYPE_CHECKING:
    from ...report import Care
    from ...schedule import Meeting
    from ..board import Board
    from ..proof import Moved, Proof
    from ..remedies import Step
    from ..short import Suggestion

MOST_MOVED = 5
"""People named whose sessions move; how many more there are is said."""


def suggestion(
    board: Board, patient: str, before: Care, steps: Sequence[Step], proof: Proof
) -> str:
    """``If Ann Lee stays until 19:00 on Thu, Ben Torres gets …, and nobody loses anything.``"""
    after = Names(Clinic(proof.scenario), Ledger(Clinic(proof.scenario), proof.schedule))
    who = board.names.person(patient)
    moved = {m.patient: m for m in proof.moved}
    new = list(moved[patient].after) if patient in moved else []
    where = listing(_placed(after, ref) for ref in new) if new else ""
    condition = f"If {listing(s.text for s in steps)}" if steps else "As the clinic is"
    text = f"{condition}, {who} gets {_gained(before, proof.care)}"
    text += f": {where}." if where else "."
    text += f" {_rest(who, proof.care)}"
    own = _own_moves(board.names, moved.get(patient), after)
    if own:
        text += f" {own}"
    return f"{text} {_others(board.names, patient, proof, after)}"


def _gained(before: Care, now: Care) -> str:
    """``3 sessions of DBT skills and 1 day``."""
    parts = []
    for service, part in before.sessions.items():
        apart = part.missing - now.sessions[service].missing
        if apart > 0:
            parts.append(f"{count(apart, 'session')} of {part.what}")
    minutes = before.minutes.missing - now.minutes.missing
    if minutes > 0:
        parts.append(f"{duration(minutes)} of the hours missing")
    days = before.days.missing - now.days.missing
    if days > 0:
        parts.append(f"{count(days, 'day')} of those missing")
    return listing(parts) if parts else "nothing more"


def _placed(names: Names, ref: str) -> str:
    """``Process Group Mon and Wed 17:00–18:30 with Ann Lee in Room 2``."""
    running = names.ledger.sections.get(ref)
    if running is not None:
        leaders = f" with {names.people(running.leaders)}" if running.leaders else ""
        rooms = list(dict.fromkeys(names.room(m.room) for m in running.meetings if m.room))
        place = f" in {listing(rooms)}" if rooms else ""
        return f"{names.session(ref)}{leaders}{place}"
    a = names.ledger.appointments[ref]
    place = "by video" if a.remote else f"in {names.room(a.room)}" if a.room else ""
    return f"{names.session(ref)} with {names.person(a.therapist)} {place}".rstrip()


def _rest(who: str, now: Care) -> str:
    missing = now.shortfalls()
    if missing:
        return f"Still missing then: {listing(missing)}."
    short = (
        f", with days too short to count: {', '.join(now.too_short())}" if now.short_days else ""
    )
    return f"{who} is then fully served{short}."


def _own_moves(names: Names, mine: Moved | None, after: Names) -> str:
    """What the patient gives up or has at another time for it."""
    if mine is None or not mine.before:
        return ""
    gone = [names.session(ref) for ref in mine.before]
    return f"In exchange these no longer stand as they are: {listing(gone)}."


def _others(names: Names, patient: str, proof: Proof, after: Names) -> str:
    """Who loses, who gains, whose week moves."""
    parts = []
    if proof.losses:
        lost = [f"{names.person(c.patient.id)} ({listing(_lacking(c))})" for c in proof.losses]
        parts.append(f"More is then missing for {listing(lost)}.")
    else:
        parts.append("Nobody loses anything")
    others = [m for m in proof.moved if m.patient != patient]
    moved = [m for m in others if m.before]
    joined = [m for m in others if not m.before]
    if not others and not proof.losses:
        return f"{parts[0]}, and nobody else's week changes."
    if not proof.losses:
        parts[0] += "."
    if joined:
        said = [f"{names.person(m.patient)} ({_list(after, m.after)})" for m in joined[:MOST_MOVED]]
        parts.append(f"New for others: {_more(said, len(joined))}.")
    if moved:
        said = _moves(names, moved, after)
        parts.append(f"To be moved: {_more(said[:MOST_MOVED], len(said))}.")
    return " ".join(parts)


def _moves(names: Names, moved: Sequence[Moved], after: Names) -> list[str]:
    """``Ana and Ben (Process Group Mon 17:00–18:30 becomes Process Group Tue 17:00–18:30)``."""
    who: dict[str, list[str]] = {}
    for m in moved:
        change = _other_rooms(names, m, after)
        if change is None:
            was, now = (
                listing(_placed(n, r) for r in refs) if refs else "nothing"
                for n, refs in ((names, m.before), (after, m.after))
            )
            change = f"{was} becomes {now}"
        who.setdefault(change, []).append(names.person(m.patient))
    return [f"{listing(people)} ({change})" for change, people in who.items()]


def _other_rooms(names: Names, moved: Moved, after: Names) -> str | None:
    """``Process Group Tue 17:00–18:30 in Room 2 instead of Room 1``; None where more than rooms differs."""
    if moved.before != moved.after:
        return None
    out = []
    for ref in moved.before:
        was, now = names.ledger.sections.get(ref), after.ledger.sections.get(ref)
        if was is None or now is None or was.leaders != now.leaders:
            return None
        rooms = {(m.day, m.start): m.room for m in now.meetings}
        if {(m.day, m.start) for m in was.meetings} != set(rooms):
            return None
        other: dict[str, list[Meeting]] = {}
        for m in was.meetings:
            place = rooms[m.day, m.start]
            if place is not None and m.room != place:
                other.setdefault(place, []).append(m)
        minutes = names.clinic.groups[was.group].minutes
        for place, meetings in other.items():
            when = at_times([DAY_NUMBER[m.day] for m in meetings], meetings[0].start, minutes)
            left = listing(dict.fromkeys(names.room(m.room) for m in meetings if m.room))
            out.append(f"{names.group(was.group)} {when} in {after.room(place)} instead of {left}")
    return listing(out) if out else None


def _lacking(c: Care) -> Sequence[str]:
    return c.shortfalls() or c.too_short() or ("nothing",)


def _list(names: Names, refs: Sequence[str]) -> str:
    return listing(names.session(r) for r in refs) if refs else "nothing"


def _more(said: Sequence[str], total: int) -> str:
    more = total - len(said)
    return "; ".join([*said, *([f"and {more} more"] if more > 0 else [])])


def goals(board: Board, proof: Proof) -> str:
    """What it adds to or spares in the goals."""
    return "; ".join(cost_lines(board.names, proof.tiers))


def closing(
    names: Names,
    patient: str,
    found: Sequence[Suggestion],
    tried: int,
    whole: bool,
    hopeless: bool,
) -> str:
    """What is said at the end: that nothing listed helps, or that time was short."""
    who = names.person(patient)
    if hopeless and not found:
        return f"Own hours and plan of {who} allow no more, and no change tried helps."
    if found:
        return "" if whole else "More could be tried with more time."
    if not whole:
        return f"No change was found to help {who} in the time there was; more time may find one."
    what = count(tried, "change")
    return f"None of {what} tried gives {who} more while everyone else keeps what they have."
