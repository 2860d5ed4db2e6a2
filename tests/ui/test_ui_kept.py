"""Kept weeks: nothing is overwritten, whoever was slower is shown what changed, and errors are words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from solver.io.files import load_scenario, load_schedule, save_json
from solver.store import Conflict, StoreReadOnly
from ui.desk import frame, kept
from ui.desk.store import DEMO, READY, Desk
from ui.widgets import steps_publish

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("IOP_WORK_FOLDER", str(tmp_path))
    monkeypatch.setenv("IOP_STORE", str(tmp_path / "store.sqlite"))
    yield tmp_path
    st.cache_resource.clear()


def shown(desk: Desk, page: str = "kept_weeks") -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    app.query_params[frame.PARAMETER] = desk.id
    return fine(app.switch_page(f"ui/{page}.py").run())


def fine(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].message
    return app


def click(app: AppTest, label: str) -> AppTest:
    return fine(next(b for b in app.button if b.label == label).click().run())


def words(app: AppTest) -> str:
    kinds = ("markdown", "caption", "info", "success", "warning", "error", "subheader")
    texts = [str(e.value) for kind in kinds for e in app.get(kind)]
    texts += [table.value.to_csv() for table in app.dataframe]
    return "\n".join([*texts, *(b.label for b in app.button)]).replace("\\", "")


def renamed(desk: Desk, name: str) -> None:
    """Change something of the open week, as the Data page would."""
    files = desk.own_copy(desk.week())
    scenario = load_scenario(files.scenario)[0]
    rooms = (scenario.rooms[0].model_copy(update={"name": name}), *scenario.rooms[1:])
    save_json(files.scenario, scenario.model_copy(update={"rooms": rooms}))


def test_the_first_week_is_kept_and_its_history_shown(work: Path) -> None:
    desk = Desk.new(work)
    app = shown(desk)
    assert "Nothing is kept yet" in words(app)
    click(app, "Keep the open week")
    assert "Kept as version 1." in words(app)
    assert "worked from version 1" in words(app)
    # Keeping it again keeps nothing twice.
    click(app, "Keep the open week")
    here = kept.store()
    [home] = here.clinics.all()
    [week] = here.scenarios.of_clinic(home.id)
    assert (week.number, len(here.schedules.of(week))) == (1, 1)


@pytest.mark.slow
def test_two_schedulers_edit_one_week_and_nothing_is_overwritten(work: Path) -> None:
    one, two = Desk.new(work), Desk.new(work)
    click(shown(one), "Keep the open week")
    # The second one opens what is kept, as a copy.
    app = click(shown(two), "Open on the desk")
    assert "as a copy" in words(app)
    renamed(two, "Blue Room")
    click(shown(two), "Keep the open week")
    # The first one has changed it too, from version 1.
    ready = one.week()
    copy = one.own_copy(ready)
    one.put(f"kept from {copy.key}", one.get(f"kept from {ready.key}"))
    renamed(one, "Red Room")
    app = click(shown(one), "Keep the open week")
    said = words(app)
    assert "kept this week meanwhile (version 2" in said
    assert "Nothing was overwritten" in said
    assert "name changed" in said
    here = kept.store()
    [home] = here.clinics.all()
    assert [v.number for v in here.scenarios.of_clinic(home.id)] == [2]
    click(app, "Keep mine as a new week")
    assert sorted(v.number for v in here.scenarios.of_clinic(home.id)) == [1, 2]
    # Or theirs is taken; one's own stays on the desk.
    app = click(shown(one), "Open on the desk")
    assert len([w for w in one.weeks() if not w.is_ready]) == 2


def test_a_published_week_is_superseded_after_a_look(work: Path) -> None:
    one, two = Desk.new(work), Desk.new(work)
    for desk in (one, two):
        desk.put(frame.KEPT + "next.step.next", "publish")
    click(shown(one, "next_week"), "Publish this week")
    scenario = load_scenario(READY / f"{DEMO}.json")[0]
    week = load_schedule(READY / "solved" / f"{DEMO}.schedule.json", scenario)
    # The second one knows of no publication, and has a week with one appointment less.
    two.week().take_schedule(week.model_copy(update={"appointments": week.appointments[1:]}))
    app = click(shown(two, "next_week"), "Publish this week")
    assert "published this week meanwhile (publication 1" in words(app)
    here = kept.store()
    [home] = here.clinics.all()
    first = here.weeks.current(home.id, scenario.week_start)
    assert first is not None
    assert first.number == 1
    click(app, "Publish mine in its place")
    assert "publication 2" in words(app)
    both = here.weeks.publications(home.id, scenario.week_start)
    assert [w.number for w in both] == [1, 2]
    assert here.schedules.read(here.schedules.get(both[0].schedule_id))[1] == week
    said = words(shown(one))
    assert "Publication 2, holds" in said
    assert "To be told:" in said  # compared with the one before
    assert week.appointments[0].patient in said


def test_a_week_that_breaks_rules_is_refused_in_words(work: Path) -> None:
    desk = Desk.new(work)
    scenario = load_scenario(READY / f"{DEMO}.json")[0]
    week = load_schedule(READY / "solved" / f"{DEMO}.schedule.json", scenario)
    twice = week.appointments[0].model_copy(update={"id": "twice"})
    desk.week().take_schedule(week.model_copy(update={"appointments": (*week.appointments, twice)}))
    desk.put(frame.KEPT + "next.step.next", "publish")
    app = shown(desk, "next_week")
    assert "This week cannot be published: it breaks rules" in words(app)
    assert next(b for b in app.button if b.label == "Publish this week").disabled


def test_a_store_that_cannot_be_opened_is_said_on_the_page(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IOP_STORE", str(work / "no" / "store.sqlite"))
    assert "there is no folder" in words(shown(Desk.new(work)))


def test_reading_goes_on_where_nothing_can_be_written(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk.new(work)
    click(shown(desk), "Keep the open week")

    def refused(*_: object, **__: object) -> None:
        raise StoreReadOnly("store.sqlite: this user may not write here")

    monkeypatch.setattr(kept, "keep_week", refused)
    app = click(shown(desk), "Keep the open week")
    assert "this user may not write here" in words(app)
    assert "Version 1" in words(app)


def test_initials_show_nobody_in_a_comparison(work: Path) -> None:
    desk = Desk.new(work)
    scenario = load_scenario(READY / f"{DEMO}.json")[0]
    week = load_schedule(READY / "solved" / f"{DEMO}.schedule.json", scenario)
    app = click(shown(desk), "Keep the open week")
    desk.week().take_schedule(week.model_copy(update={"appointments": week.appointments[1:]}))
    gone = tuple(p for p in scenario.patients if p.status == "waitlist")[:1]
    renamed(desk, "Blue Room")
    files = desk.week()
    edited = load_scenario(files.scenario)[0]
    people = tuple(
        p.model_copy(update={"priority": 5}) if p.id == gone[0].id else p for p in edited.patients
    )
    save_json(files.scenario, edited.model_copy(update={"patients": people}))
    desk.put(frame.INITIALS, True)
    app = shown(desk)
    app.toggle(key=frame.KEPT + frame.INITIALS).set_value(True).run()
    click(app, "Keep the open week")
    said = words(fine(app))
    assert not [p for p in scenario.patients if p.name in said or f" {p.id}" in said]


def test_a_conflict_in_words_says_who_and_when() -> None:
    from datetime import UTC, datetime  # noqa: PLC0415 - for this alone

    at = datetime(2026, 11, 23, 7, 52, tzinfo=UTC)
    said = steps_publish.headline(Conflict("week", 1, 2, "kim@example.org", at, ()))
    assert said.startswith("kim@example.org published this week meanwhile (publication 2, Mon 23")
