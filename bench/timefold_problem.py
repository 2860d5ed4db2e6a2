"""A week as Timefold's model reads it: candidates already screened, by number instead of by name."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from typing import Any

from solver.clinic import Clinic
from solver.screening import screening_of
from solver.tiers import tiers_of
from solver.timegrid import bits

DAY = 300
"""As in `timefold_side`: meetings are (day × 300 + first cell) × 300 + last."""
MANY = 10**6

Json = dict[str, Any]


class Problem:
    """A clinic's week; ``document`` is what the model reads."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic, self.screen = clinic, screening_of(clinic)
        self.patients, self.therapists = list(clinic.patients), list(clinic.therapists)
        self.rooms, self.services = list(clinic.rooms), list(clinic.services)
        self.items = list(clinic.equipment)
        self.blocks: list[Json] = []
        self.starts: list[tuple[tuple[int, ...], int]] = []  # of each block: days, minute
        self.free: list[set[int]] = [set() for _ in self.therapists]
        self.room_free: list[set[int]] = [set() for _ in self.rooms]
        self.sections: list[Json] = []
        self.groups: list[str] = []  # of each section
        self.seats: list[Json] = []
        self.visits: list[Json] = []
        self.kinds: list[str] = []  # service of each visit
        self._visit_blocks: dict[str, list[tuple[int, int, bool]]] = {}
        for group in clinic.groups:
            self._add_group(group)
        for patient in self.patients:
            self._add_visits(patient)
        self.document = self._document()

    # -- blocks ---------------------------------------------------------------------------------

    def _block(
        self, days: tuple[int, ...], start: int, minutes: int, service: str, **more: Any
    ) -> int:
        grid = self.clinic.grid
        first, length = start // grid.minutes, grid.length(minutes)
        codes = [(day * DAY + first) * DAY + first + length for day in days]
        block = {
            "id": len(self.blocks),
            "codes": codes,
            "service": self.services.index(service),
            "minutes": grid.minutes * length * len(days),
        }
        self.blocks.append(block | more)
        self.starts.append((days, start))
        return len(self.blocks) - 1

    def _cells(self, block: int) -> list[int]:
        days, start = self.starts[block]
        return [self.clinic.grid.cell(day, start) for day in days]

    def _all_in(self, block: int, mask: int) -> bool:
        return all(mask >> cell & 1 for cell in self._cells(block))

    # -- groups ---------------------------------------------------------------------------------

    def _add_group(self, name: str) -> None:
        clinic, screen, group = self.clinic, self.screen, self.clinic.groups[name]
        roomless = group.modality in ("telehealth", "offsite")
        gathering = screen.gathering(name)
        mine = []
        for days in clinic.day_sets[name]:
            for cell in bits(gathering & clinic.grid.day_mask(days[0])):
                start = clinic.grid.clock_of(cell)[1]
                if all(gathering >> clinic.grid.cell(day, start) & 1 for day in days):
                    mine.append(
                        self._block(
                            days,
                            start,
                            group.minutes,
                            group.service,
                            clinical=group.minutes
                            if group.clinical_minutes is None
                            else group.clinical_minutes,
                            tracks=self._tracks(days, start, group.minutes),
                            remote=group.modality == "telehealth",
                        )
                    )
        leads = [
            [
                t
                for t, therapist in enumerate(self.therapists)
                if all(
                    screen.leading(therapist, name, place) & clinic.grid.day_mask(day)
                    for day in clinic.open_days
                )
            ]
            for place in range(len(group.leaders))
        ]
        rooms = [
            r
            for r, room in enumerate(self.rooms)
            if not roomless and any(self._all_in(b, screen.housing(room, name, None)) for b in mine)
        ]
        seats = list(self._seats(name, mine))
        count = self._count(name, len({seat["patient"] for seat in seats}), len(seats))
        if not mine or not all(leads) or not (rooms or roomless) or not count:
            return
        for b in mine:
            for t, therapist in enumerate(self.therapists):
                minutes, remote = group.minutes, group.modality == "telehealth"
                if self._all_in(b, screen.working(therapist, remote, minutes)):
                    self.free[t].add(b)
            for r in rooms:
                if self._all_in(b, screen.housing(self.rooms[r], name, None)):
                    self.room_free[r].add(b)
        first = len(self.sections)
        items, counts = self._wanted(group.equipment)
        for turn in range(count):
            self.groups.append(name)
            self.sections.append(
                {
                    "least": max(1, group.size.min),
                    "most": group.size.max,
                    "leads": leads,
                    "blocks": mine,
                    "rooms": rooms or [len(self.rooms)],
                    "items": items,
                    "counts": counts,
                    "turn": turn,
                    "of": count,
                }
            )
        slots = list(range(first, first + count))
        self.seats += [seat | {"sections": slots} for seat in seats]

    def _count(self, name: str, people: int, seats: int) -> int:
        """Sections worth having: as many as are allowed, but no more than twice what would be full."""
        size, most = self.clinic.groups[name].size, self.clinic.groups[name].max_sections
        if people < max(1, size.min):
            return 0
        return min(most, 2 * ceil(seats / size.max) + 1)

    def _seats(self, name: str, blocks: list[int]) -> Iterator[Json]:
        clinic, screen, group = self.clinic, self.screen, self.clinic.groups[name]
        for number, patient in enumerate(self.patients):
            modes = screen.seat_modes(patient, name)
            if not modes or group.service not in clinic.needs[patient].quotas:
                continue
            remote = False not in modes
            free = screen.seat_starts(patient, name, remote)
            stay = clinic.stay[patient]
            allowed = []
            for b in blocks:
                days, start = self.starts[b]
                due = [day for day in days if day in stay]
                if due and all(free >> clinic.grid.cell(day, start) & 1 for day in due):
                    allowed.append(b)
            in_person = group.modality in ("in_person", "hybrid") and not remote
            for _ in range(group.per_patient if allowed else 0):
                yield {"patient": number, "allowed": allowed, "in_person": in_person}

    def _tracks(self, days: tuple[int, ...], start: int, minutes: int) -> int:
        """In which tracks all meetings lie, as bits."""
        found = 0
        for number, hours in enumerate(self.clinic.track_hours.values()):
            if all(not self.clinic.occupied(day, start, minutes) & ~hours for day in days):
                found |= 1 << number
        return found

    def _wanted(self, equipment: Any) -> tuple[list[int], list[int]]:
        wanted = {self.items.index(item): n for item, n in (equipment or {}).items() if n}
        return list(wanted), list(wanted.values())

    # -- appointments ---------------------------------------------------------------------------

    def _blocks_of(self, service: str) -> list[tuple[int, int, bool]]:
        """Block, start cell and whether it is by video, of every appointment of a service."""
        if service in self._visit_blocks:
            return self._visit_blocks[service]
        clinic, screen, entry = self.clinic, self.screen, self.clinic.services[service]
        clinical = entry.minutes if entry.clinical_minutes is None else entry.clinical_minutes
        found = self._visit_blocks[service] = []
        for remote in (False, True) if entry.remote else (False,):
            for cell in bits(screen.appointing(service)):
                day, start = clinic.grid.clock_of(cell)
                more = {"clinical": clinical, "tracks": -1, "remote": remote}
                b = self._block((day,), start, entry.minutes, service, **more)
                found.append((b, cell, remote))
                for t, therapist in enumerate(self.therapists):
                    if screen.care_starts(therapist, service, remote) >> cell & 1:
                        self.free[t].add(b)
                for r, room in enumerate(self.rooms):
                    if screen.housing(room, None, service) >> cell & 1:
                        self.room_free[r].add(b)
        return found

    def _add_visits(self, patient: str) -> None:
        clinic, screen = self.clinic, self.screen
        for service, (least, most) in clinic.needs[patient].quotas.items():
            entry = clinic.services[service]
            able = [self.therapists.index(t) for t in screen.carers(patient, service)]
            if entry.format == "group" or not able:
                continue
            starts = {r: screen.visit_starts(patient, service, r) for r in (False, True)}
            blocks = [b for b, cell, r in self._blocks_of(service) if starts[r] >> cell & 1]
            rooms = [
                r for r in range(len(self.rooms)) if any(b in self.room_free[r] for b in blocks)
            ]
            rooms += [len(self.rooms)] if starts[True] else []
            items, counts = self._wanted(entry.equipment)
            primary = clinic.primary[patient]
            # Without a most, what fills the week's minutes: no more than two beyond the least.
            for _ in range((least + 2 if most is None else most) if blocks and rooms else 0):
                self.kinds.append(service)
                self.visits.append(
                    {
                        "patient": self.patients.index(patient),
                        "individual": entry.format == "individual",
                        "primary": -1 if primary is None else self.therapists.index(primary),
                        "items": items,
                        "counts": counts,
                        "blocks": blocks,
                        "able": able,
                        "rooms": rooms,
                    }
                )

    # -- the document ---------------------------------------------------------------------------

    def _document(self) -> Json:
        clinic = self.clinic
        apart = [
            [self.patients.index(p), self.patients.index(q)]
            for p, others in clinic.apart.items()
            for q in others
            if p < q
        ]
        rooms = [
            {"id": number, "capacity": clinic.rooms[room].capacity, "free": sorted(free)}
            for number, (room, free) in enumerate(zip(self.rooms, self.room_free, strict=True))
        ]
        return {
            "grid": clinic.grid.minutes,
            "tiers": [
                list(zip(tier.goals, tier.weights, strict=True))
                for tier in tiers_of(clinic.scenario.policy)
            ],
            "strict": list(clinic.scenario.policy.strict),
            "blocks": self.blocks,
            "patients": [self._patient(n, p) for n, p in enumerate(self.patients)],
            "therapists": [self._therapist(n, t) for n, t in enumerate(self.therapists)],
            "rooms": [*rooms, {"id": -1, "capacity": MANY, "free": []}],
            "items": [clinic.equipment[item].quantity for item in self.items],
            "apart": apart,
            "sections": self.sections,
            "seats": self.seats,
            "visits": self.visits,
        }

    def _patient(self, number: int, patient: str) -> Json:
        clinic, needs = self.clinic, self.clinic.needs[patient]
        entry, preferred = clinic.patients[patient], clinic.preferred[patient]
        outside = set[int]()
        if preferred is not None:
            for code in {code for block in self.blocks for code in block["codes"]}:
                day, first, last = code // DAY**2, code // DAY % DAY, code % DAY
                minutes = (last - first) * clinic.grid.minutes
                if clinic.occupied(day, first * clinic.grid.minutes, minutes) & ~preferred:
                    outside.add(code)

        def most(value: int | None) -> int:
            return MANY if value is None else value

        return {
            "id": number,
            "waiting": clinic.is_waiting(patient),
            "priority": entry.priority,
            "either": entry.attends == "either",
            "minutes_min": needs.minutes_min,
            "minutes_max": most(needs.minutes_max),
            "days_min": needs.days_min,
            "days_max": most(needs.days_max),
            "day_minutes_min": needs.day_minutes_min,
            "day_minutes_max": most(needs.day_minutes_max),
            "day_sessions_min": needs.day_sessions_min,
            "day_sessions_max": most(needs.day_sessions_max),
            "rolling_days": min(7, needs.rolling_days or 7),
            "rolling_max": most(needs.rolling_max),
            "gap": most(needs.max_gap_days),
            "one_track": needs.single_track,
            "services": [self.services.index(s) for s in needs.quotas],
            "least": [least for least, _ in needs.quotas.values()],
            "most": [most(limit) for _, limit in needs.quotas.values()],
            "stay": [day in clinic.stay[patient] for day in range(7)],
            "outside": sorted(outside),
        }

    def _therapist(self, number: int, therapist: str) -> Json:
        clinic, entry = self.clinic, self.clinic.therapists[therapist]
        grid = clinic.grid.minutes

        def cells(minutes: int | None) -> int:
            return MANY if minutes is None else minutes // grid

        meal = entry.meal
        opens, closes = meal.between if meal is not None else (0, 0)
        return {
            "id": number,
            "free": sorted(self.free[number]),
            "day": cells(entry.max_minutes_per_day),
            "week": cells(entry.max_minutes_per_week),
            "row": cells(entry.max_consecutive_minutes),
            "cases": MANY if entry.max_caseload is None else entry.max_caseload,
            "meal": 0 if meal is None else ceil(meal.minutes / grid),
            "meal_days": [] if meal is None else list(clinic.open_days),
            "opens": ceil(opens / grid),
            "closes": closes // grid,
            "available": clinic.available_minutes[therapist],
            "refuses": [
                n
                for n, patient in enumerate(self.patients)
                if not self.screen.pairing(patient, therapist, True)
            ],
        }
