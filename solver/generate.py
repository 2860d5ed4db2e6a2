"""Synthetic clinics of any size: the same census, seed and load always give the same week.

The load says how much care is asked for over what the resources could give at most (``demand.py``):
at 0.8 nearly everybody can be served in full; at 1.2 half of the patients or more go short, most
of them of their individual session. Patients and staff are drawn without regard to it. The load
sets the therapists' weekly direct hours, so that these are the most binding resource and just as
scarce as asked, and how many sections each group may have; rooms are enough. What is drawn from,
and the sources, is in ``generate_tables``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from math import ceil

from numpy.random import Generator, SeedSequence, default_rng

from .clinic import Clinic
from .demand import Demand, demand_over_supply, therapist_minutes
from .generate_hours import Draft, windows
from .generate_people import draw_patients
from .generate_staff import Side, Staff, draw_staff, give_primaries
from .generate_tables import (
    APPOINTMENT_SERVICES,
    ELIGIBLE,
    EXTRAS,
    HOLIDAYS,
    OPENING,
    PROGRAMS,
    SERVICE_NAMES,
    STREAMS,
    TRACKS,
    WELLNESS_HOURS,
    Json,
    Kind,
    Stream,
)
from .scenario import Scenario
from .timegrid import DAYS, clock

__all__ = ["MAX_PATIENTS", "Demand", "demand_over_supply", "generate"]

MAX_PATIENTS = 1000
GRID_MINUTES = 15
_MARGIN = 1.3
"""Leaders and rooms over the average that groups of one part of the day need at the same time."""


def generate(patients: int, seed: int, load: float = 1.0) -> Json:
    """A synthetic clinic in the form of a scenario file.

    Args:
        patients: census, waitlist included, 1 to 1000.
        seed: not negative; another one is another clinic.
        load: care asked for over what there is at most, 0.5 to 2; met closely from 12 patients on.

    Raises:
        ValueError: where an argument is outside these.
    """
    if not 1 <= patients <= MAX_PATIENTS:
        raise ValueError(f"found {patients} patients; a clinic has 1 to {MAX_PATIENTS}")
    if seed < 0:
        raise ValueError(f"found seed {seed}; a seed is 0 or more")
    if not 0.5 <= load <= 2:
        raise ValueError(f"found load {load}; it is 0.5 to 2")
    first, second, third = (default_rng(s) for s in SeedSequence([seed, patients]).spawn(3))
    week = _week_start(first)
    drafts = draw_patients(second, patients, week)
    offers = list(_offers(drafts))
    rooms = _rooms(offers)
    staff = draw_staff(third, patients, _sides(drafts, offers), _spanish(offers), week)
    give_primaries(third, drafts, staff, patients)
    data: Json = {
        "schema_version": 1,
        "name": f"Synthetic clinic of {patients}, seed {seed}, load {load:g}",
        "description": "Invented people in a clinic drawn from documented distributions.",
        "week_start": week.isoformat(),
        "grid_minutes": GRID_MINUTES,
        "timezone": "America/Chicago",
        "opening_hours": windows((d, *hours) for days, hours in OPENING for d in days),
        "closed_dates": [next(day for day in HOLIDAYS if day > week.isoformat())],
        "tracks": [
            {"id": track, "windows": windows((d, *hours) for d in range(6))}
            for track, hours in TRACKS
        ],
        **_services_and_programs(drafts),
        "rooms": rooms,
        "equipment": _equipment(offers),
        "therapists": [person.entry for person in staff],
        "groups": [_group(offer, load) for offer in offers],
        "patients": [draft.entry for draft in drafts],
        "policy": {
            "tiers": [["unmet_care"], ["short_days"], ["turned_away"]],
            "weights": {"unmet_care": 1},
            "tolerances": {"continuity": 0.02},
            "strict": [],
        },
    }
    _steer(data, staff, load)
    return data


def _week_start(rng: Generator) -> date:
    """A Monday of 2026 with no holiday before the next one."""
    mondays = [date(2026, 1, 5) + timedelta(weeks=n) for n in range(50)]
    free = [
        monday
        for monday in mondays
        if not any(monday <= date.fromisoformat(h) < monday + timedelta(days=7) for h in HOLIDAYS)
    ]
    return free[int(rng.integers(len(free)))]


# -- groups -------------------------------------------------------------------------------------


class Offer:
    """A group with those who ask for it.

    Attributes:
        asking: active patients who ask for a seat.
        size: most members of a section, so that the fewest sections that hold all are nearly full.
        sections: that many sections.
    """

    def __init__(self, kind: Kind, asking: int, stream: Stream | None) -> None:
        self.kind, self.asking, self.stream = kind, asking, stream
        self.sections = ceil(asking / kind.size)
        self.size = max(2, ceil(asking / self.sections))

    @property
    def side(self) -> str:
        if self.stream is not None:
            return self.stream.side
        return "late" if self.kind.id in ("early-eve", "wellness") else "day"

    @property
    def in_a_room(self) -> bool:
        return self.kind.more.get("modality", "in_person") in ("in_person", "hybrid")

    def leader_minutes(self) -> float:
        """Leaders' minutes a week with every section full."""
        full = self.asking / self.size
        return full * self.kind.meetings * self.kind.minutes * len(self.kind.leaders)


