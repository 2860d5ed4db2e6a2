"""The table in which candidates are entered, a row a shift."""

from __future__ import annotations

from typing import Any

import streamlit as st

from solver.scenario import Scenario
from solver.timegrid import MINUTES_A_DAY, clock

from .hiring import COLUMNS, DAY_WORDS, NEW, staff_options


def hiring_table(rows: list[dict[str, Any]], scenario: Scenario, key: str) -> list[dict[str, Any]]:
    """Draw it; the rows as they are edited.

    Args:
        rows: what it began with; the same as long as the key is the same.
    """
    hours = [clock(m) for m in range(0, MINUTES_A_DAY + 1, scenario.grid_minutes)]
    credentials = dict.fromkeys(c.id for t in scenario.therapists for c in t.credentials)
    languages = dict.fromkeys(x for t in scenario.therapists for x in t.languages)
    column = st.column_config
    edited: list[dict[str, Any]] = st.data_editor(
        rows,
        num_rows="dynamic",
        hide_index=True,
        key=key,
        column_order=COLUMNS,
        column_config={
            "Name": column.TextColumn(required=True, help="Rows of one name are one person."),
            "Who": column.SelectboxColumn(
                options=list(staff_options(scenario)),
                default=NEW,
                help="Somebody new, or somebody who is here and could work more.",
            ),
            "Credentials": column.MultiselectColumn(
                options=list(credentials), accept_new_options=True, help="Of somebody new."
            ),
            "Languages": column.MultiselectColumn(options=list(languages), accept_new_options=True),
            "Cost per hour": column.NumberColumn(min_value=0.0),
            "Cost a week": column.NumberColumn(
                min_value=0.0, help="What they cost as soon as they work any shift, on top."
            ),
            "Most shifts": column.NumberColumn(min_value=1, step=1),
            "Shift": column.TextColumn(
                help="Rows of one name and shift go together: all of their hours or none."
            ),
            "Days": column.MultiselectColumn(options=DAY_WORDS),
            "From": column.SelectboxColumn(options=hours[:-1]),
            "To": column.SelectboxColumn(options=hours[1:]),
            "By video": column.CheckboxColumn(default=False),
            "Cost of the shift": column.NumberColumn(
                min_value=0.0, help="A week; left empty: its hours at the cost per hour."
            ),
        },
        alt="Candidates, a row a shift.",
    )
    return edited
