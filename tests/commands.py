"""Runs one command of the command line by itself, as ``iop`` would, and keeps what it prints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from solver.cli.terminal import UsageFault, WrongFile


def run(command: Callable[..., Any], *arguments: object) -> tuple[int, str]:
    """Exit code and standard output; of a wrong file or command line, what is wrong."""
    app = typer.Typer()
    app.command()(command)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "120")
        answer = CliRunner().invoke(app, [str(a) for a in arguments])
    if isinstance(answer.exception, (UsageFault, WrongFile)):
        return 2, str(answer.exception)
    if answer.exception is not None and not isinstance(answer.exception, SystemExit):
        raise answer.exception
    return answer.exit_code, answer.stdout