def _offers(drafts: list[Draft]) -> Iterator[Offer]:
    active = [d for d in drafts if not d.waiting]
    of_stream = Counter(d.stream.id for d in active)
    of_extra = Counter(extra for d in active for extra in d.extras)
    for stream in STREAMS:
        for kind in stream.kinds:
            if of_stream[stream.id]:
                yield Offer(kind, of_stream[stream.id], stream)
    for kind in EXTRAS.values():
        if of_extra[kind.id]:
            yield Offer(kind, of_extra[kind.id], None)


def _group(offer: Offer, load: float) -> Json:
    kind = offer.kind
    least = 1 if offer.asking == 1 else 2 if offer.asking < 6 else 3
    entry: Json = {
        "id": kind.id,
        "name": kind.name,
        "service": kind.service,
        "minutes": kind.minutes,
        "clinical_minutes": kind.clinical,
        "size": {"min": least, "max": offer.size},
        "leaders": [{"credentials": list(place)} if place else {} for place in kind.leaders],
        "meetings_per_week": kind.meetings,
        "day_patterns": [[DAYS[d] for d in pattern] for pattern in kind.patterns],
        "max_sections": max(1, ceil(offer.asking / (offer.size * load))),
        **kind.more,
    }
    if kind.starts:
        entry["start_times"] = [clock(start) for start in kind.starts]
    else:
        entry["windows"] = windows(
            (p[0], *hours) for p in kind.patterns for hours in WELLNESS_HOURS
        )
    if offer.stream is not None:
        entry["eligible"] = {"programs": [offer.stream.program]}
    else:
        entry["eligible"] = ELIGIBLE[kind.id]
    return entry


def _services_and_programs(drafts: list[Draft]) -> Json:
    present = {d.stream.program for d in drafts}
    programs = [{"id": p, **entry} for p, entry in PROGRAMS.items() if p in present]
    named = {q["service"] for p in programs for q in p["quotas"]}
    named |= {q["service"] for d in drafts for q in d.entry.get("quotas", ())}
    # A service's minutes bind no group: groups state their own.
    kinds = [kind for stream in STREAMS for kind in stream.kinds] + list(EXTRAS.values())
    length = {kind.service: kind.minutes for kind in reversed(kinds)}
    services: list[Json] = [
        {"id": s, "name": name, "format": "group", "minutes": length[s]}
        for s, name in SERVICE_NAMES.items()
        if s in named
    ]
    services += [{"id": s, **entry} for s, entry in APPOINTMENT_SERVICES.items() if s in named]
    return {"services": services, "programs": programs}


# -- rooms, equipment, and what the staff has to carry --------------------------------------------

_PARTS = ((540, 750), (750, 960), (960, 1050), (1050, 1230))
"""Parts of the day that groups share: morning, afternoon, after school, evening."""


def _at_once(offers: list[Offer], part: tuple[int, int], count: str) -> float:
    """Leaders or rooms that groups of one part of the day need at the same time, on average."""
    total = 0.0
    for offer in offers:
        start = (offer.kind.starts or WELLNESS_HOURS[0])[0]
        if part[0] <= start < part[1] and (count == "leaders" or offer.in_a_room):
            days = len({d for pattern in offer.kind.patterns for d in pattern})
            each = len(offer.kind.leaders) if count == "leaders" else 1
            length = min(part[1], 1260) - part[0]
            minutes = offer.sections * offer.kind.meetings * offer.kind.minutes * each
            total += minutes / days / min(length, 180)
    return total


