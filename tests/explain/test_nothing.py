"""Why nothing fits: the set leaves no schedule, each smaller one does, and giving up is as told."""

from __future__ import annotations

import random
from typing import Any

import pytest

from solver.checker import check
from solver.clinic import Clinic
from solver.explain.facts import Fact, facts_of, given_up
from solver.explain.nothing import NoSchedule, why_nothing
from solver.explain.wording.names import Names
from solver.explain.wording.nothing import lines
from solver.io.files import dump
from solver.ledger import Ledger
from solver.model import build
from solver.scenario import Scenario
from tests import moves, randomness
from tests import reference_checker as reference
from tests.builders import (
    Json,
    before,
    clinic,
    group,
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
    window,
)
from tests.solving import solve, stands


def all_facts(scenario: Scenario) -> tuple[Fact, ...]:
    here = Clinic(scenario)
    return facts_of(here, Names(here, Ledger(here)))


def has_schedule(scenario: Scenario) -> bool:
    """What the whole model says, asked here and not by what is tested."""
    here = Clinic(scenario)
    status, _ = solve(build(here))
    assert status in ("OPTIMAL", "INFEASIBLE")
    return status == "OPTIMAL" and stands(here)


def holds(scenario: Scenario, found: NoSchedule) -> None:
    """The set leaves none, every smaller one leaves one, and the weeks that are shown are lawful."""
    everything = all_facts(scenario)
    assert found.minimal
    assert set(found.facts) <= set(everything)
    rest = [f for f in everything if f not in found.facts]
    assert not has_schedule(given_up(scenario, rest))
    for fact in found.facts:
        looser = given_up(scenario, [*rest, fact])
        assert has_schedule(looser)
        shown = found.witnesses[fact.place]
        assert not reference.violations(dump(looser), dump(shown))
    for release in found.releases:
        without = given_up(scenario, [release.fact])
        assert has_schedule(without) == (release.status == "possible")
        if release.schedule is not None:
            assert not reference.violations(dump(without), dump(release.schedule))
            assert release.goals == reference.goals(dump(without), dump(release.schedule))
    assert [r.fact for r in found.releases] == list(found.facts)


def explained(scenario: Json) -> NoSchedule:
    """The explanation of a scenario without a schedule; all that is claimed is checked."""
    read_in = read(scenario).scenario
    found = why_nothing(read_in, seconds=20, polish=0)
    assert found.status == "impossible"
    holds(read_in, found)
    return found


def places(found: NoSchedule) -> set[str]:
    return {f.place for f in found.facts}


def test_a_scenario_with_a_schedule_says_so() -> None:
    found = why_nothing(read(clinic()).scenario)
    assert (found.status, found.facts) == ("possible", ())
    assert found.schedule is not None
    assert not check(read(clinic()), found.schedule)


def test_two_locks_on_one_hour_need_no_solve() -> None:
    twice = before(
        visit("pat", "ann", "mon", "09:00", name="x1"),
        visit("sam", "ann", "mon", "09:00", "big", name="x2"),
        visit("sam", "bob", "tue", "09:00", name="x3"),
    )
    locks = [{"appointment": "x1"}, {"appointment": "x3"}, {"appointment": "x2"}]
    found = explained(clinic(baseline=twice, locks=locks))
    assert places(found) == {"locks[0]", "locks[2]"}
    assert not found.solved
    assert "ann is in solo (x1) (Mon 09:00) and in solo (x2) (Mon 09:00)" in found.because[0]
    assert all(r.status == "possible" for r in found.releases)


def test_a_lock_that_breaks_a_rule_stands_alone() -> None:
    late = before(visit("pat", "ann", "mon", "11:30", name="a"))
    away = therapist("ann", credentials=["other"])
    scenario = clinic(
        baseline=late,
        locks=[{"appointment": "a"}],
        services=[talk(), solo(credentials=["lcsw"])],
        therapists=[away],
        programs=[program(quotas=[quota("talk"), quota("solo")])],
    )
    found = explained(scenario)
    assert places(found) == {"locks[0]"}
    assert "Sessions are led by people licensed for them" in found.because[0]
    said = [text for _, text in lines(found)]
    assert said[0] == "No schedule exists. This alone leaves none:"
    assert said[1] == "1. Appointment a, solo of pat, is locked as it was (locks[0])."


def test_a_locked_seat_and_the_hours_that_forbid_it() -> None:
    member = before(section(["pat", "sam"], meeting("mon", "09:00"), name="s"))
    busy = patient("pat", commitments=[{"label": "work", "windows": window("08:00", "11:30")}])
    scenario = clinic(
        baseline=member,
        locks=[{"patient": "pat", "group": "cbt"}],
        patients=[busy, patient("sam")],
    )
    found = explained(scenario)
    assert places(found) == {"locks[0]", "patients[0].commitments[0]"}
    assert found.because == ("pat is locked into cbt and can come at no time it may meet.",)
    assert not found.solved


def strict_clinic(**facts: Any) -> Json:
    """Everybody is due one talk, which must not be missing; ``cbt`` seats two, once."""
    plain = {
        "programs": [program(minutes_per_week={"min": 60}, quotas=[quota("talk", 1, 1)])],
        "services": [talk()],
        "groups": [group("cbt", size={"min": 1, "max": 2})],
        "rooms": [room("big", 6)],
        "therapists": [therapist("ann")],
        "patients": [patient("pat"), patient("sam"), patient("kim")],
        "policy": {"strict": ["unmet_care"]},
    }
    return clinic(**(plain | facts))


