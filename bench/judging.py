"""What an answer is worth: our checker's word on its schedule, and whether bounds contradict schedules.

Whoever made a schedule, it counts only if the checker finds nothing in it, and its values are those
the checker measures. A bound is held against every legal schedule of the same week, whoever made it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

from solver.checker import check, measure, tier_values
from solver.clinic import Clinic
from solver.errors import FileFaults
from solver.tiers import Tier, tiers_of
from solver.validation import read_scenario, read_schedule

Numbers = Sequence[float | None]


@dataclass
class Run:
    """One way of solving on one week.

    Attributes:
        seconds: as the way itself counts them; ``wall`` with starting its process and ending it.
        values: tier by tier, as the checker measures them; empty where there is no legal schedule.
        bounds: tier by tier, as far as the way gives any.
        violations: rule -> how often the schedule breaks it.
        trace: (seconds, goals of the tier at hand, value, bound), where one of them changed.
        remarks: what else must be known.
    """

    way: str
    seconds: float
    wall: float
    memory: float
    values: Numbers = ()
    bounds: Numbers = ()
    proved: Sequence[bool] = ()
    violations: Mapping[str, int] = field(default_factory=dict)
    trace: Sequence[Sequence[Any]] = ()
    remarks: Sequence[str] = ()

    @property
    def legal(self) -> bool:
        return bool(self.values)

    def document(self) -> dict[str, Any]:
        return asdict(self)


def run_of(document: Mapping[str, Any]) -> Run:
    return Run(**document)


def judged(data: Mapping[str, Any], way: str, answer: Mapping[str, Any]) -> Run:
    """An answer of a way: ``schedule``, ``tiers`` with value, bound and proved, and its costs."""
    clinic = Clinic(read_scenario(dict(data))[0])
    tiers = answer.get("tiers", [])
    run = Run(
        way,
        answer["seconds"],
        answer["wall"],
        answer["memory"],
        bounds=[line["bound"] for line in tiers],
        proved=[bool(line["proved"]) for line in tiers],
        trace=answer.get("trace", []),
        remarks=list(answer.get("remarks", [])),
    )
    if answer.get("schedule") is None:
        return run
    try:
        schedule = read_schedule(answer["schedule"], clinic.scenario)
    except FileFaults as error:
        run.violations = {"file": len(error.faults)}
        run.remarks = [*run.remarks, f"its schedule cannot be read: {error.faults[0]}"]
        return run
    run.violations = dict(Counter(v.rule for v in check(clinic, schedule)))
    values = list(tier_values(clinic, measure(clinic, schedule)))
    if run.violations:
        run.remarks = [*run.remarks, f"its schedule is illegal, with values {values}"]
        return run
    run.values = values
    said = [line["value"] for line in tiers]
    if said and said != values:
        run.remarks = [*run.remarks, f"it says {said}, the checker measures {values}"]
    return run


def tiers_in(data: Mapping[str, Any]) -> tuple[Tier, ...]:
    """The tiers of a scenario's policy, in their order."""
    return tiers_of(read_scenario(dict(data))[0].policy)


# -- comparing ----------------------------------------------------------------------------------


def gap(value: float, bound: float | None) -> float:
    """(value − bound) / value; 0 where the bound is met, 1 where there is none."""
    if bound is None:
        return 1.0 if value > 0 else 0.0
    return 0.0 if value <= bound else (value - bound) / value


def mean_gap(run: Run) -> float:
    """The mean over all tiers; 1 where there is no schedule, and for tiers without a bound."""
    if not run.values:
        return 1.0
    bounds = [*run.bounds, *[None] * (len(run.values) - len(run.bounds))]
    gaps = [gap(v, b) for v, b in zip(run.values, bounds, strict=False) if v is not None]
    return sum(gaps) / len(gaps)


def first_gap(run: Run) -> float:
    """That of the first tier."""
    if not run.values or run.values[0] is None:
        return 1.0
    return gap(run.values[0], run.bounds[0] if run.bounds else None)


def better(one: Run, other: Run, slack: Sequence[float] = ()) -> int:
    """Negative where the first schedule is better, positive where the other one is, 0 where neither.

    The first tier in which they differ by more than its tolerance decides. No schedule is worst.
    """
    if not one.values or not other.values:
        return bool(other.values) - bool(one.values)
    for number, (a, b) in enumerate(zip(one.values, other.values, strict=False)):
        allowed = (slack[number] if number < len(slack) else 0.0) * min(a or 0, b or 0)
        if a is not None and b is not None and abs(a - b) > allowed:
            return -1 if a < b else 1
    return 0


def contradictions(runs: Iterable[tuple[str, Run]]) -> Iterator[str]:
    """Bounds that a legal schedule of the same week shows to be wrong, in words.

    A tier's bound holds for all schedules whose earlier tiers are no worse than those of the run that
    gives it; any such schedule with a lower value refutes it.
    """
    runs = list(runs)
    for (place, claiming), (other, known) in [
        pair for one, two in combinations(runs, 2) for pair in ((one, two), (two, one))
    ] + [(run, run) for run in runs]:
        for number, bound in enumerate(claiming.bounds):
            if bound is None or number >= len(known.values):
                continue
            # Without a schedule only the first tier's bound says what it is a bound of.
            if number and not claiming.values:
                break
            earlier = zip(known.values[:number], claiming.values[:number], strict=False)
            value = known.values[number]
            if value is not None and value < bound and all(a <= b for a, b in earlier):
                yield (
                    f"tier {number + 1}: {claiming.way} ({place}) says no week is below {bound:g}, "
                    f"but {known.way} ({other}) has a legal one with {value:g}"
                )
