"""Faults of the app, caused for real: a few of each here, the full counts by ``make faults``."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.faults import app_disks, app_killed
from tests.faults.figures import Figures
from tests.faults.fuzzing import scenarios_fuzzed, workbooks_fuzzed
from tests.faults.places import small_disk
from ui.desk.store import DAYS_KEPT, Desk, remove_old

Cause = Callable[[int, Random], Figures]
FAULTS: tuple[Cause, ...] = (
    app_killed.app_killed_publishing, app_killed.solver_killed, app_killed.two_apps,
    app_disks.files_damaged, app_disks.upload_cut_off, app_disks.clock_wrong,
)  # fmt: skip
ON_DISKS: tuple[Cause, ...] = (app_disks.work_disk_full, app_disks.work_disk_read_only)


@pytest.mark.slow
@pytest.mark.parametrize("cause", FAULTS, ids=lambda cause: cause.__name__)
def test_a_fault_of_the_app(cause: Cause) -> None:
    assert cause(1, Random()).seen.total() >= 1


@pytest.mark.slow
@pytest.mark.parametrize("cause", ON_DISKS, ids=lambda cause: cause.__name__)
def test_a_fault_of_a_disk(cause: Cause) -> None:
    with small_disk(100) as disk:
        can_mount = disk is not None
    if can_mount:
        assert cause(1, Random()).seen.total() == 1
    else:  # nobody may mount here; at least it is said
        with pytest.raises(OSError, match="cannot be made here"):
            cause(1, Random())


@pytest.mark.browser
def test_browsers_at_once() -> None:
    from tests.faults.app_browsers import browsers_at_once  # noqa: PLC0415 - needs Playwright

    assert browsers_at_once(3, Random()).seen["saw its page"] == 3


@pytest.mark.slow
@pytest.mark.parametrize("cause", [scenarios_fuzzed, workbooks_fuzzed])
def test_damaged_files(cause: Cause) -> None:
    assert cause(60, Random()).seen.total() == 60


def test_by_a_clock_that_is_ahead_no_desk_is_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, used = Desk.new(tmp_path), Desk.new(tmp_path)
    now = time.time()
    _touch(old, now - (DAYS_KEPT + 1) * 86_400)
    monkeypatch.setattr(time, "time", lambda: now + 10 * 365 * 86_400)
    remove_old(tmp_path / "desks")
    assert used.folder.exists()
    assert not old.folder.exists()
    monkeypatch.setattr(time, "time", lambda: now - 10 * 365 * 86_400)
    remove_old(tmp_path / "desks")
    assert used.folder.exists()


def _touch(desk: Desk, when: float) -> None:
    for path in desk.folder.rglob("*"):
        os.utime(path, (when, when))
