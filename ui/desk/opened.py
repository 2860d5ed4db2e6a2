"""The week that is open, with everything pages ask of it worked out once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from solver import report
from solver.checker import check, measure
from solver.clinic import Clinic
from solver.errors import Fault, FileFaults
from solver.io.files import load_scenario, load_schedule
from solver.jobfolder import result_in
from solver.ledger import Ledger
from solver.notices import notices
from solver.result import Result
from solver.scenario import Scenario
from solver.schedule import Schedule
from solver.tiers import Tier, tiers_of
from solver.validation import Notice
from solver.violations import Violation

from .privacy import Initials
from .store import WeekFiles


@dataclass(frozen=True)
class Week:
    """A schedule of the open scenario, checked.

    Attributes:
        result: what the solve that made it said; None for one that came from elsewhere, and where
            the schedule is not worth what the result says.
    """

    clinic: Clinic
    schedule: Schedule
    violations: tuple[Violation, ...]
    goals: dict[str, int]
    result: Result | None

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(self.clinic, self.schedule)

    @cached_property
    def care(self) -> tuple[report.Care, ...]:
        """What everybody gets of what is due."""
        return report.care(self.clinic, self.schedule)

    @cached_property
    def sessions(self) -> tuple[report.Session, ...]:
        """Every session in time order."""
        return report.sessions(self.clinic, self.schedule)


@dataclass(frozen=True)
class Opened:
    """A scenario and, where there is one, its schedule.

    Attributes:
        scenario, schedule: as the files have them, with full names, to write and to solve;
            ``clinic`` and ``week`` may show initials instead.
        faults: why a schedule that is there could not be used.
    """

    scenario: Scenario
    notices: tuple[Notice, ...]
    clinic: Clinic
    week: Week | None
    schedule: Schedule | None = None
    faults: tuple[Fault, ...] = field(default=())

    @property
    def tiers(self) -> tuple[Tier, ...]:
        return tiers_of(self.scenario.policy)


def open_week(files: WeekFiles, *, initials: bool) -> Opened:
    """What lies in the files of a week.

    A schedule that came with the program is shown only if it is legal.

    Raises:
        ScenarioError: the scenario's file is damaged.
    """
    scenario, noted = load_scenario(files.scenario)
    masked = Initials(scenario) if initials else None
    clinic = Clinic(masked.scenario if masked else scenario)
    if masked is not None:
        noted = notices(clinic)
    schedule, faults = _schedule(files, scenario)
    week = None
    if schedule is not None:
        shown = masked.schedule(schedule) if masked else schedule
        violations = tuple(check(clinic, shown))
        goals = measure(clinic, shown)
        if not (violations and files.came_solved):
            week = Week(clinic, shown, violations, goals, _result(files, scenario, goals))
    return Opened(scenario, tuple(noted), clinic, week, schedule if week else None, tuple(faults))


def _schedule(files: WeekFiles, scenario: Scenario) -> tuple[Schedule | None, tuple[Fault, ...]]:
    if not files.schedule.exists():
        return None, ()
    try:
        return load_schedule(files.schedule, scenario), ()
    except FileFaults as error:
        return None, () if files.came_solved else error.faults


def _result(files: WeekFiles, scenario: Scenario, goals: dict[str, int]) -> Result | None:
    """What the solve said, as far as it is about this schedule."""
    try:
        said = result_in(files.result, files.schedule, scenario)
    except (OSError, ValueError, KeyError, TypeError, FileFaults):
        return None
    return said if dict(said.goals) == goals else None
