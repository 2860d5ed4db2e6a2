"""What holds of every rule and every goal, whoever adds one.

Each is registered, has its file and its test file; each rule has a witness, a schedule that breaks
this rule and no other, which the checker names and the model refuses because of this rule alone.
"""

from __future__ import annotations

import importlib
import pkgutil
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import solver.goals
import solver.rules
from solver.candidates import (
    Appointing,
    Attending,
    Candidate,
    Caring,
    Gathering,
    Housing,
    Joining,
    Leading,
    Opening,
    Pairing,
    Receiving,
    Working,
)
from solver.clinic import Clinic
from solver.goals import GOALS, Goal
from solver.ledger import Ledger, Running
from solver.rules import RULE, RULES, Rule
from solver.scenario import GoalKey
from solver.schedule import Appointment
from solver.screening import reasons
from solver.timegrid import DAY_NUMBER
from tests import moves, randomness
from tests.builders import Week, broken, only_fault, plan, read, reference
from tests.solving import best, held, without

HERE = Path(__file__).parent
EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
EVERY_GOAL = pytest.mark.parametrize("goal", GOALS, ids=lambda goal: goal.key)

WITHOUT_WORDS = {
    "opening_hours": "a model's starts are cells in which the clinic is open",
    "on_grid": "a model's starts are cells of the grid",
    "as_it_was": "a model invents no substitute, no cancellation and no absence",
}
"""Rules whose witness no model can express, even with the rule off."""


def witness(rule: Rule) -> Week:
    found: Week = importlib.import_module(f"tests.rules.test_{rule.key}").WITNESS
    return found


def files_of(package: Any) -> set[str]:
    return {m.name for m in pkgutil.iter_modules(package.__path__)} - {"base"}


# ---------------------------------------------------------------- every one is there


def test_every_rule_on_disk_is_registered_once_and_tested() -> None:
    keys = [rule.key for rule in RULES]
    assert len(set(keys)) == len(keys)
    assert files_of(solver.rules) == set(keys)
    assert {path.stem for path in (HERE / "rules").glob("test_*.py")} == {f"test_{k}" for k in keys}


def test_every_goal_on_disk_is_registered_once_and_tested() -> None:
    keys = [goal.key for goal in GOALS]
    assert len(set(keys)) == len(keys)
    assert files_of(solver.goals) == set(keys)
    assert {path.stem for path in (HERE / "goals").glob("test_*.py")} == {f"test_{k}" for k in keys}


def test_rules_and_goals_are_those_of_the_specification() -> None:
    assert [rule.key for rule in RULES] == list(reference.RULES)
    assert [goal.key for goal in GOALS] == list(reference.GOALS) == list(GoalKey.__args__)


@EVERY_RULE
def test_a_rule_says_what_it_is_in_the_file_of_its_name(rule: Rule) -> None:
    assert type(rule).__module__ == f"solver.rules.{rule.key}"
    assert rule.title
    assert type(rule).__doc__ not in (None, Rule.__doc__)


@EVERY_GOAL
def test_a_goal_says_what_it_is_in_the_file_of_its_name(goal: Goal) -> None:
    assert type(goal).__module__ == f"solver.goals.{goal.key}"
    assert goal.title
    assert goal.unit
    assert type(goal).__doc__ not in (None, Goal.__doc__)


# ---------------------------------------------------------------- every rule was seen to fire


@EVERY_RULE
def test_the_witness_breaks_this_rule_and_no_other(rule: Rule) -> None:
    scenario, schedule = witness(rule)
    fault = only_fault(scenario, schedule)
    assert fault.rule == rule.key
    assert fault.amount >= 1
    named = {goal.key for goal in GOALS}
    for entries in (*scenario.values(), *schedule.values()):
        if isinstance(entries, list):
            named |= {e["id"] for e in entries if isinstance(e, dict) and "id" in e}
    assert fault.subject in named
    assert any(re.search(rf"\b{re.escape(name)}\b", fault.message) for name in named)


@EVERY_RULE
def test_the_model_refuses_the_witness_because_of_this_rule_alone(rule: Rule) -> None:
    scenario, schedule = witness(rule)
    here = read(scenario)
    assert held(here, plan(schedule, here)) in ("INFEASIBLE", "NOT EXPRESSIBLE")
    with without(rule) as others:
        here = read(scenario)  # a clinic remembers what its rules said of candidates
        alone = held(here, plan(schedule, here), rules=others)
    assert alone == ("NOT EXPRESSIBLE" if rule.key in WITHOUT_WORDS else "OPTIMAL")


@EVERY_RULE
def test_what_one_candidate_decides_is_refused_before_any_model(rule: Rule) -> None:
    """This rule alone forbids candidates of the witness; if it forbids none, it posts."""
    scenario, schedule = witness(rule)
    here = read(scenario)
    ledger = Ledger(here, plan(schedule, here))
    said = {key for candidate in candidates(ledger) for key, _ in reasons(candidate, here)}
    assert said <= {rule.key}
    if not said and rule.key != "as_it_was":
        assert type(rule).post is not Rule.post
        assert held(here, plan(schedule, here)) == "INFEASIBLE"


