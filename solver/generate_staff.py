"""The therapists of synthetic clinics: enough for the hours asked and for what runs at once.

A clinic has a day and a late side. Each side has staff for its direct hours at 24 a week of a full
post, and never fewer than its groups need leaders at the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from numpy.random import Generator

from .generate_hours import Block, Draft, choose, some, windows
from .generate_tables import (
    CENSUS_WITH_EVERYTHING,
    DIRECT_MINUTES_A_WEEK,
    FIRST_NAMES,
    LAST_NAMES,
    SATURDAY,
    Json,
)
from .timegrid import day_of


@dataclass(frozen=True, slots=True)
class Side:
    """What a side of the clinic needs: direct minutes a week, leaders at the same time."""

    minutes: float
    at_once: int


@dataclass(slots=True)
class Staff:
    """A therapist in the making; ``share`` of the whole staff's direct hours."""

    entry: Json
    side: str
    share: float


@dataclass(frozen=True, slots=True)
class _Post:
    """Hours of a post; ``part`` of a full one."""

    part: float
    hours: tuple[Block, ...]
    most_a_day: int
    meal: tuple[str, str] | None = None


def _week(days: Sequence[int], start: int, end: int) -> tuple[Block, ...]:
    return tuple((d, start, end) for d in days)


_LUNCH, _SUPPER = ("11:30", "13:30"), ("15:30", "17:30")
# Direct minutes a day: 360 in a five-day week [85], the same week in four days 450.
_POSTS = {
    "day": (
        _Post(1.0, _week(range(5), 480, 990), 360, _LUNCH),
        _Post(1.0, _week((0, 1, 2, 3), 480, 1080), 450, _LUNCH),
        _Post(0.6, _week((0, 2, 4), 480, 930), 360, _LUNCH),
        _Post(1.0, _week(range(5), 510, 1020), 360, _LUNCH),
        _Post(0.5, _week(range(5), 510, 780), 240),
        _Post(1.0, (*_week((1, 2, 3), 480, 1080), (4, 480, 1020)), 450, _LUNCH),
    ),
    "late": (
        _Post(1.0, (*_week(range(4), 780, 1260), (SATURDAY, 540, 780)), 420, _SUPPER),
        _Post(1.0, _week(range(4), 720, 1260), 450, _SUPPER),
        _Post(0.5, _week(range(4), 960, 1260), 240),
        _Post(1.0, (*_week((1, 2, 3), 690, 1260), (4, 540, 1020)), 450, _SUPPER),
        _Post(0.6, (*_week((0, 1, 3), 900, 1260), (SATURDAY, 540, 780)), 330),
    ),
}
_LICENCES = {
    "day": (["lcsw"], ["lpc"], ["lmft"], ["lcdc", "lpc"], ["psyd"], ["lcsw", "lcdc"]),
    "late": (["lcsw"], ["lpc", "lcdc"], ["lmft", "lcdc"], ["lcsw", "lcdc"], ["lpc"], ["psyd"]),
}
_PAY = {
    "psyd": 62.0,
    "lcsw": 44.0,
    "lmft": 43.0,
    "lpc": 41.0,
    "lcdc": 34.0,
    "rn": 46.0,
    "intern": 22.0,
}


