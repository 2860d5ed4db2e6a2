"""The template's examples: an invented week with one entry in each list and every field filled in."""

from __future__ import annotations

from ...scenario import Scenario

_MORNINGS = [{"days": ["mon", "tue", "wed", "thu", "fri"], "start": "09:00", "end": "12:00"}]
_AFTERNOONS = [{"days": ["mon", "wed"], "start": "13:00", "end": "17:00"}]
_FRIDAY = [{"days": ["fri"], "start": "15:00", "end": "19:00"}]
_WEEKLY = {
    "minutes_per_week": {"min": 540, "max": 900},
    "days_per_week": {"min": 3, "max": 5},
    "attended_day_minutes": {"min": 120, "max": 300},
    "sessions_per_day": {"min": 2, "max": 4},
    "rolling_sessions": {"days": 7, "max": 15},
}

EXAMPLE = Scenario.model_validate(
    {
        "schema_version": 1,
        "name": "Example clinic, winter",
        "description": "An invented week.",
        "week_start": "2026-01-05",
        "grid_minutes": 15,
        "timezone": "America/Chicago",
        "opening_hours": [
            {"days": ["mon", "tue", "wed", "thu", "fri"], "start": "09:00", "end": "20:00"}
        ],
        "closed_dates": ["2026-01-08"],
        "tracks": [{"id": "morning", "windows": _MORNINGS}],
        "services": [
            {
                "id": "individual",
                "name": "Individual session",
                "format": "individual",
                "minutes": 60,
                "clinical_minutes": 50,
                "credentials": ["lcsw", "lpc"],
                "room_features": ["quiet"],
                "party_size": 1,
                "remote": True,
                "equipment": {"interpreter": 1},
            },
            {"id": "process", "name": "Process group", "format": "group", "minutes": 90},
        ],
        "programs": [
            {
                "id": "iop",
                "name": "Intensive outpatient",
                "level": "2.1",
                "source": "the state's rule, paragraph 12",
                "max_gap_days": 3,
                "single_track": True,
                "per_diem": 310.5,
                **_WEEKLY,
                "quotas": [{"service": "individual", "min": 1, "max": 2}],
            }
        ],
        "rooms": [
            {
                "id": "oak",
                "name": "Oak room",
                "capacity": 10,
                "features": ["screen", "quiet"],
                "availability": _MORNINGS,
            }
        ],
        "equipment": [
            {
                "id": "interpreter",
                "name": "Interpreter (Spanish)",
                "quantity": 1,
                "availability": _MORNINGS,
            }
        ],
        "therapists": [
            {
                "id": "t01",
                "name": "Eve Adler",
                "credentials": ["lcsw", {"id": "cpr", "expires": "2026-06-30"}],
                "availability": [*_MORNINGS, *_AFTERNOONS],
                "remote_availability": _FRIDAY,
                "max_minutes_per_day": 360,
                "max_minutes_per_week": 1500,
                "max_consecutive_minutes": 180,
                "meal": {"minutes": 30, "between": ["11:30", "13:30"]},
                "languages": ["en", "es"],
                "genders_served": ["f", "m"],
                "max_caseload": 12,
                "supervisor": True,
                "supervised": True,
                "cost_per_hour": 48.25,
                "absence_rate": 0.04,
            }
        ],
        "groups": [
            {
                "id": "process-am",
                "name": "Morning process group",
                "service": "process",
                "minutes": 90,
                "clinical_minutes": 80,
                "modality": "hybrid",
                "size": {"min": 4, "max": 10},
                "leaders": [{"credentials": ["lcsw", "lpc"]}, {}],
                "meetings_per_week": 2,
                "day_patterns": [["mon", "wed"], ["tue", "thu"]],
                "start_times": ["09:00", "10:30"],
                "windows": _MORNINGS,
                "max_sections": 2,
                "per_patient": 1,
                "room_features": ["screen"],
                "equipment": {"interpreter": 1},
                "language": "en",
                "closed": True,
                "eligible": {
                    "programs": ["iop"],
                    "tags_any": ["adult"],
                    "tags_none": ["detox"],
                    "genders": ["f", "m"],
                },
            }
        ],
        "patients": [
            {
                "id": "p01",
                "name": "Ana Example",
                "program": "iop",
                "status": "active",
                "priority": 3,
                "availability": _MORNINGS,
                "commitments": [{"label": "work", "windows": _AFTERNOONS, "travel_minutes": 30}],
                "preferred": _MORNINGS,
                "tags": ["adult", "perinatal"],
                "gender": "f",
                "languages": ["en"],
                "attends": "in_person",
                "primary_therapist": "t01",
                "keep_apart": ["p02"],
                "family_availability": _FRIDAY,
                "first_date": "2026-01-05",
                "last_date": "2026-01-09",
                **_WEEKLY,
                "quotas": [{"service": "individual", "min": 1, "max": 2}],
                "authorized": {"days": 12, "sessions": 40, "until": "2026-02-28"},
                "show_rate": 0.85,
            },
            {"id": "p02", "name": "Ben Example", "program": "iop"},
        ],
        "baseline": {
            "scenario": "the week before",
            "week_start": "2025-12-29",
            "sections": [
                {
                    "id": "process-am-1",
                    "group": "process-am",
                    "leaders": ["t01"],
                    "meetings": [
                        {
                            "day": "mon",
                            "start": "09:00",
                            "room": "oak",
                            "leaders": ["t01"],
                            "cancelled": True,
                        }
                    ],
                    "members": ["p01", "p02"],
                    "remote_members": ["p02"],
                    "absences": [{"patient": "p01", "day": "mon"}],
                }
            ],
            "appointments": [
                {
                    "id": "p01-1",
                    "service": "individual",
                    "patient": "p01",
                    "therapist": "t01",
                    "day": "fri",
                    "start": "10:30",
                    "room": "oak",
                    "remote": True,
                }
            ],
        },
        "locks": [{"section": "process-am-1"}],
    }
)
