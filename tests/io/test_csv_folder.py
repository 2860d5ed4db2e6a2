"""CSV folders: any delimiter, line end and mark; text that begins like a formula stays text."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from solver.errors import Fault, FileFaults
from solver.io.tables import (
    export_scenario_csv,
    import_csv,
    import_csv_files,
    write_template_csv,
)
from solver.io.tables.layout import tables
from tests.io.fuzz_workbook import damaged_bytes
from tests.io.workbooks import csv_faults, every_field


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    export_scenario_csv(every_field(), tmp_path / "week")
    return tmp_path / "week"


def test_one_file_a_sheet_readable_by_its_owner_alone(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {table.file_name for table in tables()}
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
    content = (folder / "patients.csv").read_bytes()
    assert content.startswith(b'\xef\xbb\xbf"Id","Name","Program"')
    assert content.count(b"\r\n") == content.count(b"\n") == 4


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_delimiters_line_ends_and_marks(
    folder: Path, delimiter: str, newline: str, encoding: str
) -> None:
    for path in folder.iterdir():
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter, lineterminator=newline).writerows(rows)
    assert import_csv(folder)[0] == every_field()


def test_the_same_files_in_a_zip(folder: Path) -> None:
    assert import_csv_files({p.name: p.read_bytes() for p in folder.iterdir()})[0] == every_field()
    with pytest.raises(FileFaults, match="no CSV file"):
        import_csv_files({"notes.txt": b"Id"})
    with pytest.raises(FileFaults, match=r"patients.csv: found more than 10 MB"):
        import_csv_files({"patients.csv": b" " * (10 * 2**20 + 1)})


def test_a_first_line_that_names_the_separator(folder: Path) -> None:
    path = folder / "rooms.csv"
    path.write_text("sep=;\r\nId;Name;Capacity\r\noak;Oak, the large one;10\r\nelm;Elm;4\r\n")
    scenario, _ = import_csv(folder)
    assert [room.name for room in scenario.rooms] == ["Oak, the large one", "Elm"]


def test_names_as_a_spreadsheet_gives_them_to_exported_sheets(folder: Path) -> None:
    for table in tables():
        (folder / table.file_name).rename(folder / f"my-week-{table.title}.csv")
    (folder / "my-week-How to fill in.csv").write_text("anything")
    (folder / "notes.txt").write_text("not read")
    assert import_csv(folder)[0] == every_field()


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''@x", "'t Hooft", "＝1", '"=1"', "=a;b,c\nd"]
)
def test_text_that_begins_like_a_formula(tmp_path: Path, name: str) -> None:
    week = every_field()
    patient = week.patients[0].model_copy(update={"name": name})
    scenario = week.model_copy(update={"patients": (patient, *week.patients[1:])})
    export_scenario_csv(scenario, tmp_path / "week")
    with (tmp_path / "week" / "patients.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@", "＝", "\t", "\r")) for cell in cells)
    assert import_csv(tmp_path / "week")[0] == scenario


def test_faults_name_file_and_cell(folder: Path) -> None:
    path = folder / "patients.csv"
    path.write_text(
        path.read_text("utf-8-sig").replace('"iop"', '"iopp"', 1).replace("0.85", "a lot")
    )
    assert csv_faults(folder) == [
        "patients.csv!C2: no program 'iopp'; did you mean 'iop'?",
        "patients.csv!T2: found 'a lot'; a number such as 0.85 (or 85%) is expected",
    ]


def test_every_file_that_cannot_be_read_is_named(folder: Path) -> None:
    (folder / "rooms.csv").write_bytes("Id;Name;Capacity\nö;Büro;3\n".encode("latin-1"))
    (folder / "groups.csv").write_text('Id,Name\n"never closed')
    (folder / "locks.csv").write_bytes(b"x" * (11 * 2**20))
    (folder / "tracks.csv").unlink()
    (folder / "tracks.csv").mkdir()
    assert csv_faults(folder) == [
        "locks.csv: found more than 10 MB; no list of a week is that long",
        'rooms.csv: line 2 is not UTF-8 text; in Excel save it as "CSV UTF-8"',
        "tracks.csv: this is a folder; a file is expected",
    ]


def test_files_that_are_no_lists(folder: Path) -> None:
    (folder / "groups.csv").write_bytes(b'Id,Name\n"never closed')
    (folder / "rooms.csv").write_bytes(b"\x00\x01\x02,\x00\n" * 3)
    (folder / "._rooms.csv").write_bytes(b"\x00\x05\x16\x07\xff")
    said = csv_faults(folder)
    assert said[0].startswith("groups.csv: no column ")
    assert "rooms.csv: no line with the headings is there; expected are 'Id'" in " ".join(said)


@pytest.mark.parametrize("content", ["1,\n" * 100_001, "Id," * 1_001, f"{'x' * 1_000_001},"])
def test_far_more_than_a_week(folder: Path, content: str) -> None:
    (folder / "rooms.csv").write_text(content)
    (said,) = csv_faults(folder)
    assert said in (
        "rooms.csv: found far more cells or letters than a week has",
        "rooms.csv: cannot be read as CSV: a quotation mark is not closed, or it is another format",
    )


def test_damaged_files_are_read_or_refused(folder: Path) -> None:
    r = random.Random(3)
    whole = {path: path.read_bytes() for path in sorted(folder.iterdir())}
    outcomes = {"read": 0, "refused": 0}
    for _ in range(60):
        path = r.choice(list(whole))
        path.write_bytes(damaged_bytes(r, whole[path]))
        said: tuple[Fault, ...] = ()
        try:
            import_csv(folder)
        except FileFaults as error:
            said = error.faults
        assert all(str(fault).isprintable() and 10 < len(str(fault)) < 2_000 for fault in said)
        outcomes["refused" if said else "read"] += 1
        path.write_bytes(whole[path])
    assert outcomes["read"] > 0
    assert outcomes["refused"] > 20


def test_folders_without_a_week(tmp_path: Path, folder: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (said,) = csv_faults(empty)
    assert said == "no CSV file is in this folder; `iop template` writes one for each list"
    assert csv_faults(tmp_path / "none") == ["no such file"]
    for number in range(100):
        (folder / f"x{number}.csv").touch()
    assert csv_faults(folder)[0].startswith("found 121 CSV files in this folder")


def test_a_folder_that_is_not_empty_is_not_written_into(folder: Path) -> None:
    with pytest.raises(FileFaults, match="this folder has files in it already"):
        write_template_csv(folder)
    assert import_csv(folder)[0] == every_field()


def test_the_template_as_csv_lacks_a_name_and_a_week(tmp_path: Path) -> None:
    write_template_csv(tmp_path / "week")
    assert csv_faults(tmp_path / "week") == [
        "settings.csv!B2: Name is missing; it must be given",
        "settings.csv!B4: Week start is missing; it must be given",
    ]
