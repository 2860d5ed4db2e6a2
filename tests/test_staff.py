"""Hires at least cost, against every choice of shifts tried one by one on clinics that are small enough."""

from __future__ import annotations

from itertools import combinations
from threading import Event
from time import monotonic
from typing import Any

import pytest

from solver.checker import check
from solver.clinic import Clinic
from solver.ledger import Ledger
from solver.result import Settings
from solver.staffing import Candidates, CareDesk, Chosen, Plan, read_candidates, staff
from solver.staffing.rounds import Judge
from solver.staffing.search import Hunt, unmet
from solver.validation import read_scenario
from tests.builders import (
    Json,
    clinic,
    group,
    patient,
    program,
    quota,
    room,
    solo,
    talk,
    therapist,
    window,
)

SECONDS = Settings(time_limit=60, workers=1)
ASKED = program(minutes_per_week={"min": 90}, quotas=[quota("talk", 1, 2), quota("solo", 1, 3)])


def shift(name: str, *hours: Json, **facts: Any) -> Json:
    return {"id": name, "windows": list(hours)} | facts


def hire(name: str, *shifts: Json, **facts: Any) -> Json:
    of_candidate = {k: facts.pop(k) for k in ("cost", "max_shifts") if k in facts}
    return {"therapist": therapist(name, **facts), "shifts": list(shifts)} | of_candidate


def monday(start: str = "09:00", end: str = "12:00") -> Json:
    return window(start, end, "mon")[0]


def tuesday(start: str = "09:00", end: str = "12:00") -> Json:
    return window(start, end, "tue")[0]


def short_staffed(**facts: Any) -> Json:
    """Ann alone, two hours a week; four patients who ask for a group hour and a session each."""
    return clinic(
        **{
            "opening_hours": window("09:00", "12:00", "mon", "tue"),
            "programs": [ASKED],
            "therapists": [therapist("ann", max_minutes_per_week=120)],
            "groups": [group(max_sections=2, size={"min": 1, "max": 2})],
            "rooms": [room("big", 4), room("small", 2)],
            "patients": [patient("p1"), patient("p2", priority=2), patient("p3"), patient("p4")],
        }
        | facts
    )


TWO = [
    hire("kim", shift("mo", monday()), shift("tu", tuesday()), cost_per_hour=50.0),
    hire(
        "lou",
        shift("mo", monday("09:00", "11:00")),
        shift("tu", tuesday("09:00", "10:00")),
        cost=20.0,
        cost_per_hour=40.0,
    ),
]


def people(scenario: Json, entries: list[Json]) -> Candidates:
    file = {"schema_version": 1, "candidates": entries}
    return read_candidates(file, read_scenario(scenario)[0])


def every_choice(candidates: Candidates) -> list[Chosen]:
    """All shifts that may be taken together."""
    everything = sorted(candidates.everything)
    return [
        frozenset(some)
        for n in range(len(everything) + 1)
        for some in combinations(everything, n)
        if all(
            sum(i == k for i, _ in some) <= person.most
            for k, person in enumerate(candidates.people)
        )
    ]


def least_unmet(candidates: Candidates) -> dict[Chosen, int]:
    """Unmet care of the best week with each choice; every one of them proved."""
    desk, out = CareDesk(workers=1), {}
    for chosen in every_choice(candidates):
        care = desk.ask(candidates.hired(chosen), 40)
        assert care.unmet == care.least, "too large for a test"
        out[chosen] = care.least
    return out


def fair(plan: Plan) -> None:
    """What holds of any answer, proved or not."""
    bound, cost = 0, 0
    for point in plan.points:
        assert point.bound >= bound
        bound = point.bound
        if point.schedule is None:
            continue
        assert point.cents is not None
        assert bound <= point.cents
        assert cost <= point.cents
        cost = point.cents
        assert point.cents == plan.candidates.cents(point.chosen)
        scenario = plan.scenario(point)
        here = Clinic(scenario)
        assert check(here, point.schedule) == []
        assert unmet(here, Ledger(here, point.schedule)) == point.unmet
        assert point.unmet <= plan.own + (1 - point.share) * (plan.due - plan.own) + 1e-6


@pytest.mark.slow
def test_the_cost_curve_is_that_of_all_choices_tried() -> None:
    three = [patient("p1"), patient("p2", priority=2), patient("p3")]
    candidates = people(short_staffed(patients=three), TWO)
    truth = least_unmet(candidates)
    plan = staff(candidates, SECONDS, shares=(0.7, 0.85, 1.0))
    fair(plan)
    for point in plan.points:
        cap = plan.own + (1 - point.share) * (plan.due - plan.own) + 1e-6
        enough = [candidates.cents(c) for c, left in truth.items() if left <= cap]
        assert point.impossible == (not enough)
        if enough:
            assert (point.cents, point.proved) == (min(enough), True)


