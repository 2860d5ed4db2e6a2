"""Counting what is kept: by hand, and on the model as in plain Python."""

from __future__ import annotations

import random

import pytest

from solver.checker import check
from solver.errors import FileFaults
from solver.goals.disruption import habits
from solver.ledger import Ledger
from solver.model import build
from solver.rebalance.frozen import Frozen, locks_before
from solver.rebalance.keeping import (
    MostChanges,
    changes,
    changes_expression,
    farness,
    farness_expression,
    had,
    leaders_in_place,
    moved,
)
from solver.rules import RULES, Scope
from tests.builders import (
    Json,
    before,
    clinic,
    date,
    group,
    meeting,
    patient,
    plan,
    read,
    section,
    solo,
    talk,
    visit,
    week,
)
from tests.moves import Moves, empty, lawful_walk, with_baseline
from tests.randomness import Draw
from tests.solving import NotExpressible, hold, minimise, stands

MON, WED = meeting("mon", "09:00"), meeting("wed", "09:00")
PLAIN = section(["pat", "sam"], MON, WED)
LATER = visit(start="11:00")
TWO = [group("cbt", meetings_per_week=2, max_sections=2, per_patient=2, modality="hybrid")]


def after(*entries: Json, **facts: object) -> Json:
    plain = {
        "groups": TWO,
        "services": [talk(), solo(remote=True)],
        "programs": [
            {
                "id": "iop",
                "name": "iop",
                "minutes_per_week": {},
                "days_per_week": {},
                "quotas": [{"service": "talk", "min": 0}, {"service": "solo", "min": 0}],
            }
        ],
        "baseline": before(*entries),
    }
    return clinic(**(plain | facts))


def counted(scenario: Json, *entries: Json) -> int:
    here = read(scenario)
    return changes(here, plan(week(*entries), here))


@pytest.mark.parametrize(
    ("now", "number"),
    [
        ([PLAIN, visit()], 0),
        ([PLAIN | {"id": "t", "members": ["sam", "pat"]}, visit(name="b")], 0),  # other names
        ([], 3),
        ([PLAIN], 1),
        ([PLAIN | {"members": ["pat"]}, visit()], 1),  # sam left
        ([PLAIN | {"leaders": ["bob"]}, visit()], 2),  # once for each member
        ([PLAIN | {"meetings": [MON, WED | {"room": "small"}]}, visit()], 2),
        ([PLAIN | {"meetings": [MON, meeting("thu", "09:00")]}, visit()], 2),
        ([PLAIN | {"meetings": [MON, WED | {"leaders": ["bob"]}]}, visit()], 2),
        ([PLAIN | {"meetings": [MON, WED | {"cancelled": True}]}, visit()], 2),
        ([PLAIN | {"absences": [{"patient": "pat", "day": "wed"}]}, visit()], 1),
        ([PLAIN | {"remote_members": ["sam"]}, visit()], 1),
        ([PLAIN, visit(therapist="bob")], 1),
        ([PLAIN, visit(day="tue")], 1),
        ([PLAIN, visit(place="big")], 1),
        ([PLAIN, visit(place=None, remote=True)], 1),
        # What is added is no change.
        ([PLAIN, visit(), visit("sam", day="fri", name="b")], 0),
        ([PLAIN, visit(), section(["pat"], meeting("tue", "10:00"), name="t")], 0),
    ],
)
def test_a_change_is_a_thing_somebody_had_that_is_not_as_it_was(
    now: list[Json], number: int
) -> None:
    assert counted(after(PLAIN, visit()), *now) == number


def test_closed_dates_and_who_is_gone_are_left_out() -> None:
    scenario = after(PLAIN, visit(day="wed"), closed_dates=[date("wed")])
    assert counted(scenario, PLAIN | {"meetings": [MON]}) == 0
    scenario = after(PLAIN | {"members": ["pat", "sam", "gone"]}, visit("gone", name="g"))
    assert counted(scenario, PLAIN) == 0
    assert counted(after(section(["gone"], MON, WED)), visit()) == 0  # nobody's section any more


def test_a_leader_or_room_that_is_gone_cannot_be_kept() -> None:
    was = PLAIN | {"leaders": ["left"]}
    assert counted(after(was), PLAIN) == 2


def test_a_section_nobody_sits_in_counts_once() -> None:
    scenario = after(section([], MON, WED), groups=[TWO[0] | {"size": {"min": 0, "max": 4}}])
    assert counted(scenario, section([], MON, WED)) == 0
    assert counted(scenario) == 1


def test_alike_places_get_their_leaders_back_in_order() -> None:
    alike = group(leaders=[{"credentials": ["lcsw"]}, {"credentials": ["lcsw"]}])
    was = section(["pat"], leaders=["bob", "ann"])
    here = read(after(was, groups=[alike]))
    now = plan(week(was | {"leaders": ["ann", "bob"]}), here)
    assert changes(here, now) == 1
    assert changes(here, leaders_in_place(here, now)) == 0


# ---------------------------------------------------------------- on the model


def a_week_after_another(r: random.Random) -> tuple[Json, Json] | None:
    """A scenario with a baseline, and a lawful schedule of it; None where the dice fell badly."""
    try:
        scenario = with_baseline(r, Draw(r).scenario(), exceptions=True)
    except FileFaults:
        return None
    if "baseline" not in scenario:
        return None
    scenario.pop("locks", None)
    moves = Moves(r, scenario, exceptions=False)
    base = scenario["baseline"] | {"week_start": scenario["week_start"]}
    return scenario, lawful_walk(moves, r.choice([empty(scenario), base, base]), 12)


