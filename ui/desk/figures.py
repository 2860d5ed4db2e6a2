"""Numbers for a director: who is here, what is delivered, how full the house is hour by hour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from solver import report
from solver.clinic import Clinic

from .opened import Week


@dataclass(frozen=True, slots=True)
class Level:
    """The census of one level of care; ``served`` are those of the active."""

    name: str
    active: int = 0
    waiting: int = 0
    admitted: int = 0
    served: int = 0


def census(week: Week) -> list[Level]:
    """Patients by level of care, in the order of the programs; a program without one is its own."""
    rows: dict[str, dict[str, int]] = {}
    for program in week.clinic.programs.values():
        rows.setdefault(program.level or program.name or program.id, {})
    for care in week.care:
        program = week.clinic.programs[week.clinic.patients[care.patient.id].program]
        row = rows[program.level or program.name or program.id]
        for name, counts in [
            ("active", not care.waiting),
            ("waiting", care.waiting),
            ("admitted", care.waiting and care.admitted),
            ("served", care.is_served and not care.waiting),
        ]:
            row[name] = row.get(name, 0) + counts
    return [Level(name, **row) for name, row in rows.items() if row]


@dataclass(frozen=True, slots=True)
class Totals:
    """The week in a few numbers. Minutes are clinical.

    Attributes:
        active, served: patients in treatment, and those of them who get all that is due.
        minutes, minutes_due: of those patients; more than is due to one makes up for nothing.
        attended, paid: days on which somebody comes, and those of them that are long enough.
        waiting, admitted: people on the waiting list, and those of them who get a place.
    """

    active: int
    served: int
    minutes: int
    minutes_due: int
    attended: int
    paid: int
    waiting: int
    admitted: int


def totals(week: Week) -> Totals:
    """The whole week."""
    active = [c for c in week.care if not c.waiting]
    waiting = [c for c in week.care if c.waiting]
    attended = sum(c.days.given for c in week.care)
    return Totals(
        active=len(active),
        served=sum(1 for c in active if c.is_served),
        minutes=sum(min(c.minutes.given, c.minutes.due) for c in active),
        minutes_due=sum(c.minutes.due for c in active),
        attended=attended,
        paid=attended - sum(len(c.short_days) for c in week.care),
        waiting=len(waiting),
        admitted=sum(1 for c in waiting if c.admitted),
    )


def shortest_first(week: Week) -> list[report.Care]:
    """Everybody who is short of something, those with most unmet care first."""

    def weight(care: report.Care) -> tuple[int, int]:
        sessions = sum(part.missing for part in care.sessions.values())
        priority = week.clinic.patients[care.patient.id].priority
        unmet = priority * (care.minutes.missing + 60 * sessions)
        return (-unmet, -care.days.missing - len(care.short_days))

    return sorted((c for c in week.care if c.is_due and c.is_short), key=weight)


# -- how full the house is ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Use:
    """How much of something is in use in one hour of one day.

    Attributes:
        day, hour: day number and the hour's beginning.
        used, there: in rooms, people or seats, averaged over the hour; ``there`` is above 0.
    """

    day: int
    hour: int
    used: float
    there: float

    @property
    def share(self) -> float:
        return self.used / self.there


def room_use(week: Week) -> list[Use]:
    """Rooms in use of those that are available."""
    clinic, ledger = week.clinic, week.ledger
    pairs = [(ledger.room_busy(r), clinic.room_hours[r] & clinic.open_cells) for r in clinic.rooms]
    return _by_hour(clinic, pairs)


def staff_use(week: Week) -> list[Use]:
    """Therapists in a session of those who are available, on site or remote."""
    clinic, ledger = week.clinic, week.ledger
    pairs = [
        (ledger.therapist_busy(t), clinic.reachable[t] & clinic.open_cells)
        for t in clinic.therapists
    ]
    return _by_hour(clinic, pairs)


def seat_use(week: Week) -> list[Use]:
    """Seats taken of those that running groups offer: their size, or the room's where less."""
    clinic = week.clinic
    pairs = []
    for session in week.sessions:
        if session.group is None or session.cancelled:
            continue
        group = clinic.groups[session.group]
        seats = group.size.max
        if group.modality == "in_person" and session.room is not None:
            seats = min(seats, clinic.rooms[session.room].capacity)
        cells = clinic.meeting_cells(group, session.day, session.start)
        pairs += [(cells if n < len(session.members) else 0, cells) for n in range(seats)]
    return _by_hour(clinic, pairs)


def _by_hour(clinic: Clinic, pairs: Iterable[tuple[int, int]]) -> list[Use]:
    """Uses by day and hour from (cells in use, cells available) of each thing."""
    pairs = list(pairs)
    in_an_hour = 60 // clinic.grid.minutes
    out = []
    for day in range(7):
        for hour in range(24):
            cells = clinic.occupied(day, hour * 60, 60)
            there = sum((available & cells).bit_count() for _, available in pairs)
            if there:
                used = sum((busy & available & cells).bit_count() for busy, available in pairs)
                out.append(Use(day, hour, used / in_an_hour, there / in_an_hour))
    return out
