"""Every page, light and dark: no serious finding of axe-core in this project's markup; pictures."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import choose, until_idle, visit
from tests.e2e.looking import dark, shoot, without_serious_findings
from tests.guard.serving import ROOT, Served

pytestmark = pytest.mark.browser
PAGES = {
    "Overview": "",
    "The week": "week",
    "Why": "why",
    "Next week": "next_week",
    "Kept weeks": "kept_weeks",
    "Solve": "solve",
    "What if": "what_if",
    "Sweeps": "sweeps",
    "Staff and capacity": "planning",
    "Check": "check",
    "Data": "data",
    "Print": "print",
    "Help": "help",
}


def test_the_solved_demo_is_the_first_screen(page: Page, served: Served) -> None:
    begun = time.monotonic()
    page.goto(served.url)
    expect(page.get_by_text("Matrix evening program, week of 30 November 2026")).to_be_visible()
    expect(page.get_by_text("22 of 22").first).to_be_visible()
    print(f"first screen after {time.monotonic() - begun:.1f} s")


def test_every_page_is_looked_at(page: Page, served: Served) -> None:
    visit(page, served)
    shown = page.get_by_role("navigation").get_by_role("link").all_inner_texts()
    assert [text.splitlines()[-1] for text in shown] == list(PAGES)


@pytest.mark.parametrize("title", PAGES)
def test_without_serious_findings(title: str, page: Page, served: Served) -> None:
    visit(page, served, PAGES[title])
    expect(page.get_by_role("heading", name=title, exact=True, level=2)).to_be_visible()
    without_serious_findings(page)


def test_a_session_that_is_open_has_none_either(page: Page, served: Served) -> None:
    visit(page, served, "week")
    page.get_by_role("button", name="Process Group, Monday").first.click()
    page.get_by_role("dialog").wait_for()
    until_idle(page)
    without_serious_findings(page)


def test_pictures_are_of_the_pages(page: Page, served: Served) -> None:
    visit(page, served)
    shoot(page, "overview", tall=1000)
    dark(page, True)
    shoot(page, "overview-dark", tall=1000)
    dark(page, False)
    page.set_viewport_size({"width": 800, "height": 1000})
    until_idle(page)
    shoot(page, "overview-800", tall=1100)
    wide = page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert wide <= 800, "nothing stands out of a narrow screen"
    page.set_viewport_size({"width": 1400, "height": 1000})
    visit(page, served, "week")
    choose(page, "Day", "Mon 30 Nov")
    shoot(page, "week")
    assert all(p.stat().st_size <= 200_000 for p in (ROOT / "docs/images").glob("*.png"))
