"""What locks leave broken is mended, and said to be impossible only where it is."""

from __future__ import annotations

import copy
from functools import cache
from time import monotonic
from typing import Any

from solver.checker import check
from solver.clinic import Clinic
from solver.engine import Settings, solve
from solver.generate import generate
from solver.io.files import dump
from solver.ledger import Ledger
from solver.naming import name
from solver.pins import ids_kept, settled_ledger
from solver.rules import RULES
from solver.scenario import Scenario
from solver.search.mending import mended
from solver.search.neighbourhoods import Neighbourhood, loosen
from solver.search.placing import Placing
from solver.search.starts import Start
from solver.tiers import tiers_of
from solver.validation import read_scenario
from tests import reference_checker

RULES_OF_A_WEEK = tuple(r for r in RULES if r.key != "strict")


def scenario_of(data: dict[str, Any]) -> Scenario:
    return read_scenario(copy.deepcopy(data))[0]


@cache
def admitted_last_week() -> tuple[dict[str, Any], str]:
    """A week whose baseline serves a waiting patient whole, kept by a lock in one section only."""
    data = generate(20, 4, 0.8)
    clinic = Clinic(scenario_of(data))
    week = Start(clinic, monotonic() + 60).greedy()
    data["baseline"] = dump(name(clinic, week.schedule()))
    for section in data["baseline"]["sections"]:
        for p in section["members"]:
            waits = copy.deepcopy(data)
            next(x for x in waits["patients"] if x["id"] == p)["status"] = "waitlist"
            waits["locks"] = [{"section": section["id"]}]
            whole = Ledger(Clinic(scenario_of(waits)), week.schedule())
            if not [v for v in check(whole.clinic, whole) if v.subject == p]:
                return waits, p
    raise AssertionError("the first week serves nobody whole: another seed is needed")


def test_a_waiting_patient_kept_by_a_lock_is_served_whole() -> None:
    data, _ = admitted_last_week()
    clinic = Clinic(scenario_of(data))
    locked = settled_ledger(clinic)
    assert {v.rule for v in check(clinic, locked)} == {"waitlist"}
    week = mended(
        clinic, locked, tiers_of(clinic.scenario.policy)[0], RULES_OF_A_WEEK, 1, monotonic() + 60
    )
    assert week is not None
    assert check(clinic, week) == []
    assert set(week.sections[data["locks"][0]["section"]].members) >= set(
        clinic.baseline_sections[data["locks"][0]["section"]].members
    )


def test_the_engine_mends_what_no_first_week_gets_right(monkeypatch: Any) -> None:
    data, _ = admitted_last_week()
    monkeypatch.setattr(
        "solver.engine.first_schedules", lambda clinic, deadline: [settled_ledger(clinic)]
    )
    result = solve(scenario_of(data), Settings(time_limit=20))
    assert result.schedule is not None
    assert reference_checker.violations(data, dump(result.schedule)) == []


def test_a_waiting_patient_whom_no_week_holds_makes_it_infeasible() -> None:
    data, patient = copy.deepcopy(admitted_last_week())
    section = next(
        s for s in data["baseline"]["sections"] if s["id"] == data["locks"][0]["section"]
    )
    meets = {m["day"] for m in section["meetings"]}
    other = sorted({"mon", "tue", "wed", "thu", "fri", "sat", "sun"} - meets)
    mine = next(p for p in data["patients"] if p["id"] == patient)
    free = [w for m in section["meetings"] for w in around(m)]
    whole = [{"days": other, "start": "00:00", "end": "24:00"}] if other else []
    mine["commitments"] = [{"label": "away", "windows": whole + free}]
    result = solve(scenario_of(data), Settings(time_limit=20))
    assert result.status == "infeasible"
    assert any(patient in reason and "waits" in reason for reason in result.reasons)


def around(meeting: dict[str, Any]) -> list[dict[str, Any]]:
    """The day but for the three hours from the meeting's start."""
    hour = int(meeting["start"][:2])
    return [
        {"days": [meeting["day"]], "start": "00:00", "end": meeting["start"]},
        {
            "days": [meeting["day"]],
            "start": f"{hour + 3:02d}:{meeting['start'][3:]}",
            "end": "24:00",
        },
    ]


def test_who_joined_a_locked_section_may_leave_it_again() -> None:
    """Regression: a waiting patient seated in a locked section stayed there, short, for good."""
    data, kept = admitted_last_week()
    clinic = Clinic(scenario_of(data))
    section = data["locks"][0]["section"]
    outside = [p for p in clinic.patients if p not in clinic.baseline_sections[section].members]
    for way in ("clear", "loosen"):
        ledger = settled_ledger(clinic)
        ledger.join(section, outside[0], False)
        if way == "clear":
            placing = Placing(ledger)
            for p in (outside[0], kept):
                placing.clear(p, ids_kept(clinic))
        else:
            what = Neighbourhood(patients={outside[0], kept})
            ledger, _ = loosen(ledger, what, ids_kept(clinic))
        assert outside[0] not in ledger.sections[section].members
        assert kept in ledger.sections[section].members
