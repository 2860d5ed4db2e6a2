"""A model of what is free around a ledger against the whole model with the rest held fast.

People and groups are set free in a lawful week; the rest of it is a ledger to the small model, and
fixed variables to the whole one. Both have to come to the same best value of every goal, and to the
same best week tier by tier.
"""

from __future__ import annotations

import random

import pytest

from solver.checker import check
from solver.clinic import Clinic
from solver.goals import GOALS
from solver.ledger import Ledger
from solver.model import build
from solver.options import Free
from solver.pins import ids_kept
from solver.variables import Variables
from tests import moves, randomness
from tests.builders import (
    clinic,
    group,
    meeting,
    patient,
    plan,
    program,
    quota,
    read,
    section,
    solo,
    talk,
    visit,
    week,
    window,
)
from tests.solving import choices, extracted, minimise, settle, stands


def freed(
    here: Clinic, lawful: Ledger, patients: set[str], groups: set[str]
) -> tuple[Ledger, Free]:
    """The rest of a week less some people and the sections of some groups, and what is free."""
    rest, kept = lawful.copy(), ids_kept(here)
    for s in list(rest.sections.values()):
        if s.id in kept:
            continue
        if s.group in groups:
            rest.close(s.id)
            continue
        for p in patients & set(s.members):
            rest.leave(s.id, p)
    for a in list(rest.appointments.values()):
        if a.patient in patients and a.id not in kept:
            rest.cancel(a.id)
    return rest, Free.of(here, patients, groups)


def held_fast(here: Clinic, rest: Ledger, free: Free) -> Variables:
    """The whole model in which the rest stands and only what is free may be added to it."""
    v = build(here)
    chosen, used = choices(v, rest)

    def fixed(var: object, value: int) -> None:
        if not isinstance(var, int):
            v.model.add(var == value)

    for option in v.options:
        running = option.index in used
        if running or option.group not in free.groups:
            fixed(option.open, running)
        for seat in v.seats_in(option):
            if (seat.patient, option.group) not in free.seats or chosen[seat.var.index]:
                fixed(seat.var, chosen[seat.var.index])
        if running:
            for x in (
                *v.leads_in(option),
                *(p for d in option.days for p in v.rooms_in(option, d)),
            ):
                fixed(x.var, chosen[x.var.index])
    for p in here.patients:
        for term in v.terms(p):
            own = term.option is None and (p, term.service) in free.visits
            if term.option is None and (not own or chosen[term.var.index]):
                fixed(term.var, chosen[term.var.index])
    for x in (*v.cares, *v.shares):  # others of a pool may take more at the same time
        v.model.add(x.var >= chosen[x.var.index])
    return v


def compare(here: Clinic, rest: Ledger, free: Free) -> str:
    """Both models, goal by goal and tier by tier; returns the status they share."""
    status = ""
    for goal in GOALS:
        small, whole = build(here, rest, free), held_fast(here, rest, free)
        found = [minimise(v, goal.expression(v))[:2] for v in (small, whole)]
        assert found[0] == found[1], goal.key
        status = found[0][0]
        assert status in ("OPTIMAL", "INFEASIBLE")
    small, whole = build(here, rest, free), held_fast(here, rest, free)
    answers = [settle(here, v) for v in (small, whole)]
    assert (answers[0].status, answers[0].values) == (answers[1].status, answers[1].values)
    for answer in answers:
        assert answer.schedule is None or not check(here, answer.schedule)
    return status


def one_week(seed: int) -> tuple[random.Random, Clinic, Ledger]:
    """A random scenario with something to decide, and a week that serves as much as it can."""
    r = random.Random(seed)
    while True:
        scenario = randomness.scenario(r, tiny=True)
        if seed % 2:
            scenario = moves.with_baseline(r, scenario)
        here = read(scenario)
        v = build(here)
        if len(v.options) < 2 or not stands(here):
            continue
        status, _, solver = minimise(v, GOALS[0].expression(v))
        if status == "OPTIMAL" and extracted(v, solver).sections:
            return r, here, Ledger(here, extracted(v, solver))


@pytest.mark.parametrize("seed", range(14))
def test_a_small_model_comes_to_what_the_whole_one_does(seed: int) -> None:
    r, here, lawful = one_week(seed)
    assert not check(here, lawful)
    patients = set(r.sample(list(here.patients), r.randint(1, len(here.patients))))
    groups = {g for g in here.groups if r.random() < 0.5}
    rest, free = freed(here, lawful, patients, groups)
    compare(here, rest, free)


def busy_clinic() -> tuple[Clinic, Ledger]:
    """Two sections and two visits that leave little room beside them."""
    scenario = clinic(
        opening_hours=window("09:00", "10:30", "mon", "tue"),
        programs=[
            program(
                minutes_per_week={"min": 180, "max": 240},
                quotas=[quota("talk", 2, 3), quota("solo", 1, 1)],
            )
        ],
        services=[talk(), solo()],
        groups=[
            group("cbt", size={"min": 2, "max": 3}, start_times=["09:00"]),
            group("art", size={"min": 1, "max": 2}, start_times=["09:00", "09:30"]),
        ],
        patients=[patient("pat"), patient("sam"), patient("kim", keep_apart=["sam"])],
    )
    here = read(scenario)
    lawful = week(
        section(["pat", "sam"], name="s"),
        section(["pat"], meeting("tue", "09:00"), name="t", of="art", leaders=["bob"]),
        visit("pat", "ann", "mon", "10:00", name="a"),
        visit("sam", "bob", "mon", "10:00", "big", name="b"),
    )
    return here, Ledger(here, plan(lawful, here))


@pytest.mark.parametrize(
    ("patients", "groups"),
    [
        ({"kim"}, set()),  # one newcomer, nothing moves: one seat in art, none with sam
        ({"kim"}, {"art"}),
        ({"pat"}, set()),  # her section needs her back: two members at least
        ({"pat", "sam"}, {"cbt"}),
        (set(), {"cbt", "art"}),  # sections without anybody to sit in them
        ({"pat", "sam", "kim"}, {"cbt", "art"}),
    ],
)
def test_what_stays_enters_as_seats_taken_and_cells_busy(
    patients: set[str], groups: set[str]
) -> None:
    here, lawful = busy_clinic()
    rest, free = freed(here, lawful, patients, groups)
    assert compare(here, rest, free) == "OPTIMAL"


def test_the_ledger_around_is_never_changed() -> None:
    here, lawful = busy_clinic()
    rest, free = freed(here, lawful, {"pat"}, {"art"})
    before = rest.schedule()
    settle(here, build(here, rest, free))
    assert rest.schedule() == before


def test_the_whole_week_is_the_case_of_an_empty_ledger() -> None:
    here, _ = busy_clinic()
    everything = settle(here, build(here, Ledger(here), Free.everything(here)))
    assert everything.values == settle(here, build(here)).values
