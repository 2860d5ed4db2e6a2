"""What FHIR does not carry: what the draft of a scenario still needs, and what is worth adding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...errors import ScenarioError
from ...validation import read_scenario
from ..tables.layout import by_path
from ..tables.words import heading

_PLACE = re.compile(r"(?P<list>\w+)(?:\[(?P<number>\d+)\])?(?:\.(?P<field>.*))?")
_WHY: Mapping[tuple[str, str], str] = {
    ("", "name"): "no one Location is the whole clinic, or it has no name",
    ("", "week_start"): "no appointment or slot tells the week; or say --week",
    ("opening_hours", ""): "no Location of the whole clinic has hoursOfOperation",
    ("rooms", "capacity"): "FHIR does not say how many people a room holds",
    ("groups", "size.max"): "FHIR does not say how large a group may be",
    ("patients", "program"): "FHIR has no programs with weekly hours",
}
_MAY_BE_BLANK = (
    ("therapists", "credentials", "no qualification is in the files"),
    ("therapists", "availability", "no hours are in the files; blank is all opening hours"),
    ("patients", "availability", "no slots are in the files; blank is all opening hours"),
    ("rooms", "availability", "no hours are in the files; blank is all opening hours"),
    ("groups", "leaders", "the files say how many lead, not what they must hold"),
)
_NOT_IN_FHIR = (
    ("Commitments", "work, school and travel are not in FHIR"),
    ("Patients", "who waits, priorities, tags, primary therapists, who is kept apart"),
    ("Therapists", "most minutes a day and in a row, meals, supervision"),
    ("Equipment", "what is lent to sessions"),
    ("Tracks", "parts of the day in which a patient's groups stay together"),
    ("Policy", "which goals come first, if not the usual ones"),
    ("Locks", "what must stay as it was last week"),
)


@dataclass(frozen=True, slots=True)
class ToAdd:
    """Something to be added by hand.

    Attributes:
        sheet: of the workbook.
        column: what is to be filled in; empty where whole lines are to be added.
        entries: ids of the lines it is about; empty for the sheet as a whole.
        why: why it is not in the draft.
        is_needed: whether there is no scenario without it.
    """

    sheet: str
    column: str
    entries: tuple[str, ...]
    why: str
    is_needed: bool = True


def to_add(tree: Mapping[str, object]) -> list[ToAdd]:
    """What has to be added to a draft before it is a scenario, then what is worth adding."""
    return [*_needed(tree), *_worth_it(tree)]


def _needed(tree: Mapping[str, object]) -> Iterator[ToAdd]:
    """Whatever the scenario's own checks miss, besides programs, of which FHIR has none."""
    yield ToAdd("Programs", "", (), "FHIR has no weekly hours and days of a level of care")
    yield ToAdd("Program quotas", "", (), "FHIR does not say how many sessions a program asks for")
    found: dict[tuple[str, str, str], list[str]] = {}
    try:
        read_scenario(tree)
    except ScenarioError as error:
        for fault in error.faults:
            name, field, entry = _place(tree, fault.place)
            why = _WHY.get((name, field), fault.message)
            found.setdefault((name, field, why), []).extend([entry] if entry else [])
    for (name, field, why), entries in found.items():
        yield ToAdd(_sheet(name), heading(*field.split(".")) if field else "", tuple(entries), why)


def _place(tree: Mapping[str, object], place: str) -> tuple[str, str, str]:
    """List, field and id of the entry of a place; of a field of the scenario itself only the field."""
    found = _PLACE.fullmatch(place)
    if found is None:
        return "", place, ""
    name, number, field = found["list"], found["number"], found["field"] or ""
    if (name,) not in by_path():
        return "", name, ""
    entries = tree.get(name)
    if number is None or not isinstance(entries, Sequence):
        return name, field, ""
    entry = entries[int(number)]
    return name, field, str(entry.get("id", "")) if isinstance(entry, Mapping) else ""


def _sheet(name: str) -> str:
    return by_path()[(name,) if name else ()].title


def _worth_it(tree: Mapping[str, object]) -> Iterator[ToAdd]:
    """What can stay blank, and what it then means."""
    for name, column, why in _MAY_BE_BLANK:
        entries = _objects(tree, name)
        lacking = [
            str(entry.get("id", ""))
            for entry in entries
            if not entry.get(column) or column == "leaders"
        ]
        if lacking:
            yield ToAdd(_sheet(name), heading(column), tuple(lacking), why, False)
    if _objects(tree, "services"):
        services = "those of last week's appointments are there; check format and minutes"
    else:
        services = "no appointment of the week names one"
    yield ToAdd("Services", "", (), services, False)
    if not _objects(tree, "groups"):
        yield ToAdd("Groups", "", (), "no appointment of the week has several patients", False)
    for sheet, why in _NOT_IN_FHIR:
        yield ToAdd(sheet, "", (), why, False)


def _objects(tree: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    entries = tree.get(name)
    return [e for e in entries if isinstance(e, Mapping)] if isinstance(entries, list) else []
