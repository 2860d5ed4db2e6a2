"""The gate's parts, one by one: where a request comes from, files, signing out, logs, settings."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit import config

from ui.guard import doors
from ui.guard.ended import Ended
from ui.guard.files import MOST, Files
from ui.guard.gate import Gate, _safely
from ui.guard.identity import Person
from ui.guard.quiet import be_quiet, places

NAME = "Quirina Zebedee"
KIM, LEE = Person("kim", "Kim", "viewer"), Person("lee", "Lee", "admin")


def answered(scope: dict[str, Any], folder: Path) -> list[Any]:
    """What a gate without a login answers; the app behind it says ``through``."""
    said: list[Any] = []

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "through"})

    async def send(message: Any) -> None:
        said.append(message.get("status", message["type"]))

    async def receive() -> Any:
        raise AssertionError("nothing is read before it is let through")

    gate = Gate(app, None, Ended(folder / "ended"), Files())
    asyncio.run(gate({"path": "/", "method": "GET", "headers": [], **scope}, receive, send))
    return said


@pytest.mark.parametrize(
    ("server", "headers", "through"),
    [
        (("127.0.0.1", 8501), {b"host": b"localhost:8501"}, True),
        (("127.0.0.1", 8501), {b"host": b"127.0.0.1"}, True),
        (("::1", 8501), {b"host": b"[::1]:8501"}, True),
        (("::ffff:127.0.0.1", 8501), {b"host": b"LocalHost"}, True),
        (("192.0.2.7", 8501), {b"host": b"localhost"}, False),
        (("0.0.0.0", 8501), {b"host": b"localhost"}, False),
        (("/run/app.socket", None), {b"host": b"localhost"}, False),
        (None, {b"host": b"localhost"}, False),
        (("127.0.0.1", 8501), {}, False),
        (("127.0.0.1", 8501), {b"host": b"rebound.example:8501"}, False),
        (("127.0.0.1", 8501), {b"host": b"127.0.0.1.evil.example"}, False),
        (("127.0.0.1", 8501), {b"host": b"user@evil.example"}, False),
        (("127.0.0.1", 8501), {b"host": b"localhost", b"x-forwarded-for": b"192.0.2.7"}, False),
        (("127.0.0.1", 8501), {b"host": b"localhost", b"forwarded": b"for=192.0.2.7"}, False),
    ],
)
def test_without_a_login_only_this_machine_gets_through(
    tmp_path: Path, server: object, headers: dict[bytes, bytes], through: bool
) -> None:
    for kind, refused in (("http", 403), ("websocket", "websocket.close")):
        scope = {"type": kind, "server": server, "headers": list(headers.items())}
        assert answered(scope, tmp_path)[0] == ("through" if through else refused)


def headers_of(secure: bool, *headers: tuple[bytes, bytes]) -> dict[bytes, bytes]:
    """Headers as they leave."""
    left: list[Any] = []

    async def send(message: Any) -> None:
        left.append(message)

    start = {"type": "http.response.start", "status": 200, "headers": list(headers)}
    asyncio.run(_safely(send, secure=secure)(start))
    return dict(left[0]["headers"])


def test_answers_are_neither_kept_nor_framed_and_cookies_go_by_tls_alone() -> None:
    plain = headers_of(False, (b"Set-Cookie", b"a=b; Path=/"))
    assert plain[b"cache-control"] == b"no-store"
    assert plain[b"x-frame-options"] == b"SAMEORIGIN"
    assert plain[b"referrer-policy"] == b"same-origin"
    assert plain[b"set-cookie"] == b"a=b; Path=/"
    tls = headers_of(True, (b"Set-Cookie", b"a=b; Path=/"), (b"Cache-Control", b"max-age=9"))
    assert tls[b"set-cookie"] == b"a=b; Path=/; Secure"
    assert tls[b"cache-control"] == b"max-age=9"
    assert b"strict-transport-security" in tls


def test_a_file_is_theirs_to_whom_it_was_told() -> None:
    files, address = Files(), "/media/" + "0a" * 28
    files.tell(KIM, b"\x00\x12" + address.encode() + b".txt\x12")
    assert not files.is_of_another(address + ".txt", KIM)
    assert files.is_of_another(address + ".txt", LEE)
    assert files.is_of_another("/media/../media/x", KIM)
    assert files.is_of_another("/media/", KIM)
    assert not files.is_of_another("/static/main.js", LEE)
    for n in range(0, MOST, 1_000):
        told = " ".join(f"/media/{m:056x}" for m in range(n, n + 1_000))
        files.tell(LEE, told.encode())
    assert files.is_of_another(address, KIM)
    assert not files.is_of_another(f"/media/{MOST - 1:056x}", LEE)


def test_an_ended_sign_in_stays_ended_in_every_server(tmp_path: Path) -> None:
    path = tmp_path / "work" / "ended.json"
    one, other = Ended(path), Ended(path)
    assert not other.has(b"cookie")
    one.add(b"cookie", 4e9)
    one.add(b"over", 1.0)
    one.add(b"another", 4e9)
    assert other.has(b"cookie")
    assert Ended(path).has(b"another")
    assert not Ended(path).has(b"over") or b"over" not in path.read_bytes()
    assert b"cookie" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(b"damaged")
    assert one.has(b"cookie")


def failure() -> ValueError:
    """An error whose words, cause and code name somebody."""
    try:
        try:
            raise KeyError(NAME)
        except KeyError as error:
            raise ValueError(f"nobody is called {NAME}") from error
    except ValueError as error:
        return error


@pytest.fixture
def quiet() -> Iterator[None]:
    before = (
        logging.getLogRecordFactory(), sys.excepthook, threading.excepthook, sys.unraisablehook,
    )  # fmt: skip
    be_quiet()
    yield
    logging.setLogRecordFactory(before[0])
    sys.excepthook, threading.excepthook, sys.unraisablehook = before[1:]


def test_logs_say_where_and_not_what(quiet: None, caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("some.library")
    error = failure()
    log.error("It failed", exc_info=error)
    log.warning("It failed: %s (%s)", error, 3)
    log.warning("It failed: %(why)s", {"why": error})
    log.error(error)
    assert NAME not in caplog.text
    assert "Zebedee" not in caplog.text
    assert "in failure" in caplog.text
    assert "It failed: ValueError (3)" in caplog.text
    assert places(error)[0] == "KeyError"


def test_errors_that_nobody_caught_say_where_and_not_what(
    quiet: None, capsys: pytest.CaptureFixture[str]
) -> None:
    error = failure()
    sys.excepthook(ValueError, error, None)
    thread = threading.Thread(target=lambda: int(NAME))
    thread.start()
    thread.join()
    said = capsys.readouterr().err
    assert "ValueError" in said
    assert "Zebedee" not in said


# -- settings -------------------------------------------------------------------------------------

AUTH = {
    "redirect_uri": "https://iop.example/oauth2callback", "cookie_secret": "s" * 32,
    "client_id": "us", "client_secret": "x", "server_metadata_url": "https://id.example/.well-known",
}  # fmt: skip


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What secrets.toml says of [auth]."""
    auth: dict[str, Any] = dict(AUTH)
    monkeypatch.setattr(doors, "_auth", lambda: auth)
    return auth


