"""`iop template` and `iop import`: a week from a workbook, from CSV files, or from FHIR."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Fault, FileFaults
from .options import AsJson
from .terminal import (
    STANDARD_STREAM,
    Code,
    UsageFault,
    WrongFile,
    must_be_writable,
    note,
    out,
    out_json,
    printable,
    read_scenario,
    rendered,
    tell,
    write_json,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..io.fhir_in import Draft
    from ..io.tables.arriving import Arrival
    from ..scenario import Scenario
    from ..validation import Notice

_WORKBOOK = ".xlsx"


def template(
    output: Annotated[
        str,
        typer.Option(
            "--output", "-o", metavar="PATH", help="A workbook (.xlsx), or a new folder for CSV."
        ),
    ],
    scenario: Annotated[
        str | None,
        typer.Option("--from", metavar="SCENARIO", help="Fill it with this scenario's week."),
    ] = None,
) -> None:
    """Write a workbook to be filled in: one sheet a list, with drop-downs, notes and examples.

    A path that does not end in .xlsx is a new folder of CSV files, one a sheet. With --from the
    sheets hold a scenario, e.g. to plan the next week from this one's.

    \b
    Examples:
      iop template -o week.xlsx
      iop template --from scenarios/matrix-evening.json -o week.xlsx
    """
    from ..io import tables

    as_workbook = _is_workbook(output)
    if output == STANDARD_STREAM:
        raise UsageFault("-o names a file or a folder; a workbook is not for standard output")
    if as_workbook:
        must_be_writable(output, "-o", {"the scenario": scenario})
    if scenario is not None:
        loaded, _ = read_scenario(scenario)
        write = tables.export_scenario_workbook if as_workbook else tables.export_scenario_csv
        write(loaded, output)
    elif as_workbook:
        tables.write_template_workbook(output)
    else:
        tables.write_template_csv(output)
    out(
        f"Written: {printable(output)}\nFill it in, then: "
        f"iop import {printable(output)} -o scenario.json"
    )


def import_(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="A workbook (.xlsx), CSV files in a folder or a zip, or FHIR R4 files (JSON).",
        ),
    ],
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write the scenario here; of FHIR also a workbook (.xlsx) to be completed.",
        ),
    ] = STANDARD_STREAM,
    week: Annotated[
        str | None,
        typer.Option("--week", metavar="MONDAY", help="FHIR: the week to plan, e.g. 2026-01-05."),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(
            "--timezone", metavar="NAME", help="FHIR: the clinic's, e.g. America/Chicago."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a scenario of a filled-in workbook or CSV folder, or begin one from FHIR bundles.

    What it is, is told by what is in it. Everything that is wrong is said at once, each fault with
    its sheet and cell. FHIR carries people, rooms, hours and last week's sessions, and no programs:
    what comes out is a beginning, with a list of what has to be added by hand.

    \b
    Examples:
      iop import week.xlsx -o scenario.json
      iop import practitioners.json patients.json appointments.json -o week.xlsx
    """
    if as_json and output == STANDARD_STREAM:
        raise UsageFault("--json needs -o FILE; the scenario itself is on standard output")
    inputs = {f"the source {source}": source for source in sources}
    must_be_writable(output, "-o", inputs)
    try:
        arrivals = [(source, _arrival(source)) for source in sources]
        if all(come.kind == "fhir" for _, come in arrivals):
            _begin(arrivals, output, _monday(week), timezone, as_json)
            return
        _refuse_mixed(arrivals, week, timezone, output)
        scenario, notices = _read(*arrivals[0])
    except WrongFile as wrong:
        if not as_json:
            raise
        faults = [{"place": f.place, "message": f.message} for f in wrong.faults]
        out_json({"imported": False, "faults": faults})
        raise typer.Exit(Code.WRONG) from None
    _write(scenario, notices, output, as_json)


def _is_workbook(path: str) -> bool:
    return path.lower().endswith(_WORKBOOK)


def _arrival(source: str) -> Arrival:
    from ..io.tables.arriving import arrival

    try:
        return arrival(source)
    except FileFaults as error:
        raise _wrong(source, error.faults) from None


def _wrong(source: str, faults: Sequence[Fault]) -> WrongFile:
    """The faults under the source's name; one that has no place of its own is the source's."""
    title = printable(source)
    if len(faults) == 1 and not faults[0].place:
        faults = [Fault(title, faults[0].message)]
    return WrongFile(title, faults)


def _refuse_mixed(
    arrivals: Sequence[tuple[str, Arrival]], week: str | None, timezone: str | None, output: str
) -> None:
    if len(arrivals) > 1:
        raise UsageFault("several sources are for FHIR files only; name one workbook or folder")
    if week or timezone:
        raise UsageFault("--week and --timezone are for FHIR; the workbook's settings have both")
    if _is_workbook(output):
        raise UsageFault(f"-o {printable(output)}: a scenario is JSON; name a .json file")


