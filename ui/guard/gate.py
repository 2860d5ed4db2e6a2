"""The gate: every request and every message passes here before any of the app is reached.

Without a login only this machine gets through: by the address at which a connection arrived and the
host it asks for, so that neither a wrong bind, a proxy, nor another site's page in a browser on this
machine gets anything. With a login whoever has no role gets nothing: no page, no file, no socket.
An open socket is asked about again at every message, so that it ends with the sign-in.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from streamlit import config
from streamlit.auth_util import get_cookie_with_chunks
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.user_info import generate_login_redirect_url
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value

from .doors import Login, is_local
from .ended import Ended
from .files import Files
from .identity import Person, Refused, Why, judge
from .pages import SIGN_IN, SIGN_OUT, closed, turned_away

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOG = logging.getLogger("iop.guard")
USER_COOKIE = "_streamlit_user"
OPEN = frozenset({"/auth/login", SIGN_OUT, "/oauth2callback", "/_stcore/health"})
"""What there is before anybody has signed in; nothing of the app's is in it."""
ELSEWHERE = (
    "Nobody can sign in here, so this app is open to this machine alone. "
    "Whoever runs it can set up a login."
)
_FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-real-ip"})
_STATUS: Mapping[Why, int] = {"nobody": 401, "expired": 401}
_POLICY = (
    b"default-src 'self' blob: data:; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    b"style-src 'self' 'unsafe-inline'; connect-src 'self' blob: data:; object-src 'none'; "
    b"base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
"""Pages get what they need from here alone, and send what they know nowhere else. The server's own
pages need scripts within pages; whatever a name could smuggle in has nowhere to go."""
_SAFE = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"content-security-policy", _POLICY),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Gate:
    """ASGI middleware around the whole server."""

    def __init__(self, app: App, login: Login | None, ended: Ended, files: Files) -> None:
        self._app = app
        self._login = login
        self._ended = ended
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        send = _safely(send, secure=self._login is not None and self._login.is_https)
        if self._login is None:
            if _comes_from_here(scope):
                await self._app(scope, receive, send)
            else:
                await _refuse(scope, send, 403, closed(ELSEWHERE))
            return
        await self._by_login(self._login, scope, receive, send)

    async def _by_login(self, login: Login, scope: Scope, receive: Receive, send: Send) -> None:
        base, path = _base_and_path(scope)
        cookie = _cookie(scope)
        if scope["type"] == "http" and path == SIGN_IN:
            await _redirect(send, generate_login_redirect_url(login.provider or "default"))
            return
        if scope["type"] == "http" and path in OPEN:
            if path == SIGN_OUT and cookie is not None:
                self._end(login, cookie)
            await self._app(scope, receive, send)
            return
        try:
            person = self.person(login, cookie)
        except Refused as refused:
            if refused.why not in ("nobody", "expired"):
                LOG.warning("refused (%s): %s", refused.why, refused.who or "-")
            page = turned_away(refused.why, refused.who, base)
            await _refuse(scope, send, _STATUS.get(refused.why, 403), page)
            return
        if scope["type"] == "websocket":
            await self._socket(login, person, cookie, scope, receive, send)
        elif self._files.is_of_another(path, person):
            await _refuse(scope, send, 404, closed("There is nothing here."))
        else:
            await self._app(scope, receive, send)

    def person(self, login: Login, cookie: bytes | None) -> Person:
        """Whose cookie it is.

        Raises:
            Refused: nobody's who has a role, now.
        """
        claims = _claims(cookie, login.origin)
        person = judge(claims, login.people(), login.client_id, time.time())
        if cookie is None or self._ended.has(cookie):
            raise Refused("nobody")
        return person

    def _end(self, login: Login, cookie: bytes) -> None:
        ends = _claims(cookie, login.origin).get("exp")
        if isinstance(ends, int | float) and ends > time.time():
            try:
                self._ended.add(cookie, float(ends))
            except OSError as error:
                LOG.error("a sign-out could not be written down: %s", error)

    async def _socket(
        self,
        login: Login,
        person: Person,
        cookie: bytes | None,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        """Pass messages on for as long as the person is who they were when it was opened."""
        LOG.info("open: %s, %s", person.id, person.role)
        over = False

        def may_go_on() -> bool:
            try:
                return self.person(login, cookie).id == person.id
            except Refused:
                return False

        async def received() -> Message:
            nonlocal over
            message = await receive()
            if message["type"] != "websocket.receive" or may_go_on():
                return message
            if not over:
                over = True
                away = ForwardMsg()
                away.auth_redirect.url = _base_and_path(scope)[0] + "/"
                await send({"type": "websocket.send", "bytes": away.SerializeToString()})
                await send({"type": "websocket.close", "code": 1008})
            return {"type": "websocket.disconnect", "code": 1008}

        async def sent(message: Message) -> None:
            if message["type"] == "websocket.send" and (over or not may_go_on()):
                return
            self._files.tell(person, message.get("bytes") or b"")
            await send(message)

        await self._app(scope, received, sent)
        LOG.info("closed: %s", person.id)


# -- what a request says --------------------------------------------------------------------------


def _comes_from_here(scope: Scope) -> bool:
    """Whether it arrived at this machine alone, and asks for it by its name for itself."""
    server = scope.get("server")
    if server is None or not is_local(server[0]):
        return False
    headers = dict(scope["headers"])
    if _FORWARDED & headers.keys():
        return False
    asked = headers.get(b"host", b"").decode("latin-1")
    return is_local(urlsplit(f"//{asked}").hostname) if asked else False


def _base_and_path(scope: Scope) -> tuple[str, str]:
    """The folder the app is in, without its last slash, and the path below it."""
    base = "/" + str(config.get_option("server.baseUrlPath") or "").strip("/")
    base = "" if base == "/" else base
    path = scope["path"]
    inside = path == base or path.startswith(base + "/")
    return base, path[len(base) :] if inside else path


def _cookie(scope: Scope) -> bytes | None:
    """What this server has signed about who it is; None where there is nothing, or forged."""
    said = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    try:
        cookies = SimpleCookie(said.decode("latin-1"))
    except CookieError:
        return None

    def signed(name: str) -> bytes | None:
        if name not in cookies:
            return None
        value = cookies[name].value.encode("latin-1")
        return decode_signed_value(get_cookie_secret(), name, value)

    return get_cookie_with_chunks(signed, USER_COOKIE)


def _claims(cookie: bytes | None, origin: str) -> Mapping[str, object]:
    try:
        claims = json.loads(cookie or b"")
    except ValueError:
        return {}
    if not isinstance(claims, dict) or claims.get("origin") != origin:
        return {}
    return claims


# -- answers --------------------------------------------------------------------------------------


def _safely(send: Send, *, secure: bool) -> Send:
    """Adds to every answer what keeps it from being stored, framed or passed on."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [(n.lower(), v) for n, v in message.get("headers", [])]
            there = {name for name, _ in headers}
            headers += [pair for pair in _SAFE if pair[0] not in there]
            if b"cache-control" not in there:
                headers.append((b"cache-control", b"no-store"))
            if secure:
                headers.append((b"strict-transport-security", b"max-age=31536000"))
                headers = [
                    (n, v + b"; Secure" if n == b"set-cookie" and b"secure" not in v.lower() else v)
                    for n, v in headers
                ]
            message = {**message, "headers": headers}
        await send(message)

    return sent


async def _refuse(scope: Scope, send: Send, status: int, page: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    content = page.encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(content)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    body = b"" if scope["method"] == "HEAD" else content
    await send({"type": "http.response.body", "body": body})


async def _redirect(send: Send, where: str) -> None:
    headers = [(b"location", where.encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 302, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
