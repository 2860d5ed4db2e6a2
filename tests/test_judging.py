"""Places on the board against check() and measure() of the weeks that they make, and in words."""

from __future__ import annotations

import functools
import random

import pytest

from solver import judging
from solver.checker import check, measure
from solver.clinic import Clinic
from solver.explain.board import TierCost
from solver.explain.moves import MoveAppointment, MoveMember, MoveSection
from solver.judging import Cancel, Grabbed, Judged, Place, Step
from solver.judging.asking import OfAppointment, OfSection
from solver.report.week import BY_VIDEO, OFF_SITE
from solver.schedule import Schedule
from solver.tiers import tiers_of
from solver.timegrid import DAY_NUMBER
from tests import moves, randomness
from tests.builders import (
    Json,
    clinic,
    group,
    kin,
    meeting,
    patient,
    plan,
    read,
    room,
    section,
    solo,
    visit,
    week,
    window,
)

Lawful = tuple[Clinic, Schedule]


@functools.cache
def some_week(seed: int) -> Lawful:
    """A random clinic with a lawful week that has something in it."""
    r = random.Random(seed)
    while True:
        scenario = randomness.scenario(r)
        if seed % 2:
            scenario = moves.with_baseline(r, scenario)
        lawful = moves.lawful_walk(moves.Moves(r, scenario), moves.empty(scenario), 60)
        if lawful["sections"] and lawful["appointments"]:
            here = read(scenario)
            return here, plan(lawful, here)


def is_legal(clinic: Clinic, before: Schedule, after: Schedule) -> bool:
    """Whether nothing is broken that was not broken before."""
    return not set(check(clinic, after)) - set(check(clinic, before))


def costs_what_it_says(here: Lawful, after: Schedule, tiers: tuple[TierCost, ...] | None) -> None:
    clinic, schedule = here
    before, now = measure(clinic, schedule), measure(clinic, after)
    assert tiers is not None
    for tier, cost in zip(tiers_of(clinic.scenario.policy), tiers, strict=True):
        assert (cost.before, cost.after) == (tier.value(before), tier.value(now))
        assert cost.by_goal == {g: now[g] - before[g] for g in tier.goals if now[g] != before[g]}


def holds(here: Lawful, steps: tuple[Step, ...], judged: Judged | Place) -> bool:
    """The verdict on some steps is that of the checker; returns it."""
    after = judging.carried_out(*here, steps)
    assert judged.is_legal == is_legal(*here, after), (steps, judged)
    if judged.is_legal:
        costs_what_it_says(here, after, judged.tiers)
    else:
        assert judged.tiers is None
        assert all(judged.reasons)
    return judged.is_legal


def grabbed(here: Lawful, r: random.Random) -> list[tuple[Grabbed, judging.View | None, list[str]]]:
    """A few sessions in hand, on each kind of board."""
    clinic, schedule = here
    out: list[tuple[Grabbed, judging.View | None, list[str]]] = []
    rooms, staff = [*clinic.rooms, BY_VIDEO], [*clinic.therapists]
    s, a = r.choice(schedule.sections), r.choice(schedule.appointments)
    m = r.choice(s.meetings)
    day = DAY_NUMBER[m.day]
    leaders = s.leaders_at(m)
    out += [(Grabbed(s.id, day, m.room), "room", rooms), (Grabbed(s.id, day), None, [])]
    out += [(Grabbed(s.id, day, t), "therapist", staff) for t in leaders[:1]]
    day = DAY_NUMBER[a.day]
    out += [(Grabbed(a.id, day, a.room or BY_VIDEO), "room", rooms)]
    out += [(Grabbed(a.id, day, a.therapist), "therapist", staff), (Grabbed(a.id, day), None, [])]
    return out


