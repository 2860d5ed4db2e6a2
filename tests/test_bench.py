"""The benchmark measures what it says: conversion, judging, contradictions, storing, ablation, report."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest
from ortools.sat.python import cp_model

from bench import __main__ as command
from bench import ablation, charts, rehab, report, studies, timefold_weeks, warm
from bench.judging import Run, better, contradictions, gap, judged, mean_gap
from bench.measured import Measured, milestones
from bench.mip import proto_of, solve_mip
from bench.plain_model import solve_plain
from bench.store import Machine, Store
from bench.studies import Row, Study
from bench.timefold_problem import Problem
from bench.ways import HAND, OURS, Way, answered
from bench.weeks import bundled, generated, make
from solver.checker import check, measure, tier_values
from solver.clinic import Clinic
from solver.search import improve, proving
from solver.search.rows import NotLinear, Rows
from solver.search.starts import Start
from solver.validation import read_scenario, read_schedule

SMALL = bundled("three-patients")
HERE = Machine("abc", "one", "a processor", 2, 8, "Linux", {"python": "3"})


def run(way: str, values: list[float], bounds: list[float | None] | None = None) -> Run:
    return Run(way, 1.0, 1.0, 10.0, values, bounds or [], [False] * len(values))


# -- the plain model as a MIP -------------------------------------------------------------------


def feasible(rows: Rows, values: tuple[int, ...]) -> bool:
    program = proto_of(rows)
    matrix = program.linear_constraint_matrix
    sums = [0.0] * len(program.linear_constraints.ids)
    for row, column, k in zip(matrix.row_ids, matrix.column_ids, matrix.coefficients, strict=True):
        sums[row] += k * values[column]
    limits = program.linear_constraints
    return all(
        low <= total <= high
        for low, total, high in zip(limits.lower_bounds, sums, limits.upper_bounds, strict=True)
    )


def test_rows_allow_exactly_what_the_constraints_allow() -> None:
    model = cp_model.CpModel()
    a, b, c = (model.new_bool_var(name) for name in "abc")
    n = model.new_int_var(0, 3, "n")
    model.add_at_most_one(a, b.negated(), c)
    model.add_implication(a, c.negated())
    model.add_bool_or(a, b, c.negated())
    model.add_bool_and(b, c).only_enforce_if(a.negated(), c)
    model.add(n + 2 * a >= 2).only_enforce_if(b)
    model.add(n <= 2).only_enforce_if(c, a.negated())
    rows = Rows(model)
    rows.take()
    assert rows.relaxed == 2
    for values in [(x, y, z, k) for x in (0, 1) for y in (0, 1) for z in (0, 1) for k in range(4)]:
        x, y, z, k = (*map(bool, values[:3]), values[3])
        allowed = (
            x + (not y) + z <= 1
            and not (x and z)
            and (x or y or not z)
            and (x or not z or (y and z))
            and (not y or k + 2 * x >= 2)
            and (not z or x or k <= 2)
        )
        assert feasible(rows, values) == allowed, values


def test_what_has_no_linear_form_is_refused() -> None:
    model = cp_model.CpModel()
    x, y = model.new_int_var(0, 3, "x"), model.new_int_var(0, 9, "y")
    model.add_multiplication_equality(y, [x, x])
    with pytest.raises(NotLinear, match="neither linear nor of literals"):
        Rows(model).take()


def test_the_mip_has_the_plain_models_optimum() -> None:
    data = make(SMALL).data
    mip, plain = solve_mip(data, 20.0), solve_plain(data, 20.0, workers=1)
    assert mip["status"] == plain["status"] == "optimal"
    assert [t["value"] for t in mip["tiers"]] == [t["value"] for t in plain["tiers"]]
    assert [t["bound"] for t in mip["tiers"]] == [t["bound"] for t in plain["tiers"]]


# -- judging ------------------------------------------------------------------------------------


def test_a_schedule_counts_only_if_the_checker_finds_nothing() -> None:
    data = make(SMALL).data
    costs = {"seconds": 1.0, "wall": 1.0, "memory": 1.0}
    answer = solve_plain(data, 20.0, workers=1) | costs
    assert judged(data, "plain", answer).values == [t["value"] for t in answer["tiers"]]
    answer["tiers"][0]["value"] -= 1
    assert "it says" in judged(data, "plain", answer).remarks[-1]
    for section in answer["schedule"]["sections"]:
        section["leaders"] = []
    broken = judged(data, "plain", answer)
    assert not broken.legal
    assert "group_size" in broken.violations
    answer["schedule"] = {"sections": 3}
    assert judged(data, "plain", answer).violations["file"] > 0


def test_a_bound_above_a_schedule_is_found() -> None:
    claims = run("one", [10, 5], [8, 4])
    assert not list(contradictions([("a", claims), ("b", run("two", [8, 9]))]))
    (said,) = contradictions([("a", claims), ("b", run("two", [7, 9]))])
    assert "tier 1: one (a) says no week is below 8" in said
    # A later tier's bound speaks only of weeks that are no worse in the earlier ones.
    assert not list(contradictions([("a", claims), ("b", run("two", [11, 3]))]))
    (said,) = contradictions([("a", claims), ("b", run("two", [10, 3]))])
    assert "tier 2" in said
    assert list(contradictions([("a", run("one", [5], [6]))]))


def test_a_bound_without_a_schedule_speaks_of_its_first_tier_only() -> None:
    claims = Run("one", 1.0, 1.0, 1.0, [], [8, 4])
    assert not list(contradictions([("a", claims), ("b", run("two", [8, 3]))]))
    assert list(contradictions([("a", claims), ("b", run("two", [7, 9]))]))


def test_the_first_tier_that_differs_beyond_its_tolerance_decides() -> None:
    assert better(run("a", [10, 5]), run("b", [10, 6])) < 0
    assert better(run("a", [100, 6]), run("b", [101, 5]), [0.02, 0.0]) > 0
    assert better(run("a", [10]), run("b", [])) < 0
    assert better(run("a", []), run("b", [])) == 0


def test_gaps() -> None:
    assert gap(10, 9) == pytest.approx(0.1)
    assert gap(0, None) == 0.0
    assert gap(5, None) == 1.0
    assert mean_gap(run("a", [10, 4], [10, 3])) == pytest.approx(0.125)
    assert mean_gap(run("a", [])) == 1.0


def test_milestones_are_read_from_what_a_solve_told() -> None:
    solve = run("ours", [100.0], [100.0])
    solve.trace = [
        [0.5, ["short_days"], 3, 0],
        [1.0, ["unmet_care"], 200, 0],
        [2.0, ["unmet_care"], 100, 99],
        [3.0, ["unmet_care"], 100, 100],
        [4.0, ["burden"], 7, 0],
    ]
    when = milestones(solve)
    assert (when.first, when.first_value, when.near, when.proved, when.all) == (1, 200, 2, 3, None)


# -- storing, reporting -------------------------------------------------------------------------


def document(row: Row, **values: list[float]) -> dict[str, Any]:
    runs = [run(way, found, [0.0] * len(found)).document() for way, found in values.items()]
    return {
        "key": row.key,
        "week": row.week,
        "settings": {"limit": row.limit, "seed": row.seed},
        "tiers": ["unmet_care"],
        "tolerances": [0.0],
        "notes": [],
        "runs": runs,
    }


def test_rows_are_kept_as_they_end_and_a_line_cut_off_is_measured_again(tmp_path: Path) -> None:
    store, row = Store(tmp_path), Row(SMALL, [OURS], 5, 1)
    store.add("plain", document(row, ours=[3.0]), HERE)
    with (tmp_path / "plain.jsonl").open("a") as file:
        file.write('{"key": "half')
    assert list(store.rows("plain")) == [row.key]
    store.add("plain", document(row, ours=[2.0]), HERE)
    assert store.rows("plain")[row.key]["runs"][0]["values"] == [2.0]


def test_the_report_marks_rows_of_an_older_search_and_cries_out_at_wrong_bounds(
    tmp_path: Path,
) -> None:
    store, row = Store(tmp_path), Row(SMALL, [OURS, HAND], 5, 1)
    study = Study("plain", "Against", [row, Row(SMALL, [OURS, HAND], 5, 2)])
    store.add("plain", document(row, ours=[3.0], **{"by hand": [4.0]}), HERE)
    text = report.results([study], store, HERE, None)
    assert "1 of 2 rows are measured" in text
    assert "None is above a schedule" in text
    assert "older search" not in text
    newer = Machine("def", "two", "a processor", 2, 8, "Linux", {"python": "3"})
    assert f"{SMALL} †" in report.results([study], store, newer, None)
    wrong = document(row, ours=[3.0], **{"by hand": [4.0]})
    wrong["runs"][1]["bounds"] = [3.5]
    store.add("plain", wrong, HERE)
    assert "1 CONTRADICTIONS" in report.results([study], store, HERE, None)
    assert report.refuted([study], store)


@pytest.mark.parametrize("study", list(charts.CHARTS))
def test_every_chart_can_be_drawn_of_a_row_that_came_to_nothing(study: str) -> None:
    row = Row("rehab p2_t30_low", [OURS], 5, 1)
    found = document(row, ours=[], **{"by hand": [], "without all": []})
    found["settings"] |= {"part": "all", "patients": 3}
    found["settings"]["published"] = rehab.Published(True, 8.0, 8.0, 1.5).__dict__
    assert charts.CHARTS[study]([Measured(found)]).to_dict()


def test_measured_rows_are_skipped_unless_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, seen = Store(tmp_path), list[str]()

    def measured(row: Row) -> list[Run]:
        seen.append(row.key)
        return [run("ours", [1.0])]

    rows = [Row(SMALL, [], 5, seed, measure=measured, planned=100.0) for seed in (1, 2)]
    study = Study("plain", "Against", rows)
    monkeypatch.setattr(command, "machine", lambda: HERE)
    command.measure([study], store, 50.0, None, again=False)
    assert seen == []  # no row that would end too late is begun
    for again, search in ((False, "one"), (False, "two"), (True, "two"), (True, "two")):
        monkeypatch.setattr(command, "machine", lambda s=search: Machine("c", s, "", 1, 1, "", {}))
        command.measure([study], store, None, None, again)
    assert len(seen) == 4


def test_every_row_takes_under_ten_minutes_and_the_smoke_altogether() -> None:
    every = list(studies.full(None))
    assert [study.name for study in every] == list(report.SECTIONS)
    keys = [(study.name, row.key) for study in every for row in study.rows]
    assert len(keys) == len(set(keys))
    assert all(row.seconds < studies.MOST_SECONDS for study in every for row in study.rows)
    assert sum(study.seconds for study in studies.smoke(None)) < studies.MOST_SECONDS


def test_without_the_instances_it_says_how_to_get_them() -> None:
    study = next(s for s in studies.full(None) if s.name == "rehab")
    assert "clone" in study.needs
    with pytest.raises(FileNotFoundError, match="clone"):
        make("rehab p10_t30_low")


# -- the ways -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_ways_run_in_processes_of_their_own() -> None:
    data = make(SMALL).data
    found = answered(OURS, data, 3.0, 1)
    assert found["memory"] > 10
    assert judged(data, "ours", found).legal
    crashed = answered(Way("none", "there is no such way"), data, 3.0, 1)
    assert crashed["schedule"] is None
    assert "it crashed" in crashed["remarks"][0]


@pytest.mark.parametrize("part", list(ablation.PARTS))
def test_a_part_that_is_left_out_is_one_the_search_has(part: str) -> None:
    before = (improve.CHOOSERS, improve.COARSE, proving.MOST_VARIABLES, improve.build)
    with ablation.without([part]) as stack:
        assert stack is not None
    assert before == (improve.CHOOSERS, improve.COARSE, proving.MOST_VARIABLES, improve.build)


def test_one_therapist_is_away_on_one_day() -> None:
    data = make(SMALL).data
    changed, what = warm.without_a_day(data)
    assert "away on" in what
    before, after = (Clinic(read_scenario(d)[0]) for d in (data, changed))
    fewer = [t for t in before.on_site if before.on_site[t] != after.on_site[t]]
    assert len(fewer) == 1
    assert data == make(SMALL).data


# -- Timefold -----------------------------------------------------------------------------------


def test_a_week_goes_to_timefold_and_comes_back_as_it_was() -> None:
    clinic = Clinic(read_scenario(make(generated(12, 1)).data)[0])
    week = Start(clinic, float("inf")).by_hand().schedule()
    made = Problem(clinic)
    begin = timefold_weeks.start(made, week)
    found = {
        "sections": [
            [begin["sections"][str(n)]["block"], begin["sections"][str(n)]["room"]]
            if str(n) in begin["sections"]
            else [entry["blocks"][0], entry["rooms"][0]]
            for n, entry in enumerate(made.sections)
        ],
        "leads": [
            lead
            for n, entry in enumerate(made.sections)
            for lead in begin["sections"].get(str(n), {"leads": [p[0] for p in entry["leads"]]})[
                "leads"
            ]
        ],
        "seats": [begin["seats"].get(str(n)) for n in range(len(made.seats))],
        "visits": [begin["visits"].get(str(n)) for n in range(len(made.visits))],
    }
    for values in [*found["sections"], *(v for v in found["visits"] if v)]:
        values[-1] = -1 if values[-1] == len(made.rooms) else values[-1]
    back = read_schedule(timefold_weeks.schedule(made, found), clinic.scenario)
    assert not check(clinic, back)
    assert tier_values(clinic, measure(clinic, back)) == tier_values(clinic, measure(clinic, week))


def test_timefolds_functions_stay_short_enough_to_be_translated() -> None:
    """Longer ones have jumps that need EXTENDED_ARG, and are called back in Python, far slower."""
    source = Path(studies.__file__).with_name("timefold_side") / "judges.py"
    functions = [
        n for n in ast.parse(source.read_text("utf-8")).body if isinstance(n, ast.FunctionDef)
    ]
    assert len(functions) > 20
    longest = max(functions, key=lambda f: (f.end_lineno or 0) - f.lineno)
    assert (longest.end_lineno or 0) - longest.lineno <= 16, longest.name


# -- rehabilitation -----------------------------------------------------------------------------

INSTANCE = """
[INSTANCE]
workday_start: 8 # hours
workday_end: 10
horizon_length: 5
even_scheduling_upper: 1.1
even_scheduling_width: 5
time_slot_length: Duration(hours=0, minutes=30)
daily_scheduling_upper: 1.3
daily_scheduling_lower: 0.8

