"""Names with markup are shown letter by letter, on every page, and nothing in them comes to life."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from solver.schedule import Schedule
from solver.validation import read_scenario
from tests.e2e.acting import settled
from tests.guard.serving import ROOT, Served
from ui.desk.store import Desk

pytestmark = pytest.mark.browser
MARKUP = '<img src=x onerror="window.hit=1">**b** :red[r] $y$ [l](javascript:window.hit=1)'
ADDRESSES = ("", "next_week", "what_if", "check", "data", "week")


@pytest.fixture
def desk(served: Served) -> str:
    """A desk on which the demo clinic lies, everybody and everything with markup in their names."""
    data = json.loads((ROOT / "scenarios/matrix-evening.json").read_text("utf-8"))
    for part in ("patients", "therapists", "rooms", "groups", "services", "programs"):
        for number, entry in enumerate(data[part]):
            entry["name"] = f"{part[:2]}{number} {MARKUP}"
    solved = (ROOT / "scenarios/solved/matrix-evening.schedule.json").read_text("utf-8")
    desk = Desk.new(served.work, None)
    files = desk.add(read_scenario(data)[0])
    files.take_schedule(Schedule.model_validate_json(solved))
    return desk.id


def test_names_with_markup_are_text(page: Page, served: Served, desk: str) -> None:
    for address in ADDRESSES:
        page.goto(f"{served.url}/{address}?desk={desk}")
        settled(page)
        assert page.evaluate("window.hit") is None, address
        assert page.locator("img[src=x]").count() == 0, address
        assert page.locator("a[href^='javascript:']").count() == 0, address
        bold = page.get_by_test_id("stMain").locator("strong", has_text=re.compile("^b$"))
        assert bold.count() == 0, address
    expect(page.get_by_role("button", name=f", ro0 {MARKUP}, led by").first).to_be_visible()
