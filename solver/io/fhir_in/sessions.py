"""Last week out of FHIR: Appointments as sections and appointments, and the services they are of.

Several Appointments of one service with one name, start and leaders on different days are one
section that meets on these days. Who declined is a member who is absent that day.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ...timegrid import DAYS, MINUTES_A_DAY, clock
from ...validation import Notice
from .hours import Clock, monday_of
from .people import active, room_resources, taking_part
from .resources import Resource, Resources, coded, first, text_of

Entry = dict[str, object]

_TAKES_PLACE = frozenset({"booked", "arrived", "checked-in", "fulfilled", "noshow"})
_FORMATS = {"group": "group", "individual": "individual", "family": "family"}
_BY_VIDEO = re.compile(r"video|virtual|tele|remote|online", re.IGNORECASE)


@dataclass(slots=True)
class Session:
    """One Appointment with everything in it found."""

    key: str
    start: datetime
    minutes: int
    service: str
    title: str
    format: str
    leaders: tuple[str, ...]
    members: list[str]
    remote: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    room: str | None = None

    @property
    def week(self) -> date:
        """The Monday of its week."""
        return monday_of(self.start.date())

    @property
    def day(self) -> str:
        return DAYS[self.start.weekday()]

    @property
    def clock(self) -> str:
        return clock(self.start.hour * 60 + self.start.minute)


@dataclass(slots=True)
class Sessions:
    """All usable Appointments, and why others are not."""

    found: list[Session] = field(default_factory=list)
    unusable: Counter[str] = field(default_factory=Counter)

    def of_week(self, week: date) -> list[Session]:
        return [session for session in self.found if session.week == week]

    def notices(self) -> Iterator[Notice]:
        for why, number in self.unusable.items():
            yield Notice("Appointment", f"{number} left out: {why}")


def sessions_of(resources: Resources, here: Clock) -> Sessions:
    """Every Appointment that takes place, with people and room as the scenario calls them."""
    out = Sessions()
    there = {id(r) for kind in ("Patient", "Practitioner") for r in active(resources, kind)}
    there |= {id(room) for room in room_resources(resources)}
    for resource in resources.of["Appointment"]:
        found = _session(resource, resources, here, there)
        if isinstance(found, Session):
            out.found.append(found)
        else:
            out.unusable[found] += 1
    return out


def _session(
    resource: Resource, resources: Resources, here: Clock, there: set[int]
) -> Session | str:
    """The session, or why it is none."""
    content = resource.content
    if content.status not in _TAKES_PLACE:
        return f"its status is {content.status}"
    if content.start is None or (content.end is None and content.minutesDuration is None):
        return "it has no start, or neither end nor length"
    start = here.local(content.start)
    minutes = int(content.minutesDuration or 0)
    if content.end is not None:
        minutes = minutes or int((content.end - content.start).total_seconds() // 60)
    if minutes <= 0 or start.hour * 60 + start.minute + minutes > MINUTES_A_DAY:
        return "it ends before it starts, or on another day"
    party = _party(content, resources, there)
    if party.strangers and not party.patients:
        return "its patients are inactive, or not in the files"
    if not party.patients or not party.therapists:
        return "it has no patient, or nobody who gives it"
    form = _format(content, len(party.patients) + party.strangers, party.relatives)
    if form != "group" and (party.absent or len(party.patients) > 1):
        return "somebody declined it, or several patients share what is no group"
    concept = first(content.serviceType) or content.appointmentType
    title = " ".join((content.description or "").split()) or text_of(concept)
    return Session(
        key=resource.key,
        start=start,
        minutes=minutes,
        service=text_of(concept) or title or form,
        title=title or form,
        format=form,
        leaders=tuple(dict.fromkeys(party.therapists)),
        members=list(dict.fromkeys(party.patients)),
        remote=party.remote,
        absent=party.absent,
        room=first(party.rooms),
    )


@dataclass(slots=True)
class _Party:
    """Who and what takes part in an Appointment, as the scenario calls them.

    Attributes:
        absent, remote: patients who declined, and who join by video.
        relatives: how many relatives of the patient come.
        strangers: how many patients are not in the scenario.
    """

    patients: list[str] = field(default_factory=list)
    therapists: list[str] = field(default_factory=list)
    rooms: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    remote: list[str] = field(default_factory=list)
    relatives: int = 0
    strangers: int = 0


def _party(content: Any, resources: Resources, there: set[int]) -> _Party:
    party = _Party()
    for participant in content.participant or ():
        reference = getattr(participant.actor, "reference", None) or ""
        who = taking_part(participant.actor, resources)
        declined = participant.status == "declined"
        if who is None or id(who) not in there:
            party.relatives += "RelatedPerson/" in reference
            party.strangers += "Patient/" in reference
        elif who.kind == "Patient":
            party.patients.append(who.key)
            if declined:
                party.absent.append(who.key)
            elif _BY_VIDEO.search(" ".join(text_of(kind) for kind in participant.type or ())):
                party.remote.append(who.key)
        elif not declined:
            (party.rooms if who.kind == "Location" else party.therapists).append(who.key)
    return party


def _format(content: Any, patients: int, relatives: int) -> str:
    """Group, individual or family: as the category says, else by who takes part."""
    for concept in content.serviceCategory or ():
        for word in (coded(concept), text_of(concept)):
            if word.lower() in _FORMATS:
                return _FORMATS[word.lower()]
    if patients > 1:
        return "group"
    return "family" if relatives else "individual"


# -- as parts of a scenario -----------------------------------------------------------------------


def slug(text: str, taken: Iterable[str] = ()) -> str:
    """A short id from words, not yet taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40] or "x"
    names, number = set(taken), 2
    name = plain
    while name in names:
        name, number = f"{plain}-{number}", number + 1
    return name


