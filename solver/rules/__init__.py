"""The hard rules, in the order in which documents list them. One file each; a new rule adds a line."""

from __future__ import annotations

from .as_it_was import AsItWas
from .base import Rule, Scope
from .closed_group import ClosedGroup
from .credentials import Credentials
from .day_gap import DayGap
from .eligibility import Eligibility
from .equipment import Equipment
from .group_size import GroupSize
from .keep_apart import KeepApart
from .language_and_gender import LanguageAndGender
from .locks import Locks
from .meal_break import MealBreak
from .meeting_pattern import MeetingPattern
from .modality import Modality
from .no_double_booking import NoDoubleBooking
from .on_grid import OnGrid
from .opening_hours import OpeningHours
from .patient_available import PatientAvailable
from .room_fits import RoomFits
from .sections_per_patient import SectionsPerPatient
from .single_track import SingleTrack
from .strict import Strict
from .supervision import Supervision
from .therapist_available import TherapistAvailable
from .therapist_load import TherapistLoad
from .waitlist import Waitlist
from .weekly_maximum import WeeklyMaximum

RULES: tuple[Rule, ...] = (
    OpeningHours(),
    OnGrid(),
    PatientAvailable(),
    TherapistAvailable(),
    NoDoubleBooking(),
    Credentials(),
    Supervision(),
    LanguageAndGender(),
    Eligibility(),
    MeetingPattern(),
    GroupSize(),
    SectionsPerPatient(),
    Equipment(),
    ClosedGroup(),
    RoomFits(),
    Modality(),
    KeepApart(),
    TherapistLoad(),
    MealBreak(),
    WeeklyMaximum(),
    DayGap(),
    SingleTrack(),
    Locks(),
    Strict(),
    Waitlist(),
    AsItWas(),
)
RULE = {rule.key: rule for rule in RULES}

__all__ = ["RULE", "RULES", "Rule", "Scope"]
