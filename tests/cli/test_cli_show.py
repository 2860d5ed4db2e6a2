"""`iop check` and `iop show`: a week judged, and a week as a person reads it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.builders import clinic, patient, visit, week
from tests.cli.running import Iop, saved


def test_check_of_a_legal_week(tiny: tuple[str, str], iop: Iop) -> None:
    assert iop("check", *tiny) == 0
    assert iop.out.startswith("Legal: no rule is broken.")
    for goal in ("unmet_care", "short_days", "turned_away", "disruption", "burden", "staffing"):
        assert re.search(rf"{goal} +\d", iop.out)


def test_check_of_a_broken_week_names_rule_and_place(
    tiny: tuple[str, str], tmp_path: Path, iop: Iop
) -> None:
    late = week(visit(start="11:45"), visit("sam", "bob", place="big", start="11:45", name="b"))
    path = saved(tmp_path, "late.json", late)
    assert iop("check", tiny[0], path) == 1
    assert iop.out.startswith("Not legal: ")
    grid = iop.out[iop.out.index("Sessions start on the grid (on_grid)") :].splitlines()
    assert [line.strip()[:1] for line in grid[1:3]] == ["a", "b"]
    assert iop("check", tiny[0], path, "--json") == 1
    answer = json.loads(iop.out)
    assert answer["legal"] is False
    rules = {v["rule"] for v in answer["violations"]}
    assert {"on_grid", "opening_hours"} <= rules
    assert set(answer["goals"]) == {goal for tier in answer["tiers"] for goal in tier["goals"]}


def test_check_says_what_a_tier_adds_up(tmp_path: Path, iop: Iop) -> None:
    policy = {"tiers": [["burden", "staffing"]], "weights": {"burden": 3}}
    scenario = saved(tmp_path, "a.json", clinic(policy=policy))
    schedule = saved(tmp_path, "b.json", week(visit("pat")))
    assert iop("check", scenario, schedule, "--json") == 0
    answer = json.loads(iop.out)
    value = 3 * answer["goals"]["burden"] + answer["goals"]["staffing"]
    assert answer["tiers"][0] == {"goals": ["burden", "staffing"], "value": value}
    assert iop("check", scenario, schedule) == 0
    assert f"Tier 1 is worth {value}: 3 × burden + 1 × staffing" in iop.out


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("room", ("big", "small", "Coping Skills", "ann, 2 patients", "bob, Sam Poe")),
        ("therapist", ("ann", "bob", "big, 2 patients", "small, Sam Poe")),
        ("patient", ("Pat Lee", "Sam Poe", "Coping Skills", "solo")),
        ("group", ("Coping Skills", "2 sections", "ann, big, 1 patient")),
    ],
)
@pytest.mark.parametrize("columns", ["50", "120"])
def test_show_a_week(
    by: str,
    names: tuple[str, ...],
    columns: str,
    tiny: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
    iop: Iop,
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert iop("show", *tiny, "--by", by) == 0
    assert max(map(len, iop.out.splitlines())) <= int(columns)
    text = " ".join(re.sub(r"[│─┼├┤┌┐└┘┬┴]", " ", iop.out).split())
    assert "week of 5 January 2026" in text
    assert all(name in text for name in names)
    assert "09:00–10:00" in text
    assert "Tue" in text
    assert iop.err == ""
    assert not re.search(r"\x1b| $", iop.out, re.MULTILINE)


def test_show_one_of_them_with_everybody_by_name(tiny: tuple[str, str], iop: Iop) -> None:
    assert iop("show", *tiny, "--who", "ann") == 0
    assert "ann, 2 of 15 h" in iop.out
    assert re.search(r"│ 09:00–10:00 │ Coping", iop.out)
    assert "bob" not in iop.out
    assert "Pat Lee" in iop.out


def test_show_somebody_who_does_not_exist(tiny: tuple[str, str], iop: Iop) -> None:
    assert iop("show", *tiny, "--who", "patt", "--by", "patient") == 2
    assert iop.err == "error: --who: no patient 'patt'; did you mean Pat Lee (pat)?\n"


def test_show_for_machines(tiny: tuple[str, str], iop: Iop) -> None:
    assert iop("show", *tiny, "--who", "sam", "--json") == 0
    answer = json.loads(iop.out)
    (only,) = answer["weeks"]
    assert (answer["by"], only["name"]) == ("patient", "Sam Poe")
    assert [(s["day"], s["start"], s["end"]) for s in only["sessions"]] == [
        ("mon", "09:00", "10:00"),
        ("mon", "11:00", "11:30"),
    ]


def test_show_an_illegal_week_with_a_warning(
    tiny: tuple[str, str], tmp_path: Path, iop: Iop
) -> None:
    late = saved(tmp_path, "late.json", week(visit(start="11:45")))
    assert iop("show", tiny[0], late) == 0
    assert re.match(r"note: this schedule breaks \d rules", iop.err)


def test_names_cannot_move_the_cursor(tmp_path: Path, iop: Iop) -> None:
    evil = patient("pat") | {"name": "\x1b[2J[red]Pat\r"}
    scenario = saved(tmp_path, "a.json", clinic(patients=[evil]))
    schedule = saved(tmp_path, "b.json", week(visit()))
    for command in (("show", "--by", "patient"), ("show", "--who", "pat"), ("check",)):
        assert iop(command[0], scenario, schedule, *command[1:]) == 0
        assert "\x1b" not in iop.out
        assert "\r" not in iop.out
    assert iop("show", scenario, schedule, "--by", "patient") == 0
    assert "[red]Pat" in iop.out