@pytest.mark.parametrize("seed", range(6))
def test_every_place_is_as_the_checker_and_the_goals_have_it(seed: int) -> None:
    here, r = some_week(seed), random.Random(seed)
    board = judging.board_of(*here)
    seen = set()
    for what, by, columns in grabbed(here, r):
        kind = OfSection if what.ref in board.ledger.sections else OfAppointment
        asking = kind(board, what)
        found = judging.places(*here, what, by, columns)
        legal = [p for p in found if p.is_legal]
        for place in [*r.sample(found, min(15, len(found))), *legal[:10]]:
            seen.add((place.is_legal, bool(place.without)))
            if place.is_legal:
                assert place.move is not None
                holds(here, (place.move,), place)
                continue
            if by is None:
                made = asking.move(place.day, place.start)
            else:
                column = r.choice(columns) if place.column is None else place.column
                into = asking.into(by, column, place.day, place.start)
                if isinstance(into, str):
                    continue
                made = into
            assert not is_legal(*here, judging.carried_out(*here, [made])), place
            if place.without:
                assert place.move == made
                steps = judging.going_without(what.ref, place.without, made)
                holds(here, steps, judging.weigh(board, steps))
    assert {(True, False), (False, False)} <= seen


@pytest.mark.parametrize("seed", range(6))
def test_a_members_places_are_other_sections(seed: int) -> None:
    here, r = some_week(seed), random.Random(seed)
    section = r.choice([s for s in here[1].sections if s.members])
    who = r.choice(section.members)
    found = judging.places(*here, Grabbed(section.id, 0, who, patient=who))
    times = {
        (DAY_NUMBER[m.day], m.start)
        for s in here[1].sections
        for m in s.meetings
        if s.id != section.id and not m.cancelled
    }
    assert {(p.day, p.start) for p in found} == times
    for place in found:
        if place.move is not None:
            holds(here, (place.move,), place)


@pytest.mark.parametrize("seed", range(8))
def test_steps_taken_together_are_judged_together(seed: int) -> None:
    here, r = some_week(seed), random.Random(seed)
    board = judging.board_of(*here)
    schedule, said = here[1], set()
    for _ in range(12):
        s, other = r.choice(schedule.sections), r.choice(schedule.sections)
        a = r.choice(schedule.appointments)
        steps: list[Step] = [
            MoveSection(s.id, start=s.meetings[0].start + r.choice((0, 30, 60))),
            MoveAppointment(a.id, therapist=r.choice([*here[0].therapists])),
            Cancel(a.id),
        ]
        steps = r.sample(steps[:2], 1) if r.random() < 0.5 else [r.choice(steps)]
        if s.members and r.random() < 0.7:
            who = r.choice(s.members)
            steps.append(MoveMember(who, leaves=s.id))
            if other.id != s.id and who not in other.members:
                steps.append(MoveMember(who, joins=other.id))
        said.add(holds(here, tuple(steps), judging.weigh(board, steps)))
    assert said


# -- in words -------------------------------------------------------------------------------------


def small(**facts: Json) -> Json:
    """``cbt`` may meet twice a week; pat works Wednesday mornings."""
    return clinic(
        groups=[
            group(
                meetings_per_week=2,
                day_patterns=[["mon", "wed"], ["tue", "thu"]],
                size={"min": 1, "max": 4},
            )
        ],
        patients=[
            patient("pat", availability=window("09:00", "11:00")),
            patient("sam"),
        ],
        **facts,
    )


def small_week(scenario: Json) -> Lawful:
    here = read(scenario)
    meets = [meeting("mon", "09:00"), meeting("wed", "09:00")]
    return here, plan(week(section(["pat", "sam"], *meets), visit(day="fri")), here)


def at(found: tuple[Place, ...], day: str, start: str, column: str | None = None) -> Place:
    hours, minutes = start.split(":")
    when = (DAY_NUMBER[day], int(hours) * 60 + int(minutes))
    return next(p for p in found if (p.day, p.start) == when and p.column in (None, column))