def test_a_login_is_set_up_with_one_provider(said: dict[str, Any]) -> None:
    login = doors.login()
    assert login is not None
    assert (login.provider, login.origin, login.is_https) == (None, "https://iop.example", True)
    named = {key: said.pop(key) for key in ("client_id", "client_secret", "server_metadata_url")}
    said["clinic"] = named
    login = doors.login()
    assert login is not None
    assert login.provider == "clinic"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"client_secret": ""}, "[auth] needs client_secret"),
        ({"cookie_secret": None}, "[auth] needs cookie_secret"),
        ({"cookie_secret": "short"}, "has 5 characters"),
        ({"redirect_uri": "http://iop.example/oauth2callback"}, "begin with https://"),
        ({"redirect_uri": "https://iop.example/"}, "end with /oauth2callback"),
        ({"other": {"client_id": "x"}}, "has 2 providers"),
    ],
)
def test_a_login_that_is_not_whole_lets_nobody_in(
    said: dict[str, Any], changes: dict[str, Any], fault: str
) -> None:
    said |= changes
    with pytest.raises(doors.DoorOpen, match=r".") as error:
        doors.login()
    assert fault in str(error.value)


def test_a_login_that_is_gone_lets_nobody_in(said: dict[str, Any]) -> None:
    doors.started_with(doors.login())
    try:
        said.clear()
        with pytest.raises(doors.DoorOpen, match="is gone"):
            doors.login()
    finally:
        doors._at_start.clear()


@pytest.mark.parametrize("address", ["0.0.0.0", "", "::", "192.0.2.7", "iop.example", "unix:///s"])
def test_every_address_but_this_machines_needs_a_login(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(config, "get_option", lambda name: address or None)
    assert "Set up a login" in (doors.open_without_login() or "")


@pytest.mark.parametrize("address", ["127.0.0.1", "localhost", "::1", "127.9.9.9"])
def test_this_machine_needs_none(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(config, "get_option", lambda name: address)
    assert doors.open_without_login() is None
