"""Progress on standard error: a line that changes on a terminal, plain lines elsewhere."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..report import tier_title
from .terminal import is_terminal, note

if TYPE_CHECKING:
    from rich.text import Text

    from ..result import Progress

Listener = Callable[["Progress"], None]
SECONDS_BETWEEN_LINES = 2.0
"""Plain lines come no faster than this, except when a new tier begins."""


@contextmanager
def shown_progress(tiers: int, quiet: bool) -> Iterator[Listener | None]:
    """A listener that shows what it is told for as long as the context lasts.

    Args:
        tiers: how many tiers there are to settle.
        quiet: show nothing.
    """
    if quiet:
        yield None
    elif is_terminal(sys.stderr):
        with _live(tiers) as listener:
            yield listener
    else:
        yield _plain(tiers)


def words(progress: Progress, tiers: int) -> str:
    """``tier 2 of 7: 3, at least 1; days too short to count, and days missing; proving``."""
    if progress.tier is None:
        return progress.phase
    text = f"tier {progress.tier + 1} of {tiers}"
    if progress.value is not None:
        text += f": {progress.value:,}"
        if progress.bound is not None and progress.bound < progress.value:
            text += f", at least {progress.bound:,}"
    title = tier_title(progress.goals)
    return f"{text}; {title[:1].lower()}{title[1:]}; {progress.phase}"


def _plain(tiers: int) -> Listener:
    lock = threading.Lock()  # several threads of a solve report
    last_said, last_at = "", -SECONDS_BETWEEN_LINES
    last_stage: int | None = None

    def say(progress: Progress) -> None:
        nonlocal last_said, last_at, last_stage
        text, stage = words(progress, tiers), progress.tier
        with lock:
            soon = progress.seconds - last_at < SECONDS_BETWEEN_LINES
            if text == last_said or (soon and stage == last_stage):
                return
            last_said, last_at, last_stage = text, progress.seconds, stage
            note(f"{progress.seconds:6.1f} s  {text}")

    return say


class _Line:
    """The changing line; the seconds run on between two reports."""

    def __init__(self, tiers: int) -> None:
        self.tiers = tiers
        self.began = time.monotonic()
        self.text = "reading the week"

    def __rich__(self) -> Text:
        from rich.text import Text

        line = f"{time.monotonic() - self.began:6.1f} s  {self.text}"
        return Text(line, no_wrap=True, overflow="ellipsis")


@contextmanager
def _live(tiers: int) -> Iterator[Listener]:
    from rich.console import Console
    from rich.live import Live

    line = _Line(tiers)

    def say(progress: Progress) -> None:
        line.text = words(progress, tiers)

    console = Console(stderr=True, markup=False, highlight=False)
    with Live(line, console=console, refresh_per_second=8, transient=True):
        yield say
