"""Sheets to print, as HTML and as PDF: what stands on them, and that nothing is lost or run."""

from __future__ import annotations

import io
import re
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from solver.clinic import Clinic
from solver.errors import FileFaults
from solver.io.files import load_scenario, load_schedule
from solver.io.out import Format, Readers, Subject
from solver.io.out.fonts import in_print, is_replaced, needs_shaping
from solver.io.out.pdf import pdf
from solver.io.out.sheets import Column, TableSheet, WeekSheet, sheets
from tests.builders import clinic, group, section, week
from tests.builders import patient as a_patient
from tests.builders import therapist as a_therapist
from tests.cli.running import EVENING, ROOT
from tests.io import eventful
from tests.io.told import OPEN, patient, readers, text_of, therapist, written

PAGES: tuple[Format, ...] = ("html", "pdf")


def pages(content: bytes) -> list[Any]:
    return list(PdfReader(io.BytesIO(content)).pages)


def headings(told: Readers, whom: Any) -> list[str]:
    return [sheet.heading for sheet in sheets(told, whom)]


# -- which sheets there are -----------------------------------------------------------------------


def test_sheets_of_many() -> None:
    told = readers()
    assert headings(told, "rooms") == ["big", "small"]
    assert headings(told, "therapists") == ["Ann O'Neill", "-Bob", "Катя"]
    assert len(headings(told, "patients")) == 8
    assert headings(told, "groups") == ["Coping <Skills> & more", "+Mixed", "Far, away; group"]
    assert headings(told, "changes") == ["Out of the ordinary this week"]
    assert len(sheets(told, None)) == 1 + 2 + 3 + 3 + 8


def test_a_week_without_anything_out_of_the_ordinary_has_no_list_of_it() -> None:
    assert headings(readers(clinic(), week(section(["pat"]))), "changes") == []


def test_a_therapists_sheet() -> None:
    (sheet,) = sheets(readers(), therapist("ann"))
    assert isinstance(sheet, WeekSheet)
    assert (sheet.heading, sheet.note) == ("Ann O'Neill", "tiny, week of 5 January 2026")
    monday = dict(sheet.days)["Mon 5 Jan"][0]
    assert (monday.time, monday.title, monday.call_out, monday.off) == (
        "09:00–10:00",
        "Coping <Skills> & more",
        "Катя for -Bob",
        False,
    )
    plain = [line.replace("\N{NO-BREAK SPACE}", " ") for line in monday.lines]
    assert plain == ["big", "with Катя", "S. A. 1., H. H. E., Z. Ł.", "excused: S. J. B."]
    wednesday = dict(sheet.days)["Wed 7 Jan"][0]
    assert (wednesday.call_out, wednesday.off) == ("Cancelled", True)
    assert dict(sheet.days)["Fri 9 Jan"] == ()


def test_a_patients_sheet_says_little() -> None:
    (sheet,) = sheets(readers(), patient("kim"))
    assert isinstance(sheet, WeekSheet)
    boxes = [(b.title, b.lines, b.call_out) for _, day in sheet.days for b in day]
    assert boxes == [
        ("Appointment", ("big",), "Excused"),
        ("Appointment", ("big",), "Cancelled"),
    ]
    assert sheet.note == "Week of 5 January 2026"


def test_sign_in_sheets_of_a_group() -> None:
    (sheet,) = sheets(readers(), Subject("group", "cbt"))
    assert isinstance(sheet, TableSheet)
    assert sheet.note == "Monday 5 January 2026, 09:00–10:00, big. Led by Ann O'Neill and Катя."
    assert sheet.call_out == "Катя for -Bob"
    people = [tuple(c.replace("\N{NO-BREAK SPACE}", " ") for c in row[:3]) for row in sheet.rows]
    assert people == [
        ("1", '<script>alert("1")</script> S.', ""),
        ("2", '"Ann") H.', ""),
        ("3", "Zoë Ł.", ""),
        ("", "Jo S.", "excused"),
        ("", "", ""),
        ("", "", ""),
    ]
    (named,) = sheets(readers(wording=OPEN), Subject("group", "cbt"))
    assert isinstance(named, TableSheet)
    assert named.rows[0][1] == eventful.MARKUP
    (hybrid,) = sheets(readers(), Subject("group", "mix"))
    assert isinstance(hybrid, TableSheet)
    assert hybrid.rows[1][1] == f"{eventful.CHINESE} (by video)"


def test_sign_in_sheets_of_one_day_in_the_order_of_its_hours() -> None:
    scenario, _ = load_scenario(EVENING)
    solved = ROOT / "scenarios" / "solved" / "matrix-evening.schedule.json"
    told = Readers(Clinic(scenario), load_schedule(solved, scenario))

    def notes(whom: Any, day: int | None = None) -> list[str]:
        return [s.note for s in sheets(told, whom, day)]

    of_monday = notes("groups", 0)
    assert sorted(of_monday) == sorted(n for n in notes("groups") if n.startswith("Monday"))
    hours = [note.split(", ")[1] for note in of_monday]
    assert hours == sorted(hours)
    assert len(hours) > 2
    one = Subject("group", scenario.groups[0].id)
    assert set(notes(one, 0)) <= set(notes(one))
    assert notes("groups", 6) == []
    with pytest.raises(ValueError, match="sign-in sheets"):
        sheets(told, "patients", 0)


