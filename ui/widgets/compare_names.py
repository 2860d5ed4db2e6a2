"""Texts of commands that ran with full names, shown with the names that this page shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from solver import report
from solver.scenario import Scenario

if TYPE_CHECKING:
    from ..desk.frame import Frame

_SHORTEST_NUMBER = 3
"""An id of fewer digits is no record number, and would be taken for any other number in a text."""


class Names:
    """Patients of a scenario by the names they are shown under.

    Args:
        real: the scenario with full names, as commands get it.
        shown: the same with initials where those are wanted; patients in the same order.
    """

    def __init__(self, real: Scenario, shown: Scenario) -> None:
        self._shown = {
            patient.id: report.label(report.Named(other.id, other.name))
            for patient, other in zip(real.patients, shown.patients, strict=True)
        }
        self.hides = any(a.id != b.id for a, b in zip(real.patients, shown.patients, strict=True))
        self._texts: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None
        if self.hides:
            self._learn(real)

    def _learn(self, real: Scenario) -> None:
        for patient in real.patients:
            label = report.label(report.Named(patient.id, patient.name))
            for text in (label, patient.name, patient.id):
                if text and not (text.isdecimal() and len(text) < _SHORTEST_NUMBER):
                    self._texts.setdefault(text, self._shown[patient.id])
        longest_first = sorted(self._texts, key=len, reverse=True)
        if longest_first:
            told = "|".join(map(re.escape, longest_first))
            self._pattern = re.compile(rf"(?<!\w)(?:{told})(?!\w)")

    def patient(self, id: str, name: str = "") -> str:
        """How somebody is called; newcomers, whom nobody knows, by their own name."""
        return self._shown.get(id) or report.label(report.Named(id, name))

    def text(self, text: str) -> str:
        """A text with nobody in it who is not shown by name."""
        if self._pattern is None:
            return text
        hidden = self._pattern.sub(lambda match: self._texts[match[0]], text)
        return hidden.replace("..", ".")  # initials end with a full stop of their own


def names_of(page: Frame) -> Names:
    """The names that a page shows."""
    return Names(page.opened.scenario, page.opened.clinic.scenario)
