"""A place for one more patient: complete plans, ranked, legal, at no cost that is not told."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterable, Iterator
from time import monotonic

import pytest

from solver.checker import check, measure, tier_values
from solver.clinic import Clinic
from solver.errors import ScenarioError
from solver.generate import generate
from solver.goals import GOAL, PatientGoal
from solver.ledger import Ledger
from solver.model import build
from solver.options import Free
from solver.recommend import Recommendation, Told, WeekBroken, recommend, with_patient
from solver.recommend.planning import Planning
from solver.schedule import Schedule
from solver.search.starts import Start
from solver.tiers import tiers_of
from tests import randomness
from tests.builders import (
    Json,
    clinic,
    group,
    meeting,
    patient,
    plan,
    program,
    quota,
    read,
    section,
    therapist,
    visit,
    week,
    window,
)
from tests.solving import expression_of, minimise

IOP = program(
    minutes_per_week={"min": 90},
    days_per_week={"min": 1},
    quotas=[quota("talk", 1, 1), quota("solo", 1, 1)],
)
"""An hour of group and half an hour alone; one day a week is enough."""


def places(scenario: Json, schedule: Json, who: str = "new", **asked: int) -> Recommendation:
    here = read(scenario)
    return recommend(here, plan(schedule, here), who, **asked)


def with_new(**facts: object) -> Json:
    """The clinic with ``pat`` and ``sam``, and ``new`` who is to be given a place."""
    patients = [patient("pat"), patient("sam"), patient("new") | {"name": "Nora New"}]
    plain = {"patients": patients, "programs": [IOP], "groups": [group(size={"min": 2, "max": 3})]}
    return clinic(**(plain | facts))


RUNNING = week(
    section(["pat", "sam"], meeting("mon", "09:00")),
    visit("pat", "ann", "mon", "10:00"),
    visit("sam", "ann", "mon", "10:30", name="b"),
)


def entries(schedule: Schedule, without: str) -> set[object]:
    """Everything in a week that is not of one patient."""
    seats = {(s.id, p) for s in schedule.sections for p in s.members if p != without}
    return seats | {a for a in schedule.appointments if a.patient != without}


# ---------------------------------------------------------------- what a plan is


def test_the_best_plan_gives_everything_on_the_day_the_group_meets() -> None:
    scenario = with_new()
    answer = places(scenario, RUNNING)
    first = answer.plans[0]
    assert first.care.is_served
    assert first.plan.sections == ("s",)
    (appointment,) = [a for a in first.plan.schedule.appointments if a.patient == "new"]
    assert (appointment.day, appointment.start) == ("mon", 600)  # straight after the group
    assert first.headline() == "Everything that is due: 1.5 of 1.5 h, on Mon."
    assert first.moves() == []
    assert "Nobody else's week changes." in first.sentences()
    assert not first.plan.opened


def test_every_plan_is_legal_and_its_costs_are_those_of_the_whole_week() -> None:
    scenario = with_new()
    here = read(scenario)
    schedule = plan(RUNNING, here)
    before = measure(here, schedule)
    answer = recommend(here, schedule, "new")
    assert len(answer.plans) == 5
    assert dict(answer.before) == before
    for told in answer.plans:
        after = measure(here, told.plan.schedule)
        assert check(here, told.plan.schedule) == []
        assert dict(told.plan.goals) == after
        assert told.differences() == {key: after[key] - before[key] for key in after}
        assert entries(told.plan.schedule, "new") == entries(schedule, "new")


def test_plans_are_ranked_by_the_tiers_of_the_policy() -> None:
    for policy in ({}, {"tiers": [["burden"], ["unmet_care"]]}, {"weights": {"unmet_care": 0}}):
        scenario = with_new(policy=policy)
        here = read(scenario)
        ranks = [
            tier_values(here, dict(told.plan.goals)) for told in places(scenario, RUNNING).plans
        ]
        assert ranks == sorted(ranks)


def test_plans_differ_in_a_section_or_a_day_and_none_holds_all_of_a_better_one() -> None:
    def held(told: Told) -> set[tuple[str, str]]:
        mine = [a for a in told.plan.schedule.appointments if a.patient == "new"]
        return {("section", s) for s in told.plan.sections} | {(a.service, a.day) for a in mine}

    answer = places(with_new(), RUNNING)
    found = [held(told) for told in answer.plans]
    for number, one in enumerate(found):
        assert not any(one <= other or one >= other for other in found[:number])


def test_a_patient_who_has_sessions_is_planned_anew_but_for_what_is_locked() -> None:
    late = week(
        section(["pat", "sam", "new"], meeting("mon", "09:00")),
        visit("new", "bob", "fri", "11:30", name="c"),
    )
    scenario = with_new(
        patients=[patient("pat"), patient("sam"), patient("new", primary_therapist="ann")]
    )
    first = places(scenario, late).plans[0]
    (moved,) = [a for a in first.plan.schedule.appointments if a.patient == "new"]
    assert (moved.therapist, moved.day, moved.id) == ("ann", "mon", "c")
    locked = scenario | {"baseline": late, "locks": [{"appointment": "c"}]}
    for told in places(locked, late).plans:
        (kept,) = [a for a in told.plan.schedule.appointments if a.patient == "new"]
        assert (kept.therapist, kept.day, kept.start) == ("bob", "fri", 690)


def test_the_week_as_it_stands_is_told_as_such() -> None:
    answer = places(with_new(), places_week(places(with_new(), RUNNING).plans[0]))
    assert answer.plans[0].is_as_before
    assert answer.plans[0].headline().endswith("It is the week as it stands.")
    assert set(answer.plans[0].differences().values()) == {0}


def places_week(told: Told) -> Json:
    return told.plan.schedule.model_dump(mode="json")


def test_a_group_that_would_close_without_the_patient_keeps_them() -> None:
    """Leaving ``s`` would leave it too small: every plan has its seat in it."""
    scenario = with_new(groups=[group(size={"min": 2, "max": 3}, max_sections=2)])
    two = week(
        section(["pat", "new"], meeting("mon", "09:00")),
        section(["sam", "gus"], meeting("tue", "09:00"), name="t"),
    )
    scenario["patients"].append(patient("gus"))
    assert {told.plan.sections for told in places(scenario, two).plans} == {("s",)}


def test_a_section_opens_for_one_only_where_one_is_enough() -> None:
    nobody = week()
    for least, opened in ((1, True), (2, False)):
        scenario = with_new(groups=[group(size={"min": least, "max": 3})])
        answer = places(scenario, nobody)
        assert any(told.plan.opened for told in answer.plans) is opened
        for told in answer.plans:
            assert told.plan.opened <= set(told.plan.sections)


def test_nothing_is_planned_for_somebody_to_whom_nothing_is_due() -> None:
    answer = places(with_new(programs=[program()]), RUNNING)
    assert not answer.plans
    assert answer.headline() == "Nothing is due for Nora New (new), so there is nothing to plan."


# ---------------------------------------------------------------- what stands in the way


def test_a_full_group_leaves_the_patient_short_and_the_reason_is_said() -> None:
    scenario = with_new(groups=[group(size={"min": 2, "max": 2})])
    answer = places(scenario, RUNNING)
    first = answer.plans[0]
    assert first.plan.sections == ()
    assert first.headline().startswith("Short of 1 h of 1 h 30 min and 1 of 1 session of talk: ")
    assert set(answer.obstacles) == {"talk"}
    assert "full, 2 of 2 seats" in " ".join(o.text for o in answer.obstacles["talk"])


def test_somebody_from_the_waiting_list_gets_all_or_no_plan() -> None:
    waiting = [patient("pat"), patient("sam"), patient("new", status="waitlist", priority=3)]
    answer = places(with_new(patients=waiting), RUNNING | {"not_admitted": ["new"]})
    assert answer.plans
    for told in answer.plans:
        assert told.care.is_served
        assert told.differences()["turned_away"] == -3
        assert told.plan.schedule.not_admitted == ()
    full = with_new(patients=waiting, groups=[group(size={"min": 2, "max": 2})])
    none = places(full, RUNNING | {"not_admitted": ["new"]})
    assert none.plans == ()
    assert none.headline() == (
        "There is no place for new with everything that is due without moving anyone."
    )
    assert set(none.obstacles) == {"talk", "solo"}
    assert "is admitted with" not in " ".join(o.text for f in none.obstacles.values() for o in f)


def test_a_place_is_looked_for_in_a_legal_week_only() -> None:
    twice = week(*RUNNING["sections"], visit("pat", "ann"), visit("sam", "ann", name="b"))
    with pytest.raises(WeekBroken) as told:
        places(with_new(), twice)
    assert {v.rule for v in told.value.violations} >= {"no_double_booking"}


# ---------------------------------------------------------------- moves of others


def two_sections(**facts: object) -> tuple[Json, Json]:
    """``s`` on Monday is full, ``t`` on Tuesday has a seat; ``new`` can only come on Monday."""
    scenario = with_new(
        groups=[group(size={"min": 1, "max": 2}, max_sections=2)],
        patients=[
            patient("pat", availability=window("09:00", "12:00", "mon")),
            patient("sam") | facts,
            patient("gus"),
            patient("new", availability=window("09:00", "12:00", "mon")),
        ],
    )
    two = week(
        section(["pat", "sam"], meeting("mon", "09:00")),
        section(["gus"], meeting("tue", "09:00"), name="t"),
    )
    return scenario, two


def test_a_member_who_can_go_elsewhere_makes_room() -> None:
    scenario, two = two_sections()
    answer = places(scenario, two, most_moves=1)
    assert all(told.plan.sections == () for told in answer.plans)
    first = answer.with_moves[0]
    assert first.plan.sections == ("s",)
    assert first.moves() == ["sam changes from cbt, Mon 09:00–10:00 to cbt, Tue 09:00–10:00."]
    members = {s.id: set(s.members) for s in first.plan.schedule.sections}
    assert members == {"s": {"pat", "new"}, "t": {"gus", "sam"}}
    assert tuple(first.plan.rank) < tuple(answer.plans[0].plan.rank)
    assert answer.headline_of_moves() == (
        f"{len(answer.with_moves)} better plan"
        f"{'s' if len(answer.with_moves) > 1 else ''} if at most 1 session of others may move."
    )


def test_nobody_moves_who_would_lose_care_or_is_locked() -> None:
    scenario, two = two_sections(availability=window("09:00", "12:00", "mon"))
    assert places(scenario, two, most_moves=2).with_moves == ()
    scenario, two = two_sections()
    locked = scenario | {"baseline": two, "locks": [{"section": "s"}]}
    assert places(locked, two, most_moves=2).with_moves == ()


def busy_ann() -> tuple[Json, Json]:
    """``new`` can come Monday at nine only, when ``ann``, the one who may see them, sees ``pat``."""
    scenario = with_new(
        programs=[program(quotas=[quota("solo", 1, 1)], minutes_per_week={"min": 30})],
        therapists=[therapist("ann")],
        patients=[patient("pat"), patient("new", availability=window("09:00", "09:30", "mon"))],
    )
    return scenario, week(visit("pat", "ann", "mon", "09:00"))


def test_an_appointment_moves_for_another_and_both_are_named() -> None:
    scenario, taken = busy_ann()
    answer = places(scenario, taken, most_moves=1)
    assert answer.plans == ()
    first = answer.with_moves[0]
    assert first.moves() == [
        "pat: solo moves from Mon 09:00–09:30 with ann in small to Mon 09:30–10:00 with ann in small."
    ]
    document = first.document()
    (move,) = document["moves"]  # type: ignore[misc]
    assert (move["kind"], move["from"]["start"], move["to"]["start"]) == (
        "appointment",
        "09:00",
        "09:30",
    )


def differences(before: Schedule, after: Schedule, who: str) -> set[str]:
    """Patients other than ``who`` of whom anything is different."""

    def mine(schedule: Schedule, p: str) -> set[object]:
        seats = {(s.id, p in s.remote_members) for s in schedule.sections if p in s.members}
        return seats | {a for a in schedule.appointments if a.patient == p}

    everyone = {p for w in (before, after) for s in w.sections for p in s.members}
    everyone |= {a.patient for w in (before, after) for a in w.appointments}
    return {p for p in everyone - {who} if mine(before, p) != mine(after, p)}


def by_hand(scenarios: Iterable[Json]) -> Iterator[tuple[Clinic, Schedule]]:
    """Weeks as a clinic makes them by hand, those that are legal."""
    for scenario in scenarios:
        here = read(scenario)
        schedule = Start(here, monotonic() + 60).by_hand().schedule()
        if not check(here, schedule):
            yield here, schedule


@pytest.mark.slow
def test_moves_are_named_all_and_take_care_from_nobody() -> None:
    moved = 0
    for here, schedule in by_hand(generate(14, seed, 1.0) for seed in (4,)):
        before = Ledger(here, schedule)
        for p in here.patients:
            answer = recommend(here, schedule, p, most_moves=2)
            for told in (*answer.plans, *answer.with_moves):
                assert check(here, told.plan.schedule) == []
                named = {m.patient for m in told.plan.moves}
                assert differences(schedule, told.plan.schedule, p) == named
            for told in answer.with_moves:
                moved += 1
                assert 1 <= len(told.plan.moves) <= 2
                after = Ledger(here, told.plan.schedule)
                for m in told.plan.moves:
                    for goal in ("unmet_care", "short_days", "turned_away"):
                        was = share(here, before, m.patient, goal)
                        assert share(here, after, m.patient, goal) <= was
    assert moved > 3


def share(here: Clinic, ledger: Ledger, p: str, goal: str) -> int:
    found = GOAL[goal]
    assert isinstance(found, PatientGoal)
    return found.of(here, ledger, p)


# ---------------------------------------------------------------- as good as any


def best_alone(here: Clinic, planning: Planning) -> tuple[int, ...] | None:
    """Each tier at its best over all weeks in which this patient's sessions alone are open."""
    around = planning.around.copy()
    for s in planning.choices.emptied:
        around.close(s)
    small = [g for g, e in here.groups.items() if e.size.min <= 1 and g not in here.continuing]
    v = build(here, around, Free.of(here, [planning.patient], small))
    terms = [t.var for t in v.terms(planning.patient)]
    if terms and not around.sittings[planning.patient]:
        v.at_least(terms, 1)
    values = []
    for tier in tiers_of(here.scenario.policy):
        expression = expression_of(v, tier)
        _, value, _ = minimise(v, expression, 5)
        if value is None:
            return None
        values.append(value)
        v.limit(expression, value)
    return tuple(values) if terms else None


