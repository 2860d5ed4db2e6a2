"""Variants as a desk keeps them: named sets of changes, each switched on or off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from solver.changes import Change, ChangeFaults, read_change

from .changes_form import stored

MOST = 6
"""More columns than these nobody reads side by side."""
BASE = "base"
LONGEST_NAME = 60
_UNNAMED = re.compile(r"Variant \d+")
_ID = re.compile(r" \([^()]*\)")


@dataclass(frozen=True, slots=True)
class Chip:
    """A change that is switched on or off."""

    change: Change
    on: bool = True


@dataclass(frozen=True, slots=True)
class Variant:
    """A name and its chips, in the order in which they are made."""

    name: str
    chips: tuple[Chip, ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """What is switched on."""
        return tuple(chip.change for chip in self.chips if chip.on)

    def with_chip(self, change: Change, sentence: str = "") -> Variant:
        """With one more, switched on.

        The first change names a variant that nobody has named: ``sentence`` without the ids behind
        names. Not where it is about patients, because names of variants are shown to everybody.
        """
        name = self.name
        is_private = (
            bool(getattr(change, "patients", ())) or getattr(change, "what", "") == "patient"
        )
        if not self.chips and not is_private and _UNNAMED.fullmatch(name):
            said = _ID.sub("", sentence).removesuffix(".").partition(",")[0].strip()
            name = said if len(said) <= LONGEST_NAME else f"{said[: LONGEST_NAME - 1]}…"
        return replace(self, name=name or self.name, chips=(*self.chips, Chip(change)))

    def switched(self, number: int) -> Variant:
        """With one chip switched over."""
        chips = list(self.chips)
        chips[number] = replace(chips[number], on=not chips[number].on)
        return replace(self, chips=tuple(chips))

    def without(self, number: int) -> Variant:
        return replace(self, chips=(*self.chips[:number], *self.chips[number + 1 :]))


FIRST = (Variant("Variant 1"),)


def read_variants(data: object) -> list[Variant]:
    """What lies on a desk; what cannot be read any more is left out."""
    out = []
    for entry in data if isinstance(data, list) else []:
        if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
            continue
        chips = []
        for chip in entry.get("chips") or []:
            try:
                chips.append(Chip(read_change(chip["change"]), bool(chip["on"])))
            except (ChangeFaults, KeyError, TypeError):
                continue
        out.append(Variant(entry["name"], tuple(chips)))
    return out or list(FIRST)


def kept(variants: Sequence[Variant]) -> list[dict[str, Any]]:
    """Variants as a desk keeps them."""
    return [
        {"name": v.name, "chips": [{"change": stored(c.change), "on": c.on} for c in v.chips]}
        for v in variants
    ]


def asked(variants: Sequence[Variant]) -> dict[str, Any]:
    """The what-if's file: variants of which something is switched on, each name once."""
    out: list[dict[str, Any]] = []
    taken = {BASE}
    for number, variant in enumerate(variants, 1):
        if not variant.changes:
            continue
        name = free_name(variant.name.strip() or f"Variant {number}", taken)
        taken.add(name)
        out.append({"name": name, "changes": [stored(c) for c in variant.changes]})
    return {"variants": out}


def free_name(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where it is taken."""
    out, number = name, 1
    while out in taken:
        number += 1
        out = f"{name} ({number})"
    return out


def new_name(variants: Sequence[Variant]) -> str:
    """What the next variant is called until somebody says better."""
    return free_name(f"Variant {len(variants) + 1}", {v.name for v in variants})
