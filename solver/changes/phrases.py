"""Parts of a typed sentence: words, days, days with hours."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from ..fields import Day, day_name
from ..timegrid import DAY_NAMES, DAYS
from ..validation.wording import quoted

HOURS = re.compile(r"(\d{1,2}:\d{2})[-–](\d{1,2}:\d{2})")


class NotUnderstood(Exception):
    """A sentence that says no change; the message is what was found and what can be said."""


def words_of(text: str) -> list[str]:
    """Words of a sentence; quotes and JSON brackets hold together what stands in them."""
    out, at = [], 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        word = ""
        while at < len(text) and not text[at].isspace():
            begins = not word or word.endswith("=")
            if begins and text[at] in "'\"":
                end = text.find(text[at], at + 1)
                if end < 0:
                    raise NotUnderstood("a quotation mark is not closed")
                word, at = word + text[at + 1 : end], end + 1
            elif begins and text[at] in "[{":
                end = at + _length_of_json(text[at:])
                word, at = word + text[at:end], end
            else:
                word, at = word + text[at], at + 1
        out.append(word)
    return out


def _length_of_json(text: str) -> int:
    try:
        return json.JSONDecoder().raw_decode(text)[1]
    except (ValueError, RecursionError):
        raise NotUnderstood(
            f"found {quoted(text)}; a list or an object in JSON is expected"
        ) from None


def days_of(text: str) -> tuple[Day, ...]:
    """``mon``, ``mon,tue``, ``mon-fri``, ``Thursday``."""
    out: list[Day] = []
    for part in filter(None, text.split(",")):
        first, dash, last = part.partition("-")
        a = _day(first, text)
        b = _day(last, text) if dash else a
        if b < a:
            raise NotUnderstood(f"found {quoted(part)}; the week runs from mon to sun")
        out += [day for day in map(day_name, range(a, b + 1)) if day not in out]
    if not out:
        raise NotUnderstood("no day is named")
    return tuple(out)


def _day(word: str, text: str) -> int:
    lower = word.lower()
    for number, (short, long) in enumerate(zip(DAYS, DAY_NAMES, strict=True)):
        if lower in (short, long.lower()):
            return number
    raise NotUnderstood(f"found {quoted(text)}; days are said like mon or mon,tue or mon-fri")


def windows_of(words: Sequence[str]) -> list[dict[str, object]]:
    """``thu 17:00-20:00``, several one after the other; days alone are whole days."""
    out: list[dict[str, object]] = []
    waiting: tuple[Day, ...] | None = None
    for word in (w.strip(";") for w in words):
        hours = HOURS.fullmatch(word)
        if hours and waiting is None and not out:
            raise NotUnderstood(f"found {quoted(word)}; days come before hours: thu {word}")
        if hours:
            days = waiting if waiting is not None else out[-1]["days"]
            start, end = (t.rjust(5, "0") for t in hours.groups())
            out.append({"days": days, "start": start, "end": end})
            waiting = None
            continue
        if waiting is not None:
            out.append({"days": waiting, "start": "00:00", "end": "24:00"})
        waiting = days_of(word)
    if waiting is not None:
        out.append({"days": waiting, "start": "00:00", "end": "24:00"})
    if not out:
        raise NotUnderstood("say days and hours: thu 17:00-20:00")
    return out
