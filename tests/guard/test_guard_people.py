"""The people file and identities: who is who, and every fault in a sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ui.guard.identity import Person, Refused, judge
from ui.guard.roles import ROLES, People, PeopleFile, reaches, read_people

NOW = 1_800_000_000.0
CLAIMS = {
    "is_logged_in": True, "sub": "248", "aud": "us", "iat": NOW - 60, "exp": NOW + 60,
    "email": "Kim@Example.org", "email_verified": True, "name": "Kim",
}  # fmt: skip
PEOPLE = People({"kim@example.org": "scheduler", "subject:777": "admin"})


def read(tmp_path: Path, text: str) -> People:
    path = tmp_path / "people.toml"
    path.write_text(text, "utf-8")
    return read_people(path)


def test_a_file_says_who_may_do_what(tmp_path: Path) -> None:
    people = read(
        tmp_path,
        'hours = 8.5\ntrust_email = true\n[people]\n"Kim@Example.org" = "viewer"\n'
        '"subject:a b" = "admin"\n',
    )
    assert people == People({"kim@example.org": "viewer", "subject:a b": "admin"}, 8.5, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the table [people] is missing"),
        ("people = 3", "the table [people] is missing"),
        ("[people", "is not TOML"),
        ('[people]\n"kim@example.org" = "boss"', "'boss' is no role; roles are viewer, scheduler"),
        ('[people]\n"kim@example.org" = 3', "3 is no role"),
        ('[people]\nkim = "viewer"', "neither an e-mail address nor subject:NAME"),
        ('[people]\n"kim@" = "viewer"', "neither an e-mail address"),
        ('[people]\n"subject:" = "viewer"', "neither an e-mail address"),
        ('[people]\n"кim@example.org" = "viewer"', "neither an e-mail address"),
        ('[people]\n"a@b c" = "viewer"', "neither an e-mail address"),
        ('[people]\nkim@example.org = "viewer"', "is not TOML"),
        ('[people]\nexample.org = "viewer"', "has to stand in quotes"),
        ('[people]\n"a@b.c" = "viewer"\n"A@b.c" = "admin"', "there twice"),
        ('hours = 0\n[people]\n"a@b.c" = "viewer"', "hours is 0"),
        ('hours = "8"\n[people]\n"a@b.c" = "viewer"', "hours is '8'"),
        ('hours = true\n[people]\n"a@b.c" = "viewer"', "hours is True"),
        ('hours = nan\n[people]\n"a@b.c" = "viewer"', "hours is nan"),
        ('trust_email = 1\n[people]\n"a@b.c" = "viewer"', "neither true nor false"),
        ('roles = 1\n[people]\n"a@b.c" = "viewer"', "'roles' means nothing here"),
    ],
)
def test_every_fault_is_said_and_lets_nobody_in(tmp_path: Path, text: str, said: str) -> None:
    people = read(tmp_path, text)
    assert said in "\n".join(people.faults)
    assert not people.roles
    with pytest.raises(Refused) as refused:
        judge(CLAIMS, people, "us", NOW)
    assert refused.value.why == "file"


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    people = read(tmp_path, 'hours = 0\nx = 1\n[people]\n"a@b.c" = "boss"\n"d" = "viewer"\n')
    assert len(people.faults) == 4


def test_files_that_are_none(tmp_path: Path) -> None:
    assert "There is no people file" in read_people(tmp_path / "none.toml").faults[0]
    assert "cannot be read" in read_people(tmp_path).faults[0]
    big, not_text = tmp_path / "big", tmp_path / "bytes"
    big.write_bytes(b"#" * 1_000_001)
    not_text.write_bytes(b"\xff\xfe[")
    assert "larger than" in read_people(big).faults[0]
    assert "is not TOML" in read_people(not_text).faults[0]


def test_a_file_is_read_again_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "people.toml"
    file = PeopleFile(path)
    assert file.people().faults
    path.write_text('[people]\n"a@b.c" = "viewer"\n')
    assert file.people().roles == {"a@b.c": "viewer"}
    assert file.people() is file.people()
    other = tmp_path / "other"
    other.write_text('[people]\n"a@b.c" = "admin"\n')
    stamp = path.stat()
    os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    other.replace(path)
    assert file.people().roles == {"a@b.c": "admin"}
    path.unlink()
    assert file.people().faults


def test_roles_stand_in_order() -> None:
    assert [[reaches(a, b) for b in ROLES] for a in ROLES] == [
        [n <= m for n in range(4)] for m in range(4)
    ]


def test_whoever_is_known_has_their_role() -> None:
    assert judge(CLAIMS, PEOPLE, "us", NOW) == Person("kim@example.org", "Kim", "scheduler")
    by_subject = CLAIMS | {"sub": "777", "email_verified": False, "name": None}
    assert judge(by_subject, PEOPLE, "us", NOW) == Person("subject:777", "subject:777", "admin")
    assert judge(CLAIMS | {"aud": ["them", "us"]}, PEOPLE, "us", NOW).role == "scheduler"


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"is_logged_in": False}, "nobody"),
        ({"sub": None}, "nobody"),
        ({"aud": "them"}, "nobody"),
        ({"aud": None}, "nobody"),
        ({"exp": NOW}, "expired"),
        ({"exp": True}, "expired"),
        ({"exp": float("nan")}, "expired"),
        ({"iat": NOW - 12 * 3600, "exp": NOW + 9_999}, "expired"),
        ({"iat": NOW + 121, "exp": NOW + 9_999}, "expired"),
        ({"email_verified": False}, "unverified"),
        ({"email_verified": None}, "unverified"),
        ({"email": "eve@example.org"}, "unknown"),
        ({"email": "subject:777"}, "unknown"),
        ({"email": ["kim@example.org"]}, "unknown"),
        ({"email": "kim@example.org\u200b"}, "unknown"),
    ],
)
def test_whoever_is_not_is_told_why(claims: dict[str, object], why: str) -> None:
    with pytest.raises(Refused) as refused:
        judge(CLAIMS | claims, PEOPLE, "us", NOW)
    assert refused.value.why == why


def test_an_address_can_be_trusted_where_the_provider_says_nothing() -> None:
    people = People(PEOPLE.roles, trust_email=True)
    silent = {k: v for k, v in CLAIMS.items() if k != "email_verified"}
    assert judge(silent, people, "us", NOW).id == "kim@example.org"
    with pytest.raises(Refused):
        judge(CLAIMS | {"email_verified": False}, people, "us", NOW)
