"""What runs out first, part of the day by part of the day, in a week as it is."""

from __future__ import annotations

from dataclasses import dataclass

from ..clinic import Clinic
from ..ledger import Ledger
from ..report.words import count, hours, listing, named
from ..timegrid import DAY_NUMBER
from .short import Short, Span


@dataclass(frozen=True, slots=True)
class Resource:
    """How much of something is taken in a part of the day: minutes, or seats.

    Attributes:
        kind: ``staff`` (those who may give or lead what is lacked), ``rooms`` or ``seats``.
        there: what is taken and what could still be; a therapist's weekly and daily limits bind.
    """

    kind: str
    name: str
    taken: int
    there: int

    @property
    def share(self) -> float:
        """1 where there is nothing at all."""
        return self.taken / self.there if self.there else 1.0

    def sentence(self) -> str:
        """``therapists for Individual Session, 22 of 23 h taken``."""
        if self.kind == "seats":
            return f"{self.name}, {self.taken} of {count(self.there, 'seat')} taken"
        return f"{self.name}, {hours(self.taken)} of {hours(self.there)} h taken"

    def document(self) -> dict[str, object]:
        """The same for machines."""
        share = round(self.share, 4)
        return {
            "kind": self.kind,
            "name": self.name,
            "taken": self.taken,
            "there": self.there,
            "share": share,
        }


@dataclass(frozen=True, slots=True)
class PartOfDay:
    """A part of the day, what is scarce in it, the scarcest first.

    Attributes:
        wanting: patients short of care who could come then to something they lack.
    """

    name: str
    wanting: int
    resources: tuple[Resource, ...]

    @property
    def first(self) -> Resource | None:
        """What runs out first; None where nobody who is short could come."""
        return self.resources[0] if self.wanting and self.resources else None

    def sentence(self) -> str:
        """What runs out first, and what next."""
        title = self.name.capitalize()
        if self.first is None:
            return f"{title}: nobody who is short of care could come to what they lack."
        who = count(self.wanting, "patient")
        rest = "; then ".join(r.sentence() for r in self.resources[1:3])
        then = f"; then {rest}" if rest else ""
        return (
            f"{title}: {who} short of care could come. "
            f"First to run out: {self.first.sentence()}{then}."
        )

    def document(self) -> dict[str, object]:
        """The same for machines."""
        return {
            "part": self.name,
            "wanting": self.wanting,
            "first": self.first.name if self.first else None,
            "resources": [r.document() for r in self.resources],
            "sentence": self.sentence(),
        }


def binding(short: Short) -> tuple[PartOfDay, ...]:
    """Each part of the day in which the clinic is open."""
    return tuple(_part(short, name, spans) for name, spans in short.parts)


def _part(short: Short, name: str, spans: tuple[Span, ...]) -> PartOfDay:
    clinic, ledger = short.clinic, short.ledger
    cells = 0
    for span in spans:
        cells |= clinic.occupied(span.day, span.start, span.minutes)
    resources = [*_staff(short, cells), *_rooms(clinic, ledger, cells)]
    taken = there = 0
    for running in ledger.sections.values():
        group = clinic.groups[running.group]
        if any(
            clinic.meeting_cells(group, DAY_NUMBER[m.day], m.start) & cells for m in running.held()
        ):
            taken += len(running.members)
            there += max(group.size.max, len(running.members))
    if there:
        resources.append(Resource("seats", "seats of the groups that run", taken, there))
    ordered = sorted(resources, key=lambda r: -r.share)
    return PartOfDay(name, len(short.could_come(cells)), tuple(ordered))


def _staff(short: Short, cells: int) -> list[Resource]:
    """For each service that is lacked, those who may give or lead it."""
    clinic = short.clinic
    alike: dict[tuple[str, ...], list[str]] = {}
    for service in dict.fromkeys(lack.service for lack in short.lacks):
        able = tuple(t for t in clinic.therapists if short.may_give(t, service))
        alike.setdefault(able, []).append(named(clinic.services, service).name)
    out = []
    for able, services in alike.items():
        taken = left = 0
        for t in able:
            busy = (short.ledger.therapist_busy(t) & cells).bit_count() * clinic.grid.minutes
            taken, left = taken + busy, left + short.spare(t, cells)
        out.append(Resource("staff", f"therapists for {listing(services)}", taken, taken + left))
    return out


def _rooms(clinic: Clinic, ledger: Ledger, cells: int) -> list[Resource]:
    taken = there = 0
    for room in clinic.rooms:
        open_then = clinic.room_hours[room] & clinic.open_cells & cells
        taken += (ledger.room_busy(room) & open_then).bit_count()
        there += open_then.bit_count()
    step = clinic.grid.minutes
    return [Resource("rooms", "rooms", taken * step, there * step)] if there else []
