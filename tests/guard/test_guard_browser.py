"""Signing in and out in a real browser, which asks nobody but this server and the provider."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Page, sync_playwright

from tests.guard import serving
from tests.guard.browsing import chromium
from tests.guard.serving import PATIENCE, Served, write_people

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright, chromium(playwright) as browser:
        page = browser.new_page()
        page.set_default_timeout(PATIENCE * 1_000)
        yield page


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with serving.provider() as url:
        yield url


@pytest.fixture(scope="module")
def served(provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder, port = tmp_path_factory.mktemp("served"), serving.free_port()
    serving.write_login(folder, provider, port)
    write_people(folder, kim="scheduler")
    with serving.app(folder, port=port) as app:
        yield app


def sign_in(page: Page, served: Served, provider: str, name: str) -> None:
    about = {"email": f"{name}@example.org", "email_verified": True, "name": name.title()}
    requests.put(f"{provider}/users/{name}", json=about, timeout=PATIENCE)
    page.goto(served.url)
    page.get_by_role("link", name="Sign in").click()
    page.locator("input[name=sub]").fill(name)
    page.locator("input[name=sub]").press("Enter")
    page.wait_for_url(f"{served.url}/**")


def test_signing_in_and_out(page: Page, served: Served, provider: str) -> None:
    page.goto(served.url)
    assert page.get_by_text("Sign in to go on.").is_visible()
    sign_in(page, served, provider, "kim")
    page.get_by_role("button", name="Sign out").wait_for()
    page.wait_for_url("**desk=*")
    cookie = next(c for c in page.context.cookies() if c["name"] == "_streamlit_user")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{provider}/**")
    page.goto(served.url)
    assert page.get_by_text("Sign in to go on.").is_visible()


def test_a_role_that_is_taken_away_leads_out(page: Page, served: Served, provider: str) -> None:
    sign_in(page, served, provider, "kim")
    page.get_by_role("button", name="Sign out").wait_for()
    write_people(served.folder, vera="viewer")
    page.get_by_text("Initials only").click()
    page.get_by_text("have no role here").wait_for()
    write_people(served.folder, kim="scheduler")


def test_who_is_unknown_sees_a_sentence(page: Page, served: Served, provider: str) -> None:
    page.context.clear_cookies()
    sign_in(page, served, provider, "eve")
    assert page.get_by_text("have no role here").is_visible()
    assert page.get_by_text("eve@example.org").is_visible()


PAGES = ["", "week", "next_week", "kept_weeks", "solve", "what_if", "sweeps", "planning", "check",
         "data", "print", "help"]  # fmt: skip


def test_no_page_asks_another_server_or_needs_what_is_forbidden(page: Page, tmp_path: Path) -> None:
    asked: set[str] = set()
    said: list[str] = []
    page.context.clear_cookies()
    with serving.app(tmp_path) as app:
        page.on("request", lambda request: asked.add(urlsplit(request.url).hostname or ""))
        page.on("console", lambda message: said.append(message.text))
        for path in PAGES:
            page.goto(f"{app.url}/{path}")
            page.get_by_text("Initials only").or_(page.get_by_role("heading")).first.wait_for()
            page.wait_for_load_state("networkidle")
        # What a page might be made to do by somebody's name:
        script = "fetch('https://elsewhere.example/').catch(e => String(e))"
        assert "TypeError" in page.evaluate(script)
        left = [text for text in said if "Content Security Policy" in text]
        assert all("elsewhere.example" in text for text in left), left
        assert left
    assert asked <= {"localhost", "", "elsewhere.example"}
