"""Sweeps: the grid that is asked for, answers kept and taken up again, and what they mean together."""

from __future__ import annotations

import json
import threading
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from solver.checker import check
from solver.cli.sweep import _summary
from solver.clinic import Clinic
from solver.io.files import load_scenario, load_schedule
from solver.pool import Failed
from solver.result import Result, Settings
from solver.scenario import Scenario
from solver.sweep import OtherSweep, Store, Sweep, cells_of, findings, read_sweep, run
from solver.sweep.findings import document, headings, scarce_text, table
from solver.sweep.pictures import frontier, grid
from solver.whatif import WhatIfFaults
from tests.builders import (
    Json,
    clinic,
    plan,
    program,
    quota,
    read,
    room,
    therapist,
    visit,
    week,
    window,
)
from tests.pools import HerePool, by_hand

SMALL = clinic(
    opening_hours=window("09:00", "11:00", "mon"),
    programs=[program(minutes_per_week={"min": 30}, quotas=[quota("solo", 1, 1)], per_diem=90.0)],
    groups=[],
    rooms=[room("small", 1), room("other", 1)],
    therapists=[therapist("ann", cost_per_hour=40.0, availability=window("09:00", "10:00", "mon"))],
)
"""Everybody is due half an hour; a therapist has two of them to give."""
GRID: Json = {
    "axes": [
        {"name": "Therapists", "change": "therapists to {n}", "from": 1, "to": 2},
        {"name": "Census", "change": "census to {n}", "values": [2, 4]},
    ]
}
SETTINGS = Settings(time_limit=4, workers=1, reproducible=True)


@pytest.fixture(scope="module")
def small() -> Scenario:
    return read(SMALL).scenario


# -- asking ---------------------------------------------------------------------------------------


def test_the_grid_has_every_combination_in_order(small: Scenario) -> None:
    cells = cells_of(small, read_sweep(GRID))
    assert [(c.key, c.labels) for c in cells] == [
        ("0-0", ("1", "2")), ("0-1", ("1", "4")), ("1-0", ("2", "2")), ("1-1", ("2", "4")),
    ]  # fmt: skip
    assert [c.before() for c in cells] == [(), ("0-0",), ("0-0",), ("0-1", "1-0")]
    last = cells[-1].made
    assert (len(last.scenario.therapists), len(last.scenario.patients)) == (2, 4)
    assert last.name == "Therapists 2, Census 4"
    assert last.sentences[0] == "2 therapists instead of 1."


def test_steps_may_be_lists_of_changes_and_changes_hold_everywhere(small: Scenario) -> None:
    asked = read_sweep(
        {
            "changes": "census +1",
            "axes": [
                {
                    "name": "Evening",
                    "steps": [
                        {"label": "closed"},
                        {"label": "open", "changes": ["open mon 17:00-18:00 with ann"]},
                    ],
                }
            ],
        }
    )
    first, second = cells_of(small, asked)
    assert {len(c.made.scenario.patients) for c in (first, second)} == {3}
    assert len(second.made.scenario.opening_hours) == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([], "found an empty list; a sweep is an object"),
        ({}, "axes: found null; a list of 1 to 4 axes is expected"),
        ({"axes": [{"name": "a"}]}, "either `change` with `values`, or `steps` is expected"),
        ({"axs": 1, "axes": []}, "axs: unknown field 'axs'; did you mean 'axes'?"),
        ({"axes": [3]}, "axes[0]: found 3; an object { … } is expected"),
        (
            {"axes": [{"name": "a", "change": "census +1", "values": [1]}]},
            "axes[0].change: no {n} in it",
        ),
        (
            {"axes": [{"name": "a", "change": "cnsus +{n}", "values": [1]}]},
            "axes[0].change[0] ('cnsus +1'): found 'cnsus'; did you mean 'census'?",
        ),
        (
            {"axes": [{"name": "a", "change": "census +{n}"}]},
            "axes[0]: `values`, or whole numbers `from`, `to` and `step` are expected",
        ),
        (
            {"axes": [{"name": "a", "change": "census +{n}", "from": 4, "to": 1}]},
            "from 4 to 1 by 1 there are no steps",
        ),
        (
            {"axes": [{"name": "a", "change": "census +{n}", "values": [1, 1]}]},
            "the step '1' stands there twice",
        ),
        (
            {"axes": [{"name": "a", "change": "census +{n}", "from": 1, "to": 40}] * 2},
            "axes: found 1,600 combinations; at most 1,000 are solved",
        ),
        (
            {"axes": [{"name": "a", "steps": [{"label": "x", "changes": ["leave"]}, 4, {}]}]},
            "axes[0].steps[0].changes[0] ('leave'): say it like: leave t03 mon,tue",
        ),
    ],
)
def test_a_sweep_that_cannot_be_read_is_refused_with_the_place(data: Any, said: str) -> None:
    with pytest.raises(WhatIfFaults) as caught:
        read_sweep(data)
    assert said in str(caught.value)


