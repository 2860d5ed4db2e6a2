"""Pages made from the code are up to date, and the pages written by hand quote what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from solver import docs
from solver.cli.terminal import MEANINGS
from solver.goals import GOALS, Goal
from solver.rules import RULES, Rule

ROOT = Path(__file__).resolve().parents[1]
ADD_A_RULE = (ROOT / "docs" / "add-a-rule.md").read_text("utf-8")
BY_HAND = [p for p in sorted((ROOT / "docs").glob("*.md")) if p.name not in docs.PAGES]


def test_the_pages_are_up_to_date() -> None:
    assert docs.stale() == []
    assert docs.main(["--check"]) == 0


def test_a_page_that_is_not_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(docs, "FOLDER", tmp_path)
    docs.write(tmp_path)
    assert docs.stale(tmp_path) == []
    (tmp_path / "rules.md").write_text("# Rules\n")
    (tmp_path / "goals.md").unlink()
    monkeypatch.setattr(docs.stale, "__defaults__", (tmp_path,))
    assert docs.main(["--check"]) == 1
    said = capsys.readouterr().err
    assert [line.split()[0] for line in said.splitlines()] == ["docs/rules.md", "docs/goals.md"]


def test_writing_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs.write, "__defaults__", (tmp_path / "new",))
    assert docs.main([]) == 0
    assert sorted(p.name for p in (tmp_path / "new").iterdir()) == sorted(docs.PAGES)


@pytest.mark.parametrize("thing", [*RULES, *GOALS], ids=lambda thing: thing.key)
def test_every_rule_and_goal_has_its_words(thing: Rule | Goal) -> None:
    page = docs.rules_page() if isinstance(thing, Rule) else docs.goals_page()
    section = page[page.index(f"\n## {thing.key}\n") :]
    assert section.splitlines()[3].startswith(f"**{thing.title}.** ")
    words = " ".join(re.sub(r"``(.+?)``", r"`\1`", type(thing).__doc__ or "").split())
    assert words in " ".join(section.split())
    assert (ROOT / type(thing).__module__.replace(".", "/")).with_suffix(".py").is_file()


def test_the_command_line_page_has_commands_options_and_exit_codes() -> None:
    page = docs.command_line_page()
    for words in ("## iop solve", "`-o, --output FILE`", "iop show scenarios/matrix-evening.json"):
        assert words in page
    assert all(f"| {code.value} | {meaning} |" in page for code, meaning in MEANINGS.items())
    assert "\b" not in page


def test_code_quoted_in_add_a_rule_is_the_code() -> None:
    quoted = re.findall(r"```python\n(.*?)```", ADD_A_RULE, re.DOTALL)
    sources = [
        (ROOT / name).read_text("utf-8")
        for name in sorted(set(re.findall(r"`(solver/[\w/]+\.py)`", ADD_A_RULE)))
    ]
    assert len(quoted) >= 5
    for block in quoted:
        assert any(block in source for source in sources), block


@pytest.mark.parametrize("page", BY_HAND, ids=lambda p: p.name)
def test_files_and_links_of_a_page_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    named = re.findall(r"`((?:solver|tests|scenarios|docs)/[\w/.-]*)`", text)
    assert [name for name in named if not (ROOT / name).exists()] == []
    linked = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert [name for name in linked if not (page.parent / name).exists()] == []
