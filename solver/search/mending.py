"""Making a week legal that what is locked has left broken: free those concerned, decide them anew.

A lock may hold a waiting patient in a group, or a group below its least size; the rest of what is due
must then be found beside everything else. First weeks made by hand often miss it.
"""

from __future__ import annotations

from random import Random
from time import monotonic

from ..checker import check
from ..clinic import Clinic
from ..errors import OutOfTime
from ..extraction import extract
from ..ledger import Ledger
from ..model import build
from ..pins import ids_kept
from ..rooming import name_rooms
from ..rules import Rule
from ..tiers import Tier
from .cpsat import Limits, Signal, solve
from .neighbourhoods import Neighbourhood, View, loosen
from .objective import tier_expression
from .whole import MOST_VARIABLES

OTHERS = 4
"""Patients freed at first beside those concerned, so that hours and seats can change hands."""
WIDER = 1.6
STEP_SECONDS = 4.0
STEP_WORK = 1.5


def mended(
    clinic: Clinic,
    week: Ledger,
    tier: Tier,
    rules: tuple[Rule, ...],
    seed: int,
    deadline: float,
    stop: Signal | None = None,
    *,
    repeatable: bool = False,
) -> Ledger | None:
    """The week made to obey these rules by deciding a part of it anew, as good in a tier as may be.

    The part grows until it is enough. None where the time runs out first, where nothing is left to
    free, or where the whole week would be too large a model. ``repeatable`` limits each step in
    deterministic time instead of by the clock.
    """
    random, kept, size = Random(seed), ids_kept(clinic), OTHERS
    keys = {r.key for r in rules}
    while monotonic() < deadline and not (stop is not None and stop.is_set()):
        concerned = {v.subject for v in check(clinic, week) if v.rule in keys}
        if not concerned:
            return week
        around, free = loosen(week, _part(week, concerned, random, size), kept)
        try:
            v = build(
                clinic,
                around,
                free,
                rules=rules,
                late=lambda n: n > MOST_VARIABLES or monotonic() > deadline,
            )
        except OutOfTime:
            return None
        left = max(0.1, deadline - monotonic())
        limits = Limits(
            left if repeatable else min(STEP_SECONDS, left),
            work=STEP_WORK if repeatable else None,
            seed=random.randrange(1 << 30),
        )
        outcome = solve(v, tier_expression(tier, v), limits, stop=stop)
        if outcome.values is not None:
            found = extract(v, outcome.values).schedule()
            return Ledger(clinic, name_rooms(clinic, found))
        if size > len(clinic.patients):
            return None
        size = round(size * WIDER)
    return None


def _part(week: Ledger, concerned: set[str], random: Random, size: int) -> Neighbourhood:
    """Who and what is concerned, some others, and the groups those concerned could use."""
    clinic = week.clinic
    patients = {p for p in concerned if p in clinic.patients}
    view = View(week, dict.fromkeys(patients, 1))
    groups = {week.sections[s].group for s in concerned if s in week.sections}
    groups |= {g for p in patients for g in view.wanted_groups(p)}
    others = [p for p in clinic.patients if p not in patients]
    patients |= set(random.sample(others, min(size, len(others))))
    near = sorted(s for g in groups for s in week.by_group[g])
    sections = random.sample(near, min(size // OTHERS, len(near)))
    return Neighbourhood(patients=patients, sections=set(sections), groups=groups)