def test_changes_that_make_no_sense_are_said_once_and_before_anything_is_solved(
    small: Scenario,
) -> None:
    asked = {"axes": [GRID["axes"][1], {"name": "x", "steps": [
        {"label": "a", "changes": ["leave an mon"]}]}]}  # fmt: skip
    with pytest.raises(WhatIfFaults) as caught:
        cells_of(small, read_sweep(asked))
    assert str(caught.value).count("no therapist 'an'; did you mean 'ann'?") == 1


# -- kept and taken up again ----------------------------------------------------------------------


def swept(small: Scenario, folder: Path, pool: HerePool, stop_after: int = 99) -> Store:
    """A sweep of the grid, stopped after so many answers; its results are written if it ends."""
    asked = read_sweep(GRID)
    cells = cells_of(small, asked)
    store = Store(folder, small, asked, SETTINGS)
    stop = threading.Event()
    with store.opened():
        answers = run(
            cells,
            store,
            SETTINGS,
            pool,
            lambda state: stop.set() if state.done >= stop_after else None,
            stop,
        )
        if not stop.is_set():
            store.save_findings(findings(asked, cells, answers))
    return store


RESULTS = ("results.json", "results.csv", "frontier.svg", "grid.svg")


def test_a_sweep_that_was_stopped_and_goes_on_is_as_one_that_ran_through(
    small: Scenario, tmp_path: Path
) -> None:
    through, broken = tmp_path / "through", tmp_path / "broken"
    whole = HerePool(by_hand)
    swept(small, through, whole)
    first = HerePool(by_hand)
    swept(small, broken, first, stop_after=2)
    kept = {p.name for p in (broken / "cells").iterdir()}
    assert 0 < len(kept) < 4
    (broken / "cells" / min(kept)).write_text("{ half of it", "utf-8")
    second = HerePool(by_hand)
    swept(small, broken, second)
    assert len(second.tasks) == 4 - len(kept) + 1  # the damaged one is solved again
    for name in RESULTS:
        assert (through / name).read_bytes() == (broken / name).read_bytes(), name
    for path in through.glob("weeks/*/*.json"):
        assert path.read_bytes() == (broken / path.relative_to(through)).read_bytes()

    served = [c["served"] for c in json.loads((through / "results.json").read_bytes())["cells"]]
    assert served == [2, 2, 2, 4]
    for cell in ("0-0", "1-1"):
        place = through / "weeks" / cell
        scenario = load_scenario(place / "scenario.json")[0]
        assert check(Clinic(scenario), load_schedule(place / "schedule.json", scenario)) == []


def answers_from(pool_weeks: dict[str, list[Json]]):  # type: ignore[no-untyped-def]
    """A pool's answers: the week named for a cell, with bounds of 0."""

    def solved(key: str, task: Any) -> Result | Failed:
        from tests.test_whatif import result  # noqa: PLC0415

        if key not in pool_weeks:
            return Failed("it died")
        here = Clinic(task.scenario)
        return result(here, plan(week(*pool_weeks[key]), here))

    return solved


