"""What the tests of exports share: a week told to its readers, and the text of what comes out."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime
from typing import Any

from pypdf import PdfReader

from solver.io.out import Format, Readers, Subject, Wording, export
from tests.builders import Json, plan, read
from tests.io import eventful

NOW = datetime(2026, 1, 2, 15, 30, tzinfo=UTC)
PRIVATE = Wording()
OPEN = Wording(name_services=True, full_names=True)


def readers(
    scenario: Json | None = None,
    schedule: Json | None = None,
    wording: Wording = PRIVATE,
    previous: Json | None = None,
) -> Readers:
    """The eventful week, or another, told to its readers."""
    clinic = read(scenario or eventful.scenario())
    week = plan(schedule or eventful.schedule(), clinic)
    return Readers(clinic, week, wording, previous and plan(previous, clinic))


def written(told: Readers, form: Format, whom: Any, **how: Any) -> bytes:
    """The one file that is written."""
    content = export(told, form, whom, **({"now": NOW, "revision": 1} | how))
    assert isinstance(content, bytes)
    return content


def text_of(content: bytes, form: Format) -> str:
    """All that is written in a file, lines that were broken put together again."""
    match form:
        case "xlsx":
            with zipfile.ZipFile(io.BytesIO(content)) as parts:
                xml = "\n".join(parts.read(n).decode() for n in parts.namelist())
            return re.sub(r"<[^>]*>", " ", xml)
        case "pdf":
            pages = PdfReader(io.BytesIO(content)).pages
            return " ".join(" ".join(page.extract_text() for page in pages).split())
        case "ics":
            return re.sub(r"\r\n ", "", content.decode())
    return content.decode()


def patient(name: str) -> Subject:
    return Subject("patient", name)


def therapist(name: str) -> Subject:
    return Subject("therapist", name)
