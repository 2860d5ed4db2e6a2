"""Clinics, and their scenarios version by version."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..io.files import dump
from ..scenario import Scenario
from . import texts
from .checks import hash_of
from .database import Database, Writing, short_text
from .differences import Difference, differences
from .errors import NotFound
from .tables import Clinic, KeptScenario, ScenarioVersion
from .versions import already_saved


class Clinics:
    """The clinics of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Clinic]:
        """Every clinic, by name."""
        with self._database.reading() as session:
            return list(session.scalars(select(Clinic).order_by(Clinic.name)))

    def named(self, name: str, by: str) -> Clinic:
        """The clinic of that name, made if there is none."""
        name = short_text(name, "a clinic")
        with self._database.writing(by) as writing:
            found = writing.session.scalar(select(Clinic).where(Clinic.name == name))
            if found is None:
                found = Clinic(id=texts.new_id(), name=name, made_at=writing.at)
                writing.session.add(found)
                writing.note("clinic.made", found.id, found.id)
            return found


class Scenarios:
    """What weeks are planned from. Each version is kept as the exact text that was saved."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def new(
        self,
        clinic_id: str,
        content: Scenario | str,
        by: str,
        *,
        copy_of: ScenarioVersion | None = None,
    ) -> ScenarioVersion:
        """Version 1 of a new scenario.

        Args:
            copy_of: the version of another scenario that it was made from, if there is one.

        Raises:
            NotFound: there is no such clinic.
            ScenarioError: the text is no scenario; with every fault.
        """
        text = texts.text_of(content)
        week = texts.scenario_in(text).week_start
        with self._database.writing(by) as writing:
            if writing.session.get(Clinic, clinic_id) is None:
                raise NotFound(f"there is no clinic {clinic_id!r}")
            scenario = KeptScenario(id=texts.new_id(), clinic_id=clinic_id, made_at=writing.at)
            writing.session.add(scenario)
            writing.session.flush()
            version = ScenarioVersion(
                id=texts.new_id(),
                scenario_id=scenario.id,
                number=1,
                parent_id=copy_of.id if copy_of is not None else None,
                week_start=week,
                hash=texts.put(writing.session, text),
                author=writing.author,
                made_at=writing.at,
            )
            return _added(writing, version, clinic_id, "scenario.made")

    def save(
        self, scenario_id: str, content: Scenario | str, by: str, *, based_on: int
    ) -> ScenarioVersion:
        """The next version, or the last one where nothing is different.

        Args:
            based_on: the number of the version that was worked from.

        Raises:
            Conflict: somebody saved a later version; with what they changed. Nothing is written.
            NotFound: there is no such scenario or version.
            ScenarioError: the text is no scenario; with every fault.
        """
        text = texts.text_of(content)
        hash, week = hash_of(text), texts.scenario_in(text).week_start
        with self._database.writing(by) as writing:
            session = writing.session
            latest = _version(session, scenario_id, None)
            there = already_saved(
                "scenario",
                latest,
                based_on,
                writing.author,
                lambda version: version.hash == hash,
                lambda version: changed(session, scenario_id, based_on, version),
            )
            if there is not None:
                return there
            version = ScenarioVersion(
                id=texts.new_id(),
                scenario_id=scenario_id,
                number=latest.number + 1,
                parent_id=latest.id,
                week_start=week,
                hash=texts.put(session, text),
                author=writing.author,
                made_at=writing.at,
            )
            clinic = session.get_one(KeptScenario, scenario_id).clinic_id
            return _added(writing, version, clinic, "scenario.saved")

    def version(self, scenario_id: str, number: int | None = None) -> ScenarioVersion:
        """A version of a scenario, the last one if no number is said; NotFound where none is."""
        with self._database.reading() as session:
            return _version(session, scenario_id, number)

    def versions(self, scenario_id: str) -> list[ScenarioVersion]:
        """Every version, oldest first."""
        with self._database.reading() as session:
            of_it = select(ScenarioVersion).where(ScenarioVersion.scenario_id == scenario_id)
            return list(session.scalars(of_it.order_by(ScenarioVersion.number)))

    def of_clinic(self, clinic_id: str) -> list[ScenarioVersion]:
        """The last version of each scenario of a clinic, the latest week first."""
        last = (
            select(ScenarioVersion.scenario_id, func.max(ScenarioVersion.number).label("number"))
            .join(KeptScenario, KeptScenario.id == ScenarioVersion.scenario_id)
            .where(KeptScenario.clinic_id == clinic_id)
            .group_by(ScenarioVersion.scenario_id)
            .subquery()
        )
        versions = (
            select(ScenarioVersion)
            .join(
                last,
                (ScenarioVersion.scenario_id == last.c.scenario_id)
                & (ScenarioVersion.number == last.c.number),
            )
            .order_by(ScenarioVersion.week_start.desc(), ScenarioVersion.scenario_id)
        )
        with self._database.reading() as session:
            return list(session.scalars(versions))

    def text(self, version: ScenarioVersion) -> str:
        """The text of a version as it was saved, byte for byte."""
        with self._database.reading() as session:
            return texts.get(session, version.hash)

    def read(self, version: ScenarioVersion) -> Scenario:
        """The scenario of a version."""
        return texts.scenario_in(self.text(version))

    def differences(self, older: ScenarioVersion, newer: ScenarioVersion) -> tuple[Difference, ...]:
        """What is different between two versions."""
        with self._database.reading() as session:
            return between(session, older.hash, newer.hash)


def between(session: Session, older: str, newer: str, within: str = "") -> tuple[Difference, ...]:
    """What is different between two scenarios, what is left out by default aside."""
    if older == newer:
        return ()
    was, now = (dump(texts.scenario_in(texts.get(session, hash))) for hash in (older, newer))
    return differences(was, now, within)


def changed(
    session: Session, scenario_id: str, based_on: int, latest: ScenarioVersion
) -> tuple[Difference, ...]:
    """What others have changed since a version."""
    if based_on == 0:
        return ()
    return between(session, _version(session, scenario_id, based_on).hash, latest.hash)


def _version(session: Session, scenario_id: str, number: int | None) -> ScenarioVersion:
    of_it = select(ScenarioVersion).where(ScenarioVersion.scenario_id == scenario_id)
    if number is not None:
        of_it = of_it.where(ScenarioVersion.number == number)
    found = session.scalar(of_it.order_by(ScenarioVersion.number.desc()).limit(1))
    if found is None:
        which = "" if number is None else f" with a version {number}"
        raise NotFound(f"there is no scenario {scenario_id!r}{which}")
    return found


def _added(
    writing: Writing, version: ScenarioVersion, clinic_id: str, action: str
) -> ScenarioVersion:
    writing.session.add(version)
    writing.note(
        action,
        version.id,
        clinic_id,
        scenario=version.scenario_id,
        version=version.number,
        week_start=version.week_start.isoformat(),
        hash=version.hash,
    )
    return version
