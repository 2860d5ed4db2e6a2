"""Published weeks: never altered, only superseded, by whatever road."""

from __future__ import annotations

import json
import sqlite3
from datetime import date
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import delete

from solver.errors import ScheduleRejected
from solver.store import (
    Conflict,
    NeverAltered,
    PublishedWeek,
    Store,
    StoreDamaged,
    open_store,
)
from solver.store.tables import KEPT
from tests.store.sample import (
    BROKEN,
    FIRST,
    KIM,
    LEE,
    NAME,
    SECOND,
    by_hand,
    contents,
    fill,
    scenario,
    text,
)

MONDAY = date(2026, 1, 5)


def test_what_is_published_last_holds(store: Store) -> None:
    kept = fill(store)
    assert (kept.published.number, kept.published.supersedes_id) == (1, None)
    second = store.weeks.publish(kept.second.id, LEE, based_on=1)
    assert (second.number, second.supersedes_id) == (2, kept.published.id)
    holds = store.weeks.current(kept.clinic, MONDAY)
    assert holds is not None
    assert (holds.id, holds.author) == (second.id, LEE)
    assert store.schedules.text(store.schedules.get(holds.schedule_id)) == SECOND
    assert [w.id for w in store.weeks.publications(kept.clinic, MONDAY)] == [
        kept.published.id,
        second.id,
    ]
    assert store.weeks.current(kept.clinic, date(2026, 1, 12)) is None
    assert {d.part for d in store.weeks.differences(kept.published, second)} == {
        "sections",
        "appointments",
    }


def test_the_second_of_two_publishers_is_shown_what_changed(store: Store) -> None:
    kept = fill(store)
    store.weeks.publish(kept.second.id, LEE, based_on=1)
    third = store.schedules.keep(kept.version, FIRST, KIM)
    with pytest.raises(Conflict) as caught:
        store.weeks.publish(third.id, KIM, based_on=1)
    found = caught.value
    assert (found.subject, found.based_on, found.number, found.author) == ("week", 1, 2, LEE)
    assert [str(d) for d in found.differences] == [
        "sections s: members changed",
        "appointments a: added",
    ]
    assert NAME not in str(found)
    assert len(store.weeks.publications(kept.clinic, MONDAY)) == 2
    assert store.weeks.publish(third.id, KIM, based_on=2).number == 3


def test_who_knew_of_no_publication_is_shown_all_of_it(store: Store) -> None:
    kept = fill(store)
    with pytest.raises(Conflict) as caught:
        store.weeks.publish(kept.second.id, LEE, based_on=0)
    assert [str(d) for d in caught.value.differences] == ["sections s: added"]


def test_what_others_changed_in_the_scenario_is_shown_too(store: Store) -> None:
    kept = fill(store)
    wider = text(scenario(name="wider"))
    version = store.scenarios.save(kept.version.scenario_id, wider, LEE, based_on=1)
    again = store.schedules.keep(version, text(json.loads(FIRST) | {"scenario": "wider"}), LEE)
    store.weeks.publish(again.id, LEE, based_on=1)
    with pytest.raises(Conflict) as caught:
        store.weeks.publish(kept.second.id, KIM, based_on=1)
    assert [str(d) for d in caught.value.differences] == ["scenario.name: changed"]


def test_publishing_the_same_again_changes_nothing(store: Store) -> None:
    kept = fill(store)
    assert store.weeks.publish(kept.first.id, KIM, based_on=0).id == kept.published.id
    assert store.weeks.publish(kept.first.id, LEE, based_on=1).id == kept.published.id
    assert len(store.weeks.publications(kept.clinic, MONDAY)) == 1


def test_a_week_that_breaks_rules_is_not_published(store: Store) -> None:
    kept = fill(store)
    broken = store.schedules.keep(kept.version, BROKEN, KIM)
    with pytest.raises(ScheduleRejected, match="no_double_booking") as caught:
        store.weeks.publish(broken.id, KIM, based_on=1)
    assert NAME not in str(caught.value)
    assert len(store.weeks.publications(kept.clinic, MONDAY)) == 1


