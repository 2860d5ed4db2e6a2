"""Values of fields as they are typed behind ``=``, read as the scenario's form has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from ..scenario import Window

Json = dict[str, Any]
ReadWindows = Callable[[Sequence[str]], list[dict[str, object]]]
_YES, _NO = ("yes", "true", "on"), ("no", "false", "off")


def read_value(model: type[BaseModel], path: str, text: str, windows: ReadWindows) -> Any:
    """A typed value as JSON has it; what does not fit the field stays text, for validation to refuse.

    Args:
        path: dotted name of the field, from ``model`` on.
        windows: reads days and hours.
    """
    if text.lower() in ("", "none", "null"):
        return None
    if text[0] in '[{"':
        with suppress(ValueError):
            return json.loads(text)
    return _read(_type_at(model, path.split(".")), text, windows)


def _type_at(annotation: Any, steps: Sequence[str]) -> Any:
    """The type of the field that a dotted name leads to; None where the form has no such field."""
    here = _bare(annotation)
    for step in steps:
        if get_origin(here) is tuple:  # an entry of a list, by its id
            here = _bare(get_args(here)[0])
        elif get_origin(here) is dict:
            here = _bare(get_args(here)[1])
        elif isinstance(here, type) and issubclass(here, BaseModel) and step in here.model_fields:
            here = _bare(here.model_fields[step].annotation)
        else:
            return None
    return here


def _bare(annotation: Any) -> Any:
    while True:
        origin, args = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            annotation = args[0]
        elif origin in (Union, UnionType):
            annotation = next(arg for arg in args if arg is not type(None))
        else:
            return annotation


def _read(kind: Any, text: str, windows: ReadWindows) -> Any:
    origin, args = get_origin(kind), get_args(kind)
    if origin is tuple:
        inside = _bare(args[0])
        if inside is Window:
            return [] if text.lower() == "never" else windows(text.split())
        return [_read(inside, part.strip(), windows) for part in text.split(",") if part.strip()]
    if origin is dict:
        pairs = [part.partition(":") for part in text.split(",")]
        return {key: _number(value or "1") for key, _, value in pairs}
    if kind is bool:
        return True if text.lower() in _YES else False if text.lower() in _NO else text
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _object(kind, text)
    return text if kind is str else _number(text)


def _object(kind: type[BaseModel], text: str) -> Any:
    """``540-1140`` is a minimum and a maximum, a single number both."""
    if set(kind.model_fields) == {"min", "max"}:
        low, dash, high = text.partition("-")
        if low.isdecimal() and (high.isdecimal() or not dash):
            return {"min": int(low), "max": int(high or low)}
    return text


def _number(text: str) -> Any:
    for read in (int, float):
        with suppress(ValueError):
            return read(text)
    return text
