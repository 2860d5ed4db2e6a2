"""Who changed what, and when: the audit trail, and the history of versions and publications."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from .database import Database
from .errors import Unreadable
from .tables import AuditLine, Clinic, PublishedWeek, utc_text

_SHOWN = ("scenario.made", "scenario.saved", "week.published")
"""What of the audit trail is history: versions that were saved, and weeks that were published."""


@dataclass(frozen=True, slots=True)
class Event:
    """A version that was saved or a week that was published.

    Attributes:
        line: its number in the audit trail; events are in this order, whatever the clock said.
        clock_went_back: whether its time is before that of the line before it.
        clinic: its name.
        scenario_id, version: what was saved, or what the published schedule is of.
        hash: of the scenario's text, or of the schedule's.
        publication: the number of the publication in its week; None for a version.
        holds: whether this publication is what people live by; None for a version.
    """

    line: int
    at: datetime
    clock_went_back: bool
    author: str
    kind: Literal["version", "publication"]
    clinic: str
    week_start: str
    scenario_id: str
    version: int
    hash: str
    publication: int | None = None
    holds: bool | None = None

    def document(self) -> dict[str, object]:
        """For machines."""
        names = self.__slots__
        return {n: getattr(self, n) for n in names if n != "at"} | {"at": utc_text(self.at)}


class Trail:
    """What has happened in a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def lines(self, *, after: int = 0, clinic_id: str | None = None) -> list[AuditLine]:
        """The audit trail from a number on, in the order things were done.

        Args:
            clinic_id: only what was done in that clinic.
        """
        found = select(AuditLine).where(AuditLine.number > after).order_by(AuditLine.number)
        if clinic_id is not None:
            found = found.where(AuditLine.clinic_id == clinic_id)
        with self._database.reading() as session:
            return list(session.scalars(found))

    def history(self, clinic_id: str | None = None) -> list[Event]:
        """Every version and every publication, in the order they were made."""
        with self._database.reading() as session:
            superseded = set(session.scalars(select(PublishedWeek.supersedes_id)))
            clinics = {c.id: c.name for c in session.scalars(select(Clinic))}
            went_back = _after_the_clock_went_back(session)
            shown = select(AuditLine).where(AuditLine.action.in_(_SHOWN))
            return [
                _event(line, clinics.get(line.clinic_id or "", ""), went_back, superseded)
                for line in session.scalars(shown.order_by(AuditLine.number))
                if clinic_id in (None, line.clinic_id)
            ]


def _after_the_clock_went_back(session: Session) -> set[int]:
    """Numbers of the lines whose time is before that of the line before them."""
    out, last = set(), None
    for number, at in session.execute(
        select(AuditLine.number, AuditLine.at).order_by(AuditLine.number)
    ):
        if last is not None and at < last:
            out.add(number)
        last = at
    return out


def details_of(line: AuditLine) -> dict[str, Any]:
    """What a line says beyond who, what and when.

    Raises:
        Unreadable: it is not as it was written.
    """
    try:
        details = json.loads(line.details)
    except ValueError:
        details = None
    if not isinstance(details, dict):
        raise Unreadable("a line of the audit trail is not as it was written")
    return details


def _event(line: AuditLine, clinic: str, went_back: set[int], superseded: set[str | None]) -> Event:
    details = details_of(line)
    published = line.action == "week.published"
    return Event(
        line=line.number,
        at=line.at,
        clock_went_back=line.number in went_back,
        author=line.author,
        kind="publication" if published else "version",
        clinic=clinic,
        week_start=str(details.get("week_start", "")),
        scenario_id=str(details.get("scenario", "")),
        version=int(details.get("version", 0)),
        hash=str(details.get("hash", "")),
        publication=details.get("publication"),
        holds=line.subject_id not in superseded if published else None,
    )
