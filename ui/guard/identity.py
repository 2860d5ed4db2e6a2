"""From what a sign-in says about somebody to a person with a role, or to why there is none."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .roles import SUBJECT, People, Role, named

Why = Literal["nobody", "expired", "unverified", "unknown", "file"]
SAID: Mapping[Why, str] = {
    "nobody": "Sign in to go on.",
    "expired": "Your sign-in has ended. Sign in again to go on; your work is where you left it.",
    "unverified": "Your sign-in does not say that your e-mail address is yours. "
    "Ask whoever runs this server to enter you by subject instead.",
    "unknown": "You are signed in, but have no role here. Ask whoever runs this server for one.",
    "file": "Nobody can be let in: the list of people has faults. "
    "Whoever runs this server finds them in its log.",
}
CLOCKS_DIFFER = 120.0
"""Seconds by which the provider's clock may be ahead of this one."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who works with the app.

    Attributes:
        id: stands in the audit trail: the e-mail address, or ``subject:`` and the provider's name.
        name: to greet them by.
        signed_in: False for whoever sits at this machine, where there is no login.
    """

    id: str
    name: str
    role: Role
    signed_in: bool = True


class Refused(Exception):
    """Somebody who gets nothing; ``who`` as far as it is known."""

    def __init__(self, why: Why, who: str = "") -> None:
        super().__init__(SAID[why])
        self.why: Why = why
        self.who = who


def judge(claims: Mapping[str, object], people: People, client_id: str, now: float) -> Person:
    """The person of whom a provider said ``claims``, at ``now`` (seconds since 1970).

    Raises:
        Refused: nobody, too long ago, for another program, or without a role.
    """
    subject = claims.get("sub")
    if claims.get("is_logged_in") is not True or not isinstance(subject, str) or not subject:
        raise Refused("nobody")
    audience = claims.get("aud")
    if client_id not in (audience if isinstance(audience, list) else [audience]):
        raise Refused("nobody")  # meant for somebody else's program
    issued, ends = _seconds(claims.get("iat")), _seconds(claims.get("exp"))
    if issued is None or ends is None or issued > now + CLOCKS_DIFFER:
        raise Refused("expired")
    if now >= min(ends, issued + people.hours * 3600):
        raise Refused("expired")
    if people.faults:
        raise Refused("file")
    return _known(claims, subject, people)


def _known(claims: Mapping[str, object], subject: str, people: People) -> Person:
    by_subject = SUBJECT + subject
    said = claims.get("email")
    email = named(said) if isinstance(said, str) and not said.startswith(SUBJECT) else None
    verified = claims.get("email_verified")
    trusted = verified is True or (people.trust_email and verified is None)
    if by_subject in people.roles:
        key = by_subject
    elif email is not None and email in people.roles:
        if not trusted:
            raise Refused("unverified", email)
        key = email
    else:
        raise Refused("unknown", (email if trusted else None) or by_subject)
    name = claims.get("name")
    return Person(key, name if isinstance(name, str) and name.strip() else key, people.roles[key])


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None
