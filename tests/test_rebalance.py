"""This week from last week: nothing changes for nothing, caps hold, and what changes says what for."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from solver.checker import check
from solver.cli.diff import diff as diff_command
from solver.cli.rebalance import rebalance as command
from solver.clinic import Clinic
from solver.diff import difference, same_week
from solver.errors import FileFaults
from solver.io.files import dump, load_scenario
from solver.rebalance.keeping import MostChanges, changes
from solver.rebalance.rebalancing import Asked, Rebalanced, rebalance
from solver.report.rebalance import curve_document, curve_rows, purchase
from solver.result import Settings
from solver.rules import RULES
from solver.tiers import tiers_of
from tests import reference_checker as reference
from tests.builders import (
    Json,
    before,
    clinic,
    date,
    group,
    kin,
    meeting,
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
    week,
    window,
)
from tests.cli.running import THREE, saved
from tests.commands import run
from tests.randomness import Draw
from tests.solving import best, stands
from tests.test_rebalance_keeping import a_week_after_another

QUICK = Settings(time_limit=30.0, workers=1)
MON, WED = meeting("mon", "09:00"), meeting("wed", "09:00")
BOTH = section(["pat", "sam"], MON, WED)
LATER = visit("pat", start="11:00")
TWICE = group("cbt", meetings_per_week=2, max_sections=2) | {"name": "Coping Skills"}
ASKED = program(
    minutes_per_week={"min": 0}, quotas=[quota("talk", 2, 2), quota("solo", 0, 2), quota("kin", 0)]
)


def base(**facts: Any) -> Json:
    plain = {
        "groups": [TWICE],
        "services": [talk(), solo(remote=True) | {"name": "Individual"}, kin()],
        "programs": [ASKED],
        "baseline": before(BOTH, LATER),
    }
    return clinic(**(plain | facts))


def again(scenario: Json, **asked: Any) -> Rebalanced:
    here = read(scenario)
    answer = rebalance(here.scenario, QUICK, Asked(**asked))
    if answer.result.schedule is not None:
        assert answer.difference is not None
        assert same_week(
            answer.difference.applied_to(answer.difference.old), answer.result.schedule
        )
        follow = dump(answer.scenario)
        assert not list(reference.violations(follow, dump(answer.result.schedule)))
    return answer


# ---------------------------------------------------------------- nothing for nothing


def test_with_nothing_changed_nothing_changes() -> None:
    answer = again(base())
    assert not answer.difference
    assert answer.changes == 0
    assert answer.bundles == ()


def test_a_week_with_exceptions_that_is_as_good_as_can_be_stays_with_them() -> None:
    special = BOTH | {"meetings": [MON, WED | {"leaders": ["bob"]}]}
    answer = again(base(baseline=before(special, LATER)))
    assert not answer.difference


def test_what_only_later_tiers_would_like_is_left_alone() -> None:
    # pat would rather be seen by bob, and sam at another hour: tier 5, no reason to touch a week.
    people = [
        patient("pat", primary_therapist="bob"),
        patient("sam", preferred=window("10:00", "12:00")),
    ]
    assert not again(base(patients=people)).difference


@pytest.mark.parametrize("seed", range(8))
def test_any_week_whose_tiers_are_proved_best_is_left_as_it_is(seed: int) -> None:
    r = random.Random(seed)
    try:
        scenario = Draw(r).scenario()
        here = read(scenario)
    except FileFaults:
        return
    solved = best(here, 3.0)
    if solved.status != "OPTIMAL" or solved.schedule is None:
        return
    answer = again(scenario | {"baseline": dump(solved.schedule)})
    assert answer.result.schedule is not None
    assert same_week(answer.result.schedule, solved.schedule)
    assert not answer.difference


# ---------------------------------------------------------------- the least change, and what it buys


def test_who_is_new_is_taken_in_without_touching_anybody() -> None:
    people = [patient("pat"), patient("sam"), patient("new")]
    answer = again(base(patients=people))
    assert answer.changes == 0
    assert answer.difference is not None
    assert {t.id for t in answer.difference.of("patient")} == {"new"}
    assert all((b.changes, b.reasons) == (0, ()) for b in answer.bundles)
    words = purchase(read(base(patients=people)), answer.bundles[0])
    assert words.title == "Only added"
    assert words.gains[0] == "new gets 2 sessions more of talk."


def crowded(**facts: Any) -> Json:
    """kim needs the only room when pat is seen there, and can come at no other time."""
    asked = program(
        minutes_per_week={"min": 0}, quotas=[quota("solo", 1, 1), quota("talk"), quota("kin")]
    )
    plain = {
        "rooms": [room("small", 1)],
        "services": [talk(), solo() | {"name": "Individual"}, kin()],
        "programs": [asked],
        "patients": [patient("pat"), patient("kim", availability=window("09:00", "09:30", "mon"))],
        "baseline": before(visit("pat")),
    }
    return base(**(plain | facts))


def test_the_change_that_makes_room_says_what_it_bought() -> None:
    answer = again(crowded())
    assert answer.changes == 1
    [bundle] = answer.bundles
    assert bundle.changes == 1
    assert {(g.goal, g.patient) for g in bundle.gains} >= {("unmet_care", "kim")}
    words = purchase(read(crowded()), bundle)
    assert words.gains[0] == "kim gets 1 session more of Individual."
    assert any(m.startswith("pat: Individual (Mon 09:00–09:30): now ") for m in words.moves)


def test_who_had_to_change_is_told_why() -> None:
    answer = again(base(therapists=[therapist("bob")]))
    assert (answer.changes, answer.least) == (3, 3)
    reasons = {why for bundle in answer.bundles for why in bundle.reasons}
    assert reasons == {"ann is gone"}


def test_a_holiday_moves_no_more_than_it_must() -> None:
    answer = again(base(closed_dates=[date("wed")]))
    assert answer.result.goals["unmet_care"] == 0
    assert answer.changes == 2  # both members meet on another day than Wednesday
    assert answer.result.schedule is not None
    assert {m.day for m in answer.result.schedule.sections[0].meetings} >= {"mon"}


# ---------------------------------------------------------------- caps and the curve


def test_a_cap_of_none_keeps_every_entry_and_only_adds() -> None:
    people = [*crowded()["patients"], patient("lee")]
    answer = again(crowded(patients=people), max_changes=0)
    assert answer.changes == 0
    assert answer.result.schedule is not None
    kept = [a for a in answer.result.schedule.appointments if a.patient == "pat"]
    assert [dump(a) for a in kept] == [visit("pat")]
    assert {a.patient for a in answer.result.schedule.appointments} == {"pat", "lee"}
    assert answer.result.goals["unmet_care"] > 0


def test_a_cap_below_what_is_needed_is_answered_with_no() -> None:
    answer = again(base(therapists=[therapist("bob")]), max_changes=2)
    assert (answer.result.status, answer.result.schedule) == ("infeasible", None)
    assert answer.result.reasons == ("3 changes at least are needed, 2 are allowed: ann is gone",)


def test_tiers_after_disruption_are_bounded_by_what_everybody_could_have_alone() -> None:
    # pat would rather be seen by bob: with nothing else to gain, continuity stays 2, and must.
    wishful = [patient("pat", primary_therapist="bob"), patient("sam")]
    answer = again(base(patients=wishful))
    [tier] = [t for t in answer.result.tiers if t.goals == ("continuity",)]
    assert (tier.value, tier.bound, tier.proved) == (2, 2, True)
    assert all(t.bound is not None and t.bound <= t.value for t in answer.result.tiers)


def test_the_curve_says_what_every_change_gives() -> None:
    answer = again(crowded(), curve=5)
    points = [(p.most, p.changes, p.tiers[0].value, p.tiers[0].proved) for p in answer.curve]
    assert points == [(0, 0, 60, True), (1, 1, 0, True)]  # more gain nothing
    forced = again(base(therapists=[therapist("bob")]), curve=4)
    assert [p.schedule is not None for p in forced.curve] == [False, False, False, True]
    assert [row[:2] for row in curve_rows(forced.curve)] == [("0", "no such week"), ("3", "3")]
    written = curve_document(forced.curve)
    assert [p["schedule"] is not None for p in written] == [p["found"] for p in written]


def test_any_cap_gives_the_best_week_there_is_under_it() -> None:
    compared = 0
    for seed in range(10):
        found = a_week_after_another(random.Random(seed))
        if found is None:
            continue
        here = read(found[0])
        if not stands(here):
            continue
        most = seed % 3
        exact = best(here, 3.0, rules=(*RULES, MostChanges(most)))
        if exact.status not in ("OPTIMAL", "INFEASIBLE"):
            continue
        answer = again(found[0], max_changes=most)
        compared += 1
        if exact.status == "INFEASIBLE":
            assert answer.result.status == "infeasible", seed
            continue
        last = next(
            n for n, t in enumerate(tiers_of(here.scenario.policy)) if "disruption" in t.goals
        )
        got = tuple(t.value for t in answer.result.tiers[: last + 1])
        assert got == exact.values[: last + 1], seed
        assert answer.result.schedule is not None
        assert changes(here, answer.result.schedule) <= most
    assert compared >= 5


# ---------------------------------------------------------------- what has happened, and locks


def test_what_has_happened_stays_and_the_rest_of_the_week_is_made_anew() -> None:
    people = [patient("pat"), patient("sam"), patient("new")]
    answer = again(base(patients=people), frozen_before=2)
    assert answer.result.schedule is not None
    [old] = [s for s in answer.result.schedule.sections if s.id == "s"]
    assert "new" not in old.members  # Monday's meeting took place without them
    [added] = [s for s in answer.result.schedule.sections if s.id != "s"]
    assert added.members == ("new",)
    assert min(m.day for m in added.meetings) not in ("mon", "tue")


def test_what_took_place_with_somebody_who_is_gone_is_said_to_be_in_the_way() -> None:
    answer = again(base(therapists=[therapist("bob")]), frozen_before=2)
    assert answer.result.status == "infeasible"
    assert "s on mon: ann is gone" in answer.result.reasons[0]


def test_locks_that_cannot_stand_are_an_answer() -> None:
    gone = base(
        therapists=[therapist("ann", availability=window("10:00", "12:00")), therapist("bob")],
        locks=[{"section": "s"}],
    )
    answer = again(gone)
    assert answer.result.status == "infeasible"
    assert "what is locked cannot stand" in answer.result.reasons[0]


@pytest.mark.parametrize(
    "lock",
    [
        "section=s",
        "appointment=a",
        "patient=pat,group=cbt",
        "therapist=ann,day=mon",
    ],
)
def test_locks_of_every_kind_bind(lock: str, tmp_path: Path) -> None:
    # ann would have to give way to everything on Monday before ten; a lock keeps her week.
    scenario = base(baseline=before(BOTH, LATER))
    scenario.pop("baseline")
    clinic_file = saved(tmp_path, "c.json", scenario)
    week_file = saved(tmp_path, "w.json", week(BOTH, LATER))
    out, follow = tmp_path / "n.json", tmp_path / "s.json"
    code, text = run(
        command, clinic_file, "--baseline", week_file, "--lock", lock, "-o", out,
        "--scenario-out", follow, "--time-limit", "30", "--workers", "1",
    )  # fmt: skip
    assert code == 0, text
    written, _ = load_scenario(follow)
    assert [lock.model_dump(exclude_none=True) for lock in written.locks] == [
        dict(part.split("=") for part in lock.split(","))
    ]
    assert not list(
        reference.violations(json.loads(follow.read_text()), json.loads(out.read_text()))
    )


# ---------------------------------------------------------------- the commands


def test_the_command_tells_person_by_person_and_as_a_table(tmp_path: Path) -> None:
    told, out = tmp_path / "told.json", tmp_path / "n.json"
    code, text = run(
        command, THREE, "-o", out, "--diff", told, "--curve", "3", "--time-limit", "30"
    )
    assert code == 0
    assert "1 thing that people had changed; 0 at least had to." in text
    assert "Anita Kovacs gets 1 h more of the care that is due" in text
    assert "Individual Session (Wed 17:00–18:00): now Wed 19:00–20:00." in text
    document = json.loads(told.read_text())
    scenario, _ = load_scenario(THREE)
    here = Clinic(scenario)
    assert scenario.baseline is not None
    schedule = json.loads(out.read_text())
    assert len(document["entries"]) == len(
        difference(
            here, scenario.baseline, type(scenario.baseline).model_validate(schedule)
        ).changes
    )
    code, table = run(diff_command, THREE, out, out)
    assert table.strip() == "Nothing changes."
    code, table = run(command, THREE, "--table", "--quiet", "--json", "--time-limit", "30")
    answer = json.loads(table)
    assert answer["changes"] == 1
    assert answer["bought"][0]["gains"][0]["goal"] == "unmet_care"


def test_two_schedules_are_compared_as_text_table_and_json(tmp_path: Path) -> None:
    scenario = saved(tmp_path, "c.json", base())
    old = saved(tmp_path, "old.json", week(BOTH, visit("gone", "left", name="x")))
    new = saved(tmp_path, "new.json", week(BOTH | {"leaders": ["bob"]}))
    code, text = run(diff_command, scenario, old, new)
    assert code == 0
    assert "Coping Skills (Mon and Wed 09:00–10:00): with bob instead of with ann." in text
    assert "gone (no longer here)" in text
    code, table = run(diff_command, scenario, old, new, "--table")
    assert "Who" in table
    assert "Mon and Wed 09:00–10:00, big, bob" in table
    code, document = run(diff_command, scenario, old, new, "--json")
    assert {t["id"] for t in json.loads(document)["told"]} == {
        "pat", "sam", "gone", "ann", "bob", "left",
    }  # fmt: skip


def test_the_command_tells_every_fault_with_its_place(tmp_path: Path) -> None:
    scenario = base()
    scenario.pop("baseline")
    clinic_file = saved(tmp_path, "c.json", scenario)
    wrong = saved(tmp_path, "w.json", week(BOTH | {"members": ["pat", "pat"]}))
    fine = saved(tmp_path, "f.json", week(BOTH))
    for arguments, message in (
        ((clinic_file,), "there is no baseline: name one with --baseline"),
        ((clinic_file, "--baseline", wrong), "sections[0].members[1]: found 'pat' again"),
        ((clinic_file, "--baseline", fine, "--lock", "section=x"), "--lock section=x: no section"),
        (
            (clinic_file, "--baseline", fine, "--lock", "room=x"),
            "--lock room=x: found room; a lock",
        ),
        ((clinic_file, "--baseline", fine, "-o", fine), "would overwrite --baseline"),
        ((clinic_file, "--baseline", fine, "--time-limit", "0"), "--time-limit 0"),
        (
            (clinic_file, "--baseline", fine, "-o", "x.json", "--diff", "x.json"),
            "-o and --diff are both x.json",
        ),
    ):
        code, text = run(command, *arguments)
        assert code == 2, arguments
        assert message in text, text


def test_too_few_changes_are_an_answer_of_the_command(tmp_path: Path) -> None:
    clinic_file = saved(tmp_path, "c.json", base(therapists=[therapist("bob")]))
    code, text = run(command, clinic_file, "--max-changes", "0", "-o", tmp_path / "n.json")
    assert code == 1
    assert "3 changes at least are needed, 0 are allowed: ann is gone" in text
    assert not (tmp_path / "n.json").exists()


def test_the_baseline_answers_to_the_checker_where_it_is_given_back() -> None:
    answer = again(base())
    assert answer.result.schedule is not None
    assert check(Clinic(answer.scenario), answer.result.schedule) == []
    assert answer.result.tiers[3].value == 0
    assert answer.result.tiers[3].proved


def test_hours_of_a_therapist_that_were_needed_elsewhere_are_what_the_change_bought() -> None:
    # ann has half an hour a week; kim's session is due, pat's was only agreed upon.
    scenario = crowded(
        therapists=[therapist("ann", max_minutes_per_week=30)],
        patients=[
            patient("pat", quotas=[quota("solo", 0, 1)]),
            patient("kim", availability=window("11:00", "12:00", "fri")),
        ],
    )
    answer = again(scenario)
    [bundle] = answer.bundles
    assert bundle.changes == 1
    assert purchase(read(scenario), bundle).gains[0] == "kim gets 1 session more of Individual."