def test_the_call_list_says_whom_to_tell() -> None:
    (sheet,) = sheets(readers(), "changes")
    assert isinstance(sheet, TableSheet)
    assert [(row[0], row[2]) for row in sheet.rows] == [
        ("Monday 5 January 2026, 09:00–10:00", "Катя for -Bob; Jo S. is excused"),
        ("Wednesday 7 January 2026, 09:00–10:00", "Cancelled"),
    ]
    assert sheet.rows[1][3].endswith("Jo S. (kim), Zoë Ł. (zoe)")


# -- HTML -----------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """Names of the tags, and the text between them, as a browser tells them apart."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not [a for a in attrs if a[0].startswith("on") or a[0] in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_is_of_one_piece_and_runs_nothing() -> None:
    page = written(readers(wording=OPEN), "html", None).decode()
    read = Tags(page)
    assert "script" not in read.tags
    assert {"section", "h1", "table", "article"} <= read.tags
    assert "url(" not in page
    assert "@import" not in page
    assert "default-src 'none'" in page
    for name in (
        eventful.MARKUP,
        eventful.FORMULA,
        eventful.LONG,
        eventful.ARABIC,
        eventful.CHINESE,
    ):
        assert name in read.text


@pytest.mark.parametrize(("paper", "size"), [("letter", (792, 612)), ("a4", (842, 595))])
def test_the_paper(paper: Any, size: tuple[int, int]) -> None:
    page = written(readers(), "html", "rooms", paper=paper).decode()
    assert f"size: {paper} landscape" in page
    box = pages(written(readers(), "pdf", "rooms", paper=paper))[0].mediabox
    assert (round(box.width), round(box.height)) == size


# -- PDF ------------------------------------------------------------------------------------------


def test_a_pdf_has_every_name_in_its_letters_or_in_latin_ones() -> None:
    text = text_of(written(readers(wording=OPEN), "pdf", None), "pdf")
    for name in (
        eventful.MARKUP,
        "😀 Zoë Łukasz",
        eventful.LONG,
        "Катя",
        "O'Neill",
        "WangXiaoMing",
    ):
        assert name in text
    assert "Letters that cannot be printed here" in text
    assert "Letters that cannot" not in text_of(written(readers(), "pdf", patient("pat")), "pdf")


def test_every_sheet_begins_on_a_page_of_its_own() -> None:
    scenario = load_scenario(EVENING)[0]
    solved = ROOT / "scenarios" / "solved" / "matrix-evening.schedule.json"
    told = Readers(Clinic(scenario), load_schedule(solved, scenario))
    printed = sheets(told, None)
    found = pages(pdf(printed, "week", "letter"))
    assert len(found) == len(printed)
    for sheet, page in zip(printed, found, strict=True):
        assert page.extract_text().startswith(sheet.heading)


def test_what_one_page_cannot_hold_goes_on_on_the_next() -> None:
    names = [f"Person {n} {'of many words ' * 12}".strip() for n in range(40)]
    scenario = clinic(
        groups=[group(size={"min": 1, "max": 60}, modality="telehealth")],
        patients=[a_patient(f"p{n}") | {"name": name} for n, name in enumerate(names)],
        therapists=[a_therapist("ann") | {"name": "x" * 200}],
    )
    schedule = week(section([f"p{n}" for n in range(40)], {"day": "mon", "start": "09:00"}))
    told = readers(scenario, schedule, OPEN)
    for whom in (therapist("ann"), Subject("group", "cbt")):
        content = written(told, "pdf", whom)
        found = pages(content)
        text = text_of(content, "pdf")
        assert len(found) > 1
        assert all("(continued)" in page.extract_text() for page in found[1:])
        assert all(
            f"Person {n} of many" in text.replace("\N{NO-BREAK SPACE}", " ") for n in range(40)
        )
        assert len(re.findall("words", text)) == 40 * 12


def test_a_row_higher_than_a_page_is_divided() -> None:
    words = [f"word{n}" for n in range(2_000)]
    sheet = TableSheet(
        heading="h" * 3_000,
        note="n " * 3_000,
        call_out="",
        columns=(Column("A", 1), Column("B", 3)),
        rows=((" ".join(words), "b"), ("last", "")),
        to_sign=False,
        closing="closing",
        footer="",
    )
    text = text_of(pdf([sheet], "t", "letter"), "pdf")
    assert all(f"{word} " in text for word in words)
    assert "last" in text
    assert "closing" in text


@pytest.mark.parametrize("form", PAGES)
def test_an_empty_week_and_no_sheets_at_all(form: Format) -> None:
    empty = readers(clinic(groups=[], rooms=[]), week())
    assert written(empty, form, None)
    assert written(empty, form, "rooms")


def test_no_room_for_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(FileFaults, match=r"^the folder for temporary files: cannot be written"):
        written(readers(), "pdf", patient("pat"))


def test_a_selection_that_a_format_has_not() -> None:
    with pytest.raises(ValueError, match="of one subject or of the whole week"):
        written(readers(), "csv", "patients")


def test_letters_in_print() -> None:
    assert in_print("Zoë – ٣ नमस्ते") == "Zoë – ٣ नमस्ते"
    assert in_print("Zoe\u0308") == "Zoë"
    assert in_print("김민준 \ue000") == "GimMinJun ?"
    assert [is_replaced(t) for t in ("Zoë", "a\u200db", "김")] == [False, False, True]
    assert [needs_shaping(t) for t in ("Zoë", "Nguyễn", "Катя", "😀", "محمد", "नम")] == [
        False, False, False, False, True, True,
    ]  # fmt: skip
