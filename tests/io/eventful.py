"""A week in which a lot happens, among people with names that try a program's manners.

A group in the room with a substitute on Monday and a cancelled meeting on Wednesday, a member of it
excused; a hybrid group with a member by video; a telehealth group; a family session, and an
individual one by video. It continues its baseline and breaks no rule.
"""

from __future__ import annotations

from tests.builders import (
    Json,
    before,
    clinic,
    group,
    kin,
    meeting,
    patient,
    section,
    solo,
    talk,
    therapist,
    visit,
    week,
)

MARKUP = '<script>alert("1")</script> & Söhne'
FORMULA = '=HYPERLINK("http://example.com","Ann")'
LINES = "Smith, Jo\r\nBEGIN:VEVENT\\n;x"
LAUGHING = "😀 Zoë Łukasz"
ARABIC = "محمد علي"
CHINESE = "王小明"
LONG = "Maximiliana " * 16 + "Endemann"
TRICK = "Ada\u202egnp.exe\x07 Byron"
NAMES = {
    "pat": MARKUP,
    "sam": FORMULA,
    "kim": LINES,
    "zoe": LAUGHING,
    "ali": ARABIC,
    "wang": CHINESE,
    "max": LONG,
    "ada": TRICK,
}
"""Patients and what they are called."""
HOSTILE_ID = '../../etc/"<&;\n=1+1'

_TWICE = (meeting("mon", "09:00"), meeting("wed", "09:00"))
_FIRST = ["pat", "sam", "kim", "zoe"]


def scenario(**facts: object) -> Json:
    """The clinic; ``facts`` replace fields of the scenario."""
    groups = [
        group("cbt", meetings_per_week=2, leaders=[{}, {}]) | {"name": "Coping <Skills> & more"},
        group("mix", modality="hybrid") | {"name": "+Mixed"},
        group("far", modality="telehealth") | {"name": "Far, away; group"},
    ]
    plain = clinic(
        services=[talk(), solo(remote=True), kin()],
        groups=groups,
        therapists=[
            therapist("ann") | {"name": "Ann O'Neill"},
            therapist("bob") | {"name": "-Bob"},
            therapist("cat") | {"name": "Катя"},
        ],
        patients=[patient(p) | {"name": name} for p, name in NAMES.items()],
        baseline=before(section(_FIRST, *_TWICE, name="s1", leaders=["ann", "bob"])),
        timezone="America/Chicago",
    )
    return plain | facts


def schedule(**facts: object) -> Json:
    """The week of it."""
    return week(
        section(
            _FIRST,
            _TWICE[0] | {"leaders": ["ann", "cat"]},
            _TWICE[1] | {"cancelled": True},
            name="s1",
            leaders=["ann", "bob"],
            absences=[{"patient": "kim", "day": "mon"}],
        ),
        section(
            ["ali", "wang"],
            meeting("tue", "10:00"),
            name="s2",
            of="mix",
            remote_members=["wang"],
        ),
        section(["max", "ada"], meeting("thu", "10:00", None), name="s3", of="far"),
        visit("pat", "bob", "fri", "09:00", "big", name="a1", of="kin"),
        visit("sam", "bob", "fri", "11:00", None, name="a2", remote=True),
        **facts,
    )
