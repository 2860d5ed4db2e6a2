"""How many patients fit: the answer of ``iop capacity`` in words and rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from solver import report

from .compare_names import Names
from .text import cell

HELPS = {True: "yes", False: "no", None: "not found in time"}


def headline(document: Mapping[str, Any]) -> tuple[str, str]:
    """The number or the range, and the sentence that says how certain it is."""
    served, most = document["served"], document["at_most"]
    if served is None:
        return "not known", "No legal week was found in time, whatever the census."
    how = (
        "served as far as their own hours allow" if document["short_even_alone"] else "fully served"
    )
    patients = report.count(served, "patient")
    if document["proved"]:
        return str(served), f"{patients} can be {how}; one more is proved impossible."
    if served == 0:
        return "not known", "No census was found in time that can be fully served."
    if most is None:
        said = f"{patients} can be {how}, perhaps more: nothing larger was ruled out in time."
        return f"{served} or more", said
    said = f"{patients} can be {how}, and more than {most:,} are proved impossible."
    return f"{served} to {most}", said


def reliefs(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """What was tried for the next one; what helps first."""
    order = {True: 0, None: 1, False: 2}
    found = sorted(document["reliefs"], key=lambda r: order[r["larger_is_served"]])
    heading = f"All {document['larger']} are served" if document["larger"] else "Served"
    return [
        {"With": cell(relief["what"]), heading: HELPS[relief["larger_is_served"]]}
        for relief in found
    ]


def stops(document: Mapping[str, Any], names: Names) -> list[str]:
    """What stops the next one, in a sentence each."""
    out = []
    helping = [r["what"] for r in document["reliefs"] if r["larger_is_served"]]
    if helping:
        out.append(f"Enough for {document['larger']} is: {report.listing(helping)}.")
    elif document["reliefs"]:
        out.append("None of what was tried alone lets the next one in, as far as time allowed.")
    return [names.text(text) for text in [*out, *document["short_in_the_larger"]]]


def mix_of(shares: Mapping[str, float]) -> dict[str, float] | None:
    """The mix's file; None where nothing is above 0."""
    found = {program: float(share) for program, share in shares.items() if share}
    return found or None
