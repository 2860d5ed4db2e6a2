"""The model half against the checker half, on weeks so small that every schedule can be listed.

For each of them the schedules that break no rule are the model's solutions, one for one, and the
best of them is what tier-by-tier solving comes to. Then the same with one rule at a time switched
off on both sides.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from solver.checker import check, measure, tier_values
from solver.clinic import Clinic
from solver.errors import FileFaults
from solver.model import build
from solver.rules import RULE
from tests import randomness
from tests.builders import (
    Json,
    before,
    clinic,
    date,
    group,
    item,
    patient,
    program,
    quota,
    read,
    room,
    section,
    solo,
    talk,
    therapist,
    visit,
    window,
)
from tests.enumeration import Universe, face
from tests.solving import best, every_solution, without

ONE_DAY = window("09:00", "10:30", "mon")


def asking(minutes: int, *quotas: Json, **facts: object) -> list[Json]:
    """A program with a maximum for each service, as listing every week needs it."""
    return [program(minutes_per_week={"min": minutes}, quotas=list(quotas), **facts)]


TINY: dict[str, tuple[Json, list[str]]] = {
    "a group and visits": (
        clinic(
            opening_hours=ONE_DAY,
            programs=asking(90, quota("talk", 1, 1), quota("solo", 0, 1)),
            patients=[patient("pat", availability=window("09:00", "10:00")), patient("sam")],
            therapists=[therapist("ann", availability=window("09:30", "10:30")), therapist("bob")],
        ),
        ["patient_available", "therapist_available"],
    ),
    "by video or in the only seat": (
        clinic(
            opening_hours=window("09:00", "10:00", "mon"),
            programs=asking(60, quota("talk", 1, 1), quota("solo", 1, 1)),
            services=[talk(), solo(remote=True)],
            groups=[group(modality="hybrid", minutes=30)],
            rooms=[room("small", 1)],
            patients=[patient("pat", attends="in_person"), patient("sam", primary_therapist="bob")],
        ),
        ["modality"],
    ),
    "two days of three, one of them shut": (
        clinic(
            opening_hours=window("09:00", "10:00", "mon", "tue", "wed"),
            closed_dates=[date("tue")],
            programs=asking(120, quota("talk", 2, 2)),
            groups=[group(meetings_per_week=2, start_times=["09:00"])],
            rooms=[room("big", 4), room("attic", 1, availability=window("09:00", "10:00", "wed"))],
            patients=[patient("pat"), patient("sam", first_date=date("wed"))],
        ),
        [],
    ),
    "a closed group that goes on": (
        clinic(
            opening_hours=ONE_DAY,
            programs=asking(90, quota("talk", 1, 1), quota("solo", 1, 1)),
            groups=[group(closed=True)],
            rooms=[room("big", 4), room("small", 1)],
            patients=[patient("pat"), patient("sam", availability=window("09:30", "10:30"))],
            baseline=before(
                section(["pat"]),
                visit("pat", "bob", start="10:00"),
                visit("sam", start="10:00", name="b"),
            ),
            locks=[{"patient": "pat", "group": "cbt"}],
        ),
        [],
    ),
    "what a therapist can bear": (
        clinic(
            opening_hours=window("09:00", "11:30", "mon"),
            programs=asking(60, quota("solo", 1, 2)),
            groups=[],
            rooms=[room("small", 1)],
            patients=[patient("pat"), patient("sam", quotas=[quota("solo", 0, 1)])],
            therapists=[
                therapist(
                    "ann",
                    max_consecutive_minutes=60,
                    max_caseload=1,
                    meal={"minutes": 30, "between": ["09:30", "10:30"]},
                )
            ],
        ),
        ["therapist_load", "meal_break"],
    ),
    "who waits, and what is strict": (
        clinic(
            opening_hours=ONE_DAY,
            programs=asking(60, quota("talk", 1, 1), quota("solo", 0, 1)),
            groups=[group(minutes=30, size={"min": 2, "max": 2})],
            therapists=[therapist("ann")],
            patients=[patient("pat", status="waitlist"), patient("sam")],
            policy={"strict": ["unmet_care"]},
        ),
        ["strict", "waitlist"],
    ),
    "two sections, three people, two of them apart": (
        clinic(
            opening_hours=window("09:00", "10:00", "mon"),
            services=[talk()],
            programs=asking(30, quota("talk", 1, 1)),
            groups=[group(minutes=30, max_sections=2, size={"min": 1, "max": 2})],
            rooms=[room("big", 4)],
            patients=[
                patient("pat", keep_apart=["sam"]),
                patient("sam"),
                patient("kim", gender="m"),
            ],
            therapists=[therapist("ann", genders_served=["m"]), therapist("bob")],
        ),
        ["keep_apart", "language_and_gender"],
    ),
    "two rooms of a kind and one kit": (
        clinic(
            opening_hours=window("09:00", "10:00", "mon"),
            services=[talk(), solo(equipment={"kit": 1})],
            equipment=[item("kit", 1)],
            programs=asking(30, quota("solo", 0, 1)),
            groups=[],
            rooms=[room("small", 1), room("nook", 1), room("big", 2)],
        ),
        ["equipment"],
    ),
    "three days and a track": (
        clinic(
            opening_hours=window("09:00", "10:00", "mon", "tue", "wed"),
            tracks=[
                {"id": "early", "windows": window("09:00", "09:30", "mon", "tue", "wed")},
                {"id": "late", "windows": window("09:30", "10:00", "mon", "tue", "wed")},
            ],
            programs=asking(
                60,
                quota("talk", 1, 2),
                quota("solo", 0, 1),
                single_track=True,
                max_gap_days=0,
                sessions_per_day={"max": 1},
            ),
            services=[talk(), solo()],
            groups=[group("cbt", minutes=30), group("art", minutes=30)],
            rooms=[room("big", 4)],
            patients=[patient("pat")],
            therapists=[therapist("ann")],
        ),
        ["single_track", "day_gap"],
    ),
    "an intern and who may lead what": (
        clinic(
            opening_hours=ONE_DAY,
            programs=asking(60, quota("talk", 1, 1), quota("solo", 0, 1)),
            groups=[group(minutes=30, leaders=[{"credentials": ["lcsw"]}, {}], language="es")],
            rooms=[room("big", 4)],
            patients=[patient("pat", tags=["sud"], languages=["es"])],
            therapists=[
                therapist("ann", supervised=True, languages=["es"]),
                therapist(
                    "bob",
                    supervisor=True,
                    availability=window("09:00", "10:00", "mon"),
                    languages=["en"],
                ),
                therapist("cyd", credentials=[], languages=["es"]),
            ],
        ),
        ["supervision", "credentials", "language_and_gender"],
    ),
}


def lawful(universe: Universe, clinic_of_it: Clinic, **how: object) -> set[object]:
    v = build(clinic_of_it)
    return {face(v, ledger) for ledger in universe.lawful_weeks(**how)}  # type: ignore[arg-type]


def agrees_on_every_week(scenario: Json) -> None:
    """The lawful weeks are the model's, and the best of them is the model's best."""
    here = read(scenario)
    v, universe = build(here), Universe.of(here)
    weeks: set[object] = set()
    reached: list[tuple[int, ...]] = []
    for ledger in universe.lawful_weeks():
        weeks.add(face(v, ledger))
        reached.append(tier_values(here, measure(here, ledger)))
    found = every_solution(v)
    assert not [fault for ledger in found for fault in check(here, ledger)]
    assert {face(v, ledger) for ledger in found} == weeks
    answer = best(here)
    if not reached:
        assert answer.status == "INFEASIBLE"
    elif not here.scenario.policy.tolerances:
        assert (answer.status, answer.values) == ("OPTIMAL", min(reached))


@pytest.mark.parametrize("name", TINY)
def test_lawful_weeks_are_the_model_s_and_the_best_is_its_best(name: str) -> None:
    scenario, _ = TINY[name]
    agrees_on_every_week(scenario)


def test_weeks_that_are_not_built_on_would_have_come_to_nothing() -> None:
    # All of a smaller universe, with and without leaving out what cannot be mended.
    scenario, _ = TINY["by video or in the only seat"]
    here = read(scenario | {"therapists": [therapist("ann")], "patients": [patient("pat")]})
    universe = Universe.of(here)
    every = lawful(universe, here, prune=False)
    assert every == lawful(universe, here)
    assert len(every) > 5


@pytest.mark.parametrize(
    ("name", "rule"), [(name, rule) for name, (_, felt) in TINY.items() for rule in felt]
)
def test_one_rule_off_lets_in_what_this_rule_alone_kept_out(name: str, rule: str) -> None:
    scenario, _ = TINY[name]
    here = read(scenario)
    with_it = lawful(Universe.of(here), here)
    with without(RULE[rule]) as others:
        here = read(scenario)  # a clinic remembers what its rules said of candidates
        v = build(here, rules=others)
        weeks = {face(v, ledger) for ledger in Universe.of(here).lawful_weeks(but=rule)}
        assert {face(v, ledger) for ledger in every_solution(v)} == weeks
    assert with_it < weeks


@pytest.mark.slow
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(st.randoms(use_true_random=False))
def test_random_tiny_weeks(r: random.Random) -> None:
    scenario = randomness.Draw(r, tiny=True).scenario()
    try:
        here = read(scenario)
    except FileFaults:
        assume(False)
    universe = Universe.of(here)
    assume(sum(map(len, universe.slots)) < 3000)
    agrees_on_every_week(scenario)
