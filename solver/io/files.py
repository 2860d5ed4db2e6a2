"""JSON files: what a scenario or a schedule is read from and written to.

Reading refuses, with one message and before any of it reaches the models, whatever is no JSON as
RFC 8259 has it, or so large or so nested that only an accident or an attack explains it. Writing
puts the whole new file in place of the old one or leaves the old one as it was.
"""

from __future__ import annotations

import json
import math
import os
import re
import stat
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, NoReturn

from pydantic import BaseModel

from ..clinic import Clinic
from ..errors import Fault, FileFaults, ScenarioError, ScheduleError
from ..notices import notices
from ..scenario import Group, Program, Scenario, Therapist
from ..schedule import Appointment, Meeting, Schedule, Section
from ..validation import MAX_DEPTH, Notice, read_scenario, read_schedule
from ..validation.wording import Loc, place, quoted
from .writing import reason, shown, write_file

MAX_BYTES = 50 * 1024 * 1024
"""Largest file that is read; the JSON of a week of 240 patients is under 1 MB."""
_MOST_DIGITS = 100
_STRING = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_STRUCTURE = re.compile(rf"{_STRING}|[\[{{]|[\]}}]", re.DOTALL)
_KEYS_AND_STRUCTURE = re.compile(rf"(?P<key>{_STRING})\s*:|{_STRUCTURE.pattern}", re.DOTALL)
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_MAYBE_HALF_CHARACTER = re.compile("[\ud800-\udfff]|\\\\u[dD][89a-fA-F]")

_ALWAYS_WRITTEN: Mapping[type[BaseModel], frozenset[str]] = {
    Scenario: frozenset({"rooms", "therapists", "groups", "patients"}),
    Program: frozenset({"minutes_per_week", "days_per_week", "quotas"}),
    Therapist: frozenset({"credentials"}),
    Group: frozenset({"leaders"}),
    Schedule: frozenset({"schema_version", "sections", "appointments"}),
    Section: frozenset({"leaders", "members"}),
    Meeting: frozenset({"room"}),
    Appointment: frozenset({"room"}),
}
"""Fields that the models do without but that a file in our form always has."""


def load_scenario(path: str | os.PathLike[str]) -> tuple[Scenario, list[Notice]]:
    """The scenario in a JSON file (``-`` is standard input), and what is worth knowing about it.

    Raises:
        ScenarioError: with every fault of the file.
    """
    try:
        data = parse_json(_read(path))
    except FileFaults as error:
        raise ScenarioError(error.faults) from None
    scenario, gone = read_scenario(data)
    return scenario, [*gone, *notices(Clinic(scenario))]


def load_schedule(path: str | os.PathLike[str], scenario: Scenario) -> Schedule:
    """The schedule of ``scenario`` in a JSON file (``-`` is standard input).

    Raises:
        ScheduleError: with every fault of the file.
    """
    try:
        data = parse_json(_read(path))
    except FileFaults as error:
        raise ScheduleError(error.faults) from None
    return read_schedule(data, scenario)


def load_earlier(path: str | os.PathLike[str], scenario: Scenario) -> Schedule:
    """A schedule that was given out for the scenario's week before the scenario was changed.

    It may name patients, therapists, rooms and groups that are gone, as a baseline may.

    Raises:
        ScheduleError: with every fault of the file.
    """
    bare = dump(scenario.model_copy(update={"baseline": None, "locks": ()}))
    try:
        base = read_scenario({**bare, "baseline": parse_json(_read(path))})[0].baseline
    except FileFaults as error:
        faults = [
            Fault(f.place.removeprefix("baseline").lstrip("."), f.message) for f in error.faults
        ]
        raise ScheduleError(faults) from None
    if base is None or base.week_start != scenario.week_start:
        found = f"found {base.week_start}" if base else "found null"
        message = f"{found}; the scenario's week starts on {scenario.week_start}"
        raise ScheduleError([Fault("week_start", message)])
    return base


