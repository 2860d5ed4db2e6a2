"""What pages draw: the board's lines and boxes, a solve in words, text, colours; what is imported."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from solver import report
from solver.result import Progress
from solver.scenario import Policy
from solver.tiers import tiers_of
from tests.builders import clinic, group, meeting, plan, read, room, section, visit, week
from ui.widgets import board
from ui.widgets.colours import DARK, LIGHT, Colours
from ui.widgets.race import doing, standings
from ui.widgets.text import cell, plain

ROOT = Path(__file__).resolve().parents[1]

# -- the board ------------------------------------------------------------------------------------


def test_sessions_that_overlap_stand_in_lines_of_their_own() -> None:
    scenario = clinic(groups=[group(max_sections=3, modality="offsite")])
    here = read(scenario)
    entries = [
        section(["pat"], meeting("mon", start, None), name=name)
        for name, start in [("a", "09:00"), ("b", "09:30"), ("c", "10:00")]
    ]
    (elsewhere,) = [w for w in report.weeks(here, plan(week(*entries), here), "room") if w.sessions]
    lanes = board.lanes(elsewhere.sessions)
    assert [[s.ref for s in lane] for lane in lanes] == [["a", "c"], ["b"]]
    assert board.lanes(()) == [[]]
    rows = board.rows_of([elsewhere], "room", [0])
    lines, boxes = board.boxes(rows, board.span_of(here, elsewhere.sessions, [0]))
    assert lines == ["off site", "off site" + board.LANE]
    assert [(b["key"], b["from"], b["to"]) for b in boxes] == [
        ("a 0", 0, 60), ("c 0", 60, 120), ("b 0", 30, 90)
    ]  # fmt: skip


def test_days_stand_side_by_side_and_do_not_touch() -> None:
    here = read(clinic())
    schedule = plan(week(visit(day="tue", start="09:30"), visit("sam", day="mon", name="b")), here)
    span = board.span_of(here, report.sessions(here, schedule), (0, 1))
    assert (span.first, span.last) == (9 * 60, 10 * 60)
    assert span.at(0, span.last) < span.at(1, span.first)
    assert span.at(1, span.last) == span.width


def test_an_empty_week_shows_opening_hours() -> None:
    here = read(clinic())
    span = board.span_of(here, (), board.open_days(here, ()))
    assert span == board.Span((0, 1, 2, 3, 4), 9 * 60, 12 * 60)


def test_one_persons_week_has_a_row_a_day() -> None:
    here = read(clinic())
    schedule = plan(week(section(["pat"]), visit(day="wed")), here)
    (pat, _) = report.weeks(here, schedule, "patient")
    rows = board.rows_by_day(here, pat, "patient", (0, 1, 2))
    lines, boxes = board.boxes(rows, board.span_of(here, pat.sessions, ()))
    assert lines == ["Mon 5 Jan", "Tue 6 Jan", "Wed 7 Jan"]
    assert [(b["line"], b["from"], b["title"]) for b in boxes] == [
        ("Mon 5 Jan", 0, "cbt"), ("Wed 7 Jan", 0, "solo")
    ]  # fmt: skip


def test_an_appointment_bears_its_patients_name_where_rooms_are_shown() -> None:
    here = read(clinic())
    schedule = plan(week(visit("sam", "bob")), here)
    rows = board.rows_of(report.weeks(here, schedule, "room"), "room", [0])
    _, (box,) = board.boxes(rows, board.span_of(here, rows[1].sessions, [0]))
    assert (box["title"], box["more"], box["what"]) == ("sam", "bob, solo", "solo")


def test_rooms_of_the_same_name_are_two_rows() -> None:
    here = read(
        clinic(rooms=[room("big", 4) | {"name": "Blue"}, room("small", 1) | {"name": "Blue"}])
    )
    rows = board.rows_of(report.weeks(here, plan(week(), here), "room"), "room", [0])
    assert [row.name for row in rows] == ["Blue (big)", "Blue (small)"]


@pytest.mark.parametrize(
    ("state", "key"),
    [
        ({"selection": {"session": [{"key": "a 0"}]}}, "a 0"),
        ({"selection": {"session": [{"key": None}]}}, None),
        ({"selection": {"session": [{}]}}, None),
        ({"selection": {"session": []}}, None),
        ({"selection": {"session": {}}}, None),
        (None, None),
    ],
)
def test_which_session_was_clicked_on(state: object, key: str | None) -> None:
    assert board.chosen(state) == key


def test_a_narrow_box_has_first_letters() -> None:
    said = ["Relapse Prevention Group", "12-Step", "", "élan"]
    assert [board.letters(text) for text in said] == ["RP", "1S", "", "É"]


# -- a solve --------------------------------------------------------------------------------------


def test_what_a_solve_does_is_said_in_plain_words() -> None:
    first = Progress(0.1, "making a first week")
    care = Progress(1.0, "improving", 0, ("unmet_care",), 60, 0)
    calm = Progress(9.0, "improving", 1, ("burden",), 300, 0)
    proof = Progress(9.5, "proving", 1, ("burden",), 300, 20)
    assert doing([]) == "Reading the week."
    assert doing([first]) == "Making a first week, patient by patient."
    assert doing([first, care]) == "Getting everyone the care that is due."
    assert doing([first, care, calm]) == (
        "Everyone's hours are settled; making the week calmer: fewer trips, less waiting."
    )
    assert "how much better it could be" in doing([first, care, calm, proof])
    assert doing([Progress(0.1, "something new")]) == "Something new."


def test_standing_of_every_tier() -> None:
    told = [
        Progress(0.1, "making a first week"),
        Progress(1.0, "improving", 0, ("unmet_care",), 60, 0),
        Progress(2.0, "settled", 0, ("unmet_care",), 0, 0),
        Progress(3.0, "improving", 1, ("short_days",), 7, 2),
    ]
    rows = standings(told, tiers_of(Policy()))
    assert len(rows) == 7
    assert [(r["Best so far"], r["Not below"], r["Standing"]) for r in rows[:3]] == [
        (0, 0, "proved best"), (7, 2, "at work"), (None, None, "to come")
    ]  # fmt: skip


# -- text and colours -----------------------------------------------------------------------------


def test_markup_in_a_text_is_text() -> None:
    assert plain("**a** <b> [l](u) `c` $x$") == (r"\*\*a\*\* \<b\> \[l\]\(u\) \`c\` \$x\$")
    assert ":smile:" not in plain(":smile:").replace("\\", "")
    assert "://" not in plain("http://x.y").replace("\\", "")
    assert "www." not in plain("WWW.x.y").replace("\\", "").lower()
    assert "a@b" not in plain("a@b.cc").replace("\\", "")
    assert plain("two\nlines\t") == "two lines"
    assert plain("Mei-Ling 14:30") == r"Mei\-Ling 14\:30"
    assert cell("a\u202eb\nc") == "a b c"


def luminance(colour: str) -> float:
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("paint", [LIGHT, DARK])
def test_every_text_on_a_heat_map_can_be_read(paint: Colours) -> None:
    assert min(contrast(*paint.heat(share / 100)) for share in range(-5, 110)) >= 4.5


@pytest.mark.parametrize("paint", [LIGHT, DARK])
def test_every_text_on_the_board_can_be_read(paint: Colours) -> None:
    for tint in paint.kinds.values():
        for ground in ("#FFFFFF" if paint is LIGHT else "#0F1720", paint.band):
            mixed = "#" + "".join(
                f"{round(0.28 * int(tint[i : i + 2], 16) + 0.72 * int(ground[i : i + 2], 16)):02X}"
                for i in (1, 3, 5)
            )
            assert contrast(paint.ink, mixed) >= 4.5


# -- what pages are made of -----------------------------------------------------------------------


def test_neither_the_app_nor_a_page_knows_the_solver() -> None:
    pages = [ROOT / "app.py", *(ROOT / "ui").rglob("*.py")]
    for path in pages:
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.split(".")[0] == "ortools" for name in names), path
            assert not any(name.startswith("solver.engine") for name in names), path
    script = (
        "import sys, ui.desk.frame, ui.desk.tables, ui.widgets.board, ui.widgets.card; "
        "import ui.widgets.heat, ui.widgets.race; sys.exit('ortools' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
