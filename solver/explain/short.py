"""Why someone is short: what is missing, what stands in the way, and the smallest changes that help.

Every suggestion has been tried: its data carries the changes and a legal schedule of the changed
scenario, and says exactly who gains, who loses and whose week moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic

from ..changes import Change
from ..clinic import Clinic
from ..io.files import dump
from ..report import Care, care
from ..schedule import Schedule
from ..search.cpsat import Signal
from ..search.improve import coarse_starts
from .board import Board
from .needs import Need, OwnHours, services_to_look_at
from .obstacle import Obstacle
from .obstacles import Obstacles
from .proof import Proof, Prover, Trial
from .remedies import Step, once
from .ways import COARSE, Way, Ways
from .wording import suggestions as wording
from .wording.short import own_hours

EACH = 2
"""Suggestions looked for, for each service that somebody is short of."""
TRIES = 12
"""Ways tried for each service, the smallest changes first."""
FIRST_SECONDS = 6.5
"""Most time for the first of everybody, so that there is soon something to read."""
SOLVE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that would help, tried.

    Attributes:
        steps: the changes; none where the week only has to be rearranged.
        cost: points of the table in ``remedies.COSTS``; what sorts suggestions.
        serves: whether nothing is missing any more.
    """

    steps: tuple[Step, ...]
    cost: int
    serves: bool
    text: str
    proof: Proof

    def document(self) -> dict[str, object]:
        """The suggestion for machines, with the schedule that proves it."""
        return {
            "text": self.text,
            "cost": self.cost,
            "serves": self.serves,
            "steps": [s.document() for s in self.steps],
            "shortage_before": self.proof.before,
            "shortage_after": self.proof.after,
            "gains": [c.patient.id for c in self.proof.gains],
            "losses": [c.patient.id for c in self.proof.losses],
            "moved": [
                {"patient": m.patient, "before": list(m.before), "after": list(m.after)}
                for m in self.proof.moved
            ],
            "tiers": [t.document() for t in self.proof.tiers],
            "schedule": dump(self.proof.schedule),
        }


@dataclass(frozen=True, slots=True)
class Short:
    """One patient who is short, explained.

    Attributes:
        own_hours: what own hours and limits leave missing whatever the clinic does, in words.
        tried: sets of changes that were tried.
        whole: whether all that was to be tried was tried in the time there was.
    """

    care: Care
    needs: tuple[Need, ...]
    own_hours: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]
    suggestions: tuple[Suggestion, ...]
    tried: int
    whole: bool
    closing: str

    def document(self) -> dict[str, object]:
        """The explanation for machines."""
        return {
            "patient": self.care.patient.id,
            "name": self.care.patient.name,
            "text": self.care.sentence(),
            "needs": [n.document() for n in self.needs],
            "own_hours": list(self.own_hours),
            "obstacles": [o.document() for o in self.obstacles],
            "suggestions": [s.document() for s in self.suggestions],
            "tried": self.tried,
            "whole": self.whole,
            "closing": self.closing,
        }


OnPatient = Callable[[float, int, int, str], None]
"""Told (seconds, number of the patient, how many, id) when a patient's turn comes."""


def short_patients(clinic: Clinic, schedule: Schedule) -> list[Care]:
    """Patients to whom hours, sessions or days are missing, in the order of the scenario."""
    return [c for c in care(clinic, schedule) if c.shortfalls()]


def why_short(
    clinic: Clinic,
    schedule: Schedule,
    patients: Iterable[str] | None = None,
    *,
    seconds: float = 60.0,
    on_patient: OnPatient | None = None,
    stop: Signal | None = None,
) -> Iterator[Short]:
    """Explain every patient who is short, or those named of them, one after the other.

    Args:
        seconds: for all of them; what stands in the way is always told, suggestions as far as time
            goes.
    """
    board = Board(clinic, schedule)
    wanted = None if patients is None else set(patients)
    everyone = [
        c for c in short_patients(clinic, schedule) if wanted is None or c.patient.id in wanted
    ]
    own = OwnHours(clinic.scenario, stop)
    began = monotonic()
    for number, one in enumerate(everyone):
        if stop is not None and stop.is_set():
            return
        if on_patient is not None:
            on_patient(monotonic() - began, number + 1, len(everyone), one.patient.id)
        left = began + seconds - monotonic()
        share = left / (len(everyone) - number)
        if number == 0 and len(everyone) > 1 and wanted is None:
            share = min(share, FIRST_SECONDS)
        yield _Search(board, own, one, monotonic() + max(0.0, share), stop).run()


@dataclass(slots=True)
class _Queue:
    """A service's ways, as far as they were tried; ``worked`` are sets of changes that helped."""

    ways: Iterator[Way]
    tried: int = 0
    worked: set[frozenset[tuple[str, str]]] = field(default_factory=set)


