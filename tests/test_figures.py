"""The week in figures: each one derived by hand."""

from __future__ import annotations

import pytest

from solver.report.figures import Use, billable_days, figures
from solver.scenario import Authorized
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
    therapist,
    visit,
    week,
    window,
)


def of(scenario: Json, *entries: Json):  # type: ignore[no-untyped-def]
    here = read(scenario)
    return figures(here, plan(week(*entries), here))


def test_care_days_and_the_waiting_list() -> None:
    scenario = clinic(
        programs=[
            program(
                minutes_per_week={"min": 90},
                attended_day_minutes={"min": 60},
                quotas=[quota("talk"), quota("solo", 1)],
            )
        ],
        patients=[patient("pat"), patient("sam"), patient("wes", status="waitlist")],
    )
    found = of(
        scenario,
        section(["pat", "sam"]),
        visit("pat", "bob", "tue", "09:00"),
        visit("wes", "bob", "wed", "09:00", name="b"),
    )
    assert (found.active, found.served, found.waiting, found.admitted) == (2, 1, 1, 1)
    assert (found.minutes, found.minutes_due) == (90 + 60, 180)
    # Monday is long enough for both; the half hours of Tuesday and Wednesday are not.
    assert (found.attended, found.paid) == (4, 2)


def test_use_by_part_of_the_day_counts_open_hours_only() -> None:
    scenario = clinic(
        opening_hours=window("10:00", "13:00", "mon"),
        rooms=[room("big", 4), room("small", 1, availability=window("08:00", "11:00", "mon"))],
        therapists=[
            therapist("ann", availability=window("11:00", "13:00", "mon")),
            therapist("bob"),
        ],
    )
    found = of(scenario, section(["pat"], meeting("mon", "11:30")))
    # big 10-13, small 10-11; ann 11-13, bob 10-13; the meeting is 11:30-12:30.
    assert found.rooms == (Use("morning", 30, 180), Use("afternoon", 30, 60), Use("evening", 0, 0))
    assert found.staff == (Use("morning", 30, 180), Use("afternoon", 30, 120), Use("evening", 0, 0))
    assert found.rooms[2].share is None


def test_cost_is_of_hours_on_duty_and_of_hours_in_session() -> None:
    scenario = clinic(
        therapists=[
            therapist("ann", cost_per_hour=40.0, availability=window("09:00", "11:00", "mon")),
            therapist("bob", cost_per_hour=50.0),
            therapist("cy"),
        ]
    )
    found = of(scenario, section(["pat"]), visit("sam", "bob", "tue", "09:00")).money
    assert found.staff_cost == 40 * 2 + 50 * 15
    assert found.session_cost == 40 * 1 + 50 * 0.5
    assert found.without_cost == 1
    assert found.revenue is None
    assert found.margin is None


def test_without_any_price_there_is_no_cost() -> None:
    found = of(clinic()).money
    assert (found.staff_cost, found.session_cost, found.without_cost) == (None, None, 2)


def paying(**authorized: object) -> Json:
    return clinic(
        programs=[program(per_diem=100.0, attended_day_minutes={"min": 60})],
        groups=[group(max_sections=3, per_patient=3)],
        patients=[patient("pat", authorized=authorized), patient("sam")],
    )


MORNINGS = [section(["pat"], meeting(day, "09:00"), name=day) for day in ("mon", "tue", "wed")]


@pytest.mark.parametrize(
    ("authorized", "billed"),
    [
        ({}, 3),
        ({"days": 2}, 2),
        ({"days": 0}, 0),
        ({"sessions": 2}, 2),
        ({"until": "2026-01-06"}, 2),
        ({"until": "2026-01-04"}, 0),
        ({"days": 2, "until": "2026-01-05"}, 1),
    ],
)
def test_revenue_is_of_paid_days_within_what_is_authorized(
    authorized: dict[str, object], billed: int
) -> None:
    found = of(paying(**authorized), *MORNINGS).money
    assert (found.billed_days, found.unbilled_days) == (billed, 3 - billed)
    assert found.revenue == 100.0 * billed


def test_a_short_day_uses_up_sessions_but_no_days() -> None:
    here = read(paying())
    entries = [*MORNINGS[1:], visit("pat", "bob", "mon", "09:00")]
    held = figures(here, plan(week(*entries), here)).money
    assert (held.billed_days, held.unbilled_days) == (2, 0)
    two_sessions = of(paying(sessions=2), *entries).money
    assert (two_sessions.billed_days, two_sessions.unbilled_days) == (1, 1)
    two_days = of(paying(days=2), *entries).money
    assert two_days.billed_days == 2


def test_nothing_is_billed_of_no_paid_day() -> None:
    assert billable_days(read(clinic()), [], [], Authorized(days=3)) == ()
