"""Sweeps: axes from forms, the charts' points and squares, and a sweep that goes on."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from solver.changes import parse_change
from solver.io.files import load_scenario
from solver.sweep import cells_of, read_sweep
from tests.builders import Json, clinic, patient, read, therapist
from ui.desk import frame
from ui.desk.store import Desk
from ui.widgets.changes_axes import Axis, cells, kept, read_axes, sweep_of, title
from ui.widgets.colours import LIGHT
from ui.widgets.compare_variants import Variant
from ui.widgets.frontier import POINT, clicked, name_of, points, rows, scarcest, squares, unmet_text

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
SMALL = clinic(
    patients=[patient("pat"), patient("sam")],
    therapists=[therapist("ann", cost_per_hour=40.0), therapist("bob", cost_per_hour=50.0)],
)


def shown(desk: Desk) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    app.query_params[frame.PARAMETER] = desk.id
    app.switch_page("ui/sweeps.py").run()
    assert not app.exception, app.exception[0].message
    return app


# -- axes -----------------------------------------------------------------------------------------


def test_axes_make_a_sweep_that_the_command_reads() -> None:
    scenario = read(SMALL).scenario
    bigger = Variant("Bigger room").with_chip(parse_change("room big capacity=6"))
    axes = [
        Axis("therapist", 1, 3, like="ann"),
        Axis("census", 2, 6, 2),
        Axis("field", 1, 2, what="group", id="cbt", path="max_sections"),
        Axis("variant", variant="Bigger room"),
    ]
    question = sweep_of(scenario, axes, [bigger])
    assert cells(question) == 3 * 3 * 2 * 2
    assert [axis["name"] for axis in question["axes"]] == [
        "Therapists", "Census", "Most sections, cbt", "Bigger room",
    ]  # fmt: skip
    made = cells_of(scenario, read_sweep(question))
    first, last = made[0].made.scenario, made[-1].made.scenario
    assert (len(first.therapists), len(first.patients)) == (1, 2)
    assert (len(last.patients), last.groups[0].max_sections) == (6, 2)
    assert [t.id for t in last.therapists] == ["ann", "bob", "ann-2"]
    assert read_axes(kept(axes)) == axes


def test_steps_run_from_less_to_more_and_what_is_no_axis_is_left_out() -> None:
    assert Axis("census", 9, 3, 3).numbers == [3, 6, 9]
    assert Axis("census", 3, 9, 0).numbers == []
    assert read_axes([{"kind": "gone"}, {"kind": "room", "odd": 1}, {"kind": "room"}]) == [
        Axis("room")
    ]
    scenario = read(SMALL).scenario
    assert title(scenario, Axis("work", 0, 60, 60)) == "Work later (min)"
    steps = sweep_of(scenario, [Axis("work", 0, 60, 60)], [])["axes"][0]["steps"]
    assert [step["label"] for step in steps] == ["0", "60"]
    assert steps[0]["changes"] == []


# -- charts ---------------------------------------------------------------------------------------


def cell(
    key: str, steps: list[str], served: int | None, cost: float | None, **facts: object
) -> Json:
    tier = {"goals": ["unmet_care"], "value": 120, "bound": 60, "proved": False}
    figures = {"active": 4, "waiting": 1, "paid": 3, "money": {"revenue": None}}
    return {
        "key": key, "steps": steps, "served": served, "cost": cost, "on_frontier": False,
        "figures": None if served is None else figures, "tiers": [] if served is None else [tier],
        "scarce": {} if served is None else {"rooms": 0.75, "group seats": 0.25},
        "next": [None, {"axis": "Census", "low": 0, "high": 60, "said": "the same or up to 60 more"}],
    } | facts  # fmt: skip


DOCUMENT = {
    "axes": [
        {"name": "Therapists", "steps": ["1", "2"]},
        {"name": "Census", "steps": ["4", "<b>"]},
    ],
    "cost_in": "money",
    "cells": [
        cell("0-0", ["1", "4"], 2, 40.0, on_frontier=True),
        cell("0-1", ["1", "<b>"], None, None),
        cell("1-0", ["2", "4"], 4, 90.0, on_frontier=True),
        cell("1-1", ["2", "<b>"], 3, 90.0),
    ],
    "frontier": ["0-0", "1-0"],
}


def test_every_cell_with_a_week_is_a_point_and_every_cell_a_square() -> None:
    drawn = points(DOCUMENT)
    assert [(p["key"], p["served"], p["cost"]) for p in drawn] == [
        ("0-0", 2, 40.0), ("1-0", 4, 90.0), ("1-1", 3, 90.0),
    ]  # fmt: skip
    assert [p["best"] == "Others" for p in drawn] == [False, False, True]
    for measure, words in [
        ("served", ["2 of 5", "no week", "4 of 5", "3 of 5"]),
        ("unmet", ["120?", "no week", "120?", "120?"]),
        ("cost", ["40", "no week", "90", "90"]),
        ("scarce", ["rooms", "no week", "rooms", "rooms"]),
    ]:
        assert [s["shown"] for s in squares(DOCUMENT, measure, LIGHT)] == words
    by_key = {s["key"]: s for s in squares(DOCUMENT, "served", LIGHT)}
    assert by_key["1-0"]["colour"] == LIGHT.ramp[1]
    assert by_key["0-1"]["colour"] == LIGHT.band


def test_a_row_says_what_binds_and_what_one_step_more_does() -> None:
    first, second, *_ = rows(DOCUMENT)
    assert first["What is scarce"] == "rooms 75%, group seats 25%"
    assert first["One step more"] == "Census: the same or up to 60 more"
    assert first["Unmet care"] == "120, at least 60"
    assert second["Fully served"] is None
    assert "Revenue" not in first
    assert scarcest(DOCUMENT["cells"][1]) == "no week"  # type: ignore[index]
    assert unmet_text(DOCUMENT["cells"][1]) == "not known"  # type: ignore[index]
    assert name_of(DOCUMENT, DOCUMENT["cells"][1]) == "Therapists 1, Census <b>"  # type: ignore[index]


@pytest.mark.parametrize(
    "state", [None, {}, {"selection": {POINT: []}}, {"selection": {POINT: [{}]}}]
)
def test_nothing_clicked_on_is_no_cell(state: object) -> None:
    assert clicked(state, POINT) is None
    assert clicked({"selection": {POINT: [{"key": "1-0"}]}}, POINT) == "1-0"


# -- the page -------------------------------------------------------------------------------------


def test_axes_are_still_there_after_a_refresh(desk: Desk) -> None:
    desk.add(read(SMALL).scenario)
    app = shown(desk)
    assert [s.label for s in app.selectbox] == ["What is varied", "New ones like"]
    next(n for n in app.number_input if n.label == "To").set_value(5).run()
    app = shown(desk)
    assert next(n for n in app.number_input if n.label == "To").value == 5
    assert any("5 combinations" in c.value for c in app.caption)


@pytest.mark.slow
def test_a_sweep_is_run_opened_and_taken_up_again(desk: Desk) -> None:
    desk.add(read(SMALL).scenario)
    key = desk.week().key
    desk.put(f"sweep {key}", kept([Axis("therapist", 1, 2)]))
    desk.put(frame.KEPT + "sweep.seconds", 5)
    app = shown(desk)
    next(b for b in app.button if b.label == "Sweep").click().run()
    latest = time.monotonic() + PATIENCE
    while not any(s.value == "Every combination" for s in app.subheader):
        assert time.monotonic() < latest
        time.sleep(0.2)
        app.run()
        assert not app.exception
    folder = next((desk.folder / "sweeps").iterdir())
    assert len(json.loads((folder / "results.json").read_bytes())["cells"]) == 2
    before = {p: p.stat().st_mtime_ns for p in folder.glob("cells/*.json")}
    next(b for b in app.button if b.label == "Sweep").click().run()  # the same again solves nothing
    while asking_is_running(app):
        assert time.monotonic() < latest
        time.sleep(0.2)
        app.run()
    assert {p: p.stat().st_mtime_ns for p in folder.glob("cells/*.json")} == before
    next(b for b in app.button if b.label == "Open this week").click().run()
    assert desk.week().key != key
    assert load_scenario(desk.week().scenario)[0].name.startswith("tiny · Therapists ")


def asking_is_running(app: AppTest) -> bool:
    return next(b for b in app.button if b.label == "Sweep").disabled
