"""Editing a week as tables: what is typed, read, painted and put in order; pure functions."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from solver.errors import FileFaults
from solver.io.files import dump
from solver.io.tables.cells import Broken, Moment
from solver.io.tables.layout import POLICY, by_path, tables
from solver.rules import RULE
from solver.scenario import Scenario
from solver.validation import read_scenario
from tests.drafts import PATIENTS, ROOMS, at, faults, ready, three
from tests.io.workbooks import every_field
from ui.desk.store import DEMO, READY
from ui.editing import edits, goals, painting, saying
from ui.editing.arriving import Arrived, arrived, draft_of_tree
from ui.editing.draft import draft_of, empty, of_json, read, shown, to_json
from ui.editing.edits import Change
from ui.widgets.painter import Brush, Stroke, stroke_of

ROOT = Path(__file__).resolve().parents[2]


# -- drafts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", [every_field(), ready(DEMO)], ids=["every field", DEMO])
def test_a_scenario_is_the_same_after_it_was_a_draft(scenario: Scenario) -> None:
    for draft in (draft_of(scenario), draft_of_tree(dump(scenario))[0]):
        kept = of_json(json.loads(json.dumps(to_json(draft))))
        assert kept == draft
        assert read(kept).scenario == scenario


def test_a_draft_keeps_cells_that_are_no_text() -> None:
    draft = three().with_rows(("closed_dates",), [(Moment(46_000.0),), (Broken("#REF!", "mend"),)])
    kept = of_json(json.loads(json.dumps(to_json(draft))))
    assert kept == draft
    assert faults(kept) == ["Closed dates, #REF!, Date: found '#REF!'; mend"]


@pytest.mark.parametrize(
    "data", [None, {}, {"rows": {}}, {"rows": {".".join(t.path): [[1]] for t in tables()}}]
)
def test_what_is_no_draft_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="draft"):
        of_json(data)


def test_the_same_messages_as_those_of_a_file_at_their_cells() -> None:
    content = json.loads((READY / "invalid" / "many-faults-at-once.json").read_text())
    with pytest.raises(FileFaults) as said:
        read_scenario(content)
    draft, _ = draft_of_tree(content)
    found = read(draft).faults
    messages = {f.message for f in said.value.faults if not f.message.startswith("unknown field")}
    assert {f.message.replace("Patients!A2", "patients[0].id") for f in found} == messages
    assert faults(draft)[0] == (
        "Settings, Week start: found 2026-01-06, a Tuesday; a week starts on a Monday"
    )
    assert any("as in line 1; ids are unique" in said for said in faults(draft))


@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name in json.loads((READY / "invalid" / "expected.json").read_text())
        if (READY / "invalid" / name).read_bytes()[:1] == b"{"
    ),
)
def test_any_wrong_file_is_refused_or_a_draft(name: str) -> None:
    content = (READY / "invalid" / name).read_bytes()
    with suppress(FileFaults):
        come = arrived({name: content})
        assert come.scenario is None
        _is_a_draft(come)


def _is_a_draft(come: Arrived) -> None:
    assert come.faults
    assert come.draft is not None
    reading = read(come.draft)
    assert of_json(json.loads(json.dumps(to_json(come.draft)))) == come.draft
    for fault in reading.faults:
        assert saying.where(come.draft, fault)


# -- what is typed --------------------------------------------------------------------------------


def test_cells_lines_added_and_lines_taken_away() -> None:
    draft = three()
    base = draft.rows[PATIENTS]
    change = Change.of(
        {
            "edited_rows": {0: {"Name": "Ana K.", "Priority": " "}},
            "added_rows": [{"Id": "p9", "Program": "transition"}],
            "deleted_rows": [1],
        }
    )
    now = edits.after(draft, PATIENTS, base, change)
    assert now.ids(PATIENTS) == ["p1", "p3", "p9"]
    assert shown(now.rows[PATIENTS][0][1]) == "Ana K."
    assert now.rows[PATIENTS][0][at(PATIENTS, "priority")] is None
    # The lines of who is gone go as well.
    commitments = ("patients", "commitments")
    assert [row[0] for row in now.rows[commitments]] == ["p3"]
    assert faults(now) == ["Patients, p9, Name: Name is missing; it must be given"]
    assert edits.after(now, PATIENTS, base, change).rows == now.rows, "told twice is once"


def test_one_cell_and_back_is_no_change() -> None:
    draft = three()
    column = at(ROOMS, "capacity")
    before = draft.rows[ROOMS][0][column]
    wrong = edits.with_cell(draft, ROOMS, 0, column, "ten")
    (fault,) = read(wrong).of(ROOMS)
    assert (fault.row, fault.column) == (0, column)
    assert fault.message == "found 'ten'; a whole number is expected"
    assert edits.with_cell(wrong, ROOMS, 0, column, shown(before)) == draft


def test_lines_of_one_entry_stay_among_the_others() -> None:
    draft, path = draft_of(ready(DEMO)), ("patients", "commitments")
    own = tuple(row for row in draft.rows[path] if row[0] == "p02")
    added = {"Label": "gym", "Windows": "Sat 09:00-10:00"}
    now = edits.after_of(draft, path, "p02", own, Change({0: {"Label": "shop"}}, [added]))
    assert [r[0] for r in now.rows[path]][:5] == ["p01", "p01", "p02", "p02", "p03"]
    assert [r[1] for r in now.rows[path] if r[0] == "p02"] == ["shop", "gym"]
    assert read(now).scenario is not None


def test_who_is_removed_leaves_no_list_of_names() -> None:
    draft = draft_of(ready(DEMO))
    column = at(PATIENTS, "keep_apart")
    held = [n for n, row in enumerate(draft.rows[PATIENTS]) if shown(row[column]) == "p20"]
    assert held
    now = edits.without_line(draft, PATIENTS, draft.line_of(PATIENTS, "p20") or 0)
    assert "p20" not in json.dumps(to_json(now)["rows"])
    assert read(now).scenario is not None


def test_new_entries_have_ids_of_their_own() -> None:
    draft = draft_of(ready(DEMO))
    assert edits.new_id(draft, PATIENTS) == "p25"
    assert edits.new_id(three(), PATIENTS) == "p4"
    assert edits.new_id(empty(), ROOMS) == "r01"


# -- painting -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "stroke", "on", "after"),
    [
        ("Mon 09:00-12:00", ([0], 660, 780), True, "Mon 09:00-13:00"),
        ("Mon-Fri 09:00-17:00", ([2], 720, 1020), False, "Mon, Tue, Thu, Fri 09:00-17:00; Wed 09:00-12:00"),
        ("Mon 09:10-09:50", ([0], 540, 570), False, "Mon 09:30-09:50"),
        ("Mon 09:00-10:00", ([0], 0, 1440), False, "never"),
        ("never", ([6], 1410, 1440), True, "Sun 23:30-24:00"),
        ("Mon 09:00-10:00; Mon 09:30-11:00", ([1], 540, 600), True, "Mon 09:00-11:00; Tue 09:00-10:00"),
    ],
)  # fmt: skip
def test_a_stroke_changes_what_it_covers_and_nothing_else(
    before: str, stroke: tuple[list[int], int, int], on: bool, after: str
) -> None:
    spans = painting.spans_of(before)
    assert spans is not None
    days, start, end = stroke
    now = painting.painted(spans, days, start, end, on=on)
    assert painting.spans_of(painting.written(now)) == now
    assert painting.spans_of(after) == now


def test_hours_are_on_site_by_video_or_away_and_a_blank_cell_is_all_opening_hours() -> None:
    opening = painting.spans_of("Mon-Fri 09:00-17:00")
    assert opening is not None
    blank = {"site": opening, "video": painting.EMPTY}
    cells = {"site": None, "video": None}
    now = painting.strokes(dict(cells), blank, "video", [4], 540, 1020)
    assert now == {"site": "Mon-Thu 09:00-17:00", "video": "Fri 09:00-17:00"}
    now = painting.strokes(dict(now), blank, None, range(7), 0, 1440)
    assert now == {"site": "never", "video": None}
    assert painting.strokes(dict(cells), blank, None, [6], 0, 60) == cells


def test_opening_hours_are_read_as_far_as_they_go() -> None:
    draft = three().with_rows(
        ("opening_hours",), [("Mon, Tue", "9:00", "12:00"), ("Mon", "x", "13:00"), (None,) * 3]
    )
    assert painting.opening_of(draft)[:3] == (((540, 720),), ((540, 720),), ())
    assert painting.share(painting.opening_of(draft), 0, 540) == 2
    assert painting.share(((((555, 600),)),) * 7, 0, 540) == 1
    assert painting.shown_hours([painting.opening_of(draft)]) == (7 * 60, 19 * 60)


@pytest.mark.parametrize(
    ("sent", "stroke"),
    [
        ({"brush": "on", "days": [3, 1], "start": 60, "end": 90}, Stroke("on", 1, 3, 60, 90)),
        ({"brush": "none", "days": [0, 0], "start": 60, "end": 90}, None),
        ({"brush": "on", "days": [0, 7], "start": 60, "end": 90}, None),
        ({"brush": "on", "days": [0, 0], "start": 90, "end": 90}, None),
        ({"brush": "on", "days": [0, 0], "start": 0, "end": 1441}, None),
        ({"brush": "on", "days": ["<b>", 0], "start": 0, "end": 60}, None),
        ("x", None),
        (None, None),
    ],
)
def test_nothing_of_the_browsers_is_trusted(sent: object, stroke: Stroke | None) -> None:
    assert stroke_of(sent, [Brush("on", "On", "red", "")]) == stroke


# -- goals ----------------------------------------------------------------------------------------


def test_goals_change_places_join_and_part() -> None:
    order = goals.wishes(three())
    assert order is not None
    assert [w.goal for w in order] == list(goals.KEYS)
    swapped = goals.moved(order, "disruption", later=False)
    assert [w.goal for w in swapped][2:4] == ["disruption", "turned_away"]
    together = goals.joined(swapped, "turned_away")
    assert [w.tier for w in together] == [1, 2, 3, 3, 4, 5, 6]
    policy = read(goals.with_order(three(), together)).scenario
    assert policy is not None
    assert policy.policy.tiers[2] == ("disruption", "turned_away")
    apart = goals.moved(together, "turned_away", later=True)
    assert apart == swapped
    back = goals.with_order(three(), goals.moved(apart, "disruption", later=True))
    assert back.rows[POLICY] == three().rows[POLICY]


def test_a_policy_as_it_stands_is_not_rewritten() -> None:
    draft = draft_of(every_field())
    order = goals.wishes(draft)
    assert order is not None
    assert (order[0].tolerance, order[1].weight, order[2].strict) == (0.05, 3, True)
    assert goals.with_order(draft, order) is draft
    now = read(goals.with_order(empty(), order)).scenario
    assert now is None or now.policy == every_field().policy
    again = read(draft.with_rows(POLICY, goals.rows_of(order))).scenario
    assert again is not None
    assert goals.wishes(draft_of(again)) == order
    rows = [("unmet care", "one", None, None, None), *draft.rows[POLICY][1:]]
    assert goals.wishes(draft.with_rows(POLICY, rows)) is None


# -- what stands beside a field -------------------------------------------------------------------


def test_every_rule_and_goal_says_which_fields_it_reads() -> None:
    fields = {saying.field_of(path, c) for path, t in by_path().items() for c in t.columns}
    assert set(saying.FIELDS_OF_RULES) == set(RULE)
    assert set(saying.FIELDS_OF_GOALS) == set(goals.KEYS)
    for named in (*saying.FIELDS_OF_RULES.values(), *saying.FIELDS_OF_GOALS.values()):
        assert set(named) <= fields
    column = by_path()[("therapists",)].columns[at(("therapists",), "meal", "minutes")]
    assert "Rule: Long days have a meal break" in saying.help_of(("therapists",), column)


def test_help_and_editing_load_no_solver() -> None:
    code = "import sys, ui.editing.saying, ui.editing.arriving; sys.exit('ortools' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
