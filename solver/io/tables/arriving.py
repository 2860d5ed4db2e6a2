"""What kind of file somebody brings, told by what is in it and not by its name."""

from __future__ import annotations

import lzma
import os
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal, NoReturn

from ...errors import Fault, FileFaults
from ...validation.wording import quoted
from ..files import MAX_BYTES, parse_json
from ..writing import reason, shown
from .xlsx_in import DAMAGED, MAX_FILE, MAX_PARTS, MAX_UNPACKED

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SAVE_AS = "open it in a spreadsheet and save it as .xlsx (Excel workbook)"
_OTHER_ZIPS = {
    "mimetype": f"an OpenDocument file (.ods); {_SAVE_AS}",
    "xl/workbook.bin": f"a binary workbook (.xlsb); {_SAVE_AS}",
    "index/document.iwa": f"a Numbers document; {_SAVE_AS}",
    "word/document.xml": "a Word document; a workbook (.xlsx) is expected",
    "ppt/presentation.xml": "a presentation; a workbook (.xlsx) is expected",
}
"""Zip files that are no workbook of ours, by a part that tells them."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file or folder to be imported.

    Attributes:
        kind: a workbook, a folder of CSV files, the same in a zip, or a FHIR resource in JSON.
        content: bytes of a workbook; the CSV files of a zip by name; the parsed JSON of a resource;
            None of a folder.
    """

    kind: Literal["workbook", "csv", "zip", "fhir"]
    content: object = None


def arrival(path: str | os.PathLike[str]) -> Arrival:
    """What a path holds.

    Raises:
        FileFaults: with one fault: it cannot be read, or it is of a kind that is not imported.
    """
    try:
        if Path(path).is_dir():
            return Arrival("csv")
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise FileFaults([Fault(shown(str(path)), reason(error))]) from None
    return arrival_of(content)


def arrival_of(content: bytes) -> Arrival:
    """What the bytes of a file are.

    Raises:
        FileFaults: with one fault: it is of a kind that is not imported, or too large.
    """
    if len(content) > MAX_BYTES:
        _refuse(f"found more than {MAX_BYTES // 2**20} MB; no week is that large")
    if content[:2] == b"PK":
        if len(content) > MAX_FILE:
            _refuse(f"found more than {MAX_FILE // 2**20} MB; no workbook of a week is that large")
        files = _csv_files(content)
        return Arrival("zip", files) if files else Arrival("workbook", content)
    return _not_zipped(content)


def _refuse(message: str) -> NoReturn:
    raise FileFaults([Fault("", message)])


def _csv_files(content: bytes) -> dict[str, bytes]:
    """The CSV files of a zip by name; none of a workbook."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            infos = archive.infolist()
            _refuse_other_zips([info.filename.lstrip("/").lower() for info in infos])
            return _unpacked(archive, infos)
    except (
        zipfile.BadZipFile, zlib.error, lzma.LZMAError, ValueError, OSError, NotImplementedError,
        RuntimeError, EOFError,
    ):  # fmt: skip
        _refuse(DAMAGED)


def _refuse_other_zips(names: Sequence[str]) -> None:
    if len(names) > MAX_PARTS:
        _refuse(f"found more than {MAX_PARTS:,} parts in the file; a workbook has far fewer")
    there = set(names)
    for part, what in _OTHER_ZIPS.items():
        if part in there:
            _refuse(f"this is {what}")
    if not any(name.startswith("xl/") or name.endswith(".csv") for name in names):
        _refuse(
            "this is a zip file without a workbook or CSV files in it; a workbook (.xlsx) or a zip "
            "with one CSV file for each list is expected"
        )


def _unpacked(archive: zipfile.ZipFile, infos: Sequence[zipfile.ZipInfo]) -> dict[str, bytes]:
    """The CSV files, wherever in the zip they lie; unpacked in memory, none beyond the limit."""
    if any(info.filename.lstrip("/").lower().startswith("xl/") for info in infos):
        return {}
    files: dict[str, bytes] = {}
    left = MAX_UNPACKED
    for info in infos:
        folder, _, name = info.filename.replace("\\", "/").rpartition("/")
        if not name.lower().endswith(".csv") or name.startswith((".", "~$")):
            continue
        if folder.startswith("__MACOSX"):
            continue
        if name in files:
            _refuse(f"found two files {quoted(name)} in the zip; keep one of them")
        with archive.open(info) as member:
            files[name] = member.read(left + 1)
        left -= len(files[name])
        if left < 0:
            _refuse(f"found more than {MAX_UNPACKED // 2**20} MB unpacked; no week is that large")
    return files


def _not_zipped(content: bytes) -> Arrival:
    start = content[:2000].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not content.strip(b"\x00 \t\r\n"):
        _refuse("the file is empty")
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            _refuse("is protected by a password; take the password off and save it again")
        _refuse(f"this is a workbook of the old kind (.xls); {_SAVE_AS}")
    if start[:1] == b"<":
        _refuse(f"this is XML or HTML; a workbook (.xlsx) is expected: {_SAVE_AS}")
    if start[:1] in (b"{", b"["):
        return _json(content)
    if b"\x00" not in content and (b";" in start or b"," in start or b"\t" in start):
        _refuse("this looks like one CSV file; a folder with one for each list is expected")
    _refuse("this is no workbook (.xlsx), no folder of CSV files and no FHIR resource (JSON)")


def _json(content: bytes) -> Arrival:
    data = parse_json(content)
    if isinstance(data, dict) and "resourceType" in data:
        return Arrival("fhir", data)
    if isinstance(data, dict) and "week_start" in data:
        _refuse("this is a scenario or a schedule already; `iop validate` checks a scenario")
    _refuse("JSON, but no FHIR resource: it has no resourceType")
