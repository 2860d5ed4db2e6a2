"""Why someone is short: what is said holds, and every suggestion is applied and judged again."""

from __future__ import annotations

import random
from typing import Any

import pytest

from solver.changes import Edit, apply
from solver.checker import check
from solver.clinic import Clinic
from solver.explain.board import Board
from solver.explain.proof import Prover, Trial
from solver.explain.short import Short, short_patients, why_short
from solver.io.files import dump
from solver.report import Care, care
from solver.schedule import Schedule
from tests import moves, randomness
from tests import reference_checker as reference
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
    room,
    section,
    solo,
    talk,
    therapist,
    visit,
    week,
    window,
)


def lacking(one: Care) -> tuple[int, int, dict[str, int]] | None:
    """Minutes, days and sessions missing; None for who waits without a session."""
    if not one.is_due:
        return None
    sessions = {s: part.missing for s, part in one.sessions.items()}
    return one.minutes.missing, one.days.missing, sessions


def is_less(now: Any, before: Any) -> bool:
    """Whether something less is missing, and nothing more."""
    pairs = [(now[0], before[0]), (now[1], before[1])]
    pairs += [(now[2][s], before[2][s]) for s in before[2]]
    return any(a < b for a, b in pairs)


def holds(here: Clinic, week_now: Schedule, one: Short) -> None:
    """Each suggestion, applied to the scenario: its week is legal, and gains and losses are as told."""
    before = {c.patient.id: c for c in care(here, week_now)}
    values = reference.goals(dump(here.scenario), dump(week_now))
    who = one.care.patient.id
    for s in one.suggestions:
        changed = apply(here.scenario, [c for step in s.steps for c in step.changes])
        assert changed == s.proof.scenario
        assert not reference.violations(dump(changed), dump(s.proof.schedule))
        after = {c.patient.id: c for c in care(Clinic(changed), s.proof.schedule)}
        assert is_less(lacking(after[who]), lacking(before[who]))
        assert s.serves == (not after[who].shortfalls())
        worse = {q for q in before if q != who and loses(before[q], after[q])}
        assert worse == {c.patient.id for c in s.proof.losses} == set()
        found = reference.goals(dump(changed), dump(s.proof.schedule))
        for tier in s.proof.tiers:
            for goal in tier.goals:
                assert tier.by_goal.get(goal, 0) == found[goal] - values[goal]
        for step in s.steps:
            rest = [c for other in s.steps if other is not step for c in other.changes]
            less = dump(apply(here.scenario, rest)) if rest else dump(here.scenario)
            assert reference.violations(less, dump(s.proof.schedule)), step.text
        moved = {m.patient for m in s.proof.moved}
        for q in before:
            assert (weekly(week_now, q) != weekly(s.proof.schedule, q)) == (q in moved), q
        assert s.cost >= sum(step.cost for step in s.steps)


def loses(was: Care, now: Care) -> bool:
    """Whether more is missing than was; who waits without a session lacks nothing."""
    return is_less(lacking(was) or after_all(now), lacking(now) or after_all(was))


def after_all(one: Care) -> tuple[int, int, dict[str, int]]:
    """Somebody who waits lacks nothing."""
    return 0, 0, dict.fromkeys(one.sessions, 0)


def weekly(schedule: Schedule, who: str) -> set[object]:
    """What a patient has in a week, told apart by time, place and people."""
    out: set[object] = set()
    for s in schedule.sections:
        if who in s.members:
            there = who in s.remote_members
            out |= {
                (s.group, m.day, m.start, m.room, frozenset(s.leaders_at(m)), there)
                for m in s.meetings
            }
    out |= {
        (a.service, a.day, a.start, a.room, a.therapist, a.remote)
        for a in schedule.appointments
        if a.patient == who
    }
    return out


def explained(scenario: Json, schedule: Json, who: str = "pat") -> Short:
    """The explanation of one patient; all that is claimed is checked."""
    here = read(scenario)
    now = plan(schedule, here)
    (one,) = why_short(here, now, [who], seconds=20)
    holds(here, now, one)
    return one


