"""Changes of the census: more or fewer patients, with the clinic's own mix or another; admissions."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from numpy.random import SeedSequence, default_rng
from pydantic import Field, model_validator

from ..fields import Id, Whole
from ..generate_tables import FIRST_NAMES, LAST_NAMES
from ..report.words import count, listing
from ..scenario import Scenario
from ..validation.wording import listed
from .base import Step
from .draft import CannotChange, Draft, Json, no_such, title
from .entries import remove

MOST = 1000
NEWCOMER = "new"


class Census(Step):
    """So many patients in treatment, or some more or fewer.

    A newcomer has everything of a patient in treatment but their id, name, primary therapist and whom
    they are kept apart from. Patients are taken in a seeded order, everyone once before anyone twice,
    so that the mix stays the clinic's own; with ``mix`` (program: share) programs are taken by their
    shares. Fewer: the last of a seeded order go. Either way those of a smaller census are all in
    the larger one.
    """

    kind: Literal["census"] = "census"
    to: Annotated[int, Field(ge=0, le=MOST, strict=True)] | None = None
    by: Annotated[int, Field(ge=-MOST, le=MOST, strict=True)] | None = None
    percent: Annotated[float, Field(ge=-100, le=1000, allow_inf_nan=False)] | None = None
    mix: dict[Id, Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]] = {}
    seed: Whole = 0

    @model_validator(mode="after")
    def _one_number(self) -> Census:
        given = [x for x in (self.to, self.by, self.percent) if x is not None]
        if len(given) != 1:
            raise ValueError("exactly one of `to`, `by` and `percent` is given")
        if self.mix and not sum(self.mix.values()):
            raise ValueError("the shares of a mix add up to more than 0")
        return self

    def sentence(self, scenario: Scenario) -> str:
        here = sum(1 for p in scenario.patients if p.status == "active")
        wanted = self._wanted(here)
        if self.percent is not None:
            text = f"Census {self.percent:+g} %: {count(wanted, 'patient')} instead of {here}"
        elif self.to is not None:
            text = f"Census of {count(wanted, 'patient')} instead of {here}"
        else:
            fewer = (self.by or 0) < 0
            text = f"{count(abs(self.by or 0), 'patient')} {'fewer' if fewer else 'more'}"
        if wanted > here:
            own = ", of the clinic's own mix"
            text += f", of the mix {_shares(scenario, self.mix)}" if self.mix else own
        return f"{text}."

    def _wanted(self, here: int) -> int:
        if self.to is not None:
            return self.to
        return here + (self.by if self.by is not None else round(here * (self.percent or 0) / 100))

    def edit(self, draft: Draft) -> None:
        active = [p for p in draft.entries("patient") if p.get("status", "active") == "active"]
        wanted = self._wanted(len(active))
        if wanted < 0:
            raise CannotChange(f"there are only {len(active)} patients in treatment")
        if wanted > MOST:
            raise CannotChange(f"that makes {wanted:,} patients; at most {MOST:,} are planned for")
        if wanted < len(active):
            order = default_rng(SeedSequence([self.seed, 1])).permutation(len(active))
            for index in sorted(order[wanted:].tolist()):
                remove(draft, "patient", active[index]["id"])
            return
        models = self._models(draft, active)
        taken = set(draft.ids("patient"))
        number = 0
        for made in range(wanted - len(active)):
            number += 1
            while (id := f"{NEWCOMER}-{number:03d}") in taken:
                number += 1
            name = _name(self.seed, made)
            draft.entries("patient").append(_newcomer(next(models), id, name))

    def _models(self, draft: Draft, active: list[Json]) -> Iterator[Json]:
        """Whom the first, second, … newcomer is like."""
        if not self.mix:
            if not active:
                raise CannotChange("there is no patient in treatment whom newcomers could be like")
            return _again_and_again(active, [self.seed, 0])
        programs = {p: share for p, share in self.mix.items() if share}
        known = draft.ids("program")
        like: dict[str, Iterator[Json]] = {}
        for program in programs:
            if program not in known:
                raise CannotChange(no_such("program", program, known))
            theirs = [p for p in active if p["program"] == program]
            if not theirs:
                here = sorted({p["program"] for p in active})
                raise CannotChange(
                    f"no patient is in program {program}, whom newcomers could be like; "
                    f"programs with patients: {listed(here)}"
                )
            like[program] = _again_and_again(theirs, [self.seed, 2, known.index(program)])
        return _in_shares(programs, like)


def _again_and_again(patients: list[Json], seed: list[int]) -> Iterator[Json]:
    """All of them in a drawn order, then all of them in another one, and so on without end."""
    cycle = 0
    while True:
        for index in default_rng(SeedSequence([*seed, cycle])).permutation(len(patients)):
            yield patients[index]
        cycle += 1


def _in_shares(shares: Mapping[str, float], like: Mapping[str, Iterator[Json]]) -> Iterator[Json]:
    """The program that is furthest behind its share comes next."""
    whole, given = sum(shares.values()), dict.fromkeys(shares, 0)
    while True:
        number = sum(given.values()) + 1
        behind = {p: number * share / whole - given[p] for p, share in shares.items()}
        program = max(shares, key=lambda p: behind[p])
        given[program] += 1
        yield next(like[program])


def _newcomer(model: Json, id: str, name: str) -> Json:
    entry = copy.deepcopy({k: v for k, v in model.items() if k not in _ONLY_THEIRS})
    return {**entry, "id": id, "name": name}


_ONLY_THEIRS = ("primary_therapist", "keep_apart")


def _name(seed: int, number: int) -> str:
    rng = default_rng(SeedSequence([seed, 3, number]))
    first, last = rng.integers(len(FIRST_NAMES)), rng.integers(len(LAST_NAMES))
    return f"{FIRST_NAMES[first]} {LAST_NAMES[last]}"


def _shares(scenario: Scenario, mix: Mapping[str, float]) -> str:
    whole = sum(mix.values())
    parts = (f"{share / whole:.0%} {title(scenario, 'program', p)}" for p, share in mix.items())
    return listing(parts)


class Admit(Step):
    """Patients from the waiting list are in treatment; all of them where none is named."""

    kind: Literal["admit"] = "admit"
    patients: tuple[Id, ...] = ()

    def sentence(self, scenario: Scenario) -> str:
        if not self.patients:
            return "Admit everyone who waits."
        return f"Admit {listing(title(scenario, 'patient', p) for p in self.patients)}."

    def edit(self, draft: Draft) -> None:
        waiting = [p for p in draft.entries("patient") if p.get("status") == "waitlist"]
        chosen = [draft.entry("patient", p) for p in self.patients] or waiting
        if not chosen:
            raise CannotChange("nobody waits")
        for patient in chosen:
            if patient.get("status") != "waitlist":
                raise CannotChange(f"patient {patient['id']} does not wait, but is in treatment")
            del patient["status"]
