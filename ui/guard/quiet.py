"""Logs without patients' names: of an error, its kind and its places in the code, never its words.

What an error says may quote the data it stumbled over, and so may the line of code that a traceback
shows beside a place. Both stay out of whatever is written to the terminal or a log.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any


def places(error: BaseException) -> list[str]:
    """``ValueError``, then ``file:line in function`` from the outside in, causes first."""
    out, seen = [], set[int]()
    cause: BaseException | None = error
    chain: list[BaseException] = []
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        chain.append(cause)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    for one in reversed(chain):
        out.append(type(one).__qualname__)
        frames = traceback.extract_tb(one.__traceback__)
        out += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    return out


def without_words(arguments: Any) -> Any:
    """Arguments of a log line with the kinds of errors in place of the errors."""
    if isinstance(arguments, tuple):
        return tuple(_kind(argument) for argument in arguments)
    if isinstance(arguments, Mapping):
        return {key: _kind(argument) for key, argument in arguments.items()}
    return arguments


def _kind(argument: Any) -> Any:
    return type(argument).__qualname__ if isinstance(argument, BaseException) else argument


def _factory(make: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
    def made(*arguments: Any, **named: Any) -> logging.LogRecord:
        record = make(*arguments, **named)
        record.args = without_words(record.args)
        if isinstance(record.msg, BaseException):
            record.msg = type(record.msg).__qualname__
        if record.exc_info:
            error = record.exc_info[1]
            said = places(error) if error is not None else []
            record.exc_info = record.exc_text = None
            record.msg = "\n".join([record.getMessage(), *said])
            record.args = None
        return record

    made.is_quiet = True  # type: ignore[attr-defined] # told by it when asked again
    return made


def _tell(error: BaseException | None) -> None:
    if error is not None and sys.stderr is not None:
        sys.stderr.write("\n".join(places(error)) + "\n")


def _hook(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    _tell(error)


def be_quiet() -> None:
    """From now on no error's words reach the terminal or a log of this process."""
    make = logging.getLogRecordFactory()
    if not getattr(make, "is_quiet", False):
        logging.setLogRecordFactory(_factory(make))
    sys.excepthook = _hook
    threading.excepthook = lambda said: _tell(said.exc_value)
    sys.unraisablehook = lambda said: _tell(said.exc_value)