def full_group(**facts: Any) -> Json:
    """``pat`` is due one talk a week; ``cbt`` has two seats."""
    plain = {
        "programs": [program(minutes_per_week={"min": 60}, quotas=[quota("talk", 1, 2)])],
        "services": [talk()],
        "groups": [group("cbt", size={"min": 1, "max": 2}) | {"name": "Coping Skills"}],
        "rooms": [room("big", 6)],
        "therapists": [therapist("ann") | {"name": "Ann Lee"}],
        "patients": [
            patient("pat") | {"name": "Pat Lee"},
            patient("sam") | {"name": "Sam Poe"},
            patient("kim") | {"name": "Kim Day"},
        ],
    }
    return clinic(**(plain | facts))


FULL = week(section(["sam", "kim"], name="cbt-1"))


def test_a_full_section_is_told_with_who_sits_in_it_and_one_seat_more_helps() -> None:
    one = explained(full_group(), FULL)
    texts = [o.text for o in one.obstacles]
    assert texts == [
        "Coping Skills Mon 09:00–10:00 (cbt-1): full, 2 of 2 seats (Sam Poe and Kim Day).",
        "Coping Skills: no further section; the one section it may have runs.",
    ]
    best = one.suggestions[0]
    assert [(s.kind, s.target, s.cost) for s in best.steps] == [("seat", "cbt", 1)]
    assert best.serves
    assert best.text == (
        "If Coping Skills takes 3 members instead of 2, Pat Lee gets 1 session of talk and 1 h of "
        "the hours missing: Coping Skills Mon 09:00–10:00 with Ann Lee in big. Pat Lee is then "
        "fully served. Nobody loses anything, and nobody else's week changes."
    )
    second = one.suggestions[1]
    assert [s.kind for s in second.steps] == ["section"]
    assert one.needs[0].text == "1 of 1 session of talk"


def test_a_free_seat_is_pointed_out_and_nothing_need_change() -> None:
    one = explained(full_group(), week(section(["sam"], name="cbt-1")))
    assert "has a free seat that Pat Lee could take" in one.obstacles[0].text
    assert [s.steps for s in one.suggestions] == [()]
    assert one.suggestions[0].text.startswith("As the clinic is, Pat Lee gets 1 session of talk")


def test_a_change_that_the_schedule_does_without_is_left_out() -> None:
    here = read(full_group())
    prover = Prover(Board(here, plan(FULL, here)), "pat")
    seat = Edit(what="group", id="cbt", set={"size.max": 3})
    idle = Edit(what="group", id="cbt", set={"max_sections": 2})
    proof = prover.prove(Trial((seat, idle), frozenset({"talk"})))
    assert proof is not None
    less = prover.without(proof, [seat])
    assert less is not None
    assert less.schedule == proof.schedule
    assert less.scenario == apply(here.scenario, [seat])
    assert prover.without(proof, [idle]) is None


def test_who_leaves_too_early_is_asked_to_stay() -> None:
    short_day = therapist("ann", availability=window("09:00", "10:00")) | {"name": "Ann Lee"}
    scenario = full_group(
        therapists=[short_day],
        groups=[
            group("cbt", size={"min": 1, "max": 2}, max_sections=2, day_patterns=[["mon"]])
            | {"name": "Coping Skills"}
        ],
        patients=[
            patient("pat", availability=window("10:00", "11:00")) | {"name": "Pat Lee"},
            *full_group()["patients"][1:],
        ],
    )
    one = explained(scenario, FULL)
    further = next(o for o in one.obstacles if o.kind == "section")
    assert (
        "no leader free with lcsw: Ann Lee is not available at the clinic Mon 10:00" in further.text
    )
    best = next(s for s in one.suggestions if s.steps[0].kind == "therapist_hours")
    assert best.text.startswith(
        "If Ann Lee stays until 11:00 on Mon, Pat Lee gets 1 session of talk"
    )
    assert best.steps[0].cost == 4


