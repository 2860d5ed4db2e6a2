"""Talks to the app as a browser does, message by message, and as a browser never would."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import requests
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.guard.serving import PATIENCE, Served

OPENED = ExitStack()
"""Every connection that was opened; to be closed when a test is over."""


class Closed(Exception):
    """The server let go of the connection; ``sent`` is what it said until then."""

    def __init__(self, sent: list[ForwardMsg]) -> None:
        super().__init__("closed")
        self.sent = sent


@dataclass
class Seen:
    """What one run of a page sent."""

    messages: list[ForwardMsg]

    @property
    def text(self) -> str:
        """All of it, as text in which one can search."""
        return "\n".join(m.SerializeToString().decode("utf-8", "replace") for m in self.messages)

    def elements(self, kind: str) -> list[Any]:
        """Every element of one kind."""
        new = [m.delta.new_element for m in self.messages if m.WhichOneof("type") == "delta"]
        return [getattr(e, kind) for e in new if e.WhichOneof("type") == kind]

    def button(self, label: str) -> str:
        """The id of the button with this label."""
        return next(b.id for b in self.elements("button") if b.label == label)


@dataclass
class Talk:
    """One open connection; ``page`` is the hash of the page that is shown."""

    socket: ClientConnection
    pages: dict[str, str] = field(default_factory=dict)
    session: str = ""
    page: str = ""
    query: str = ""
    urls: FileURLs = field(default_factory=FileURLs)

    def run(
        self, page: str = "", states: Iterable[WidgetState] = (), query: str | None = None
    ) -> Seen:
        """Run a page (by the path in its address), with these widgets in these states."""
        message = BackMsg()
        if page in self.pages:
            self.page = self.pages[page]
        message.rerun_script.page_script_hash = self.page
        message.rerun_script.page_name = "" if page in self.pages else page
        message.rerun_script.query_string = self.query if query is None else query
        message.rerun_script.widget_states.widgets.extend(states)
        return self.send(message)

    def press(self, button: str) -> Seen:
        """A button's click, by its id, whether or not there is such a button."""
        return self.run(states=[WidgetState(id=button, trigger_value=True)])

    def switch(self, widget: str, *, on: bool) -> Seen:
        """Turn a toggle on or off."""
        return self.run(states=[WidgetState(id=widget, bool_value=on)])

    def address_for_upload(self, name: str) -> str:
        """Where the server says that a file may be put."""
        asked = BackMsg()
        asked.file_urls_request.request_id = "1"
        asked.file_urls_request.session_id = self.session
        asked.file_urls_request.file_names.append(name)
        self.socket.send(asked.SerializeToString())
        while True:
            said = ForwardMsg.FromString(_bytes(self.socket.recv(PATIENCE)))
            if said.WhichOneof("type") == "file_urls_response":
                break
        self.urls = said.file_urls_response.file_urls[0]
        return self.urls.upload_url

    def bring(
        self, served: Served, browser: requests.Session, name: str, content: bytes
    ) -> requests.Response:
        """Put a file where the server says; the page learns of it by ``run`` and ``brought``."""
        return browser.put(
            served.url + self.address_for_upload(name),
            files={name: (name, content)},
            headers={"X-Xsrftoken": browser.cookies.get("_streamlit_xsrf", "")},
            timeout=PATIENCE,
        )

    def brought(self, widget: str, name: str, size: int) -> WidgetState:
        """That an uploader has the file that was just brought."""
        state = WidgetState(id=widget)
        info = state.file_uploader_state_value.uploaded_file_info.add()
        info.file_id, info.name, info.size = self.urls.file_id, name, size
        info.file_urls.CopyFrom(self.urls)
        return state

    def send(self, message: BackMsg) -> Seen:
        """Send anything; all that comes until the page is done."""
        seen: list[ForwardMsg] = []
        try:
            self.socket.send(message.SerializeToString())
            latest = time.monotonic() + PATIENCE
            while True:
                said = ForwardMsg.FromString(_bytes(self.socket.recv(PATIENCE)))
                seen.append(said)
                self._learn(said)
                done = said.WhichOneof("type") == "script_finished"
                if done and said.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return Seen(seen)
                assert time.monotonic() < latest, "the page does not end"
        except ConnectionClosed:
            raise Closed(seen) from None

    def _learn(self, said: ForwardMsg) -> None:
        match said.WhichOneof("type"):
            case "new_session":
                self.session = said.new_session.initialize.session_id or self.session
                self.page = said.new_session.page_script_hash
            case "navigation":
                self.pages = {p.url_pathname: p.page_script_hash for p in said.navigation.app_pages}
                self.page = said.navigation.page_script_hash
            case "page_info_changed":
                self.query = said.page_info_changed.query_string


def talk(
    served: Served,
    browser: requests.Session | None = None,
    *,
    resume: str = "",
    origin: str = "",
    token: str = "",
) -> Talk:
    """Open the connection that a page opens, with this browser's cookies.

    Raises:
        websockets.exceptions.InvalidStatus: the server does not want it.
    """
    browser = browser or requests.Session()
    browser.get(f"{served.url}/_stcore/health", timeout=PATIENCE)
    token = token or browser.cookies.get("_streamlit_xsrf", "")
    cookies = "; ".join(f"{c.name}={c.value}" for c in browser.cookies)
    protocols = ["streamlit", token or "none", *([resume] if resume else [])]
    return Talk(
        OPENED.enter_context(
            connect(
                served.url.replace("http", "ws", 1) + "/_stcore/stream",
                additional_headers={"Cookie": cookies, "Origin": origin or served.url},
                subprotocols=protocols,  # type: ignore[arg-type] # plain strings to it
                open_timeout=PATIENCE,
                max_size=None,
            )
        )
    )


def _bytes(message: str | bytes) -> bytes:
    return message if isinstance(message, bytes) else message.encode()
