"""Reading workbooks (.xlsx): the values of all cells, whoever wrote the file and whatever is in it.

A workbook is a zip of XML parts and comes from anywhere, so nothing in it is trusted: only the parts
that hold values are opened, none of them is unpacked beyond ``MAX_UNPACKED``, elements are counted
as they come, and a part that brings definitions of its own (entities) is refused. openpyxl, which
writes our workbooks, builds whole rows and whole parts before anybody can say stop, and reads
pictures, charts and much else that no week needs; of it only the knowledge of number formats is used.
"""

from __future__ import annotations

import math
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import NoReturn
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.cell import column_index_from_string

from ...errors import Fault, FileFaults
from .cells import EPOCH_1900, EPOCH_1904, MAX_CELLS, Broken, Merge, Moment, Raw, Sheet, clean_title

MAX_FILE = 10 * 2**20
"""Largest workbook that is read, in bytes; the week of a network of 120 patients has 60 kB."""
MAX_UNPACKED = 30 * 2**20
"""Most that all parts that are read may come to, unpacked."""
MAX_PARTS = 2_000
MAX_ELEMENTS = 600_000
"""XML elements in all parts together; a cell is two of them."""
MAX_SHEETS = 100
MAX_MERGES = 5_000

_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_CJK_DATES = frozenset({*range(27, 37), *range(50, 59)})
"""Built-in formats that are dates in East Asian workbooks and that no list of codes names."""
_ISO_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:T00:00(?::00(?:\.0+)?)?Z?)?")

DAMAGED = "cannot be read as a workbook: it is damaged or cut off; save it anew as .xlsx"
_ERRORS = "the cell shows an error; mend the formula or type the value"
_NO_VALUE = (
    "the formula has no value yet; open the workbook in Excel or LibreOffice, save it, and import it"
    " again, or type the value"
)


