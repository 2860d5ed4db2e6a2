"""What can be printed and given out, and the command that makes it; pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from solver.io.out import ENDINGS, Format
from solver.io.out.text import file_stem
from solver.report import View

Topic = Literal["rooms", "therapists", "patients", "groups"]
TOPICS: Mapping[Topic, tuple[str, View]] = {
    "rooms": ("Room doors", "room"),
    "therapists": ("Therapists", "therapist"),
    "patients": ("Patients", "patient"),
    "groups": ("Sign-in sheets", "group"),
}
ABOUT: Mapping[Topic, str] = {
    "rooms": (
        "A week for each room, to hang on its door: when, which group or “Appointment”, and who "
        "leads. No patient is named."
    ),
    "therapists": "A week for each therapist, with whom they meet; patients by their initials.",
    "patients": (
        "A week for each patient to take home: “Appointment”, when and where. It never names "
        "another patient, nor the clinic."
    ),
    "groups": (
        "A sheet for each meeting of a group: date, group, leader, room, and a line a member with "
        "space to sign. Members by first name, because the sheet goes from hand to hand."
    ),
}
FORMATS: Mapping[Format, str] = {
    "xlsx": "Workbook (Excel)",
    "csv": "Table (CSV)",
    "ics": "Calendars",
    "fhir": "FHIR R4 (JSON)",
    "html": "Pages for a browser",
    "pdf": "Pages to print (PDF)",
}
MIMES: Mapping[str, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "ics": "text/calendar",
    "fhir": "application/fhir+json",
    "html": "text/html",
    "pdf": "application/pdf",
    "zip": "application/zip",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file to be made.

    Attributes:
        whom: as ``iop export --for`` has it.
        day: of sign-in sheets, one day; empty for the whole week.
    """

    form: Format
    whom: str
    paper: str = "letter"
    day: str = ""
    name_services: bool = False
    full_names: bool = False
    door_initials: bool = False

    @property
    def is_folder(self) -> bool:
        """Whether it comes as a folder of files: calendars of many."""
        return self.form == "ics" and ":" not in self.whom

    @property
    def written(self) -> str:
        """The name that the command writes to."""
        return "calendars" if self.is_folder else f"week.{ENDINGS[self.form]}"

    @property
    def mime(self) -> str:
        return MIMES["zip" if self.is_folder else self.form]

    def title(self, week: str) -> str:
        """What the file is called where it is saved."""
        kind, _, key = self.whom.partition(":")
        whose = file_stem(kind, key) if key else kind
        parts = [week, *([whose] if kind != "all" else []), *([self.day] if self.day else [])]
        ending = "zip" if self.is_folder else ENDINGS[self.form]
        return f"{'-'.join(parts)}.{ending}"

    def command(self) -> tuple[str, ...]:
        """The ``iop`` command line, in a folder with the scenario and the schedule."""
        said = ["export", "scenario.json", "schedule.json", "--to", self.form, "--for", self.whom]
        said += ["-o", self.written]
        if self.form in ("html", "pdf"):
            said += ["--paper", self.paper]
            said += ["--day", self.day] if self.day else []
        for flag in ("name_services", "full_names", "door_initials"):
            if getattr(self, flag):
                said.append(f"--{flag.replace('_', '-')}")
        return tuple(said)


def whom_of(topic: Topic, key: str | None) -> str:
    """``patients``, or ``patient:p01``."""
    return topic if key is None else f"{TOPICS[topic][1]}:{key}"