class _Search:
    """The search for one patient's suggestions."""

    def __init__(
        self, board: Board, own: OwnHours, one: Care, deadline: float, stop: Signal | None
    ) -> None:
        self.board, self.clinic, self.own = board, board.clinic, own
        self.care, self.patient = one, one.patient.id
        self.deadline, self.stop = deadline, stop
        self.ways = Ways(board, self.patient)
        self.prover = Prover(board, self.patient, stop)
        self.found: list[Suggestion] = []
        self.trials: dict[frozenset[str], Trial] = {}
        self.tried: dict[object, Proof | None] = {}
        self.cut = False

    def late(self) -> bool:
        """Whether time is over, which is remembered."""
        ended = self.stop is not None and self.stop.is_set()
        if monotonic() > self.deadline or ended:
            self.cut = True
        return self.cut

    def run(self) -> Short:
        needs = self.own.needs(self.board.names, self.care, self.deadline)
        services = services_to_look_at(self.clinic, self.care, self._spare())
        obstacles = Obstacles(self.ways)
        found = tuple(o for s in services for o in obstacles.to(s)) or obstacles.of_plan()
        hopeless = bool(needs) and all(n.is_own for n in needs)
        # What is free as things are, then small changes, then whatever rearranging can give.
        self._try((), Trial((), frozenset(services)))
        if not self._is_served():
            queues = [_Queue(iter(self.ways.to(service))) for service in services]
            for want in range(1, EACH + 1):
                for number, queue in enumerate(queues):
                    self._next(queue, want, services, len(queues) - number)
                if want == 1:
                    self._all_together(services)
            self._rearranged(services)
        suggestions = tuple(sorted(self.found, key=lambda s: (not s.serves, s.cost, len(s.steps))))
        closing = wording.closing(
            self.board.names, self.patient, suggestions, len(self.tried), not self.cut, hopeless
        )
        own = tuple(own_hours(self.board.names, self.patient, needs))
        return Short(
            self.care, needs, own, found, suggestions, len(self.tried), not self.cut, closing
        )

    def _spare(self) -> dict[str, int]:
        """Sessions of each service that the plan still allows."""
        sittings = self.board.ledger.sittings[self.patient]
        out = {}
        for service, (_, most) in self.clinic.needs[self.patient].quotas.items():
            held = sum(1 for s in sittings if s.service == service)
            out[service] = 99 if most is None else most - held
        return out

    def _is_served(self) -> bool:
        return any(s.serves for s in self.found)

    # -- trying ----------------------------------------------------------------------------------

    def _rearranged(self, services: Sequence[str]) -> None:
        """Without any change: the patient's own week, then also others' appointments, anew."""
        groups = self._openable(services)
        company = frozenset((q, g) for g in groups for q in self._companions(g))
        starts = coarse_starts(COARSE, self.board.ledger)
        wanted = frozenset(services)
        proof = self._try((), Trial((), wanted, True, groups, company, starts=starts))
        carers = {t for s in services for t in self.board.screen.carers(self.patient, s)}
        aside = frozenset(
            d.ref
            for t in carers
            for d in self.board.ledger.duties[t]
            if d.group is None and d.patient != self.patient
        )
        if aside and (proof is None or proof.after):
            self._try(
                (), Trial((), wanted, True, groups, company, appointments=aside, starts=starts)
            )

    def _openable(self, services: Iterable[str]) -> frozenset[str]:
        running = self.board.ledger.by_group
        return frozenset(
            g.id
            for g in self.clinic.scenario.groups
            if g.service in services
            and len(running[g.id]) < g.max_sections
            and g.id not in self.clinic.continuing
            and self.board.screen.seat_modes(self.patient, g.id)
        )

    def _companions(self, group: str) -> list[str]:
        """Others who lack a group's service, or all who may join where those are too few."""
        entry = self.clinic.groups[group]
        company = self.ways.helpers.company(entry, self.patient)
        few = len(company.needy) + 1 < entry.size.min
        return [*company.needy, *(company.others if few else ())]

    def _next(self, queue: _Queue, want: int, services: Sequence[str], left: int) -> None:
        """Go on with a service's ways until one more set of changes works, or enough were tried."""
        until = monotonic() + (self.deadline - monotonic()) / (left + 1)
        while len(queue.worked) < want and queue.tried < TRIES:
            if monotonic() > until or self.late():
                self.cut = True
                return
            way = next(queue.ways, None)
            if way is None:
                return
            if way.signature in queue.worked:
                continue
            queue.tried += 1
            if self._try_way(way, services) is not None and way.steps:
                queue.worked.add(way.signature)

    def _try_way(self, way: Way, services: Sequence[str]) -> Proof | None:
        """A way as it stands; with the whole week of the patient free where that may give more."""
        proof = self._try(way.steps, self._trial(way, {way.service}, narrow=True))
        if proof is not None and proof.after and len(services) > 1 and not self.late():
            more = self._try(way.steps, self._trial(way, set(services), narrow=False))
            if more is not None and more.after < proof.after:
                proof = more
        return proof

    def _trial(self, way: Way, services: set[str], *, narrow: bool) -> Trial:
        ledger = self.board.ledger
        mine = {s.ref for s in ledger.sittings[self.patient]}
        opens = way.group is not None and way.section is None
        groups = {way.group} if opens and way.group else set()
        company: set[tuple[str, str]] = set()
        starts = None
        own_week = not narrow or bool(way.clashes) or bool(way.aside & mine)
        if opens and way.group:
            entry = self.clinic.groups[way.group]
            needy, others = self.ways.helpers.company(entry, self.patient).who(way.days, way.start)
            few = len(needy) + 1 < entry.size.min
            company = {(q, way.group) for q in (*needy, *(others if few else ()))}
        if narrow:
            starts = sum(1 << self.clinic.grid.cell(d, way.start) for d in way.days)
            if way.aside or own_week:
                starts |= coarse_starts(COARSE, ledger)
        if not narrow:
            groups |= self._openable(services)
            company |= {(q, g) for g in groups for q in self._companions(g)}
        return Trial(
            _changes(way.steps),
            frozenset(services),
            own_week,
            frozenset(groups),
            frozenset(company),
            frozenset(a for a in way.aside if a in ledger.sections and a not in mine),
            frozenset(a for a in way.aside if a in ledger.appointments and a not in mine),
            starts,
        )

    def _try(self, steps: tuple[Step, ...], trial: Trial) -> Proof | None:
        """A proof, kept as a suggestion if it is better than what the same steps gave before."""
        if self.late():
            return None
        key = (replace(trial, changes=(), company=frozenset()), _told(steps))
        if key in self.tried:
            return self.tried[key]
        left = self.deadline - monotonic()
        proof = self.prover.prove(trial, min(SOLVE_SECONDS, max(0.5, left)))
        self.tried[key] = proof
        if proof is not None:
            steps, proof = self.prover.spared(steps, proof)
            self._keep(steps, proof, replace(trial, changes=_changes(steps)))
        return proof

    def _keep(self, steps: tuple[Step, ...], proof: Proof, trial: Trial) -> None:
        same = _told(steps)
        for old in list(self.found):
            theirs = _told(old.steps)
            if theirs <= same and old.proof.after <= proof.after:
                return
            if theirs >= same and old.proof.after >= proof.after:
                self.found.remove(old)
        self.trials[same] = trial
        cost = sum(s.cost for s in steps)
        moves = sum(1 for m in proof.moved if m.patient != self.patient and m.before)
        text = wording.suggestion(self.board, self.patient, self.care, steps, proof)
        self.found.append(Suggestion(steps, cost + moves, proof.after == 0, text, proof))

    def _all_together(self, services: Sequence[str]) -> None:
        """The cheapest of each service at once, where no single one is enough."""
        if self._is_served() or len(self.found) < 2 or self.late():
            return
        best = sorted(self.found, key=lambda s: s.cost)
        steps: tuple[Step, ...] = ()
        trials: list[Suggestion] = []
        for s in best:
            if s.steps and not {(x.kind, x.target) for x in s.steps} & {
                (x.kind, x.target) for x in steps
            }:
                steps = once([*steps, *s.steps])
                trials.append(s)
        if len(trials) < 2:
            return
        whole = self._merged([self.trials[_told(s.steps)] for s in trials], services)
        proof = self._try(steps, replace(whole, changes=_changes(steps)))
        if proof is not None:
            self._without_each(steps, proof, whole)

    def _merged(self, trials: Sequence[Trial], services: Sequence[str]) -> Trial:
        """Everything that several trials left open, left open at once."""
        groups = self._openable(services).union(*(t.groups for t in trials))
        company = {(q, g) for g in groups for q in self._companions(g)}
        return Trial(
            services=frozenset(services),
            own_week=True,
            groups=groups,
            company=frozenset(company),
            sections=frozenset().union(*(t.sections for t in trials)),
            appointments=frozenset().union(*(t.appointments for t in trials)),
        )

    def _without_each(self, steps: tuple[Step, ...], proof: Proof, whole: Trial) -> None:
        """Steps that a combination does not need are left out."""
        for step in sorted(steps, key=lambda s: -s.cost):
            rest = tuple(s for s in steps if s is not step)
            if not rest or self.late():
                continue
            less = self._try(rest, replace(whole, changes=_changes(rest)))
            if less is not None and less.after <= proof.after:
                steps, proof = rest, less


def _changes(steps: Iterable[Step]) -> tuple[Change, ...]:
    return tuple(c for s in steps for c in s.changes)


def _told(steps: Iterable[Step]) -> frozenset[str]:
    """What tells sets of changes apart."""
    return frozenset(s.text for s in steps)
