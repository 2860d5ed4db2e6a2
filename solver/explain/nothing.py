"""Why no schedule exists: the smallest set of facts that cannot all hold, and what each is worth.

Facts are given up by editing the scenario (``facts.given_up``), and every claim is tried: the set
alone leaves no schedule, found twice; without any one of its members there is one, which is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal

from ..checker import measure
from ..clinic import Clinic
from ..engine import solve as best_week
from ..io.files import dump
from ..ledger import Ledger
from ..result import Settings
from ..scenario import Scenario
from ..schedule import Schedule
from ..search.cpsat import Signal
from .facts import HARD, OF_CLINIC, OF_PATIENTS, OF_TIME, Fact, facts_of, given_up
from .feasible import Answer, confirmed, possible
from .wording import nothing as wording
from .wording.names import Names

FIRST_SHARE = 0.4
"""Of the time: for whether there is a schedule at all."""
CORE_SHARE = 0.5
"""Of the time: when the search for a smaller set ends."""
SET_SHARE, CONFIRM_SHARE = 0.65, 0.9
"""Of the time: when a second look at the set, then at the whole scenario, has to have ended; what is
left shows what giving up brings."""
MOST_NEAR = 6
"""Schedules found before that are tried first."""
ONE_TEST = 10.0
"""Seconds for the question whether some of the facts leave a schedule; where it takes longer they stay."""

OnStep = Callable[[float, str], None]
"""Told (seconds, what is being done) now and then."""


@dataclass(frozen=True, slots=True)
class Release:
    """What giving up one fact alone makes possible.

    Attributes:
        status: ``impossible`` where other facts stand in the way all the same.
        schedule, goals: a week without the fact, and each goal's value; None where there is none.
    """

    fact: Fact
    status: Literal["possible", "impossible", "unknown"]
    schedule: Schedule | None
    goals: dict[str, int] | None
    text: str

    def document(self) -> dict[str, object]:
        """The release for machines."""
        return {
            "place": self.fact.place,
            "status": self.status,
            "goals": self.goals,
            "schedule": None if self.schedule is None else dump(self.schedule),
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class NoSchedule:
    """Whether a scenario has a schedule, and if not, why.

    Attributes:
        facts: facts that cannot all hold; with ``unknown`` those that seem not to, which a second
            look did not confirm in time.
        let_go: facts that do not matter: without them there is no schedule either. Whatever is
            neither here nor there was not looked at and stays as it is.
        because: what contradicts what, where the data alone shows it.
        minimal: whether leaving out any one of the facts has been shown to leave a schedule
            (``witnesses``: place -> schedule with that fact and all of ``let_go`` given up).
        confirmed: whether a second look at these facts alone found no schedule either; a second look
            at the scenario as it is did in any case.
        solved: whether it took a solve to find out.
    """

    status: Literal["possible", "impossible", "unknown"]
    facts: tuple[Fact, ...] = ()
    let_go: tuple[Fact, ...] = ()
    because: tuple[str, ...] = ()
    minimal: bool = False
    confirmed: bool = False
    witnesses: dict[str, Schedule] = field(default_factory=dict)
    releases: tuple[Release, ...] = ()
    schedule: Schedule | None = None
    solved: bool = False

    def document(self) -> dict[str, object]:
        """The explanation for machines."""
        return {
            "status": self.status,
            "facts": [f.document() for f in self.facts],
            "let_go": [f.place for f in self.let_go],
            "because": list(self.because),
            "minimal": self.minimal,
            "confirmed": self.confirmed,
            "witnesses": {place: dump(s) for place, s in self.witnesses.items()},
            "releases": [r.document() for r in self.releases],
            "solved": self.solved,
            "schedule": None if self.schedule is None else dump(self.schedule),
        }


def why_nothing(
    scenario: Scenario,
    *,
    seconds: float = 60.0,
    polish: float = 4.0,
    on_step: OnStep | None = None,
    stop: Signal | None = None,
) -> NoSchedule:
    """Find out whether a scenario has a schedule, and why not.

    Args:
        seconds: for everything; what could not be decided in time is said.
        polish: seconds at most in which the week that giving up a fact allows is made better.
    """
    return _Search(scenario, seconds, polish, on_step, stop).run()


class _Search:
    def __init__(
        self,
        scenario: Scenario,
        seconds: float,
        polish: float,
        on_step: OnStep | None,
        stop: Signal | None,
    ) -> None:
        self.scenario, self.clinic = scenario, Clinic(scenario)
        self.names = Names(self.clinic, Ledger(self.clinic))
        self.facts = facts_of(self.clinic, self.names)
        self.let_go: list[Fact] = []
        self.witnesses: dict[str, Schedule] = {}
        self.began, self.seconds, self.polish = monotonic(), seconds, polish
        self.on_step, self.stop = on_step, stop

    def tell(self, what: str) -> None:
        """Say what is being done."""
        if self.on_step is not None:
            self.on_step(monotonic() - self.began, what)

    def until(self, share: float) -> float:
        """When a share of the time is over."""
        return self.began + share * self.seconds

    def late(self) -> bool:
        """Whether the search for a smaller set is to end."""
        ended = self.stop is not None and self.stop.is_set()
        return ended or monotonic() > self.until(CORE_SHARE)

    def run(self) -> NoSchedule:
        self.tell(wording.LOOKING)
        first = possible(self.clinic, self.until(FIRST_SHARE), self.stop)
        if first.status != "impossible":
            return NoSchedule(first.status, schedule=first.schedule, solved=first.solved)
        kept = self._smaller(first)
        self.tell(wording.CONFIRMING)
        left = Clinic(given_up(self.scenario, self.let_go))
        # Giving up facts forbids nothing: if these few leave no schedule, all of them leave none.
        twice = confirmed(left, self.until(SET_SHARE), self.stop)
        if not twice and not confirmed(self.clinic, self.until(CONFIRM_SHARE), self.stop):
            return NoSchedule("unknown", tuple(kept), tuple(self.let_go), solved=True)
        because = possible(left, self.until(1.0), self.stop).because
        told = tuple(wording.because(self.names, line) for line in because)
        witnesses = {f.place: self.witnesses[f.place] for f in kept if f.place in self.witnesses}
        releases = tuple(self._releases(kept))
        return NoSchedule(
            "impossible",
            tuple(kept),
            tuple(self.let_go),
            told,
            len(witnesses) == len(kept),
            twice,
            witnesses,
            releases,
            solved=first.solved,
        )

    # -- the smallest set ------------------------------------------------------------------------

    def _smaller(self, first: Answer) -> list[Fact]:
        """Facts that cannot all hold; the others are let go as far as that changes nothing.

        What must come out 0 depends on the whole week, so it is let go first: a lock that breaks a rule
        by itself is a smaller answer, and the surer one.
        Where the data alone or one patient's own hours show the conflict, every fact is looked at.
        Else hours and times come last: without them weeks are far larger, and they stay as they are
        where it cannot be told in time whether they matter.
        """
        kept = [f for f in self.facts if first.because or f.kind not in OF_TIME]
        strict = [f for f in kept if f.kind == "strict"]
        if len(strict) < sum(f.kind in HARD for f in kept):
            kept = self._drop(kept, strict, deep=False)
        for p in first.because[:3]:
            if p in self.clinic.patients:
                kept = self._drop(kept, [f for f in kept if _is_of_others(f, p)], deep=False)
        kept = self._drop(kept, [f for f in kept if f.kind not in HARD], deep=False)
        for kinds in (HARD, OF_CLINIC, OF_PATIENTS):
            kept = self._drop(kept, [f for f in kept if f.kind in kinds])
        if not first.because:
            kept += self._times()
        return kept

    def _ask(self, chunk: Iterable[Fact]) -> Answer:
        """Whether there is a schedule if these facts are given up, too."""
        clinic = Clinic(given_up(self.scenario, [*self.let_go, *chunk]))
        deadline = min(self.until(CORE_SHARE), monotonic() + ONE_TEST)
        near = list(self.witnesses.values())[-MOST_NEAR:]
        return possible(clinic, deadline, self.stop, near)

    def _drop(self, kept: list[Fact], chunk: list[Fact], deep: bool = True) -> list[Fact]:
        """Let a chunk of facts go if what is left is impossible still, else its halves."""
        chunk = [f for f in chunk if f in kept and f.place not in self.witnesses]
        rest = [f for f in kept if f not in chunk]
        if not chunk or self.late():
            return kept
        self.tell(wording.narrowing(len(kept)))
        answer = Answer("unknown")
        if len(chunk) == 1 or any(f.kind in HARD for f in rest):
            answer = self._ask(chunk)
        if answer.status == "impossible":
            self.let_go += chunk
            return rest
        if len(chunk) == 1 and answer.schedule is not None:
            self.witnesses[chunk[0].place] = answer.schedule
        if deep and len(chunk) > 1:
            half = len(chunk) // 2
            kept = self._drop(kept, chunk[:half])
            kept = self._drop(kept, chunk[half:])
        return kept

    def _times(self) -> list[Fact]:
        """Hours and times that matter: those that leave a schedule if they alone are given up, too."""
        out: list[Fact] = []
        times = [f for kind in OF_TIME for f in self.facts if f.kind == kind]
        for number, fact in enumerate(times):
            if self.late():
                break
            self.tell(wording.narrowing(len(times) - number))
            answer = self._ask([fact])
            if answer.status == "impossible":
                self.let_go.append(fact)
            elif answer.schedule is not None:
                self.witnesses[fact.place] = answer.schedule
                out.append(fact)
        return out

    # -- what giving up brings -------------------------------------------------------------------

    def _releases(self, kept: Sequence[Fact]) -> list[Release]:
        """Each fact given up alone; those of which there are few come first, as far as time goes."""
        often = Counter(f.kind for f in kept)
        found: dict[Fact, Release] = {}
        for number, fact in enumerate(sorted(kept, key=lambda f: often[f.kind])):
            self.tell(wording.releasing(number + 1, len(kept)))
            left = self.until(1.0) - monotonic()
            found[fact] = self._release(fact, monotonic() + left / (len(kept) - number))
        return [found[fact] for fact in kept]

    def _release(self, fact: Fact, deadline: float) -> Release:
        clinic = Clinic(given_up(self.scenario, [fact]))
        near = list(self.witnesses.values())[-MOST_NEAR:]
        near += [self.witnesses[fact.place]] if fact.place in self.witnesses else []
        answer = possible(clinic, deadline, self.stop, near)
        week, goals = answer.schedule, None
        if week is not None:
            left = min(self.polish, deadline - monotonic())
            if left > 0.5:
                settings = Settings(time_limit=left)
                better = best_week(clinic.scenario, settings, start=week, stop=self.stop)
                week = better.schedule or week
            goals = measure(clinic, week)
        text = wording.release(self.names, fact, clinic, answer.status, week, goals)
        return Release(fact, answer.status, week, goals, text)


def _is_of_others(fact: Fact, patient: str) -> bool:
    return fact.kind not in HARD and patient not in fact.about
