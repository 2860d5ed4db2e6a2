"""A folder of sites: read whole or not at all, solved side by side, one summary."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import typer

from solver.cli.network import solve_all
from solver.network import HEADINGS, NetworkFaults, load_sites, rows, shared, solve_sites
from solver.pool import threads_each
from solver.result import Settings
from tests.builders import Json, clinic, patient, program, quota, therapist
from tests.pools import HerePool, by_hand

SITE = clinic(
    programs=[program(minutes_per_week={"min": 60}, quotas=[quota("talk", 1, 1)])],
    therapists=[therapist("ann", cost_per_hour=40.0), therapist("bob", cost_per_hour=50.0)],
)


def folder_of(path: Path, **sites: Json) -> Path:
    path.mkdir(exist_ok=True)
    for name, content in sites.items():
        (path / f"{name}.json").write_text(json.dumps(content), "utf-8")
    return path


def of(*patients: str) -> Json:
    return SITE | {"patients": [patient(p) for p in patients]}


def test_every_file_is_a_site_by_name(tmp_path: Path) -> None:
    sites = load_sites(folder_of(tmp_path / "sites", north=of("pat"), east=of("sam")))
    assert [(s.name, len(s.scenario.patients)) for s in sites] == [("east", 1), ("north", 1)]


def test_every_fault_of_every_file_is_said_and_nothing_is_solved(tmp_path: Path) -> None:
    bad = of("pat") | {"rooms": [{"id": "big"}]}
    sites = folder_of(tmp_path / "sites", north=bad, south=of("pat"))
    (sites / "west.json").write_text("{", "utf-8")
    with pytest.raises(NetworkFaults) as caught:
        load_sites(sites)
    assert [str(f).split(": ")[0] for f in caught.value.faults] == [
        "north.json",
        "north.json",
        "west.json",
    ]


def test_a_folder_without_sites_is_said(tmp_path: Path) -> None:
    with pytest.raises(NetworkFaults, match="no scenario file"):
        load_sites(tmp_path)
    with pytest.raises(NetworkFaults, match="no such folder"):
        load_sites(tmp_path / "none")


def test_the_largest_begin_and_each_has_its_share_of_the_machine(tmp_path: Path) -> None:
    sites = load_sites(folder_of(tmp_path / "s", a=of("x"), b=of("x", "y", "z"), c=of("x", "y")))
    pool = HerePool(by_hand)
    answers = solve_sites(sites, Settings(time_limit=10), pool, share=True)
    assert list(pool.tasks) == ["b", "c", "a"]
    # Two side by side have twice the time; the last one has the machine for itself.
    assert [t.settings.time_limit for t in pool.tasks.values()] == [20, 20, 10]
    assert [a.site.name for a in answers] == ["a", "b", "c"]
    alone = HerePool(by_hand)
    solve_sites(sites, Settings(time_limit=10), alone, share=False)
    assert {t.settings.time_limit for t in alone.tasks.values()} == {10}


def test_shared_settings() -> None:
    assert shared(Settings(time_limit=10, seed=4), 2) == Settings(
        time_limit=20, seed=4, workers=threads_each(2)
    )


def test_the_summary_has_a_row_for_each_site_and_one_for_all(tmp_path: Path) -> None:
    sites = load_sites(folder_of(tmp_path / "s", a=of("x"), b=of("x", "y"), c=of("x")))
    pool = HerePool(by_hand)
    pool.fails = {"c"}
    table = [
        dict(zip(HEADINGS, row, strict=True))
        for row in rows(solve_sites(sites, Settings(), pool, share=True))
    ]
    assert [r["site"] for r in table] == ["a", "b", "c", "total"]
    assert table[1]["fully served"] == "2 of 2"
    assert table[2]["schedule"] == "failed: it was stopped before it began"
    assert table[3]["schedule"] == "2 of 3"
    assert table[3]["fully served"] == "3 of 3"
    assert table[3]["hours"] == "3 of 3"
    assert table[3]["staff cost"] == f"{2 * (40 + 50) * 15:,}"


def test_the_command_writes_every_answer_and_the_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from contextlib import nullcontext  # noqa: PLC0415

    sites = folder_of(tmp_path / "sites", north=of("pat"), east=of("sam", "kim"))
    pool = HerePool(by_hand)
    monkeypatch.setattr("solver.cli.network.opened_pool", lambda *_: nullcontext(pool))
    with pytest.raises(typer.Exit) as ended:
        solve_all(str(sites), str(tmp_path / "out"), quiet=False)
    assert ended.value.exit_code == 0
    names = {p.name for p in (tmp_path / "out").iterdir()}
    assert names == {
        "east.schedule.json", "east.result.json", "north.schedule.json", "north.result.json",
        "summary.csv",
    }  # fmt: skip
    with (tmp_path / "out" / "summary.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["site"] for row in table] == ["east", "north", "total"]
    assert "total" in capsys.readouterr().out