def draw_staff(
    rng: Generator, census: int, sides: dict[str, Side], spanish: int, week: date
) -> list[Staff]:
    """The therapists; ``spanish`` is how many of the late side lead Spanish-language groups."""
    staff: list[Staff] = []
    for name, side in sides.items():
        if side.minutes:
            staff += _side(rng, name, side, spanish if name == "late" else 0)
    if census >= CENSUS_WITH_EVERYTHING:
        staff += [_nurse() for _ in range(max(1, round(census / 120)))]
    if census >= CENSUS_WITH_EVERYTHING // 2:
        staff += [_intern(number) for number in range(1 + census // 80)]
        for name in sides:
            for chief in [s for s in staff if s.side == name and s.entry["credentials"] != ["rn"]][
                :2
            ]:
                if "supervised" not in chief.entry:
                    chief.entry["supervisor"] = True
    total = {name: sum(s.share for s in staff if s.side == name) for name in sides}
    everything = sum(side.minutes for side in sides.values())
    for number, person in enumerate(staff, 1):
        person.share *= sides[person.side].minutes / total[person.side] / everything
        person.entry["id"] = f"t{number:0{max(2, len(str(len(staff))))}d}"
        person.entry["name"] = f"{choose(rng, FIRST_NAMES)} {choose(rng, LAST_NAMES)}"
        person.entry["cost_per_hour"] = _PAY[person.entry["credentials"][0]]
        person.entry["absence_rate"] = round(float(rng.uniform(0.02, 0.06)), 3)
    _details(rng, staff, census, week)
    return staff


def _side(rng: Generator, name: str, side: Side, spanish: int) -> list[Staff]:
    posts, licences = _POSTS[name], _LICENCES[name]
    out: list[Staff] = []
    least = max(side.at_once, spanish)
    while len(out) < least or sum(s.share for s in out) * DIRECT_MINUTES_A_WEEK < side.minutes:
        number = len(out)
        post = posts[number % len(posts)]
        # The first of a side is all that a small clinic has: full hours, a licence for any group.
        licence = licences[number % len(licences)]
        languages = ["en", "es"] if number < spanish or rng.random() < 0.2 else ["en"]
        if "es" not in languages and rng.random() < 0.08:
            languages.append("vi")
        out.append(Staff(_entry(post, licence, languages), name, post.part))
    return out


def _entry(post: _Post, licence: Sequence[str], languages: list[str]) -> Json:
    entry: Json = {
        "id": "",
        "name": "",
        "credentials": list(licence),
        "availability": windows(post.hours),
        "max_minutes_per_day": post.most_a_day,
        "max_minutes_per_week": 0,
        "max_consecutive_minutes": 240,
        "languages": languages,
    }
    if post.meal:
        entry["meal"] = {"minutes": 30, "between": list(post.meal)}
    return entry


def _nurse() -> Staff:
    """Leads activities, outings and wellness; sees nobody individually."""
    post = _Post(0.3, _week(range(5), 600, 1050), 300)
    return Staff(_entry(post, ["rn"], ["en"]), "day", post.part)


def _intern(number: int) -> Staff:
    """Works while the first two of the day side, supervisors both, are on site."""
    days = ((0, 1, 2), (1, 2, 3))[number % 2]
    post = _Post(0.35, _week(days, 540, 960), 300)
    person = Staff(_entry(post, ["intern"], ["en"]), "day", post.part)
    person.entry["supervised"] = True
    return person


def _details(rng: Generator, staff: list[Staff], census: int, week: date) -> None:
    licensed = [s for s in staff if s.entry["credentials"][0] not in ("rn", "intern")]
    for person in some(rng, licensed, 0.3, census):
        expires = week + timedelta(days=int(rng.integers(20, 700)))
        first, *others = person.entry["credentials"]
        person.entry["credentials"] = [{"id": first, "expires": expires.isoformat()}, *others]
    second = [s for s in licensed if _first(s) == "lmft" and s.entry["credentials"][1:] == ["lcdc"]]
    if census >= CENSUS_WITH_EVERYTHING and second:
        # A licence that ends within the week: no recovery groups after Wednesday, all else goes on.
        wednesday = day_of(week, 2).isoformat()
        second[-1].entry["credentials"][1:] = [{"id": "lcdc", "expires": wednesday}]
    full = [s for s in licensed if s.entry.get("meal")]
    for person in some(rng, full, 0.35, census):
        hours = [(4, 540, 780)] if person.side == "late" else [(0, 1080, 1200), (2, 1080, 1200)]
        person.entry["remote_availability"] = windows(hours)
    plain = [s for s in licensed if not s.entry.keys() & {"supervisor", "remote_availability"}]
    plain = [s for s in plain if "es" not in s.entry["languages"]]
    for person in some(rng, plain if census >= CENSUS_WITH_EVERYTHING else [], 0.05, census):
        person.entry["genders_served"] = ["female", "nonbinary"]
    for person in some(rng, licensed, 0.3, census):
        person.entry["max_consecutive_minutes"] = 180


def give_primaries(rng: Generator, drafts: list[Draft], staff: list[Staff], census: int) -> None:
    """Most patients have a primary therapist of their side; caseloads follow, 24 at most [25]."""
    seen: dict[str, int] = {s.entry["id"]: 0 for s in staff}
    able = [s for s in staff if _first(s) not in ("rn", "intern")]
    for draft in some(rng, drafts, 0.88, census):
        fitting = [s for s in able if s.side == draft.stream.side and _suits(s, draft)]
        if fitting:
            best = min(fitting, key=lambda s: (seen[s.entry["id"]] + 1) / s.share)
            seen[best.entry["id"]] += 1
            draft.entry["primary_therapist"] = best.entry["id"]
    for person in staff:
        if _first(person) == "intern":
            person.entry["max_caseload"] = 4
        elif person in able:
            person.entry["max_caseload"] = min(24, ceil(1.3 * seen[person.entry["id"]]) + 3)


def _first(person: Staff) -> str:
    licence = person.entry["credentials"][0]
    return str(licence["id"] if isinstance(licence, dict) else licence)


def _suits(person: Staff, draft: Draft) -> bool:
    served = person.entry.get("genders_served")
    if served and draft.entry.get("gender") not in served:
        return False
    return bool(set(person.entry["languages"]) & set(draft.entry["languages"]))
