"""FHIR R4: a bundle of Appointments with the people and rooms they name.

A group's meeting is one Appointment with many participants. Built and validated with the models of
R4B, of which only what R4 has too is used; in these resources the two do not differ.

The bundle is a ``collection``. Its entries are known by ``urn:uuid:`` names and refer to each other
by them. A resource's ``identifier`` is the id in the scenario, its ``id`` the same where FHIR allows
such an id. An Appointment's ``id`` stays its own when the session moves.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Literal

from fhir.resources.R4B.bundle import Bundle

from ...clinic import Clinic
from ...errors import Fault, FileFaults
from ...report import Named
from ...report.words import named
from .calendar import uid
from .clocks import span, zone_of
from .readers import Entry, Readers, Subject

Json = dict[str, object]
Kind = Literal["Patient", "Practitioner", "Location"]

_OUR_NAMESPACE = uuid.UUID("0c8a6b0a-52f5-4f3c-8f67-9f0a4be1d3a2")
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_PERFORMER: Json = {
    "coding": [{"system": _PARTICIPATION, "code": "PPRF", "display": "primary performer"}]
}
_TAKES_PART = [{"system": _PARTICIPATION, "code": "PART", "display": "Participation"}]
_IN_PERSON: Json = {"coding": _TAKES_PART, "text": "in person"}
_BY_VIDEO: Json = {"coding": _TAKES_PART, "text": "by video"}
_FORMATS = {"group": "Group", "individual": "Individual", "family": "Family"}


def bundle(
    readers: Readers, subject: Subject | None, *, now: datetime, clinic_id: str | None = None
) -> bytes:
    """The week's Appointments, all of them or those of one patient, therapist, room or group.

    Args:
        subject: whose week; None is the clinic's own record, with all names.
        now: with a time zone.
        clinic_id: as for calendars: what tells the clinic from others.

    Raises:
        FileFaults: the scenario names no time zone or one that does not exist; FHIR's times are
            moments, so they need one.
    """
    zone = zone_of(readers.clinic.scenario)
    if zone is None:
        message = 'missing; FHIR\'s times need it: add "timezone": "America/Chicago", or yours'
        raise FileFaults([Fault("timezone", message)])
    entries = readers.week(subject) if subject else readers.everything()
    writer = _Writer(readers.clinic, zone, subject, clinic_id)
    appointments = [writer.appointment(entry) for entry in entries]
    document = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": now.astimezone(UTC).isoformat(timespec="seconds"),
        "entry": [*writer.resources.values(), *appointments],
    }
    checked = Bundle.model_validate(document).model_dump(mode="json", exclude_none=True)
    return f"{json.dumps(checked, ensure_ascii=False, indent=1)}\n".encode()


class _Writer:
    """Appointments of one bundle, and the resources that they refer to, each once."""

    def __init__(
        self, clinic: Clinic, zone: tzinfo, subject: Subject | None, clinic_id: str | None
    ) -> None:
        self.clinic = clinic
        self.zone = zone
        self.subject = subject
        self.clinic_id = clinic_id
        self.resources: dict[tuple[Kind, str], Json] = {}

    def appointment(self, entry: Entry) -> Json:
        """The bundle's entry of one session."""
        session = entry.session
        when = span(self.clinic, session, self.zone)
        key = uid(self.clinic, entry, self.subject, self.clinic_id)
        resource: Json = {
            "resourceType": "Appointment",
            "id": key,
            "status": "cancelled" if entry.off else "booked",
            "description": session.title,
            "start": when.start.isoformat(),
            "end": when.end.isoformat(),
            "minutesDuration": session.end - session.start,
            "participant": list(self._participants(entry)),
        }
        if session.ref:
            resource["identifier"] = [{"value": entry.key}]
        if session.service:
            service = named(self.clinic.services, session.service).name
            resource["serviceCategory"] = [{"text": _FORMATS[session.kind]}]
            resource["serviceType"] = [{"text": service}]
        if entry.call_out:
            resource["comment"] = entry.call_out
        return {"fullUrl": f"urn:uuid:{key}", "resource": resource}

    def _participants(self, entry: Entry) -> Iterator[Json]:
        session = entry.session
        remote = set(session.remote)
        for therapist in session.leaders:
            yield self._participant("Practitioner", therapist, _PERFORMER)
        for patient in session.members:
            how = _BY_VIDEO if patient in remote else _IN_PERSON
            yield self._participant("Patient", patient, how)
        for patient in session.absent:
            yield self._participant("Patient", patient, _IN_PERSON, "declined")
        if session.room is not None:
            room = named(self.clinic.rooms, session.room)
            yield self._participant("Location", room)
        elif not (session.leaders or session.members or session.absent):
            # FHIR wants a participant at least, who may be described by a kind alone.
            yield {"type": [_IN_PERSON], "status": "needs-action"}

    def _participant(
        self, kind: Kind, who: Named, how: Json | None = None, status: str = "accepted"
    ) -> Json:
        actor = {"reference": self._reference(kind, who), "display": who.name}
        return ({"type": [how]} if how else {}) | {"actor": actor, "status": status}

    def _reference(self, kind: Kind, who: Named) -> str:
        facts = (self.clinic_id or self.clinic.scenario.name, kind, who.id)
        key = str(uuid.uuid5(_OUR_NAMESPACE, "\n".join(f"{len(f)} {f}" for f in facts)))
        url = f"urn:uuid:{key}"
        if (kind, who.id) not in self.resources:
            resource: Json = {
                "resourceType": kind,
                "id": who.id if _FHIR_ID.fullmatch(who.id) else key,
                "identifier": [{"value": who.id}],
                "name": who.name if kind == "Location" else [{"text": who.name}],
            }
            resource |= {"status": "active"} if kind == "Location" else {"active": True}
            self.resources[kind, who.id] = {"fullUrl": url, "resource": resource}
        return url
