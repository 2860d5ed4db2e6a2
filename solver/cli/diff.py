"""`iop diff`, and what all commands that make a week from a week share: reading, telling, writing."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import Fault, FileFaults, ScenarioError
from .options import AsJson, ScenarioFile
from .terminal import (
    STANDARD_STREAM,
    UsageFault,
    WrongFile,
    must_be_writable,
    out,
    out_json,
    printable,
    read_schedule,
    rendered,
    write_json,
)

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..clinic import Clinic
    from ..diff import Difference
    from ..scenario import Scenario
    from ..validation import Notice

AsTable = Annotated[bool, typer.Option("--table", help="Print what people are told as one table.")]


def diff(
    scenario: ScenarioFile,
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="The schedule people know; it may be of last week.")
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The schedule of this week.")],
    as_table: AsTable = False,
    as_json: AsJson = False,
) -> None:
    """Say who must be told what: everything that differs between two schedules, person by person.

    Renamed sections and appointments are no difference. The old schedule may name people, rooms and
    groups that are gone.

    \b
    Example:
      iop diff clinic.json published.json new.json
    """
    if [scenario, old, new].count(STANDARD_STREAM) > 1:
        raise UsageFault("only one of the three files can be standard input")
    week, _ = read_with_baseline(scenario, old, [], keep_locks=False)

    from ..clinic import Clinic
    from ..diff import difference

    clinic = Clinic(week)
    assert week.baseline is not None
    found = difference(clinic, week.baseline, read_schedule(new, week))
    if as_json:
        from ..report.diff import difference_document

        out_json(difference_document(clinic, found))
    else:
        out(rendered(*told_parts(clinic, found, as_table)))


# -- reading ----------------------------------------------------------------------------------------


def read_with_baseline(
    scenario: str,
    baseline: str | None,
    locks: Sequence[tuple[str, dict[str, str]]],
    *,
    keep_locks: bool = True,
) -> tuple[Scenario, list[Notice]]:
    """A scenario with another baseline and further locks; WrongFile or UsageFault with all faults.

    The scenario's own locks bind the new baseline: a lock on what that does not have is a fault.

    Args:
        baseline: path of a schedule; None leaves the scenario's own.
        locks: (as it was written, the lock).
    """
    from ..clinic import Clinic
    from ..notices import notices
    from ..validation import read_scenario

    if scenario == baseline == STANDARD_STREAM:
        raise UsageFault("only one of SCENARIO and --baseline can be standard input")
    data = _parsed(scenario)
    if baseline is not None:
        data = data | {"baseline": _parsed(baseline)}
    if not keep_locks:
        data = data | {"locks": []}
    own = data.get("locks")
    known = own if isinstance(own, list) else []
    if locks and (own is None or isinstance(own, list)):
        data = data | {"locks": [*known, *(lock for _, lock in locks)]}
    try:
        loaded, gone = read_scenario(data)
    except ScenarioError as error:
        raise _placed(error, scenario, baseline, len(known), [text for text, _ in locks]) from None
    return loaded, [*gone, *notices(Clinic(loaded))]


def parsed_json(path: str) -> object:
    """What a JSON file says; WrongFile with what is wrong with it as JSON."""
    from ..io import files

    try:
        return files.parse_json(files._read(path))
    except FileFaults as error:
        raise WrongFile(_title(path), error.faults) from None


def _parsed(path: str) -> dict[str, Any]:
    """The object in a JSON file."""
    from ..validation.wording import found

    data = parsed_json(path)
    if not isinstance(data, dict):
        message = f"found {found(data)}; an object {{ … }} is expected"
        raise WrongFile(_title(path), [Fault("", message)])
    return data


def _title(path: str) -> str:
    return "standard input" if path == STANDARD_STREAM else printable(path)


def _placed(
    error: ScenarioError, scenario: str, baseline: str | None, own: int, written: Sequence[str]
) -> Exception:
    """Faults under the file or option they come from."""
    of_locks = {
        f"locks[{own + number}]": f"--lock {printable(text)}" for number, text in enumerate(written)
    }
    usage, base, rest = [], [], []
    for fault in error.faults:
        option = next((o for place, o in of_locks.items() if fault.place.startswith(place)), None)
        if option is not None:
            usage.append(f"{option}: {fault.message}")
        elif baseline is not None and fault.place.split(".")[0].split("[")[0] == "baseline":
            base.append(Fault(fault.place.removeprefix("baseline").lstrip("."), fault.message))
        else:
            rest.append(fault)
    if rest:
        return WrongFile(scenario, rest)
    if base and baseline is not None:
        return WrongFile(baseline, base)
    return UsageFault("\nerror: ".join(usage))


def locks_of(written: Sequence[str]) -> list[tuple[str, dict[str, str]]]:
    """Locks as they are written on the command line: ``therapist=t03,day=tue``."""
    out = []
    wrong = []
    for text in written:
        pairs = [part.partition("=") for part in text.split(",")]
        lock = {key.strip(): value.strip() for key, _, value in pairs}
        keys = set(lock)
        kinds: tuple[set[str], ...] = (
            {"section"},
            {"appointment"},
            {"patient", "group"},
            {"therapist", "day"},
        )
        if keys not in kinds or not all(lock.values()):
            wrong.append(
                f"--lock {printable(text)}: found {', '.join(sorted(keys)) or 'nothing'}; a lock is "
                "section=ID, appointment=ID, patient=ID,group=ID or therapist=ID,day=DAY"
            )
        out.append((text, lock))
    if wrong:
        raise UsageFault("\nerror: ".join(wrong))
    return out


def outputs_must_be_fine(
    outputs: Mapping[str, str | None], inputs: Mapping[str, str | None], as_json: bool
) -> None:
    """Refuse outputs that cannot be written or would overwrite each other or what is read."""
    given = {option: path for option, path in outputs.items() if path is not None}
    if [*given.values(), *([STANDARD_STREAM] if as_json else [])].count(STANDARD_STREAM) > 1:
        raise UsageFault(f"only one of {', '.join(outputs)} and --json can be on standard output")
    seen: dict[str, str] = {}
    for option, path in given.items():
        if path != STANDARD_STREAM and seen.setdefault(path, option) != option:
            raise UsageFault(f"{seen[path]} and {option} are both {printable(path)}")
        must_be_writable(path, option, inputs)


# -- writing ----------------------------------------------------------------------------------------


def told_parts(clinic: Clinic, found: Difference, as_table: bool) -> list[RenderableType]:
    """Who must be told what, person by person or as one table."""
    from rich.text import Text

    from ..report.diff import HEADINGS, heard, told_summary
    from . import tables

    people = heard(clinic, found)
    parts: list[RenderableType] = [tables.heading(told_summary(clinic, found))]
    if as_table:
        rows = [
            (row.who if number == 0 else "", row.what, row.before, row.now)
            for person in people
            for number, row in enumerate(person.rows)
        ]
        return [*parts, tables.table(["Who", "What", "Before", "Now"], rows)] if rows else parts
    last = None
    for person in people:
        if person.kind != last:
            parts += [Text(""), tables.heading(HEADINGS[person.kind])]
            last = person.kind
        note_text = f" ({person.note})" if person.note else ""
        parts.append(Text(printable(f"{person.rows[0].who}{note_text}")))
        parts += [tables.indented(row.sentence) for row in person.rows]
    return parts


def write_outputs(outputs: Mapping[str, str | None], contents: Mapping[str, object]) -> list[str]:
    """Write what there is to its path; returns the paths of files."""
    written = []
    for option, path in outputs.items():
        content = contents.get(option)
        if path is not None and isinstance(content, Mapping):
            write_json(path, content)
            if path != STANDARD_STREAM:
                written.append(path)
    return written
