"""JSON files that ask for something: a what-if, a sweep."""

from __future__ import annotations

import os

from .files import _read, parse_json


def load_json(path: str | os.PathLike[str]) -> object:
    """What a JSON file says (``-`` is standard input), with the limits of any other file read.

    Raises:
        FileFaults: with one fault.
    """
    return parse_json(_read(path))
