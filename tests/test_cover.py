"""Somebody is out: every kind of repair on a tiny clinic, and on any week at random all are lawful."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from solver.checker import check
from solver.cli.cover import cover as command
from solver.clinic import Clinic
from solver.cover.out import Out, follow_up
from solver.cover.repairs import Covered, cover, days_of
from solver.errors import FileFaults
from solver.io.files import dump
from solver.ledger import Ledger
from solver.rebalance.frozen import Frozen
from solver.report.cover import Teller, costs, cover_document, losses
from solver.rules import Scope
from tests import reference_checker as reference
from tests.builders import (
    Json,
    clinic,
    group,
    kin,
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
from tests.cli.running import saved
from tests.commands import run
from tests.moves import Moves, empty, lawful_walk
from tests.randomness import Draw

MON, WED = meeting("mon", "09:00"), meeting("wed", "09:00")
BOTH = section(["pat", "sam"], MON, WED)
TWICE = group("cbt", meetings_per_week=2, max_sections=2) | {"name": "Coping Skills"}
NEEDY = program(
    minutes_per_week={"min": 0},
    quotas=[quota("talk", 2), quota("solo", 0), quota("kin", 0)],
)


def small(**facts: Any) -> Json:
    plain = {
        "groups": [TWICE],
        "services": [talk(), solo(remote=True) | {"name": "Individual"}, kin()],
        "programs": [NEEDY],
    }
    return clinic(**(plain | facts))


def out(kind: Any, who: str, days: str, *, by_video: bool = False) -> Out:
    return Out(kind, who, days_of(days.split(",")), by_video)


def repaired(scenario: Json, schedule: Json, *outs: Out, frozen: int | None = None) -> Covered:
    here = read(scenario)
    covered = cover(here.scenario, plan(schedule, here), outs, frozen)
    for repair in covered.repairs:
        lawful(covered, repair.schedule)
    return covered


def lawful(covered: Covered, schedule: Any) -> None:
    """Both checkers find nothing to say against a repair."""
    follow = Clinic(covered.scenario)
    assert check(follow, schedule) == []
    assert not list(reference.violations(dump(covered.scenario), dump(schedule)))


def first(covered: Covered) -> list[str]:
    return [step.remedy.kind for step in covered.repairs[0].steps]


def words(scenario: Json, schedule: Json, covered: Covered) -> list[str]:
    here = read(scenario)
    teller = Teller(here, plan(schedule, here))
    return [
        f"{teller.unit(s.unit)}: {teller.remedy(s.unit, s.remedy)}"
        for s in covered.repairs[0].steps
    ]


# ---------------------------------------------------------------- each kind of repair


def test_a_substitute_leads_for_the_day() -> None:
    covered = repaired(small(), week(BOTH), out("therapist", "ann", "mon"))
    assert first(covered) == ["substitute"]
    [s] = covered.repairs[0].schedule.sections
    assert s.leaders == ("ann",)
    assert {m.day: m.leaders for m in s.meetings} == {"mon": ("bob",), "wed": None}
    assert words(small(), week(BOTH), covered) == [
        "Coping Skills (2 patients), Mon 09:00–10:00: bob leads instead of ann"
    ]


def test_a_substitute_s_appointment_is_moved_where_nobody_else_is_free() -> None:
    scenario = small(
        programs=[NEEDY | {"quotas": [quota("talk", 2), quota("solo", 1), quota("kin", 0)]}],
        patients=[patient("pat"), patient("sam"), patient("kim")],
    )
    busy = week(BOTH, visit("kim", "bob", "mon", "09:00"))
    covered = repaired(scenario, busy, out("therapist", "ann", "mon"))
    assert first(covered) == ["substitute"]
    [moved] = covered.repairs[0].schedule.appointments
    assert (moved.therapist, moved.day, moved.start) != ("bob", "mon", 540)
    assert "for that, Individual of kim is now" in words(scenario, busy, covered)[0]


def test_nobody_may_stand_in_and_the_section_moves() -> None:
    scenario = small(therapists=[therapist("ann")])
    covered = repaired(scenario, week(BOTH), out("therapist", "ann", "mon"))
    assert first(covered) == ["move"]
    [s] = covered.repairs[0].schedule.sections
    assert "mon" not in {m.day for m in s.meetings}
    assert set(s.members) == {"pat", "sam"}
    assert "meets Tue and Wed 09:00–10:00 with ann" in words(scenario, week(BOTH), covered)[0]


def test_what_has_happened_is_not_moved() -> None:
    scenario = small(therapists=[therapist("ann")])
    covered = repaired(scenario, week(BOTH), out("therapist", "ann", "wed"))
    assert first(covered) == ["cancel"]
    [s] = covered.repairs[0].schedule.sections
    assert {m.day: m.cancelled for m in s.meetings} == {"mon": False, "wed": True}
    asked_before = repaired(scenario, week(BOTH), out("therapist", "ann", "wed"), frozen=0)
    assert first(asked_before) == ["move"]


def test_two_sections_are_put_together() -> None:
    other = section(
        ["kim"], meeting("mon", "09:00", "big"), meeting("wed", "09:00", "big"),
        name="t", leaders=["bob"],
    )  # fmt: skip
    scenario = small(
        groups=[TWICE | {"start_times": ["09:00"], "day_patterns": [["mon", "wed"]]}],
        rooms=[room("big", 4), room("hall", 4)],
        patients=[patient("pat"), patient("sam"), patient("kim")],
    )
    mine = section(["pat", "sam"], meeting("mon", "09:00", "hall"), meeting("wed", "09:00", "hall"))
    published = week(mine, other)
    covered = repaired(scenario, published, out("therapist", "ann", "mon,wed"))
    assert first(covered) == ["merge", "merge"]
    [s] = covered.repairs[0].schedule.sections
    assert set(s.members) == {"pat", "sam", "kim"}
    assert "2 patients of 2 sit in others" in words(scenario, published, covered)[0]


def test_a_room_is_out() -> None:
    covered = repaired(
        small(rooms=[room("big", 4), room("hall", 3)]), week(BOTH), out("room", "big", "mon")
    )
    assert first(covered) == ["room"]
    [s] = covered.repairs[0].schedule.sections
    assert {m.day: m.room for m in s.meetings} == {"mon": "hall", "wed": "big"}


def test_an_appointment_goes_by_video_when_its_room_is_out() -> None:
    scenario = small(
        rooms=[room("small", 1)],
        programs=[NEEDY | {"quotas": [quota("solo", 1)]}],
        patients=[patient("pat", availability=window("09:00", "09:30", "mon"))],
    )
    covered = repaired(scenario, week(visit()), out("room", "small", "mon"))
    assert first(covered) == ["remote"]
    assert covered.repairs[0].schedule.appointments[0].remote
    said = words(scenario, week(visit()), covered)
    assert said == ["Individual of pat, Mon 09:00–09:30: Mon 09:00–09:30 with ann, by video"]


def test_who_works_from_home_keeps_what_is_by_video() -> None:
    scenario = small(
        programs=[NEEDY | {"quotas": [quota("solo", 1)]}], therapists=[therapist("ann")]
    )
    published = week(visit())
    away = repaired(scenario, published, out("therapist", "ann", "mon,tue,wed,thu,fri"))
    assert first(away) == ["cancel"]
    home = repaired(
        scenario, published, out("therapist", "ann", "mon,tue,wed,thu,fri", by_video=True)
    )
    assert first(home) == ["remote"]


def test_a_patient_who_cannot_come_is_excused_and_seen_another_day() -> None:
    scenario = small(programs=[NEEDY | {"quotas": [quota("talk", 2), quota("solo", 1)]}])
    published = week(BOTH, visit("pat", "bob", "mon", "11:00"))
    covered = repaired(scenario, published, out("patient", "pat", "mon"))
    assert first(covered) == ["excuse", "move"]
    [s] = covered.repairs[0].schedule.sections
    assert [(a.patient, a.day) for a in s.absences] == [("pat", "mon")]
    assert covered.repairs[0].schedule.appointments[0].day != "mon"
    here = Clinic(covered.scenario)
    said = losses(here, plan(published, read(scenario)), covered.repairs[0].schedule)
    assert said == ("pat loses 1 session of talk.",)


def test_a_patient_at_home_attends_by_video() -> None:
    scenario = small(
        groups=[TWICE | {"modality": "hybrid"}],
        programs=[NEEDY | {"quotas": [quota("talk", 2), quota("solo", 1)]}],
    )
    published = week(BOTH, visit("pat", "bob", "mon", "11:00"))
    covered = repaired(scenario, published, out("patient", "pat", "mon", by_video=True))
    assert first(covered) == ["remote", "remote"]
    assert covered.repairs[0].schedule.sections[0].remote_members == ("pat",)


def test_an_intern_stops_when_the_supervisor_is_out() -> None:
    scenario = small(
        therapists=[
            therapist("ann", supervisor=True, credentials=["md"]),
            therapist("bob"),
            therapist("ivy", supervised=True),
        ]
    )
    covered = repaired(scenario, week(BOTH | {"leaders": ["ivy"]}), out("therapist", "ann", "mon"))
    [unit] = covered.units
    assert unit.why == ("no supervisor of ivy is on site mon 09:00",)
    assert first(covered) == ["substitute"]


def test_nothing_falls_where_nobody_was_booked() -> None:
    covered = repaired(small(), week(BOTH), out("therapist", "bob", "mon"))
    assert covered.units == ()
    assert covered.repairs == ()


def test_what_is_worse_is_told_by_tier_and_by_person() -> None:
    scenario = small(therapists=[therapist("ann")])
    covered = repaired(scenario, week(BOTH), out("therapist", "ann", "wed"))
    follow = Clinic(covered.scenario)
    paid = {title: (was, now) for title, was, now in costs(follow, covered, covered.repairs[0])}
    assert paid["Care that is due and not scheduled"] == (0, 120)
    assert losses(follow, plan(week(BOTH), read(scenario)), covered.repairs[0].schedule) == (
        "pat loses 1 session of talk.",
        "sam loses 1 session of talk.",
    )
    document = cover_document(follow, covered, plan(week(BOTH), read(scenario)))
    assert json.loads(json.dumps(document))["repairs"][0]["legal"]


def test_repairs_are_ranked_by_the_goals_and_differ() -> None:
    covered = repaired(small(), week(BOTH), out("therapist", "ann", "mon"))
    assert len(covered.repairs) > 1
    tiers = [r.tiers for r in covered.repairs]
    assert tiers == sorted(tiers)
    assert len({json.dumps(dump(r.schedule)) for r in covered.repairs}) == len(covered.repairs)


def gappy(**facts: Any) -> Json:
    """pat comes on Monday, Wednesday and Friday, and no two days apart may be free."""
    asked = program(
        minutes_per_week={"min": 0},
        max_gap_days=1,
        quotas=[quota("talk", 3), quota("solo", 0, 1), quota("kin", 0)],
    )
    plain = {
        "therapists": [therapist("ann")],
        "programs": [asked],
        "groups": [group(meetings_per_week=3, day_patterns=[["mon", "wed", "fri"]])],
        "patients": [patient("pat")],
    }
    return small(**(plain | facts))


def test_a_gap_that_opens_is_closed_with_one_more_session() -> None:
    three = section(["pat"], MON, WED, meeting("fri", "09:00"))
    staff = [therapist("ann"), therapist("bob", credentials=["md"])]
    services = [talk(), solo(credentials=["md"]) | {"name": "Individual"}, kin()]
    scenario = gappy(therapists=staff, services=services)
    covered = repaired(scenario, week(three), out("therapist", "ann", "wed"))
    assert first(covered) == ["cancel"]
    [more] = covered.repairs[0].schedule.appointments
    assert more.day in ("tue", "wed", "thu")
    teller = Teller(read(scenario), plan(week(three), read(scenario)))
    assert teller.further(covered.repairs[0].further[0]).startswith("pat also has ")


def test_a_gap_that_cannot_be_closed_costs_a_day() -> None:
    three = section(["pat"], MON, WED, meeting("fri", "09:00"))
    covered = repaired(gappy(), week(three), out("therapist", "ann", "wed"))
    [s] = covered.repairs[0].schedule.sections
    assert [(a.patient, a.day) for a in s.absences] == [("pat", "fri")]  # Monday has happened


# ---------------------------------------------------------------- the follow-up scenario


def test_locks_on_what_falls_are_dropped_and_others_stay() -> None:
    scenario = small(
        baseline=week(BOTH, visit("pat", "bob", "fri", "11:00")),
        locks=[
            {"section": "s"},
            {"appointment": "a"},
            {"patient": "pat", "group": "cbt"},
            {"therapist": "ann", "day": "mon"},
            {"therapist": "bob", "day": "fri"},
        ],
    )
    here = read(scenario)
    published = plan(week(BOTH, visit("pat", "bob", "fri", "11:00")), here)
    follow, notices = follow_up(here.scenario, published, [out("therapist", "ann", "mon")])
    assert [n.place for n in notices] == ["locks[0]", "locks[3]"]
    assert len(follow.locks) == 3
    _, more = follow_up(here.scenario, published.model_copy(update={"appointments": ()}), [])
    assert [str(n) for n in more] == [
        "locks[1]: the schedule has no appointment 'a'; the lock is dropped"
    ]


def test_who_was_admitted_is_a_patient_like_any_other() -> None:
    scenario = small(patients=[patient("pat", status="waitlist"), patient("sam")])
    here = read(scenario)
    follow, _ = follow_up(here.scenario, plan(week(BOTH), here), [])
    assert {p.id: p.status for p in follow.patients} == {"pat": "active", "sam": "active"}
    covered = repaired(
        scenario | {"therapists": [therapist("ann")]},
        week(BOTH, not_admitted=[]),
        out("therapist", "ann", "wed"),
    )
    assert first(covered) == ["cancel"]


# ---------------------------------------------------------------- the command


def test_the_command_ranks_tells_and_writes_a_lawful_week(tmp_path: Path) -> None:
    scenario = saved(
        tmp_path,
        "c.json",
        small(patients=[patient("pat") | {"name": "Pat [b]Lee"}, patient("sam")]),
    )
    schedule = saved(tmp_path, "w.json", week(BOTH))
    out_file, follow, told = (tmp_path / f"{x}.json" for x in ("n", "s", "d"))
    code, text = run(
        command, scenario, schedule, "--absent", "ann", "--days", "mon,tue", "-o", out_file,
        "--scenario-out", follow, "--diff", told,
    )  # fmt: skip
    assert code == 0, text
    assert "1 session cannot stand" in text
    assert "Coping Skills (2 patients), Mon 09:00–10:00: bob leads instead of ann" in text
    assert "Pat [b]Lee (pat)" in text
    assert not list(
        reference.violations(json.loads(follow.read_text()), json.loads(out_file.read_text()))
    )
    assert {t["id"] for t in json.loads(told.read_text())["told"]} == {"pat", "sam", "ann", "bob"}
    code, text = run(command, scenario, schedule, "--absent", "ann", "--days", "mon", "--json")
    document = json.loads(text)
    assert document["repairs"][0]["steps"][0]["remedy"] == "substitute"
    assert document["repairs"][0]["legal"]
    code, second = run(
        command, scenario, schedule, "--absent", "ann", "--days", "mon", "--take", "2"
    )
    assert code == 0
    assert "Who must be told what, with repair 2" in second


def test_the_command_tells_every_fault_of_its_line(tmp_path: Path) -> None:
    scenario = saved(tmp_path, "c.json", small(rooms=[room("big", 4), room("ann", 2)]))
    schedule = saved(tmp_path, "w.json", week(BOTH))
    code, text = run(
        command, scenario, schedule, "--absent", "ann", "--absent", "bop", "--days", "mon,tues"
    )
    assert code == 2
    assert text.split("\nerror: ") == [
        "--days: found 'tues'; allowed: mon, tue, wed, thu, fri, sat, sun",
        "--absent: there is a therapist and a room 'ann'; say which with --by",
        "--absent: no room, therapist, patient or group 'bop'; did you mean bob?",
    ]
    code, text = run(command, scenario, schedule, "--absent", "cbt", "--days", "mon")
    assert "--absent cbt: a group cannot be out" in text
    code, text = run(
        command, scenario, schedule, "--absent", "ann", "--by", "room", "--days", "mon"
    )
    assert (code, "Everything can go on as published" in text) == (0, True)
    code, text = run(
        command, scenario, schedule, "--absent", "bob", "--days", "mon", "--frozen-before", "wed"
    )
    assert "a day out lies before it" in text
    code, text = run(command, scenario, schedule, "--absent", "bob", "--days", "mon", "--take", "9")
    assert "--take 9: there are" in text


def test_where_no_repair_keeps_every_rule_the_answer_is_no(tmp_path: Path) -> None:
    # A strict goal that holds only while everybody comes: whatever is done, sam's session is lost.
    scenario = small(
        therapists=[therapist("ann")],
        patients=[patient("sam", availability=window("09:00", "10:00", "mon", "wed"))],
        policy={"strict": ["unmet_care"]},
    )
    files = (
        saved(tmp_path, "c.json", scenario),
        saved(tmp_path, "w.json", week(section(["sam"], MON, WED))),
    )
    code, text = run(command, *files, "--absent", "ann", "--days", "wed")
    assert code == 1
    assert "breaks a rule: strict: " in text


# ---------------------------------------------------------------- any week at random


def published_week(seed: int) -> tuple[Json, Json] | None:
    r = random.Random(seed)
    try:
        scenario = Draw(r).scenario()
        scenario.pop("closed_dates", None)
        moves = Moves(r, scenario, exceptions=False)
    except FileFaults:
        return None
    schedule = lawful_walk(moves, empty(scenario), 30)
    return (scenario, schedule) if schedule["sections"] else None


@pytest.mark.parametrize("seed", range(60))
def test_every_repair_of_any_week_is_lawful_and_the_past_stays(seed: int) -> None:
    found = published_week(seed)
    if found is None:
        return
    scenario, schedule = found
    r = random.Random(seed)
    here = read(scenario)
    published = plan(schedule, here)
    kind = r.choice(["therapist", "room", "patient"])
    day = r.choice(sorted({m.day for s in published.sections for m in s.meetings}))
    who = r.choice([e["id"] for e in scenario[f"{kind}s"]])
    gone = out(kind, who, day, by_video=r.random() < 0.3 and kind != "room")
    covered = cover(here.scenario, published, [gone])
    follow = Clinic(covered.scenario)
    for repair in covered.repairs:
        ledger = Ledger(follow, repair.schedule)
        assert not list(Frozen(min(gone.days)).check(follow, ledger, Scope.whole(ledger)))
        broken = {
            rule for rule, _ in reference.violations(dump(covered.scenario), dump(repair.schedule))
        }
        assert broken == {v.rule for v in repair.violations}
        teller = Teller(here, published)
        assert all(teller.unit(s.unit) and teller.remedy(s.unit, s.remedy) for s in repair.steps)
    if covered.units:
        assert covered.repairs
