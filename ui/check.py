"""Check: which rules a schedule breaks, what every goal is worth, who is short of what."""

from __future__ import annotations

import streamlit as st

from solver import report
from solver.docs import words
from solver.goals import GOAL
from solver.rules import RULE
from ui.desk import figures, frame
from ui.desk.opened import Opened, Week
from ui.widgets.text import cell, listed, plain

page = frame.begin("Check")


def legality(week: Week) -> None:
    """Every violation, by rule."""
    broken = report.broken_rules(week.violations)
    if not broken:
        st.success(
            f"Legal: none of the {len(RULE)} rules is broken.", icon=":material/check_circle:"
        )
        return
    found = report.count(len(week.violations), "violation")
    rules = report.count(len(broken), "rule")
    st.error(f"Not legal: {found} of {rules}.", icon=":material/error:")
    for rule in broken:
        with st.expander(f"{plain(rule.title)} ({len(rule.violations)})", expanded=True):
            if rule.key in RULE:
                st.caption(words(RULE[rule.key]))
            st.markdown(listed([plain(v.message) for v in rule.violations]))


def goals(opened: Opened, week: Week) -> None:
    """Every goal by tier, with what is known of how much better it could be."""
    st.subheader("Goals", anchor=False)
    if week.result is not None:
        sentences = [
            plain(report.tier_sentence(week.clinic, tier, week.goals)) for tier in week.result.tiers
        ]
        st.markdown("\n".join(f"{n}. {said}" for n, said in enumerate(sentences, 1)))
        took = f"Solved in {week.result.seconds:.0f} s. "
        st.caption(took + plain(" ".join(week.result.reasons)))
    else:
        st.caption("No solve has said how much better this schedule could be.")
    known = {t.goals: t for t in week.result.tiers} if week.result else {}
    rows = []
    for number, tier in enumerate(opened.tiers, 1):
        said = known.get(tier.goals)
        rows += [
            {
                "Tier": number,
                "What is made small": GOAL[key].title,
                "Value": week.goals[key],
                "Counted in": GOAL[key].unit,
                "Tier's value": tier.value(week.goals),
                "Not below": said.bound if said else None,
                "Proved best": ("yes" if said.proved else "no") if said else "not known",
            }
            for key in tier.goals
        ]
    if all(len(tier.goals) == 1 and tier.weights == (1,) for tier in opened.tiers):
        rows = [{k: v for k, v in row.items() if k != "Tier's value"} for row in rows]
    st.dataframe(rows, hide_index=True, placeholder="", alt="Value and bound of every goal.")
    st.page_link("ui/help.py", label="What each rule and goal means", icon=":material/menu_book:")
    with st.expander("How each goal is counted"):
        for goal in GOAL.values():
            st.markdown(f"**{plain(goal.title)}.** {words(goal)}")


def shortfalls(week: Week) -> None:
    """Who is short of what."""
    st.subheader("Short of something", anchor=False)
    short = figures.shortest_first(week)
    waiting = [c for c in week.care if not c.is_due]
    if not short and not waiting:
        st.markdown("Nobody.")
    rows = [
        {
            "Patient": cell(report.label(care.patient)),
            "Program": cell(_program(week, care)),
            "Hours": care.note(),
            "Missing": cell("; ".join(care.shortfalls())),
            "Days too short": cell("; ".join(care.too_short())),
        }
        for care in [*short, *waiting]
    ]
    if rows:
        st.dataframe(rows, hide_index=True, alt="Who is short of what.")


def _program(week: Week, care: report.Care) -> str:
    program = week.clinic.programs[week.clinic.patients[care.patient.id].program]
    return program.name or program.id


legality(page.week)
goals(page.opened, page.week)
shortfalls(page.week)
