"""The board that can be dragged on: a calendar made for it, served by this app from its own folder.

``make board`` puts the calendar into ``ui/board/node_modules`` by a lock file. Without it there is no
live board, and the page draws a still one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from .board_data import Json

FOLDER = Path(__file__).resolve().parents[1] / "board"
_BUNDLE = "node_modules/@event-calendar/build/dist/event-calendar.min"
KEY, BRIDGE = "the board", "the board's judge"


def is_there() -> bool:
    """Whether the calendar has been installed."""
    return all((FOLDER / f"{_BUNDLE}.{kind}").is_file() for kind in ("js", "css"))


def _made() -> tuple[Any, Any] | None:
    """The board, and who asks where something can go; made once, when the app starts."""
    if not is_there():
        return None
    parts = [FOLDER / f"{_BUNDLE}.js", FOLDER / "dragging.js", FOLDER / "board.js"]
    library, *own = (path.read_text("utf-8") for path in parts)
    script = "\n".join([library.split("//# sourceMappingURL")[0], *own])
    style = (FOLDER / f"{_BUNDLE}.css").read_text("utf-8")
    drawn = st.components.v2.component(
        "week_board",
        css=f"{style}\n{(FOLDER / 'board.css').read_text('utf-8')}",
        js=script,
    )
    asking = st.components.v2.component(
        "week_board_judge", js=(FOLDER / "judge.js").read_text("utf-8")
    )
    return drawn, asking


_MADE = _made()


def is_ready() -> bool:
    """Whether there is a board that can be dragged on."""
    return _MADE is not None


def board(
    data: Json, on_opened: Callable[[Json], None], on_dropped: Callable[[Json], None]
) -> None:
    """Draw it; what is done on it comes back as the browser says it, to be looked at twice."""
    assert _MADE is not None
    _MADE[0](
        key=KEY,
        data=data,
        on_opened_change=lambda: _pass(KEY, "opened", on_opened),
        on_dropped_change=lambda: _pass(KEY, "dropped", on_dropped),
    )


def judge(data: Json | None, on_grabbed: Callable[[Json], None]) -> None:
    """Take what was grabbed, give where it can go; draws nothing."""
    assert _MADE is not None
    _MADE[1](
        key=BRIDGE,
        data=data,
        height=1,
        on_grabbed_change=lambda: _pass(BRIDGE, "grabbed", on_grabbed),
    )


def _pass(key: str, name: str, take: Callable[[Json], None]) -> None:
    said = getattr(st.session_state.get(key), name, None)
    if isinstance(said, dict):
        take(said)
