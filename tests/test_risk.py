"""Simulated weeks against what can be worked out exactly: binomials, convolutions, enumeration."""

from __future__ import annotations

from itertools import product
from math import comb, prod
from time import monotonic

import pytest

from solver.clinic import Clinic
from solver.generate import generate
from solver.ledger import Ledger
from solver.risk import Estimate, PatientRisk, Rates, Risk, simulate
from solver.risk.weeks import events_of
from solver.search.starts import first_schedules
from solver.validation import read_scenario
from tests.builders import (
    Json,
    clinic,
    group,
    meeting,
    patient,
    plan,
    program,
    read,
    section,
    therapist,
    visit,
    week,
)

WEEKS = 4000
NEVER_AWAY = Rates(show=0.8, absence=0.0)


def near(estimate: Estimate, exact: float) -> None:
    """Within four and a half standard errors: one sound test in 100,000 fails."""
    assert abs(estimate.value - exact) <= 4.5 * estimate.error + 1e-9, (estimate, exact)


def lived(scenario: Json, schedule: Json, **how: object) -> Risk:
    here = read(scenario)
    asked = {"weeks": WEEKS, "seed": 3, "rates": NEVER_AWAY, "most_offers": 0} | how
    return simulate(here, plan(schedule, here), **asked)  # type: ignore[arg-type]


def of(risk: Risk, who: str) -> PatientRisk:
    return next(p for p in risk.outcome.patients if p.patient == who)


def hourly(least: int, **facts: object) -> Json:
    """A program that asks for some minutes a week and pays a day from an hour on."""
    return program(minutes_per_week={"min": least}, attended_day_minutes={"min": 60}, **facts)


def days(*names: str, least: int = 1) -> tuple[Json, Json]:
    """Pat's group meets on some days, an hour each."""
    scenario = clinic(
        programs=[hourly(60 * least)],
        groups=[group(meetings_per_week=len(names), day_patterns=[list(names)])],
        patients=[patient("pat", show_rate=0.7), patient("sam")],
    )
    return scenario, week(section(["pat"], *(meeting(d, "09:00") for d in names)))


@pytest.mark.parametrize(("least", "of_days"), [(1, 1), (1, 3), (2, 3), (3, 3), (3, 4), (2, 5)])
def test_reaching_the_minimum_is_binomial(least: int, of_days: int) -> None:
    risk = lived(*days(*["mon", "tue", "wed", "thu", "fri"][:of_days], least=least))
    exact = sum(comb(of_days, k) * 0.7**k * 0.3 ** (of_days - k) for k in range(least, of_days + 1))
    pat = of(risk, "pat")
    near(pat.reaches, exact)
    near(pat.paid_days, 0.7 * of_days)
    near(pat.minutes, 60 * 0.7 * of_days)
    assert (pat.planned_minutes, pat.planned_paid_days) == (60 * of_days, of_days)


def test_who_has_nothing_planned_never_reaches_a_minimum() -> None:
    risk = lived(*days("mon"))
    sam = of(risk, "sam")
    assert (sam.reaches.value, sam.minutes.value, sam.paid_days.value) == (0, 0, 0)
    assert sam.reaches.error > 0  # weeks that were not seen may still hold something
    assert risk.outcome.totals.planned_reaching == 1


def test_a_patient_stays_away_for_the_whole_day() -> None:
    scenario = clinic(programs=[hourly(90)], patients=[patient("pat", show_rate=0.6)])
    risk = lived(scenario, week(section(["pat"]), visit("pat", "bob", "mon", "11:00")))
    near(of(risk, "pat").reaches, 0.6)  # not 0.36


