"""A schedule as people read it: the week, who is short of what, how good it is, in plain words.

Plain data and sentences for screen, file and print. How they are laid out (a terminal's table, a
page of the app, a sheet of paper) is decided by whoever shows them. Times are minutes of the day,
lengths are minutes.
"""

from __future__ import annotations

from .quality import Broken, Settled, broken_rules, tier_sentence, tier_title
from .served import Care, Part, care, summary
from .week import (
    ELSEWHERE,
    VIEWS,
    Session,
    View,
    Week,
    day_heading,
    find_subject,
    sessions,
    shown_days,
    weeks,
)
from .words import Named, count, duration, hours, label, listing, long_date

__all__ = [
    "ELSEWHERE",
    "VIEWS",
    "Broken",
    "Care",
    "Named",
    "Part",
    "Session",
    "Settled",
    "View",
    "Week",
    "broken_rules",
    "care",
    "count",
    "day_heading",
    "duration",
    "find_subject",
    "hours",
    "label",
    "listing",
    "long_date",
    "sessions",
    "shown_days",
    "summary",
    "tier_sentence",
    "tier_title",
    "weeks",
]
