"""`iop app`: the app on this machine."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from .terminal import Code, UsageFault

ADDRESS = "127.0.0.1"
"""Only this machine: patients' names are shown, and nobody has to sign in."""


def app(
    address: Annotated[
        str,
        typer.Option(
            "--address",
            metavar="ADDRESS",
            help="Address to listen on; any but this machine's own needs a login (docs/login.md).",
        ),
    ] = ADDRESS,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=1, max=65535, help="Port to listen on.")
    ] = 8501,
) -> None:
    """Serve the app, on this machine alone unless an address is given; Ctrl-C ends it.

    It refuses to start on any other address until people have to sign in.

    \b
    Examples:
      iop app --port 8600
      iop app --address 0.0.0.0
    """
    page = Path(__file__).resolve().parents[2] / "app.py"
    if not page.is_file():
        raise UsageFault(f"the app is not installed: there is no {page}")
    if importlib.util.find_spec("streamlit") is None:
        raise UsageFault("the app needs streamlit, which is not installed")
    arguments = ["--server.address", address, "--server.port", str(port)]
    command = [sys.executable, "-m", "streamlit", "run", str(page), *arguments]
    become(command)


def become(command: list[str]) -> None:
    """Go on as another program, or wait for it where a process cannot become another."""
    if os.name == "posix":
        os.execv(command[0], command)
    if subprocess.run(command, check=False).returncode:
        raise typer.Exit(Code.BUG)
