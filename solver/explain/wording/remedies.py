"""Suggested changes as conditions, to stand behind "if"."""

from __future__ import annotations

from collections.abc import Mapping

from ...clinic import Clinic
from ...report.words import count, duration, listing, named
from ...timegrid import clock
from .names import Names, days_text


def _who(clinic: Clinic, therapist: str) -> str:
    from ...ledger import Ledger  # noqa: PLC0415 - only names are wanted, of an empty week

    names: Names = clinic.remember("names", lambda: Names(clinic, Ledger(clinic)))
    return names.person(therapist)


def hours_of(clinic: Clinic, cells: int) -> str:
    """Cells as days and times: ``Mon and Tue 17:00–18:30, Thu 09:00–10:00``."""
    by_time: dict[tuple[int, int], list[int]] = {}
    for first, length in clinic.grid.runs(cells):
        day, start = clinic.grid.clock_of(first)
        by_time.setdefault((start, start + length * clinic.grid.minutes), []).append(day)
    return ", ".join(
        f"{days_text(days)} {clock(start)}–{clock(end)}" for (start, end), days in by_time.items()
    )


def works(clinic: Clinic, therapist: str, cells: int) -> str:
    """``Ann Lee stays until 19:00 on Thu``, ``comes at 08:00``, ``also works Thu 18:00–19:00``."""
    hours, step = clinic.on_site[therapist], clinic.grid.minutes
    told: dict[str, list[int]] = {}
    rest = 0
    for first, length in clinic.grid.runs(cells):
        day, start = clinic.grid.clock_of(first)
        whole, end = clinic.grid.day_mask(day), start + length * step
        before = first > 0 and hours & whole & 1 << (first - 1)
        later = hours & whole & 1 << (first + length)
        if before and not later:
            told.setdefault(f"stays until {clock(end)}", []).append(day)
        elif later and not before:
            told.setdefault(f"comes at {clock(start)}", []).append(day)
        else:
            rest |= ((1 << length) - 1) << first
    parts = [f"{what} on {days_text(days)}" for what, days in told.items()]
    if rest:
        parts.append(f"also works {hours_of(clinic, rest)}")
    return f"{_who(clinic, therapist)} {listing(parts)}"


def seats(clinic: Clinic, group: str, size: int, before: int) -> str:
    """``Process Group takes 9 members instead of 8``."""
    return f"{named(clinic.groups, group).name} takes {count(size, 'member')} instead of {before}"


def fewer(clinic: Clinic, group: str, size: int, before: int) -> str:
    """``Process Group runs with 3 members instead of at least 4``."""
    name = named(clinic.groups, group).name
    return f"{name} may run with {count(size, 'member')} instead of at least {before}"


def section(clinic: Clinic, group: str, most: int) -> str:
    """``Process Group runs 3 times instead of 2``."""
    return f"{named(clinic.groups, group).name} may run in {count(most, 'section')}"


def start_time(clinic: Clinic, group: str, start: int) -> str:
    """``Process Group may also start at 16:00``."""
    return f"{named(clinic.groups, group).name} may also start at {clock(start)}"


def limit(clinic: Clinic, therapist: str, raised: Mapping[str, int]) -> str:
    """``Ann Lee may work 4 h 30 min a day``."""
    words = {"max_minutes_per_day": "a day", "max_minutes_per_week": "a week"}
    much = listing(f"{duration(minutes)} {words[field]}" for field, minutes in raised.items())
    return f"{_who(clinic, therapist)} may have sessions for {much}"


def caseload(clinic: Clinic, therapist: str, most: int) -> str:
    """``Ann Lee sees up to 6 patients one to one``."""
    return f"{_who(clinic, therapist)} sees up to {count(most, 'patient')} one to one"


def credential(clinic: Clinic, therapist: str, wanted: str) -> str:
    """``Ann Lee holds lcsw``."""
    return f"{_who(clinic, therapist)} holds {wanted} in this week"


def room_hours(clinic: Clinic, room: str, cells: int) -> str:
    """``Room 2 is also available Thu 17:00–18:00``."""
    return f"{named(clinic.rooms, room).name} is also available {hours_of(clinic, cells)}"


def another_room(clinic: Clinic, like: str) -> str:
    """``there is one room more like Room 2``."""
    return f"there is one room more like {named(clinic.rooms, like).name}"


def opening(clinic: Clinic, cells: int) -> str:
    """``the clinic is also open Thu 20:00–21:00``."""
    return f"the clinic is also open {hours_of(clinic, cells)}"


def own_hours(clinic: Clinic, patient: str, cells: int, family: int) -> str:
    """``Ben Torres can come Tue 17:00–18:30``, and who of the family."""
    parts = []
    if cells:
        parts.append(f"{_who(clinic, patient)} can also come {hours_of(clinic, cells)}")
    if family:
        parts.append(f"the family of {_who(clinic, patient)} {hours_of(clinic, family)}")
    return listing(parts)
