"""Printing and files for other programs: what is asked of `iop export`, and the page and help."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from streamlit.testing.v1 import AppTest

from solver.io.files import load_scenario
from solver.io.out import FORMATS
from tests.cli.running import Iop
from ui.desk import asking, frame
from ui.desk.store import DEMO, READY, Desk
from ui.editing import printing
from ui.editing.printing import Wanted, whom_of

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
SOLVED = READY / "solved" / f"{DEMO}.schedule.json"


@pytest.mark.parametrize(
    ("wanted", "command", "title"),
    [
        (
            Wanted("pdf", "groups", "a4", "tue", full_names=True),
            "--to pdf --for groups -o week.pdf --paper a4 --day tue --full-names",
            "w-groups-tue.pdf",
        ),
        (
            Wanted("html", whom_of("rooms", "g1"), door_initials=True),
            "--to html --for room:g1 -o week.html --paper letter --door-initials",
            "w-room-g1.html",
        ),
        (Wanted("ics", "patients"), "--to ics --for patients -o calendars", "w-patients.zip"),
        (
            Wanted("ics", whom_of("patients", "p01"), name_services=True),
            "--to ics --for patient:p01 -o week.ics --name-services",
            "w-patient-p01.ics",
        ),
        (Wanted("fhir", "all"), "--to fhir --for all -o week.json", "w.json"),
        (Wanted("csv", whom_of("therapists", "../x")), "--to csv --for therapist:../x -o week.csv", None),
    ],
)  # fmt: skip
def test_what_is_asked_of_the_command_line(wanted: Wanted, command: str, title: str | None) -> None:
    said = wanted.command()
    assert said[:3] == ("export", "scenario.json", "schedule.json")
    assert " ".join(said[3:]) == command
    assert "/" not in wanted.title("w")
    assert title is None or wanted.title("w") == title


def test_every_format_has_its_name() -> None:
    assert set(printing.FORMATS) == set(FORMATS)
    assert all(Wanted(form, "all").mime for form in FORMATS)


@pytest.mark.parametrize("topic", list(printing.TOPICS))
def test_the_command_line_takes_what_the_page_asks(
    topic: printing.Topic,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scenario.json").write_bytes((READY / f"{DEMO}.json").read_bytes())
    (tmp_path / "schedule.json").write_bytes(SOLVED.read_bytes())
    wanted = Wanted("html", topic, day="tue" if topic == "groups" else "", door_initials=True)
    assert Iop(capsys)(*wanted.command()) == 0
    text = (tmp_path / wanted.written).read_text()
    scenario = load_scenario(READY / f"{DEMO}.json")[0]
    named = [p.name for p in scenario.patients if p.name in text]
    assert bool(named) == (topic == "patients")
    if topic == "groups":
        assert "Tuesday" in text
        assert "Monday" not in text


# -- the pages ------------------------------------------------------------------------------------


def shown(desk: Desk, name: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    app.query_params[frame.PARAMETER] = desk.id
    app.switch_page(f"ui/{name}.py").run()
    assert not app.exception, app.exception[0].message
    return app


def click(app: AppTest, label: str) -> AppTest:
    next(b for b in app.button if b.label == label).click().run()
    assert not app.exception, app.exception[0].message
    return app


def made(app: AppTest, label: str) -> Any:
    """The button to save what a child makes, once it is there."""
    latest = time.monotonic() + PATIENCE
    while not any(b.proto.label == label for b in app.get("download_button")):
        assert time.monotonic() < latest
        time.sleep(0.3)
        app.run()
        assert not app.exception, app.exception[0].message
    return app


@pytest.mark.slow
def test_sign_in_sheets_are_made_in_a_child_and_there_after_a_refresh(desk: Desk) -> None:
    desk.put(frame.KEPT + "print.topic", "groups")
    desk.put(frame.KEPT + "print.day", "tue")
    app = made(click(shown(desk, "print"), "Make the PDF"), "Save the file")
    assert any("Sign" in c.value or "sign" in c.value for c in app.caption)
    made(shown(desk, "print"), "Save the file")
    (job,) = frame.asker().jobs()
    text = "".join(
        p.extract_text()
        for p in PdfReader(io.BytesIO(job.answer().file("week.pdf").read_bytes())).pages
    )
    assert "Tuesday" in text
    assert "Signature" in text


def test_printing_with_initials_only_asks_for_initials(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(asking, "ask", lambda *said: asked.append(said))
    desk.put(frame.KEPT + "print.topic", "patients")
    desk.put(frame.KEPT + frame.INITIALS, True)
    app = click(shown(desk, "print"), "Make the PDF")
    scenario = load_scenario(READY / f"{DEMO}.json")[0]
    names = [p.name for p in scenario.patients]
    ((_, _, command, files),) = asked
    assert command[3:7] == ("--to", "pdf", "--for", "patients")
    assert not [n for n in names if n in str(files["scenario.json"])]
    options = [o for box in app.selectbox for o in box.options]
    assert not [n for n in names if n in " ".join(options)]
    assert "files have initials" in app.info[0].value


def test_other_formats_say_what_they_need(desk: Desk) -> None:
    desk.put(frame.KEPT + "print.form", "csv")
    desk.put(frame.KEPT + "print.kind", "patients")
    app = shown(desk, "print")
    assert not any(b.label == "Make the file" for b in app.button)
    desk.put(frame.KEPT + "print.one.patients", 0)
    assert any(b.label == "Make the file" for b in shown(desk, "print").button)


def test_help_has_every_rule_and_goal_and_finds_words(desk: Desk) -> None:
    app = shown(desk, "help")
    assert [h.value for h in app.subheader] == ["Rules (26 of 26)", "Goals (7 of 7)"]
    app.text_input(key="help find").set_value("meal").run()
    assert [h.value for h in app.subheader] == ["Rules (1 of 26)", "Goals (0 of 7)"]
    assert any("Meal between" in c.value for c in app.caption)
