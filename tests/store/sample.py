"""Something to keep: texts of a tiny week, and a store with one published week in it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from solver.store import KeptSchedule, PublishedWeek, ScenarioVersion, Store, locate
from solver.store.database import MIGRATIONS, Form
from tests.builders import Json, clinic, patient, section, visit, week

KIM, LEE = "kim@example.org", "lee@example.org"
NAME = "Zebedee Quixotic-Ñandú"
"""Of a patient; stands nowhere but in documents."""


def scenario(**facts: Any) -> Json:
    people = [patient("pat") | {"name": NAME}, patient("sam") | {"name": "Sam Poe"}]
    return clinic(**({"patients": people} | facts))


def text(document: Json) -> str:
    """As no program of ours would write it, so that a text that is written anew shows."""
    return json.dumps(document, indent=3, ensure_ascii=True) + "\r\n\n"


SCENARIO = text(scenario())
FIRST = text(week(section(["pat", "sam"])))
SECOND = text(week(section(["pat"]), visit("sam", "bob", "mon", "11:00")))
BROKEN = text(week(section(["pat"]), visit("pat", "bob", "mon", "09:00")))
"""Pat is in two places at once."""


@dataclass(frozen=True)
class Kept:
    """What is in a store after ``fill``."""

    clinic: str
    version: ScenarioVersion
    first: KeptSchedule
    second: KeptSchedule
    published: PublishedWeek


def fill(store: Store, name: str = "Riverside") -> Kept:
    """A clinic with a scenario, two schedules, the first one published."""
    clinic = store.clinics.named(name, KIM)
    version = store.scenarios.new(clinic.id, SCENARIO, KIM)
    first = store.schedules.keep(version, FIRST, KIM)
    second = store.schedules.keep(version, SECOND, KIM)
    return Kept(clinic.id, version, first, second, store.weeks.publish(first.id, KIM, based_on=0))


def contents(store: Store) -> dict[str, object]:
    """Everything that a reader could ask of a store."""
    out: dict[str, object] = {"faults": store.faults()}
    for here in store.clinics.all():
        for latest in store.scenarios.of_clinic(here.id):
            for version in store.scenarios.versions(latest.scenario_id):
                out[version.id] = store.scenarios.text(version)
                for kept in store.schedules.of(version):
                    out[kept.id] = store.schedules.text(kept)
            week = store.weeks.current(here.id, latest.week_start)
            out[f"{here.id} {latest.week_start}"] = (
                None if week is None else (week.id, week.number, week.schedule_id, week.author)
            )
    out["history"] = [event.document() for event in store.trail.history()]
    return out


@contextmanager
def by_hand(where: str) -> Iterator[Any]:
    """A connection past the store, as somebody with another program has it."""
    location = locate(where)
    if location.path is not None:
        connection = sqlite3.connect(location.path, isolation_level=None)
    else:
        connection = psycopg.connect(where, autocommit=True)
    try:
        yield connection
    finally:
        connection.close()


# ---------------------------------------------------------------- a form to come

NEXT = """
import os
import signal
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table("iop_notes", sa.Column("id", sa.String(32), primary_key=True))
    op.execute("INSERT INTO iop_notes SELECT id FROM iop_clinics")
    with op.batch_alter_table("iop_clinics") as clinics:
        clinics.add_column(sa.Column("colour", sa.String(20), server_default="green"))
    op.execute("DELETE FROM iop_drafts")
    {end}
"""


def next_form(folder: Path, end: str = "") -> Form:
    """The form after today's; its migration does much and then ``end``."""
    shutil.copytree(MIGRATIONS, folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    script = folder / "migrations" / "versions" / "v0002_next.py"
    script.write_text(NEXT.replace("{end}", end))
    return Form("0002", folder / "migrations")