def parse_json(text: str | bytes) -> object:
    """What a JSON text says.

    Raises:
        FileFaults: with one fault, at its line and column where that can be told.
    """
    if isinstance(text, bytes):
        text = _decoded(text)
    text = text.removeprefix("\ufeff")
    if not text.strip():
        _refuse("the file is empty; JSON is expected")
    _refuse_depth(text)

    def whole(digits: str) -> int:
        if len(digits) > _MOST_DIGITS:
            _refuse(f"found a number of {len(digits)} digits; 20 are enough", text, digits)
        return int(digits)

    def fraction(digits: str) -> float:
        if len(digits) > _MOST_DIGITS or not math.isfinite(value := float(digits)):
            _refuse(f"found {digits[:20]}, which is out of any useful range", text, digits)
        return value

    def constant(name: str) -> NoReturn:
        _refuse(f"found {name}; JSON has finite numbers only", text, name)

    try:
        data: object = json.loads(
            text,
            parse_int=whole,
            parse_float=fraction,
            parse_constant=constant,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        raise FileFaults([_not_json(text, error)]) from None
    except _KeyTwice as error:
        line = _line_of_second(text, error.key)
        message = f"the key {quoted(error.key)} stands twice in one object; each key stands once"
        raise FileFaults([Fault(line, message)]) from None
    if _MAYBE_HALF_CHARACTER.search(text):
        _refuse_half_characters(data)
    return data


def dump(model: BaseModel) -> dict[str, object]:
    """The JSON form of a scenario, a schedule or a part of one, in the order of the spec's fields.

    Optional fields that have their default are left out. Reading it gives an equal model.
    """
    return _without_defaults(model, model.model_dump(mode="json"))


def save_json(path: str | os.PathLike[str], content: BaseModel | Mapping[str, object]) -> None:
    """Write a JSON file whole or not at all, readable by its owner alone.

    Raises:
        FileFaults: it cannot be written there; what was there before is untouched.
    """
    data = dump(content) if isinstance(content, BaseModel) else content
    text = json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False)
    write_file(path, f"{text}\n".encode())


# -- reading ------------------------------------------------------------------------------------


