"""Files that are no workbook, and workbooks that nobody should open: one clear message each."""

from __future__ import annotations

import io
import os
import random
import time
import zipfile
from pathlib import Path

import pytest

from solver.errors import FileFaults
from solver.io.tables import export_scenario_workbook, import_workbook
from solver.io.tables.arriving import arrival
from solver.io.tables.cells import MAX_LETTERS
from solver.io.tables.xlsx_in import DAMAGED, read_xlsx
from tests.io.fuzz_workbook import Parts, fuzz_workbook, unzipped, zipped
from tests.io.workbooks import Week, changed, every_field, refusal, workbook

SAVE = "open it in a spreadsheet and save it as .xlsx (Excel workbook)"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600


NO_WEEK = (
    "this is a zip file without a workbook or CSV files in it; a workbook (.xlsx) or a zip with one "
    "CSV file for each list is expected"
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (OLE, f"this is a workbook of the old kind (.xls); {SAVE}"),
        (
            OLE + "EncryptedPackage".encode("utf-16-le"),
            "is protected by a password; take the password off and save it again",
        ),
        (zipped({"mimetype": b"x"}), f"this is an OpenDocument file (.ods); {SAVE}"),
        (zipped({"xl/workbook.bin": b""}), f"this is a binary workbook (.xlsb); {SAVE}"),
        (
            zipped({"word/document.xml": b""}),
            "this is a Word document; a workbook (.xlsx) is expected",
        ),
        (
            zipped({"week/rooms.csv": b"", "more/rooms.csv": b""}),
            "found two files 'rooms.csv' in the zip; keep one of them",
        ),
        (
            zipped({"rooms.csv": b" " * (31 * 2**20)}),
            "found more than 30 MB unpacked; no week is that large",
        ),
        (
            zipped({"a.txt": b""}),
            NO_WEEK,
        ),
        (b"PK\x03\x04 and nothing else", DAMAGED),
        (b"<html><table>", f"this is XML or HTML; a workbook (.xlsx) is expected: {SAVE}"),
        (
            b"Id;Name\n1;2\n",
            "this looks like one CSV file; a folder with one for each list is expected",
        ),
        (
            b"\x89PNG\r\n\x00\x00\x00",
            "this is no workbook (.xlsx), no folder of CSV files and no FHIR resource (JSON)",
        ),
        (b'{"a": 1}', "JSON, but no FHIR resource: it has no resourceType"),
        (
            b'{"week_start": "2026-01-05"}',
            "this is a scenario or a schedule already; `iop validate` checks a scenario",
        ),
        (
            b'{"resourceType": }',
            "line 1, column 18: not JSON: found '}'; a value is expected",
        ),
    ],
)
def test_what_a_file_is_if_it_is_no_workbook(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "week.xlsx"
    path.write_bytes(content)
    with pytest.raises(FileFaults) as caught:
        arrival(path)
    assert [str(fault) for fault in caught.value.faults] == [message]


def test_what_a_file_is_if_it_can_be_imported(tmp_path: Path) -> None:
    export_scenario_workbook(every_field(), tmp_path / "odd name.txt")
    assert arrival(tmp_path / "odd name.txt").kind == "workbook"
    (tmp_path / "b.json").write_text('\ufeff {"resourceType": "Bundle"}')
    assert arrival(tmp_path / "b.json").kind == "fhir"
    assert arrival(tmp_path).kind == "csv"
    (tmp_path / "week.zip").write_bytes(zipped({"week/rooms.csv": b"Id", "week/notes.txt": b"x"}))
    come = arrival(tmp_path / "week.zip")
    assert (come.kind, come.content) == ("zip", {"rooms.csv": b"Id"})
    with pytest.raises(FileFaults, match="no such file"):
        arrival(tmp_path / "none.xlsx")


def test_a_workbook_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "week.xlsx"
    path.write_text("as it was")
    with pytest.raises(FileFaults, match="cannot be written"):
        export_scenario_workbook(every_field(), tmp_path / "none" / "week.xlsx")
    patient = every_field().patients[0].model_copy(update={"name": "\x01" * 9_000})
    week = every_field().model_copy(update={"patients": (patient,)})
    with pytest.raises(FileFaults, match=r"Patients!B2: 54,002 characters; a workbook's cell"):
        export_scenario_workbook(week, path)
    assert path.read_text() == "as it was"
    assert os.listdir(tmp_path) == ["week.xlsx"]  # noqa: PTH208 - hidden files too


# ---------------------------------------------------------------- hostile and damaged workbooks


def parts() -> Parts:
    return unzipped(workbook())


HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = b"</sheetData></worksheet>"


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        (b" " * (31 * 2**20), "unpacks to more than 30 MB; no week is that large"),
        (
            HEAD + b"<row/>" * 600_001 + END,
            "found far more cells than a week has; delete empty rows and columns",
        ),
        (
            HEAD + b"<row><c><v>1</v></c></row>" * 100_001 + END,
            "found more than 100,000 filled cells; a week has far fewer",
        ),
        (
            b"<!DOCTYPE w [<!ENTITY a 'x'>]><worksheet>&a;</worksheet>",
            DAMAGED,
        ),
        (HEAD + b"<row><c r='a1'/></row>" + END, DAMAGED),
        (HEAD + b"<row><c t='s'><v>99999</v></c></row>" + END, DAMAGED),
        (HEAD + b"<row><c t='s'><v>-1</v></c></row>" + END, DAMAGED),
        (HEAD + b"<row><c><v>1e999</v></c></row>" + END, DAMAGED),
        (HEAD + b"<row>", DAMAGED),
        (
            HEAD + b"</sheetData>" + b"<mergeCell ref='A1:A2'/>" * 5_001 + b"</worksheet>",
            "found more than 5,000 merged cells on one sheet; unmerge them",
        ),
    ],
    ids=[
        "bomb",
        "elements",
        "cells",
        "entities",
        "address",
        "index",
        "minus",
        "inf",
        "cut",
        "merges",
    ],
)
def test_a_hostile_sheet_is_refused(sheet: bytes, message: str) -> None:
    found = parts()
    found["xl/worksheets/sheet3.xml"] = sheet
    assert refusal(zipped(found)) == message