@dataclass(slots=True)
class Carried:
    """What Appointments say of a week.

    Attributes:
        services, groups: lists of the scenario, as far as they can be told.
        sections, appointments: of the baseline.
    """

    services: list[Entry]
    groups: list[Entry]
    sections: list[Entry]
    appointments: list[Entry]


def carried(sessions: Sequence[Session]) -> Carried:
    """The services, groups, sections and appointments of one week's sessions."""
    services: dict[tuple[str, str], Entry] = {}
    for (name, form), same in _by(sessions, lambda s: (s.service, s.format)).items():
        entry: Entry = {"id": slug(name, (str(e["id"]) for e in services.values())), "name": name}
        entry |= {"format": form, "minutes": _usual(session.minutes for session in same)}
        if form != "group" and any(session.remote for session in same):
            entry["remote"] = True
        services[name, form] = entry
    out = Carried(list(services.values()), [], [], [])
    grouped = [session for session in sessions if session.format == "group"]
    by_title = _by(grouped, lambda s: (s.title, s.service))
    for (title, service), same in by_title.items():
        key = slug(title, (str(group["id"]) for group in out.groups))
        sections = list(_sections(same, key))
        out.groups.append(_group(key, title, str(services[service, "group"]["id"]), same, sections))
        out.sections += [section for section, _ in sections]
    taken: list[str] = []
    for session in sorted(sessions, key=lambda s: s.start):
        if session.format != "group":
            taken.append(slug(session.key, taken) if session.key in taken else session.key)
            service_id = services[session.service, session.format]["id"]
            out.appointments.append(_appointment(session, taken[-1], str(service_id)))
    return out


def _by(sessions: Sequence[Session], key: Any) -> dict[Any, list[Session]]:
    found: dict[Any, list[Session]] = {}
    for session in sessions:
        found.setdefault(key(session), []).append(session)
    return found


def _usual(minutes: Iterable[int]) -> int:
    return Counter(minutes).most_common(1)[0][0]


def _sections(sessions: Sequence[Session], group: str) -> Iterator[tuple[Entry, list[Session]]]:
    """Meetings with one start and the same leaders, one a day, as sections of the group."""
    running: list[list[Session]] = []
    for session in sorted(sessions, key=lambda s: (s.start, s.key)):
        for met in running:
            same = met[0].clock == session.clock and set(met[0].leaders) == set(session.leaders)
            if same and all(other.day != session.day for other in met):
                met.append(session)
                break
        else:
            running.append([session])
    for number, met in enumerate(running, start=1):
        members = list(dict.fromkeys(member for session in met for member in session.members))
        remote = {member for session in met for member in session.remote}
        section: Entry = {
            "id": f"{group}-{number}",
            "group": group,
            "leaders": list(met[0].leaders),
            "meetings": [{"day": s.day, "start": s.clock, "room": s.room} for s in met],
            "members": members,
        }
        if remote and remote != set(members):
            section["remote_members"] = [member for member in members if member in remote]
        absences = [{"patient": p, "day": s.day} for s in met for p in s.absent]
        if absences:
            section["absences"] = absences
        yield section, met


def _group(
    key: str,
    title: str,
    service: str,
    sessions: Sequence[Session],
    sections: Sequence[tuple[Entry, list[Session]]],
) -> Entry:
    remote = {member for session in sessions for member in session.remote}
    members = {member for session in sessions for member in session.members}
    entry: Entry = {
        "id": key,
        "name": title,
        "service": service,
        "minutes": _usual(session.minutes for session in sessions),
        "size": {},
        "leaders": [{} for _ in range(max(len(session.leaders) for session in sessions))],
        "meetings_per_week": max(len(met) for _, met in sections),
    }
    if remote:
        entry["modality"] = "telehealth" if remote == members else "hybrid"
    if len(sections) > 1:
        entry["max_sections"] = len(sections)
    return entry


def _appointment(session: Session, key: str, service: str) -> Entry:
    entry: Entry = {
        "id": key,
        "service": service,
        "patient": session.members[0],
        "therapist": session.leaders[0],
        "day": session.day,
        "start": session.clock,
        "room": session.room,
    }
    return entry | ({"remote": True} if session.remote else {})
