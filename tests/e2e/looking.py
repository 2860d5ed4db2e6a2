"""A page looked at with axe-core, and pictures of it for the docs."""

from __future__ import annotations

import os
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.acting import TALL, until_idle
from tests.e2e.streamlit_findings import STREAMLITS
from tests.guard.serving import ROOT

SERIOUS = ("serious", "critical")
PICTURES = ROOT / "docs" / "images"
WANTED = "IOP_SCREENSHOTS"
"""In the environment: 1 has the pictures written."""
LARGEST = 200_000
"""Bytes of a picture."""


# -- accessibility --------------------------------------------------------------------------------


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def findings(page: Page) -> list[str]:
    """Every serious or critical finding that is not Streamlit's own, with its element."""
    page.evaluate(_axe())
    found: list[dict[str, Any]] = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)"
    )
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:300]} at {_place(node)}: "
        f"{node['failureSummary']}"
        for rule in found
        if rule["impact"] in SERIOUS
        for node in rule["nodes"]
        if not any(own.covers(rule["id"], _place(node), node["html"]) for own in STREAMLITS)
    ]


def _place(node: dict[str, Any]) -> str:
    return " ".join(" > ".join(t) if isinstance(t, list) else t for t in node["target"])


def without_serious_findings(page: Page) -> None:
    """Light and dark, none.

    Raises:
        AssertionError: with every finding.
    """
    found = findings(page)
    dark(page, True)
    found += [f"dark: {line}" for line in findings(page)]
    dark(page, False)
    assert not found, "\n\n".join(found)


def dark(page: Page, on: bool) -> None:
    """Have the dark theme, or the light one."""
    page.emulate_media(color_scheme="dark" if on else "light")
    ground = "rgb(15, 23, 32)" if on else "rgb(255, 255, 255)"
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", ground)
    until_idle(page)
    page.wait_for_timeout(500)  # colours change by and by


# -- pictures -------------------------------------------------------------------------------------


def shoot(page: Page, name: str, *, tall: int = 900) -> None:
    """Write docs/images/NAME.png, when pictures are wanted."""
    if os.environ.get(WANTED) != "1":
        return
    before = page.viewport_size or {"width": 1400, "height": TALL}
    page.set_viewport_size({"width": before["width"], "height": tall})
    page.mouse.move(2, 2)
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    page.wait_for_timeout(800)  # what moves has come to rest
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / f"{name}.png").write_bytes(_small(page.screenshot()))
    page.set_viewport_size(before)


def _small(png: bytes) -> bytes:
    """The picture with as many colours as leave it small."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    for colours in (256, 128, 64, 32):
        out = BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if len(out.getvalue()) <= LARGEST:
            break
    return out.getvalue()


__all__ = ["dark", "findings", "shoot", "without_serious_findings"]