def test_the_model_counts_as_plain_python_does() -> None:
    agreed = kept_some = 0
    for seed in range(40):
        found = a_week_after_another(random.Random(seed))
        if found is None:
            continue
        here = read(found[0])
        wanted = plan(found[1], here)
        if check(here, wanted) or not stands(here):
            continue
        v = build(here)
        try:
            hold(v, wanted)
        except NotExpressible:
            continue
        counted_here = changes(here, wanted)
        status, value, _ = minimise(v, changes_expression(v))
        assert (status, value) == ("OPTIMAL", counted_here), seed
        agreed += 1
        kept_some += counted_here < had(here).total()
    assert agreed > 12
    assert kept_some > 4


def test_among_as_few_changes_fewer_moved_meetings_are_nearer() -> None:
    here = read(after(PLAIN))
    one = plan(week(PLAIN | {"meetings": [MON, meeting("thu", "09:00")]}), here)
    two = plan(week(PLAIN | {"meetings": [meeting(d, "09:00") for d in ("thu", "fri")]}), here)
    assert changes(here, one) == changes(here, two) == 2
    assert (moved(here, one), moved(here, two)) == (2, 4)
    for wanted in (one, two):
        v = build(here)
        hold(v, wanted)
        assert minimise(v, farness_expression(v))[1] == farness(here, wanted)


def test_around_a_ledger_the_model_counts_what_stays_and_what_comes_back() -> None:
    here = read(after(PLAIN, LATER))
    wanted = plan(week(PLAIN, LATER), here)
    for left_out in (0, 1):
        around = Ledger(here, wanted)
        if left_out:
            around.close("s")
        around.cancel("a")
        v = build(here, around)
        status, value, _ = minimise(v, changes_expression(v))
        assert (status, value) == ("OPTIMAL", 0)


def test_a_cap_is_a_rule_of_its_own() -> None:
    here = read(after(PLAIN, LATER))
    ledger = Ledger(here, plan(week(PLAIN), here))
    scope = Scope.whole(ledger)
    assert list(MostChanges(1).check(here, ledger, scope)) == []
    [found] = MostChanges(0).check(here, ledger, scope)
    assert found.amount == 1
    v = build(here, rules=(*RULES, MostChanges(0)))
    hold(v, ledger)
    assert minimise(v, changes_expression(v))[0] == "INFEASIBLE"


# ---------------------------------------------------------------- what has happened


def frozen_week(*entries: Json, day: int = 2, **facts: object) -> tuple[Json, Frozen]:
    scenario = after(*entries, **facts)
    here = read(scenario).scenario
    locks = [lock.model_dump(exclude_none=True) for lock in locks_before(here, day)]
    return scenario | {"locks": locks}, Frozen(day)


@pytest.mark.parametrize(
    ("now", "fine"),
    [
        ([PLAIN], True),
        (
            [PLAIN, section(["pat"], meeting("thu", "10:00"), meeting("fri", "10:00"), name="t")],
            True,
        ),
        ([PLAIN | {"members": ["pat", "sam", "new"]}], False),  # was not there on Monday
        ([PLAIN | {"members": ["pat"]}], False),  # sam was
        (
            [PLAIN | {"meetings": [MON, meeting("thu", "09:00")]}],
            True,
        ),  # Wednesday is still to come
        ([PLAIN, visit(day="tue")], False),  # Tuesday is over
        ([PLAIN, visit(day="wed", start="11:00")], True),
        ([PLAIN | {"members": ["pat", "sam", "late"]}], True),  # comes from Wednesday on
    ],
)
def test_the_days_before_stay_as_they_were(now: list[Json], fine: bool) -> None:
    people = [
        patient("pat"),
        patient("sam"),
        patient("new"),
        patient("late", first_date=date("wed")),
    ]
    scenario, frozen = frozen_week(PLAIN, patients=people)
    here = read(scenario)
    wanted = plan(week(*now), here)
    ledger = Ledger(here, wanted)
    found = [*check(here, wanted), *frozen.check(here, ledger, Scope.whole(ledger))]
    assert (not found) == fine
    v = build(here, rules=(*RULES, frozen))
    try:
        hold(v, wanted)
    except NotExpressible:
        assert not fine
        return
    assert (minimise(v, changes_expression(v))[0] == "OPTIMAL") == fine


def test_what_ran_without_a_leader_is_frozen_too() -> None:
    alone = [TWO[0] | {"leaders": []}]
    scenario, frozen = frozen_week(PLAIN | {"leaders": []}, groups=alone)
    here = read(scenario)
    assert {"section": "s"} in scenario["locks"]
    v = build(here, rules=(*RULES, frozen))
    new = section(["pat"], meeting("mon", "11:00"), meeting("thu", "11:00"), name="t", leaders=[])
    hold(v, plan(week(PLAIN | {"leaders": []}, new), here))
    assert minimise(v, changes_expression(v))[0] == "INFEASIBLE"


def test_habits_and_things_people_had_are_of_the_same_people() -> None:
    here = read(after(PLAIN, LATER))
    assert {thing.patient for thing in had(here)} == set(habits(here))
