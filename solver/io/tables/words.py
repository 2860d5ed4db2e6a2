"""Lists and odd texts in one cell: separators, and quotes around what would not survive without.

Quotes are those of JSON: ``"Smith, Jane"`` is one entry, ``""`` an empty text. The writer puts them
only where they are needed; a reader takes them off, and leaves alone what is no JSON text.
"""

from __future__ import annotations

import json
import re

_QUOTED = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that some file format or program drops or changes; a line feed is not among them."""
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_EXAMPLE = re.compile(r"e\.\s?g\.", re.IGNORECASE)
_ALTERNATIVE = re.compile(r"\s+or\s+", re.IGNORECASE)

LIST = re.compile(r"[,;\n]")
PLACES = re.compile(r"[;\n]")
ALTERNATIVES = re.compile(r",|\s+or\s+", re.IGNORECASE)


def is_example(text: str) -> bool:
    """Whether a row that begins with this text is one of the template's examples."""
    return _EXAMPLE.match(text.lstrip()) is not None


def text_to_cell(text: str) -> str:
    """A text as a cell of its own: as it is, or in quotes."""
    plain = text == text.strip() and text and text[0] != '"' and not _UNSAFE.search(text)
    return text if plain and not is_example(text) else _quote(text)


def text_from_cell(text: str) -> str:
    """What ``text_to_cell`` made a cell of; a text without quotes loses outer blanks."""
    text = text.strip()
    if _QUOTED.fullmatch(text):
        try:
            inner = json.loads(text)
        except ValueError:
            return text
        if isinstance(inner, str) and not _HALF_CHARACTER.search(inner):
            return inner
    return text


def entry_to_cell(text: str, special: re.Pattern[str] | None = None) -> str:
    """A text as one of several in a cell; in quotes too where it has anything ``special``."""
    if '"' in text or LIST.search(text) or (special and special.search(text)):
        return _quote(text)
    return text_to_cell(text)


def split(text: str, separator: re.Pattern[str]) -> list[str]:
    """The pieces of a cell between separators, without outer blanks; empty ones are left out.

    A separator inside quotes is none. Quotes are recognised where an entry begins.
    """
    pieces: list[str] = []
    begun = at = 0
    fresh = True
    while at < len(text):
        if fresh and text[at] == '"' and (quotes := _QUOTED.match(text, at)):
            at, fresh = quotes.end(), False
        elif found := separator.match(text, at):
            pieces.append(text[begun:at])
            begun = at = found.end()
            fresh = True
        elif found := _ALTERNATIVE.match(text, at):
            at, fresh = found.end(), True
        else:
            fresh = text[at] in ",;\n" or (fresh and text[at].isspace())
            at += 1
    pieces.append(text[begun:])
    return [piece.strip() for piece in pieces if piece.strip()]


def leading(piece: str) -> tuple[str, str] | None:
    """A quoted text at the beginning of a piece and what follows it; None if there is none."""
    quotes = _QUOTED.match(piece)
    return (text_from_cell(quotes[0]), piece[quotes.end() :].strip()) if quotes else None


def heading(*steps: str) -> str:
    """The words of a field's name, as a column is headed: "Minutes per week min"."""
    words = " ".join(steps).replace("_", " ")
    return words[:1].upper() + words[1:]


def key(text: str) -> str:
    """A heading or title without case, blanks and marks, so that small differences do not count."""
    return "".join(c for c in text.casefold() if c.isalnum())


def _quote(text: str) -> str:
    encoded = json.dumps(text, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", encoded)