def test_a_meeting_dragged_to_another_day_takes_the_pattern_with_it() -> None:
    here = small_week(small())
    s = here[1].sections[0]
    found = judging.places(*here, Grabbed(s.id, 0))
    assert at(found, "tue", "09:00").text == "Tue and Thu 09:00–10:00"
    assert at(found, "mon", "10:00").text == "Mon and Wed 10:00–11:00"
    wednesday = judging.places(*here, Grabbed(s.id, 2))
    assert at(wednesday, "thu", "09:30").text == "Tue and Thu 09:30–10:30"
    assert not at(wednesday, "fri", "09:00").is_legal


def test_who_cannot_come_is_named_and_nobody_is_dropped_silently() -> None:
    here = small_week(small())
    s = here[1].sections[0]
    place = at(judging.places(*here, Grabbed(s.id, 0)), "mon", "11:00")
    assert not place.is_legal
    assert place.without == ("pat",)
    assert "not available" in place.reasons[0]
    assert place.move is not None
    steps = judging.going_without(s.id, place.without, place.move)
    judged = judging.weigh(judging.board_of(*here), steps)
    assert judged.is_legal
    assert judged.text.endswith("Mon and Wed 11:00–12:00")
    after = judging.carried_out(*here, steps).sections[0]
    assert after.members == ("sam",)
    assert {m.start for m in after.meetings} == {660}


def test_a_column_is_a_room_or_a_leader() -> None:
    here = small_week(small())
    s = here[1].sections[0]
    rooms = judging.places(*here, Grabbed(s.id, 0, "big"), "room", ["big", "small", BY_VIDEO])
    assert at(rooms, "mon", "09:00", "big").is_legal
    assert not at(rooms, "mon", "09:00", "small").is_legal
    assert not at(rooms, "mon", "09:00", BY_VIDEO).is_legal
    leads = judging.places(*here, Grabbed(s.id, 0, "ann"), "therapist", ["ann", "bob"])
    assert "led by bob" in at(leads, "mon", "10:00", "bob").text
    assert "led by" not in at(leads, "mon", "10:00", "ann").text


def test_an_appointment_goes_to_a_room_or_onto_a_screen_and_nowhere_else() -> None:
    here = small_week(small(services=[solo(remote=True), kin(), *clinic()["services"][:1]]))
    a = here[1].appointments[0]
    columns = [*here[0].rooms, BY_VIDEO, OFF_SITE]
    found = judging.places(*here, Grabbed(a.id, 4, a.room), "room", columns)
    assert at(found, "fri", "09:30", BY_VIDEO).text.endswith("by video")
    assert at(found, "fri", "09:30", OFF_SITE).reasons == (
        "an appointment is in a room or by video",
    )


def test_a_board_is_made_once_a_week() -> None:
    here = small_week(small())
    assert judging.board_of(*here) is judging.board_of(*here)
    other = small_week(small())
    assert judging.board_of(*here) is not judging.board_of(*other)


def test_a_cancelled_appointment_leaves_the_rest_in_order() -> None:
    here = read(small(rooms=[room("big", capacity=4), room("small", capacity=3)]))
    days = ["mon", "tue", "fri"]
    visits = [visit("sam", day=d, start="11:00", name=f"v{n}") for n, d in enumerate(days)]
    schedule = plan(week(*visits), here)
    judged = judging.weigh(judging.board_of(here, schedule), [Cancel("v1")])
    assert "is cancelled" in judged.text
    after = judging.carried_out(here, schedule, [Cancel("v1")])
    assert [a.id for a in after.appointments] == ["v0", "v2"]
    moved = judging.carried_out(here, schedule, [MoveAppointment("v0", start=600)])
    assert [a.id for a in moved.appointments] == ["v0", "v1", "v2"]


def test_a_locked_appointment_is_not_cancelled() -> None:
    scenario = small(baseline=week(visit("sam", name="v")), locks=[{"appointment": "v"}])
    here = read(scenario)
    schedule = plan(week(visit("sam", name="v")), here)
    judged = judging.weigh(judging.board_of(here, schedule), [Cancel("v")])
    assert "locked" in judged.reasons[0]
