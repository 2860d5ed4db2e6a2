"""`iop solve-all`: a folder of sites, solved side by side."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .batch import (
    Cluster,
    Quiet,
    Reproducible,
    Seed,
    Workers,
    must_be_seconds,
    opened_pool,
    shown_states,
)
from .options import AsJson
from .terminal import (
    STANDARD_STREAM,
    Code,
    UsageFault,
    WrongFile,
    note,
    out,
    out_json,
    printable,
    rendered,
)

if TYPE_CHECKING:
    from ..network import Site, SiteAnswer
    from ..pool import Outcome


def solve_all(
    folder: Annotated[
        str, typer.Argument(metavar="DIR", help="The folder with a scenario file for each site.")
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="OUT", help="Write all answers to this folder.")
    ],
    time_limit: Annotated[
        float,
        typer.Option(
            "--time-limit",
            metavar="SECONDS",
            help="For each site, if it had the machine for itself; on a cluster for each site.",
        ),
    ] = 60.0,
    seed: Seed = 0,
    workers: Workers = None,
    cluster: Cluster = None,
    reproducible: Reproducible = False,
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Solve the weeks of all sites in a folder, side by side, with a summary over all of them.

    Each SITE.json gives SITE.schedule.json and SITE.result.json in the output folder as soon as it is
    solved; summary.csv comes at the end. A solve whose process or worker dies is begun again. Sites
    that share this machine have as much more time: all take as long as one after the other would.
    Exit code 1 when a site has no schedule at all, 3 when one was not decided in time.

    \b
    Example:
      iop solve-all sites -o weeks --time-limit 120
    """
    must_be_seconds(time_limit)
    from ..network import NetworkFaults, load_sites, solve_sites
    from ..result import Settings
    from .solve import interruptible

    try:
        sites = load_sites(Path(folder))
    except NetworkFaults as error:
        raise WrongFile(printable(folder), error.faults) from None
    into = _folder(output, folder)
    if not quiet:
        for site in sites:
            for notice in site.notices:
                note(f"note: {site.name}: {notice}")
    settings = Settings(time_limit=time_limit, seed=seed, reproducible=reproducible)
    names = {site.name: site.name for site in sites}
    with (
        opened_pool(cluster, workers, len(sites)) as pool,
        shown_states(names, quiet) as listener,
    ):
        answers = interruptible(
            lambda stop: solve_sites(
                sites,
                settings,
                pool,
                cluster is None,
                lambda site, outcome: _write(into, site, outcome),
                listener,
                stop,
            ),
            quiet,
        )
    _give_out(answers, into, quiet, as_json)
    raise typer.Exit(_code(answers))


def _folder(output: str, sites: str) -> Path:
    """The output folder, made if it is not there; not the one that is read."""
    path = Path(output)
    if output == STANDARD_STREAM or (path.exists() and not path.is_dir()):
        raise UsageFault(f"-o {printable(output)}: a folder is expected")
    if path.exists() and path.samefile(sites):
        raise UsageFault(f"-o {printable(output)} is the folder of the sites; name another one")
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageFault(f"-o {printable(output)}: cannot be made: {reason}") from None
    return path


def _write(into: Path, site: Site, outcome: Outcome) -> None:
    from ..io.files import save_json
    from ..result import Result

    if isinstance(outcome, Result):
        if outcome.schedule is not None:
            save_json(into / f"{site.name}.schedule.json", outcome.schedule)
        save_json(into / f"{site.name}.result.json", outcome.document())


def _give_out(answers: list[SiteAnswer], into: Path, quiet: bool, as_json: bool) -> None:
    from ..io.writing import write_file
    from ..network import HEADINGS, document, rows
    from . import tables

    text = io.StringIO()
    csv.writer(text).writerows([HEADINGS, *rows(answers)])
    write_file(into / "summary.csv", text.getvalue().encode())
    if as_json:
        out_json(document(answers))
    elif not quiet:
        shown = rendered(tables.table(HEADINGS, rows(answers), range(2, len(HEADINGS))))
        out(f"{shown.rstrip()}\n\nWritten: {printable(str(into))}")


def _code(answers: list[SiteAnswer]) -> Code:
    statuses = {a.status for a in answers}
    if "infeasible" in statuses:
        return Code.NO
    return Code.UNDECIDED if statuses & {"unknown", "failed"} else Code.DONE
