"""What commands that solve many weeks have in common: where they run, how progress is shown."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .options import LARGEST_SEED
from .terminal import STANDARD_STREAM, UsageFault, is_terminal, note, printable

if TYPE_CHECKING:
    from ..pool import Pool, State
    from ..result import Progress

MOST_WORKERS = 256
LONGEST_SECONDS = 7 * 24 * 3600
SECONDS_BETWEEN_LINES = 5.0

TimeLimit = Annotated[
    float, typer.Option("--time-limit", metavar="SECONDS", help="For each week that is solved.")
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        min=1,
        max=MOST_WORKERS,
        help="Solves side by side; as many as there are cores by default.",
    ),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster", metavar="ADDRESS", help="Solve on this Dask cluster, e.g. tcp://host:8786."
    ),
]
Seed = Annotated[
    int,
    typer.Option("--seed", metavar="N", min=0, max=LARGEST_SEED, help="Seed of everything random."),
]
Reproducible = Annotated[
    bool, typer.Option("--reproducible", help="Same input, same seed, same answer; takes longer.")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Print nothing but errors (and --json).")
]


def must_be_seconds(time_limit: float) -> None:
    """Refuse a time limit that is none."""
    if not (math.isfinite(time_limit) and 0 < time_limit <= LONGEST_SECONDS):
        raise UsageFault(f"--time-limit {time_limit:g}: found no number of seconds above 0")


def folder_named(output: str) -> Path:
    """The folder that ``-o`` names, which need not exist."""
    path = Path(output)
    if output == STANDARD_STREAM or (path.exists() and not path.is_dir()):
        raise UsageFault(f"-o {printable(output)}: a folder is expected")
    return path


@contextmanager
def opened_pool(
    cluster: str | None, workers: int | None, tasks: int, folder: Path | None = None
) -> Iterator[Pool]:
    """The pool that the command line names.

    Args:
        tasks: how many there are; no more run side by side.
        folder: for the files of solves here; a temporary one by default.
    """
    from ..pool import LocalPool, NoCluster, cores

    if cluster is not None and workers is not None:
        raise UsageFault("--workers is for this machine; a cluster has the workers it has")
    if cluster is not None:
        from ..cluster import ClusterPool

        try:
            pool = ClusterPool(cluster)
        except NoCluster as error:
            raise UsageFault(f"--cluster {cluster}: {error}") from None
        with pool:
            yield pool
        return
    at_once = max(1, min(workers or cores(), tasks))
    with LocalPool(at_once, folder) as local:
        yield local


@contextmanager
def shown_states(names: Mapping[str, str], quiet: bool) -> Iterator[Callable[[State], None] | None]:
    """A listener that shows where many solves stand.

    Args:
        names: what to call each task.
        quiet: show nothing.
    """
    if quiet:
        yield None
        return
    began = time.monotonic()
    if not is_terminal(sys.stderr):
        yield _plain(names, began)
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True, markup=False, highlight=False)
    with Live(Text(""), console=console, refresh_per_second=4, transient=True) as live:

        def show(state: State) -> None:
            lines = [headline(state, began), *(f"  {line}" for line in running(state, names))]
            live.update(Text("\n".join(lines), no_wrap=True, overflow="ellipsis"))

        yield show


def headline(state: State, began: float) -> str:
    """`` 12.0 s  3 of 12 solved``."""
    failed = f", {state.failed} failed" if state.failed else ""
    return f"{time.monotonic() - began:6.1f} s  {state.done} of {state.all} solved{failed}"


def running(state: State, names: Mapping[str, str]) -> list[str]:
    """A line for each solve that runs."""
    return [f"{names.get(key, key)}: {_told(told)}" for key, told in state.running.items()]


def _told(progress: Progress | None) -> str:
    """``care that is due and not scheduled: 1,095, at least 60``."""
    from ..report import tier_title

    if progress is None or progress.tier is None:
        return progress.phase if progress else "starting"
    title = tier_title(progress.goals)
    text = f"{title[:1].lower()}{title[1:]}"
    if progress.value is not None:
        text += f": {progress.value:,}"
        if progress.bound is not None and 0 < progress.bound < progress.value:
            text += f", at least {progress.bound:,}"
    return text


def _plain(names: Mapping[str, str], began: float) -> Callable[[State], None]:
    last_done, last_at = -1, -math.inf

    def show(state: State) -> None:
        nonlocal last_done, last_at
        now = time.monotonic()
        if state.done == last_done and now - last_at < SECONDS_BETWEEN_LINES:
            return
        last_done, last_at = state.done, now
        note("; ".join([headline(state, began), *running(state, names)]))

    return show
