"""What each offer would change, found by living through the same weeks once more with it.

Luck is the same with and without an offer, so the difference is the offer's alone. The clinic knows
what was missed on earlier days and nothing of days to come: a patient is offered a place on a day
when what they had so far and what is still planned no longer comes to their least minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..clinic import Clinic
from .offers import Offer, Place, offers
from .outcome import Estimate, average
from .weeks import Counts, Course, Flags, Weeks


@dataclass(frozen=True, slots=True)
class Gain:
    """An offer and what it adds in an average week.

    Attributes:
        reaching: patients who reach their least minutes; minutes: clinical, attended by guests.
        used: places that are taken, whether or not whoever took one comes.
    """

    offer: Offer
    reaching: Estimate
    minutes: Estimate
    paid_days: Estimate
    used: Estimate

    def document(self, weeks: Weeks) -> dict[str, Any]:
        """For machines."""
        return {
            "kind": self.offer.kind,
            "sentence": self.offer.sentence(weeks.ledger),
            "reaching": self.reaching.document(),
            "minutes": self.minutes.document(),
            "paid_days": self.paid_days.document(),
            "places_taken": self.used.document(),
            "guests": sorted({p for place in self.offer.places for p in place.guests}),
        }


def best_offers(weeks: Weeks, most: int) -> list[Gain]:
    """The offers that help most, each found best beside those before it.

    First the offer that lets most patients reach their least minutes, then the one that adds most to
    it, and so on; each is tried by recomputation. Offers that help nobody are left out. Where two let
    as many reach them, the one that gives more minutes to those who fell behind is better.
    """
    if most < 1:
        return []
    wanting = [p for p, c in weeks.courses.items() if not weeks.reaches(p, c).all()]
    open_offers = offers(weeks.ledger, wanting)
    trial = Trial(weeks)
    chosen: list[Gain] = []
    while open_offers and len(chosen) < most:
        taken = [gain.offer for gain in chosen]
        tried = [trial.gain(taken, offer) for offer in open_offers]
        best = max(tried, key=lambda g: (round(g.reaching.value, 9), g.minutes.value))
        if best.minutes.value <= 0:
            break
        chosen.append(best)
        held = {id(place) for place in best.offer.places}
        open_offers = [
            offer
            for offer in open_offers
            if not any(id(place) in held or _collide(place, best.offer) for place in offer.places)
        ]
    return chosen


def _collide(place: Place, offer: Offer) -> bool:
    """Whether a new session and one of an offer need the same room or leader at the same time."""
    return place.ref is None and any(
        other.ref is None
        and place.cells & other.cells
        and (set(place.leaders) & set(other.leaders) or (place.room and place.room == other.room))
        for other in offer.places
    )


class Trial:
    """The simulated weeks lived through again with offers."""

    def __init__(self, weeks: Weeks) -> None:
        self.weeks, self.clinic = weeks, weeks.clinic
        self._held = {
            (e.ref, e.day): held for e, held in zip(weeks.events, weeks.held, strict=True)
        }
        self._known: tuple[tuple[int, ...], dict[str, Course]] | None = None

    def gain(self, taken: Sequence[Offer], offer: Offer) -> Gain:
        """What an offer adds to those already taken."""
        before = self._with(taken)
        after, used = self.live([*taken, offer])
        n = self.weeks.luck.weeks
        reaching, minutes, paid = (np.zeros(n, np.int32) for _ in range(3))
        for p, course in after.items():
            old = before.get(p, self.weeks.courses[p])
            if course.total is old.total:
                continue
            reaching += self.weeks.reaches(p, course)
            reaching -= self.weeks.reaches(p, old)
            minutes += course.total - old.total
            for day in range(7):
                if course.sessions[day] is not old.sessions[day]:
                    paid += self.weeks.paid(p, course, day)
                    paid -= self.weeks.paid(p, old, day)
        return Gain(offer, average(reaching), average(minutes), average(paid), average(used))

    def _with(self, taken: Sequence[Offer]) -> dict[str, Course]:
        key = tuple(map(id, taken))
        if self._known is None or self._known[0] != key:
            self._known = (key, self.live(taken)[0])
        return self._known[1]

    def live(self, taken: Sequence[Offer]) -> tuple[dict[str, Course], Counts]:
        """Courses of the patients whom offers concern, and places of the last offer taken each week."""
        places = sorted(
            (place for offer in taken for place in offer.places), key=lambda p: (p.day, p.start)
        )
        guests = {p for place in places for p in place.guests}
        courses = {p: c.copy() for p, c in self.weeks.courses.items() if p in guests}
        used = np.zeros(self.weeks.luck.weeks, np.int32)
        last = {id(place) for place in taken[-1].places} if taken else set()
        for day in sorted({place.day for place in places}):
            of_day = [place for place in places if place.day == day]
            for place, gone in self._day(day, of_day, courses).items():
                if place in last:
                    used += gone
        return courses, used

    def _day(
        self, day: int, places: Sequence[Place], courses: dict[str, Course]
    ) -> dict[int, Counts]:
        """One day's places go to those who have fallen behind; returns what is taken of each."""
        gone = {id(place): np.zeros(self.weeks.luck.weeks, np.int32) for place in places}
        order = dict.fromkeys(p for place in places for p in place.guests)
        for p in sorted(order, key=lambda p: -self.clinic.patients[p].priority):
            plan = _plan([place for place in places if p in place.guests])
            guest = _Guest(self.clinic, p, courses[p], day)
            for place in plan:
                takes = guest.wants(place) & (gone[id(place)] < place.seats)
                if not takes.any():
                    continue
                gone[id(place)] += takes
                held = (
                    self.weeks.leaders_there(place.leaders, day)
                    if place.ref is None
                    else self._held[place.ref, day]
                )
                guest.takes(place, takes, takes & courses[p].comes[day] & held)
            guest.settle()
        return gone


