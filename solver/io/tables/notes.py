"""What each sheet and each column is about, in the words of who fills them in.

How a cell is written and what a blank one means is added from the column's kind and default. A test
holds that every field of the scenario has its note here and that nothing else has one.
"""

from __future__ import annotations

from collections.abc import Mapping

SHEET_NOTES: Mapping[str, str] = {
    "Settings": "The clinic and the week to be planned.",
    "Opening hours": (
        "When the clinic is open, a line for each span of hours. A session may end at closing time."
    ),
    "Closed dates": "Holidays and other dates in the week on which the clinic is shut.",
    "Tracks": (
        "Parts of the day, such as morning and evening, in which a patient's groups stay together."
    ),
    "Services": "The kinds of care: group, individual and family sessions.",
    "Programs": (
        "The levels of care and what each asks for in a week. A patient may have other "
        "numbers of their own."
    ),
    "Program quotas": (
        "How many sessions of which service a program asks for each week. Only services "
        "named here are given."
    ),
    "Rooms": "The rooms in which sessions take place.",
    "Equipment": "What is lent to sessions: an interpreter, a video kit, a van.",
    "Therapists": "Who leads groups and sees patients, and when.",
    "Groups": "The groups that may run. How often and when each meets is decided by the schedule.",
    "Patients": "Active and waiting patients. What is left blank comes from the program.",
    "Commitments": (
        "Work, school, child care: hours that a patient cannot give, with the way there and back."
    ),
    "Patient quotas": (
        "Sessions a week of a service where a patient's plan differs from the program."
    ),
    "Policy": "Which goals come first. Left as it is, the usual order holds.",
    "Last week": (
        "The schedule that patients and staff already live by, if there is one. Changes to "
        "it are kept few."
    ),
    "Last week sections": "The running groups of last week, with leaders and members.",
    "Last week meetings": "When and where each section of last week met.",
    "Last week absences": "Members who missed a meeting, by request.",
    "Last week appointments": "Last week's individual and family sessions.",
    "Locks": (
        "What must stay as it was last week: a section, an appointment, a patient in a "
        "group, or a therapist's whole day."
    ),
}

