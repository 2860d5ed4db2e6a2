"""Why no schedule exists: the smallest set of facts that cannot all hold, and what each is worth.

Facts are given up by editing the scenario (``facts.given_up``), and every claim is tried: the set
alone leaves no schedule, found twice; without any one of its members there is one, which is kept.
"""

from __future__ import annotations

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
from .facts import HARD, OF_PATIENTS, Fact, facts_of, given_up
from .feasible import Answer, confirmed, possible
from .wording import nothing as wording
from .wording.names import Names

FIRST_SHARE = 0.4
"""Of the time: for whether there is a schedule at all."""
CORE_SHARE = 0.55
"""Of the time: when the search for a smaller set ends."""
CONFIRM_SHARE = 0.9
"""Of the time: when it has to be confirmed; what is left shows what giving up brings."""
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
        because: what contradicts what, where the data alone shows it.
        minimal: whether leaving out any one of the facts has been shown to leave a schedule
            (``witnesses``: place -> schedule of the scenario in which only the others hold).
        solved: whether it took a solve to find out.
    """

    status: Literal["possible", "impossible", "unknown"]
    facts: tuple[Fact, ...] = ()
    because: tuple[str, ...] = ()
    minimal: bool = False
    witnesses: dict[str, Schedule] = field(default_factory=dict)
    releases: tuple[Release, ...] = ()
    schedule: Schedule | None = None
    solved: bool = False

    def document(self) -> dict[str, object]:
        """The explanation for machines."""
        return {
            "status": self.status,
            "facts": [f.document() for f in self.facts],
            "because": list(self.because),
            "minimal": self.minimal,
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
        self.began, self.seconds, self.polish = monotonic(), seconds, polish
        self.on_step, self.stop = on_step, stop
        self.known: dict[frozenset[Fact], Answer] = {}
        self.unsure = False

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
        kept = self._smaller(list(self.facts), first)
        kept, witnesses = self._without_each(kept)
        self.tell(wording.CONFIRMING)
        # Giving up facts forbids nothing: if these few leave no schedule, all of them leave none.
        if not confirmed(Clinic(self._only(kept)), self.until(CONFIRM_SHARE), self.stop):
            return NoSchedule("unknown", tuple(kept), solved=True)
        because = possible(Clinic(self._only(kept)), self.until(1.0), self.stop).because
        told = tuple(wording.because(self.names, line) for line in because)
        releases = tuple(self._releases(kept))
        minimal = len(witnesses) == len(kept)
        return NoSchedule(
            "impossible", tuple(kept), told, minimal, witnesses, releases, solved=first.solved
        )

    # -- the smallest set ------------------------------------------------------------------------

    def _only(self, kept: Iterable[Fact]) -> Scenario:
        """The scenario in which of all facts only these hold."""
        kept = set(kept)
        return given_up(self.scenario, [f for f in self.facts if f not in kept])

    def _ask(self, kept: Sequence[Fact]) -> Answer:
        key = frozenset(kept)
        if key not in self.known:
            deadline = min(self.until(CORE_SHARE), monotonic() + ONE_TEST)
            self.known[key] = possible(Clinic(self._only(kept)), deadline, self.stop)
        return self.known[key]

    def _smaller(self, kept: list[Fact], first: Answer) -> list[Fact]:
        """Facts of which none is obviously superfluous.

        Hard ones are settled first, then all of a kind at once where they are many, then one by one.
        """
        for chunk in self._guesses(kept, first):
            kept = self._drop(kept, chunk, deep=False)
        kept = self._drop(kept, [f for f in kept if f.kind in HARD])
        for kind in OF_PATIENTS:
            kept = self._drop(kept, [f for f in kept if f.kind == kind], deep=False)
        kept = self._drop(kept, [f for f in kept if f.kind not in (*HARD, *OF_PATIENTS)])
        return self._drop(kept, [f for f in kept if f.kind in OF_PATIENTS])

    def _guesses(self, kept: list[Fact], first: Answer) -> list[list[Fact]]:
        """What is likely to be superfluous as a whole: all but locks, all but one patient's own facts."""
        soft = [f for f in kept if f.kind not in HARD]
        own = [p for p in first.because if p in self.clinic.patients]
        return [soft, *([f for f in soft if p not in f.about] for p in own[:3])]

    def _drop(self, kept: list[Fact], chunk: list[Fact], deep: bool = True) -> list[Fact]:
        """Give up a chunk of facts if what is left is impossible still, else its halves."""
        chunk = [f for f in chunk if f in kept]
        if not chunk or self.late():
            return kept
        self.tell(wording.narrowing(len(kept)))
        rest = [f for f in kept if f not in chunk]
        if any(f.kind in HARD for f in rest) and self._ask(rest).status == "impossible":
            return rest
        if deep and len(chunk) > 1:
            half = len(chunk) // 2
            kept = self._drop(kept, chunk[:half])
            kept = self._drop(kept, chunk[half:])
        return kept

    def _without_each(self, kept: list[Fact]) -> tuple[list[Fact], dict[str, Schedule]]:
        """Leave out each one in turn: a schedule shows that it is needed, or it is not."""
        witnesses: dict[str, Schedule] = {}
        for fact in list(kept):
            rest = [f for f in kept if f != fact]
            answer = self._ask(rest)
            if answer.status == "impossible" and rest:
                kept = rest
            elif answer.schedule is not None:
                witnesses[fact.place] = answer.schedule
        places = {f.place for f in kept}
        return kept, {place: s for place, s in witnesses.items() if place in places}

    # -- what giving up brings -------------------------------------------------------------------

    def _releases(self, kept: Sequence[Fact]) -> Iterable[Release]:
        for number, fact in enumerate(kept):
            self.tell(wording.releasing(number + 1, len(kept)))
            share = max(1.0, (self.until(1.0) - monotonic()) / (len(kept) - number))
            yield self._release(fact, monotonic() + share)

    def _release(self, fact: Fact, deadline: float) -> Release:
        clinic = Clinic(given_up(self.scenario, [fact]))
        answer = possible(clinic, deadline, self.stop)
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
