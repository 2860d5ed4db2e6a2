"""Ranked ways for a week to go on without somebody, and what each costs whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from solver import report
from solver.tiers import Tier

from .text import capital, cell, listed, plain

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Way:
    """One repair as it is shown.

    Attributes:
        costs: (what, before, now) of each goal that comes out otherwise.
        steps: what is done, each with the sessions it is done about.
    """

    title: str
    legal: bool
    broken: tuple[str, ...]
    steps: tuple[str, ...]
    costs: tuple[tuple[str, int, int], ...]
    losses: tuple[str, ...]
    told: str


def ways(
    answer: Json, tiers: Sequence[Tier], named: Callable[[str], str] = lambda text: text
) -> list[Way]:
    """The repairs of ``iop cover --json``, the best first; ``named`` puts names for ids in texts."""
    titles = {(u["ref"], u["day"], u["patient"]): u["sentence"] for u in answer["units"]}
    before = [tier.value(answer["goals_before"]) for tier in tiers]
    return [_way(repair, titles, before, tiers, named) for repair in answer["repairs"]]


def _way(
    repair: Json,
    titles: Mapping[tuple[str, str, str | None], str],
    before: Sequence[int],
    tiers: Sequence[Tier],
    named: Callable[[str], str],
) -> Way:
    by_remedy: dict[str, list[str]] = {}
    for step in repair["steps"]:
        title = titles[step["ref"], step["day"], step["patient"]]
        by_remedy.setdefault(step["sentence"], []).append(title)
    done = [f"{'; '.join(titles)}: {what}" for what, titles in by_remedy.items()]
    costs = [
        (report.tier_title(tier.goals), was, now)
        for tier, was, now in zip(tiers, before, repair["tiers"], strict=True)
        if was != now
    ]
    return Way(
        capital(repair["way"]),
        repair["legal"],
        tuple(named(v["message"]) for v in repair["violations"]),
        (*done, *filter(None, repair["further"])),
        tuple(costs),
        tuple(repair["losses"]),
        repair["told"],
    )


def draw(found: Sequence[Way], take: Callable[[int], None], key: str) -> None:
    """Every way as a card, the first one open."""
    for number, way in enumerate(found):
        with st.container(border=True):
            _card(way, found[0], number, take, key)


def apart(way: Way, first: Way) -> tuple[list[str], list[str]]:
    """What a way does, and what people lose by it, otherwise than the first one."""
    return (
        [text for text in way.steps if text not in first.steps],
        [text for text in way.losses if text not in first.losses],
    )


def _card(way: Way, first: Way, number: int, take: Callable[[int], None], key: str) -> None:
    head = st.container(horizontal=True, vertical_alignment="center")
    best = " :green-badge[Best]" if number == 0 and way.legal else ""
    head.markdown(f"**{number + 1}. {plain(way.title)}**{best}", width="stretch")
    head.button(
        "Take this",
        key=f"{key} take {number}",
        type="primary" if number == 0 else "secondary",
        icon=":material/check:",
        on_click=take,
        args=(number,),
        disabled=not way.legal,
        help=None
        if way.legal
        else "It breaks a rule; it is here so that you see what stands in the way.",
    )
    if way.broken:
        st.error(listed([plain(text) for text in way.broken]), icon=":material/gavel:")
    done, lost = (list(way.steps), list(way.losses)) if number == 0 else apart(way, first)
    if number and done:
        st.markdown(listed([plain(capital(text)) for text in done]))
    if lost:
        st.markdown(listed([f":red[{plain(text)}]" for text in lost]))
    same = len(way.losses) - len(lost)
    if same:
        who = "one person loses" if same == 1 else f"{same} people lose"
        st.markdown(f":red[As in the first, {who} the same.]")
    if not way.losses:
        st.markdown(":green[Nobody loses care that is due.]")
    st.caption(plain(way.told))
    with st.expander("What is done, and what it costs", expanded=number == 0):
        st.markdown(listed([plain(capital(text)) for text in way.steps]) or "Nothing.")
        if way.costs:
            rows = [
                {"What comes out otherwise": cell(what), "Before": was, "Now": now}
                for what, was, now in way.costs
            ]
            st.dataframe(rows, hide_index=True, alt="What this way costs.")
