"""Schedules that are kept, and weeks that are published: never altered, only superseded."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ..checker import check
from ..errors import ScheduleRejected
from ..io.files import dump
from ..result import Result
from ..scenario import Scenario
from ..schedule import Schedule
from . import texts
from .checks import seal_of
from .database import Database, Writing
from .differences import Difference, differences
from .errors import NotFound, Unreadable
from .scenarios import between
from .tables import AuditLine, KeptScenario, KeptSchedule, PublishedWeek, ScenarioVersion
from .versions import already_saved


class Schedules:
    """Schedules of a scenario's versions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(
        self,
        version: ScenarioVersion,
        content: Schedule | str,
        by: str,
        *,
        result: Result | None = None,
        job_id: str | None = None,
    ) -> KeptSchedule:
        """Keep a schedule of a version; it may break rules, as long as it is not published.

        Args:
            result: what the solve that made it said.
            job_id: the job that made it.

        Raises:
            ScheduleError: the text is no schedule of that scenario; with every fault.
        """
        text = texts.text_of(content)
        said = texts.text_of(result.document()) if result is not None else None
        with self._database.reading() as session:
            scenario = texts.scenario_in(texts.get(session, version.hash))
        texts.schedule_in(text, scenario)
        with self._database.writing(by) as writing:
            session = writing.session
            kept = KeptSchedule(
                id=texts.new_id(),
                version_id=version.id,
                hash=texts.put(session, text),
                result_hash=texts.put(session, said) if said is not None else None,
                job_id=job_id,
                author=writing.author,
                made_at=writing.at,
            )
            session.add(kept)
            writing.note(
                "schedule.kept",
                kept.id,
                session.get_one(KeptScenario, version.scenario_id).clinic_id,
                scenario=version.scenario_id,
                version=version.number,
                hash=kept.hash,
                job=job_id,
            )
            return kept

    def get(self, id: str) -> KeptSchedule:
        """The schedule of that id; NotFound where there is none."""
        with self._database.reading() as session:
            return _schedule(session, id)

    def of(self, version: ScenarioVersion) -> list[KeptSchedule]:
        """Every schedule of a version, oldest first."""
        in_order = (
            select(KeptSchedule)
            .join(AuditLine, AuditLine.subject_id == KeptSchedule.id)
            .where(KeptSchedule.version_id == version.id)
            .order_by(AuditLine.number)
        )
        with self._database.reading() as session:
            return list(session.scalars(in_order))

    def text(self, kept: KeptSchedule) -> str:
        """The text of a schedule as it was kept, byte for byte."""
        with self._database.reading() as session:
            return texts.get(session, kept.hash)

    def result_text(self, kept: KeptSchedule) -> str | None:
        """What the solve said, as JSON; None where no solve made it."""
        if kept.result_hash is None:
            return None
        with self._database.reading() as session:
            return texts.get(session, kept.result_hash)

    def read(self, kept: KeptSchedule) -> tuple[Scenario, Schedule]:
        """The schedule, and the scenario it is of."""
        with self._database.reading() as session:
            version = session.get_one(ScenarioVersion, kept.version_id)
            scenario = texts.scenario_in(texts.get(session, version.hash))
            return scenario, texts.schedule_in(texts.get(session, kept.hash), scenario)


