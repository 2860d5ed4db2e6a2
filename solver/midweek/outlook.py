"""Who is on course, who can make up and where, and who can no longer reach the weekly minimum."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import Literal

from ..checker import check
from ..diff import Difference, difference
from ..errors import OutOfTime
from ..extraction import extract
from ..ledger import Ledger
from ..model import build
from ..naming import name
from ..options import Free
from ..rooming import name_rooms
from ..rules import RULES
from ..scenario import Scenario
from ..schedule import Schedule
from ..search.cpsat import Limits, Signal, solve
from ..search.objective import shares, tier_expression, tier_value
from ..tiers import tiers_of
from ..violations import Violation
from .attendance import Attendance
from .places import Place, Places
from .reach import Lack, Reach, lack, reach
from .sessions import Session
from .standing import NotBegun, Standing, stand

Course = Literal["on_course", "made_up", "open", "out_of_reach"]
MOST_PLACES = 5
TIER_SECONDS = 3.0
"""For one tier of the joint plan; nobody else's week changes in it, so it is a small model."""
SECONDS_BETWEEN_WORDS = 2.0
LEFT_OUT = "staffing"
"""The one goal that the joint plan does not look at: it is the patients' week that is mended."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How one patient's week looks.

    Attributes:
        course: ``on_course``: what is planned is enough; ``made_up``: it is with the make-up sessions of
            the plan; ``open``: not yet, and not proved impossible either; ``out_of_reach``: proved.
        missed: sessions that were missed.
        lacking: what the week leaves missing as it stands, if the rest is attended.
        left: what it leaves missing with the plan.
        reach: what stays missing whatever is done.
        places: the best places to make up, each by itself.
    """

    patient: str
    course: Course
    missed: tuple[Session, ...]
    lacking: Lack
    left: Lack
    reach: Reach
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Midweek:
    """The answer.

    Attributes:
        schedule: what stands with the make-up sessions of the plan.
        difference: from the week as it stands, what was missed left out, to it.
        violations: rules it breaks; only what was missed can have broken them.
    """

    standing: Standing
    outlooks: tuple[Outlook, ...]
    schedule: Schedule
    difference: Difference
    violations: tuple[Violation, ...]


def outlook(
    scenario: Scenario,
    schedule: Schedule,
    attendance: Attendance,
    seed: int = 0,
    tell: Callable[[str], None] = lambda _: None,
    stop: Signal | None = None,
) -> Midweek:
    """What remains of a published week for everybody in treatment."""
    standing = stand(scenario, schedule, attendance)
    week = Ledger(standing.working, standing.schedule)
    week.not_admitted = None
    active = [p for p in standing.clinic.patients if not standing.clinic.is_waiting(p)]
    lacking = {p: lack(standing, week, p) for p in active}
    short = [p for p in active if lacking[p]]
    tell(f"{len(short)} patients are short of something")
    reaches: dict[str, Reach] = {}
    said = monotonic()
    for number, p in enumerate(short, 1):
        reaches[p] = reach(standing, p, seed, stop)
        if monotonic() - said > SECONDS_BETWEEN_WORDS:
            said = monotonic()
            tell(f"what is out of reach: {number} of {len(short)}")
    tell("placing what can be made up")
    planned = _planned(standing, week, short, seed, stop)
    places = Places(standing, week)
    outlooks = []
    for p in active:
        left = lack(standing, planned, p)
        outlooks.append(
            Outlook(
                p,
                _course(lacking[p], left, reaches.get(p)),
                _missed(attendance, p),
                lacking[p],
                left,
                reaches.get(p, Reach(Lack(0, {}, 0), False)),
                tuple(places.of(p, MOST_PLACES)) if p in reaches else (),
            )
        )
    given = name(standing.clinic, planned.schedule())
    violations = tuple(check(standing.clinic, given))
    return Midweek(
        standing,
        tuple(outlooks),
        given,
        difference(standing.clinic, standing.schedule, given),
        violations,
    )


def _course(lacking: Lack, left: Lack, found: Reach | None) -> Course:
    if not lacking:
        return "on_course"
    if not left:
        return "made_up"
    return "open" if found is None or found else "out_of_reach"


def _missed(attendance: Attendance, patient: str) -> tuple[Session, ...]:
    return tuple(
        sorted(
            (session for p, session in attendance.missed if p == patient),
            key=lambda s: (s[1], s[0]),
        )
    )


def _planned(
    standing: Standing, week: Ledger, short: Iterable[str], seed: int, stop: Signal | None
) -> Ledger:
    """The week with make-up sessions for those who are short; nobody else's week changes.

    A small model: only they gain anything, and only from now on. What it finds is taken if it breaks no
    rule that the week does not break already.
    """
    clinic = standing.working
    short = list(short)
    if not short:
        return week
    wanted = {service for p in short for service in clinic.needs[p].quotas}
    groups = [g for g, entry in clinic.groups.items() if entry.service in wanted]
    free = replace(Free.of(clinic, short, groups), starts=standing.ahead)
    rules = (*(r for r in RULES if r.key != "strict"), NotBegun(standing))
    known: Mapping[tuple[str, str], int] = shares(clinic, week)
    try:
        v = build(clinic, week, free, rules=rules, known_shares=known)
    except OutOfTime:
        return week
    best = week
    before = {(f.rule, f.subject) for f in check(standing.clinic, week)}
    for tier in tiers_of(clinic.scenario.policy):
        if LEFT_OUT in tier.goals:
            continue
        limits = Limits(TIER_SECONDS, workers=2, seed=seed)
        outcome = solve(v, tier_expression(tier, v), limits, start=best, complete=True, stop=stop)
        if outcome.values is not None:
            found = Ledger(clinic, name_rooms(clinic, extract(v, outcome.values).schedule()))
            found.not_admitted = None
            if {(f.rule, f.subject) for f in check(standing.clinic, found)} <= before:
                best = found
        v.limit(tier_expression(tier, v), tier_value(tier, clinic, best))
    return best
