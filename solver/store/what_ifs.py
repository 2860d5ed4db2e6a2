"""What-ifs: a version of a scenario, and a list of changes to it, version by version."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..errors import Fault, FileFaults
from . import texts
from .checks import hash_of
from .database import Database, Writing
from .differences import Difference, differences
from .errors import NotFound
from .tables import KeptScenario, ScenarioVersion, WhatIf, WhatIfVersion
from .versions import already_saved

Document = Mapping[str, object] | str
"""A JSON object with a list ``changes``; what else is in it (a name, a note) is the caller's."""


class WhatIfs:
    """Questions about a week."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def new(self, base: ScenarioVersion, content: Document, by: str) -> WhatIfVersion:
        """Version 1 of a what-if.

        Raises:
            FileFaults: the content is no JSON object with a list of changes.
        """
        text = _text(content)
        with self._database.writing(by) as writing:
            session = writing.session
            if session.get(ScenarioVersion, base.id) is None:
                raise NotFound(f"there is no version {base.id!r} of a scenario")
            what_if = WhatIf(id=texts.new_id(), base_id=base.id, made_at=writing.at)
            session.add(what_if)
            session.flush()
            return _added(writing, what_if, None, text)

    def save(self, id: str, content: Document, by: str, *, based_on: int) -> WhatIfVersion:
        """The next version, or the last one where nothing is different.

        Raises:
            Conflict: somebody saved a later version than ``based_on``; with what they changed.
            NotFound: there is no such what-if or version.
            FileFaults: the content is no JSON object with a list of changes.
        """
        text = _text(content)
        hash = hash_of(text)
        with self._database.writing(by) as writing:
            session = writing.session
            latest = _version(session, id, None)
            there = already_saved(
                "what-if",
                latest,
                based_on,
                writing.author,
                lambda version: version.hash == hash,
                lambda version: _changed(session, id, based_on, version),
            )
            if there is not None:
                return there
            return _added(writing, session.get_one(WhatIf, id), latest, text)

    def version(self, id: str, number: int | None = None) -> WhatIfVersion:
        """A version of a what-if, the last one if no number is said; NotFound where none is."""
        with self._database.reading() as session:
            return _version(session, id, number)

    def base(self, id: str) -> ScenarioVersion:
        """The version of a scenario that a what-if is about; NotFound where none is."""
        with self._database.reading() as session:
            what_if = session.get(WhatIf, id)
            if what_if is None:
                raise NotFound(f"there is no what-if {id!r}")
            return session.get_one(ScenarioVersion, what_if.base_id)

    def of_scenario(self, scenario_id: str) -> list[WhatIfVersion]:
        """The last version of each what-if about any version of a scenario, oldest first."""
        last = (
            select(WhatIfVersion.what_if_id, func.max(WhatIfVersion.number).label("number"))
            .group_by(WhatIfVersion.what_if_id)
            .subquery()
        )
        found = (
            select(WhatIfVersion)
            .join(
                last,
                (WhatIfVersion.what_if_id == last.c.what_if_id)
                & (WhatIfVersion.number == last.c.number),
            )
            .join(WhatIf, WhatIf.id == WhatIfVersion.what_if_id)
            .join(ScenarioVersion, ScenarioVersion.id == WhatIf.base_id)
            .where(ScenarioVersion.scenario_id == scenario_id)
            .order_by(WhatIf.made_at, WhatIf.id)
        )
        with self._database.reading() as session:
            return list(session.scalars(found))

    def text(self, version: WhatIfVersion) -> str:
        """The text of a version as it was saved, byte for byte."""
        with self._database.reading() as session:
            return texts.get(session, version.hash)

    def read(self, version: WhatIfVersion) -> dict[str, object]:
        """What is in a version."""
        return texts.object_in(self.text(version))


def _text(content: Document) -> str:
    text = texts.text_of(content)
    if not isinstance(texts.object_in(text).get("changes"), list):
        raise FileFaults([Fault("changes", "a what-if has a list of changes, if an empty one")])
    return text


def _version(session: Session, id: str, number: int | None) -> WhatIfVersion:
    of_it = select(WhatIfVersion).where(WhatIfVersion.what_if_id == id)
    if number is not None:
        of_it = of_it.where(WhatIfVersion.number == number)
    found = session.scalar(of_it.order_by(WhatIfVersion.number.desc()).limit(1))
    if found is None:
        which = "" if number is None else f" with a version {number}"
        raise NotFound(f"there is no what-if {id!r}{which}")
    return found


def _changed(
    session: Session, id: str, based_on: int, latest: WhatIfVersion
) -> tuple[Difference, ...]:
    if based_on == 0:
        return ()
    hashes = (_version(session, id, based_on).hash, latest.hash)
    was, now = (texts.object_in(texts.get(session, hash)) for hash in hashes)
    return differences(was, now)


def _added(
    writing: Writing, what_if: WhatIf, latest: WhatIfVersion | None, text: str
) -> WhatIfVersion:
    session = writing.session
    version = WhatIfVersion(
        id=texts.new_id(),
        what_if_id=what_if.id,
        number=latest.number + 1 if latest is not None else 1,
        parent_id=latest.id if latest is not None else None,
        hash=texts.put(session, text),
        author=writing.author,
        made_at=writing.at,
    )
    session.add(version)
    base = session.get_one(ScenarioVersion, what_if.base_id)
    writing.note(
        "what_if.saved" if latest is not None else "what_if.made",
        version.id,
        session.get_one(KeptScenario, base.scenario_id).clinic_id,
        what_if=what_if.id,
        version=version.number,
        base=base.id,
        hash=version.hash,
    )
    return version
