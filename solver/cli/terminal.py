"""What all commands share: exit codes, writing to the terminal, loading files, checking paths."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ..errors import Fault, FileFaults

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..clinic import Clinic
    from ..scenario import Scenario
    from ..schedule import Schedule
    from ..validation import Notice

NARROWEST = 40
WIDTH_OF_A_FILE = 100
"""Columns where neither a terminal nor COLUMNS says how many there are."""
STANDARD_STREAM = "-"


class Code(IntEnum):
    """Exit codes; what each one means to whoever calls the program."""

    DONE = 0
    NO = 1
    WRONG = 2
    UNDECIDED = 3
    BUG = 70
    INTERRUPTED = 130
    READER_GONE = 141


MEANINGS: Mapping[Code, str] = {
    Code.DONE: "done",
    Code.NO: "the answer is no: no schedule exists, or violations were found",
    Code.WRONG: "a file or the command line is wrong, or an output cannot be written",
    Code.UNDECIDED: "not decided in time",
    Code.BUG: "a bug in iop itself",
    Code.INTERRUPTED: "interrupted with Ctrl-C before there was anything to give out",
    Code.READER_GONE: "whoever read the output (head, a pager) closed it",
}


class ReaderGone(Exception):
    """Whoever read standard output has closed it."""


class UsageFault(Exception):
    """The command line asks for something that makes no sense; the message says what."""


# -- writing --------------------------------------------------------------------------------------


def out(text: str) -> None:
    """Write a text to standard output, now.

    Raises:
        ReaderGone: nobody reads it any more.
        FileFaults: it cannot be written, e.g. because the disk is full.
    """
    try:
        if sys.stdout is None:
            raise OSError("it is closed")
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        drop_output()
        raise ReaderGone from None
    except OSError as error:
        drop_output()
        reason = error.strerror or str(error)
        raise FileFaults([Fault("standard output", f"cannot be written: {reason}")]) from None


def drop_output() -> None:
    """Nothing more can be written; what is still buffered must not make Python's exit fail."""
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def out_json(document: object) -> None:
    """Write a document as JSON to standard output."""
    out(json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False))


def note(text: str) -> None:
    """Say something on standard error; that nobody may be listening does not matter."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            sys.stderr.write(printable(text, keep="\n") + "\n")
            sys.stderr.flush()


def printable(text: str, keep: str = "") -> str:
    """A text that cannot move the cursor or colour the terminal, whatever a name in it holds."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else "\N{REPLACEMENT CHARACTER}" for c in text)


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person looks at the stream."""
    with suppress(OSError, ValueError):
        return stream is not None and stream.isatty()
    return False


def width() -> int:
    """Columns to fill: COLUMNS, else those of the terminal, else as many as suit a file."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said) > 0:
        return max(NARROWEST, min(int(said), 1000))
    for descriptor in (1, 2, 0):
        with suppress(OSError, ValueError):
            columns = os.get_terminal_size(descriptor).columns
            if columns > 0:
                return max(NARROWEST, columns)
    return WIDTH_OF_A_FILE


def rendered(*parts: RenderableType) -> str:
    """Tables and texts as lines for standard output, in colour only where a person looks."""
    from rich.console import Console

    interactive = is_terminal(sys.stdout)
    console = Console(
        file=io.StringIO(),
        width=width(),
        force_terminal=interactive,
        markup=False,
        emoji=False,
        highlight=False,
    )
    with console.capture() as capture:
        for part in parts:
            console.print(part)
    text = capture.get()
    return text if interactive else "\n".join(line.rstrip() for line in text.splitlines())


def fault_lines(title: str, faults: Sequence[Fault]) -> str:
    """All faults under a title; on the title's line where there is just one, of the file itself."""
    if len(faults) == 1 and faults[0].place == title:
        return f"error: {faults[0]}"
    number = f"{len(faults):,} faults" if len(faults) > 1 else "1 fault"
    return "\n".join([f"error: {title}: {number}", *(f"  {fault}" for fault in faults)])


# -- files ----------------------------------------------------------------------------------------


class WrongFile(Exception):
    """A file that cannot be used: its path and every fault in it."""

    def __init__(self, path: str, faults: Sequence[Fault]) -> None:
        self.path = path
        self.faults = tuple(faults)
        super().__init__(fault_lines(path, faults))


def read_scenario(path: str) -> tuple[Scenario, list[Notice]]:
    """The scenario in a file, and what is worth knowing about it; WrongFile with all faults."""
    from ..io.files import load_scenario

    try:
        return load_scenario(path)
    except FileFaults as error:
        raise WrongFile(_title(path), error.faults) from None


def read_schedule(path: str, scenario: Scenario) -> Schedule:
    """The schedule in a file; WrongFile with all faults."""
    from ..io.files import load_schedule

    try:
        return load_schedule(path, scenario)
    except FileFaults as error:
        raise WrongFile(_title(path), error.faults) from None


def read_week(scenario: str, schedule: str) -> tuple[Clinic, Schedule]:
    """A scenario's clinic and a schedule of it."""
    from ..clinic import Clinic

    if scenario == schedule == STANDARD_STREAM:
        raise UsageFault("only one of the two files can be standard input")
    loaded, _ = read_scenario(scenario)
    return Clinic(loaded), read_schedule(schedule, loaded)


def _title(path: str) -> str:
    return "standard input" if path == STANDARD_STREAM else printable(path)


def tell(notices: Iterable[Notice]) -> None:
    """Notices on standard error, one a line."""
    for notice in notices:
        note(f"note: {notice}")


def must_be_writable(path: str, option: str, inputs: Mapping[str, str | None]) -> None:
    """Refuse an output path before any work is done for it.

    Args:
        path: where a file is to be written; ``-`` is standard output.
        option: what the user wrote the path behind.
        inputs: what is read, by its name on the command line; none of it is overwritten.

    Raises:
        UsageFault: no file can be written there, or one that is read would be lost.
    """
    if path == STANDARD_STREAM:
        return
    target = Path(path)
    try:
        for name, read in inputs.items():
            if read and read != STANDARD_STREAM and target.exists() and target.samefile(read):
                raise UsageFault(f"{option} {path} would overwrite {name}")
        target = target.resolve()
        if not path or target.is_dir():
            raise UsageFault(f"{option} {path!r}: this is a folder; a file is expected")
        if not target.parent.is_dir():
            raise UsageFault(f"{option} {path}: there is no folder {printable(str(target.parent))}")
        if target.exists() and not target.is_file():
            return  # a pipe or a terminal
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageFault(f"{option} {printable(path)}: cannot be written: {reason}") from None


def write_json(path: str, document: Mapping[str, object]) -> None:
    """A document into a file, whole or not at all, or onto standard output."""
    from ..io.files import save_json

    if path == STANDARD_STREAM:
        out_json(document)
    else:
        save_json(path, document)
