"""The Why page: what answers look like, what trying them makes of the week, and the page itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time as clock
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from solver.checker import check
from solver.clinic import Clinic
from solver.io.files import dump, load_scenario, load_schedule
from solver.scenario import Scenario
from solver.schedule import Schedule
from solver.validation import read_scenario, read_schedule
from tests.builders import (
    Json,
    clinic,
    group,
    patient,
    program,
    quota,
    room,
    section,
    talk,
    therapist,
    week,
)
from ui.desk import asking, frame, history
from ui.desk.links import PLACE, SHORT, open_place, open_why
from ui.desk.opened import Opened, open_week
from ui.desk.store import Desk, WeekFiles
from ui.widgets import why_lines, why_place, why_short, why_trying, why_value
from ui.widgets.why_asking import named
from ui.widgets.why_here import move_text

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0


def full_group(**facts: Any) -> Json:
    """Pat is due one talk a week, and the group's two seats are taken."""
    plain = {
        "programs": [program(minutes_per_week={"min": 60}, quotas=[quota("talk", 1, 2)])],
        "services": [talk()],
        "groups": [group("cbt", size={"min": 1, "max": 2}) | {"name": "Coping Skills"}],
        "rooms": [room("big", 6)],
        "therapists": [therapist("ann") | {"name": "Ann Lee"}],
        "patients": [
            patient("pat") | {"name": "Pat Lee", "commitments": COMMITTED},
            patient("sam") | {"name": "Sam Poe"},
            patient("kim") | {"name": "Kim Day"},
        ],
    }
    return clinic(**(plain | facts))


COMMITTED = [
    {"label": "court", "windows": [{"days": ["mon"], "start": "09:00", "end": "10:00"}]},
    {"label": "farm", "windows": [{"days": ["tue", "wed"], "start": "09:00", "end": "12:00"}]},
]
FULL = week(section(["sam", "kim"], name="cbt-1"))


@dataclass
class Shown:
    """As much of a page as is needed without a browser."""

    desk: Desk
    files: WeekFiles
    opened: Opened


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("IOP_WORK_FOLDER", str(tmp_path))
    yield tmp_path
    for job in [*frame.runner().jobs(), *frame.asker().jobs()]:
        job.forget()
    st.cache_resource.clear()


@pytest.fixture
def desk(work: Path) -> Desk:
    """A desk on which the full group lies."""
    desk = Desk.new(work)
    scenario = read_scenario(full_group())[0]
    desk.add(scenario).take_schedule(read_schedule(FULL, scenario))
    return desk


def page_of(desk: Desk, initials: bool = False) -> Any:
    files = desk.week()
    return Shown(desk, files, open_week(files, initials=initials))


def week_on(desk: Desk) -> tuple[Scenario, Schedule]:
    files = desk.week()
    scenario = load_scenario(files.scenario)[0]
    return scenario, load_schedule(files.schedule, scenario)


def more_seats(page: Any) -> tuple[list[Json], Json]:
    """One seat more, and the week in which Pat takes it, both as they are shown."""
    shown = page.opened.week.schedule
    (one,) = shown.sections
    who = page.opened.clinic.scenario.patients[0].id
    seated = one.model_copy(update={"members": (*one.members, who)})
    change = {"kind": "change", "what": "group", "id": "cbt", "set": {"size.max": 3}}
    return [change], dump(shown.model_copy(update={"sections": (seated,)}))


# -- trying ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("initials", [False, True])
def test_what_is_tried_is_a_copy_with_full_names(desk: Desk, initials: bool) -> None:
    before = desk.week()
    page = page_of(desk, initials)
    changes, schedule = more_seats(page)
    freed = [{"kind": "change", "what": "patient", "id": page.opened.clinic.scenario.patients[0].id,
              "set": {"commitments": [dict(COMMITTED[1])]}}]  # fmt: skip
    assert why_trying.own_copy(page, changes + freed, schedule, "a seat more")
    scenario, found = week_on(desk)
    assert scenario.name.endswith("· a seat more")
    assert [p.name for p in scenario.patients] == ["Pat Lee", "Sam Poe", "Kim Day"]
    assert found.sections[0].members == ("sam", "kim", "pat")
    assert check(Clinic(scenario), found) == []
    assert load_scenario(before.scenario)[0].groups[0].size.max == 2


def test_commitments_that_were_shown_without_labels_get_their_own_again() -> None:
    real = read_scenario(full_group())[0].patients[0].commitments
    cut = [{"label": "committed", "windows": [{"days": ["wed"], "start": "09:00", "end": "11:00"}]}]
    assert [c["label"] for c in why_trying.labelled(cut, real)] == ["farm"]
    whole = [{"label": "committed", "windows": c["windows"]} for c in COMMITTED]
    assert [c["label"] for c in why_trying.labelled(whole, real)] == ["court", "farm"]


