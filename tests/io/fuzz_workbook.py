"""Workbooks damaged at random: each is read or refused in words, in no time and in little memory.

``python -m tests.io.fuzz_workbook SEED COUNT`` runs as many as one likes and prints what came out.
"""

from __future__ import annotations

import io
import random
import re
import resource
import sys
import tempfile
import time
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from solver.errors import FileFaults
from solver.io.tables import import_workbook
from solver.io.tables.arriving import arrival
from solver.io.tables.writing import filled, template
from solver.io.tables.xlsx_out import xlsx_bytes
from tests.io.workbooks import every_field

Parts = dict[str, bytes]

STRANGE = (
    "", " ", "0", "-1", "1e308", "1e999", "-0.5", "NaN", "9" * 400, "46027", "0.375", "2958466",
    "TRUE", "Mon", "Mon 9-5", "Mon-Sun 00:00-24:00", "Fri-Mon 10:00-9:00", "never", "none", "any",
    "ana", "iop", "eve", '"', '"a', '"\\ud800"', "a,b;c\nd", "=1+1", "e.g. x", "#REF!", "\u202e",
    "_x0000_", "_xD800_", "😀" * 50, "x" * 40_000, "1/2/2026", "2026-02-30", "24:00", "24:01",
    ", ".join(["mon 09:00-10:00"] * 500), "; ".join(['"a" or b'] * 500), "(" * 3_000,
)  # fmt: skip
_VALUE = re.compile(rb"<(v|t)((?: [^>]*)?)>([^<]*)</\1>")
_ATTRIBUTE = re.compile(rb'="([^"]*)"')
_NOT_READ = re.compile(r"comments|drawings|theme|docProps")
_LAUGHS = b"<!DOCTYPE a [<!ENTITY a 'ha'>%s]>" % b"".join(
    b"<!ENTITY a%d '%s'>" % (n, b"&a%s;" % (str(n - 1).encode() if n else b"") * 9)
    for n in range(9)
)


@dataclass(slots=True)
class Tally:
    """What became of many workbooks.

    Attributes:
        outcomes: how many were read, and how many were refused.
        damage: how many there were of each kind of damage.
        slowest: CPU seconds of the slowest one.
        peak_mb: largest memory of the process in MB.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    damage: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    peak_mb: float = 0.0


def fuzz_workbook(seed: int, n: int) -> Tally:
    """Damage ``n`` workbooks and import them; AssertionError, with seed and number, for any other
    end than a scenario or faults that anybody can read."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "week.xlsx"
        for number in range(n):
            r = random.Random(f"{seed} {number}")
            kind, content = damaged(r)
            path.write_bytes(content)
            began = time.process_time()
            try:
                outcome = _outcome(path)
            except Exception as error:
                message = (
                    f"workbook {number} of seed {seed} ({kind}): {type(error).__name__}: {error}"
                )
                raise AssertionError(message) from error
            tally.slowest = max(tally.slowest, time.process_time() - began)
            tally.outcomes[outcome] += 1
            tally.damage[kind] += 1
    tally.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return tally


def _outcome(path: Path) -> str:
    said: list[str] = []
    try:
        come = arrival(path)
        if come.kind != "workbook" or not isinstance(come.content, bytes):
            raise TypeError(f"taken for {come.kind}")
        import_workbook(come.content)
    except FileFaults as error:
        said = [str(fault) for fault in error.faults]
    for message in said:
        if not message.isprintable() or not 10 < len(message) < 2_000:
            raise ValueError(f"not readable: {message!r}")
    return "refused" if said else "read"


def damaged(r: random.Random) -> tuple[str, bytes]:
    """One workbook with something wrong, and what kind of damage it is."""
    kind = r.choices(list(_DAMAGE), weights=_HOW_OFTEN)[0]
    if kind == "bytes":
        return kind, damaged_bytes(r, zipped(_parts(r)))
    parts = dict(_parts(r))
    for _ in range(1 if kind == "bombs" else r.choice([1, 1, 2, 5, 20])):
        _DAMAGE[kind](r, parts)
    return kind, zipped(parts)


@cache
def _bases() -> tuple[Parts, ...]:
    books = xlsx_bytes(filled(every_field()), False), xlsx_bytes(template(), True)
    return tuple(unzipped(book) for book in books)


def _parts(r: random.Random) -> Parts:
    return _bases()[0 if r.random() < 0.9 else 1]