BY_RULE_OF_THUMB = {"staffing", "burden"}
"""Goals in which a plan may be beaten: by a session nobody needs, by another of two therapists."""


def test_no_single_patient_model_finds_better_care_than_the_first_plan() -> None:
    compared = 0
    for here, schedule in by_hand(randomness.scenario(random.Random(n)) for n in range(24)):
        for p in here.patients:
            planning = Planning(Ledger(here, schedule), p)
            found = planning.plans(1)
            values = best_alone(here, planning)
            if values is None or not found:
                assert not found or values is not None
                continue
            for tier, mine, least in zip(
                tiers_of(here.scenario.policy), found[0].rank, values, strict=True
            ):
                if BY_RULE_OF_THUMB & set(tier.goals):
                    break
                assert mine == least, (p, tier.goals)
                compared += 1
    assert compared > 60


def test_the_same_week_gives_the_same_plans() -> None:
    scenarios = (randomness.scenario(random.Random(n)) for n in (8, 12, 313))
    for here, schedule in by_hand(scenarios):
        for p in here.patients:
            twice = [recommend(here, schedule, p, most_moves=1).document() for _ in range(2)]
            assert twice[0] == twice[1]


def test_no_solver_is_loaded() -> None:
    code = "import solver.recommend, sys; sys.exit('ortools' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# ---------------------------------------------------------------- a new patient in a file