def test_a_suggestion_on_a_week_that_has_changed_is_refused(desk: Desk) -> None:
    page = page_of(desk)
    _, schedule = more_seats(page)
    gone = [{"kind": "change", "what": "group", "id": "gone", "set": {"size.max": 3}}]
    key = desk.week().key
    assert not why_trying.own_copy(page, gone, schedule, "nothing")
    assert desk.week().key == key


def test_a_weeks_name_tells_no_patient() -> None:
    steps = [
        {"kind": "own_hours", "text": "Pat Lee can also come Mon 09:00–10:00"},
        {"kind": "seat", "text": "Coping Skills takes 3 members instead of 2"},
    ]
    said = why_trying.called(steps)
    assert said == "other hours of a patient; Coping Skills takes 3 members instead of 2"
    assert len(why_trying.short(said)) <= why_trying.LONGEST
    assert why_trying.called([]) == "rearranged"


# -- a place --------------------------------------------------------------------------------------


def test_a_new_patients_entry_and_its_faults(desk: Desk) -> None:
    scenario = read_scenario(full_group())[0]
    said = ("iop", 3, "remote", "ann", ["tue", "mon"], clock(9), clock(17), 20)
    new = why_place.entry("new-1", " Dana Ruiz ", *said)
    assert new["commitments"] == [
        {
            "label": "work or school",
            "windows": [{"days": ["mon", "tue"], "start": "09:00", "end": "17:00"}],
            "travel_minutes": 20,
        }
    ]
    assert (new["name"], new["primary_therapist"]) == ("Dana Ruiz", "ann")
    assert why_place.faults(scenario, new) == []
    backwards = ("iop", 1, "either", "", ["mon"], clock(17), clock(9), 0)
    (fault,) = why_place.faults(scenario, why_place.entry("new-1", "", *backwards))
    assert "ends after it starts" in fault
    assert why_place.free_id(page_of(desk).opened) == "new-1"


@pytest.mark.parametrize("initials", [False, True])
def test_a_plan_that_is_taken_is_the_weeks_and_can_be_undone(desk: Desk, initials: bool) -> None:
    page = page_of(desk, initials)
    shown = page.opened.week.schedule
    (one,) = shown.sections
    new = why_place.entry("new-1", "Dana Ruiz", "iop", 1, "either", "", [], clock(9), clock(17), 0)
    swapped = one.model_copy(update={"members": (one.members[0], "new-1")})
    schedule = dump(shown.model_copy(update={"sections": (swapped,)}))
    assert why_place.take(page, schedule, new)
    scenario, found = week_on(desk)
    assert scenario.patients[-1].name == "Dana Ruiz"
    assert found.sections[0].members == ("sam", "new-1")
    assert history.undo(desk.week()) == "Gave one more patient a place"
    scenario, found = week_on(desk)
    assert len(scenario.patients) == 3
    assert found.sections[0].members == ("sam", "kim")


def test_who_waits_comes_first_in_the_list(desk: Desk) -> None:
    waits = patient("kim", status="waitlist") | {"name": "Kim Day"}
    facts = full_group(patients=[patient("sam"), patient("pat"), waits])
    scenario = read_scenario(facts)[0]
    desk.add(scenario).take_schedule(read_schedule(week(section(["sam"])), scenario))
    shown = page_of(desk).opened.week
    assert shown is not None
    assert why_place.candidates(shown) == ["kim", "pat", "sam"]
    assert why_place.told_apart(shown, "kim") == "Kim Day · waiting, not admitted"


# -- words and tables -----------------------------------------------------------------------------


def test_lines_are_parted_into_what_can_be_and_what_cannot() -> None:
    lines = [[0, "Other times"], [1, "Tue: nothing changes."], [1, "Not Mon: full."], [0, "End."]]
    assert why_lines.parts(lines) == [
        why_lines.Part("Other times", ("Tue: nothing changes.",), ("Not Mon: full.",)),
        why_lines.Part("End.", (), ()),
    ]


def test_additions_as_a_table() -> None:
    gain = {"at_least": 1, "at_most": 2}
    row = {
        "rank": 1, "title": "A seat more", "kind": "seat", "patients_served": gain,
        "patients_admitted": {"at_least": 0, "at_most": 0}, "paid_minutes": 0, "cost": 0.0,
        "minutes": {"at_least": 90, "at_most": None}, "unmet_care": {"at_least": 150, "at_most": 300},
    }  # fmt: skip
    (shown,) = why_value.table({"additions": [row]})
    assert shown == {
        "Rank": 1, "Addition": "A seat more", "Kind": "Group seat", "Fully served": 1, "Hours": 1.5,
        "Care": 150, "At most": 300, "Staff hours": 0.0,
    }  # fmt: skip