def test_own_hours_that_allow_no_more_are_said_to() -> None:
    away = patient("pat", availability=window("09:00", "09:30")) | {"name": "Pat Lee"}
    one = explained(full_group(patients=[away, *full_group()["patients"][1:]]), FULL)
    assert all(n.is_own for n in one.needs)
    (said,) = one.own_hours
    assert said == (
        "Own hours and limits of Pat Lee allow no more of any of this, even with every therapist, "
        "room and seat there could be."
    )
    assert all("own_hours" in {s.kind for s in x.steps} for x in one.suggestions)


def test_members_a_further_section_lacks_are_counted_and_named() -> None:
    scenario = full_group(
        groups=[
            group("cbt", size={"min": 3, "max": 3}, max_sections=2, day_patterns=[["tue"], ["mon"]])
            | {"name": "Coping Skills"}
        ],
        patients=[
            patient("pat", availability=window("09:00", "10:00", "tue")) | {"name": "Pat Lee"},
            patient("sam", availability=window("09:00", "10:00", "tue")) | {"name": "Sam Poe"},
            *(patient(p, availability=window("09:00", "12:00", "mon")) for p in ("k", "l", "m")),
        ],
    )
    one = explained(scenario, week(section(["k", "l", "m"], name="cbt-1")))
    further = next(o for o in one.obstacles if o.kind == "section")
    assert "1 more member needed; only Sam Poe could come too" in further.text
    best = one.suggestions[0]
    assert [s.kind for s in best.steps] == ["fewer"]
    assert {c.patient.id for c in best.proof.gains} == {"sam"}
    assert "New for others: Sam Poe (Coping Skills Tue 09:00–10:00)." in best.text


def solo_clinic(**facts: Any) -> Json:
    """``pat`` is due an individual session, in an hour in which ``ann`` sees ``sam``."""
    plain = {
        "programs": [program(minutes_per_week={"min": 30}, quotas=[quota("solo", 1, 1)])],
        "services": [solo(credentials=["lcsw"])],
        "groups": [],
        "rooms": [room("small", 1)],
        "therapists": [
            therapist("ann", availability=window("09:00", "09:30", "mon")) | {"name": "Ann Lee"},
            therapist("bob", credentials=["bcba"], availability=window("10:00", "11:00", "mon"))
            | {"name": "Bob Roe"},
        ],
        "patients": [patient("pat") | {"name": "Pat Lee"}, patient("sam") | {"name": "Sam Poe"}],
    }
    return clinic(**(plain | facts))


def test_therapists_are_gone_through_one_by_one() -> None:
    one = explained(solo_clinic(), week(visit("sam")))
    texts = [o.text for o in one.obstacles]
    assert texts[0].startswith(
        "Beside other sessions Pat Lee could come Mon, Tue, Wed, Thu and Fri 09:00–12:00"
    )
    assert texts[1] == "Ann Lee: there Mon 09:00–09:30, and taken by solo Mon 09:00–09:30."
    best = one.suggestions[0]
    assert best.text.startswith(
        "If Ann Lee stays until 10:00 on Mon, Pat Lee gets 1 session of solo"
    )
    assert (
        any("credential" in {s.kind for s in x.steps} for x in one.suggestions)
        or len(one.suggestions) >= 2
    )


def test_a_day_more_that_is_too_short_to_count_is_no_loss() -> None:
    """Kim joins Pat on a day more, which is too short; a day was missing before."""
    two_days = program(
        days_per_week={"min": 2},
        sessions_per_day={"min": 2},
        quotas=[quota("talk", 1, 1), quota("solo", 0, 2)],
    )
    scenario = full_group(
        programs=[two_days],
        services=[talk(), solo()],
        groups=[group("cbt", size={"min": 2, "max": 2}, day_patterns=[["tue"]])],
        patients=[patient("pat"), patient("kim")],
    )
    now = week(
        visit("kim", name="v1", place="big"),
        visit("kim", start="09:30", name="v2", place="big"),
    )
    one = explained(scenario, now)
    best = one.suggestions[0]
    assert best.steps == ()
    assert [c.patient.id for c in best.proof.gains] == ["kim"]
    assert best.proof.losses == ()
    assert "Nobody loses anything" in best.text