[DATA: RESOURCES]: rid, rgid, name, unavailable_time_slots
0; [0, 1]; therapist0; [(DayHour(day=0, hour=8, minutes=30), DayHour(day=0, hour=9), 2)]
1; [5]; room0; []
1; [5]; room0; []
2; [9]; wheel; []
3; [9]; wheel; []

[DATA: TREATMENTS]: tid, min_participants, max_participants, name, duration, resources
0; 2; 4; pottery; Duration(hours=0, minutes=60); {0:1,5:1,9:2}
1; 1; 1; massage; Duration(hours=0, minutes=30); {1:1,5:1}
2; 1; 9; never prescribed; Duration(hours=0, minutes=30); {1:1}

[DATA: PATIENTS]: pid, name, treatments, length_of_stay, earliest_admission_date
0; someone; {0:2, 1:3}; 10; DayHour(day=0, hour=0, minutes=0)
1; another; {0:1}; 10; DayHour(day=1, hour=0, minutes=0)
"""


def test_an_instance_becomes_a_week(tmp_path: Path) -> None:
    (tmp_path / "instance_p2_t30_low.txt").write_text(INSTANCE, "utf-8")
    (tmp_path / "best_known.csv").write_text(
        "instance,status,best_objective,lower_bound,fastest_proof_s\n"
        "instance_p2_t30_low.txt,OPTIMAL,8.0,8.0,1.5\n",
        "utf-8",
    )
    assert rehab.instances(tmp_path) == ["p2_t30_low"]
    assert rehab.published(tmp_path)["p2_t30_low"] == rehab.Published(True, 8.0, 8.0, 1.5)
    week = make("rehab p2_t30_low", tmp_path)
    assert week.notes == ("room r1 is listed twice; it was read once",)
    clinic = Clinic(read_scenario(week.data)[0])
    assert list(clinic.rooms) == ["r1"]
    assert clinic.equipment["k9"].quantity == 2
    assert set(clinic.groups) == {"g0"}
    assert clinic.groups["g0"].max_sections == 1
    assert clinic.services["s1"].format == "individual"
    # Busy every other day from 8:30 to 9:00: two of five days are whole.
    assert clinic.available_minutes["r0"] == 5 * 120 - 3 * 30
    assert clinic.needs["p0"].rolling_max == 3
    assert json.dumps(week.data)  # nothing in it but JSON


def test_an_instance_may_say_nothing_but_data(tmp_path: Path) -> None:
    bad = INSTANCE.replace("Duration(hours=0, minutes=30)\n", "open('x')\n", 1)
    (tmp_path / "instance_p2_t30_low.txt").write_text(bad, "utf-8")
    with pytest.raises((TypeError, ValueError)):
        make("rehab p2_t30_low", tmp_path)


def test_a_value_below_a_published_bound_is_cried_out() -> None:
    row = Row("rehab p2_t30_low", [OURS], 5, 1)
    found = document(row, ours=[100.0])
    found["settings"]["published"] = rehab.Published(True, 8.0, 8.0, 1.5).__dict__
    assert "a rule is misread" in next(report._below_published(Measured(found)))
