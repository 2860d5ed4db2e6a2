"""The command line: ``iop …`` and ``python -m solver …``, one file a command family.

Commands import what they need when they are called, so that ``iop --help`` answers at once and
``iop check`` never loads a solver.
"""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

import os
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated, Any

import typer

from ..errors import FileFaults, OutOfTime
from .capacity import capacity
from .check import check
from .cover import cover
from .diff import diff
from .explain import explain
from .exporting import export
from .files import schema, validate
from .generate import generate
from .importing import import_, template
from .keeping import backup, history, restore
from .midweek import midweek
from .network import solve_all
from .next import next_week
from .publishing import keep, publish
from .rebalance import rebalance
from .recommend import recommend
from .serve import app as serve
from .show import show
from .simulate import simulate
from .solve import solve
from .staff import staff
from .sweep import sweep
from .terminal import MEANINGS, Code, ReaderGone, UsageFault, WrongFile, drop_output, note
from .value import value
from .whatif import whatif

_CODES = "\n".join(f"  {code.value:>3}  {meaning}" for code, meaning in MEANINGS.items())

app = typer.Typer(
    name="iop",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
    epilog=f"\b\nExit codes:\n{_CODES}",
)
for command in (
    *(validate, schema, solve, check, show, explain),  # one week
    *(rebalance, diff, cover, midweek, recommend),  # a week that people live by
    *(whatif, sweep, value, staff, capacity, simulate),  # what if
    *(template, export, keep, publish, backup, restore, history, generate),  # in, out, kept
):
    app.command()(command)
app.command("next")(next_week)
app.command("solve-all")(solve_all)
app.command("import")(import_)
app.command("app")(serve)

_UsageError: type[Any] = typer.BadParameter.__mro__[1]
"""What typer raises about a command line; it lies in another package from version to version."""


def _version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        typer.echo(f"iop {__version__}")
        raise typer.Exit


@app.callback()
def options(
    ctx: typer.Context,
    debug: Annotated[
        bool, typer.Option("--debug", help="Print the traceback of a bug in iop.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Schedule the week of an Intensive Outpatient Program.

    \b
    Example:
      iop solve scenarios/matrix-evening.json -o week.json
      iop show scenarios/matrix-evening.json week.json
    """
    ctx.ensure_object(dict)["debug"] = debug


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code, whatever happens (see ``terminal.MEANINGS``)."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a letter shows a question mark instead.
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    code = _run(arguments)
    if code == Code.INTERRUPTED and threading.active_count() > 1:
        # A solver's threads cannot be ended, and Python would abort if it closed down around them.
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError, OSError, ValueError):
                stream.flush()
        os._exit(code)
    return code


def _run(arguments: Sequence[str] | None) -> int:
    state: dict[str, bool] = {}
    try:
        return int(app(args=arguments, prog_name="iop", standalone_mode=False, obj=state) or 0)
    except ReaderGone:
        return Code.READER_GONE
    except WrongFile as error:
        note(str(error))
    except FileFaults as error:
        note("\n".join(f"error: {fault}" for fault in error.faults))
    except UsageFault as error:
        note(f"error: {error}")
    except _UsageError as error:
        with suppress(OSError):
            error.show()
    except OutOfTime as error:
        note(f"not decided in time: {error}")
        return Code.UNDECIDED
    except (KeyboardInterrupt, typer.Abort):
        return Code.INTERRUPTED
    except SystemExit:
        # Typer's own answer to a closed pipe, e.g. of `iop --help | true`.
        drop_output()
        return Code.READER_GONE
    except Exception as error:
        return _bug(error, state.get("debug", False))
    return Code.WRONG


def _bug(error: Exception, debug: bool) -> int:
    if debug:
        note("".join(traceback.format_exception(error)).rstrip())
    said = " ".join(str(error).split())
    hint = "" if debug else " (iop --debug … prints where)"
    note(f"this is a bug in iop: {type(error).__name__}: {said}{hint}")
    return Code.BUG


__all__ = ["app", "main"]
