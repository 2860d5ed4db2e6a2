"""The resources of FHIR R4 bundles that a week is made from, checked and found by reference.

Checked by the models of R4B, of which only what R4 has too is read; in these resources the two do
not differ, and a test holds that against another library.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fhir.resources.R4B.appointment import Appointment
from fhir.resources.R4B.location import Location
from fhir.resources.R4B.patient import Patient
from fhir.resources.R4B.practitioner import Practitioner
from fhir.resources.R4B.practitionerrole import PractitionerRole
from fhir.resources.R4B.schedule import Schedule
from fhir.resources.R4B.slot import Slot
from pydantic import BaseModel, ValidationError

from ...errors import Fault, FileFaults
from ...timegrid import DAYS
from ...validation.wording import Loc, found, listed, place, quoted
from ..tables.cells import TableFault

KINDS: Mapping[str, type[BaseModel]] = {
    "Practitioner": Practitioner,
    "PractitionerRole": PractitionerRole,
    "Location": Location,
    "Patient": Patient,
    "Schedule": Schedule,
    "Slot": Slot,
    "Appointment": Appointment,
}
MAX_RESOURCES = 20_000
"""In all bundles together; a clinic of 240 patients has some 3,000 a month."""

_CODES: Mapping[tuple[str, str], frozenset[str]] = {
    ("Slot", "status"): frozenset(
        {"busy", "free", "busy-unavailable", "busy-tentative", "entered-in-error"}
    ),
    ("Appointment", "status"): frozenset(
        {
            "proposed", "pending", "booked", "arrived", "fulfilled", "cancelled", "noshow",
            "entered-in-error", "checked-in", "waitlist",
        }
    ),
    ("Location", "status"): frozenset({"active", "suspended", "inactive"}),
    ("Patient", "gender"): frozenset({"male", "female", "other", "unknown"}),
}  # fmt: skip
"""Codes that R4 prescribes and the models do not check."""
_NO_CODE = "a code that FHIR R4 has not"


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource.

    Attributes:
        kind: what FHIR calls it, e.g. ``Slot``.
        key: its id in the scenario.
        name: how messages call it: kind and id, no name of a person.
        content: the checked model; fields as in FHIR.
    """

    kind: str
    key: str
    name: str
    content: Any


