"""What a what-if asks: changes that hold for all, and variants with changes of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..changes import Change, ChangeFaults, applied, parse_change, read_changes
from ..errors import Fault, FileFaults
from ..scenario import Scenario
from ..validation import Notice
from ..validation.wording import found, nearest, quoted

BASE = "base"
MOST_VARIANTS = 50


class WhatIfFaults(FileFaults):
    """A what-if, or a sweep, that cannot be run: every fault."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A name and the changes that make it."""

    name: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A base and its variants.

    Attributes:
        base: changes made before all others: what the variants are compared with.
    """

    variants: tuple[Variant, ...]
    base: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """A scenario that is to be solved, and how it came about."""

    name: str
    changes: tuple[Change, ...]
    scenario: Scenario
    notices: tuple[Notice, ...]
    sentences: tuple[str, ...]


def read_what_if(data: object) -> Asked:
    """The what-if in a file.

    ``{"base": [change, …]?, "variants": [{"name": …, "changes": [change, …]}, …]}``; a change is a
    sentence or an object with its kind.

    Raises:
        WhatIfFaults: with every fault.
    """
    if not isinstance(data, dict):
        raise WhatIfFaults([Fault("", f"found {found(data)}; a what-if is an object {{ … }}")])
    faults = [*unknown_keys(data, ("base", "variants"), "")]
    base: tuple[Change, ...] = ()
    try:
        base = read_changes(data.get("base") or [], "base")
    except ChangeFaults as error:
        faults += error.faults
    entries = data.get("variants")
    variants = []
    if not isinstance(entries, list) or not entries:
        faults.append(Fault("variants", f"found {found(entries)}; a list of variants is expected"))
        entries = []
    for number, entry in enumerate(entries):
        try:
            variants.append(_variant(entry, number))
        except FileFaults as error:
            faults += error.faults
    faults += _names(variants)
    if faults:
        raise WhatIfFaults(faults)
    return Asked(tuple(variants), base)


def _variant(entry: object, number: int) -> Variant:
    at = f"variants[{number}]"
    if not isinstance(entry, dict):
        expected = 'an object { "name": …, "changes": [ … ] } is expected'
        raise WhatIfFaults([Fault(at, f"found {found(entry)}; {expected}")])
    faults = [*unknown_keys(entry, ("name", "changes"), at)]
    name = entry.get("name", f"variant {number + 1}")
    if not isinstance(name, str) or not name.strip():
        faults.append(Fault(f"{at}.name", f"found {found(name)}; text in quotes is expected"))
    changes: tuple[Change, ...] = ()
    if not entry.get("changes"):
        faults.append(Fault(f"{at}.changes", "missing; at least one change is expected"))
    else:
        try:
            changes = read_changes(entry["changes"], f"{at}.changes")
        except ChangeFaults as error:
            faults += error.faults
    if faults:
        raise WhatIfFaults(faults)
    return Variant(name.strip(), changes)


def _names(variants: Sequence[Variant]) -> list[Fault]:
    faults, seen = [], {BASE}
    for number, variant in enumerate(variants):
        if variant.name in seen:
            faults.append(
                Fault(
                    f"variants[{number}].name", f"found {quoted(variant.name)} again; names differ"
                )
            )
        seen.add(variant.name)
    if len(variants) > MOST_VARIANTS:
        faults.append(
            Fault("variants", f"found {len(variants)}; at most {MOST_VARIANTS} are compared")
        )
    return faults


def unknown_keys(data: dict[Any, Any], known: Sequence[str], at: str) -> list[Fault]:
    """A fault for each key that has no meaning."""
    faults = []
    for key in data:
        if key not in known:
            guess = nearest(str(key), known)
            hint = f"did you mean {quoted(guess)}?" if guess else f"allowed: {', '.join(known)}"
            place = f"{at}.{key}" if at else str(key)
            faults.append(Fault(place, f"unknown field {quoted(str(key))}; {hint}"))
    return faults


def spoken(changes: Sequence[str], variants: Sequence[str]) -> Asked:
    """The what-if of a command line.

    Args:
        changes: sentences that together make one variant.
        variants: ``NAME: sentence; sentence`` each.

    Raises:
        WhatIfFaults: with every fault.
    """
    out: list[Variant] = []
    faults: list[Fault] = []
    texts = [("changed", list(changes))] if changes else []
    for text in variants:
        name, colon, rest = text.partition(":")
        is_time = name[-1:].isdecimal() and rest[:2].isdecimal()
        if not colon or not name.strip() or is_time:
            expected = "a variant is said like --variant 'Evening: open thu 17:00-20:00 with t04'"
            faults.append(Fault(quoted(text), expected))
            continue
        texts.append((name.strip(), [part for part in rest.split(";") if part.strip()]))
    for name, sentences in texts:
        read = []
        if not sentences:
            faults.append(Fault(quoted(name), "no change is said for this variant"))
        for sentence in sentences:
            try:
                read.append(parse_change(sentence))
            except ChangeFaults as error:
                faults += error.faults
        out.append(Variant(name, tuple(read)))
    if not faults:
        faults = _names(out)
    if faults:
        raise WhatIfFaults(faults)
    return Asked(tuple(out))


def made(scenario: Scenario, name: str, changes: Sequence[Change]) -> Made:
    """A scenario with changes made; ChangeFaults where they make no sense for it."""
    result = applied(scenario, changes)
    sentences, so_far = [], scenario
    for number, change in enumerate(changes):
        sentences.append(change.sentence(so_far))
        if number + 1 < len(changes):
            so_far = _so_far(scenario, changes[: number + 1], so_far)
    return Made(name, tuple(changes), result.scenario, result.notices, tuple(sentences))


def _so_far(scenario: Scenario, changes: Sequence[Change], before: Scenario) -> Scenario:
    """What the next change finds; where the changes make no scenario yet, what there was before."""
    try:
        return applied(scenario, changes).scenario
    except ChangeFaults:
        return before


def everything(scenario: Scenario, asked: Asked) -> list[Made]:
    """The base, then every variant, ready to be solved.

    Raises:
        WhatIfFaults: with the faults of every variant that cannot be made.
    """
    out, faults = [], []
    try:
        out.append(made(scenario, BASE, asked.base))
    except ChangeFaults as error:
        raise WhatIfFaults([Fault(f"base: {f.place}", f.message) for f in error.faults]) from None
    for variant in asked.variants:
        try:
            one = made(out[0].scenario, variant.name, variant.changes)
            out.append(one)
        except ChangeFaults as error:
            faults += [Fault(f"{variant.name}: {f.place}", f.message) for f in error.faults]
    if faults:
        raise WhatIfFaults(faults)
    return out