def _read(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a file, no more of it read than may be used."""
    name = os.fspath(path)
    try:
        if name == "-":
            return _limited(sys.stdin.buffer, "standard input")
        if not name:
            _refuse("no file is named")
        file_path = Path(name)
        about = file_path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise IsADirectoryError(name)
        if stat.S_ISREG(about.st_mode) and about.st_size > MAX_BYTES:
            _refuse_size(name, f"{about.st_size / 2**20:.0f} MB")
        with file_path.open("rb") as file:
            return _limited(file, name)
    except (OSError, ValueError) as error:
        raise FileFaults([Fault(shown(name), reason(error))]) from None


def _limited(file: BinaryIO, name: str) -> bytes:
    content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        _refuse_size(name, f"more than {MAX_BYTES // 2**20} MB")
    return content


def _refuse_size(name: str, size: str) -> NoReturn:
    allowed = f"at most {MAX_BYTES // 2**20} MB are read"
    raise FileFaults([Fault(shown(name), f"found {size}; {allowed}")])


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        hint = ""
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            hint = "; it looks like UTF-16: save it as UTF-8"
        line = content.count(b"\n", 0, error.start) + 1
        raise FileFaults([Fault(f"line {line}", f"not UTF-8 text{hint}")]) from None


def _refuse(message: str, text: str = "", found: str = "") -> NoReturn:
    """Refuse the whole text; the place is where ``found`` first stands outside of strings."""
    where = ""
    value = re.escape(found[:_MOST_DIGITS])
    for match in re.finditer(rf"{_STRING}|(?<![\w.+-])(?P<value>{value})", text) if found else ():
        if match["value"]:
            where = _position(text, match.start())
            break
    raise FileFaults([Fault(where, message)])


def _refuse_depth(text: str) -> None:
    """Refuse nesting that the parser itself might not survive; strings are skipped over."""
    depth = 0
    for match in _STRUCTURE.finditer(text):
        token = match[0]
        if token in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                message = f"lists and objects are nested deeper than {MAX_DEPTH}; ten are enough"
                raise FileFaults([Fault(_position(text, match.start()), message)])
        elif token in "]}":
            depth -= 1


class _KeyTwice(Exception):
    """A key that stands twice in one object."""

    def __init__(self, key: str) -> None:
        self.key = key


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    out = dict(pairs)
    if len(out) < len(pairs):
        count = Counter(key for key, _ in pairs)
        raise _KeyTwice(next(key for key in count if count[key] > 1))
    return out


def _line_of_second(text: str, wanted: str) -> str:
    """Where ``wanted`` first is the key of an object that has it already."""
    levels: list[set[str]] = []
    for match in _KEYS_AND_STRUCTURE.finditer(text):
        if match["key"]:
            if json.loads(match["key"]) == wanted:
                if wanted in levels[-1]:
                    return _position(text, match.start())
                levels[-1].add(wanted)
        elif match[0] in ("{", "["):
            levels.append(set())
        elif match[0] in ("}", "]"):
            levels.pop()
    return ""


def _position(text: str, index: int) -> str:
    line = text.count("\n", 0, index) + 1
    return f"line {line}, column {index - text.rfind(chr(10), 0, index)}"


def _refuse_half_characters(value: object, loc: Loc = ()) -> None:
    r"""Refuse text such as ``"\ud800"``: half of a character, which no file can hold."""
    if isinstance(value, str) and _HALF_CHARACTER.search(value):
        message = f"found {quoted(value)}; half a character (a lone surrogate) is no text"
        raise FileFaults([Fault(place(loc), message)])
    if isinstance(value, dict):
        for key, inner in value.items():
            _refuse_half_characters(key, loc)
            _refuse_half_characters(inner, (*loc, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _refuse_half_characters(inner, (*loc, number))


_JSON_NEEDS = {
    "Expecting value": "a value is expected",
    "Expecting property name": "a key in double quotes is expected",
    "Expecting ':' delimiter": "a colon is expected",
    "Expecting ',' delimiter": "a comma or the closing bracket is expected",
    "Illegal trailing comma": "no comma may stand before it",
    "Extra data": "nothing may follow the closing bracket",
    "Unterminated string": "the text that begins here has no closing quote",
    "Invalid control character": r"inside text a line break is written \n, a tab \t",
    "Invalid \\escape": r"inside text a backslash is written \\",
    "Invalid \\uXXXX escape": r"\u is followed by four of 0-9 and a-f",
}
"""What each complaint of the parser (its beginning) means, in words that no version changes."""


def _not_json(text: str, error: json.JSONDecodeError) -> Fault:
    at = error.pos
    needs = next((n for says, n in _JSON_NEEDS.items() if error.msg.startswith(says)), error.msg)
    # Older versions of Python point at the bracket after a comma too many, newer ones at the comma.
    before, after = text[:at].rstrip(), text[at:].lstrip(", \t\r\n")
    if after[:1] in ("}", "]") and (before.endswith(",") or text[at : at + 1] == ","):
        at, needs = len(text) - len(after), _JSON_NEEDS["Illegal trailing comma"]
    if not text[at:].strip():
        return Fault(_position(text, at), "not JSON: the file ends in the middle of something")
    return Fault(_position(text, at), f"not JSON: found {quoted(text[at])}; {needs}")


# -- writing ------------------------------------------------------------------------------------


def _without_defaults(model: BaseModel, dumped: dict[str, object]) -> dict[str, object]:
    always = _ALWAYS_WRITTEN.get(type(model), frozenset())
    out: dict[str, object] = {}
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if field.is_required() or name in always or value != field.default:
            # The one kind of object a file must have and a program made in Python may lack.
            is_open_range = value is None and isinstance(model, Program)
            out[name] = {} if is_open_range else _pruned(value, dumped[name])
    return out


def _pruned(value: object, dumped: object) -> object:
    if isinstance(value, BaseModel) and isinstance(dumped, dict):
        return _without_defaults(value, dumped)
    if isinstance(value, tuple) and isinstance(dumped, list):
        return [_pruned(*pair) for pair in zip(value, dumped, strict=True)]
    return dumped
