"""Questions of the Why page: asked about the week as it is shown, so that no answer holds a name that is not.

What was asked with initials is another question than the same with names. Beside each the desk
remembers the week it was asked about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from solver.runner import Answer

from ..desk import asking
from .compare_weeks import refused

if TYPE_CHECKING:
    from ..desk.frame import Frame

Json = Mapping[str, Any]
SCENARIO, SCHEDULE = "scenario.json", "schedule.json"


def named(page: Frame, name: str) -> str:
    """The question's name, for names or for initials."""
    hidden = page.opened.clinic.scenario is not page.opened.scenario
    return f"{name}, initials" if hidden else name


def ask(
    page: Frame,
    name: str,
    command: tuple[str, ...],
    files: Mapping[str, Mapping[str, object]] | None = None,
    limit: float = 120.0,
) -> None:
    """Ask about the week as it is shown; its files are ``SCENARIO`` and, where it has one, ``SCHEDULE``."""
    asked: dict[str, Any] = {SCENARIO: page.opened.clinic.scenario} | dict(files or {})
    if page.opened.week is not None:
        asked[SCHEDULE] = page.opened.week.schedule
    asking.ask(page, named(page, name), command, asked, limit)
    page.desk.put(_about(page, name), stamp(page))


def document(page: Frame, name: str) -> Json | None:
    """What came of a question, if it is an answer."""
    found = asking.answer(page, named(page, name))
    return found.document if found is not None and isinstance(found.document, dict) else None


def is_running(page: Frame, name: str) -> bool:
    """Whether the answer is still to come."""
    return asking.is_running(page, named(page, name))


def show(page: Frame, name: str, draw: Callable[[Json], None]) -> None:
    """How a question stands; ``draw`` is given the document of its answer."""

    def whole(found: Answer) -> None:
        if not isinstance(found.document, dict):
            refused(found.said)
            return
        if page.desk.get(_about(page, name)) != stamp(page):
            st.warning("The week has been changed since. Ask again.", icon=":material/history:")
        draw(found.document)

    asking.show(page, named(page, name), whole)


def stamp(page: Frame) -> str:
    """What the week's files say, in short."""
    both = hashlib.sha256(page.files.scenario.read_bytes())
    if page.files.schedule.is_file():
        both.update(page.files.schedule.read_bytes())
    return both.hexdigest()


def _about(page: Frame, name: str) -> str:
    return f"asked about {named(page, name)} {page.files.key}"