def test_clinics_publish_beside_each_other(store: Store) -> None:
    one, two = fill(store), fill(store, "Hill")
    assert (one.published.number, two.published.number) == (1, 1)
    assert store.faults() == []
    assert [e.clinic for e in store.trail.history(two.clinic)] == ["Hill", "Hill"]


# ---------------------------------------------------------------- by SQL


def attempts(table: str, *, on_postgres: bool) -> list[tuple[str, ...]]:
    """Ways to alter or remove a row of a table, each in one or two orders."""
    column = KEPT[table][0][0]
    everywhere: list[tuple[str, ...]] = [
        (f"UPDATE {table} SET {column} = {column}",),
        (f"DELETE FROM {table}",),
        (
            f"INSERT INTO {table} SELECT * FROM {table} WHERE true",
            f"ON CONFLICT ({column}) DO UPDATE SET {column} = excluded.{column}",
        ),
    ]
    if on_postgres:
        return [
            *((" ".join(orders),) for orders in everywhere),
            (f"TRUNCATE {table} CASCADE",),
            ("SET session_replication_role = replica", f"DELETE FROM {table}"),
        ]
    return [
        *((" ".join(orders),) for orders in everywhere),
        (f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",),
        (f"REPLACE INTO {table} SELECT * FROM {table} LIMIT 1",),
        (f"UPDATE OR REPLACE {table} SET {column} = '9'",),
        ("PRAGMA foreign_keys = OFF", f"DELETE FROM {table}"),
    ]


def test_nobody_alters_what_is_kept(store: Store, where: str, on_postgres: bool) -> None:
    kept = fill(store)
    store.what_ifs.new(kept.version, {"changes": []}, KIM)
    before = contents(store)
    with by_hand(where) as connection:
        for table in KEPT:
            for *first, last in attempts(table, on_postgres=on_postgres):
                for order in first:
                    connection.execute(order)
                with pytest.raises(
                    (sqlite3.Error, psycopg.Error), match=f"{table} is never altered"
                ):
                    connection.execute(last)
    assert contents(store) == before


def test_no_row_slips_in_by_its_hidden_number(tmp_path: Path) -> None:
    """SQLite numbers its rows; PostgreSQL has nothing like it."""
    where = str(tmp_path / "store.sqlite")
    with open_store(where) as store:
        fill(store)
    with by_hand(where) as connection, pytest.raises(sqlite3.Error, match="never altered"):
        connection.execute(
            "INSERT OR REPLACE INTO iop_published_weeks (rowid, id, clinic_id, week_start, number,"
            " schedule_id, author, made_at, seal) SELECT rowid, 'other', clinic_id, '2026-01-12', 1,"
            " schedule_id, author, made_at, seal FROM iop_published_weeks LIMIT 1"
        )


def test_a_second_first_publication_is_refused(store: Store, where: str) -> None:
    """Nor can anybody publish past the numbering: the database itself has one first of a week."""
    kept = fill(store)
    week = kept.published
    with by_hand(where) as connection, pytest.raises((sqlite3.Error, psycopg.Error)):
        connection.execute(
            "INSERT INTO iop_published_weeks (id, clinic_id, week_start, number, schedule_id, author,"
            f" made_at, seal) SELECT 'other', clinic_id, week_start, 1, '{week.schedule_id}', author,"
            " made_at, seal FROM iop_published_weeks"
        )


def test_the_store_says_so_too(store: Store) -> None:
    fill(store)
    with (
        pytest.raises(NeverAltered, match="never altered"),
        store._database.writing(KIM) as writing,
    ):
        writing.session.execute(delete(PublishedWeek))


def test_who_takes_the_protection_away_is_found_out(store: Store, where: str) -> None:
    """The file's owner can drop a trigger; what they alter then is seen."""
    kept = fill(store)
    with by_hand(where) as connection:
        on = "" if isinstance(connection, sqlite3.Connection) else " ON iop_published_weeks"
        connection.execute(f"DROP TRIGGER iop_published_weeks_no_update{on}")
        assert store.faults() == ["iop_published_weeks is not protected"]
        connection.execute(f"UPDATE iop_published_weeks SET schedule_id = '{kept.second.id}'")
    assert "published week" in " ".join(store.faults())
    with pytest.raises(StoreDamaged, match="not as it was published"):
        store.weeks.current(kept.clinic, MONDAY)