def unzipped(content: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [name for name in archive.namelist() if not _NOT_READ.search(name)]
        return {name: archive.read(name) for name in names}


def zipped(parts: Parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def damaged_bytes(r: random.Random, content: bytes) -> bytes:
    """Bytes changed, cut out, doubled; or the rest of the file gone."""
    damage = bytearray(content)
    for _ in range(r.choice([1, 1, 3, 30])):
        at = r.randrange(2, len(damage))
        end = min(len(damage), at + r.choice([1, 1, 4, 40, 400]))
        junk = r.randbytes(r.randrange(8))
        damage[at:end] = r.choice([b"", junk, bytes(damage[at:end]) * 2])
        if r.random() < 0.1:
            del damage[max(2, at) :]
        if len(damage) < 10:
            break
    return bytes(damage)


def _sheet(r: random.Random, parts: Parts) -> str:
    return r.choice([name for name in parts if "/worksheets/sheet" in name] or list(parts))


def _values(r: random.Random, parts: Parts) -> None:
    """Somebody typed nonsense: texts, numbers, indexes."""
    name = r.choice([_sheet(r, parts), "xl/sharedStrings.xml"])
    found = list(_VALUE.finditer(parts.get(name, b"")))
    if found:
        at = r.choice(found)
        new = escape(r.choice(STRANGE)).encode("utf-8", "replace")
        content = parts[name]
        parts[name] = content[: at.start(3)] + new + content[at.end(3) :]


def _attributes(r: random.Random, parts: Parts) -> None:
    """Cell addresses, styles, types, sheet names, relations."""
    name = r.choice([_sheet(r, parts), *parts])
    found = list(_ATTRIBUTE.finditer(parts[name]))
    if found:
        at = r.choice(found)
        news = (
            *STRANGE[:12],
            "A1",
            "XFD1048576",
            "ZZZ9999999",
            "s",
            "b",
            "e",
            "d",
            "n",
            "str",
            "inlineStr",
        )
        new = escape(r.choice(news)).encode().replace(b'"', b"")
        content = parts[name]
        parts[name] = content[: at.start(1)] + new + content[at.end(1) :]


def _xml(r: random.Random, parts: Parts) -> None:
    """Pieces of XML cut out, moved, doubled, or put in."""
    name = r.choice([_sheet(r, parts), *parts])
    content = parts[name]
    tags = [found.start() for found in re.finditer(rb"<", content)] or [0]
    start, end = sorted((r.choice(tags), r.choice(tags)))
    piece = content[start : min(end, start + 5_000)]
    at = r.choice(tags)
    junk = r.choice(
        [
            piece, piece * 3, b"<c><v>1</v></c>", b"<row><c t='s'><v>-1</v></c></row>", b"&amp;",
            b"&#0;", b"&lol;", b"<!-- -->", b"<![CDATA[<c>]]>", b"</row>", b"<c t='s'/>", b"\xff",
            b"<mergeCell ref='A1:XFD1048576'/>", b"<row r='0'>", b"<f>1+1</f>", b"<rPh><t>x</t></rPh>",
        ]
    )  # fmt: skip
    parts[name] = r.choice([content[:start] + content[end:], content[:at] + junk + content[at:]])


def _whole_parts(r: random.Random, parts: Parts) -> None:
    """Parts lost, swapped, emptied, or of another kind altogether."""
    name = r.choice(list(parts))
    other = r.choice(list(parts))
    match r.randrange(5):
        case 0 if len(parts) > 1:
            del parts[name]
        case 1:
            parts[name], parts[other] = parts[other], parts[name]
        case 2:
            parts[name] = b""
        case 3:
            parts[name] = parts[name].decode("utf-8", "replace").encode("utf-16")
        case _:
            parts[name] = r.randbytes(200)


def _bombs(r: random.Random, parts: Parts) -> None:
    """Little files that become large ones."""
    others = ("xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml")
    name = r.choice([_sheet(r, parts)] * 5 + [other for other in others if other in parts])
    head = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    match r.randrange(8):
        case 0:
            parts[name] = b" " * (60 * 2**20)
        case 1:
            parts[name] = head + b"<row>" + b"<c/>" * 2_000_000
        case 2:
            parts[name] = head + b"<row><c t='inlineStr'><is><t>x</t></is></c></row>" * 300_000
        case 3:
            parts[name] = _LAUGHS + b"<a>&a8;</a>"
        case 4:
            parts[name] = b"<a>" * 3_000_000
        case 5:
            merges = b"".join(b'<mergeCell ref="A%d:A%d"/>' % (n, n + 9) for n in range(1, 20_000))
            parts[name] = parts[name].replace(b"</worksheet>", merges + b"</worksheet>")
        case 6:
            lines = b"".join(b"<row><c t='n'><v>%d</v></c></row>" % n for n in range(9_000))
            parts[name] = parts[name].replace(b"</sheetData>", lines + b"</sheetData>")
        case _:
            parts[name] = head + b'<row><c r="' + b"A" * (20 * 2**20) + b'"/></row>'


_DAMAGE = {
    "bytes": lambda r, parts: None,
    "values": _values,
    "attributes": _attributes,
    "xml": _xml,
    "parts": _whole_parts,
    "bombs": _bombs,
}
_HOW_OFTEN = (10, 40, 15, 25, 8, 2)

if __name__ == "__main__":
    print(fuzz_workbook(int(sys.argv[1]), int(sys.argv[2])))
