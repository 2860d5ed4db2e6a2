"""Serious findings of axe-core in markup that is Streamlit's own, and why each is left standing."""

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


STREAMLITS: tuple[Own, ...] = ()