class Weeks:
    """What people live by: for each week of a clinic the last schedule that was published."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def publish(self, schedule_id: str, by: str, *, based_on: int) -> PublishedWeek:
        """Make a schedule the one that people live by; what was published before is superseded.

        Args:
            based_on: the number of the publication of this week that was last seen; 0 if none was.

        Raises:
            ScheduleRejected: the schedule breaks rules.
            Conflict: somebody published this week meanwhile; with what they changed. Nothing is
                written.
            NotFound: there is no such schedule.
        """
        with self._database.reading() as session:
            kept = _schedule(session, schedule_id)
            version = session.get_one(ScenarioVersion, kept.version_id)
            clinic_id = session.get_one(KeptScenario, version.scenario_id).clinic_id
            _must_be_legal(texts.get(session, version.hash), texts.get(session, kept.hash))
        with self._database.writing(by) as writing:
            session = writing.session
            latest = _current(session, clinic_id, version.week_start)
            there = already_saved(
                "week",
                latest,
                based_on,
                writing.author,
                lambda week: _hashes(session, week) == (version.hash, kept.hash),
                lambda week: _changed(session, week, based_on),
            )
            if there is not None:
                return there
            return _published(writing, clinic_id, version, kept, latest)

    def current(self, clinic_id: str, week_start: date) -> PublishedWeek | None:
        """What a clinic lives by in a week; None where nothing was published.

        Raises:
            StoreDamaged: it is not as it was published.
        """
        with self._database.reading() as session:
            week = _current(session, clinic_id, week_start)
            if week is not None and seal_of(week, *_hashes(session, week)) != week.seal:
                raise Unreadable("a published week is not as it was published")
            return week

    def publications(self, clinic_id: str, week_start: date) -> list[PublishedWeek]:
        """Every publication of a week, the first one first; the last one is what holds."""
        with self._database.reading() as session:
            of_it = _of_week(clinic_id, week_start).order_by(PublishedWeek.number)
            return list(session.scalars(of_it))

    def differences(self, older: PublishedWeek, newer: PublishedWeek) -> tuple[Difference, ...]:
        """What is different between two publications of a week."""
        with self._database.reading() as session:
            return _between(session, older, newer)


def _must_be_legal(scenario: str, schedule: str) -> None:
    clinic = texts.clinic_in(scenario)
    found = check(clinic, texts.schedule_in(schedule, clinic.scenario))
    if found:
        rules = ", ".join(sorted({violation.rule for violation in found}))
        raise ScheduleRejected(f"a week that breaks rules cannot be published: {rules}")


def _published(
    writing: Writing,
    clinic_id: str,
    version: ScenarioVersion,
    kept: KeptSchedule,
    latest: PublishedWeek | None,
) -> PublishedWeek:
    week = PublishedWeek(
        id=texts.new_id(),
        clinic_id=clinic_id,
        week_start=version.week_start,
        number=latest.number + 1 if latest is not None else 1,
        schedule_id=kept.id,
        supersedes_id=latest.id if latest is not None else None,
        author=writing.author,
        made_at=writing.at,
    )
    week.seal = seal_of(week, version.hash, kept.hash)
    writing.session.add(week)
    writing.note(
        "week.published",
        week.id,
        clinic_id,
        week_start=week.week_start.isoformat(),
        publication=week.number,
        supersedes=week.supersedes_id,
        scenario=version.scenario_id,
        version=version.number,
        schedule=kept.id,
        hash=kept.hash,
    )
    return week


def _schedule(session: Session, id: str) -> KeptSchedule:
    found = session.get(KeptSchedule, id)
    if found is None:
        raise NotFound(f"there is no schedule {id!r}")
    return found


def _of_week(clinic_id: str, week_start: date) -> Select[PublishedWeek]:
    return select(PublishedWeek).where(
        PublishedWeek.clinic_id == clinic_id, PublishedWeek.week_start == week_start
    )


def _current(session: Session, clinic_id: str, week_start: date) -> PublishedWeek | None:
    last = _of_week(clinic_id, week_start).order_by(PublishedWeek.number.desc()).limit(1)
    return session.scalar(last)


def _hashes(session: Session, week: PublishedWeek) -> tuple[str, str]:
    """Of the texts of a published week's scenario and schedule."""
    kept = session.get_one(KeptSchedule, week.schedule_id)
    return session.get_one(ScenarioVersion, kept.version_id).hash, kept.hash


def _changed(session: Session, latest: PublishedWeek, based_on: int) -> tuple[Difference, ...]:
    """What others have published since a publication; all of it where there was none."""
    if based_on == 0:
        return differences({}, _document(session, latest))
    of_it = _of_week(latest.clinic_id, latest.week_start)
    seen = session.scalars(of_it.where(PublishedWeek.number == based_on)).one()
    return _between(session, seen, latest)


def _between(
    session: Session, older: PublishedWeek, newer: PublishedWeek
) -> tuple[Difference, ...]:
    scenarios = [_hashes(session, week)[0] for week in (older, newer)]
    return (
        *differences(_document(session, older), _document(session, newer)),
        *between(session, scenarios[0], scenarios[1], "scenario."),
    )


def _document(session: Session, week: PublishedWeek) -> dict[str, object]:
    """A published schedule, without what every one of the week says alike."""
    scenario, schedule = _hashes(session, week)
    model = texts.scenario_in(texts.get(session, scenario))
    out = dump(texts.schedule_in(texts.get(session, schedule), model))
    return {k: v for k, v in out.items() if k in ("sections", "appointments", "not_admitted")}
