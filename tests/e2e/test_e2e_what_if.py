"""A director compares losing a therapist with closing a room, and a refresh forgets nothing of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import choose, segment, settled, until_idle, visit
from tests.e2e.looking import shoot, without_serious_findings
from tests.guard.serving import Served

pytestmark = pytest.mark.browser


def add(page: Page, variant: int, about: str, wish: str, which: str) -> None:
    """Pick a change for a variant."""
    page.get_by_role("button", name="Add a change").nth(variant).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name=about).click()
    until_idle(page)
    choose(page, "What would be different", wish)
    choose(page, "Which", which)
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog).to_have_count(0)
    until_idle(page)


def test_losing_a_therapist_against_closing_a_room(page: Page, served: Served) -> None:
    visit(page, served, "what_if")
    add(page, 0, "Staff", "A therapist leaves", "Tom Eriksen")
    page.get_by_role("button", name="Another variant").click()
    until_idle(page)
    add(page, 1, "Rooms", "A room closes for good", "Cedar Room")
    page.reload()
    settled(page)
    expect(page.get_by_role("checkbox", name="Tom Eriksen")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Cedar Room")).to_be_checked()
    segment(page, "10 s").click()
    until_idle(page)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", name="Side by side")).to_be_visible(timeout=180_000)
    until_idle(page)
    table = page.get_by_role("table").first
    for column in ("The week as it is", "Variant 1", "Variant 2"):
        expect(table.get_by_role("columnheader", name=column)).to_be_visible()
    expect(page.get_by_role("heading", name="People whose week changes")).to_be_visible()
    without_serious_findings(page)
    shoot(page, "what-if")
    page.reload()
    settled(page)
    expect(page.get_by_role("heading", name="Side by side")).to_be_visible()
