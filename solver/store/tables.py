"""The tables, the same in SQLite and PostgreSQL: every column is text or a whole number.

Documents are kept as the exact text that was given and are found by their hash, so the same text is
there once. They alone hold names. Times are UTC.

Append-only, by triggers in the database (see ``guards``): documents, scenario versions, schedules,
published weeks, versions of what-ifs, and the audit trail.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, TypeVar

from sqlalchemy import (
    CheckConstraint,
    Dialect,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from .errors import Unreadable

REVISION = "0001"
"""The form of these tables: the last revision in ``migrations/versions``."""
PREFIX = "iop_"
"""Every table begins with it, so that a database may hold other things too."""
VERSION_TABLE = "iop_revision"
T = TypeVar("T", date, datetime)
STATES = ("waiting", "running", "done", "failed", "cancelled")
"""Of a job, as ``runner.State`` has them."""


class UtcTime(TypeDecorator[datetime]):
    """A moment, as ``2026-11-30T08:15:00.000000Z`` in either database."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else utc_text(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else _parsed(datetime, value)


class IsoDate(TypeDecorator[date]):
    """A date, as ``2026-11-30`` in either database."""

    impl = String(10)
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()

    def process_result_value(self, value: Any | None, dialect: Dialect) -> date | None:
        return None if value is None else _parsed(date, value)


def utc_text(at: datetime) -> str:
    """A moment as text; of two, the earlier comes first in the alphabet."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _parsed(kind: type[T], value: object) -> T:
    try:
        return kind.fromisoformat(str(value))
    except ValueError:
        raise Unreadable("a time in it is no time") from None


Key = Annotated[str, mapped_column(String(32), primary_key=True)]
Document = Annotated[str, mapped_column(String(64), ForeignKey("iop_documents.hash"))]
Author = Annotated[str, mapped_column(String(200))]
Moment = Annotated[datetime, mapped_column(UtcTime)]
Week = Annotated[date, mapped_column(IsoDate)]


class Base(DeclarativeBase):
    """What all tables share: how their constraints are named."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )


def _to(table: str) -> ForeignKey:
    return ForeignKey(f"{PREFIX}{table}.id")


def _to_an_earlier(table: str) -> ForeignKey:
    """To a row of the same table; may be filled in any order when a backup is restored."""
    return ForeignKey(f"{PREFIX}{table}.id", deferrable=True, initially="IMMEDIATE")


class StoredText(Base):
    """A document: the exact text, under the SHA-256 of its UTF-8 bytes."""

    __tablename__ = "iop_documents"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[str] = mapped_column(Text)


class Clinic(Base):
    """A clinic."""

    __tablename__ = "iop_clinics"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(200), unique=True)
    made_at: Mapped[Moment]


class KeptScenario(Base):
    """What a clinic's week is to be planned from; its content is in its versions."""

    __tablename__ = "iop_scenarios"

    id: Mapped[Key]
    clinic_id: Mapped[str] = mapped_column(_to("clinics"), index=True)
    made_at: Mapped[Moment]


