"""Names instead of ids, words instead of jargon."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from solver import rules
from solver.explain.wording import names as wording
from solver.explain.wording.names import Names
from solver.explain.wording.reasons import together
from solver.ledger import Ledger
from tests.builders import clinic, group, patient, plan, read, room, section, therapist, visit, week

JARGON = re.compile(
    r"constraint|infeasib|feasib|objective|variable|optimi|presolve|solver|CP-SAT|boolean|literal"
)


def test_no_word_of_a_rules_message_is_taken_for_an_id() -> None:
    used: set[str] = set()
    for path in Path(rules.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [v.value for v in node.values if isinstance(v, ast.Constant)]
                used |= {w for part in parts for w in re.findall(r"[A-Za-z]+", str(part))}
    assert used <= wording.PLAIN_WORDS


def names() -> Names:
    scenario = clinic(
        rooms=[
            room("big", 4) | {"name": "Big Room"},
            room("small", 1),
            room("office", 2) | {"name": "Office 1"},
        ],
        therapists=[therapist("ann") | {"name": "Ann Lee"}, therapist("is") | {"name": "Bob"}],
        groups=[group("cbt") | {"name": "Coping"}],
        patients=[
            patient("pat", commitments=[{"label": "post office", "windows": []}])
            | {"name": "Sam Poe"},
            patient("sam") | {"name": "Sam Poe"},
        ],
    )
    scenario["patients"][0]["commitments"][0]["windows"] = [
        {"days": ["mon"], "start": "09:00", "end": "10:00"}
    ]
    here = read(scenario)
    lawful = plan(week(section(["pat"], name="cbt-1"), visit("sam", "ann", "tue", name="v")), here)
    return Names(here, Ledger(here, lawful))


def test_messages_are_said_with_names() -> None:
    said = names().say
    assert (
        said("cbt-1: ann is not available mon 09:00", "cbt-1")
        == "Ann Lee is not available Mon 09:00"
    )
    assert said("sam has 3 sessions of solo, 2 at most") == (
        "Sam Poe (sam) has 3 sessions of solo, 2 at most"
    )
    assert said("cbt is for iop; pat is in php") == "Coping is for iop; Sam Poe (pat) is in php"
    assert said("mon 09:00 is outside pat's availability") == (
        "Sam Poe (pat) is not available Mon 09:00"
    )
    assert said("pat is kept by post office at mon 09:00") == (
        "Sam Poe (pat) is kept by post office at Mon 09:00"
    )
    assert said("office seats 2, 3 come") == "Office 1 seats 2, 3 come"
    assert (
        said("cbt-1 has 5 members, 4 at most may sit")
        == "Coping (cbt-1) has 5 members, 4 at most may sit"
    )


def test_sessions_are_called_by_what_and_when() -> None:
    known = names()
    assert known.session("cbt-1") == "Coping Mon 09:00–10:00"
    assert known.title("cbt-1") == "Coping Mon 09:00–10:00 (cbt-1)"
    assert known.session("v") == "solo Tue 09:00–09:30"
    assert known.session("gone") == "gone"


def test_the_same_on_several_days_is_told_once() -> None:
    texts = [
        "Ann is not available Wed 09:00",
        "Ann is not available Mon 09:00",
        "Ben has solo Mon 09:00–10:00 with Ann",
        "Ann is not available Mon 10:00",
    ]
    assert together(texts) == [
        "Ann is not available Mon and Wed 09:00",
        "Ben has solo Mon 09:00–10:00 with Ann",
        "Ann is not available Mon 10:00",
    ]


def test_no_jargon_in_any_text() -> None:
    folder = Path(wording.__file__).parent
    for path in folder.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                text = "".join(str(v.value) for v in node.values if isinstance(v, ast.Constant))
                assert not JARGON.search(text), (path.name, text)
