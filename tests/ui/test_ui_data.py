"""The data page: edits are drafts, files are brought and mended, weeks made and saved."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from solver.io.files import load_scenario
from solver.io.tables.layout import POLICY, tables
from tests.drafts import THREE_FAULTS, ready, workbook
from tests.io.fhir_bundles import bundle, clinic
from ui.desk import frame, history
from ui.desk.store import Desk
from ui.editing import shelf

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("IOP_WORK_FOLDER", str(tmp_path))
    yield tmp_path
    st.cache_resource.clear()


@pytest.fixture
def desk(work: Path) -> Desk:
    desk = Desk.new(work)
    desk.open("three-patients")
    return desk


def page(desk: Desk) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    app.query_params[frame.PARAMETER] = desk.id
    app.switch_page("ui/data.py").run()
    assert not app.exception, app.exception[0].message
    return app


def button(app: AppTest, label: str) -> Any:
    return next(b for b in app.button if b.label == label)


def click(app: AppTest, label: str) -> AppTest:
    button(app, label).click().run()
    assert not app.exception, app.exception[0].message
    return app


def chosen(desk: Desk, part: str, how: str = "Table") -> AppTest:
    desk.put(frame.KEPT + "data.part", part)
    desk.put(frame.KEPT + f"data.how.{part}", how)
    return page(desk)


PARTS = [
    ("Patients", "One by one"),
    ("Groups", "One by one"),
    ("Programs", "Table"),
    ("Clinic", "Table"),
    ("Last week", "Table"),
]


def test_every_list_has_its_place_on_the_page() -> None:
    source = (ROOT / "ui" / "data.py").read_text()
    for table in tables():
        named = "SETTINGS" if not table.path else "POLICY" if table.path == POLICY else None
        named = named or ("BASELINE" if table.path == ("baseline",) else None)
        assert (named or str(table.path).replace("'", '"')) in source


@pytest.mark.parametrize(("part", "how"), PARTS)
def test_every_part_is_shown(desk: Desk, part: str, how: str) -> None:
    app = chosen(desk, part, how)
    assert not app.error
    assert button(app, "Undo").disabled


def test_an_edit_is_a_draft_with_its_fault_and_survives_a_refresh(desk: Desk) -> None:
    app = chosen(desk, "Rooms", "One by one")
    seats = next(w for w in app.text_input if w.label == "Capacity *")
    seats.set_value("ten").run()
    for seen in (app, page(desk)):
        assert button(seen, "Save changes").disabled
        assert seen.error[0].value == "1 fault to mend before this can be saved."
        assert any("a whole number is expected" in m.value for m in seen.markdown)
        assert any("**Not saved yet:** Rooms" in m.value for m in seen.markdown)
    assert load_scenario(desk.week().scenario)[0] == ready("three-patients")
    app = page(desk)
    mend = next(w for w in app.text_input if w.label == "Rooms, Group Room (group-room), Capacity")
    mend.set_value("9").run()
    app = click(page(desk), "Save changes")
    assert app.success[0].value == "Saved\\: Rooms\\."
    assert not desk.week().is_ready
    assert load_scenario(desk.week().scenario)[0].rooms[0].capacity == 9
    assert history.steps(desk.week()).undo == ("Edited Rooms",)
    click(page(desk), "Undo")
    assert load_scenario(desk.week().scenario)[0] == ready("three-patients")


def test_changes_are_thrown_away(desk: Desk) -> None:
    app = chosen(desk, "Clinic")
    next(w for w in app.text_input if w.label == "Name *").set_value("Other").run()
    app = click(page(desk), "Throw them away")
    assert any(m.value == "Everything is saved." for m in app.markdown)
    assert shelf.load(desk.week().folder) is None


def test_a_week_that_was_changed_elsewhere_is_not_overwritten_silently(desk: Desk) -> None:
    own = desk.own_copy(desk.week())
    app = chosen(desk, "Clinic")
    next(w for w in app.text_input if w.label == "Name *").set_value("Mine").run()
    other = ready("three-patients").model_copy(update={"description": "Theirs"})
    history.change(own, "from another tab", scenario=other)
    click(app, "Save changes")
    assert load_scenario(own.scenario)[0] == other
    app = page(desk)
    assert "changed elsewhere" in app.error[0].value
    app = click(click(app, "Go on with mine"), "Save changes")
    assert load_scenario(own.scenario)[0].name == "Mine"


def test_entries_are_added_painted_by_form_and_removed(desk: Desk) -> None:
    app = chosen(desk, "Therapists", "One by one")
    app = click(app, "Add a therapist")
    next(w for w in app.text_input if w.label == "Name *").set_value("Eve").run()
    app = click(app, "Set these hours")
    hours = next(w for w in app.text_input if w.label == "Availability")
    assert hours.value.endswith("09:00-17:00") or "09:00-17:00" in hours.value
    app = click(page(desk), "Save changes")
    assert len(load_scenario(desk.week().scenario)[0].therapists) == 3
    app = click(page(desk), "Remove this therapist")
    draft = shelf.load(desk.week().folder)
    assert draft is not None
    assert len(draft.rows[("therapists",)]) == 2


def test_goals_are_put_in_another_order(desk: Desk) -> None:
    app = chosen(desk, "Rules and goals")
    app.button(key="goal Earlier turned_away").click().run()
    app.number_input(key="goal weight burden").set_value(5).run()
    assert not app.exception
    click(app, "Save changes")
    policy = load_scenario(desk.week().scenario)[0].policy
    assert policy.tiers[1:3] == (("turned_away",), ("short_days",))
    assert policy.weights == {"burden": 5}


def test_a_newcomer_mends_a_workbook_with_three_faults(desk: Desk) -> None:
    app = page(desk)
    files = [("week.xlsx", workbook(THREE_FAULTS), "application/vnd.ms-excel")]
    app.file_uploader(key="scenario file").set_value(files).run()
    for seen in (app, page(desk)):
        assert seen.error[0].value.replace("\\", "") == "week.xlsx: 3 faults. Nothing was loaded."
        assert list(seen.dataframe[0].value["Place"]) == ["Rooms!C2", "Patients!C2", "Patients!F3"]
    app = click(page(desk), "Mend it here")
    assert button(app, "Open this week").disabled
    assert desk.week().key == "three-patients"
    where = "Patients, Anita Kovacs (p1), Program"
    next(w for w in app.selectbox if w.label == where).set_value("transition").run()
    for field, value in (("Capacity", "8"), ("Availability", "Mon 09:00-17:00")):
        next(w for w in app.text_input if w.label.endswith(f", {field}")).set_value(value).run()
    app = click(app, "Open this week")
    assert not desk.week().is_ready
    opened = load_scenario(desk.week().scenario)[0]
    assert (opened.rooms[0].capacity, opened.patients[0].program) == (8, "transition")
    assert shelf.load_incoming(desk.folder) is None


def test_a_file_that_was_brought_can_be_put_aside(desk: Desk) -> None:
    app = page(desk)
    app.file_uploader(key="scenario file").set_value([("a.json", b"{", "text/json")]).run()
    assert not any(b.label == "Mend it here" for b in app.button)
    assert shelf.load_incoming(desk.folder) is not None
    click(app, "Never mind")
    assert shelf.load_incoming(desk.folder) is None


def test_with_initials_only_nothing_is_quoted(desk: Desk) -> None:
    app = page(desk)
    app.file_uploader(key="scenario file").set_value(
        [("week.xlsx", workbook(THREE_FAULTS | {"Patients!C2": "Anita"}), "x")]
    ).run()
    app = click(page(desk), "Mend it here")
    desk.put(frame.KEPT + frame.INITIALS, True)
    app = page(desk)
    texts = [m.value for kind in ("markdown", "error", "info", "caption") for m in app.get(kind)]
    texts += [t.value.to_csv() for t in app.dataframe]
    assert not [text for text in texts if "Anita" in text or "Kovacs" in text]
    assert not [w for w in app.text_input if "Kovacs" in w.label]


def test_a_week_is_made_from_a_few_answers(desk: Desk) -> None:
    app = page(desk)
    click(app, "Make the week")
    assert "The week needs a name" in app.error[0].value.replace("\\", "")
    app.text_input(key="make name").set_value("River clinic")
    app.text_area(key="make therapists").set_value("Eve\nBo")
    app.text_area(key="make rooms").set_value("Maple 12")
    app.text_area(key="make patients").set_value("Ana\nBen")
    click(app, "Make the week")
    made = load_scenario(desk.week().scenario)[0]
    assert (made.name, len(made.patients), made.rooms[0].capacity) == ("River clinic", 2, 12)


@pytest.mark.slow
def test_fhir_is_read_in_a_child_and_goes_on_as_a_draft(desk: Desk) -> None:
    app = page(desk)
    content = json.dumps(bundle(*clinic())).encode()
    app.file_uploader(key="scenario file").set_value([("ehr.json", content, "x")]).run()
    latest = time.monotonic() + PATIENCE
    while shelf.load_incoming(desk.folder) is None:
        assert time.monotonic() < latest
        time.sleep(0.3)
        app.run()
        assert not app.exception, app.exception[0].message
    incoming = shelf.load_incoming(desk.folder)
    assert incoming is not None
    assert incoming.faults == ()
    assert any(what.startswith("Rooms: Capacity (") for what, _ in incoming.to_add)
    app = page(desk)
    assert button(app, "Open this week").disabled
    assert any(what.startswith("Programs") for what in app.dataframe[0].value["What"])
    for job in frame.asker().jobs():
        job.forget()
