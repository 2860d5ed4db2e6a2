"""`python -m bench`: measures ours against what could be taken instead, and writes bench/RESULTS.md.

--smoke measures a little of everything in under ten minutes and prints it. --full measures
everything, in rows of under ten minutes that are kept in bench/results as soon as they end: it can be
stopped and begun again, and measures what is missing. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic

from bench import against_timefold, charts, report, studies
from bench.store import Store, machine
from bench.studies import Row, Study

HERE = Path(__file__).parent
SMOKE_SECONDS = 9.5 * 60


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def spoken(seconds: float) -> str:
    """3 h 20 min, 12 min, 40 s."""
    minutes = round(seconds / 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min" if minutes >= 2 else f"{seconds:.0f} s"


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--smoke", action="store_true", help="under ten minutes (the default)")
    what.add_argument("--full", action="store_true", help="whatever is not measured yet, hours")
    what.add_argument("--list", action="store_true", help="what --full would measure, and how long")
    what.add_argument("--report", action="store_true", help="write RESULTS.md from what is stored")
    parser.add_argument(
        "--only", default="", metavar="STUDIES", help="of these studies, e.g. plain,growth"
    )
    parser.add_argument(
        "--match", default="", metavar="TEXT", help="only rows with this in their name"
    )
    parser.add_argument(
        "--seeds", type=int, default=None, metavar="N", help="only the first N seeds of every week"
    )
    parser.add_argument(
        "--minutes", type=float, default=None, metavar="M", help="begin no row that would end later"
    )
    parser.add_argument(
        "--rehab",
        type=Path,
        default=os.environ.get("REHAB_INSTANCES"),
        metavar="DIR",
        help="the folder of the rehabilitation instances (or REHAB_INSTANCES)",
    )
    parser.add_argument(
        "--again", action="store_true", help="measure anew what an older search was measured with"
    )
    parser.add_argument(
        "--limit",
        type=float,
        default=None,
        metavar="S",
        help="other seconds than a row's own, for a trial",
    )
    parser.add_argument(
        "--results", type=Path, default=None, metavar="DIR", help="keep and report rows elsewhere"
    )
    return parser.parse_args(words)


def chosen(options: argparse.Namespace, found: Iterator[Study]) -> list[Study]:
    """The studies and rows that were asked for.

    Raises:
        SystemExit: there is no study of that name.
    """
    asked = [name for name in options.only.split(",") if name]
    known = list(found)
    unknown = set(asked) - {study.name for study in known}
    if unknown:
        names = ", ".join(study.name for study in known)
        raise SystemExit(f"--only: no study {', '.join(sorted(unknown))}; there are {names}")

    def is_asked(row: Row) -> bool:
        return options.match in row.key and (options.seeds is None or row.seed <= options.seeds)

    return [
        replace(study, rows=list(filter(is_asked, study.rows)))
        for study in known
        if not asked or study.name in asked
    ]


def everything(options: argparse.Namespace, instances: Path | None) -> Iterator[Study]:
    """All studies; with --limit each row as a trial of so many seconds, which is another row."""
    whole = options.full or options.list or options.report
    for study in (studies.full if whole else studies.smoke)(instances):
        if options.limit is None:
            yield study
        else:
            yield replace(study, rows=[row.trial(options.limit) for row in study.rows])


def measure(
    found: Sequence[Study], store: Store, seconds: float | None, instances: Path | None, again: bool
) -> None:
    """Measure the rows that are missing, study after study, each kept as soon as it ends."""
    made, began = machine(), monotonic()
    for study in found:
        known = store.rows(study.name)
        if study.needs:
            note(f"{study.title}: {study.needs}")
            continue
        for number, row in enumerate(study.rows, 1):
            old = known.get(row.key)
            if old is not None and not (again and old["machine"]["search"] != made.search):
                continue
            if row.week.startswith("rehab") and instances is None:
                note(f"{study.name} {number}: no folder of instances for {row.week}")
                continue
            left = None if seconds is None else seconds - (monotonic() - began)
            if left is not None and row.seconds > left:
                note(f"{study.name} {number}: no time left for {row.key}")
                continue
            note(
                f"{study.name} {number} of {len(study.rows)}: {row.key} (up to {spoken(row.seconds)})"
            )
            # Taken before the row: sources may change while it runs, and later rows are of those.
            made = machine()
            store.add(study.name, row.measured(instances), made)


def plan(found: Sequence[Study], store: Store) -> str:
    """What would be measured, and how long it takes at most."""
    lines, total = [], 0.0
    for study in found:
        known = store.rows(study.name)
        left = [row for row in study.rows if row.key not in known]
        seconds = sum(row.seconds for row in left)
        total += seconds
        longest = max((row.seconds for row in study.rows), default=0.0)
        lines.append(
            f"{study.name:10} {len(left):4} of {len(study.rows):4} rows to measure, up to "
            f"{spoken(seconds)} in all, {spoken(longest)} the longest"
            + (f"; {study.needs}" if study.needs else "")
        )
    return "\n".join([*lines, f"{'all':10} up to {spoken(total)}"])


def main(words: Sequence[str] | None = None) -> int:
    options = arguments(words)
    instances = Path(options.rehab) if options.rehab else None
    if instances is not None and not instances.is_dir():
        note(f"--rehab {instances}: no such folder")
        return 2
    if not (options.full or options.list or options.report):
        return smoke(options, instances)
    store = Store(options.results) if options.results else Store()
    found = chosen(options, everything(options, instances))
    if options.list:
        print(plan(found, store))
        return 0
    if options.full:
        if any(study.name == "timefold" for study in found):
            against_timefold.prepare(note)
            found = chosen(options, everything(options, instances))
        note(plan(found, store))
        seconds = None if options.minutes is None else 60 * options.minutes
        measure(found, store, seconds, instances, options.again)
    folder = options.results or HERE
    written = list(everything(options, instances))
    charts.write(written, store, folder / "charts", note)
    text = report.results(written, store, machine(), folder / "charts")
    (folder / "RESULTS.md").write_text(text, "utf-8")
    note(f"Written: {folder / 'RESULTS.md'}")
    return 1 if report.refuted(written, store) else 0


def smoke(options: argparse.Namespace, instances: Path | None) -> int:
    """Measure a little of everything, and print it; nothing is kept."""
    found = chosen(options, everything(options, instances))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        store = Store(Path(folder))
        note(plan(found, store))
        seconds = SMOKE_SECONDS if options.minutes is None else 60 * options.minutes
        measure(found, store, seconds, instances, again=False)
        print(report.results(found, store, machine(), None))
        return 1 if report.refuted(found, store) else 0


if __name__ == "__main__":
    sys.exit(main())
