"""What every change can do: say itself in a sentence, and be made to a scenario's JSON form."""

from __future__ import annotations

from collections.abc import Iterable

from ..fields import Entry
from ..scenario import Scenario, Window
from ..timegrid import DAY_NAMES, DAY_NUMBER, clock
from .draft import Draft, Json


class Step(Entry):
    """One change. Subclasses have a field ``kind`` that tells them apart in a file."""

    def sentence(self, scenario: Scenario) -> str:
        """The change in plain English, with names as the scenario has them; ends with a full stop."""
        raise NotImplementedError

    def edit(self, draft: Draft) -> None:
        """Make the change.

        Raises:
            CannotChange: it makes no sense for this scenario.
        """
        raise NotImplementedError


def hours_text(windows: Iterable[Window]) -> str:
    """``Mon, Tue 09:00–12:00; Thu 17:00–20:00``."""
    return "; ".join(f"{days_text(w.days)} {clock(w.start)}–{clock(w.end)}" for w in windows)


def days_text(days: Iterable[str]) -> str:
    """``Mon, Tue``."""
    return ", ".join(DAY_NAMES[DAY_NUMBER[d]][:3] for d in sorted(set(days), key=DAY_NUMBER.get))  # type: ignore[arg-type]


def as_json(windows: Iterable[Window]) -> list[Json]:
    """Windows in JSON form."""
    return [w.model_dump(mode="json") for w in windows]
