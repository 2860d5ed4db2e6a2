"""What a model decides over: section options, and the sessions patients and therapists may have.

An *option* is a way a section could run: days and start, opened or not. A *term* is one decision that
puts a patient into sessions: a seat in an option or a visit (an appointment at a time with one of a
pool of therapists). Therapists who are alike for a patient are pooled: only the count per start
matters, and who takes whom is settled afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .clinic import Clinic
from .ledger import Running
from .linear import Literal


@dataclass(frozen=True, slots=True)
class Free:
    """What a model may change around a ledger; everything in the ledger stays.

    Attributes:
        seats: (patient, group) pairs that may gain seats.
        visits: (patient, service) pairs that may gain appointments.
        groups: groups that may open sections.
        copies: how many sections of a group may open at one and the same time at most; None as many
            as could ever fill.
        alone: sections run whoever leads, houses or fills them. Only a patient's own limits are left,
            which is how a bound per patient is found; never a schedule.
        starts: mask of the cells in which something new may start; None is every cell.
        visit_starts: the same for the appointments of a (patient, service), where it is less.
        daily: appointments have a day and no time (``daily.py``); never a schedule.
        goals: the goals that the model will be asked for; None is any of them. Therapists and rooms
            that only other goals tell apart are then pooled: the same weeks, fewer variables.
    """

    seats: frozenset[tuple[str, str]]
    visits: frozenset[tuple[str, str]]
    groups: frozenset[str]
    copies: int | None = None
    alone: bool = False
    starts: int | None = None
    visit_starts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    daily: bool = False
    goals: frozenset[str] | None = None

    def weighs(self, goal: str) -> bool:
        """Whether the model may be asked for a goal."""
        return self.goals is None or goal in self.goals

    @classmethod
    def everything(cls, clinic: Clinic, starts: int | None = None) -> Free:
        return cls.of(clinic, clinic.patients, clinic.groups, starts=starts)

    @classmethod
    def of(
        cls,
        clinic: Clinic,
        patients: Iterable[str],
        groups: Iterable[str],
        seats: Iterable[tuple[str, str]] = (),
        visits: Iterable[tuple[str, str]] = (),
        copies: int | None = None,
        alone: bool = False,
        starts: int | None = None,
    ) -> Free:
        """Whole patients are free, and single seats and visits of others; groups may open."""
        patients = list(patients)
        all_seats = {(p, g) for p in patients for g in clinic.groups} | set(seats)
        all_visits = {
            (p, s)
            for p in patients
            for s, service in clinic.services.items()
            if service.format != "group"
        } | set(visits)
        return cls(
            frozenset(all_seats), frozenset(all_visits), frozenset(groups), copies, alone, starts
        )


class Meet(NamedTuple):
    """One session at a time; ``cells`` is the mask it occupies."""

    day: int
    start: int
    cells: int


@dataclass(slots=True)
class Option:
    """A way a section could run. ``kept`` is a section of the ledger, which only gains members."""

    index: int
    group: str
    days: tuple[int, ...]
    start: int
    meets: tuple[Meet, ...]
    open: Literal
    places: tuple[tuple[int, int], ...]  # (place standing for its like, how many such places)
    continues: str | None = None
    kept: Running | None = None
    copy: int = 0

    @property
    def held(self) -> int:
        """Members it has already."""
        return len(self.kept.members) if self.kept else 0


class Term:
    """One decision that puts a patient into sessions."""

    __slots__ = (
        "cells",
        "clinical",
        "group",
        "meets",
        "option",
        "patient",
        "pool",
        "remote",
        "remote_member",
        "room",
        "service",
        "var",
    )

    def __init__(
        self,
        var: Literal,
        patient: str,
        service: str,
        clinical: int,
        meets: tuple[Meet, ...],
        remote: bool,
        *,
        option: int | None = None,
        group: str | None = None,
        remote_member: bool = False,
        pool: tuple[str, ...] = (),
        room: str | None = None,
    ) -> None:
        self.var = var
        self.patient = patient
        self.service = service
        self.clinical = clinical
        self.meets = meets
        self.remote = remote  # by video, however
        self.option = option  # a seat's option, None for a visit
        self.group = group
        self.remote_member = remote_member
        self.pool = pool  # therapists of a visit
        self.room = room  # a room named because the baseline names it
        self.cells = 0
        for meet in meets:
            self.cells |= meet.cells

    def minutes(self) -> int:
        """Clinical minutes it gives in the week."""
        return self.clinical * len(self.meets)


class Lead(NamedTuple):
    """A therapist in one of an option's leader's places."""

    option: int
    place: int
    therapist: str
    var: Literal


class Care(NamedTuple):
    """A therapist of a pool who takes an appointment of that pool at a start."""

    therapist: str
    pool: tuple[str, ...]
    service: str
    meet: Meet
    roomless: bool
    var: Literal


class Pick(NamedTuple):
    """A kind of room for an option's meeting of a day."""

    option: int
    meet: Meet
    kind: int
    capacity: int
    var: Literal


class Share(NamedTuple):
    """How many appointments of a need at a start take a kind of room."""

    need: tuple[int, ...]
    meet: Meet
    kind: int
    var: Literal


class Work(NamedTuple):
    """A therapist's work on a day, as often as the variable says; a service where it has no time."""

    var: Literal
    day: int
    minutes: int
    cells: int
    service: str | None = None
