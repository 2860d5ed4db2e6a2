"""Jobs: what the runner was asked to solve, by whom, in which of its folders, and how it stands.

The runner's folder is what a job is; this is what is remembered of it beyond the folder's life, and
what another browser or another person finds it by.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from ..runner import State
from .database import Database
from .errors import NotFound
from .tables import Job, KeptScenario, ScenarioVersion

OPEN: tuple[State, ...] = ("waiting", "running")


class Jobs:
    """The jobs of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        id: str,
        folder: Path,
        by: str,
        *,
        version: ScenarioVersion | None = None,
        kind: str = "solve",
    ) -> Job:
        """Remember a job that the runner has been given.

        Args:
            version: what is solved, where that is in the store.
            kind: ``solve``, or what else it is a job of (a sweep, a what-if).
        """
        with self._database.writing(by) as writing:
            session = writing.session
            clinic = None
            if version is not None:
                clinic = session.get_one(KeptScenario, version.scenario_id).clinic_id
            job = Job(
                id=id,
                kind=kind,
                folder=str(folder),
                state="waiting",
                version_id=version.id if version is not None else None,
                author=writing.author,
                made_at=writing.at,
                changed_at=writing.at,
            )
            session.add(job)
            writing.note("job.asked", id, clinic, kind=kind)
            return job

    def set_state(self, id: str, state: State, by: str) -> Job:
        """Write down where a job stands; nothing is written where it stood there already.

        Raises:
            NotFound: there is no such job.
        """
        with self._database.writing(by) as writing:
            job = writing.session.get(Job, id)
            if job is None:
                raise NotFound(f"there is no job {id!r}")
            if job.state != state:
                before, job.state, job.changed_at = job.state, state, writing.at
                writing.note(f"job.{state}", id, before=before)
            return job

    def get(self, id: str) -> Job:
        """The job of that id; NotFound where there is none."""
        with self._database.reading() as session:
            job = session.get(Job, id)
        if job is None:
            raise NotFound(f"there is no job {id!r}")
        return job

    def open(self) -> list[Job]:
        """Jobs that wait or run, in the order of their ids (the runner's begin with the time)."""
        with self._database.reading() as session:
            found = select(Job).where(Job.state.in_(OPEN)).order_by(Job.id)
            return list(session.scalars(found))

    def of(self, version: ScenarioVersion) -> list[Job]:
        """Jobs that solve a version, in the order of their ids."""
        with self._database.reading() as session:
            found = select(Job).where(Job.version_id == version.id).order_by(Job.id)
            return list(session.scalars(found))
