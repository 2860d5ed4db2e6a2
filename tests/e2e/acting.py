"""What a person does with the app, by what they see: pages, choices, a session moved with the mouse."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.guard.serving import Served

WIDE, TALL = 1400, 1000
LIT = ".place-1, .place-2"
"""Places where what is in hand may go; the words beside the pointer say the same."""
expect.set_options(timeout=45_000)


def visit(page: Page, served: Served, address: str = "") -> Page:
    """Open a page of the app at its address, on the desk that this browser has."""
    desk = re.search(r"desk=[\w-]+", page.url)
    page.goto(f"{served.url}/{address}" + (f"?{desk[0]}" if desk else ""))
    return settled(page)


def go(page: Page, title: str) -> Page:
    """Choose a page in the navigation bar."""
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("heading", name=title, exact=True, level=2)).to_be_visible()
    return settled(page)


def settled(page: Page) -> Page:
    """The page is drawn whole, and nothing on it has failed."""
    page.get_by_text("Initials only").wait_for()
    page.wait_for_url("**desk=*")
    until_idle(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    return page


def until_idle(page: Page) -> None:
    """What was clicked has been answered."""
    page.wait_for_timeout(150)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def choose(page: Page, label: str, option: str) -> None:
    """Pick from a drop-down."""
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()
    until_idle(page)


def segment(page: Page, name: str) -> Locator:
    """A button of a row of which one is chosen, whatever icon or number stands before its words."""
    return page.get_by_role("radio", name=re.compile(rf"{re.escape(name)}$"))


def desk_folder(page: Page, served: Served) -> Path:
    """Where the server keeps what this browser does."""
    found = re.search(r"desk=([\w-]+)", page.url)
    assert found, page.url
    return served.work / "desks" / found[1]


def schedule_on(page: Page, served: Served) -> dict[str, Any]:
    """The schedule of the week that is open, as its file says it."""
    folder = desk_folder(page, served)
    week = json.loads((folder / "state.json").read_text("utf-8")).get("week", "matrix-evening")
    return json.loads((folder / "weeks" / week / "schedule.json").read_text("utf-8"))


# -- the board ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dragged:
    """A session that was let go in another column, in the board's own words before and after."""

    before: str
    after: str


def sessions(page: Page) -> Locator:
    """The sessions of the board, each a button that says itself in a sentence."""
    return page.get_by_role("button", name=re.compile(r" led by "))


def drag_to_another_column(page: Page, of: str) -> Dragged:
    """Pick sessions of a kind up until one may go into another column, and let it go there.

    Raises:
        AssertionError: none of them may.
    """
    names = sessions(page).evaluate_all("all => all.map(e => e.getAttribute('aria-label'))")
    for name in names:
        if not name.startswith(of):
            continue
        session = page.get_by_role("button", name=name, exact=True)
        session.scroll_into_view_if_needed()
        here = _box(session)
        x, y = here["x"] + here["width"] / 2, here["y"] + 10
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 4, y + 8, steps=4)
        expect(page.get_by_text("Looking where it can go")).to_have_count(0)
        other = next((p for p in _lit(page) if not _overlap(p, here)), None)
        if other is None:
            page.mouse.move(x, y, steps=4)
            page.mouse.up()
            expect(page.locator(LIT)).to_have_count(0)
            continue
        page.mouse.move(other["x"] + other["width"] / 2, other["y"] + 10, steps=12)
        page.mouse.up()
        until_idle(page)
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
        expect(sessions(page)).to_have_count(len(names))
        now = sessions(page).evaluate_all("all => all.map(e => e.getAttribute('aria-label'))")
        (after,) = set(now) - set(names)
        return Dragged(name, after)
    raise AssertionError(f"no session of these can go into another column: {names}")


def _lit(page: Page) -> list[FloatRect]:
    return [_box(place) for place in page.locator(LIT).all()]


def _box(found: Locator) -> FloatRect:
    box = found.bounding_box()
    assert box is not None
    return box


def _overlap(a: FloatRect, b: FloatRect) -> bool:
    """Whether they stand in one column."""
    return a["x"] < b["x"] + b["width"] - 2 and b["x"] < a["x"] + a["width"] - 2