@EVERY_RULE
def test_a_rule_that_judges_candidates_says_so(rule: Rule) -> None:
    assert bool(rule.judges) == (type(rule).forbids is not Rule.forbids)


def candidates(ledger: Ledger) -> list[Candidate]:
    """Everything in a schedule that a rule may judge alone."""
    found: list[Candidate] = []
    for section in ledger.sections.values():
        found += _of_section(ledger.clinic, section)
    for appointment in ledger.appointments.values():
        found += _of_appointment(ledger.clinic, appointment)
    return found


def _of_section(clinic: Clinic, s: Running) -> list[Candidate]:
    group = clinic.groups[s.group]
    starts = {m.start for m in s.meetings}
    continues = s.id if s.id in clinic.baseline_sections else None
    found: list[Candidate] = [Opening(s.group, s.days, start, continues) for start in starts]
    for p, remote in s.members.items():
        found.append(Joining(p, s.group, remote))
        found += [Pairing(p, t, True) for t in s.leaders]
    for m in s.held():
        day = DAY_NUMBER[m.day]
        found.append(Gathering(s.group, day, m.start))
        if m.room is not None:
            found.append(Housing(m.room, s.group, None, day, m.start))
        for place, t in enumerate(s.leaders_at(m)):
            roomless = group.modality == "telehealth"
            found.append(Leading(t, s.group, place, day))
            found.append(Working(t, roomless, day, m.start, group.minutes))
        for p, remote in s.members.items():
            if day in clinic.stay[p]:
                by_video = clinic.member_remote(group, remote)
                found.append(Attending(p, False, by_video, day, m.start, group.minutes))
    return found


def _of_appointment(clinic: Clinic, a: Appointment) -> list[Candidate]:
    day, service = DAY_NUMBER[a.day], clinic.services[a.service]
    family = service.format == "family"
    found: list[Candidate] = [
        Appointing(a.service, day, a.start),
        Receiving(a.patient, a.service, a.remote),
        Attending(a.patient, family, a.remote, day, a.start, service.minutes),
        Pairing(a.patient, a.therapist, False),
        Caring(a.therapist, a.service, day),
        Working(a.therapist, a.remote, day, a.start, service.minutes),
    ]
    if a.room is not None:
        found.append(Housing(a.room, None, a.service, day, a.start))
    return found


# ---------------------------------------------------------------- nothing depends on the order


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_the_rules_does_not_matter(seed: int) -> None:
    r = random.Random(seed)
    scenario = moves.with_baseline(r, randomness.scenario(r, tiny=True))
    here = read(scenario)
    plainly, otherwise = best(here), best(here, rules=r.sample(RULES, len(RULES)))
    assert plainly.status in ("OPTIMAL", "INFEASIBLE")
    assert (plainly.status, plainly.values) == (otherwise.status, otherwise.values)


@pytest.mark.parametrize("seed", range(12))
def test_what_strengthens_the_model_leaves_the_optimum(seed: int) -> None:
    r = random.Random(seed)
    scenario = randomness.scenario(r, tiny=True)
    for g in scenario["groups"]:
        g["max_sections"] = 2  # so that options have copies, whose order is what is strengthened
    here = read(scenario)
    with_it, without_it = best(here), best(here, stronger=False)
    assert with_it.status in ("OPTIMAL", "INFEASIBLE")
    assert (with_it.status, with_it.values) == (without_it.status, without_it.values)


# ---------------------------------------------------------------- checking needs no solver

CHECKS_WITHOUT_ORTOOLS = """
import sys
from importlib.abc import MetaPathFinder


class Blocked(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "ortools":
            raise ImportError(name + " is blocked")


sys.meta_path.insert(0, Blocked())
from solver.checker import check, measure
from tests.builders import plan, read
from tests.rules.test_room_fits import WITNESS

scenario, schedule = WITNESS
here = read(scenario)
week = plan(schedule, here)
print([v.rule for v in check(here, week)], measure(here, week)["staffing"])
assert "ortools" not in sys.modules
"""


def test_a_schedule_is_checked_where_there_is_no_solver() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHECKS_WITHOUT_ORTOOLS],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    # One leader for an hour, 60; ann 6 % and bob 0 %: 60.
    assert (done.stdout, done.stderr) == ("['room_fits'] 120\n", "")


def test_the_checker_names_all_rules_that_a_schedule_breaks() -> None:
    # A room too small, and then before opening and off the grid as well.
    scenario, schedule = witness(RULE["room_fits"])
    meeting = schedule["sections"][0]["meetings"][0] | {"start": "08:40"}
    several = schedule | {"sections": [schedule["sections"][0] | {"meetings": [meeting]}]}
    people = {"patient_available", "therapist_available"}
    found = broken(scenario, several)
    assert found == {"opening_hours", "on_grid", "room_fits", *people}
