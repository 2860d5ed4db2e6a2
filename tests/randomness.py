"""Tiny weeks at random: scenarios with every field of the specification, and schedules of them.

Small on purpose (two to four days of two to four hours, at most four patients), so that a model of
one is solved to the end in a blink; every field that a rule or goal reads has its chance. The same
``random.Random`` gives the same week.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from solver.errors import FileFaults
from solver.timegrid import DAYS
from tests import builders
from tests import reference_checker as reference
from tests.builders import Json, clock, date

T = TypeVar("T")
OPENING = 9 * 60
Chance = tuple[float, Callable[[], Any]]


def some(r: random.Random, entries: Sequence[T]) -> list[T]:
    """At least one of them."""
    return r.sample(entries, r.randint(1, len(entries)))


class Draw:
    """One random scenario, part by part; with ``tiny`` so small that every week can be listed."""

    def __init__(self, r: random.Random, tiny: bool = False) -> None:
        self.r, self.tiny = r, tiny
        self.grid = r.choice([30, 60] if tiny else [20, 30, 30, 60])
        self.days = sorted(r.sample(DAYS, 2 if tiny else r.randint(2, 4)), key=DAYS.index)
        self.closing = OPENING + (120 if tiny else r.choice([120, 180, 240]))
        self.strictness = r.choice([0.2, 0.4, 0.7, 1.0])
        self.languages, self.genders = ["en", "es"], ["f", "m"]
        self.credentials, self.tags = ["rn", "md"], ["sud", "eating"]

    def facts(self, **chances: Chance) -> Json:
        """Each fact with its chance, the smaller the less strict this scenario is."""
        return {
            name: make()
            for name, (chance, make) in chances.items()
            if self.r.random() < chance * self.strictness
        }

    def scenario(self) -> Json:
        r = self.r
        self.services = self._services()
        self.with_tracks = r.random() < 0.4
        self.programs = [self._program(f"prog{i}") for i in range(r.randint(1, 2))]
        most = 2 if self.tiny else 4
        self.therapists = [self._therapist(f"th{i}") for i in range(r.randint(1, most - 1))]
        names = [f"pat{i}" for i in range(r.randint(1, most))]
        return builders.clinic(
            grid_minutes=self.grid,
            opening_hours=self._opening(),
            services=self.services,
            programs=self.programs,
            rooms=[self._room(f"room{i}") for i in range(r.randint(1, 2))],
            equipment=[
                builders.item(
                    "kit", r.choice([1, 1, 2]), **self.facts(availability=(0.4, self._hours))
                )
            ],
            therapists=self.therapists,
            groups=[self._group(f"group{i}") for i in range(1 if self.tiny else r.randint(1, 2))],
            patients=[self._patient(name, names) for name in names],
            **self.facts(
                closed_dates=(0.35, lambda: [date(r.choice(self.days))]),
                policy=(0.4, self._policy),
            ),
            **({"tracks": self._tracks()} if self.with_tracks else {}),
        )

    def _opening(self) -> list[Json]:
        hours = builders.window("09:00", clock(self.closing), *self.days)
        if self.r.random() < 0.1:
            hours += builders.window("09:00", clock(self.closing), self.r.choice(DAYS))
        return hours

    def _hours(self, most: int = 1) -> list[Json]:
        """A few windows, more often than not the whole of the opening hours on most days."""
        r, found = self.r, []
        for _ in range(r.randint(1, most)):
            days = r.sample(self.days, r.randint(max(1, len(self.days) - 1), len(self.days)))
            start = r.randrange(OPENING, self.closing - self.grid + 1, self.grid)
            end = r.randrange(start + self.grid, self.closing + 1, self.grid)
            if r.random() > 0.4 * self.strictness:
                start, end = OPENING, self.closing
            if r.random() < 0.15:
                start += 10
            found += builders.window(clock(start), clock(max(end, start + self.grid)), *days)
        return found

    def _tracks(self) -> list[Json]:
        return [
            {"id": "early", "windows": builders.window("09:00", "10:30", *DAYS)},
            {"id": "late", "windows": builders.window("10:00", clock(self.closing), *DAYS)},
        ]

    def _services(self) -> list[Json]:
        r = self.r
        found = [builders.talk()]
        if r.random() < 0.5:
            found.append(builders.service("help", "group", 30, clinical_minutes=0))
        forms = r.sample(
            ["individual", "family", "individual"], 1 if self.tiny else r.randint(1, 2)
        )
        for form in forms:
            found.append(
                builders.service(
                    f"visit{len(found)}",
                    form,
                    r.choice([30, 50, 60]),
                    **self.facts(
                        clinical_minutes=(0.3, lambda: r.choice([20, 30, 0])),
                        credentials=(0.4, lambda: some(r, self.credentials)),
                        room_features=(0.2, lambda: ["couch"]),
                        party_size=(0.2, lambda: r.randint(1, 3)),
                        remote=(0.5, lambda: True),
                        equipment=(0.2, lambda: {"kit": 1}),
                    ),
                )
            )
        return found

    def _program(self, name: str) -> Json:
        r = self.r
        quotas = []
        for entry in self.services:
            if r.random() < 0.95:
                least = r.choice([0, 1, 1, 2])
                most = least + r.choice([0, 1]) if r.random() < 0.6 else None
                if self.tiny and entry["format"] != "group":
                    least, most = r.choice([(0, 1), (1, 1)])
                quotas.append(builders.quota(entry["id"], least, most))
        single = self.facts(single_track=(0.5, lambda: True)) if self.with_tracks else {}
        return builders.program(
            name,
            minutes_per_week={
                "min": r.choice([0, 60, 120, 130]),
                "max": r.choice([180, 240, 300]),
            },
            days_per_week=r.choice([{"max": 3}, {"min": 1, "max": 3}, {"min": 2}, {}]),
            quotas=quotas,
            **single,
            **self.facts(
                attended_day_minutes=(
                    0.4,
                    lambda: r.choice([{"min": 60}, {"min": 60, "max": 120}, {"max": 90}]),
                ),
                sessions_per_day=(
                    0.4,
                    lambda: r.choice([{"min": 2}, {"min": 1, "max": 2}, {"max": 2}]),
                ),
                rolling_sessions=(
                    0.3,
                    lambda: {"days": r.choice([1, 2, 3]), "max": r.choice([1, 2, 3])},
                ),
                max_gap_days=(0.3, lambda: r.choice([0, 1])),
            ),
        )

    def _room(self, name: str) -> Json:
        return builders.room(
            name,
            self.r.choice([1, 2, 3, 4]),
            **self.facts(
                features=(0.6, lambda: ["couch"]),
                availability=(0.2, self._hours),
            ),
        )

    def _therapist(self, name: str) -> Json:
        r = self.r
        held = [
            {"id": c, "expires": date(r.choice(DAYS))} if r.random() < 0.3 * self.strictness else c
            for c in some(r, self.credentials)
        ]
        spans = [["09:30", "10:30"], ["10:00", "11:00"], ["09:40", "10:20"]]
        return builders.therapist(
            name,
            credentials=held,
            **self.facts(
                availability=(0.85, lambda: self._hours(2) if r.random() < 0.95 else []),
                remote_availability=(0.4, self._hours),
                max_minutes_per_day=(0.25, lambda: r.choice([60, 120])),
                max_minutes_per_week=(0.2, lambda: r.choice([120, 180])),
                max_consecutive_minutes=(0.3, lambda: r.choice([60, 90])),
                meal=(
                    0.3,
                    lambda: {"minutes": r.choice([20, 30]), "between": r.choice(spans)},
                ),
                languages=(0.25, lambda: some(r, self.languages)),
                genders_served=(0.2, lambda: some(r, self.genders)),
                max_caseload=(0.2, lambda: 1),
                supervisor=(0.3, lambda: True),
                supervised=(0.15, lambda: True),
            ),
        )

    def _group(self, name: str) -> Json:
        r = self.r
        often = min(r.choice([1, 1, 2, 2, 3]), len(self.days))
        people = [{"credentials": some(r, self.credentials)}, {}, {}]
        kinds = [s["id"] for s in self.services if s["format"] == "group"]

        def patterns() -> list[list[str]]:
            among = list(DAYS) if r.random() < 0.2 else self.days
            return [sorted(r.sample(among, often), key=DAYS.index) for _ in range(r.randint(1, 3))]

        return builders.group(
            name,
            service=r.choice(kinds),
            minutes=r.choice([30, 50, 60]),
            size={"min": r.choice([1, 1, 1, 2]), "max": r.choice([2, 3])},
            leaders=[
                r.choice(people) for _ in range(r.choice([0, 1, 1, 1, 1 if self.tiny else 2]))
            ],
            meetings_per_week=often,
            **self.facts(
                clinical_minutes=(0.3, lambda: r.choice([0, 20, 45])),
                modality=(
                    0.6,
                    lambda: r.choice(["telehealth", "hybrid", "offsite", "in_person"]),
                ),
                day_patterns=(0.5, patterns),
                start_times=(0.5, lambda: some(r, ["09:00", "09:30", "10:00", "11:00"])),
                windows=(0.2, self._hours),
                max_sections=(0.0 if self.tiny else 0.4, lambda: 2),
                per_patient=(0.3, lambda: 2),
                room_features=(0.2, lambda: ["couch"]),
                equipment=(0.2, lambda: {"kit": 1}),
                language=(0.15, lambda: r.choice(self.languages)),
                closed=(0.35, lambda: True),
                eligible=(0.25, self._eligible),
            ),
        )

    def _eligible(self) -> Json:
        return self.facts(
            programs=(0.3, lambda: [self.programs[0]["id"]]),
            tags_any=(0.4, lambda: some(self.r, self.tags)),
            tags_none=(0.2, lambda: ["eating"]),
            genders=(0.3, lambda: some(self.r, self.genders)),
        )

    def _patient(self, name: str, names: list[str]) -> Json:
        r = self.r
        others = [n for n in names if n != name]
        work = {"label": "work", "windows": self._hours(), "travel_minutes": r.choice([0, 15, 30])}
        for hours in work["windows"]:
            hours["days"] = [r.choice(self.days)]
        apart = self.facts(keep_apart=(0.15, lambda: [r.choice(others)])) if others else {}
        stay = self.facts(
            first_date=(0.15, lambda: date(r.choice(DAYS[:5]))),
            last_date=(0.15, lambda: date(r.choice(DAYS[2:]))),
        )
        if stay.get("first_date", "") > stay.get("last_date", "9"):
            del stay["last_date"]
        return builders.patient(
            name,
            program=r.choice(self.programs)["id"],
            **apart,
            **stay,
            **self.facts(
                status=(0.3, lambda: "waitlist"),
                priority=(0.4, lambda: r.randint(1, 5)),
                availability=(0.3, lambda: self._hours(2)),
                commitments=(0.25, lambda: [work]),
                preferred=(0.3, self._hours),
                tags=(0.5, lambda: some(r, self.tags)),
                gender=(0.6, lambda: r.choice(self.genders)),
                languages=(0.2, lambda: some(r, self.languages)),
                attends=(0.5, lambda: r.choice(["in_person", "remote", "either"])),
                primary_therapist=(0.5, lambda: r.choice(self.therapists)["id"]),
                family_availability=(0.2, lambda: self._hours() if r.random() < 0.8 else []),
                minutes_per_week=(0.1, lambda: {"min": r.choice([0, 60])}),
                days_per_week=(0.1, lambda: {"min": 1}),
                quotas=(0.1, lambda: [builders.quota(self.services[-1]["id"], 1, 1)]),
                sessions_per_day=(0.05, lambda: {"max": 1}),
            ),
        )

    def _policy(self) -> Json:
        r = self.r
        goals = list(reference.GOALS)
        r.shuffle(goals)
        tiers = [goals[:2], goals[2:4]] if r.random() < 0.5 else [[goal] for goal in goals]
        return self.facts(
            tiers=(0.7, lambda: tiers),
            weights=(0.7, lambda: {goal: r.choice([0, 1, 2, 3]) for goal in goals[1:4]}),
            tolerances=(0.5, lambda: {goal: r.choice([0.1, 0.5]) for goal in goals[:2]}),
            strict=(0.3, lambda: [r.choice(["short_days", "unmet_care", "turned_away"])]),
        )


def scenario(r: random.Random, tiny: bool = False) -> Json:
    """A scenario free of faults; drawn again until it is."""
    while True:
        drawn = Draw(r, tiny).scenario()
        try:
            builders.read(drawn)
        except FileFaults:
            continue
        return drawn
