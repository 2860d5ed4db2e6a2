"""Keeping and publishing the open week, and what to do where somebody else was quicker."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import streamlit as st

from solver import report
from solver.store import Conflict, Difference

from ..desk import kept
from ..desk.frame import Frame
from ..desk.people import require
from ..desk.unmasked import Unmasked
from . import review, steps
from .text import cell, listed, plain

CONFLICT = "kept conflict"
"""In session state: (week's key, the conflict)."""
MOST = 30


def publish(page: Frame) -> None:
    """How it stands with this week, and the buttons."""
    kept.said()
    week = page.opened.week
    if week is None:
        st.info("There is no schedule to publish yet.", icon=":material/event_upcoming:")
        return
    if kept.asked(lambda store: store) is None:
        return
    conflict(page)
    now = kept.asked(lambda store: kept.published(page, store))
    if now is not None:
        st.markdown(
            f"People live by publication {now.number}, of {plain(kept.when(now.made_at))}, "
            f"by {plain(now.author)}."
        )
    else:
        st.markdown("Nothing is published for this week yet.")
    if week.violations:
        broken = report.broken_rules(week.violations)
        st.error(
            "This week cannot be published: it breaks rules.\n"
            + listed([f"{plain(rule.title)} ({len(rule.violations)})" for rule in broken]),
            icon=":material/gavel:",
        )
    if kept.asked(lambda store: kept.is_published(page, store)):
        st.success("This is the week that people live by.", icon=":material/check_circle:")
        return
    found = review.changed(page)
    if found is not None:
        people = review.talks(*found, Unmasked(page.opened).patients)
        for sentence in review.summary(people, review.answers(page, people)):
            st.warning(plain(sentence), icon=":material/phone_missed:")
    row = st.container(horizontal=True)
    row.button(
        "Publish this week",
        type="primary",
        icon=":material/campaign:",
        on_click=do_publish,
        args=(page,),
        disabled=bool(week.violations),
        help="What was published before stays in the history and is superseded.",
    )
    row.button(
        "Keep without publishing",
        icon=":material/inventory_2:",
        on_click=do_keep,
        args=(page,),
        help="A new version, for you and others to go on with.",
    )


def do_keep(page: Frame, *, anew: bool = False) -> None:
    """Keep the open week; for callbacks."""
    require("scheduler")
    _try(page, lambda: _kept_sentence(page, anew=anew))


def do_publish(page: Frame, over: int | None = None) -> None:
    """Publish the open week; for callbacks."""
    require("scheduler")
    _try(page, lambda: _published_sentence(page, over))


def _kept_sentence(page: Frame, *, anew: bool) -> str:
    filed = kept.keep(page, anew=anew)
    return f"Kept as version {filed.version.number}."


def _published_sentence(page: Frame, over: int | None) -> str:
    week = kept.publish(page, over=over)
    return f"Published: publication {week.number} of this week, {kept.when(week.made_at)}."


def _try(page: Frame, action: Callable[[], str]) -> None:
    st.session_state.pop(CONFLICT, None)
    found = kept.attempt(action)
    if found is not None:
        st.session_state[CONFLICT] = (page.files.key, found)


# -- somebody else was quicker --------------------------------------------------------------------


def conflict(page: Frame) -> None:
    """What the other person changed, and the ways out; nothing was overwritten."""
    key, found = st.session_state.get(CONFLICT, ("", None))
    if found is None or key != page.files.key:
        return
    box = st.container(border=True)
    box.markdown(f":orange[:material/group:] **{plain(headline(found))}**")
    box.caption("Nothing was overwritten. Look at what is different, then choose.")
    with box.expander("What is different", expanded=True):
        lines = in_words(page, found.differences)
        st.markdown(listed([plain(line) for line in lines[:MOST]]) or "Nothing.")
        if len(lines) > MOST:
            st.caption(f"and {len(lines) - MOST:,} more")
    row = box.container(horizontal=True)
    row.button(
        "Open theirs",
        icon=":material/folder_open:",
        on_click=_theirs,
        args=(page, found),
        help="Yours stays on your desk; the Data page lists it.",
    )
    if found.subject == "week":
        row.button(
            "Publish mine in its place",
            icon=":material/campaign:",
            on_click=do_publish,
            args=(page, found.number),
            help="Theirs stays in the history and is superseded.",
        )
    else:
        row.button(
            "Keep mine as a new week",
            icon=":material/add_box:",
            on_click=do_keep,
            kwargs={"page": page, "anew": True},
            help="Beside theirs, with a history of its own.",
        )
    row.button("Not now", type="tertiary", on_click=_not_now)


def headline(found: Conflict) -> str:
    """Who did what meanwhile."""
    did = "published this week" if found.subject == "week" else "kept this week"
    number = "publication" if found.subject == "week" else "version"
    return f"{found.author} {did} meanwhile ({number} {found.number}, {kept.when(found.at)})"


def in_words(page: Frame, found: Iterable[Difference]) -> list[str]:
    """Differences as lines; with initials, nobody's id is in them."""
    who = Unmasked(page.opened)
    out = []
    for difference in found:
        text = str(difference)
        if who.is_masked and difference.id is not None:
            name = who.masked.get(difference.id)
            if name is None and difference.part.endswith(("patients", "appointments")):
                name = "one"
            text = text.replace(f" {difference.id}", f" {name or difference.id}", 1)
        out.append(cell(text.replace("baseline.", "what people had: ").replace("scenario.", "")))
    return out


def _theirs(page: Frame, found: Conflict) -> None:
    require("scheduler")
    st.session_state.pop(CONFLICT, None)
    here = kept.asked(lambda store: store)
    if here is None:
        return
    clinic = kept.clinic_id(page, here)
    if clinic is None:
        return
    kept.attempt(lambda: kept.open_theirs(page, here, clinic, found))
    steps.tell("note", "Theirs is open now. Yours is still on your desk.")


def _not_now() -> None:
    st.session_state.pop(CONFLICT, None)
