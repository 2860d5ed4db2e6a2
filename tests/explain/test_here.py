"""Why here: every alternative against check() and measure() of the week it makes, and moves in words."""

from __future__ import annotations

import random

import pytest

from solver.checker import check, measure
from solver.clinic import Clinic
from solver.explain.asking import NotUnderstood, parse_move, subject
from solver.explain.board import Board
from solver.explain.here import Verdict, after, judge, why_here
from solver.explain.moves import MoveAppointment, MoveMember, MoveSection
from solver.explain.wording import here as wording
from solver.schedule import Schedule
from solver.tiers import tiers_of
from tests import moves, randomness
from tests.builders import (
    Json,
    clinic,
    group,
    meeting,
    patient,
    plan,
    read,
    room,
    section,
    solo,
    therapist,
    visit,
    week,
    window,
)


def board_of(scenario: Json, schedule: Json) -> Board:
    here = read(scenario)
    return Board(here, plan(schedule, here))


def holds(board: Board, verdict: Verdict) -> None:
    """The verdict says what the checker and the goals say of the week the move makes."""
    made = after(board, verdict.move)
    new = [v for v in check(board.clinic, made) if v not in set(board.broken)]
    assert verdict.is_legal == (not new), (verdict, new)
    if verdict.tiers is None:
        assert not verdict.is_legal
        assert all(r.text for r in verdict.forbidden)
        return
    before, now = (measure(board.clinic, s) for s in (board.schedule, made))
    for tier, cost in zip(tiers_of(board.clinic.scenario.policy), verdict.tiers, strict=True):
        assert (cost.before, cost.after) == (tier.value(before), tier.value(now))
        assert cost.by_goal == {g: now[g] - before[g] for g in tier.goals if now[g] != before[g]}


def some_week(seed: int) -> Board:
    """A random clinic with a lawful week that has something in it."""
    r = random.Random(seed)
    while True:
        scenario = randomness.scenario(r)
        if seed % 2:
            scenario = moves.with_baseline(r, scenario)
        lawful = moves.lawful_walk(moves.Moves(r, scenario), moves.empty(scenario), 60)
        if lawful["sections"] and lawful["appointments"]:
            return board_of(scenario, lawful)


@pytest.mark.parametrize("seed", range(6))
def test_every_alternative_is_as_the_checker_and_the_goals_have_it(seed: int) -> None:
    board = some_week(seed)
    r = random.Random(seed)
    sessions = [*board.ledger.sections, *board.ledger.appointments]
    judged = 0
    for ref in r.sample(sessions, min(3, len(sessions))):
        found = why_here(board, ref)
        everything = [*found.times, *found.leaders, *found.rooms]
        for verdict in r.sample(everything, min(25, len(everything))):
            holds(board, verdict)
            judged += 1
            if verdict.instead is not None:
                assert verdict.instead.is_legal
                holds(board, verdict.instead)
        assert wording.why_here(board, found)
    assert judged


@pytest.mark.parametrize("seed", range(4))
def test_a_member_moves(seed: int) -> None:
    board = some_week(seed)
    for ref, running in board.ledger.sections.items():
        for p in board.clinic.patients:
            if p in running.members:
                holds(board, judge(board, MoveMember(p, leaves=ref)))
            else:
                holds(board, judge(board, MoveMember(p, joins=ref)))


def two_groups() -> Board:
    scenario = clinic(
        opening_hours=window("09:00", "12:00", "mon", "tue"),
        services=[{"id": "talk", "name": "Talk", "format": "group", "minutes": 60}, solo()],
        programs=[
            {
                "id": "iop",
                "name": "IOP",
                "minutes_per_week": {"min": 0},
                "days_per_week": {"min": 0},
                "quotas": [{"service": "talk", "min": 0}, {"service": "solo", "min": 0}],
            }
        ],
        rooms=[room("big", 4) | {"name": "Big Room"}, room("small", 1)],
        therapists=[
            therapist("ann", availability=window("09:00", "11:00", "mon", "tue"))
            | {"name": "Ann Lee"},
            therapist("bob") | {"name": "Bob Roe"},
        ],
        groups=[group("cbt", max_sections=2) | {"name": "Coping Skills"}, group("art")],
        patients=[
            patient(
                "pat",
                commitments=[{"label": "work: big office", "windows": window("11:00", "12:00")}],
            )
            | {"name": "Pat Lee"},
            patient("sam") | {"name": "Sam Poe"},
        ],
    )
    legal = week(
        section(["pat", "sam"], name="cbt-1"),
        section(["sam"], meeting("tue", "10:00"), name="art-1", of="art", leaders=["bob"]),
        visit("pat", "bob", "tue", "09:00", name="v1"),
    )
    return board_of(scenario, legal)


def test_reasons_are_told_with_names_and_times() -> None:
    board = two_groups()
    late = judge(board, parse_move(board, "cbt-1 mon 11:00"))
    texts = [r.text for r in late.forbidden]
    assert "Pat Lee is kept by work: big office at Mon 11:00" in texts
    assert "Ann Lee is not available at the clinic Mon 11:00" in texts
    busy = judge(board, parse_move(board, "cbt-1 tue 10:00"))
    assert [r.text for r in busy.forbidden] == [
        "Sam Poe is in art Tue 10:00–11:00",
        "Big Room is taken by art Tue 10:00–11:00",
    ]
    assert {r.rule for r in late.forbidden} == {"patient_available", "therapist_available"}


