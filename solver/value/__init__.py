"""What one more would give: single additions to a clinic, each tried by solving, ranked.

A half-day of a therapist, hours of a room, a seat in a group, one section more, an hour more of opening.
A first look at who is short of what decides which are tried; what is said of each is what a checked
week proves (at least), and what nothing can exceed (at most).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..clinic import Clinic
from ..errors import ModelError
from ..io.files import dump
from ..pool import Pool, State
from ..report import summary
from ..report.figures import Figures, figures
from ..report.words import count, duration, hours, listing
from ..scenario import Scenario
from ..schedule import Schedule
from ..search.cpsat import Signal
from .additions import Addition
from .binding import PartOfDay, binding
from .bounds import Possible, holds
from .running import Trials, Tried, Trying, for_care
from .short import Short


@dataclass(frozen=True, slots=True)
class Gain:
    """How much more there is: found in a checked week, and at most; None where no limit was proved.

    Raises:
        ModelError: more was found than was proved to be possible.
    """

    at_least: int
    at_most: int | None

    def __post_init__(self) -> None:
        if self.at_most is not None and self.at_least > self.at_most:
            raise ModelError(f"a gain of {self.at_least} above a bound of {self.at_most}")

    def document(self) -> dict[str, object]:
        """For machines."""
        return {"at_least": self.at_least, "at_most": self.at_most}


@dataclass(frozen=True)
class Row:
    """One addition, and what it gives.

    Attributes:
        served: patients in treatment with all that is due; admitted: people from the waiting list.
        minutes: care of what is due to patients in treatment.
        unmet: priority-weighted minutes of the goal ``unmet_care`` that are no longer missing.
        schedule: the week that proves the gain, of the changed scenario.
    """

    addition: Addition
    sentence: str
    scenario: Scenario
    schedule: Schedule
    served: Gain
    admitted: Gain
    minutes: Gain
    unmet: Gain
    goals: dict[str, int]

    @property
    def helps(self) -> bool:
        """Whether a week with it has more for anybody."""
        gains = (self.served, self.admitted, self.minutes, self.unmet)
        return any(g.at_least > 0 for g in gains)

    def rank(self) -> tuple[float, ...]:
        """Most people first, then most hours, then the least cost."""
        people = self.served.at_least + self.admitted.at_least
        cost = self.addition.cost if self.addition.cost is not None else float("inf")
        return (
            -people,
            -self.minutes.at_least,
            -self.unmet.at_least,
            self.addition.paid_minutes,
            cost,
        )

    def told(self) -> str:
        """What was found in a week with it, in one sentence."""
        a = self.addition
        parts = [
            f"{_more(self.served.at_least, 'patient')} fully served",
            f"{_more_hours(self.minutes.at_least)} of due care",
        ]
        if self.admitted.at_most:
            parts.append(f"{_more(self.admitted.at_least, 'waiting patient')} admitted")
        if self.unmet.at_most == 0:
            parts.append("less of due care cannot be missing with it, proved")
        paid = f"{duration(a.paid_minutes)} more" if a.paid_minutes else "no"
        cost = f" ({a.cost:,.0f} a week)" if a.cost and a.paid_minutes else ""
        return f"{a.title}: {', '.join(parts)}; {paid} staff time to pay for{cost}."

    def document(self) -> dict[str, object]:
        """The row as data: the change, what it gives, and the week that proves it."""
        a = self.addition
        return {
            "kind": a.kind,
            "title": a.title,
            "part": a.part,
            "change": a.change.model_dump(mode="json", exclude_unset=False),
            "sentence": self.sentence,
            "told": self.told(),
            "patients_served": self.served.document(),
            "patients_admitted": self.admitted.document(),
            "minutes": self.minutes.document(),
            "unmet_care": self.unmet.document(),
            "paid_minutes": a.paid_minutes,
            "cost": a.cost,
            "goals": self.goals,
            "schedule": dump(self.schedule),
        }


@dataclass(frozen=True)
class Value:
    """What single additions give, the best first.

    Attributes:
        base: the best week known without any addition: what gains are counted from.
        found_better: whether that is a better one than was handed in.
        rows: every addition that was solved; those that gave nothing too.
        skipped: additions worth a look for which there was no time.
        parts: what runs out first, part of the day by part of the day.
    """

    clinic: Clinic
    status: str
    base: Schedule | None
    base_goals: dict[str, int]
    found_better: bool
    rows: tuple[Row, ...]
    skipped: tuple[Addition, ...]
    parts: tuple[PartOfDay, ...]
    possible: Possible | None
    reasons: tuple[str, ...]

    def sentences(self) -> list[str]:
        """The week that gains are counted from, and what they can come to altogether."""
        if self.base is None:
            return ["There is no week to add something to.", *self.reasons]
        out = list(summary(self.clinic, self.base)[:2])
        if self.found_better:
            out.append(
                "A better week than the one handed in was found without any addition; "
                "gains are counted from it."
            )
        if self.possible is not None:
            out.append(_possible(self.possible))
        if self.rows and not any(row.helps for row in self.rows):
            out.append("Nothing that was tried gives anybody more.")
        if self.skipped:
            what = count(len(self.skipped), "more addition")
            out.append(f"There was no time to try {what}.")
        return out

    def document(self) -> dict[str, object]:
        """The answer as data."""
        return {
            "schema_version": 1,
            "scenario": self.clinic.scenario.name,
            "status": self.status,
            "sentences": self.sentences(),
            "base": {
                "goals": self.base_goals,
                "found_better": self.found_better,
                "schedule": dump(self.base) if self.base is not None else None,
            },
            "possible": None
            if self.possible is None
            else {
                "patients_served": self.possible.served,
                "patients_admitted": self.possible.admitted,
                "minutes": self.possible.minutes,
                "complete": self.possible.complete,
            },
            "additions": [{"rank": n, **row.document()} for n, row in enumerate(self.rows, 1)],
            "not_tried": [a.title for a in self.skipped],
            "parts_of_day": [part.document() for part in self.parts],
        }


def value(
    scenario: Scenario,
    schedule: Schedule | None,
    pool: Pool,
    seconds: float,
    seed: int = 0,
    told: Callable[[str], Callable[[State], None] | None] | None = None,
    stop: Signal | None = None,
) -> Value:
    """Try single additions for as long as there is time.

    Args:
        schedule: the week as it is; without one a first one is made.
        seconds: for everything, first solve to last.
        told: given the name of each round; returns who is told where its solves stand.
    """
    trials = Trying(scenario, schedule, pool, seconds, seed, told, stop).run()
    clinic, base = Clinic(scenario), trials.base.schedule
    if base is None:
        return Value(
            clinic, trials.base.status, None, {}, False, (), (), (), None, trials.base.reasons
        )
    short = Short(clinic, base, trials.possible.beyond_help if trials.possible else frozenset())
    before = figures(clinic, base)
    rows = sorted((_row(trials, tried, before) for tried in trials.tried), key=Row.rank)
    return Value(
        clinic=clinic,
        status=str(trials.base.status),
        base=base,
        base_goals=dict(trials.base.goals),
        found_better=schedule is not None and _differs(trials, schedule),
        rows=tuple(rows),
        skipped=trials.skipped,
        parts=binding(short),
        possible=trials.possible,
        reasons=trials.base.reasons,
    )


def _row(trials: Trials, tried: Tried, before: Figures) -> Row:
    answer, base = tried.answer, trials.base
    week = answer.schedule
    if week is None or base.schedule is None:
        raise ValueError("only additions with a week are told")
    after, possible = figures(answer.clinic, week), trials.possible
    # With what sessions in the addition can make up the week is one without it that misses `least`.
    least = max(answer.tiers[0].bound or 0, trials.least - holds(base.clinic, tried.addition))
    return Row(
        addition=tried.addition,
        sentence=" ".join(tried.made.sentences),
        scenario=tried.made.scenario,
        schedule=week,
        served=Gain(after.served - before.served, possible.served if possible else None),
        admitted=Gain(after.admitted - before.admitted, possible.admitted if possible else None),
        minutes=Gain(after.minutes - before.minutes, possible.minutes if possible else None),
        unmet=Gain(
            base.goals["unmet_care"] - answer.goals["unmet_care"], base.goals["unmet_care"] - least
        ),
        goals=dict(answer.goals),
    )


def _differs(trials: Trials, schedule: Schedule) -> bool:
    """Whether the week that gains are counted from is better than the one handed in."""
    clinic = trials.base.clinic
    base = trials.base.schedule
    if base is None:
        return False
    was, now = figures(clinic, schedule), figures(clinic, base)
    return (was.served, was.minutes, was.admitted) != (now.served, now.minutes, now.admitted)


# -- words ----------------------------------------------------------------------------------------


def _more(number: int, what: str) -> str:
    """``2 more patients``, ``1 patient fewer``, ``no more patients``."""
    if number < 0:
        return f"{count(-number, what)} fewer"
    return f"{number or 'no'} more {what}{'' if number == 1 else 's'}"


def _more_hours(minutes: int) -> str:
    if not minutes:
        return "no more hours"
    return f"{hours(abs(minutes))} h {'more' if minutes > 0 else 'less'}"


def _possible(possible: Possible) -> str:
    """What own hours leave to be gained, whatever the additions."""
    parts = []
    if possible.served:
        parts.append(f"{_more(possible.served, 'patient')} fully served")
    if possible.minutes:
        parts.append(f"{hours(possible.minutes)} h more of due care")
    if possible.admitted:
        parts.append(f"{_more(possible.admitted, 'waiting patient')} admitted")
    own = "own hours of patients, and the times at which groups may meet,"
    if not parts:
        return f"Nothing that could be added gives anybody more: {own} allow none."
    looked = "" if possible.complete else " (not everybody was looked at in time)"
    return f"Whatever is added, {own} allow at most {listing(parts)}{looked}."


__all__ = ["Addition", "Gain", "PartOfDay", "Row", "Value", "for_care", "value"]
