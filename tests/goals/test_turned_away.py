"""Waiting patients not admitted."""

from __future__ import annotations

from tests.builders import clinic, patient, values, visit, week


def test_priorities_of_those_who_go_on_waiting_are_added_up() -> None:
    # kim (4) and lee (1 by default) wait; sam (5) is admitted, pat is no waiting patient.
    scenario = clinic(
        patients=[
            patient("pat", priority=5),
            patient("sam", status="waitlist", priority=5),
            patient("kim", status="waitlist", priority=4),
            patient("lee", status="waitlist"),
        ]
    )
    there = week(visit("sam"), not_admitted=["kim", "lee"])
    assert values(scenario, there)["turned_away"] == 4 + 1


def test_one_session_is_admission() -> None:
    scenario = clinic(patients=[patient("pat", status="waitlist")])
    scenario["services"][1]["clinical_minutes"] = 0
    assert values(scenario, week(visit()))["turned_away"] == 0
    assert values(scenario, week(not_admitted=["pat"]))["turned_away"] == 1