def _plan(places: Sequence[Place]) -> list[Place]:
    """The places of one day that give one patient the most minutes without a collision."""
    best: list[tuple[int, list[Place]]] = [(0, [])]
    ordered = sorted(places, key=lambda p: p.cells.bit_length())
    for number, place in enumerate(ordered):
        before = 0
        for earlier in range(number, 0, -1):
            if not _overlap(ordered[earlier - 1], place):
                before = earlier
                break
        minutes, chosen = best[before]
        better = (minutes + place.clinical, [*chosen, place])
        best.append(max(best[-1], better, key=lambda b: b[0]))
    return best[-1][1]


def _overlap(earlier: Place, later: Place) -> bool:
    """Whether one that ends no later than the other still ends after the other's start."""
    return earlier.cells.bit_length() > (later.cells & -later.cells).bit_length() - 1


class _Guest:
    """One patient on one day: how far behind in each week, and what their maxima still allow."""

    def __init__(self, clinic: Clinic, patient: str, course: Course, day: int) -> None:
        self.needs, self.course, self.day = clinic.needs[patient], course, day
        self.had = course.before(day)
        self.ahead = sum(course.planned_minutes[day:])
        self.minutes = np.zeros_like(self.had)
        self.sessions = np.zeros_like(self.had)
        self.services: dict[str, Counts] = {}
        self.taken: list[tuple[Place, Flags]] = []

    def wants(self, place: Place) -> Flags:
        """Weeks in which the patient is behind and nothing of theirs forbids one session more."""
        needs, day, planned = self.needs, self.day, self.course
        total = self.had + self.ahead + self.minutes
        wants: Flags = total < needs.minutes_min
        if not wants.any():
            return wants
        if needs.minutes_max is not None:
            wants &= total + place.clinical <= needs.minutes_max
        if needs.day_minutes_max is not None:
            today = planned.planned_minutes[day] + self.minutes
            wants &= today + place.clinical <= needs.day_minutes_max
        if needs.day_sessions_max is not None and place.clinical:
            wants &= planned.planned_sessions[day] + self.sessions < needs.day_sessions_max
        most = needs.quotas[place.service][1]
        if most is not None:
            wants &= self._of_service(place.service) < most
        if needs.days_max is not None and not planned.planned_sessions[day]:
            days = np.full_like(total, sum(n > 0 for n in planned.planned_sessions[day:]))
            for row in planned.sessions[:day]:
                days += row > 0
            wants &= days < needs.days_max
        return self._rolls(wants)

    def _of_service(self, service: str) -> Counts:
        course, day = self.course, self.day
        count = sum(course.by_service.get(service, [])[:day], np.zeros_like(self.had))
        if service in self.services:
            count = count + self.services[service]
        return count + sum(course.planned_by_service.get(service, [])[day:])

    def _rolls(self, wants: Flags) -> Flags:
        """Those of the weeks in which the most sessions in some days in a row allow one more today."""
        needs, day = self.needs, self.day
        if needs.rolling_days is None or needs.rolling_max is None:
            return wants
        days = [np.zeros_like(self.had) for _ in range(7)]
        for rows in self.course.by_service.values():
            days[:day] = [count + row for count, row in zip(days[:day], rows[:day], strict=True)]
        for plan in self.course.planned_by_service.values():
            days[day:] = [count + n for count, n in zip(days[day:], plan[day:], strict=True)]
        days[day] = sum(self.services.values(), days[day])
        for first in range(8 - needs.rolling_days):
            if first <= day < first + needs.rolling_days:
                wants &= sum(days[first : first + needs.rolling_days]) < needs.rolling_max
        return wants

    def takes(self, place: Place, takes: Flags, has: Flags) -> None:
        """Note a place taken in some weeks, and had in those in which they come and it is held."""
        self.minutes += place.clinical * takes
        self.sessions += takes if place.clinical else 0
        before = self.services.get(place.service, np.zeros_like(self.had))
        self.services[place.service] = before + takes
        self.taken.append((place, has))

    def settle(self) -> None:
        """Add what was had to the patient's course."""
        for place, has in self.taken:
            self.course.take(self.day, place.service, place.clinical, has)