def test_goals_that_do_not_change_are_left_out() -> None:
    tiers = [
        {"tier": 1, "goals": ["unmet_care"], "before": 60, "after": 0},
        {"tier": 2, "goals": ["short_days"], "before": 1, "after": 1},
    ]
    (row,) = why_short.goals(tiers)
    assert (row["Tier"], row["Before"], row["Then"]) == (1, 60, 0)


def test_a_move_is_said_as_the_command_reads_it() -> None:
    assert move_text("cbt-1", ["wed", "mon"], clock(18)) == "'cbt-1' mon,wed 18:00"
    assert move_text("it's", [], clock(9, 30)) == "'it'\"'\"'s' 09:30"


# -- the page -------------------------------------------------------------------------------------


def opened(desk: Desk) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "why.py"), default_timeout=PATIENCE)
    app.query_params[frame.PARAMETER] = desk.id
    app.run()
    assert not app.exception, app.exception[0].message
    return app


def click(app: AppTest, label: str) -> AppTest:
    next(b for b in app.button if b.label == label).click().run()
    assert not app.exception, app.exception[0].message
    return app


def words(app: AppTest) -> str:
    kinds = ("header", "markdown", "caption", "info", "warning", "error", "success", "code")
    return "\n".join(e.value for kind in kinds for e in app.get(kind)).replace("\\", "")


def answered(app: AppTest) -> str:
    """The page once nothing runs any more."""
    for _ in range(int(PATIENCE)):
        waits = "Waiting for its turn" in words(app)
        if not waits and not any(b.label.startswith("Stop") for b in app.button):
            return words(app)
        time.sleep(1)
        app.run()
    raise AssertionError(words(app))


@pytest.mark.slow
def test_the_page_explains_a_patient_and_finds_a_place(desk: Desk) -> None:
    open_why(desk, "pat")
    app = click(opened(desk), "Explain")
    told = answered(app)
    assert "takes 3 members instead of 2" in told
    assert "full, 2 of 2 seats" in told
    assert any(b.label == "Try this" for b in app.button)
    open_place(desk, "pat")
    app = click(opened(desk), "Find a place")
    assert "There is no place for Pat Lee" in answered(app)
    assert app.session_state[f"{frame.KEPT}why.part"] == PLACE


CARD = """
from ui.desk import frame
from ui.widgets.why_here import why_here

why_here(frame.begin("Card"), "cbt-1")
"""


@pytest.mark.slow
def test_a_sessions_card_says_where_else_and_judges_a_move(desk: Desk) -> None:
    app = AppTest.from_string(CARD, default_timeout=PATIENCE)
    app.query_params[frame.PARAMETER] = desk.id
    app = click(app.run(), "Why here, and where else?")
    told = answered(app)
    assert "other times possible" in told
    assert "other leader" in told
    app.multiselect[0].set_value(["tue"])
    app = click(app, "Could it be then?")
    assert "Possible: Coping Skills" in answered(app)


@pytest.mark.slow
def test_with_initials_only_no_answer_names_anybody(desk: Desk) -> None:
    frame.choose(desk, frame.INITIALS, True)
    frame.choose(desk, "why.part", SHORT)
    app = click(opened(desk), "Explain")
    told = answered(app)
    assert "takes 3 members instead of 2" in told
    for name in ("Pat", "Lee (", "Sam", "Poe", "court", "farm"):
        assert name not in told


@pytest.mark.slow
def test_a_week_without_a_schedule_says_why_there_is_none(desk: Desk) -> None:
    away = [patient("pat", availability=[]) | {"name": "Pat Lee"}]
    facts = full_group(patients=away, policy={"strict": ["unmet_care"]})
    desk.add(read_scenario(facts)[0])
    app = click(opened(desk), "Why does nothing fit?")
    told = answered(app)
    assert "No schedule exists" in told
    assert any(b.label == "Try this" for b in app.button)


def test_nobody_short_is_said(desk: Desk) -> None:
    scenario = read_scenario(full_group())[0]
    free = full_group(groups=[group("cbt", size={"min": 1, "max": 3})], patients=[patient("sam")])
    scenario = read_scenario(free)[0]
    desk.add(scenario).take_schedule(read_schedule(week(section(["sam"])), scenario))
    assert "Nobody is short" in words(opened(desk))


def test_questions_are_kept_apart_for_names_and_initials(desk: Desk) -> None:
    assert named(page_of(desk), "why") == "why"
    assert named(page_of(desk, initials=True), "why") == "why, initials"
    assert asking.answer(page_of(desk), "why") is None
