"""The same sheets as a folder of CSV files, one a sheet.

Written: UTF-8 with a byte order mark (Excel needs it), commas, every text in quotes. Read: UTF-8 with
or without the mark, commas, semicolons or tabs, any line ends. A text that a spreadsheet would take
for a formula gets an apostrophe in front, which reading takes off again.
"""

from __future__ import annotations

import csv
import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from ...errors import Fault, FileFaults
from ..writing import reason, write_folder
from . import words
from .cells import MAX_CELLS, MAX_LETTERS, Sheet, Written, clean_title
from .layout import Table, tables
from .lists import plain_text
from .writing import Filled

MAX_FILE = 10 * 2**20
MAX_FILES = 100
_FORMULA_STARTS = "=+-@＝＋－＠\t\r"
"""With what a text begins that a spreadsheet might calculate, in wide letters too."""
_DELIMITERS = ",;\t"
_MOST_FIELDS = 1_000
_HEAD = 100_000


def write_csv(folder: str | os.PathLike[str], sheets: Filled) -> None:
    """Write the sheets into a new folder, all of them or none.

    Raises:
        FileFaults: there are files already, or none can be written there.
    """
    texts = {table.file_name: _as_csv(_grid(table, sheets[table.path])) for table in tables()}
    write_folder(folder, {name: text.encode("utf-8-sig") for name, text in texts.items()})


def read_csv(folder: str | os.PathLike[str]) -> list[Sheet]:
    """The sheets in a folder's CSV files, in the order of their names.

    Raises:
        FileFaults: with one fault for each file that cannot be read.
    """
    return _sheets((path.name, partial(_content, path)) for path in _paths(folder))


def read_named_csv(files: Mapping[str, bytes]) -> list[Sheet]:
    """The sheets in CSV files that are no folder: unpacked from a zip, or brought one by one.

    Raises:
        FileFaults: as ``read_csv``.
    """
    names = sorted(name for name in files if _is_csv(name))
    _refuse_number(len(names))
    return _sheets((name, partial(_limited, name, files[name])) for name in names)


def _sheets(files: Iterable[tuple[str, Callable[[], bytes]]]) -> list[Sheet]:
    sheets: list[Sheet] = []
    faults: list[Fault] = []
    left = _Left()
    for name, content in files:
        try:
            sheets.append(_sheet(name, content(), left))
        except FileFaults as error:
            faults += error.faults
        if left.is_used_up:
            break
    if faults:
        raise FileFaults(faults)
    return sheets


def _is_csv(name: str) -> bool:
    return name.lower().endswith(".csv") and not name.startswith((".", "~$"))


def _refuse_number(files: int) -> None:
    if not files:
        message = "no CSV file is in this folder; `iop template` writes one for each list"
        raise FileFaults([Fault("", message)])
    if files > MAX_FILES:
        message = f"found {files} CSV files in this folder; a week has some twenty"
        raise FileFaults([Fault("", message)])


def _paths(folder: str | os.PathLike[str]) -> list[Path]:
    try:
        paths = sorted(path for path in Path(folder).iterdir() if _is_csv(path.name))
    except (OSError, ValueError) as error:
        raise FileFaults([Fault("", reason(error))]) from None
    _refuse_number(len(paths))
    return paths


# -- writing --------------------------------------------------------------------------------------


def _grid(table: Table, rows: Sequence[Sequence[Written | None]]) -> Iterator[list[object]]:
    headings = [column.heading for column in table.columns]
    if table.is_form:
        for heading, value in zip(headings, rows[0], strict=True):
            yield [heading, _field(value)]
    else:
        yield list(headings)
        for row in rows:
            yield list(map(_field, row))


def _field(value: Written | None) -> object:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if _needs_apostrophe(value) else value
    return value if isinstance(value, int | float) else plain_text(value)


def _needs_apostrophe(text: str) -> bool:
    """Whether a spreadsheet would take a text for a formula, or it begins like one guarded already."""
    return text.lstrip("'")[:1] in (*_FORMULA_STARTS,)


def _as_csv(rows: Iterator[list[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


# -- reading --------------------------------------------------------------------------------------


class _Left:
    """How many cells and letters may still be read."""

    def __init__(self) -> None:
        self.cells, self.letters = MAX_CELLS, MAX_LETTERS

    @property
    def is_used_up(self) -> bool:
        return self.cells < 0 or self.letters < 0

    def take(self, name: str, cells: Mapping[int, str]) -> None:
        """Count a line's cells; FileFaults when there are more than any week has."""
        self.cells -= len(cells)
        self.letters -= sum(map(len, cells.values()))
        if self.is_used_up:
            message = "found far more cells or letters than a week has"
            raise FileFaults([Fault(clean_title(name), message)])


def _sheet(name: str, content: bytes, left: _Left) -> Sheet:
    text = _text(name, content)
    first, _, rest = text.partition("\n")
    stated = first.strip().casefold().removeprefix("sep=")
    if first.strip().casefold().startswith("sep=") and stated in tuple(_DELIMITERS):
        text = rest  # a line with which Excel is told the separator
        delimiter = stated
    else:
        delimiter = _delimiter(text)
    sheet = Sheet(clean_title(name))
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        for number, fields in enumerate(reader, start=1):
            if len(fields) > _MOST_FIELDS:
                raise csv.Error
            cells = {at: _plain(value) for at, value in enumerate(fields, start=1) if value}
            if cells:
                left.take(name, cells)
                sheet.rows[number] = dict(cells)
    except csv.Error:
        message = "cannot be read as CSV: a quotation mark is not closed, or it is another format"
        raise FileFaults([Fault(clean_title(name), message)]) from None
    return sheet


def _content(path: Path) -> bytes:
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise IsADirectoryError
        with path.open("rb") as file:
            content = file.read(MAX_FILE + 1)
    except (OSError, ValueError) as error:
        raise FileFaults([Fault(clean_title(path.name), reason(error))]) from None
    return _limited(path.name, content)


def _limited(name: str, content: bytes) -> bytes:
    if len(content) > MAX_FILE:
        message = f"found more than {MAX_FILE // 2**20} MB; no list of a week is that long"
        raise FileFaults([Fault(clean_title(name), message)])
    return content


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        message = f'line {line} is not UTF-8 text; in Excel save it as "CSV UTF-8"'
        raise FileFaults([Fault(clean_title(name), message)]) from None


def _delimiter(text: str) -> str:
    """What stands between the fields: the mark with which most of the headings come out."""
    known = {words.key(column.heading) for table in tables() for column in table.columns}
    head = text[:_HEAD].splitlines()[:20]

    def hits(delimiter: str) -> tuple[int, int]:
        try:
            fields = [field for row in csv.reader(head, delimiter=delimiter) for field in row]
        except csv.Error:
            return 0, 0
        return sum(words.key(field) in known for field in fields), len(fields)

    return max(_DELIMITERS, key=hits)


def _plain(value: str) -> str:
    """A field without the apostrophe that kept it from being a formula."""
    return value[1:] if value[0] == "'" and _needs_apostrophe(value) else value
