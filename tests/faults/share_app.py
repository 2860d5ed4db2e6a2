"""The app's share of the faults."""

from __future__ import annotations

from contextlib import ExitStack

from tests.faults import app_browsers, app_disks, app_killed
from tests.faults.figures import Fault

TITLE = "The app"


def faults(_stack: ExitStack) -> list[Fault]:
    """All of them."""
    return [
        Fault(
            "kill -9 of the app while one of its pages publishes",
            2,
            100,
            app_killed.app_killed_publishing,
        ),
        Fault("kill -9 of the solver at any moment", 2, 50, app_killed.solver_killed),
        Fault("a second app starts where jobs wait and run", 1, 20, app_killed.two_apps),
        Fault("the disk of the work folder is full", 1, 10, app_disks.work_disk_full),
        Fault("the disk of the work folder is read-only", 1, 10, app_disks.work_disk_read_only),
        Fault("a file on a desk is damaged", 3, 100, app_disks.files_damaged),
        Fault("an upload is cut off", 5, 100, app_disks.upload_cut_off),
        Fault(
            "the app starts by a clock that is wrong by up to ten years",
            1,
            10,
            app_disks.clock_wrong,
        ),
        Fault("browsers at once, while solves run", 4, 20, app_browsers.browsers_at_once),
    ]