def test_judges_say_what_is_true_of_every_choice() -> None:
    """The whole week decides; counted by the day, it never refutes hires that suffice."""
    candidates = people(short_staffed(patients=[patient("p1"), patient("p2"), patient("p3")]), TWO)
    truth, hunt = least_unmet(candidates), Hunt(candidates, workers=1)
    for cap in (0, 120):
        whole = hunt.judge(cap, monotonic() + 30, daily=False)
        by_day = hunt.judge(cap, monotonic() + 30, daily=True)
        assert isinstance(whole, Judge)
        assert isinstance(by_day, Judge)
        for chosen, left in truth.items():
            verdict, needed, week = whole.ask(chosen, 30)
            assert verdict == ("enough" if left <= cap else "not enough")
            if week is None:
                assert needed
                assert not needed & chosen
                assert all(other & needed for other, less in truth.items() if less <= cap)
            else:
                found = hunt.week(week)
                assert found is not None
                assert found.chosen <= chosen
                assert found.unmet <= cap
            rough, needed, _ = by_day.ask(chosen, 30)
            assert rough == "undecided" or left > cap
            if rough == "not enough":
                assert all(other & needed for other, less in truth.items() if less <= cap)


def test_nobody_is_hired_where_nobody_is_needed() -> None:
    plan = staff(people(short_staffed(patients=[patient("p1")]), TWO), SECONDS)
    assert [p.cents for p in plan.points] == [0] * 5
    assert all(p.proved and p.chosen == frozenset() for p in plan.points)


def test_a_week_that_serves_everybody_already_is_the_answer_without_any_solving() -> None:
    candidates = people(short_staffed(patients=[patient("p1")]), TWO)
    known = CareDesk().ask(candidates.scenario, 20.0).schedule

    def ask(*_: object, **__: object) -> Any:
        raise AssertionError("nothing is left to be solved")

    plan = staff(candidates, Settings(time_limit=20.0), ask=ask, start=known)
    assert [(p.cents, p.bound, p.proved) for p in plan.points] == [(0, 0, True)] * len(plan.points)


def test_a_week_that_breaks_a_rule_is_no_beginning() -> None:
    candidates = people(short_staffed(patients=[patient("p1")]), TWO)
    known = CareDesk().ask(candidates.scenario, 20.0).schedule
    assert known is not None
    midnight = tuple(a.model_copy(update={"start": 0}) for a in known.appointments)
    wrong = known.model_copy(update={"appointments": midnight})
    plan = staff(candidates, Settings(time_limit=20.0), start=wrong)
    assert plan.points[-1].schedule is not None
    assert not check(Clinic(candidates.scenario), plan.points[-1].schedule)


def test_more_than_everybody_can_do_is_impossible_and_the_most_is_a_point_of_its_own() -> None:
    scenario = short_staffed(groups=[group(size={"min": 1, "max": 2})])
    plan = staff(people(scenario, TWO), SECONDS, shares=(0.5, 1.0))
    fair(plan)
    assert [p.impossible for p in plan.points] == [False, False, True]
    most = plan.points[1]
    assert most.share == pytest.approx(plan.best_share)
    assert most.unmet == plan.least_unmet > 0
    answer = plan.document()["points"][-1]
    assert (answer["cost"], answer["bound"], answer["impossible"]) == (None, None, True)


def test_what_a_patient_could_not_have_alone_is_asked_of_nobody() -> None:
    busy = patient("p2", priority=2, availability=[monday("09:00", "09:30")])
    candidates = people(short_staffed(patients=[patient("p1"), busy]), TWO)
    plan = staff(candidates, SECONDS, shares=(1.0,))
    fair(plan)
    assert plan.short_alone == ("p2",)
    assert plan.own == 2 * (60 + 60)
    assert [p.unmet for p in plan.points] == [plan.own]
    assert plan.points[0].proved
    assert (plan.points[0].served, plan.points[0].patients) == (1, 2)


def one_point(scenario: Json, entries: list[Json]) -> tuple[Plan, list[str]]:
    """The plan for all care, and the shifts worked as ``kim mo``."""
    candidates = people(scenario, entries)
    plan = staff(candidates, SECONDS, shares=(1.0,))
    fair(plan)
    (point,) = plan.points
    assert point.proved or point.impossible
    who = candidates.people
    return plan, [f"{who[i].therapist} {who[i].turns[j].id}" for i, j in sorted(point.chosen)]


SESSIONS = program(quotas=[quota("solo", 1, 1)])


def sessions(*patients: Json, **facts: Any) -> Json:
    """A clinic of individual sessions that has nobody to give them."""
    base = {
        "opening_hours": window("09:00", "12:00", "mon", "tue"),
        "programs": [SESSIONS],
        "therapists": [],
        "groups": [],
        "patients": list(patients) or [patient("pat")],
    }
    return clinic(**(base | facts))


