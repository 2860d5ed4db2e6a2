"""Many browsers at once, while the solver works."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.faults.figures import Figures
from tests.guard import serving
from tests.guard.browsing import chromium
from tests.guard.serving import PATIENCE


def browsers_at_once(times: int, chance: random.Random) -> Figures:
    """So many browsers open the app while solves run; each sees its week, and nobody else's."""
    figures = Figures()
    with (
        tempfile.TemporaryDirectory() as name,
        serving.app(Path(name)) as served,
        sync_playwright() as playwright,
        chromium(playwright) as browser,
    ):
        pages = [browser.new_context().new_page() for _ in range(times)]
        for page in pages:
            page.set_default_timeout(PATIENCE * 1_000)
            page.goto(served.url, wait_until="commit")
        for number, page in enumerate(pages):
            page.get_by_text("Matrix", exact=False).first.wait_for()
            if number < 3:
                _solve(page, served.url)
        ways = ["week", "check", "data"]
        for page in pages[3:]:
            page.goto(f"{served.url}/{chance.choice(ways)}?{_query(page)}", wait_until="commit")
        for page in pages:
            page.get_by_role("heading").first.wait_for()
            assert page.get_by_text("Something went wrong").count() == 0
            figures.seen["saw its page"] += 1
        assert len({_query(page) for page in pages}) == times, "two browsers share a desk"
        assert "Traceback" not in served.log
        for job in (served.work / "jobs").glob("*/lock"):
            (job.parent / "cancel").touch()
    return figures


def _solve(page: Page, url: str) -> None:
    page.goto(f"{url}/solve?{_query(page)}", wait_until="commit")
    page.get_by_role("button", name="Solve", exact=True).click()
    page.get_by_role("button", name="Give up").wait_for()


def _query(page: Page) -> str:
    page.wait_for_url("**desk=*")
    return page.url.partition("?")[2]
