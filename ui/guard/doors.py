"""How the server is reached, and whether it may be reached so: the login, and addresses.

Fails closed: a secrets file that cannot be read, a login that is not whole, and a login that was
there when the server started and is gone now are all reasons to let nobody in.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from streamlit import config

from .roles import People, PeopleFile

PEOPLE_VARIABLE = "IOP_PEOPLE"
"""Names the people file; by default it is ``people.toml`` in the app's ``.streamlit`` folder."""
_ROOT = Path(__file__).resolve().parents[2]
_SHORTEST_SECRET = 32
_NEEDED = ("client_id", "client_secret", "server_metadata_url")
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class DoorOpen(Exception):
    """Why the app must not be reached as it is set up, in one sentence a fault."""


@dataclass(frozen=True, slots=True)
class Login:
    """How people sign in.

    Attributes:
        provider: the name of its section of secrets.toml, None for the one without a name.
        origin: scheme and host under which browsers reach the app.
    """

    provider: str | None
    client_id: str
    origin: str
    people_file: PeopleFile

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the app by TLS alone."""
        return self.origin.startswith("https://")

    def people(self) -> People:
        """What the people file says now."""
        return self.people_file.people()


_at_start: list[Login | None] = []
"""What the server started with; empty where no server was started, as in tests of pages."""


def started_with(login: Login | None) -> None:
    """From now on a login that was there must stay there."""
    _at_start[:] = [login]


def login() -> Login | None:
    """How people sign in; None where secrets.toml says nothing about it.

    Raises:
        DoorOpen: it says something that cannot be used.
    """
    auth = _auth()
    if not auth:
        if _at_start and _at_start[0] is not None:
            raise DoorOpen("The login that this server was started with is gone: start it again.")
        return None
    faults, names = _faults(auth)
    if faults:
        raise DoorOpen("\n".join(faults))
    name = names[0]
    section: Mapping[str, Any] = auth if name is None else auth[name]
    parts = urlsplit(auth["redirect_uri"])
    origin = f"{parts.scheme}://{parts.netloc}"
    return Login(name, section["client_id"], origin, _people_file(people_path()))


def _auth() -> Mapping[str, Any] | None:
    if st.secrets.load_if_toml_exists():
        auth = st.secrets.get("auth")
        if auth is not None and not isinstance(auth, Mapping):
            raise DoorOpen("secrets.toml: [auth] is not a table.")
        return auth
    for path in config.get_option("secrets.files"):
        if os.path.lexists(path):
            raise DoorOpen(f"{path} cannot be read: mend it, or remove it to do without a login.")
    return None


def _faults(auth: Mapping[str, Any]) -> tuple[list[str], list[str | None]]:
    """What is wrong with [auth], and the names of its providers."""
    named = [str(name) for name, value in auth.items() if isinstance(value, Mapping)]
    providers: list[str | None] = [name for name in named if name != "client_kwargs"]
    if any(key in auth for key in _NEEDED):
        providers.insert(0, None)
    faults = []
    if len(providers) != 1:
        faults.append(
            f"secrets.toml: [auth] has {len(providers)} providers; exactly one is needed, "
            "because a role belongs to a person of one provider."
        )
    faults += [
        f"secrets.toml: [auth] needs {key}."
        for key in ("redirect_uri", "cookie_secret")
        if not isinstance(auth.get(key), str) or not auth[key]
    ]
    for name in providers:
        section = auth if name is None else auth[name]
        faults += [
            f"secrets.toml: [auth{f'.{name}' if name else ''}] needs {key}."
            for key in _NEEDED
            if not isinstance(section.get(key), str) or not section[key]
        ]
    secret, address = auth.get("cookie_secret"), auth.get("redirect_uri")
    if isinstance(secret, str) and 0 < len(secret) < _SHORTEST_SECRET:
        faults.append(
            f"secrets.toml: cookie_secret has {len(secret)} characters; make one of at least "
            f'{_SHORTEST_SECRET}: python -c "import secrets; print(secrets.token_urlsafe(48))"'
        )
    if isinstance(address, str) and address:
        parts = urlsplit(address)
        if parts.path.rpartition("/")[2] != "oauth2callback" or not parts.netloc:
            faults.append("secrets.toml: redirect_uri has to end with /oauth2callback.")
        elif parts.scheme != "https" and not is_local(parts.hostname):
            faults.append("secrets.toml: redirect_uri has to begin with https://: see SECURITY.md.")
    return faults, providers


def unsafe_settings() -> list[str]:
    """Settings of the server with which other sites, or headers, could say who somebody is."""
    faults = [
        f"config: server.{name} has to be true: without it any site that somebody visits "
        "could read the app in their name."
        for name in ("enableCORS", "enableXsrfProtection")
        if not config.get_option(f"server.{name}")
    ]
    if config.get_option("server.trustedUserHeaders"):
        faults.append("config: server.trustedUserHeaders would let a header say who somebody is.")
    return faults


def people_path() -> Path:
    """Where the people file is."""
    said = os.environ.get(PEOPLE_VARIABLE)
    return Path(said).expanduser() if said else _ROOT / ".streamlit" / "people.toml"


@cache
def _people_file(path: Path) -> PeopleFile:
    return PeopleFile(path)


# -- addresses ------------------------------------------------------------------------------------


def is_local(host: object) -> bool:
    """Whether a host name or address is of this machine alone."""
    if not isinstance(host, str):
        return False
    try:
        address = ipaddress.ip_address(host.strip("[]"))
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return (mapped or address).is_loopback
    except ValueError:
        return host.lower() in LOCAL_NAMES


def open_without_login() -> str | None:
    """Why the app may not run without a login; None where only this machine reaches it."""
    address = config.get_option("server.address")
    if is_local(address):
        return None
    where = f"the address {address}" if address else "every address of this machine"
    return (
        f"The app shows patients' names, and would be reached at {where} by people who have not "
        "signed in. Set up a login (docs/login.md), or start it on 127.0.0.1."
    )