def visits(*who: str) -> list[Json]:
    hours = ["09:00", "09:30"]
    return [visit(p, "ann", "mon", hours[n], name=p) for n, p in enumerate(who)]


def test_cells_begin_with_the_weeks_of_those_one_step_back(small: Scenario, tmp_path: Path) -> None:
    pool = HerePool(
        answers_from(
            {"0-0": visits("pat"), "0-1": visits("pat", "sam"), "1-0": [], "1-1": visits("pat")}
        )
    )
    swept(small, tmp_path / "s", pool)
    kept = {
        key: None
        if task.start is None
        else {a.id for a in task.start.appointments} & {"pat", "sam"}
        for key, task in pool.tasks.items()
    }
    # The best of its neighbours' own answers, not of what anybody found.
    assert kept == {"0-0": None, "0-1": {"pat"}, "1-0": {"pat"}, "1-1": {"pat", "sam"}}


def test_every_cell_may_begin_with_the_week_at_hand(small: Scenario, tmp_path: Path) -> None:
    sweep = read_sweep(GRID)
    cells, pool = cells_of(small, sweep), HerePool(by_hand)
    base = plan(week(visit("pat", start="09:30", name="half past")), Clinic(small))
    store = Store(tmp_path / "s", small, sweep, SETTINGS, base)
    with store.opened():
        run(cells, store, SETTINGS, pool, base=base)
    start = pool.tasks["0-0"].start
    assert start is not None
    assert "half past" in {a.id for a in start.appointments}
    with (
        pytest.raises(OtherSweep, match="the base's schedule differ"),
        Store(tmp_path / "s", small, sweep, SETTINGS).opened(),
    ):
        pass


def test_a_good_week_found_anywhere_is_offered_everywhere(small: Scenario, tmp_path: Path) -> None:
    pool = HerePool(
        answers_from({"0-0": [], "0-1": visits("pat", "sam"), "1-0": [], "1-1": visits("pat")})
    )
    store = swept(small, tmp_path / "s", pool)
    cells = json.loads((store.folder / "results.json").read_bytes())["cells"]
    assert {c["key"]: c["found_in"] for c in cells} == {
        "0-0": "0-1", "0-1": None, "1-0": "0-1", "1-1": "0-1",
    }  # fmt: skip
    assert [c["served"] for c in cells] == [2, 2, 2, 2]


def test_a_cell_that_failed_is_not_kept(small: Scenario, tmp_path: Path) -> None:
    pool = HerePool(answers_from({"0-0": [], "0-1": [], "1-0": []}))
    store = swept(small, tmp_path / "s", pool)
    assert {p.stem for p in (store.folder / "cells").iterdir()} == {"0-0", "0-1", "1-0"}


def test_another_sweep_in_the_same_folder_is_refused(small: Scenario, tmp_path: Path) -> None:
    asked = read_sweep(GRID)
    first = Store(tmp_path, small, asked, SETTINGS)
    with (
        first.opened(),
        pytest.raises(OtherSweep, match="is being worked on by another iop sweep"),
        first.opened(),
    ):
        pass
    renamed = small.model_copy(update={"name": "another"})
    fewer = Sweep(asked.axes[:1])
    for other, differs in (
        (Store(tmp_path, renamed, asked, SETTINGS), "the scenario differ"),
        (Store(tmp_path, small, fewer, SETTINGS), "what is swept differ"),
        (Store(tmp_path, small, asked, Settings(seed=2)), "the settings differ"),
    ):
        with pytest.raises(OtherSweep, match=differs), other.opened():
            pass
    with Store(tmp_path, small, asked, SETTINGS).opened():
        pass


# -- what it means --------------------------------------------------------------------------------


