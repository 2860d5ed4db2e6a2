"""Changes in sentences, as they are typed: ``remove therapist t03``, ``census +20%``."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from pydantic import ValidationError

from ..errors import Fault
from ..fields import Entry
from ..scenario import Equipment, Group, Patient, Program, Room, Service, Therapist
from ..scenario import Policy as PolicyForm
from ..validation.wording import form_findings, nearest, quoted
from .draft import ChangeFaults
from .entries import Add, Edit, Headcount, Policy, Remove, What
from .hours import CloseRoom, Leave, Narrow, Open, ShiftWork, Shut, Widen
from .kinds import KINDS, Change
from .people import Admit, Census
from .phrases import HOURS, NotUnderstood, days_of, windows_of, words_of
from .values import read_value


class Form(NamedTuple):
    """A way to say a change: an example, and what it does."""

    example: str
    meaning: str


FORMS = (
    Form("add therapist like t03", "one more, a copy with an id of its own"),
    Form("add room capacity=12", "one more, from its fields"),
    Form("add 10 patients", "ten more, of the clinic's own mix"),
    Form("remove therapist t03", "also room, group, patient, equipment, service, program"),
    Form("group relapse max_sections=3", "fields of any entry; dotted names reach inside"),
    Form("program iop minutes_per_week.min=540", "a program's rule"),
    Form("therapists to 6", "also rooms; +1, -2; new ones: like t03"),
    Form("census +20%", "also +10, -5, to 72; mix=iop:2,php:1; seed=3"),
    Form("therapist t04 works thu 17:00-19:00", "or: off fri; by video at the end"),
    Form("room r1 closed mon,tue", "or: open sat 09:00-13:00"),
    Form("leave t03 mon,tue", "a therapist is away"),
    Form("open thu 17:00-20:00 with t03,t04", "longer opening hours and who works them"),
    Form("shut fri 13:00-18:00", "shorter opening hours; days alone shut them whole"),
    Form("work +60 for 30%", "patients' work hours are later (or earlier: -60)"),
    Form("admit w01,w02", "from the waiting list; all: admit all"),
    Form("policy tolerances.unmet_care=0.02", "order, weights and tolerances of the goals"),
)

MODELS: dict[What, type[Entry]] = {
    "therapist": Therapist, "room": Room, "equipment": Equipment, "group": Group,
    "service": Service, "program": Program, "patient": Patient,
}  # fmt: skip
_NAMES: dict[str, What] = {name: what for what in MODELS for name in (what, f"{what}s")}
_ALIASES = {"cap": "capacity", "sections": "max_sections", "hours": "availability"}
_NUMBER = re.compile(r"(to|[+-])?\s*(\d+(?:\.\d+)?)\s*(%)?")


def parse_change(text: str, at: str = "") -> Change:
    """The change that a sentence says.

    Args:
        at: where it stands, for messages; the sentence itself by default.

    Raises:
        ChangeFaults: with what was found and what can be said.
    """
    try:
        return _parsed(text)
    except NotUnderstood as error:
        place = f"{at} ({quoted(text)})" if at else quoted(text)
        raise ChangeFaults([Fault(place, str(error))]) from None


def _parsed(text: str) -> Change:
    words = words_of(text)
    if not words:
        raise NotUnderstood(f"nothing is said; {_can_be_said()}")
    verb, rest = words[0].lower(), words[1:]
    if verb in _VERBS:
        return _made(_VERBS[verb], rest)
    if verb in MODELS:
        return _made(lambda r: _about(_NAMES[verb], r), rest)
    if verb in ("therapists", "rooms"):
        return _made(lambda r: _headcount(_NAMES[verb], r), rest)
    known = [*_VERBS, *MODELS, "therapists", "rooms"]
    guess = nearest(verb, known)
    hint = f"; did you mean {quoted(guess)}?" if guess else f"; {_can_be_said()}"
    raise NotUnderstood(f"found {quoted(words[0])}{hint}")


def _can_be_said() -> str:
    return "it can be said: " + "; ".join(form.example for form in FORMS)


def _made(make: Callable[[list[str]], Change], rest: list[str]) -> Change:
    try:
        return make(rest)
    except ValidationError as error:
        model = next(m for m in KINDS.values() if m.__name__ == error.title)
        faults = [f"{'.'.join(map(str, loc))}: {said}" for loc, said in form_findings(error, model)]
        raise NotUnderstood("; ".join(fault.removeprefix(": ") for fault in faults)) from None


def _form(start: str) -> NotUnderstood:
    """What such a sentence looks like."""
    like = [f.example for f in FORMS if f.example.split()[0] == start]
    return NotUnderstood(f"say it like: {'; '.join(like)}" if like else _can_be_said())


# -- the sentences --------------------------------------------------------------------------------


def _add(words: list[str]) -> Change:
    number = int(words.pop(0)) if words and words[0].isdecimal() else None
    if not words:
        raise _form("add")
    what = _what(words.pop(0))
    like = _option(words, "like")
    if what == "patient" and like is None and number is not None:
        return Census(by=number, **_census_options(words))
    fields = _fields(words, MODELS[what]) if words else {}
    return Add(what=what, like=like, count=number or 1, set=fields)


def _remove(words: list[str]) -> Change:
    if len(words) != 2:
        raise _form("remove")
    return Remove(what=_what(words[0]), id=words[1])


def _change(words: list[str]) -> Change:
    if len(words) < 2:
        raise _form("group")
    return _about(_what(words[0]), words[1:])


def _about(what: What, words: list[str]) -> Change:
    """``therapist t04 works …``, ``room r1 closed mon``, ``group g max_sections=3``."""
    if len(words) < 2:
        raise _form(what)
    id, verb, rest = words[0], words[1].lower(), words[2:]
    if verb in _LONGER | _SHORTER:
        return _hours(what, id, verb in _LONGER, rest)
    if "=" not in words[1]:
        guess = nearest(verb, sorted(_LONGER | _SHORTER))
        hint = f"; did you mean {quoted(guess)}?" if guess else "; a field is set with ="
        raise NotUnderstood(f"found {quoted(words[1])}{hint}")
    return Edit(what=what, id=id, set=_fields(words[1:], MODELS[what]))


_LONGER = {"works", "open", "free", "available", "comes"}
_SHORTER = {"off", "closed", "away", "out"}


def _hours(what: str, id: str, longer: bool, words: list[str]) -> Change:
    by_video = [w.lower() for w in words[-2:]] == ["by", "video"]
    if by_video:
        words = words[:-2]
    if not longer and not by_video and len(words) == 1 and not HOURS.search(words[0]):
        days = days_of(words[0])
        if what == "therapist":
            return Leave(therapist=id, days=days)
        if what == "room":
            return CloseRoom(room=id, days=days)
    fields: dict[str, Any] = {"what": what, "id": id, "windows": windows_of(words)}
    if by_video:
        fields["remote"] = True
    return Widen.model_validate(fields) if longer else Narrow.model_validate(fields)


def _leave(words: list[str]) -> Change:
    if len(words) != 2:
        raise _form("leave")
    return Leave(therapist=words[0], days=days_of(words[1]))


def _open(words: list[str]) -> Change:
    people = _option(words, "with")
    rooms = _option(words, "in") or _option(words, "rooms")
    return Open.model_validate(
        {"windows": windows_of(words), "therapists": _ids(people), "rooms": _ids(rooms)}
    )


def _shut(words: list[str]) -> Change:
    if words and words[0].lower() == "room":
        if len(words) < 3:
            raise _form("room")
        return _hours("room", words[1], False, words[2:])
    return Shut.model_validate({"windows": windows_of(words)})


def _census(words: list[str]) -> Change:
    return Census.model_validate(
        {**_number(words, "census", percent=True), **_census_options(words)}
    )


def _census_options(words: list[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for word in words:
        name, _, value = word.partition("=")
        if name == "seed" and value.isdecimal():
            out["seed"] = int(value)
        elif name == "mix" and value:
            pairs = [part.partition(":") for part in value.split(",")]
            out["mix"] = {p: _decimal(share, word) for p, _, share in pairs}
        else:
            raise NotUnderstood(f"found {quoted(word)}; say mix=iop:2,php:1 or seed=3, or nothing")
    return out


def _headcount(what: What, words: list[str]) -> Change:
    like = _option(words, "like")
    number = _number(words, f"{what}s")
    if words:
        raise NotUnderstood(f"found {quoted(words[0])}; nothing more is expected")
    return Headcount.model_validate({"what": what, "like": like, **number})


def _work(words: list[str]) -> Change:
    if not words or not re.fullmatch(r"[+-]\d+", words[0]):
        raise _form("work")
    out: dict[str, Any] = {"minutes": int(words.pop(0))}
    if (share := _option(words, "for")) is not None:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)%", share)
        if match:
            out["share"] = float(match[1]) / 100
        else:
            out["patients"] = _ids(share)
    for word in words:
        name, _, value = word.partition("=")
        if name == "seed" and value.isdecimal():
            out["seed"] = int(value)
        elif name == "label" and value:
            out["label"] = value
        else:
            raise _form("work")
    return ShiftWork.model_validate(out)


def _admit(words: list[str]) -> Change:
    if not words:
        raise _form("admit")
    if [w.lower() for w in words] in (["all"], ["everyone"]):
        return Admit()
    return Admit.model_validate({"patients": [id for w in words for id in _ids(w)]})


def _policy(words: list[str]) -> Change:
    return Policy(set=_fields(words, PolicyForm))


_VERBS: dict[str, Callable[[list[str]], Change]] = {
    "add": _add, "remove": _remove, "change": _change, "leave": _leave, "open": _open,
    "shut": _shut, "close": _shut, "census": _census, "work": _work, "admit": _admit,
    "policy": _policy,
}  # fmt: skip


# -- words ----------------------------------------------------------------------------------------


def _what(word: str) -> What:
    lower = word.lower()
    if lower in _NAMES:
        return _NAMES[lower]
    guess = nearest(lower, [*MODELS])
    hint = f"did you mean {quoted(guess)}?" if guess else f"allowed: {', '.join(MODELS)}"
    raise NotUnderstood(f"found {quoted(word)}; {hint}")


def _option(words: list[str], name: str) -> str | None:
    """Takes ``name VALUE`` out of the words."""
    for index, word in enumerate(words):
        if word.lower() == name:
            if index + 1 == len(words):
                raise NotUnderstood(f"nothing stands after {quoted(name)}")
            value = words[index + 1]
            del words[index : index + 2]
            return value
    return None


def _ids(text: str | None) -> list[str]:
    return [id for id in (text or "").split(",") if id]


def _number(words: list[str], what: str, percent: bool = False) -> dict[str, int | float]:
    """``to 72``, ``+10``, ``-5 %`` at the beginning of the words, taken out of them."""
    for take in (2, 1):
        match = _NUMBER.fullmatch(" ".join(words[:take])) if len(words) >= take else None
        if match and match[1] and not (match[3] and (match[1] == "to" or not percent)):
            del words[:take]
            if match[3]:
                return {"percent": float(match[2]) * (-1 if match[1] == "-" else 1)}
            if "." in match[2]:
                raise NotUnderstood(f"found {match[2]}; a whole number is expected")
            amount = int(match[2])
            return {"to": amount} if match[1] == "to" else {"by": int(f"{match[1]}{amount}")}
    also = f", {what} +20%" if percent else ""
    raise NotUnderstood(f"say how many: {what} to 6, {what} +2, {what} -1{also}")


def _decimal(text: str, word: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise NotUnderstood(f"found {quoted(word)}; say mix=iop:2,php:1") from None


def _fields(words: list[str], model: type[Entry]) -> dict[str, Any]:
    """``capacity=12 features=screen,tables`` with values as the model's fields have them."""
    out: dict[str, Any] = {}
    last: str | None = None
    for word in words:
        name, equals, value = word.partition("=")
        if not equals and last is not None:  # hours: availability=mon-fri 09:00-12:00
            out[last] = f"{out[last]} {word}"
            continue
        if not equals or not name:
            raise NotUnderstood(f"found {quoted(word)}; a field is set like capacity=12")
        first, dot, inner = name.partition(".")
        last = f"{_ALIASES.get(first, first)}{dot}{inner}"
        out[last] = value
    if not out:
        raise NotUnderstood("no field is named; one is set like capacity=12")
    return {name: read_value(model, name, text, windows_of) for name, text in out.items()}
