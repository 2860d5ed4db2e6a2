"""Names as they may stand in a file that another program opens: one line, no tricks, no formulas."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_GAPS = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""What a spreadsheet takes for the beginning of a formula, in wide letters too."""
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn round what is written after them, also beyond the name they stand in."""


def one_line(text: str) -> str:
    """The text on one line.

    Line breaks and tabs become spaces, other control characters and what is no character at all
    U+FFFD, and marks that reorder the text around them are taken out.
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    return "".join(map(_letter, _GAPS.sub(" ", text))).strip()


def _letter(letter: str) -> str:
    if letter in _REORDERING:
        return ""
    code = ord(letter)
    no_character = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    if no_character or unicodedata.category(letter) in ("Cc", "Cs"):
        return "\N{REPLACEMENT CHARACTER}"
    return letter


def no_formula(text: str) -> str:
    """Text for a CSV cell: where a spreadsheet would calculate it, an apostrophe stands before."""
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def cut(text: str, most: int) -> str:
    """The text, or the beginning of it with an ellipsis where it is longer than ``most``."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def file_stem(kind: str, key: str) -> str:
    """A file's name for somebody's id: safe on any disk, and another one for each id.

    An id with anything but plain letters, digits, ``-`` and ``_`` is told apart by a number.
    """
    plain = re.sub(r"[^a-z0-9_-]+", "-", key.lower()).strip("-")[:60]
    if plain == key:
        return f"{kind}-{plain}"
    number = hashlib.sha256(key.encode()).hexdigest()[:8]
    return "-".join(part for part in (kind, plain, number) if part)
