"""What synthetic clinics are drawn from: levels of care, groups, shifts, staff, and their sources.

Numbers in square brackets are the sources of the project's domain study; OWN marks an assumption of
ours that no source was found for, DER one that is worked out from sourced figures.

Levels of care
    Adult IOP: 9-19 h in 3-5 days of some three hours (ASAM [1], Medicare [8], H0015 [10]); a day
    of two groups with breaks is some 150 clinical minutes (UCSF [62]). Adolescents: 6-19 h [1], 2 h
    a day (Virginia [28]), after school. 20-hour level: 20 h, five days, 4 h a day, no more than two
    days between services (North Carolina SACOT [31]); the morning and lunch of UCSF [62]. Virtual
    IOP in groups of 6-12 [48]. Step-down below 9 h (ASAM [1]; from four days to 1-2 a week [65]).
    Substance use: the Matrix week of relapse prevention twice, family education once, and early
    recovery groups in the first four of 16 weeks [46][74], social support from week 13 [74].
    Patients stay in one track (Prodigal's Path [63]). Shares of a census: OWN.
Groups
    Sizes: Matrix 8-12 [46], practitioners 6-8 and rarely over 10 [47], counselling caps 12-16
    [21][24][35][42][43], two at least [42]. Women's trauma group [70][71]. Two leaders only where a
    program chooses so (domain study, section 2.3). Family session monthly in IOP (New Jersey [25]):
    a quarter of the families is due in a week (DER), half of the adolescents' (OWN).
Patients
    Hours must suit work, school and child care [69][70]; kinds of work and their shares: OWN.
    Perinatal patients come first [72]. Waitlist 5-10 % (OWN; New York asks for one [73]).
    Admitted or discharged within the week: one in twelve each at a stay of twelve weeks (DER from
    [32]), fewer here because most begin on a Monday. No two of one family in a group [44].
    Show rate 80.1 % after improvement, 62.6 % before [80]. Authorised for weeks at a time [24].
Staff
    24 direct hours a week of 40 (60 % [86]); 360 direct minutes a day [85]; a caseload of 24 at
    most (New Jersey, IOP [25]); interns work with a supervisor on site [57]; licences end on a
    date [61].
    Sick days 2-6 % (OWN). Pay by licence (OWN).
Rooms
    300 square feet for 12 patients, 25 each; a counselling office of 120 [87][88].
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Pattern = tuple[int, ...]
"""Day numbers, 0 is Monday."""
Hours = tuple[int, int]
"""Half-open, in minutes since midnight."""

CENSUS_WITH_EVERYTHING = 48
"""From this census on, everything that some patients or staff have, one of them at least has."""
DIRECT_MINUTES_A_WEEK = 24 * 60
"""Direct care of a full-time therapist at load 1: 60 % of 40 hours [86]."""
WAITING_SHARE = (0.05, 0.10)
SATURDAY = 5
OPENING: tuple[tuple[Pattern, Hours], ...] = (
    ((0, 1, 2, 3), (480, 1260)),
    ((4,), (480, 1080)),
    ((SATURDAY,), (540, 780)),
)
HOLIDAYS = (
    "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03", "2026-09-07",
    "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25", "2027-01-01",
)  # fmt: skip

TALK = ("lcsw", "lpc", "lmft", "psyd")
RECOVERY = ("lcdc", "lcsw", "lpc")
TEACHING = ("lcdc", "lcsw", "lpc", "lmft", "rn", "intern")
INDIVIDUAL = (*TALK, "lcdc", "intern")
FAMILY = ("lmft", "lcsw", "psyd")

WORKDAY_MORNINGS: tuple[Pattern, ...] = ((0, 2, 4), (0, 1, 3), (1, 3, 4))
FOUR_EVENINGS: tuple[Pattern, ...] = ((0, 1, 3), (0, 2, 3), (1, 2, 3))
EVERY_WORKDAY: tuple[Pattern, ...] = ((0, 1, 2, 3, 4),)
ONE_OF_FOUR: tuple[Pattern, ...] = ((0,), (1,), (2,), (3,))


@dataclass(frozen=True, slots=True)
class Kind:
    """A group that the clinic offers; its sections follow from how many ask for it."""

    id: str
    name: str
    service: str
    minutes: int
    clinical: int
    patterns: tuple[Pattern, ...]
    size: int
    leaders: tuple[tuple[str, ...], ...]
    starts: tuple[int, ...] = ()
    more: Json = field(default_factory=dict)

    @property
    def meetings(self) -> int:
        return len(self.patterns[0])


@dataclass(frozen=True, slots=True)
class Stream:
    """Patients who come for one program at one part of the day.

    Attributes:
        side: which therapists' hours it lives on, ``day`` or ``late``.
        share: of the census (renormalised over the streams that a census is large enough for).
        since: smallest census with this stream.
        patterns, hours: days and hours of its groups; a patient has one pattern free in full.
        lives: how often which kind of week besides treatment, see ``generate_people``.
        families_due: share whose family session is due this week.
    """

    id: str
    program: str
    side: str
    share: float
    since: int
    patterns: tuple[Pattern, ...]
    hours: tuple[Hours, ...]
    kinds: tuple[Kind, ...]
    lives: dict[str, float]
    families_due: float = 0.25


AM, PM, EVE = (540, 630), (780, 870), (1050, 1140)
BY_DAY = {"evening shift": 0.2, "part time": 0.2, "child care": 0.2, "rotating": 0.1, "none": 0.3}
BY_NIGHT = {"day shift": 0.6, "part time": 0.15, "college": 0.1, "rotating": 0.1, "none": 0.05}


def _pair(
    tag: str, name: str, patterns: tuple[Pattern, ...], starts: tuple[int, ...], **more: Any
) -> tuple[Kind, Kind]:
    """Process and skills group of 90 minutes each, one after the other on the same days."""
    shared = {k: v for k, v in more.items() if k not in ("size", "skills")}
    size, skills = more.get("size", 10), {**shared, **more.get("skills", {})}
    return (
        Kind(f"process-{tag}", f"{name} process group", "process", 90, 90, patterns, size,
             (TALK,), starts, shared),
        Kind(f"skills-{tag}", f"{name} DBT skills", "skills", 90, 80, patterns, size,
             (TALK,), starts, skills),
    )  # fmt: skip


def _matrix(
    tag: str, name: str, patterns: tuple[Pattern, ...], starts: tuple[int, ...]
) -> tuple[Kind, ...]:
    """Three days of two 90-minute groups, after the Matrix week."""
    twice, once = tuple((p[0], p[2]) for p in patterns), tuple((p[1],) for p in patterns)
    return (
        Kind(f"recovery-{tag}", f"{name} recovery skills", "recovery", 90, 90, patterns, 12,
             (RECOVERY,), starts),
        Kind(f"relapse-{tag}", f"{name} relapse prevention", "relapse", 90, 90, twice, 12,
             (RECOVERY,), starts),
        Kind(f"family-education-{tag}", f"{name} family education", "education", 90, 90,
             tuple(dict.fromkeys(once)), 16, (TEACHING,), starts),
    )  # fmt: skip


HYBRID: Json = {"modality": "hybrid", "equipment": {"video-kit": 1}, "room_features": ["screen"]}
ENGLISH: Json = {"language": "en"}

STREAMS = (
    Stream("mh-am", "iop-mh", "day", 0.24, 1, WORKDAY_MORNINGS, ((540, 720),),
           _pair("am", "Morning", WORKDAY_MORNINGS, AM, **ENGLISH), BY_DAY),
    Stream("mh-eve", "iop-mh", "late", 0.20, 6, FOUR_EVENINGS, ((1050, 1230),),
           _pair("eve", "Evening", FOUR_EVENINGS, EVE, **ENGLISH, skills=HYBRID), BY_NIGHT),
    Stream("sud-eve", "iop-sud", "late", 0.16, 20, FOUR_EVENINGS, ((1050, 1230),),
           _matrix("eve", "Evening", FOUR_EVENINGS, EVE), BY_NIGHT),
    Stream("teen", "iop-teen", "late", 0.10, 24, FOUR_EVENINGS, ((960, 1080),), (
        Kind("process-teen", "Teen process group", "process", 60, 60, FOUR_EVENINGS, 8,
             (TALK, ()), (960, 1020)),
        Kind("skills-teen", "Teen DBT skills", "skills", 60, 60, FOUR_EVENINGS, 8,
             (TALK,), (960, 1020)),
    ), {"school": 1.0}, 0.5),
    Stream("step-down", "step-down", "late", 0.07, 24, ONE_OF_FOUR, ((1050, 1140),), (
        Kind("aftercare", "Aftercare", "aftercare", 90, 90, ONE_OF_FOUR, 12, ((*TALK, "lcdc"),),
             EVE, HYBRID),
    ), {"day shift": 0.4, "part time": 0.4, "college": 0.1, "none": 0.1}, 0.0),
    Stream("sud-am", "iop-sud", "day", 0.10, 36, WORKDAY_MORNINGS, ((540, 720),),
           _matrix("am", "Morning", WORKDAY_MORNINGS, AM), BY_DAY),
    Stream("php", "php", "day", 0.09, 44, EVERY_WORKDAY, ((540, 720), (780, 900)), (
        Kind("process-php", "Day hospital process group", "process", 90, 90, EVERY_WORKDAY, 10,
             (TALK, ()), (540,)),
        Kind("skills-php", "Day hospital DBT skills", "skills", 90, 80, EVERY_WORKDAY, 10,
             (TALK,), (630,)),
        Kind("activity-php", "Activity therapy", "activity", 60, 60, ((0, 1, 2, 3),), 12,
             (("otr", "rn", "lpc"),), (780,), {"room_features": ["tables"]}),
        Kind("outing-php", "Community outing", "outing", 120, 60, ((4,),), 12,
             (("otr", "rn", "lpc", "intern"),), (780,),
             {"modality": "offsite", "equipment": {"van": 1}}),
    ), {"none": 0.8, "child care": 0.2}),
    Stream("online", "iop-online", "late", 0.08, 40, FOUR_EVENINGS, ((1050, 1230),),
           _pair("online", "Online", FOUR_EVENINGS, EVE, modality="telehealth"),
           {"day shift": 0.5, "child care": 0.3, "college": 0.2}),
    Stream("es", "iop-mh", "late", 0.07, 44, FOUR_EVENINGS, ((1050, 1230),),
           _pair("es", "Spanish-language", FOUR_EVENINGS, EVE, size=8, language="es"),
           {"day shift": 0.7, "part time": 0.2, "none": 0.1}),
    Stream("mh-pm", "iop-mh", "day", 0.10, 60, WORKDAY_MORNINGS, ((780, 960),),
           _pair("pm", "Afternoon", WORKDAY_MORNINGS, PM, **ENGLISH), BY_DAY),
)  # fmt: skip

EXTRAS = {
    kind.id: kind
    for kind in (
        Kind("early-am", "Early recovery", "early-recovery", 60, 50,
             ((0,), (1,), (2,), (3,), (4,)), 10, (RECOVERY,), (720, 750)),
        Kind("early-eve", "Early recovery", "early-recovery", 60, 50, ONE_OF_FOUR, 10,
             (RECOVERY,), (990,)),
        Kind("social-support", "Mutual-help meeting", "social-support", 60, 0, ((SATURDAY,),), 24,
             (), (600,), {"modality": "offsite"}),
        Kind("womens-trauma", "Women's trauma group", "trauma", 90, 80, ((1,), (2,), (3,)), 8,
             (TALK, (*TALK, "intern")), (720,), {"closed": True}),
        Kind("wellness", "Open wellness group", "wellness", 60, 60, ONE_OF_FOUR, 12,
             (("rn", "otr", *TALK, "intern"),), (), {"per_patient": 2}),
    )
}  # fmt: skip
"""Groups that only some patients of a stream ask for, as their own plan says."""
WELLNESS_HOURS: tuple[Hours, ...] = ((750, 810), (975, 1050))
ELIGIBLE: dict[str, Json] = {
    "early-am": {"programs": ["iop-sud"], "tags_any": ["early-recovery"]},
    "early-eve": {"programs": ["iop-sud"], "tags_any": ["early-recovery"]},
    "social-support": {"tags_any": ["week-13"]},
    "womens-trauma": {
        "tags_any": ["trauma", "perinatal"], "tags_none": ["acute"], "genders": ["female"],
    },
    "wellness": {"programs": ["step-down", "iop-mh"], "tags_none": ["acute"]},
}  # fmt: skip
TRACKS: tuple[tuple[str, Hours], ...] = (
    ("morning", (480, 840)),
    ("afternoon", (720, 1020)),
    ("evening", (960, 1260)),
)

_IOP: Json = {
    "minutes_per_week": {"min": 540, "max": 1140},
    "days_per_week": {"min": 3, "max": 5},
    "attended_day_minutes": {"min": 150, "max": 300},
    "sessions_per_day": {"min": 2, "max": 4},
}


def _quotas(*most: tuple[str, int, int]) -> list[Json]:
    return [{"service": s, **({"min": a} if a else {}), "max": b} for s, a, b in most]


_ALONE = (("individual", 1, 2), ("family", 0, 1))
PROGRAMS: dict[str, Json] = {
    "iop-mh": {
        "name": "Adult IOP, mental health", "level": "ASAM 2.1",
        "source": "9-19 h, 3-5 days: Medicare [8]; 150 clinical minutes a day: UCSF [62]; "
        "one track: [63]",
        **_IOP, "single_track": True, "per_diem": 259.13,
        "quotas": _quotas(("process", 3, 4), ("skills", 3, 4), *_ALONE),
    },
    "iop-sud": {
        "name": "Adult IOP, substance use", "level": "ASAM 2.1",
        "source": "9-19 h: ASAM [1]; three hours on three days: H0015 [10]; "
        "groups after the Matrix week [46][74]",
        **_IOP, "attended_day_minutes": {"min": 180, "max": 300},
        "rolling_sessions": {"days": 2, "max": 8}, "max_gap_days": 3, "per_diem": 185.0,
        "quotas": _quotas(("recovery", 3, 3), ("relapse", 2, 2), ("education", 1, 1),
                          *_ALONE),
    },
    "php": {
        "name": "Day hospital", "level": "ASAM 2.5",
        "source": "20 h: Medicare [8]; five days of 4 h, at most two days between: SACOT [31]; "
        "morning and lunch: UCSF [62]",
        "minutes_per_week": {"min": 1200, "max": 1500}, "days_per_week": {"min": 5, "max": 5},
        "attended_day_minutes": {"min": 230, "max": 360}, "sessions_per_day": {"min": 3, "max": 5},
        "max_gap_days": 2, "per_diem": 410.0,
        "quotas": _quotas(("process", 5, 5), ("skills", 5, 5), ("activity", 4, 4), ("outing", 1, 1),
                          *_ALONE),
    },
    "iop-teen": {
        "name": "Adolescent IOP, after school", "level": "ASAM 2.1, adolescent",
        "source": "6-19 h: ASAM [1]; 2 h a day: Virginia [28]; family sessions: New Jersey [25]",
        "minutes_per_week": {"min": 360, "max": 1140}, "days_per_week": {"min": 3, "max": 5},
        "attended_day_minutes": {"min": 120, "max": 240}, "sessions_per_day": {"min": 2, "max": 4},
        "per_diem": 240.0,
        "quotas": _quotas(("process", 3, 3), ("skills", 3, 3), *_ALONE),
    },
    "iop-online": {
        "name": "Virtual IOP", "level": "ASAM 2.1",
        "source": "9-19 h: ASAM [1]; virtual groups of 6-12: [48]; telemedicine: TRICARE [16]",
        **_IOP, "per_diem": 230.0,
        "quotas": _quotas(("process", 3, 4), ("skills", 3, 4), *_ALONE),
    },
    "step-down": {
        "name": "Step-down to outpatient", "level": "ASAM 1",
        "source": "below 9 h before Level 1: ASAM [1]; one to two sessions a week: [65]",
        "minutes_per_week": {"min": 150, "max": 480}, "days_per_week": {"min": 1, "max": 3},
        "quotas": _quotas(("aftercare", 1, 1), ("wellness", 1, 2), ("individual", 0, 1)),
    },
}  # fmt: skip

SERVICE_NAMES = {
    "process": "Process group", "skills": "DBT skills", "recovery": "Recovery skills",
    "relapse": "Relapse prevention", "education": "Family education", "aftercare": "Aftercare",
    "activity": "Activity therapy", "outing": "Community outing", "wellness": "Wellness",
    "early-recovery": "Early recovery", "social-support": "Social support",
    "trauma": "Trauma-focused group",
}  # fmt: skip
APPOINTMENT_SERVICES: dict[str, Json] = {
    "individual": {
        "name": "Individual therapy", "format": "individual", "minutes": 60,
        "clinical_minutes": 50, "credentials": list(INDIVIDUAL), "remote": True,
    },
    "family": {
        "name": "Family therapy", "format": "family", "minutes": 60, "clinical_minutes": 50,
        "credentials": list(FAMILY), "room_features": ["family"], "party_size": 4, "remote": True,
    },
    "family-interpreted": {
        "name": "Family therapy with interpreter", "format": "family", "minutes": 60,
        "clinical_minutes": 50, "credentials": list(FAMILY), "room_features": ["family"],
        "party_size": 4, "equipment": {"interpreter": 1},
    },
}  # fmt: skip

SHIFTS: tuple[Hours, ...] = ((420, 930), (480, 960), (480, 990), (540, 1020), (540, 1050))
"""Day shifts, lunch included (OWN)."""
TRAVEL = (15, 20, 30, 45)
FIRST_NAMES = (
    "Alma", "Andre", "Bea", "Carlos", "Dana", "Darius", "Elena", "Emeka", "Farah", "Gene", "Hana",
    "Ivan", "Jada", "Jorge", "Kim", "Leo", "Lucia", "Marta", "Mei", "Nadia", "Noah", "Omar",
    "Paula", "Quinn", "Rosa", "Sam", "Tessa", "Theo", "Uma", "Victor", "Wanda", "Xavier", "Yara",
    "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Abbott", "Alvarez", "Banks", "Bauer", "Castillo", "Chen", "Dalton", "Diaz", "Ellis",
    "Fischer", "Garcia", "Hale", "Haddad", "Ito", "Jensen", "Khan", "Larsen", "Lopez", "Mbeki",
    "Moreno", "Nash", "Nguyen", "Okafor", "Ortiz", "Park", "Perez", "Quist", "Reyes", "Rossi",
    "Silva", "Sosa", "Tran", "Usman", "Vance", "Wolf", "Yilmaz", "Young", "Zapata",
)  # fmt: skip
