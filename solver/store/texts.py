"""Documents: exact texts, kept once under their hash, checked whenever they are read."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..clinic import Clinic
from ..errors import Fault, FileFaults, ScenarioError
from ..io.files import dump, parse_json
from ..scenario import Scenario
from ..schedule import Schedule
from ..validation import read_scenario, read_schedule
from .checks import hash_of, must_be
from .errors import Unreadable
from .tables import StoredText

Content = BaseModel | Mapping[str, object] | str
"""What can be kept: a text as it is, or what is to be made one as files are."""


def text_of(content: Content) -> str:
    """The text that is kept, byte for byte; of anything but a text, that of its file."""
    if isinstance(content, str):
        return content
    data = dump(content) if isinstance(content, BaseModel) else content
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def put(session: Session, text: str) -> str:
    """Keep a text; its hash."""
    hash = hash_of(text)
    if session.scalar(select(StoredText.hash).where(StoredText.hash == hash)) is None:
        session.add(StoredText(hash=hash, content=text))
        session.flush()
    return hash


def get(session: Session, hash: str) -> str:
    """The text of a hash.

    Raises:
        Unreadable: it is gone, or is another.
    """
    text = session.scalar(select(StoredText.content).where(StoredText.hash == hash))
    if text is None:
        raise Unreadable("a document in it is gone")
    return must_be(text, hash)


def new_id() -> str:
    """An id that nobody has and nobody can guess."""
    return secrets.token_hex(8)


# -- what a text says -----------------------------------------------------------------------------


def scenario_in(text: str) -> Scenario:
    """The scenario in a text; ScenarioError with every fault."""
    try:
        return read_scenario(parse_json(text))[0]
    except FileFaults as error:
        raise ScenarioError(error.faults) from None


def schedule_in(text: str, scenario: Scenario) -> Schedule:
    """The schedule in a text; ScheduleError or FileFaults with every fault."""
    return read_schedule(parse_json(text), scenario)


def clinic_in(text: str) -> Clinic:
    """A scenario with its derived facts."""
    return Clinic(scenario_in(text))


def object_in(text: str) -> dict[str, object]:
    """The JSON object in a text; FileFaults where it is none."""
    value = parse_json(text)
    if not isinstance(value, dict):
        raise FileFaults([Fault("", "an object { … } is expected")])
    return value
