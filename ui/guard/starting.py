"""What the server starts with: the gate around it, quiet logs, or a reason not to start."""

from __future__ import annotations

import logging
import sys
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config

from solver.errors import FileFaults

from ..desk.store import work_folder
from . import doors
from .ended import Ended
from .files import Files
from .gate import LOG, Gate
from .quiet import be_quiet

ALWAYS = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "type",
    "logger.enableRich": False,
}
"""Whatever a config file, a flag or the environment says: what an error says may be a name."""
WRONG = 2
"""The exit code of a server that refuses to start."""


def middleware() -> list[Middleware]:
    """The gate, as the server is set up; ends the program where it must not be reached like that."""
    be_quiet()
    _log_to_terminal()
    for name, value in ALWAYS.items():
        config.set_option(name, value)
    try:
        login = doors.login()
    except doors.DoorOpen as error:
        _end(str(error))
    unsafe = doors.unsafe_settings()
    if unsafe:
        _end("\n".join(unsafe))
    if login is None:
        fault = doors.open_without_login()
        if fault is not None:
            _end(fault)
    else:
        faults = login.people().faults
        if faults:
            _end("\n".join(faults))
        LOG.info("login: people of %s", login.origin)
    doors.started_with(login)
    ended = Ended(work_folder() / "signed-out.json")
    return [Middleware(Gate, login=login, ended=ended, files=Files())]  # type: ignore[arg-type]


def went_wrong(error: Exception) -> bool:
    """A page that failed says so, without the error's words, which may be somebody's name."""
    if isinstance(error, OSError | FileFaults):
        said = "A file could not be read or written, so your last change is not kept. "
        said += "Whoever runs this server looks whether the disk is full or may not be written. "
    else:
        said = "Something went wrong on this page; your work is kept. "
        said += "Whoever runs this server finds where it happened in its log. "
    st.error(f"{said}Load the page again.", icon=":material/error:")
    return True


def _end(said: str) -> Any:
    sys.stderr.write("".join(f"error: {line}\n" for line in said.splitlines()))
    sys.stderr.flush()
    raise SystemExit(WRONG)


def _log_to_terminal() -> None:
    """Who came and went, with the time, on the standard error stream."""
    if not LOG.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
        LOG.addHandler(handler)
        LOG.setLevel(logging.INFO)
        LOG.propagate = False
