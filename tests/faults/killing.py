"""Processes and servers killed at any moment: a store is wholly as before, or wholly as after."""

from __future__ import annotations

import random
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

from solver.store import Store, StoreTooNew, StoreUnavailable, locate, open_store, restore
from solver.store.database import Form
from tests.faults.figures import Figures
from tests.faults.places import Databases, Place
from tests.faults.processes import end, received, start
from tests.store.sample import KIM, Kept, contents, fill, next_form

MONDAY = date(2026, 1, 5)
Told = list[tuple[str, int]]


# ---------------------------------------------------------------- while publishing


def publish_on_and_on(pipe: Connection, where: str, kept: Kept) -> None:
    """Publish two schedules in turn; says when a publication begins and when it was confirmed."""
    with open_store(where) as store:
        week = store.weeks.current(kept.clinic, MONDAY)
        assert week is not None
        number, first = week.number, week.schedule_id != kept.first.id
        while True:
            pipe.send(("begins", number + 1))
            schedule = kept.first if first else kept.second
            number = store.weeks.publish(schedule.id, KIM, based_on=number).number
            pipe.send(("confirmed", number))
            first = not first


def killed_publishing(place: Place, times: int, chance: random.Random) -> Figures:
    """Kill -9 the process that publishes."""
    figures, where = Figures(), place.fresh()
    with open_store(where) as store:
        kept = fill(store)
        for _ in range(times):
            process, pipe = start(publish_on_and_on, where, kept)
            told = _at_any_moment(pipe, chance)
            process.kill()
            assert end(process) == -signal.SIGKILL
            told += received(pipe)
            store.clinics.named("Riverside", KIM)  # waits for the server to notice
            figures.seen[_wholly_or_not(store, kept, told)] += 1
    return figures


def server_crashed(place: Databases, times: int, chance: random.Random) -> Figures:
    """Crash the database server under the process that publishes, and start it again."""
    figures, where, server = Figures(), place.fresh(), place.server
    with open_store(where) as store:
        kept = fill(store)
        for _ in range(times):
            process, pipe = start(publish_till_it_is_gone, where, kept)
            told = _at_any_moment(pipe, chance)
            server.crash()
            assert end(process) == 0
            told += received(pipe)
            assert told.pop() == ("gone", 0)
            _is_said_to_be_gone(store)
            server.start()
            figures.seen[_wholly_or_not(store, kept, told)] += 1
    return figures


def _at_any_moment(pipe: Connection, chance: random.Random) -> Told:
    """Return after a few publications, somewhere in the next; what has been told till then.

    Half of the moments are from its last third on: that is where something is written.
    """
    told: Told = [pipe.recv()]
    takes = 0.0
    for _ in range(chance.randrange(1, 5)):
        began = time.monotonic()
        told += [pipe.recv(), pipe.recv()]
        takes = time.monotonic() - began
    time.sleep(chance.uniform(chance.choice([0, 0.7]), 1.3) * takes)
    return told


def publish_till_it_is_gone(pipe: Connection, where: str, kept: Kept) -> None:
    with suppress(StoreUnavailable):
        publish_on_and_on(pipe, where, kept)
    pipe.send(("gone", 0))


def _is_said_to_be_gone(store: Store) -> None:
    try:
        store.trail.lines()
    except StoreUnavailable:
        return
    raise AssertionError("a server that is down has answered")


def _wholly_or_not(store: Store, kept: Kept, told: Told) -> str:
    """What became of the publication that was under way; the store is whole in any case."""
    assert store.faults() == []
    confirmed = max((n for what, n in told if what == "confirmed"), default=0)
    begun = max(n for what, n in told if what == "begins")
    weeks = store.weeks.publications(kept.clinic, MONDAY)
    assert [week.number for week in weeks] == list(range(1, len(weeks) + 1))
    assert confirmed <= len(weeks), "a publication that was confirmed is not there"
    assert len(weeks) <= begun, "more was published than was begun"
    lines = [line for line in store.trail.lines() if line.action == "week.published"]
    assert [line.subject_id for line in lines] == [week.id for week in weeks]
    current = store.weeks.current(kept.clinic, MONDAY)
    assert current is not None
    store.schedules.read(store.schedules.get(current.schedule_id))
    if confirmed == begun:
        return "killed between two publications"
    return (
        "the week under way is there, wholly"
        if len(weeks) == begun
        else "the week under way is not there at all"
    )


