"""Text from files, shown as it stands: a name may hold Markdown, HTML or codes of emoji."""

from __future__ import annotations

import re

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_ALIVE = re.compile(r":(?=[\w+\-/]+:|//)|(?<=www)(?=\.)|(?=@)", re.IGNORECASE)
"""Where ``:smile:`` would become a face, and an address a link, however it is escaped."""
_JOINER = "\u2060"
"""Takes no room, and keeps them apart."""


def plain(text: object) -> str:
    """A text for a place that reads Markdown, such that it is shown as it stands."""
    one_line = " ".join(str(text).split())
    return _PUNCTUATION.sub(r"\\\1", _ALIVE.sub(rf"\g<0>{_JOINER}", one_line))


def cell(text: object) -> str:
    """A text for a table or a file name's place: one line, nothing that moves other text about."""
    return "".join(c if c.isprintable() else " " for c in str(text))


def capital(text: str) -> str:
    """A sentence's beginning."""
    return text[:1].upper() + text[1:]


def listed(lines: list[str]) -> str:
    """Markdown of a list; each line as ``plain`` gives it or otherwise safe."""
    return "\n".join(f"- {line}" for line in lines)
