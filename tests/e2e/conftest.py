"""The app in a process of its own, and a real browser that looks at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.acting import TALL, WIDE
from tests.guard import serving
from tests.guard.browsing import chromium
from tests.guard.serving import PATIENCE, Served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, chromium(playwright) as found:
        yield found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server with a work folder and a store of its own, for the stories of one file."""
    with serving.app(tmp_path_factory.mktemp("served")) as app:
        yield app
        assert "Uncaught app execution" not in app.log, app.log
        assert "Traceback" not in app.log, app.log


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A newcomer's browser: no cookies, nothing remembered."""
    context = browser.new_context(viewport={"width": WIDE, "height": TALL}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1_000)
    yield page
    context.close()