def test_a_new_patient_is_read_with_all_faults_at_their_place() -> None:
    here = read(clinic()).scenario
    made, who = with_patient(here, patient("new"))
    assert who == "new"
    assert [p.id for p in made.patients] == ["pat", "sam", "new"]
    wrong = {"id": "new", "name": "N", "program": "iopp", "priority": 9, "keep_apart": ["zoe"]}
    with pytest.raises(ScenarioError) as told:
        with_patient(here, wrong)
    assert {f.place for f in told.value.faults} == {
        "patient.program",
        "patient.priority",
        "patient.keep_apart[0]",
    }
    with pytest.raises(ScenarioError, match="who is in the scenario already"):
        with_patient(here, patient("pat"))
    with pytest.raises(ScenarioError, match="patient: found an empty list"):
        with_patient(here, [])


def test_the_document_holds_the_plans_and_the_weeks_that_prove_them() -> None:
    document = places(with_new(), RUNNING, top=2).document()
    plans = document["plans"]
    assert isinstance(plans, list)
    assert [p["rank"] for p in plans] == [1, 2]
    here = read(with_new())
    for entry in plans:
        schedule = plan(entry["schedule"], here)
        assert check(here, schedule) == []
        assert measure(here, schedule) == entry["goals"]
        assert entry["sections"][0]["members"] <= entry["sections"][0]["seats"]
    assert document["with_moves"] == []
