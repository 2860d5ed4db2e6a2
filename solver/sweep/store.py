"""The folder of a sweep: what is asked, and each cell's answer, written whole as soon as it is there.

sweep.json          what is asked: refuses another sweep in the same folder
cells/2-0.json      the answer of the cell's own solve
weeks/2-0/          scenario.json and schedule.json of the best week known for the cell
results.json, results.csv, frontier.svg, grid.svg     what it all means
jobs/               what runs now; nobody else on this machine can look into it
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..errors import FileFaults, SchedulerError
from ..io.asked import load_json
from ..io.files import dump, save_json
from ..io.writing import write_file
from ..jobfolder import locked, private_folder, result_from
from ..result import Result, Settings
from ..scenario import Scenario
from ..schedule import Schedule
from ..validation import read_schedule
from . import pictures
from .asking import Cell, Sweep
from .findings import Findings, document, headings, table


class OtherSweep(SchedulerError):
    """The folder is not this sweep's, or somebody else works in it; the message says which."""


class Store:
    """The answers of one sweep in its folder."""

    RESULTS = ("results.csv", "results.json", "frontier.svg")

    def __init__(
        self,
        folder: Path,
        scenario: Scenario,
        sweep: Sweep,
        settings: Settings,
        base: Schedule | None = None,
    ) -> None:
        self.folder = folder
        self._asked: dict[str, Any] = {
            "schema_version": 1,
            "scenario": _digest(dump(scenario)),
            "sweep": _digest(_as_json(sweep)),
            "settings": asdict(settings),
            "axes": [
                {"name": axis.name, "steps": [step.label for step in axis.steps]}
                for axis in sweep.axes
            ],
        }
        if base is not None:
            self._asked["base"] = _digest(dump(base))

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Hold the folder while in here; it is made if it is not there.

        Raises:
            OtherSweep: it holds another sweep, or another process works in it.
            FileFaults, OSError: it cannot be written.
        """
        if not self.folder.exists():
            private_folder(self.folder)
        for name in ("cells", "jobs", "weeks"):
            private_folder(self.folder / name)
        with locked(self.folder) as mine:
            if not mine:
                raise OtherSweep(f"{self.folder} is being worked on by another iop sweep")
            self._compare()
            save_json(self.folder / "sweep.json", self._asked)
            yield

    def _compare(self) -> None:
        path = self.folder / "sweep.json"
        if not path.exists():
            return
        try:
            there = load_json(path)
        except FileFaults:
            there = None
        if there == self._asked:
            return
        parts = {
            "scenario": "the scenario",
            "sweep": "what is swept",
            "settings": "the settings",
            "base": "the base's schedule",
        }
        before = there if isinstance(there, dict) else {}
        differing = [said for key, said in parts.items() if before.get(key) != self._asked.get(key)]
        raise OtherSweep(
            f"{self.folder} holds another sweep: {' and '.join(differing) or 'its form'} differ; "
            "name another folder, or remove this one"
        )

    def save(self, cell: Cell, result: Result) -> None:
        """Keep a cell's answer."""
        schedule = None if result.schedule is None else dump(result.schedule)
        content = {"cell": cell.key, "result": result.document(), "schedule": schedule}
        save_json(self.folder / "cells" / f"{cell.key}.json", content)

    def known(self, cells: Sequence[Cell]) -> dict[str, Result]:
        """The answers there are; a damaged file is as if it were not there."""
        out = {}
        for cell in cells:
            path = self.folder / "cells" / f"{cell.key}.json"
            if path.exists():
                try:
                    content: Any = load_json(path)
                    week = content["schedule"]
                    schedule = None if week is None else read_schedule(week, cell.made.scenario)
                    out[cell.key] = result_from(content["result"], schedule)
                except (FileFaults, KeyError, TypeError, ValueError):
                    continue
        return out

    def save_findings(self, found: Findings) -> None:
        """What it all means, as tables and pictures, and the best week of each cell."""
        for c in found.cells:
            place = self.folder / "weeks" / c.cell.key
            private_folder(place)
            save_json(place / "scenario.json", c.cell.made.scenario)
            if c.answer.schedule is not None:
                save_json(place / "schedule.json", c.answer.schedule)
        save_json(self.folder / "results.json", document(found))
        write_file(self.folder / "results.csv", _as_csv(found).encode())
        write_file(self.folder / "frontier.svg", pictures.frontier(found).encode())
        drawn = pictures.grid(found)
        if drawn is not None:
            write_file(self.folder / "grid.svg", drawn.encode())


def _as_csv(found: Findings) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([headings(found), *table(found)])
    return text.getvalue()


def _as_json(sweep: Sweep) -> list[object]:
    return [
        [change.model_dump(mode="json") for change in sweep.changes],
        [
            [
                axis.name,
                [
                    [step.label, [change.model_dump(mode="json") for change in step.changes]]
                    for step in axis.steps
                ],
            ]
            for axis in sweep.axes
        ],
    ]


def _digest(content: object) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
