"""Pages and people: who sees a page, who is told why not, and whose desk it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from ui.desk.store import Desk
from ui.guard import doors

AUTH = {
    "redirect_uri": "https://iop.example/oauth2callback", "cookie_secret": "s" * 32,
    "client_id": "us", "client_secret": "x", "server_metadata_url": "https://id.example/.well-known",
}  # fmt: skip


def asks() -> None:
    """A page for everybody, with a part and a callback for schedulers."""
    import streamlit as st  # noqa: PLC0415 - it runs on its own

    from ui.desk.people import may, person, require  # noqa: PLC0415 - as above

    def act() -> None:
        require("scheduler")
        st.session_state["acted"] = True

    someone = person()
    st.text(f"{someone.id} is {someone.role}, signed in: {someone.signed_in}")
    st.text(f"may schedule: {may('scheduler')}, may direct: {may('director')}")
    st.button("Act", on_click=act)
    st.text(f"acted: {st.session_state.get('acted')}")


@pytest.fixture
def signed_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., AppTest]]:
    people = tmp_path / "people.toml"
    people.write_text('[people]\n"kim@example.org" = "scheduler"\n"vera@example.org" = "viewer"\n')
    monkeypatch.setenv("IOP_PEOPLE", str(people))
    monkeypatch.setattr(config, "get_option", _with_address(config.get_option, "0.0.0.0"))

    def page(name: str, **claims: object) -> AppTest:
        now = time.time()
        app = AppTest.from_function(asks, default_timeout=60)
        app.secrets["auth"] = dict(AUTH)
        app.user = {
            "is_logged_in": True, "sub": name, "email": f"{name}@example.org", "aud": "us",
            "email_verified": True, "iat": now - 1, "exp": now + 600, "name": name.title(),
        } | claims  # fmt: skip
        return app.run()

    yield page
    doors._people_file.cache_clear()


def _with_address(get: Callable[[str], object], address: str | None) -> Callable[[str], object]:
    return lambda name: address if name == "server.address" else get(name)


def texts(app: AppTest) -> str:
    assert not app.exception
    return "\n".join(e.value for kind in ("text", "error", "warning") for e in app.get(kind))


def test_without_a_login_whoever_sits_here_may_do_everything() -> None:
    app = AppTest.from_function(asks, default_timeout=60).run()
    assert "is admin, signed in: False" in texts(app)
    assert "may direct: True" in texts(app)
    assert "acted: True" in texts(app.button[0].click().run())


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "192.0.2.7"])
def test_without_a_login_no_page_is_shown_to_other_machines(
    monkeypatch: pytest.MonkeyPatch, address: str | None
) -> None:
    monkeypatch.setattr(config, "get_option", _with_address(config.get_option, address))
    app = AppTest.from_function(asks, default_timeout=60).run()
    assert "Set up a login" in texts(app)
    assert " is admin" not in texts(app)
    assert not app.button


def test_roles_count_on_pages_and_in_callbacks(signed_in: Callable[..., AppTest]) -> None:
    kim, vera = signed_in("kim"), signed_in("vera")
    assert "kim@example.org is scheduler" in texts(kim)
    assert "may schedule: True, may direct: False" in texts(kim)
    assert "acted: True" in texts(kim.button[0].click().run())
    assert "may schedule: False" in texts(vera)
    refused = vera.button[0].click().run()
    assert "your role is viewer" in texts(refused)
    assert "acted" not in refused.session_state


@pytest.mark.parametrize(
    ("name", "claims", "said", "button"),
    [
        ("kim", {"is_logged_in": False}, "Sign in to go on", "Sign in"),
        ("kim", {"exp": 1.0}, "Your sign-in has ended", "Sign in"),
        ("kim", {"aud": "another"}, "Sign in to go on", "Sign in"),
        ("kim", {"email_verified": False}, "by subject instead", "Sign out"),
        ("eve", {}, "have no role here", "Sign out"),
    ],
)
def test_who_has_no_role_is_told_why_and_sees_nothing(
    signed_in: Callable[..., AppTest], name: str, claims: dict[str, object], said: str, button: str
) -> None:
    app = signed_in(name, **claims)
    assert said in texts(app).replace("\\", "")
    assert "signed in:" not in texts(app)
    assert [b.label for b in app.button] == [button]


def test_a_desk_is_its_owners_and_theirs_alone(tmp_path: Path) -> None:
    kims, nobodys = Desk.new(tmp_path, "kim"), Desk.new(tmp_path)
    assert Desk.find(tmp_path, kims.id, "kim") is not None
    for other in ("lee", "ki", "", None):
        assert Desk.find(tmp_path, kims.id, other) is None
    assert Desk.find(tmp_path, nobodys.id) is not None
    assert Desk.find(tmp_path, nobodys.id, "kim") is None
    (kims.folder / "owner").write_bytes(b"")
    assert Desk.find(tmp_path, kims.id) is None
    assert Desk.find(tmp_path, kims.id, "kim") is None


def test_somebody_comes_back_to_the_desk_they_used_last(tmp_path: Path) -> None:
    first, second, other = (Desk.new(tmp_path, name) for name in ("kim", "kim", "lee"))
    second.put("week", "x")
    other.put("week", "y")
    first.put("week", "z")
    last = Desk.last_of(tmp_path, "kim")
    assert last is not None
    assert last.id == first.id
    assert Desk.last_of(tmp_path, None) is None
    assert Desk.last_of(tmp_path, "eve") is None


def teardown_module() -> None:
    st.cache_resource.clear()
