"""Answers as the explanations word them: lines set in by a level, drawn under each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from .text import listed, plain

NOT = "Not "
"""Begins what is not possible; there may be much of it."""
MANY = 4


@dataclass(frozen=True, slots=True)
class Part:
    """A line and what stands below it: what is possible, and what is not."""

    title: str
    lines: tuple[str, ...]
    ruled_out: tuple[str, ...]


def parts(lines: Iterable[Sequence[object]]) -> list[Part]:
    """Lines (level, text) by the line of level 0 above them."""
    out: list[Part] = []
    for level, text in lines:
        said = str(text)
        if not level or not out:
            out.append(Part(said, (), ()))
            continue
        last = out.pop()
        if said.startswith(NOT):
            out.append(Part(last.title, last.lines, (*last.ruled_out, said)))
        else:
            out.append(Part(last.title, (*last.lines, said), last.ruled_out))
    return out


def draw(lines: Iterable[Sequence[object]], icon: str = "") -> None:
    """Every part, an icon before the first; what is ruled out stands folded up where it is long."""
    for number, part in enumerate(parts(lines)):
        title = plain(part.title)
        heads = f"**{title}**" if part.lines or part.ruled_out else title
        st.markdown(heads if number else f"{icon} {heads}".strip())
        if part.lines:
            st.markdown(listed([plain(text) for text in part.lines]))
        if len(part.ruled_out) > MANY:
            with st.expander(f"What rules out the others ({len(part.ruled_out)})"):
                st.markdown(listed([plain(text) for text in part.ruled_out]))
        elif part.ruled_out:
            st.markdown(listed([plain(text) for text in part.ruled_out]))
