"""Next week from this week: people and dates move on, what was of one week only is gone, all is told."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from solver.checker import check
from solver.cli.next import next_week as command
from solver.clinic import Clinic
from solver.errors import FileFaults
from solver.io.files import dump, load_scenario
from solver.pins import settled_ledger
from solver.rollforward.rolling import Asked, AskedWrong, Rolled, next_week
from solver.rules import RULES
from solver.scenario import Scenario
from solver.validation import read_scenario
from tests.builders import (
    Json,
    before,
    clinic,
    date,
    group,
    kin,
    meeting,
    patient,
    plan,
    program,
    quota,
    read,
    section,
    solo,
    talk,
    therapist,
    visit,
    week,
)
from tests.cli.running import saved
from tests.commands import run
from tests.moves import Moves, empty, lawful_walk, with_baseline
from tests.randomness import Draw

MON, WED = meeting("mon", "09:00"), meeting("wed", "09:00")
BOTH = section(["pat", "sam"], MON, WED)
TWICE = group("cbt", meetings_per_week=2, max_sections=2)
NEXT_MONDAY = "2026-01-12"
LATER = visit("pat", start="11:00")


def base(**facts: Any) -> Json:
    plain = {"groups": [TWICE], "services": [talk(), solo(), kin()]}
    return clinic(**(plain | facts))


def rolled(scenario: Json, schedule: Json, **asked: Any) -> Rolled:
    here = read(scenario)
    found = next_week(here.scenario, plan(schedule, here), Asked(**asked))
    again, _ = read_scenario(dump(found.scenario))
    assert again == found.scenario, "what is written reads the same"
    return found


def said(found: Rolled) -> str:
    return "\n".join(map(str, found.notices))


def people(scenario: Scenario) -> dict[str, str]:
    return {p.id: p.status for p in scenario.patients}


def test_the_week_moves_on_and_the_schedule_is_its_baseline() -> None:
    found = rolled(base(), week(BOTH, LATER))
    assert found.scenario.week_start.isoformat() == NEXT_MONDAY
    assert found.scenario.baseline is not None
    assert found.scenario.baseline.week_start.isoformat() == date("mon")
    assert [s.id for s in found.scenario.baseline.sections] == ["s"]
    assert found.notices == ()


def test_what_was_of_this_week_only_is_taken_back() -> None:
    was = base(baseline=before(BOTH))
    special = BOTH | {
        "meetings": [
            MON | {"leaders": ["bob"]},
            WED | {"cancelled": True, "room": None},
        ],
        "absences": [{"patient": "pat", "day": "mon"}],
    }
    found = rolled(was, week(special))
    assert found.scenario.baseline is not None
    assert dump(found.scenario.baseline)["sections"] == [BOTH]


def test_a_meeting_that_fell_on_a_closed_date_comes_back() -> None:
    patterns = base(closed_dates=[date("wed")], groups=[TWICE | {"day_patterns": [["mon", "wed"]]}])
    for scenario in (patterns, base(closed_dates=[date("wed")], baseline=before(BOTH))):
        found = rolled(scenario, week(BOTH | {"meetings": [MON]}))
        assert found.scenario.baseline is not None
        [s] = found.scenario.baseline.sections
        assert [(m.day, m.start, m.room) for m in s.meetings] == [
            ("mon", 540, "big"),
            ("wed", 540, "big"),
        ]
        assert "section s: meets on wed again; the clinic was closed that day" in said(found)
        assert "closed_dates: Wed 7 January 2026 has passed and is dropped" in said(found)
        assert found.scenario.closed_dates == ()


def test_a_closed_date_of_the_new_week_is_kept_and_told() -> None:
    found = rolled(base(closed_dates=["2026-01-14", "2026-02-02"]), week())
    assert len(found.scenario.closed_dates) == 2
    assert said(found) == "closed_dates: the clinic is closed on Wed 14 January 2026"


# ---------------------------------------------------------------- patients


def test_patients_leave_by_name_and_by_date() -> None:
    scenario = base(
        patients=[
            patient("pat", keep_apart=["gus"]),
            patient("sam"),
            patient("gus", last_date=date("fri")),
        ]
    )
    schedule = week(BOTH, visit("gus", start="11:00"), visit("sam", start="11:30", name="b"))
    found = rolled(scenario, schedule, discharged=("sam",))
    assert people(found.scenario) == {"pat": "active"}
    assert found.scenario.patients[0].keep_apart == ()
    assert found.scenario.baseline is not None
    assert found.scenario.baseline.sections[0].members == ("pat",)
    assert found.scenario.baseline.appointments == ()
    assert "patient sam: is discharged" in said(found)
    assert "patient gus: is discharged; the last day was Fri 9 January 2026" in said(found)


def test_a_closed_group_that_nobody_is_left_in_may_start_anew() -> None:
    scenario = base(groups=[TWICE | {"closed": True}])
    found = rolled(scenario, week(BOTH), discharged=("pat", "sam"))
    assert found.scenario.baseline is not None
    assert found.scenario.baseline.sections == ()
    assert "section s: nobody is left in it; cbt is closed and may start anew" in said(found)


def test_first_and_last_dates_are_looked_after() -> None:
    scenario = base(
        patients=[
            patient("pat", first_date=date("wed")),
            patient("sam", first_date="2026-01-14", last_date="2026-01-16"),
            patient("kim", first_date="2026-02-02"),
        ]
    )
    found = rolled(scenario, week())
    dates = {p.id: p.first_date for p in found.scenario.patients}
    assert dates["pat"] is None
    assert dates["sam"] is not None
    assert "patient pat: is here all week; the first day was Wed 7 January 2026" in said(found)
    assert "patient sam: comes from Wed 14 January 2026 on, for part of the week" in said(found)
    assert "patient sam: leaves; the last day is Fri 16 January 2026" in said(found)
    assert "patient kim: comes from Mon 2 February 2026 on, not in this week" in said(found)


def test_who_was_admitted_is_active_and_who_was_not_still_waits() -> None:
    scenario = base(patients=[patient("pat", status="waitlist"), patient("sam", status="waitlist")])
    found = rolled(scenario, week(LATER, not_admitted=["sam"]))
    assert people(found.scenario) == {"pat": "active", "sam": "waitlist"}
    assert "patient pat: was admitted from the waiting list and is active now" in said(found)
    assert found.scenario.baseline is not None
    assert found.scenario.baseline.not_admitted == ()


def test_who_starts_comes_off_the_waiting_list() -> None:
    waiting = [patient("pat"), patient("sam", status="waitlist"), patient("kim", status="waitlist")]
    scenario = base(patients=waiting)
    found = rolled(scenario, week(not_admitted=["sam", "kim"]), started=("sam",))
    assert people(found.scenario) == {"pat": "active", "sam": "active", "kim": "waitlist"}
    assert "patient sam: comes off the waiting list and starts" in said(found)
    asked = {"started": ("pat", "kym", "kim"), "discharged": ("kim",)}
    with pytest.raises(AskedWrong) as wrong:
        rolled(scenario, week(not_admitted=["sam", "kim"]), **asked)
    assert [str(f) for f in wrong.value.faults] == [
        "--start: 'pat' is not on the waiting list",
        "--start: no patient 'kym'; did you mean 'kim'?",
        "--start: 'kim' is discharged",
    ]


def test_authorizations_are_reduced_by_what_the_schedule_used() -> None:
    scenario = base(
        patients=[
            patient("pat", authorized={"days": 9, "sessions": 3, "until": "2026-01-14"}),
            patient("sam", authorized={"days": 4, "until": date("fri")}),
        ]
    )
    absent = BOTH | {"absences": [{"patient": "sam", "day": "mon"}]}
    found = rolled(scenario | {"baseline": before(BOTH)}, week(absent, LATER))
    pat, sam = found.scenario.patients
    assert pat.authorized is not None
    assert (pat.authorized.days, pat.authorized.sessions) == (7, 0)
    assert sam.authorized is not None
    assert sam.authorized.days == 3  # Monday was missed
    assert "patient pat: has used up the 3 sessions authorized" in said(found)
    assert "patient pat: is authorized until Wed 14 January 2026" in said(found)
    assert "patient sam: has no authorization since Fri 9 January 2026" in said(found)


LEVELS = [
    program("iop", minutes_per_week={"min": 120}),
    program(
        "low",
        minutes_per_week={"min": 60, "max": 60},
        quotas=[quota("talk", 1, 2), quota("solo")],
    ),
]


def test_stepping_down_takes_back_what_was_stated_for_the_old_level() -> None:
    own = {
        "minutes_per_week": {"min": 90},
        "quotas": [quota("talk", 3), quota("solo", 1), quota("kin", 1)],
        "authorized": {"days": 9},
    }
    scenario = base(programs=LEVELS, patients=[patient("pat", **own), patient("sam")])
    found = rolled(scenario, week(), levels={"pat": "low"})
    pat = found.scenario.patients[0]
    assert pat.program == "low"
    assert pat.minutes_per_week is None
    assert [q.service for q in pat.quotas] == ["solo"]
    assert "patient pat: steps down from iop to low" in said(found)
    assert "the own minutes_per_week was for iop and is dropped" in said(found)
    assert "the own quota of talk does not go with low and is dropped" in said(found)
    assert "the own quota of kin does not go with low and is dropped" in said(found)
    assert "the authorization was for iop; see that it holds" in said(found)
    up = rolled(
        base(programs=LEVELS, patients=[patient("pat", program="low")]),
        week(),
        levels={"pat": "iop"},
    )
    assert "steps up from low to iop" in said(up)


def test_new_patients_come_in_with_their_own_faults_told_by_file() -> None:
    entry = patient("kim", first_date="2026-01-14")
    found = rolled(base(), week(), admitted=(("new.json", entry),))
    assert people(found.scenario) == {"pat": "active", "sam": "active", "kim": "active"}
    assert "new.json: is admitted" in said(found)
    with pytest.raises(AskedWrong) as wrong:
        rolled(base(), week(), admitted=(("new.json", patient("kim", program="iopp")),))
    assert [str(f) for f in wrong.value.faults] == [
        "new.json: program: no program 'iopp'; did you mean 'iop'?"
    ]


def test_everything_wrong_in_what_is_asked_comes_out_at_once() -> None:
    with pytest.raises(AskedWrong) as wrong:
        rolled(
            base(programs=LEVELS),
            week(),
            discharged=("pta", "sam", "sam"),
            levels={"sam": "low", "pat": "iop", "nobody": "lo"},
            admitted=(("new.json", patient("pat")),),
        )
    assert [str(f) for f in wrong.value.faults] == [
        "--discharge: no patient 'pta'; did you mean 'pat'?",
        "--discharge: found 'sam' twice",
        "--level sam=low: 'sam' is discharged",
        "--level pat=iop: 'pat' is in 'iop' already",
        "--level nobody=lo: no patient 'nobody'",
        "--level nobody=lo: no program 'lo'; did you mean 'low'?",
        "new.json: id: there is a patient 'pat' already",
    ]


# ---------------------------------------------------------------- therapists


def test_expired_credentials_are_taken_out_and_what_needs_them_is_named() -> None:
    scenario = base(
        therapists=[
            therapist("ann", credentials=[{"id": "lcsw", "expires": date("fri")}]),
            therapist("bob", credentials=["md", {"id": "lcsw", "expires": "2026-01-14"}]),
        ],
        services=[talk(), solo(credentials=["md"]), kin()],
    )
    found = rolled(scenario, week(BOTH, visit("pat", "bob", start="11:00")))
    credentials = {t.id: [c.id for c in t.credentials] for t in found.scenario.therapists}
    assert credentials == {"ann": [], "bob": ["md", "lcsw"]}
    told = said(found)
    assert (
        "therapist ann: lcsw expired on Fri 9 January 2026 and is taken out; in use for s" in told
    )
    assert "therapist bob: lcsw expires on Wed 14 January 2026" in told


# ---------------------------------------------------------------- locks


def test_locks_that_still_make_sense_stay_and_others_are_dropped_with_a_reason() -> None:
    scenario = base(
        baseline=before(BOTH, LATER, section(["sam"], meeting("tue", "10:00"), WED, name="t")),
        patients=[patient("pat"), patient("sam"), patient("kim")],
        programs=LEVELS,
        locks=[
            {"section": "s"},
            {"section": "t"},
            {"appointment": "a"},
            {"patient": "sam", "group": "cbt"},
            {"patient": "kim", "group": "cbt"},
            {"therapist": "bob", "day": "fri"},
        ],
    )
    found = rolled(scenario, week(BOTH, LATER), discharged=("kim",))
    kept = [lock.model_dump(exclude_none=True) for lock in found.scenario.locks]
    assert kept == [
        {"section": "s"},
        {"appointment": "a"},
        {"patient": "sam", "group": "cbt"},
        {"therapist": "bob", "day": "fri"},
    ]
    told = said(found)
    assert "locks[1]: the lock on section t is dropped: the schedule has no such section" in told
    assert "locks[4]: the lock of kim in cbt is dropped: the patient has left" in told


def test_a_lock_that_cannot_stand_any_more_is_dropped() -> None:
    scenario = base(
        therapists=[therapist("ann", credentials=[{"id": "lcsw", "expires": date("fri")}])],
        baseline=before(BOTH),
        locks=[{"section": "s"}],
    )
    found = rolled(scenario, week(BOTH))
    assert found.scenario.locks == ()
    assert "the lock on section s is dropped: " in said(found)


def test_a_lock_in_a_group_that_no_longer_fits_is_dropped() -> None:
    scenario = base(
        programs=LEVELS,
        groups=[TWICE | {"eligible": {"programs": ["iop"]}}],
        baseline=before(BOTH),
        locks=[{"patient": "pat", "group": "cbt"}],
    )
    found = rolled(scenario, week(BOTH), levels={"pat": "low"})
    assert found.scenario.locks == ()
    assert "the lock of pat in cbt is dropped: " in said(found)


# ---------------------------------------------------------------- any week at random


@pytest.mark.parametrize("seed", range(30))
def test_any_week_rolls_forward_to_one_whose_locks_can_stand(seed: int) -> None:
    r = random.Random(seed)
    try:
        scenario = with_baseline(r, Draw(r).scenario(), exceptions=True)
    except FileFaults:
        return
    here = read(scenario)
    moves = Moves(r, scenario)
    schedule = plan(lawful_walk(moves, empty(scenario), 15), here)
    found = next_week(here.scenario, schedule)
    again, _ = read_scenario(dump(found.scenario))
    assert again == found.scenario
    following = Clinic(found.scenario)
    lasting = {rule.key for rule in RULES if not rule.mended_by_adding}
    assert not lasting & {v.rule for v in check(following, settled_ledger(following))}
    base_of_it = found.scenario.baseline
    assert base_of_it is not None
    assert not any(s.absences for s in base_of_it.sections)
    assert not any(m.cancelled or m.leaders for s in base_of_it.sections for m in s.meetings)


# ---------------------------------------------------------------- the command


def test_the_command_writes_next_week_and_says_what_it_did(tmp_path: Path) -> None:
    scenario = saved(tmp_path, "clinic.json", base(programs=LEVELS))
    schedule = saved(tmp_path, "week.json", week(BOTH))
    new = saved(tmp_path, "new.json", patient("kim"))
    more = saved(tmp_path, "more.json", {"patients": [patient("lee"), patient("max")]})
    target = tmp_path / "next.json"
    code, text = run(
        command, scenario, schedule, "-o", target, "--discharge", "sam", "--level", "pat=low",
        "--admit", new, "--admit", more,
    )  # fmt: skip
    assert code == 0, text
    found, notices = load_scenario(target)
    assert [p.id for p in found.patients] == ["pat", "kim", "lee", "max"]
    assert "patient sam: is discharged" in text
    assert "steps down" in text
    code, text = run(command, scenario, schedule, "-o", target, "--json")
    assert json.loads(text)["week_start"] == NEXT_MONDAY
    assert notices is not None


def test_the_command_tells_all_faults_of_its_line(tmp_path: Path) -> None:
    scenario = saved(tmp_path, "clinic.json", base(programs=LEVELS))
    schedule = saved(tmp_path, "week.json", week(BOTH))
    code, text = run(
        command, scenario, schedule, "-o", tmp_path / "x.json", "--discharge", "nobody",
        "--level", "pat", "--level", "sam=lo",
    )  # fmt: skip
    assert code == 2
    assert text.split("\nerror: ") == [
        "--level pat: ID=PROGRAM is expected, e.g. p12=step-down",
        "--discharge: no patient 'nobody'",
        "--level sam=lo: no program 'lo'; did you mean 'low'?",
    ]
    assert not (tmp_path / "x.json").exists()
    code, text = run(command, scenario, schedule, "-o", scenario)
    assert code == 2
    assert "would overwrite SCENARIO" in text
    broken = saved(tmp_path, "bad.json", {"patients": [3]})
    code, text = run(command, scenario, schedule, "-o", tmp_path / "x.json", "--admit", broken)
    assert code == 2
    assert "a patient is an object" in text
