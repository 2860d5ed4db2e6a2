"""The goals in their order, each with its weight; beside each its own words. Below, the rules."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from solver.docs import words
from solver.goals import GOAL
from solver.io.tables.layout import POLICY, by_path
from solver.rules import RULES

from ..desk.people import require
from ..widgets.text import plain
from . import goals, saying
from .bench import Bench
from .table_view import table


def goals_form(bench: Bench) -> None:
    """The order, weights, tolerances and strictness of the goals."""
    order = goals.wishes(bench.draft)
    if order is None:
        st.info("The lines of the goals say more than a plain order, so here they are as a table.")
        table(bench, POLICY)
        return
    notes = {column.path[0]: column.note for column in by_path()[POLICY].columns}
    st.caption(
        "What comes first is settled first; what comes later never costs it anything, beyond what "
        "it may give back. Goals with the same number are added up."
    )
    locked = not bench.may_order
    if locked:
        st.caption("Directors change these.")
    for wish in order:
        _goal(bench, order, wish, notes, locked=locked)
    if not goals.is_blank_policy(bench.draft) and not locked:
        st.button(
            "Back to the usual order", icon=":material/restart_alt:", on_click=_usual, args=(bench,)
        )


def _goal(
    bench: Bench,
    order: tuple[goals.Wish, ...],
    wish: goals.Wish,
    notes: dict[str, str],
    *,
    locked: bool,
) -> None:
    goal = GOAL[wish.goal]
    last = max(w.tier for w in order)
    with st.container(border=True, horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width="stretch", gap=None):
            st.markdown(
                f"**{wish.tier}. {plain(goal.title)}**  \ncounted in {plain(goal.unit)}",
                help=words(goal),
            )
        _number(bench, wish, "weight", "Weight", notes["weight"], wish.weight, locked)
        percent = round(wish.tolerance * 100, 4)
        _number(bench, wish, "tolerance", "May give back (%)", notes["tolerance"], percent, locked)
        key = f"goal strict {wish.goal}"
        st.session_state[key] = wish.strict
        st.toggle(
            "Must be nothing",
            key=key,
            help=notes["strict"],
            disabled=locked,
            on_change=_take,
            args=(bench, wish.goal, "strict", key),
        )
        for later, icon, name in (
            (False, ":material/arrow_upward:", "Earlier"),
            (True, ":material/arrow_downward:", "Later"),
        ):
            edge = wish.tier == (last if later else 1)
            alone = sum(w.tier == wish.tier for w in order) == 1
            st.button(
                name,
                key=f"goal {name} {wish.goal}",
                icon=icon,
                disabled=locked or (edge and alone),
                on_click=_move,
                args=(bench, wish.goal, later),
            )
        st.button(
            "Join",
            key=f"goal join {wish.goal}",
            icon=":material/merge:",
            disabled=locked or wish.tier == 1,
            on_click=_join,
            args=(bench, wish.goal),
            help="Add it to the one before it, each with its weight.",
        )


def _number(
    bench: Bench,
    wish: goals.Wish,
    name: str,
    label: str,
    note: str,
    value: float,
    locked: bool,
) -> None:
    key = f"goal {name} {wish.goal}"
    whole = name == "weight"
    st.session_state[key] = int(value) if whole else float(value)
    st.number_input(
        label,
        min_value=0 if whole else 0.0,
        max_value=goals.MOST if whole else 1_000.0,
        step=1 if whole else 1.0,
        format="%d" if whole else "%g",
        key=key,
        help=note,
        width=150,
        disabled=locked,
        on_change=_take,
        args=(bench, wish.goal, name, key),
    )


def _take(bench: Bench, goal: str, name: str, key: str) -> None:
    require("director")
    value = st.session_state[key]
    if name == "tolerance":
        value = round(float(value) / 100, 6)
    order = goals.wishes(bench.draft) or ()
    now = tuple(replace(w, **{name: value}) if w.goal == goal else w for w in order)
    bench.change(lambda draft: goals.with_order(draft, now))


def _move(bench: Bench, goal: str, later: bool) -> None:
    require("director")
    order = goals.wishes(bench.draft) or ()
    bench.change(lambda draft: goals.with_order(draft, goals.moved(order, goal, later=later)))


def _join(bench: Bench, goal: str) -> None:
    require("director")
    order = goals.wishes(bench.draft) or ()
    bench.change(lambda draft: goals.with_order(draft, goals.joined(order, goal)))


def _usual(bench: Bench) -> None:
    require("director")
    rows = goals.rows_of([goals.Wish(goal, n) for n, goal in enumerate(goals.KEYS, start=1)])
    bench.change(lambda draft: draft.with_rows(POLICY, rows))


def rules_list() -> None:
    """The rules, each with the fields that it reads; all hold always."""
    st.markdown("**Rules**")
    st.caption(
        "Every week obeys all of them. What each asks for is set in the lists, at the fields named "
        "beside it."
    )
    rows = [{"Rule": rule.title, "Set by": "; ".join(_fields(rule.key))} for rule in RULES]
    st.dataframe(rows, hide_index=True, alt="The rules, and which fields each reads.")
    st.page_link("ui/help.py", label="What each rule and goal means", icon=":material/menu_book:")


def _fields(rule: str) -> list[str]:
    """The fields that a rule reads, as lists and headings."""
    wanted = set(saying.FIELDS_OF_RULES[rule])
    return [
        f"{table_.title}: {', '.join(names)}"
        for path, table_ in by_path().items()
        if (names := [c.heading for c in table_.columns if saying.field_of(path, c) in wanted])
    ]