class ScenarioVersion(Base):
    """A scenario as somebody saved it.

    ``parent_id`` is the version it was made from: the one before it, or, for the first, the version
    of another scenario that it is a copy of.
    """

    __tablename__ = "iop_scenario_versions"
    __table_args__ = (
        UniqueConstraint("scenario_id", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: Mapped[Key]
    scenario_id: Mapped[str] = mapped_column(_to("scenarios"))
    number: Mapped[int]
    parent_id: Mapped[str | None] = mapped_column(_to_an_earlier("scenario_versions"))
    week_start: Mapped[Week]
    hash: Mapped[Document]
    author: Mapped[Author]
    made_at: Mapped[Moment]


class KeptSchedule(Base):
    """A schedule of one version of a scenario; ``result`` is what the solve said about it."""

    __tablename__ = "iop_schedules"

    id: Mapped[Key]
    version_id: Mapped[str] = mapped_column(_to("scenario_versions"), index=True)
    hash: Mapped[Document]
    result_hash: Mapped[str | None] = mapped_column(ForeignKey("iop_documents.hash"))
    job_id: Mapped[str | None] = mapped_column(String(64))
    author: Mapped[Author]
    made_at: Mapped[Moment]


class PublishedWeek(Base):
    """A schedule that people live by, until the next one of the same clinic and week.

    ``number`` counts from 1 in each week of a clinic. ``seal`` is the hash of everything the row
    says, the texts of scenario and schedule included, so that a damaged one is told from a whole.
    """

    __tablename__ = "iop_published_weeks"
    __table_args__ = (
        UniqueConstraint("clinic_id", "week_start", "number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("(number = 1) = (supersedes_id IS NULL)", name="supersedes"),
    )

    id: Mapped[Key]
    clinic_id: Mapped[str] = mapped_column(_to("clinics"))
    week_start: Mapped[Week]
    number: Mapped[int]
    schedule_id: Mapped[str] = mapped_column(_to("schedules"))
    supersedes_id: Mapped[str | None] = mapped_column(
        _to_an_earlier("published_weeks"), unique=True
    )
    author: Mapped[Author]
    made_at: Mapped[Moment]
    seal: Mapped[str] = mapped_column(String(64))


class WhatIf(Base):
    """A question about a version of a scenario; its changes are in its versions."""

    __tablename__ = "iop_what_ifs"

    id: Mapped[Key]
    base_id: Mapped[str] = mapped_column(_to("scenario_versions"), index=True)
    made_at: Mapped[Moment]


class WhatIfVersion(Base):
    """A what-if as somebody saved it: its name and its list of changes."""

    __tablename__ = "iop_what_if_versions"
    __table_args__ = (
        UniqueConstraint("what_if_id", "number"),
        CheckConstraint("number >= 1", name="number"),
    )

    id: Mapped[Key]
    what_if_id: Mapped[str] = mapped_column(_to("what_ifs"))
    number: Mapped[int]
    parent_id: Mapped[str | None] = mapped_column(_to_an_earlier("what_if_versions"))
    hash: Mapped[Document]
    author: Mapped[Author]
    made_at: Mapped[Moment]


class Job(Base):
    """Something the runner solves or has solved; ``folder`` is the runner's folder of it."""

    __tablename__ = "iop_jobs"
    __table_args__ = (CheckConstraint(f"state IN ({', '.join(map(repr, STATES))})", name="state"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    folder: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), index=True)
    version_id: Mapped[str | None] = mapped_column(_to("scenario_versions"), index=True)
    author: Mapped[Author]
    made_at: Mapped[Moment]
    changed_at: Mapped[Moment]


class Draft(Base):
    """What one person was doing and has not saved; theirs alone, replaced as they go on."""

    __tablename__ = "iop_drafts"

    owner: Mapped[str] = mapped_column(String(200), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    number: Mapped[int]
    content: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[Moment]


class AuditLine(Base):
    """Who changed what, and when; numbered from 1 without gaps, in the order it was done.

    The order is that of the numbers: a clock may have been set back. ``details`` is a JSON object of
    ids, numbers and hashes.
    """

    __tablename__ = "iop_audit_trail"
    __table_args__ = (Index("ix_iop_audit_trail_clinic", "clinic_id", "number"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[Moment]
    author: Mapped[Author]
    action: Mapped[str] = mapped_column(String(40))
    clinic_id: Mapped[str | None] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(200), index=True)
    details: Mapped[str] = mapped_column(Text)


KEPT: dict[str, tuple[tuple[str, ...], ...]] = {
    "iop_documents": (("hash",),),
    "iop_scenario_versions": (("id",), ("scenario_id", "number")),
    "iop_schedules": (("id",),),
    "iop_published_weeks": (("id",), ("clinic_id", "week_start", "number"), ("supersedes_id",)),
    "iop_what_if_versions": (("id",), ("what_if_id", "number")),
    "iop_audit_trail": (("number",),),
}
"""The append-only tables, each with the columns that are unique in it."""
