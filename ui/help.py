"""Help: what each rule and goal means, in the words that the program itself goes by."""

from __future__ import annotations

import streamlit as st

from solver.docs import words
from solver.goals import GOAL
from solver.io.tables.layout import by_path
from solver.rules import RULES
from ui.desk import frame
from ui.editing import saying
from ui.widgets.text import plain

page = frame.begin("Help")
asked = st.text_input(
    "Find", key="help find", placeholder="meal, room, video, days …", icon=":material/search:"
)


def fits(*texts: str) -> bool:
    """Whether everything that is looked for stands in the texts."""
    text = " ".join(texts).casefold()
    return all(word in text for word in (asked or "").casefold().split())


def set_by(fields: tuple[str, ...]) -> str:
    """The fields that a rule or goal reads, as lists and headings."""
    wanted = set(fields)
    found = [
        f"{table.title} ({', '.join(names)})"
        for path, table in by_path().items()
        if (names := [c.heading for c in table.columns if saying.field_of(path, c) in wanted])
    ]
    return "; ".join(found)


def rules() -> None:
    """Every rule."""
    shown = [r for r in RULES if fits(r.title, r.key, words(r), set_by(_rule_fields(r.key)))]
    st.subheader(f"Rules ({len(shown)} of {len(RULES)})", anchor="rules")
    st.caption("No week that the program gives out breaks any of them.")
    for rule in shown:
        with st.expander(plain(rule.title), expanded=bool(asked)):
            st.markdown(words(rule))
            if fields := set_by(_rule_fields(rule.key)):
                st.caption(f"Set on the Data page: {plain(fields)}.")


def _rule_fields(key: str) -> tuple[str, ...]:
    return saying.FIELDS_OF_RULES[key]


def goals() -> None:
    """Every goal, in the order of the week that is open."""
    order = [key for tier in page.opened.tiers for key in tier.goals]
    shown = [key for key in order if fits(GOAL[key].title, key, words(GOAL[key]))]
    st.subheader(f"Goals ({len(shown)} of {len(order)})", anchor="goals")
    st.caption(
        "What makes one week better than another; less is better. In this week's order: what stands "
        "first is settled first, and what comes later never costs it more than the week allows."
    )
    for key in shown:
        goal = GOAL[key]
        tier = next(n for n, t in enumerate(page.opened.tiers, 1) if key in t.goals)
        with st.expander(f"{tier}. {plain(goal.title)}", expanded=bool(asked)):
            st.markdown(words(goal))
            fields = set_by(saying.FIELDS_OF_GOALS[key])
            st.caption(
                f"Counted in {plain(goal.unit)}."
                + (f" Set on the Data page: {plain(fields)}." if fields else "")
            )


rules()
goals()
st.page_link("ui/data.py", label="Change the order of the goals", icon=":material/tune:")
