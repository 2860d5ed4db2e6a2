"""Monday, 7:40: a scheduler covers a sick therapist, sees who must be told what, and publishes."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.acting import choose, schedule_on, segment, until_idle, visit
from tests.e2e.looking import shoot, without_serious_findings
from tests.guard.serving import ROOT, Served

pytestmark = pytest.mark.browser


def test_covering_a_sick_therapist(page: Page, served: Served) -> None:
    visit(page, served, "next_week")
    segment(page, "Someone is out").click()
    until_idle(page)
    choose(page, "Who", "Marcus Bell")
    page.get_by_role("button", name="Find ways to go on").click()
    take = page.get_by_role("button", name="Take this")
    take.first.wait_for()
    expect(page.get_by_text("Marcus Bell out on Mon").first).to_be_visible()
    without_serious_findings(page)
    take.first.click()
    expect(page.get_by_text("Now see who must be told what.")).to_be_visible()
    until_idle(page)
    assert "Marcus Bell" not in led_on_monday(schedule_on(page, served))

    page.get_by_role("radio", name="Accepts").first.click()
    until_idle(page)
    expect(page.get_by_text("1 of ").first).to_be_visible()
    shoot(page, "next-week-review")
    page.get_by_role("button", name="All others accept").click()
    until_idle(page)
    page.get_by_role("button", name="Go on to publishing").click()
    until_idle(page)
    expect(page.get_by_role("heading", name="Call list")).to_be_visible()
    page.get_by_role("button", name="Publish this week").click()
    expect(page.get_by_text("This is the week that people live by.")).to_be_visible()


def led_on_monday(schedule: dict) -> set[str]:
    """Who leads something on Monday that takes place."""
    text = (ROOT / "scenarios/matrix-evening.json").read_text("utf-8")
    names = {t["id"]: t["name"] for t in json.loads(text)["therapists"]}
    ids = {a["therapist"] for a in schedule["appointments"] if a["day"] == "mon"}
    for section in schedule["sections"]:
        for meeting in section["meetings"]:
            if meeting["day"] == "mon" and not meeting.get("cancelled"):
                ids.update(meeting.get("leaders") or section["leaders"])
    return {names[id] for id in ids}
