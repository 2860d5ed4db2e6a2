"""`iop template` and `iop import`, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from solver.cli.importing import import_, template
from solver.cli.terminal import UsageFault, WrongFile
from solver.io.files import load_scenario
from tests.io.fhir_bundles import bundle, clinic
from tests.io.workbooks import ROOT, changed, every_field, workbook

app = typer.Typer()
app.command()(template)
app.command("import")(import_)
EVENING = ROOT / "scenarios" / "matrix-evening.json"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def refusal(*arguments: object) -> str:
    """What is said of a file or call that is refused."""
    result = run(*arguments)
    assert isinstance(result.exception, WrongFile | UsageFault), result.exception
    return str(result.exception)


@pytest.fixture
def week(tmp_path: Path) -> Path:
    path = tmp_path / "week.xlsx"
    path.write_bytes(workbook())
    return path


def test_a_scenario_as_a_workbook_and_as_csv_and_back(tmp_path: Path) -> None:
    scenario, _ = load_scenario(EVENING)
    for name in ("week.xlsx", "week"):
        path = tmp_path / name
        assert run("template", "--from", EVENING, "-o", path).exit_code == 0
        back = tmp_path / f"{name}.json"
        result = run("import", path, "-o", back)
        assert result.exit_code == 0
        assert result.stdout.splitlines()[-1] == f"Written: {back}"
        assert "22 patients, 2 waiting" in result.stdout
        assert load_scenario(back)[0] == scenario


def test_the_template_says_how_to_go_on(tmp_path: Path) -> None:
    path = tmp_path / "new.xlsx"
    result = run("template", "-o", path)
    assert result.stdout == (
        f"Written: {path}\nFill it in, then: iop import {path} -o scenario.json\n"
    )
    assert refusal("import", path) == (
        f"error: {path}: 2 faults\n"
        "  Settings!B2: Name is missing; it must be given\n"
        "  Settings!B4: Week start is missing; it must be given"
    )
    assert refusal("template", "-o", "-").startswith("-o names a file or a folder")
    assert "no folder" in refusal("template", "-o", tmp_path / "none" / "a.xlsx")


def test_the_scenario_goes_to_standard_output_and_the_rest_does_not(week: Path) -> None:
    result = run("import", week)
    assert json.loads(result.stdout)["name"] == "every field"
    assert "note: Patients!A4: Carl (carl): no hours are left" in result.stderr
    assert "valid; 2 patients, 1 waiting" in result.stderr


def test_for_machines(tmp_path: Path, week: Path) -> None:
    back = tmp_path / "s.json"
    answer = json.loads(run("import", week, "-o", back, "--json").stdout)
    assert (answer["imported"], answer["complete"], answer["to_add"]) == (True, True, [])
    assert [notice["place"] for notice in answer["notices"]] == ["Patients!A4"]
    assert load_scenario(back)[0] == every_field()

    def edit(book: dict[str, dict[str, object]]) -> None:
        book["Patients"]["C3"] = "iopp"

    week.write_bytes(changed(week.read_bytes(), edit))
    result = run("import", week, "-o", back, "--json")
    assert result.exit_code == 2
    message = "no program 'iopp'; did you mean 'iop'?"
    faults = [{"place": "Patients!C3", "message": message}]
    assert json.loads(result.stdout) == {"imported": False, "faults": faults}
    assert refusal("import", week, "--json").startswith("--json needs -o FILE")


def test_fhir_becomes_a_workbook_and_a_list_of_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    resources = clinic()
    files = []
    for number, part in enumerate((resources[:12], resources[12:])):
        files.append(tmp_path / f"{number}.json")
        files[-1].write_text(json.dumps(bundle(*part)))
    path = tmp_path / "week.xlsx"
    result = run("import", *files, "-o", path)
    assert result.exit_code == 0
    assert "Found: 2 therapists, 3 patients, 2 rooms, 3 services, 1 group" in result.stdout
    assert "Rooms            Capacity    oak, elm" in result.stdout
    assert "note: Appointment: 1 left out: its status is cancelled" in result.stderr
    assert refusal("import", path).splitlines()[1:] == [
        "  Rooms!C2: Capacity is missing; it must be given",
        "  Rooms!C3: Capacity is missing; it must be given",
        "  Groups!H2: Size max is missing; it must be given",
        "  Patients!C2: Program is missing; it must be given",
        "  Patients!C3: Program is missing; it must be given",
        "  Patients!C4: Program is missing; it must be given",
    ]
    draft = tmp_path / "draft.json"
    answer = json.loads(run("import", *files, "-o", draft, "--json").stdout)
    assert answer["complete"] is False
    assert {"sheet": "Rooms", "column": "Capacity", "entries": ["oak", "elm"]}.items() <= next(
        item for item in answer["to_add"] if item["column"] == "Capacity"
    ).items()
    assert json.loads(draft.read_text())["week_start"] == "2026-01-05"
    later = run(
        "import", *files, "-o", draft, "--week", "2026-01-12", "--timezone", "America/Denver"
    )
    assert later.exit_code == 0
    written = json.loads(draft.read_text())
    assert (written["week_start"], written["timezone"]) == ("2026-01-12", "America/Denver")


def test_calls_that_make_no_sense(tmp_path: Path, week: Path) -> None:
    ehr = tmp_path / "ehr.json"
    ehr.write_text(json.dumps(bundle(*clinic())))
    assert "would overwrite the source" in refusal("import", week, "-o", week)
    assert "several sources are for FHIR" in refusal("import", week, ehr)
    assert "--week and --timezone are for FHIR" in refusal("import", week, "--week", "2026-01-05")
    assert "a scenario is JSON" in refusal("import", week, "-o", tmp_path / "b.xlsx")
    assert "2026-01-06 is a Tuesday" in refusal("import", ehr, "--week", "2026-01-06")
    assert "a date is" in refusal("import", ehr, "--week", "next week")
    assert refusal("import", tmp_path / "none") == f"error: {tmp_path}/none: no such file"
    assert refusal("import", tmp_path).endswith("`iop template` writes one for each list")
    assert refusal("import", ehr, "--timezone", "Mars").startswith(
        f"error: {ehr}: 1 fault\n  timezone:"
    )
