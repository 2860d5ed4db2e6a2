"""What buys nothing goes back to what people had: alone, or with what has to come with it."""

from __future__ import annotations

from typing import Any

from solver.ledger import Ledger
from solver.rebalance.before import falls_out
from solver.rebalance.bought import bundles
from solver.rebalance.keeping import changes
from solver.rebalance.sparing import spared
from solver.rules import RULES
from solver.tiers import tiers_of
from tests.builders import (
    Json,
    before,
    group,
    meeting,
    patient,
    plan,
    program,
    quota,
    read,
    room,
    section,
    visit,
    week,
)
from tests.test_rebalance import crowded

OPTIONAL = program(
    minutes_per_week={"min": 0}, quotas=[quota("solo", 0, 2), quota("talk", 0), quota("kin", 0)]
)
TWO = [patient("pat"), patient("kim")]


def after(scenario: Json, new: Json, late: bool = False) -> Ledger:
    clinic = read(scenario)
    ledger = Ledger(clinic, plan(new, clinic))
    ledger.not_admitted = None
    assert clinic.baseline is not None
    old = falls_out(clinic, clinic.baseline)
    return spared(clinic, ledger, RULES, tiers_of(clinic.scenario.policy), old, lambda: late)


def had(*entries: Json, **facts: Any) -> Json:
    return crowded(patients=TWO, programs=[OPTIONAL], baseline=before(*entries), **facts)


def starts(ledger: Ledger) -> dict[str, int]:
    return {a.patient: a.start for a in ledger.appointments.values()}


EARLY, NEXT = visit("pat", start="09:00"), visit("kim", start="09:30", name="b")
SWAPPED = week(visit("pat", start="09:30"), visit("kim", start="09:00", name="b"))


def test_two_who_traded_places_for_nothing_trade_back() -> None:
    # One room: neither can go back alone.
    found = after(had(EARLY, NEXT), SWAPPED)
    assert starts(found) == {"pat": 540, "kim": 570}
    assert changes(found.clinic, found) == 0


def test_what_is_added_and_wanted_by_nobody_is_left_out() -> None:
    found = after(had(EARLY), week(EARLY, NEXT))
    assert starts(found) == {"pat": 540}


def test_what_was_due_stays_added() -> None:
    due = program(minutes_per_week={"min": 0}, quotas=[quota("solo", 1, 2)])
    found = after(crowded(patients=TWO, programs=[due], baseline=before(EARLY)), week(EARLY, NEXT))
    assert starts(found) == {"pat": 540, "kim": 570}


def test_where_the_time_is_over_the_week_stays_as_it_is() -> None:
    found = after(had(EARLY, NEXT), SWAPPED, late=True)
    assert starts(found) == {"pat": 570, "kim": 540}


def test_what_cannot_be_taken_back_says_which_rule_forbids_it() -> None:
    # Two members are the least; with one of them there was no legal week.
    pairs = group("cbt", size={"min": 2, "max": 8}) | {"name": "Coping Skills"}
    meets = meeting("mon", "09:00")
    clinic = read(had(section(["pat"], meets), groups=[pairs], rooms=[room("big", 4)]))
    ledger = Ledger(clinic, plan(week(section(["pat", "kim"], meets)), clinic))
    ledger.not_admitted = None
    assert clinic.baseline is not None
    tiers, old = tiers_of(clinic.scenario.policy), falls_out(clinic, clinic.baseline)
    for late in (False, True):
        [bundle] = bundles(clinic, ledger, RULES, tiers, old, lambda late=late: late)  # type: ignore[misc]
        assert not bundle.gains
        assert any("2" in why for why in bundle.reasons), bundle
