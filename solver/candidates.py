"""The smallest things that can be judged alone: one person, one hour, one pairing.

A rule's ``forbids`` looks at one candidate and says why it can never be (or ``None``). Candidates are
cut so that each depends on as little as possible: a patient's free hours do not depend on the group,
so one judged hour serves every group of that length.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Attending:
    """A patient in a session at a time; ``family`` when the family has to come too."""

    patient: str
    family: bool
    remote: bool
    day: int
    start: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Joining:
    """A patient as a member of a group, in the room or by video."""

    patient: str
    group: str
    remote: bool


@dataclass(frozen=True, slots=True)
class Receiving:
    """A patient having appointments of a service, in the room or by video."""

    patient: str
    service: str
    remote: bool


@dataclass(frozen=True, slots=True)
class Working:
    """A therapist in a session at a time; ``roomless`` when it needs no room for them."""

    therapist: str
    roomless: bool
    day: int
    start: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Leading:
    """A therapist in one leader's place of a group on a day."""

    therapist: str
    group: str
    place: int
    day: int


@dataclass(frozen=True, slots=True)
class Caring:
    """A therapist giving an appointment of a service on a day."""

    therapist: str
    service: str
    day: int


@dataclass(frozen=True, slots=True)
class Pairing:
    """A patient with a therapist, in an appointment or (``group``) in a group they lead."""

    patient: str
    therapist: str
    group: bool


@dataclass(frozen=True, slots=True)
class Gathering:
    """A group meeting at a time."""

    group: str
    day: int
    start: int


@dataclass(frozen=True, slots=True)
class Opening:
    """A section of a group on these days (day numbers in order) at a start; may go on from one of
    the baseline (``continues``, its id)."""

    group: str
    days: tuple[int, ...]
    start: int
    continues: str | None


@dataclass(frozen=True, slots=True)
class Appointing:
    """An appointment of a service at a time."""

    service: str
    day: int
    start: int


@dataclass(frozen=True, slots=True)
class Housing:
    """A room holding a meeting of a group or an appointment of a service (the other is None)."""

    room: str
    group: str | None
    service: str | None
    day: int
    start: int


Candidate = (
    Attending
    | Joining
    | Receiving
    | Working
    | Leading
    | Caring
    | Pairing
    | Gathering
    | Opening
    | Appointing
    | Housing
)