NOTES: Mapping[str, str] = {
    "Scenario.schema_version": "The form of this file. Leave it as it is.",
    "Scenario.name": "What this week is called, e.g. clinic and season.",
    "Scenario.description": "Anything worth remembering about it.",
    "Scenario.week_start": "The Monday of the week.",
    "Scenario.grid_minutes": (
        "Sessions start on this grid and hold people and room for whole steps of it."
    ),
    "Scenario.timezone": "For calendars, e.g. America/Chicago.",
    "closed_dates": "A date on which the clinic is shut.",
    "Window.days": "The days on which these hours hold.",
    "Window.start": "From when.",
    "Window.end": "Until when; 24:00 at the latest.",
    "Track.id": "A short name that patients' groups are kept to, e.g. morning.",
    "Track.windows": "The hours of the track.",
    "Service.id": "A short name, used by the other sheets.",
    "Service.name": "As it is shown on schedules.",
    "Service.format": "Who is in the room.",
    "Service.minutes": "How long a session holds people and room, breaks included.",
    "Service.clinical_minutes": "Minutes that count towards weekly hours. Left blank: all of them.",
    "Service.credentials": (
        "Any one of these is enough to give an individual or family session. Groups state "
        "their own."
    ),
    "Service.room_features": "What the room must have, all of it.",
    "Service.party_size": "Patients and relatives in the room. Left blank: 1, or 3 for a family.",
    "Service.remote": "Whether a session may be by video.",
    "Service.equipment": "What a session needs of the equipment.",
    "Program.id": "A short name, used by the other sheets.",
    "Program.name": "As it is shown on schedules.",
    "Program.level": "The level of care, e.g. 2.1.",
    "Program.source": "Where the numbers come from: a rule of the state, a payer's manual.",
    "Program.max_gap_days": "Days without a session that may lie between two attended days.",
    "Program.single_track": "Whether all groups of a patient lie in one track.",
    "Program.per_diem": "What the payer pays for an attended day. For reports only.",
    "Requirements.minutes_per_week": "Clinical minutes a week.",
    "Requirements.days_per_week": "Days a week with a session.",
    "Requirements.attended_day_minutes": (
        "Clinical minutes of a day with sessions; payers often pay no shorter day."
    ),
    "Requirements.sessions_per_day": "Sessions of a day with sessions.",
    "Requirements.rolling_sessions": "A limit on sessions in several days in a row.",
    "Range.min": "At least.",
    "Range.max": "At most.",
    "Size.min": "Least members for it to run.",
    "Size.max": "Most members.",
    "Rolling.days": "How many days in a row.",
    "Rolling.max": "Most sessions in them.",
    "Quota.service": "The service.",
    "Quota.min": "Sessions a week, at least.",
    "Quota.max": "Sessions a week, at most. Left blank: no limit.",
    "Room.id": "A short name, used by the other sheets.",
    "Room.name": "As it is shown on schedules.",
    "Room.capacity": "Seats for patients and relatives; staff do not count.",
    "Room.features": "What it has: a screen, a ramp, a couch.",
    "Room.availability": "When it can be used. Left blank: all opening hours.",
    "Equipment.id": "A short name, used by the other sheets.",
    "Equipment.name": "As it is shown on schedules.",
    "Equipment.quantity": "How many there are.",
    "Equipment.availability": "When it can be used. Left blank: all opening hours.",
    "Therapist.id": "A short name, used by the other sheets.",
    "Therapist.name": "As it is shown on schedules.",
    "Therapist.credentials": 'What they are licensed for; "until" gives the last valid day.',
    "Therapist.availability": "When they work on site. Left blank: all opening hours.",
    "Therapist.remote_availability": "When they work from home, by video. Left blank: never.",
    "Therapist.max_minutes_per_day": "Most minutes of sessions a day.",
    "Therapist.max_minutes_per_week": "Most minutes of sessions a week.",
    "Therapist.max_consecutive_minutes": "Most minutes of sessions without a break.",
    "Therapist.meal": "A break for a meal.",
    "Therapist.languages": "Languages they work in. Left blank: no limit.",
    "Therapist.genders_served": (
        "Whom they see, in the same words as the patients' gender. Left blank: everyone."
    ),
    "Therapist.max_caseload": "Most different patients a week in individual sessions.",
    "Therapist.supervisor": "Whether they may supervise others.",
    "Therapist.supervised": "Whether they may work only while a supervisor is in.",
    "Therapist.cost_per_hour": "For reports only.",
    "Therapist.absence_rate": "How often they are away, as a share of days. For what-ifs only.",
    "Meal.minutes": "How long.",
    "Meal.between": "The span in which it lies.",
    "Group.id": "A short name, used by the other sheets.",
    "Group.name": "As it is shown on schedules.",
    "Group.service": "The service that its sessions are.",
    "Group.minutes": "How long a meeting holds people and room, breaks included.",
    "Group.clinical_minutes": "Minutes that count towards weekly hours. Left blank: all of them.",
    "Group.modality": "Where it meets.",
    "Group.size": "Members of a section.",
    "Group.leaders": (
        "One entry a leader, each with the credentials of which one is enough. Left blank: "
        "nobody leads it."
    ),
    "Group.meetings_per_week": "How often a section meets, on different days.",
    "Group.day_patterns": "Sets of days on which it may meet. Left blank: any.",
    "Group.start_times": "Times at which it may start. Left blank: any.",
    "Group.windows": "Hours inside which it meets. Left blank: all opening hours.",
    "Group.max_sections": "How many may run side by side.",
    "Group.per_patient": "How many of them one patient may be in.",
    "Group.room_features": "What the room must have, all of it.",
    "Group.equipment": "What a meeting needs of the equipment.",
    "Group.language": "The language it is held in. Left blank: no matter.",
    "Group.closed": "Whether running sections take no new members.",
    "Group.eligible": "Who may join.",
    "Eligible.programs": "Patients of one of these programs.",
    "Eligible.tags_any": "Patients with one of these tags at least.",
    "Eligible.tags_none": "No patients with any of these tags.",
    "Eligible.genders": "Patients of one of these genders.",
    "Patient.id": "A short name or number, used by the other sheets.",
    "Patient.name": "As it is shown on schedules.",
    "Patient.program": "The level of care.",
    "Patient.status": "Whether they are in the program or wait to be admitted.",
    "Patient.priority": "1 to 5; 5 is served first.",
    "Patient.availability": "When they can come. Left blank: all opening hours.",
    "Patient.preferred": "Hours they would like best.",
    "Patient.tags": "What groups ask for: sud, perinatal, spanish.",
    "Patient.gender": "In the words that groups and therapists use.",
    "Patient.languages": "Languages they speak. Left blank: no limit.",
    "Patient.attends": "How they attend.",
    "Patient.primary_therapist": "Whom they should see for individual sessions.",
    "Patient.keep_apart": "Patients with whom they share no group.",
    "Patient.family_availability": (
        "When their family can come. Left blank: whenever the patient can."
    ),
    "Patient.first_date": "Admitted within the week: the first day.",
    "Patient.last_date": "Discharged within the week: the last day.",
    "Patient.authorized": "What the payer has authorized. For reports only.",
    "Patient.show_rate": "The chance of coming on a scheduled day. For what-ifs only.",
    "Authorized.days": "Days.",
    "Authorized.sessions": "Sessions.",
    "Authorized.until": "The last day.",
    "Commitment.label": "What it is, e.g. work.",
    "Commitment.windows": "When.",
    "Commitment.travel_minutes": (
        "The way there or back, kept free before and after; not for sessions by video."
    ),
    "GoalRow.goal": (
        "What makes one week better than another. unmet care: care that is due and not scheduled. "
        "short days: days too short for the payer. turned away: waiting patients not admitted. "
        "disruption: changes for people who have a week already. continuity: familiar therapists, "
        "preferred hours. burden: extra days and idle time of patients. "
        "staffing: staff hours and uneven load."
    ),
    "GoalRow.tier": "1 is settled before 2, and so on; goals with one number are added up.",
    "GoalRow.weight": "What one unit of it counts inside its tier. Left blank: 1.",
    "GoalRow.tolerance": (
        "How much of its best value later tiers may give back. Left blank: nothing."
    ),
    "GoalRow.strict": "Whether it must come out at nothing, or there is no schedule.",
    "Schedule.scenario": "What that week was called.",
    "Schedule.week_start": "Its Monday.",
    "Schedule.not_admitted": "Waiting patients who had no session.",
    "Section.id": "A short name of this running group.",
    "Section.group": "Which group it is one of.",
    "Section.leaders": "Therapists who lead it, in the order of the group's leaders.",
    "Section.members": "Patients in it.",
    "Section.remote_members": "Those of them who join by video.",
    "Meeting.day": "The day.",
    "Meeting.start": "When it begins.",
    "Meeting.room": "Where it meets.",
    "Meeting.leaders": "Substitutes who led this meeting alone.",
    "Meeting.cancelled": "Whether it was called off.",
    "Absence.patient": "Who missed it.",
    "Absence.day": "The day of the meeting.",
    "Appointment.id": "A short name or number.",
    "Appointment.service": "The service.",
    "Appointment.patient": "The patient.",
    "Appointment.therapist": "The therapist.",
    "Appointment.day": "The day.",
    "Appointment.start": "When it begins.",
    "Appointment.room": "Where it is. Left blank: by video.",
    "Appointment.remote": "Whether it is by video.",
    "Lock.section": (
        "A section of last week: days, start, rooms and leaders stay, and no member leaves."
    ),
    "Lock.appointment": "An appointment of last week, as it is.",
    "Lock.patient": "A patient who stays in a group (name the group too).",
    "Lock.group": "The group in which the patient stays.",
    "Lock.therapist": "A therapist whose sessions of a day stay as they are (name the day too).",
    "Lock.day": "The day that stays as it is for the therapist.",
}
