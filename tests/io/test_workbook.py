"""A scenario as a workbook or as CSV files and back: the same scenario, whatever stands in it."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.io.files import load_scenario
from solver.io.tables import (
    export_scenario_csv,
    export_scenario_workbook,
    import_csv,
    import_workbook,
)
from solver.io.tables.cells import Sheet
from solver.io.tables.layout import tables
from solver.io.tables.lists import plain_text
from solver.io.tables.reading import read_sheets
from solver.io.tables.writing import filled
from solver.scenario import Policy, Scenario
from solver.validation import read_scenario
from tests import moves, randomness
from tests.io.workbooks import EVERY_FIELD, ROOT, every_field, own_words, renamed, workbook

READY = sorted((ROOT / "scenarios").glob("*.json"))
EVERY_TEST_WEEK = [ROOT / "tests/data/every-field.json", *READY]
STRANGE = [
    '"', "'", ",", ";", ":", "=", "+", "-", "@", " ", "\t", "\n", "\r", "\\", "_x0041_", "e.g. ",
    " or ", " until ", "never", "none", "any", "anyone", "#N/A", "\x01", "\x7f", "\u2028", "\ufeff",
    "\ufffe", "\u00a0", "é", "😀", "<b>&amp;", "1", "007", "2026-01-05", "TRUE", "a",
]  # fmt: skip
WORDS = sorted(own_words(EVERY_FIELD))


def sheets_of(scenario: Scenario) -> list[Sheet]:
    """The filled sheets without any file: what a CSV file would have, cell by cell."""
    sheets = []
    for table in tables():
        rows = [
            [plain_text(v) if v is not None else "" for v in r]
            for r in filled(scenario)[table.path]
        ]
        headings = [column.heading for column in table.columns]
        grid = zip(headings, rows[0], strict=True) if table.is_form else [headings, *rows]
        cells: dict[int, dict[int, Any]] = {
            number: {at: cell for at, cell in enumerate(row, start=1) if cell}
            for number, row in enumerate(grid, start=1)
        }
        sheets.append(Sheet(table.title, cells))
    return sheets


@pytest.mark.parametrize("path", EVERY_TEST_WEEK, ids=lambda p: p.stem)
def test_a_scenario_exported_and_imported_is_the_same(path: Path, tmp_path: Path) -> None:
    scenario, notices = load_scenario(path)
    export_scenario_workbook(scenario, tmp_path / "week.xlsx")
    export_scenario_csv(scenario, tmp_path / "week")
    read, said = import_workbook((tmp_path / "week.xlsx").read_bytes())
    assert read == scenario
    assert [notice.message for notice in said] == [notice.message for notice in notices]
    assert all("!" in notice.place for notice in said)
    read, said = import_csv(tmp_path / "week")
    assert read == scenario
    assert [notice.message for notice in said] == [notice.message for notice in notices]


@pytest.mark.parametrize("seed", range(12))
def test_random_weeks_come_back(seed: int) -> None:
    r = random.Random(seed)
    document = randomness.scenario(r, tiny=seed % 3 == 0)
    if seed % 2:
        document = moves.with_baseline(r, document)
    scenario, _ = read_scenario(document)
    assert read_sheets(sheets_of(scenario), by_file=False)[0] == scenario
    assert import_workbook(workbook(scenario))[0] == scenario


def strange_week(seed: int) -> Scenario:
    """The week of every field in which everything is called otherwise."""
    r = random.Random(seed)
    names: set[str] = set()
    while len(names) < len(WORDS):
        names.add("".join(r.choices(STRANGE, k=r.randint(1, 4))))
    pairs = zip(WORDS, sorted(names, key=lambda _: r.random()), strict=True)
    return read_scenario(renamed(EVERY_FIELD, dict(pairs)))[0]


SEEDS = st.integers(0, 2**32)


@settings(max_examples=50, deadline=None)
@given(seed=SEEDS)
def test_any_name_comes_back_from_cells(seed: int) -> None:
    scenario = strange_week(seed)
    assert read_sheets(sheets_of(scenario), by_file=False)[0] == scenario


@settings(max_examples=6, deadline=None)
@given(seed=SEEDS)
def test_any_name_comes_back_from_a_workbook(seed: int) -> None:
    scenario = strange_week(seed)
    assert import_workbook(workbook(scenario))[0] == scenario


@settings(max_examples=12, deadline=None)
@given(seed=SEEDS)
def test_any_name_comes_back_from_csv(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    scenario = strange_week(seed)
    folder = tmp_path_factory.mktemp("csv") / "week"
    export_scenario_csv(scenario, folder)
    assert import_csv(folder)[0] == scenario


GOALS = st.sampled_from(["unmet_care", "short_days", "turned_away", "burden", "staffing"])


@settings(max_examples=25, deadline=None)
@given(
    tiers=st.lists(GOALS, unique=True).flatmap(
        lambda goals: st.lists(st.integers(0, 5), min_size=len(goals), max_size=len(goals)).map(
            lambda tier_of: [
                [goal for goal, at in zip(goals, tier_of, strict=True) if at == tier]
                for tier in range(max(tier_of, default=-1) + 1)
            ]
        )
    ),
    weights=st.dictionaries(GOALS, st.integers(0, 1_000_000)),
    tolerances=st.dictionaries(GOALS, st.floats(0, allow_nan=False, allow_infinity=False)),
    strict=st.lists(GOALS),
)
def test_any_policy_comes_back(**policy: Any) -> None:
    scenario = every_field().model_copy(update={"policy": Policy.model_validate(policy)})
    assert read_sheets(sheets_of(scenario), by_file=False)[0] == scenario


@settings(max_examples=20, deadline=None)
@given(
    money=st.floats(0, 1e9, allow_nan=False),
    share=st.floats(0, 1, allow_nan=False),
    first=st.dates(),
    travel=st.integers(0, 1440),
)
def test_any_number_and_date_comes_back(
    money: float, share: float, first: Any, travel: int
) -> None:
    week = every_field()
    patient = week.patients[0]
    commitment = patient.commitments[0].model_copy(update={"travel_minutes": travel})
    update = {"first_date": first, "last_date": None, "show_rate": share, "minutes_per_week": None}
    patient = patient.model_copy(update=update | {"commitments": (commitment,)})
    therapist = week.therapists[0].model_copy(update={"cost_per_hour": money})
    scenario = week.model_copy(
        update={
            "patients": (patient, *week.patients[1:]),
            "therapists": (therapist, *week.therapists[1:]),
        }
    )
    assert read_sheets(sheets_of(scenario), by_file=False)[0] == scenario


def test_numbers_and_dates_that_a_workbook_would_round_or_shift() -> None:
    week = every_field()
    update = {"cost_per_hour": 0.1 + 0.2, "absence_rate": 5e-324}
    therapist = week.therapists[0].model_copy(update=update)
    patient = week.patients[0].model_copy(update={"first_date": None})
    old = patient.model_copy(update={"first_date": week.week_start.replace(year=1899)})
    scenario = week.model_copy(
        update={
            "therapists": (therapist, *week.therapists[1:]),
            "patients": (old, *week.patients[1:]),
        }
    )
    assert import_workbook(workbook(scenario))[0] == scenario


def test_what_is_left_out_and_what_is_empty_are_two_things() -> None:
    week = every_field()
    entries: dict[str, Any] = {
        "minutes_per_week": {}, "days_per_week": {"min": 0}, "rolling_sessions": {}, "authorized": {},
        "availability": [], "family_availability": [],
    }  # fmt: skip
    document = {
        **EVERY_FIELD,
        "patients": [{**EVERY_FIELD["patients"][0], **entries}, *EVERY_FIELD["patients"][1:]],
    }
    document["baseline"] = {**EVERY_FIELD["baseline"]}
    section = EVERY_FIELD["baseline"]["sections"][0]
    meetings = [{**section["meetings"][0], "leaders": []}, section["meetings"][1]]
    document["baseline"]["sections"] = [{**section, "meetings": meetings}]
    scenario, _ = read_scenario(document)
    assert scenario.patients[0].minutes_per_week != week.patients[1].minutes_per_week
    assert import_workbook(workbook(scenario))[0] == scenario
    assert read_sheets(sheets_of(scenario), by_file=False)[0] == scenario
