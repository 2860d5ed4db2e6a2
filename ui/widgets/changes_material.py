"""What the forms of changes pick from: people and things by name, days, hours, numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from solver import report
from solver.scenario import Scenario
from solver.timegrid import DAY_NAMES, DAYS, MINUTES_A_DAY, clock

from .changes_fields import LISTS
from .text import cell

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Material:
    """What a form picks from.

    Attributes:
        real: with the ids that changes name; shown: the same as this page shows it, in the same
            order; key: begins the names of the form's widgets.
    """

    real: Scenario
    shown: Scenario
    key: str

    def pick(self, what: str, title: str, *, ids: Sequence[str] | None = None) -> str | None:
        """One of the scenario's, by name; None, with a word, where there is none."""
        known = self.options(what)
        allowed = [id for id in known if ids is None or id in ids]
        if not allowed:
            st.caption(f"There is no {what} to pick.")
            return None
        return st.selectbox(
            title, allowed, format_func=known.__getitem__, key=f"{self.key} {what} {title}"
        )

    def several(self, what: str, title: str, ids: Iterable[str] | None = None) -> list[str]:
        """Some of them, maybe none."""
        known = self.options(what)
        allowed = [id for id in known if ids is None or id in ids]
        return st.multiselect(
            title, allowed, format_func=known.__getitem__, key=f"{self.key} {what} {title}"
        )

    def options(self, what: str) -> dict[str, str]:
        """Id and name of every entry; where two are called the same, the id is with it."""
        real, shown = getattr(self.real, LISTS[what]), getattr(self.shown, LISTS[what])
        names = [entry.name or entry.id for entry in shown]
        return {
            a.id: cell(report.label(report.Named(b.id, b.name)) if names.count(name) > 1 else name)
            for a, b, name in zip(real, shown, names, strict=True)
        }

    def days(self, title: str = "Days") -> list[str]:
        """Days of the week, in their order."""
        said = st.pills(
            title,
            DAYS,
            selection_mode="multi",
            format_func=lambda day: DAY_NAMES[DAYS.index(day)][:3],
            key=f"{self.key} {title}",
        )
        return sorted(said, key=DAYS.index)

    def windows(self, first: int = 17 * 60, last: int = 20 * 60) -> list[Data] | None:
        """Days and hours; None while no day is said."""
        days = self.days()
        step = self.real.grid_minutes
        hours = [clock(m) for m in range(0, MINUTES_A_DAY + 1, step)]
        left, right = st.columns(2)
        start = left.selectbox(
            "From", hours[:-1], index=first // step, key=f"{self.key} from", width="stretch"
        )
        later = [hour for hour in hours if hour > start]
        until = clock(last)
        index = later.index(until) if until in later else len(later) - 1
        end = right.selectbox("To", later, index=index, key=f"{self.key} to")
        if not days:
            st.caption("Pick at least one day.")
            return None
        return [{"days": days, "start": start, "end": end}]

    def number(self, title: str, value: int, least: int = 0, most: int = 1000) -> int:
        """A whole number."""
        return int(st.number_input(title, least, most, value, step=1, key=f"{self.key} {title}"))