def test_one_text_in_very_many_cells() -> None:
    week = Week()
    for number in range(100):
        week["Patients"].rows[10 + number] = {1: "x" * (MAX_LETTERS // 100)}
    assert week.faults() == ["found more than 1,000,000 letters in all cells; a week has far fewer"]


def test_more_lines_than_any_week_has() -> None:
    week = Week()
    for number in range(4_001):
        week["Tracks"].rows[10 + number] = {1: f"t{number}", 2: "never"}
    assert week.faults() == ["Tracks: found more than 4,000 lines; no list of a week is that long"]


def test_a_part_under_a_password_and_one_of_a_strange_packing() -> None:
    content = bytearray(zipped(parts()))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = content.find(mark)
        while at >= 0:
            content[at + (6 if mark == b"PK\x03\x04" else 8)] |= 1
            at = content.find(mark, at + 4)
    assert refusal(bytes(content)) == (
        "is protected by a password; take the password off and save it again"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        for name, part in parts().items():
            archive.writestr(name, part)
    assert refusal(out.getvalue()) == DAMAGED


def test_too_many_parts_and_sheets() -> None:
    found = parts()
    many = {f"xl/media/{number}.png": b"" for number in range(2_001)}
    assert refusal(zipped(found | many)).startswith("found more than 2,000 parts in the file")
    sheets = b"".join(b'<sheet name="s%d" r:id="rId1"/>' % n for n in range(101))
    found["xl/workbook.xml"] = found["xl/workbook.xml"].replace(b"</sheets>", sheets + b"</sheets>")
    assert refusal(zipped(found)) == "found more than 100 sheets; a week has some twenty"


def test_texts_and_cells_as_other_programs_write_them() -> None:
    """Rich text, inline text, escapes, booleans, ISO dates, no cell addresses, a prefix."""
    found = parts()
    rooms = b"""<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
    <x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>Id</x:t></x:is></x:c>
    <x:c t="inlineStr"><x:is><x:r><x:t>Na</x:t></x:r><x:r><x:t>me</x:t></x:r>
    <x:rPh><x:t>no</x:t></x:rPh></x:is></x:c>
    <x:c t="str"><x:f>"Capa"&amp;"city"</x:f><x:v>Capacity</x:v></x:c></x:row>
    <x:row r="5"><x:c t="str"><x:v>oak_x000D_</x:v></x:c><x:c t="str"><x:v>_x005F_x0041_</x:v></x:c>
    <x:c><x:f>5+5</x:f><x:v>1.0E1</x:v></x:c></x:row>
    <x:row><x:c t="str"><x:v>elm</x:v></x:c><x:c t="b"><x:v>1</x:v></x:c>
    <x:c t="d"><x:v>2026-01-05</x:v></x:c><x:c t="str"><x:f>""</x:f><x:v></x:v></x:c>
    </x:row></x:sheetData></x:worksheet>"""
    number = [sheet.title for sheet in read_xlsx(workbook())].index("Rooms") + 1
    found[f"xl/worksheets/sheet{number}.xml"] = rooms
    sheets = {sheet.title: sheet for sheet in read_xlsx(zipped(found))}
    assert sheets["Rooms"].rows == {
        1: {1: "Id", 2: "Name", 3: "Capacity"},
        5: {1: "oak\r", 2: "_x0041_", 3: 10.0},
        6: {1: "elm", 2: True, 3: "2026-01-05"},
    }


def test_a_workbook_from_another_program_with_charts_and_pictures() -> None:
    from openpyxl.chart import BarChart, Reference  # noqa: PLC0415 - here only

    def edit(book: object) -> None:
        sheet = book["Rooms"]  # type: ignore[index]
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=3, min_row=1, max_row=3))
        sheet.add_chart(chart, "H2")
        book.create_chartsheet("Chart")  # type: ignore[attr-defined]

    assert import_workbook(changed(workbook(), edit))[0] == every_field()


@pytest.mark.slow
def test_damaged_workbooks_are_read_or_refused_in_no_time() -> None:
    """A fresh sample each time; `python -m tests.io.fuzz_workbook SEED COUNT` runs as many as one likes."""
    seed = (
        random.randrange(10**6)
        if "IOP_FUZZ_SEED" not in os.environ
        else int(os.environ["IOP_FUZZ_SEED"])
    )
    print(f"IOP_FUZZ_SEED={seed}")
    began = time.process_time()
    tally = fuzz_workbook(seed, 120)
    print(tally, time.process_time() - began)
    assert tally.outcomes.total() == 120
    assert tally.outcomes["read"] > 5
    assert tally.outcomes["refused"] > 20
    assert tally.slowest < 5
    assert tally.peak_mb < 1_000
