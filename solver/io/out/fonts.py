"""Letters for PDF pages: Noto Sans for most of the world's scripts, from a package, none from the system.

A page is the same on every machine. What no font has (Chinese, Japanese and Korean, above all) is
written in Latin letters instead, so that a name may look different but is never lost.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from unicodedata import category, normalize

from anyascii import anyascii
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from ...errors import Fault, FileFaults
from ..writing import reason

_PACKAGE = "manimgx_fonts"
"""The Noto fonts (SIL Open Font License) as a Python package; nothing else of it is used."""
_FIRST = "NotoSans[wght].ttf"
Style = Literal["", "B"]
_WEIGHTS: dict[Style, int] = {"": 400, "B": 700}
_NO_LETTERS = frozenset("\u200b\u200c\u200d\u200e\u200f\ufe0e\ufe0f\u2060\ufeff")
"""Marks that are not seen; where no font has them nothing is missing."""
_ALWAYS = frozenset([*map(chr, range(0x20, 0x7F)), *map(chr, range(0xA0, 0x180)), *"–—‘’“”…"])
"""Letters of usual texts: with these always there, the next document finds the same font made."""


@cache
def _font_names() -> tuple[str, ...]:
    """The upright fonts of the package, Noto Sans first."""
    names = sorted(f.name for f in files(_PACKAGE).iterdir() if f.name.endswith("[wght].ttf"))
    return (_FIRST, *(n for n in names if n != _FIRST and "Italic" not in n))


@cache
def _has(name: str) -> frozenset[int]:
    """The characters that a font of the package has."""
    with as_file(files(_PACKAGE) / name) as path, TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())


def _font_with(letter: str) -> str | None:
    return next((name for name in _font_names() if ord(letter) in _has(name)), None)


@cache
def _in_print(letter: str) -> str:
    """The letter, or the Latin letters that stand for it where no font has it."""
    if letter == " " or _font_with(letter):
        return letter
    if letter in _NO_LETTERS:
        return ""
    latin = "".join(c for c in anyascii(letter) if c == " " or _font_with(c))
    return latin or "?"


def in_print(text: str) -> str:
    """The text in letters that the fonts have."""
    return "".join(map(_in_print, normalize("NFC", text)))


def is_replaced(text: str) -> bool:
    """Whether ``in_print`` writes letters of the text as others."""
    return any(_in_print(c) not in (c, "") for c in normalize("NFC", text))


def needs_shaping(text: str) -> bool:
    """Whether letters of the text join, carry marks or run from right to left."""
    return not text.isascii() and any(map(_needs_shaping, text))


def _needs_shaping(letter: str) -> bool:
    kind, code = category(letter)[0], ord(letter)
    latin_or_greek = code < 0x0590 or 0x1E00 <= code < 0x2000
    return kind == "M" or (kind == "L" and not latin_or_greek)


@contextmanager
def font_files(texts: Iterable[str]) -> Iterator[list[dict[Style, Path]]]:
    """Font files with just the letters of the texts, each ``{"": regular, "B": bold}``.

    The first has most letters, the others what it has not. The files are gone afterwards.

    Args:
        texts: as ``in_print`` gave them.

    Raises:
        FileFaults: there is no room for them in the system's temporary folder.
    """
    letters: dict[str, set[str]] = {_FIRST: set(_ALWAYS)}
    for letter in set().union(*texts):
        if (font := _font_with(letter)) is not None:
            letters.setdefault(font, set()).add(letter)
    fonts = [
        {style: _cut_down(name, "".join(sorted(needed)), _WEIGHTS[style]) for style in _WEIGHTS}
        for name, needed in letters.items()
    ]
    with ExitStack() as stack:
        try:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="fonts-")))
            paths = [_saved(folder, number, styles) for number, styles in enumerate(fonts)]
        except OSError as error:
            message = f"cannot be written: {reason(error)}"
            raise FileFaults([Fault("the folder for temporary files", message)]) from None
        yield paths


def _saved(folder: Path, number: int, styles: dict[Style, bytes]) -> dict[Style, Path]:
    out = {}
    for style, content in styles.items():
        out[style] = folder / f"{number}{style}.ttf"
        out[style].write_bytes(content)
    return out


@lru_cache(maxsize=64)
def _cut_down(name: str, letters: str, weight: int) -> bytes:
    """A font of the package with these letters only, in one weight.

    First the letters, then the weight: the other way round takes ten times as long.
    """
    options = Options(layout_features=["*"], notdef_outline=True)
    with as_file(files(_PACKAGE) / name) as path, TTFont(path, lazy=True) as font:
        subsetter = Subsetter(options)
        subsetter.populate(text=letters)
        subsetter.subset(font)
        axis = font["fvar"].axes[0]
        instantiateVariableFont(
            font, {axis.axisTag: min(axis.maxValue, max(axis.minValue, weight))}, inplace=True
        )
        out = io.BytesIO()
        font.save(out)
    return out.getvalue()
