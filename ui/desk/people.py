"""Who works with the app, and what they may do.

Every page begins with ``frame.begin``, which asks ``person()``; a page that needs more than a viewer
says ``require(role)``, and so does every callback that changes or starts anything, because a
callback can be called by whoever can write to the server, button or not.
"""

from __future__ import annotations

import getpass
import time
from typing import NoReturn

import streamlit as st

from ..guard import doors
from ..guard.identity import SAID, Person, Refused, judge
from ..guard.roles import Role, reaches
from ..widgets.text import plain

NEEDS = {
    "viewer": "anybody with a role",
    "scheduler": "schedulers, directors and administrators",
    "director": "directors and administrators",
    "admin": "administrators",
}


def person() -> Person:
    """Who this is; the page ends here, with a sentence, where it is nobody with a role.

    Without a login it is whoever sits at this machine, as an administrator.
    """
    try:
        login = doors.login()
    except doors.DoorOpen as error:
        _stop(str(error))
    if login is None:
        fault = doors.open_without_login()
        if fault:
            _stop(fault)
        return Person(_here(), "you", "admin", signed_in=False)
    try:
        return judge(st.user.to_dict(), login.people(), login.client_id, time.time())
    except Refused as refused:
        _turn_away(refused, login)


def may(role: Role) -> bool:
    """Whether this person may do what that role may."""
    return reaches(person().role, role)


def require(role: Role) -> Person:
    """End the page or the callback here, with a sentence, for whoever may not do this."""
    someone = person()
    if not reaches(someone.role, role):
        _stop(f"This is for {NEEDS[role]}; your role is {someone.role}.")
    return someone


def _here() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "local"


def _stop(sentence: str) -> NoReturn:
    st.error(plain(sentence), icon=":material/lock:")
    st.stop()


def _turn_away(refused: Refused, login: doors.Login) -> NoReturn:
    st.warning(plain(SAID[refused.why]), icon=":material/lock:")
    if refused.why in ("nobody", "expired"):
        st.button("Sign in", type="primary", on_click=st.login, args=(login.provider,))
    else:
        if refused.who:
            st.caption(f"Signed in as {plain(refused.who)}.")
        st.button("Sign out", on_click=st.logout)
    st.stop()


__all__ = ["Person", "Role", "may", "person", "require"]
