"""Colours that mean the same everywhere, told apart with any colour vision (Okabe and Ito 2008)."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

KINDS = {"group": "Group", "individual": "Individual", "family": "Family", "cancelled": "Cancelled"}
"""What a session is, as legends call it."""


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of one theme.

    Attributes:
        ink: text; faint: text that matters less; line: what divides; band: every other row.
        kinds: of sessions, by the words of a legend.
        value, bound: the two lines of a solve.
        ramp: from nothing in use to everything, for a heat map.
    """

    ink: str
    faint: str
    line: str
    band: str
    kinds: dict[str, str]
    value: str
    bound: str
    ramp: tuple[str, str]

    def heat(self, share: float) -> tuple[str, str]:
        """Colour of a cell of which a share (0 to 1) is in use, and of the text on it."""
        empty, full = (_channels(colour) for colour in self.ramp)
        share = min(1.0, max(0.0, share))
        mixed = [round(a + (b - a) * share) for a, b in zip(empty, full, strict=True)]
        # Black and white are equally legible on a luminance of 0.179.
        ink = "#000000" if _luminance(mixed) > 0.179 else "#FFFFFF"
        return "#{:02X}{:02X}{:02X}".format(*mixed), ink


def _channels(colour: str) -> list[int]:
    return [int(colour[i : i + 2], 16) for i in (1, 3, 5)]


def _luminance(channels: list[int]) -> float:
    """Relative luminance of sRGB, as WCAG 2 defines it."""
    shares = [c / 255 for c in channels]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


LIGHT = Colours(
    ink="#0B1117",
    faint="#4A5864",
    line="#C5D0DA",
    band="#F3F6F9",
    kinds={
        "Group": "#0072B2",
        "Individual": "#E69F00",
        "Family": "#009E73",
        "Cancelled": "#8A96A1",
    },
    value="#0072B2",
    bound="#D55E00",
    ramp=("#EAF3F9", "#00507D"),
)
DARK = Colours(
    ink="#E8EDF2",
    faint="#B4C0CB",
    line="#3A4856",
    band="#16212C",
    kinds={
        "Group": "#56B4E9",
        "Individual": "#E69F00",
        "Family": "#2FBF94",
        "Cancelled": "#7C8894",
    },
    value="#56B4E9",
    bound="#FF9D5C",
    ramp=("#1A2B3A", "#8CCBF0"),
)


def colours() -> Colours:
    """Those of the theme the page is shown in."""
    return DARK if st.context.theme.type == "dark" else LIGHT