def read_xlsx(content: bytes) -> list[Sheet]:
    """Every sheet of a workbook, in its order.

    Raises:
        FileFaults: with one fault, that says why the file cannot be read.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _Workbook(archive).sheets()
    except FileFaults:
        raise
    except (
        zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, NotImplementedError,
        LookupError, ValueError, OverflowError, RuntimeError, OSError, struct.error,
    ):  # fmt: skip
        _refuse(DAMAGED)


def _refuse(message: str) -> NoReturn:
    raise FileFaults([Fault("", message)])


class _Workbook:
    """One open workbook, and how much of it has been read."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        if len(archive.infolist()) > MAX_PARTS:
            _refuse(f"found more than {MAX_PARTS:,} parts in the file; a workbook has far fewer")
        self.parts = {info.filename.lstrip("/").lower(): info for info in archive.infolist()}
        self.unpacked = self.elements = self.cells = 0
        self.strings: list[str] = []
        self.formats: list[str] = []
        self.epoch = EPOCH_1900

    def sheets(self) -> list[Sheet]:
        """Every sheet with its cells."""
        main = self._main_part()
        links = self._links(main)
        book = _Book()
        self._parse(main, book.start, book.end)
        self.epoch = EPOCH_1904 if book.is_1904 else EPOCH_1900
        if len(book.sheets) > MAX_SHEETS:
            _refuse(f"found more than {MAX_SHEETS} sheets; a week has some twenty")
        by_kind = dict(links.values())
        if "sharedStrings" in by_kind:
            strings = _Strings()
            self._parse(by_kind["sharedStrings"], strings.start, strings.end, strings.text)
            self.strings = strings.found
        if "styles" in by_kind:
            styles = _Styles()
            self._parse(by_kind["styles"], styles.start, styles.end)
            self.formats = styles.formats()
        sheets = []
        for title, link in book.sheets:
            kind, target = links[link]
            if kind == "worksheet":
                reader = _Cells(self, Sheet(clean_title(title)))
                self._parse(target, reader.start, reader.end, reader.text)
                sheets.append(reader.sheet)
        return sheets

    def _main_part(self) -> str:
        for kind, target in self._links("").values():
            if kind == "officeDocument":
                return target
        _refuse(DAMAGED)

    def _links(self, part: str) -> dict[str, tuple[str, str]]:
        """What a part refers to: by id, the kind of the other part and its name."""
        folder, name = posixpath.split(part)
        links: dict[str, tuple[str, str]] = {}

        def start(tag: str, attributes: Mapping[str, str]) -> None:
            if tag == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"]))
                kind = attributes["Type"].rpartition("/")[2]
                links[attributes["Id"]] = (kind, target.lstrip("/"))

        self._parse(posixpath.join(folder, "_rels", f"{name}.rels"), start)
        return links

    def _parse(
        self,
        part: str,
        start: Callable[[str, Mapping[str, str]], None],
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Go through the XML of one part; tags and attributes come without their namespace."""

        def begin(tag: str, attributes: dict[str, str]) -> None:
            self.elements += 1
            if self.elements > MAX_ELEMENTS:
                _refuse("found far more cells than a week has; delete empty rows and columns")
            named = {_local(key): value for key, value in attributes.items()} if attributes else {}
            start(_local(tag), named)

        def finish(tag: str) -> None:
            if end is not None:
                end(_local(tag))

        def no_definitions(*_: object) -> NoReturn:
            _refuse(DAMAGED)

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = begin
        parser.EndElementHandler = finish
        parser.StartDoctypeDeclHandler = no_definitions
        if text is not None:
            parser.CharacterDataHandler = text
        parser.Parse(self._content(part), True)

    def _content(self, part: str) -> bytes:
        info = self.parts[part.lower()]
        if info.flag_bits & 0x1:
            _refuse("is protected by a password; take the password off and save it again")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            _refuse(DAMAGED)
        left = MAX_UNPACKED - self.unpacked
        with self.archive.open(info) as stream:
            content = stream.read(left + 1)
        self.unpacked += len(content)
        if len(content) > left:
            size = MAX_UNPACKED // 2**20
            _refuse(f"unpacks to more than {size} MB; no week is that large")
        return content


def _local(name: str) -> str:
    return name.rpartition(":")[2]


class _Book:
    """The list of sheets."""

    def __init__(self) -> None:
        self.is_1904 = False
        self.sheets: list[tuple[str, str]] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "workbookPr":
            self.is_1904 = attributes.get("date1904") in ("1", "true")
        elif tag == "sheet":
            self.sheets.append((attributes["name"], attributes["id"]))

    def end(self, tag: str) -> None:
        """Nothing ends that matters."""


class _Strings:
    """Texts that several cells share; pronunciation guides are left out."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._parts: list[str] = []
        self._is_text = self._is_guide = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "si":
            self._parts = []
        elif tag == "rPh":
            self._is_guide = True
        self._is_text = tag == "t"

    def text(self, data: str) -> None:
        if self._is_text and not self._is_guide:
            self._parts.append(data)

    def end(self, tag: str) -> None:
        self._is_text = False
        if tag == "rPh":
            self._is_guide = False
        elif tag == "si":
            self.found.append(_unescaped("".join(self._parts)))


class _Styles:
    """Which styles show a number as a date or time."""

    def __init__(self) -> None:
        self.codes: dict[int, str] = {}
        self.numbers: list[int] = []
        self._in_cells = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "numFmt":
            self.codes[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif tag == "cellXfs":
            self._in_cells = True
        elif tag == "xf" and self._in_cells:
            self.numbers.append(int(attributes.get("numFmtId", "0")))

    def end(self, tag: str) -> None:
        if tag == "cellXfs":
            self._in_cells = False

    def formats(self) -> list[str]:
        """The format code of each style; "d" for one that only its number makes a date."""
        return [self.codes.get(number) or _builtin(number) for number in self.numbers]


def _builtin(number: int) -> str:
    return "d" if number in _CJK_DATES else BUILTIN_FORMATS.get(number, "General")


class _Cells:
    """The cells of one sheet."""

    def __init__(self, book: _Workbook, sheet: Sheet) -> None:
        self.book, self.sheet = book, sheet
        self.dated = [is_date_format(code) for code in book.formats]
        self.row = self.column = 0
        self._cell: Mapping[str, str] = {}
        self._value: list[str] = []
        self._has_value = self._is_formula = self._is_value = self._is_guide = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
        elif tag == "c":
            self._begin_cell(attributes)
        elif tag == "mergeCell":
            self._merge(attributes["ref"])
        elif tag == "f":
            self._is_formula = True
        elif tag == "rPh":
            self._is_guide = True
        self._is_value = tag in ("v", "t") and not self._is_guide
        self._has_value = self._has_value or self._is_value

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        self._cell = attributes
        self._value = []
        self._has_value = self._is_formula = False
        self.column += 1
        if "r" in attributes:
            found = _CELL.fullmatch(attributes["r"])
            if found is None:
                _refuse(DAMAGED)
            self.column, self.row = column_index_from_string(found[1]), int(found[2])
        if not (0 < self.row <= _LAST_ROW and 0 < self.column <= _LAST_COLUMN):
            _refuse(DAMAGED)

    def text(self, data: str) -> None:
        if self._is_value:
            self._value.append(data)

    def end(self, tag: str) -> None:
        self._is_value = False
        if tag == "rPh":
            self._is_guide = False
        elif tag == "c":
            raw = self._raw()
            if raw is not None and raw != "":
                self.book.cells += 1
                if self.book.cells > MAX_CELLS:
                    _refuse(f"found more than {MAX_CELLS:,} filled cells; a week has far fewer")
                self.sheet.rows.setdefault(self.row, {})[self.column] = raw

    def _raw(self) -> Raw | None:
        """What the cell holds."""
        text = "".join(self._value)
        if not self._has_value or not text:
            is_text = self._cell.get("t") == "str"
            return Broken("a formula", _NO_VALUE) if self._is_formula and not is_text else None
        match self._cell.get("t", "n"):
            case "s":
                index = int(text)
                return self.book.strings[index] if index >= 0 else _refuse(DAMAGED)
            case "str" | "inlineStr":
                return _unescaped(text)
            case "b":
                return text.strip() in ("1", "true")
            case "e":
                return Broken(text, _ERRORS)
            case "d":
                found = _ISO_DATE.fullmatch(text)
                return found[1] if found else text
            case _:
                return self._number(float(text))

    def _number(self, number: float) -> Raw:
        if not math.isfinite(number):
            _refuse(DAMAGED)
        style = int(self._cell.get("s", "0"))
        if 0 <= style < len(self.dated) and self.dated[style]:
            return Moment(number, self.book.epoch)
        return number

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        begin, end = _CELL.fullmatch(first), _CELL.fullmatch(last or first)
        if begin is None or end is None:
            _refuse(DAMAGED)
        if len(self.sheet.merges) >= MAX_MERGES:
            _refuse(f"found more than {MAX_MERGES:,} merged cells on one sheet; unmerge them")
        columns = column_index_from_string(begin[1]), column_index_from_string(end[1])
        self.sheet.merges.append(Merge(int(begin[2]), int(end[2]), *columns))


def _unescaped(text: str) -> str:
    """A text without the workbook's own way of writing odd characters, such as _x000D_."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return found[0] if 0xD800 <= code <= 0xDFFF else chr(code)  # half a character is no text