def _sides(drafts: list[Draft], offers: list[Offer]) -> dict[str, Side]:
    out = {}
    for side in ("day", "late"):
        ours = [o for o in offers if o.side == side]
        here = [d for d in drafts if d.stream.side == side and not d.waiting]
        sessions = sum((d.stream.id != "step-down") + d.family_due for d in here)
        minutes = sum(o.leader_minutes() for o in ours) + 60 * sessions
        busiest = max((_at_once(ours, part, "leaders") for part in _PARTS), default=0)
        places = max((len(o.kind.leaders) for o in ours), default=0)
        out[side] = Side(minutes, max(places, ceil(_MARGIN * busiest) if busiest > 1 else 1))
    return out


def _spanish(offers: list[Offer]) -> int:
    sections = [o.sections for o in offers if o.kind.more.get("language") == "es"]
    return max(2, ceil(1.5 * max(sections))) if sections else 0


def _rooms(offers: list[Offer]) -> list[Json]:
    """Group rooms of 25 square feet a patient [87], offices of 120 [88]."""
    busiest = max(_at_once(offers, part, "rooms") for part in _PARTS)
    largest = max(o.size for o in offers)
    census = max(sum(o.asking for o in offers if o.stream and o.kind is o.stream.kinds[0]), 1)
    rooms: list[Json] = []
    for number in range(max(1 if census < 6 else 2, ceil(_MARGIN * busiest))):
        capacity = max(largest, 16) if number == 0 else max(12, ceil(largest / 2) * 2)
        room: Json = {
            "id": f"group-{number + 1}",
            "name": f"Group room {number + 1}, {25 * capacity} sq ft",
            "capacity": capacity,
            "features": ["screen", "tables"] if number % 3 == 0 else ["screen"],
        }
        if number % 5 == 4:  # lent to another service in the early morning and on Saturdays
            room["availability"] = windows((d, 540, 1260 if d < 4 else 1080) for d in range(5))
        rooms.append(room)
    for number in range(max(1, ceil(census / 10))):
        family = number % 2 == 0
        rooms.append(
            {
                "id": f"office-{number + 1}",
                "name": f"Office {number + 1}, 120 sq ft",
                "capacity": 4 if family else 2,
                **({"features": ["family"]} if family else {}),
            }
        )
    return rooms


def _equipment(offers: list[Offer]) -> list[Json]:
    hybrid = sum(o.sections for o in offers if o.kind.more.get("modality") == "hybrid")
    outings = sum(o.sections for o in offers if o.kind.id == "outing-php")
    items: list[Json] = [
        {"id": "video-kit", "name": "Video kit for hybrid groups", "quantity": hybrid + 1},
        {
            "id": "interpreter",
            "name": "Interpreter",
            "quantity": 1 + len(offers) // 40,
            "availability": windows((d, 600, 1140) for d in range(4)),
        },
    ]
    if outings:
        items.append({"id": "van", "name": "Van", "quantity": outings})
    return items


def _steer(data: Json, staff: list[Staff], load: float) -> None:
    """Share out weekly direct hours so that what is asked is ``load`` of them."""
    for person in staff:
        person.entry.pop("max_minutes_per_week")
    clinic = Clinic(Scenario.model_validate(data))
    most = therapist_minutes(clinic)
    wanted = demand_over_supply(clinic)["therapist_hours"]["asked"] * 60 / load
    given = dict.fromkeys(most, 0.0)
    open_to_more = [s for s in staff if most[s.entry["id"]]]
    while open_to_more and (left := wanted - sum(given.values())) > GRID_MINUTES:
        whole = sum(s.share for s in open_to_more)
        for person in open_to_more:
            t = person.entry["id"]
            given[t] = min(most[t], given[t] + left * person.share / whole)
        open_to_more = [s for s in open_to_more if given[s.entry["id"]] < most[s.entry["id"]]]
    owed = 0.0
    for person in staff:
        exact = given[person.entry["id"]] + owed
        minutes = min(round(exact / GRID_MINUTES) * GRID_MINUTES, most[person.entry["id"]])
        owed = exact - minutes
        person.entry["max_minutes_per_week"] = minutes
