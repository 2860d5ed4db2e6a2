"""The clinic that changes make, with what the rules have already said of everybody they leave alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..changes import Change, apply
from ..clinic import Clinic
from ..scenario import Scenario

_LISTS = ("services", "programs", "rooms", "equipment", "therapists", "groups", "patients")
_JUDGED = {
    "gathering", "appointing", "attending", "working", "housing", "caring", "leading", "pairing",
    "joining", "receiving", "carers",
}  # fmt: skip
"""What ``Screening`` remembers: keys name whom and what an answer depends on."""
_OF_WHOEVER = {"carers"}
"""Answers that depend on all therapists without naming them."""


def changed_clinic(clinic: Clinic, changes: Sequence[Change]) -> Clinic:
    """The clinic with some changes made; screened hours of people and rooms left alone are kept.

    Raises:
        ChangeFaults: a change makes no sense for this scenario.
    """
    if not changes:
        return clinic
    made = Clinic(apply(clinic.scenario, changes))
    _share(clinic, made)
    return made


def learn(clinic: Clinic, changed: Clinic) -> None:
    """Keep for the next change what was found out about those that this one left alone."""
    if changed is not clinic:
        _share(changed, clinic)


def _share(source: Clinic, target: Clinic) -> None:
    touched = _touched(source.scenario, target.scenario)
    if touched is not None:
        for key, answer in source._remembered.items():
            if key not in target._remembered and _still_holds(key, touched, source, target):
                target._remembered[key] = answer


def _touched(before: Scenario, after: Scenario) -> set[str] | None:
    """Ids of entries that differ; None where the week itself does."""
    whole = ("opening_hours", "closed_dates", "grid_minutes", "week_start", "tracks", "locks")
    if any(getattr(before, field) != getattr(after, field) for field in whole):
        return None
    return {id for field in _LISTS for id in _apart(getattr(before, field), getattr(after, field))}


def _apart(before: Iterable[Any], after: Iterable[Any]) -> set[str]:
    was, now = ({entry.id: entry for entry in entries} for entries in (before, after))
    return {id for id in was.keys() | now.keys() if was.get(id) != now.get(id)}


def _still_holds(key: object, touched: set[str], before: Clinic, after: Clinic) -> bool:
    if not isinstance(key, tuple) or key[0] not in _JUDGED:
        return False
    therapists = [c.therapists[t] for c in (before, after) for t in touched & c.therapists.keys()]
    if therapists and key[0] in _OF_WHOEVER:
        return False
    if key[0] == "working" and any(t.supervisor for t in therapists):
        return False
    return not touched.intersection(part for part in key if isinstance(part, str))