# ---------------------------------------------------------------- while restoring and upgrading


def restore_it(pipe: Connection, where: str, backup: str) -> None:
    pipe.send("begins")
    restore(Path(backup), locate(where), KIM, replace=True)
    pipe.send("done")


def killed_restoring(place: Place, times: int, chance: random.Random) -> Figures:
    """Kill -9 a restore over a store that holds something else."""
    figures = Figures()
    with tempfile.TemporaryDirectory() as folder:
        backup = Path(folder) / "backup"
        with open_store(place.fresh()) as other:
            fill(other, "Restored")
            other.back_up(backup)
        original = place.fresh()
        with open_store(original) as store:
            fill(store, "Before")
            before = contents(store)
        takes = _seconds(restore_it, place.copy(original), str(backup))
        for _ in range(times):
            where = place.copy(original)
            done = _killed(restore_it, where, str(backup), chance.uniform(0, takes))
            with open_store(where) as store:
                (clinic,) = store.clinics.all()
                store.clinics.named(clinic.name, KIM)  # waits for the server to notice
                (clinic,) = store.clinics.all()
                assert clinic.name == "Restored" or (not done and contents(store) == before)
                assert store.faults() == []
                figures.seen[
                    f"all is as {'restored' if clinic.name == 'Restored' else 'before'}"
                ] += 1
    return figures


MANY = """for n in range(200):
        op.execute(f"INSERT INTO iop_notes VALUES ('{n}')")
        op.execute(f"CREATE TABLE iop_more_{n} (id integer)")"""


def upgrade_it(pipe: Connection, where: str, form: Form) -> None:
    pipe.send("begins")
    open_store(where, form=form).close()
    pipe.send("done")


def killed_upgrading(place: Place, times: int, chance: random.Random) -> Figures:
    """Kill -9 a process that upgrades an older store."""
    figures, original = Figures(), place.fresh()
    with open_store(original) as store:
        fill(store)
        before = contents(store)
    with tempfile.TemporaryDirectory() as folder:
        form = next_form(Path(folder), MANY)
        takes = _seconds(upgrade_it, place.copy(original), form)
        for _ in range(times):
            where = place.copy(original)
            done = _killed(upgrade_it, where, form, chance.uniform(0, takes))
            figures.seen[_before_or_after(where, before, form, done=done)] += 1
    return figures


def _before_or_after(where: str, before: dict[str, object], form: Form, *, done: bool) -> str:
    try:
        with open_store(where) as store:
            store.clinics.named("Riverside", KIM)  # waits for the server to notice
            assert not done
            assert contents(store) == before
            return "all is as before"
    except StoreTooNew:
        with open_store(where, form=form) as store:
            assert store.faults() == []
            return "all is upgraded"


def _seconds(target: Callable[..., None], where: str, what: object) -> float:
    """How long it takes where nobody kills it."""
    process, pipe = start(target, where, what)
    assert pipe.recv() == "begins"
    started = time.monotonic()
    assert received(pipe) == ["done"]
    assert end(process) == 0
    return time.monotonic() - started


def _killed(target: Callable[..., None], where: str, what: object, after: float) -> bool:
    """Run, kill after so many seconds; whether it had said that it was done."""
    process, pipe = start(target, where, what)
    assert pipe.recv() == "begins"
    time.sleep(after)
    process.kill()
    end(process)
    return received(pipe) == ["done"]
