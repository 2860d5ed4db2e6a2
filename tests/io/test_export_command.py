"""`iop export`, and writing files: whole or not at all, for their owner's eyes, in plain words."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from solver.cli import app
from solver.cli.exporting import export
from solver.errors import FileFaults
from solver.io import writing
from solver.io.files import load_earlier, load_scenario
from solver.io.writing import write_file, write_folder
from tests.builders import clinic, section, visit, week
from tests.cli.running import Iop, saved
from tests.io import eventful

Run = Callable[..., int]


@pytest.fixture
def iop(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iop:
    monkeypatch.setenv("COLUMNS", "120")
    if not any(command.callback is export for command in app.registered_commands):
        monkeypatch.setattr(app, "registered_commands", [*app.registered_commands])
        app.command()(export)
    return Iop(capsys)


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """The eventful week."""
    return (
        saved(tmp_path, "scenario.json", eventful.scenario()),
        saved(tmp_path, "week.json", eventful.schedule()),
    )


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("form", ["xlsx", "csv", "ics", "fhir", "html", "pdf"])
def test_every_format(form: str, files: tuple[str, str], tmp_path: Path, iop: Iop) -> None:
    path = tmp_path / "out.file"
    assert iop("export", *files, "--to", form, "--for", "patient:pat", "-o", path) == 0
    assert (iop.out, iop.err) == (f"Written: {path}\n", "")
    assert mode(path) == 0o600
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


def test_calendars_of_all_in_a_new_folder(files: tuple[str, str], tmp_path: Path, iop: Iop) -> None:
    folder = tmp_path / "calendars"
    assert iop("export", *files, "--to", "ics", "-o", folder) == 0
    assert iop.out == f"Written: 16 calendars in {folder}\n"
    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.iterdir()} == {0o600}
    assert iop("export", *files, "--to", "ics", "-o", folder) == 2
    assert iop.err == (
        f"error: {folder}: this folder has files in it already; name a new or an empty one\n"
    )


def test_for_machines(files: tuple[str, str], tmp_path: Path, iop: Iop) -> None:
    folder = tmp_path / "calendars"
    folder.mkdir()
    how = ("--to", "ics", "--for", "therapists", "-o", folder, "--json")
    assert iop("export", *files, *how) == 0
    names = ["therapist-ann.ics", "therapist-bob.ics", "therapist-cat.ics"]
    assert json.loads(iop.out) == {"written": str(folder), "files": names}


def test_sign_in_sheets_of_a_day(files: tuple[str, str], tmp_path: Path, iop: Iop) -> None:
    target = tmp_path / "sign.html"
    assert (
        iop("export", *files, "--to", "html", "--for", "groups", "--day", "mon", "-o", target) == 0
    )
    assert "Monday" in target.read_text()
    assert "Wednesday" not in target.read_text()
    for wrong in (("--to", "csv"), ("--to", "pdf", "--for", "rooms")):
        assert iop("export", *files, *wrong, "--day", "mon", "-o", tmp_path / "x") == 2
        assert "--day is for sign-in sheets" in iop.err
        assert not (tmp_path / "x").exists()


def test_text_on_standard_output(files: tuple[str, str], iop: Iop) -> None:
    how = ("--to", "ics", "--for", "patient:wang", "--revision", "12", "-o", "-")
    assert iop("export", *files, *how) == 0
    assert iop.out.startswith("BEGIN:VCALENDAR")
    assert "SEQUENCE:12" in iop.out


def test_an_update_with_the_previous_schedule(tmp_path: Path, iop: Iop) -> None:
    """Patients and therapists who are gone in the meantime may stand in it."""
    scenario = saved(tmp_path, "scenario.json", clinic(timezone="America/Chicago"))
    old = week(visit("pat"), visit("sam", "bob", name="b"), section(["gone"], leaders=["old"]))
    before = saved(tmp_path, "before.json", old)
    now = saved(tmp_path, "now.json", week(visit("pat", "bob", "tue")))
    for name, how in (("first", ()), ("second", ("--previous", before))):
        schedule = saved(tmp_path, "old.json", week(visit("pat"))) if name == "first" else now
        out = tmp_path / f"{name}.ics"
        assert (
            iop(
                "export", scenario, schedule, "--to", "ics", "--for", "patient:pat", "-o", out, *how
            )
            == 0
        )
    read = [(tmp_path / f"{n}.ics").read_text().splitlines() for n in ("first", "second")]
    uids = [[line for line in text if line.startswith("UID")] for text in read]
    assert uids[0] == uids[1]
    (one,), (two,) = (
        [int(line.partition(":")[2]) for line in text if line.startswith("SEQUENCE")]
        for text in read
    )
    assert two > one
    how = ("--to", "ics", "--for", "patient:sam", "--previous", before, "-o", "-")
    assert iop("export", scenario, now, *how) == 0
    assert "STATUS:CANCELLED" in iop.out


@pytest.mark.parametrize(
    ("old", "message"),
    [
        (week(week_start="2026-01-12"), "week_start: found 2026-01-12; the scenario's week starts on"),
        (week(visit(of="nap")), "appointments[0].service: no service 'nap'"),
        ({"sections": 3}, "sections: found 3; a list [ … ] is expected"),
    ],
)  # fmt: skip
def test_a_wrong_previous_schedule(old: dict[str, object], message: str, tmp_path: Path) -> None:
    scenario = load_scenario(saved(tmp_path, "s.json", clinic()))[0]
    with pytest.raises(FileFaults) as caught:
        load_earlier(saved(tmp_path, "old.json", old), scenario)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("whom", "message"),
    [
        ("patient:pta", "no patient 'pta'; did you mean"),
        ("pacient:pat", "found 'pacient:pat'; did you mean patient:pat?"),
        ("pat", "found 'pat'; did you mean patient:pat?"),
        ("room:bib", "no room 'bib'; did you mean big?"),
        ("patient", "found 'patient'; did you mean patients?"),
        (
            "nobody at all",
            "found 'nobody at all'; patient:ID, therapist:ID, room:ID, group:ID or all",
        ),
        (
            "patients",
            "--for patients is for calendars and pages; --to csv takes one of them, or all",
        ),
        ("changes", "--for changes is for pages (html, pdf); --to csv takes one of them, or all"),
    ],
)
def test_whom_nobody_knows(
    whom: str, message: str, files: tuple[str, str], tmp_path: Path, iop: Iop
) -> None:
    path = tmp_path / "x.csv"
    assert iop("export", *files, "--to", "csv", "--for", whom, "-o", path) == 2
    assert message in iop.err
    assert iop.err.count("\n") == 1
    assert not path.exists()


@pytest.mark.parametrize(
    ("form", "where", "message"),
    [
        ("pdf", "", "this is a folder; a file is expected"),
        ("pdf", "no/such/x.pdf", "there is no folder"),
        ("ics", "no/such", "there is no folder"),
        ("pdf", "week.json/x.pdf", "there is no folder"),
        ("csv", "week.json", "would overwrite the schedule"),
        ("csv", "scenario.json", "would overwrite the scenario"),
        ("ics", "week.json", "this is a file; many files are written, so a new folder is expected"),
        ("ics", "", "this folder has files in it already"),
        ("csv", "x" * 300, "cannot be written: File name too long"),
        ("ics", "x" * 300, "cannot be written: File name too long"),
        ("ics", "a\0b", "cannot be written"),
    ],
)
def test_where_nothing_can_be_written(
    form: str, where: str, message: str, files: tuple[str, str], tmp_path: Path, iop: Iop
) -> None:
    path = os.path.join(tmp_path, where) if where else tmp_path  # noqa: PTH118 - a NUL in it
    assert iop("export", *files, "--to", form, "-o", path) == 2
    assert message in iop.err
    assert iop.err.count("\n") == 1


@pytest.mark.parametrize(
    ("how", "message"),
    [
        (("--to", "pdf"), "--to pdf needs -o FILE"),
        (("--to", "ics"), "calendars of many need -o FOLDER"),
        (("--to", "csv", "--json"), "--json needs -o FILE"),
        (("--to", "csv", "--previous", "no.json"), "no.json: no such file"),
    ],
)
def test_what_standard_output_cannot_take(
    how: tuple[str, ...], message: str, files: tuple[str, str], iop: Iop
) -> None:
    assert iop("export", *files, *how, "-o", "-") == 2
    assert message in iop.err


def test_a_week_that_breaks_rules_is_written_and_said(tmp_path: Path, iop: Iop) -> None:
    scenario = saved(tmp_path, "a.json", clinic())
    late = saved(tmp_path, "b.json", week(visit(start="11:45")))
    assert iop("export", scenario, late, "--to", "ics", "--for", "patient:pat", "-o", "-") == 0
    first, second = iop.err.splitlines()
    assert re.match(r"note: this schedule breaks \d rules; iop check names every violation", first)
    assert second.startswith("note: the scenario names no timezone")


# -- writing --------------------------------------------------------------------------------------


def test_a_file_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    write_file(path, b"one")

    def fails(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(writing.os, "fsync", fails)
    with pytest.raises(FileFaults, match="cannot be written: No space left on device"):
        write_file(path, b"two")
    with pytest.raises(FileFaults, match="No space left on device"):
        write_folder(tmp_path / "f", {"x": b"1", "y": b"2"})
    assert path.read_bytes() == b"one"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_a_link_stays_a_link_and_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_file(tmp_path / "link", b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"x"
    (tmp_path / "empty").mkdir()
    write_folder(tmp_path / "empty", {"a": b"1"})
    assert (tmp_path / "empty" / "a").read_bytes() == b"1"
