"""Serious findings of axe-core in markup of libraries, and why each is left standing."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Own:
    """A finding that this project cannot mend.

    Attributes:
        rule: axe's name of it.
        where: matches the element's place or its markup.
        why: what it is, and why it does no harm or cannot be helped here.
    """

    rule: str
    where: str
    why: str

    def covers(self, rule: str, place: str, html: str) -> bool:
        """Whether a finding is this one."""
        return rule == self.rule and bool(re.search(self.where, f"{place} {html}"))


STREAMLITS: tuple[Own, ...] = (
    Own(
        "color-contrast",
        r'data-selected="true"|data-variant="pills"',
        "Streamlit writes the chosen one of segmented controls in primaryColor on a tint of it, and "
        "white on primaryColor in buttons: in a dark theme no colour reaches 4.5 for both. The "
        "chosen one is also framed.",
    ),
    Own(
        "aria-required-children",
        r'class="ec',
        "The calendar says table, row group and row header and leaves the rows out. The table "
        "below the board has the same sessions.",
    ),
    Own("aria-required-parent", r'class="ec-row-head"', "As above."),
    Own(
        "scrollable-region-focusable",
        r'data-testid="stVerticalBlock"',
        "A container with a height has no tabindex, and none can be given to it; Chromium (since 130) "
        "and Firefox let the keyboard into whatever scrolls and holds nothing to focus.",
    ),
)
