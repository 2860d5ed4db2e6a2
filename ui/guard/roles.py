"""The people file: who may do what. A TOML file that the deployer keeps:

    hours = 12                # at most so long after signing in; 12 where it is not said
    trust_email = false       # true: the provider vouches for e-mail addresses without saying so

    [people]
    "kim@example.org" = "scheduler"
    "subject:248289761001" = "director"

Who is not in it gets nothing. It is read again whenever it changes; while it has faults, nobody
comes in.
"""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

Role = Literal["viewer", "scheduler", "director", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
"""Each may do all that those before it may."""
SUBJECT = "subject:"
"""Begins the line of a person who is told by the provider's name for them, not by e-mail."""
HOURS, MOST_HOURS = 12.0, 168.0
MOST_BYTES = 1_000_000


def reaches(role: Role, least: Role) -> bool:
    """Whether a role may do what another one may."""
    return ROLES.index(role) >= ROLES.index(least)


@dataclass(frozen=True, slots=True)
class People:
    """What a people file says.

    Attributes:
        roles: by e-mail address in small letters, or ``subject:`` and the provider's name for them.
        hours: how long after signing in somebody has to sign in again.
        trust_email: whether an address counts of which the provider does not say it is verified.
        faults: sentences about what is wrong with the file; with any, nobody has a role.
    """

    roles: Mapping[str, Role] = field(default_factory=dict)
    hours: float = HOURS
    trust_email: bool = False
    faults: tuple[str, ...] = ()


def read_people(path: Path) -> People:
    """The people file; all of its faults at once, each with its place and a remedy."""
    try:
        content = path.read_bytes()
        if len(content) > MOST_BYTES:
            return People(faults=(f"{path} is larger than {MOST_BYTES:,} bytes.",))
        document = tomllib.loads(content.decode("utf-8"))
    except FileNotFoundError:
        return People(faults=(f"There is no people file {path}: make one with a [people] table.",))
    except OSError as error:
        return People(faults=(f"{path} cannot be read ({error.strerror}).",))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        return People(faults=(f"{path} is not TOML: {_first_line(error)}.",))
    faults: list[str] = []
    roles = _roles(document.get("people"), faults)
    hours = _hours(document.get("hours", HOURS), faults)
    trust = document.get("trust_email", False)
    if not isinstance(trust, bool):
        faults.append("trust_email is neither true nor false: write it without quotes.")
    unknown = sorted(document.keys() - {"people", "hours", "trust_email"})
    faults += [f"{n!r} means nothing here: there are people, hours, trust_email." for n in unknown]
    if faults:
        return People(faults=tuple(f"{path.name}: {fault}" for fault in faults))
    return People(roles, hours, trust)


def _roles(table: object, faults: list[str]) -> dict[str, Role]:
    if not isinstance(table, dict):
        faults.append('the table [people] is missing: write [people], then "e-mail" = "role".')
        return {}
    out: dict[str, Role] = {}
    for who, role in table.items():
        place = f"[people], {who!r}"
        key = named(who)
        if isinstance(role, dict):
            faults.append(f'{place}: an e-mail address has to stand in quotes: "{who}…" = "role".')
        elif not isinstance(role, str) or role not in ROLES:
            faults.append(f"{place}: {role!r} is no role; roles are {', '.join(ROLES)}.")
        elif key is None:
            faults.append(f"{place}: neither an e-mail address nor {SUBJECT}NAME.")
        elif key in out:
            faults.append(f"{place}: this person is there twice; keep one line.")
        else:
            out[key] = role  # type: ignore[assignment] # it is in ROLES
    return out


def named(who: str) -> str | None:
    """A person's line in the form in which lines are compared; None where it names nobody."""
    if who != who.strip() or not who.isprintable() or len(who) > 320:
        return None
    if who.startswith(SUBJECT):
        return who if len(who) > len(SUBJECT) else None
    local, at, domain = who.rpartition("@")
    whole = bool(at and local and domain) and " " not in who
    return who.lower() if whole and who.isascii() else None


def _hours(hours: object, faults: list[str]) -> float:
    fits = isinstance(hours, int | float) and not isinstance(hours, bool)
    if not fits or not 0 < hours <= MOST_HOURS:  # type: ignore[operator] # it is a number here
        faults.append(f"hours is {hours!r}: a number above 0 and at most {MOST_HOURS:g} is needed.")
        return HOURS
    return float(hours)  # type: ignore[arg-type] # as above


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")


class PeopleFile:
    """A people file that is read again when it has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._stamp: Any = None
        self._people = People(faults=("The people file was not read yet.",))

    def people(self) -> People:
        """What it says now."""
        try:
            about = self.path.stat()
            stamp: Any = (about.st_mtime_ns, about.st_size, about.st_ino)
        except OSError as error:
            stamp = error.errno
        with self._lock:
            if stamp != self._stamp:
                self._people, self._stamp = read_people(self.path), stamp
            return self._people