def test_an_intern_needs_a_supervisor_whose_hours_are_paid_for_although_they_do_nothing() -> None:
    intern = hire("kim", shift("mo", monday(), cost=10.0), supervised=True)
    chief = therapist("lou", supervisor=True, credentials=["md"])
    watching = {
        "therapist": chief,
        "shifts": [
            shift("mo", monday(), cost=30.0),
            shift("tu", tuesday(), cost=5.0),
        ],
    }
    scenario = sessions(services=[talk(), solo(credentials=["lcsw"])], programs=[SESSIONS])
    plan, hired = one_point(scenario, [intern, watching])
    assert hired == ["kim mo", "lou mo"]
    assert plan.points[0].cents == 4000


def test_as_many_shifts_as_somebody_takes() -> None:
    """Two patients, one in the morning and one on Tuesday; Kim takes one shift of the two."""
    two = [
        patient("pat", availability=[monday()]),
        patient("sam", availability=[tuesday()]),
    ]
    cheap = hire("kim", shift("mo", monday(), cost=1.0), shift("tu", tuesday(), cost=2.0), cost=1.0)
    dear = hire("lou", shift("mo", monday(), cost=50.0), shift("tu", tuesday(), cost=60.0))
    assert one_point(sessions(*two), [cheap, dear])[1] == ["kim mo", "kim tu"]
    plan, hired = one_point(sessions(*two), [cheap | {"max_shifts": 1}, dear])
    assert hired == ["kim tu", "lou mo"]
    assert plan.points[0].cents == 5300


def test_a_remote_shift_holds_remote_sessions_only() -> None:
    video = hire("kim", shift("mo", monday(), cost=1.0, remote=True))
    there = hire("lou", shift("mo", monday(), cost=9.0))
    assert one_point(sessions(), [video, there])[1] == ["lou mo"]
    by_video = sessions(services=[talk(), solo(remote=True)], programs=[SESSIONS])
    assert one_point(by_video, [video, there])[1] == ["kim mo"]


def test_more_hours_of_somebody_who_is_here_come_with_more_minutes() -> None:
    ann = therapist("ann", availability=[monday()], max_minutes_per_week=30)
    three = [patient("p1"), patient("p2"), patient("p3", availability=[tuesday()])]
    scenario = sessions(*three, therapists=[ann])
    more = {"staff": "ann", "shifts": [shift("tu", tuesday("09:00", "10:00"), cost=7.0)]}
    plan, hired = one_point(scenario, [more])
    assert hired == ["ann tu"]
    assert plan.points[0].schedule is not None
    taken = plan.scenario(plan.points[0]).therapists[0]
    assert (taken.max_minutes_per_week, len(taken.availability or ())) == (90, 2)


def test_hired_without_shifts_is_hired_as_they_are() -> None:
    entry = {
        "therapist": therapist("kim", availability=[monday("09:00", "10:30")], cost_per_hour=40.0)
    }
    plan, hired = one_point(sessions(), [entry])
    assert (hired, plan.points[0].cents) == (["kim all"], 6000)


def test_the_search_ends_with_what_it_has_when_it_is_told_to() -> None:
    stop = Event()
    stop.set()
    plan = staff(people(short_staffed(), TWO), SECONDS, stop=stop)
    fair(plan)
    assert plan.seconds < 30
    assert not any(point.impossible for point in plan.points)


def test_progress_is_told_in_words() -> None:
    said: list[str] = []
    staff(people(sessions(), TWO), SECONDS, shares=(1.0,), tell=said.append)
    assert said[0] == "what the clinic gives with nobody hired"
    assert any(line.startswith("100% of the care: ") for line in said)


# ---------------------------------------------------------------- neighbourhoods


def test_a_week_grows_cheaper_and_stays_as_good() -> None:
    candidates = people(short_staffed(), TWO)
    hunt = Hunt(candidates, seed=1, workers=1)
    care = CareDesk(workers=1).ask(candidates.hired(candidates.everything), 30)
    assert care.schedule is not None
    first = hunt.week(Ledger(hunt.clinic, care.schedule))
    assert first is not None
    told: list[int] = []
    found = hunt.cheaper(first, first.unmet, monotonic() + 20, 2, on_cents=told.append)
    assert found.unmet <= first.unmet
    assert found.cents <= first.cents
    assert told == sorted(told, reverse=True)
    assert found.cents == candidates.cents(found.chosen)
    here = Clinic(candidates.hired(found.chosen))
    assert check(here, found.ledger.schedule()) == []


def test_a_week_outside_all_shifts_has_no_price() -> None:
    candidates = people(sessions(), [hire("kim", shift("mo", monday(), cost=1.0), max_shifts=1)])
    hunt = Hunt(candidates)
    lawful = CareDesk(workers=1).ask(candidates.hired(candidates.everything), 20).schedule
    assert lawful is not None
    assert hunt.week(Ledger(hunt.clinic, lawful)) is not None
    moved = [a.model_copy(update={"day": "tue"}) for a in lawful.appointments]
    elsewhere = lawful.model_copy(update={"appointments": tuple(moved)})
    assert hunt.week(Ledger(hunt.clinic, elsewhere)) is None
