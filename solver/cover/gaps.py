"""Days too far apart once a session has fallen: one more session in between, or one day less.

A program may forbid long gaps between attended days, and a cancelled meeting can open one. First an
appointment on one of the days between is tried; failing that, the patient is excused from the sessions
of the day that costs least, so that what is left lies close together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..clinic import Clinic
from ..fields import day_name
from ..ledger import Ledger
from ..rules import RULE, Scope
from ..schedule import Appointment
from ..timegrid import DAY_NUMBER
from .ops import Book, Cancel, Excuse, Op, performed
from .visits import Visits


def mended(
    clinic: Clinic,
    week: Ledger,
    visits: Visits,
    cost: Callable[[Ledger, str], tuple[int, ...]],
) -> tuple[Ledger, tuple[Op, ...]]:
    """The week with gaps closed as far as that can be done, and the steps it took.

    Args:
        cost: (rules broken, tiers …) of a week, as far as one patient is concerned.
    """
    done: list[Op] = []
    for p in list(clinic.patients):
        if clinic.needs[p].max_gap_days is None or not _gap(clinic, week, p):
            continue
        tried = [
            (ops, after)
            for ops in _ways(clinic, week, visits, p)
            if (after := performed(week, ops))
        ]
        ranked = [(cost(after, p), number) for number, (_, after) in enumerate(tried)]
        if ranked and min(ranked)[0] < cost(week, p):
            ops, week = tried[min(ranked)[1]]
            done += ops
    return week, tuple(done)


def _gap(clinic: Clinic, week: Ledger, patient: str) -> bool:
    scope = Scope([patient], [], [], [], [], [], [])
    return any(True for _ in RULE["day_gap"].check(clinic, week, scope))


def _ways(clinic: Clinic, week: Ledger, visits: Visits, patient: str) -> Iterator[tuple[Op, ...]]:
    attended = week.attended_days(patient)
    between = [d for d in range(attended[0], attended[-1]) if d not in attended]
    for service in clinic.needs[patient].quotas:
        if clinic.services[service].format == "group":
            continue
        for day in between:
            if day >= visits.frozen:
                yield from _one_more(clinic, week, visits, patient, service, day)
    for day in attended:
        if day >= visits.frozen:
            yield tuple(_dropped(week, patient, day))


def _one_more(
    clinic: Clinic, week: Ledger, visits: Visits, patient: str, service: str, day: int
) -> Iterator[tuple[Op, ...]]:
    """One more appointment of a service on a day, with whoever has time."""
    number = 1
    while (name := f"{patient}-{service}-{number}") in week.appointments:
        number += 1
    carers = visits.screen.carers(patient, service)
    if not carers:
        return
    model = Appointment.model_construct(
        id=name, service=service, patient=patient, therapist=carers[0], day=day_name(day),
        start=12 * 60, room=None, remote=False,
    )  # fmt: skip
    for remedy in visits.of(model, week):
        [op] = remedy.ops
        if isinstance(op, Book) and DAY_NUMBER[op.appointment.day] == day:
            yield (op,)


def _dropped(week: Ledger, patient: str, day: int) -> Iterator[Op]:
    for s in week.sittings[patient]:
        if s.day == day:
            yield Excuse(s.ref, patient, day) if s.group is not None else Cancel(s.ref)
