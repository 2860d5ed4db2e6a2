"""What if: what is asked, what the answers tell each other, what of a difference is certain."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver.changes import parse_change
from solver.checker import check, measure, tier_values
from solver.clinic import Clinic
from solver.engine import solve
from solver.errors import ModelError
from solver.generate import generate
from solver.pool import Failed
from solver.report import Named
from solver.result import Result, Settings, TierResult
from solver.schedule import Schedule
from solver.tiers import tiers_of
from solver.validation import read_scenario
from solver.whatif import (
    Asked,
    Variant,
    WhatIfFaults,
    answer_of,
    as_it_is,
    best_of,
    carried,
    exchanged,
    what_if,
)
from solver.whatif.answers import Answer
from solver.whatif.carrying import filled
from solver.whatif.comparing import Difference, differences, people
from solver.whatif.words import difference_text, document, findings, rows
from tests.builders import (
    Json,
    clinic,
    group,
    patient,
    plan,
    program,
    quota,
    read,
    room,
    section,
    therapist,
    visit,
    week,
    window,
)
from tests.pools import HerePool

ASKING = [program(minutes_per_week={"min": 60}, quotas=[quota("talk", 1, 1), quota("solo", 0, 1)])]
SMALL = clinic(
    opening_hours=window("09:00", "11:00", "mon"),
    programs=ASKING,
    rooms=[room("big", 1), room("small", 1)],
    groups=[group(max_sections=2)],
    therapists=[therapist("ann", cost_per_hour=40.0, availability=window("09:00", "10:00", "mon"))],
    patients=[patient("pat"), patient("sam")],
)
"""One therapist with an hour and rooms for one: only one of two patients gets their session."""


def ask(*sentences: str, name: str = "v") -> Asked:
    return Asked((Variant(name, tuple(parse_change(s) for s in sentences)),))


def result(here: Clinic, schedule: Schedule | None, *bounds: int) -> Result:
    """A result of a schedule with some bounds, 0 for the tiers after them."""
    goals = {} if schedule is None else measure(here, schedule)
    tiers: tuple[TierResult, ...] = ()
    if schedule is not None:
        order = tiers_of(here.scenario.policy)
        padded = [*bounds, *[0] * (len(order) - len(bounds))]
        tiers = tuple(
            TierResult(t.goals, t.value(goals), b, t.value(goals) == b)
            for t, b in zip(order, padded, strict=True)
        )
    status = "unknown" if schedule is None else "feasible"
    return Result(here.scenario.name, status, schedule, tiers, goals, 1.0, 0, {}, Settings())


def answer(name: str, scenario: Json, *entries: Json, bounds: tuple[int, ...] = ()) -> Answer:
    here = read(scenario)
    schedule = plan(week(*entries), here) if entries else None
    return answer_of(name, here, result(here, schedule, *bounds))


# -- carrying -------------------------------------------------------------------------------------

WEEK = (section(["pat", "sam"]), visit("pat", "bob", "tue", "09:00"))


def test_a_week_without_those_who_are_gone() -> None:
    here = read(clinic(patients=[patient("sam"), patient("kim", status="waitlist")]))
    found = as_it_is(here, plan(week(*WEEK), read(clinic())))
    assert found is not None
    assert (found.sections[0].members, found.appointments) == (("sam",), ())
    assert found.not_admitted == ("kim",)


def test_what_needs_somebody_or_something_that_is_gone_falls_away() -> None:
    schedule = plan(week(*WEEK), read(clinic()))
    without_room = as_it_is(read(clinic(rooms=[room("small", 1)])), schedule)
    assert without_room is not None
    assert (without_room.sections, len(without_room.appointments)) == ((), 1)
    without_bob = as_it_is(read(clinic(therapists=[therapist("ann")])), schedule)
    assert without_bob is not None
    assert (len(without_bob.sections), without_bob.appointments) == (1, ())


def test_a_week_that_is_illegal_is_not_carried_as_it_is() -> None:
    schedule = plan(week(*WEEK), read(clinic()))
    assert as_it_is(read(clinic(rooms=[room("big", 1), room("small", 1)])), schedule) is None


def test_a_mended_week_keeps_hours_and_members_with_other_leaders_and_rooms() -> None:
    here = read(clinic(rooms=[room("hall", 5)], therapists=[therapist("cy"), therapist("bob")]))
    found = carried(here, plan(week(*WEEK), read(clinic())))
    assert found is not None
    assert check(here, found) == []
    (kept,) = found.sections
    assert (kept.meetings[0].day, kept.meetings[0].start) == ("mon", 540)
    assert (kept.leaders, kept.meetings[0].room) == (("cy",), "hall")
    assert set(kept.members) == {"pat", "sam"}
    assert [(a.patient, a.service) for a in found.appointments] == [("pat", "solo")]


def test_the_best_of_several_weeks_is_the_beginning() -> None:
    scenario = clinic(
        programs=[program(quotas=[quota("solo", 1, 1)])],
        therapists=[therapist("ann", max_minutes_per_week=30)],
        patients=[patient("pat"), patient("sam", priority=5)],
    )
    here = read(scenario)
    one, two = plan(week(visit("pat")), here), plan(week(visit("sam")), here)
    assert best_of(here, [one, two]) == as_it_is(here, two)
    assert best_of(here, []) is None


def test_a_beginning_is_filled_with_what_can_be_added_and_keeps_what_is_there() -> None:
    here = read(clinic(programs=[program(quotas=[quota("talk", 1, 1), quota("solo", 1, 1)])]))
    begun = plan(week(visit("pat", "bob", "fri", "11:00")), here)
    found = filled(here, begun)
    assert check(here, found) == []
    assert measure(here, found)["unmet_care"] == 0
    assert begun.appointments[0] in found.appointments
    assert filled(here, found) == found


# -- what answers tell each other -----------------------------------------------------------------


def test_a_better_week_of_another_is_taken_over_and_named() -> None:
    mine = answer("mine", clinic(programs=ASKING), section(["pat"]), bounds=(0,))
    theirs = answer("theirs", clinic(programs=ASKING), section(["pat", "sam"]), bounds=(0,))
    first, second = exchanged([mine, theirs])
    assert (first.found_in, first.goals["unmet_care"]) == ("theirs", 0)
    assert (second.found_in, second.schedule) == (None, theirs.schedule)
    assert first.tiers[0].proved


def test_a_week_that_is_illegal_here_is_not_taken_over() -> None:
    mine = answer("mine", clinic(programs=ASKING, rooms=[room("big", 1)]), section(["pat"]))
    theirs = answer("theirs", clinic(programs=ASKING), section(["pat", "sam"]))
    assert exchanged([mine, theirs])[0] == mine


def test_whoever_found_nothing_in_time_has_what_another_found() -> None:
    here = read(clinic(programs=ASKING))
    nothing = answer_of("mine", here, Failed("the solver stopped unexpectedly"))
    theirs = answer("theirs", clinic(programs=ASKING), section(["pat"]))
    found = exchanged([nothing, theirs])[0]
    assert (found.schedule, found.status, found.found_in) == (theirs.schedule, "feasible", "theirs")
    assert [t.bound for t in found.tiers] == [0] * 7


def test_a_bound_holds_for_whoever_is_less_free() -> None:
    free = answer("free", clinic(programs=ASKING), section(["pat"]), bounds=(60,))
    less = answer("less", clinic(programs=ASKING, therapists=[therapist("ann")]), section(["pat"]))
    assert [a.tiers[0].bound for a in exchanged([free, less])] == [60, 60]
    assert [a.tiers[0].bound for a in exchanged([less, replace(free, name="x")])] == [60, 60]
    other = answer("other", clinic(programs=ASKING, patients=[patient("pat")]), section(["pat"]))
    assert exchanged([free, other])[1].tiers[0].bound == 0


def test_a_bound_above_a_legal_week_is_a_bug_and_said() -> None:
    wrong = answer("wrong", clinic(programs=ASKING), section(["pat"]), bounds=(60,))
    right = answer("right", clinic(programs=ASKING), section(["pat", "sam"]))
    with pytest.raises(ModelError, match="a bound of 60 above a legal schedule of 0"):
        exchanged([wrong, right])


# -- differences ----------------------------------------------------------------------------------


def tiers(*pairs: tuple[int, int]) -> tuple[TierResult, ...]:
    keys = ("unmet_care", "short_days", "turned_away")
    return tuple(
        TierResult((key,), value, bound, value == bound)
        for key, (value, bound) in zip(keys, pairs, strict=False)
    )


def between(base: tuple[TierResult, ...], variant: tuple[TierResult, ...]) -> list[str]:
    # Scenarios that cannot be compared: only the numbers speak.
    ours = answer_of("base", read(clinic()), None)
    theirs = answer_of("v", read(clinic(patients=[patient("x")])), None)
    found = differences(replace(ours, tiers=base), replace(theirs, tiers=variant))
    return [difference_text(d) for d in found]


@pytest.mark.parametrize(
    ("base", "variant", "said"),
    [
        ((120, 120), (60, 60), "60 priority-weighted minutes less, proved"),
        ((60, 60), (61, 61), "1 priority-weighted minute more, proved"),
        ((60, 60), (60, 60), "the same, proved"),
        ((120, 100), (60, 40), "between 40 and 80 priority-weighted minutes less"),
        ((120, 60), (120, 0), "undecided: between 120 less and 60 more"),
        ((120, 120), (120, 0), "the same or up to 120 less"),
        ((120, 60), (120, 120), "the same or up to 60 more"),
    ],
)
def test_a_difference_inside_the_gaps_is_undecided(
    base: tuple[int, int], variant: tuple[int, int], said: str
) -> None:
    assert between(tiers(base), tiers(variant)) == [said]


def test_after_an_open_goal_everything_is_undecided() -> None:
    found = between(tiers((5, 5), (9, 3), (1, 1)), tiers((5, 5), (7, 7), (2, 2)))
    assert found[0] == "the same, proved"
    assert found[1] == "undecided: between 2 less and 4 more"
    assert found[2] == "undecided"


def test_what_only_adds_is_never_said_to_be_perhaps_worse() -> None:
    base = answer("base", clinic(programs=ASKING), section(["pat"]), bounds=(0,))
    more = answer(
        "more", clinic(programs=ASKING, therapists=[therapist(t) for t in ("ann", "bob", "cy")]),
        section(["pat"]), bounds=(0,),
    )  # fmt: skip
    assert difference_text(differences(base, more)[0]) == "the same or up to 120 less"
    assert difference_text(differences(more, base)[0]) == "the same or up to 120 more"


def test_goals_in_another_order_are_not_compared() -> None:
    base = answer("base", clinic(), section(["pat"]))
    swapped = clinic(policy={"tiers": [["short_days"]]})
    assert differences(base, answer("v", swapped, section(["pat"]))) == ()


def test_whose_week_changes_and_how_far() -> None:
    people_ = [patient("pat"), patient("sam"), patient("kim"), patient("joe")]
    base = answer(
        "base", clinic(patients=people_),
        section(["pat", "kim"]), visit("sam", "ann", "tue", "09:00"),
        visit("joe", "ann", "wed", "09:00", name="j"),
    )  # fmt: skip
    variant = answer(
        "v", clinic(patients=[*people_[:3], patient("new")]),
        section(["pat", "kim"]), visit("sam", "bob", "tue", "09:00"),
        visit("kim", "ann", "fri", "09:00", name="k"),
    )  # fmt: skip
    assert [(c.patient, c.what) for c in people(base, variant)] == [
        (Named("sam", "sam"), "other people or rooms"),
        (Named("kim", "kim"), "other times"),
        (Named("joe", "joe"), "gone"),
        (Named("new", "new"), "new"),
    ]


# -- the whole ------------------------------------------------------------------------------------


def test_a_change_that_makes_no_sense_is_said_with_its_variant() -> None:
    pool = HerePool()
    with pytest.raises(WhatIfFaults) as caught:
        what_if(read(SMALL).scenario, ask("remove room bg", name="Less"), Settings(), pool)
    assert str(caught.value) == (
        "Less: change 1 (Remove room bg): no room 'bg'; did you mean 'big'?"
    )
    assert pool.tasks == {}


def test_base_and_variants_side_by_side() -> None:
    asked = Asked(
        (
            Variant("hour", (parse_change("therapist ann works mon 10:00-11:00"),)),
            Variant("nobody", (parse_change("remove therapist ann"),)),
        )
    )
    pool = HerePool()
    found = what_if(read(SMALL).scenario, asked, Settings(time_limit=6, workers=1), pool)
    assert list(pool.tasks) == ["base", "hour", "nobody"]
    assert pool.tasks["base"].start is None
    assert pool.tasks["hour"].start is not None  # the base's week
    base, hour, nobody = found.columns
    assert [c.answer.tiers[0].value for c in found.columns] == [120, 0, 240]
    assert hour.figures is not None
    assert (hour.figures.served, hour.figures.money.staff_cost) == (2, 80.0)
    assert hour.differences[0].verdict == "less"
    assert nobody.differences[0].verdict == "more"
    assert {c.what for c in hour.people} == {"other times"}
    assert base.people == ()
    for column in found.columns:
        assert column.answer.schedule is not None
        assert check(Clinic(column.made.scenario), column.answer.schedule) == []
        assert (
            tier_values(Clinic(column.made.scenario), column.answer.goals) == column.answer.values
        )
    table = dict(rows(found))
    assert table["Patients fully served"] == ["1 of 2", "2 of 2", "0 of 2"]
    assert table["Staff cost, hours on duty"] == ["40", "80", "–"]
    said = " ".join(findings(hour))
    assert "Care that is due and not scheduled: 120 priority-weighted minutes less, proved." in said
    told = document(found)
    assert [c["name"] for c in told["columns"]] == ["base", "hour", "nobody"]
    assert told["columns"][1]["differences"][0] == {
        "goals": ["unmet_care"], "found": -120, "low": -120, "high": -120, "verdict": "less",
    }  # fmt: skip


def test_a_base_that_is_given_is_where_it_begins() -> None:
    here = read(SMALL)
    given = plan(week(section(["sam"])), here)
    pool = HerePool(lambda key, task: result(Clinic(task.scenario), task.start or given))
    what_if(here.scenario, ask("add room capacity=3"), Settings(), pool, given)
    assert pool.tasks["base"].start == as_it_is(here, given)


def test_with_keep_the_base_is_the_week_people_live_by() -> None:
    here = read(clinic(programs=ASKING))
    given = plan(week(section(["sam"])), here)
    pool = HerePool(lambda key, task: result(Clinic(task.scenario), task.start or given))
    found = what_if(here.scenario, ask("add room capacity=3"), Settings(), pool, given, keep=True)
    assert pool.tasks["v"].scenario.baseline == found.base.answer.schedule
    assert pool.tasks["base"].scenario.baseline is None
    assert found.columns[1].answer.goals["disruption"] == 0


def test_a_solve_that_failed_leaves_the_others_standing() -> None:
    here = read(SMALL)
    given = plan(week(section(["sam"])), here)
    pool = HerePool(lambda key, task: result(Clinic(task.scenario), given))
    pool.fails = {"v"}
    found = what_if(here.scenario, ask("census +1"), Settings(), pool)
    # The base's week is legal with one patient more, so the variant has that.
    assert found.columns[1].answer.found_in == "base"
    assert "Its schedule is the one found for “base”, which is better here." in findings(
        found.columns[1]
    )


def test_verdicts_of_a_difference() -> None:
    def verdict(low: int | None, high: int | None) -> str:
        return Difference(("burden",), 0, low, high).verdict

    assert [verdict(*r) for r in ((-2, -1), (1, 2), (0, 0), (-1, 0), (0, 1), (-1, 1))] == [
        "less", "more", "same", "at most", "at least", "open",
    ]  # fmt: skip
    assert verdict(None, None) == "open"


@pytest.mark.slow
def test_what_only_adds_leaves_no_more_unmet_and_a_cold_solve_agrees_within_the_bounds() -> None:
    scenario = read_scenario(generate(10, seed=4, load=1.2))[0]
    asked = Asked(
        tuple(
            Variant(said, (parse_change(said),))
            for said in ("therapists +1", "census +3", "therapists -1")
        )
    )
    how = Settings(time_limit=3, workers=1)
    found = what_if(scenario, asked, how, HerePool())
    base, more, _, fewer = found.columns
    unmet = [c.answer.goals["unmet_care"] for c in found.columns]
    assert unmet[1] <= unmet[0] <= unmet[3]
    assert more.differences[0].verdict in ("less", "same", "at most")
    assert fewer.differences[0].verdict in ("more", "same", "at least")
    assert base.answer.status in ("optimal", "feasible")
    for column in found.columns[1:]:
        cold = solve(column.made.scenario, how).tiers[0]
        told = column.answer.tiers[0]
        assert (cold.bound or 0) <= (told.value or 0), column.made.name
        assert (told.bound or 0) <= (cold.value or 0), column.made.name
