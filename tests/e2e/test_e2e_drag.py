"""A session is dragged with the mouse between two columns, published, and found in file and store."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from solver.io.files import dump
from solver.store import open_store
from tests.e2e.acting import (
    choose,
    drag_to_another_column,
    go,
    schedule_on,
    segment,
    until_idle,
    visit,
)
from tests.guard.serving import ROOT, Served

pytestmark = pytest.mark.browser


def of(schedule: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every appointment by its id."""
    return {a["id"]: a for a in schedule["appointments"]}


def test_dragging_between_two_rooms_and_publishing(page: Page, served: Served) -> None:
    visit(page, served, "week")
    choose(page, "Day", "Mon 30 Nov")
    moved = drag_to_another_column(page, "Individual Session")
    assert moved.before.split(", ")[2] != moved.after.split(", ")[2], "it is in another room"
    room = moved.after.split(", ")[2]
    expect(page.get_by_text(f"in {room}.")).to_be_visible()

    go(page, "Next week")
    segment(page, "Publish and call").click()
    until_idle(page)
    page.get_by_role("button", name="Publish this week").click()
    expect(page.get_by_text("Published: publication 1 of this week")).to_be_visible()
    expect(page.get_by_text("This is the week that people live by.")).to_be_visible()

    ready = (ROOT / "scenarios/solved/matrix-evening.schedule.json").read_text("utf-8")
    before, after = json.loads(ready), schedule_on(page, served)
    changed = [a for id, a in of(after).items() if a != of(before)[id]]
    assert len(changed) == 1
    names = json.loads((ROOT / "scenarios/matrix-evening.json").read_text("utf-8"))["rooms"]
    assert {r["id"]: r["name"] for r in names}[changed[0]["room"]] == room
    assert {**after, "appointments": 0} == {**before, "appointments": 0}, "and nothing else"
    with open_store(str(served.folder / "store.sqlite")) as store:
        (clinic,) = store.clinics.all()
        (week,) = store.scenarios.of_clinic(clinic.id)
        published = store.weeks.current(clinic.id, week.week_start)
        assert published is not None
        _, kept = store.schedules.read(store.schedules.get(published.schedule_id))
    assert of(dump(kept))[changed[0]["id"]]["room"] == changed[0]["room"]


def test_what_is_dropped_where_it_may_not_be_stays_and_the_rule_is_said(
    page: Page, served: Served
) -> None:
    visit(page, served, "week")
    choose(page, "Day", "Tue 1 Dec")
    was = schedule_files(page, served)
    session = page.get_by_role("button", name="led by").first
    here = session.bounding_box()
    assert here is not None
    page.mouse.move(here["x"] + 30, here["y"] + 10)
    page.mouse.down()
    page.mouse.move(here["x"] + 34, here["y"] + 20, steps=4)
    expect(page.get_by_text("Looking where it can go")).to_have_count(0)
    shut = page.locator(".ec-day, .ec-body").last.bounding_box()
    assert shut is not None
    page.mouse.move(shut["x"] + shut["width"] - 40, here["y"] + 10, steps=8)
    page.mouse.up()
    until_idle(page)
    expect(session).to_be_visible()
    assert schedule_files(page, served) == was


def schedule_files(page: Page, served: Served) -> dict[str, bytes]:
    """Every schedule this server has."""
    return {str(p): p.read_bytes() for p in served.work.rglob("schedule.json")}
