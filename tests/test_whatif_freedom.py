"""Which scenario leaves more freedom: what is claimed holds for every lawful week that is tried."""

from __future__ import annotations

import random

import pytest

from solver.changes import ChangeFaults, apply, parse_change
from solver.checker import check, measure
from solver.clinic import Clinic
from solver.errors import FileFaults
from solver.io.files import dump
from solver.whatif.carrying import as_it_is
from solver.whatif.freedom import is_freer
from tests import moves, randomness
from tests.builders import (
    Json,
    before,
    clinic,
    group,
    item,
    patient,
    plan,
    program,
    quota,
    read,
    room,
    section,
    therapist,
    window,
)

LESS = [
    "remove therapist {t}",
    "remove room {r}",
    "remove equipment {e}",
    "remove group {g}",
    "group {g} max_sections=0",
    "group {g} size.max=1 size.min=1",
    "leave {t} mon,tue",
    "therapist {t} off wed,thu 09:00-10:00",
    "therapist {t} max_minutes_per_day=30",
    "therapist {t} max_caseload=0 max_consecutive_minutes=30",
    "therapist {t} supervisor=no",
    "room {r} capacity=1",
    "room {r} closed mon",
    "equipment {e} quantity=0",
    "patient {p} availability='mon 09:00-10:00'",
    "patient {p} commitments=[]",
    "patient {p} family_availability=never",
    "open mon 13:00-14:00",
    "shut mon 11:00-12:00",
    "shut tue 09:00-09:30",
    "remove patient {p}",
    "add patient like {p}",
    "program {o} minutes_per_week.min=90",
    "policy strict=unmet_care",
]
"""Changes most of which take something away; which of them is judged by ``is_freer``."""


def changed(r: random.Random, scenario: Json) -> Json | None:
    """A random scenario with one or two of the changes, where they make sense for it."""
    names = {
        letter: r.choice([e["id"] for e in scenario[key]] or ["-"])
        for letter, key in {
            "t": "therapists", "r": "rooms", "e": "equipment", "g": "groups", "p": "patients",
            "o": "programs",
        }.items()
    }  # fmt: skip
    sentences = [text.format(**names) for text in r.sample(LESS, r.randint(1, 2))]
    try:
        return dump(apply(read(scenario).scenario, [parse_change(s) for s in sentences]))
    except ChangeFaults:
        return None


def test_a_lawful_week_of_the_less_free_is_one_of_the_freer_with_no_more_unmet_care() -> None:
    r = random.Random(11)
    claims = weeks = 0
    for _ in range(150):
        first = randomness.scenario(r)
        try:
            read(first)
        except FileFaults:
            continue
        if r.random() < 0.4:
            first = moves.with_baseline(r, first)
        second = changed(r, first)
        if second is None:
            continue
        pair = (read(first), read(second))
        for free, bound, data in ((*pair, second), (*reversed(pair), first)):
            if not is_freer(free, bound):
                continue
            claims += 1
            steps = moves.Moves(r, data, exceptions=False)
            week = plan(moves.lawful_walk(steps, moves.empty(data), 25), bound)
            if check(bound, week):
                continue  # locks that no walk from the empty week came to obey
            carried = as_it_is(free, week)
            assert carried is not None
            assert measure(free, carried)["unmet_care"] <= measure(bound, week)["unmet_care"]
            weeks += bool(week.sections or week.appointments)
    assert claims > 60
    assert weeks > 30


BASE = clinic(
    programs=[program(minutes_per_week={"min": 60}, quotas=[quota("talk"), quota("solo", 1)])],
    equipment=[item("kit", 1)],
    groups=[group(size={"min": 2, "max": 4})],
)


@pytest.mark.parametrize(
    "less",
    [
        "remove therapist bob",
        "remove room small",
        "remove equipment kit",
        "remove group cbt",
        "group cbt size.max=3",
        "leave bob mon",
        "therapist bob max_minutes_per_week=60",
        "room big capacity=3",
        "room big closed mon",
        "shut mon 11:00-12:00",
        "therapists to 1",
    ],
)
def test_taking_capacity_away_leaves_less_freedom(less: str) -> None:
    base = read(BASE)
    after = Clinic(apply(base.scenario, [parse_change(less)]))
    assert is_freer(base, after)
    assert not is_freer(after, base)


@pytest.mark.parametrize(
    "different",
    [
        "add patient like pat",  # a group may need the company of one more
        "shut mon",  # a group with no pattern may then meet on fewer days
        "program iop minutes_per_week.min=90",
        "patient pat priority=3",
        "policy tiers=short_days",
        "policy strict=unmet_care",
        "group cbt minutes=90",
        "patient pat attends=remote",
    ],
)
def test_what_is_not_understood_is_claimed_neither_way(different: str) -> None:
    base = read(BASE)
    if "tiers" in different:
        different = 'policy tiers=[["short_days"]]'
    after = Clinic(apply(base.scenario, [parse_change(different)]))
    assert not is_freer(base, after)
    assert not is_freer(after, base)


def test_fewer_patients_are_freer_where_nobody_needs_company() -> None:
    alone = clinic(groups=[group(size={"min": 1, "max": 4})])
    more = Clinic(apply(read(alone).scenario, [parse_change("census +3")]))
    assert is_freer(read(alone), more)
    locked = clinic(
        groups=[group(size={"min": 1, "max": 4})],
        baseline=before(section(["pat", "sam"])),
        locks=[{"patient": "pat", "group": "cbt"}],
    )
    assert not is_freer(
        read(locked), Clinic(apply(read(locked).scenario, [parse_change("census +1")]))
    )


def test_a_lock_that_was_let_go_leaves_more_freedom_not_less() -> None:
    locked = clinic(
        baseline=before(section(["pat"])),
        locks=[{"section": "s"}],
        rooms=[room("big", 4), room("hall", 9)],
        patients=[patient("pat")],
        therapists=[therapist("ann", availability=window("09:00", "12:00")), therapist("bob")],
    )
    base = read(locked)
    after = Clinic(apply(base.scenario, [parse_change("remove room big")]))
    assert after.scenario.locks == ()
    assert not is_freer(base, after)
