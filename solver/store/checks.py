"""Whether a store is whole: what was written is there, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from . import guards
from .errors import Unreadable
from .tables import (
    KEPT,
    AuditLine,
    KeptSchedule,
    PublishedWeek,
    ScenarioVersion,
    StoredText,
    WhatIfVersion,
    utc_text,
)


def faults(session: Session) -> list[str]:
    """Everything that is not as it was written; sentences without a name."""
    return [
        *_pages(session),
        *(f"{table} is not protected" for table in guards.missing(session.connection(), KEPT)),
        *_texts(session),
        *_weeks(session),
        *_trail(session),
        *_gaps(session),
    ]


def must_be(text: str, hash: str) -> str:
    """The text, if it is the one of that hash.

    Raises:
        Unreadable: it is another.
    """
    if hash_of(text) != hash:
        raise Unreadable("a document in it is not the one that was saved")
    return text


def hash_of(text: str) -> str:
    """What a document is found by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def seal_of(week: PublishedWeek, scenario: str, schedule: str) -> str:
    """The hash of everything a published week says; the texts enter by their hashes."""
    said = [
        week.id,
        week.clinic_id,
        week.week_start.isoformat(),
        week.number,
        week.schedule_id,
        week.supersedes_id,
        week.author,
        utc_text(week.made_at),
        scenario,
        schedule,
    ]
    return hash_of(json.dumps(said))


def _pages(session: Session) -> Iterator[str]:
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        for line in connection.exec_driver_sql("PRAGMA integrity_check(10)").scalars():
            if line != "ok":
                yield "its pages are not as they were written"
        if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            yield "something refers to what is not there"


def _texts(session: Session) -> Iterator[str]:
    for text in session.execute(select(StoredText).execution_options(yield_per=50)).scalars():
        if hash_of(text.content) != text.hash:
            yield f"document {text.hash[:12]} is not the one that was saved"


def _weeks(session: Session) -> Iterator[str]:
    found = session.execute(
        select(PublishedWeek, ScenarioVersion.hash, KeptSchedule.hash)
        .join(KeptSchedule, KeptSchedule.id == PublishedWeek.schedule_id)
        .join(ScenarioVersion, ScenarioVersion.id == KeptSchedule.version_id)
    )
    whole = 0
    for week, scenario, schedule in found:
        whole += 1
        if seal_of(week, scenario, schedule) != week.seal:
            yield f"published week {week.id} is not as it was published"
    if whole != session.scalar(select(func.count()).select_from(PublishedWeek)):
        yield "a published week lacks its schedule"


def _trail(session: Session) -> Iterator[str]:
    """Every version, schedule and published week has one line; lines are numbered without gaps."""
    numbers = session.scalars(select(AuditLine.number).order_by(AuditLine.number)).all()
    if list(numbers) != list(range(1, len(numbers) + 1)):
        yield "lines of the audit trail are missing"
    lines = Counter(session.scalars(select(AuditLine.subject_id)))
    for table in (ScenarioVersion, KeptSchedule, PublishedWeek, WhatIfVersion):
        if any(lines[id] != 1 for id in session.scalars(select(table.id))):
            yield f"{table.__tablename__} and the audit trail do not agree"


def _gaps(session: Session) -> Iterator[str]:
    groups = (
        select(func.max(ScenarioVersion.number), func.count()).group_by(
            ScenarioVersion.scenario_id
        ),
        select(func.max(WhatIfVersion.number), func.count()).group_by(WhatIfVersion.what_if_id),
        select(func.max(PublishedWeek.number), func.count()).group_by(
            PublishedWeek.clinic_id, PublishedWeek.week_start
        ),
    )
    for group in groups:
        if any(last != count for last, count in session.execute(group)):
            yield "a version is missing"