def test_another_leader_or_room_is_offered_where_only_those_are_in_the_way() -> None:
    board = two_groups()
    verdict = judge(board, MoveSection("art-1", (0,), 11 * 60))
    assert verdict.is_legal
    moved = judge(board, parse_move(board, "v1 mon 10:00 with ann"))
    assert moved.is_legal
    clash = judge(board, parse_move(board, "art-1 mon 10:00 in small"))
    assert clash.is_legal
    taken = judge(board, parse_move(board, "v1 tue 10:00"))
    assert not taken.is_legal
    assert taken.instead is not None
    assert isinstance(taken.instead.move, MoveAppointment)
    assert taken.instead.move.therapist == "ann"
    assert taken.instead.text == "Tue 10:00–10:30, with Ann Lee, in small"


def test_what_a_move_costs_is_told_goal_by_goal() -> None:
    board = two_groups()
    verdict = judge(board, parse_move(board, "cbt-1 mon 10:00"))
    (line,) = [t for _, t in wording.verdict(board.names, verdict, "")][1:] or ["No goal changes."]
    assert line == "No goal changes."
    dearer = judge(board, parse_move(board, "v1 tue 11:00"))
    assert "Pat Lee is kept by work: big office at Tue 11:00" in [r.text for r in dearer.forbidden]
    waits = judge(board, parse_move(board, "v1 mon 10:30 with ann"))
    assert waits.is_legal
    assert next(t.by_goal for t in waits.tiers or () if t.by_goal) == {"burden": -60 + 30}


@pytest.mark.parametrize(
    ("text", "move"),
    [
        ("cbt-1 tue 11:00", MoveSection("cbt-1", (1,), 660)),
        ("cbt mon,tue 9:00", MoveSection("cbt-1", (0, 1), 540)),
        ("cbt-1 Monday and Tuesday", MoveSection("cbt-1", (0, 1))),
        ("cbt-1 with bob in small", MoveSection("cbt-1", None, None, ("bob",), ("small",))),
        ("cbt-1 with 'Bob Roe'", MoveSection("cbt-1", leaders=("bob",))),
        ("v1 tue", MoveAppointment("v1", 1)),
        ("v1 by video", MoveAppointment("v1", remote=True)),
        ("v1 10:30 in 'Big Room'", MoveAppointment("v1", None, 630, None, "big", False)),
        ("pat from cbt-1 to art", MoveMember("pat", "cbt-1", "art-1")),
        ("pat to art-1 by video", MoveMember("pat", None, "art-1", True)),
    ],
)
def test_moves_are_read(text: str, move: object) -> None:
    assert parse_move(two_groups(), text) == move


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cbt-1", "say a move like"),
        ("cbt-9 tue 10:00", "did you mean 'cbt-1'?"),
        ("cbt-1 tuesd 10:00", "days are said like mon"),
        ("cbt-1 tue 25:00", "a time is like 18:00"),
        ("cbt-1 tue 10:00 11:00", "two times"),
        ("cbt-1 tue tue", "named twice"),
        ("cbt-1 with abb", "no therapist 'abb'; did you mean 'bob'?"),
        ("cbt-1 in", "nothing stands after"),
        ("cbt-1 in big in small", "stands twice"),
        ("cbt-1 in big,small", "2 rooms for 1 meetings"),
        ("cbt-1 from art-1", "makes no sense"),
        ("v1 mon,tue", "an appointment is on one"),
        ("v1 by phone", "only 'by video'"),
        ("v1 in big by video", "has no room"),
        ("pat mon", "moves from one section"),
        ("pat to v1", "a section or a group is expected"),
        ("pat from art-1", "is not in"),
        ("pat to cbt-1", "already"),
        ("sam by video", "from which section"),
        ("'cbt-1 tue", "quotation mark"),
    ],
)
def test_what_is_no_move_is_said(text: str, said: str) -> None:
    with pytest.raises(NotUnderstood, match=r".") as caught:
        parse_move(two_groups(), text)
    assert said in str(caught.value)


def test_a_group_that_runs_more_than_once_is_not_guessed() -> None:
    board = two_groups()
    twice = week(section(["pat"], name="a"), section(["sam"], meeting("tue", "09:00"), name="b"))
    board = Board(board.clinic, plan(twice, board.clinic))
    with pytest.raises(NotUnderstood, match="runs 2 times; say which: Coping Skills Mon"):
        subject(board, "cbt")
    with pytest.raises(NotUnderstood, match="does not run"):
        subject(board, "art")


def test_a_week_that_breaks_rules_already_is_not_blamed_on_the_move() -> None:
    here: Clinic = two_groups().clinic
    broken: Schedule = plan(
        week(section(["pat", "sam"], name="cbt-1"), visit("pat", "ann", "mon", "09:00", name="x")),
        here,
    )
    board = Board(here, broken)
    assert board.broken
    verdict = judge(board, MoveAppointment("x", 1))
    assert verdict.is_legal
    holds(board, verdict)


def test_what_is_locked_stays() -> None:
    before = week(section(["pat"], name="s"), visit("sam", "bob", "tue", "09:00"))
    scenario = clinic(baseline=before, locks=[{"section": "s"}])
    board = board_of(scenario, before)
    found = why_here(board, "s")
    assert not any(v.is_legal for v in found.times)
    assert all("locks" in {r.rule for r in v.forbidden} or v.forbidden for v in found.times)
    assert any(v.is_legal for v in why_here(board, "a").times)
