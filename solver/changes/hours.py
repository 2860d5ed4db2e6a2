"""Changes of hours: who works when, which rooms are free, when the clinic is open."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from numpy.random import default_rng
from pydantic import Field, model_validator

from ..fields import Day, Flag, Fraction, Id, Whole
from ..report.words import count, duration, listing
from ..scenario import Scenario, Window
from ..timegrid import DAYS, MINUTES_A_DAY
from .base import Step, as_json, days_text, hours_text
from .draft import CannotChange, Draft, Json, Span, spans_of, title, whole_days, windows_of, without

Windows = Annotated[tuple[Window, ...], Field(min_length=1)]
SomeDays = Annotated[tuple[Day, ...], Field(min_length=1)]
Whose = Literal["therapist", "room", "equipment", "patient"]
WEEK = 7 * MINUTES_A_DAY


def _available(draft: Draft, entry: Json, field: str = "availability") -> list[Span]:
    """An entry's hours; availability left out means all opening hours, by video none."""
    if field in entry:
        return spans_of(entry[field])
    return spans_of(draft.tree["opening_hours"]) if field == "availability" else []


class _Availability(Step):
    """Hours given to or taken from somebody or something."""

    what: Whose
    id: Id
    windows: Windows
    remote: Flag = False

    @model_validator(mode="after")
    def _only_therapists_by_video(self) -> _Availability:
        if self.remote and self.what != "therapist":
            raise ValueError("only therapists have hours by video")
        return self

    def _field(self) -> str:
        return "remote_availability" if self.remote else "availability"

    def _subject(self, scenario: Scenario) -> str:
        return title(scenario, self.what, self.id)


class Widen(_Availability):
    """A therapist works longer, a room or an item is free longer, a patient can come longer.

    Hours when the clinic is shut stay useless: see ``open``.
    """

    kind: Literal["widen"] = "widen"

    def sentence(self, scenario: Scenario) -> str:
        verb = {"therapist": "works", "patient": "can come"}.get(self.what, "is available")
        by_video = " by video" if self.remote else ""
        return f"{self._subject(scenario)} also {verb}{by_video} {hours_text(self.windows)}."

    def edit(self, draft: Draft) -> None:
        widen(
            draft, draft.entry(self.what, self.id), spans_of(as_json(self.windows)), self._field()
        )


def widen(draft: Draft, entry: Json, spans: list[Span], field: str = "availability") -> None:
    """Give an entry hours; one whose hours are the opening hours keeps following them if it can."""
    before = _available(draft, entry, field)
    if without(spans, before):
        entry[field] = windows_of([*before, *spans])


class Narrow(_Availability):
    """A therapist works less, a room or an item is free less, a patient can come less."""

    kind: Literal["narrow"] = "narrow"

    def sentence(self, scenario: Scenario) -> str:
        verb = {"therapist": "does not work", "patient": "cannot come"}.get(
            self.what, "is not available"
        )
        by_video = " by video" if self.remote else ""
        return f"{self._subject(scenario)} {verb}{by_video} {hours_text(self.windows)}."

    def edit(self, draft: Draft) -> None:
        entry = draft.entry(self.what, self.id)
        field = self._field()
        entry[field] = windows_of(
            without(_available(draft, entry, field), spans_of(as_json(self.windows)))
        )


class Leave(Step):
    """A therapist is away on some days, on site and by video."""

    kind: Literal["leave"] = "leave"
    therapist: Id
    days: SomeDays

    def sentence(self, scenario: Scenario) -> str:
        return f"{title(scenario, 'therapist', self.therapist)} is away {days_text(self.days)}."

    def edit(self, draft: Draft) -> None:
        entry = draft.entry("therapist", self.therapist)
        for field in ("availability", "remote_availability"):
            if field == "availability" or field in entry:
                left = without(_available(draft, entry, field), whole_days(self.days))
                entry[field] = windows_of(left)


class CloseRoom(Step):
    """A room cannot be used on some days."""

    kind: Literal["close_room"] = "close_room"
    room: Id
    days: SomeDays

    def sentence(self, scenario: Scenario) -> str:
        return f"{title(scenario, 'room', self.room)} is closed {days_text(self.days)}."

    def edit(self, draft: Draft) -> None:
        entry = draft.entry("room", self.room)
        entry["availability"] = windows_of(without(_available(draft, entry), whole_days(self.days)))


