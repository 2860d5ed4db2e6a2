"""`iop backup`, `iop restore` and `iop history`: what the store keeps, and keeping it."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Fault, FileFaults
from .options import AsJson
from .terminal import UsageFault, must_be_writable, note, out, out_json, printable, rendered

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..store import AuditLine, Event, Location, Store

Where = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="WHERE",
        help="A file, or postgresql://user@host/database; IOP_STORE or your own by default.",
    ),
]


def backup(
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Write the backup here.")
    ],
    store: Where = None,
    as_json: AsJson = False,
) -> None:
    """Write everything the store keeps to a file, while it is in use.

    The store is checked first: a damaged one is not backed up. The file is readable by you alone; it
    holds patients' names, so keep it where the store itself may be. iop restore puts it back, into a
    file or into PostgreSQL.

    \b
    Examples:
      iop backup -o monday.iopbackup
      iop backup --store postgresql://iop@db/iop -o monday.iopbackup
    """
    target = _a_file(output, "-o")
    with _in_words(), _opened(store) as opened:
        read = {"the store": str(opened.location.path) if opened.location.path else None}
        must_be_writable(output, "-o", read)
        opened.back_up(target)
        events = opened.trail.history()
        where = str(opened.location)
    size = target.stat().st_size
    if as_json:
        out_json({"store": where, "file": str(target), "bytes": size, **_numbers(events)})
    else:
        said = printable(f"{_in_a_few_words(events)} from {where}")
        out(f"{said}\nWritten: {printable(str(target))} ({size / 1e6:,.1f} MB), checked")


def restore(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What iop backup wrote.")],
    store: Where = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Replace what the store holds; it is backed up first."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup back, all of it or nothing.

    The backup is checked first. A store that holds something is only replaced with --replace, and
    what it held is backed up first; a damaged one is kept beside it.

    \b
    Examples:
      iop restore monday.iopbackup
      iop restore monday.iopbackup --store postgresql://iop@db/iop --replace
    """
    source = _a_file(file, "FILE")
    if not source.is_file():
        raise FileFaults([Fault(printable(file), "no such file")])
    with _in_words():
        from ..store import locate, open_store
        from ..store import restore as put_back

        location = locate(store)
        if location.path is not None and location.path.exists() and location.path.samefile(source):
            raise UsageFault("FILE is the store itself; name a backup of it")
        done = put_back(source, location, _user(), replace=replace)
        with open_store(location, create=False) as opened:
            events = opened.trail.history()
    kept = str(done.kept) if done.kept is not None else None
    if as_json:
        out_json({"store": str(location), "kept": kept, **_numbers(events)})
        return
    out(printable(f"Restored {_in_a_few_words(events)} into {location}"))
    if kept is not None:
        note(f"note: what the store held before is in {kept}")


def history(
    store: Where = None,
    clinic: Annotated[
        str | None, typer.Option("--clinic", metavar="NAME", help="Of this clinic only.")
    ] = None,
    trail: Annotated[
        bool, typer.Option("--trail", help="Every line of the audit trail, not just these two.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List every saved version and every published week, in the order they were made.

    Says who did it and when; of each week's publications the last one holds. The order is that in
    which things were done, whatever the clock said.

    \b
    Examples:
      iop history
      iop history --clinic Riverside --json
      iop history --trail
    """
    with _in_words(), _opened(store) as opened:
        only = _clinic(opened, clinic)
        if trail:
            _tell_trail(opened.trail.lines(clinic_id=only), as_json=as_json)
        else:
            _tell_history(opened.location, opened.trail.history(only), as_json=as_json)


# -- the store ------------------------------------------------------------------------------------


@contextmanager
def _in_words() -> Iterator[None]:
    """What is wrong with the store is one sentence for whoever called."""
    from ..store import StoreError

    try:
        yield
    except StoreError as error:
        raise FileFaults([Fault("", str(error))]) from None


def _opened(where: str | None) -> Store:
    from ..store import open_store

    return open_store(where, create=False)


def _clinic(store: Store, name: str | None) -> str | None:
    if name is None:
        return None
    clinics = {c.name: c.id for c in store.clinics.all()}
    if name not in clinics:
        there = ", ".join(repr(n) for n in clinics) or "none"
        raise UsageFault(f"--clinic: no clinic {name!r} in this store; there are: {there}")
    return clinics[name]


def _a_file(path: str, option: str) -> Path:
    target = Path(path)
    if path in ("", "-") or (target.exists() and not target.is_file()):
        raise UsageFault(f"{option} {printable(path)!r}: a file is expected")
    return target


def _user() -> str:
    """Who is at this machine, for the audit trail."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


# -- what is said ---------------------------------------------------------------------------------


def _numbers(events: list[Event]) -> dict[str, int]:
    versions = sum(1 for e in events if e.kind == "version")
    return {"versions": versions, "publications": len(events) - versions}


def _in_a_few_words(events: list[Event]) -> str:
    from .. import report

    numbers = _numbers(events)
    versions = report.count(numbers["versions"], "saved version")
    return f"{versions} and {report.count(numbers['publications'], 'publication')}"


def _tell_history(location: Location, events: list[Event], *, as_json: bool) -> None:
    if as_json:
        out_json({"store": str(location), "events": [event.document() for event in events]})
        return
    if not events:
        out(printable(f"{location}: nothing has been saved or published yet"))
        return
    rows = [
        (
            _when(event),
            event.author,
            event.clinic,
            event.week_start,
            event.scenario_id,
            event.version,
            _what(event),
        )
        for event in events
    ]
    columns = ["When", "Who", "Clinic", "Week of", "Scenario", "Version", "What"]
    out(_tables(str(location), columns, rows, numbers=[5]))
    if any(event.clock_went_back for event in events):
        note("note: * the clock had been set back; the order is right, the time may not be")


def _what(event: Event) -> str:
    if event.publication is None:
        return "saved"
    return f"published, number {event.publication}" + (", holds" if event.holds else "")


def _when(event: Event) -> str:
    local = event.at.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return f"{local} *" if event.clock_went_back else local


def _tell_trail(lines: list[AuditLine], *, as_json: bool) -> None:
    from ..store.trail import details_of

    if as_json:
        out_json(
            [
                {
                    "line": line.number,
                    "at": line.at.isoformat(),
                    "author": line.author,
                    "action": line.action,
                    "clinic_id": line.clinic_id,
                    "subject_id": line.subject_id,
                    "details": details_of(line),
                }
                for line in lines
            ]
        )
        return
    rows = [
        (
            line.number,
            line.at.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
            line.author,
            line.action.replace("_", "-").replace(".", " "),
            line.subject_id,
        )
        for line in lines
    ]
    out(_tables("Audit trail", ["Line", "When", "Who", "What", "Of what"], rows, [0]))


def _tables(
    title: str, columns: list[str], rows: Sequence[Sequence[object]], numbers: Iterable[int] = ()
) -> str:
    from . import tables

    parts: list[RenderableType] = [tables.heading(title), tables.table(columns, rows, numbers)]
    return rendered(*parts).rstrip("\n")