def test_more_people_than_seats() -> None:
    found = explained(strict_clinic())
    kinds = [f.kind for f in found.facts]
    assert kinds.count("due") == 3
    assert set(kinds) == {"strict", "due", "group_most", "group_sections"}
    released = {r.fact.kind: r for r in found.releases}
    assert released["strict"].goals is not None
    assert released["strict"].goals["unmet_care"] == 120
    assert (
        "Care that is due and not scheduled: 120 priority-weighted minutes."
        in released["strict"].text
    )
    assert "3 of 3 patients fully served" in released["group_most"].text


def test_one_patient_whose_own_hours_do_not_suffice() -> None:
    scenario = strict_clinic(
        groups=[group("cbt", size={"min": 1, "max": 9}, start_times=["09:00", "10:00"])],
        patients=[
            patient("pat", availability=window("09:30", "10:30"))
            | {
                "name": "Pat Lee",
                "commitments": [{"label": "dog", "windows": window("10:30", "11:00")}],
            },
            *(patient(p) for p in ("sam", "kim")),
        ],
    )
    found = explained(scenario)
    assert {f.kind for f in found.facts} == {"strict", "due", "patient_hours", "group_times"} or {
        f.kind for f in found.facts
    } == {"strict", "due", "patient_hours"}
    assert all("pat" in f.about or "pat" not in str(f.about) for f in found.facts)
    assert any("Pat Lee (pat)" in f.text for f in found.facts)


def test_a_closed_group_that_somebody_new_is_due() -> None:
    scenario = strict_clinic(
        groups=[group("cbt", size={"min": 1, "max": 9}, closed=True)],
        baseline=before(section(["pat", "sam"], name="s")),
    )
    found = explained(scenario)
    assert {f.kind for f in found.facts} == {"strict", "closed", "due"}
    due = next(f for f in found.facts if f.kind == "due")
    assert due.about == ("kim",)
    assert all(r.status == "possible" for r in found.releases)


def test_giving_up_one_of_two_conflicts_does_not_help() -> None:
    twice = before(
        visit("pat", "ann", "mon", "09:00", name="a"),
        visit("sam", "ann", "mon", "09:00", "big", name="b"),
        visit("pat", "bob", "tue", "09:00", name="c"),
        visit("sam", "bob", "tue", "09:00", "big", name="d"),
    )
    found = explained(clinic(baseline=twice, locks=[{"appointment": x} for x in "abcd"]))
    assert len(found.facts) == 2
    assert {r.status for r in found.releases} == {"impossible"}
    assert "other facts stand in the way" in found.releases[0].text


def test_a_lock_that_breaks_a_rule_is_told_before_what_must_come_out_0() -> None:
    """Both leave no schedule; the lock and the hours are the smaller answer."""
    locked = before(visit("pat", "ann", "mon", "09:00", name="x1"))
    found = explained(
        clinic(
            programs=[program(quotas=[quota("solo", 1), quota("talk")])],
            therapists=[therapist("ann", availability=window("10:00", "10:30", "mon"))],
            baseline=locked,
            locks=[{"appointment": "x1"}],
            policy={"strict": ["unmet_care"]},
        )
    )
    assert places(found) == {"locks[0]", "therapists[0].availability"}


def test_time_that_runs_out_is_said() -> None:
    found = why_nothing(read(strict_clinic()).scenario, seconds=1e-6)
    assert found.status == "unknown"
    assert "Not decided in time" in lines(found)[0][1]


def test_every_kind_of_fact_can_be_given_up() -> None:
    scenario = strict_clinic(
        groups=[
            group(
                "cbt",
                size={"min": 1, "max": 2},
                closed=True,
                day_patterns=[["mon"]],
                max_sections=1,
            )
        ],
        baseline=before(section(["pat"], name="s")),
        locks=[{"section": "s"}],
        rooms=[room("big", 6, availability=window("09:00", "10:00"))],
        therapists=[
            therapist("ann", availability=window("09:00", "10:00"), max_minutes_per_day=60)
        ],
        patients=[
            patient(
                "pat",
                availability=window("09:00", "10:00"),
                family_availability=window("09:00", "10:00"),
                keep_apart=["sam"],
                commitments=[{"label": "x", "windows": window("11:00", "12:00")}],
            ),
            patient("sam"),
            patient("kim", status="waitlist"),
        ],
    )
    read_in = read(scenario).scenario
    found = all_facts(read_in)
    kinds = {f.kind for f in found}
    assert len(kinds) == 16
    for fact in found:
        assert given_up(read_in, [fact]) != read_in, fact
    free = given_up(read_in, found)
    assert not all_facts(free) or {f.kind for f in all_facts(free)} <= {
        "group_most",
        "group_sections",
    }


@pytest.mark.parametrize("seed", range(10))
def test_random_weeks_without_a_schedule(seed: int) -> None:
    r = random.Random(seed)
    while True:
        scenario = moves.with_baseline(r, randomness.scenario(r, tiny=True))
        goals = r.sample(["unmet_care", "short_days", "disruption", "turned_away"], 2)
        scenario = scenario | {"policy": {"strict": goals}}
        here = read(scenario)
        if not has_schedule(here.scenario):
            break
    found = why_nothing(here.scenario, seconds=20, polish=0)
    assert found.status == "impossible"
    holds(here.scenario, found)
    assert found.document()["minimal"] is True