def test_another_room_alone_is_told_as_such() -> None:
    """A group too large for its room with one member more goes to a larger one."""
    scenario = full_group(
        groups=[group("cbt", size={"min": 1, "max": 3}) | {"name": "Coping Skills"}],
        rooms=[room("low", 2), room("big", 6)],
    )
    there = [meeting("mon", "09:00", "low")]
    one = explained(scenario, week(section(["sam", "kim"], *there, name="cbt-1")))
    best = one.suggestions[0]
    assert best.steps == ()
    assert "(Coping Skills Mon 09:00–10:00 in big instead of low)" in best.text


def test_a_session_of_somebody_else_moves_before_anything_is_bought() -> None:
    both = [therapist("ann", availability=window("09:00", "10:00", "mon")) | {"name": "Ann Lee"}]
    scenario = solo_clinic(
        therapists=both,
        patients=[
            patient("pat", availability=window("09:00", "09:30", "mon")) | {"name": "Pat Lee"},
            patient("sam") | {"name": "Sam Poe"},
        ],
    )
    one = explained(scenario, week(visit("sam")))
    best = one.suggestions[0]
    assert (best.steps, best.cost, best.serves) == ((), 1, True)
    assert (
        "To be moved: Sam Poe (solo Mon 09:00–09:30 with Ann Lee in small becomes solo Mon "
        "09:30–10:00 with Ann Lee in small)." in best.text
    )


def test_two_small_changes_together_serve_somebody_short_of_two_things() -> None:
    scenario = full_group(
        programs=[
            program(minutes_per_week={"min": 120}, quotas=[quota("talk", 1, 1), quota("kin", 1, 1)])
        ],
        services=[talk(), {"id": "kin", "name": "kin", "format": "group", "minutes": 60}],
        groups=[
            group("cbt", size={"min": 1, "max": 2}) | {"name": "Coping Skills"},
            group("art", size={"min": 1, "max": 2}, service="kin"),
        ],
    )
    busy = week(
        section(["sam", "kim"], name="cbt-1"),
        section(["sam", "kim"], meeting("tue", "09:00"), name="art-1", of="art"),
    )
    one = explained(scenario, busy)
    served = [s for s in one.suggestions if s.serves]
    assert {(x.kind, x.target) for x in served[0].steps} == {("seat", "cbt"), ("seat", "art")}
    assert one.suggestions[0].serves


def test_nothing_helps_where_nobody_is_licensed_and_nobody_else_works() -> None:
    scenario = full_group(
        groups=[
            group("cbt", size={"min": 1, "max": 2}, eligible={"tags_any": ["mothers"]})
            | {"name": "Coping Skills"}
        ]
    )
    one = explained(scenario, week())
    assert one.suggestions == ()
    assert one.whole
    assert "Not open to Pat Lee: Coping Skills (asks for one of mothers)." in [
        o.text for o in one.obstacles
    ]
    assert one.closing


def short_week(seed: int) -> tuple[Clinic, Schedule]:
    """A random clinic with a lawful week in which somebody in treatment is short."""
    r = random.Random(seed)
    while True:
        scenario = randomness.scenario(r, tiny=True)
        if seed % 2:
            scenario = moves.with_baseline(r, scenario)
        lawful = moves.lawful_walk(moves.Moves(r, scenario), moves.empty(scenario), 30)
        here = read(scenario)
        now = plan(lawful, here)
        if not check(here, now) and short_patients(here, now):
            return here, now


@pytest.mark.parametrize("seed", range(6))
def test_claims_about_random_weeks_hold(seed: int) -> None:
    here, now = short_week(seed)
    told = list(why_short(here, now, seconds=8))
    assert [s.care.patient.id for s in told] == [c.patient.id for c in short_patients(here, now)]
    for one in told:
        holds(here, now, one)
        assert one.obstacles or one.suggestions or not one.care.sessions
        assert one.document()["patient"] == one.care.patient.id
