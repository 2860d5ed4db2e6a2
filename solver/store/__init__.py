"""What is kept: clinics, scenarios and their versions, schedules, published weeks, what-ifs, jobs,
drafts, and who changed what when.

    with open_store() as store:
        clinic = store.clinics.named("Riverside", by="kim@example.org")
        version = store.scenarios.new(clinic.id, text, by="kim@example.org")
        kept = store.schedules.keep(version, schedule, by="kim@example.org")
        store.weeks.publish(kept.id, by="kim@example.org", based_on=0)

Every write is one transaction with its line in the audit trail. What is given out are rows that have
left the store: changing one changes nothing in it. ``docs/store.md`` has the whole picture.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from . import backup, checks
from .database import Clock, Database, Form, clock
from .differences import Change, Difference, differences
from .drafts import Drafts
from .errors import (
    BackupDamaged,
    Conflict,
    NeverAltered,
    NotEmpty,
    NotFound,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreMissing,
    StoreReadOnly,
    StoreTooNew,
    StoreUnavailable,
    UpgradeFailed,
)
from .jobs import Jobs
from .location import Location, locate
from .opening import opened
from .restoring import Restored, restore
from .scenarios import Clinics, Scenarios
from .tables import (
    AuditLine,
    Clinic,
    Draft,
    Job,
    KeptSchedule,
    PublishedWeek,
    ScenarioVersion,
    WhatIfVersion,
)
from .trail import Event, Trail
from .weeks import Schedules, Weeks
from .what_ifs import WhatIfs


class Store:
    """An open store; safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.location = database.location
        self.clinics = Clinics(database)
        self.scenarios = Scenarios(database)
        self.schedules = Schedules(database)
        self.weeks = Weeks(database)
        self.what_ifs = WhatIfs(database)
        self.jobs = Jobs(database)
        self.drafts = Drafts(database)
        self.trail = Trail(database)

    def faults(self) -> list[str]:
        """Everything in the store that is not as it was written; reads all of it."""
        with self._database.reading() as session:
            return checks.faults(session)

    def back_up(self, target: Path) -> None:
        """Write a backup, as the store is at one moment, whether or not it is in use.

        Raises:
            StoreDamaged: the store is not whole; nothing is written.
            StoreError: it could not be written; what was at ``target`` is untouched.
        """
        found = self.faults()
        if found:
            raise StoreDamaged(
                f"{self.location}: the store is damaged ({'; '.join(found[:3])}); no backup was "
                "made of it"
            )
        backup.back_up_to(self.location, target)

    def close(self) -> None:
        """Let go of the store."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()


def open_store(
    where: str | os.PathLike[str] | Location | None = None,
    *,
    create: bool = True,
    now: Clock = clock,
    form: Form | None = None,
) -> Store:
    """The store at a path or URL, else that of IOP_STORE, else the user's own.

    Args:
        create: whether to make one where there is none.
        now: what time it is.
        form: which form of the tables to bring it to; today's by default.

    Raises:
        StoreError: it cannot be opened; each kind says what to do. Nothing was changed.
    """
    location = where if isinstance(where, Location) else locate(where)
    return Store(opened(location, create=create, now=now, form=form))


__all__ = [
    "AuditLine",
    "BackupDamaged",
    "Change",
    "Clinic",
    "Conflict",
    "Difference",
    "Draft",
    "Event",
    "Job",
    "KeptSchedule",
    "Location",
    "NeverAltered",
    "NotEmpty",
    "NotFound",
    "PublishedWeek",
    "Restored",
    "ScenarioVersion",
    "Store",
    "StoreBusy",
    "StoreDamaged",
    "StoreError",
    "StoreFull",
    "StoreMissing",
    "StoreReadOnly",
    "StoreTooNew",
    "StoreUnavailable",
    "UpgradeFailed",
    "WhatIfVersion",
    "differences",
    "locate",
    "open_store",
    "restore",
]
