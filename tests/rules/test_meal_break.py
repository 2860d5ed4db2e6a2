"""Long days have a meal break."""

from __future__ import annotations

import pytest

from tests.builders import (
    Json,
    broken,
    clinic,
    only_fault,
    therapist,
    visit,
    week,
    window,
)


def with_meal(minutes: int = 30, start: str = "12:00", end: str = "13:00", grid: int = 15) -> Json:
    """ann's meal; a grid of 15 minutes and a clinic open from nine to five."""
    return clinic(
        grid_minutes=grid,
        opening_hours=window("09:00", "17:00"),
        therapists=[therapist("ann", meal={"minutes": minutes, "between": [start, end]})],
    )


def day_of(*times: str, days: str = "mon") -> Json:
    """Half an hour of ann's at each time."""
    return week(*(visit(day=d, start=t, name=f"a-{d}-{t}") for d in days.split() for t in times))


WITNESS = (with_meal(), day_of("11:45", "12:30"))


def test_a_day_without_a_break_is_named() -> None:
    # Busy 11:45-12:15 and 12:30-13:00: a quarter of an hour is free, half an hour is due.
    fault = only_fault(*WITNESS)
    assert (fault.rule, fault.subject, fault.amount) == ("meal_break", "ann", 15)
    assert fault.message == "ann has 15 of 30 minutes for a meal on mon"


@pytest.mark.parametrize(
    ("times", "lawful"),
    [
        (["11:30", "13:00"], True),  # the whole hour is free
        (["11:30", "12:00", "12:30"], False),  # to the minute from before the span to its end
        (["12:00", "12:30"], False),  # begins with the span and ends with it
        (["12:15", "12:45"], True),  # begins inside the span: no long day
        (["11:30", "12:00"], True),  # ends inside the span
        (["11:45", "12:45"], True),  # half an hour between
        (["11:45", "12:15", "13:00"], False),  # a quarter of an hour in a row
        (["09:00", "12:15", "15:00"], False),  # 15 and 15 minutes, not in a row
        (["09:00"], True),
        (["14:00"], True),
    ],
)
def test_days_that_span_the_meal_have_a_break_in_it(times: list[str], lawful: bool) -> None:
    assert broken(with_meal(), day_of(*times)) == (set() if lawful else {"meal_break"})


def test_each_day_is_judged_alone() -> None:
    two_days = week(
        *day_of("09:00", "12:15", days="mon")["appointments"],
        *day_of("13:00", days="tue")["appointments"],
    )
    assert broken(with_meal(), two_days) == set()


def test_free_means_whole_cells() -> None:
    # The span 12:10-12:50 holds the cells of 12:15 and 12:30: half an hour at most.
    assert broken(with_meal(30, "12:10", "12:50"), day_of("11:30", "13:00")) == set()
    assert broken(with_meal(40, "12:10", "12:50"), day_of("11:30", "13:00")) == {"meal_break"}


@pytest.mark.parametrize(
    ("times", "lawful"),
    [
        (["12:15", "13:00"], True),  # begins after 12:10
        (["11:30", "12:15"], True),  # ends at 12:45, before 12:50
        (["11:30", "12:30"], False),  # ends at 13:00
        (["12:00", "12:30"], False),  # begins at 12:00
    ],
)
def test_a_span_off_the_grid_is_spanned_by_its_minutes(times: list[str], lawful: bool) -> None:
    found = broken(with_meal(40, "12:10", "12:50"), day_of(*times))
    assert found == (set() if lawful else {"meal_break"})


def test_others_need_no_break() -> None:
    scenario = with_meal()
    scenario["therapists"].append(therapist("bob"))
    busy = week(
        *(visit(therapist="bob", start=t, name=f"a-{t}") for t in ("11:30", "12:00", "12:30"))
    )
    assert broken(scenario, busy) == set()
