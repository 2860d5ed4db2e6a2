"""Two schedulers work on the same week; the second to publish is shown what the first one changed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.acting import (
    TALL,
    WIDE,
    choose,
    drag_to_another_column,
    go,
    schedule_on,
    segment,
    until_idle,
    visit,
)
from tests.e2e.looking import without_serious_findings
from tests.guard.serving import PATIENCE, Served

pytestmark = pytest.mark.browser


def move(page: Page, served: Served, day: str, kind: str) -> None:
    """Move a session on the board."""
    visit(page, served, "week")
    choose(page, "Day", day)
    drag_to_another_column(page, kind)


def publish(page: Page) -> None:
    """Press the button."""
    go(page, "Next week")
    segment(page, "Publish and call").click()
    until_idle(page)
    page.get_by_role("button", name="Publish this week").click()
    until_idle(page)


def test_the_second_is_shown_what_the_first_changed(
    page: Page, browser: Browser, served: Served
) -> None:
    context = browser.new_context(viewport={"width": WIDE, "height": TALL})
    other = context.new_page()
    other.set_default_timeout(PATIENCE * 1_000)
    try:
        move(page, served, "Mon 30 Nov", "Individual Session")
        move(other, served, "Mon 30 Nov", "Check-in")
        publish(page)
        expect(page.get_by_text("Published: publication 1")).to_be_visible()
        mine = schedule_on(other, served)
        publish(other)
        expect(other.get_by_text("published this week meanwhile")).to_be_visible()
        expect(other.get_by_text("Nothing was overwritten.")).to_be_visible()
        expect(other.get_by_text("counseling", exact=False).first).to_be_visible()
        without_serious_findings(other)
        assert schedule_on(other, served) == mine
        other.get_by_role("button", name="Publish mine in its place").click()
        expect(other.get_by_text("Published: publication 2")).to_be_visible()
        page.reload()
        expect(page.get_by_text("People live by publication 2")).to_be_visible()
    finally:
        context.close()


def test_a_second_tab_may_not_overwrite_what_it_has_not_seen(page: Page, served: Served) -> None:
    visit(page, served, "week")
    choose(page, "Day", "Mon 30 Nov")
    second = page.context.new_page()
    second.set_default_timeout(PATIENCE * 1_000)
    second.goto(page.url)
    choose(second, "Day", "Mon 30 Nov")
    drag_to_another_column(page, "Individual Session")
    now = schedule_on(page, served)
    session = second.get_by_role("button", name="led by").first
    session.click()
    until_idle(second)
    second.reload()
    expect(second.get_by_role("button", name="Undo")).to_be_enabled()
    assert schedule_on(page, served) == now