class Open(Step):
    """The clinic is open longer: an evening, a Saturday; who works it, and in which rooms.

    Whoever and whatever has no hours of their own is there whenever the clinic is open, so then too.
    """

    kind: Literal["open"] = "open"
    windows: Windows
    therapists: tuple[Id, ...] = ()
    rooms: tuple[Id, ...] = ()

    def sentence(self, scenario: Scenario) -> str:
        text = f"Open {hours_text(self.windows)}"
        if self.therapists:
            text += f" with {listing(title(scenario, 'therapist', t) for t in self.therapists)}"
        if self.rooms:
            text += f", in {listing(title(scenario, 'room', r) for r in self.rooms)}"
        return f"{text}."

    def edit(self, draft: Draft) -> None:
        before = spans_of(draft.tree["opening_hours"])
        spans = spans_of(as_json(self.windows))
        draft.tree["opening_hours"] = windows_of([*before, *spans])
        for what, ids in (("therapist", self.therapists), ("room", self.rooms)):
            for id in ids:
                widen(draft, draft.entry(what, id), spans)
        there = [t["id"] for t in draft.entries("therapist") if self._works_then(draft, t, spans)]
        if without(spans, before) and not there:
            draft.note("no therapist works then; say who: open … with t01,t02")

    def _works_then(self, draft: Draft, therapist: Json, spans: list[Span]) -> bool:
        hours = _available(draft, therapist)
        return without(spans, hours) != spans


class Shut(Step):
    """The clinic is open less: hours that every week loses, not a single closed date."""

    kind: Literal["shut"] = "shut"
    windows: Windows

    def sentence(self, scenario: Scenario) -> str:
        return f"Shut {hours_text(self.windows)}."

    def edit(self, draft: Draft) -> None:
        left = without(spans_of(draft.tree["opening_hours"]), spans_of(as_json(self.windows)))
        if not left:
            raise CannotChange("that leaves no opening hours at all")
        draft.tree["opening_hours"] = windows_of(left)


# -- patients' work -------------------------------------------------------------------------------

_WORK = re.compile(r"\b(work|works|shift|shifts|job|part.time|full.time|rotating)\b", re.IGNORECASE)
"""Labels of commitments that are work, or go with it ("sleep after the night shift")."""


class ShiftWork(Step):
    """Work begins and ends earlier or later for some of the patients who work.

    Who: a seeded draw of ``share`` of them, and a smaller share is always among a larger one; or
    ``patients``. Which commitments: those whose label speaks of work, or contains ``label``.
    """

    kind: Literal["shift_work"] = "shift_work"
    minutes: Annotated[int, Field(ge=-720, le=720, strict=True)]
    share: Fraction = 1.0
    label: Annotated[str, Field(min_length=1)] | None = None
    patients: tuple[Id, ...] = ()
    seed: Whole = 0

    def sentence(self, scenario: Scenario) -> str:
        what = f"Commitments with “{self.label}”" if self.label else "Work hours"
        if self.patients:
            whose = listing(title(scenario, "patient", p) for p in self.patients)
        elif self.share < 1:
            whose = f"{self.share:.0%} of the patients who have them"
        else:
            whose = "all patients who have them"
        when = "later" if self.minutes >= 0 else "earlier"
        return f"{what} of {whose} begin and end {duration(abs(self.minutes))} {when}."

    def edit(self, draft: Draft) -> None:
        theirs = [p for p in draft.entries("patient") if any(map(self._is_meant, _held(p)))]
        if self.patients:
            chosen = [draft.entry("patient", p) for p in self.patients]
        else:
            order = default_rng(self.seed).permutation(len(theirs))
            chosen = [theirs[i] for i in order[: round(self.share * len(theirs))]]
        if not theirs:
            labels = sorted({c["label"] for p in draft.entries("patient") for c in _held(p)})
            there = f"; labels here: {listing(labels[:8])}" if labels else ""
            raise CannotChange(f"no patient has such a commitment{there}")
        for patient in chosen:
            patient["commitments"] = [
                self._moved(c) if self._is_meant(c) else c for c in _held(patient)
            ]
        draft.note(f"{count(len(chosen), 'patient')} of {len(theirs)} who have such commitments")

    def _is_meant(self, commitment: Json) -> bool:
        if self.label is not None:
            return self.label.lower() in commitment["label"].lower()
        return bool(_WORK.search(commitment["label"]))

    def _moved(self, commitment: Json) -> Json:
        """Hours that run over midnight go on the next day; a week begins where it ends."""
        spans = []
        for start, end in spans_of(commitment["windows"]):
            for by in (self.minutes, self.minutes - WEEK, self.minutes + WEEK):
                first, last = max(start + by, 0), min(end + by, WEEK)
                if first < last:
                    spans.append((first, last))
        return {**commitment, "windows": windows_of(spans)}


def _held(patient: Json) -> list[Any]:
    return patient.get("commitments") or []


__all__ = ["DAYS", "CloseRoom", "Leave", "Narrow", "Open", "ShiftWork", "Shut", "Widen", "widen"]
