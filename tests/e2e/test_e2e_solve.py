"""A solve goes on while nobody looks, and choices outlive a refresh."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import choose, go, segment, settled, until_idle, visit
from tests.guard.serving import Served

pytestmark = pytest.mark.browser


def test_a_solve_survives_a_closed_tab(page: Page, served: Served) -> None:
    visit(page, served, "solve")
    segment(page, "15 s").click()
    until_idle(page)
    page.get_by_role("button", name="Solve", exact=True).click()
    expect(page.get_by_text(re.compile(r"\d+ s of 15 s at most"))).to_be_visible()
    address, context = page.url, page.context
    page.close()
    again = context.new_page()
    again.goto(address)
    settled_while_running(again)
    done = again.get_by_text(re.compile(r"^(The best week, proved|A week was found)"))
    expect(done).to_be_visible(timeout=120_000)
    week = again.get_by_role("button", name="Take this week")
    expect(week.or_(again.get_by_text("It is the week at hand, on every page."))).to_be_visible()


def settled_while_running(page: Page) -> None:
    """The solve is watched again, or is over already."""
    running = page.get_by_role("button", name="Stop and take the best so far")
    ended = page.get_by_text(re.compile(r"^(The best week, proved|A week was found)"))
    expect(running.or_(ended)).to_be_visible()


def test_a_refresh_keeps_what_was_chosen(page: Page, served: Served) -> None:
    visit(page, served, "week")
    segment(page, "Therapists").click()
    until_idle(page)
    choose(page, "Day", "Wed 2 Dec")
    choose(page, "Who", "Marcus Bell")
    page.get_by_text("Initials only").click()
    until_idle(page)
    page.reload()
    settled(page)
    expect(segment(page, "Therapists")).to_be_checked()
    expect(page.get_by_role("combobox", name="Day", exact=True)).to_have_value("Wed 2 Dec")
    expect(page.get_by_role("combobox", name="Who", exact=True)).to_have_value("Marcus Bell")
    expect(page.get_by_role("switch", name="Initials only")).to_be_checked()
    go(page, "Overview")
    expect(page.get_by_role("switch", name="Initials only")).to_be_checked()
