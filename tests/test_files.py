"""The loader: what is refused before anybody looks at what it says, and how files are written."""

from __future__ import annotations

import io
import json
import os
import random
import stat
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from solver.errors import FileFaults, ScenarioError, ScheduleError
from solver.io.files import dump, load_scenario, load_schedule, parse_json, save_json
from solver.scenario import Scenario
from solver.validation import read_scenario

EVERY_FIELD = Path(__file__).parent / "data" / "every-field.json"


def refusal(text: str | bytes) -> str:
    """The one message with which a text is refused."""
    with pytest.raises(FileFaults) as caught:
        parse_json(text)
    (fault,) = caught.value.faults
    return str(fault)


def load_refusal(path: str | Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        load_scenario(path)
    (fault,) = caught.value.faults
    return str(fault)


# -- files that cannot be read ----------------------------------------------------------------


def test_missing_file(tmp_path: Path) -> None:
    assert load_refusal(tmp_path / "week.json") == f"{tmp_path}/week.json: no such file"


def test_folder(tmp_path: Path) -> None:
    assert load_refusal(tmp_path) == f"{tmp_path}: this is a folder; a file is expected"


@pytest.mark.parametrize("name", ["", "week\0.json", "x" * 5000])
def test_name_no_file_can_have(name: str) -> None:
    assert load_refusal(name)


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "week.json"
    path.write_text("{}")

    def deny(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", deny)  # the tests may run as root, who may read everything
    assert load_refusal(path) == f"{path}: not allowed to read or write here"


def test_200_megabytes_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "week.json"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    monkeypatch.setattr(Path, "open", None)  # opening it would fail
    assert load_refusal(path) == f"{path}: found 200 MB; at most 50 MB are read"


def test_endless_file_is_read_no_further_than_the_limit() -> None:
    message = "/dev/zero: found more than 50 MB; at most 50 MB are read"
    assert load_refusal("/dev/zero") == message


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(EVERY_FIELD.read_bytes()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert load_scenario("-")[0] == load_scenario(EVERY_FIELD)[0]


def test_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes(EVERY_FIELD.read_bytes()))
    writer.start()
    scenario, _ = load_scenario(pipe)
    writer.join()
    assert scenario.name == "every field"


# -- texts that are no JSON -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty; JSON is expected"),
        (" \n\t", "the file is empty; JSON is expected"),
        ('{"a": }', "line 1, column 7: not JSON: found '}'; a value is expected"),
        ('{"a": 1,\n}', "line 2, column 1: not JSON: found '}'; no comma may stand before it"),
        ("[1,2, ]", "line 1, column 7: not JSON: found ']'; no comma may stand before it"),
        ('{"a" 1}', "line 1, column 6: not JSON: found '1'; a colon is expected"),
        (
            '{"a": 1 "b": 2}',
            "line 1, column 9: not JSON: found '\"'; a comma or the closing bracket is expected",
        ),
        ("{a: 1}", "line 1, column 2: not JSON: found 'a'; a key in double quotes is expected"),
        ("{} {}", "line 1, column 4: not JSON: found '{'; nothing may follow the closing bracket"),
        ('{"a": [1, 2', "line 1, column 12: not JSON: the file ends in the middle of something"),
        (
            '{"a": "b',
            (
                "line 1, column 7: not JSON: found '\"'; "
                "the text that begins here has no closing quote"
            ),
        ),
        (
            '{"a": "b\nc"}',
            (
                "line 1, column 9: not JSON: found '\\n'; "
                "inside text a line break is written \\n, a tab \\t"
            ),
        ),
        (
            '{"a": "C:\\dir"}',
            "line 1, column 10: not JSON: found '\\\\'; inside text a backslash is written \\\\",
        ),
        ("# name: week\n", "line 1, column 1: not JSON: found '#'; a value is expected"),
        ('{"a": NaN}', "line 1, column 7: found NaN; JSON has finite numbers only"),
        ('{"NaN": -Infinity}', "line 1, column 9: found -Infinity; JSON has finite numbers only"),
        (
            '{"a": "1e999",\n "b": 1e999}',
            "line 2, column 7: found 1e999, which is out of any useful range",
        ),
        (
            '{"a": 1, "b": {"a": 2}, "c": {"d": 1,\n "d": 2}}',
            "line 2, column 2: the key 'd' stands twice in one object; each key stands once",
        ),
        (
            '{"a": ["ok", "\\ud83d"]}',
            "a[1]: found '\\ud83d'; half a character (a lone surrogate) is no text",
        ),
        (
            '{"\\udc00": 1}',
            "found '\\udc00'; half a character (a lone surrogate) is no text",
        ),
    ],
)
def test_text_is_refused_with_its_place(text: str, message: str) -> None:
    assert refusal(text) == message
    assert refusal(text.encode()) == message


def test_whole_characters_in_two_halves_are_text() -> None:
    assert parse_json('"\\ud83d\\ude00"') == "\U0001f600"


@pytest.mark.parametrize("digits", [5_000, 1_000_000])
def test_numbers_of_thousands_of_digits(digits: int) -> None:
    whole = f'{{"a": {"9" * digits}}}'
    assert refusal(whole) == (f"line 1, column 7: found a number of {digits} digits; 20 are enough")
    assert "out of any useful range" in refusal(f'{{"a": 0.{"9" * digits}}}')


@pytest.mark.parametrize("bracket", ["[", '{"a":', '[{"a":'])
@pytest.mark.parametrize("depth", [51, 100_000])
def test_deep_nesting_never_reaches_the_parser(bracket: str, depth: int) -> None:
    assert "nested deeper than 50" in refusal(bracket * depth)