@dataclass(slots=True)
class Resources:
    """All resources of the kinds that are read.

    Attributes:
        of: by kind, in the order of the files.
        others: how many there are of each kind that is not read.
    """

    of: dict[str, list[Resource]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    others: Counter[str] = field(default_factory=Counter)
    _by_reference: dict[str, Resource] = field(default_factory=dict)

    def find(self, reference: Any, *kinds: str) -> Resource | None:
        """What a reference names, if it is here and of one of the kinds."""
        text = getattr(reference, "reference", None)
        if not text:
            return None
        plain = text.partition("/_history/")[0].partition("#")[0]
        short = "/".join(plain.rsplit("/", 2)[-2:])
        there = self._by_reference.get(plain) or self._by_reference.get(short)
        return there if there and there.kind in kinds else None

    def add(self, resource: Resource, url: str | None) -> None:
        """Take a resource in; of two with one kind and id the later one counts."""
        short = f"{resource.kind}/{resource.content.id}" if resource.content.id else None
        before = self._by_reference.get(short) if short else None
        if before is not None:
            self.of[resource.kind].remove(before)
        self.of[resource.kind].append(resource)
        for reference in (url, short):
            if reference:
                self._by_reference[reference] = resource


def resources_of(documents: Sequence[tuple[str, object]]) -> Resources:
    """The resources in files (their names and parsed JSON), bundles opened.

    Raises:
        FileFaults: with every fault of every resource that is read.
    """
    gathered = Resources()
    faults: list[Fault] = []
    entries = [
        (name if len(documents) > 1 else "", *entry)
        for name, document in documents
        for entry in _entries(document)
    ]
    if len(entries) > MAX_RESOURCES:
        message = f"found {len(entries):,} resources; at most {MAX_RESOURCES:,} are read"
        raise FileFaults([Fault("", message)])
    for file, where, url, resource in entries:
        kind = resource.get("resourceType")
        if not isinstance(kind, str) or kind not in KINDS:
            gathered.others[str(kind)[:50]] += 1
            continue
        number = len(gathered.of[kind]) + 1
        key = resource.get("id")
        name = f"{kind}/{key}" if isinstance(key, str) and key.isprintable() else where
        at = " ".join(part for part in (file, where, name if name != where else "") if part)
        logged_at = f"{where} {kind}".strip()
        try:
            content = KINDS[kind].model_validate(resource)
        except ValidationError as error:
            faults += _faults(error, kind, at, logged_at)
            continue
        except RecursionError:
            faults.append(TableFault(at, "nested too deep", "nested too deep", logged_at))
            continue
        faults += _code_faults(content, kind, at, logged_at)
        gathered.add(Resource(kind, _key(content, kind, number), name, content), url)
    if faults:
        raise FileFaults(faults)
    return gathered


def _entries(document: object) -> Iterator[tuple[str, str | None, Mapping[str, Any]]]:
    """Place, full URL and content of every resource in a document, bundles in bundles opened."""
    if not isinstance(document, dict):
        return
    if document.get("resourceType") != "Bundle":
        yield "", None, document
        return
    listed_entries = document.get("entry")
    for number, entry in enumerate(listed_entries if isinstance(listed_entries, list) else []):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            continue
        url = entry.get("fullUrl")
        for inner, inner_url, content in _entries(resource):
            where = f"entry[{number}]{'.' + inner if inner else ''}"
            yield where, inner_url or (url if isinstance(url, str) else None), content


def _key(content: Any, kind: str, number: int) -> str:
    """An id for the scenario: an identifier that is the clinic's own, else the server's id.

    An identifier without a system is local; one with a system may be a number that belongs on no
    schedule, such as a social security number.
    """
    for identifier in getattr(content, "identifier", None) or ():
        if identifier.value and not identifier.system:
            return str(identifier.value)[:200]
    return str(content.id or f"{kind.lower()}-{number}")


def _faults(error: ValidationError, kind: str, at: str, logged_at: str) -> Iterator[Fault]:
    for detail in error.errors(include_url=False):
        loc: Loc = detail["loc"]
        where = f"{at}: {place(loc)}" if at and loc else at or place(loc)
        value = detail["input"]
        match detail["type"]:
            case "missing":
                message = "missing; FHIR R4 asks for it"
            case "extra_forbidden":
                message = f"unknown field; FHIR R4 has no {quoted(str(loc[-1]))} in a {kind}"
            case _:
                said = detail["msg"].removeprefix("Value error, ").rstrip(".")
                message = f"found {found(value)}; not as FHIR R4 has it: {said[:200]}"
        yield TableFault(where, message, "not as FHIR R4 has it", logged_at)


def _code_faults(content: Any, kind: str, at: str, logged_at: str) -> Iterator[Fault]:
    for (owner, name), codes in _CODES.items():
        value = getattr(content, name, None) if owner == kind else None
        if value is not None and value not in codes:
            message = f"found {quoted(str(value))}; allowed: {listed(sorted(codes))}"
            logged = f"{logged_at}: {name}"
            yield TableFault(f"{at}: {name}", message, _NO_CODE, logged)
    hours = [*(getattr(content, "availableTime", None) or ())]
    hours += getattr(content, "hoursOfOperation", None) or ()
    for day in (day for entry in hours for day in entry.daysOfWeek or ()):
        if day not in DAYS:
            message = f"found {quoted(str(day))}; allowed: {listed(DAYS)}"
            logged = f"{logged_at}: daysOfWeek"
            yield TableFault(f"{at}: daysOfWeek", message, _NO_CODE, logged)


def coded(concept: Any) -> str:
    """A CodeableConcept as one word: its first code, else its text."""
    for coding in getattr(concept, "coding", None) or ():
        if coding.code:
            return str(coding.code).strip()
    return text_of(concept)


def text_of(concept: Any) -> str:
    """A CodeableConcept in words: its text, else what its first coding is called."""
    if concept is None:
        return ""
    named = [c.display or c.code for c in concept.coding or () if c.display or c.code]
    return " ".join((concept.text or next(iter(named), "")).split())


def first(concepts: Iterable[Any] | None) -> Any:
    """The first of a list that may be missing; None if there is none."""
    return next(iter(concepts or ()), None)
