"""A scenario as a workbook or as a folder of CSV files, out and in, in one and the same shape."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence

from ...errors import Fault, FileFaults, ScenarioError
from ...scenario import Scenario
from ...validation import Notice
from .cells import Sheet, TableFault
from .csv_folder import read_csv, read_named_csv, write_csv
from .reading import read_sheets
from .writing import filled, partly_filled, template
from .xlsx_in import read_xlsx
from .xlsx_out import write_xlsx

Path = str | os.PathLike[str]


def write_template_workbook(path: Path) -> None:
    """An empty workbook to be filled in, an example in each list; FileFaults if it cannot be written."""
    write_xlsx(path, template(), with_examples=True)


def write_template_csv(folder: Path) -> None:
    """The same as a folder of CSV files."""
    write_csv(folder, template())


def export_scenario_workbook(scenario: Scenario, path: Path) -> None:
    """A scenario as a workbook; importing it gives an equal one.

    Raises:
        FileFaults: it cannot be written, or a value is too long for a workbook's cell.
    """
    write_xlsx(path, filled(scenario), with_examples=False)


def export_scenario_csv(scenario: Scenario, folder: Path) -> None:
    """A scenario as a folder of CSV files; importing it gives an equal one."""
    write_csv(folder, filled(scenario))


def write_draft_workbook(tree: Mapping[str, object], path: Path) -> None:
    """What there is of a scenario's file, as a workbook to be completed; FileFaults as above."""
    write_xlsx(path, partly_filled(tree), with_examples=False)


def import_workbook(content: bytes) -> tuple[Scenario, list[Notice]]:
    """The scenario in a workbook's bytes, and what is worth knowing about it.

    Raises:
        ScenarioError: with every fault, each at its sheet and cell.
    """
    return _imported(lambda: read_xlsx(content), by_file=False)


def import_csv(folder: Path) -> tuple[Scenario, list[Notice]]:
    """The scenario in a folder of CSV files, and what is worth knowing about it.

    Raises:
        ScenarioError: with every fault, each at its file and cell.
    """
    return _imported(lambda: read_csv(folder), by_file=True)


def import_csv_files(files: Mapping[str, bytes]) -> tuple[Scenario, list[Notice]]:
    """The scenario in CSV files by name, as a zip has them; otherwise as ``import_csv``."""
    return _imported(lambda: read_named_csv(files), by_file=True)


def _imported(sheets: Callable[[], list[Sheet]], by_file: bool) -> tuple[Scenario, list[Notice]]:
    try:
        return read_sheets(sheets(), by_file)
    except ScenarioError:
        raise
    except FileFaults as error:
        raise ScenarioError(error.faults) from None


def log_lines(faults: Sequence[Fault]) -> list[str]:
    """The faults of an import for a log: places and kinds, nothing that the file holds."""
    return [
        fault.for_log() if isinstance(fault, TableFault) else "a file that cannot be read"
        for fault in faults
    ]


__all__ = [
    "export_scenario_csv",
    "export_scenario_workbook",
    "import_csv",
    "import_csv_files",
    "import_workbook",
    "log_lines",
    "write_draft_workbook",
    "write_template_csv",
    "write_template_workbook",
]