@pytest.mark.parametrize("leaders", [1, 2])
def test_a_meeting_falls_out_when_all_its_leaders_are_away(leaders: int) -> None:
    names = ["ann", "bob"][:leaders]
    scenario = clinic(
        programs=[hourly(60)],
        groups=[group(leaders=[{"credentials": ["lcsw"]}] * leaders)],
        therapists=[therapist("ann", absence_rate=0.3), therapist("bob", absence_rate=0.4)],
        patients=[patient("pat", show_rate=1.0)],
    )
    risk = lived(scenario, week(section(["pat"], leaders=names)))
    away = prod([0.3, 0.4][:leaders])
    near(risk.outcome.meetings[0].falls_out, away)
    near(of(risk, "pat").reaches, 1 - away)


def test_a_group_without_a_leaders_place_always_meets() -> None:
    scenario = clinic(groups=[group(leaders=[])], patients=[patient("pat")])
    risk = lived(scenario, week(section(["pat"], leaders=[])), rates=Rates(0.5, 1.0))
    assert risk.outcome.meetings[0].falls_out.value == 0


def test_an_appointment_needs_its_own_therapist() -> None:
    scenario = clinic(
        programs=[program(minutes_per_week={"min": 30})],
        therapists=[therapist("ann", absence_rate=0.25), therapist("bob", absence_rate=0.0)],
        patients=[patient("pat", show_rate=0.9)],
    )
    for substitutes in (False, True):
        risk = lived(scenario, week(visit()), substitutes=substitutes)
        near(of(risk, "pat").reaches, 0.9 * 0.75)


def test_substitutes_take_what_they_are_free_for() -> None:
    """Bob may take Ann's group on Monday, but not two at once, and not without the credential."""
    scenario = clinic(
        groups=[
            group(max_sections=2, per_patient=2),
            group("art", leaders=[{"credentials": ["at"]}]),
        ],
        rooms=[{"id": r, "name": r, "capacity": 4} for r in ("big", "wide", "small")],
        therapists=[
            therapist("ann", absence_rate=0.5),
            therapist("eve", absence_rate=0.5),
            therapist("art", credentials=["at"], absence_rate=0.5),
            therapist("bob", absence_rate=0.2),
        ],
        patients=[patient("pat"), patient("sam")],
    )
    schedule = week(
        section(["pat"]),
        section(["sam"], meeting("mon", "09:00", "wide"), name="t", leaders=["eve"]),
        section(["sam"], meeting("mon", "10:00"), name="u", of="art", leaders=["art"]),
    )
    alone = {m.section: m for m in lived(scenario, schedule).outcome.meetings}
    assert all(m.falls_out.value > 0.45 for m in alone.values())
    helped = {m.section: m for m in lived(scenario, schedule, substitutes=True).outcome.meetings}
    near(helped["s"].falls_out, 0.5 * 0.2)
    near(helped["t"].falls_out, 0.5 * (0.2 + 0.8 * 0.5))  # bob is away, or has taken the other
    near(helped["u"].falls_out, 0.5)


def test_too_few_members_is_a_poisson_binomial() -> None:
    rates = [0.5, 0.7, 0.9, 0.8]
    scenario = clinic(
        groups=[group(size={"min": 3, "max": 4})],
        patients=[patient(f"p{n}", show_rate=rate) for n, rate in enumerate(rates)],
    )
    risk = lived(scenario, week(section([f"p{n}" for n in range(4)])))
    counts = [1.0]
    for rate in rates:
        counts = [
            (counts[k] * (1 - rate) if k < len(counts) else 0) + (counts[k - 1] * rate if k else 0)
            for k in range(len(counts) + 1)
        ]
    (only,) = risk.outcome.meetings
    near(only.too_few, sum(counts[:3]))
    near(only.come, sum(rates))
    assert (only.due, only.least) == (4, 3)


def test_everything_due_is_more_than_minutes() -> None:
    asked = program(
        minutes_per_week={"min": 60},
        days_per_week={"min": 2},
        quotas=[{"service": "talk", "min": 2}, {"service": "solo", "min": 1}],
    )
    scenario = clinic(
        programs=[asked],
        groups=[group(meetings_per_week=2, day_patterns=[["mon", "wed"]])],
        patients=[patient("pat", show_rate=0.6)],
    )
    schedule = week(
        section(["pat"], meeting("mon", "09:00"), meeting("wed", "09:00")),
        visit("pat", "bob", "fri"),
    )
    pat = of(lived(scenario, schedule), "pat")
    near(pat.reaches, 1 - 0.4**2)
    near(pat.has_all, 0.6**3)


