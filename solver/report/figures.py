"""A week in figures for a director: care, paid days, use of rooms and staff, cost and revenue.

Money is in the unit of the scenario (``cost_per_hour``, ``per_diem``); a figure is None where nothing
in the scenario has a price.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..clinic import Clinic
from ..ledger import Ledger, Sitting
from ..scenario import Authorized
from ..schedule import Schedule
from ..timegrid import day_of
from .served import Care, care

PARTS_OF_DAY = (("morning", 0, 12), ("afternoon", 12, 17), ("evening", 17, 24))
"""Name, first hour and hour after the last."""


@dataclass(frozen=True, slots=True)
class Use:
    """Minutes in use of minutes there, while the clinic is open."""

    part: str
    used: int
    there: int

    @property
    def share(self) -> float | None:
        """None where there is nothing to use."""
        return self.used / self.there if self.there else None


@dataclass(frozen=True, slots=True)
class Money:
    """What the week costs and brings in.

    Attributes:
        staff_cost: cost per hour × hours each therapist is available while the clinic is open, on
            site or by video: what they are paid for, in session or not.
        session_cost: cost per hour × hours of whole grid cells they are in session.
        without_cost: therapists with hours of whom the scenario states no cost.
        revenue: per diem × billed days, over patients whose program has a per diem.
        billed_days: paid days within what the payer has authorized; unbilled_days: those beyond.
    """

    staff_cost: float | None
    session_cost: float | None
    without_cost: int
    revenue: float | None
    billed_days: int
    unbilled_days: int

    @property
    def margin(self) -> float | None:
        """Revenue less the staff's cost; None where either is not known."""
        if self.revenue is None or self.staff_cost is None:
            return None
        return self.revenue - self.staff_cost


@dataclass(frozen=True, slots=True)
class Figures:
    """The week in figures. Minutes of care are clinical minutes.

    Attributes:
        active, served: patients in treatment, and those of them who get all that is due.
        minutes, minutes_due: of those patients; more than is due to one makes up for nothing.
        attended, paid: days on which somebody comes, and those of them long enough for the payer.
        waiting, admitted: people on the waiting list, and those of them who get a place.
        rooms, staff: use by part of day; staff are therapists in session of those available.
    """

    active: int
    served: int
    minutes: int
    minutes_due: int
    attended: int
    paid: int
    waiting: int
    admitted: int
    rooms: tuple[Use, ...]
    staff: tuple[Use, ...]
    money: Money


def figures(clinic: Clinic, schedule: Schedule) -> Figures:
    """The figures of a schedule, legal or not."""
    ledger, everyone = Ledger(clinic, schedule), care(clinic, schedule)
    active = [c for c in everyone if not c.waiting]
    waiting = [c for c in everyone if c.waiting]
    attended = sum(c.days.given for c in everyone)
    return Figures(
        active=len(active),
        served=sum(1 for c in active if c.is_served),
        minutes=sum(min(c.minutes.given, c.minutes.due) for c in active),
        minutes_due=sum(c.minutes.due for c in active),
        attended=attended,
        paid=attended - sum(len(c.short_days) for c in everyone),
        waiting=len(waiting),
        admitted=sum(1 for c in waiting if c.admitted),
        rooms=_by_part(
            clinic,
            [(ledger.room_busy(r), clinic.room_hours[r] & clinic.open_cells) for r in clinic.rooms],
        ),
        staff=_by_part(
            clinic,
            [
                (ledger.therapist_busy(t), clinic.reachable[t] & clinic.open_cells)
                for t in clinic.therapists
            ],
        ),
        money=_money(clinic, ledger, everyone),
    )


def _by_part(clinic: Clinic, pairs: list[tuple[int, int]]) -> tuple[Use, ...]:
    """Use by part of the day from (cells in use, cells available) of each thing."""
    out = []
    for part, first, last in PARTS_OF_DAY:
        cells = 0
        for day in range(7):
            cells |= clinic.occupied(day, first * 60, (last - first) * 60)
        used = sum((busy & there & cells).bit_count() for busy, there in pairs)
        there = sum((there & cells).bit_count() for _, there in pairs)
        out.append(Use(part, used * clinic.grid.minutes, there * clinic.grid.minutes))
    return tuple(out)


# -- money ----------------------------------------------------------------------------------------


def _money(clinic: Clinic, ledger: Ledger, everyone: Iterable[Care]) -> Money:
    staff_cost = session_cost = None
    without = 0
    for t, therapist in clinic.therapists.items():
        if therapist.cost_per_hour is None:
            without += bool(clinic.available_minutes[t])
            continue
        busy = ledger.therapist_busy(t).bit_count() * clinic.grid.minutes
        staff_cost = (staff_cost or 0.0) + therapist.cost_per_hour * clinic.available_minutes[
            t
        ] / 60
        session_cost = (session_cost or 0.0) + therapist.cost_per_hour * busy / 60
    revenue, billed, unbilled = None, 0, 0
    for c in everyone:
        patient = clinic.patients[c.patient.id]
        per_diem = clinic.programs[patient.program].per_diem
        if per_diem is None:
            continue
        short = {day for day, _ in c.short_days}
        paid = [d for d in ledger.attended_days(patient.id) if d not in short]
        within = billable_days(clinic, ledger.sittings[patient.id], paid, patient.authorized)
        billed += len(within)
        unbilled += len(paid) - len(within)
        revenue = (revenue or 0.0) + per_diem * len(within)
    return Money(staff_cost, session_cost, without, revenue, billed, unbilled)


def billable_days(
    clinic: Clinic, sittings: Iterable[Sitting], paid: Iterable[int], limit: Authorized | None
) -> tuple[int, ...]:
    """Days that count for the payer and lie within what is authorized.

    Authorized days are used up by the days billed, in order; authorized sessions by every session of
    more than 0 clinical minutes, in order, and a day is billed only if its sessions all lie within
    them; nothing is billed after ``until``.
    """
    held = [s for s in sittings if s.clinical > 0]
    out: list[int] = []
    for day in sorted(paid):
        if limit is not None:
            if limit.until is not None and day_of(clinic.scenario.week_start, day) > limit.until:
                continue
            if limit.days is not None and len(out) >= limit.days:
                continue
            so_far = sum(1 for s in held if s.day <= day)
            if limit.sessions is not None and so_far > limit.sessions:
                continue
        out.append(day)
    return tuple(out)