def _read(source: str, come: Arrival) -> tuple[Scenario, list[Notice]]:
    from ..io.tables import import_csv, import_csv_files, import_workbook

    try:
        if isinstance(come.content, bytes):
            return import_workbook(come.content)
        if isinstance(come.content, dict):
            return import_csv_files(come.content)
        return import_csv(source)
    except FileFaults as error:
        raise _wrong(source, error.faults) from None


def _write(scenario: Scenario, notices: Sequence[Notice], output: str, as_json: bool) -> None:
    from ..io.files import dump
    from .files import _contents

    write_json(output, dump(scenario))
    if as_json:
        said = [{"place": n.place, "message": n.message} for n in notices]
        out_json({"imported": True, "complete": True, "notices": said, "to_add": []})
        return
    tell(notices)
    (note if output == STANDARD_STREAM else out)(_with_file(_contents(scenario), output))


def _with_file(text: str, output: str) -> str:
    return text if output == STANDARD_STREAM else f"{text}\nWritten: {printable(output)}".strip()


# -- FHIR -----------------------------------------------------------------------------------------


def _monday(week: str | None) -> date | None:
    from ..timegrid import DAY_NAMES, parse_date

    if week is None:
        return None
    try:
        monday = parse_date(week)
    except ValueError as error:
        raise UsageFault(f"--week: {error}") from None
    if monday.weekday():
        raise UsageFault(
            f"--week: {monday} is a {DAY_NAMES[monday.weekday()]}; a week starts on Monday"
        )
    return monday


def _begin(
    arrivals: Sequence[tuple[str, Arrival]],
    output: str,
    week: date | None,
    timezone: str | None,
    as_json: bool,
) -> None:
    """Write the beginning of a scenario out of FHIR files, and say what is missing."""
    from ..io.fhir_in import read_fhir
    from ..io.tables import write_draft_workbook

    documents = [(Path(source).name, come.content) for source, come in arrivals]
    try:
        draft = read_fhir(documents, week, timezone)
    except FileFaults as error:
        title = arrivals[0][0] if len(arrivals) == 1 else f"{len(arrivals)} files"
        raise _wrong(title, error.faults) from None
    if _is_workbook(output):
        write_draft_workbook(draft.tree, output)
    else:
        write_json(output, draft.tree)
    if as_json:
        out_json(_as_document(draft))
        return
    tell(draft.notices)
    (note if output == STANDARD_STREAM else out)(_in_words(draft, output))


def _as_document(draft: Draft) -> dict[str, object]:
    return {
        "imported": True,
        "complete": False,
        "notices": [{"place": n.place, "message": n.message} for n in draft.notices],
        "to_add": [
            {
                "sheet": item.sheet,
                "column": item.column or None,
                "entries": list(item.entries),
                "why": item.why,
                "needed": item.is_needed,
            }
            for item in draft.to_add
        ],
    }


def _in_words(draft: Draft, output: str) -> str:
    """What came along, what has to be added by hand, and how to go on."""
    from . import tables

    new = "new lines"

    parts: list[RenderableType] = []
    for title, is_needed in (
        ("To be added by hand, or there is no scenario:", True),
        ("Worth adding or looking at:", False),
    ):
        rows = [
            (item.sheet, item.column or new * is_needed, _some(item.entries), item.why)
            for item in draft.to_add
            if item.is_needed == is_needed
        ]
        parts += [
            tables.heading(title),
            tables.table(["Sheet", "Column", "For", "Why"], rows),
        ]
    if _is_workbook(output):
        further = f"Fill it in, then: iop import {printable(output)} -o scenario.json"
    else:
        further = "With -o week.xlsx the same is a workbook, in which it is easier to complete."
    return f"{_came_along(draft)}\n{rendered(*parts)}\n{_with_file('', output)}\n{further}"


_MOST_NAMED = 6


def _some(entries: Sequence[str]) -> str:
    if len(entries) <= _MOST_NAMED:
        return ", ".join(entries)
    return f"{', '.join(entries[:_MOST_NAMED])} and {len(entries) - _MOST_NAMED} more"


def _came_along(draft: Draft) -> str:
    from .. import report

    def number(key: str, what: str, tree: object = draft.tree) -> str:
        entries = tree.get(key) if isinstance(tree, dict) else None
        return report.count(len(entries) if isinstance(entries, list) else 0, what)

    base = draft.tree.get("baseline")
    parts = [
        number("therapists", "therapist"),
        number("patients", "patient"),
        number("rooms", "room"),
        number("services", "service"),
        number("groups", "group"),
        number("sections", "group section", base),
        number("appointments", "appointment", base),
    ]
    return f"Found: {', '.join(parts)}."
