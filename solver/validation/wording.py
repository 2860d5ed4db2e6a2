"""Plain words for what is wrong in a file: what was found, what is allowed, what may be meant.

Pydantic judges form well and says it in a programmer's terms. Here its errors become sentences a
scheduler can act on, with the place written as in the file: ``patients[3].quotas[0].min``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Loc = tuple[str | int, ...]
"""Where something stands in a file: keys and list positions from the top."""
Finding = tuple[Loc, str]
"""A place and what is wrong there."""

_PLAIN_KEY = re.compile(r"[\w-]+")
_LONGEST_SHOWN = 60
_MOST_LISTED = 12
_MOST_COMPARED = 2_000

_ALLOWED = {
    "int_type": "a whole number is expected",
    "int_from_float": "a whole number is expected",
    "float_type": "a number is expected",
    "finite_number": "a finite number is expected",
    "string_type": "text in quotes is expected",
    "string_unicode": "text of whole Unicode characters is expected",
    "bool_type": "true or false is expected",
    "tuple_type": "a list [ … ] is expected",
    "dict_type": "an object { … } is expected",
    "model_type": "an object { … } is expected",
    "string_too_short": "it must not be empty",
    "invalid_key": "a key is text in quotes",
}


def found(value: object) -> str:
    """A value as it stands in the file, shortened so that any value gives a readable line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int):
        return str(value) if abs(value) < 10**20 else "a number of more than 20 digits"
    if isinstance(value, float):
        return str(value)
    if isinstance(value, (list, tuple)):
        return "an empty list" if not value else "a list"
    if isinstance(value, dict):
        return "an object"
    return f"something of type {type(value).__name__}"


def quoted(text: str) -> str:
    """Text in single quotes, control characters escaped, cut when it is long."""
    return repr(text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…")


def nearest(word: str, known: Collection[str]) -> str | None:
    """The known word most like a mistyped one, or None when nothing is close."""
    if len(known) > _MOST_COMPARED or len(word) > _LONGEST_SHOWN:
        return None
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1)
    return by_lower[close[0]] if close else None


def listed(names: Iterable[str]) -> str:
    """Some names in quotes; a long list is cut and says how many there are."""
    names = list(names)
    text = ", ".join(map(quoted, names[:_MOST_LISTED]))
    return text if len(names) <= _MOST_LISTED else f"{text}, … ({len(names)} in all)"


def place(loc: Loc) -> str:
    """``patients[3].program`` for ``("patients", 3, "program")``; empty for the file as a whole."""
    text = ""
    for step in loc:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN_KEY.fullmatch(step) and len(step) <= _LONGEST_SHOWN:
            text += f".{step}" if text else step
        else:
            text += f"[{quoted(step)}]"
    return text


def form_findings(error: ValidationError, model: type[BaseModel]) -> list[Finding]:
    """Every fault of form that pydantic saw in data of ``model``, in plain words."""
    out = []
    for detail in error.errors(include_url=False):
        if _is_knock_on(detail):
            continue
        # Of a key that is wrong pydantic says (…, key, "[key]"); the key itself is the place.
        loc = tuple(step for step in detail["loc"] if step != "[key]")
        out.append((loc, _sentence(detail, loc, model)))
    return out


def _is_knock_on(detail: ErrorDetails) -> bool:
    """Whether a list is said to be too short only because an entry of it is wrong."""
    held = detail["input"]
    return (
        detail["type"] == "too_short"
        and isinstance(held, list | tuple)
        and len(held) >= detail["ctx"]["min_length"]
    )


def _sentence(detail: ErrorDetails, loc: Loc, model: type[BaseModel]) -> str:
    kind, value, limits = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "missing":
        return "missing; it must be given"
    if kind == "extra_forbidden":
        return _unknown_field(str(loc[-1]), _model_at(model, loc[:-1]))
    if kind == "value_error":
        # Our own validators speak plainly already; only what they quote may need shortening.
        text = detail["msg"].removeprefix("Value error, ")
        return text.replace(f"found {value!r}", f"found {found(value)}", 1)
    if kind == "literal_error":
        return _not_among(value, re.findall(r"'([^']*)'|(\d+)", limits["expected"]))
    if kind == "greater_than_equal":
        allowed = f"at least {limits['ge']:g} is allowed"
    elif kind == "less_than_equal":
        allowed = f"at most {limits['le']:.12g} is allowed"
    elif kind == "too_short":
        allowed = f"at least {_count(limits['min_length'], 'entry', 'entries')} needed"
    elif kind == "too_long":
        allowed = f"at most {_count(limits['max_length'], 'entry', 'entries')} allowed"
        return f"found {limits['actual_length']} entries; {allowed}"
    elif kind == "string_too_long":
        allowed = f"at most {limits['max_length']} characters are allowed"
    elif kind == "model_type" and limits.get("class_name") == "Credential":
        allowed = "a credential's id or an object { id, expires } is expected"
    else:
        allowed = _ALLOWED.get(kind, detail["msg"])
    return f"found {found(value)}; {allowed}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one} is" if number == 1 else f"{number} {many} are"


def _not_among(value: object, expected: list[tuple[str, str]]) -> str:
    words = [word for word, _ in expected if word]
    allowed = ", ".join(quoted(word) if word else number for word, number in expected)
    guess = nearest(value, words) if isinstance(value, str) else None
    hint = f"did you mean {quoted(guess)}? " if guess else ""
    return f"found {found(value)}; {hint}allowed: {allowed}"


def _unknown_field(name: str, model: type[BaseModel] | None) -> str:
    fields = list(model.model_fields) if model else []
    guess = nearest(name, fields)
    if guess:
        return f"unknown field {quoted(name)}; did you mean {quoted(guess)}?"
    return f"unknown field {quoted(name)}; allowed: {', '.join(fields)}"


def _model_at(model: type[BaseModel], loc: Loc) -> type[BaseModel] | None:
    """The model that describes the object at ``loc``."""
    here: Any = model
    for step in loc:
        if isinstance(step, int):
            here = next(iter(get_args(here)), None)
        elif isinstance(here, type) and issubclass(here, BaseModel) and step in here.model_fields:
            here = here.model_fields[step].annotation
        else:
            return None
        here = _bare(here)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _bare(annotation: Any) -> Any:
    """An annotation without ``Annotated[…]`` and ``… | None`` around it."""
    while True:
        origin, args = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            annotation = args[0]
        elif origin in (Union, UnionType):
            annotation = next(arg for arg in args if arg is not type(None))
        else:
            return annotation