def told(small: Scenario, weeks: dict[str, list[Json]], tmp_path: Path):  # type: ignore[no-untyped-def]
    asked = read_sweep(GRID)
    cells = cells_of(small, asked)
    store = Store(tmp_path / "s", small, asked, SETTINGS)
    with store.opened():
        answers = run(cells, store, SETTINGS, HerePool(answers_from(weeks)))
    return findings(asked, cells, answers)


def test_the_frontier_has_what_nothing_cheaper_or_fuller_beats(
    small: Scenario, tmp_path: Path
) -> None:
    both = [
        *visits("pat", "sam"),
        visit("new-001", "ann-2", "mon", "09:00", "other", name="x"),
    ]
    found = told(
        small,
        {"0-0": visits("pat"), "0-1": visits("sam"), "1-0": visits("pat"), "1-1": both},
        tmp_path,
    )
    # All have what the last one's week leaves of it there: two visits to ann, three with ann-2.
    assert [(c.served, c.cost) for c in found.cells] == [(2, 40), (2, 40), (2, 80), (3, 80)]
    assert [c.cell.key for c in found.frontier] == ["0-0", "0-1", "1-1"]
    assert found.in_money


def test_costs_are_hours_where_somebody_has_none(tmp_path: Path) -> None:
    therapists = [therapist("ann", availability=window("09:00", "10:00", "mon"))]
    unpaid = read(SMALL | {"therapists": therapists}).scenario
    found = told(unpaid, {"0-0": visits("pat"), "1-1": visits("pat")}, tmp_path)
    assert not found.in_money
    assert [c.cost for c in found.cells] == [1, 1, 2, 2]


def test_tables_and_pictures_say_the_same(small: Scenario, tmp_path: Path) -> None:
    found = told(small, {"0-0": visits("pat"), "0-1": visits("sam")}, tmp_path)
    assert headings(found)[:4] == ["Therapists", "Census", "unmet care", "at least"]
    first = dict(zip(headings(found), table(found)[0], strict=True))
    assert first["served"] == "1"
    assert first["revenue"] == "90"
    assert first["next Therapists"] == "the same or up to 90 less"
    assert document(found)["cells"][0]["next"][0] == {
        "axis": "Therapists", "low": -90, "high": 0, "said": "the same or up to 90 less",
    }  # fmt: skip
    for picture in (frontier(found), grid(found)):
        assert picture is not None
        text = " ".join(t for t in ET.fromstring(picture).itertext())
        assert "fully served" in text
        assert "Therapists" in text
        assert "http://" not in picture.replace("http://www.w3.org/2000/svg", "")


def test_cells_that_the_clock_cut_are_counted(small: Scenario, tmp_path: Path) -> None:
    found = told(small, {"0-0": visits("pat")}, tmp_path)
    assert "cut by the clock" not in _summary(found)
    first, *rest = found.cells
    cut = replace(first.answer, reasons=("cut by the clock: the result may not be repeatable",))
    again = replace(found, cells=(replace(first, answer=cut), *rest))
    assert "1 of 4 were cut by the clock" in " ".join(_summary(again).split())


def test_names_cannot_break_a_picture(tmp_path: Path) -> None:
    small = read(SMALL).scenario
    asked = read_sweep({"axes": [{"name": "<b>&'\"", "change": "census to {n}", "values": [2, 3]}]})
    cells = cells_of(small, asked)
    store = Store(tmp_path, small, asked, SETTINGS)
    with store.opened():
        answers = run(cells, store, SETTINGS, HerePool(answers_from({"0": visits("pat")})))
    found = findings(asked, cells, answers)
    for picture in (frontier(found), grid(found)):
        assert picture is not None
        assert "<b>&'\" 2" in " ".join(ET.fromstring(picture).itertext()) or "<b>" in str(
            list(ET.fromstring(picture).itertext())
        )


def test_nothing_is_scarce_where_everybody_is_served(small: Scenario, tmp_path: Path) -> None:
    found = told(small, {"0-0": visits("pat", "sam")}, tmp_path)
    assert scarce_text(found.cells[0]) == "nothing"
    assert scarce_text(found.cells[1]) == "therapist hours 100%"