def test_revenue_stays_within_what_is_authorised() -> None:
    def brought(**authorized: object) -> Estimate:
        scenario, schedule = days("mon", "wed", "fri")
        scenario["programs"][0]["per_diem"] = 100.0
        scenario["patients"] = [patient("pat", show_rate=0.5, authorized=authorized)]
        revenue = lived(scenario, schedule).outcome.totals.revenue
        assert revenue is not None
        return revenue

    near(brought(), 150)
    near(brought(until="2026-01-07"), 100)
    near(brought(until="2026-01-01"), 0)
    near(brought(days=1), 100 * (1 - 0.5**3))
    near(brought(sessions=2), 100 * (3 * 0.5 - 0.5**3))


@pytest.mark.parametrize("seed", [1, 2])
def test_a_synthetic_clinic_agrees_with_convolutions(seed: int) -> None:
    here = Clinic(read_scenario(generate(14, seed))[0])
    schedule = first_schedules(here, monotonic() + 20)[0].schedule()
    risk = simulate(here, schedule, WEEKS, seed, most_offers=0)
    ledger = Ledger(here, schedule)
    for estimated in risk.outcome.patients:
        p = estimated.patient
        needs = here.needs[p]
        reached, paid = {0: 1.0}, 0.0
        for day in range(7):
            of_day = _day(ledger, p, day)
            reached = _sums(reached, of_day)
            paid += sum(
                chance
                for (minutes, sessions), chance in of_day.items()
                if sessions
                and minutes >= needs.day_minutes_min
                and sessions >= needs.day_sessions_min
            )
        near(estimated.reaches, sum(c for m, c in reached.items() if m >= needs.minutes_min))
        near(estimated.minutes, sum(m * c for m, c in reached.items()))
        near(estimated.paid_days, paid)


def _day(ledger: Ledger, p: str, day: int) -> dict[tuple[int, int], float]:
    """(minutes, sessions) of one patient's day -> chance, over everybody who may be away."""
    here, rates = ledger.clinic, Rates()
    mine = [e for e in events_of(ledger) if e.day == day and p in e.due]
    if not mine:
        return {(0, 0): 1.0}
    staff = sorted({t for e in mine for t in e.leaders})
    shows = rates.shows(here, p)
    out = {(0, 0): 1 - shows}
    for there in product([False, True], repeat=len(staff)):
        present = dict(zip(staff, there, strict=True))
        chance = shows * prod(
            1 - rates.away(here, t) if on else rates.away(here, t) for t, on in present.items()
        )
        had = [e for e in mine if not e.leaders or any(present[t] for t in e.leaders)]
        key = (sum(e.clinical for e in had), sum(e.clinical > 0 for e in had))
        out[key] = out.get(key, 0.0) + chance
    return out


def _sums(known: dict[int, float], day: dict[tuple[int, int], float]) -> dict[int, float]:
    out: dict[int, float] = {}
    for (minutes, chance), ((more, _), other) in product(known.items(), day.items()):
        out[minutes + more] = out.get(minutes + more, 0.0) + chance * other
    return out


def test_the_same_seed_is_the_same_luck_and_another_is_not() -> None:
    scenario, schedule = days("mon", "wed", least=2)
    first, again = lived(scenario, schedule), lived(scenario, schedule)
    assert first.document() == again.document()
    assert lived(scenario, schedule, seed=4).document() != first.document()


def test_luck_belongs_to_people_and_not_to_their_place_in_the_list() -> None:
    scenario, schedule = days("mon", "wed", least=2)
    before = of(lived(scenario, schedule), "pat")
    scenario["patients"] = [patient("new"), *reversed(scenario["patients"])]
    assert of(lived(scenario, schedule), "pat") == before