def test_brackets_in_text_are_no_nesting() -> None:
    assert parse_json(json.dumps({"a": '[[{"' * 500})) == {"a": '[[{"' * 500}


def test_nesting_up_to_the_limit_is_read() -> None:
    assert parse_json("[" * 50 + "]" * 50)


def test_byte_order_mark_is_skipped() -> None:
    assert parse_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a":\n "\xff"}', "line 2: not UTF-8 text"),
        ('{"a": 1}'.encode("utf-16"), "line 1: not UTF-8 text; it looks like UTF-16"),
        (b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00\xb5", "line 1: not UTF-8 text"),
        (b"\x00\x01\x02", "line 1, column 1: not JSON: found '\\x00'; a value is expected"),
    ],
)
def test_bytes_that_are_no_text(content: bytes, message: str) -> None:
    assert refusal(content).startswith(message)


def test_damaged_bytes_are_read_or_refused() -> None:
    """Bytes of a valid file changed, cut out and doubled: a result or FileFaults, nothing else."""
    chance = random.Random(11)
    original = EVERY_FIELD.read_bytes()
    refused: list[FileFaults] = []
    for _ in range(400):
        content = bytearray(original)
        for _ in range(chance.randint(1, 3)):
            start = chance.randrange(len(content))
            end = start + chance.choice((1, 1, 2, 20))
            junk = bytes(chance.choices(b'"{}[]:,\\0e-+.\xc3\x00N', k=chance.randrange(3)))
            content[start:end] = chance.choice((b"", junk, content[start:end] * 2))
        try:
            read_scenario(parse_json(bytes(content)))
        except FileFaults as error:
            refused.append(error)
    assert 300 < len(refused) < 400
    assert all(fault.message for error in refused for fault in error.faults)


# -- which error ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["[]", "3", '"week"', "null", "true"])
def test_top_level_is_an_object(tmp_path: Path, text: str) -> None:
    path = tmp_path / "week.json"
    path.write_text(text)
    assert load_refusal(path).endswith("a scenario is an object { … }")


def test_a_schedule_file_is_refused_as_one(tmp_path: Path) -> None:
    scenario, _ = load_scenario(EVERY_FIELD)
    with pytest.raises(ScheduleError, match="no such file"):
        load_schedule(tmp_path / "none.json", scenario)
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(ScheduleError, match="a schedule is an object"):
        load_schedule(tmp_path / "list.json", scenario)


def test_loading_says_what_is_worth_knowing() -> None:
    _, said = load_scenario(EVERY_FIELD)
    assert [notice.place for notice in said] == ["patients[2]"]


# -- writing ----------------------------------------------------------------------------------


@pytest.fixture
def scenario() -> Scenario:
    return load_scenario(EVERY_FIELD)[0]


def test_saved_scenario_loads_again(tmp_path: Path, scenario: Scenario) -> None:
    path = tmp_path / "week.json"
    save_json(path, scenario)
    assert load_scenario(path)[0] == scenario
    assert path.read_bytes().endswith(b"}\n")


def test_saved_schedule_loads_again(tmp_path: Path, scenario: Scenario) -> None:
    assert scenario.baseline is not None
    schedule = scenario.baseline.model_copy(update={"week_start": scenario.week_start})
    path = tmp_path / "schedule.json"
    save_json(path, schedule)
    assert load_schedule(path, scenario) == schedule


def test_a_schedule_in_json_has_what_its_form_always_has(scenario: Scenario) -> None:
    assert scenario.baseline is not None
    data: dict[str, Any] = dump(scenario.baseline)
    assert list(data) == [
        "schema_version", "scenario", "week_start", "sections", "appointments", "not_admitted",
    ]  # fmt: skip
    assert data["sections"][0]["meetings"][1] == {
        "day": "wed",
        "start": "09:00",
        "room": None,
        "cancelled": True,
    }
    assert data["appointments"][1] == {
        "id": "ana-2",
        "service": "family",
        "patient": "ana",
        "therapist": "eve",
        "day": "fri",
        "start": "16:00",
        "room": "elm",
    }


def test_dump_leaves_defaults_out_and_keeps_never(scenario: Scenario) -> None:
    data: dict[str, Any] = dump(scenario)
    assert data["patients"][2] == {
        "id": "carl",
        "name": "Carl",
        "program": "op",
        "status": "waitlist",
        "availability": [],
    }
    assert data["programs"][1]["quotas"] == []


def test_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "week.json"
    path.write_text("old")
    path.chmod(0o644)
    save_json(path, {"a": "é"})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text("utf-8")) == {"a": "é"}
    assert [entry.name for entry in tmp_path.iterdir()] == ["week.json"]


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "week.json"
    path.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileFaults, match=r"week\.json: cannot be written: No space left"):
        save_json(path, {"a": 1})
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["week.json"]


@pytest.mark.parametrize("where", ["none/week.json", ".", "week\0.json"])
def test_place_that_cannot_be_written(tmp_path: Path, where: str) -> None:
    with pytest.raises(FileFaults, match="cannot be written"):
        save_json(f"{tmp_path}/{where}", {"a": 1})
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target)
    save_json(link, {"a": 1})
    assert link.is_symlink()
    assert json.loads(target.read_text()) == {"a": 1}


def test_writing_to_a_device() -> None:
    save_json("/dev/null", {"a": 1})
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
