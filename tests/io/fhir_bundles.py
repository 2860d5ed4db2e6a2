"""FHIR R4 bundles such as a clinic's record system gives out, in a few words."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from solver.errors import FileFaults
from solver.io.fhir_in import Draft, read_fhir

Json = dict[str, Any]
ZONE = "-06:00"
"""Chicago in winter."""
MONDAY = date(2026, 1, 5)


def bundle(*resources: Json, kind: str = "searchset") -> Json:
    """A bundle with each resource under the URL of a server."""
    entries = [
        {"fullUrl": f"https://ehr.example/fhir/{r['resourceType']}/{r['id']}", "resource": r}
        for r in resources
    ]
    return {"resourceType": "Bundle", "type": kind, "entry": entries}


def resource(kind: str, key: str, **facts: Any) -> Json:
    return {"resourceType": kind, "id": key, **facts}


def name(family: str, *given: str, use: str = "official") -> Json:
    return {"use": use, "family": family, "given": list(given)}


def concept(code: str, text: str = "") -> Json:
    found: Json = {"coding": [{"system": "http://example.org/codes", "code": code}]}
    return found | ({"text": text} if text else {})


def reference(to: str) -> Json:
    return {"reference": to}


def practitioner(key: str, *qualifications: Json, **facts: Any) -> Json:
    return resource(
        "Practitioner",
        key,
        name=[name(key.capitalize(), "Dana")],
        qualification=list(qualifications),
        **facts,
    )


def qualified(code: str, until: str | None = None) -> Json:
    return {"code": concept(code)} | ({"period": {"end": until}} if until else {})


def role(of: str, *hours: Json, **facts: Any) -> Json:
    who = reference(f"Practitioner/{of}")
    return resource(
        "PractitionerRole", f"role-{of}", practitioner=who, availableTime=list(hours), **facts
    )


def available(start: str, end: str, *days: str) -> Json:
    return {"daysOfWeek": list(days), "availableStartTime": start, "availableEndTime": end}


def location(key: str, kind: str = "ro", **facts: Any) -> Json:
    return resource(
        "Location",
        key,
        name=f"{key.capitalize()} room",
        status="active",
        physicalType=concept(kind),
        **facts,
    )


def patient(key: str, **facts: Any) -> Json:
    return resource("Patient", key, name=[name(key.capitalize(), "Kim")], **facts)


def schedule(key: str, *actors: str) -> Json:
    return resource("Schedule", key, actor=[reference(actor) for actor in actors])


def slot(key: str, of: str, day: str, start: str, end: str, status: str = "free") -> Json:
    return resource(
        "Slot", key, schedule=reference(f"Schedule/{of}"), status=status,
        start=f"{day}T{start}:00{ZONE}", end=f"{day}T{end}:00{ZONE}",
    )  # fmt: skip


def appointment(key: str, day: str, start: str, end: str, *who: str, **facts: Any) -> Json:
    """Booked, of everybody named ("Patient/ana"); a second word is how they take part."""
    participants = []
    for one in who:
        actor, _, how = one.partition(" ")
        status = how if how == "declined" else "accepted"
        kind = [{"text": how}] if how and how != "declined" else None
        participants.append(
            {"actor": reference(actor), "status": status} | ({"type": kind} if kind else {})
        )
    plain = resource(
        "Appointment", key, status="booked", participant=participants,
        start=f"{day}T{start}:00{ZONE}", end=f"{day}T{end}:00{ZONE}",
    )  # fmt: skip
    return plain | facts


def clinic() -> tuple[Json, ...]:
    """A small clinic: two therapists, three rooms of one site, four patients, a week's sessions."""
    other = resource("Observation", "o1", status="final", code=concept("weight"))
    return (*places(), *staff(), *people(), *sessions(), other)


def places() -> list[Json]:
    """A site with its opening hours, two rooms in it, and one that is closed down."""

    def opening(closes: str, *days: str) -> Json:
        return {"daysOfWeek": list(days), "openingTime": "09:00:00", "closingTime": closes}

    hours = [opening("20:00:00", "mon", "tue", "wed", "thu"), opening("13:00:00", "fri")]
    inside = reference("Location/site")
    return [
        location("site", "si", hoursOfOperation=hours) | {"name": "Lakeside Clinic"},
        location("oak", partOf=inside),
        location("elm", partOf=inside),
        location("attic") | {"status": "inactive"},
    ]


def staff() -> list[Json]:
    """Eve with weekly hours less a morning, Max with slots of two weeks, and one who has left."""
    away = {"start": f"2026-01-06T09:00:00{ZONE}", "end": f"2026-01-06T12:00:00{ZONE}"}
    speaks = [concept("en-US"), concept("es")]
    return [
        practitioner("eve", qualified("LCSW", "2026-06"), qualified("CADC"), communication=speaks),
        practitioner("max", qualified("LPC")),
        practitioner("old", active=False),
        role(
            "eve",
            available("09:00:00", "17:00:00", "mon", "tue", "wed"),
            notAvailable=[{"description": "dentist", "during": away}],
        ),
        schedule("s-max", "Practitioner/max"),
        slot("1", "s-max", "2026-01-05", "09:00", "12:00"),
        slot("2", "s-max", "2026-01-05", "12:00", "13:00", "busy-unavailable"),
        slot("3", "s-max", "2026-01-07", "10:00", "11:00", "busy"),
        slot("4", "s-max", "2026-01-14", "10:00", "11:00"),
    ]


def people() -> list[Json]:
    """Three patients, and one who died."""
    return [
        patient("ana", gender="female", communication=[{"language": concept("en")}]),
        patient("ben", gender="unknown"),
        patient("cora"),
        patient("gone", deceasedBoolean=True),
    ]


def sessions() -> list[Json]:
    """A group on two days, individual and family sessions, and two that are none any more."""
    coping = {"serviceType": [concept("cbt", "CBT group")], "description": "Coping skills"}
    alone = {"serviceType": [concept("ind", "Individual therapy")]}
    family = {"serviceType": [concept("fam", "Family session")]}
    eve, max_, oak, elm = "Practitioner/eve", "Practitioner/max", "Location/oak", "Location/elm"
    ana, ben, cora = "Patient/ana", "Patient/ben", "Patient/cora"
    monday, wednesday, thursday = "2026-01-05", "2026-01-07", "2026-01-08"
    return [
        appointment(
            "g-mon", monday, "09:00", "10:30", eve, ana, ben, f"{cora} declined", oak, **coping
        ),
        appointment("g-wed", wednesday, "09:00", "10:30", eve, ana, ben, cora, oak, **coping),
        appointment(
            "i-1", wednesday, "10:00", "11:00", max_, ana, elm, slot=[reference("Slot/3")], **alone
        ),
        appointment("i-2", thursday, "15:00", "16:00", eve, f"{ben} video", **alone),
        appointment("f-1", thursday, "16:00", "17:00", eve, cora, "RelatedPerson/m", elm, **family),
        appointment("x-1", thursday, "17:00", "18:00", eve, cora) | {"status": "cancelled"},
        appointment("x-2", thursday, "17:00", "18:00", eve, "Patient/gone"),
    ]


def draft(*resources: Json, **how: Any) -> Draft:
    return read_fhir([("ehr.json", bundle(*resources))], **how)


def listed(found: Draft, what: str, key: str) -> Json:
    """The entry of a list with this id."""
    entries: Any = found.tree[what]
    return next(entry for entry in entries if entry["id"] == key)


def faults(*resources: Json, **how: Any) -> list[str]:
    with pytest.raises(FileFaults) as caught:
        draft(*resources, **how)
    return [str(fault) for fault in caught.value.faults]
