"""Answers to several scenarios that are known together, and what each tells about the others.

A schedule found for one is offered to all in which it is legal, and a bound of one holds for another
where that can be proved (``freedom``). Neither changes what is true of an answer: a tier's bound holds
over schedules whose earlier tiers are no worse, so it goes on holding when an earlier tier improves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..checker import check, measure
from ..clinic import Clinic
from ..errors import ModelError
from ..pool import Failed, Outcome
from ..result import Result, Status, TierResult
from ..schedule import Schedule
from ..tiers import tiers_of
from .carrying import fitted
from .freedom import is_freer, settles_care_first


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of the best week of one scenario.

    Attributes:
        status: as in a result; ``failed`` where the solve came to none.
        tiers: value and bound of each, in the order of the policy; none without a schedule.
        found_in: name of the scenario for which the schedule was found, where it is another.
        reasons: whatever qualifies the answer, in words.
    """

    name: str
    clinic: Clinic = field(repr=False, compare=False)
    status: Status | str
    schedule: Schedule | None
    tiers: tuple[TierResult, ...]
    goals: dict[str, int]
    reasons: tuple[str, ...] = ()
    found_in: str | None = None

    @property
    def values(self) -> tuple[int, ...]:
        return tuple(t.value or 0 for t in self.tiers)


def answer_of(name: str, clinic: Clinic, outcome: Outcome | None) -> Answer:
    """The answer that a solve gave; of one that never ran, that nothing is known."""
    match outcome:
        case Result():
            return Answer(
                name,
                clinic,
                outcome.status,
                outcome.schedule,
                outcome.tiers,
                dict(outcome.goals),
                outcome.reasons,
            )
        case Failed():
            return Answer(name, clinic, "failed", None, (), {}, (outcome.reason,))
    return Answer(name, clinic, "unknown", None, (), {}, ("it was stopped before it began",))


def exchanged(answers: Sequence[Answer]) -> list[Answer]:
    """The answers, each with the best schedule that any of them has for it, and every bound there is.

    The outcome depends on the answers alone, not on their order in time.
    """
    adopted = [_with_best(answer, answers) for answer in answers]
    return [_with_bounds(answer, adopted) for answer in adopted]


def _with_best(answer: Answer, others: Sequence[Answer]) -> Answer:
    """The answer with the first of the best schedules that the others have for it."""
    best = answer
    for other in others:
        done = best.status in ("optimal", "infeasible")
        if not done and other is not answer and other.schedule is not None:
            best = _better(best, other.schedule, other.name) or best
    return best


def _better(answer: Answer, schedule: Schedule, found_in: str) -> Answer | None:
    """The answer with another's schedule, if that is legal here and better.

    Better at the first tier in which they differ, and there by more than the tier may give back;
    less unmet care is always better.
    """
    clinic = answer.clinic
    week = fitted(clinic, schedule)
    goals = measure(clinic, week)
    tiers = tiers_of(clinic.scenario.policy)
    values = [tier.value(goals) for tier in tiers]
    known = answer.tiers or tuple(TierResult(tier.goals, None, 0, False) for tier in tiers)
    if answer.schedule is not None:
        pairs = zip(tiers, values, answer.values, strict=True)
        tier, new, old = next((p for p in pairs if p[1] != p[2]), (tiers[0], 0, 0))
        worth_it = "unmet_care" in tier.goals or old - new > tier.slack(new)
        if new >= old or not worth_it:
            return None
    if check(clinic, week):
        return None
    valued = tuple(_valued(t, value) for t, value in zip(known, values, strict=True))
    reasons = answer.reasons if answer.schedule is not None else ()
    return replace(
        answer,
        schedule=week,
        goals=goals,
        tiers=valued,
        status=_status(valued),
        found_in=found_in,
        reasons=reasons,
    )


def _valued(known: TierResult, value: int) -> TierResult:
    bound = known.bound or 0
    if value < bound:
        raise ModelError(f"{known.goals}: a bound of {bound} above a legal schedule of {value}")
    return TierResult(known.goals, value, bound, value == bound)


def _status(tiers: Sequence[TierResult]) -> Status:
    return "optimal" if all(t.proved for t in tiers) else "feasible"


def _with_bounds(answer: Answer, others: Sequence[Answer]) -> Answer:
    """The answer with the highest bound on unmet care that any of the others proves for it."""
    if not answer.tiers or not settles_care_first(answer.clinic):
        return answer
    first, *rest = answer.tiers
    bounds = [
        other.tiers[0].bound or 0
        for other in others
        if other.tiers
        and (other.tiers[0].bound or 0) > (first.bound or 0)
        and is_freer(other.clinic, answer.clinic)
    ]
    if not bounds:
        return answer
    raised = (_valued(replace(first, bound=max(bounds)), first.value or 0), *rest)
    return replace(answer, tiers=raised, status=_status(raised))
