"""`iop whatif` and `iop sweep` as they are called: what they print, write and refuse."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path

import pytest
import typer

from solver.checker import check
from solver.cli.sweep import sweep
from solver.cli.terminal import Code, UsageFault, WrongFile
from solver.cli.whatif import whatif
from solver.clinic import Clinic
from solver.io.files import load_scenario, load_schedule
from solver.whatif import WhatIfFaults
from tests.builders import patient, visit, week
from tests.pools import HerePool, by_hand
from tests.test_sweep import GRID, SMALL


@pytest.fixture(autouse=True)
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[HerePool]:
    """The pool that the commands open; it answers at once."""
    here = HerePool(by_hand)
    for command in ("whatif", "sweep"):
        module = import_module(f"solver.cli.{command}")  # the package has the command by that name
        monkeypatch.setattr(module, "opened_pool", lambda *_: nullcontext(here))
    monkeypatch.setenv("COLUMNS", "120")
    return here


@pytest.fixture
def small(tmp_path: Path) -> str:
    patients = [patient("pat") | {"name": "Pat Lee"}, patient("sam") | {"name": "Sam Poe"}]
    return saved(tmp_path / "small.json", SMALL | {"patients": patients})


def saved(path: Path, content: object) -> str:
    path.write_text(json.dumps(content), "utf-8")
    return str(path)


def called(command, *arguments: object, **options: object) -> int:  # type: ignore[no-untyped-def]
    with pytest.raises(typer.Exit) as ended:
        command(*arguments, **options)
    return ended.value.exit_code


# -- whatif ---------------------------------------------------------------------------------------


def test_base_and_variants_are_printed_side_by_side(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = called(
        whatif, small, change=["census +2"], variant=["Second: add therapist like ann; census +2"]
    )
    assert code == 0
    said = capsys.readouterr().out
    assert "2 patients more, of the clinic's own mix." in said
    assert "Add a therapist like ann." in said
    for row in ("Patients fully served", "2 of 2", "2 of 4", "4 of 4", "Revenue", "Staff cost"):
        assert row in said
    assert "people with another week" in said


def test_many_variants_are_printed_in_parts_that_fit(
    small: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    called(whatif, small, variant=[f"v{n}: census +{n}" for n in range(1, 6)])
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 80
    assert sum(line.startswith("Revenue  ") for line in said.splitlines()) == 3


def test_a_file_and_sentences_may_be_mixed_and_json_is_whole(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = saved(
        tmp_path / "asked.json",
        {"base": ["census +1"], "variants": [{"name": "More", "changes": ["census +1"]}]},
    )
    assert called(whatif, small, asked, variant=["Less: census -1"], as_json=True, quiet=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert [c["name"] for c in told["columns"]] == ["base", "More", "Less"]
    assert [c["figures"]["active"] for c in told["columns"]] == [3, 4, 2]
    assert told["columns"][1]["changes"] == [{"kind": "census", "by": 1}]
    assert {p["what"] for p in told["columns"][1]["people"]} >= {"new"}


def test_a_given_base_is_where_it_begins(small: str, tmp_path: Path, pool: HerePool) -> None:
    booked = visit("sam", "ann", "mon", "09:30")
    base = saved(tmp_path / "week.json", week(booked))
    called(whatif, small, change=["census +1"], base=base, quiet=True)
    start = pool.tasks["base"].start
    assert start is not None
    assert [(a.patient, a.start) for a in start.appointments if a.id == "a"] == [("sam", 570)]


def test_scenario_and_week_of_every_column_are_kept_in_a_folder(small: str, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    called(whatif, small, variant=["More: census +2"], output=str(folder), as_json=True)
    for number, patients in (("0", 2), ("1", 4)):
        scenario, _ = load_scenario(folder / number / "scenario.json")
        schedule = load_schedule(folder / number / "schedule.json", scenario)
        assert len(scenario.patients) == patients
        assert not check(Clinic(scenario), schedule)
    with pytest.raises(UsageFault, match="a folder is expected"):
        whatif(small, change=["census +2"], output=small)


def test_a_week_that_is_kept_is_the_baseline_in_the_folder(small: str, tmp_path: Path) -> None:
    called(whatif, small, change=["census +2"], output=str(tmp_path / "kept"), keep=True)
    base = load_scenario(tmp_path / "kept" / "0" / "scenario.json")[0]
    variant = load_scenario(tmp_path / "kept" / "1" / "scenario.json")[0]
    assert base.baseline is None
    assert variant.baseline == load_schedule(tmp_path / "kept" / "0" / "schedule.json", base)


def test_a_week_that_was_not_decided_is_said_in_the_exit_code(small: str, pool: HerePool) -> None:
    pool.fails = {"base", "changed"}
    assert called(whatif, small, change=["census +1"], quiet=True) == 3


def test_nothing_asked_wrong_sentences_and_wrong_files_are_refused(
    small: str, tmp_path: Path, pool: HerePool
) -> None:
    with pytest.raises(UsageFault, match="nothing is asked"):
        whatif(small)
    with pytest.raises(UsageFault, match="only one of the files can be standard input"):
        whatif("-", "-")
    with pytest.raises(UsageFault, match="no number of seconds"):
        whatif(small, change=["admit all"], time_limit=-1.0)
    with pytest.raises(WhatIfFaults, match="did you mean 'census'"):
        whatif(small, change=["cnsus +1"])
    with pytest.raises(WhatIfFaults, match=r"changed: change 1 .*nobody waits"):
        whatif(small, change=["admit all"], quiet=True)
    with pytest.raises(WrongFile, match="a list of variants is expected"):
        whatif(small, saved(tmp_path / "a.json", {}))
    assert pool.tasks == {}


# -- sweep ----------------------------------------------------------------------------------------


def test_a_sweep_prints_its_table_and_keeps_everything(
    small: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], pool: HerePool
) -> None:
    asked, folder = saved(tmp_path / "asked.json", GRID), tmp_path / "out"
    assert called(sweep, small, asked, str(folder)) == 0
    said = capsys.readouterr().out
    assert "Most served for the least cost" in said
    assert "80: 4 served with Therapists 2, Census 4" in said
    assert (folder / "frontier.svg").exists()
    assert len(list(folder.glob("weeks/*/schedule.json"))) == 4
    pool.tasks.clear()
    assert called(sweep, small, asked, str(folder), as_json=True, quiet=True) == 0
    assert pool.tasks == {}  # everything was known
    assert json.loads(capsys.readouterr().out)["frontier"] == ["0-0", "0-1", "1-1"]


def test_a_sweep_is_refused_where_it_cannot_be(small: str, tmp_path: Path) -> None:
    asked, folder = saved(tmp_path / "asked.json", GRID), str(tmp_path / "out")
    called(sweep, small, asked, folder, quiet=True)
    with pytest.raises(UsageFault, match="holds another sweep: the settings differ"):
        sweep(small, asked, folder, seed=1, quiet=True)
    with pytest.raises(UsageFault, match="a folder is expected"):
        sweep(small, asked, asked, quiet=True)
    with pytest.raises(WrongFile, match="a list of 1 to 4 axes"):
        sweep(small, saved(tmp_path / "b.json", {}), folder, quiet=True)


def test_a_sweep_with_a_cell_without_an_answer_says_so(
    small: str, tmp_path: Path, pool: HerePool
) -> None:
    pool.fails = {"0-0", "0-1", "1-0", "1-1"}
    asked = saved(tmp_path / "asked.json", GRID)
    assert called(sweep, small, asked, str(tmp_path / "out"), quiet=True) == 3
    assert list((tmp_path / "out" / "cells").iterdir()) == []
    pool.fails, pool.tasks = set(), {}
    assert called(sweep, small, asked, str(tmp_path / "out"), quiet=True) == 0
    assert len(pool.tasks) == 4


def test_what_is_known_is_written_when_a_sweep_is_stopped(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pool: HerePool
) -> None:
    pool.fails = {"1-0", "1-1"}
    package = import_module("solver.sweep")
    real = package.run

    def interrupted(*given, **named):  # type: ignore[no-untyped-def]
        answers = real(*given, **named)
        given[5].set()
        return answers

    monkeypatch.setattr(package, "run", interrupted)
    asked, folder = saved(tmp_path / "asked.json", GRID), tmp_path / "out"
    assert called(sweep, small, asked, str(folder), quiet=True) == Code.INTERRUPTED
    known = {
        c["key"]: c["served"] for c in json.loads((folder / "results.json").read_bytes())["cells"]
    }
    assert known["0-0"] == 2


def test_a_sweep_may_begin_with_a_base(small: str, tmp_path: Path, pool: HerePool) -> None:
    base = saved(tmp_path / "base.json", week(visit("pat", start="09:30", name="half past")))
    asked = saved(tmp_path / "asked.json", GRID)
    assert called(sweep, small, asked, str(tmp_path / "out"), base=base, quiet=True) == 0
    assert pool.tasks["0-0"].start is not None
    with pytest.raises(UsageFault, match="only one of the files can be standard input"):
        sweep("-", asked, str(tmp_path / "out"), base="-")
